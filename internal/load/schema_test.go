package load

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/schemas"
)

// compileAt compiles one part of a schema.
func compileAt(name, pointer string) (*jsonschema.Schema, error) {
	data, err := schemas.Schema(name)
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft2020
	compiler.AssertFormat = true
	if err := compiler.AddResource("s.json", bytes.NewReader(data)); err != nil {
		return nil, err
	}
	return compiler.Compile("s.json#" + pointer)
}

func TestNearest(t *testing.T) {
	list := []string{"residency", "classes", "subjects", "us", "uk", "H100", "H200", "model"}
	for word, want := range map[string]string{
		"residencey": "residency",
		"RESIDENCY":  "residency",
		"recidensy":  "residency",
		"clases":     "classes",
		"calsses":    "classes", // two letters swapped are one change
		"subject":    "subjects",
		"h100":       "H100",
		"H10":        "H100",
		"H300":       "H100", // as near as H200, which comes later
		"u":          "uk",
		"modle":      "model",
		"xyz":        "",
		"":           "",
		"price":      "",
		"résidency":  "residency",
	} {
		if got := Nearest(word, list); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	word := rapid.StringOfN(rapid.SampledFrom([]rune("abcé")), 0, 7, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		d := distance(a, b)
		far := utf8.RuneCountInString(a) - utf8.RuneCountInString(b)
		switch {
		case d != distance(b, a):
			t.Errorf("%q, %q: got %d, and %d the other way", a, b, d, distance(b, a))
		case (d == 0) != (a == b):
			t.Errorf("%q, %q: got %d", a, b, d)
		case d < max(far, -far):
			t.Errorf("%q, %q: got %d, less than the lengths differ", a, b, d)
		}
		near := Nearest(a, []string{b})
		if near != "" && near != b {
			t.Errorf("%q: got %q of %q", a, near, b)
		}
	})
}

func TestCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		got := cut(text)
		if utf8.RuneCountInString(got) > 60 || !utf8.ValidString(got) || len(text) <= 60 && got != text {
			t.Errorf("%q: got %q", text, got)
		}
	})
}

// TestKeysAreExplained holds the schemas of what people write to what editors
// show: each key says what it is, and each mapping has a name, by which a
// completion of all its keys and a wrong type go. An example that is a mapping
// would be offered as "[object Object]".
func TestKeysAreExplained(t *testing.T) {
	for _, name := range []string{"workload", "vendor", "account", "waiver", "profile", "config"} {
		s, err := compileSchema(name)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		var walk func(part any, at string)
		walk = func(part any, at string) {
			if list, ok := part.([]any); ok {
				for i, item := range list {
					walk(item, fmt.Sprintf("%s/%d", at, i))
				}
			}
			object, ok := part.(map[string]any)
			if !ok {
				return
			}
			if object["type"] == "object" && object["title"] == nil {
				t.Errorf("%s%s has no title", name, at)
			}
			examples, _ := object["examples"].([]any)
			for _, example := range examples {
				if _, ok := example.(map[string]any); ok && at != "" {
					t.Errorf("%s%s has an example that is a mapping", name, at)
				}
			}
			properties, _ := object["properties"].(map[string]any)
			for key, value := range properties {
				property, ok := value.(map[string]any)
				if !ok {
					continue // true: it is explained elsewhere
				}
				found++
				// the value of a claim is what the claim is on
				if property["description"] == nil && s.resolve(property)["description"] == nil && !(key == "value" && strings.Contains(at, "/claim.")) {
					t.Errorf("%s%s/%s is not explained", name, at, key)
				}
				walk(property, at+"/"+key)
			}
			for key, value := range object {
				if key != "properties" && key != "examples" && key != "default" {
					walk(value, at+"/"+key)
				}
			}
		}
		walk(s.raw, "")
		if found < 10 {
			t.Errorf("%s: got %d keys", name, found)
		}
	}
}

package load

import (
	"strings"
	"testing"

	"github.com/caveat-check/caveat/internal/document"
)

func TestSettings(t *testing.T) {
	root, problems := settings(".caveat.yaml", []byte("# ours\ncatalog: [a, b]\nfail-on: high\nalternatives: 0\nall: true\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if key, _ := root.Key("fail-on"); key.Line != 3 || root.Field("fail-on").Text() != "high" {
		t.Errorf("got %q in line %d, want high in line 3", root.Field("fail-on").Text(), key.Line)
	}
	for text, want := range map[string]string{
		"":                             "1:1: empty",
		"# nothing\n":                  "1:1: empty",
		"fail-on: no":                  `1:10: fail-on is "no"; expected one of low, medium, high, critical`,
		"all: yes":                     `1:6: all is "yes"; expected true or false`,
		"all: true\nall: false":        `2:1: duplicate key "all"`,
		"catalog: [a, 1]":              `1:14: catalog[1] is 1; expected text`,
		"catalog: [\"\"]":              `1:11: catalog[0] is ""`,
		"workers: -1":                  "1:10: workers is -1; expected at least 0",
		"basline: x":                   `did you mean "baseline"?`,
		"apiVersion: caveat/v1":        `1:1: unknown key "apiVersion"`,
		"just words":                   `1:1: the document is "just words"; expected a mapping`,
		"{\"fail-on\": \"high\"} {}":   "the file has 2 documents",
		"stage: select\n---\nall: yes": "3:1: the file has 2 documents",
	} {
		root, problems := settings(".caveat.yaml", []byte(text))
		if root != nil || len(problems) == 0 || !strings.Contains(problems[0].Error(), want) {
			t.Errorf("%q: got %v, want %s", text, problems, want)
		}
	}
}

// A setting that is not of a file has no line.
func TestCheckSettings(t *testing.T) {
	root := &document.Node{Kind: document.Map, Keys: []document.Key{{Name: "fail-on"}}, Fields: map[string]*document.Node{"fail-on": {Value: "hihg"}}}
	problems := CheckSettings("CAVEAT_FAIL_ON", root)
	if want := `CAVEAT_FAIL_ON: fail-on is "hihg"; expected one of low, medium, high, critical; did you mean "high"?`; len(problems) != 1 || problems[0].Error() != want {
		t.Errorf("got %v, want %s", problems, want)
	}
}

// FuzzSettings reads anything as settings: a mapping, or problems with a place.
func FuzzSettings(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s.data)
	}
	f.Add([]byte("catalog: [a]\nfail-on: high\nworkers: 2\nall: true\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		root, problems := settings(".caveat.yaml", data)
		if (root == nil) != (len(problems) > 0) || root != nil && (root.Kind != document.Map || len(root.Keys) == 0) {
			t.Fatalf("got %v and %v", root, problems)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" {
				t.Errorf("got a problem without a place: %+v", p)
			}
		}
	})
}

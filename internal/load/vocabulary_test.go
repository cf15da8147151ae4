package load

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/schemas"
)

func sections(t testing.TB) map[string]slot {
	v := loader(t).words
	return map[string]slot{
		"gpus": {words: v.GPUs, ambiguous: v.AmbiguousGPUs}, "regions": {words: v.Regions},
		"agreements":     {words: v.Agreements, laws: v.Laws},
		"certifications": {words: v.Certifications, ambiguous: v.AmbiguousCertifications, laws: v.Laws},
		"dataClasses":    {words: v.DataClasses}, "packaging": {words: v.Packaging}, "deploymentStyles": {words: v.DeploymentStyles},
	}
}

// TestWordsMeanOneThing holds that no spelling leads to two words.
func TestWordsMeanOneThing(t *testing.T) {
	for name, section := range sections(t) {
		if len(section.words) == 0 {
			t.Errorf("%s: got no words", name)
		}
		taken := map[string]string{}
		take := func(spelling, word string) {
			if other, ok := taken[fold(spelling)]; ok && other != word {
				t.Errorf("%s: %q is %s and %s", name, spelling, word, other)
			}
			taken[fold(spelling)] = word
		}
		for word, entry := range section.words {
			take(word, word)
			for _, alias := range entry.Aliases {
				take(alias, word)
			}
		}
		for word, meanings := range section.ambiguous {
			take(word, "ambiguous")
			if len(meanings) < 2 {
				t.Errorf("%s: %s means %v", name, word, meanings)
			}
			for _, meaning := range meanings {
				if _, ok := section.words[meaning]; !ok {
					t.Errorf("%s: %s may be %s, which is no word", name, word, meaning)
				}
			}
		}
		for law := range section.laws {
			take(law, "a law")
		}
	}
}

// TestWordsAreFound looks each word and alias up in other spellings.
func TestWordsAreFound(t *testing.T) {
	all := sections(t)
	names := slices.Sorted(maps.Keys(all))
	rapid.Check(t, func(t *rapid.T) {
		section := all[rapid.SampledFrom(names).Draw(t, "section")]
		word := rapid.SampledFrom(slices.Sorted(maps.Keys(section.words))).Draw(t, "word")
		spelling := rapid.SampledFrom(append([]string{word}, section.words[word].Aliases...)).Draw(t, "spelling")
		var b strings.Builder
		for _, r := range spelling {
			if rapid.Bool().Draw(t, "upper") {
				b.WriteString(strings.ToUpper(string(r)))
			} else {
				b.WriteString(strings.ToLower(string(r)))
			}
			b.WriteString(rapid.SampledFrom([]string{"", "", "-", "_", " "}).Draw(t, "between"))
		}
		if got, message := section.lookup(b.String()); got != word || message != "" {
			t.Errorf("%q: got %q, %s, want %s", b.String(), got, message, word)
		}
	})
}

func TestLawsNameAgreements(t *testing.T) {
	v := loader(t).words
	for _, name := range []string{"hipaa", "gdpr", "ccpa"} {
		if _, ok := v.Laws[name]; !ok {
			t.Errorf("%s is not named as a law", name)
		}
	}
	for name, law := range v.Laws {
		agreement, ok := strings.CutPrefix(law.Use, "requires.agreements: [")
		agreement = strings.TrimSuffix(agreement, "]")
		if _, known := v.Agreements[agreement]; !ok || !known {
			t.Errorf("%s: %q names no agreement", name, law.Use)
		}
		if !strings.Contains(law.Because, " is a law") {
			t.Errorf("%s: got %q", name, law.Because)
		}
	}
}

func TestRegionsLieWithinRegions(t *testing.T) {
	l := loader(t)
	within := l.Within()
	for _, place := range l.Places() {
		seen := map[string]bool{}
		for at := place; at != ""; at = within[at] {
			if _, ok := l.words.Regions[at]; !ok {
				t.Errorf("%s lies within %s, which is no region", place, at)
				break
			}
			if seen[at] {
				t.Errorf("%s lies within itself", place)
				break
			}
			seen[at] = true
		}
	}
	if within["us-east"] != "us" || within["de"] != "eu" || within["uk"] != "" {
		t.Errorf("got %v", within)
	}
}

// TestVocabularyMembers finds what a missing quote makes of a text: a comma in
// a flow mapping starts another key.
func TestVocabularyMembers(t *testing.T) {
	var all map[string]map[string]any
	if err := json.Unmarshal(schemas.Vocabulary(), &all); err != nil {
		t.Fatal(err)
	}
	for section, words := range all {
		for word, value := range words {
			entry, ok := value.(map[string]any)
			if !ok {
				continue
			}
			for member, value := range entry {
				if !slices.Contains([]string{"name", "aliases", "within", "use", "because"}, member) || value == nil {
					t.Errorf("%s.%s has %q: %v; is a quote missing?", section, word, member, value)
				}
			}
		}
	}
}

// TestSlots holds that every place of a manifest which takes a word of the
// vocabulary is one at which aliases are rewritten.
func TestSlots(t *testing.T) {
	l := loader(t)
	s, err := l.schema("Workload")
	if err != nil {
		t.Fatal(err)
	}
	defs := []string{"gpu", "region", "agreement", "certification", "dataClass", "packaging", "deploymentStyle"}
	want := map[string]bool{}
	var walk func(part map[string]any, at string)
	walk = func(part map[string]any, at string) {
		if ref, ok := part["$ref"].(string); ok && slices.Contains(defs, strings.TrimPrefix(ref, "#/$defs/")) {
			want[at] = true
		}
		properties, _ := part["properties"].(map[string]any)
		for name, property := range properties {
			property, _ := property.(map[string]any)
			walk(property, at+"/"+name)
		}
		if items, ok := part["items"].(map[string]any); ok {
			walk(items, at+"/*")
		}
		branches, _ := part["anyOf"].([]any)
		for _, branch := range branches {
			branch, _ := branch.(map[string]any)
			walk(branch, at)
		}
	}
	walk(s.raw, "")
	got := map[string]bool{}
	for _, slot := range l.words.slots() {
		got[slot.path] = true
		if len(slot.words) == 0 {
			t.Errorf("%s: got no words", slot.path)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}

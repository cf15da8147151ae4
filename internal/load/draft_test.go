package load

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/caveat-check/caveat/internal/decision"
)

// Drafts that are checked are what File reads, with the same problems.
func TestDraftsAreFiles(t *testing.T) {
	l := loader(t)
	for name, text := range map[string]string{
		"good":           least,
		"two":            least + "---\n" + least,
		"a bad second":   least + "---\n" + least + "  nonsense: true\n",
		"broken":         least + "---\n{",
		"empty":          "",
		"an alias":       least + "  resources: {gpu: {model: h100}}\n",
		"a wrong type":   least + "  usage: {gpuHours: []}\n",
		"no mapping":     "- a\n",
		"a duplicate":    least + "  stage: select\n  stage: select\n",
		"another kind":   "apiVersion: caveat/v1\nkind: Wrong\n",
		"json":           `{"apiVersion": "caveat/v1"}`,
		"first bad, two": "- a\n---\n" + least,
	} {
		path := filepath.Join(t.TempDir(), "w.yaml")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		want, wantProblems := l.File(t.Context(), path)
		drafts, problems := l.Drafts(t.Context(), path)
		var digests, wantDigests []string
		for _, d := range drafts {
			before := plainJSON(t, d.Root)
			doc, found := l.Check(d)
			problems = append(problems, found...)
			if len(found) == 0 {
				digests = append(digests, doc.Digest)
			}
			if plainJSON(t, d.Root) != before {
				t.Errorf("%s: checking changed the draft", name)
			}
		}
		for _, doc := range want {
			wantDigests = append(wantDigests, doc.Digest)
		}
		words := func(list []decision.Problem) []string {
			var all []string
			for _, p := range list {
				all = append(all, p.Error())
			}
			slices.Sort(all)
			return all
		}
		if !slices.Equal(digests, wantDigests) || !slices.Equal(words(problems), words(wantProblems)) {
			t.Errorf("%s: got %v and %v, want %v and %v", name, digests, problems, wantDigests, wantProblems)
		}
	}
	if _, problems := l.Drafts(t.Context(), filepath.Join(t.TempDir(), "none.yaml")); len(problems) != 1 || !strings.Contains(problems[0].Message, "no such file") {
		t.Errorf("no file: got %v", problems)
	}
}

func TestValue(t *testing.T) {
	for text, want := range map[string]string{
		"200": "200", "30m": `"30m"`, "[us-east, eu]": `["us-east","eu"]`, "{replicas: 2}": `{"replicas":2}`, "true": "true", "no": `"no"`, `"1"`: `"1"`,
		"null": "null", "0.50": "0.50", "4000 USD": `"4000 USD"`,
		"": "", "  ": "", "{": "", "[a": "", "a\n---\nb": "", "# nothing": "", "*x": "", "{a: 1, a: 2}": "",
	} {
		node, err := Value(text)
		if (err == nil) != (want != "") {
			t.Errorf("%q: got %v, want %s", text, err, want)
			continue
		}
		if err == nil && plainJSON(t, node) != want {
			t.Errorf("%q: got %s, want %s", text, plainJSON(t, node), want)
		}
	}
}

func FuzzValue(f *testing.F) {
	for _, seed := range []string{"200", "[a, b]", "{a: 1}", "&a [*a]", "!!int x", "'", "\x00", "- - -", "? :"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if node, err := Value(text); (node == nil) == (err == nil) {
			t.Errorf("%q: got %v and %v", text, node, err)
		}
	})
}

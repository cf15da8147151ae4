package format_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caveat-check/caveat/internal/format"
	"github.com/caveat-check/caveat/internal/load"
)

const top = "apiVersion: caveat/v1\nkind: Workload\n"

func TestYAML(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"indented by four": {
			top + "spec:\n    data:\n        classes: [phi]\n    uses:\n        - feature: a\n          data: []\n",
			top + "spec:\n  data:\n    classes: [phi]\n  uses:\n    - feature: a\n      data: []\n",
		},
		"a list at its key": {
			top + "spec:\n  uses:\n  - a\n  # between\n  - b\n  # - c\n  # below\nlast: 1\n",
			top + "spec:\n  uses:\n    - a\n    # between\n    - b\n    # - c\n  # below\nlast: 1\n",
		},
		"gaps after dashes": {
			top + "uses:\n-   feature: a\n    data: []\n-   - b\n    -   c\n-   # why\n    d: 1\n",
			top + "uses:\n  - feature: a\n    data: []\n  - - b\n    - c\n  - # why\n    d: 1\n",
		},
		"blank lines, at the ends and inside": {
			"\n\n" + top + "\n\n\n# about a\n\n\na: 1\n\n\n", top + "\n# about a\n\na: 1\n",
		},
		"trailing blanks and line ends": {
			"# one  \r\n" + strings.ReplaceAll(top, "\n", " \t\r\n") + "a: 1 # two \t\r\n  \r\nb: 2\r\n", "# one\n" + top + "a: 1 # two\n\nb: 2\n",
		},
		"a byte order mark and no last line end": {"\ufeff" + top + "a: 1", top + "a: 1\n"},
		"comments at every depth": {
			top + "# zero\na:\n     # under a, off\n    b:\n        - c\n        # in the list\n      # off by two\n    # in a\n # off by one\n# below\n",
			top + "# zero\na:\n  # under a, off\n  b:\n    - c\n    # in the list\n    # off by two\n  # in a\n# off by one\n# below\n",
		},
		"what is commented out below an empty list": {
			top + "spec:\n    uses: []\n        # - a\n    service: {}\n    # uptime: 99.9\n",
			top + "spec:\n  uses: []\n    # - a\n  service: {}\n  # uptime: 99.9\n",
		},
		"comments aligned by their author": {
			top + "spec:\n    a: 1      # one\n    bbb: 2    # two\n", top + "spec:\n  a: 1      # one\n  bbb: 2    # two\n",
		},
		"brackets over several lines move together": {
			top + "spec:\n    uses: [\n        {feature: a,\n         data: []}, # it's ]\n\n    ]\n    c: {d: 1,\n  e: 2}\n",
			top + "spec:\n  uses: [\n      {feature: a,\n       data: []}, # it's ]\n\n  ]\n  c: {d: 1,\n    e: 2}\n",
		},
		"quotes stay": {
			top + "a: \"no\"\nb: '1.0'\nc: \"2026-01-01\"\nd: \"~\"\n'e': \"x\"\n", top + "a: \"no\"\nb: '1.0'\nc: \"2026-01-01\"\nd: \"~\"\n'e': \"x\"\n",
		},
		"a quoted text over several lines": {
			top + "a: \"one\n    two\n\n\n      # three\\  \n  four\"\n", top + "a: \"one\n    two\n\n\n      # three\\  \n  four\"\n",
		},
		"texts keep their blanks": {
			top + "a:\n    b: |\n        one  \n          two\n\n\n        # three\n\n\n    c: >-\n      four\n  # comment\nd: 1\n",
			top + "a:\n  b: |\n    one  \n      two\n\n\n    # three\n\n  c: >-\n    four\n  # comment\nd: 1\n",
		},
		"a text that keeps blank lines": {top + "a: |+\n    b\n\n\n", top + "a: |+\n  b\n\n\n"},
		"a text whose indentation is stated": {
			top + "a:\n    b: |2\n        two more\n      none\n", top + "a:\n  b: |2\n      two more\n    none\n",
		},
		"a text that ends without a line end": {top + "a: |\n    b", top + "a: |\n  b"},
		"a text that drops its line end":      {top + "a: |-\n    b", top + "a: |-\n  b\n"},
		"a plain text over several lines": {
			top + "a:\n    b: one\n     two\n\n     - three\n    c: 1\n", top + "a:\n  b: one\n    two\n\n    - three\n  c: 1\n",
		},
		"a value below its key": {top + "a:\n      one two\nb:\n        [c,\n        d]\n", top + "a:\n  one two\nb:\n  [c,\n  d]\n"},
		"explicit keys": {
			top + "?   a\n:   b: 1\n    c: 2\n", top + "? a\n: b: 1\n  c: 2\n",
		},
		"several documents": {
			"%YAML 1.2\n---   # first\n" + top + "a:\n    b: 1\n...\n\n\n---\n\n\n# second\nkind: Vendor\nid:\n- x\n---\n# nothing\n",
			"%YAML 1.2\n---   # first\n" + top + "a:\n  b: 1\n...\n\n---\n\n# second\nkind: Vendor\nid:\n  - x\n---\n# nothing\n",
		},
		"first keys come first, with their comments": {
			"# yaml-language-server: $schema=x\n# The file.\n\nspec: # what\n  a: 1\n  # in spec\n# who,\n# and why\nmetadata: {}\n\n# ours\nkind: Workload\napiVersion: caveat/v1 # one\n\n# The end.\n",
			"# yaml-language-server: $schema=x\n# The file.\n\napiVersion: caveat/v1 # one\n# ours\nkind: Workload\n# who,\n# and why\nmetadata: {}\n\nspec: # what\n  a: 1\n  # in spec\n\n# The end.\n",
		},
		"the other keys stay in their order": {
			top + "plans: {}\nsources: {}\nproducts: {}\n", top + "plans: {}\nsources: {}\nproducts: {}\n",
		},
		"aliases stay below their anchors": {
			"kind: Workload\na: &x {b: 1}\nmetadata: *x\napiVersion: caveat/v1\nc: &y\n    d: 1\n",
			"kind: Workload\na: &x {b: 1}\nmetadata: *x\napiVersion: caveat/v1\nc: &y\n  d: 1\n",
		},
		"one document in brackets": {"\n {kind: Workload,\n   a: [1]}\n\n# end", "{kind: Workload,\n  a: [1]}\n\n# end\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := tidy(t, []byte(c.text))
			if !ok || string(got) != c.want {
				t.Fatalf("got %t\n%s\nwant\n%s", ok, got, c.want)
			}
			if again, ok := tidy(t, got); !ok || !bytes.Equal(again, got) {
				t.Errorf("formatted twice:\n%s", again)
			}
		})
	}
}

// TestNothingIsLost holds that a layout that went wrong would be noticed.
func TestNothingIsLost(t *testing.T) {
	yes := func([]byte) bool { return true }
	no := func([]byte) bool { return false }
	ugly := []byte("kind:   Workload\na:\n    b: 1\n")
	if got, ok := format.YAML(ugly, no); ok || !bytes.Equal(got, ugly) {
		t.Errorf("other values: got %t, %q, want it refused and as it was", ok, got)
	}
	if _, ok := format.YAML(ugly, yes); !ok {
		t.Error("the same values: got it refused")
	}
	if _, ok := format.YAML([]byte(top), no); !ok {
		t.Error("a text that is formatted needs no second look: got it refused")
	}
	for name, c := range map[string]struct {
		before, after string
		same          bool
	}{
		"indentation":       {"a:\n    -   b\n", "a:\n  - b", true},
		"lines moved":       {"a: 1\nb: 2\n", "b: 2\r\n\na: 1", true},
		"a comment lost":    {"a: 1\n# one\n# one\n", "a: 1\n# one\n", false},
		"a comment doubled": {"a: 1\n# one\n", "a: 1\n# one\n# one\n", false},
		"a comment changed": {"a: 1 # one\n", "a: 1 # on\n", false},
		"a gap inside":      {"a: 1  # one\n", "a: 1 # one\n", false},
	} {
		if got := format.SameWords([]byte(c.before), []byte(c.after)); got != c.same {
			t.Errorf("%s: got %t, want %t", name, got, c.same)
		}
	}
}

// shipped are the documents that come with caveat.
func shipped(t testing.TB) []string {
	t.Helper()
	var all []string
	for pattern, least := range map[string]int{
		"../../fixtures/vendors/*.yaml": 20, "../../fixtures/workloads/*.yaml": 20, "../../fixtures/accounts/*.yaml": 2, "../../fixtures/waivers/*.yaml": 1,
		"../../policies/profiles/*.yaml": 5, "../cli/init/*.yaml": 4, "../cli/testdata/shared/*.yaml": 4, "../cli/testdata/shared/catalog/*.yaml": 3,
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) < least {
			t.Fatalf("%s: got %d files, %v; want at least %d", pattern, len(files), err, least)
		}
		all = append(all, files...)
	}
	return all
}

// TestShipped holds what comes with caveat to what it asks of others.
func TestShipped(t *testing.T) {
	for _, path := range shipped(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := tidy(t, text); !ok || !bytes.Equal(got, text) {
			t.Errorf("%s is not formatted; run: caveat fmt %s", path, path)
		}
	}
}

// TestUgly takes the shipped examples apart and has them put together again.
func TestUgly(t *testing.T) {
	tried := 0
	for _, path := range shipped(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(path, "/vendors/") || bytes.Contains(text, []byte(",\n")) {
			continue // what goes over several lines is not taken apart so simply
		}
		tried++
		var b strings.Builder
		b.WriteString("\ufeff\r\n")
		for line := range strings.Lines(string(text)) {
			rest := strings.TrimLeft(line, " ")
			indent := strings.Repeat("   ", (len(line)-len(rest))/2)
			if item, ok := strings.CutPrefix(rest, "- "); ok {
				rest = "-  " + item
			}
			if rest == "\n" {
				b.WriteString(" \r\n\r\n")
				continue
			}
			b.WriteString(indent + strings.TrimSuffix(rest, "\n") + "  \r\n")
		}
		b.WriteString("\r\n \r\n")
		if got, ok := tidy(t, []byte(b.String())); !ok || !bytes.Equal(got, text) {
			t.Errorf("%s: got %t\n%s", path, ok, got)
		}
	}
	if tried < 20 {
		t.Errorf("got %d examples, want at least 20", tried)
	}
}

func FuzzYAML(f *testing.F) {
	for _, path := range shipped(f) {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(text) < 4000 { // a large seed makes every mutation slow
			f.Add(text)
		}
	}
	for _, text := range []string{
		"kind: Workload\na: |+\n b\n\n", "kind: Workload\n- a", "{kind: Workload}", "kind: Workload\na: &x [*x]", "? kind\n: Workload", "%YAML 1.2\n---\nkind: Workload\n...\n",
		"kind: Workload\na: \"b\\\n  c\"\nd: 'e\n f'", "kind: Workload\r\na:\r- b", "\"kind\" : Workload", "!!map {kind: Workload}", "kind: Workload\n\u2028a: 1", "--- !!map\nkind: Workload\n--- #\nkind: Vendor",
		"a:\n  - b: [c,\n   {d: \"e\n f\"}] # g\n    h: >2-\n       i\n\n     # j\n  # k\n", "a: &b\n- - *b\n # c\n  - d\n    'e'\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		outline, problems := load.Outlined("w.yaml", text)
		if len(problems) > 0 { // most of what is tried has no kind
			text = append([]byte(top), text...)
			outline, problems = load.Outlined("w.yaml", text)
		}
		if len(problems) > 0 || outline.JSON {
			return
		}
		after, ok := tidy(t, text)
		if !ok {
			if !bytes.Equal(after, text) {
				t.Fatal("refused, and changed")
			}
			return
		}
		again, problems := load.Outlined("w.yaml", after)
		if len(problems) > 0 || !again.Means(outline) {
			t.Fatalf("got other values: %q", after)
		}
		if twice, ok := tidy(t, after); !ok || !bytes.Equal(twice, after) {
			t.Fatalf("got %q, then %q", after, twice)
		}
	})
}

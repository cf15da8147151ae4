package load

import (
	"strings"
	"testing"
)

func TestOutlined(t *testing.T) {
	for name, c := range map[string]struct {
		path, text string
		json       bool
		problem    string // or "" where all can be read
	}{
		"YAML":                      {"w.yaml", "kind: Vendor\n", false, ""},
		"what a schema refuses":     {"w.yaml", "kind: Workload\nspecs: 1\n", false, ""},
		"JSON by its name":          {"w.json", `{"kind": "Workload"}`, true, ""},
		"JSON by its look":          {"-", "\ufeff" + `{"kind": "Workload"}`, true, ""},
		"brackets that are no JSON": {"-", `{kind: Workload}`, false, ""},
		"another kind":              {"w.yaml", "kind: Vendor\n---\nkind: Deployment\n", false, "w.yaml:3:1: kind is \"Deployment\""},
		"no mapping":                {"w.yaml", "- kind\n", false, "w.yaml:1:1: the document is a list"},
		"a duplicate key":           {"w.yaml", "kind: Vendor\nkind: Vendor\n", false, "w.yaml:2:1: duplicate key"},
		"no YAML":                   {"w.yaml", "kind: Vendor\n\ta: {\n", false, "w.yaml:2:1: not YAML"},
		"nothing":                   {"w.yaml", "# nothing\n", false, "w.yaml:1:1: empty"},
		"UTF-16":                    {"w.yaml", "\xff\xfek\x00:\x00", false, "w.yaml:1:1: not UTF-8"},
	} {
		outline, problems := Outlined(c.path, []byte(c.text))
		switch {
		case c.problem != "":
			if len(problems) == 0 || !strings.HasPrefix(problems[0].Error(), c.problem) || outline.Roots != nil {
				t.Errorf("%s: got %v, want %s", name, problems, c.problem)
			}
		case len(problems) > 0 || outline.JSON != c.json || len(outline.Roots) != 1:
			t.Errorf("%s: got %v, %v", name, outline, problems)
		}
	}
}

func TestMeans(t *testing.T) {
	of := func(text string) Outline {
		outline, problems := Outlined("w.yaml", []byte(text))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return outline
	}
	whole := of("kind: Vendor\na: [1, x]\n")
	for text, want := range map[string]bool{
		"\na:\n- 1\n- x\nkind: Vendor\n":             true,
		"kind: Vendor\na: ['1', x]\n":                false,
		"kind: Vendor\na: [1.0, x]\n":                false,
		"kind: Vendor\na: [x, 1]\n":                  false,
		"kind: Vendor\na: [1, x]\n---\nkind: Vendor": false,
	} {
		if got := whole.Means(of(text)); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}

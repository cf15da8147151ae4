package cli

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/caveat-check/caveat/schemas"
)

// TestSettings holds the settings, the flags and the schema of the file to each
// other: a flag of check or cost is a setting, or is listed here as one that
// asks about a single run; and each has the type that the schema says.
func TestSettings(t *testing.T) {
	once := []string{"as-of", "changed-since", "what-if", "sweep", "svg", "diff"}
	ofAnother := map[string][]string{"cost": {"output", "verbose"}} // those of check
	data, err := schemas.Schema("config")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]struct {
			Type string   `json:"type"`
			Ref  string   `json:"$ref"`
			Enum []string `json:"enum"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range settings() {
		all = append(all, s.name)
	}
	slices.Sort(all)
	if got := slices.Sorted(maps.Keys(schema.Properties)); !slices.Equal(got, all) {
		t.Errorf("the schema has %v, settings are %v", got, all)
	}
	sys, _, _ := surroundings(0)
	found := map[string]bool{}
	for _, cmd := range []*cobra.Command{checkCommand(sys), costCommand(sys)} {
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			known := slices.ContainsFunc(settings(), func(s setting) bool { return s.flag(cmd) == flag })
			if left := slices.Contains(once, flag.Name) || slices.Contains(ofAnother[cmd.Name()], flag.Name); known == left {
				t.Errorf("--%s of %s: got a setting %t, want %t; add it to settings and to config.schema.json, or to this test", flag.Name, cmd.Name(), known, !left)
			}
			if !known {
				return
			}
			found[flag.Name] = true
			p := schema.Properties[flag.Name]
			want := map[string]bool{
				"stringArray": p.Ref == "#/$defs/texts", "bool": p.Type == "boolean", "int": p.Type == "integer", "string": p.Ref == "#/$defs/text" || len(p.Enum) > 0,
			}[flag.Value.Type()]
			if !want {
				t.Errorf("--%s is a %s, and the schema says %+v", flag.Name, flag.Value.Type(), p)
			}
		})
	}
	if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, all) {
		t.Errorf("got flags for %v, want %v", got, all)
	}
}

func TestVariable(t *testing.T) {
	if got := variable("fail-on-unknown"); got != "CAVEAT_FAIL_ON_UNKNOWN" {
		t.Errorf("got %s", got)
	}
}

func TestRelative(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"catalog", "vendors", "../vendors"},
		{"catalog", "../vendors", "../../vendors"},
		{"catalog", "/vendors", "/vendors"},
		{"catalog", "-", "-"},
		{"catalog", "a=b", "../a=b"},
		{"baseline", "", ""},
		{"output", "json", "json"},
		{"output", "json=a.json", "json=../a.json"},
		{"output", "json=/a.json", "json=/a.json"},
		{"output", "json=-", "json=-"},
		{"output", "json=", "json="},
	} {
		if got := relative(test.name, "..", test.text); got != test.want {
			t.Errorf("%s %q: got %q, want %q", test.name, test.text, got, test.want)
		}
	}
}

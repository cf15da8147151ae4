package decision

import (
	"encoding"
	"fmt"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
)

// Names are read as they are written; what is no name is an error, and what has
// none is told as that which lets nothing pass.
func TestNames(t *testing.T) {
	type named interface {
		fmt.Stringer
		encoding.TextMarshaler
	}
	var status Status
	var verdict Verdict
	var standing Standing
	for _, c := range []struct {
		kind  string
		into  encoding.TextUnmarshaler
		read  func() named
		names []string
	}{
		{"status", &status, func() named { return status }, []string{"unknown", "pass", "fail", "not-applicable", "waived"}},
		{"verdict", &verdict, func() named { return verdict }, []string{"review", "pass", "fail"}},
		{"standing", &standing, func() named { return standing }, []string{"refused", "expired", "not-yet", "over-broad", "duplicate", "unused", "in-force", "used"}},
	} {
		for _, name := range c.names {
			if err := c.into.UnmarshalText([]byte(name)); err != nil {
				t.Errorf("%s: %v", c.kind, err)
			}
			if text, err := c.read().MarshalText(); err != nil || string(text) != name || c.read().String() != name {
				t.Errorf("%s: got %s and %v, want %s", c.kind, text, err, name)
			}
		}
		for _, name := range []string{"", "Pass", "passed", "USED"} {
			if err := c.into.UnmarshalText([]byte(name)); err == nil {
				t.Errorf("%s: %q is read as %v", c.kind, name, c.read())
			}
		}
	}
	for i, none := range map[string]fmt.Stringer{"unknown": Status(len(statusNames)), "review": Verdict(len(verdictNames)), "refused": Standing(len(standingNames))} {
		if none.String() != i {
			t.Errorf("got %v, want %s", none, i)
		}
	}
	verdicts := []Verdict{Failed, Review, Passed}
	slices.SortFunc(verdicts, Verdict.Better)
	if !slices.Equal(verdicts, []Verdict{Passed, Review, Failed}) || Passed.Better(Passed) != 0 {
		t.Errorf("got %v", verdicts)
	}
}

// TestVerdictOf holds the verdict of every list of three findings to the words
// of the contract.
func TestVerdictOf(t *testing.T) {
	if got := VerdictOf(nil); got != Passed {
		t.Errorf("nothing is required: got %v", got)
	}
	var all []Finding
	for status := range Status(len(statusNames) + 1) { // one that there is not, too
		all = append(all, Finding{Status: status}, Finding{Status: status, Required: true})
	}
	for _, a := range all {
		for _, b := range all {
			for _, c := range all {
				list := []Finding{a, b, c}
				required := slices.DeleteFunc(slices.Clone(list), func(f Finding) bool { return !f.Required })
				is := func(of ...Status) func(Finding) bool {
					return func(f Finding) bool { return slices.Contains(of, f.Status) }
				}
				want := Review
				switch met := is(Pass, NotApplicable, Waived); {
				case slices.ContainsFunc(required, is(Fail)):
					want = Failed
				case !slices.ContainsFunc(required, func(f Finding) bool { return !met(f) }):
					want = Passed
				}
				if got := VerdictOf(list); got != want {
					t.Fatalf("%v: got %v, want %v", list, got, want)
				}
			}
		}
	}
}

func TestMayFall(t *testing.T) {
	one := decimal.NewFromInt(1)
	open, known := Line{Item: "credit", MayFall: true}, Line{Item: "credit", MayFall: true, Amount: &one}
	for _, c := range []struct {
		lines []Line
		want  bool
	}{
		{nil, false}, {[]Line{known}, false}, {[]Line{{Item: "fee"}}, false}, {[]Line{known, {Item: "fee"}}, false}, {[]Line{{Item: "fee"}, open}, true},
	} {
		if got := (Cost{Lines: c.lines}).MayFall(); got != c.want {
			t.Errorf("%v: got %v", c.lines, got)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct{ now, at, want string }{
		{"100", "150", "1/2"}, {"100", "25", "3/4"}, {"0", "25", "25/1"},
	} {
		b := BreakEven{Now: decimal.RequireFromString(c.now), At: decimal.RequireFromString(c.at)}
		if got := b.Distance().String(); got != c.want {
			t.Errorf("from %s to %s: got %s, want %s", c.now, c.at, got, c.want)
		}
	}
}

func TestProblem(t *testing.T) {
	for want, p := range map[string]Problem{
		"wrong":               {Line: 3, Column: 1, Message: "wrong"},
		"a.yaml: wrong":       {Path: "a.yaml", Column: 1, Message: "wrong"},
		"a.yaml:3:1: wrong":   {Path: "a.yaml", Line: 3, Column: 1, Message: "wrong"},
		"a.yaml:3:1: a: b":    {Path: "a.yaml", Line: 3, Column: 1, Message: "a: b"},
		"CAVEAT_X: is no one": {Path: "CAVEAT_X", Message: "is no one"},
	} {
		if p.Error() != want {
			t.Errorf("got %q, want %q", p.Error(), want)
		}
	}
}

func TestUnnumbered(t *testing.T) {
	for pointer, want := range map[string]string{
		"": "", "/spec/uses/3/feature": "/spec/uses/*/feature", "/sources/0": "/sources/*", "/skus/a100-80gb": "/skus/a100-80gb", "/a/10/11": "/a/*/*",
	} {
		if got := (Location{Pointer: pointer}).Unnumbered(); got != want {
			t.Errorf("%s: got %s, want %s", pointer, got, want)
		}
	}
}

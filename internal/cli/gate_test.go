package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
)

func decided(findings ...decision.Finding) decision.Decision {
	return decision.Decision{
		Manifest: decision.Manifest{Name: "w"}, Offering: decision.Offering{Vendor: "acme", Plan: "team", Hosting: "managed"},
		Findings: findings, Verdict: decision.VerdictOf(findings),
	}
}

func TestGate(t *testing.T) {
	required := func(status decision.Status, severity string) decision.Finding {
		return decision.Finding{Control: "c-" + severity, Status: status, Required: true, Severity: severity}
	}
	advice := func(status decision.Status) decision.Finding {
		return decision.Finding{Control: "advice", Status: status, Severity: "critical"}
	}
	for name, test := range map[string]struct {
		failOn, failOnUnknown string
		findings              []decision.Finding
		want                  int
	}{
		"nothing":                           {"low", "required", nil, ExitPass},
		"fail":                              {"low", "required", []decision.Finding{required(decision.Fail, "low")}, ExitFail},
		"fail at the severity":              {"high", "required", []decision.Finding{required(decision.Fail, "high")}, ExitFail},
		"fail below it":                     {"high", "required", []decision.Finding{required(decision.Fail, "medium")}, ExitPass},
		"fail above it":                     {"high", "required", []decision.Finding{required(decision.Fail, "critical")}, ExitFail},
		"fail of a severity nobody knows":   {"critical", "required", []decision.Finding{required(decision.Fail, "fatal")}, ExitFail},
		"unknown":                           {"low", "required", []decision.Finding{required(decision.Unknown, "low")}, ExitReview},
		"unknown below it":                  {"medium", "any", []decision.Finding{required(decision.Unknown, "low")}, ExitPass},
		"unknown, never":                    {"low", "never", []decision.Finding{required(decision.Unknown, "critical")}, ExitPass},
		"fail below, unknown above":         {"high", "required", []decision.Finding{required(decision.Fail, "low"), required(decision.Unknown, "high")}, ExitReview},
		"fail below, unknown above, never":  {"high", "never", []decision.Finding{required(decision.Fail, "low"), required(decision.Unknown, "high")}, ExitPass},
		"fail beats unknown, first":         {"low", "required", []decision.Finding{required(decision.Fail, "low"), required(decision.Unknown, "high")}, ExitFail},
		"fail beats unknown, last":          {"low", "required", []decision.Finding{required(decision.Unknown, "high"), required(decision.Fail, "low")}, ExitFail},
		"advice that fails":                 {"low", "any", []decision.Finding{advice(decision.Fail)}, ExitPass},
		"unknown advice":                    {"low", "required", []decision.Finding{advice(decision.Unknown)}, ExitPass},
		"unknown advice, any":               {"low", "any", []decision.Finding{advice(decision.Unknown)}, ExitReview},
		"pass, not applicable and a waiver": {"low", "any", []decision.Finding{required(decision.Pass, "high"), required(decision.NotApplicable, "high"), required(decision.Waived, "high")}, ExitPass},
	} {
		g := gate{gateFlags: gateFlags{failOn: test.failOn, failOnUnknown: test.failOnUnknown}}
		g.add(decided(test.findings...))
		if g.exit != test.want {
			t.Errorf("%s: got exit status %d, want %d", name, g.exit, test.want)
		}
	}
}

// A verdict that no finding explains is not let through.
func TestGateUnexplained(t *testing.T) {
	d := decided()
	for verdict, want := range map[decision.Verdict]int{decision.Failed: ExitFail, decision.Review: ExitReview} {
		g := gate{gateFlags: gateFlags{failOn: "critical", failOnUnknown: "never"}}
		d.Verdict = verdict
		g.add(d)
		if g.exit != want {
			t.Errorf("%s: got exit status %d, want %d", verdict, g.exit, want)
		}
	}
}

// Without a threshold and a baseline the verdicts make the exit status; with a
// higher threshold it never gets worse; and a report is its own baseline.
func TestGateProperties(t *testing.T) {
	finding := rapid.Custom(func(t *rapid.T) decision.Finding {
		return decision.Finding{
			Control:  rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "control"),
			Status:   rapid.SampledFrom([]decision.Status{decision.Unknown, decision.Pass, decision.Fail, decision.NotApplicable, decision.Waived}).Draw(t, "status"),
			Required: rapid.Bool().Draw(t, "required"), Severity: rapid.SampledFrom(decide.Severities).Draw(t, "severity"),
			Location: decision.Location{Pointer: rapid.SampledFrom([]string{"/spec/a", "/spec/b"}).Draw(t, "pointer")},
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		d := decided(rapid.SliceOfN(finding, 1, 5).Draw(t, "findings")...)
		exit := func(failOn string, known *baseline) int {
			g := gate{gateFlags: gateFlags{failOn: failOn, failOnUnknown: "required"}, known: known}
			g.add(d)
			return g.exit
		}
		if got := exit("low", nil); got != exitOfVerdict[d.Verdict] {
			t.Fatalf("got %d for verdict %s", got, d.Verdict)
		}
		order := map[int]int{ExitPass: 0, ExitReview: 1, ExitFail: 2}
		for i := 1; i < len(decide.Severities); i++ {
			if low, high := exit(decide.Severities[i-1], nil), exit(decide.Severities[i], nil); order[high] > order[low] {
				t.Fatalf("got %d at %s and %d below it", high, decide.Severities[i], low)
			}
		}
		known := baselineOf(decision.Report{AsOf: "2026-11-23", Decisions: []decision.Decision{d}})
		if got := exit("low", known); got != ExitPass {
			t.Fatalf("got %d with its own baseline", got)
		}
		if gone, unchecked := known.over(); gone+unchecked > 0 {
			t.Fatalf("got %d that no longer occur, %d of workloads that were not checked", gone, unchecked)
		}
	})
}

func TestBaseline(t *testing.T) {
	fact := func(pointer string) decision.Fact { return decision.Fact{Document: "acme", Pointer: pointer} }
	fail := func() decision.Finding {
		return decision.Finding{Control: "baa-scope", Status: decision.Fail, Required: true, Severity: "critical", Message: "one before 2026-11-23",
			Location: decision.Location{Pointer: "/spec/uses/0/feature", Line: 3}, Facts: []decision.Fact{fact("/agreements/baa/scope/v1/0")}}
	}
	unknown := func() decision.Finding {
		f := fail()
		f.Status, f.Missing = decision.Unknown, []decision.Gap{{Document: "acme", Pointer: "/agreements/baa/scope/v1", Reason: "absent"}}
		return f
	}
	known := func() *baseline {
		return baselineOf(decision.Report{AsOf: "2026-11-23", Decisions: []decision.Decision{decided(fail()), decided(func() decision.Finding { f := unknown(); f.Control = "baa"; return f }())}})
	}
	for name, test := range map[string]struct {
		change func(d *decision.Decision, f *decision.Finding)
		want   bool
	}{
		"the same":                          {func(*decision.Decision, *decision.Finding) {}, true},
		"another line":                      {func(_ *decision.Decision, f *decision.Finding) { f.Location.Line = 9 }, true},
		"other words":                       {func(_ *decision.Decision, f *decision.Finding) { f.Message = "two before 2026-11-24" }, false},
		"a date of its own, on another day": {func(*decision.Decision, *decision.Finding) {}, true},
		"another day":                       {func(_ *decision.Decision, f *decision.Finding) { f.Message = "one before 2026-11-24" }, true},
		"unknown, in other words": {func(_ *decision.Decision, f *decision.Finding) {
			*f = unknown()
			f.Control, f.Message = "baa", "two"
		}, true},
		"another claim":    {func(_ *decision.Decision, f *decision.Finding) { f.Facts[0].Pointer = "/agreements/baa/scope/v1/3" }, true},
		"another region":   {func(d *decision.Decision, _ *decision.Finding) { d.Offering.Region = "eu-west" }, true},
		"another file":     {func(d *decision.Decision, _ *decision.Finding) { d.Manifest.Path = "other.yaml" }, true},
		"another workload": {func(d *decision.Decision, _ *decision.Finding) { d.Manifest.Name = "x" }, false},
		"another vendor":   {func(d *decision.Decision, _ *decision.Finding) { d.Offering.Vendor = "globex" }, false},
		"another plan":     {func(d *decision.Decision, _ *decision.Finding) { d.Offering.Plan = "free" }, false},
		"another hosting":  {func(d *decision.Decision, _ *decision.Finding) { d.Offering.Hosting = "byoc" }, false},
		"another control":  {func(_ *decision.Decision, f *decision.Finding) { f.Control = "baa-executed" }, false},
		"another place":    {func(_ *decision.Decision, f *decision.Finding) { f.Location.Pointer = "/spec/placement" }, false},
		"moved in a list":  {func(_ *decision.Decision, f *decision.Finding) { f.Location.Pointer = "/spec/uses/1/feature" }, true},
		"another product":  {func(d *decision.Decision, _ *decision.Finding) { d.Offering.Product = "pods" }, false},
		"graver":           {func(_ *decision.Decision, f *decision.Finding) { f.Severity = "high" }, false},
		"another feature":  {func(_ *decision.Decision, f *decision.Finding) { f.Facts[0].Pointer = "/agreements/baa/scope/v2/0" }, false},
		"another document": {func(_ *decision.Decision, f *decision.Finding) { f.Facts[0].Document = "ours" }, false},
		"one more reason": {func(_ *decision.Decision, f *decision.Finding) {
			f.Reasons = []decision.Reason{{Location: decision.Location{Pointer: "/spec/uses/2/feature"}, Facts: []decision.Fact{fact("/agreements/baa/scope/v3/0")}}}
		}, false},
		"one reason elsewhere": {func(_ *decision.Decision, f *decision.Finding) {
			f.Reasons = []decision.Reason{{Location: decision.Location{Pointer: "/spec/data"}, Facts: f.Facts}}
		}, false},
		"advice now":        {func(_ *decision.Decision, f *decision.Finding) { f.Required = false }, false},
		"fail, now unknown": {func(_ *decision.Decision, f *decision.Finding) { *f = unknown() }, false},
		"unknown":           {func(_ *decision.Decision, f *decision.Finding) { *f = unknown(); f.Control = "baa" }, true},
		"unknown for more": {func(_ *decision.Decision, f *decision.Finding) {
			*f = unknown()
			f.Control = "baa"
			f.Missing = append(f.Missing, decision.Gap{Document: "acme", Pointer: "/x"})
		}, false},
		"unknown, by other facts": {func(_ *decision.Decision, f *decision.Finding) {
			*f = unknown()
			f.Control, f.Facts = "baa", []decision.Fact{fact("/other")}
		}, true},
		"unknown, now a fail": {func(_ *decision.Decision, f *decision.Finding) { f.Control = "baa" }, false},
		"another reason known": {func(_ *decision.Decision, f *decision.Finding) {
			*f = unknown()
			f.Control = "baa"
			f.Missing[0].Reason = "stale"
		}, true},
	} {
		f := fail()
		d := decided()
		test.change(&d, &f)
		b := known()
		if strings.HasSuffix(name, "another day") {
			b.today = "2026-11-24"
		}
		if got := b.has(d, f); got != test.want {
			t.Errorf("%s: got known %t, want %t", name, got, test.want)
		}
	}
}

// A failure by prices is known with its amounts alone: a budget that is exceeded
// by more is another failure.
func TestBaselineOfPrices(t *testing.T) {
	over := decision.Finding{Control: "budget", Status: decision.Fail, Required: true, Severity: "high", Message: "3544 USD a month, budget 3000",
		Facts: []decision.Fact{{Document: "acme", Pointer: "/skus/h100/price/on-demand/0"}}}
	known := baselineOf(decision.Report{AsOf: "2026-11-23", Decisions: []decision.Decision{decided(over)}})
	if !known.has(decided(), over) {
		t.Error("the same amount is not known")
	}
	over.Message = "169850 USD a month, budget 3000"
	if known.has(decided(), over) {
		t.Error("another amount is known")
	}
}

// Another manifest of the same name is another one, unless the first has moved.
func TestBaselineOfNames(t *testing.T) {
	dir := t.TempDir()
	was, is := filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml")
	if err := os.WriteFile(was, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := decision.Finding{Control: "baa", Status: decision.Fail, Required: true, Severity: "critical"}
	before, now := decided(f), decided(f)
	before.Manifest.Path, now.Manifest.Path = was, is
	known := baselineOf(decision.Report{AsOf: "2026-11-23", Decisions: []decision.Decision{before}})
	if !known.has(before, f) || known.has(now, f) {
		t.Error("a manifest beside the one of the baseline is known")
	}
	if err := os.Remove(was); err != nil {
		t.Fatal(err)
	}
	if !known.has(now, f) {
		t.Error("a manifest that has moved is not known")
	}
}

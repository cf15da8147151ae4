package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// waiverFile writes a waiver of a control for some workloads, for half a year
// around the day of the examples.
func waiverFile(t *testing.T, name, control, workloads, until string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".yaml")
	text := fmt.Sprintf(`apiVersion: caveat/v1
kind: Waiver
metadata: {name: %s}
spec: {control: %s, workloads: [%s], owner: us, approver: them, reason: tried, ticket: T-1, from: 2026-10-01, until: %s}
`, name, control, workloads, until)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// waive is an engine with a waiver of some controls for one workload; none
// named are all.
func waive(t *testing.T, e *Engine, workload, until string, controls ...string) *Engine {
	t.Helper()
	other := *e
	other.options.Waivers = nil
	for _, c := range e.Controls() {
		if controls == nil || slices.Contains(controls, c.ID) {
			other.options.Waivers = append(other.options.Waivers, waiverFile(t, c.ID, c.ID, workload, until))
		}
	}
	if problems := other.loadWaivers(context.Background()); len(problems) > 0 {
		t.Fatal(problems)
	}
	return &other
}

func decided(t *testing.T, e *Engine, doc document.Document) []decision.Decision {
	t.Helper()
	decisions, problems := e.Decide(context.Background(), doc)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return decisions
}

// The controls that no profile and no waiver can set aside.
func TestUnwaivable(t *testing.T) {
	e := newEngine(t, Options{})
	var got []string
	for _, c := range e.Controls() {
		if !c.Waivable {
			got = append(got, c.ID)
		}
	}
	if want := []string{"baa", "baa-executed", "baa-scope", "dpa", "infrastructure-baa", "transfer"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestWaivedExamples waives every control of every example: what remains is
// what cannot be waived. The same waivers when they have ended change nothing,
// and taking one away makes no verdict better.
func TestWaivedExamples(t *testing.T) {
	plain := newEngine(t, Options{Accounts: accounts()})
	changed := 0
	for _, doc := range examples(t, plain) {
		name := doc.Root.Field("metadata").Field("name").Text()
		t.Run(name, func(t *testing.T) {
			before := decided(t, plain, doc)
			all := waive(t, plain, name, "2026-12-31")
			after := decided(t, all, doc)
			for _, d := range after {
				if d.Verdict.Better(before[0].Verdict) > 0 {
					t.Errorf("got %v with waivers, %v without", d.Verdict, before[0].Verdict)
				}
				for _, f := range d.Findings {
					open := f.Status == decision.Fail || f.Status == decision.Unknown
					if open == (all.unwaivable(f.Control) == "") && open || (f.Waiver != nil) != (f.Status == decision.Waived) {
						t.Errorf("%s is %v with waiver %v", f.Control, f.Status, f.Waiver)
					}
					if f.Waiver != nil {
						changed++
						if f.Waiver.Status != decision.Fail && f.Waiver.Status != decision.Unknown {
							t.Errorf("%s was %v", f.Control, f.Waiver.Status)
						}
					}
				}
			}
			ended := decided(t, waive(t, plain, name, "2026-11-22"), doc)
			if got, want := statusesOf(ended), statusesOf(before); !slices.Equal(got, want) {
				t.Errorf("with waivers that have ended got %v, want %v", got, want)
			}
			for i, w := range all.waivers.Waivers() {
				if !slices.ContainsFunc(after, func(d decision.Decision) bool {
					return slices.ContainsFunc(d.Findings, func(f decision.Finding) bool { return f.Waiver != nil && f.Control == w.Control })
				}) {
					continue
				}
				less := *all
				less.waivers = all.waivers.Without(i)
				if is, was := decided(t, &less, doc)[0].Verdict, after[0].Verdict; is.Better(was) < 0 {
					t.Errorf("without the waiver of %s the verdict is %v, with it %v", w.Control, is, was)
				}
			}
		})
	}
	if changed == 0 {
		t.Error("no waiver waived anything")
	}
}

func statusesOf(decisions []decision.Decision) []string {
	var list []string
	for _, d := range decisions {
		list = append(list, fmt.Sprint(d.Offering, d.Verdict))
		for _, f := range d.Findings {
			list = append(list, fmt.Sprint(f.Control, f.Status, f.Required))
		}
	}
	return list
}

// Alternatives are decided with the same waivers, and say so.
func TestWaivedAlternatives(t *testing.T) {
	plain := newEngine(t, Options{Accounts: accounts(), Alternatives: 5})
	listed := 0
	for _, doc := range examples(t, plain) {
		name := doc.Root.Field("metadata").Field("name").Text()
		e := waive(t, plain, name, "2026-12-31")
		for _, d := range decided(t, e, doc) {
			r, problems := e.prepare(context.Background(), doc)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			defer r.close()
			session, err := r.selection()
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range d.Alternatives {
				listed += len(a.Waived)
				findings, err := session.Findings(context.Background(), r.subject(a.Offering))
				if err != nil {
					t.Fatal(err)
				}
				var waived []string
				for _, f := range findings {
					if f.Required && f.Status == decision.Waived {
						waived = append(waived, f.Control)
					}
				}
				if decision.VerdictOf(findings) != decision.Passed || !slices.Equal(waived, a.Waived) {
					t.Errorf("%s: %v comes to %v, waived %v; listed with %v", name, a.Offering, decision.VerdictOf(findings), waived, a.Waived)
				}
			}
		}
	}
	if listed == 0 {
		t.Error("no alternative rests on a waiver")
	}
}

// What a control adds to the price of compliance is nothing where it is waived.
func TestWaivedAddsNothing(t *testing.T) {
	plain := newEngine(t, Options{Accounts: accounts(), Alternatives: 5})
	lifted := 0
	for _, doc := range examples(t, plain) {
		name := doc.Root.Field("metadata").Field("name").Text()
		d := decided(t, plain, doc)[0]
		if d.Premium == nil {
			continue
		}
		for _, l := range d.Premium.Controls {
			if plain.unwaivable(l.Control) != "" {
				continue
			}
			lifted++
			with := decided(t, waive(t, plain, name, "2026-12-31", l.Control), doc)[0].Premium
			if with == nil || slices.ContainsFunc(with.Controls, func(other decision.Lifted) bool { return other.Control == l.Control }) {
				t.Errorf("%s: %s is waived and still adds to %v", name, l.Control, with)
			} else if saved := d.Premium.Amount.Sub(with.Amount); !saved.Equal(l.Adds) {
				t.Errorf("%s: the waiver of %s saves %v, want %v", name, l.Control, saved, l.Adds)
			}
		}
	}
	if lifted == 0 {
		t.Error("no example has a requirement that adds to its price and can be waived")
	}
}

// A control that cannot be evaluated is unknown, whatever waives it.
func TestFaultIsNotWaived(t *testing.T) {
	folder := t.TempDir()
	control := `# METADATA
# title: It divides by nothing
# description: It always fails to be evaluated.
# custom:
#   id: broken
#   severity: low
#   evidence: feature
#   at: /spec
#   question: whether it works
#   proved: it works
#   references: []
#   remediation: Mend it.
#   waivable: true
package caveat.controls.own.broken

applies := true

asked := true

reads contains "/hosting/managed"

pass if 1 / (count(input.offering.id.vendor) - count(input.offering.id.vendor)) == 1
`
	if err := os.WriteFile(filepath.Join(folder, "broken.rego"), []byte(control), 0o644); err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, Options{Policies: []string{folder}, Waivers: []string{waiverFile(t, "w", "broken", "embeddings", "2026-12-31")}})
	docs, problems := e.loader.File(context.Background(), "../../fixtures/workloads/over-budget.yaml")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	decisions, problems := e.Decide(context.Background(), docs[0])
	if len(problems) == 0 {
		t.Error("got no problem")
	}
	for _, f := range decisions[0].Findings {
		if f.Control == "broken" && (f.Status != decision.Unknown || f.Fault == "" || f.Waiver != nil) {
			t.Errorf("got %v, fault %q, waiver %v", f.Status, f.Fault, f.Waiver)
		}
	}
}

// The strictest of the profiles beside the baseline counts.
func TestMaxDays(t *testing.T) {
	profile := func(name string, days int) Profile {
		var p Profile
		p.Metadata.Name, p.Spec.Waivers.MaxDays = name, days
		return p
	}
	for _, c := range []struct {
		profiles []Profile
		want     int
	}{
		{[]Profile{profile(baseline, 180)}, 180},
		{[]Profile{profile(baseline, 180), profile("own", 0)}, 180},
		{[]Profile{profile(baseline, 180), profile("own", 365)}, 180},
		{[]Profile{profile(baseline, 180), profile("a", 365), profile("b", 30), profile("c", 90)}, 30},
		{[]Profile{profile("a", 365)}, 365},
		{nil, 0},
	} {
		if got := maxDays(c.profiles); got != c.want {
			t.Errorf("got %d, want %d", got, c.want)
		}
	}
	if got := newEngine(t, Options{}).baselineDays(); got != 180 {
		t.Errorf("got %d, want the 180 of the shipped baseline", got)
	}
}

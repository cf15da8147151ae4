package cli

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/load"
)

// A baseline is the findings of a saved report that fail or are unknown. They
// are known, and what is known does not block.
type baseline struct {
	entries   map[entry]*grounds
	paths     map[string][]string // of the manifests, by workload
	workloads map[string]bool     // those of this run
	today     string              // the day of this run
}

// An entry is what makes a finding the same one in two reports. What was only
// advice was never accepted as a requirement, and a finding that has become
// graver was not as grave when it was accepted.
type entry struct {
	control, workload              string
	vendor, product, plan, hosting string
	status                         decision.Status
	severity                       string
	required                       bool
}

// grounds are what an entry rested on, as groundsOf has it.
type grounds struct {
	known map[string]bool
	seen  bool // in this run
}

func entryOf(d decision.Decision, f decision.Finding) entry {
	o := d.Offering
	return entry{f.Control, d.Manifest.Name, o.Vendor, o.Product, o.Plan, o.Hosting, f.Status, f.Severity, f.Required}
}

// groundsOf are the places that a finding points to: in the manifest, and in
// the documents the facts that fail and those that are missing. Which claim of a
// fact it is does not count: a source that is added makes no new finding. Nor
// does the number in a list: what stands there is told by the facts. A failure is
// known by its words, too, which name what is asked, which data it is about and
// what it costs.
func groundsOf(f decision.Finding) []string {
	list := []string{f.Location.Unnumbered()}
	add := func(facts []decision.Fact) {
		for _, fact := range facts {
			list = append(list, fact.Document+"#"+withoutClaim(fact.Pointer))
		}
	}
	say := func(message string) { list = append(list, said+message) }
	for _, reason := range f.Reasons {
		list = append(list, reason.Location.Unnumbered())
		add(reason.Facts)
		say(reason.Message)
	}
	if f.Status == decision.Fail {
		add(f.Facts)
		if len(f.Reasons) == 0 {
			say(f.Message)
		}
	}
	for _, gap := range f.Missing {
		at := gap.Pointer
		if gap.Reason == "undeclared" { // of the manifest; the message says what of it
			at = decision.Location{Pointer: gap.Pointer}.Unnumbered() + " " + said + f.Message
		}
		list = append(list, gap.Document+"#"+at)
	}
	return list
}

// said begins a ground that is words.
const said = "said "

// undated is a ground whose words do not name the day of their decision, which is
// another one in each run.
func undated(ground, day string) string {
	if !strings.Contains(ground, said) {
		return ground
	}
	return strings.ReplaceAll(ground, day, "today")
}

// withoutClaim leaves out the index of the claim in which a pointer ends.
func withoutClaim(pointer string) string {
	if _, err := strconv.Atoi(path.Base(pointer)); err != nil {
		return pointer
	}
	return path.Dir(pointer)
}

// saw notes that a workload is part of this run.
func (b *baseline) saw(d decision.Decision) {
	if b != nil {
		b.workloads[d.Manifest.Name] = true
	}
}

// has reports whether a finding is in the baseline with everything that it
// rests on: one more feature outside a BAA is new.
func (b *baseline) has(d decision.Decision, f decision.Finding) bool {
	if b == nil {
		return false
	}
	g := b.entries[entryOf(d, f)]
	if g == nil || !b.same(d.Manifest) {
		return false
	}
	g.seen = true
	for _, ground := range groundsOf(f) {
		if !g.known[ground] && !g.known[undated(ground, b.today)] {
			return false
		}
	}
	return true
}

// over counts the required findings that no longer occur, and those of workloads
// that are not part of this run.
func (b *baseline) over() (gone, unchecked int) {
	if b == nil {
		return 0, 0
	}
	for e, g := range b.entries {
		switch {
		case !e.required: // advice comes and goes
		case !b.workloads[e.workload]:
			unchecked++
		case !g.seen:
			gone++
		}
	}
	return gone, unchecked
}

// same reports whether a manifest is one of the baseline, and not another of the
// same name: one that has moved has left its place.
func (b *baseline) same(m decision.Manifest) bool {
	was := b.paths[m.Name]
	return slices.Contains(was, m.Path) || slices.ContainsFunc(was, missing)
}

// readBaseline reads a saved report, as strictly as `caveat report` does: what
// another version wrote could be misread, and then would hide what is new.
func readBaseline(name string) (*baseline, []decision.Problem) {
	loader, err := load.New(nil)
	if err != nil {
		return nil, []decision.Problem{{Message: err.Error()}}
	}
	r, problems := loader.Report(name, Version())
	if len(problems) > 0 {
		problems = append(problems, decision.Problem{Message: fmt.Sprintf("--baseline %s cannot be used; expected a report of this version of caveat; write one with caveat check -o json=FILE", name)})
		return nil, problems
	}
	return baselineOf(r), nil
}

func baselineOf(r decision.Report) *baseline {
	b := &baseline{entries: map[entry]*grounds{}, paths: map[string][]string{}, workloads: map[string]bool{}, today: r.AsOf}
	for _, d := range r.Decisions {
		b.paths[d.Manifest.Name] = append(b.paths[d.Manifest.Name], d.Manifest.Path)
		for _, f := range d.Findings {
			if f.Status != decision.Fail && f.Status != decision.Unknown {
				continue
			}
			g := b.entries[entryOf(d, f)]
			if g == nil {
				g = &grounds{known: map[string]bool{}}
				b.entries[entryOf(d, f)] = g
			}
			for _, ground := range groundsOf(f) {
				g.known[ground], g.known[undated(ground, r.AsOf)] = true, true
			}
		}
	}
	return b
}

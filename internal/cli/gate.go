package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
)

// gateFlags say which findings make the exit status. They change no finding and
// no verdict.
type gateFlags struct {
	failOnUnknown string // never, required or any
	failOn        string // the least severity that blocks
	baseline      string // a saved report; "" is none
}

func (f gateFlags) check() error {
	if !slices.Contains([]string{"never", "required", "any"}, f.failOnUnknown) {
		return fmt.Errorf("--fail-on-unknown is %q; expected never, required or any", f.failOnUnknown)
	}
	if !slices.Contains(decide.Severities, f.failOn) {
		return fmt.Errorf("--fail-on is %q; expected low, medium, high or critical", f.failOn)
	}
	return nil
}

// A gate adds up the findings of a run that block.
type gate struct {
	gateFlags
	known        *baseline // nil where there is none
	exit         int       // ExitPass, ExitFail or ExitReview
	below, found int       // would block but for --fail-on, and but for the baseline
	fresh        []string  // what is not in the baseline and blocks
}

// on is the day of the decisions that follow.
func (g *gate) on(day string) {
	if g.known != nil {
		g.known.today = day
	}
}

// newGate reads the baseline.
func newGate(f gateFlags) (*gate, []decision.Problem) {
	g := &gate{gateFlags: f}
	if f.baseline == "" {
		return g, nil
	}
	var problems []decision.Problem
	g.known, problems = readBaseline(f.baseline)
	return g, problems
}

// add takes in a decision.
func (g *gate) add(d decision.Decision) {
	g.known.saw(d)
	for _, f := range d.Findings {
		exit := g.exitOf(f)
		known := g.known.has(d, f) // asked of every finding, so that the baseline counts what still occurs
		switch {
		case exit == ExitPass:
		case g.mild(f.Severity):
			g.below++
		case known:
			g.found++
		default:
			g.block(exit)
			if g.known != nil {
				g.fresh = append(g.fresh, fmt.Sprintf("%s: %s is %v (%s) at %s:%d", d.Manifest.Name, f.Control, f.Status, f.Severity, f.Location.Path, f.Location.Line))
			}
		}
	}
	// A verdict that the findings do not explain is never let through.
	if d.Verdict != decision.VerdictOf(d.Findings) {
		g.block(exitOfVerdict[d.Verdict])
	}
}

var exitOfVerdict = map[decision.Verdict]int{decision.Passed: ExitPass, decision.Failed: ExitFail, decision.Review: ExitReview}

// exitOf is the exit status that a finding asks for, before severity and
// baseline.
func (g *gate) exitOf(f decision.Finding) int {
	switch {
	case f.Status == decision.Fail && f.Required:
		return ExitFail
	case f.Status == decision.Unknown && (g.failOnUnknown == "any" || g.failOnUnknown == "required" && f.Required):
		return ExitReview
	}
	return ExitPass
}

// mild reports whether a severity is below the one that blocks. One that is not
// known never is.
func (g *gate) mild(severity string) bool {
	i := slices.Index(decide.Severities, severity)
	return i >= 0 && i < slices.Index(decide.Severities, g.failOn)
}

// block makes the exit status at least as bad: fail before review before pass.
func (g *gate) block(exit int) {
	if g.exit != ExitFail && exit != ExitPass {
		g.exit = exit
	}
}

// mostFresh are named of what is not in a baseline.
const mostFresh = 50

// note says what is new and blocks, what does not block, and what of the baseline is over.
func (g *gate) note(w io.Writer) {
	var parts []string
	if g.below > 0 {
		parts = append(parts, fmt.Sprintf("%s below %s (--fail-on)", findings(g.below), g.failOn))
	}
	if g.found > 0 {
		parts = append(parts, fmt.Sprintf("%s known from %s (--baseline)", findings(g.found), g.baseline))
	}
	if len(parts) > 0 {
		say(w, "note: not blocking: %s", strings.Join(parts, ", "))
	}
	for i, words := range g.fresh {
		if i == mostFresh {
			say(w, "note: %d more new findings are not in %s", len(g.fresh)-i, g.baseline)
			break
		}
		say(w, "new: %s", words)
	}
	gone, unchecked := g.known.over()
	switch {
	case gone == 1:
		say(w, "note: 1 finding of %s no longer occurs; refresh it with -o json=%[1]s", g.baseline)
	case gone > 1:
		say(w, "note: %d findings of %s no longer occur; refresh it with -o json=%[2]s", gone, g.baseline)
	}
	switch {
	case unchecked == 1:
		say(w, "note: 1 finding of %s is of a workload that was not checked", g.baseline)
	case unchecked > 1:
		say(w, "note: %d findings of %s are of workloads that were not checked", unchecked, g.baseline)
	}
}

func findings(n int) string {
	if n == 1 {
		return "1 finding"
	}
	return fmt.Sprintf("%d findings", n)
}

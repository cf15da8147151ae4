package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"

	"github.com/caveat-check/caveat/internal/decision"
)

// A baseline is the findings of a saved report that fail or are unknown. They
// are known, and what is known does not block.
type baseline struct {
	entries   map[entry]*grounds
	workloads map[string]bool // those of this run
}

// An entry is what makes a finding the same one in two reports. What was only
// advice was never accepted as a requirement, so that Required is a part of it.
type entry struct {
	control, workload     string
	vendor, plan, hosting string
	status                decision.Status
	required              bool
}

// grounds are what an entry rested on, as groundsOf has it.
type grounds struct {
	known map[string]bool
	seen  bool // in this run
}

func entryOf(d decision.Decision, f decision.Finding) entry {
	o := d.Offering
	return entry{f.Control, d.Manifest.Name, o.Vendor, o.Plan, o.Hosting, f.Status, f.Required}
}

// groundsOf are the places that a finding points to: in the manifest, and in
// the documents the facts that fail and those that are missing. Which claim of a
// fact it is does not count: a source that is added makes no new finding.
func groundsOf(f decision.Finding) []string {
	list := []string{f.Location.Pointer}
	add := func(facts []decision.Fact) {
		for _, fact := range facts {
			list = append(list, fact.Document+"#"+withoutClaim(fact.Pointer))
		}
	}
	for _, reason := range f.Reasons {
		list = append(list, reason.Location.Pointer)
		add(reason.Facts)
	}
	if f.Status == decision.Fail {
		add(f.Facts)
	}
	for _, gap := range f.Missing {
		list = append(list, gap.Document+"#"+gap.Pointer)
	}
	return list
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
	if g == nil {
		return false
	}
	g.seen = true
	for _, ground := range groundsOf(f) {
		if !g.known[ground] {
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

// readBaseline reads a saved report. The error is for people.
func readBaseline(name string) (*baseline, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("--baseline %s cannot be read: %w; expected a report; write one with -o json=%s", name, cause(err), name)
	}
	defer file.Close()
	b, err := decodeBaseline(file)
	if err != nil {
		return nil, fmt.Errorf("--baseline %s is not a report of this version of caveat: %w; expected what caveat check -o json writes; write it anew with -o json=%s", name, cause(err), name)
	}
	return b, nil
}

// decodeBaseline reads a report strictly: what another version wrote could be
// misread, and then would hide what is new.
func decodeBaseline(from io.Reader) (*baseline, error) {
	var r decision.Report
	decoder := json.NewDecoder(from)
	decoder.DisallowUnknownFields()
	switch err := decoder.Decode(&r); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("it ends early")
	case err != nil:
		return nil, err
	}
	if err := whole(r); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it goes on after its end")
	}
	b := &baseline{entries: map[entry]*grounds{}, workloads: map[string]bool{}}
	for _, d := range r.Decisions {
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
				g.known[ground] = true
			}
		}
	}
	return b, nil
}

// whole says what a report lacks: other JSON must not be taken for one in which
// nothing is known.
func whole(r decision.Report) error {
	if r.Tool.Name != "caveat" || r.AsOf == "" || r.Decisions == nil || r.Errors == nil {
		return errors.New("it lacks tool, asOf, decisions or errors")
	}
	var count decision.Summary
	for _, d := range r.Decisions {
		switch d.Verdict {
		case decision.Passed:
			count.Pass++
		case decision.Failed:
			count.Fail++
		default:
			count.Review++
		}
		if d.Manifest.Name == "" || d.Offering.Vendor == "" || d.Findings == nil {
			return errors.New("a decision lacks its manifest, offering or findings")
		}
		for _, f := range d.Findings {
			if f.Control == "" || f.Severity == "" {
				return errors.New("a finding lacks its control or severity")
			}
		}
	}
	if count.Errors = r.Summary.Errors; count != r.Summary {
		return errors.New("its summary counts other verdicts than its decisions have")
	}
	return nil
}

package cost

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// A Diff is what a change of manifests costs, both sides at the same prices and
// by the same controls.
type Diff struct {
	Against   string           `json:"against"` // revision or folder
	Totals    []Total          `json:"totals"`  // over everything, by currency
	Changes   []ManifestChange `json:"changes"`
	Unchanged int              `json:"unchanged"`
}

// A ManifestChange is one workload that the change adds, takes away, or makes
// cost, run or come out otherwise. Before is nil of a new one, After of a
// removed one. Difference is nil where it is not known.
type ManifestChange struct {
	Kind       string           `json:"kind"` // new, removed or changed
	Path       string           `json:"path"`
	Name       string           `json:"name"`
	Before     *Side            `json:"before"`
	After      *Side            `json:"after"`
	Difference *decimal.Decimal `json:"difference"`
	Because    []Changed        `json:"because"`
	Lines      []LineChange     `json:"lines"`
}

// A LineChange is one line of a cost that moved. A nil Before or After is a
// line that is not there, or unknown.
type LineChange struct {
	Item   string         `json:"item"`
	Before *decision.Line `json:"before"`
	After  *decision.Line `json:"after"`
}

// Compare tells what changed from before to after. Workloads are the same where
// path and name are; else where a name that only one on each side has is.
func Compare(against string, before, after []Estimate, biller Biller) Diff {
	d := Diff{Against: against, Changes: []ManifestChange{}}
	_, old := Totals(before, nil, biller)
	_, now := Totals(after, nil, biller)
	d.Totals = Against(old, now)
	partner := pair(before, after)
	gone := make([]bool, len(before))
	for i := range gone {
		gone[i] = true
	}
	for i, e := range after {
		if partner[i] < 0 {
			side := e.Side()
			sum := SumOf(e.Offering, e.Cost)
			d.Changes = append(d.Changes, ManifestChange{Kind: "new", Path: e.Manifest.Path, Name: e.Manifest.Name, After: &side, Difference: sum.Expected, Because: []Changed{}, Lines: []LineChange{}})
			continue
		}
		gone[partner[i]] = false
		if c := changeOf(before[partner[i]], e); c != nil {
			d.Changes = append(d.Changes, *c)
		} else {
			d.Unchanged++
		}
	}
	for i, e := range before {
		if gone[i] {
			side := e.Side()
			c := ManifestChange{Kind: "removed", Path: e.Manifest.Path, Name: e.Manifest.Name, Before: &side, Because: []Changed{}, Lines: []LineChange{}}
			if expected := SumOf(e.Offering, e.Cost).Expected; expected != nil {
				difference := expected.Neg()
				c.Difference = &difference
			}
			d.Changes = append(d.Changes, c)
		}
	}
	slices.SortStableFunc(d.Changes, func(a, b ManifestChange) int { return compareChanges(a, b) })
	return d
}

// compareChanges puts the dearest change first, and what is not known last.
func compareChanges(a, b ManifestChange) int {
	switch {
	case (a.Difference == nil) != (b.Difference == nil):
		if a.Difference != nil {
			return -1
		}
		return 1
	case a.Difference != nil && !a.Difference.Abs().Equal(b.Difference.Abs()):
		return b.Difference.Abs().Cmp(a.Difference.Abs())
	}
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Name, b.Name))
}

func changeOf(a, b Estimate) *ManifestChange {
	before, after := a.Side(), b.Side()
	c := ManifestChange{
		Kind: "changed", Path: b.Manifest.Path, Name: b.Manifest.Name, Before: &before, After: &after,
		Difference: Between(before, after), Lines: moved(a.Cost.Lines, b.Cost.Lines), Because: []Changed{},
	}
	if a.Offering == b.Offering && a.Verdict == b.Verdict && len(c.Lines) == 0 {
		return nil
	}
	c.Because = append(c.Because, Differences(a.Spec, b.Spec)...)
	return &c
}

// moved lists the lines that differ, in the order of the lines.
func moved(before, after []decision.Line) []LineChange {
	list := []LineChange{}
	find := func(lines []decision.Line, item string) *decision.Line {
		if i := slices.IndexFunc(lines, func(l decision.Line) bool { return l.Item == item }); i >= 0 {
			return &lines[i]
		}
		return nil
	}
	for i := range after {
		old := find(before, after[i].Item)
		if old == nil || !sameLine(*old, after[i]) {
			list = append(list, LineChange{Item: after[i].Item, Before: old, After: &after[i]})
		}
	}
	for i := range before {
		if find(after, before[i].Item) == nil {
			list = append(list, LineChange{Item: before[i].Item, Before: &before[i]})
		}
	}
	return list
}

func sameLine(a, b decision.Line) bool {
	same := func(x, y *decimal.Decimal) bool { return x == nil && y == nil || x != nil && y != nil && x.Equal(*y) }
	return same(a.Amount, b.Amount) && same(a.Low, b.Low) && same(a.High, b.High) && same(a.Quantity, b.Quantity) && same(a.Rate, b.Rate)
}

// pair gives for each estimate after the index of the same workload before, or
// -1.
func pair(before, after []Estimate) []int {
	taken := make([]bool, len(before))
	partner := make([]int, len(after))
	match := func(i int, same func(Estimate) bool) {
		for j, old := range before {
			if !taken[j] && same(old) {
				partner[i], taken[j] = j, true
				return
			}
		}
	}
	for i, e := range after {
		partner[i] = -1
		match(i, func(old Estimate) bool {
			return old.Manifest.Path == e.Manifest.Path && old.Manifest.Name == e.Manifest.Name
		})
	}
	names := func(list []Estimate, name string, free func(int) bool) (n int) {
		for i, e := range list {
			if e.Manifest.Name == name && free(i) {
				n++
			}
		}
		return n
	}
	for i, e := range after {
		name := e.Manifest.Name
		if partner[i] < 0 && names(after, name, func(k int) bool { return partner[k] < 0 }) == 1 && names(before, name, func(k int) bool { return !taken[k] }) == 1 {
			match(i, func(old Estimate) bool { return old.Manifest.Name == name })
		}
	}
	return partner
}

// Brief is a diff as the report of a check has it: without lines and fields.
func (d Diff) Brief() *decision.CostChange {
	c := &decision.CostChange{Against: d.Against, Totals: []decision.TotalChange{}, Workloads: []decision.WorkloadChange{}, Unchanged: d.Unchanged}
	for _, t := range d.Totals {
		c.Totals = append(c.Totals, decision.TotalChange{Before: t.Before.Total, After: t.Sum.Total, Difference: t.Difference})
	}
	for _, w := range d.Changes {
		c.Workloads = append(c.Workloads, decision.WorkloadChange{Kind: w.Kind, Path: w.Path, Name: w.Name, Before: w.Before.state(), After: w.After.state(), Difference: w.Difference})
	}
	return c
}

func (s *Side) state() *decision.WorkloadState {
	if s == nil {
		return nil
	}
	return &decision.WorkloadState{Offering: s.Offering, Verdict: s.Verdict, Total: SumOf(s.Offering, s.Cost).Total}
}

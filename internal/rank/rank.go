// Package rank puts priced decisions into one total order and says which are
// alternatives, candidates and rejected.
package rank

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// An Option is one offering, priced and decided at stage select.
type Option struct {
	Offering   decision.Offering
	Verdict    decision.Verdict
	Cost       decision.Cost
	Conditions []string
	Open       []string // required controls that are unknown
	Refused    []string // required controls that fail
	Waived     []string // required controls that a waiver satisfies
}

// A Result is what a ranking says, each list at most as long as asked for.
type Result struct {
	Alternatives []decision.Alternative
	Candidates   []decision.Candidate
	Rejected     []decision.Rejected
	Premium      *decision.Premium
}

// Compare orders by cost: complete totals first, by amount, then incomplete
// ones by what they surely come to; those whose main line, the time itself, has
// no price come last, since what is known of them says little. Ties go by the whole
// offering. It is 0 only for equal offerings at equal cost.
func Compare(a, b Option) int {
	if c := compareCost(a.Cost, b.Cost); c != 0 {
		return c
	}
	return compareOffering(a.Offering, b.Offering)
}

func compareCost(a, b decision.Cost) int {
	switch {
	case (a.Expected != nil) != (b.Expected != nil):
		if a.Expected != nil {
			return -1
		}
		return 1
	case a.Expected == nil && unpriced(a) != unpriced(b):
		if unpriced(b) {
			return -1
		}
		return 1
	case a.Currency != b.Currency:
		return cmp.Compare(a.Currency, b.Currency) // amounts in two currencies have no order
	case a.Expected != nil:
		return a.Expected.Cmp(*b.Expected)
	default:
		return least(a).Cmp(least(b))
	}
}

// unpriced reports whether the first line of a cost, the time on GPUs or
// instances, is unknown.
func unpriced(c decision.Cost) bool {
	return len(c.Lines) == 0 || c.Lines[0].Amount == nil && c.Lines[0].Rate == nil
}

// least is what an incomplete total surely comes to: its known lines, or its
// lower bound where that says more.
func least(c decision.Cost) decimal.Decimal {
	if c.Low != nil && c.Low.GreaterThan(c.Known) {
		return *c.Low
	}
	return c.Known
}

func compareOffering(a, b decision.Offering) int {
	key := func(o decision.Offering) []string {
		return []string{o.Vendor, o.Product, o.Plan, o.Hosting, o.Region, o.SKU, o.GPU, fmt.Sprintf("%09d", o.Count), o.Capacity, o.Infrastructure}
	}
	return slices.Compare(key(a), key(b))
}

// Order ranks options against the offering that was decided, which is left out
// of the lists. Unless all is set, each vendor and hosting appears once a list.
// Rejected are offerings that cost less than the cheapest that passes; where
// none passes, less than the decided one; and of a vendor and hosting only what
// is cheaper than its candidate.
func Order(options []Option, decided decision.Offering, cost decision.Cost, most int, all bool) Result {
	options = slices.Clone(options)
	sort.Slice(options, func(i, j int) bool { return Compare(options[i], options[j]) < 0 })
	var result Result
	result.Premium = premium(options)
	limit := &cost
	if i := slices.IndexFunc(options, func(o Option) bool { return o.Verdict == decision.Passed }); i >= 0 {
		limit = &options[i].Cost
	}
	seen := map[string]bool{}
	first := func(list string, o decision.Offering) bool {
		key := list + "|" + o.Vendor + "|" + o.Hosting
		if seen[key] && !all {
			return false
		}
		seen[key] = true
		return true
	}
	for _, o := range options {
		if o.Offering == decided {
			continue
		}
		switch o.Verdict {
		case decision.Passed:
			if len(result.Alternatives) < most && first("pass", o.Offering) {
				alternative := decision.Alternative{Rank: len(result.Alternatives) + 1, Offering: o.Offering, Verdict: o.Verdict, Conditions: list(o.Conditions), Waived: o.Waived, Cost: o.Cost}
				if o.Cost.Expected != nil && cost.Expected != nil && o.Cost.Currency == cost.Currency {
					difference := o.Cost.Expected.Sub(*cost.Expected)
					alternative.Difference = &difference
				}
				result.Alternatives = append(result.Alternatives, alternative)
			}
		case decision.Review:
			if len(result.Candidates) < most && first("review", o.Offering) {
				result.Candidates = append(result.Candidates, decision.Candidate{Offering: o.Offering, Verdict: o.Verdict, Cost: o.Cost, Open: list(o.Open), Waived: o.Waived})
			}
		case decision.Failed:
			if len(result.Rejected) < most && cheaper(o.Cost, *limit) && (all || !seen["review|"+o.Offering.Vendor+"|"+o.Offering.Hosting]) && first("fail", o.Offering) {
				result.Rejected = append(result.Rejected, decision.Rejected{Offering: o.Offering, Cost: o.Cost, Controls: list(o.Refused)})
			}
		}
	}
	return result
}

// cheaper holds where an amount is known to be less: of an incomplete total,
// less than what is known of it, unless the rest may lower it.
func cheaper(a, b decision.Cost) bool {
	switch {
	case a.Expected == nil || a.Currency != b.Currency:
		return false
	case b.Expected != nil:
		return a.Expected.LessThan(*b.Expected)
	default:
		return a.Expected.LessThan(b.Known) && !b.MayFall()
	}
}

// premium is the price of compliance: the cheapest that passes against the
// cheapest of all, where both totals are complete.
func premium(sorted []Option) *decision.Premium {
	var cheapest, compliant *Option
	for i := range sorted {
		if sorted[i].Cost.Expected == nil {
			continue
		}
		if cheapest == nil {
			cheapest = &sorted[i]
		}
		if compliant == nil && sorted[i].Verdict == decision.Passed {
			compliant = &sorted[i]
		}
	}
	if cheapest == nil || compliant == nil || cheapest.Cost.Currency != compliant.Cost.Currency {
		return nil
	}
	return &decision.Premium{Compliant: compliant.Offering, Cheapest: cheapest.Offering, Amount: compliant.Cost.Expected.Sub(*cheapest.Cost.Expected)}
}

func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}

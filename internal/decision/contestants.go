package decision

import "slices"

// A Contestant is one of the offerings between which a decision leaves the
// choice. Its total is complete.
type Contestant struct {
	Offering Offering
	Cost     Cost
}

// Contestants are the offering that was decided and its alternatives, or the
// candidates where there are none: those with complete totals in the currency
// of the first of them, the cheapest first.
func (d Decision) Contestants() []Contestant {
	all := slices.DeleteFunc(d.places(), func(c Contestant) bool { return c.Cost.Expected == nil })
	if len(all) > 0 {
		currency := all[0].Cost.Currency
		all = slices.DeleteFunc(all, func(c Contestant) bool { return c.Cost.Currency != currency })
	}
	slices.SortStableFunc(all, func(a, b Contestant) int { return a.Cost.Expected.Cmp(*b.Cost.Expected) })
	return all
}

// MayFlip lists what may cost less than the first of the contestants inside the
// ranges of both costs: other contestants, and what has no complete total but
// bounds, which is ranked after all that have one.
func (d Decision) MayFlip() []Contestant {
	all := d.Contestants()
	if len(all) == 0 {
		return nil
	}
	first := all[0]
	return slices.DeleteFunc(d.places(), func(c Contestant) bool {
		bounded := c.Cost.Low != nil && c.Cost.High != nil && c.Cost.Currency == first.Cost.Currency
		return c.Offering == first.Offering || first.Cost.High == nil || !bounded || !first.Cost.High.GreaterThan(*c.Cost.Low)
	})
}

// places are the decided offering and its alternatives, or the candidates where
// there are none.
func (d Decision) places() []Contestant {
	all := []Contestant{{d.Offering, d.Cost}}
	for _, a := range d.Alternatives {
		all = append(all, Contestant{a.Offering, a.Cost})
	}
	if len(d.Alternatives) == 0 {
		for _, c := range d.Candidates {
			all = append(all, Contestant{c.Offering, c.Cost})
		}
	}
	return all
}

package price

import "github.com/shopspring/decimal"

// A Stair is how the run of one job becomes billed time, in seconds: at least
// Minimum of the run and Offset together, in whole steps of Every, or as it is
// where Every is 0.
type Stair struct {
	Offset, Minimum, Every decimal.Decimal
}

// Stairs are the billing rules of a request for jobs, the vendor's and those of
// the cloud beneath. Where a rule is not stated, the cost is not known either.
func Stairs(r Request) (vendor, infrastructure Stair) {
	vendor = book{facts: r.Facts, starts: r.ColdStarts}.stair()
	if r.Infrastructure != nil {
		infrastructure = book{facts: r.Infrastructure.Facts}.stair()
	}
	return vendor, infrastructure
}

func (b book) stair() Stair {
	rule := b.rule()
	s := Stair{Offset: b.boot().values()[1].Add(b.idle().values()[1]), Minimum: rule.minimum}
	if rule.up[0] {
		s.Every = rule.increment
	}
	return s
}

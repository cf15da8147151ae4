// Package breakeven finds where the cheaper of two offerings changes while one
// quantity of the usage varies. It is pure: it is given cost functions.
//
// Costs are piecewise linear in what is billed, and what is billed may be a
// staircase of the quantity. The pieces are found by exact evaluation (see
// curve), two of them are compared corner by corner in rational numbers (see
// pair), and every flip is proved by evaluating both costs beside it.
package breakeven

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// A Quantity is what varies, from 0 to Most.
type Quantity struct {
	Name string // as decision.BreakEven has it
	Unit string
	Now  decimal.Decimal
	Most decimal.Decimal
	// Grain is above 0. At its multiples costs are free of rounding, so that
	// slopes taken there are exact.
	Grain decimal.Decimal
	// Tick is the least difference between two values; 0 is 1e-12.
	Tick decimal.Decimal
	// Whole is what is used in a month by one replica that is never idle; 0
	// where that says nothing.
	Whole decimal.Decimal
}

// A Stair makes of a quantity what is billed: at least Minimum of the quantity
// and Offset together, in whole steps of Every, or as it is where Every is 0.
type Stair struct {
	Offset, Minimum, Every decimal.Decimal
}

// A Contestant is an offering and its cost as a function of the quantity.
type Contestant struct {
	Offering decision.Offering
	// Cost returns the total in parts, each a continuous, piecewise linear and
	// never falling function of what one of Stairs makes of the quantity. It is
	// not ok where the total is not known.
	Cost   func(at decimal.Decimal) (parts []decimal.Decimal, ok bool)
	Stairs []Stair
}

// Find compares the first contestant with every other, and returns for each
// the nearest flip below and the nearest above the present quantity: where who
// is cheaper changes, and not where they touch. Where two cost the same over a
// stretch, the flip is its far end. The nearest come first, by their distance
// relative to the present quantity.
func Find(q Quantity, contestants []Contestant) []decision.BreakEven {
	if len(contestants) < 2 || !q.Grain.IsPositive() || !q.Most.IsPositive() || q.Now.IsNegative() || q.Now.GreaterThan(q.Most) {
		return nil
	}
	first := newCurve(q, contestants[0])
	if first == nil {
		return nil
	}
	all := []decision.BreakEven{}
	for _, other := range contestants[1:] {
		curve := newCurve(q, other)
		if curve == nil {
			continue
		}
		p := pair{first, curve}
		now := q.Now.Rat()
		for _, f := range p.around(now, q.Most.Rat()) {
			if !p.proved(q, f) {
				continue
			}
			b := decision.BreakEven{Quantity: q.Name, At: Decimal(f.at), Unit: q.Unit, Now: q.Now, Below: contestants[0].Offering, Above: other.Offering}
			if f.below > 0 {
				b.Below, b.Above = b.Above, b.Below
			}
			if q.Whole.IsPositive() {
				share := Decimal(new(big.Rat).Quo(f.at, q.Whole.Rat()))
				b.Utilisation = &share
			}
			all = append(all, b)
		}
	}
	slices.SortStableFunc(all, func(a, b decision.BreakEven) int {
		return cmp.Or(a.Distance().Cmp(b.Distance()), a.At.Cmp(b.At))
	})
	return all
}

// proved reports whether the two costs are in opposite order on the two sides
// of a flip, as close to it as they can be told apart: costs round quantities
// that do not come out even, so that closer still the order is the rounding's.
func (p pair) proved(q Quantity, f flip) bool {
	tick := q.Tick
	if !tick.IsPositive() {
		tick = decimal.New(1, -places)
	}
	low, high := f.from, f.to
	if low.Cmp(high) > 0 {
		low, high = high, low
	}
	step := tick.Rat()
	for range 3 {
		below := onGrid(floor, new(big.Rat).Sub(low, step), tick)
		above := onGrid(ceil, new(big.Rat).Add(high, step), tick)
		if p.order(decimal.Max(below, tick)) == f.below && p.order(above) == -f.below {
			return true
		}
		step.Mul(step, big.NewRat(1000, 1))
	}
	return false
}

func onGrid(round func(*big.Rat) *big.Int, r *big.Rat, tick decimal.Decimal) decimal.Decimal {
	return decimal.NewFromBigInt(round(r.Quo(r, tick.Rat())), 0).Mul(tick)
}

// order evaluates which is cheaper: -1 is the first, and 0 is neither or not
// known.
func (p pair) order(at decimal.Decimal) int {
	a, ok := p.a.total(at)
	if !ok {
		return 0
	}
	b, ok := p.b.total(at)
	if !ok {
		return 0
	}
	return a.Cmp(b)
}

const places = 12

// Decimal is a rational number as a decimal: exact where it is a finite one,
// else rounded half to even at 12 places.
func Decimal(r *big.Rat) decimal.Decimal {
	if digits, finite := r.FloatPrec(); finite {
		n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
		n.Mul(n, r.Num()).Quo(n, r.Denom())
		return decimal.NewFromBigInt(n, -int32(digits))
	}
	// What is not finite is never half way between two decimals.
	scaled := new(big.Rat).Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(places), nil)))
	return decimal.NewFromBigInt(floor(scaled.Add(scaled, big.NewRat(1, 2))), -places)
}

func floor(r *big.Rat) *big.Int {
	return new(big.Int).Div(r.Num(), r.Denom()) // Euclidean, and the denominator is positive
}

func ceil(r *big.Rat) *big.Int {
	n := floor(new(big.Rat).Neg(r))
	return n.Neg(n)
}

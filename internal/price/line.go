package price

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// add adds a line with its facts, and with what is missing where it is not
// known or not bounded.
func (p *pricer) add(line decision.Line, n note) {
	slices.Sort(n.facts)
	line.Facts = slices.Compact(n.facts)
	if line.Amount == nil || line.Low == nil || line.High == nil {
		line.Why = strings.Join(n.why, "; ")
		slices.Sort(n.missing)
		line.Missing = slices.Compact(n.missing)
	}
	p.cost.Lines = append(p.cost.Lines, line)
}

// life adds a line for the run, and one each for boot and idle where they are
// billed.
func (p *pricer) life(main, prefix string, t times, r *rate, units span, n note) {
	p.timed(main, t.run, t, r, units, n)
	if t.boot != nil {
		p.timed(prefix+"boot", *t.boot, t, r, units, n)
	}
	if t.idle != nil {
		p.timed(prefix+"idle", *t.idle, t, r, units, n)
	}
}

// timed adds a line of time × units × rate.
func (p *pricer) timed(item string, s stretch, t times, r *rate, units span, n note) {
	line := decision.Line{Item: item}
	var all note
	all.merge(n)
	all.merge(s.note)
	all.merge(p.split)
	if r == nil {
		p.add(line, all)
		return
	}
	line.Unit, line.Rate = r.unit(), &r.amount
	if r.per == "month" && !t.months {
		all.miss("the price is for a month, and how a part of one is billed is not stated")
		p.add(line, all)
		return
	}
	share := t.share.Mul(r.seconds())
	amount := func(time, units *decimal.Decimal) (quantity, amount *decimal.Decimal) {
		if time == nil || units == nil {
			return nil, nil
		}
		q := quo(s.from.Add(*time).Mul(*units), share).Sub(quo(s.from.Mul(*units), share))
		a := q.Mul(r.amount)
		return &q, &a
	}
	line.Quantity, line.Amount = amount(s.amount, units.amount)
	line.Low, line.High = line.Amount, line.Amount
	if !equal(s.low, s.amount) || !equal(units.low, units.amount) {
		_, line.Low = amount(s.low, units.low)
	}
	if !equal(s.high, s.amount) || !equal(units.high, units.amount) {
		_, line.High = amount(s.high, units.high)
	}
	if p.split.why != nil {
		line.Low, line.Quantity, line.Amount = &decimal.Decimal{}, nil, nil
	}
	p.add(line, all)
}

// A total sums lines. Low, amount and high are nil where one line has none;
// known sums the amounts that are known.
type total struct {
	low, amount, high *decimal.Decimal
	known             decimal.Decimal
	mayFall           bool
	lows              decimal.Decimal
	bottomless        bool // a line may fall, and nobody knows how far
}

func sum(lines []decision.Line) total {
	var zero decimal.Decimal
	t := total{low: &zero, amount: &zero, high: &zero}
	for _, line := range lines {
		t.low, t.amount, t.high = plus(t.low, line.Low), plus(t.amount, line.Amount), plus(t.high, line.High)
		if line.Amount != nil {
			t.known = t.known.Add(*line.Amount)
		}
		if line.Low != nil {
			t.lows = t.lows.Add(*line.Low)
		}
		t.mayFall = t.mayFall || line.Amount == nil && line.MayFall
		falls := line.MayFall || line.Rate != nil && line.Rate.IsNegative()
		t.bottomless = t.bottomless || line.Low == nil && falls
	}
	return t
}

// floor is the least that lines of usage come to: never below 0, since neither
// a multiplier nor a credit turns a charge into a payment.
func (t total) floor() decimal.Decimal {
	if t.bottomless {
		return decimal.Decimal{}
	}
	return decimal.Max(decimal.Decimal{}, t.lows)
}

func plus(a, b *decimal.Decimal) *decimal.Decimal {
	if a == nil || b == nil {
		return nil
	}
	c := a.Add(*b)
	return &c
}

func scale(a *decimal.Decimal, b decimal.Decimal) *decimal.Decimal {
	if a == nil {
		return nil
	}
	c := a.Mul(b)
	return &c
}

// quo divides numbers of 0 or more. A quotient that needs no more decimal
// places than its dividend has, or than 12, is exact; any other is rounded
// half to even at 12.
func quo(n, d decimal.Decimal) decimal.Decimal {
	const places = 12
	q, rest := n.QuoRem(d, max(places, -n.Exponent()))
	if rest.IsZero() {
		return q
	}
	q, rest = n.QuoRem(d, places)
	last := decimal.New(1, -places)
	half := rest.Add(rest).Cmp(d.Mul(last))
	if half > 0 || half == 0 && q.Shift(places).BigInt().Bit(0) == 1 {
		q = q.Add(last)
	}
	return q
}

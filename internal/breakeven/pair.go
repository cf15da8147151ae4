package breakeven

import (
	"math/big"
	"slices"
)

// A pair is two costs that are compared: of what the first costs more than the
// second, only the sign matters.
type pair struct{ a, b *curve }

// A flip is where that sign changes, from which value to which: the two cost
// the same in between. At is the one that is reported, below the sign under it.
type flip struct {
	from, to, at *big.Rat
	below        int
}

// value is what the first costs more than the second, at x or just above it.
func (p pair) value(x *big.Rat, above bool) *big.Rat {
	sum := new(big.Rat)
	for _, t := range p.a.terms {
		sum.Add(sum, t.value(x, above))
	}
	for _, t := range p.b.terms {
		sum.Sub(sum, t.value(x, above))
	}
	return sum
}

// here is the value at x. Nothing is used at 0, so that it counts as what comes
// close to it: a staircase may begin with a jump.
func (p pair) here(x *big.Rat) *big.Rat { return p.value(x, x.Sign() == 0) }

// around returns the nearest flip below a value and the nearest above it, which
// may be one and the same, in rising order.
func (p pair) around(now, most *big.Rat) []flip {
	down, up := p.walk(now, new(big.Rat), false), p.walk(now, most, true)
	if down.first*up.first < 0 && signOf(p.here(now)) == 0 {
		return []flip{{down.level, up.level, up.level, down.first}}
	}
	var flips []flip
	if f := down.flip; f != nil {
		f.below = -down.first
		flips = append(flips, *f)
	}
	if f := up.flip; f != nil {
		f.below = up.first
		flips = append(flips, *f)
	}
	return flips
}

func signOf(value *big.Rat) int {
	if new(big.Rat).Abs(value).Cmp(noise.Rat()) <= 0 {
		return 0
	}
	return value.Sign()
}

// A way is what is met on the way from a value.
type way struct {
	first int      // the first sign that is not 0
	level *big.Rat // where the start's level stretch ends, if it has one
	flip  *flip    // the first change of sign

	last, since *big.Rat // where the last sign was read, and since when it is 0
	value       *big.Rat
	least       *big.Rat // the value closest to 0, since it was taken back
}

// meet takes the next value on the way; between two of them it is straight. It
// reports whether the sign has changed.
func (w *way) meet(x, value *big.Rat) bool {
	sign := signOf(value)
	from, to := w.since, w.last
	if size := new(big.Rat).Abs(value); w.least == nil || size.Cmp(w.least) < 0 {
		w.least = size
	}
	switch {
	case sign == 0 && w.since == nil:
		w.since = x
	case sign == 0:
	case w.first == 0:
		w.first, w.level, w.since = sign, w.last, nil
		if w.level == nil {
			w.level = x
		}
	case sign == w.first:
		w.since = nil
	default:
		if from == nil { // from one sign to the other without a stop at 0
			from = x
			if w.last.Cmp(x) != 0 {
				share := new(big.Rat).Sub(w.value, value)
				share.Quo(w.value, share)
				from = new(big.Rat).Sub(x, w.last)
				from.Add(from.Mul(from, share), w.last)
			}
			to = from
		}
		w.flip = &flip{from: from, to: to, at: to}
		return true
	}
	w.last, w.value = x, value
	return false
}

// skip goes on to x without a look at what is between, which is as it has been
// since start.
func (w *way) skip(x, start *big.Rat, up bool) {
	if w.since != nil && w.since.Cmp(start) != 0 && nearer(w.since, start, up) == start {
		w.since = nil
	}
	w.last, w.least = x, nil
}

// corners bounds how many corners are looked at in one direction. Only
// staircases whose steps hardly ever begin together come to so many.
const corners = 20_000

// walk goes from one value to another until the sign changes, from corner to
// corner, and in one step over what cannot change it.
func (p pair) walk(x, end *big.Rat, up bool) *way {
	w := &way{}
	w.meet(x, p.here(x))
	period, widest := p.period(), p.widest()
	r := p.region(x, end, up, nil)
	start := x
	for range corners {
		if x.Cmp(end) == 0 {
			break
		}
		if x.Cmp(r.end) == 0 {
			r = p.region(x, end, up, nil)
			start, w.least = x, nil
		}
		to := r.safe(x, w)
		if to == nil && period != nil && distance(start, x).Cmp(period) >= 0 {
			if to = r.repeat(x, period, w, up); to == nil {
				start, w.least = x, nil
			}
		}
		if to == nil && widest != nil {
			if to = p.region(x, r.end, up, widest).safe(x, w); to != nil {
				w.last, w.least = to, new(big.Rat) // how close it came is not known
				if x = to; w.meet(x, p.here(x)) {
					break
				}
				continue
			}
		}
		if to != nil {
			w.skip(to, start, up)
			x, start = to, to
			if w.meet(x, p.here(x)) {
				break
			}
			continue
		}
		next := r.end
		for _, t := range p.steps() {
			if c := t.next(x, up); c != nil {
				next = nearer(next, c, up)
			}
		}
		if up && w.meet(x, p.value(x, true)) || w.meet(next, p.value(next, !up)) || !up && w.meet(next, p.here(next)) {
			break
		}
		x = next
	}
	return w
}

// A region is a stretch on which every level of both costs lies on one line
// each. The difference is then at least gap − under and at most gap + over,
// both changing at the same rate on the way from x to the end.
type region struct {
	x, end                 *big.Rat
	gap, rate, under, over *big.Rat
}

// The one that stays is taken for what it costs until its next step.
func (p pair) region(x, end *big.Rat, up bool, stays *term) region {
	r := region{x: x, end: end, gap: new(big.Rat), rate: new(big.Rat), under: new(big.Rat), over: new(big.Rat)}
	add := func(t *term, slack, gap, rate *big.Rat, sign int64) {
		l := t.line(x, up)
		if t == stays {
			l = line{base: t.value(x, up), rate: new(big.Rat), slack: new(big.Rat), end: t.next(x, up)}
		}
		if l.end != nil {
			r.end = nearer(r.end, l.end, up)
		}
		s := big.NewRat(sign, 1)
		gap.Add(gap, l.base.Mul(l.base, s))
		rate.Add(rate, l.rate.Mul(l.rate, s))
		slack.Add(slack, l.slack)
	}
	for _, t := range p.a.terms {
		add(t, r.over, r.gap, r.rate, 1)
	}
	for _, t := range p.b.terms {
		add(t, r.under, r.gap, r.rate, -1)
	}
	return r
}

// safe is how far from x the sign surely stays what it has been; nil where that
// is no way at all.
func (r region) safe(x *big.Rat, w *way) *big.Rat {
	if w.first == 0 || w.since != nil {
		return nil
	}
	bound := new(big.Rat).Sub(x, r.x)
	bound.Add(bound.Mul(bound, r.rate), r.gap)
	rate := r.rate
	if w.first > 0 {
		bound.Sub(bound, r.under)
	} else {
		bound.Neg(bound.Add(bound, r.over))
		rate = new(big.Rat).Neg(rate)
	}
	if bound.Sign() <= 0 {
		return nil
	}
	atEnd := new(big.Rat).Sub(r.end, x)
	atEnd.Add(atEnd.Mul(atEnd, rate), bound)
	if atEnd.Sign() >= 0 {
		return r.end
	}
	return bound.Sub(x, bound.Quo(bound, rate))
}

// repeat is how far from x the sign surely stays what it has been in the last
// period, of which the difference only drifts from one to the next; nil where
// that is no way at all. The last period of a region is not left out.
func (r region) repeat(x, period *big.Rat, w *way, up bool) *big.Rat {
	drift := new(big.Rat).Mul(r.rate, period) // in the direction of the way
	if !up {
		drift.Neg(drift)
	}
	way := distance(x, r.end)
	way.Sub(way, period)
	if drift.Sign() != 0 && drift.Sign() != w.first {
		if w.first == 0 {
			return nil
		}
		periods := ceil(new(big.Rat).Quo(w.least, drift.Abs(drift)))
		closer := new(big.Rat).SetInt(periods.Sub(periods, one))
		if closer.Mul(closer, period).Cmp(way) < 0 {
			way = closer
		}
	}
	if way.Sign() <= 0 {
		return nil
	}
	if !up {
		way.Neg(way)
	}
	return way.Add(way, x)
}

// A line is what bounds a term on the way from x to end: from base on, at a rate
// for each unit of the quantity, and not more than slack above that.
type line struct {
	base, rate, slack *big.Rat
	end               *big.Rat // nil where it has none
}

func (t *term) line(x *big.Rat, up bool) line {
	level := t.level(x, up)
	if t.stepped && level.Cmp(new(big.Rat).SetInt(t.lowest)) == 0 {
		l := line{base: t.value(x, up), rate: new(big.Rat), slack: new(big.Rat)}
		if up {
			l.end = t.x(level)
		}
		return l
	}
	p := t.piece(level)
	if !t.stepped && up && level.Cmp(p.to) == 0 {
		p = t.after(level)
	}
	l := line{rate: new(big.Rat).Quo(p.slope, t.unit), slack: new(big.Rat), end: t.x(p.from)}
	if up {
		l.end = t.x(p.to)
	}
	exact := new(big.Rat).Add(x, t.shift)
	l.base = p.at(exact.Quo(exact, t.unit))
	if t.stepped {
		l.slack.Set(p.slope)
	}
	return l
}

// after is the piece on the upper side of a level.
func (t *term) after(level *big.Rat) piece {
	for _, p := range t.pieces {
		if level.Cmp(p.to) < 0 {
			return p
		}
	}
	return t.pieces[len(t.pieces)-1]
}

func (p pair) steps() []*term {
	var stepped []*term
	for _, c := range []*curve{p.a, p.b} {
		for _, t := range c.terms {
			if t.stepped {
				stepped = append(stepped, t)
			}
		}
	}
	return stepped
}

// widest is the staircase with the widest steps; nil where all are as wide.
func (p pair) widest() *term {
	steps := p.steps()
	compare := func(a, b *term) int { return a.unit.Cmp(b.unit) }
	if len(steps) < 2 || compare(slices.MinFunc(steps, compare), slices.MaxFunc(steps, compare)) == 0 {
		return nil
	}
	return slices.MaxFunc(steps, compare)
}

// period is after how much all staircases begin a step together again; nil
// without a staircase.
func (p pair) period() *big.Rat {
	var all *big.Rat
	for _, t := range p.steps() {
		if all == nil {
			all = t.unit
			continue
		}
		// lcm(a/b, c/d) = lcm(a, c) / gcd(b, d) in lowest terms
		n := new(big.Int).Mul(all.Num(), t.unit.Num())
		n.Quo(n, new(big.Int).GCD(nil, nil, all.Num(), t.unit.Num()))
		all = new(big.Rat).SetFrac(n, new(big.Int).GCD(nil, nil, all.Denom(), t.unit.Denom()))
	}
	return all
}

// nearer is the one of two values that comes first on the way.
func nearer(a, b *big.Rat, up bool) *big.Rat {
	if (b.Cmp(a) < 0) == up {
		return b
	}
	return a
}

func distance(a, b *big.Rat) *big.Rat {
	d := new(big.Rat).Sub(b, a)
	return d.Abs(d)
}

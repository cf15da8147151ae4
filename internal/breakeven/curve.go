package breakeven

import (
	"math/big"

	"github.com/shopspring/decimal"
)

// A curve is a cost as a sum of terms.
type curve struct {
	Contestant
	terms []*term
}

// newCurve finds the pieces of a cost; nil where it is not known everywhere.
func newCurve(q Quantity, c Contestant) *curve {
	all := &curve{Contestant: c}
	for part, stair := range c.Stairs {
		t := newTerm(q, c, part, stair)
		if t == nil {
			return nil
		}
		all.terms = append(all.terms, t)
	}
	return all
}

func (c *curve) total(at decimal.Decimal) (decimal.Decimal, bool) {
	parts, ok := c.Cost(at)
	var sum decimal.Decimal
	for _, part := range parts {
		sum = sum.Add(part)
	}
	return sum, ok
}

// A term is one part of a cost as a function of levels: steps of a staircase,
// or multiples of the grain where there is no staircase. Level n is billed when
// the quantity is n × unit − shift.
type term struct {
	unit, shift *big.Rat
	stepped     bool
	lowest      *big.Int // the level of a quantity of 0
	pieces      []piece  // side by side, from lowest on
}

// A piece is a line: base at level from, and slope for each further one.
type piece struct {
	from, to, base, slope *big.Rat
}

func (p piece) at(level *big.Rat) *big.Rat {
	v := new(big.Rat).Sub(level, p.from)
	return v.Add(v.Mul(v, p.slope), p.base)
}

// value is what the term costs at x, or just above x.
func (t *term) value(x *big.Rat, above bool) *big.Rat {
	level := t.level(x, above)
	return t.piece(level).at(level)
}

func (t *term) level(x *big.Rat, above bool) *big.Rat {
	level := new(big.Rat).Add(x, t.shift)
	level.Quo(level, t.unit)
	if !t.stepped {
		return level
	}
	n := ceil(level)
	if above && level.IsInt() {
		n.Add(n, one)
	}
	if n.Cmp(t.lowest) < 0 {
		n = t.lowest
	}
	return level.SetInt(n)
}

func (t *term) piece(level *big.Rat) piece {
	for _, p := range t.pieces {
		if level.Cmp(p.to) <= 0 {
			return p
		}
	}
	return t.pieces[len(t.pieces)-1]
}

// x is the quantity at which a level is just billed.
func (t *term) x(level *big.Rat) *big.Rat {
	x := new(big.Rat).Mul(level, t.unit)
	return x.Sub(x, t.shift)
}

// next is the next value after x, upward or downward, at which the term may
// jump or bend; nil where there is none.
func (t *term) next(x *big.Rat, up bool) *big.Rat {
	level := new(big.Rat).Add(x, t.shift)
	level.Quo(level, t.unit)
	lowest := new(big.Rat).SetInt(t.lowest)
	switch {
	case t.stepped && up:
		n := floor(level)
		if n.Add(n, one).Cmp(t.lowest) < 0 {
			n = t.lowest
		}
		return t.x(level.SetInt(n))
	case t.stepped:
		n := ceil(level)
		if level.SetInt(n.Sub(n, one)); level.Cmp(lowest) < 0 {
			return nil
		}
		return t.x(level)
	case up:
		for _, p := range t.pieces {
			if p.to.Cmp(level) > 0 {
				return t.x(p.to)
			}
		}
	default:
		for i := len(t.pieces) - 1; i >= 0; i-- {
			if t.pieces[i].from.Cmp(level) < 0 {
				return t.x(t.pieces[i].from)
			}
		}
	}
	return nil
}

var one = big.NewInt(1)

func newTerm(q Quantity, c Contestant, part int, stair Stair) *term {
	f := sampler{cost: c.Cost, part: part, unit: q.Grain, coarse: 1, known: map[int64]decimal.Decimal{}}
	t := &term{lowest: new(big.Int)}
	var last *big.Int
	if stair.Every.IsPositive() {
		t.stepped = true
		f.unit, f.shift, f.coarse = stair.Every, stair.Offset, multiple(stair.Every, q.Grain)
		t.lowest = ceil(new(big.Rat).Quo(decimal.Max(stair.Offset, stair.Minimum).Rat(), stair.Every.Rat()))
		last = ceil(new(big.Rat).Quo(q.Most.Add(stair.Offset).Rat(), stair.Every.Rat()))
	} else {
		last = ceil(new(big.Rat).Quo(q.Most.Rat(), q.Grain.Rat()))
	}
	if last.Cmp(t.lowest) < 0 {
		last = t.lowest
	}
	if !last.IsInt64() {
		return nil
	}
	t.unit, t.shift = f.unit.Rat(), f.shift.Rat()
	lines := f.all(t.lowest.Int64(), last.Int64())
	if f.unknown {
		return nil
	}
	t.pieces = joined(lines, t.stepped)
	return t
}

// multiple is the least n for which n × every is a multiple of grain.
func multiple(every, grain decimal.Decimal) int64 {
	n := new(big.Rat).Quo(every.Rat(), grain.Rat()).Denom()
	if !n.IsInt64() {
		return 1
	}
	return n.Int64()
}

// A sampler evaluates one part of a cost at levels.
type sampler struct {
	cost        func(decimal.Decimal) ([]decimal.Decimal, bool)
	part        int
	unit, shift decimal.Decimal
	coarse      int64 // costs are free of rounding at its multiples
	known       map[int64]decimal.Decimal
	unknown     bool
}

// samples bounds how often one cost is evaluated. What is not resolved by then
// is taken for straight, and nothing is made of it that cannot be proved.
const samples = 400

// noise is more than what rounding puts into a cost: two that are closer are
// the same.
var noise = decimal.New(1, -9)

func (f *sampler) at(level int64) decimal.Decimal {
	if v, ok := f.known[level]; ok {
		return v
	}
	parts, ok := f.cost(decimal.NewFromInt(level).Mul(f.unit).Sub(f.shift))
	if !ok || f.part >= len(parts) {
		f.unknown = true
		return decimal.Decimal{}
	}
	f.known[level] = parts[f.part]
	return parts[f.part]
}

// A chord joins two samples.
type chord struct {
	from, to int64
	line     piece
}

func (f *sampler) chord(a, b int64) chord {
	c := chord{from: a, to: b, line: piece{from: new(big.Rat).SetInt64(a), to: new(big.Rat).SetInt64(b), base: f.at(a).Rat(), slope: new(big.Rat)}}
	if b > a {
		rise := f.at(b).Sub(f.at(a)).Rat()
		c.line.slope.Quo(rise, new(big.Rat).SetInt64(b-a))
	}
	return c
}

// all cuts all levels, with ends at which costs are free of rounding: what is
// over at the lower end is apart.
func (f *sampler) all(a, b int64) []chord {
	from, to := (a+f.coarse-1)/f.coarse*f.coarse, (b+f.coarse-1)/f.coarse*f.coarse
	if from == a || from >= to {
		return f.pieces(a, to)
	}
	return append(f.pieces(a, from), f.pieces(from, to)...)
}

// pieces cuts the levels from a to b where the cost bends. Where it bends once,
// the lines at both ends cross there; else what they tell is cut further.
func (f *sampler) pieces(a, b int64) []chord {
	if f.unknown || b-a <= 1 || len(f.known) > samples || f.straight(a, b) {
		return []chord{f.chord(a, b)}
	}
	k, l := f.bend(a, b)
	all := f.pieces(a, k)
	if l > k {
		all = append(all, f.pieces(k, l)...)
	}
	return append(all, f.pieces(l, b)...)
}

// straight reports whether no sample between a and b is off their chord. Two
// of them do not miss a cost that bends in one direction, nor one that is level,
// rises and is level.
func (f *sampler) straight(a, b int64) bool {
	for _, m := range []int64{a + (b-a)/3, a + (b-a)*3/5} {
		if m = f.snap(m, a, b); m <= a || m >= b {
			continue
		}
		// (f(m) − f(a)) × (b − a) = (f(b) − f(a)) × (m − a) on a chord
		width := decimal.NewFromInt(b - a)
		off := f.at(m).Sub(f.at(a)).Mul(width).Sub(f.at(b).Sub(f.at(a)).Mul(decimal.NewFromInt(m - a)))
		if off.Abs().GreaterThan(noise.Mul(width)) {
			return false
		}
	}
	return true
}

// bend returns the two levels between which the lines at the ends of a and b
// cross; the middle twice where they do not.
func (f *sampler) bend(a, b int64) (int64, int64) {
	middle := f.snap(a+(b-a)/2, a, b)
	step := int64(1)
	if b-a > 4*f.coarse {
		step = f.coarse
	}
	left, right := f.chord(a, a+step).line, f.chord(b-step, b).line
	right.base, right.from = f.at(b).Rat(), new(big.Rat).SetInt64(b)
	cross := crossing(left, right)
	if cross == nil {
		return middle, middle
	}
	n := floor(cross)
	if !n.IsInt64() || n.Int64() <= a || n.Int64() >= b-1 {
		return middle, middle
	}
	k, l := n.Int64(), n.Int64()+1
	if down := k - k%f.coarse; down > a {
		k = down
	}
	if up := k + f.coarse; k%f.coarse == 0 && up > l && up < b {
		l = up
	}
	return k, l
}

// snap moves a level down to a multiple of the coarse ones, if that is between.
func (f *sampler) snap(m, a, b int64) int64 {
	if down := m - m%f.coarse; down > a && down < b {
		return down
	}
	return m
}

// crossing is where two lines cross; nil where they are parallel.
func crossing(p, q piece) *big.Rat {
	turn := new(big.Rat).Sub(p.slope, q.slope)
	if turn.Sign() == 0 {
		return nil
	}
	at := q.at(new(big.Rat))
	at.Sub(at, p.at(new(big.Rat)))
	return at.Quo(at, turn)
}

// joined makes lines of chords: of those that continue each other one, and of
// one between two others, not wider than a level, the point where these cross.
// On a staircase there is nothing between two levels, and it stays.
func joined(chords []chord, stepped bool) []piece {
	var all []piece
	for i, c := range chords {
		if !stepped && c.to-c.from == 1 && i > 0 && i+1 < len(chords) {
			before, after := all[len(all)-1], chords[i+1].line
			if at := crossing(before, after); at != nil && at.Cmp(c.line.from) >= 0 && at.Cmp(c.line.to) <= 0 {
				all[len(all)-1].to = at
				continue
			}
		}
		line := c.line
		if n := len(all); n > 0 {
			last := &all[n-1]
			if last.to.Cmp(line.from) < 0 {
				line.base, line.from = line.at(last.to), last.to
			}
			if last.slope.Cmp(line.slope) == 0 && last.at(line.from).Cmp(line.base) == 0 {
				last.to = line.to
				continue
			}
		}
		all = append(all, line)
	}
	return all
}

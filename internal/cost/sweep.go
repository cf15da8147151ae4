package cost

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// A Sweep is how the cost of some offerings goes with one quantity. They are
// those that were listed at the manifest's own value.
type Sweep struct {
	Path   string   `json:"path"`
	Unit   string   `json:"unit,omitempty"`
	Now    string   `json:"now,omitempty"` // the manifest's own value
	Series []Series `json:"series"`
	Points []Point  `json:"points"`
	// Replaced are the fields that had to go for the quantity to be varied.
	Replaced []string `json:"replaced,omitempty"`
}

// A Series is one offering of a sweep, its verdict that at the manifest's own
// value.
type Series struct {
	Offering decision.Offering `json:"offering"`
	Verdict  decision.Verdict  `json:"verdict"`
	Placed   bool              `json:"placed"`
}

// A Point is one value of the quantity, with a quote for each series.
type Point struct {
	Value  decimal.Decimal `json:"value"`
	Quotes []Quote         `json:"quotes"`
	// Cheapest is the index of the series with the least complete total among
	// those that are not refused at this value; nil where there is none.
	Cheapest *int `json:"cheapest"`
	// Changes says that Cheapest is another one than at the value before.
	Changes bool `json:"changes,omitempty"`
}

// A Quote is what one offering costs and comes to.
type Quote struct {
	Verdict decision.Verdict `json:"verdict"`
	Sum
}

// Bounds of the number of values of a sweep, and how many there are unless
// asked otherwise.
const (
	leastPoints   = 2
	defaultPoints = 21
	mostPoints    = 501
)

// MostSeries is how many offerings one sweep follows.
const MostSeries = 5

// A Range is the values of one quantity that a sweep goes through.
type Range struct {
	Text   string
	Parts  []string
	Unit   string
	Values []decimal.Decimal
}

// Written is a value of a range as a manifest has it.
func (r Range) Written(value decimal.Decimal) string { return value.String() + r.Unit }

var quantity = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)([A-Za-z]*)$`)

// A scale is units from the smallest, and how many of each make the next.
type scale struct {
	units   []string
	factors []int64
}

var scales = []scale{
	{[]string{"ms", "s", "m", "h", "d"}, []int64{1000, 60, 60, 24}},
	{[]string{"MiB", "GiB", "TiB"}, []int64{1024, 1024}},
}

// ParseRange reads PATH=FROM..TO[/POINTS]. Values are exact and evenly spaced,
// both ends included: 21 of them unless asked otherwise, or, where both ends
// are whole, the most up to that which are whole, too, if that is at least
// half as many. The error is for people.
func ParseRange(text string) (Range, error) {
	const form = "expected PATH=FROM..TO or PATH=FROM..TO/POINTS, such as usage.gpuHours=10..200"
	path, values, ok := strings.Cut(text, "=")
	if !ok {
		return Range{}, fmt.Errorf("%q has no values; %s", text, form)
	}
	parts, err := Path(path)
	if err != nil {
		return Range{}, err
	}
	values, count, counted := strings.Cut(values, "/")
	first, last, ok := strings.Cut(values, "..")
	if !ok {
		return Range{}, fmt.Errorf("%q is not a range; %s", values, form)
	}
	from, fromUnit, err := readQuantity(first)
	if err != nil {
		return Range{}, err
	}
	to, toUnit, err := readQuantity(last)
	if err != nil {
		return Range{}, err
	}
	unit, from, to, err := sameUnit(from, fromUnit, to, toUnit)
	if err != nil {
		return Range{}, fmt.Errorf("%s..%s: %w", first, last, err)
	}
	if !from.LessThan(to) {
		return Range{}, fmt.Errorf("%s..%s does not rise; expected the lesser value first", first, last)
	}
	points := usual(from, to)
	if counted {
		if points, err = strconv.Atoi(count); err != nil || points < leastPoints || points > mostPoints {
			return Range{}, fmt.Errorf("%q is not a number of values; expected %d to %d", count, leastPoints, mostPoints)
		}
	}
	r := Range{Text: text, Parts: parts, Unit: unit}
	steps := decimal.NewFromInt(int64(points - 1))
	for i := range points {
		way := to.Sub(from).Mul(decimal.NewFromInt(int64(i)))
		step, exact := divide(way, steps)
		if !exact {
			return Range{}, fmt.Errorf("%s..%s has no exact steps at %d values; expected a number of values less one that divides %s; leave it out for one that does", first, last, points, to.Sub(from))
		}
		r.Values = append(r.Values, from.Add(step))
	}
	return r, nil
}

// usual is how many values a range has unless asked otherwise.
func usual(from, to decimal.Decimal) int {
	if !from.IsInteger() || !to.IsInteger() {
		return defaultPoints
	}
	way := to.Sub(from)
	for points := defaultPoints; points > defaultPoints/2; points-- {
		if way.Mod(decimal.NewFromInt(int64(points - 1))).IsZero() {
			return points
		}
	}
	if way.LessThan(decimal.NewFromInt(defaultPoints)) {
		return int(way.IntPart()) + 1
	}
	return defaultPoints
}

// divide is exact where the quotient has an end, which of the divisors here
// shows within 24 places.
func divide(n, d decimal.Decimal) (decimal.Decimal, bool) {
	q, rest := n.QuoRem(d, 24)
	return q, rest.IsZero()
}

func readQuantity(text string) (decimal.Decimal, string, error) {
	match := quantity.FindStringSubmatch(text)
	if match == nil {
		return decimal.Decimal{}, "", fmt.Errorf("%q is not a quantity; expected a number, or a number with its unit, such as 10, 47m or 32GiB", text)
	}
	number, err := decimal.NewFromString(match[1])
	if err != nil {
		return decimal.Decimal{}, "", fmt.Errorf("%q is not a quantity: %w", text, err)
	}
	if match[2] != "" && family(match[2]) < 0 {
		return decimal.Decimal{}, "", fmt.Errorf("%q has unit %q; expected ms, s, m, h or d for a time, and MiB, GiB or TiB for a size", text, match[2])
	}
	return number, match[2], nil
}

func family(unit string) int {
	return slices.IndexFunc(scales, func(f scale) bool { return slices.Contains(f.units, unit) })
}

// sameUnit writes two quantities in the smaller of their units.
func sameUnit(a decimal.Decimal, unitA string, b decimal.Decimal, unitB string) (string, decimal.Decimal, decimal.Decimal, error) {
	if unitA == unitB {
		return unitA, a, b, nil
	}
	if unitA == "" || unitB == "" {
		return "", a, b, fmt.Errorf("one end has a unit and the other has none; expected a unit on both, such as %s%s..%s%s", a, unitA+unitB, b, unitA+unitB)
	}
	if family(unitA) != family(unitB) {
		return "", a, b, fmt.Errorf("%s and %s do not measure the same; expected one kind of unit", unitA, unitB)
	}
	scale := scales[family(unitA)]
	x, y := slices.Index(scale.units, unitA), slices.Index(scale.units, unitB)
	least := min(x, y)
	down := func(n decimal.Decimal, unit int) decimal.Decimal {
		for ; unit > least; unit-- {
			n = n.Mul(decimal.NewFromInt(scale.factors[unit-1]))
		}
		return n
	}
	return scale.units[least], down(a, x), down(b, y), nil
}

// Mark finds the cheapest of each point, and where it changes. Amounts in two
// currencies have no order, so only those of the first series' count.
func (s *Sweep) Mark() {
	var before *int
	for i := range s.Points {
		p := &s.Points[i]
		p.Cheapest, p.Changes = nil, false
		for j, q := range p.Quotes {
			if q.Expected == nil || q.Verdict == decision.Failed || q.Currency != p.Quotes[0].Currency {
				continue
			}
			if p.Cheapest == nil || q.Expected.LessThan(*p.Quotes[*p.Cheapest].Expected) {
				at := j
				p.Cheapest = &at
			}
		}
		// Of equals the one that was the cheapest before stays it.
		if before != nil && p.Cheapest != nil {
			q := p.Quotes[*before]
			if q.Expected != nil && q.Verdict != decision.Failed && q.Expected.Equal(*p.Quotes[*p.Cheapest].Expected) {
				*p.Cheapest = *before
			}
			p.Changes = *p.Cheapest != *before
		}
		if p.Cheapest != nil {
			before = p.Cheapest
		}
	}
}

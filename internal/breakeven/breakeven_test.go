package breakeven_test

import (
	"flag"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/breakeven"
	"github.com/caveat-check/caveat/internal/decision"
)

// TestMain raises rapid's number of checks, unless the command line sets it.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "1000"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// An offer is a made-up price list: the textbook form of what price.Price does,
// for one quantity.
type offer struct {
	rate, fee, credit, commitment string // "" is 0; the rate is for one unit billed
	offset, minimum, every        string
}

func number(text string) decimal.Decimal {
	if text == "" {
		return decimal.Decimal{}
	}
	return dec(text)
}

func (o offer) billed(at decimal.Decimal) decimal.Decimal {
	t := decimal.Max(at.Add(number(o.offset)), number(o.minimum))
	if every := number(o.every); every.IsPositive() {
		q, rest := t.QuoRem(every, 0)
		if rest.IsPositive() {
			q = q.Add(dec("1"))
		}
		t = q.Mul(every)
	}
	return t
}

func (o offer) cost(at decimal.Decimal) decimal.Decimal {
	used := o.billed(at).Mul(number(o.rate))
	spent := used.Sub(decimal.Min(used, number(o.credit)))
	return number(o.fee).Add(decimal.Max(spent, number(o.commitment)))
}

func (o offer) contestant(vendor string) breakeven.Contestant {
	return breakeven.Contestant{
		Offering: decision.Offering{Vendor: vendor},
		Cost:     func(at decimal.Decimal) ([]decimal.Decimal, bool) { return []decimal.Decimal{o.cost(at)}, true },
		Stairs:   []breakeven.Stair{{Offset: number(o.offset), Minimum: number(o.minimum), Every: number(o.every)}},
	}
}

func quantity(now, most string) breakeven.Quantity {
	return breakeven.Quantity{Name: "gpuHours", Unit: "GPU-hours a month", Now: dec(now), Most: dec(most), Grain: dec("0.001")}
}

// words shows break-evens in short: "a <113.92< b" is a cheaper below.
func words(all []decision.BreakEven) string {
	var list []string
	for _, b := range all {
		list = append(list, fmt.Sprintf("%s <%s< %s", b.Below.Vendor, b.At, b.Above.Vendor))
	}
	return strings.Join(list, ", ")
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name  string
		now   string
		offer []offer
		want  string
	}{
		{"a fee against a rate: fee ÷ difference of the rates", "40", []offer{{rate: "3.9492"}, {rate: "2.5", fee: "14.492"}}, "a <10< b"},
		{"seen from above", "400", []offer{{rate: "2.5", fee: "14.492"}, {rate: "3.9492"}}, "b <10< a"},
		{"no finite decimal: rounded at 12 places", "1", []offer{{rate: "3"}, {fee: "10"}}, "a <3.333333333333< b"},
		{"rounded up at 12 places", "1", []offer{{rate: "3"}, {fee: "20"}}, "a <6.666666666667< b"},
		{"at the present quantity", "10", []offer{{rate: "1"}, {fee: "10"}}, "a <10< b"},
		{"parallel", "40", []offer{{rate: "2"}, {rate: "2", fee: "1"}}, ""},
		{"equal", "40", []offer{{rate: "2"}, {rate: "2"}}, ""},
		{"out of range", "40", []offer{{rate: "1"}, {fee: "1001"}}, ""},
		{"credits: both cost nothing until the lesser one is used up", "40", []offer{{rate: "1", credit: "10"}, {rate: "2", credit: "60"}}, "b <50< a"},
		{"a commitment that is used up", "60", []offer{{rate: "1"}, {rate: "0.5", commitment: "50"}}, "a <50< b"},
		{"the nearest below of two", "60", []offer{{rate: "2", commitment: "100"}, {rate: "1", fee: "55"}}, "a <55< b"},
		{"one below and one above", "51", []offer{{rate: "2", commitment: "100"}, {rate: "1", fee: "55"}}, "a <55< b, b <45< a"},
		{"a touch is no flip", "40", []offer{{rate: "1"}, {rate: "2", credit: "10", commitment: "10"}}, ""},
		{"a touch at the present quantity", "10", []offer{{rate: "1"}, {rate: "2", credit: "10", commitment: "10"}}, ""},
		{"the nearest first", "40", []offer{{rate: "1"}, {fee: "100"}, {rate: "0.5", fee: "25"}}, "a <50< c, a <100< b"},
		// One bills whole steps of 10, the other as it is, at 1.25 times the rate:
		// 10 against up to 12.50, 20 against up to 25, 30 against 25 to 37.50.
		{"a staircase: at a jump and inside a piece", "11", []offer{{rate: "1", every: "10"}, {rate: "1.25"}}, "a <10< b, b <16< a"},
		{"a staircase: the other way about", "17", []offer{{rate: "1", every: "10"}, {rate: "1.25"}}, "b <16< a, a <20< b"},
		{"a staircase: the last flip of all", "990", []offer{{rate: "1", every: "10"}, {rate: "1.25"}}, "b <32< a"},
		{"a staircase and a rate that touch at every step", "17", []offer{{rate: "1"}, {rate: "1", every: "10"}}, ""},
		{"staircases that touch", "17", []offer{{rate: "1", every: "3"}, {rate: "1", every: "60"}}, ""},
		{"one staircase before the other", "14", []offer{{rate: "1", every: "10", offset: "5"}, {rate: "1", every: "10"}}, ""},
		// 20 on (3, 13], 30 on (13, 23], 40 on (23, 33]; 15, 30 and 45 up to 15, 30 and 45.
		{"staircases with an offset", "12", []offer{{rate: "1", every: "10", offset: "7"}, {rate: "1", every: "15"}}, "a <3< b, b <30< a"},
		{"level over a stretch: its far end, from below", "5", []offer{{rate: "1", every: "10"}, {fee: "20"}}, "a <20< b"},
		{"level over a stretch: its far end, from above", "25", []offer{{rate: "1", every: "10"}, {fee: "20"}}, "a <10< b"},
		{"level over a stretch: its upper end, from inside", "15", []offer{{rate: "1", every: "10"}, {fee: "20"}}, "a <20< b"},
		{"a minimum", "3", []offer{{rate: "1"}, {rate: "0.5", minimum: "8"}}, "a <4< b"},
		{"a minimum that is no whole step", "3", []offer{{fee: "35"}, {rate: "1", minimum: "12", every: "10"}}, "b <30< a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var contestants []breakeven.Contestant
			for i, o := range c.offer {
				contestants = append(contestants, o.contestant(string(rune('a'+i))))
			}
			if got := words(breakeven.Find(quantity(c.now, "1000"), contestants)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// drawOffer draws small round numbers, so that ties and touches are frequent.
func drawOffer(t *rapid.T, name string) offer {
	one := func(field string, values ...string) string {
		return rapid.SampledFrom(values).Draw(t, name+" "+field)
	}
	return offer{
		rate: one("rate", "0", "0.5", "1", "1", "1.25", "1.01", "2", "3.9492"), fee: one("fee", "", "", "5", "20", "33.3"),
		credit: one("credit", "", "", "10", "30"), commitment: one("commitment", "", "", "25", "60"),
		offset: one("offset", "", "", "1", "4.5"), minimum: one("minimum", "", "", "2", "12.5"), every: one("every", "", "", "1", "2.5", "7", "10"),
	}
}

// Between what Find reports and the present quantity, no two points of a fine
// grid disagree on who is cheaper; and what it reports is a change.
func TestFindAgainstGrid(t *testing.T) {
	seen := 0
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawOffer(t, "a"), drawOffer(t, "b")
		// Of the second, another provider's bill may come on top.
		second, cost := b.contestant("b"), b.cost
		if rapid.Bool().Draw(t, "two providers") {
			cloud := drawOffer(t, "cloud")
			more := cloud.contestant("")
			second.Stairs = append(second.Stairs, more.Stairs...)
			second.Cost = func(at decimal.Decimal) ([]decimal.Decimal, bool) {
				return []decimal.Decimal{b.cost(at), cloud.cost(at)}, true
			}
			cost = func(at decimal.Decimal) decimal.Decimal { return b.cost(at).Add(cloud.cost(at)) }
		}
		sign := func(at decimal.Decimal) int { return a.cost(at).Cmp(cost(at)) }
		const most, parts = 120, 8 // the grid has steps of 1/8, beside every corner too
		now := rapid.IntRange(1, most*parts).Draw(t, "now")
		x := func(i int) decimal.Decimal { return decimal.New(int64(i)*125, -3) }
		found := breakeven.Find(quantity(x(now).String(), fmt.Sprint(most)), []breakeven.Contestant{a.contestant("a"), second})

		for _, f := range found {
			seen++
			below, above := f.At.Sub(dec("0.000000001")), f.At.Add(dec("0.000000001"))
			for sign(below) == 0 && below.GreaterThan(dec("0.125")) {
				below = below.Sub(dec("0.125"))
			}
			for sign(above) == 0 && above.LessThan(dec("120")) {
				above = above.Add(dec("0.125"))
			}
			s, r := sign(below), sign(above)
			if s*r >= 0 || (s < 0) != (f.Below.Vendor == "a") || f.Below == f.Above {
				t.Fatalf("%s: the signs beside it are %d and %d", words(found), s, r)
			}
		}
		// The first sign on the way and the first point with the other one.
		look := func(step int) (first, flip int) {
			for i := now; i > 0 && i <= most*parts; i += step {
				s := sign(x(i))
				if first == 0 {
					first = s
				}
				if s != 0 && s != first {
					return first, i
				}
			}
			return first, -1
		}
		low, below := look(-1)
		high, above := look(1)
		if low*high < 0 { // the present quantity is within a flip, which is the nearest on both sides
			if len(found) != 1 {
				t.Fatalf("the two cost the same; found %q", words(found))
			}
			return
		}
		between := func(i, j int) bool {
			return slices.ContainsFunc(found, func(f decision.BreakEven) bool {
				return f.At.GreaterThanOrEqual(x(i)) && f.At.LessThanOrEqual(x(j))
			})
		}
		if below > 0 && !between(below, now) || above > 0 && !between(now, above) {
			t.Fatalf("there is a flip above %s or below %s; found %q", x(max(below, 0)), x(max(above, 0)), words(found))
		}
	})
	if seen == 0 {
		t.Error("nothing was found at all")
	}
}

// A cost that is not known at some value is not compared.
func TestFindUnknown(t *testing.T) {
	known, unknown := offer{rate: "1"}.contestant("a"), offer{fee: "10"}.contestant("b")
	if got := words(breakeven.Find(quantity("5", "1000"), []breakeven.Contestant{known, unknown})); got != "a <10< b" {
		t.Fatalf("got %q before", got)
	}
	cost := unknown.Cost
	unknown.Cost = func(at decimal.Decimal) ([]decimal.Decimal, bool) {
		parts, _ := cost(at)
		return parts, at.LessThan(dec("500"))
	}
	for _, list := range [][]breakeven.Contestant{{known, unknown}, {unknown, known}, {known}, nil} {
		if got := breakeven.Find(quantity("5", "1000"), list); len(got) > 0 {
			t.Errorf("got %q, want nothing", words(got))
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct{ n, d, want string }{
		{"1", "8", "0.125"}, {"1", "3", "0.333333333333"}, {"2", "3", "0.666666666667"}, {"-2", "3", "-0.666666666667"},
		{"300", "1", "300"}, {"1", "1000000000000000", "0.000000000000001"}, {"5", "6000000000000", "0.000000000001"},
	} {
		r, ok := new(big.Rat).SetString(c.n + "/" + c.d)
		if got := breakeven.Decimal(r); !ok || got.String() != c.want {
			t.Errorf("got %s of %s/%s, want %s", got, c.n, c.d, c.want)
		}
	}
}

// BenchmarkFind compares a by-the-second staircase over a day: with another of a
// rate that differs, and with steps of a second and of an hour at all but the
// same rate, where each crosses the other again and again or nearly does.
func BenchmarkFind(b *testing.B) {
	for _, c := range []struct{ name, rate, every string }{{"far", "1.25", "1"}, {"close", "1.000001", "1"}, {"close, by the hour", "1.000001", "3600"}} {
		b.Run(c.name, func(b *testing.B) {
			q := breakeven.Quantity{Name: "duration", Now: dec("2820"), Most: dec("86400"), Grain: dec("0.009"), Tick: dec("0.000000001")}
			list := []breakeven.Contestant{offer{rate: "1", every: "1", offset: "0.5", fee: "0.25"}.contestant("a"), offer{rate: c.rate, every: c.every}.contestant("b")}
			for b.Loop() {
				breakeven.Find(q, list)
			}
		})
	}
}

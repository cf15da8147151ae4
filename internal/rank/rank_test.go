package rank

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/decision"
)

func d(s string) *decimal.Decimal {
	v := decimal.RequireFromString(s)
	return &v
}

// total is a complete cost.
func total(amount string) decision.Cost {
	return decision.Cost{Currency: "USD", Expected: d(amount), Known: *d(amount), Lines: []decision.Line{{Item: "gpu", Amount: d(amount)}}}
}

// atLeast is a cost of which a fee is unknown.
func atLeast(known string) decision.Cost {
	return decision.Cost{Currency: "USD", Known: *d(known), Lines: []decision.Line{{Item: "gpu", Amount: d(known)}, {Item: "fee"}}}
}

// nothing is a cost of which nothing is known, not even its currency.
func nothing() decision.Cost { return decision.Cost{Lines: []decision.Line{{Item: "gpu"}}} }

// feeOnly is a cost of which the time has no price.
func feeOnly(known string) decision.Cost {
	return decision.Cost{Currency: "USD", Known: *d(known), Lines: []decision.Line{{Item: "gpu"}, {Item: "fee", Amount: d(known)}}}
}

// bounded is an incomplete cost that surely comes to at least low.
func bounded(known, low string) decision.Cost {
	c := atLeast(known)
	c.Low = d(low)
	return c
}

// unknownAmount is a cost whose time has a rate, and no amount yet.
func unknownAmount(known string) decision.Cost {
	c := feeOnly(known)
	c.Lines[0].Rate = d("1")
	return c
}

func mayFall(c decision.Cost) decision.Cost {
	c.Lines = append(slices.Clone(c.Lines), decision.Line{Item: "credit", MayFall: true})
	return c
}

func in(currency string, c decision.Cost) decision.Cost {
	c.Currency = currency
	return c
}

func option(vendor string, verdict decision.Verdict, cost decision.Cost) Option {
	return Option{Offering: decision.Offering{Vendor: vendor, Hosting: "managed", Region: decision.Unpinned}, Verdict: verdict, Cost: cost}
}

// TestCompareCost has the costs of the table in the order that they rank in.
func TestCompareCost(t *testing.T) {
	order := []struct {
		name string
		cost decision.Cost
	}{
		{"complete, in another currency", in("EUR", total("1000"))},
		{"complete and negative", total("-1")},
		{"complete and free", total("0")},
		{"complete and cheap", total("9.99")},
		{"complete and a little dearer", total("9.990000000000000001")},
		{"complete, and more digits are not more", total("10")},
		{"complete and dear", total("1000000")},
		{"incomplete, in another currency", in("EUR", atLeast("5"))},
		{"incomplete, with a free hour", atLeast("0")},
		{"incomplete and little known", atLeast("0.01")},
		{"incomplete, with the rate of its time", unknownAmount("1")},
		{"incomplete, and a bound below what is known says nothing", bounded("2", "1")},
		{"incomplete and more known", atLeast("3")},
		{"incomplete, and little known with a high bound", bounded("1", "4")},
		{"nothing known, not even the currency", nothing()},
		{"only a fee known", feeOnly("1")},
		{"only a larger fee known", feeOnly("2")},
	}
	for i, a := range order {
		for j, b := range order {
			x, y := option("x", decision.Passed, a.cost), option("x", decision.Failed, b.cost)
			if got, want := Compare(x, y), cmp.Compare(i, j); cmp.Compare(got, 0) != want {
				t.Errorf("%s against %s: got %d, want %d", a.name, b.name, got, want)
			}
		}
	}
	if got := Compare(option("x", decision.Passed, total("10")), option("x", decision.Passed, total("10.00"))); got != 0 {
		t.Errorf("10 against 10.00: got %d", got)
	}
	if got := Compare(option("x", decision.Passed, total("1")), option("x", decision.Passed, decision.Cost{})); got != -1 {
		t.Errorf("no lines at all are unknown: got %d", got)
	}
}

// TestTies go by the whole offering, part by part.
func TestTies(t *testing.T) {
	base := decision.Offering{Vendor: "b", Product: "b", Plan: "b", Hosting: "b", Region: "b", SKU: "b", GPU: "b", Count: 8, Capacity: "b", Infrastructure: "b"}
	v := reflect.ValueOf(&base).Elem()
	for i := range v.NumField() {
		larger := base
		field := reflect.ValueOf(&larger).Elem().Field(i)
		if field.Kind() == reflect.Int {
			field.SetInt(16) // as text, 16 would come before 8
		} else {
			field.SetString("c")
		}
		for j := i + 1; j < v.NumField(); j++ { // what comes later does not matter
			if f := reflect.ValueOf(&larger).Elem().Field(j); f.Kind() == reflect.Int {
				f.SetInt(1)
			} else {
				f.SetString("a")
			}
		}
		a, b := Option{Offering: base, Cost: total("1")}, Option{Offering: larger, Cost: total("1.0")}
		if Compare(a, b) != -1 || Compare(b, a) != 1 {
			t.Errorf("%s: got %d and %d", v.Type().Field(i).Name, Compare(a, b), Compare(b, a))
		}
	}
}

// drawOption draws options that are often alike.
func drawOption() *rapid.Generator[Option] {
	amount := rapid.SampledFrom([]string{"-1", "0", "0.00", "1", "1.0", "2.5", "1000"})
	part := rapid.SampledFrom([]string{"a", "b"})
	return rapid.Custom(func(t *rapid.T) Option {
		o := Option{Verdict: rapid.SampledFrom([]decision.Verdict{decision.Passed, decision.Review, decision.Failed}).Draw(t, "verdict")}
		o.Offering = decision.Offering{Vendor: part.Draw(t, "vendor"), Hosting: part.Draw(t, "hosting"), Region: part.Draw(t, "region"), Count: rapid.SampledFrom([]int{1, 8, 16}).Draw(t, "count")}
		switch rapid.IntRange(0, 3).Draw(t, "cost") {
		case 0:
			o.Cost = nothing()
		case 1:
			o.Cost = feeOnly(amount.Draw(t, "fee"))
		case 2:
			o.Cost = atLeast(amount.Draw(t, "known"))
		default:
			o.Cost = total(amount.Draw(t, "total"))
		}
		if o.Cost.Currency != "" {
			o.Cost.Currency = rapid.SampledFrom([]string{"USD", "USD", "EUR"}).Draw(t, "currency")
		}
		if rapid.Bool().Draw(t, "credit") && o.Cost.Expected == nil {
			o.Cost = mayFall(o.Cost)
		}
		return o
	})
}

func TestTotalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawOption().Draw(t, "a"), drawOption().Draw(t, "b"), drawOption().Draw(t, "c")
		if Compare(a, b) != -Compare(b, a) {
			t.Fatalf("got %d, and %d the other way", Compare(a, b), Compare(b, a))
		}
		if Compare(a, b) <= 0 && Compare(b, c) <= 0 && Compare(a, c) > 0 {
			t.Fatal("a is before b, b before c, and c before a")
		}
		if Compare(a, a) != 0 {
			t.Fatal("an option is not itself")
		}
		if Compare(a, b) == 0 && a.Offering != b.Offering {
			t.Fatal("two offerings are in no order")
		}
		if a.Cost.Expected != nil && b.Cost.Expected == nil && Compare(a, b) >= 0 {
			t.Fatal("an incomplete total is before a complete one")
		}
	})
}

func names[T any](list []T, name func(T) string) string {
	var all []string
	for _, entry := range list {
		all = append(all, name(entry))
	}
	return strings.Join(all, " ")
}

func show(r Result) string {
	difference := func(d *decimal.Decimal) string {
		if d == nil {
			return "?"
		}
		return d.String()
	}
	text := "alternatives: " + names(r.Alternatives, func(a decision.Alternative) string {
		return fmt.Sprintf("%d.%s/%s%s", a.Rank, a.Offering.Vendor, a.Offering.Region, "("+difference(a.Difference)+")")
	})
	text += "; candidates: " + names(r.Candidates, func(c decision.Candidate) string { return c.Offering.Vendor + "/" + c.Offering.Region })
	text += "; rejected: " + names(r.Rejected, func(c decision.Rejected) string { return c.Offering.Vendor + "/" + c.Offering.Region })
	if r.Premium != nil {
		text += fmt.Sprintf("; premium %s: %s for %s", r.Premium.Amount, r.Premium.Compliant.Vendor, r.Premium.Cheapest.Vendor)
	}
	return text
}

func TestOrder(t *testing.T) {
	const pass, review, fail = decision.Passed, decision.Review, decision.Failed
	region := func(o Option, region string) Option {
		o.Offering.Region = region
		return o
	}
	hosting := func(o Option, hosting string) Option {
		o.Offering.Hosting = hosting
		return o
	}
	decided := option("decided", fail, total("100"))
	for name, c := range map[string]struct {
		options []Option
		decided Option
		most    int
		all     bool
		want    string
	}{
		"nothing": {nil, decided, 3, false, "alternatives: ; candidates: ; rejected: "},
		"each verdict has its list": {[]Option{option("p", pass, total("90")), option("r", review, total("80")), option("f", fail, total("70"))}, decided, 3, false,
			"alternatives: 1.p/unpinned(-10); candidates: r/unpinned; rejected: f/unpinned; premium 20: p for f"},
		"the cheapest first": {[]Option{option("c", pass, total("103")), option("a", pass, total("101.5")), option("b", pass, total("102"))}, decided, 3, false,
			"alternatives: 1.a/unpinned(1.5) 2.b/unpinned(2) 3.c/unpinned(3); candidates: ; rejected: ; premium 0: a for a"},
		"no more than asked for": {[]Option{option("c", pass, total("3")), option("a", pass, total("1")), option("b", pass, total("2")), option("x", review, total("3")), option("y", review, total("2")), option("z", review, total("1"))}, decided, 2, false,
			"alternatives: 1.a/unpinned(-99) 2.b/unpinned(-98); candidates: z/unpinned y/unpinned; rejected: ; premium 0: a for a"},
		"none asked for still has the price of compliance": {[]Option{option("a", pass, total("3")), option("b", fail, total("2"))}, decided, 0, true,
			"alternatives: ; candidates: ; rejected: ; premium 1: a for b"},
		"one a vendor and hosting": {[]Option{region(option("a", pass, total("2")), "us"), region(option("a", pass, total("1")), "eu"), hosting(option("a", pass, total("3")), "byoc"), option("b", pass, total("4"))}, decided, 9, false,
			"alternatives: 1.a/eu(-99) 2.a/unpinned(-97) 3.b/unpinned(-96); candidates: ; rejected: ; premium 0: a for a"},
		"all of them": {[]Option{region(option("a", pass, total("2")), "us"), region(option("a", pass, total("1")), "eu"), hosting(option("a", pass, total("3")), "byoc")}, decided, 9, true,
			"alternatives: 1.a/eu(-99) 2.a/us(-98) 3.a/unpinned(-97); candidates: ; rejected: ; premium 0: a for a"},
		"one a vendor and hosting in each list": {[]Option{region(option("a", pass, total("3")), "us"), region(option("a", review, total("2")), "eu"), region(option("a", fail, total("1")), "jp")}, decided, 9, false,
			"alternatives: 1.a/us(-97); candidates: a/eu; rejected: a/jp; premium 2: a for a"},
		"one refused a vendor and hosting": {[]Option{option("p", pass, total("9")), region(option("a", fail, total("2")), "eu"), region(option("a", fail, total("1")), "jp")}, decided, 9, false,
			"alternatives: 1.p/unpinned(-91); candidates: ; rejected: a/jp; premium 8: p for a"},
		"all that are refused, where all are asked for": {[]Option{option("p", pass, total("9")), region(option("a", fail, total("2")), "eu"), region(option("a", fail, total("1")), "jp")}, decided, 9, true,
			"alternatives: 1.p/unpinned(-91); candidates: ; rejected: a/jp a/eu; premium 8: p for a"},
		"none that is dearer than its vendor's candidate": {[]Option{region(option("a", pass, total("3")), "us"), region(option("a", review, total("1")), "eu"), region(option("a", fail, total("2")), "jp"), option("b", fail, total("2"))}, decided, 9, false,
			"alternatives: 1.a/us(-97); candidates: a/eu; rejected: b/unpinned; premium 2: a for a"},
		"that too, where all are asked for": {[]Option{region(option("a", pass, total("3")), "us"), region(option("a", review, total("1")), "eu"), region(option("a", fail, total("2")), "jp")}, decided, 9, true,
			"alternatives: 1.a/us(-97); candidates: a/eu; rejected: a/jp; premium 2: a for a"},
		"the decided one is no alternative to itself": {[]Option{option("decided", pass, total("100")), option("b", pass, total("101"))}, option("decided", pass, total("100")), 9, false,
			"alternatives: 1.b/unpinned(1); candidates: ; rejected: ; premium 0: decided for decided"},
		"the decided one is not rejected beside itself": {[]Option{option("decided", fail, total("100")), option("b", pass, total("101"))}, decided, 9, true,
			"alternatives: 1.b/unpinned(1); candidates: ; rejected: ; premium 1: b for decided"},
		"another offering of the decided vendor": {[]Option{option("decided", pass, total("100")), region(option("decided", pass, total("99")), "eu")}, option("decided", pass, total("100")), 9, false,
			"alternatives: 1.decided/eu(-1); candidates: ; rejected: ; premium 0: decided for decided"},
		"rejected ones cost less than the cheapest that passes": {[]Option{option("p", pass, total("50")), option("q", pass, total("60")), option("a", fail, total("49.99")), option("b", fail, total("50")), option("c", fail, total("55"))}, decided, 9, false,
			"alternatives: 1.p/unpinned(-50) 2.q/unpinned(-40); candidates: ; rejected: a/unpinned; premium 0.01: p for a"},
		"where none passes, less than the decided one": {[]Option{option("a", fail, total("99.99")), option("b", fail, total("100")), option("r", review, total("1"))}, decided, 9, false,
			"alternatives: ; candidates: r/unpinned; rejected: a/unpinned"},
		"the decided one passes and is the limit": {[]Option{option("decided", pass, total("100")), option("a", fail, total("99"))}, option("decided", pass, total("100")), 9, false,
			"alternatives: ; candidates: ; rejected: a/unpinned; premium 1: decided for a"},
		"an incomplete total is not said to be cheaper": {[]Option{option("a", fail, atLeast("1")), option("n", fail, nothing())}, decided, 9, false,
			"alternatives: ; candidates: ; rejected: "},
		"cheaper than what is known of an incomplete one": {[]Option{option("p", pass, atLeast("50")), option("a", fail, total("49")), option("b", fail, total("51"))}, decided, 9, false,
			"alternatives: 1.p/unpinned(?); candidates: ; rejected: a/unpinned"},
		"what may still fall is not dearer": {[]Option{option("p", pass, mayFall(atLeast("50"))), option("a", fail, total("49"))}, decided, 9, false,
			"alternatives: 1.p/unpinned(?); candidates: ; rejected: "},
		"no difference to an incomplete total": {[]Option{option("p", pass, total("50"))}, option("decided", fail, atLeast("1")), 9, false,
			"alternatives: 1.p/unpinned(?); candidates: ; rejected: ; premium 0: p for p"},
		"an incomplete one comes after a dear one": {[]Option{option("p", pass, atLeast("1")), option("q", pass, total("5000"))}, decided, 9, false,
			"alternatives: 1.q/unpinned(4900) 2.p/unpinned(?); candidates: ; rejected: ; premium 0: q for q"},
		"no price of compliance where none passes": {[]Option{option("a", fail, total("1")), option("r", review, total("2"))}, decided, 9, false,
			"alternatives: ; candidates: r/unpinned; rejected: a/unpinned"},
		"no price of compliance of incomplete totals": {[]Option{option("a", fail, total("1")), option("p", pass, atLeast("2"))}, decided, 9, false,
			"alternatives: 1.p/unpinned(?); candidates: ; rejected: a/unpinned"},
		"nothing between two currencies": {[]Option{option("p", pass, total("2")), option("e", fail, in("EUR", total("1"))), option("f", pass, in("EUR", total("9")))}, option("decided", fail, in("GBP", total("100"))), 9, false,
			"alternatives: 1.f/unpinned(?) 2.p/unpinned(?); candidates: ; rejected: e/unpinned; premium 8: f for e"},
		"not cheaper in another currency": {[]Option{option("p", pass, total("2")), option("e", fail, in("USX", total("1")))}, decided, 9, false,
			"alternatives: 1.p/unpinned(-98); candidates: ; rejected: ; premium 0: p for p"},
	} {
		t.Run(name, func(t *testing.T) {
			before := slices.Clone(c.options)
			got := Order(c.options, c.decided.Offering, c.decided.Cost, c.most, c.all)
			if show(got) != c.want {
				t.Errorf("got  %s\nwant %s", show(got), c.want)
			}
			if !reflect.DeepEqual(c.options, before) {
				t.Error("the options were changed")
			}
			slices.Reverse(before)
			if again := Order(before, c.decided.Offering, c.decided.Cost, c.most, c.all); show(again) != show(got) {
				t.Errorf("reversed: got %s", show(again))
			}
		})
	}
}

// TestLists holds what each entry carries.
func TestLists(t *testing.T) {
	p, r, f := option("p", decision.Passed, total("5")), option("r", decision.Review, total("6")), option("f", decision.Failed, total("1"))
	p.Conditions, r.Open, f.Refused = []string{"execute the BAA"}, []string{"sso"}, []string{"baa", "soc2-type2"}
	got := Order([]Option{p, r, f}, decision.Offering{}, total("2"), 3, false)
	if a := got.Alternatives[0]; !slices.Equal(a.Conditions, p.Conditions) || a.Verdict != decision.Passed || a.Offering != p.Offering || !reflect.DeepEqual(a.Cost, p.Cost) {
		t.Errorf("got %+v", a)
	}
	if c := got.Candidates[0]; !slices.Equal(c.Open, r.Open) || c.Verdict != decision.Review || c.Offering != r.Offering {
		t.Errorf("got %+v", c)
	}
	if x := got.Rejected[0]; !slices.Equal(x.Controls, f.Refused) || x.Offering != f.Offering {
		t.Errorf("got %+v", x)
	}
	p.Conditions, r.Open, f.Refused = nil, nil, nil
	got = Order([]Option{p, r, f}, decision.Offering{}, total("2"), 3, false)
	if got.Alternatives[0].Conditions == nil || got.Candidates[0].Open == nil || got.Rejected[0].Controls == nil {
		t.Errorf("got null for a list: %+v", got)
	}
}

// TestOrderHolds draws what a ranking must hold whatever the options.
func TestOrderHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawn := rapid.SliceOfN(drawOption(), 0, 12).Draw(t, "options")
		var options []Option
		seen := map[decision.Offering]bool{}
		for _, o := range drawn {
			if !seen[o.Offering] {
				seen[o.Offering] = true
				options = append(options, o)
			}
		}
		decided := drawOption().Draw(t, "decided")
		most, all := rapid.IntRange(0, 4).Draw(t, "most"), rapid.Bool().Draw(t, "all")
		got := Order(options, decided.Offering, decided.Cost, most, all)
		if again := Order(rapid.Permutation(options).Draw(t, "order"), decided.Offering, decided.Cost, most, all); !reflect.DeepEqual(got, again) {
			t.Fatalf("got %s, and shuffled %s", show(got), show(again))
		}
		verdict := map[decision.Offering]Option{}
		for _, o := range options {
			verdict[o.Offering] = o
		}
		var lists [3][]Option
		for _, a := range got.Alternatives {
			lists[0] = append(lists[0], verdict[a.Offering])
			if a.Rank != len(lists[0]) {
				t.Fatalf("got rank %d", a.Rank)
			}
			known := a.Cost.Expected != nil && decided.Cost.Expected != nil && a.Cost.Currency == decided.Cost.Currency
			if known != (a.Difference != nil) || known && !decided.Cost.Expected.Add(*a.Difference).Equal(*a.Cost.Expected) {
				t.Fatalf("got difference %v", a.Difference)
			}
		}
		for _, c := range got.Candidates {
			lists[1] = append(lists[1], verdict[c.Offering])
		}
		for _, r := range got.Rejected {
			lists[2] = append(lists[2], verdict[r.Offering])
		}
		for i, want := range []decision.Verdict{decision.Passed, decision.Review, decision.Failed} {
			if len(lists[i]) > most || !slices.IsSortedFunc(lists[i], Compare) {
				t.Fatalf("got %s", show(got))
			}
			places := map[string]bool{}
			for _, o := range lists[i] {
				place := o.Offering.Vendor + " " + o.Offering.Hosting
				if o.Verdict != want || o.Offering == decided.Offering || places[place] && !all {
					t.Fatalf("got %s", show(got))
				}
				places[place] = true
			}
		}
		// Nothing cheaper was passed over: the first of a list is the first of its kind.
		for i, want := range []decision.Verdict{decision.Passed, decision.Review} {
			var all []Option
			for _, o := range options {
				if o.Verdict == want && o.Offering != decided.Offering {
					all = append(all, o)
				}
			}
			slices.SortFunc(all, Compare)
			if most > 0 && len(all) > 0 && (len(lists[i]) == 0 || lists[i][0].Offering != all[0].Offering) {
				t.Fatalf("got %s, want %v first", show(got), all[0].Offering)
			}
		}
		if p := got.Premium; p != nil {
			compliant, cheapest := verdict[p.Compliant], verdict[p.Cheapest]
			if compliant.Verdict != decision.Passed || !cheapest.Cost.Expected.Add(p.Amount).Equal(*compliant.Cost.Expected) || p.Amount.IsNegative() {
				t.Fatalf("got %+v", p)
			}
		}
	})
}

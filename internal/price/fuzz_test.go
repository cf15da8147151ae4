package price

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// check holds what is true of every cost.
func check(t interface{ Errorf(string, ...any) }, c decision.Cost) {
	var zero, known decimal.Decimal
	low, amount, high := &zero, &zero, &zero
	for _, l := range c.Lines {
		if l.Amount != nil {
			known = known.Add(*l.Amount)
			if l.Quantity == nil || l.Rate == nil || !l.Quantity.Mul(*l.Rate).Equal(*l.Amount) {
				t.Errorf("%s: got %s × %s = %s", l.Item, show(l.Quantity), show(l.Rate), show(l.Amount))
			}
			if l.Low != nil && l.Low.GreaterThan(*l.Amount) || l.High != nil && l.High.LessThan(*l.Amount) {
				t.Errorf("%s: got %s..%s..%s", l.Item, show(l.Low), show(l.Amount), show(l.High))
			}
			if l.MayFall {
				t.Errorf("%s: a known amount may fall", l.Item)
			}
		}
		if bounded := l.Low != nil && l.Amount != nil && l.High != nil; bounded == (l.Why != "") {
			t.Errorf("%s: got %s..%s..%s because %q", l.Item, show(l.Low), show(l.Amount), show(l.High), l.Why)
		}
		if l.Low != nil && l.High != nil && l.Low.GreaterThan(*l.High) {
			t.Errorf("%s: got %s..%s", l.Item, show(l.Low), show(l.High))
		}
		if l.Amount == nil && !l.MayFall && l.Low != nil && l.Low.IsNegative() {
			t.Errorf("%s: down to %s, and not said to fall", l.Item, show(l.Low))
		}
		low, amount, high = plus(low, l.Low), plus(amount, l.Amount), plus(high, l.High)
	}
	for _, total := range []struct {
		name      string
		got, want *decimal.Decimal
	}{{"low", c.Low, low}, {"expected", c.Expected, amount}, {"high", c.High, high}, {"known", &c.Known, &known}} {
		if show(total.got) != show(total.want) {
			t.Errorf("%s: got %s, want the sum %s", total.name, show(total.got), show(total.want))
		}
	}
	if c.Expected != nil && c.Expected.IsNegative() {
		t.Errorf("got a total of %s", c.Expected)
	}
	if len(c.Lines) == 0 {
		t.Errorf("got no lines")
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, seed := range durations {
		f.Add(seed.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			if d != 0 {
				t.Fatalf("%q: got %v beside an error", text, d)
			}
			return
		}
		printed := seconds(d).String() + "s"
		if again, err := ParseDuration(printed); err != nil || again != d {
			t.Fatalf("%q: got %v, then %v, %v from %q", text, d, again, err, printed)
		}
	})
}

func FuzzParseSize(f *testing.F) {
	for _, seed := range sizes {
		f.Add(seed.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseSize(text)
		if err != nil {
			if !d.IsZero() {
				t.Fatalf("%q: got %v beside an error", text, d)
			}
			return
		}
		if len(d.String()) > maxLength {
			return // longer than what is read
		}
		if again, err := ParseSize(d.String() + "GiB"); err != nil || !again.Equal(d) || d.IsNegative() {
			t.Fatalf("%q: got %v, then %v, %v", text, d, again, err)
		}
	})
}

// priceSeeds are offerings and usages as FuzzPrice reads them.
func priceSeeds() []priceSeed {
	var seeds []priceSeed
	for _, f := range []facts{modal, baseten, plain, {}, modal.with(facts{"/prices/regionMultiplier": "1.5"}), plain.with(facts{"/prices/minimumCommitment": usd("10")}),
		modal.with(facts{"/prices/discount": "12.5", "/prices/discountNegotiated": true, "/prices/commitment": usd("100"), "/prices/overageMultiplier": "0.9", "/prices/credit": usd("7"), "/prices/creditBalance": usd("5")}),
		{"/prices/planFee": 3, "/prices/cpuIncluded": "no", "/billing/increment": []any{"1s"}, "/skus/h100/price/on-demand": map[string]any{"amount": nil}}} {
		text, err := json.Marshal(f)
		if err != nil {
			continue
		}
		for i, hosting := range []string{"managed", "hybrid", "byoc"} {
			seeds = append(seeds, priceSeed{string(text), hosting, "us", "40", "4", 1, int64(47 * time.Minute), 0, i},
				priceSeed{string(text), hosting, decision.Unpinned, "", "", 3, int64(90 * time.Second), 0, 8},
				priceSeed{string(text), hosting, "", "", "0.5", 0, 0, 2, 0})
		}
	}
	return seeds
}

type priceSeed struct {
	facts, hosting, region, gpuHours, cpu string
	jobs                                  int
	duration                              int64
	alwaysOn, count                       int
}

func FuzzPrice(f *testing.F) {
	for _, s := range priceSeeds() {
		f.Add(s.facts, s.hosting, s.region, s.gpuHours, s.cpu, s.jobs, s.duration, s.alwaysOn, s.count)
	}
	f.Fuzz(func(t *testing.T, text, hosting, region, hours, cpu string, n int, duration int64, alwaysOn, count int) {
		for _, useNumber := range []bool{true, false} {
			var claims facts
			decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
			if useNumber {
				decoder.UseNumber()
			}
			if decoder.Decode(&claims) != nil {
				return
			}
			r := request(claims, Usage{AlwaysOn: alwaysOn})
			r.Offering.Hosting, r.Offering.Region = hosting, region
			r.Offering.Count, r.Resources.Count = count, count
			if count%7 == 0 {
				r.Offering.GPU = ""
			}
			if d, err := decimal.NewFromString(hours); err == nil {
				r.Usage.GPUHours = &d
			}
			if d, err := decimal.NewFromString(cpu); err == nil {
				r.Resources.CPU, r.Resources.Memory = &d, &d
			}
			if n != 0 {
				r.Usage.Jobs = []Job{{n, time.Duration(duration)}, {1, time.Duration(duration / 7)}}
			}
			if hosting != "byoc" {
				r.Infrastructure = &Provider{Offering: r.Offering, Facts: claims}
			}
			check(t, Price(r))
			check(t, Price(r.ours(skuPrice(r.Offering), "/prices/regionMultiplier")))
		}
	})
}

// A fuzz target without seeds passes whatever the code does.
func TestSeeds(t *testing.T) {
	if len(durations) == 0 || len(sizes) == 0 || len(priceSeeds()) < 60 {
		t.Errorf("got %d, %d and %d seeds", len(durations), len(sizes), len(priceSeeds()))
	}
	priced := 0
	for _, s := range priceSeeds() {
		var claims facts
		if err := json.Unmarshal([]byte(s.facts), &claims); err != nil {
			t.Fatal(err)
		}
		if Price(request(claims, gpuHours("1"))).Known.IsPositive() {
			priced++
		}
	}
	if priced == 0 {
		t.Error("no seed has a price")
	}
}

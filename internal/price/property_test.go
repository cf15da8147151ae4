package price

import (
	"flag"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/decision"
)

// TestMain raises rapid's number of checks, unless the command line sets it.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "1000"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// drawFacts draws well-typed facts, each stated or not.
func drawFacts(t *rapid.T, sku string) facts {
	f := facts{}
	often := rapid.SampledFrom([]int{3, 30}).Draw(t, "often") // stated 3 times of 4, or 30 of 31
	state := func(pointer string, value func() any) {
		if rapid.IntRange(0, often).Draw(t, pointer+" stated") > 0 {
			f[pointer] = value()
		}
	}
	one := func(values ...any) func() any {
		return func() any { return rapid.SampledFrom(values).Draw(t, "value") }
	}
	priced := func(of ...string) func() any {
		return func() any {
			per := rapid.SampledFrom([]string{"second", "minute", "hour", "hour"}).Draw(t, "per")
			return price(rapid.SampledFrom([]string{"0", "0.001097", "0.10833", "3", "7.77"}).Draw(t, "amount"), per, rapid.SampledFrom(of).Draw(t, "of"))
		}
	}
	money := one(usd("0"), usd("0.5"), usd("30"), usd("250"))
	state("/skus/"+sku+"/price/on-demand", priced("gpu", "instance", "replica"))
	state("/prices/cpuIncluded", one(true, true, false))
	state("/prices/cpu", priced("physical-core", "vcpu"))
	state("/prices/memory", priced("GiB"))
	state("/prices/vcpuPerCore", one(1, 2))
	state("/prices/minimumCores", one("0", "0.125", "4"))
	state("/prices/regionMultiplier", one("0.8", "1", "1.5"))
	state("/prices/planFee", money)
	state("/prices/planCredit", money)
	state("/prices/minimumCommitment", money)
	if rapid.Bool().Draw(t, "account") {
		state("/prices/discount", one("0", "12.5", "100"))
		state("/prices/discountNegotiated", one(true, false, false))
		state("/prices/commitment", money)
		state("/prices/overageMultiplier", one("0.5", "1", "1.2"))
		state("/prices/credit", money)
	}
	state("/prices/platformRate", priced("gpu", "instance", "vcpu"))
	state("/billing/increment", one("1s", "60s", "7m", "1h"))
	state("/billing/minimum", one("0s", "45s", "10m"))
	state("/billing/rounding", one("up", "prorated"))
	state("/billing/boot", one(true, true, false))
	state("/billing/idle", one(true, true, false))
	state("/scaling/scaleDownDelay", one("0s", "40s", "15m"))
	state("/hosting/overflow", one(true, false))
	state("/performance/coldStart", func() any {
		m := map[string]any{"measures": rapid.SampledFrom([]string{"model-ready", "model-ready", "container-boot"}).Draw(t, "measures")}
		if rapid.Bool().Draw(t, "single") {
			m["low"], m["high"] = "40s", "40s"
			return m
		}
		for _, part := range [][]string{{"low", "0s", "10s"}, {"typical", "10s", "35s"}, {"high", "35s", "4m"}} {
			if rapid.Bool().Draw(t, part[0]) {
				m[part[0]] = rapid.SampledFrom(part[1:]).Draw(t, part[0])
			}
		}
		return m
	})
	return f
}

func drawDuration(t *rapid.T) time.Duration {
	if rapid.Bool().Draw(t, "whole minutes") {
		return time.Duration(rapid.IntRange(0, 200).Draw(t, "minutes")) * time.Minute
	}
	return time.Duration(rapid.Int64Range(0, int64(3*time.Hour)).Draw(t, "nanoseconds"))
}

func drawUsage(t *rapid.T) (u Usage) {
	switch rapid.IntRange(0, 4).Draw(t, "usage") {
	case 0:
		d := decimal.New(rapid.Int64Range(0, 1_000_000).Draw(t, "hours"), -3)
		u.GPUHours = &d
	case 1:
		u.AlwaysOn = rapid.IntRange(1, 5).Draw(t, "replicas")
	default:
		for range rapid.IntRange(1, 3).Draw(t, "jobs") {
			u.Jobs = append(u.Jobs, Job{rapid.IntRange(1, 50).Draw(t, "count"), drawDuration(t)})
		}
	}
	return u
}

func drawRequest(t *rapid.T) Request {
	r := request(drawFacts(t, "h100"), drawUsage(t))
	n := rapid.SampledFrom([]int{1, 1, 3, 8}).Draw(t, "gpus")
	switch rapid.SampledFrom([]string{"managed", "managed", "managed", "byoc", "hybrid"}).Draw(t, "hosting") {
	case "byoc":
		r = r.outside("byoc", drawFacts(t, "p5"))
	case "hybrid":
		r = r.outside("hybrid", drawFacts(t, "p5"))
	}
	r = r.count(n)
	if rapid.IntRange(0, 5).Draw(t, "no GPU") == 0 {
		r.Offering.GPU, r.Offering.Count, r.Resources.GPU, r.Resources.Count = "", 0, "", 0
	}
	r.Offering.Region = rapid.SampledFrom([]string{decision.Unpinned, "us"}).Draw(t, "region")
	r.Resources.Nodes = rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "nodes")
	r.PlanHeld = rapid.Bool().Draw(t, "held")
	if own := rapid.SliceOf(rapid.SampledFrom([]string{"/skus/h100/price/on-demand", "/prices/cpu", "/prices/memory", "/prices/regionMultiplier", "/prices/platformRate"})).Draw(t, "negotiated"); len(own) > 0 {
		r = r.ours(own...)
	}
	if rapid.IntRange(0, 3).Draw(t, "sized") > 0 {
		r.Resources.CPU, r.Resources.Memory = ptr("3"), ptr("16.5")
	}
	return r
}

func TestTotalsEqualLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { check(t, Price(drawRequest(t))) })
}

// optional are the facts whose absence means that there is no such thing; see
// docs/cost.md.
var optional = []string{"/billing/minimum", "/prices/minimumCores", "/prices/planCredit", "/prices/minimumCommitment",
	"/prices/discount", "/prices/discountNegotiated", "/prices/credit", "/prices/commitment"}

// noise is more than quantities that are rounded at 12 places can add up to.
var noise = dec("0.000001")

// above reports whether a is above b, beyond rounding.
func above(a, b decimal.Decimal) bool { return a.Sub(b).GreaterThan(noise) }

// Taking a fact away never completes a cost, nor makes one cheaper; and what is
// then left of it still holds: its bounds, and what is known as a lower one.
func TestRemovingAFact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		stated := r.Facts.(facts)
		whole := Price(r)
		for _, pointer := range slices.Sorted(maps.Keys(stated)) {
			if slices.Contains(optional, pointer) {
				continue
			}
			if pointer == "/skus/h100/price/on-demand" && r.Offering.Hosting == "byoc" {
				continue // the vendor sells machines for byoc only where it says so
			}
			if pointer == overageMultiplier && stated[accountCommitment] == nil {
				continue // it is beside a commitment only that it says anything
			}
			r.Facts = stated.with(facts{pointer: nil})
			less := Price(r)
			if whole.Expected == nil {
				if less.Expected != nil {
					t.Fatalf("without %s the cost is complete: %s; before: %s", pointer, text(less), text(whole))
				}
				continue
			}
			if less.Expected != nil && above(*whole.Expected, *less.Expected) {
				t.Fatalf("without %s the cost falls: %s; before: %s", pointer, text(less), text(whole))
			}
			if pointer == "/prices/cpuIncluded" {
				continue // a price of CPU then says that it is not included
			}
			if less.Low != nil && above(*less.Low, *whole.Expected) || less.High != nil && above(*whole.Expected, *less.High) {
				t.Fatalf("without %s the bounds are wrong: %s; before: %s", pointer, text(less), text(whole))
			}
			if !less.MayFall() && above(less.Known, *whole.Expected) {
				t.Fatalf("without %s more is known than is due: %s; before: %s", pointer, text(less), text(whole))
			}
		}
	})
}

func TestMoreUsageCostsNoLess(t *testing.T) {
	noLess := func(a, b *decimal.Decimal) bool {
		return a == nil || b == nil || b.GreaterThanOrEqual(*a)
	}
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		less := Price(r)
		switch u := &r.Usage; {
		case u.GPUHours != nil:
			more := u.GPUHours.Add(decimal.New(rapid.Int64Range(0, 100_000).Draw(t, "more"), -3))
			u.GPUHours = &more
		case u.AlwaysOn > 0:
			u.AlwaysOn++
		case rapid.Bool().Draw(t, "longer"):
			u.Jobs[0].Duration += drawDuration(t)
		default:
			u.Jobs[0].Count++
		}
		more := Price(r)
		if !noLess(less.Expected, more.Expected) {
			t.Fatalf("got %s, then %s", text(less), text(more))
		}
		// Rounding that no longer matters narrows the bounds, and never past
		// what they were.
		if !noLess(less.Low, more.High) {
			t.Fatalf("got %s, then %s", text(less), text(more))
		}
	})
}

// The parts of a life add up to its billed time whatever the rules.
func TestLivesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := book{facts: drawFacts(t, "h100")}
		u := Usage{Jobs: []Job{{rapid.IntRange(1, 9).Draw(t, "count"), drawDuration(t)}}}
		parts := (&pricer{Request: Request{Usage: u}}).times(b, shapeOf("H100", 1, Resources{}))
		sum := parts.run.amount
		for _, part := range []*stretch{parts.boot, parts.idle} {
			if part != nil {
				sum = plus(sum, part.amount)
			}
		}
		if sum != nil && !equal(sum, parts.all.amount) {
			t.Fatalf("got %s in parts, want %s", show(sum), show(parts.all.amount))
		}
	})
}

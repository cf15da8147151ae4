package price

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// facts are plain values by pointer.
type facts map[string]any

func (f facts) Fact(pointer string) (any, bool) { v, ok := f[pointer]; return v, ok }

// with returns a copy with some facts changed; nil removes one.
func (f facts) with(change facts) facts {
	c := facts{}
	for _, m := range []facts{f, change} {
		for k, v := range m {
			if c[k] = v; v == nil {
				delete(c, k)
			}
		}
	}
	return c
}

func price(amount, per, of string) map[string]any {
	return map[string]any{"amount": amount, "currency": "USD", "per": per, "of": of}
}

func usd(amount string) map[string]any {
	return map[string]any{"amount": amount, "currency": "USD"}
}

func dec(s string) decimal.Decimal   { return decimal.RequireFromString(s) }
func ptr(s string) *decimal.Decimal  { d := dec(s); return &d }
func gpuHours(s string) Usage        { return Usage{GPUHours: ptr(s)} }
func job(n int, duration string) Job { d, _ := ParseDuration(duration); return Job{n, d} }
func jobs(n int, duration string) Usage {
	return Usage{Jobs: []Job{job(n, duration)}}
}

// Prices and rules as published; the sources are in fixtures/vendors.
var (
	modal = facts{
		"/skus/h100/price/on-demand":      price("0.001097", "second", "gpu"),
		"/skus/a100-80gb/price/on-demand": price("0.000694", "second", "gpu"),
		"/prices/cpuIncluded":             false,
		"/prices/cpu":                     price("0.0000131", "second", "physical-core"),
		"/prices/memory":                  price("0.00000222", "second", "GiB"),
		"/prices/vcpuPerCore":             json.Number("2"),
		"/prices/minimumCores":            "0.125",
		"/prices/planFee":                 usd("250"),
		"/prices/planCredit":              usd("100"),
		"/billing/increment":              "1s",
		"/billing/minimum":                "0s",
		"/billing/boot":                   false,
		"/billing/idle":                   false,
	}
	baseten = facts{
		"/skus/h100/price/on-demand":      price("0.10833", "minute", "instance"),
		"/skus/a100-80gb/price/on-demand": price("0.06667", "minute", "instance"),
		"/prices/cpuIncluded":             true,
		"/prices/planFee":                 usd("0"),
		"/billing/increment":              "60s",
		"/billing/rounding":               "up",
		"/billing/boot":                   true,
		"/billing/idle":                   true,
		"/performance/coldStart":          map[string]any{"low": "30s", "typical": "45s", "high": "90s", "measures": "model-ready"},
		"/scaling/scaleDownDelay":         "900s",
	}
	plain = facts{ // one exact line and a free plan
		"/skus/h100/price/on-demand": price("1", "hour", "gpu"),
		"/prices/cpuIncluded":        true,
		"/prices/planFee":            usd("0"),
		"/billing/increment":         "1s",
		"/billing/boot":              false,
		"/billing/idle":              false,
	}
	cloud = facts{
		"/skus/p5/price/on-demand": price("8", "hour", "instance"),
		"/prices/cpuIncluded":      true,
		"/billing/increment":       "1s",
		"/billing/boot":            false,
		"/billing/idle":            false,
	}
)

func request(f facts, u Usage) Request {
	return Request{
		Offering:  decision.Offering{Vendor: "v", Product: "p", Plan: "team", Hosting: "managed", Region: decision.Unpinned, SKU: "h100", GPU: "H100", Count: 1, Capacity: "on-demand"},
		Facts:     f,
		Resources: Resources{GPU: "H100", Count: 1, Nodes: 1},
		Usage:     u,
	}
}

func (r Request) sku(sku string) Request       { r.Offering.SKU = sku; return r }
func (r Request) region(region string) Request { r.Offering.Region = region; return r }
func (r Request) count(n int) Request {
	r.Offering.Count, r.Resources.Count = n, n
	return r
}
func (r Request) outside(hosting string, cloud Facts) Request {
	r.Offering.Hosting = hosting
	o := decision.Offering{Vendor: "aws", Hosting: "managed", Region: decision.Unpinned, SKU: "p5", GPU: "H100", Count: 8, Capacity: "on-demand"}
	r.Infrastructure = &Provider{Offering: o, Facts: cloud}
	return r.count(8)
}

func (r Request) hosted() Request { r.Hosted = true; return r }

func show(d *decimal.Decimal) string {
	if d == nil {
		return "?"
	}
	return d.String()
}

// text writes a cost the way the tables below want it: a line as
// "item low..high" with "=amount" between the bounds, or only the amount where
// it is exact.
func text(c decision.Cost) string {
	var s []string
	for _, l := range c.Lines {
		value := fmt.Sprintf("%s..%s..%s", show(l.Low), show(l.Amount), show(l.High))
		if l.Amount != nil && equal(l.Low, l.Amount) && equal(l.High, l.Amount) {
			value = show(l.Amount)
		}
		s = append(s, l.Item+" "+value)
	}
	return strings.Join(s, ", ")
}

func line(t *testing.T, c decision.Cost, item string) decision.Line {
	t.Helper()
	i := slices.IndexFunc(c.Lines, func(l decision.Line) bool { return l.Item == item })
	if i < 0 {
		t.Fatalf("no line %s in %s", item, text(c))
	}
	return c.Lines[i]
}

func TestKnownAnswers(t *testing.T) {
	noCold := facts{"/billing/boot": false, "/billing/idle": false}
	for _, test := range []struct {
		name                  string
		r                     Request
		quantity, unit, want  string
		gpuHour, rate, amount string
	}{
		{"40 H100 hours, Modal", request(modal, gpuHours("40")), "144000", "second", "157.968", "3.9492", "0.001097", "157.968"},
		{"40 A100 hours, Modal", request(modal, gpuHours("40")).sku("a100-80gb"), "144000", "second", "99.936", "2.4984", "0.000694", "99.936"},
		{"40 A100 hours, Baseten", request(baseten, gpuHours("40")).sku("a100-80gb"), "2400", "minute", "160.008", "4.0002", "0.06667", "160.008"},
		{"a job of 47 minutes, Modal", request(modal, jobs(1, "47m")), "2820", "second", "3.09354", "3.9492", "0.001097", "3.09354"},
		{"a job of 47 minutes, Baseten", request(baseten, jobs(1, "47m")), "47", "minute", "5.09151", "6.4998", "0.10833", "5.09151"},
		{"a job of 90 seconds, prorated", request(baseten.with(noCold).with(facts{"/billing/rounding": "prorated"}), jobs(1, "90s")), "1.5", "minute", "0.162495", "6.4998", "0.10833", "0.162495"},
		{"a job of 90 seconds, whole minutes", request(baseten, jobs(1, "90s")), "2", "minute", "0.21666", "6.4998", "0.10833", "0.21666"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Price(test.r)
			l := line(t, c, "gpu")
			if show(l.Quantity) != test.quantity || l.Unit != test.unit || show(l.Rate) != test.rate || show(l.Amount) != test.amount || show(l.Low) != test.amount || show(l.High) != test.amount {
				t.Errorf("got %s %s at %s: %s..%s..%s; want %s %s at %s: %s", show(l.Quantity), l.Unit, show(l.Rate), show(l.Low), show(l.Amount), show(l.High), test.quantity, test.unit, test.rate, test.amount)
			}
			if show(c.GPUHour) != test.gpuHour {
				t.Errorf("got %s a GPU-hour, want %s", show(c.GPUHour), test.gpuHour)
			}
		})
	}
}

func TestLines(t *testing.T) {
	hour := func(f facts, u Usage) Request { return request(plain.with(f), u) }
	cold := func(fields ...string) map[string]any {
		m := map[string]any{"measures": "model-ready"}
		for i := 0; i < len(fields); i += 2 {
			m[fields[i]] = fields[i+1]
		}
		return m
	}
	booting := func(f facts) facts {
		return plain.with(facts{"/billing/boot": true, "/billing/increment": "60s", "/billing/rounding": "up",
			"/skus/h100/price/on-demand": price("1", "minute", "gpu")}).with(f)
	}
	sized := func(r Request, cpu, memory string) Request {
		r.Resources.CPU, r.Resources.Memory = ptr(cpu), ptr(memory)
		return r
	}
	cpuOnly := func(f facts, u Usage) Request {
		r := request(f, u)
		r.Offering.GPU, r.Offering.Count, r.Resources.GPU, r.Resources.Count = "", 0, "", 0
		return r
	}
	nodes := func(r Request, n int) Request { r.Resources.Nodes = n; return r }
	regional := func(r Request) Request { r.Regional = true; return r }
	held := func(r Request) Request { r.PlanHeld = true; return r }
	for _, test := range []struct {
		name string
		r    Request
		want string
	}{
		// Time.
		{"always on", hour(nil, Usage{AlwaysOn: 2}), "gpu 1460, fee 0"},
		{"always on, two nodes", nodes(hour(nil, Usage{AlwaysOn: 2}), 2), "gpu 2920, fee 0"},
		{"always on by the month", hour(facts{"/skus/h100/price/on-demand": price("900", "month", "instance")}, Usage{AlwaysOn: 2}), "gpu 1800, fee 0"},
		{"hours of a monthly price", hour(facts{"/skus/h100/price/on-demand": price("900", "month", "instance")}, gpuHours("40")), "gpu ?..?..?, fee 0"},
		{"hours need no increment", hour(facts{"/billing/increment": nil, "/billing/boot": nil, "/billing/idle": nil}, gpuHours("40")), "gpu 40, fee 0"},
		{"hours on four GPUs", hour(nil, gpuHours("40")).count(4), "gpu 40, fee 0"},
		{"hours on an instance of three GPUs", hour(facts{"/skus/h100/price/on-demand": price("3", "hour", "instance")}, gpuHours("40")).count(3), "gpu 39.999999999999, fee 0"},
		{"hours with more places than we round to", hour(nil, gpuHours("0.00000000000001")), "gpu 0.00000000000001, fee 0"},
		{"jobs", hour(nil, Usage{Jobs: []Job{job(2, "1h"), job(1, "30m")}}), "gpu 2.5, fee 0"},
		{"jobs on nodes", nodes(hour(nil, jobs(2, "1h")).count(4), 3), "gpu 24, fee 0"},
		{"no usage", hour(nil, Usage{}), "gpu 0..?..?, fee 0"},
		{"two forms of usage", hour(nil, Usage{GPUHours: ptr("1"), AlwaysOn: 1}), "gpu 0..?..?, fee 0"},
		{"negative usage", hour(nil, gpuHours("-1")), "gpu 0..?..?, fee 0"},
		{"negative replicas", hour(nil, Usage{AlwaysOn: -1}), "gpu 0..?..?, fee 0"},
		{"a negative job", hour(nil, Usage{Jobs: []Job{{1, -time.Second}}}), "gpu 0..?..?, fee 0"},

		{"a number of absurd length", hour(nil, Usage{GPUHours: ptr("1e-900")}), "gpu 0..?..?, fee 0"},
		{"more GPUs than an instance has", func() Request {
			r := hour(facts{"/skus/h100/price/on-demand": price("4", "hour", "instance")}, jobs(1, "1h")).count(4)
			r.Resources.Count = 6
			return r
		}(), "gpu 8, fee 0"},
		{"hours on more GPUs than an instance has", func() Request {
			r := hour(facts{"/skus/h100/price/on-demand": price("4", "hour", "instance")}, gpuHours("12")).count(4)
			r.Resources.Count = 6
			return r
		}(), "gpu 16, fee 0"},
		{"hours on fewer GPUs than an instance has", func() Request {
			r := hour(nil, gpuHours("12")).count(4)
			r.Resources.Count = 1
			return r
		}(), "gpu 48, fee 0"},
		{"no count of GPUs", hour(nil, gpuHours("12")).count(0), "gpu 12, fee 0"},
		{"no count of GPUs in the offering", func() Request {
			r := hour(nil, jobs(1, "1h")).count(4)
			r.Offering.Count = 0
			return r
		}(), "gpu 4, fee 0"},
		{"no count of GPUs in the manifest", func() Request {
			r := hour(nil, jobs(1, "1h")).count(4)
			r.Resources.Count = 0
			return r
		}(), "gpu 4, fee 0"},

		// Prices.
		{"no price", hour(facts{"/skus/h100/price/on-demand": nil}, gpuHours("1")), "gpu ?..?..?, fee 0"},
		{"no sku", hour(nil, gpuHours("1")).sku(""), "gpu ?..?..?, fee 0"},
		{"a price of 0 is a price", hour(facts{"/skus/h100/price/on-demand": price("0", "hour", "gpu")}, gpuHours("1")), "gpu 0, fee 0"},
		{"a number for an amount", hour(facts{"/skus/h100/price/on-demand": map[string]any{"amount": 1.5, "currency": "USD", "per": "hour", "of": "gpu"}}, gpuHours("1")), "gpu ?..?..?, fee 0"},
		{"a negative price", hour(facts{"/skus/h100/price/on-demand": price("-1", "hour", "gpu")}, gpuHours("1")), "gpu ?..?..?, fee 0"},
		{"an exponent", hour(facts{"/skus/h100/price/on-demand": price("1e9", "hour", "gpu")}, gpuHours("1")), "gpu ?..?..?, fee 0"},
		{"another time unit", hour(facts{"/skus/h100/price/on-demand": price("1", "day", "gpu")}, gpuHours("1")), "gpu ?..?..?, fee 0"},
		{"another thing", hour(facts{"/skus/h100/price/on-demand": price("1", "hour", "GiB")}, gpuHours("1")), "gpu ?..?..?, fee 0"},
		{"another currency", hour(facts{"/prices/planFee": map[string]any{"amount": "9", "currency": "EUR"}}, gpuHours("1")), "gpu 1, fee ?..?..?"},
		{"an unknown currency", hour(facts{"/prices/planFee": map[string]any{"amount": "9", "currency": "XAU"}}, gpuHours("1")), "gpu 1, fee ?..?..?"},

		// Increments.
		{"no increment", hour(facts{"/billing/increment": nil}, jobs(1, "1h")), "gpu 1..?..?, fee 0"},
		{"an increment of 0", hour(facts{"/billing/increment": "0s"}, jobs(1, "1h")), "gpu 1..?..?, fee 0"},
		{"an increment that is a number", hour(facts{"/billing/increment": 1}, jobs(1, "1h")), "gpu 1..?..?, fee 0"},
		{"no increment but a minimum", hour(facts{"/billing/increment": nil, "/billing/minimum": "2h"}, jobs(1, "1h")), "gpu 2..?..?, fee 0"},
		{"whole increments need no rounding", hour(facts{"/billing/increment": "1h"}, jobs(1, "2h")), "gpu 2, fee 0"},
		{"a part of an increment needs it", hour(facts{"/billing/increment": "1h"}, jobs(1, "90m")), "gpu 1.5..?..2, fee 0"},
		{"one job of several needs it", hour(facts{"/billing/increment": "1h"}, Usage{Jobs: []Job{job(1, "2h"), job(3, "90m")}}), "gpu 6.5..?..8, fee 0"},
		{"a mistyped rounding", hour(facts{"/billing/increment": "1h", "/billing/rounding": true}, jobs(1, "90m")), "gpu 1.5..?..2, fee 0"},
		{"rounded up", hour(facts{"/billing/increment": "1h", "/billing/rounding": "up"}, jobs(3, "90m")), "gpu 6, fee 0"},
		{"prorated", hour(facts{"/billing/increment": "1h", "/billing/rounding": "prorated"}, jobs(3, "90m")), "gpu 4.5, fee 0"},
		{"the minimum counts for each life", hour(facts{"/billing/minimum": "1h"}, jobs(3, "30m")), "gpu 3, fee 0"},
		{"the minimum is rounded, too", hour(facts{"/billing/increment": "1h", "/billing/rounding": "up", "/billing/minimum": "90m"}, jobs(1, "30m")), "gpu 2, fee 0"},
		{"a mistyped minimum", hour(facts{"/billing/minimum": "some"}, jobs(1, "1h")), "gpu 1..?..?, fee 0"},

		// Boot and idle. A run of 90 s at 1 a started minute is 2.
		{"boot in the started minute", request(booting(facts{"/performance/coldStart": cold("low", "30s", "typical", "30s", "high", "30s")}), jobs(1, "90s")), "gpu 2, boot 0, fee 0"},
		{"boot opens a minute", request(booting(facts{"/performance/coldStart": cold("low", "30s", "typical", "31s", "high", "120s")}), jobs(1, "90s")), "gpu 2, boot 0..1..2, fee 0"},
		{"a single value", request(booting(facts{"/performance/coldStart": cold("low", "60s", "high", "60s")}), jobs(1, "90s")), "gpu 2, boot 1, fee 0"},
		{"a range has no typical", request(booting(facts{"/performance/coldStart": cold("low", "60s", "high", "90s")}), jobs(1, "90s")), "gpu 2, boot 1..?..1, fee 0"},
		{"a typical has no high", request(booting(facts{"/performance/coldStart": cold("typical", "60s")}), jobs(1, "90s")), "gpu 2, boot 0..1..?, fee 0"},
		{"low above high", request(booting(facts{"/performance/coldStart": cold("low", "60s", "high", "30s")}), jobs(1, "90s")), "gpu 2, boot 0..?..?, fee 0"},
		{"typical is the high", request(booting(facts{"/performance/coldStart": cold("low", "0s", "typical", "60s", "high", "60s")}), jobs(1, "90s")), "gpu 2, boot 0..1..1, fee 0"},
		{"a low of 0 and no typical", request(booting(facts{"/performance/coldStart": cold("low", "0s")}), jobs(1, "90s")), "gpu 2, boot 0..?..?, fee 0"},
		{"nobody says what was measured", request(booting(facts{"/performance/coldStart": map[string]any{"typical": "60s"}}), jobs(1, "90s")), "gpu 2, boot 0..?..?, fee 0"},
		{"boot without rounding", request(booting(facts{"/billing/rounding": nil, "/performance/coldStart": cold("low", "30s", "high", "90s")}), jobs(1, "60s")), "gpu 1, boot 0.5..?..2, fee 0"},
		{"whole boot without rounding", request(booting(facts{"/billing/rounding": nil, "/performance/coldStart": cold("low", "60s", "high", "60s")}), jobs(1, "90s")), "gpu 1.5..?..2, boot 1, fee 0"},
		{"no times", request(booting(facts{"/performance/coldStart": cold()}), jobs(1, "90s")), "gpu 2, boot 0..?..?, fee 0"},
		{"no cold start", request(booting(nil), jobs(1, "90s")), "gpu 2, boot 0..?..?, fee 0"},
		{"container boot is a lower bound", request(booting(facts{"/performance/coldStart": map[string]any{"low": "60s", "typical": "60s", "high": "60s", "measures": "container-boot"}}), jobs(1, "90s")), "gpu 2, boot 1..?..?, fee 0"},
		{"no boot rule", request(booting(facts{"/billing/boot": nil, "/performance/coldStart": cold("low", "60s", "typical", "60s", "high", "90s")}), jobs(1, "90s")), "gpu 2, boot 0..?..1, fee 0"},
		{"a mistyped boot rule", request(booting(facts{"/billing/boot": "true"}), jobs(1, "90s")), "gpu 2, boot 0..?..?, fee 0"},
		{"idle", request(booting(facts{"/billing/boot": false, "/billing/idle": true, "/scaling/scaleDownDelay": "31s"}), jobs(2, "90s")), "gpu 4, idle 2, fee 0"},
		{"idle in the started minute", request(booting(facts{"/billing/boot": false, "/billing/idle": true, "/scaling/scaleDownDelay": "30s"}), jobs(2, "90s")), "gpu 4, idle 0, fee 0"},
		{"idle without a delay", request(booting(facts{"/billing/boot": false, "/billing/idle": true}), jobs(1, "90s")), "gpu 2, idle 0..?..?, fee 0"},
		{"no idle rule", request(booting(facts{"/billing/boot": false, "/billing/idle": nil, "/scaling/scaleDownDelay": "31s"}), jobs(1, "90s")), "gpu 2, idle 0..?..1, fee 0"},
		{"idle without boot", request(booting(facts{"/billing/idle": true, "/scaling/scaleDownDelay": "60s"}), jobs(1, "90s")), "gpu 2, boot 0..?..?, idle 1, fee 0"},
		{"idle may share a minute with boot", request(booting(facts{"/billing/idle": true, "/scaling/scaleDownDelay": "40s"}), jobs(1, "90s")), "gpu 2, boot 0..?..?, idle 0..1..1, fee 0"},
		{"the parts of a life add up", request(booting(facts{"/billing/idle": true, "/scaling/scaleDownDelay": "10s", "/performance/coldStart": cold("low", "20s", "typical", "20s", "high", "20s")}), jobs(1, "35s")), "gpu 1, boot 0, idle 1, fee 0"},
		{"boot up to the next minute", request(booting(facts{"/billing/idle": true, "/scaling/scaleDownDelay": "40s", "/performance/coldStart": cold("low", "30s", "typical", "30s", "high", "45s")}), jobs(1, "90s")), "gpu 2, boot 0..0..1, idle 0..1..1, fee 0"},
		{"nobody says whether boot or idle is billed", request(booting(facts{"/billing/boot": nil, "/billing/idle": nil, "/scaling/scaleDownDelay": "60s", "/performance/coldStart": map[string]any{"high": "60s", "measures": "container-boot"}}), jobs(1, "90s")), "gpu 2, boot 0..?..?, idle 0..?..1, fee 0"},
		{"without an increment a part may cost nothing", request(booting(facts{"/billing/increment": nil, "/billing/idle": true, "/scaling/scaleDownDelay": "60s", "/performance/coldStart": cold("typical", "60s")}), jobs(1, "90s")), "gpu 1.5..?..?, boot 0..?..?, idle 0..?..?, fee 0"},
		{"Baseten's defaults", request(baseten, jobs(1, "47m")), "gpu 5.09151, boot 0.10833..0.10833..0.21666, idle 1.62495, fee 0"},

		// CPU and memory.
		{"billed apart", sized(request(modal, gpuHours("40")), "4", "32"), "gpu 157.968, cpu 3.7728, memory 10.22976, fee 250, credit -100"},
		{"the least cores", sized(request(modal, gpuHours("40")), "0.1", "0"), "gpu 157.968, cpu 0.2358, memory 0, fee 250, credit -100"},
		{"no size in the manifest", request(modal, gpuHours("40")), "gpu 157.968, cpu 0.2358..?..?, memory 0..?..?, fee 250, credit -100"},
		{"cores without a ratio", sized(request(modal.with(facts{"/prices/vcpuPerCore": nil}), gpuHours("40")), "4", "32"), "gpu 157.968, cpu 0.2358..?..?, memory 10.22976, fee 250, credit -100"},
		{"a ratio of 0", sized(request(modal.with(facts{"/prices/vcpuPerCore": 0}), gpuHours("40")), "4", "32"), "gpu 157.968, cpu 0.2358..?..?, memory 10.22976, fee 250, credit -100"},
		{"vCPU need no ratio", sized(hour(facts{"/prices/cpuIncluded": false, "/prices/cpu": price("1", "hour", "vcpu"), "/prices/memory": price("1", "hour", "GiB")}, gpuHours("2")), "4", "8"), "gpu 2, cpu 8, memory 16, fee 0"},
		{"the least cores in vCPU", sized(hour(facts{"/prices/cpuIncluded": false, "/prices/cpu": price("1", "hour", "vcpu"), "/prices/memory": price("1", "hour", "GiB"),
			"/prices/minimumCores": "4", "/prices/vcpuPerCore": 2}, gpuHours("2")), "4", "8"), "gpu 2, cpu 16, memory 16, fee 0"},
		{"the least cores in vCPU without a ratio", sized(hour(facts{"/prices/cpuIncluded": false, "/prices/cpu": price("1", "hour", "vcpu"), "/prices/memory": price("1", "hour", "GiB"),
			"/prices/minimumCores": "4"}, gpuHours("2")), "4", "8"), "gpu 2, cpu 8..?..?, memory 16, fee 0"},
		{"a mistyped word on whether it is included", hour(facts{"/prices/cpuIncluded": "yes", "/prices/cpu": price("1", "hour", "vcpu")}, gpuHours("2")), "gpu 2, cpu ?..?..?, fee 0"},
		{"a price of CPU by the GPU", sized(hour(facts{"/prices/cpuIncluded": false, "/prices/cpu": price("1", "hour", "gpu")}, gpuHours("2")), "4", "8"), "gpu 2, cpu ?..?..?, memory ?..?..?, fee 0"},
		{"nobody says whether it is included", hour(facts{"/prices/cpuIncluded": nil}, gpuHours("2")), "gpu 2, cpu ?..?..?, fee 0"},
		{"a price says that it is not", sized(hour(facts{"/prices/cpuIncluded": nil, "/prices/cpu": price("1", "hour", "vcpu")}, gpuHours("2")), "4", "8"), "gpu 2, cpu 8, memory ?..?..?, fee 0"},
		{"it covers boot and idle", sized(request(booting(facts{"/prices/cpuIncluded": false, "/prices/cpu": price("1", "minute", "vcpu"), "/prices/memory": price("1", "minute", "GiB"),
			"/billing/idle": true, "/scaling/scaleDownDelay": "60s", "/performance/coldStart": cold("low", "60s", "typical", "60s", "high", "120s")}), jobs(1, "90s")), "1", "2"),
			"gpu 2, boot 1..1..2, idle 1, cpu 4..4..5, memory 8..8..10, fee 0"},
		{"a CPU instance", cpuOnly(facts{"/skus/h100/price/on-demand": price("2", "hour", "instance"), "/prices/cpuIncluded": true, "/prices/planFee": usd("0")}, Usage{AlwaysOn: 1}), "cpu 1460, fee 0"},
		{"CPU by the core", sized(cpuOnly(modal, jobs(1, "1000s")), "4", "8"), "cpu 0.0262, memory 0.01776, fee 250, credit -0.04396"},
		{"CPU by the core, boot not known", sized(cpuOnly(modal.with(facts{"/billing/boot": nil}), jobs(1, "1000s")), "4", "8"), "cpu 0.0262..?..?, memory 0.01776..?..?, fee 250, credit -100..?..-0.04396"},
		{"GPU-hours without a GPU", sized(cpuOnly(modal, gpuHours("1")), "4", "8"), "cpu 0..?..?, memory 0..?..?, fee 250, credit -100..?..0"},

		// Region.
		{"a region costs more", hour(facts{"/prices/regionMultiplier": "1.5"}, gpuHours("4")).region("us"), "gpu 4, region 2, fee 0"},
		{"a region costs less", hour(facts{"/prices/regionMultiplier": "0.75"}, gpuHours("4")).region("us"), "gpu 4, region -1, fee 0"},
		{"a region costs the same", hour(facts{"/prices/regionMultiplier": "1"}, gpuHours("4")).region("us"), "gpu 4, fee 0"},
		{"nobody says what a region costs", hour(nil, gpuHours("4")).region("us"), "gpu 4, region ?..?..?, fee 0"},
		{"a multiplier that is a number", hour(facts{"/prices/regionMultiplier": 1.5}, gpuHours("4")).region("us"), "gpu 4, region ?..?..?, fee 0"},
		{"a multiplier of 0", hour(facts{"/prices/regionMultiplier": "0"}, gpuHours("4")).region("us"), "gpu 4, region ?..?..?, fee 0"},
		{"a price of the region", regional(hour(nil, gpuHours("4")).region("us")), "gpu 4, fee 0"},
		{"a price of the region with a multiplier", regional(hour(facts{"/prices/regionMultiplier": "1.5"}, gpuHours("4")).region("us")), "gpu 4, region 2, fee 0"},
		{"on a range", hour(facts{"/prices/regionMultiplier": "0.5", "/billing/increment": "1h"}, jobs(1, "90m")).region("us"), "gpu 1.5..?..2, region -1..?..-0.75, fee 0"},
		{"no region, no multiplier", hour(facts{"/prices/regionMultiplier": "1.5"}, gpuHours("4")), "gpu 4, fee 0"},

		// Plan.
		{"no fee is stated", hour(facts{"/prices/planFee": nil}, gpuHours("4")), "gpu 4, fee ?..?..?"},
		{"a fee for each seat", hour(facts{"/prices/planFee": map[string]any{"amount": "20", "currency": "USD", "per": "seat"}}, gpuHours("4")), "gpu 4, fee 0..?..?"},
		{"the plan is held", held(hour(facts{"/prices/planFee": usd("20"), "/prices/planCredit": usd("30")}, gpuHours("4"))), "gpu 4"},
		{"a discount on usage, before the credit", hour(facts{"/prices/discount": "15", "/prices/planFee": usd("20"), "/prices/planCredit": usd("3")}, gpuHours("4")), "gpu 4, discount -0.6, fee 20, credit -3"},
		{"a discount leaves less for the credit", hour(facts{"/prices/discount": "50", "/prices/planCredit": usd("3")}, gpuHours("4")), "gpu 4, discount -2, fee 0, credit -2"},
		{"a discount of nothing known", hour(facts{"/prices/discount": "15", "/skus/h100/price/on-demand": nil}, gpuHours("4")), "gpu ?..?..?, discount ?..?..?, fee 0"},
		{"a discount of more than all", hour(facts{"/prices/discount": "101"}, gpuHours("4")), "gpu 4, discount ?..?..?, fee 0"},
		{"a discount as a number", hour(facts{"/prices/discount": 15}, gpuHours("4")), "gpu 4, discount ?..?..?, fee 0"},
		{"a credit is used up", hour(facts{"/prices/planCredit": usd("3")}, gpuHours("4")), "gpu 4, fee 0, credit -3"},
		{"a credit is not money", hour(facts{"/prices/planFee": usd("20"), "/prices/planCredit": usd("30")}, gpuHours("4")), "gpu 4, fee 20, credit -4"},
		{"a credit on unknown usage", hour(facts{"/prices/planCredit": usd("3"), "/billing/increment": "2h"}, jobs(1, "1h")), "gpu 1..?..2, fee 0, credit -2..?..-1"},
		{"a credit below what is known", hour(facts{"/prices/planCredit": usd("3"), "/prices/cpuIncluded": nil}, gpuHours("4")), "gpu 4, cpu ?..?..?, fee 0, credit -3"},
		{"a credit that is just what is known", hour(facts{"/prices/planCredit": usd("4"), "/prices/cpuIncluded": nil}, gpuHours("4")), "gpu 4, cpu ?..?..?, fee 0, credit -4"},
		{"a credit above what is known", hour(facts{"/prices/planCredit": usd("5"), "/prices/cpuIncluded": nil}, gpuHours("4")), "gpu 4, cpu ?..?..?, fee 0, credit -5..?..-4"},
		{"a credit under an unknown region", hour(facts{"/prices/planCredit": usd("3")}, gpuHours("4")).region("us"), "gpu 4, region ?..?..?, fee 0, credit -3..?..0"},
		{"a mistyped credit", hour(facts{"/prices/planCredit": "30 USD"}, gpuHours("4")), "gpu 4, fee 0, credit ?..?..0"},
		{"a credit for each seat", hour(facts{"/prices/planCredit": map[string]any{"amount": "2", "currency": "USD", "per": "seat"}}, gpuHours("4")), "gpu 4, fee 0, credit ?..?..0"},
		{"a commitment tops up", hour(facts{"/prices/minimumCommitment": usd("10"), "/prices/planCredit": usd("1"), "/prices/planFee": usd("5")}, gpuHours("4")), "gpu 4, fee 5, credit -1, commitment 7"},
		{"a commitment is reached", hour(facts{"/prices/minimumCommitment": usd("3")}, gpuHours("4")), "gpu 4, fee 0, commitment 0"},
		{"a commitment is due on a plan that is held", held(hour(facts{"/prices/minimumCommitment": usd("10")}, gpuHours("4"))), "gpu 4, commitment 6"},
		{"a commitment on unknown usage", hour(facts{"/prices/minimumCommitment": usd("10"), "/billing/increment": "2h"}, jobs(1, "1h")), "gpu 1..?..2, fee 0, commitment 8..?..9"},
		{"a commitment just reached by what is known", hour(facts{"/prices/minimumCommitment": usd("4"), "/prices/cpuIncluded": nil}, gpuHours("4")), "gpu 4, cpu ?..?..?, fee 0, commitment 0"},
		{"a commitment under a cheap region", request(booting(facts{"/performance/coldStart": cold("typical", "60s"), "/prices/regionMultiplier": "0.5", "/prices/minimumCommitment": usd("10")}), jobs(1, "90s")).region("us"),
			"gpu 2, boot 0..1..?, region ?..-1.5..-1, fee 0, commitment 0..8.5..10"},
		{"a commitment for each seat", hour(facts{"/prices/minimumCommitment": map[string]any{"amount": "2", "currency": "USD", "per": "seat"}}, gpuHours("4")), "gpu 4, fee 0, commitment 0..?..?"},
		{"a commitment for the account", hour(facts{"/prices/minimumCommitment": map[string]any{"amount": "9", "currency": "USD", "per": "account"}}, gpuHours("4")), "gpu 4, fee 0, commitment 5"},
		{"a commitment a year", hour(facts{"/prices/minimumCommitment": map[string]any{"amount": "9", "currency": "USD", "per": "year"}}, gpuHours("4")), "gpu 4, fee 0, commitment 0..?..?"},
		{"a commitment reached by what is known", hour(facts{"/prices/minimumCommitment": usd("3"), "/prices/cpuIncluded": nil}, gpuHours("4")), "gpu 4, cpu ?..?..?, fee 0, commitment 0"},
		{"no commitment needs no usage", hour(facts{"/prices/minimumCommitment": usd("0")}, gpuHours("4")).region("us"), "gpu 4, region ?..?..?, fee 0, commitment 0"},
		{"a mistyped commitment", hour(facts{"/prices/minimumCommitment": 10}, gpuHours("4")), "gpu 4, fee 0, commitment 0..?..?"},

		// Outside managed hosting.
		{"byoc without a cloud", func() Request {
			r := request(facts{"/prices/planFee": usd("0")}, gpuHours("80"))
			r.Offering.Hosting = "byoc"
			return r
		}(), "fee platform ?..?..?, fee 0, infrastructure ?..?..?"},
		{"byoc", request(facts{"/prices/planFee": usd("0"), "/prices/platformRate": price("0.25", "hour", "gpu")}, gpuHours("80")).outside("byoc", cloud), "fee platform 20, fee 0, infrastructure 80"},
		{"the platform bills by the instance", request(facts{"/prices/planFee": usd("0"), "/prices/platformRate": price("1", "hour", "instance")}, gpuHours("80")).outside("self-hosted", cloud), "fee platform 10, fee 0, infrastructure 80"},
		{"the platform bills by the vCPU", request(facts{"/prices/planFee": usd("0"), "/prices/platformRate": price("1", "hour", "vcpu")}, gpuHours("80")).outside("byoc", cloud), "fee platform 0..?..?, fee 0, infrastructure 80"},
		{"the platform counts the cloud's GPUs", func() Request {
			r := request(facts{"/prices/planFee": usd("0"), "/prices/platformRate": price("0.25", "hour", "gpu")}, jobs(1, "1h")).outside("byoc", cloud)
			r.Offering.Count, r.Resources.Count = 0, 0
			r.Facts = r.Facts.(facts).with(facts{"/billing/increment": "1s", "/billing/boot": false, "/billing/idle": false})
			return r
		}(), "fee platform 2, fee 0, infrastructure 8"},
		{"a price of hosting of any kind", request(plain.with(facts{"/prices/platformRate": price("0", "hour", "gpu")}), gpuHours("80")).outside("byoc", cloud), "fee platform 0, fee 0, infrastructure 80"},
		{"a price that is claimed for byoc", request(plain.with(facts{"/prices/platformRate": price("0", "hour", "gpu")}), gpuHours("80")).outside("byoc", cloud).hosted(), "gpu 80, fee platform 0, fee 0, infrastructure 80"},
		{"no price of the cloud", request(facts{"/prices/planFee": usd("0")}, gpuHours("80")).outside("byoc", facts{"/prices/cpuIncluded": true}), "fee platform ?..?..?, fee 0, infrastructure ?..?..?"},
		{"lives are billed by each provider's rules", request(facts{"/prices/planFee": usd("0"), "/prices/platformRate": price("1", "hour", "instance"),
			"/billing/increment": "1h", "/billing/rounding": "up", "/billing/boot": false, "/billing/idle": false}, jobs(1, "90m")).outside("byoc", cloud), "fee platform 2, fee 0, infrastructure 12"},
		{"the cloud's rules are not stated", request(facts{"/prices/planFee": usd("0")}, jobs(1, "1h")).outside("byoc", cloud.with(facts{"/billing/boot": nil, "/billing/idle": nil})),
			"fee platform ?..?..?, fee 0, infrastructure 8, infrastructure boot 0..?..?, infrastructure idle 0..?..?"},
		{"hybrid", request(plain.with(facts{"/prices/platformRate": price("0.25", "hour", "gpu")}), gpuHours("80")).outside("hybrid", cloud), "gpu 0..?..80, fee platform 0..?..20, fee 0, infrastructure 0..?..80"},
		{"hybrid that cannot overflow", request(plain.with(facts{"/hosting/overflow": false, "/prices/platformRate": price("0.25", "hour", "gpu")}), gpuHours("80")).outside("hybrid", cloud), "fee platform 20, fee 0, infrastructure 80"},
		{"a credit is for the vendor's bill", request(facts{"/prices/planFee": usd("0"), "/prices/planCredit": usd("50"), "/prices/platformRate": price("0.25", "hour", "gpu")}, gpuHours("80")).outside("byoc", cloud), "fee platform 20, fee 0, credit -20, infrastructure 80"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Price(test.r)
			if got := text(c); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			check(t, c)
		})
	}
}

func TestTotals(t *testing.T) {
	c := Price(request(baseten, jobs(1, "47m")))
	if got := []string{c.Currency, c.Period, show(c.Low), show(c.Expected), show(c.High), c.Known.String()}; !slices.Equal(got, []string{"USD", "month", "6.82479", "6.82479", "6.93312", "6.82479"}) {
		t.Errorf("got %v", got)
	}
	c = Price(request(modal, gpuHours("40")))
	if got := []string{show(c.Low), show(c.Expected), show(c.High), c.Known.String()}; !slices.Equal(got, []string{"308.2038", "?", "?", "307.968"}) {
		t.Errorf("got %v", got)
	}
	if c.MayFall() {
		t.Error("got a cost that may fall, want none: the credit is known")
	}
	if c = Price(request(plain, gpuHours("40")).region("us")); !c.MayFall() {
		t.Error("got no cost that may fall, want one: the region is unknown")
	}
}

func TestGPUHour(t *testing.T) {
	cpuOnly := request(plain, gpuHours("1"))
	cpuOnly.Offering.GPU, cpuOnly.Offering.Count = "", 0
	platform := facts{"/prices/platformRate": price("0.25", "hour", "gpu")}
	for _, test := range []struct {
		name, want string
		r          Request
	}{
		{"in a region", "5.9238", request(modal.with(facts{"/prices/regionMultiplier": "1.5"}), Usage{}).region("us")},
		{"in a region without a multiplier", "?", request(modal, Usage{}).region("us")},
		{"of an instance", "0.8125", request(plain.with(facts{"/skus/h100/price/on-demand": price("6.50", "hour", "instance")}), Usage{}).count(8)},
		{"rounded", "0.333333333333", request(plain.with(facts{"/skus/h100/price/on-demand": price("1", "hour", "instance")}), Usage{}).count(3)},
		{"of a month", "1.369863013699", request(plain.with(facts{"/skus/h100/price/on-demand": price("1000", "month", "gpu")}), Usage{}).count(2)},
		{"no price", "?", request(facts{}, Usage{})},
		{"byoc without a cloud", "?", func() Request {
			r := request(platform, Usage{})
			r.Offering.Hosting = "byoc"
			return r
		}()},
		{"no GPU", "?", cpuOnly},
		{"at a discount", "0.75", request(plain.with(facts{"/prices/discount": "25"}), Usage{})},
		{"at a discount that is not known", "?", request(plain.with(facts{"/prices/discount": true}), Usage{})},
		{"byoc", "1.25", request(platform, Usage{}).outside("byoc", cloud)},
		{"byoc without a platform rate", "?", request(facts{}, Usage{}).outside("byoc", cloud)},
		{"hybrid", "?", request(plain.with(platform), Usage{}).outside("hybrid", cloud)},
	} {
		if got := show(Price(test.r).GPUHour); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

// A line says what it rests on and, where it is unknown, what is missing.
func TestEvidence(t *testing.T) {
	for _, test := range []struct {
		name, item string
		r          Request
		facts, why string
	}{
		{"price", "gpu", request(plain, gpuHours("1")), "/skus/h100/price/on-demand", ""},
		{"rules", "gpu", request(baseten, jobs(1, "1m")), "/billing/increment /billing/rounding /skus/h100/price/on-demand", ""},
		{"boot", "boot", request(baseten, jobs(1, "1m")), "/billing/boot /billing/increment /billing/rounding /performance/coldStart /skus/h100/price/on-demand", ""},
		{"no price", "gpu", request(facts{}, gpuHours("1")), "", "/skus/h100/price/on-demand is not stated"},
		{"mistyped", "gpu", request(facts{"/skus/h100/price/on-demand": "1 USD"}, gpuHours("1")), "/skus/h100/price/on-demand", "/skus/h100/price/on-demand is not a price"},
		{"currency", "fee", request(plain.with(facts{"/prices/planFee": map[string]any{"amount": "9", "currency": "EUR"}}), gpuHours("1")), "/prices/planFee", "/prices/planFee is in EUR; the other prices are in USD"},
		{"rounding", "gpu", request(plain.with(facts{"/billing/increment": "1h"}), jobs(1, "90m")), "/billing/increment /skus/h100/price/on-demand", "/billing/rounding is not stated, and time is not in whole increments of 3600s"},
		{"typical", "boot", request(baseten.with(facts{"/performance/coldStart": map[string]any{"low": "30s", "high": "90s", "measures": "model-ready"}}), jobs(1, "1m")),
			"/billing/boot /billing/increment /billing/rounding /performance/coldStart /skus/h100/price/on-demand", "/performance/coldStart states no typical time"},
		{"high", "boot", request(baseten.with(facts{"/performance/coldStart": map[string]any{"typical": "90s", "measures": "model-ready"}}), jobs(1, "1m")),
			"/billing/boot /billing/increment /billing/rounding /performance/coldStart /skus/h100/price/on-demand", "/performance/coldStart states no high time"},
		{"low only", "boot", request(baseten.with(facts{"/performance/coldStart": map[string]any{"low": "90s", "measures": "model-ready"}}), jobs(1, "1m")),
			"/billing/boot /billing/increment /billing/rounding /performance/coldStart /skus/h100/price/on-demand", "/performance/coldStart states no typical and no high time"},
		{"a flag in words", "boot", request(baseten.with(facts{"/billing/boot": "yes"}), jobs(1, "1m")),
			"/billing/boot /billing/increment /billing/rounding /performance/coldStart /skus/h100/price/on-demand", "/billing/boot is not true or false"},
		{"hybrid", "gpu", request(plain.with(facts{"/hosting/overflow": true}), gpuHours("8")).outside("hybrid", cloud),
			"/hosting/overflow /skus/h100/price/on-demand", "how much overflows to the managed part is not known"},
		{"no facts", "gpu", func() Request { r := request(nil, gpuHours("8")); r.Facts = nil; return r }(), "", "/skus/h100/price/on-demand is not stated"},
		{"seats", "fee", request(plain.with(facts{"/prices/planFee": map[string]any{"amount": "9", "currency": "USD", "per": "seat"}}), gpuHours("1")), "/prices/planFee", "the fee is for each seat, and the number of seats is not stated"},
		{"usage", "gpu", request(plain, Usage{}), "/skus/h100/price/on-demand", "usage is not stated"},
		{"region", "region", request(plain, gpuHours("1")).region("us"), "", "/prices/regionMultiplier is not stated"},
		{"infrastructure", "infrastructure", request(plain, gpuHours("1")).outside("byoc", cloud), "/infrastructure/skus/p5/price/on-demand", ""},
		{"infrastructure rule", "infrastructure boot", request(plain, jobs(1, "1h")).outside("byoc", cloud.with(facts{"/billing/boot": nil})), "/infrastructure/billing/increment /infrastructure/skus/p5/price/on-demand", "/infrastructure/billing/boot is not stated"},
	} {
		l := line(t, Price(test.r), test.item)
		if got := strings.Join(l.Facts, " "); got != test.facts || l.Why != test.why {
			t.Errorf("%s: got %q, %q; want %q, %q", test.name, got, l.Why, test.facts, test.why)
		}
	}
}

// Documents are decoded in more than one way.
func TestWholeNumbers(t *testing.T) {
	for _, test := range []struct {
		value any
		want  string
	}{{json.Number("2"), "2"}, {json.Number("2.0"), "2"}, {2, "2"}, {int64(2), "2"}, {uint64(2), "2"}, {2.0, "2"},
		{2.5, ""}, {json.Number("2.5"), ""}, {json.Number("1e3"), ""}, {"2", ""}, {0, ""}, {-2, ""}, {-2.0, ""}, {1e300, ""}, {math.NaN(), ""}, {math.Inf(1), ""}, {true, ""}, {nil, ""}} {
		var n note
		got := ""
		if d, ok := (book{facts: facts{"/n": test.value}}).count(&n, "/n"); ok {
			got = d.String()
		}
		if got != test.want || (got == "") != (len(n.why) == 1) {
			t.Errorf("%v: got %q because %q, want %q", test.value, got, n.why, test.want)
		}
	}
}

// What is missing are pointers that the vendor, or we, could fill in.
func TestMissing(t *testing.T) {
	for _, test := range []struct {
		name, item, want string
		r                Request
	}{
		{"nothing", "gpu", "", request(baseten, jobs(1, "47m"))},
		{"price", "gpu", "/skus/h100/price/on-demand", request(facts{}, gpuHours("1"))},
		{"increment", "gpu", "/billing/increment", request(plain.with(facts{"/billing/increment": nil}), jobs(1, "1h"))},
		{"rounding", "gpu", "/billing/rounding", request(plain.with(facts{"/billing/increment": "1h"}), jobs(1, "90m"))},
		{"rounding that does not matter", "gpu", "", request(plain.with(facts{"/billing/increment": "1h"}), jobs(1, "2h"))},
		{"boot rule", "boot", "/billing/boot", request(baseten.with(facts{"/billing/boot": nil}), jobs(1, "47m"))},
		{"cold start", "boot", "/performance/coldStart", request(baseten.with(facts{"/performance/coldStart": nil}), jobs(1, "47m"))},
		{"delay", "idle", "/scaling/scaleDownDelay", request(baseten.with(facts{"/scaling/scaleDownDelay": nil}), jobs(1, "47m"))},
		{"multiplier", "region", "/prices/regionMultiplier", request(plain, gpuHours("1")).region("us")},
		{"fee", "fee", "/prices/planFee", request(plain.with(facts{"/prices/planFee": nil}), gpuHours("1"))},
		{"platform", "fee platform", "/prices/platformRate", request(facts{}, gpuHours("1")).outside("byoc", cloud)},
		{"infrastructure", "infrastructure boot", "/infrastructure/billing/boot", request(facts{}, jobs(1, "1h")).outside("byoc", cloud.with(facts{"/billing/boot": nil}))},
		{"mistyped is not missing", "boot", "", request(baseten.with(facts{"/performance/coldStart": "30s"}), jobs(1, "47m"))},
	} {
		if got := strings.Join(line(t, Price(test.r), test.item).Missing, " "); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestUnits(t *testing.T) {
	r := request(modal.with(facts{"/prices/regionMultiplier": "1.5"}), gpuHours("40")).region("us")
	r.Resources.CPU, r.Resources.Memory = ptr("4"), ptr("32")
	var got []string
	for _, l := range Price(r).Lines {
		got = append(got, fmt.Sprintf("%s %s %s × %s", l.Item, show(l.Quantity), l.Unit, show(l.Rate)))
	}
	want := []string{"gpu 144000 second × 0.001097", "cpu 288000 core-second × 0.0000131", "memory 4608000 GiB-second × 0.00000222",
		"region 171.97056 USD × 0.5", "fee 1 month × 250", "credit 100 USD × -1"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Each part of a life is rounded where it begins and ends, so that the parts add
// up to the whole: 3 × 100/3600 h is not 300/3600 h at 12 places.
func TestPartsOfALifeInHours(t *testing.T) {
	r := request(plain.with(facts{"/billing/boot": true, "/billing/idle": true, "/scaling/scaleDownDelay": "100s",
		"/performance/coldStart": map[string]any{"low": "100s", "high": "100s", "measures": "model-ready"}}), jobs(1, "100s"))
	c := Price(r)
	got := []string{show(line(t, c, "gpu").Quantity), show(line(t, c, "boot").Quantity), show(line(t, c, "idle").Quantity), show(c.Expected)}
	if want := []string{"0.027777777778", "0.027777777778", "0.027777777777", "0.083333333333"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestExcludes(t *testing.T) {
	c := Price(request(plain, gpuHours("1")))
	if !slices.IsSorted(c.Excludes) || !slices.Contains(c.Excludes, "tax") {
		t.Errorf("got %v, want a sorted list with tax", c.Excludes)
	}
	c.Excludes[0] = "changed"
	if Price(request(plain, gpuHours("1"))).Excludes[0] == "changed" {
		t.Error("costs share their list of what is excluded")
	}
}

func TestQuo(t *testing.T) {
	for _, test := range []struct{ n, d, want string }{
		{"1", "3", "0.333333333333"},
		{"2", "3", "0.666666666667"},
		{"1", "8192", "0.000122070312"},               // …3125: half, to even
		{"3", "8192", "0.000366210938"},               // …9375: half, to even
		{"0.00000000000001", "1", "0.00000000000001"}, // exact
		{"0", "7", "0"},
	} {
		if got := quo(dec(test.n), dec(test.d)).String(); got != test.want {
			t.Errorf("%s/%s: got %s, want %s", test.n, test.d, got, test.want)
		}
	}
}

func BenchmarkPrice(b *testing.B) {
	r := request(baseten, Usage{Jobs: []Job{job(1200, "47m"), job(10, "90s")}})
	b.ReportAllocs()
	for b.Loop() {
		Price(r)
	}
}

func BenchmarkPriceHours(b *testing.B) {
	r := request(modal, gpuHours("40"))
	r.Resources.CPU, r.Resources.Memory = ptr("4"), ptr("32")
	b.ReportAllocs()
	for b.Loop() {
		Price(r)
	}
}

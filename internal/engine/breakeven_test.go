package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/expand"
	"github.com/caveat-check/caveat/internal/price"
	"github.com/caveat-check/caveat/internal/rank"
)

// A seller is an invented vendor document with two plans. What is "" is not
// stated.
type seller struct {
	id                                 string
	price, per                         string // of a GPU
	fee, credit, commitment            string // of plan team; enterprise has a fee of 100
	uptime, soc2, sso                  string
	increment, rounding, minimum       string
	boot, coldStart, coldLow, coldHigh string
	idle, delay                        string
}

func (s seller) document() string {
	var b strings.Builder
	fmt.Fprintf(&b, `apiVersion: caveat/v1
kind: Vendor
metadata: {id: %[1]s, name: %[1]s, url: "https://%[1]s.example"}
sources:
  docs: {url: "https://%[1]s.example/docs", kind: contractual, published: 2026-11-01, read: 2026-11-01, copy: live}
  report: {document: "SOC 2 Type II report", kind: audited, published: 2026-08-01, read: 2026-09-01, copy: live}
products:
  pods: {name: Pods, hosting: [managed]}
plans:
  team: {name: Team}
  enterprise: {name: Enterprise}
hosting:
  managed: [{value: true, scope: all, sources: [docs]}]
skus:
  h100:
    name: H100
    products: [pods]
    gpu: H100
    counts: [1, 3]
    availability: [{value: self-serve, scope: all, sources: [docs]}]
    price:
      on-demand: [{value: {amount: "%s", currency: USD, per: %s, of: gpu}, scope: all, sources: [docs]}]
`, s.id, s.price, s.per)
	section, last := "", ""
	state := func(path, value, scope string) {
		if value == "" {
			return
		}
		name := ""
		if section, name, _ = strings.Cut(path, "."); section != last {
			fmt.Fprintf(&b, "%s:\n", section)
		}
		last = section
		fmt.Fprintf(&b, "  %s: [{value: %s, scope: %s, sources: [docs]}]\n", name, value, scope)
	}
	if s.soc2 != "" {
		fmt.Fprintf(&b, "certifications:\n  soc2-type2: [{value: {held: %s, periodStart: 2025-07-01, periodEnd: 2026-06-30, opinion: unqualified, criteria: [security], auditor: one}, scope: all, sources: [report]}]\n", s.soc2)
	}
	state("security.sso", s.sso, "{plans: [enterprise], rest: all}")
	state("performance.uptime", s.uptime, "all")
	if s.coldStart != "" {
		state("performance.coldStart", fmt.Sprintf("{low: %s, typical: %s, high: %s, measures: model-ready}", s.coldLow, s.coldStart, s.coldHigh), "all")
	}
	usd := func(amount string) string { return fmt.Sprintf("{amount: %q, currency: USD}", amount) }
	state("prices.cpuIncluded", "true", "all")
	fmt.Fprintf(&b, "  planFee: [{value: %s, scope: {plans: [team], rest: all}, sources: [docs]}, {value: %s, scope: {plans: [enterprise], rest: all}, sources: [docs]}]\n", usd(s.fee), usd("100"))
	state("prices.planCredit", usd(s.credit), "all")
	state("prices.minimumCommitment", usd(s.commitment), "all")
	state("billing.increment", s.increment, "all")
	state("billing.rounding", s.rounding, "all")
	state("billing.minimum", s.minimum, "all")
	state("billing.boot", s.boot, "all")
	state("billing.idle", s.idle, "all")
	state("scaling.scaleDownDelay", s.delay, "all")
	return b.String()
}

// randomMarket gives an engine a catalog of a few random sellers, by a seed.
func randomMarket(t testing.TB, e *Engine, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 7))
	one := func(values ...string) string { return values[random.IntN(len(values))] }
	e.vendors, e.expand = nil, map[string]*market{}
	for i := range 4 {
		s := seller{
			id: fmt.Sprintf("vendor-%c", 'a'+i), price: one("3", "3.5", "4", "4.25"), per: "hour",
			fee: one("0", "0", "20", "75"), credit: one("0", "0", "30"), commitment: one("0", "0", "120"),
			uptime: one("99.9", "99.9", "99.5", ""), soc2: one("true", "true", "false", ""), sso: one("[saml]", "[saml]", ""),
			increment: one("1s", "60s", "7m", "1h"), rounding: one("up", "up", "prorated"), minimum: one("0s", "45s", "10m"),
			boot: one("true", "false"), idle: one("true", "false"), delay: one("40s", "5m"), coldStart: "35s", coldLow: one("5s", "35s"), coldHigh: "35s",
		}
		if random.IntN(3) == 0 {
			s.price, s.per = one("0.001", "0.0011"), "second"
		}
		docs, problems := e.loader.Bytes(s.id+".yaml", []byte(s.document()))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		v, problems := catalog.FromDocument(docs[0], e.loader.Places())
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		e.vendors = append(e.vendors, v)
		e.expand[v.ID] = newMarket(expand.New(v, nil))
	}
}

// workload is a manifest that leaves the vendor free.
func workload(t testing.TB, e *Engine, usage, requires string) document.Document {
	t.Helper()
	text := fmt.Sprintf(`apiVersion: caveat/v1
kind: Workload
metadata: {name: asked}
spec:
  stage: select
  data: {classes: [internal]}
  resources: {gpu: {model: H100}}
  usage: %s
%s`, usage, requires)
	docs, problems := e.loader.Bytes("w.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return docs[0]
}

const everyRequirement = `  service: {uptime: 99.9}
  requires: {certifications: [soc2-type2], sso: true}
`

// What a control adds is what the ranking says without it: every offering is
// decided whole, and each control is lifted in turn.
func TestLiftedAgainstEveryControl(t *testing.T) {
	t.Parallel()
	seen := 0
	check := func(t *testing.T, e *Engine, doc document.Document) {
		t.Helper()
		decisions, problems := e.Decide(context.Background(), doc)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		got := decisions[0].Premium
		want := premiumByHand(t, e, doc, decisions)
		if (got == nil) != (want == nil) {
			t.Fatalf("%s: got premium %v, want %v", doc.Path, got, want)
		}
		if got == nil {
			return
		}
		seen += len(want.Controls)
		if a, b := fmt.Sprint(*got), fmt.Sprint(*want); a != b {
			t.Errorf("%s: got\n%s\nwant\n%s", doc.Path, a, b)
		}
	}
	e := newEngine(t, Options{Alternatives: 2})
	for seed := range uint64(30) {
		randomMarket(t, e, seed)
		e.options.All = seed%2 == 0
		check(t, e, workload(t, e, "{gpuHours: 40}", everyRequirement))
	}
	if seen < 10 {
		t.Errorf("%d lifted controls were seen; the markets show too little", seen)
	}
	seen = 0
	e = newEngine(t, Options{Accounts: accounts(), Alternatives: 3})
	for _, doc := range examples(t, e) {
		if decisions, _ := e.Decide(context.Background(), doc); len(decisions) > 0 && decisions[0].Premium != nil {
			seen++
			check(t, e, doc)
		}
	}
	if seen == 0 {
		t.Error("no example has a price of compliance")
	}
}

func premiumByHand(t *testing.T, e *Engine, doc document.Document, placed []decision.Decision) *decision.Premium {
	t.Helper()
	r, problems := e.prepare(t.Context(), doc)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	session, err := r.selection()
	if err != nil {
		t.Fatal(err)
	}
	var options []rank.Option
	stops := map[decision.Offering][]string{}
	controls := map[string]bool{}
	placement := r.manifest.Placement
	placement.Vendor, placement.Product, placement.Plan, placement.Hosting, placement.Regions, placement.SKU, placement.Capacity = "", "", "", "", nil, "", ""
	ids := r.choices(placement)
	for _, d := range placed {
		if !slices.Contains(ids, d.Offering) {
			ids = append(ids, d.Offering)
		}
	}
	for _, id := range ids {
		subject := r.subject(id)
		whole, err := session.Brief(context.Background(), subject, decide.Whole)
		if err != nil {
			t.Fatal(err)
		}
		for _, control := range slices.Concat(whole.Open, whole.Refused) {
			stops[id] = append(stops[id], control)
			controls[control] = true
		}
		options = append(options, rank.Option{Offering: id, Cost: subject.Cost})
	}
	without := func(control string) *decision.Premium {
		list := slices.Clone(options)
		for i := range list {
			list[i].Verdict = decision.Passed
			if slices.ContainsFunc(stops[list[i].Offering], func(c string) bool { return c != control }) {
				list[i].Verdict = decision.Failed
			}
		}
		return rank.Order(list, decision.Offering{}, decision.Cost{}, 1, false).Premium
	}
	premium := without("")
	if premium == nil {
		return nil
	}
	for control := range controls {
		p := without(control)
		if adds := premium.Amount.Sub(p.Amount); adds.IsPositive() {
			premium.Controls = append(premium.Controls, decision.Lifted{Control: control, Adds: adds, Offering: p.Compliant})
		}
	}
	slices.SortFunc(premium.Controls, func(a, b decision.Lifted) int { return strings.Compare(a.Control, b.Control) })
	return premium
}

// totalAt is the cost of an offering with another usage.
func totalAt(t *testing.T, r *run, o decision.Offering, usage price.Usage) decimal.Decimal {
	t.Helper()
	other := *r
	other.usage, other.costs = usage, map[priceKey]decision.Cost{}
	cost := other.subject(o).Cost
	if cost.Expected == nil {
		t.Fatalf("%v has no complete total", o)
	}
	return *cost.Expected
}

// usageAt is the usage with one quantity at another value, written anew.
func usageAt(t *testing.T, u price.Usage, b decision.BreakEven, x decimal.Decimal) price.Usage {
	t.Helper()
	switch b.Quantity {
	case "gpuHours":
		return price.Usage{GPUHours: &x}
	case "jobs":
		times := x.DivRound(decimal.NewFromInt(int64(u.Jobs[0].Count)), 30)
		return price.Usage{Jobs: u.Jobs, Times: &times}
	case "requests": // a day of traffic
		traffic := *u.Traffic
		traffic.Times = traffic.Times.Mul(x).DivRound(b.Now, 30)
		return price.Usage{Traffic: &traffic}
	default:
		d, err := price.ParseDuration(x.String() + "s")
		if err != nil {
			t.Fatal(err)
		}
		return price.Usage{Jobs: []price.Job{{Count: u.Jobs[0].Count, Duration: d}}}
	}
}

// Every break-even is a flip when both offerings are priced beside it, and
// between it and the present quantity there is none: in markets of random
// billing rules.
func TestBreakEvenFlips(t *testing.T) {
	t.Parallel()
	traffic := "{traffic: {profile: {hourly: [" + strings.TrimSuffix(strings.Repeat(`"4/h", `, 24), ", ") + "]}, request: {duration: 20s}, concurrency: 2, scaling: {minReplicas: 0, maxReplicas: 9}}}"
	seen := map[string]int{}
	e := newEngine(t, Options{Alternatives: 8, All: true})
	for seed := range uint64(40) {
		randomMarket(t, e, seed)
		for _, usage := range []string{"{gpuHours: 40}", "{jobs: [{count: 90, duration: 11m}]}", "{jobs: [{count: 1200, duration: 100s}]}", traffic} {
			doc := workload(t, e, usage, "")
			decisions, problems := e.Decide(context.Background(), doc)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			r, problems := e.prepare(t.Context(), doc)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			d := decisions[0]
			for _, b := range d.BreakEven {
				seen[b.Quantity]++
				sign := func(x decimal.Decimal) int {
					usage := usageAt(t, r.usage, b, x)
					return totalAt(t, r, b.Below, usage).Cmp(totalAt(t, r, b.Above, usage))
				}
				unit := decimal.New(1, -6)
				below, above := b.At.Sub(unit).RoundFloor(9), b.At.Add(unit).RoundCeil(9)
				step := b.At.DivRound(decimal.NewFromInt(500), 6)
				for i := 0; sign(below) == 0 && i < 400; i++ {
					below = below.Sub(step)
				}
				for i := 0; sign(above) == 0 && i < 400; i++ {
					above = above.Add(step)
				}
				if sign(below) != -1 || sign(above) != 1 {
					t.Errorf("seed %d, %s: %s at %s: %v below and %v above cost the other way about", seed, usage, b.Quantity, b.At, b.Below, b.Above)
				}
				want := sign(b.Now)
				for i := int64(1); i < 20 && want != 0; i++ {
					x := b.Now.Add(b.At.Sub(b.Now).Mul(decimal.New(5*i, -2))).Round(9)
					if s := sign(x); s == -want {
						t.Errorf("seed %d, %s: %s flips before %s: at %s", seed, usage, b.Quantity, b.At, x)
					}
				}
			}
		}
	}
	for _, quantity := range []string{"gpuHours", "jobs", "duration", "requests"} {
		if seen[quantity] < 10 {
			t.Errorf("%d break-evens of %s were seen; the markets show too little", seen[quantity], quantity)
		}
	}
}

// BenchmarkContest compares the first places of a market, by what the usage
// lets vary.
func BenchmarkContest(b *testing.B) {
	for _, usage := range []string{"{gpuHours: 40}", "{jobs: [{count: 90, duration: 11m}]}"} {
		b.Run(usage, func(b *testing.B) {
			e := newEngine(b, Options{Alternatives: 3})
			randomMarket(b, e, 9)
			r, problems := e.prepare(b.Context(), workload(b, e, usage, ""))
			if len(problems) > 0 {
				b.Fatal(problems)
			}
			decisions, err := r.decide(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			d := decisions[0]
			var options []evaluated
			for _, c := range d.Contestants() {
				options = append(options, evaluated{r.subject(c.Offering), rank.Option{Offering: c.Offering}})
			}
			b.ReportAllocs()
			for b.Loop() {
				d.BreakEven = nil
				r.contest(&d, options)
			}
			b.ReportMetric(float64(len(options)), "offerings")
			b.ReportMetric(float64(len(d.BreakEven)), "flips")
		})
	}
}

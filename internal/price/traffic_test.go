package price

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/decision"
)

// A toy is a Player in closed form: every request is a life of its own that
// runs for run, and waits for the boot unless Min replicas are kept on.
type toy struct {
	requests int
	run      time.Duration
	err      error
	hopeless time.Duration // with this boot
	asked    *[]Scenario
}

func (p toy) Play(s Scenario, readings []Reading) (Played, error) {
	if p.asked != nil {
		*p.asked = append(*p.asked, s)
	}
	if p.err != nil {
		return Played{}, p.err
	}
	if p.hopeless > 0 && s.Boot == p.hopeless && s.Min < 2 {
		return Played{}, errors.New("it cannot keep up")
	}
	n := integer(p.requests)
	run := p.run * time.Duration(s.Slower) / time.Duration(s.Faster)
	played := Played{Requests: p.requests, ColdStarts: p.requests, Peak: 1, P50: s.Boot, P95: s.Boot, P99: s.Boot, Busy: n.Mul(seconds(run)), Life: n.Mul(seconds(run + s.Boot + s.Delay))}
	if s.Min >= 2 {
		played.ColdStarts, played.P50, played.P95, played.P99 = 0, 0, 0, 0
	}
	for _, r := range readings {
		if s.Min >= 2 {
			played.Billed = append(played.Billed, Billed{Run: n.Mul(seconds(run)), Idle: integer(s.Min).Mul(seconds(s.Period)).Sub(n.Mul(seconds(run)))})
			continue
		}
		rule := rule{increment: seconds(r.Increment), minimum: seconds(r.Minimum)}
		boot, idle := map[bool]time.Duration{true: s.Boot}[r.Boot], map[bool]time.Duration{true: s.Delay}[r.Idle]
		a, b, c := rule.bill(seconds(run), r.Up), rule.bill(seconds(run+boot), r.Up), rule.bill(seconds(run+boot+idle), r.Up)
		played.Billed = append(played.Billed, Billed{n.Mul(a), n.Mul(b.Sub(a)), n.Mul(c.Sub(b))})
	}
	return played, nil
}

func (p toy) Least(scenarios []Scenario, wait time.Duration) (int, bool, error) {
	return 2, scenarios[0].Max >= 2, nil
}

func within(text string) *time.Duration {
	if text == "" {
		return nil
	}
	d, err := ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return &d
}

func cold(low, typical, high string) ColdStart {
	return ColdStart{within(low), within(typical), within(high)}
}

// traffic30 is 30 requests of 20 s in an hour, all month.
func traffic30() *Traffic {
	return &Traffic{Times: integer(730), Over: integer(1), Period: time.Hour, Concurrency: 1, Digest: "sha256:0", Player: toy{requests: 30, run: 20 * time.Second}}
}

var scaled = baseten.with(facts{"/scaling/minReplicas": 0, "/scaling/maxReplicas": 10})

func TestTraffic(t *testing.T) {
	for _, c := range []struct {
		name    string
		facts   facts
		change  func(*Request)
		lines   string // item quantity amount, as far as asked
		total   string // low expected high
		whys    string
		billed  string
		missing string
	}{
		{
			name: "three cold starts: 20+45+900 s are 17 minutes, 20+30+900 are 16, 20+90+900 are 17", facts: scaled,
			lines: "gpu 21900, boot 21900, idle 328500", total: "37958.832 40331.259 40331.259", billed: "30600",
		},
		{
			name: "typical alone", facts: scaled.with(facts{"/performance/coldStart": map[string]any{"typical": "45s", "measures": "model-ready"}}),
			total: "40331.259 40331.259 40331.259", billed: "30600",
		},
		{
			name: "low alone", facts: scaled.with(facts{"/performance/coldStart": map[string]any{"low": "45s", "measures": "model-ready"}}),
			total: "40331.259 ? ?", whys: "the cold start has no typical and no high time", billed: "30600",
		},
		{
			name: "high alone", facts: scaled.with(facts{"/performance/coldStart": map[string]any{"high": "45s", "measures": "model-ready"}}),
			total: "0 ? 40331.259", whys: "the cold start has no typical and no low time",
		},
		{
			name: "low and high", facts: scaled.with(facts{"/performance/coldStart": map[string]any{"low": "30s", "high": "90s", "measures": "model-ready"}}),
			total: "37958.832 ? 40331.259", whys: "the cold start has no typical time",
		},
		{
			name: "low is high", facts: scaled.with(facts{"/performance/coldStart": map[string]any{"low": "45s", "high": "45s", "measures": "model-ready"}}),
			total: "40331.259 40331.259 40331.259",
		},
		{
			name: "the container's boot", facts: scaled.with(facts{"/performance/coldStart": map[string]any{"typical": "1s", "measures": "container-boot"}}),
			total: "0 ? ?", whys: "leaves out the model load; state usage.traffic.scaling.coldStart",
		},
		{
			name: "no cold start", facts: scaled.with(facts{"/performance/coldStart": nil}),
			total: "0 ? ?", whys: "/performance/coldStart is not stated; state usage.traffic.scaling.coldStart", missing: "/performance/coldStart",
		},
		{
			name: "measured by us", facts: scaled.with(facts{"/performance/coldStart": nil}),
			change: func(r *Request) { r.Usage.Traffic.ColdStart = cold("", "45s", "") }, total: "40331.259 40331.259 40331.259",
		},
		{
			name: "no delay", facts: scaled.with(facts{"/scaling/scaleDownDelay": nil}),
			total: "0 ? ?", whys: "/scaling/scaleDownDelay is not stated; state usage.traffic.scaling.scaleDownDelay", missing: "/scaling/scaleDownDelay",
		},
		{
			name: "our delay: 20+45+10 s are 2 minutes", facts: scaled,
			change: func(r *Request) { r.Usage.Traffic.ScaleDownDelay = within("10s") },
			lines:  "gpu 21900, boot 21900, idle 0", total: "2372.427 4744.854 4744.854",
		},
		{
			name: "no least replicas", facts: scaled.with(facts{"/scaling/minReplicas": nil}),
			total: "0 ? ?", whys: "/scaling/minReplicas is not stated; state usage.traffic.scaling.minReplicas",
		},
		{
			name: "no limit", facts: scaled.with(facts{"/scaling/maxReplicas": nil}),
			total: "0 ? ?", whys: "/scaling/maxReplicas is not stated; state usage.traffic.scaling.maxReplicas", missing: "/scaling/maxReplicas",
		},
		{
			name: "a limit below the least", facts: scaled,
			change: func(r *Request) { n := 11; r.Usage.Traffic.MinReplicas = &n },
			total:  "0 ? ?", whys: "at most 10 replicas are allowed and at least 11 are kept on",
		},
		{
			name: "always on needs no cold start and no delay", facts: scaled.with(facts{"/performance/coldStart": nil, "/scaling/scaleDownDelay": nil}),
			change: func(r *Request) { n := 2; r.Usage.Traffic.MinReplicas, r.Usage.Traffic.MaxReplicas = &n, &n },
			lines:  "gpu 7300, boot 0, idle 80300", total: "9489.708 9489.708 9489.708", billed: "7200",
		},
		{
			name: "waits are short enough", facts: scaled,
			change: func(r *Request) { r.Usage.Traffic.Wait = within("90s") }, total: "37958.832 40331.259 40331.259",
		},
		{
			name: "two kept on, since the longest cold start is too long", facts: scaled,
			change: func(r *Request) { r.Usage.Traffic.Wait = within("89s") }, total: "9489.708 9489.708 9489.708",
		},
		{
			name: "kept on where idle time is not billed", facts: scaled.with(facts{"/billing/idle": false}),
			change: func(r *Request) { r.Usage.Traffic.Wait = within("1s") }, total: "9489.708 9489.708 9489.708",
		},
		{
			name: "no number kept on is enough", facts: scaled.with(facts{"/scaling/maxReplicas": 1}),
			change: func(r *Request) { r.Usage.Traffic.Wait = within("1s") }, total: "37958.832 40331.259 40331.259",
		},
		{
			name: "nobody says whether boot is billed", facts: scaled.with(facts{"/billing/boot": nil}),
			lines: "gpu 21900, boot ?, idle 328500", total: "37958.832 ? 40331.259", whys: "/billing/boot is not stated", missing: "/billing/boot",
		},
		{
			name: "no increment", facts: scaled.with(facts{"/billing/increment": nil}),
			lines: "gpu ?, boot ?, idle ?", whys: "/billing/increment is not stated", missing: "/billing/increment",
		},
		{
			name: "neither boot nor idle", facts: scaled.with(facts{"/billing/boot": false, "/billing/idle": false}),
			lines: "gpu 21900", total: "2372.427 2372.427 2372.427", billed: "1800",
		},
		{
			name: "it cannot keep up", facts: scaled,
			change: func(r *Request) { r.Usage.Traffic.Player = toy{err: errors.New("it cannot keep up")} },
			total:  "? ? ?", whys: "it cannot keep up",
		},
		{
			name: "it cannot keep up with the longest cold start", facts: scaled,
			change: func(r *Request) {
				r.Usage.Traffic.Player = toy{requests: 30, run: 20 * time.Second, hopeless: 90 * time.Second}
			},
			lines: "gpu ?", total: "? ? ?", whys: "with a cold start of 1m30s: it cannot keep up",
		},
		{
			name: "it cannot keep up from zero, and can with two kept on", facts: scaled,
			change: func(r *Request) {
				r.Usage.Traffic.Player = toy{requests: 30, run: 20 * time.Second, hopeless: 90 * time.Second}
				r.Usage.Traffic.Wait = within("1s")
			},
			total: "9489.708 9489.708 9489.708",
		},
		{
			name: "a feature's own cold start", facts: scaled.with(facts{"/features/x/facts/performance/coldStart": map[string]any{"typical": "90s", "measures": "model-ready"}}),
			change: func(r *Request) { r.ColdStarts = []string{"/features/x/facts/performance/coldStart"} },
			total:  "40331.259 40331.259 40331.259",
		},
		{
			name: "two features with their own", facts: scaled,
			change: func(r *Request) { r.ColdStarts = []string{"/x", "/y"} },
			total:  "0 ? ?", whys: "several features in use have a cold start of their own: /x, /y",
		},
		{
			name: "another GPU of unknown speed", facts: scaled,
			change: func(r *Request) { r.Resources.GPU = "A100-80GB" },
			total:  "0 ? ?", whys: "how fast H100 is beside A100-80GB is not stated; state usage.traffic.speed",
		},
		{
			name: "another GPU at half the speed: 40+45+900 s are 17 minutes", facts: scaled,
			change: func(r *Request) {
				r.Resources.GPU, r.Usage.Traffic.Speed = "A100-80GB", map[string]decimal.Decimal{"H100": dec("0.5")}
			},
			total: "40331.259 40331.259 42703.686",
		},
		{
			name: "two nodes", facts: scaled,
			change: func(r *Request) { r.Resources.Nodes = 2 }, total: "75917.664 80662.518 80662.518", billed: "30600",
		},
		{
			name: "a week of a period of 7 hours", facts: scaled,
			change: func(r *Request) { r.Usage.Traffic.Times, r.Usage.Traffic.Over = integer(730), integer(7) },
			lines:  "gpu 3128.571428571429, boot 3128.571428571428, idle 46928.571428571429",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(c.facts, Usage{Traffic: traffic30()})
			r.Resources.GPU = "H100"
			if c.change != nil {
				c.change(&r)
			}
			cost := Price(r)
			check(t, cost)
			var missing, whys []string
			for _, line := range cost.Lines {
				missing, whys = append(missing, line.Missing...), append(whys, line.Why)
			}
			for _, want := range strings.Split(c.lines, ", ") {
				item, quantity, asked := strings.Cut(want, " ")
				if got := line(t, cost, cmpOr(item, "gpu")); asked && show(got.Quantity) != quantity {
					t.Errorf("got %s of %s, want %s", show(got.Quantity), item, quantity)
				}
			}
			if got := fmt.Sprint(show(cost.Low), " ", show(cost.Expected), " ", show(cost.High)); c.total != "" && got != c.total {
				t.Errorf("got %s, want %s", got, c.total)
			}
			if !strings.Contains(strings.Join(whys, "; "), c.whys) {
				t.Errorf("got %q, want %q", whys, c.whys)
			}
			if c.missing != "" && !slices.Contains(missing, c.missing) {
				t.Errorf("got %q, want %q", missing, c.missing)
			}
			if c.billed != "" && show(cost.Replay.BilledSeconds) != c.billed {
				t.Errorf("got %s billed, want %s", show(cost.Replay.BilledSeconds), c.billed)
			}
		})
	}
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// A limit on GPUs bounds replicas as one on replicas does.
func TestMaxReplicas(t *testing.T) {
	for _, c := range []struct {
		name   string
		facts  facts
		gpus   int
		stated int
		want   int
	}{
		{"replicas", scaled, 1, 0, 10},
		{"GPUs", scaled.with(facts{"/scaling/maxReplicas": nil, "/scaling/maxGpus": 9}), 2, 0, 4},
		{"both, GPUs are fewer", scaled.with(facts{"/scaling/maxGpus": 9}), 1, 0, 9},
		{"both, replicas are fewer", scaled.with(facts{"/scaling/maxGpus": 90}), 8, 0, 10},
		{"the manifest's", scaled.with(facts{"/scaling/maxGpus": 9}), 1, 3, 3},
	} {
		var asked []Scenario
		u := traffic30()
		u.Player = toy{requests: 1, run: time.Second, asked: &asked}
		if c.stated > 0 {
			u.MaxReplicas = &c.stated
		}
		Price(request(c.facts, Usage{Traffic: u}).count(c.gpus))
		if len(asked) == 0 || asked[0].Max != c.want {
			t.Errorf("%s: got %v, want at most %d", c.name, asked, c.want)
		}
	}
}

// The report names the rules that were used.
func TestReplayRules(t *testing.T) {
	r := request(scaled, Usage{Traffic: traffic30()})
	r.Usage.Traffic.Wait = within("1m")
	got := Price(r).Replay
	yes := true
	want := decision.Replay{
		Requests: 30, PeakReplicas: 1, BilledSeconds: ptr("7200"), Utilisation: dec("0.020725388601"), Trace: "sha256:0",
		Period: dec("3600"), Concurrency: 1, MinReplicas: 2, MaxReplicas: 10, ScaleDownDelay: dec("900"), ColdStart: dec("45"),
		Increment: ptr("60"), Rounding: "up", Minimum: ptr("0"), BillsBoot: &yes, BillsIdle: &yes, Warm: true, WaitP99Low: ptr("0"), WaitP99High: ptr("0"),
	}
	if fmt.Sprint(plainReplay(*got)) != fmt.Sprint(plainReplay(want)) {
		t.Errorf("got  %v\nwant %v", plainReplay(*got), plainReplay(want))
	}
}

func plainReplay(r decision.Replay) []any {
	return []any{r.Requests, r.ColdStarts, r.PeakReplicas, show(r.BilledSeconds), r.WaitP50, r.WaitP95, r.WaitP99, r.Utilisation, r.Trace, r.Period, r.Concurrency,
		r.MinReplicas, r.MaxReplicas, r.ScaleDownDelay, r.ColdStart, show(r.Increment), r.Rounding, show(r.Minimum), *r.BillsBoot, *r.BillsIdle, r.Warm, show(r.WaitP99Low), show(r.WaitP99High)}
}

// The longest cold start takes usage beyond a commitment: as long as nobody says
// what that costs, nothing bounds the total.
func TestTrafficBeyondACommitment(t *testing.T) {
	f := scaled.with(facts{"/performance/coldStart": map[string]any{"low": "20s", "typical": "30s", "high": "90s", "measures": "model-ready"}, "/prices/commitment": usd("39000")})
	for _, test := range []struct {
		multiplier any
		high       string
	}{{nil, "?"}, {"1", "40331.259"}, {"1.2", "40597.5108"}, {"0.5", "39665.6295"}} {
		c := Price(request(f.with(facts{"/prices/overageMultiplier": test.multiplier}), Usage{Traffic: traffic30()}))
		if show(c.Low) != "39000" || show(c.Expected) != "39000" || show(c.High) != test.high {
			t.Errorf("%v: got %s, %s, %s; want 39000, 39000, %s", test.multiplier, show(c.Low), show(c.Expected), show(c.High), test.high)
		}
		for _, l := range c.Lines {
			if l.Amount != nil && l.MayFall {
				t.Errorf("%v: %s is known and may fall", test.multiplier, l.Item)
			}
		}
	}
}

// Low and high are the least and the greatest total of the runs, each run priced
// by itself, fee, credit and region included.
func TestTrafficBoundsAreTotals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t, "h100").with(scaled.with(nil)).with(facts{"/prices/planCredit": usd(rapid.SampledFrom([]string{"0", "100", "30000"}).Draw(t, "credit"))})
		u := traffic30()
		u.Player = toy{requests: rapid.IntRange(1, 40).Draw(t, "requests"), run: drawDuration(t)}
		starts := []time.Duration{drawDuration(t), drawDuration(t), drawDuration(t)}
		slices.Sort(starts)
		u.ColdStart = ColdStart{&starts[0], &starts[1], &starts[2]}
		got := Price(request(f, Usage{Traffic: u}))
		var least, most *decimal.Decimal
		for _, boot := range starts {
			one := *u
			one.ColdStart = ColdStart{Typical: &boot}
			c := Price(request(f, Usage{Traffic: &one}))
			if c.Expected == nil || !equal(c.Low, c.High) {
				t.Skip("not all is stated")
			}
			if least == nil || c.Expected.LessThan(*least) {
				least = c.Expected
			}
			if most == nil || c.Expected.GreaterThan(*most) {
				most = c.Expected
			}
		}
		if !equal(got.Low, least) || !equal(got.High, most) {
			t.Fatalf("got %s to %s, want %s to %s", show(got.Low), show(got.High), show(least), show(most))
		}
	})
}

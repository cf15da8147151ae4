package engine

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/manifest"
	"github.com/caveat-check/caveat/internal/rank"
)

// replayed is a manifest with traffic, all of its scaling stated but for what a
// vendor's document says of the delay.
const replayed = `
apiVersion: caveat/v1
kind: Workload
metadata: {name: traces}
spec:
  stage: select
  data: {classes: [internal]}
  resources: {gpu: {model: H100}, cpu: 8, memory: 64GiB}
  usage:
    traffic:
%s
      concurrency: 8
      scaling: {minReplicas: %d, maxReplicas: 50, coldStart: 30s%s}
`

const (
	azure = `
      trace: %s
      columns: {time: TIMESTAMP, outputTokens: GeneratedTokens}
      request: {ttft: 200ms, perOutputToken: 20ms}
      perMonth: 730`
	steady = `
      profile: {hourly: [%s]}
      request: {duration: 4s}`
)

// The tables of docs/cost.md on real traces, on every vendor that has a price
// for one H100.
func TestTraceNumbers(t *testing.T) {
	if testing.Short() {
		t.Skip("replays real traces on the whole catalog: run without -short")
	}
	folder, err := filepath.Abs("../../../shared/traces")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the real traces are not beside the project")
	}
	table := &bytes.Buffer{}
	for i, trace := range []struct{ name, file string }{
		{"Chat: 19,366 requests in an hour", "AzureLLMInferenceTrace_conv.csv"}, {"Code: 8,819 requests in an hour", "AzureLLMInferenceTrace_code.csv"},
	} {
		if i > 0 {
			fmt.Fprintln(table)
		}
		fmt.Fprintf(table, "%s, all day.\n\n| vendor and plan | from zero: GPU time a month | cold starts an hour | p99 wait | one kept on | cold starts | p99 wait | premium |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n", trace.name)
		traffic := fmt.Sprintf(azure, filepath.Join(folder, trace.file))
		zero, warm := vendorCosts(t, traffic, 0), vendorCosts(t, traffic, 1)
		for _, v := range zero {
			w := warm[slices.IndexFunc(warm, func(w vendorCost) bool { return w.name == v.name })]
			fmt.Fprintf(table, "| %s | %s | %d | %s s | %s | %d | %s s | %s |\n", v.name, v.span(), v.replay.ColdStarts, v.replay.WaitP99.RoundBank(1), w.span(), w.replay.ColdStarts, w.replay.WaitP99.RoundBank(1), premium(v, w))
		}
	}
	replaceInDoc(t, "../../docs/cost.md", "numbers", table.String())
}

// The table of docs/cost.md on steady traffic of several rates.
func TestSteadyNumbers(t *testing.T) {
	table := &bytes.Buffer{}
	fmt.Fprint(table, "Requests of 4 s at a steady rate (Poisson), p99 wait from zero / with one kept on, and the premium of one kept on over none.\n\n| requests an hour |")
	rates := []int{1, 4, 20, 60, 100, 200, 1000, 5000}
	vendors := []string{"modal", "baseten", "runpod"}
	for _, v := range vendors {
		fmt.Fprintf(table, " %s |", v)
	}
	fmt.Fprintf(table, "\n| ---: |%s\n", strings.Repeat(" ---: |", len(vendors)))
	for _, rate := range rates {
		traffic := fmt.Sprintf(steady, strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`"%d/h", `, rate), 24), ", "))
		zero, warm := vendorCosts(t, traffic, 0), vendorCosts(t, traffic, 1)
		fmt.Fprintf(table, "| %d |", rate)
		for _, vendor := range vendors {
			is := func(v vendorCost) bool { return strings.HasPrefix(v.name, vendor+" ") }
			v, w := zero[slices.IndexFunc(zero, is)], warm[slices.IndexFunc(warm, is)]
			fmt.Fprintf(table, " %s s / %s s, %s |", v.replay.WaitP99.RoundBank(1), w.replay.WaitP99.RoundBank(1), premium(v, w))
		}
		fmt.Fprintln(table)
	}
	replaceInDoc(t, "../../docs/cost.md", "steady", table.String())
}

// A vendorCost is the GPU time of a vendor's cheapest managed offering. It is
// open where nobody states enough of the billing rules to bound it.
type vendorCost struct {
	name      string
	low, high decimal.Decimal
	open      bool
	replay    *decision.Replay
}

func (v vendorCost) span() string {
	if v.open {
		return "≥ $" + v.low.RoundFloor(0).String()
	}
	if v.low.Equal(v.high) {
		return "$" + v.low.RoundBank(0).String()
	}
	return fmt.Sprintf("$%s–%s", v.low.RoundFloor(0), v.high.RoundCeil(0))
}

// premium is what a kept replica adds, in percent, under the readings of the
// billing rules that bill the least and the most.
func premium(zero, warm vendorCost) string {
	if zero.open || warm.open {
		return "?"
	}
	percent := func(a, b decimal.Decimal) string {
		p := a.Sub(b).Shift(2).DivRound(b, 8).RoundBank(0)
		if p.IsPositive() {
			return "+" + p.String()
		}
		return strings.Replace(p.String(), "-", "−", 1)
	}
	low, high := percent(warm.low, zero.low), percent(warm.high, zero.high)
	if low == high {
		return low + " %"
	}
	return low + " or " + high + " %"
}

// vendorCosts prices the traffic on each vendor's cheapest managed offering of
// one H100 by its GPU time. A vendor that states no scale-down delay gets one
// of five minutes, and a dagger.
func vendorCosts(t *testing.T, traffic string, kept int) []vendorCost {
	t.Helper()
	e := newEngine(t, Options{})
	best := map[string]vendorCost{}
	for _, delay := range []string{"", ", scaleDownDelay: 5m"} {
		documents, problems := e.loader.Bytes("w.yaml", fmt.Appendf(nil, replayed, traffic, kept, delay))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		r, problems := e.prepare(context.Background(), documents[0])
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		choices := r.choices(manifest.Placement{Hosting: "managed"})
		slices.SortFunc(choices, func(a, b decision.Offering) int {
			return rank.Compare(rank.Option{Offering: a}, rank.Option{Offering: b})
		})
		for _, id := range choices {
			if id.GPU != "H100" || id.Count != 1 {
				continue
			}
			cost := r.subject(id).Cost
			v := vendorCost{name: id.Vendor + " " + id.Plan, replay: cost.Replay}
			known := cost.Replay != nil && cost.Currency == "USD"
			for _, line := range cost.Lines {
				if slices.Contains([]string{"gpu", "boot", "idle"}, line.Item) {
					if known = known && line.Low != nil; !known {
						break
					}
					v.low = v.low.Add(*line.Low)
					if line.High == nil {
						v.open = true
					} else {
						v.high = v.high.Add(*line.High)
					}
				}
			}
			if !known {
				continue
			}
			if delay != "" {
				v.name += " †"
			}
			old, ok := best[id.Vendor]
			if !ok || strings.HasSuffix(old.name, "†") == (delay != "") && (v.open == old.open && v.low.LessThan(old.low) || old.open && !v.open) {
				best[id.Vendor] = v
			}
		}
		r.close()
	}
	var list []vendorCost
	for _, v := range best {
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b vendorCost) int {
		if a.open != b.open {
			return map[bool]int{true: 1, false: -1}[a.open]
		}
		if c := a.low.Cmp(b.low); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
	return list
}

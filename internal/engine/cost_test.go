package engine_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/engine"
)

func costEngine(t *testing.T) *engine.Engine {
	t.Helper()
	e, problems := engine.New(t.Context(), engine.Options{AsOf: "2026-11-23", Alternatives: 3})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return e
}

// TestEstimates holds what is estimated to what is decided: the same offering,
// verdict and cost, everything that is listed, in the order of cost; and a
// quote at the manifest's own values is that of the estimate.
func TestEstimates(t *testing.T) {
	e := costEngine(t)
	files, err := filepath.Glob(filepath.Join(fixtures, "workloads", "*.yaml"))
	if err != nil || len(files) < 10 {
		t.Fatalf("got %v, %v", files, err)
	}
	for _, file := range files {
		decisions := map[int][]decision.Decision{}
		err := e.Check(t.Context(), []string{file}, func(r engine.Result) error {
			for _, d := range r.Decisions {
				decisions[d.Manifest.Document] = append(decisions[d.Manifest.Document], d)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		drafts, problems := e.Drafts(t.Context(), file)
		if len(problems) > 0 || len(drafts) != len(decisions) {
			t.Fatalf("%s: got %d drafts, want %d: %v", file, len(drafts), len(decisions), problems)
		}
		for _, draft := range drafts {
			written := cost.Words(draft.Root)
			got, problems := e.Estimate(t.Context(), draft)
			if got == nil || len(problems) > 0 {
				t.Fatalf("%s: %v", file, problems)
			}
			if cost.Words(draft.Root) != written {
				t.Errorf("%s: the draft has changed", file)
			}
			var want decision.Decision
			listed := 0
			for _, d := range decisions[draft.Index] {
				listed++
				if d.Offering == got.Offering {
					want = d
				}
			}
			if got.Manifest != want.Manifest || got.Verdict != want.Verdict || !got.Cost.Known.Equal(want.Cost.Known) {
				t.Errorf("%s: got %v %v %v, want %v %v %v", file, got.Manifest, got.Verdict, got.Cost.Known, want.Manifest, want.Verdict, want.Cost.Known)
			}
			all := map[decision.Offering]bool{}
			for _, d := range decisions[draft.Index] {
				all[d.Offering] = true
			}
			for _, a := range want.Alternatives {
				all[a.Offering] = true
			}
			for _, c := range want.Candidates {
				all[c.Offering] = true
			}
			for _, r := range want.Rejected {
				all[r.Offering] = true
			}
			if len(got.Offerings) != len(all) {
				t.Errorf("%s: got %d offerings, want %d", file, len(got.Offerings), len(all))
			}
			var series []cost.Series
			complete := true
			for i, row := range got.Offerings {
				if row.Rank != i+1 || !all[row.Offering] {
					t.Errorf("%s: row %d is ranked %d: %v", file, i, row.Rank, row.Offering)
				}
				if row.Cost.Expected != nil && !complete {
					t.Errorf("%s: a complete total comes after an incomplete one", file)
				}
				complete = row.Cost.Expected != nil
				if row.Verdict == decision.Failed != (len(row.Refused) > 0) {
					t.Errorf("%s: %v is %v, refused by %v", file, row.Offering, row.Verdict, row.Refused)
				}
				series = append(series, cost.Series{Offering: row.Offering, Verdict: row.Verdict, Placed: row.Placed})
			}
			quotes, problems := e.Quotes(t.Context(), draft, series)
			if len(problems) > 0 || len(quotes) != len(series) {
				t.Fatalf("%s: got %d quotes: %v", file, len(quotes), problems)
			}
			for i, q := range quotes {
				row := got.Offerings[i]
				if q.Verdict != row.Verdict || !q.Known.Equal(row.Cost.Known) || (q.Expected == nil) != (row.Cost.Expected == nil) {
					t.Errorf("%s: %v: quoted %v %v, estimated %v %v", file, row.Offering, q.Verdict, q.Known, row.Verdict, row.Cost.Known)
				}
			}
			// Without an account of ours, list prices are what is charged.
			if c, problems := e.AtList(t.Context(), draft, got.Offering); len(problems) > 0 || !c.Known.Equal(got.Cost.Known) {
				t.Errorf("%s: got list price %v, want %v: %v", file, c.Known, got.Cost.Known, problems)
			}
		}
	}
}

// A manifest that is changed is checked again, by schema and by catalog.
func TestEstimateOfAChange(t *testing.T) {
	e := costEngine(t)
	drafts, problems := e.Drafts(context.Background(), filepath.Join(fixtures, "workloads", "soc2-select.yaml"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, c := range []struct{ path, value, want string }{
		{"usage.gpuHours", "many", "spec.usage.gpuHours is"},
		{"usage.gpuHuors", "10", `unknown key "gpuHuors"`},
		{"placement.plan", "no-such-plan", `has no plan "no-such-plan"`},
	} {
		draft := drafts[0]
		draft.Root = draft.Root.Clone()
		parts, err := cost.Path(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (cost.Change{Parts: parts, Value: document.Of(c.value, 1, 1)}).Apply(draft.Root); err != nil {
			t.Fatal(err)
		}
		estimate, problems := e.Estimate(t.Context(), draft)
		if estimate != nil || !slices.ContainsFunc(problems, func(p decision.Problem) bool { return strings.Contains(p.Message, c.want) && p.Line > 1 }) {
			t.Errorf("%s=%s: got %v, want %s with a line", c.path, c.value, problems, c.want)
		}
		if quotes, problems := e.Quotes(t.Context(), draft, nil); quotes != nil || len(problems) == 0 {
			t.Errorf("%s=%s: got quotes", c.path, c.value)
		}
		if _, problems := e.AtList(t.Context(), draft, decision.Offering{}); len(problems) == 0 {
			t.Errorf("%s=%s: got a price", c.path, c.value)
		}
	}
}

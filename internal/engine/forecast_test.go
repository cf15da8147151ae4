package engine

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/caveat-check/caveat/internal/decision"
)

// TestForecastIsCheck holds a forecast to what a check says on every single
// day: the decisions change on the days that it names and on no other, and to
// what it says.
func TestForecastIsCheck(t *testing.T) {
	t.Parallel()
	shared := "../cli/testdata/shared"
	small := Options{NoDefaultCatalog: true, Catalog: []string{shared + "/catalog"}}
	for _, c := range []struct {
		name    string
		options Options
		from    string
		days    int
		files   []string
	}{
		// Prices are of 2026-11-01 and 90 days old at most; the report ends.
		{"small catalog", small, "2026-12-20", 60, []string{shared + "/pass.yaml", shared + "/fail.yaml", shared + "/review.yaml", shared + "/advice.yaml"}},
		{"before the sources", small, "2026-09-15", 60, []string{shared + "/pass.yaml", shared + "/advice.yaml"}},
		// The order form ends on 2027-02-28.
		{"contract", Options{Accounts: accounts()}, "2027-01-25", 60, []string{"../../fixtures/workloads/phi-proved.yaml"}},
		// The SOC 2 period of 2026-06-30 counts for twelve months.
		{"period", Options{Accounts: accounts()}, "2027-05-10", 60, []string{"../../fixtures/workloads/soc2-select.yaml"}},
		// What is known of an incomplete total grows when the account's credit ends.
		{"incomplete total", Options{Accounts: accounts()}, "2027-08-20", 20, []string{"../../fixtures/workloads/pci-payments.yaml"}},
		{"evidence", Options{}, "2027-04-20", 60, []string{"../../fixtures/workloads/unknown-evidence.yaml"}},
		// A date among the parameters of a profile, and one in the text of a control.
		{"own policy", Options{NoDefaultCatalog: true, Catalog: small.Catalog, Policies: []string{"testdata/dates"}, Profiles: []string{"freeze"}}, "2027-01-05", 20, []string{shared + "/pass.yaml"}},
		{"waiver", Options{Waivers: []string{"../../fixtures/waivers"}}, "2026-12-20", 60, []string{"../../fixtures/workloads/over-budget.yaml"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, err := time.Parse(time.DateOnly, c.from)
			if err != nil {
				t.Fatal(err)
			}
			day := func(i int) string { return from.AddDate(0, 0, i).Format(time.DateOnly) }
			engineOn := func(on string) *Engine {
				options := c.options
				options.AsOf = on
				e, problems := New(context.Background(), options)
				if len(problems) > 0 {
					t.Fatal(problems)
				}
				return e
			}
			e := engineOn(c.from)
			changes := 0
			for _, file := range c.files {
				got, err := e.Forecast(context.Background(), []string{file}, day(c.days))
				if err != nil || len(got.Errors) > 0 {
					t.Fatal(err, got.Errors)
				}
				changes += len(got.Changes)
				docs, problems := e.loader.File(context.Background(), file)
				if len(problems) > 0 {
					t.Fatal(problems)
				}
				before := decided(t, e, docs[0])
				for i := 1; i <= c.days; i++ {
					on := e.At(day(i))
					if i%20 == 0 { // the same as an engine that is made on that day
						on = engineOn(day(i))
					}
					now := decided(t, on, docs[0])
					var want, said []string
					for j := range now {
						want = append(want, changed(before[j], now[j])...)
					}
					for _, change := range got.Changes {
						if change.Date != day(i) {
							continue
						}
						if change.Before != change.After {
							said = append(said, fmt.Sprint("verdict ", change.Before, change.After))
						}
						for _, f := range change.Findings {
							said = append(said, fmt.Sprint(f.Control, f.Before, f.After))
							if len(f.Causes) == 0 {
								t.Errorf("%s on %s: %s changes without a cause", filepath.Base(file), day(i), f.Control)
							}
						}
						if change.Cost != nil {
							said = append(said, "cost")
						}
					}
					if !slices.Equal(said, want) {
						t.Errorf("%s on %s: got %v, check says %v", filepath.Base(file), day(i), said, want)
					}
					before = now
				}
			}
			if changes == 0 {
				t.Error("nothing changes, so that this shows nothing")
			}
		})
	}
}

func changed(before, now decision.Decision) []string {
	var list []string
	if before.Verdict != now.Verdict {
		list = append(list, fmt.Sprint("verdict ", before.Verdict, now.Verdict))
	}
	for i, f := range now.Findings {
		if f.Status != before.Findings[i].Status {
			list = append(list, fmt.Sprint(f.Control, before.Findings[i].Status, f.Status))
		}
	}
	bounds := func(c decision.Cost) string { // what is known of an incomplete total changes, too
		return fmt.Sprint(c.Low, c.Expected, c.High, c.Known)
	}
	if bounds(before.Cost) != bounds(now.Cost) {
		list = append(list, "cost")
	}
	return list
}

package forecast

import (
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

func TestSpan(t *testing.T) {
	c := NewCalendar("2026-11-23", "2026-12-31")
	cause := Cause{Kind: "policy", Document: "a"}
	for _, day := range []string{"2026-11-22", "2026-11-23", "2026-11-24", "2026-12-31", "2027-01-01", "2026-11-24"} {
		c.Add(day, cause)
	}
	c.Add("2026-11-24", Cause{Kind: "policy", Document: "A"})
	if got, want := c.Days(), []string{"2026-11-24", "2026-12-31"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: after the first day, and the last one", got, want)
	}
	if got := c.Causes("2026-11-24"); len(got) != 2 || got[0].Document != "A" {
		t.Errorf("got %v, want each cause once, in order", got)
	}
}

// days are what something notes in a calendar of ten years.
func days(note func(*Calendar)) []string {
	c := NewCalendar("2020-01-01", "2030-01-01")
	note(c)
	return c.Days()
}

func TestDays(t *testing.T) {
	rules := Rules{Ages: []int{0, 90}, Parameters: []int{3}}
	both := Rules{Parameters: []int{1, 12}}
	for _, c := range []struct {
		name string
		note func(*Calendar)
		want []string
	}{
		{"a waiver", func(c *Calendar) { c.Waiver(decision.Waiver{From: "2026-11-01", Until: "2026-11-30"}, "sso") }, []string{"2026-11-01", "2026-12-01"}},
		{"a source that was read", func(c *Calendar) {
			c.Source("acme", decision.Source{Read: "2026-11-01", Published: "2026-10-01"}, rules)
		}, []string{"2026-11-01", "2026-11-02", "2027-01-31"}},
		{"one that was published", func(c *Calendar) {
			c.Source("acme", decision.Source{Read: "unknown", Published: "2026-11-01"}, Rules{Ages: []int{90}})
		}, []string{"2026-11-01", "2027-01-31"}},
		{"one without a day", func(c *Calendar) { c.Source("acme", decision.Source{Read: "unknown", Published: "unknown"}, rules) }, nil},
		{"one in force", func(c *Calendar) {
			c.Source("acme", decision.Source{Read: "unknown", Published: "unknown", Effective: "2026-01-15", Until: "2026-12-31"}, rules)
		}, []string{"2026-01-15", "2027-01-01"}},
		{"one that is open", func(c *Calendar) {
			c.Source("acme", decision.Source{Effective: "unknown", Until: "open"}, rules)
		}, nil},
		{"a date in a value", func(c *Calendar) {
			c.Value(Cause{}, map[string]any{"period": []any{"2026-11-30", 7, "soon"}}, Rules{})
		}, []string{"2026-11-30", "2026-12-01"}},
		{"days and months after it", func(c *Calendar) { c.Value(Cause{}, "2026-11-30", rules) },
			[]string{"2026-11-30", "2026-12-01", "2026-12-03", "2026-12-04", "2027-02-28", "2027-03-01", "2027-05-31"}},
		{"months of two parameters", func(c *Calendar) { c.Value(Cause{}, "2025-01-31", both) },
			[]string{"2025-01-31", "2025-02-01", "2025-02-02", "2025-02-12", "2025-02-13", "2025-02-28", "2025-03-01", "2025-04-01", "2026-01-31", "2026-02-01", "2026-03-01", "2027-02-01"}},
	} {
		if got := days(c.note); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestMonthsAfter(t *testing.T) {
	for _, c := range []struct {
		day  string
		n    int
		want string
	}{
		{"2026-01-31", 1, "2026-02-28"}, {"2024-01-31", 1, "2024-02-29"}, {"2026-11-30", 3, "2027-02-28"},
		{"2026-02-28", 1, "2026-03-28"}, {"2026-12-15", 1, "2027-01-15"}, {"soon", 1, "soon"},
	} {
		if got := monthsAfter(c.day, c.n); got != c.want {
			t.Errorf("%d months after %s: got %s, want %s", c.n, c.day, got, c.want)
		}
	}
}

func TestPointerOfCause(t *testing.T) {
	c := NewCalendar("2020-01-01", "2030-01-01")
	c.Value(Cause{Kind: "period", Document: "acme", Pointer: "/certifications/soc2/period"}, map[string]any{"to": "2026-11-30"}, Rules{})
	c.Value(Cause{Kind: "manifest", Document: "w.yaml"}, map[string]any{"to": "2026-11-30"}, Rules{})
	got := c.Causes("2026-11-30")
	want := []Cause{
		{Kind: "manifest", Document: "w.yaml", Message: "the date 2026-11-30 is today"},
		{Kind: "period", Document: "acme", Pointer: "/certifications/soc2/period/to", Message: "/certifications/soc2/period/to is today"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBetween(t *testing.T) {
	amount := func(text string) decision.Cost {
		d := decimal.RequireFromString(text)
		return decision.Cost{Currency: "USD", Expected: &d, Low: &d, High: &d, Known: d}
	}
	base := func() decision.Decision {
		return decision.Decision{Offering: decision.Offering{Vendor: "acme"}, Verdict: decision.Passed, Cost: amount("10"),
			Findings: []decision.Finding{{Control: "baa", Status: decision.Pass, Required: true}, {Control: "sso", Status: decision.Pass}}}
	}
	for _, c := range []struct {
		name   string
		change func(*decision.Decision)
		want   func(Change) bool
	}{
		{"nothing", func(*decision.Decision) {}, nil},
		{"other words", func(d *decision.Decision) { d.Findings[0].Message = "x" }, nil},
		{"a status", func(d *decision.Decision) { d.Findings[0].Status = decision.Unknown }, func(c Change) bool {
			return len(c.Findings) == 1 && c.Findings[0].Control == "baa" && c.Findings[0].Before == decision.Pass && c.Findings[0].After == decision.Unknown && c.Replaced == nil && c.Cost == nil
		}},
		{"required now", func(d *decision.Decision) { d.Findings[1].Required = true }, func(c Change) bool { return len(c.Findings) == 1 && c.Findings[0].Control == "sso" }},
		{"a verdict", func(d *decision.Decision) { d.Verdict = decision.Review }, func(c Change) bool {
			return c.Before == decision.Passed && c.After == decision.Review && len(c.Findings) == 0
		}},
		{"another offering", func(d *decision.Decision) { d.Offering.Vendor = "globex" }, func(c Change) bool {
			return c.Replaced != nil && c.Replaced.Vendor == "acme" && c.Offering.Vendor == "globex"
		}},
		{"a cost", func(d *decision.Decision) { d.Cost = amount("12") }, func(c Change) bool { return c.Cost != nil && c.Cost.Difference.String() == "2" }},
		{"a cost that is not known", func(d *decision.Decision) { d.Cost.Expected = nil }, func(c Change) bool { return c.Cost != nil && c.Cost.Difference == nil }},
		{"another currency", func(d *decision.Decision) { d.Cost.Currency = "EUR" }, func(c Change) bool { return c.Cost != nil && c.Cost.Difference == nil }},
	} {
		now := base()
		c.change(&now)
		got := Between([]decision.Decision{base()}, []decision.Decision{now, now}, "2026-12-01", nil)
		if c.want == nil {
			if len(got) > 0 {
				t.Errorf("%s: got %+v, want no change", c.name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Date != "2026-12-01" || !c.want(got[0]) {
			t.Errorf("%s: got %+v", c.name, got)
		}
	}
	// Nothing is known on either side: a currency alone is no change.
	before, now := base(), base()
	before.Cost, now.Cost = decision.Cost{Currency: "USD"}, decision.Cost{}
	if got := Between([]decision.Decision{before}, []decision.Decision{now}, "2026-12-01", nil); len(got) > 0 {
		t.Errorf("got %+v, want no change", got)
	}
}

// The causes of a finding are those that touch what it rests on, before or
// after; where none does, all of the day.
func TestCauses(t *testing.T) {
	finding := decision.Finding{Control: "soc2", Facts: []decision.Fact{{Document: "acme", Pointer: "/certifications/soc2/period/0", Sources: []decision.Source{{ID: "report"}}}}}
	source := Cause{Kind: "evidence", Document: "acme", Source: "report"}
	period := Cause{Kind: "period", Document: "acme", Pointer: "/certifications/soc2/period"}
	within := Cause{Kind: "period", Document: "acme", Pointer: "/certifications/soc2/period/0/to"}
	waiver := Cause{Kind: "waiver", Source: "pilot", Control: "soc2"}
	strangers := []Cause{
		{Kind: "evidence", Document: "acme", Source: "page"}, {Kind: "evidence", Document: "globex", Source: "report"},
		{Kind: "period", Document: "acme", Pointer: "/certifications/soc2/per"}, {Kind: "period", Document: "globex", Pointer: "/certifications/soc2/period"},
		{Kind: "manifest", Document: "acme"}, {Kind: "waiver", Source: "pilot", Control: "sso"},
	}
	for _, own := range []Cause{source, period, within, waiver} {
		if got := behind(append([]Cause{own}, strangers...), decision.Finding{}, finding); !slices.Equal(got, []Cause{own}) {
			t.Errorf("%v: got %v", own, got)
		}
	}
	if got := behind(strangers, finding); len(got) != len(strangers) {
		t.Errorf("got %v, want all where none touches it", got)
	}
	finding.Status, finding.Waiver = decision.Waived, &decision.Waiver{Name: "other"}
	if touches(waiver, finding) {
		t.Error("a finding that another waiver waives is touched")
	}
	finding.Waiver.Name = "pilot"
	if !touches(waiver, finding) {
		t.Error("a finding that the waiver waives is not touched")
	}
}

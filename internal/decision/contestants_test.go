package decision_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

func cost(currency, low, expected, high string) decision.Cost {
	number := func(text string) *decimal.Decimal {
		if text == "" {
			return nil
		}
		d := decimal.RequireFromString(text)
		return &d
	}
	return decision.Cost{Currency: currency, Low: number(low), Expected: number(expected), High: number(high)}
}

func vendors(all []decision.Contestant) string {
	var names []string
	for _, c := range all {
		names = append(names, c.Offering.Vendor)
	}
	return strings.Join(names, " ")
}

func TestContestants(t *testing.T) {
	o := func(vendor string) decision.Offering { return decision.Offering{Vendor: vendor} }
	d := decision.Decision{Offering: o("decided"), Cost: cost("USD", "9", "10", "12")}
	alternatives := []decision.Alternative{
		{Offering: o("below-high"), Cost: cost("USD", "11", "13", "13")},
		{Offering: o("cheapest"), Cost: cost("USD", "8", "8", "11.5")},
		{Offering: o("at-high"), Cost: cost("USD", "11.5", "20", "20")},
		{Offering: o("euros"), Cost: cost("EUR", "1", "1", "1")},
		{Offering: o("no-low"), Cost: cost("USD", "", "15", "15")},
		{Offering: o("incomplete"), Cost: cost("USD", "1", "", "2")},
	}
	candidates := []decision.Candidate{{Offering: o("in-review"), Cost: cost("USD", "10", "10", "10")}}
	for _, c := range []struct {
		name         string
		edit         func(*decision.Decision)
		places, flip string
	}{
		{"alternatives, and not candidates", func(d *decision.Decision) { d.Alternatives, d.Candidates = alternatives, candidates },
			"cheapest decided below-high no-low at-high", "decided below-high incomplete"},
		{"candidates where there are no alternatives", func(d *decision.Decision) { d.Candidates = candidates }, "decided in-review", "in-review"},
		{"without a highest nothing is stated", func(d *decision.Decision) { d.Candidates = candidates; d.Cost.High = nil }, "decided in-review", ""},
		{"the decided one has no total", func(d *decision.Decision) {
			d.Alternatives = alternatives[3:5]
			d.Cost = cost("USD", "", "", "")
		}, "euros", ""},
		{"alone", func(*decision.Decision) {}, "decided", ""},
		{"nothing", func(d *decision.Decision) { d.Cost.Expected = nil }, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := d
			c.edit(&d)
			if got := vendors(d.Contestants()); got != c.places {
				t.Errorf("got places %q, want %q", got, c.places)
			}
			if got := vendors(d.MayFlip()); got != c.flip {
				t.Errorf("got %q that may flip, want %q", got, c.flip)
			}
		})
	}
}

package engine

import (
	"testing"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// What a waiver is worth is what passes without it, the cheapest, less what is
// placed; it is unknown where nothing passes, with it or without.
func TestWorthOf(t *testing.T) {
	cost := func(amount, currency string) decision.Cost {
		c := decision.Cost{Currency: currency}
		if amount != "" {
			d := decimal.RequireFromString(amount)
			c.Expected = &d
		}
		return c
	}
	placed := func(v decision.Verdict, vendor, amount string) decision.Decision {
		return decision.Decision{Verdict: v, Offering: decision.Offering{Vendor: vendor}, Cost: cost(amount, "USD")}
	}
	others := func(d decision.Decision, costs ...decision.Cost) decision.Decision {
		for _, c := range costs {
			d.Alternatives = append(d.Alternatives, decision.Alternative{Cost: c})
		}
		return d
	}
	for _, c := range []struct {
		name          string
		with, without decision.Decision
		want, why     string
	}{
		{"dearer elsewhere", placed(decision.Passed, "a", "10"), others(placed(decision.Failed, "a", "10"), cost("14", "USD"), cost("13", "USD")), "3", ""},
		{"cheaper elsewhere", placed(decision.Passed, "a", "10"), others(placed(decision.Failed, "a", "10"), cost("8", "USD")), "-2", ""},
		{"another is placed", placed(decision.Passed, "a", "10"), placed(decision.Passed, "b", "12"), "2", ""},
		{"only advice", placed(decision.Passed, "a", "10"), others(placed(decision.Passed, "a", "10"), cost("1", "USD")), "0", ""},
		{"fails all the same", placed(decision.Failed, "a", "10"), others(placed(decision.Failed, "a", "10"), cost("14", "USD")), "", "it does not pass with the waiver either"},
		{"nothing else", placed(decision.Passed, "a", "10"), placed(decision.Review, "a", "10"), "", "nothing passes without the waiver"},
		{"no price here", placed(decision.Passed, "a", ""), others(placed(decision.Failed, "a", ""), cost("14", "USD")), "", "what is placed has no complete cost"},
		{"no price there", placed(decision.Passed, "a", "10"), others(placed(decision.Failed, "a", "10"), cost("", "USD"), cost("9", "EUR")), "", "what passes without the waiver has no complete cost"},
	} {
		got := worthOf(c.with, c.without)
		amount := ""
		if got.Amount != nil {
			amount = got.Amount.String()
		}
		if amount != c.want || got.Why != c.why {
			t.Errorf("%s: got %q %q, want %q %q", c.name, amount, got.Why, c.want, c.why)
		}
	}
}

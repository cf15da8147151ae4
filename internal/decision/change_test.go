package decision

import (
	"testing"

	"github.com/shopspring/decimal"
)

// Totals are the same where they say the same, in every part.
func TestTotalEqual(t *testing.T) {
	amount := func(text string) *decimal.Decimal {
		d := decimal.RequireFromString(text)
		return &d
	}
	whole := func() Total {
		return Total{Currency: "USD", Low: amount("1"), Expected: amount("2"), High: amount("3"), Known: *amount("2")}
	}
	if other := whole(); !whole().Equal(other) {
		t.Error("a total is not like itself")
	}
	if a, b := (Total{Currency: "USD"}), (Total{}); !a.Equal(b) {
		t.Error("a currency alone is a difference")
	}
	for name, only := range map[string]Total{
		"low": {Low: amount("1")}, "expected": {Expected: amount("1")}, "high": {High: amount("1")}, "known": {Known: *amount("1")},
	} {
		other := only
		if only.Currency, other.Currency = "USD", "EUR"; only.Equal(other) {
			t.Errorf("%s alone, in another currency: got equal totals", name)
		}
	}
	for name, change := range map[string]func(*Total){
		"currency": func(o *Total) { o.Currency = "EUR" },
		"low":      func(o *Total) { o.Low = amount("1.5") },
		"no low":   func(o *Total) { o.Low = nil },
		"expected": func(o *Total) { o.Expected = nil },
		"high":     func(o *Total) { o.High = amount("4") },
		"no high":  func(o *Total) { o.High = nil },
		"known":    func(o *Total) { o.Known = *amount("1") },
	} {
		other := whole()
		if change(&other); whole().Equal(other) || other.Equal(whole()) {
			t.Errorf("another %s: got equal totals", name)
		}
	}
	if d := whole().Difference(Total{Currency: "USD", Expected: amount("5")}); d == nil || d.String() != "3" {
		t.Errorf("got %v, want 3", d)
	}
	for _, other := range []Total{{Currency: "EUR", Expected: amount("5")}, {Currency: "USD"}} {
		if d := whole().Difference(other); d != nil {
			t.Errorf("got %v against %v, want nothing", d, other)
		}
	}
}

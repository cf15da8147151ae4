package report

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// A rounding says which way an amount is shown where it has more than two
// decimal places. A bound is never shown tighter than it is.
type rounding uint8

const (
	nearest rounding = iota // half to even
	down                    // a lower bound
	up                      // an upper bound
)

var cent = decimal.New(1, -2)

// money shows an amount to the cent: "$1,234.56", "EUR 0.50", "-$30.00". What
// is less than a cent and not 0 keeps its digits. Only what is shown is
// rounded; JSON and the lines of -v are exact.
func money(currency string, amount decimal.Decimal, way rounding) string {
	shown := amount
	switch {
	case amount.Abs().LessThan(cent) && !amount.IsZero():
		return signed(currency, amount, amount.Abs().String())
	case way == down:
		shown = amount.RoundFloor(2)
	case way == up:
		shown = amount.RoundCeil(2)
	default:
		shown = amount.RoundBank(2)
	}
	whole, cents, _ := strings.Cut(shown.Abs().StringFixed(2), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return signed(currency, shown, whole+"."+cents)
}

// exactly shows an amount with all its digits: "$157.968".
func exactly(currency string, amount decimal.Decimal) string {
	digits := amount.Abs().String()
	if whole, part, ok := strings.Cut(digits, "."); !ok {
		digits = whole + ".00"
	} else if len(part) == 1 {
		digits += "0"
	}
	return signed(currency, amount, digits)
}

func signed(currency string, amount decimal.Decimal, digits string) string {
	switch currency {
	case "USD":
		digits = "$" + digits
	case "":
	default:
		digits = currency + nbsp + digits
	}
	if amount.IsNegative() {
		return "-" + digits
	}
	return digits
}

// difference shows how much more or less something costs: "+$62.03".
func difference(currency string, amount decimal.Decimal) string {
	if amount.IsPositive() {
		return "+" + money(currency, amount, nearest)
	}
	return money(currency, amount, nearest)
}

// total shows what is known of a cost, short: "$259.99", "≥ $169.32", and
// "? $169.32" where what is unknown may lower it.
func total(c decision.Cost) string {
	switch {
	case c.Expected != nil:
		return money(c.Currency, *c.Expected, nearest)
	case c.MayFall() && !c.Known.IsZero():
		return "?" + nbsp + money(c.Currency, c.Known, nearest)
	case c.Known.IsPositive() || c.Low != nil && c.Low.IsPositive():
		return "≥" + nbsp + money(c.Currency, least(c), down)
	default:
		return "unknown"
	}
}

// least is what a cost surely comes to: what is known of it, or its lower bound
// where that is more.
func least(c decision.Cost) decimal.Decimal {
	if c.Low != nil && c.Low.GreaterThan(c.Known) {
		return *c.Low
	}
	return c.Known
}

// total words a cost in full: "at least $169.32 a month".
func totalInWords(c decision.Cost) string {
	month := " a " + or(c.Period, "month")
	words := ""
	switch {
	case c.Expected != nil:
		words = money(c.Currency, *c.Expected, nearest) + month
	case c.MayFall() && !c.Known.IsZero():
		words = money(c.Currency, c.Known, nearest) + month + " is known, and what is not may lower it"
	case c.Known.IsPositive():
		words = "at least " + money(c.Currency, c.Known, down) + month
	default:
		words = "unknown"
	}
	if c.Low == nil || c.High == nil || c.Low.Equal(*c.High) {
		return words
	}
	span := "between " + money(c.Currency, *c.Low, down) + " and " + money(c.Currency, *c.High, up)
	if words == "unknown" {
		return span + month
	}
	return words + " (" + span + ")"
}

// listPrice words what the vendor's list prices come to, and by how much ours
// differ: "list price $157.97; our terms take off $15.70".
func listPrice(c decision.Cost) string {
	words := "list price" + nbsp + money(c.Currency, *c.List, nearest)
	if c.Expected == nil || c.Expected.Equal(*c.List) {
		return words
	}
	verb, by := "add", c.Expected.Sub(*c.List)
	if by.IsNegative() {
		verb = "take off"
	}
	return words + "; our terms " + verb + nbsp + money(c.Currency, by.Abs(), nearest)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

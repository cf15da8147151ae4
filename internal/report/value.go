package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
)

// things are what a price is for one of.
var things = map[string]string{"gpu": "GPU", "physical-core": "core", "vcpu": "vCPU"}

// valueOf words the value of a claim for people. The pointer says what kind of
// value it is where the value does not.
func valueOf(pointer string, value any) string {
	switch value := value.(type) {
	case bool:
		if value {
			return "yes"
		}
		return "no"
	case string:
		if strings.HasSuffix(pointer, "Multiplier") {
			return "×" + nbsp + value
		}
		return value
	case []any:
		words := make([]string, len(value))
		for i, item := range value {
			words[i] = valueOf("", item)
		}
		return strings.Join(words, ", ")
	case map[string]any:
		return wordsOf(value)
	case nil:
		return "unknown"
	default: // json.Number or another number
		if pointer == "/performance/uptime" {
			return fmt.Sprint(value) + nbsp + "%"
		}
		return fmt.Sprint(value)
	}
}

func wordsOf(value map[string]any) string {
	part := func(name string) string {
		if value[name] == nil {
			return ""
		}
		return valueOf("", value[name])
	}
	if amount := part("amount"); amount != "" {
		if of := part("of"); of != "" {
			return priceOf(amount, part("currency"), part("per"), or(things[of], of))
		}
		words := signedText(part("currency"), amount) + " a month"
		if part("per") == "seat" {
			words += " a seat"
		}
		return words
	}
	var words []string
	done := []string{}
	if held, ok := value["held"].(bool); ok {
		words = append(words, map[bool]string{true: "held", false: "not held"}[held])
		done = append(done, "held")
	}
	for _, name := range []string{"typical", "low", "high", "p50", "p95", "p99"} {
		if part(name) != "" {
			words = append(words, name+nbsp+part(name))
			done = append(done, name)
		}
	}
	if measures := part("measures"); measures != "" {
		words = append(words, "measures"+nbsp+measures)
		done = append(done, "measures")
	}
	var names []string
	for name := range value {
		if !slices.Contains(done, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		words = append(words, spaced(name)+" "+part(name))
	}
	return strings.Join(words, "; ")
}

// priceOf shows a price as published and, exactly, by the hour:
// "$0.001097/GPU-second = $3.9492/h". A month has no fixed number of hours, so
// a monthly price is not converted.
func priceOf(amount, currency, per, of string) string {
	published := signedText(currency, amount) + "/" + of + "-" + per
	factor, ok := map[string]int64{"second": 3600, "minute": 60}[per]
	number, err := decimal.NewFromString(amount)
	if !ok || err != nil {
		return published
	}
	return published + wide + "=" + nbsp + exactly(currency, number.Mul(decimal.NewFromInt(factor))) + "/h"
}

// signedText puts a currency before digits that are kept as they are.
func signedText(currency, digits string) string {
	switch currency {
	case "USD":
		return "$" + digits
	case "":
		return digits
	default:
		return currency + nbsp + digits
	}
}

// spaced makes words of a name: "auditLogExport" is "audit log export".
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

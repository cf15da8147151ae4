package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/caveat-check/caveat/internal/decision"
)

// priceRules are the most days that a list price may be old, 0 where nothing
// bounds it, and the kinds of source that may state one: the evidence rules for
// prices at stage select.
func priceRules(parameters map[string]any) (days int, kinds []string) {
	evidence, _ := parameters["evidence"].(map[string]any)
	class, _ := evidence["price"].(map[string]any)
	rules, _ := class["select"].([]any)
	for _, rule := range rules {
		fields, _ := rule.(map[string]any)
		listed, _ := fields["kinds"].([]any)
		for _, kind := range listed {
			kinds = append(kinds, fmt.Sprint(kind))
		}
		if most, ok := fields["maxAgeDays"].(json.Number); ok {
			if n, err := most.Int64(); err == nil {
				days = max(days, int(n))
			}
		}
	}
	return days, kinds
}

// newestPrice is the latest day on which a source of an accepted kind was read
// or else published, "unknown" where none has a date; own says that the price is
// in a contract of ours.
func newestPrice(sources []decision.Source, kinds []string) (day string, own bool) {
	day = "unknown"
	for _, source := range sources {
		if source.Kind == "executed" {
			return day, true
		}
		if !slices.Contains(kinds, source.Kind) {
			continue
		}
		read := source.Read
		if read == "unknown" {
			read = source.Published
		}
		if read != "unknown" && (day == "unknown" || read > day) {
			day = read
		}
	}
	return day, false
}

// olderThan reports whether a day lies more than some days before another; one
// that is not known does.
func olderThan(day, asOf string, days int) bool {
	from, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return true
	}
	to, err := time.Parse(time.DateOnly, asOf)
	return err == nil && days > 0 && to.Sub(from) > time.Duration(days)*24*time.Hour
}

package engine

import (
	"encoding/json"
	"time"
)

// priceAge is the most days that a list price may be old, from the evidence
// rules for prices at stage select; 0 where no rule bounds it.
func priceAge(parameters map[string]any) int {
	evidence, _ := parameters["evidence"].(map[string]any)
	class, _ := evidence["price"].(map[string]any)
	rules, _ := class["select"].([]any)
	most := 0
	for _, rule := range rules {
		if fields, ok := rule.(map[string]any); ok {
			if days, ok := fields["maxAgeDays"].(json.Number); ok {
				if n, err := days.Int64(); err == nil {
					most = max(most, int(n))
				}
			}
		}
	}
	return most
}

// olderThan reports whether a day lies more than some days before another.
func olderThan(day, asOf string, days int) bool {
	from, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return true
	}
	to, err := time.Parse(time.DateOnly, asOf)
	return err == nil && days > 0 && to.Sub(from) > time.Duration(days)*24*time.Hour
}

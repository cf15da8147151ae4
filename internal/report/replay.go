package report

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// replay writes how traffic was served, and by which rules.
func (v *view) replay() {
	r := v.decision.Cost.Replay
	if r == nil {
		return
	}
	v.blank()
	seconds := func(d decimal.Decimal) string { return d.RoundBank(3).String() + nbsp + "s" }
	served := fmt.Sprintf("%s in %s on at most %s, %s", count(r.Requests, "request", "requests"), seconds(r.Period), count(r.PeakReplicas, "replica", "replicas"), count(r.ColdStarts, "cold start", "cold starts"))
	v.section("Traffic", styled(served, strong))
	waits := fmt.Sprintf("waits: p50 %s, p95 %s, p99 %s", seconds(r.WaitP50), seconds(r.WaitP95), seconds(r.WaitP99))
	if r.WaitP99Low != nil && r.WaitP99High != nil && !r.WaitP99Low.Equal(*r.WaitP99High) {
		waits += fmt.Sprintf(" (between %s and %s)", seconds(*r.WaitP99Low), seconds(*r.WaitP99High))
	}
	v.section("", text(waits))
	billed := "unknown"
	if r.BilledSeconds != nil {
		billed = seconds(*r.BilledSeconds)
	}
	v.section("", text(fmt.Sprintf("utilisation %s%s%%; billed %s of replicas in the period", r.Utilisation.Shift(2).RoundBank(1), nbsp, billed)))
	replicas := fmt.Sprintf("replicas %d to %d", r.MinReplicas, r.MaxReplicas)
	if r.Warm {
		replicas += fmt.Sprintf(" (%d is the least that meets the cold start asked for)", r.MinReplicas)
	}
	rules := []string{
		replicas, fmt.Sprintf("concurrency %d", r.Concurrency), "scale-down delay " + seconds(r.ScaleDownDelay), "cold start " + seconds(r.ColdStart),
		"increment " + stated(r.Increment, seconds), "rounding " + or(r.Rounding, "unknown"), "minimum " + stated(r.Minimum, seconds),
		"boot " + billing(r.BillsBoot), "idle " + billing(r.BillsIdle),
	}
	v.section("", styled("rules: "+strings.Join(rules, "; "), faint))
}

func stated(d *decimal.Decimal, words func(decimal.Decimal) string) string {
	if d == nil {
		return "unknown"
	}
	return words(*d)
}

func billing(b *bool) string {
	switch {
	case b == nil:
		return "unknown"
	case *b:
		return "billed"
	}
	return "not billed"
}

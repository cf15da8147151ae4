package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

func (v *view) cost() {
	c := v.decision.Cost
	v.blank()
	body := []piece{styled(totalInWords(c), strong)}
	if c.List != nil {
		body = append(body, text(" ("+listPrice(c)+")"))
	}
	if used := usage(v.decision.Offering, c); used != "" && c.Replay == nil { // which tells how it was served
		body = append(body, text(" for "+used))
	}
	if c.GPUHour != nil {
		body = append(body, text(" ("+hourly(c.Currency, *c.GPUHour)+" a"+nbsp+"GPU-hour)"))
	}
	v.section("Cost", body...)
	if v.verbose {
		v.lines()
	} else {
		v.unknownLines()
	}
	v.replay()
	v.asOf()
	if len(c.Excludes) > 0 {
		v.section("", styled("not included: "+strings.Join(c.Excludes, ", "), faint))
	}
}

// replay says how traffic was served: how many replicas it took, and how long
// requests waited.
func (v *view) replay() {
	r := v.decision.Cost.Replay
	if r == nil {
		return
	}
	kept := ""
	switch {
	case r.Warm:
		kept = fmt.Sprintf(" and %s kept on, the fewest that answer in time", count(r.MinReplicas, "replica", "replicas"))
	case r.MinReplicas > 0:
		kept = fmt.Sprintf(" and %s kept on", count(r.MinReplicas, "replica", "replicas"))
	}
	v.section("", text(fmt.Sprintf("replayed: %s in %s, %s%s; at most %s at once, %s%s%% busy; waits p50%s%s, p95%s%s, p99%s%s",
		count(r.Requests, "request", "requests"), span(r.Period), count(r.ColdStarts, "cold start", "cold starts"), kept,
		count(r.PeakReplicas, "replica", "replicas"), r.Utilisation.Shift(2).RoundBank(1).String(), nbsp,
		nbsp, span(r.WaitP50), nbsp, span(r.WaitP95), nbsp, span(r.WaitP99))))
	if v.verbose {
		v.section("", styled("rules: "+strings.Join(rules(r), ", "), faint))
	}
}

// rules are those by which a replay was served and billed.
func rules(r *decision.Replay) []string {
	list := []string{
		fmt.Sprintf("%d%sat once on a replica", r.Concurrency, nbsp),
		fmt.Sprintf("%d%sto%s%d%sreplicas", r.MinReplicas, nbsp, nbsp, r.MaxReplicas, nbsp),
		"cold start" + nbsp + span(r.ColdStart), "scale-down after" + nbsp + span(r.ScaleDownDelay),
	}
	if r.Increment != nil {
		rounding := or(r.Rounding, "rounding not stated")
		list = append(list, "billed by"+nbsp+span(*r.Increment)+" ("+rounding+")")
	}
	if r.Minimum != nil && r.Minimum.IsPositive() {
		list = append(list, "at least"+nbsp+span(*r.Minimum)+" a life")
	}
	for _, part := range []struct {
		name   string
		billed *bool
	}{{"boot", r.BillsBoot}, {"idle time", r.BillsIdle}} {
		switch {
		case part.billed == nil:
			list = append(list, "whether "+part.name+" is billed is not stated")
		case *part.billed:
			list = append(list, part.name+" billed")
		default:
			list = append(list, part.name+" not billed")
		}
	}
	return list
}

// span shows seconds: to the millisecond where they are not whole.
func span(seconds decimal.Decimal) string {
	switch {
	case seconds.IsZero():
		return "0" + nbsp + "s"
	case seconds.LessThan(decimal.New(1, -3)):
		return "<" + nbsp + "1" + nbsp + "ms"
	case seconds.LessThan(decimal.New(1, 0)):
		return seconds.Shift(3).RoundBank(0).String() + nbsp + "ms"
	}
	return seconds.RoundBank(3).String() + nbsp + "s"
}

// section writes a paragraph beside a title.
func (v *view) section(title string, body ...piece) {
	v.label(styled(title, strong), 2, labels-4, 0, body...)
}

func (v *view) unknownLines() {
	var parts []string
	for _, line := range v.decision.Cost.Lines {
		if line.Amount != nil {
			continue
		}
		part := line.Item
		if line.Why != "" {
			part += " (" + line.Why + ")"
		}
		parts = append(parts, part)
	}
	if len(parts) > 0 {
		v.section("", styled("not known:", doubt), text(" "+strings.Join(parts, "; ")))
	}
}

// asOf says which lines rest on a price that is older than prices may be.
func (v *view) asOf() {
	var days []string
	items := map[string][]string{}
	for _, line := range v.decision.Cost.Lines {
		if line.AsOf == "" {
			continue
		}
		if _, ok := items[line.AsOf]; !ok {
			days = append(days, line.AsOf)
		}
		items[line.AsOf] = append(items[line.AsOf], line.Item)
	}
	slices.Sort(days)
	for _, day := range days {
		v.section("", styled(pricedOn(day)+":", doubt), text(" "+strings.Join(items[day], ", ")))
	}
}

// pricedOn names a price by its day.
func pricedOn(day string) string {
	if !dated(day) {
		return "price of an unknown date"
	}
	return "price of " + day
}

// lines writes every line of the cost, their sum and the total at list prices,
// with all digits.
func (v *view) lines() {
	c := v.decision.Cost
	sum := decision.Line{Item: "total", Amount: c.Expected}
	if c.Expected == nil && !c.Known.IsZero() {
		sum.Item, sum.Amount = "known", &c.Known
	}
	lines := append(slices.Clone(c.Lines), sum)
	if c.List != nil {
		lines = append(lines, decision.Line{Item: "list", Amount: c.List})
	}
	currency := c.Currency
	items, amounts := 0, 0
	for _, line := range lines {
		items = max(items, width([]piece{text(line.Item)}))
		amounts = max(amounts, width([]piece{text(amountOf(currency, line))}))
	}
	for _, line := range lines {
		amount := amountOf(currency, line)
		head := []piece{indent(labels), text(line.Item), indent(items - width([]piece{text(line.Item)}) + 2 + amounts - width([]piece{text(amount)})), text(amount)}
		var body []piece
		if line.Rate != nil {
			quantity := "?"
			if line.Quantity != nil {
				quantity = line.Quantity.String()
			}
			body = append(body, text("= "+strings.TrimSuffix(quantity+nbsp+line.Unit, nbsp)+" ×"+nbsp+line.Rate.String()))
		}
		if line.Low != nil && line.High != nil && !line.Low.Equal(*line.High) {
			// A line's part of the dearest run may be the smaller one.
			low, high := decimal.Min(*line.Low, *line.High), decimal.Max(*line.Low, *line.High)
			body = join(wide, body, []piece{text(fmt.Sprintf("between %s and %s", exactly(currency, low), exactly(currency, high)))})
		}
		if line.Why != "" {
			body = join(wide, body, []piece{styled(line.Why, doubt)})
		}
		hang := labels + 2
		if full := width(head) + 2; full+30 <= v.width {
			hang = full
		}
		v.flow(append(head, text("  ")), hang, body...)
	}
}

func amountOf(currency string, line decision.Line) string {
	if line.Amount == nil {
		return "unknown"
	}
	return exactly(currency, *line.Amount)
}

// perHour is how many of a unit of time make an hour.
var perHour = map[string]int64{"second": 3600, "minute": 60, "hour": 1}

// usage words the time that is billed on the machines: "40 GPU-hours".
func usage(o decision.Offering, c decision.Cost) string {
	for _, item := range []string{"gpu", "infrastructure", "cpu"} {
		i := slices.IndexFunc(c.Lines, func(l decision.Line) bool { return l.Item == item })
		if i < 0 || c.Lines[i].Quantity == nil {
			continue
		}
		quantity, per := *c.Lines[i].Quantity, perHour[c.Lines[i].Unit]
		if per == 0 {
			continue
		}
		hours := quantity.DivRound(decimal.NewFromInt(per), 2)
		exact := hours.Mul(decimal.NewFromInt(per)).Equal(quantity)
		unit := "billed hours" // of GPUs or of whole machines: the line does not say
		switch {
		case item == "cpu":
			unit = "hours"
		case o.GPU != "" && o.Count <= 1:
			unit = "GPU-hours"
		}
		number := hours.String()
		if !exact {
			number = "≈" + nbsp + number
		}
		return number + nbsp + unit
	}
	return ""
}

// hourly shows a price of an hour to four decimal places, at which prices by
// the second still differ.
func hourly(currency string, price decimal.Decimal) string {
	return exactly(currency, price.RoundBank(4))
}

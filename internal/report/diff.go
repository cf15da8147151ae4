package report

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decision"
)

// A told change is one in the words of a pull request.
type told struct {
	words   string   // "radiology-notes $157.97 → $220.00 because gpuHours 40 → 55.7"
	path    string   // of the manifest
	lines   []string // of the cost, that moved
	verdict string   // "verdict pass → fail", "" where it stays
	style   style    // of the verdict
}

// headline says in one sentence what a change costs.
func headline(c decision.CostChange) string {
	var parts []string
	for _, t := range c.Totals {
		currency := t.After.Currency
		switch {
		case t.Difference == nil:
			parts = append(parts, "costs an amount that is not known in full ("+total(costOf(t.Before))+" → "+total(costOf(t.After))+" a month)")
		case t.Difference.IsZero():
			parts = append(parts, "costs nothing more or less ("+total(costOf(t.After))+" a month)")
		case t.Difference.IsNegative():
			parts = append(parts, "saves "+money(currency, t.Difference.Neg(), nearest)+" a month"+share(t.Before, *t.Difference))
		default:
			parts = append(parts, "adds "+money(currency, *t.Difference, nearest)+" a month"+share(t.Before, *t.Difference))
		}
	}
	if len(parts) == 0 {
		return "There is nothing to compare: no workload on either side"
	}
	return "This change " + strings.Join(parts, ", and ")
}

// share is a difference as a share of what was paid before: " (+24 %)".
func share(before decision.Total, by decimal.Decimal) string {
	if before.Expected == nil || !before.Expected.IsPositive() {
		return ""
	}
	part := by.Shift(2).DivRound(*before.Expected, 6)
	shown := part.RoundBank(0)
	if part.Abs().LessThan(decimal.NewFromInt(1)) {
		shown = part.RoundBank(1)
	}
	if shown.IsZero() {
		return ""
	}
	sign := ""
	if shown.IsPositive() {
		sign = "+"
	}
	return " (" + sign + shown.String() + nbsp + "%)"
}

// tell words the changes of single workloads, the dearest first.
func tell(d cost.Diff) []told {
	var list []told
	brief := d.Brief().Workloads
	for i, c := range d.Changes {
		t := told{path: c.Path, words: inWords(brief[i])}
		switch {
		case c.Before == nil:
			t.verdict = "verdict " + c.After.Verdict.String() + grounds(*c.After)
			_, t.style = verdictStyle(c.After.Verdict)
		case c.After != nil:
			if why := fields(c.Because); why != "" {
				t.words += " because " + why
			} else {
				t.words += " though its manifest asks for the same: what it reads has changed"
			}
			if a, b := c.Before.Offering, c.After.Offering; a != b {
				t.lines = append(t.lines, "runs on "+inFew(a)+" → "+inFew(b))
			}
			for _, l := range c.Lines {
				t.lines = append(t.lines, lineMoved(c, l))
			}
			if c.Before.Verdict != c.After.Verdict {
				t.verdict = fmt.Sprintf("verdict %s → %s", c.Before.Verdict, c.After.Verdict) + grounds(*c.After)
				t.style = turn(c.Before.Verdict, c.After.Verdict)
			}
		}
		list = append(list, t)
	}
	return list
}

// grounds names the controls behind a verdict that is no pass.
func grounds(s cost.Side) string {
	switch {
	case s.Verdict == decision.Failed && len(s.Refused) > 0:
		return ", refused by " + strings.Join(s.Refused, ", ")
	case s.Verdict == decision.Review && len(s.Open) > 0:
		return ", open: " + strings.Join(s.Open, ", ")
	}
	return ""
}

// inWords tells what one workload costs more or less.
func inWords(c decision.WorkloadChange) string {
	switch {
	case c.Before == nil:
		return "new: " + c.Name + " " + addition(*c.After, "adds")
	case c.After == nil:
		return "removed: " + c.Name + " " + addition(*c.Before, "took")
	}
	words := c.Name + " " + total(costOf(c.Before.Total)) + " → " + total(costOf(c.After.Total))
	if c.Difference == nil {
		words += " (difference not known)"
	}
	return words
}

func addition(s decision.WorkloadState, verb string) string {
	if s.Total.Expected == nil && !s.Total.Known.IsPositive() {
		return verb + " an unknown amount a month on " + inFew(s.Offering)
	}
	return verb + " " + total(costOf(s.Total)) + " a month on " + inFew(s.Offering)
}

// inFew names an offering in few words.
func inFew(o decision.Offering) string {
	words := strings.TrimSpace(o.Vendor + " " + o.Product)
	hosting := o.Hosting
	if o.Infrastructure != "" {
		hosting += " on " + o.Infrastructure
	}
	if hosting == "managed" {
		hosting = ""
	}
	for _, part := range []string{o.Plan, hosting, o.Region, machine(o)} {
		if part != "" {
			words += ", " + part
		}
	}
	return words
}

func machine(o decision.Offering) string {
	if o.GPU == "" {
		return o.SKU
	}
	return fmt.Sprintf("%d×%s%s", o.Count, nbsp, o.GPU)
}

// fields words the fields that changed: those that a cost follows from, or
// else the others.
func fields(changes []cost.Changed) string {
	const most = 4
	var main, rest []string
	for _, c := range changes {
		first, path, _ := strings.Cut(c.Path, ".")
		switch first {
		case "usage", "resources", "placement":
			if path != "" {
				c.Path = path
			}
			main = append(main, changed(c))
		default:
			rest = append(rest, changed(c))
		}
	}
	if len(main) == 0 {
		main = rest
	}
	if n := len(main); n > most {
		return strings.Join(main[:most], ", ") + fmt.Sprintf(" and %d more", n-most)
	}
	return strings.Join(main, ", ")
}

// lineMoved words one line of the cost: "gpu $157.97 → $220.00 (144000 second → 200520 second)".
func lineMoved(c cost.ManifestChange, l cost.LineChange) string {
	words := l.Item + " " + lineAmount(c.Before.Cost.Currency, l.Before) + " → " + lineAmount(c.After.Cost.Currency, l.After)
	if l.Before == nil || l.After == nil {
		return words
	}
	if a, b := quantity(*l.Before), quantity(*l.After); a != b {
		words += " (" + a + " → " + b + ")"
	}
	if a, b := l.Before.Rate, l.After.Rate; a != nil && b != nil && !a.Equal(*b) {
		words += " at " + a.String() + " → " + b.String()
	}
	return words
}

func lineAmount(currency string, l *decision.Line) string {
	switch {
	case l == nil:
		return "none"
	case l.Amount == nil:
		return "unknown"
	}
	return money(currency, *l.Amount, nearest)
}

func quantity(l decision.Line) string {
	if l.Quantity == nil {
		return "?" + nbsp + l.Unit
	}
	return strings.TrimSuffix(l.Quantity.String()+nbsp+l.Unit, nbsp)
}

// diff writes what a change costs.
func (p *page) diff(d cost.Diff) {
	list := tell(d)
	if len(list) == 1 {
		p.flow(nil, 2, styled(headline(*d.Brief()), strong), text(": "+list[0].words))
	} else {
		p.flow(nil, 2, styled(headline(*d.Brief()), strong))
	}
	for _, t := range list {
		if len(list) > 1 {
			p.blank()
			p.flow([]piece{indent(2)}, 4, text(t.words))
		}
		p.flow([]piece{indent(4)}, 6, styled(t.path, faint))
		for _, line := range t.lines {
			p.flow([]piece{indent(4)}, 6, styled(line, faint))
		}
		if t.verdict != "" {
			p.flow([]piece{indent(4)}, 6, styled(t.verdict, t.style))
		}
	}
	p.blank()
	p.flow(nil, 2, text(unchanged(d)+" Against "+d.Against+", at the same prices."))
}

func unchanged(d cost.Diff) string {
	switch d.Unchanged {
	case 0:
		return "No other workload is there."
	case 1:
		return "1 other workload costs and comes out as before."
	}
	return fmt.Sprintf("%d other workloads cost and come out as before.", d.Unchanged)
}

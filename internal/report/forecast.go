package report

import (
	"fmt"
	"io"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/forecast"
)

// ForecastJSON writes what `caveat forecast` found as one document, that of
// schemas/forecast.schema.json, its lists never null.
func ForecastJSON(w io.Writer, r forecast.Report) error {
	r.Days, r.Start, r.Errors = list(r.Days), list(r.Start), list(r.Errors)
	r.Changes = each(r.Changes, func(c forecast.Change) forecast.Change {
		c.Findings = each(c.Findings, func(f forecast.FindingChange) forecast.FindingChange {
			f.Causes = list(f.Causes)
			return f
		})
		return c
	})
	return writeJSON(w, r)
}

// Forecast writes what changes, day by day, and why.
func (t *Table) Forecast(r forecast.Report) error {
	p := t.page()
	day := ""
	for _, c := range r.Changes {
		if c.Date != day {
			if day != "" {
				p.blank()
			}
			day = c.Date
			p.line(styled(day, strong))
		}
		p.forecastChange(c, t.Verbose)
	}
	if day != "" {
		p.blank()
	}
	var worse int
	for _, c := range r.Changes {
		if c.After.Better(c.Before) > 0 {
			worse++
		}
	}
	body := []piece{styled(count(len(r.Start), "decision", "decisions"), strong), text(" from " + r.AsOf + " until " + r.Until + ": ")}
	if len(r.Changes) == 0 {
		body = append(body, text("nothing changes"))
	} else {
		body = append(body, text(count(len(r.Changes), "change", "changes")+", "), text(count(worse, "verdict", "verdicts")+" for the worse"))
	}
	if len(r.Errors) > 0 {
		body = append(body, text("; "), styled(count(len(r.Errors), "error", "errors"), bad))
	}
	p.flow(nil, 2, body...)
	return p.writeTo(t.W)
}

func (p *page) forecastChange(c forecast.Change, verbose bool) {
	after, k := verdictStyle(c.After)
	head := []piece{styled(after, k), text(wide), styled(c.Manifest.Name, strong)}
	if c.Before != c.After {
		before, _ := verdictStyle(c.Before)
		head = append(head, text(wide+"was "+before))
	}
	p.flow([]piece{indent(2)}, 8, append(head, styled(wide+c.Manifest.Path, faint))...)
	if c.Replaced != nil {
		p.flow([]piece{indent(8)}, 10, text(apart(c.Offering, *c.Replaced)+" is better than "+apart(*c.Replaced, c.Offering)))
	}
	if c.Cost != nil {
		p.flow([]piece{indent(8)}, 10, text("a month costs "+total(costOf(c.Cost.After))+", before "+total(costOf(c.Cost.Before))))
	}
	for _, f := range c.Findings {
		mark, k := statusStyle(f.After)
		control := f.Control
		if !f.Required {
			control += nbsp + "(advice)"
		}
		p.flow([]piece{indent(4), styled(mark, k), text(" ")}, 8, styled(control, strong), text(wide+fmt.Sprintf("%v,%swas %v", f.After, nbsp, f.Before)+wide), text(f.Message))
		for i, cause := range f.Causes {
			if i == most && !verbose {
				p.flow([]piece{indent(8)}, 10, styled(fmt.Sprintf("and %s (-v shows them)", count(len(f.Causes)-most, "more cause", "more causes")), faint))
				break
			}
			p.flow([]piece{indent(8)}, 10, styled(cause.Document+": "+cause.Message, faint))
		}
	}
}

func statusStyle(s decision.Status) (mark string, k style) {
	switch s {
	case decision.Fail:
		return "✗", bad
	case decision.Pass:
		return "✓", good
	case decision.Waived:
		return "~", doubt
	case decision.NotApplicable:
		return "–", faint
	default:
		return "?", doubt
	}
}

// amountOr is an amount of money, or that it is not known.

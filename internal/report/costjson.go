package report

import (
	"io"

	"github.com/caveat-check/caveat/internal/cost"
)

// CostJSON writes what `caveat cost` found as one document, that of
// schemas/cost.schema.json, its lists never null.
func CostJSON(w io.Writer, r cost.Report) error {
	r.Errors = list(r.Errors)
	r.Totals = list(r.Totals)
	r.Accounts = each(r.Accounts, func(a cost.Account) cost.Account {
		a.Lines = list(a.Lines)
		return a
	})
	r.Estimates = each(r.Estimates, func(e cost.Estimate) cost.Estimate {
		e.Cost = wholeCost(e.Cost)
		if e.WhatIf != nil {
			changed := *e.WhatIf
			changed.Before.Cost = wholeCost(changed.Before.Cost)
			e.WhatIf = &changed
		}
		e.Offerings = each(e.Offerings, func(row cost.Row) cost.Row {
			row.Cost = wholeCost(row.Cost)
			return row
		})
		return e
	})
	if r.Diff != nil {
		d := *r.Diff
		d.Totals = list(d.Totals)
		d.Changes = each(d.Changes, func(c cost.ManifestChange) cost.ManifestChange {
			c.Before, c.After = wholeSide(c.Before), wholeSide(c.After)
			c.Because, c.Lines = list(c.Because), list(c.Lines)
			return c
		})
		r.Diff = &d
	}
	return writeJSON(w, r)
}

func wholeSide(s *cost.Side) *cost.Side {
	if s == nil {
		return nil
	}
	whole := *s
	whole.Cost = wholeCost(s.Cost)
	return &whole
}

package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
)

// CostChange keeps what the manifests cost against others for Summary to write.
func (t *Table) CostChange(c *decision.CostChange) { t.change = c }

// costChange writes what a change costs, in all and by workload.
func (p *page) costChange(c decision.CostChange) {
	p.flow(nil, 2, styled(headline(c), strong), text(" against "+c.Against))
	for _, w := range c.Workloads {
		p.flow([]piece{indent(2)}, 4, text(inWords(w)+turned(w)))
	}
	p.blank()
}

// turned tells a verdict that is another one than before: ", review → pass".
func turned(w decision.WorkloadChange) string {
	if w.Before == nil || w.After == nil || w.Before.Verdict == w.After.Verdict {
		return ""
	}
	return fmt.Sprintf(", %s → %s", w.Before.Verdict, w.After.Verdict)
}

// A comparison says beside each decision what its workload cost before.
type comparison struct{ *decision.CostChange }

// cell is the change of a decision's cost, escaped: "+$62.03", "new", or a dash
// where it costs and comes out as before. Of several regions of one workload
// the dearest has it, and the others have nothing.
func (c comparison) cell(d decision.Decision) string {
	for _, w := range c.Workloads {
		if w.After == nil || w.Path != d.Manifest.Path || w.Name != d.Manifest.Name {
			continue
		}
		switch {
		case w.After.Offering != d.Offering:
			return ""
		case w.Before == nil:
			return "new"
		case w.Difference == nil:
			return "was " + said(total(costOf(w.Before.Total))) + said(turned(w))
		case w.Difference.IsZero():
			return "±0" + said(turned(w))
		}
		return said(difference(w.After.Total.Currency, *w.Difference) + turned(w))
	}
	return "–"
}

// comment writes the headline, and what is no longer there.
func (c comparison) comment(out *bytes.Buffer) {
	fmt.Fprintf(out, "**%s** against %s.\n", said(headline(*c.CostChange)), code(c.Against))
	var gone []string
	left := 0
	for _, w := range c.Workloads {
		switch {
		case w.After != nil:
		case len(gone) < 20:
			gone = append(gone, said(inWords(w)))
		default:
			left++
		}
	}
	if left > 0 {
		gone = append(gone, flat(count(left, "more removed workload", "more removed workloads")))
	}
	if len(gone) > 0 {
		out.WriteString(strings.ToUpper(gone[0][:1]) + strings.Join(gone, "; ")[1:] + ".\n")
	}
	out.WriteByte('\n')
}

package report

import (
	"fmt"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
)

// waiver writes under a finding who waives it and until when.
func (v *view) waiver(w decision.Waiver) {
	v.flow([]piece{indent(gutter), styled("~ ", doubt)}, gutter+2, text("until "+w.Until+" by "+w.Owner+", approved by "+w.Approver+" ("+w.Ticket+"): "+w.Reason))
	v.flow([]piece{indent(gutter + 2)}, gutter+4, styled(fmt.Sprintf("%s, else %s; waiver %s", lineOf(w.Path, w.Line), w.Status, w.Name), faint))
}

// waivedNote says beside an offering what of it is waived.
func waivedNote(controls []string) []string {
	if len(controls) == 0 {
		return nil
	}
	return []string{"waived: " + strings.Join(controls, ", ")}
}

// Waivers keeps what became of the waivers for Summary to write: those that
// waive nothing and those that end soon, and with Verbose all of them.
func (t *Table) Waivers(list []decision.WaiverUse) { t.waivers = list }

// waiverUses writes the waivers that somebody has to look at.
func (p *page) waiverUses(list []decision.WaiverUse, verbose bool) {
	first := true
	for _, use := range list {
		if use.Status == decision.Used && !use.Expiring && !verbose {
			continue
		}
		if first {
			p.line(styled("Waivers", strong))
			first = false
		}
		mark, k := useStyle(use)
		p.flow([]piece{indent(2), styled(mark, k), text(" "), styled(fmt.Sprintf("%-*s", gutter-6, use.Status), k), text("  ")}, gutter+2,
			styled(use.Name, strong), text(wide+use.Control), styled(wide+lineOf(use.Path, use.Line), faint), text(wide+use.Message))
	}
	if !first {
		p.blank()
	}
}

func useStyle(use decision.WaiverUse) (mark string, k style) {
	switch {
	case use.Expiring:
		return "!", doubt
	case use.Status == decision.Used || use.Status == decision.InForce:
		return "~", plain
	case use.Status == decision.Unused || use.Status == decision.NotYet:
		return "–", faint
	default:
		return "✗", bad
	}
}

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/waiver"
)

// acceptance says of a waived finding until when, who carries the risk, who
// accepted it and why, and where that is written: in every format in the same
// words.
func acceptance(f decision.Finding) string {
	if f.Waiver == nil {
		return "waived"
	}
	w := *f.Waiver
	return fmt.Sprintf("waived until %s by %s, approved by %s (%s): %s; waiver %s, %s", w.Until, w.Owner, w.Approver, w.Ticket, w.Reason, w.Name, lineOf(w.Path, w.Line))
}

// waiverOf is the waiver of a finding, an empty one where it names none.
func waiverOf(f decision.Finding) decision.Waiver {
	if f.Waiver == nil {
		return decision.Waiver{}
	}
	return *f.Waiver
}

// waiver writes under a finding what waives it, and what it is without that.
func (v *view) waiver(f decision.Finding) {
	v.flow([]piece{indent(gutter), styled("~ ", doubt)}, gutter+2, text(acceptance(f)))
	v.flow([]piece{indent(gutter + 2)}, gutter+4, styled("without it: "+beneath(f).String(), faint))
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

// pressing reports whether somebody has to look at a waiver: it waives nothing,
// or ends soon.
func pressing(use decision.WaiverUse) bool {
	return use.Expiring || use.Status != decision.Used && use.Status != decision.InForce
}

// pressed are the waivers that somebody has to look at.
func pressed(uses []decision.WaiverUse) []decision.WaiverUse {
	var list []decision.WaiverUse
	for _, use := range uses {
		if pressing(use) {
			list = append(list, use)
		}
	}
	return list
}

// standing is what became of a waiver in one word.
func standing(use decision.WaiverUse) string {
	if use.Expiring {
		return "expiring"
	}
	return use.Status.String()
}

// useHeadline names a waiver and what became of it: "waiver old: expired".
func useHeadline(use decision.WaiverUse) string {
	return clean("waiver " + use.Name + ": " + standing(use))
}

// useText says of which control a waiver is, and why it is to be looked at.
func useText(use decision.WaiverUse) string { return clean(use.Control + ": " + use.Message) }

// waiverUses writes the waivers that somebody has to look at.
func (p *page) waiverUses(list []decision.WaiverUse, verbose bool) {
	first := true
	for _, use := range list {
		if !pressing(use) && !verbose {
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

// WaiversJSON writes what `caveat waivers` found as one document, that of
// schemas/waivers.schema.json, its lists never null.
func WaiversJSON(w io.Writer, l waiver.List) error {
	l.Errors = list(l.Errors)
	l.Waivers = each(l.Waivers, func(one waiver.Listed) waiver.Listed {
		one.Worth = list(one.Worth)
		return one
	})
	return writeJSON(w, l)
}

// WaiverList writes each waiver with its days, its risk and its worth.
func (t *Table) WaiverList(l waiver.List) error {
	p := t.page()
	for _, w := range l.Waivers {
		mark, k := useStyle(decision.WaiverUse{Status: w.Status, Expiring: w.Expiring})
		about := w.Control
		if w.Severity != "" {
			about += nbsp + "(" + w.Severity + ")"
		}
		p.flow([]piece{styled(mark, k), text(" "), styled(fmt.Sprintf("%-*s", gutter-4, w.Status), k), text("  ")}, gutter,
			styled(w.Name, strong), text(wide+about), styled(wide+lineOf(w.Path, w.Line), faint), text(wide+left(w)))
		p.flow([]piece{indent(gutter)}, gutter+2, text(w.Message))
		p.flow([]piece{indent(gutter)}, gutter+2, styled(w.Owner+", approved by "+w.Approver+" ("+w.Ticket+"): "+w.Reason, faint))
		workloads := map[string]bool{}
		for _, worth := range w.Worth {
			workloads[worth.Manifest.Path+"\x00"+worth.Manifest.Name] = true
		}
		if len(workloads) > 0 {
			p.flow([]piece{indent(gutter)}, gutter+2, text("waives it for "+count(len(workloads), "workload", "workloads")))
		}
		for _, worth := range w.Worth {
			amount := "worth unknown: " + worth.Why
			if worth.Amount != nil {
				amount = "without it " + difference(worth.Currency, *worth.Amount) + " a month"
			}
			p.flow([]piece{indent(gutter)}, gutter+2, text(worth.Manifest.Name+wide+amount))
		}
	}
	if len(l.Waivers) == 0 {
		p.line(text("no waivers"))
	}
	return p.writeTo(t.W)
}

func left(w waiver.Listed) string {
	switch {
	case w.DaysLeft < 0:
		return "ended " + w.Until
	case w.Status == decision.NotYet:
		return "from " + w.From
	default:
		return count(w.DaysLeft, "day", "days") + " left"
	}
}

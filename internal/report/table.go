// Package report writes decisions, vendor documents and controls for people and
// programs. It decides and computes nothing: what it shows was decided, and
// only what is shown is rounded.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
)

// A Table writes for people: to W, in lines of at most Width runes (0 is 80,
// the least is 60), with ANSI colours if Color, and with what usually is only
// counted if Verbose. Words are never cut, so that an address or a path longer
// than a line stands on a line of its own.
type Table struct {
	W       io.Writer
	Width   int
	Color   bool
	Verbose bool

	decisions int
	waivers   []decision.WaiverUse
	change    *decision.CostChange
}

func (t *Table) page() *page { return newPage(t.Width, t.Color) }

// Decision writes one decision: verdict and offering, findings, conditions,
// cost, and what else there is to buy.
func (t *Table) Decision(d decision.Decision) error {
	p := t.page()
	if t.decisions > 0 {
		p.blank()
	}
	t.decisions++
	v := view{page: p, decision: d, verbose: t.Verbose}
	v.headline()
	v.findings()
	v.conditions()
	v.cost()
	v.others()
	return p.writeTo(t.W)
}

// Summary writes how many decisions there were of each verdict.
func (t *Table) Summary(s decision.Summary) error {
	p := t.page()
	if t.decisions > 0 {
		p.blank()
	}
	p.waiverUses(t.waivers, t.Verbose)
	if t.change != nil {
		p.costChange(*t.change)
	}
	checked := s.Pass + s.Review + s.Fail
	body := []piece{text("nothing was checked")}
	if checked > 0 {
		body = []piece{styled(count(checked, "decision", "decisions"), strong), text(":")}
		for _, part := range []struct {
			n     int
			name  string
			style style
		}{{s.Pass, "pass", good}, {s.Review, "review", doubt}, {s.Fail, "fail", bad}} {
			k := part.style
			if part.n == 0 {
				k = faint
			}
			body = append(body, text(" "), styled(fmt.Sprintf("%d%s%s", part.n, nbsp, part.name), k), text(","))
		}
		body = body[:len(body)-1]
	}
	if s.Errors > 0 {
		body = append(body, text("; "), styled(count(s.Errors, "error", "errors"), bad))
	}
	p.flow(nil, 2, body...)
	return p.writeTo(t.W)
}

// view is the layout of one decision.
type view struct {
	*page
	decision decision.Decision
	verbose  bool
}

// The columns of a decision: findings hang under the control, and the sections
// after them under their titles.
const (
	gutter = 14 // "  ✗ critical  "
	labels = 14 // "  Conditions  "
)

func verdictStyle(v decision.Verdict) (string, style) {
	switch v {
	case decision.Passed:
		return "PASS", goodVerdict
	case decision.Failed:
		return "FAIL", badVerdict
	default:
		return "REVIEW", doubtVerdict
	}
}

func (v *view) headline() {
	d := v.decision
	word, k := verdictStyle(d.Verdict)
	path := d.Manifest.Path
	if d.Manifest.Document > 0 {
		path += fmt.Sprintf(" (document %d)", d.Manifest.Document+1)
	}
	left := []piece{styled(word, k), text(wide), styled(or(d.Manifest.Name, "unnamed"), strong)}
	v.ends(left, []piece{styled(path, faint)})
	offering := v.offering(d.Offering, nil)
	v.flow([]piece{indent(6)}, 8, offering...)
	var context []string
	if d.Stage != "" {
		context = append(context, "stage"+nbsp+d.Stage)
	}
	if len(d.Profiles) > 0 {
		context = append(context, "profiles "+strings.Join(d.Profiles, ", "))
	}
	if d.Manifest.Owner != "" {
		context = append(context, "owner"+nbsp+d.Manifest.Owner)
	}
	if len(context) > 0 {
		v.flow([]piece{indent(6)}, 8, styled(strings.Join(context, dot), faint))
	}
}

// offering names an offering; beside another one, what machines they share is
// left out.
func (v *view) offering(o decision.Offering, beside *decision.Offering) []piece {
	hosting := o.Hosting
	if o.Infrastructure != "" {
		hosting += nbsp + "on" + nbsp + o.Infrastructure
	}
	what := []string{strings.TrimSpace(o.Vendor + " " + o.Product), o.Plan, hosting, o.Region}
	machine := or(o.SKU, "no"+nbsp+"SKU")
	if o.GPU != "" {
		machine = fmt.Sprintf("%d×%s%s", o.Count, nbsp, o.GPU)
		if named(o.SKU) != named(o.GPU) && o.SKU != "" {
			machine += " (" + o.SKU + ")"
		}
	}
	if beside != nil && o.GPU == beside.GPU && o.Count == beside.Count && (o.GPU != "" || o.SKU == beside.SKU) {
		machine = ""
		if named(o.SKU) != named(o.GPU) && o.SKU != beside.SKU {
			machine = o.SKU
		}
	}
	what = append(what, machine)
	if o.Capacity != "on-demand" {
		what = append(what, o.Capacity)
	}
	return dots(what...)
}

// named makes "h100" and "H100" alike.
func named(id string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_. ", r) {
			return -1
		}
		return r
	}, strings.ToLower(id))
}

func (v *view) conditions() {
	if len(v.decision.Conditions) == 0 {
		return
	}
	v.blank()
	head := []piece{indent(2), styled("Conditions", strong), indent(labels - 12)}
	for _, c := range v.decision.Conditions {
		v.flow(append(head, text("• ")), labels+2, text(c))
		head = []piece{indent(labels)}
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1" + nbsp + one
	}
	return fmt.Sprintf("%d%s%s", n, nbsp, many)
}

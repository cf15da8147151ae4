package report

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// pages keeps a report until it is whole, for formats that begin with what is
// known only at the end. render writes it to memory, so that nothing is written
// of a report that cannot be rendered.
type pages struct {
	w      io.Writer
	report decision.Report
	render func(out *bytes.Buffer, r decision.Report) error
	closed bool
	err    error
}

func newPages(w io.Writer, header decision.Report, render func(*bytes.Buffer, decision.Report) error) *pages {
	header.Decisions, header.Errors = nil, slices.Clone(header.Errors)
	return &pages{w: w, report: header, render: render}
}

// Decision keeps a decision.
func (p *pages) Decision(d decision.Decision) error {
	if p.closed && p.err == nil {
		p.err = errClosed
	}
	if p.err == nil {
		p.report.Decisions = append(p.report.Decisions, d)
	}
	return p.err
}

// Problem keeps an error in an input.
func (p *pages) Problem(problem decision.Problem) { p.report.Errors = append(p.report.Errors, problem) }

// Waivers keeps what became of the waivers.
func (p *pages) Waivers(uses []decision.WaiverUse) { p.report.Waivers = uses }

// CostChange keeps what the manifests cost against others.
func (p *pages) CostChange(c *decision.CostChange) { p.report.CostChange = c }

// Close writes the report.
func (p *pages) Close(summary decision.Summary) error {
	if p.err != nil || p.closed {
		return p.err
	}
	p.closed, p.report.Summary = true, summary
	var out bytes.Buffer
	if p.err = p.render(&out, p.report); p.err == nil {
		_, p.err = p.w.Write(out.Bytes())
	}
	return p.err
}

// An offer is one offering that a decision lists, and how it came out.
type offer struct {
	as         string // placed, alternative, candidate or rejected
	rank       int    // of alternatives, from 1
	offering   decision.Offering
	verdict    decision.Verdict
	cost       decision.Cost
	difference *decimal.Decimal // to what is placed; alternatives only
	conditions []string
	refused    []string // controls that refuse it
	open       []string // controls that are open
	waived     []string
	waivers    []decision.Waiver // of waived, in its order; only what is placed has them
}

// offers are the offerings of a decision: what is placed, then what else there
// is, in the order of the decision.
func offers(d decision.Decision) []offer {
	placed := offer{as: "placed", offering: d.Offering, verdict: d.Verdict, cost: d.Cost, conditions: d.Conditions}
	for _, f := range ordered(d.Findings) {
		switch groupOf(f) {
		case refused:
			placed.refused = append(placed.refused, f.Control)
		case open:
			placed.open = append(placed.open, f.Control)
		case waived:
			placed.waived = append(placed.waived, f.Control)
			placed.waivers = append(placed.waivers, waiverOf(f))
		}
	}
	all := []offer{placed}
	for _, a := range d.Alternatives {
		all = append(all, offer{as: "alternative", rank: a.Rank, offering: a.Offering, verdict: a.Verdict, cost: a.Cost, difference: a.Difference, conditions: a.Conditions, waived: a.Waived})
	}
	for _, c := range d.Candidates {
		all = append(all, offer{as: "candidate", offering: c.Offering, verdict: c.Verdict, cost: c.Cost, open: c.Open, waived: c.Waived})
	}
	for _, r := range d.Rejected {
		all = append(all, offer{as: "rejected", offering: r.Offering, verdict: decision.Failed, cost: r.Cost, refused: r.Controls})
	}
	return all
}

// notes are what there is to know of an offer beside its price.
func (o offer) notes() []string {
	var notes []string
	if o.as != "placed" { // there the findings say it
		if len(o.refused) > 0 {
			notes = append(notes, "refused by "+strings.Join(o.refused, ", "))
		}
		if len(o.open) > 0 {
			notes = append(notes, "open: "+strings.Join(o.open, ", "))
		}
		notes = append(notes, waivedNote(o.waived)...)
		if len(o.conditions) > 0 {
			notes = append(notes, "on condition: "+strings.Join(o.conditions, "; "))
		}
	}
	if unknown := strings.Join(unknownItems(o.cost), ", "); unknown != "" {
		notes = append(notes, "price not known: "+unknown)
	}
	return notes
}

// reasonsOf are the reasons of a finding, or what stands for its only one.
func reasonsOf(f decision.Finding) []decision.Reason {
	if len(f.Reasons) > 1 {
		return f.Reasons
	}
	return []decision.Reason{{Message: or(f.Message, f.Title), Location: f.Location, Facts: f.Facts}}
}

// link is the address of a source where it is one of the web, else empty: a
// vendor document is no reason to follow another scheme.
func link(s decision.Source) string {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}

// spot is file:line:column, as far as it is known.
func spot(l decision.Location) string {
	p := decision.Problem{Path: l.Path, Line: l.Line, Column: l.Column}
	if l.Line == 0 {
		return l.Path
	}
	return strings.TrimSuffix(p.Error(), ": ")
}

// document names a manifest by its file, and by its place in it.
func document(m decision.Manifest) string {
	if m.Document > 0 {
		return fmt.Sprintf("%s (document %d)", m.Path, m.Document+1)
	}
	return m.Path
}

// flat is text for a page that has no unbreakable spaces of ours.
func flat(s string) string { return strings.ReplaceAll(clean(s), nbsp, " ") }

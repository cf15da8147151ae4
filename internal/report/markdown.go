package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decision"
)

// CostMarkdown writes what `caveat cost` found for a pull request or a page.
func CostMarkdown(w io.Writer, r cost.Report) error {
	m := &markdown{}
	if words := partial(r); words != "" {
		m.paragraph("**" + markup(words) + "**")
	}
	if r.Diff != nil {
		m.diff(*r.Diff)
	} else {
		for _, e := range r.Estimates {
			m.estimate(e)
		}
	}
	m.totals(r)
	_, err := w.Write(m.out.Bytes())
	return err
}

type markdown struct{ out bytes.Buffer }

// markup keeps what a manifest says from being markup.
func markup(s string) string {
	s = strings.ReplaceAll(clean(s), nbsp, " ")
	return strings.NewReplacer("\\", "\\\\", "|", "\\|", "<", "&lt;", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "]", "\\]", "#", "\\#").Replace(s)
}

// paragraph writes one, apart from what is before it.
func (m *markdown) paragraph(text string) {
	if m.out.Len() > 0 {
		m.out.WriteByte('\n')
	}
	m.out.WriteString(text + "\n")
}

// table writes rows of escaped cells; the columns from right on are numbers.
func (m *markdown) table(header []string, right int, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	line := func(cells []string) { m.out.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	if m.out.Len() > 0 {
		m.out.WriteByte('\n')
	}
	line(header)
	rule := make([]string, len(header))
	for i := range rule {
		rule[i] = "---"
		if i >= right {
			rule[i] = "---:"
		}
	}
	line(rule)
	for _, row := range rows {
		for i := range row {
			row[i] = markup(row[i])
		}
		line(row)
	}
}

func (m *markdown) estimate(e cost.Estimate) {
	m.paragraph("### " + markup(or(e.Manifest.Name, "unnamed")))
	m.paragraph(markup(fmt.Sprintf("%s · %s · verdict ", e.Manifest.Path, inFew(e.Offering))) + "**" + e.Verdict.String() + "**")
	if w := e.WhatIf; w != nil {
		var parts []string
		for _, c := range w.Changes {
			words := changed(c)
			if len(c.Replaced) > 0 {
				words += " in place of " + strings.Join(c.Replaced, ", ")
			}
			parts = append(parts, words)
		}
		m.paragraph("What if " + markup(strings.Join(parts, "; ")) + ": **" + markup(beforeAfter(w.Before.Cost, e.Cost, w.Difference)) + "**")
		if w.Before.Verdict != e.Verdict {
			m.paragraph(fmt.Sprintf("Verdict %s → **%s**", w.Before.Verdict, e.Verdict))
		}
	}
	m.paragraph("**" + markup(totalInWords(e.Cost)) + "**")
	if c := e.Cost; c.List != nil {
		m.paragraph("At list prices: " + markup(money(c.Currency, *c.List, nearest)))
	}
	var rows [][]string
	for _, line := range e.Cost.Lines {
		rate := ""
		if line.Rate != nil {
			rate = line.Rate.String()
		}
		bounds := ""
		if line.Low != nil && line.High != nil && !line.Low.Equal(*line.High) {
			bounds = exactly(e.Cost.Currency, *line.Low) + " to " + exactly(e.Cost.Currency, *line.High)
		}
		rows = append(rows, []string{line.Item, line.Why, quantity(line), rate, bounds, amountOf(e.Cost.Currency, line)})
	}
	m.table([]string{"line", "why unknown", "quantity", "rate", "low to high", "a month"}, 2, rows)
	rows = nil
	for _, r := range e.Offerings {
		v := estimateView{estimate: e}
		rows = append(rows, []string{fmt.Sprint(r.Rank), inFew(r.Offering), r.Verdict.String(), strings.Join(v.notes(r), "; "), total(r.Cost), v.against(r).text})
	}
	m.table([]string{"rank", "offering", "verdict", "notes", "a month", "difference"}, 4, rows)
	if s := e.Sweep; s != nil {
		m.sweep(*s)
	}
}

func (m *markdown) sweep(s cost.Sweep) {
	m.paragraph("**" + markup(s.Path) + "**: " + markup(sweepInWords(s)))
	header := []string{markup(s.Path)}
	for _, one := range s.Series {
		header = append(header, markup(inFew(one.Offering))+" ("+one.Verdict.String()+")")
	}
	var rows [][]string
	for i, p := range s.Points {
		row := []string{valueWords(s, i)}
		for _, q := range p.Quotes {
			cell := total(costOf(q.Sum.Total))
			if q.Verdict == decision.Failed {
				cell += " (refused)"
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	m.table(header, 0, rows)
}

func (m *markdown) diff(d cost.Diff) {
	list := tell(d)
	sentence := "**" + markup(headline(*d.Brief())) + "**"
	if len(list) == 1 {
		m.paragraph(sentence + ": " + markup(list[0].words))
		m.details(list[0])
	} else {
		m.paragraph(sentence)
		for i, t := range list {
			if i == 0 {
				m.out.WriteByte('\n')
			}
			m.out.WriteString("- " + markup(t.words) + " (" + markup(t.path) + ")\n")
			for _, line := range t.lines {
				m.out.WriteString("  - " + markup(line) + "\n")
			}
			if t.verdict != "" {
				m.out.WriteString("  - **" + markup(t.verdict) + "**\n")
			}
		}
	}
	m.paragraph(markup(unchanged(d)) + " Against " + markup(d.Against) + ", at the same prices.")
}

func (m *markdown) details(t told) {
	m.out.WriteByte('\n')
	m.out.WriteString("- " + markup(t.path) + "\n")
	for _, line := range t.lines {
		m.out.WriteString("- " + markup(line) + "\n")
	}
	if t.verdict != "" {
		m.out.WriteString("- **" + markup(t.verdict) + "**\n")
	}
}

func (m *markdown) totals(r cost.Report) {
	if len(r.Totals) == 0 || r.Diff == nil && len(r.Estimates) < 2 && !slices.ContainsFunc(r.Totals, func(t cost.Total) bool { return t.By != "all" }) {
		return
	}
	header := []string{"by", "group", "workloads", "pass", "review", "fail", "a month"}
	compared := r.Totals[0].Before != nil
	if compared {
		header = []string{"by", "group", "workloads", "before", "a month", "difference"}
	}
	var rows [][]string
	for _, t := range r.Totals {
		if t.By == "all" && r.Diff != nil {
			continue
		}
		row := []string{t.By, t.Name, fmt.Sprint(t.Workloads)}
		amount := total(costOf(t.Sum.Total))
		if compared {
			by := "–"
			if t.Difference != nil {
				by = difference(t.Currency, *t.Difference)
			}
			row = append(row, total(costOf(t.Before.Total)), amount, by)
		} else {
			row = append(row, fmt.Sprint(t.Pass), fmt.Sprint(t.Review), fmt.Sprint(t.Fail), amount)
		}
		rows = append(rows, row)
	}
	m.table(header, 2, rows)
	for _, a := range r.Accounts {
		if words := onceOf(a); words != "" {
			m.paragraph(markup(words))
		}
	}
}

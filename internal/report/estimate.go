package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decision"
)

// Costs writes what `caveat cost` found: each estimate with its breakdown and
// what else could run it, then totals, or what a change costs.
func (t *Table) Costs(r cost.Report) error {
	p := t.page()
	if words := partial(r); words != "" && (r.Diff != nil || len(r.Estimates) > 0) {
		p.flow(nil, 2, styled(words, bad))
		p.blank()
	}
	if r.Diff != nil {
		p.diff(*r.Diff)
		p.totals(r)
		return p.writeTo(t.W)
	}
	for i, e := range r.Estimates {
		if i > 0 {
			p.blank()
		}
		v := estimateView{view{page: p, decision: decision.Decision{Manifest: e.Manifest, Stage: e.Stage, Offering: e.Offering, Verdict: e.Verdict, Cost: e.Cost}, verbose: true}, e, t.Verbose}
		v.headline()
		v.whatIf()
		v.cost()
		v.compare()
		v.sweep()
	}
	p.totals(r)
	return p.writeTo(t.W)
}

// partial warns that not everything is in what follows; "" where it is.
func partial(r cost.Report) string {
	if len(r.Errors) == 0 {
		return ""
	}
	return "Not the whole answer: " + count(len(r.Errors), "error", "errors") + " kept manifests from being read or decided."
}

// estimateView is the layout of one estimate.
type estimateView struct {
	view
	estimate cost.Estimate
	every    bool // every offering with its lines
}

// whatIf writes what was changed, and what that does.
func (v *estimateView) whatIf() {
	w := v.estimate.WhatIf
	if w == nil {
		return
	}
	v.blank()
	title := "What if"
	for _, c := range w.Changes {
		v.section(title, text(changed(c)))
		title = ""
		if len(c.Replaced) > 0 {
			v.section("", styled("in place of "+strings.Join(c.Replaced, ", "), faint))
		}
	}
	after := v.estimate.Side()
	v.section("", styled(beforeAfter(w.Before.Cost, after.Cost, w.Difference), strong))
	if w.Before.Offering != after.Offering {
		v.section("", append([]piece{text("it was placed on ")}, v.offering(w.Before.Offering, nil)...)...)
	}
	if w.Before.Verdict != after.Verdict {
		v.section("", styled(fmt.Sprintf("verdict %s → %s", w.Before.Verdict, after.Verdict)+grounds(after), turn(w.Before.Verdict, after.Verdict)))
	}
}

// changed words a field that has another value.
func changed(c cost.Changed) string {
	switch {
	case c.Before == "":
		return c.Path + " " + c.After + " (was not stated)"
	case c.After == "":
		return c.Path + " left out (was " + c.Before + ")"
	}
	return c.Path + " " + c.Before + " → " + c.After
}

// beforeAfter words a change of cost: "$157.97 → $220.00 a month, +$62.03".
func beforeAfter(before, after decision.Cost, by *decimal.Decimal) string {
	words := total(before) + " → " + total(after) + " a month"
	if by == nil {
		return words + ", difference not known"
	}
	return words + ", " + difference(or(after.Currency, before.Currency), *by)
}

func turn(before, after decision.Verdict) style {
	if after.Better(before) < 0 {
		return good
	}
	return bad
}

// compare writes what else there is beside what is placed.
func (v *estimateView) compare() {
	rows := v.estimate.Offerings
	if len(rows) == 0 {
		return
	}
	const month, against = "a month", "difference"
	ranks, amounts, differences := len(fmt.Sprint(len(rows))), len(month), len(against)
	for _, r := range rows {
		amounts = max(amounts, width([]piece{text(total(r.Cost))}))
		differences = max(differences, width([]piece{text(v.against(r).text)}))
	}
	left := 2 + ranks + 2 + len("review") + 2
	right := v.width - 4 - amounts - differences
	tail := func(amount, by piece) []piece {
		return []piece{indent(2 + amounts - width([]piece{amount})), amount, indent(2 + differences - width([]piece{by})), by}
	}
	v.blank()
	heading := []piece{indent(2), styled("Offerings", strong)}
	if at := v.atSelect(); at != "" && len(rows) > 1 {
		heading = append(heading, styled(", others"+at, faint))
	}
	heading = append(heading, indent(right-width(heading)))
	v.line(append(heading, tail(styled(month, faint), styled(against, faint))...)...)
	falls := false
	for _, r := range rows {
		falls = falls || r.Cost.Expected == nil && r.Cost.MayFall() && !r.Cost.Known.IsZero()
		word, k := verdictStyle(r.Verdict)
		rank := fmt.Sprint(r.Rank)
		head := []piece{indent(2 + ranks - len(rank)), text(rank), indent(2), styled(strings.ToLower(word), k), indent(left - 4 - ranks - len(word))}
		lines := wrap(right, head, left+2, v.offering(r.Offering, v.beside(r)))
		if gap := right - width(lines[0]); gap < 0 {
			v.line(lines[0]...)
			lines[0] = []piece{indent(right)}
		} else {
			lines[0] = append(lines[0], indent(gap))
		}
		lines[0] = append(lines[0], tail(text(total(r.Cost)), v.against(r))...)
		for _, line := range lines {
			v.line(line...)
		}
		for _, n := range v.notes(r) {
			v.flow([]piece{indent(left + 2)}, left+4, styled(n, faint))
		}
		if v.every {
			inner := view{page: v.page, decision: decision.Decision{Cost: r.Cost}}
			inner.lines()
		}
	}
	if falls {
		v.flow([]piece{indent(2)}, 4, styled("? what is not known may lower the amount", faint))
	}
}

// beside is what a row need not repeat: nothing of what is placed itself.
func (v *estimateView) beside(r cost.Row) *decision.Offering {
	if r.Placed {
		return nil
	}
	return &v.estimate.Offering
}

// against says how a row stands to what is placed. What is refused is no
// saving, whatever it costs.
func (v *estimateView) against(r cost.Row) piece {
	switch {
	case r.Offering == v.estimate.Offering:
		return styled("placed", faint)
	case r.Verdict == decision.Failed:
		return styled("refused", bad)
	case r.Difference == nil:
		return text("–")
	case r.Difference.IsNegative() && r.Verdict == decision.Passed:
		return styled(difference(r.Cost.Currency, *r.Difference), good)
	}
	return text(difference(r.Cost.Currency, *r.Difference))
}

func (v *estimateView) notes(r cost.Row) []string {
	var notes []string
	if r.Placed && r.Offering != v.estimate.Offering {
		notes = append(notes, "placed, too")
	}
	c := r.Cost
	if c.Low != nil && c.High != nil && !c.Low.Equal(*c.High) {
		notes = append(notes, "between "+money(c.Currency, *c.Low, down)+" and "+money(c.Currency, *c.High, up))
	}
	for _, part := range []struct {
		words string
		list  []string
	}{{"on condition: ", r.Conditions}, {"refused by ", r.Refused}, {"open: ", r.Open}} {
		if len(part.list) > 0 {
			notes = append(notes, part.words+strings.Join(part.list, ", "))
		}
	}
	if open := strings.Join(unknownItems(c), ", "); open != "" {
		notes = append(notes, "price not known: "+open)
	}
	return notes
}

// totals writes what is charged once to each account, and the totals.
func (p *page) totals(r cost.Report) {
	// One workload's total is its cost, unless groups are asked for.
	if len(r.Totals) == 0 || r.Diff == nil && len(r.Estimates) < 2 && !slices.ContainsFunc(r.Totals, func(t cost.Total) bool { return t.By != "all" }) {
		return
	}
	by := ""
	for i := 0; i < len(r.Totals); {
		n := i
		for n < len(r.Totals) && r.Totals[n].By == r.Totals[i].By {
			n++
		}
		if by = r.Totals[i].By; by != "all" || r.Diff == nil {
			p.totalsBy(by, r.Totals[i:n])
		}
		i = n
	}
	p.accounts(r.Accounts)
}

func (p *page) totalsBy(by string, totals []cost.Total) {
	title := "Total"
	if by != "all" {
		title = "By " + strings.Replace(by, "label:", "label ", 1)
	}
	header := []string{"workloads", "pass", "review", "fail", "a month"}
	compared := totals[0].Before != nil
	if compared {
		header = []string{"workloads", "before", "a month", "difference"}
	}
	rows := make([][]piece, len(totals))
	for i, t := range totals {
		amount := text(total(costOf(t.Sum.Total)))
		if !compared {
			rows[i] = []piece{text(fmt.Sprint(t.Workloads)), text(fmt.Sprint(t.Pass)), text(fmt.Sprint(t.Review)), text(fmt.Sprint(t.Fail)), amount}
			continue
		}
		by := text("–")
		if t.Difference != nil {
			by = text(difference(t.Currency, *t.Difference))
		}
		rows[i] = []piece{text(fmt.Sprint(t.Workloads)), text(total(costOf(t.Before.Total))), amount, by}
	}
	widths := make([]int, len(header))
	for i, h := range header {
		widths[i] = len(h)
		for _, row := range rows {
			widths[i] = max(widths[i], width(row[i:i+1]))
		}
	}
	right := p.width
	for _, n := range widths {
		right -= 2 + n
	}
	cells := func(row []piece, k style) []piece {
		var all []piece
		for i, cell := range row {
			if k != plain {
				cell.style = k
			}
			all = append(all, indent(2+widths[i]-width(row[i:i+1])), cell)
		}
		return all
	}
	heads := make([]piece, len(header))
	for i, h := range header {
		heads[i] = text(h)
	}
	p.blank()
	p.line(append([]piece{styled(title, strong), indent(right - len(title))}, cells(heads, faint)...)...)
	for i, t := range totals {
		name := t.Name
		if by == "all" {
			name = "all workloads"
		} else if name == "" {
			name = `""`
		}
		lines := wrap(right, []piece{indent(2)}, 4, []piece{text(name)})
		if gap := right - width(lines[0]); gap >= 0 {
			lines[0] = append(lines[0], indent(gap))
		} else {
			p.line(lines[0]...)
			lines[0] = []piece{indent(right)}
		}
		lines[0] = append(lines[0], cells(rows[i], plain)...)
		for _, line := range lines {
			p.line(line...)
		}
		if t.Low != nil && t.High != nil && !t.Low.Equal(*t.High) {
			p.flow([]piece{indent(4)}, 6, styled("between "+money(t.Currency, *t.Low, down)+" and "+money(t.Currency, *t.High, up), faint))
		}
	}
}

// accounts says what several workloads share, and is counted once.
func (p *page) accounts(accounts []cost.Account) {
	first := true
	for _, a := range accounts {
		shared := onceOf(a)
		if shared == "" {
			continue
		}
		if first {
			p.blank()
			first = false
		}
		p.flow(nil, 2, styled(shared, faint))
	}
}

// onceOf words what an account is charged once; "" where that is nothing, or
// one workload's.
func onceOf(a cost.Account) string {
	if a.Workloads < 2 {
		return ""
	}
	var parts []string
	for _, line := range a.Lines {
		if line.Amount == nil || !line.Amount.IsZero() {
			amount := "unknown"
			if line.Amount != nil {
				amount = money(a.Currency, *line.Amount, nearest)
			}
			parts = append(parts, line.Item+" "+amount)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("charged once for %s of %s on %s: %s", count(a.Workloads, "workload", "workloads"), a.Vendor, or(a.Plan, "no plan"), strings.Join(parts, ", "))
}

// costOf is a sum as total shows it.
func costOf(s decision.Total) decision.Cost {
	c := decision.Cost{Currency: s.Currency, Low: s.Low, Expected: s.Expected, High: s.High, Known: s.Known}
	if s.Expected == nil {
		c.Lines = []decision.Line{{MayFall: s.MayFall}}
	}
	return c
}

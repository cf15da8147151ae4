package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// others writes what else there is to buy.
func (v *view) others() {
	d := v.decision
	var rows []row
	for _, a := range d.Alternatives {
		r := row{rank: fmt.Sprint(a.Rank), offering: a.Offering, cost: a.Cost, difference: "–"}
		if a.Difference != nil {
			r.difference = difference(a.Cost.Currency, *a.Difference)
			r.style = plain
			if a.Difference.IsNegative() {
				r.style = good
			}
		}
		if len(a.Conditions) > 0 {
			r.notes = append(r.notes, "on condition: "+strings.Join(a.Conditions, "; "))
		}
		r.notes = append(r.notes, waivedNote(a.Waived)...)
		rows = append(rows, r)
	}
	if len(rows) > 0 {
		v.offers("Alternatives", true, rows)
	} else if len(d.Candidates)+len(d.Rejected) > 0 {
		v.blank()
		v.flow([]piece{indent(2), styled("Alternatives", strong), text("  ")}, labels, text("no other offering passes"+v.atSelect()))
	}
	rows = nil
	for _, c := range d.Candidates {
		rows = append(rows, row{offering: c.Offering, cost: c.Cost, notes: append([]string{"open: " + strings.Join(c.Open, ", ")}, waivedNote(c.Waived)...)})
	}
	v.offers("In review", false, rows)
	rows = nil
	for _, r := range d.Rejected {
		rows = append(rows, row{offering: r.Offering, cost: r.Cost, notes: []string{"refused by " + strings.Join(r.Controls, ", ")}})
	}
	v.offers("Cheaper, but refused", false, rows)
	v.premium()
	v.breakEven()
}

// A row is one offering with what it costs.
type row struct {
	rank       string
	offering   decision.Offering
	cost       decision.Cost
	difference string
	style      style
	notes      []string
}

// offers writes a table of offerings under a title; none without rows.
func (v *view) offers(title string, ranked bool, rows []row) {
	if len(rows) == 0 {
		return
	}
	const month, against = "a month", "difference"
	amounts, differences := len(month), 0
	if ranked {
		differences = len(against)
	}
	falls := false
	for _, r := range rows {
		amounts = max(amounts, width([]piece{text(total(r.cost))}))
		differences = max(differences, width([]piece{text(r.difference)}))
		falls = falls || r.cost.Expected == nil && r.cost.MayFall() && !r.cost.Known.IsZero()
	}
	left := 2
	if ranked {
		left += len(rows[len(rows)-1].rank) + 2
	}
	right := v.width - 2 - amounts
	if ranked {
		right -= 2 + differences
	}
	tail := func(amount, difference string, k style) []piece {
		all := []piece{indent(2 + amounts - width([]piece{text(amount)})), text(amount)}
		if ranked {
			all = append(all, indent(2+differences-width([]piece{text(difference)})), styled(difference, k))
		}
		return all
	}
	v.blank()
	heading := []piece{indent(2), styled(title, strong), styled(v.atSelect(), faint)}
	heading = append(heading, indent(right-width(heading)))
	for _, part := range tail(month, against, faint) {
		heading = append(heading, styled(part.text, faint))
	}
	v.line(heading...)
	for _, r := range rows {
		// The offering is wrapped in its own column, its amounts beside the
		// first line.
		head := []piece{indent(left)}
		if ranked {
			head = []piece{indent(2), text(r.rank), indent(left - 2 - len(r.rank))}
		}
		lines := wrap(right, head, left+2, v.offering(r.offering, &v.decision.Offering))
		if gap := right - width(lines[0]); gap < 0 {
			v.line(lines[0]...)
			lines[0] = []piece{indent(right)}
		} else {
			lines[0] = append(lines[0], indent(gap))
		}
		lines[0] = append(lines[0], tail(total(r.cost), r.difference, r.style)...)
		for _, line := range lines {
			v.line(line...)
		}
		notes := r.notes
		if open := strings.Join(unknownItems(r.cost), ", "); open != "" {
			notes = append(slices.Clone(notes), "price not known: "+open)
		}
		for _, n := range notes {
			v.flow([]piece{indent(left + 2)}, left+4, styled(n, faint))
		}
	}
	if falls {
		v.flow([]piece{indent(2)}, 4, styled("? what is not known may lower the amount", faint))
	}
}

// unknownItems names the lines of a cost that are not known.
func unknownItems(c decision.Cost) []string {
	var items []string
	for _, line := range c.Lines {
		if line.Amount == nil {
			items = append(items, line.Item)
		}
	}
	return items
}

// atSelect says at which stage other offerings were decided, where it is not
// the stage of the decision.
func (v *view) atSelect() string {
	if v.decision.Stage == "select" || v.decision.Stage == "" {
		return ""
	}
	return " at stage select"
}

// premium writes the price of compliance.
func (v *view) premium() {
	d := v.decision
	if d.Premium == nil {
		return
	}
	name := func(o decision.Offering) string {
		if o == d.Offering {
			return "the one checked"
		}
		return v.offering(o, &d.Offering)[0].text
	}
	v.blank()
	body := []piece{text("Compliance" + v.atSelect() + " costs ")}
	if d.Premium.Amount.IsZero() {
		body = append(body, styled("nothing more", strong), text(": the cheapest of all passes ("+name(d.Premium.Cheapest)+")"))
	} else {
		body = append(body, styled(money(v.currency(), d.Premium.Amount, nearest)+" a month more", strong),
			text(" than the cheapest of all ("+name(d.Premium.Cheapest)+"); the cheapest that passes is "+name(d.Premium.Compliant)))
	}
	v.flow([]piece{indent(2)}, 4, body...)
	for _, l := range d.Premium.Controls {
		v.flow([]piece{indent(4)}, 6, styled(l.Control, strong), text(" adds "+money(v.currency(), l.Adds, nearest)+": without it "+apart(l.Offering, d.Premium.Compliant)+" would do"))
	}
}

// breakEven writes where the order of the first places flips.
func (v *view) breakEven() {
	d := v.decision
	head := []piece{indent(2), styled("Break-even", strong), indent(labels - 12)}
	start := func() []piece {
		h := head
		if len(h) > 1 {
			v.blank()
		}
		head = []piece{indent(labels)}
		return h
	}
	for _, b := range d.BreakEven {
		now := "now" + nbsp + measure(b.Now)
		if b.Utilisation != nil {
			now = measure(b.Utilisation.Shift(2)) + nbsp + "% of a month of one replica; " + now
		}
		v.flow(start(), labels+2, text(apart(b.Below, b.Above)+" is cheaper below "), styled(measure(b.At)+nbsp+b.Unit, strong), text(" ("+now+"), "+apart(b.Above, b.Below)+" above"))
	}
	for _, c := range d.MayFlip() {
		first := d.Contestants()[0]
		v.flow(start(), labels+2, text("The order of "+apart(first.Offering, c.Offering)+" and "+apart(c.Offering, first.Offering)+" flips inside the stated ranges."))
	}
}

// measure shows a number to two decimal places, and what is smaller to three
// digits. Only what is shown is rounded.
func measure(n decimal.Decimal) string {
	shown := n.RoundBank(2)
	if n.Abs().LessThan(decimal.NewFromInt(1)) && !n.IsZero() {
		shown = n.RoundBank(int32(2 - n.NumDigits() - int(n.Exponent()) + 1))
	}
	return shown.String()
}

// apart names an offering by its vendor, and by what else sets it apart from
// another one of that vendor.
func apart(o, other decision.Offering) string {
	words := []string{o.Vendor}
	if o.Vendor == other.Vendor {
		count := func(o decision.Offering) string { return fmt.Sprintf("%d×%s%s", o.Count, nbsp, o.GPU) }
		for _, part := range [][2]string{
			{o.Product, other.Product}, {o.Plan, other.Plan}, {o.Hosting, other.Hosting}, {o.Region, other.Region},
			{o.SKU, other.SKU}, {count(o), count(other)}, {o.Capacity, other.Capacity},
		} {
			if part[0] != part[1] && part[0] != "" {
				words = append(words, part[0])
			}
		}
	}
	return strings.Join(words, nbsp)
}

// currency is that of the premium, which names none: of the offerings that it
// compares, else of the decided one.
func (v *view) currency() string {
	d := v.decision
	for _, a := range d.Alternatives {
		if a.Offering == d.Premium.Compliant {
			return a.Cost.Currency
		}
	}
	for _, r := range d.Rejected {
		if r.Offering == d.Premium.Cheapest {
			return r.Cost.Currency
		}
	}
	return d.Cost.Currency
}

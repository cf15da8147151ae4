package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/pricelist"
)

// Prices writes what each SKU costs: by the GPU-hour where the price gives it,
// as published, where it holds, and how old it is. Prices that are not believed
// are shown with -v.
func (t *Table) Prices(prices []pricelist.Price) error {
	p := t.page()
	var s priceSummary
	vendor := ""
	for _, price := range prices {
		if price.Rejected != "" {
			s.rejected++
			if !t.Verbose {
				continue
			}
		} else {
			s.add(price)
		}
		if price.Vendor != vendor {
			if vendor != "" {
				p.blank()
			}
			vendor = price.Vendor
			p.line(styled(vendor, strong))
		}
		alike := func(q pricelist.Price) bool {
			return q.Vendor == price.Vendor && q.SKU == price.SKU && q.Capacity == price.Capacity && (t.Verbose || q.Rejected == "")
		}
		t.price(p, price, atMostOne(prices, alike))
	}
	if s.prices > 0 || s.rejected > 0 {
		p.blank()
	}
	p.flow(nil, 2, text(s.String()))
	return p.writeTo(t.W)
}

// atMostOne reports whether no two items are such.
func atMostOne[T any](items []T, such func(T) bool) bool {
	i := slices.IndexFunc(items, such)
	return i < 0 || !slices.ContainsFunc(items[i+1:], such)
}

// where words a scope as far as it matters: products are left out of the one
// price that a SKU has.
func where(s catalog.Scope, alone bool) []string {
	if alone {
		s.Products = nil
	}
	if s.String() == (catalog.Scope{}).String() {
		return nil
	}
	return []string{s.String()}
}

func (t *Table) price(p *page, price pricelist.Price, alone bool) {
	machine := price.GPU
	if len(price.Counts) > 0 && price.GPU != "" {
		machine = counts(price.Counts) + nbsp + "×" + nbsp + price.GPU
	}
	name := dots(machine, price.Capacity)
	hour := "by the hour unknown"
	switch {
	case price.GPUHour != nil:
		hour = rate(price.Currency, *price.GPUHour) + " a GPU-hour"
	case price.InstanceHour != nil:
		hour = rate(price.Currency, *price.InstanceHour) + " an instance-hour"
	}
	p.aside(2, append([]piece{text(price.SKU + wide)}, faintly(name)...), text(hour))
	published := signedText(price.Currency, price.Amount) + "/" + or(things[price.Of], price.Of) + "-" + price.Per
	about := append([]string{published}, where(price.Scope, alone)...)
	for _, condition := range price.Conditions {
		about = append(about, "if "+condition)
	}
	about = append(about, age(price))
	p.flow([]piece{indent(4)}, 6, faintly(dots(about...))...)
	if price.Rejected != "" {
		p.flow([]piece{indent(4)}, 6, styled("not believed: ", doubt), text(price.Rejected))
	}
}

// aside writes left behind a margin and right at the end of the line, or of the
// next one where both do not fit.
func (p *page) aside(margin int, left []piece, right piece) {
	gap := p.width - margin - width(left) - width([]piece{right})
	if gap >= 2 {
		p.line(slices.Concat([]piece{indent(margin)}, left, []piece{indent(gap), right})...)
		return
	}
	p.flow([]piece{indent(margin)}, margin+2, left...)
	p.line(indent(p.width-width([]piece{right})), right)
}

func faintly(pieces []piece) []piece {
	for i := range pieces {
		pieces[i].style = faint
	}
	return pieces
}

func age(p pricelist.Price) string {
	kind := ""
	if p.Kind != "" {
		kind = p.Kind + ", "
	}
	if p.AgeDays == nil {
		return kind + "date of reading unknown"
	}
	return kind + "read" + nbsp + p.Read + nbsp + "(" + ago(*p.AgeDays) + ")"
}

// ago words a number of days since a date.
func ago(days int) string {
	switch {
	case days == 0:
		return "today"
	case days < 0:
		return count(-days, "day", "days") + nbsp + "ahead"
	}
	return count(days, "day", "days")
}

// rate shows a price by the hour to four decimal places, and with all of its
// digits where it is exact in fewer.
func rate(currency string, amount decimal.Decimal) string {
	return exactly(currency, amount.RoundBank(4))
}

// A priceSummary counts prices and their dates.
type priceSummary struct {
	prices, undated, rejected int
	vendors                   []string
	oldest, newest            string
}

func (s *priceSummary) add(p pricelist.Price) {
	s.prices++
	if !slices.Contains(s.vendors, p.Vendor) {
		s.vendors = append(s.vendors, p.Vendor)
	}
	if p.AgeDays == nil {
		s.undated++
		return
	}
	if s.oldest == "" || p.Read < s.oldest {
		s.oldest = p.Read
	}
	s.newest = max(s.newest, p.Read)
}

func (s *priceSummary) String() string {
	if s.prices == 0 && s.rejected == 0 {
		return "the catalog has no prices"
	}
	words := fmt.Sprintf("%s of %s", count(s.prices, "price", "prices"), count(len(s.vendors), "vendor", "vendors"))
	if s.newest != "" {
		words += ", read " + s.oldest
		if s.newest != s.oldest {
			words += " to " + s.newest
		}
	}
	if s.undated > 0 {
		words += fmt.Sprintf(", %d without a date", s.undated)
	}
	if s.rejected > 0 {
		words += fmt.Sprintf("; %d more on file are not believed", s.rejected)
	}
	return words
}

// Comparisons writes how the prices of the catalog differ from lists. What only
// one side has is named, and shown with its prices with -v.
func (t *Table) Comparisons(list []pricelist.Comparison) error {
	p := t.page()
	for i, c := range list {
		if i > 0 {
			p.blank()
		}
		p.flow(nil, 2, styled(c.Path, strong), styled(wide+count(c.Rows, "row", "rows"), faint))
		var counted []string
		for _, status := range pricelist.Statuses {
			if n := c.Counts[status]; n > 0 {
				counted = append(counted, fmt.Sprintf("%d%s%s", n, nbsp, strings.ReplaceAll(string(status), " ", nbsp)))
			}
		}
		p.flow([]piece{indent(2)}, 4, text(or(strings.Join(counted, ", "), "nothing to compare")))
		var unmatched []string
		for _, u := range c.Unmatched {
			unmatched = append(unmatched, fmt.Sprintf("%s%s(%d)", u.Name, nbsp, u.Rows))
		}
		several(p, "not in the catalog", unmatched)
		several(p, "not in the list", c.Unlisted)
		for _, v := range c.Vendors {
			p.blank()
			t.comparison(p, v)
		}
	}
	return p.writeTo(t.W)
}

// several names vendors that only one side has.
func several(p *page, where string, names []string) {
	if len(names) > 0 {
		p.flow([]piece{indent(2)}, 4, styled(fmt.Sprintf("%s %s: ", count(len(names), "vendor", "vendors"), where), faint), text(strings.Join(names, ", ")))
	}
}

func (t *Table) comparison(p *page, v pricelist.Vendor) {
	p.flow(nil, 2, styled(v.ID, strong), styled(wide+"in the list: "+strings.Join(v.Names, ", ")+dot+count(v.Rows, "row", "rows"), faint))
	for _, status := range pricelist.Statuses {
		lines := slices.DeleteFunc(slices.Clone(v.Lines), func(l pricelist.Line) bool { return l.Status != status })
		if len(lines) == 0 {
			continue
		}
		brief := !t.Verbose && (status == pricelist.OnlyOurs || status == pricelist.OnlyTheirs)
		if brief {
			var names []string
			for _, l := range lines {
				names = append(names, strings.ReplaceAll(nameOfLine(l), " ", nbsp))
			}
			slices.Sort(names)
			p.flow([]piece{indent(2)}, 6, statusPiece(status), styled(fmt.Sprintf(" (%d): ", len(lines)), faint), text(few(slices.Compact(names))))
			continue
		}
		p.aside(2, []piece{statusPiece(status), styled(fmt.Sprintf(" (%d)", len(lines)), faint)}, styled(columnHeads[status], faint))
		for _, l := range lines {
			alike := func(o pricelist.Line) bool { return o.SKU == l.SKU && o.Capacity == l.Capacity }
			compared(p, l, atMostOne(v.Lines, alike))
		}
	}
}

// few names the first of many.
func few(names []string) string {
	const most = 12
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more (-v shows them)", strings.Join(names[:most], ", "), len(names)-most)
}

func statusPiece(s pricelist.Status) piece {
	switch s {
	case pricelist.Same:
		return styled(string(s), good)
	case pricelist.Differs:
		return styled(string(s), doubt)
	}
	return text(string(s))
}

// columnHeads name the columns of compared.
var columnHeads = map[pricelist.Status]string{
	pricelist.Differs:       fmt.Sprintf("%9s %17s %14s", "ours", "theirs", "difference"),
	pricelist.Same:          fmt.Sprintf("%9s %17s %14s", "ours", "theirs", "difference"),
	pricelist.NotComparable: fmt.Sprintf("%9s %17s %14s", "ours", "theirs", ""),
	pricelist.OnlyOurs:      fmt.Sprintf("%9s %17s %14s", "ours", "", ""),
	pricelist.OnlyTheirs:    fmt.Sprintf("%9s %17s %14s", "", "theirs", ""),
}

// nameOfLine names what a line is about: our SKU, or what the list calls it.
func nameOfLine(l pricelist.Line) string {
	name := l.SKU
	if name == "" {
		name = l.Instance
		if l.GPU != "" && !strings.Contains(named(name), named(l.GPU)) {
			name = strings.TrimSpace(name + " " + l.GPU)
		}
		if l.Count != nil && *l.Count != 1 && l.Instance == "" {
			name = fmt.Sprintf("%d × %s", *l.Count, name)
		}
	}
	if l.Capacity != "on-demand" {
		name += " " + l.Capacity
	}
	return name
}

// compared writes one line: name, ours, theirs and the difference, and beneath
// where ours holds and what is to know of the comparison.
func compared(p *page, l pricelist.Line, alone bool) {
	ours, theirs, difference := "", "", ""
	if l.Ours != nil {
		ours = rate("USD", *l.Ours)
	}
	if l.Low != nil {
		theirs = rate("USD", *l.Low)
		if !l.Low.Equal(*l.High) {
			theirs += "–" + rate("USD", *l.High)
		}
	}
	if l.DifferenceLow != nil && l.Status != pricelist.NotComparable {
		difference = percent(*l.DifferenceLow)
		if !l.DifferenceLow.Equal(*l.DifferenceHigh) {
			difference += "…" + percent(*l.DifferenceHigh)
		}
		difference += nbsp + "%"
	}
	p.aside(4, []piece{text(nameOfLine(l))}, text(fmt.Sprintf("%9s %17s %14s", ours, theirs, difference)))
	var about []string
	if l.SKU != "" {
		about = where(l.Scope, alone)
	}
	if l.Per == "instance" {
		about = append(about, "by the instance")
	}
	for _, words := range []string{l.Why, l.Note} {
		if words != "" {
			about = append(about, words)
		}
	}
	if len(about) > 0 {
		p.flow([]piece{indent(6)}, 8, faintly(dots(about...))...)
	}
}

func percent(d decimal.Decimal) string {
	words := d.StringFixed(1)
	if d.IsPositive() {
		words = "+" + words
	}
	return words
}

// A pricesView is the prices of a catalog on one day.
type pricesView struct {
	AsOf   string      `json:"asOf"`
	Prices []priceView `json:"prices"`
}

type priceView struct {
	pricelist.Price
	Scope any `json:"scope"`
}

// PricesJSON writes all prices, those that are not believed among them.
func PricesJSON(w io.Writer, asOf string, prices []pricelist.Price) error {
	view := pricesView{asOf, make([]priceView, len(prices))}
	for i, p := range prices {
		p.Sources = list(p.Sources)
		view.Prices[i] = priceView{p, viewScope(p.Scope)}
	}
	return writeJSON(w, view)
}

type comparisonView struct {
	pricelist.Comparison
	Vendors []comparedVendorView `json:"vendors"`
}

type comparedVendorView struct {
	pricelist.Vendor
	Lines []lineView `json:"lines"`
}

type lineView struct {
	pricelist.Line
	Scope any `json:"scope,omitempty"` // none where only theirs
}

// ComparisonsJSON writes comparisons in a list, one for each outside list.
func ComparisonsJSON(w io.Writer, all []pricelist.Comparison) error {
	views := make([]comparisonView, len(all))
	for i, c := range all {
		views[i] = comparisonView{c, []comparedVendorView{}}
		for _, v := range c.Vendors {
			vendor := comparedVendorView{v, []lineView{}}
			for _, l := range v.Lines {
				line := lineView{Line: l}
				if l.Status != pricelist.OnlyTheirs {
					line.Scope = viewScope(l.Scope)
				}
				vendor.Lines = append(vendor.Lines, line)
			}
			views[i].Vendors = append(views[i].Vendors, vendor)
		}
	}
	return writeJSON(w, views)
}

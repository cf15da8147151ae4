package pricelist

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/catalog"
)

// A Status says how a price of ours stands to a list.
type Status string

// The statuses of a line.
const (
	Same          Status = "same"           // within 0.5 percent
	Differs       Status = "differs"        // by more, from everything that the list has
	OnlyOurs      Status = "only ours"      // the list has the vendor and not this
	OnlyTheirs    Status = "only theirs"    // no believed price of ours
	NotComparable Status = "not comparable" // Why says what is in the way
)

// Statuses in the order in which they are shown.
var Statuses = []Status{Differs, Same, NotComparable, OnlyOurs, OnlyTheirs}

// A Comparison is a catalog against one list.
type Comparison struct {
	Path string `json:"path"`
	Rows int    `json:"rows"`
	// Counts are the lines by status.
	Counts map[Status]int `json:"counts"`
	// Vendors are those that both have, by id.
	Vendors []Vendor `json:"vendors"`
	// Unmatched are the vendors of the list that the catalog does not have, and
	// Unlisted those of the catalog with a price, by id, that the list does not have.
	Unmatched []Unmatched `json:"unmatched"`
	Unlisted  []string    `json:"unlisted"`
}

// A Vendor is what one vendor asks, by the catalog and by the list.
type Vendor struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Names []string `json:"listed"` // what the list calls it
	Rows  int      `json:"rows"`
	Lines []Line   `json:"lines"`
}

// An Unmatched is a vendor of the list alone.
type Unmatched struct {
	Name string `json:"name"`
	Rows int    `json:"rows"`
}

// A Line is one price of ours, or one instance that only the list has. Ours, Low
// and High are USD for an hour of what Per says, gpu or instance; Low and High
// are the least and the greatest that the list has for it. The differences are
// what theirs are above (or below, if negative) ours, in percent of ours, rounded
// to one decimal; nil where ours is 0.
type Line struct {
	SKU            string           `json:"sku,omitempty"`
	Instance       string           `json:"instance,omitempty"` // as the list has it, where only theirs
	GPU            string           `json:"gpu,omitempty"`      // as the list has it, where only theirs
	Count          *int             `json:"count,omitempty"`    // of the list, where only theirs
	Capacity       string           `json:"capacity"`
	Scope          catalog.Scope    `json:"-"`
	Status         Status           `json:"status"`
	Why            string           `json:"why,omitempty"`
	Note           string           `json:"note,omitempty"` // what the comparison passes over
	Per            string           `json:"per,omitempty"`
	Ours           *decimal.Decimal `json:"ours,omitempty"`
	Low            *decimal.Decimal `json:"low,omitempty"`
	High           *decimal.Decimal `json:"high,omitempty"`
	DifferenceLow  *decimal.Decimal `json:"differenceLow,omitempty"`
	DifferenceHigh *decimal.Decimal `json:"differenceHigh,omitempty"`
	// By is how SKU and rows were matched: by instance name, or by gpu model.
	By   string `json:"by,omitempty"`
	Rows int    `json:"rows,omitempty"` // of the list, that it is compared with
	At   int    `json:"at,omitempty"`   // the first of them, as a line of the file
	Read string `json:"read,omitempty"` // of our price

	rows  []int // by position in the vendor's rows
	price *big.Rat
}

// Compare compares the prices of a catalog with a list. Vendors are matched by
// id, name or alias, SKUs by the list's instance name, or else by GPU model and
// count. The order is fixed: vendors by id; of each our prices in the order of
// its document, then what only the list has.
func Compare(vendors []*catalog.Vendor, list List, vocabulary Vocabulary) Comparison {
	c := Comparison{Path: list.Path, Rows: len(list.Rows), Counts: map[Status]int{}, Vendors: []Vendor{}, Unmatched: []Unmatched{}, Unlisted: []string{}}
	for _, status := range Statuses {
		c.Counts[status] = 0
	}
	known := newNames(vocabulary)
	byVendor, unmatched := map[*catalog.Vendor][]Row{}, map[string]int{}
	for _, row := range list.Rows {
		if v := vendorOf(vendors, row.Vendor); v != nil {
			byVendor[v] = append(byVendor[v], row)
		} else {
			unmatched[row.Vendor]++
		}
	}
	for _, v := range vendors {
		rows := byVendor[v]
		if len(rows) == 0 {
			if slices.ContainsFunc(Prices([]*catalog.Vendor{v}, time.Time{}), func(p Price) bool { return p.Rejected == "" }) {
				c.Unlisted = append(c.Unlisted, v.ID)
			}
			continue
		}
		one := Vendor{ID: v.ID, Name: v.Name, Rows: len(rows), Lines: newMatch(v, rows, known).lines()}
		for _, row := range rows {
			one.Names = append(one.Names, row.Vendor)
		}
		slices.Sort(one.Names)
		one.Names = slices.Compact(one.Names)
		for _, line := range one.Lines {
			c.Counts[line.Status]++
		}
		c.Vendors = append(c.Vendors, one)
	}
	slices.SortFunc(c.Vendors, func(a, b Vendor) int { return cmp.Compare(a.ID, b.ID) })
	slices.Sort(c.Unlisted)
	for name, rows := range unmatched {
		c.Unmatched = append(c.Unmatched, Unmatched{name, rows})
	}
	slices.SortFunc(c.Unmatched, func(a, b Unmatched) int { return cmp.Compare(a.Name, b.Name) })
	return c
}

// vendorOf finds the vendor that a list means: by id, else by name, else by
// alias. What a reseller sells ("reseller/upstream") is not the upstream's.
func vendorOf(vendors []*catalog.Vendor, name string) *catalog.Vendor {
	name = fold(name)
	for _, is := range []func(*catalog.Vendor) bool{
		func(v *catalog.Vendor) bool { return fold(v.ID) == name },
		func(v *catalog.Vendor) bool { return fold(v.Name) == name },
		func(v *catalog.Vendor) bool {
			return slices.ContainsFunc(v.Aliases, func(alias string) bool { return fold(alias) == name })
		},
	} {
		if i := slices.IndexFunc(vendors, is); i >= 0 {
			return vendors[i]
		}
	}
	return nil
}

// A match is one vendor's SKUs and the rows of a list that are about it.
type match struct {
	vendor   *catalog.Vendor
	rows     []Row
	models   [][]string // what the GPU of each row may be
	named    []string   // the SKU whose name is the row's instance; "" is none
	products [][]string // the products that the row's instance names; nil is any
	used     map[use]bool
}

// A use says that a line is about what a row asks for a capacity.
type use struct {
	row      int
	capacity string
}

func newMatch(v *catalog.Vendor, rows []Row, known names) *match {
	m := &match{vendor: v, rows: rows, used: map[use]bool{}}
	skus := map[string]string{}
	for _, sku := range slices.Backward(v.SKUs) { // the first of a name wins, and an id wins over a name
		skus[fold(sku.Name)] = sku.ID
	}
	for _, sku := range v.SKUs {
		skus[fold(sku.ID)] = sku.ID
	}
	delete(skus, "")
	byWord := productWords(v)
	for _, row := range rows {
		m.models = append(m.models, known.models(row))
		m.named = append(m.named, skus[fold(row.Instance)])
		var products []string
		for _, word := range words(row.Instance) {
			products = append(products, byWord[word]...)
		}
		m.products = append(m.products, products)
	}
	return m
}

// productWords are words by which an instance's name tells products of the
// vendor apart ("1x_A40_SECURE" is of pods-secure): those of four letters or
// more in the ids of some products and not of all.
func productWords(v *catalog.Vendor) map[string][]string {
	by := map[string][]string{}
	for _, p := range v.Products {
		own := words(p.ID)
		slices.Sort(own)
		for _, word := range slices.Compact(own) {
			if len(word) >= 4 {
				by[word] = append(by[word], p.ID)
			}
		}
	}
	for word, products := range by {
		if len(products) == len(v.Products) {
			delete(by, word)
		}
	}
	return by
}

func (m *match) lines() []Line {
	bySKU := make([][]Line, len(m.vendor.SKUs))
	for i, sku := range m.vendor.SKUs {
		for _, p := range merged(pricesOf(m.vendor, sku, time.Time{})) {
			bySKU[i] = append(bySKU[i], m.line(sku, p))
		}
	}
	for i, sku := range m.vendor.SKUs {
		for _, capacity := range listed {
			if !slices.ContainsFunc(bySKU[i], func(l Line) bool { return l.Capacity == capacity }) {
				bySKU[i] = append(bySKU[i], m.unpriced(sku, capacity)...)
			}
		}
	}
	lines := slices.Concat(bySKU...)
	m.several(lines)
	return append(lines, m.rest()...)
}

// unpriced is a line of rows that are about a SKU of ours for which no price is
// believed, unless they are about another one that has.
func (m *match) unpriced(sku catalog.SKU, capacity string) []Line {
	rows, by := m.about(sku, Price{Capacity: capacity, Products: sku.Products})
	rows = keep(rows, func(i int) bool { return !m.used[use{i, capacity}] && (by == "instance" || len(m.models[i]) == 1) })
	if len(rows) == 0 {
		return nil
	}
	why := "the catalog has no " + capacity + " price of it"
	if fact, ok := m.vendor.Fact(pointer(sku, capacity)); ok && len(fact.Claims) > 0 {
		why = "the price that the catalog has on file is not believed"
	}
	return []Line{m.theirs(Line{SKU: sku.ID, Capacity: capacity, By: by, Why: why}, rows)}
}

// merged are the believed prices of one SKU. Claims that differ only in their
// products are one price.
func merged(prices []Price) []Price {
	var all []Price
	for _, p := range prices {
		if p.Rejected != "" {
			continue
		}
		alike := func(q Price) bool {
			a, b := p.Scope, q.Scope
			a.Products, b.Products = nil, nil
			return p.Capacity == q.Capacity && sameAmount(p, q) && p.Currency == q.Currency && p.Per == q.Per && p.Of == q.Of &&
				slices.Equal(p.Conditions, q.Conditions) && a.String() == b.String() && p.Scope.Products != nil && q.Scope.Products != nil
		}
		if i := slices.IndexFunc(all, alike); i >= 0 {
			all[i].Scope.Products = slices.Concat(all[i].Scope.Products, p.Scope.Products)
			all[i].Read = later(all[i].Read, p.Read)
			continue
		}
		all = append(all, p)
	}
	return all
}

func sameAmount(p, q Price) bool {
	a, err := decimal.NewFromString(p.Amount)
	b, err2 := decimal.NewFromString(q.Amount)
	return err == nil && err2 == nil && a.Equal(b)
}

// listed are the capacities that lists have prices for.
var listed = []string{"on-demand", "preemptible"}

// amount is what a row asks for a capacity; nil where it does not say.
func amount(row Row, capacity string) *decimal.Decimal {
	switch capacity {
	case "on-demand":
		return row.Price
	case "preemptible":
		return row.Spot
	}
	return nil
}

// about returns the rows that are about a price: those whose instance is the
// SKU, or else those of its GPU, with one of its counts and its form factor
// where there are such. What says another product, form factor or capacity, or
// another size where the price is for an instance, is not among them.
func (m *match) about(sku catalog.SKU, p Price) (rows []int, by string) {
	for i := range m.rows {
		if m.named[i] == sku.ID && m.sells(i, p) {
			rows = append(rows, i)
		}
	}
	if len(rows) > 0 {
		return rows, "instance"
	}
	if sku.GPU == "" {
		return nil, ""
	}
	own := forms(sku.ID, sku.Name)
	var ranked [4][]int // rows of one of the SKU's counts first, then those that say its form factor
	for i, row := range m.rows {
		part := row.Count != nil && *row.Count == 0
		if m.named[i] != "" || part || !slices.Contains(m.models[i], sku.GPU) || !m.sells(i, p) || p.Of != "gpu" && otherSize(sku, row) {
			continue
		}
		rank := 0
		if theirs := forms(row.GPU, row.Instance); len(own) > 0 {
			switch {
			case len(theirs) == 0:
				rank = 1
			case !shared(own, theirs):
				continue
			}
		}
		if row.Count == nil || !slices.Contains(sku.Counts, *row.Count) {
			rank += 2
		}
		ranked[rank] = append(ranked[rank], i)
	}
	for _, rows := range ranked {
		if len(rows) > 0 {
			return rows, "gpu"
		}
	}
	return nil, ""
}

// otherSize reports whether an instance has other vCPUs than a SKU.
func otherSize(sku catalog.SKU, row Row) bool {
	own, ok := plain(sku.VCPU)
	return ok && row.VCPU != nil && !row.VCPU.Equal(own)
}

// sells reports whether a row is about the products of a price, and states it.
func (m *match) sells(i int, p Price) bool {
	return amount(m.rows[i], p.Capacity) != nil && (m.products[i] == nil || p.products() == nil || shared(m.products[i], p.products()))
}

func shared(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

func keep(rows []int, is func(int) bool) []int {
	var kept []int
	for _, i := range rows {
		if is(i) {
			kept = append(kept, i)
		}
	}
	return kept
}

// line compares one price of ours.
func (m *match) line(sku catalog.SKU, p Price) Line {
	l := Line{SKU: p.SKU, Capacity: p.Capacity, Scope: p.Scope, Read: p.Read}
	l.Per, l.price = "gpu", p.gpuHour
	if l.price == nil {
		l.Per, l.price = "instance", p.instanceHour
	}
	switch {
	case l.price == nil:
		l.Per = ""
	case p.Currency == "USD":
		l.Ours = rounded(l.price)
	}
	rows, by := m.about(sku, p)
	if len(rows) == 0 {
		l.Status = OnlyOurs
		if p.Capacity == "reserved" {
			l.Status, l.Why = NotComparable, "the list has no reserved prices"
		}
		return l
	}
	for _, i := range rows {
		m.used[use{i, p.Capacity}] = true
	}
	l.By = by
	if rows, l.Why = m.comparable(&l, p, rows); l.Why != "" {
		l.Status = NotComparable
		return l
	}
	l.readings(m, rows)
	return l
}

// comparable keeps the rows that speak of the same thing as a price, or says
// why none does.
func (m *match) comparable(l *Line, p Price, rows []int) ([]int, string) {
	switch {
	case p.Currency != "USD":
		return nil, fmt.Sprintf("ours is in %s, theirs in USD", p.Currency)
	case l.price == nil:
		return nil, "ours is for one " + p.Of
	}
	steps := []struct {
		is  func(Row, int) bool
		why func() string
	}{
		{func(_ Row, i int) bool { return l.By == "instance" || len(m.models[i]) == 1 }, func() string {
			i := rows[0]
			return fmt.Sprintf("the list says %s, which may be %s", m.rows[i].GPU, strings.Join(m.models[i], " or "))
		}},
		{func(row Row, _ int) bool {
			return l.By != "instance" || row.Count == nil || p.count() == 0 || *row.Count == p.count()
		}, func() string {
			return fmt.Sprintf("the instance has %d GPUs in ours and %d in theirs", p.count(), *m.rows[rows[0]].Count)
		}},
		{func(row Row, _ int) bool {
			return l.By == "instance" && (l.Per == "instance" || p.count() > 0) || row.Count != nil && *row.Count > 0
		}, func() string {
			low, high := m.span(rows, p.Capacity)
			return fmt.Sprintf("no count in the list: %s an instance of unknown size", dollars(low, high))
		}},
		{func(Row, int) bool { return l.By == "instance" || l.Per == "gpu" }, func() string { return "ours is for an instance and does not say of how many GPUs" }},
		{func(row Row, _ int) bool { return p.Of != "gpu" || row.VCPU == nil && row.Memory == nil || !m.apart(p) }, func() string {
			return "theirs is with CPU and memory, ours bills them apart"
		}},
	}
	for _, step := range steps {
		kept := keep(rows, func(i int) bool { return step.is(m.rows[i], i) })
		if len(kept) == 0 {
			return nil, step.why()
		}
		rows = kept
	}
	if p.Scope.Regions != nil {
		inside := func(i int) bool {
			return slices.ContainsFunc(p.Scope.Regions, func(region string) bool { return fold(region) == fold(m.rows[i].Region) })
		}
		kept := keep(rows, inside)
		if len(kept) == 0 {
			if kept = keep(rows, func(i int) bool { return m.rows[i].Region == "" }); len(kept) == 0 {
				return nil, "the list has it in other regions only"
			}
			l.note("the list does not say where")
		}
		rows = kept
	}
	if l.By == "gpu" && len(p.Counts) > 0 && !slices.ContainsFunc(rows, func(i int) bool { return slices.Contains(p.Counts, *m.rows[i].Count) }) {
		l.note("by the GPU: the list has other counts")
	}
	return rows, ""
}

func (l *Line) note(text string) {
	if l.Note != "" {
		text = l.Note + "; " + text
	}
	l.Note = text
}

// span is the least and the greatest that rows ask, as listed.
func (m *match) span(rows []int, capacity string) (low, high decimal.Decimal) {
	for n, i := range rows {
		a := *amount(m.rows[i], capacity)
		if n == 0 || a.LessThan(low) {
			low = a
		}
		if n == 0 || a.GreaterThan(high) {
			high = a
		}
	}
	return low, high
}

func dollars(low, high decimal.Decimal) string {
	if low.Equal(high) {
		return "$" + low.String()
	}
	return "$" + low.String() + " to $" + high.String()
}

// apart reports whether the vendor bills CPU and memory beside a price of a
// GPU: every claim on it that is about some of the same offerings says so.
func (m *match) apart(p Price) bool {
	fact, _ := m.vendor.Fact("/prices/cpuIncluded")
	apart := false
	for _, c := range fact.Claims {
		meet := func(a, b []string) bool { return a == nil || b == nil || shared(a, b) }
		s := c.Scope
		if c.Rejected != "" || !meet(s.Products, p.products()) || !meet(s.Plans, p.Scope.Plans) || !meet(s.Hosting, p.Scope.Hosting) ||
			!meet(s.SKUs, []string{p.SKU}) {
			continue
		}
		if c.Value != false {
			return false
		}
		apart = true
	}
	return apart
}

// hourly is what a row asks for an hour of what per says.
func hourly(row Row, capacity, per string, count int) *big.Rat {
	price := amount(row, capacity).Rat()
	if per == "instance" {
		return price
	}
	if row.Count != nil {
		count = *row.Count
	}
	return price.Quo(price, big.NewRat(int64(count), 1))
}

// take sets what the list has for a line.
func (l *Line) take(m *match, rows []int, count int) (low, high *big.Rat, distinct int) {
	var all []*big.Rat
	for _, i := range rows {
		all = append(all, hourly(m.rows[i], l.Capacity, l.Per, count))
	}
	slices.SortFunc(all, (*big.Rat).Cmp)
	low, high = all[0], all[len(all)-1]
	l.Low, l.High, l.Rows, l.At, l.rows = rounded(low), rounded(high), len(rows), m.rows[rows[0]].Line, rows
	return low, high, len(slices.CompactFunc(all, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 }))
}

// readings compares a price with what the rows ask. One reading is the same or
// differs. Several that all lie on one side differ; several around ours do not
// tell which of them it should be.
func (l *Line) readings(m *match, rows []int) {
	sku, _ := m.vendor.SKU(l.SKU)
	count := 1
	if len(sku.Counts) == 1 {
		count = sku.Counts[0]
	}
	low, high, distinct := l.take(m, rows, count)
	atLow, atHigh := near(l.price, low), near(l.price, high)
	switch {
	case atLow && atHigh:
		l.Status = Same
	case low.Cmp(l.price) > 0 && !atLow || high.Cmp(l.price) < 0 && !atHigh:
		l.Status = Differs
	default:
		l.Status = NotComparable
		l.Why = fmt.Sprintf("several readings: %d prices around ours", distinct)
		if slices.ContainsFunc(rows, func(i int) bool { return near(l.price, hourly(m.rows[i], l.Capacity, l.Per, count)) }) {
			l.Why = fmt.Sprintf("several readings: %d prices, ours among them", distinct)
		}
	}
	l.DifferenceLow, l.DifferenceHigh = percent(l.price, low), percent(l.price, high)
}

// near reports whether theirs is within 0.5 percent of ours.
func near(ours, theirs *big.Rat) bool {
	off := new(big.Rat).Sub(theirs, ours)
	off.Abs(off).Mul(off, big.NewRat(200, 1))
	return off.Cmp(ours) <= 0
}

// percent is how far theirs is above ours, in percent of ours to one decimal,
// halves away from zero; nil where ours is 0.
func percent(ours, theirs *big.Rat) *decimal.Decimal {
	if ours.Sign() == 0 {
		return nil
	}
	off := new(big.Rat).Sub(theirs, ours)
	off.Mul(off, big.NewRat(100, 1)).Quo(off, ours)
	d := decimal.NewFromBigRat(off, 1)
	return &d
}

// several takes back a difference where the list's price is another one of
// ours: matched by the GPU alone, the rows may be of either.
func (m *match) several(lines []Line) {
	var same []Line
	for _, l := range lines {
		if l.Status == Same && l.By == "gpu" {
			same = append(same, l)
		}
	}
	for i := range lines {
		l := &lines[i]
		if l.Status != Differs || l.By != "gpu" {
			continue
		}
		for _, other := range same {
			if other.Capacity == l.Capacity && subset(l.rows, other.rows) {
				scope := ""
				if other.SKU == l.SKU {
					scope = ", " + other.Scope.String()
				}
				l.Status, l.Why = NotComparable, fmt.Sprintf("several readings: theirs is our price of %s%s", other.SKU, scope)
				break
			}
		}
	}
}

func subset(rows, of []int) bool {
	return !slices.ContainsFunc(rows, func(i int) bool { return !slices.Contains(of, i) })
}

// theirs makes a line of rows for which there is no price of ours.
func (m *match) theirs(l Line, rows []int) Line {
	l.Status = OnlyTheirs
	for _, i := range rows {
		m.used[use{i, l.Capacity}] = true
	}
	l.Per = "gpu"
	if slices.ContainsFunc(rows, func(i int) bool { return m.rows[i].Count == nil || *m.rows[i].Count == 0 }) {
		l.Per = "instance"
	}
	l.take(m, rows, 1)
	return l
}

// rest are what rows ask that no SKU of ours is about, one line for each instance,
// GPU and count, in the order of names.
func (m *match) rest() []Line {
	type key struct {
		instance, gpu string
		count         int
		capacity      string
	}
	groups := map[key][]int{}
	for i, row := range m.rows {
		count := -1
		if row.Count != nil {
			count = *row.Count
		}
		for _, capacity := range listed {
			if !m.used[use{i, capacity}] && amount(row, capacity) != nil {
				k := key{row.Instance, row.GPU, count, capacity}
				groups[k] = append(groups[k], i)
			}
		}
	}
	var lines []Line
	for k, rows := range groups {
		l := Line{Instance: k.instance, GPU: k.gpu, Capacity: k.capacity}
		if k.count >= 0 {
			l.Count = &k.count
		}
		lines = append(lines, m.theirs(l, rows))
	}
	slices.SortFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.GPU, b.GPU), cmp.Compare(number(a.Count), number(b.Count)), cmp.Compare(a.Capacity, b.Capacity))
	})
	return lines
}

func number(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

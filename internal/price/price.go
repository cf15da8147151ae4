// Package price gives the cost of an offering: exact lines from usage and
// published prices. It is pure, and knows no policy.
//
// Amounts are products of a printed quantity and a printed rate, and totals are
// sums of printed lines, all in exact decimals. Only a quantity or a rate that
// comes from a division is rounded: half to even, at 12 decimal places. What is
// not stated, contradictory or mistyped makes its line unknown, never 0.
// docs/cost.md has the rules and the reasons.
package price

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// Facts gives the plain value of a fact by its pointer in the vendor document,
// as JSON decodes it: "/billing/increment" is "60s". It is not ok where nothing
// is claimed for the offering; where claims contradict each other it is ok and
// nil, since something is claimed.
type Facts interface {
	Fact(pointer string) (value any, ok bool)
}

// Resources are what one replica or job needs. CPU is in vCPU and Memory in
// GiB; nil is not stated. Count is GPUs a node.
type Resources struct {
	GPU    string
	Count  int
	CPU    *decimal.Decimal
	Memory *decimal.Decimal
	Nodes  int
}

// A Provider is the cloud beneath an offering outside managed hosting.
type Provider struct {
	Offering decision.Offering
	Facts    Facts
	Regional bool
}

// A Request is one offering to be priced for one workload.
type Request struct {
	Offering       decision.Offering
	Facts          Facts
	Infrastructure *Provider // nil where managed, or not known
	Resources      Resources
	Usage          Usage
	// Regional says that the SKU's price is published for the offering's
	// region: without a multiplier stated, none stands between them.
	Regional bool
	// Hosted says that the vendor's own price of the SKU is published for this
	// very hosting outside managed, and not for hosting of any kind.
	Hosted bool
	// PlanHeld says that the plan is paid for already: neither its fee nor its
	// credit belongs to this workload.
	PlanHeld bool
}

// excludes are what no line covers, sorted.
var excludes = []string{"agreement fees", "egress", "image builds", "negotiated discounts", "one-off credits", "storage", "support", "tax"}

// Price returns the cost of a month of 730 hours. Lines stand in a fixed order:
// usage (gpu, boot, idle, cpu, memory, region, fee platform), plan (discount,
// fee, credit, commitment), infrastructure. The currency is that of the first price among
// them, and "" where there is none.
func Price(r Request) decision.Cost {
	if r.Usage.Traffic != nil && r.Usage.forms() == 1 {
		return traffic(r)
	}
	return (&pricer{Request: r}).priced()
}

func (p *pricer) priced() decision.Cost {
	p.vendor = book{facts: p.Facts, regional: p.Regional}
	p.cost.Period = "month"
	p.cost.Excludes = slices.Clone(excludes)
	switch p.Offering.Hosting {
	case "hybrid", "byoc", "self-hosted":
		p.outside()
	default:
		p.machines(p.vendor, p.Offering)
		p.plan()
	}
	t := sum(p.cost.Lines)
	p.cost.Low, p.cost.Expected, p.cost.High, p.cost.Known = t.low, t.amount, t.high, t.known
	if !p.hourless {
		p.cost.GPUHour = &p.hour
	}
	return p.cost
}

type pricer struct {
	Request
	// Of traffic, how it is served, and which of the scenarios is priced.
	served *serving
	now    int
	vendor book
	cost   decision.Cost
	// split says why usage cannot be told apart between the two providers of a
	// hybrid. While it does, every usage line is between 0 and all of it.
	split note
	// hour sums the prices of one GPU-hour; hourless if one is unknown.
	hour     decimal.Decimal
	hourless bool
}

// outside adds the two bills of hosting in our own cloud account.
func (p *pricer) outside() {
	// The machines are the cloud's. The vendor's count where work can overflow
	// to them, or where a price of theirs is claimed for this very hosting.
	var managed bool
	if p.Offering.Hosting == "hybrid" {
		var n note
		overflow, stated := p.vendor.boolean(&n, "/hosting/overflow")
		if managed = overflow || !stated; managed {
			p.split = note{facts: n.facts, why: []string{"how much overflows to the managed part is not known"}}
		}
	} else {
		managed = p.Hosted && p.vendor.has(skuPrice(p.Offering))
	}
	if managed {
		p.machines(p.vendor, p.Offering)
	}
	p.platform()
	p.plan()
	if p.Infrastructure == nil {
		p.hourless = true
		p.add(decision.Line{Item: "infrastructure"}, note{why: []string{"no infrastructure provider is stated"}})
		return
	}
	p.machines(book{facts: p.Infrastructure.Facts, prefix: "/infrastructure", regional: p.Infrastructure.Regional}, p.Infrastructure.Offering)
}

// machines adds what one provider charges for time on its machines: the SKU,
// CPU and memory where they are billed apart, and the region.
func (p *pricer) machines(b book, o decision.Offering) {
	start := len(p.cost.Lines)
	s := shapeOf(o.GPU, o.Count, p.Resources)
	t := p.times(b, s)
	main, prefix := "cpu", ""
	if s.gpu {
		main = "gpu"
	}
	if b.prefix != "" {
		main, prefix = "infrastructure", "infrastructure "
	}

	var included note
	isIncluded, stated := b.boolean(&included, "/prices/cpuIncluded")
	var hourly *decimal.Decimal
	if s.gpu || !stated || isIncluded {
		var n note
		r := p.skuRate(b, &n, o, s)
		units := p.units(b, &n, r, s)
		p.life(main, prefix, t, r, units, n)
		hourly = gpuHour(r, units, s)
	} else if t.partial {
		t.all.amount = nil // boot and idle have no line of their own to be unknown on
	}

	mistyped := !stated && b.has("/prices/cpuIncluded")
	priced := b.has("/prices/cpu") || b.has("/prices/memory")
	switch {
	case isIncluded:
	case mistyped || !stated && !priced:
		p.add(decision.Line{Item: prefix + "cpu"}, included)
	default:
		n := note{facts: slices.Clone(included.facts)}
		r := p.price(b, &n, "/prices/cpu", "physical-core", "vcpu")
		p.timed(prefix+"cpu", t.all, t, r, p.units(b, &n, r, s), n)
		n = note{facts: slices.Clone(included.facts)}
		r = p.price(b, &n, "/prices/memory", "GiB")
		p.timed(prefix+"memory", t.all, t, r, p.units(b, &n, r, s), n)
	}

	multiplier := p.region(b, o, prefix+"region", p.cost.Lines[start:])
	p.addHour(hourly, multiplier)
}

func (p *pricer) skuRate(b book, n *note, o decision.Offering, s shape) *rate {
	if o.SKU == "" {
		n.miss("no sku is chosen")
		return nil
	}
	of := []string{"instance", "replica"}
	if s.gpu {
		of = append(of, "gpu")
	}
	return p.price(b, n, skuPrice(o), of...)
}

// platform adds the vendor's own bill outside managed hosting.
func (p *pricer) platform() {
	count := p.Offering.Count
	if count < 1 && p.Infrastructure != nil {
		count = p.Infrastructure.Offering.Count
	}
	s := shapeOf(p.Offering.GPU, count, p.Resources)
	var n note
	r := p.price(p.vendor, &n, "/prices/platformRate", "gpu", "instance", "replica", "vcpu", "physical-core", "GiB")
	units := p.units(p.vendor, &n, r, s)
	t := p.times(p.vendor, s)
	if r == nil {
		t.boot, t.idle = nil, nil // one line says that nothing is known
	}
	p.life("fee platform", "fee platform ", t, r, units, n)
	one := integer(1)
	p.addHour(gpuHour(r, units, s), &one)
}

// units is how many of what a price is for one of stand in one instance. An
// amount that the manifest does not state is at least the least that is billed.
func (p *pricer) units(b book, n *note, r *rate, s shape) span {
	unknown := atLeast(decimal.Decimal{})
	if r == nil {
		return unknown
	}
	switch r.of {
	case "instance", "replica":
		return exactly(integer(1))
	case "gpu":
		if s.gpu {
			return exactly(s.bought)
		}
		n.miss("the price is for a GPU, and nothing with a GPU is bought")
		return unknown
	case "GiB":
		if p.Resources.Memory != nil && sane(*p.Resources.Memory) {
			return exactly(*p.Resources.Memory)
		}
		n.miss("the manifest states no memory")
		return unknown
	}
	least, ok := decimal.Decimal{}, true
	if b.has("/prices/minimumCores") {
		least, ok = b.decimal(n, "/prices/minimumCores")
	}
	perCore := integer(1)
	if r.of == "physical-core" || least.IsPositive() {
		var stated bool
		perCore, stated = b.count(n, "/prices/vcpuPerCore")
		if !stated {
			perCore, ok = integer(1), false
		}
	}
	if p.Resources.CPU == nil || !sane(*p.Resources.CPU) {
		n.miss("the manifest states no cpu")
		ok = false
	}
	if r.of == "vcpu" { // both in vCPU
		least, perCore = least.Mul(perCore), integer(1)
	}
	if !ok {
		return atLeast(least)
	}
	return exactly(decimal.Max(quo(*p.Resources.CPU, perCore), least))
}

// gpuHour is the price of one GPU-hour at a rate, before any region multiplier;
// nil where it is unknown.
func gpuHour(r *rate, units span, s shape) *decimal.Decimal {
	if r == nil || units.amount == nil || !s.gpu {
		return nil
	}
	price := quo(r.amount.Mul(*units.amount).Mul(integer(3600)), r.seconds().Mul(s.bought))
	return &price
}

func (p *pricer) addHour(price, multiplier *decimal.Decimal) {
	if price == nil || multiplier == nil || p.split.why != nil {
		p.hourless = true
		return
	}
	p.hour = p.hour.Add(price.Mul(*multiplier))
}

// region adds what a chosen region costs on top of the given lines, and returns
// the multiplier; nil where it is unknown.
func (p *pricer) region(b book, o decision.Offering, item string, on []decision.Line) *decimal.Decimal {
	one := integer(1)
	if o.Region == decision.Unpinned || o.Region == "" {
		return &one
	}
	if b.regional && !b.has("/prices/regionMultiplier") {
		return &one
	}
	var n note
	line := decision.Line{Item: item, Unit: p.cost.Currency}
	multiplier, ok := b.decimal(&n, "/prices/regionMultiplier")
	if ok && multiplier.IsZero() {
		n.miss("%s/prices/regionMultiplier is 0", b.prefix)
		ok = false
	}
	if !ok {
		line.MayFall = true // a region may be cheaper, too
		p.add(line, n)
		return nil
	}
	if multiplier.Equal(one) {
		return &multiplier
	}
	rate := multiplier.Sub(one)
	t := sum(on)
	line.Rate, line.Quantity = &rate, t.amount
	line.Low, line.Amount, line.High = scale(t.low, rate), scale(t.amount, rate), scale(t.high, rate)
	if rate.IsNegative() {
		line.Low, line.High = line.High, line.Low
		line.MayFall = line.Amount == nil
	}
	n.miss("the charges that it is on are not known in full")
	p.add(line, n)
	return &multiplier
}

// discount takes off a percentage of usage, where one is stated.
func (p *pricer) discount() {
	const pointer = "/prices/discount"
	if !p.vendor.has(pointer) {
		return
	}
	var n note
	line := decision.Line{Item: "discount", Unit: p.cost.Currency}
	percent, ok := p.vendor.decimal(&n, pointer)
	if ok && percent.GreaterThan(integer(100)) {
		n.miss("%s is more than 100 percent", pointer)
		ok = false
	}
	if !ok {
		line.MayFall, p.hourless = true, true
		p.add(line, n)
		return
	}
	rate := percent.Shift(-2).Neg()
	t := sum(p.cost.Lines)
	line.Rate, line.Quantity = &rate, t.amount
	line.Low, line.Amount, line.High = scale(t.high, rate), scale(t.amount, rate), scale(t.low, rate)
	line.MayFall = line.Amount == nil
	p.hour = p.hour.Mul(integer(1).Add(rate))
	n.miss("the charges that it is on are not known in full")
	p.add(line, n)
}

// plan adds the discount, the plan's fee and credit, and the least spend.
func (p *pricer) plan() {
	p.discount()
	usage := p.cost.Lines
	if !p.PlanHeld {
		p.fee()
		p.credit(usage)
	}
	p.commitment()
}

func (p *pricer) fee() {
	var n note
	line := decision.Line{Item: "fee", Unit: "month"}
	if m, ok := p.monthly(&n, "/prices/planFee"); ok {
		line.Rate = &m.amount
		if m.seat {
			line.Unit = "seat"
			line.Low = &decimal.Decimal{}
			n.miss("the fee is for each seat, and the number of seats is not stated")
		} else {
			one := integer(1)
			line.Quantity, line.Low, line.Amount, line.High = &one, &m.amount, &m.amount, &m.amount
		}
	}
	p.add(line, n)
}

// credit is set off against usage lines, not against the fee. Without the fact there
// is no credit.
func (p *pricer) credit(usage []decision.Line) {
	if !p.vendor.has("/prices/planCredit") {
		return
	}
	var n note
	minus, zero := integer(-1), decimal.Decimal{}
	line := decision.Line{Item: "credit", Rate: &minus, High: &zero, MayFall: true}
	m, ok := p.monthly(&n, "/prices/planCredit")
	if ok && m.seat {
		n.miss("the credit is for each seat, and the number of seats is not stated")
	}
	line.Unit = p.cost.Currency
	if ok && !m.seat {
		used := sum(usage)
		most := m.amount
		if used.high != nil {
			most = decimal.Min(most, *used.high)
		}
		line.Low = scale(&most, minus)
		least := decimal.Min(m.amount, used.floor())
		line.High = scale(&least, minus)
		switch {
		case used.amount != nil:
			spent := decimal.Min(m.amount, *used.amount)
			line.Quantity = &spent
		case !used.mayFall && used.known.GreaterThanOrEqual(m.amount):
			line.Quantity = &m.amount
		}
		line.Amount = scale(line.Quantity, minus)
		line.MayFall = line.Amount == nil
		n.miss("usage charges are not known in full")
	}
	p.add(line, n)
}

// commitment tops usage, less the credit, up to the least spend. It is due
// whether or not it is used. Without the fact there is none.
func (p *pricer) commitment() {
	if !p.vendor.has("/prices/minimumCommitment") {
		return
	}
	var n note
	one, zero := integer(1), decimal.Decimal{}
	line := decision.Line{Item: "commitment", Rate: &one, Low: &zero}
	m, ok := p.monthly(&n, "/prices/minimumCommitment")
	if ok && m.seat {
		n.miss("the commitment is for each seat, and the number of seats is not stated")
	}
	line.Unit = p.cost.Currency
	if ok && !m.seat {
		spent := sum(slices.DeleteFunc(slices.Clone(p.cost.Lines), func(l decision.Line) bool { return l.Item == "fee" }))
		rest := func(spent decimal.Decimal) *decimal.Decimal {
			rest := decimal.Max(zero, m.amount.Sub(decimal.Max(zero, spent)))
			return &rest
		}
		if spent.high != nil {
			line.Low = rest(*spent.high)
		}
		line.High = rest(spent.floor())
		switch {
		case spent.amount != nil:
			line.Quantity = rest(*spent.amount)
		case m.amount.IsZero(), !spent.mayFall && spent.known.GreaterThanOrEqual(m.amount):
			line.Quantity = &zero
		}
		line.Amount = line.Quantity
		n.miss("usage charges are not known in full")
	}
	p.add(line, n)
}

var escape = strings.NewReplacer("~", "~0", "/", "~1")

// skuPrice is the pointer of an offering's price.
func skuPrice(o decision.Offering) string {
	return "/skus/" + escape.Replace(o.SKU) + "/price/" + escape.Replace(o.Capacity)
}

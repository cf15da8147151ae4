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
	Offering   decision.Offering
	Facts      Facts
	Regional   bool
	Negotiated func(pointer string) bool
}

// A Request is one offering to be priced for one workload.
type Request struct {
	Offering       decision.Offering
	Facts          Facts
	Infrastructure *Provider // nil where managed, or not known
	// ColdStarts are where the features in use state a cold start of their own.
	ColdStarts []string
	Resources  Resources
	Usage      Usage
	// Regional says that the SKU's price is published for the offering's
	// region: without a multiplier stated, none stands between them.
	Regional bool
	// Hosted says that the vendor's own price of the SKU is published for this
	// very hosting outside managed, and not for hosting of any kind.
	Hosted bool
	// PlanHeld says that the plan is paid for already: neither its fee nor its
	// credit belongs to this workload.
	PlanHeld bool
	// Negotiated reports whether what holds at a pointer is our account's own
	// word: a rate of ours, from which no discount is taken. Nil: nothing is.
	Negotiated func(pointer string) bool
}

// Price returns the cost of a month of 730 hours. Lines stand in a fixed order:
// usage (gpu, boot, idle, cpu, memory, region, fee platform, discount), plan
// (fee, credit, credit account, overage, commitment), infrastructure. The
// currency is that of the first price among them, and "" where there is none.
func Price(r Request) decision.Cost {
	if r.Usage.Traffic != nil && r.Usage.forms() == 1 {
		return traffic(r)
	}
	return (&pricer{Request: r}).priced()
}

func (p *pricer) priced() decision.Cost {
	p.vendor = book{facts: p.Facts, regional: p.Regional, negotiated: p.Negotiated, starts: p.ColdStarts}
	p.cost.Period = "month"
	switch p.Offering.Hosting {
	case "hybrid", "byoc", "self-hosted":
		p.outside()
	default:
		p.machines(p.vendor, p.Offering)
		p.discount(p.vendor, p.cost.Lines)
		p.plan()
		p.account()
	}
	p.cost.Excludes = p.excluded()
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
	cloud  book // without facts where there is none
	cost   decision.Cost
	// split says why usage cannot be told apart between the two providers of a
	// hybrid. While it does, every usage line is between 0 and all of it.
	split note
	// hour sums the prices of one GPU-hour; hourless if one is unknown. Listed
	// is what of it stands at list prices and is still to be discounted.
	hour, listed decimal.Decimal
	hourless     bool
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
	p.discount(p.vendor, p.cost.Lines)
	p.plan()
	p.account()
	if p.Infrastructure == nil {
		p.hourless = true
		p.add(decision.Line{Item: "infrastructure"}, note{why: []string{"no infrastructure provider is stated"}})
		return
	}
	p.cloud = book{facts: p.Infrastructure.Facts, prefix: "/infrastructure", regional: p.Infrastructure.Regional, negotiated: p.Infrastructure.Negotiated}
	start := len(p.cost.Lines)
	p.machines(p.cloud, p.Infrastructure.Offering)
	p.discount(p.cloud, p.cost.Lines[start:])
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
	p.addHour(b, skuPrice(o), hourly, multiplier)
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
	r := p.price(p.vendor, &n, platformRate, "gpu", "instance", "replica", "vcpu", "physical-core", "GiB")
	units := p.units(p.vendor, &n, r, s)
	t := p.times(p.vendor, s)
	if r == nil {
		t.boot, t.idle = nil, nil // one line says that nothing is known
	}
	p.life("fee platform", "fee platform ", t, r, units, n)
	one := integer(1)
	p.addHour(p.vendor, platformRate, gpuHour(r, units, s), &one)
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

// addHour adds the price of one GPU-hour at the rate that stands at a pointer.
func (p *pricer) addHour(b book, pointer string, price, multiplier *decimal.Decimal) {
	if price == nil || multiplier == nil || p.split.why != nil {
		p.hourless = true
		return
	}
	charged := price.Mul(*multiplier)
	p.hour = p.hour.Add(charged)
	switch {
	case b.final(pointer):
	case b.final(regionMultiplier):
		p.listed = p.listed.Add(decimal.Min(*price, charged))
	default:
		p.listed = p.listed.Add(charged)
	}
}

// region adds what a chosen region costs on top of the given lines, and returns
// the multiplier; nil where it is unknown.
func (p *pricer) region(b book, o decision.Offering, item string, on []decision.Line) *decimal.Decimal {
	one := integer(1)
	if o.Region == decision.Unpinned || o.Region == "" {
		return &one
	}
	if b.regional && !b.has(regionMultiplier) {
		return &one
	}
	var n note
	line := decision.Line{Item: item, Unit: p.cost.Currency}
	multiplier, ok := b.decimal(&n, regionMultiplier)
	if ok && multiplier.IsZero() {
		n.miss("%s%s is 0", b.prefix, regionMultiplier)
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
	charge(&line, span{t.low, t.amount, t.high}, rate)
	n.miss("the charges that it is on are not known in full")
	p.add(line, n)
	return &multiplier
}

var escape = strings.NewReplacer("~", "~0", "/", "~1")

// skuPrice is the pointer of an offering's price.
func skuPrice(o decision.Offering) string {
	return "/skus/" + escape.Replace(o.SKU) + "/price/" + escape.Replace(o.Capacity)
}

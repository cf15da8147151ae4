// Package pricelist compares the prices of a catalog with an outside price
// list: it reads the list and says where the two agree. It is pure; a
// difference is a hint that one of the two is old, not an error.
package pricelist

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/catalog"
)

// A Price is one claim of a vendor document on what a SKU costs. Amount keeps
// the published digits, in Currency for one Of (gpu, instance, replica) for one
// Per (second, minute, hour, month).
type Price struct {
	Vendor     string        `json:"vendor"`
	SKU        string        `json:"sku"`
	Name       string        `json:"name,omitempty"`
	GPU        string        `json:"gpu,omitempty"`
	Counts     []int         `json:"counts,omitempty"`   // none: not stated
	Products   []string      `json:"products,omitempty"` // that have the SKU; none: all
	Capacity   string        `json:"capacity"`
	Scope      catalog.Scope `json:"-"` // of the claim
	Conditions []string      `json:"conditions,omitempty"`

	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	Per      string `json:"per"`
	Of       string `json:"of"`
	// GPUHour is the price of one GPU for an hour, and InstanceHour that of the
	// whole instance, both in Currency; nil where the other does not give it. A
	// month has 730 hours. What does not end is rounded at 12 decimal places.
	GPUHour      *decimal.Decimal `json:"gpuHour,omitempty"`
	InstanceHour *decimal.Decimal `json:"instanceHour,omitempty"`

	Sources []string `json:"sources"`
	// Read is the latest day on which one of the sources was read, or else
	// published, and Kind what that source is; "unknown" where none has a date.
	// AgeDays is nil then.
	Read     string `json:"read"`
	Kind     string `json:"kind"`
	AgeDays  *int   `json:"ageDays,omitempty"`
	Rejected string `json:"rejected,omitempty"` // why the claim is not believed
	Path     string `json:"path"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`

	gpuHour, instanceHour *big.Rat // not rounded
}

// capacities are the ways to buy a SKU, in the order in which they are shown.
var capacities = []string{"on-demand", "preemptible", "reserved"}

// Prices lists what the vendors' SKUs cost, by vendor, SKU and capacity in the
// order of the documents, with the age of each price on a day. Claims that are
// not believed are among them, and have Rejected.
func Prices(vendors []*catalog.Vendor, day time.Time) []Price {
	var all []Price
	for _, v := range vendors {
		for _, sku := range v.SKUs {
			all = append(all, pricesOf(v, sku, day)...)
		}
	}
	return all
}

func pricesOf(v *catalog.Vendor, sku catalog.SKU, day time.Time) []Price {
	var all []Price
	for _, capacity := range capacities {
		fact, _ := v.Fact(pointer(sku, capacity))
		for _, c := range fact.Claims {
			p := Price{
				Vendor: v.ID, SKU: sku.ID, Name: sku.Name, GPU: sku.GPU, Counts: sku.Counts, Products: sku.Products, Capacity: capacity, Scope: c.Scope,
				Conditions: c.Conditions, Sources: c.Sources, Rejected: c.Rejected, Path: v.Path, Line: c.Place.Line, Column: c.Place.Column,
			}
			if !p.take(c.Value) {
				continue // the schema of vendor documents lets nothing else in
			}
			p.Read, p.Kind = read(v, c.Sources)
			if on, err := time.Parse(time.DateOnly, p.Read); err == nil {
				days := int(day.Sub(on).Hours() / 24)
				p.AgeDays = &days
			}
			all = append(all, p)
		}
	}
	return all
}

func pointer(sku catalog.SKU, capacity string) string {
	return "/skus/" + escape.Replace(sku.ID) + "/price/" + capacity
}

var escape = strings.NewReplacer("~", "~0", "/", "~1")

// perHour is how many of a price's time units are in an hour.
var perHour = map[string]*big.Rat{"second": big.NewRat(3600, 1), "minute": big.NewRat(60, 1), "hour": big.NewRat(1, 1), "month": big.NewRat(1, 730)}

// take reads the value of a claim.
func (p *Price) take(value any) bool {
	fields, _ := value.(map[string]any)
	text, _ := fields["amount"].(string)
	p.Currency, _ = fields["currency"].(string)
	p.Per, _ = fields["per"].(string)
	p.Of, _ = fields["of"].(string)
	amount, err := decimal.NewFromString(text)
	hours, ok := perHour[p.Per]
	if err != nil || !ok {
		return false
	}
	p.Amount = text
	hourly := new(big.Rat).Mul(amount.Rat(), hours)
	one := p.count()
	switch p.Of {
	case "gpu":
		p.gpuHour = hourly
		if one > 0 {
			p.instanceHour = new(big.Rat).Mul(hourly, big.NewRat(int64(one), 1))
		}
	case "instance", "replica":
		p.instanceHour = hourly
		if one > 0 {
			p.gpuHour = new(big.Rat).Quo(hourly, big.NewRat(int64(one), 1))
		}
	}
	p.GPUHour, p.InstanceHour = rounded(p.gpuHour), rounded(p.instanceHour)
	return true
}

// count is the number of GPUs where the SKU has just one; else 0.
func (p *Price) count() int {
	if p.GPU == "" || len(p.Counts) != 1 {
		return 0
	}
	return p.Counts[0]
}

// products are those that a price is about; nil is all.
func (p *Price) products() []string {
	if p.Scope.Products == nil {
		return p.Products
	}
	return p.Scope.Products
}

// rounded is a ratio as a decimal of at most 12 places; nil stays nil.
func rounded(r *big.Rat) *decimal.Decimal {
	if r == nil {
		return nil
	}
	d := decimal.NewFromBigRat(r, 12)
	return &d
}

// firstHand are the kinds of source that are the vendor's own word, or a copy.
var firstHand = []string{"executed", "contractual", "documented", "transcribed"}

// read returns the latest day on which a source was read, or else published,
// and the kind of that source. What others say of a price dates it only where
// the vendor's own word, or a copy of it, does not stand beside it.
func read(v *catalog.Vendor, ids []string) (day, kind string) {
	own := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(firstHand, v.Sources[id].Kind) })
	if len(own) == 0 {
		own = ids
	}
	day = "unknown"
	for i, id := range own {
		source := v.Sources[id]
		if i == 0 {
			kind = source.Kind
		}
		on := source.Read
		if on == "unknown" || on == "" {
			on = source.Published
		}
		if _, err := time.Parse(time.DateOnly, on); err == nil && later(day, on) != day {
			day, kind = on, source.Kind
		}
	}
	return day, kind
}

// later is the later of two days, either of which may be unknown.
func later(a, b string) string {
	if a == "unknown" || b != "unknown" && b > a {
		return b
	}
	return a
}

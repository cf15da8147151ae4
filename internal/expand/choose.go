package expand

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/manifest"
	"github.com/caveat-check/caveat/internal/offering"
)

// Capacities in the order in which they are offered.
var capacities = []string{"on-demand", "preemptible", "reserved"}

// Choices lists the offerings of the vendor that a placement leaves open, for
// a workload's resources, sorted. What the placement names is taken as named,
// whether or not the vendor's document claims it: the controls decide that.
// Free parts take what the document has on sale: a plan that we hold, hosting
// that it claims, the regions that it lists and no region, SKUs that fit.
func (x *Expander) Choices(m manifest.Manifest, p manifest.Placement) []decision.Offering {
	var list []decision.Offering
	base := decision.Offering{Vendor: x.Vendor.ID}
	for _, product := range products(x.Vendor, p) {
		if p.Product == "" && p.Hosting != "" && product.Hosting != nil && !slices.Contains(product.Hosting, p.Hosting) {
			continue
		}
		for _, plan := range plans(x.Vendor, x.Account, p, product) {
			for _, hosting := range x.hostings(p, product, plan) {
				base.Product, base.Plan, base.Hosting = product.ID, plan, hosting
				base.Infrastructure = ""
				if p.Infrastructure != nil && hosting != "managed" {
					base.Infrastructure = p.Infrastructure.Vendor
				}
				for _, sku := range skus(x.Vendor, m, p, product) {
					base.SKU = sku
					base.GPU, base.Count = x.gpu(sku, m)
					for _, capacity := range x.capacitiesOf(p, sku) {
						base.Capacity = capacity
						list = append(list, x.regions(p, base)...)
					}
				}
			}
		}
	}
	sort.Slice(list, func(i, j int) bool { return Less(list[i], list[j]) })
	return list
}

// gpu is the model and number of GPUs that a SKU gives the workload: the number
// asked for where the SKU has it or does not say, else its own.
func (x *Expander) gpu(id string, m manifest.Manifest) (model string, count int) {
	sku, ok := x.Vendor.SKU(id)
	switch {
	case !ok, sku.GPU == "":
		return "", 0
	case len(sku.Counts) == 0, slices.Contains(sku.Counts, m.Count):
		return sku.GPU, m.Count
	default:
		return sku.GPU, sku.Counts[0]
	}
}

// Less orders offerings by their whole tuple.
func Less(a, b decision.Offering) bool {
	x := []string{a.Vendor, a.Product, a.Plan, a.Hosting, a.Region, a.SKU, a.GPU, a.Capacity, a.Infrastructure}
	y := []string{b.Vendor, b.Product, b.Plan, b.Hosting, b.Region, b.SKU, b.GPU, b.Capacity, b.Infrastructure}
	if c := slices.Compare(x, y); c != 0 {
		return c < 0
	}
	return a.Count < b.Count
}

func products(v *catalog.Vendor, p manifest.Placement) []catalog.Product {
	if p.Product != "" {
		product, ok := v.Product(p.Product)
		if !ok {
			product.ID = p.Product
		}
		return []catalog.Product{product}
	}
	return v.Products
}

func plans(v *catalog.Vendor, a *catalog.Account, p manifest.Placement, product catalog.Product) []string {
	if p.Plan != "" {
		return []string{p.Plan}
	}
	var list []string
	for _, plan := range v.Plans {
		if plan.Products != nil && !slices.Contains(plan.Products, product.ID) {
			continue
		}
		if a != nil && a.Plan == plan.ID {
			return []string{plan.ID}
		}
		list = append(list, plan.ID)
	}
	return list
}

func (x *Expander) hostings(p manifest.Placement, product catalog.Product, plan string) []string {
	if p.Hosting != "" {
		return []string{p.Hosting}
	}
	var list []string
	for _, hosting := range []string{"managed", "hybrid", "byoc", "self-hosted"} {
		if product.Hosting != nil && !slices.Contains(product.Hosting, hosting) {
			continue
		}
		o := decision.Offering{Vendor: x.Vendor.ID, Product: product.ID, Plan: plan, Hosting: hosting, Region: decision.Unpinned}
		if claimed := x.resolve(o, "/hosting/"+hosting, ""); claimed.State == offering.Stated && claimed.Value == true {
			list = append(list, hosting)
		}
	}
	return list
}

// skus lists the SKUs that fit the workload's resources. "" stands for none
// where the placement names the vendor and nothing fits.
func skus(v *catalog.Vendor, m manifest.Manifest, p manifest.Placement, product catalog.Product) []string {
	if p.SKU != "" {
		return []string{p.SKU}
	}
	var list []string
	for _, sku := range v.SKUs {
		if sku.Products != nil && !slices.Contains(sku.Products, product.ID) {
			continue
		}
		if m.Takes(sku.GPU) && fits(sku, m) {
			list = append(list, sku.ID)
		}
	}
	if len(list) == 0 && p.Vendor != "" && !sellsElsewhere(v, m, p) {
		return []string{""}
	}
	return list
}

// Holds reports whether what a SKU includes covers the workload's CPU and memory.
func Holds(sku catalog.SKU, m manifest.Manifest) bool {
	return enough(sku.VCPU, m.CPU) && enough(gib(sku.Memory), gib(m.Memory))
}

// sellsElsewhere reports whether another product that the placement leaves open
// has a SKU that fits.
func sellsElsewhere(v *catalog.Vendor, m manifest.Manifest, p manifest.Placement) bool {
	return p.Product == "" && slices.ContainsFunc(v.SKUs, func(sku catalog.SKU) bool { return m.Takes(sku.GPU) && fits(sku, m) })
}

func fits(sku catalog.SKU, m manifest.Manifest) bool {
	if m.GPU != "" && sku.Counts != nil && !slices.Contains(sku.Counts, m.Count) {
		return false
	}
	return Holds(sku, m)
}

// enough reports whether what is included covers what is asked; where either
// is not stated nothing speaks against it.
func enough(included, asked string) bool {
	have, err := strconv.ParseFloat(included, 64)
	if err != nil {
		return true
	}
	need, err := strconv.ParseFloat(asked, 64)
	return err != nil || have >= need
}

// gib is the number of GiB of a size.
func gib(size string) string {
	for _, unit := range []struct {
		name   string
		factor float64
	}{{"GiB", 1}, {"MiB", 1. / 1024}, {"TiB", 1024}} {
		if number, ok := strings.CutSuffix(size, unit.name); ok {
			if n, err := strconv.ParseFloat(number, 64); err == nil {
				return strconv.FormatFloat(n*unit.factor, 'f', -1, 64)
			}
		}
	}
	return ""
}

func (x *Expander) capacitiesOf(p manifest.Placement, sku string) []string {
	if p.Capacity != "" {
		return []string{p.Capacity}
	}
	var list []string
	for _, capacity := range capacities {
		if len(x.facts(document.Join("skus", sku, "price", capacity))) > 0 {
			list = append(list, capacity)
		}
	}
	if len(list) == 0 || list[0] == capacities[0] {
		return capacities[:1] // what one gets without asking for anything else
	}
	return list
}

func (x *Expander) regions(p manifest.Placement, base decision.Offering) []decision.Offering {
	names := slices.Clone(p.Regions)
	if names == nil {
		names = append(names, decision.Unpinned)
		base.Region = decision.Unpinned
		for _, pointer := range []string{"/regions/available", "/regions/onRequest"} {
			if claimed := x.resolve(base, pointer, ""); claimed.State == offering.Stated {
				if listed, ok := claimed.Value.([]any); ok {
					for _, region := range listed {
						if name, ok := region.(string); ok && !slices.Contains(names, name) {
							names = append(names, name)
						}
					}
				}
			}
		}
	}
	var list []decision.Offering
	for _, region := range names {
		base.Region = region
		list = append(list, base)
	}
	return list
}

package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/expand"
	"github.com/caveat-check/caveat/internal/load"
)

// checkPlacement reports names that the vendor does not have, and rewrites
// aliases to ids.
func (r *run) checkPlacement() []decision.Problem {
	var problems []decision.Problem
	p := &r.manifest.Placement
	unknown := func(pointer, what, name, vendor string, list []string) {
		problems = append(problems, r.problem(pointer, "%s", hasNo(vendor, what, name, list)))
	}
	for i, region := range p.Regions {
		known := region == decision.Unpinned || slices.Contains(r.loader.Places(), region)
		for _, v := range r.vendors {
			if _, site := v.Sites[region]; site && (p.Vendor == "" || v.ID == p.Vendor || slices.Contains(v.Aliases, p.Vendor)) {
				known = true
			}
		}
		if !known {
			list := r.loader.Places()
			if v, _ := r.vendor(p.Vendor); v != nil {
				for site := range v.Sites {
					list = append(list, site)
				}
				slices.Sort(list)
			}
			problems = append(problems, r.problem(fmt.Sprintf("/spec/placement/regions/%d", i),
				"region %q is not known; expected a place of the vocabulary or a region of the vendor%s", region, load.DidYouMean(region, list)))
		}
	}
	var named *catalog.Vendor
	if p.Vendor == "" {
		for _, part := range []struct{ key, value string }{{"product", p.Product}, {"plan", p.Plan}, {"sku", p.SKU}} {
			if part.value != "" {
				problems = append(problems, r.problem("/spec/placement/"+part.key, "placement names %s %q and no vendor; expected the vendor that has it; add vendor", part.key, part.value))
			}
		}
	} else {
		v, message := r.vendor(p.Vendor)
		if v == nil {
			return append(problems, r.problem("/spec/placement/vendor", "%s", message))
		}
		named = v
		p.Vendor = v.ID
		if _, ok := v.Product(p.Product); p.Product != "" && !ok {
			unknown("/spec/placement/product", "product", p.Product, v.ID, ids(v.Products, func(x catalog.Product) string { return x.ID }))
		}
		if p.Plan != "" && !v.HasPlan(p.Plan) {
			unknown("/spec/placement/plan", "plan", p.Plan, v.ID, ids(v.Plans, func(x catalog.Plan) string { return x.ID }))
		}
		if sku, ok := v.SKU(p.SKU); ok && !expand.Holds(sku, r.manifest) {
			problems = append(problems, r.problem("/spec/placement/sku", "sku %s includes %s vCPU and %s of memory, and spec.resources asks for more; expected one that is large enough", p.SKU, or(sku.VCPU, "any"), or(sku.Memory, "any amount")))
		} else if p.SKU != "" && !ok {
			unknown("/spec/placement/sku", "sku", p.SKU, v.ID, ids(v.SKUs, func(x catalog.SKU) string { return x.ID }))
		}
	}
	problems = append(problems, r.checkInfrastructure()...)
	return append(problems, r.checkFeatures(named)...)
}

// checkInfrastructure reports names that the cloud does not have, and parts of
// it that are left open: a BAA, a place and a price hang on each of them, so
// none is picked for the manifest.
func (r *run) checkInfrastructure() []decision.Problem {
	cloud := r.manifest.Placement.Infrastructure
	if cloud == nil {
		return nil
	}
	const at = "/spec/placement/infrastructure"
	v, message := r.vendor(cloud.Vendor)
	if v == nil {
		return []decision.Problem{r.problem(at+"/vendor", "%s", message)}
	}
	cloud.Vendor = v.ID
	var problems []decision.Problem
	check := func(key, name string, list []string) {
		if name == "" || slices.Contains(list, name) {
			return
		}
		problems = append(problems, r.problem(at+"/"+key, "%s", hasNo(v.ID, key, name, list)))
	}
	check("product", cloud.Product, ids(v.Products, func(x catalog.Product) string { return x.ID }))
	check("plan", cloud.Plan, ids(v.Plans, func(x catalog.Plan) string { return x.ID }))
	check("sku", cloud.SKU, ids(v.SKUs, func(x catalog.SKU) string { return x.ID }))
	check("region", cloud.Region, append(slices.Sorted(maps.Keys(v.Sites)), r.loader.Places()...))
	if account := r.accountWith(v.ID); cloud.Account != "" && (account == nil || account.Name != cloud.Account) {
		problems = append(problems, r.problem(at+"/account", "there is no account %q with %s; expected the name of one that is given with --account", cloud.Account, v.ID))
	}
	if len(problems) > 0 {
		return problems
	}
	choices := r.clouds(*cloud)
	r.cloud = v.ID
	if len(choices) == 1 {
		o := choices[0]
		r.cloud = strings.TrimRight(strings.Join([]string{o.Vendor, o.Product, o.Plan, o.Region, o.SKU}, "/"), "/")
	}
	for _, part := range []struct {
		key string
		of  func(decision.Offering) string
	}{
		{"product", func(o decision.Offering) string { return o.Product }}, {"plan", func(o decision.Offering) string { return o.Plan }},
		{"region", func(o decision.Offering) string { return o.Region }}, {"sku", func(o decision.Offering) string { return o.SKU }},
	} {
		var open []string
		for _, choice := range choices {
			if !slices.Contains(open, part.of(choice)) {
				open = append(open, part.of(choice))
			}
		}
		if len(open) > 1 {
			problems = append(problems, r.problem(at, "infrastructure leaves %s open; expected one of %s; add %s", part.key, strings.Join(open, ", "), part.key))
			break // what is chosen narrows the others
		}
	}
	return problems
}

// checkFeatures reports features that no vendor has. One that only others than
// the named vendor have is for the controls to decide.
func (r *run) checkFeatures(named *catalog.Vendor) []decision.Problem {
	var problems []decision.Problem
	for i, feature := range r.manifest.Features {
		known := false
		var list []string
		for _, v := range r.vendors {
			if found, ok := v.Feature(feature); ok {
				known = true
				if v == named && found.ID != feature {
					r.rename(i, found.ID)
				}
			}
			if named == nil || v == named {
				list = append(list, ids(v.Features, func(f catalog.Feature) string { return f.ID })...)
			}
		}
		if known {
			continue
		}
		message := fmt.Sprintf("feature %q is not one of any vendor in the catalog%s", feature, load.DidYouMean(feature, list))
		if named != nil {
			message = hasNo(named.ID, "feature", feature, list)
		}
		problems = append(problems, r.problem(fmt.Sprintf("/spec/uses/%d/feature", i), "%s", message))
	}
	return problems
}

// hasNo says that a vendor does not have what is named, and what it has.
func hasNo(vendor, what, name string, list []string) string {
	return fmt.Sprintf("%s has no %s %q; expected one of %s%s", vendor, what, name, strings.Join(list, ", "), load.DidYouMean(name, list))
}

// rename writes a feature's id where its alias stood.
func (r *run) rename(i int, id string) {
	r.manifest.Features[i] = id
	if node, _, _, _ := r.manifest.Root.At(fmt.Sprintf("/spec/uses/%d/feature", i)); node != nil {
		node.Value = id
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func ids[T any](list []T, id func(T) string) []string {
	all := make([]string, len(list))
	for i, item := range list {
		all[i] = id(item)
	}
	return all
}

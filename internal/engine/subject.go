package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/manifest"
	"github.com/caveat-check/caveat/internal/offering"
	"github.com/caveat-check/caveat/internal/price"
)

// choices lists the offerings that a placement may mean.
func (r *run) choices(p manifest.Placement) []decision.Offering {
	var list []decision.Offering
	for _, v := range r.vendors {
		if p.Vendor == "" || p.Vendor == v.ID {
			for _, id := range r.expander(v.ID).Choices(r.manifest, p) {
				if id.Infrastructure != "" {
					id.Infrastructure = r.cloud
				}
				list = append(list, id)
			}
		}
	}
	return list
}

// subject expands and prices one offering.
func (r *run) subject(id decision.Offering) decide.Subject {
	x := r.expander(id.Vendor)
	subject := decide.Subject{Offering: x.Offering(id, r.manifest.Features)}
	if cloud := r.manifest.Placement.Infrastructure; cloud != nil && id.Hosting != "managed" {
		subject.Infrastructure = r.infrastructure(*cloud)
	}
	key := x.priceKey(subject.Offering, held(x.Expander, id))
	if cost, ok := r.costs[key]; ok {
		subject.Cost = cost
		return subject
	}
	subject.Cost = r.priced(subject)
	r.date(&subject)
	r.costs[key] = subject.Cost
	return subject
}

// A priceKey is alike for offerings that cost the same for one manifest: those
// of the same make, in regions for which no price differs.
type priceKey struct {
	market   *market
	offering decision.Offering
	facts    string
}

// priceKey finds an offering's key. Product, plan and region count by the facts
// that hold for them, and by whether a region is chosen and the plan held; where
// list prices stand beside ours, by themselves.
func (m *market) priceKey(e *offering.Expanded, held bool) priceKey {
	id := e.ID
	if m.list != nil {
		return priceKey{m, id, ""}
	}
	if id.Product, id.Plan = "", ""; held {
		id.Plan = e.ID.Plan
	}
	if id.Region != decision.Unpinned {
		id.Region = ""
	}
	b := make([]byte, 0, 128)
	for _, i := range m.bearing {
		if value := e.Values[i]; value != nil {
			b = strconv.AppendInt(append(b, ' '), int64(value.Number), 36)
		}
	}
	return priceKey{m, id, string(b)}
}

// bearing lists the slots of an offering that pricing may read.
func bearing(slots []offering.Slot) (list []int) {
	for i, slot := range slots {
		for _, section := range []string{"/skus/", "/prices/", "/billing/", "/scaling/", "/performance/coldStart", "/hosting/overflow"} {
			if strings.HasPrefix(slot.At, section) || strings.HasSuffix(slot.At, "/facts/performance/coldStart") {
				list = append(list, i)
				break
			}
		}
	}
	return list
}

// request is what the price of an offering depends on.
func (r *run) request(subject decide.Subject) price.Request {
	o := subject.Offering
	request := price.Request{
		Offering: o.ID, Facts: o, Resources: r.resources, Usage: r.usage, PlanHeld: held(r.expander(o.ID.Vendor).Expander, o.ID),
		Regional: regional(o), Hosted: hosted(o), Negotiated: o.Ours,
	}
	for _, feature := range slices.Concat(r.manifest.Features, o.Implied) {
		if at := document.Join("features", feature, "facts", "performance", "coldStart"); o.Find(at) != nil && !slices.Contains(request.ColdStarts, at) {
			request.ColdStarts = append(request.ColdStarts, at)
		}
	}
	if cloud := subject.Infrastructure; cloud != nil {
		request.Infrastructure = &price.Provider{Offering: cloud.ID, Facts: cloud, Regional: regional(cloud), Negotiated: cloud.Ours}
	}
	return request
}

// regional reports whether the price of an offering's SKU is published for its
// region, so that no multiplier stands between them.
func regional(e *offering.Expanded) bool {
	value := e.Find(document.Join("skus", e.ID.SKU, "price", e.ID.Capacity))
	return value != nil && !slices.ContainsFunc(value.Claims, func(r offering.Ref) bool { return r.Claim.Scope.Regions == nil })
}

// hosted reports whether the price of an offering's SKU is published for its
// hosting by name.
func hosted(e *offering.Expanded) bool {
	value := e.Find(document.Join("skus", e.ID.SKU, "price", e.ID.Capacity))
	return value != nil && !slices.ContainsFunc(value.Claims, func(r offering.Ref) bool { return r.Claim.Scope.Hosting == nil })
}

// clouds lists the offerings of the cloud that the manifest may mean.
func (r *run) clouds(cloud manifest.Infrastructure) []decision.Offering {
	placement := manifest.Placement{Vendor: cloud.Vendor, Product: cloud.Product, Plan: cloud.Plan, SKU: cloud.SKU, Hosting: "managed"}
	if cloud.Region != "" {
		placement.Regions = []string{cloud.Region}
	}
	choices := r.expander(cloud.Vendor).Choices(r.manifest, placement)
	if slices.ContainsFunc(choices, onDemand) {
		// On demand is what one gets without asking for anything else.
		choices = slices.DeleteFunc(choices, func(o decision.Offering) bool { return !onDemand(o) })
	}
	return choices
}

func onDemand(o decision.Offering) bool { return o.Capacity == "on-demand" }

// infrastructure expands the cloud that the manifest names.
func (r *run) infrastructure(cloud manifest.Infrastructure) *offering.Expanded {
	choices := r.clouds(cloud)
	if len(choices) == 0 {
		return nil
	}
	return r.expander(cloud.Vendor).Offering(choices[0], nil)
}

// date marks the lines whose prices are older than prices may be.
func (r *run) date(subject *decide.Subject) {
	limit, kinds := priceRules(r.parameters)
	for i := range subject.Cost.Lines {
		line := &subject.Cost.Lines[i]
		for _, pointer := range decide.PriceFacts(decision.Cost{Lines: []decision.Line{*line}}) {
			e, local := subject.Offering, pointer
			if rest, ok := strings.CutPrefix(pointer, "/infrastructure"); ok {
				e, local = subject.Infrastructure, rest
			}
			if e == nil {
				continue
			}
			value := e.Behind(local)
			if value == nil {
				continue
			}
			if newest, own := newestPrice(value.Evidence(), kinds); !own && olderThan(newest, r.options.AsOf, limit) {
				line.AsOf = newest
			}
		}
	}
}

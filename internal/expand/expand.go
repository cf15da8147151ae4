// Package expand makes offerings of vendor documents and accounts: which
// concrete things can be bought, and the plain value of every fact for one of
// them, with where it comes from.
package expand

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/offering"
)

// An Expander makes the offerings of one vendor and our account with it. It
// may be used by several goroutines.
type Expander struct {
	Vendor  *catalog.Vendor
	Account *catalog.Account
	slots   []offering.Slot
	about   []about // slot by slot
	mu      sync.Mutex
	known   []map[string]*offering.Value // slot by slot, by the dimensions that matter
	values  map[decision.Offering][]*offering.Value
	count   int
}

// about says which parts of an offering a slot's value may depend on.
type about struct {
	sku                                     string // only offerings with this SKU have the slot
	models                                  []string
	products, plans, hosting, regions, skus bool
}

// New prepares a vendor and our account with it, which may be nil.
func New(v *catalog.Vendor, a *catalog.Account) *Expander {
	x := &Expander{Vendor: v, Account: a, values: map[decision.Offering][]*offering.Value{}}
	pointers := map[string]bool{}
	for _, fact := range v.Facts {
		pointers[fact.Pointer] = true
	}
	if a != nil {
		for _, fact := range a.Facts {
			pointers[fact.Pointer] = true
		}
	}
	for pointer := range pointers {
		x.slots = append(x.slots, offering.Slot{At: pointer, Pointer: pointer})
		for _, feature := range x.scopedFeatures(pointer) {
			x.slots = append(x.slots, offering.Slot{At: document.Join("features", feature, "facts") + pointer, Pointer: pointer, Feature: feature})
		}
	}
	models := map[string][]string{}
	for _, sku := range v.SKUs {
		if sku.GPU != "" {
			models[sku.GPU] = append(models[sku.GPU], sku.ID)
		}
	}
	for model := range models {
		pointer := document.Join("gpuModels", model)
		x.slots = append(x.slots, offering.Slot{At: pointer, Pointer: pointer})
	}
	sort.Slice(x.slots, func(i, j int) bool { return x.slots[i].At < x.slots[j].At })
	for _, slot := range x.slots {
		x.about = append(x.about, x.aboutSlot(slot, models))
		x.known = append(x.known, map[string]*offering.Value{})
	}
	return x
}

// Slots are all that the vendor's offerings may state, sorted.
func (x *Expander) Slots() []offering.Slot { return x.slots }

// InForce is an account without the prices whose contract is not in force on the
// day asOf, an ISO date: a lapsed price is no price, and next year's is not yet
// one.
func InForce(a *catalog.Account, asOf string) *catalog.Account {
	if a == nil {
		return nil
	}
	current := *a
	current.Facts = nil
	for _, fact := range a.Facts {
		if strings.HasPrefix(fact.Pointer, "/prices/") || strings.Contains(fact.Pointer, "/price/") {
			fact.Claims = slices.DeleteFunc(slices.Clone(fact.Claims), func(c catalog.Claim) bool {
				return !slices.ContainsFunc(c.Sources, func(id string) bool { return counts(a.Sources[id], asOf) })
			})
		}
		if len(fact.Claims) > 0 {
			current.Facts = append(current.Facts, fact)
		}
	}
	return &current
}

// AtList is an account without what it states of prices, machines and billing;
// nil where it states nothing of them.
func AtList(a *catalog.Account) *catalog.Account {
	if a == nil {
		return nil
	}
	list := *a
	list.Facts = slices.DeleteFunc(slices.Clone(a.Facts), func(fact catalog.Fact) bool {
		return slices.Contains([]string{"prices", "skus", "billing"}, document.Split(fact.Pointer)[0])
	})
	if len(list.Facts) == len(a.Facts) {
		return nil
	}
	return &list
}

func counts(s decision.Source, asOf string) bool {
	if s.Kind != "executed" {
		return true
	}
	return s.Effective != "" && s.Effective <= asOf && (s.Until == "open" || s.Until >= asOf)
}

func (x *Expander) aboutSlot(slot offering.Slot, models map[string][]string) about {
	if model, ok := strings.CutPrefix(slot.Pointer, "/gpuModels/"); ok {
		return about{models: models[document.Split("/" + model)[0]], products: true, plans: true, hosting: true, regions: true}
	}
	var a about
	if rest, ok := strings.CutPrefix(slot.Pointer, "/skus/"); ok {
		a.sku, _, _ = strings.Cut(rest, "/")
	}
	for _, fact := range x.facts(slot.Pointer) {
		for _, claim := range fact.Claims {
			a.products = a.products || claim.Scope.Products != nil
			a.plans = a.plans || claim.Scope.Plans != nil
			a.hosting = a.hosting || claim.Scope.Hosting != nil
			a.regions = a.regions || claim.Scope.Regions != nil
			a.skus = a.skus || claim.Scope.SKUs != nil
		}
	}
	return a
}

// key is equal for offerings for which the slot has the same value.
func (a about) key(o decision.Offering) string {
	var parts [5]string
	if a.products {
		parts[0] = o.Product
	}
	if a.plans {
		parts[1] = o.Plan
	}
	if a.hosting {
		parts[2] = o.Hosting
	}
	if a.regions {
		parts[3] = o.Region
	}
	if a.skus {
		parts[4] = o.SKU
	}
	if parts == ([5]string{}) {
		return ""
	}
	return strings.Join(parts[:], "\x00")
}

// Offering expands one offering. Used are the features that the workload says
// it uses; what they imply is added.
func (x *Expander) Offering(id decision.Offering, used []string) *offering.Expanded {
	return &offering.Expanded{
		ID: id, Vendor: x.Vendor, Account: x.Account, Implied: Implied(x.Vendor, id.Product, used),
		Slots: x.slots, Values: x.valuesOf(id),
	}
}

// valuesOf resolves each slot for an offering, once: a catalog has far fewer
// offerings than there are manifests to decide them for.
func (x *Expander) valuesOf(id decision.Offering) []*offering.Value {
	id.GPU, id.Count, id.Capacity, id.Infrastructure = "", 0, "", "" // no claim is limited to them
	x.mu.Lock()
	defer x.mu.Unlock()
	if values, ok := x.values[id]; ok {
		return values
	}
	values := make([]*offering.Value, len(x.slots))
	for i := range x.slots {
		about := &x.about[i]
		if about.sku != "" && about.sku != id.SKU {
			continue
		}
		key := about.key(id)
		value, ok := x.known[i][key]
		if !ok {
			value = x.value(x.slots[i], about, id)
			if value != nil {
				x.count++
				value.Number = x.count
			}
			x.known[i][key] = value
		}
		values[i] = value
	}
	x.values[id] = values
	return values
}

// value resolves a slot; nil where nothing is claimed.
func (x *Expander) value(slot offering.Slot, about *about, id decision.Offering) *offering.Value {
	if about.models != nil {
		return x.model(slot, about.models, id)
	}
	value := x.resolve(id, slot.Pointer, slot.Feature)
	if value.State == offering.Absent {
		return nil
	}
	value.Slot = slot
	return &value
}

// model says that a GPU model can be had at all, from the availability of any
// SKU that has it.
func (x *Expander) model(slot offering.Slot, skus []string, id decision.Offering) *offering.Value {
	for _, sku := range skus {
		id.SKU = sku
		value := x.resolve(id, document.Join("skus", sku, "availability"), "")
		if _, ok := value.Value.(string); ok && value.State == offering.Stated && value.Value != "unavailable" {
			return &offering.Value{Slot: slot, State: offering.Stated, Value: true, Claims: value.Claims}
		}
	}
	return nil
}

// scopedFeatures lists the features that some claim of a fact is limited to.
func (x *Expander) scopedFeatures(pointer string) []string {
	var features []string
	for _, fact := range x.facts(pointer) {
		for _, claim := range fact.Claims {
			features = append(features, claim.Scope.Features...)
		}
	}
	slices.Sort(features)
	return slices.Compact(features)
}

func (x *Expander) facts(pointer string) []catalog.Fact {
	var facts []catalog.Fact
	if fact, ok := x.Account.Fact(pointer); ok {
		facts = append(facts, fact)
	}
	if fact, ok := x.Vendor.Fact(pointer); ok {
		facts = append(facts, fact)
	}
	return facts
}

// resolve decides what a fact says for one offering, for the whole of it or
// where one feature is used. What our account states overrides the vendor's
// document.
func (x *Expander) resolve(id decision.Offering, pointer, feature string) offering.Value {
	if fact, ok := x.Account.Fact(pointer); ok {
		value := settle(fact, id, feature, offering.Ref{Ours: true, Document: x.Account.Name, Path: x.Account.Path, Sources: x.Account.Sources})
		if value.State != offering.Absent {
			return value
		}
	}
	if fact, ok := x.Vendor.Fact(pointer); ok {
		return settle(fact, id, feature, offering.Ref{Document: x.Vendor.ID, Path: x.Vendor.Path, Sources: x.Vendor.Sources})
	}
	return offering.Value{}
}

// settle puts the claims of one document together: those that hold here must
// agree; where none does, a claim that holds only elsewhere makes it false. A
// claim that holds here contradicts one that says only elsewhere, unless it
// says only, too: then the fact holds where any of them does.
func settle(fact catalog.Fact, id decision.Offering, feature string, ref offering.Ref) offering.Value {
	var value offering.Value
	var holding, elsewhere, rejected []offering.Ref
	for i := range fact.Claims {
		claim := &fact.Claims[i]
		if feature == "" && claim.Scope.Features != nil {
			continue
		}
		if feature != "" && !slices.Contains(claim.Scope.Features, feature) {
			continue
		}
		ref.Claim = claim
		ref.Pointer = fmt.Sprintf("%s/%d", fact.Pointer, claim.Index)
		switch {
		case claim.Rejected != "":
			if claim.Scope.Holds(id) {
				rejected = append(rejected, ref)
			}
		case claim.Scope.Holds(id):
			holding = append(holding, ref)
		case claim.Only && claim.Scope.HoldsIn(id.Region):
			elsewhere = append(elsewhere, ref)
		}
	}
	switch {
	case len(holding) > 0:
		value.Claims, value.Value, value.State = holding, holding[0].Claim.Value, offering.Stated
		only := slices.ContainsFunc(holding, func(r offering.Ref) bool { return r.Claim.Only })
		switch {
		case !agree(holding):
			value.Value, value.State = nil, offering.Conflict
		case len(elsewhere) > 0 && value.Value == true && !only:
			value.Claims, value.Value, value.State = append(holding, elsewhere...), nil, offering.Conflict
		}
	case len(elsewhere) > 0:
		value.Claims, value.Value, value.State = elsewhere, false, offering.Stated
		if !agree(elsewhere) || elsewhere[0].Claim.Value == false {
			value.Value, value.State = nil, offering.Conflict
		}
	case len(rejected) > 1 && !agree(rejected):
		value.Claims, value.State = rejected, offering.Conflict
	}
	return value
}

func agree(refs []offering.Ref) bool {
	for _, ref := range refs[1:] {
		if !reflect.DeepEqual(ref.Claim.Value, refs[0].Claim.Value) {
			return false
		}
	}
	return true
}

// Implied lists the features that come with a product and with used features,
// without the used ones themselves, sorted.
func Implied(v *catalog.Vendor, product string, used []string) []string {
	implied := map[string]bool{}
	var bring func([]string)
	bring = func(list []string) {
		for _, id := range list {
			if !implied[id] {
				implied[id] = true
				if feature, ok := v.Feature(id); ok {
					bring(feature.Implies)
				}
			}
		}
	}
	if p, ok := v.Product(product); ok {
		bring(p.Implies)
	}
	for _, id := range used {
		if feature, ok := v.Feature(id); ok {
			bring(feature.Implies)
		}
	}
	for _, id := range used {
		delete(implied, id)
	}
	return slices.Sorted(maps.Keys(implied))
}

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

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/offering"
)

// Offering expands one offering. Used are the features that the workload says
// it uses; what they imply is added.
func Offering(v *catalog.Vendor, a *catalog.Account, id decision.Offering, used []string) *offering.Expanded {
	e := &offering.Expanded{ID: id, Vendor: v, Account: a, Implied: Implied(v, id.Product, used)}
	pointers := make([]string, 0, len(v.Facts))
	for _, fact := range v.Facts {
		pointers = append(pointers, fact.Pointer)
	}
	if a != nil {
		for _, fact := range a.Facts {
			if _, ok := v.Fact(fact.Pointer); !ok {
				pointers = append(pointers, fact.Pointer)
			}
		}
	}
	models := map[string]offering.Value{}
	for _, pointer := range pointers {
		if sku, ok := skuOf(pointer); ok {
			model(e, models, pointer, sku)
			if sku != id.SKU {
				continue
			}
		}
		add(e, pointer)
	}
	for _, value := range models {
		e.Values = append(e.Values, value)
	}
	sort.Slice(e.Values, func(i, j int) bool { return e.Values[i].At() < e.Values[j].At() })
	return e
}

// skuOf returns the SKU that a pointer is about.
func skuOf(pointer string) (string, bool) {
	rest, ok := strings.CutPrefix(pointer, "/skus/")
	if !ok {
		return "", false
	}
	sku, _, _ := strings.Cut(rest, "/")
	return sku, true
}

// model records that a GPU model is on sale at all, from the price or the
// availability of any SKU that has it.
func model(e *offering.Expanded, models map[string]offering.Value, pointer, id string) {
	sku, ok := e.Vendor.SKU(id)
	if !ok || sku.GPU == "" || models[sku.GPU].State == offering.Stated {
		return
	}
	if !strings.Contains(pointer, "/price/") && !strings.HasSuffix(pointer, "/availability") {
		return
	}
	other := e.ID
	other.SKU = id
	value := resolve(e.Vendor, e.Account, other, pointer, "")
	if value.State != offering.Stated || value.Value == "unavailable" {
		return
	}
	models[sku.GPU] = offering.Value{Pointer: document.Join("gpuModels", sku.GPU), State: offering.Stated, Value: true, Claims: value.Claims}
}

func add(e *offering.Expanded, pointer string) {
	if value := resolve(e.Vendor, e.Account, e.ID, pointer, ""); value.State != offering.Absent {
		e.Values = append(e.Values, value)
	}
	for _, feature := range scopedFeatures(e.Vendor, e.Account, pointer) {
		if value := resolve(e.Vendor, e.Account, e.ID, pointer, feature); value.State != offering.Absent {
			e.Values = append(e.Values, value)
		}
	}
}

// scopedFeatures lists the features that some claim of a fact is limited to.
func scopedFeatures(v *catalog.Vendor, a *catalog.Account, pointer string) []string {
	var features []string
	for _, fact := range factsAt(v, a, pointer) {
		for _, claim := range fact.Claims {
			features = append(features, claim.Scope.Features...)
		}
	}
	slices.Sort(features)
	return slices.Compact(features)
}

func factsAt(v *catalog.Vendor, a *catalog.Account, pointer string) []catalog.Fact {
	var facts []catalog.Fact
	if fact, ok := a.Fact(pointer); ok {
		facts = append(facts, fact)
	}
	if fact, ok := v.Fact(pointer); ok {
		facts = append(facts, fact)
	}
	return facts
}

// resolve decides what a fact says for one offering, for the whole of it or
// where one feature is used. What our account states overrides the vendor's
// document.
func resolve(v *catalog.Vendor, a *catalog.Account, id decision.Offering, pointer, feature string) offering.Value {
	if fact, ok := a.Fact(pointer); ok {
		value := settle(fact, id, feature, offering.Ref{Document: a.Name, Path: a.Path, Sources: a.Sources})
		if value.State != offering.Absent {
			return value
		}
	}
	if fact, ok := v.Fact(pointer); ok {
		return settle(fact, id, feature, offering.Ref{Document: v.ID, Path: v.Path, Sources: v.Sources})
	}
	return offering.Value{Pointer: pointer, Feature: feature}
}

// settle puts the claims of one document together: those that hold here must
// agree; where none does, a claim that holds only elsewhere makes it false.
func settle(fact catalog.Fact, id decision.Offering, feature string, ref offering.Ref) offering.Value {
	value := offering.Value{Pointer: fact.Pointer, Feature: feature}
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
		case claim.Only:
			elsewhere = append(elsewhere, ref)
		}
	}
	switch {
	case len(holding) > 0:
		value.Claims, value.Value, value.State = holding, holding[0].Claim.Value, offering.Stated
		if !agree(holding) {
			value.Value, value.State = nil, offering.Conflict
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

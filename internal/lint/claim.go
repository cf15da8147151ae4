package lint

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// claims compares the claims of each fact with each other, and with what is on
// sale.
func (l *linter) claims() {
	for _, f := range l.vendor.Facts {
		for i, b := range f.Claims {
			l.holdsNowhere(f, b)
			if b.Only && b.Value == false && b.Rejected == "" {
				l.report(Error, "only-value", pointerOf(f, b), b.Place, "only: true stands with false; outside its scope that makes the fact neither true nor false; expected true where it holds; turn the claim round")
			}
			for _, a := range f.Claims[:i] {
				l.pair(f, a, b)
			}
		}
	}
}

// pair compares two claims of a fact; a stands before b.
func (l *linter) pair(f catalog.Fact, a, b catalog.Claim) {
	same := reflect.DeepEqual(a.Value, b.Value)
	switch {
	case same && repeats(a, b):
		l.report(Warning, "duplicate-claim", pointerOf(f, b), b.Place, "says the same as the claim in line %d; expected each claim once; name the sources of both in one", a.Place.Line)
	case a.Rejected != "" || b.Rejected != "":
	case !same && overlap(a.Scope, b.Scope):
		l.report(Error, "contradiction", pointerOf(f, b), b.Place,
			"%s here and %s in line %d both hold for %s; what is said of one offering must agree; reject one claim and say why, or narrow a scope", shown(b.Value), shown(a.Value), a.Place.Line, common(a.Scope, b.Scope))
	case a.Only && !b.Only:
		l.beyond(f, b, a, b)
	case b.Only && !a.Only:
		l.beyond(f, b, b, a)
	}
}

// repeats reports whether a claim of the same value adds nothing to another. With
// a source and a remark of its own it does: the remark is on what that source
// says.
func repeats(a, b catalog.Claim) bool {
	if a.Only != b.Only || (a.Rejected == "") != (b.Rejected == "") || !slices.Equal(a.Conditions, b.Conditions) || !sameScope(a.Scope, b.Scope) {
		return false
	}
	adds := slices.ContainsFunc(b.Sources, func(id string) bool { return !slices.Contains(a.Sources, id) })
	return !adds || a.Note == b.Note
}

// beyond reports a claim that something holds where another says that it holds
// only elsewhere. It is found at the claim at.
func (l *linter) beyond(f catalog.Fact, at, only, other catalog.Claim) {
	if only.Value != true || other.Value != true {
		return
	}
	for _, feature := range features(only.Scope, other.Scope) {
		var onlys []catalog.Claim
		for _, c := range f.Claims {
			if c.Only && c.Rejected == "" && about(c, feature) {
				onlys = append(onlys, c)
			}
		}
		if !about(only, feature) || !about(other, feature) {
			continue
		}
		for _, o := range l.offerings(f) {
			held := slices.ContainsFunc(onlys, func(c catalog.Claim) bool { return c.Scope.Holds(o) })
			if other.Scope.Holds(o) && only.Scope.HoldsIn(o.Region) && !held {
				here, there := fmt.Sprintf("true for %s", other.Scope), fmt.Sprintf("only %s in line %d", only.Scope, only.Place.Line)
				if at.Index == only.Index {
					here, there = fmt.Sprintf("only %s", only.Scope), fmt.Sprintf("true for %s in line %d", other.Scope, other.Place.Line)
				}
				l.report(Error, "contradiction", pointerOf(f, at), at.Place,
					"%s here and %s contradict each other; what is said of one offering must agree; reject one claim and say why, or narrow a scope", here, there)
				return
			}
		}
	}
}

// about reports whether a claim speaks of the use of a feature; "" is the
// offering as a whole. What holds only with a feature is another fact than what
// holds for the whole.
func about(c catalog.Claim, feature string) bool {
	if feature == "" {
		return c.Scope.Features == nil
	}
	return slices.Contains(c.Scope.Features, feature)
}

func features(a, b catalog.Scope) []string {
	if a.Features == nil && b.Features == nil {
		return []string{""}
	}
	return a.Features
}

// offerings are all that the claims of a fact tell apart: every value of the
// dimensions that some scope limits, and "" for the others.
func (l *linter) offerings(f catalog.Fact) []decision.Offering {
	var limits struct{ products, plans, hosting, skus bool }
	regions := []string{decision.Unpinned}
	for _, c := range f.Claims {
		limits.products = limits.products || c.Scope.Products != nil
		limits.plans = limits.plans || c.Scope.Plans != nil
		limits.hosting = limits.hosting || c.Scope.Hosting != nil
		limits.skus = limits.skus || c.Scope.SKUs != nil
		for _, region := range c.Scope.Regions {
			if !slices.Contains(regions, region) {
				regions = append(regions, region)
			}
		}
	}
	all := []decision.Offering{{}}
	vary := func(limited bool, values []string, set func(*decision.Offering, string)) {
		if !limited {
			return
		}
		var next []decision.Offering
		for _, o := range all {
			for _, value := range values {
				set(&o, value)
				next = append(next, o)
			}
		}
		all = next
	}
	v := l.vendor
	vary(limits.products, ids(v.Products, func(p catalog.Product) string { return p.ID }), func(o *decision.Offering, id string) { o.Product = id })
	vary(limits.plans, ids(v.Plans, func(p catalog.Plan) string { return p.ID }), func(o *decision.Offering, id string) { o.Plan = id })
	vary(limits.hosting, hostings, func(o *decision.Offering, id string) { o.Hosting = id })
	vary(limits.skus, ids(v.SKUs, func(s catalog.SKU) string { return s.ID }), func(o *decision.Offering, id string) { o.SKU = id })
	vary(true, regions, func(o *decision.Offering, id string) { o.Region = id })
	return all
}

var hostings = []string{"managed", "hybrid", "byoc", "self-hosted"}

func ids[T any](list []T, id func(T) string) []string {
	var all []string
	for _, item := range list {
		all = append(all, id(item))
	}
	return all
}

// overlap reports whether two scopes share an offering.
func overlap(a, b catalog.Scope) bool {
	return meet(a.Products, b.Products) && meet(a.Plans, b.Plans) && meet(a.Hosting, b.Hosting) && meet(a.Regions, b.Regions) && meet(a.SKUs, b.SKUs) &&
		(a.Features == nil) == (b.Features == nil) && meet(a.Features, b.Features)
}

// common is the scope in which both hold.
func common(a, b catalog.Scope) catalog.Scope {
	both := func(a, b []string) []string {
		if a == nil {
			return b
		}
		return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return b != nil && !slices.Contains(b, s) })
	}
	return catalog.Scope{
		Products: both(a.Products, b.Products), Plans: both(a.Plans, b.Plans), Hosting: both(a.Hosting, b.Hosting),
		Regions: both(a.Regions, b.Regions), Features: both(a.Features, b.Features), SKUs: both(a.SKUs, b.SKUs),
	}
}

func sameScope(a, b catalog.Scope) bool {
	for _, pair := range [][2][]string{{a.Products, b.Products}, {a.Plans, b.Plans}, {a.Hosting, b.Hosting}, {a.Regions, b.Regions}, {a.Features, b.Features}, {a.SKUs, b.SKUs}} {
		if (pair[0] == nil) != (pair[1] == nil) || !slices.Equal(slices.Compact(slices.Sorted(slices.Values(pair[0]))), slices.Compact(slices.Sorted(slices.Values(pair[1])))) {
			return false
		}
	}
	return true
}

// holdsNowhere reports a claim whose scope names what exists and is never sold
// together. Names that do not exist are issues of the document already.
func (l *linter) holdsNowhere(f catalog.Fact, c catalog.Claim) {
	v, s := l.vendor, c.Scope
	if c.Rejected != "" {
		return
	}
	if parts := document.Split(f.Pointer); parts[0] == "skus" {
		if s.SKUs != nil && !slices.Contains(s.SKUs, parts[1]) {
			l.report(Warning, "dead-scope", pointerOf(f, c), c.Place, "a fact of SKU %s is limited to SKUs %s; it never holds; correct the scope", parts[1], strings.Join(s.SKUs, ", "))
			return
		}
		s.SKUs = []string{parts[1]}
	}
	for _, p := range v.Products {
		if s.Products != nil && !slices.Contains(s.Products, p.ID) || s.Hosting != nil && !meet(p.Hosting, s.Hosting) {
			continue
		}
		plan := s.Plans == nil || slices.ContainsFunc(v.Plans, func(l catalog.Plan) bool {
			return slices.Contains(s.Plans, l.ID) && meet(l.Products, []string{p.ID})
		})
		sku := s.SKUs == nil || slices.ContainsFunc(v.SKUs, func(k catalog.SKU) bool {
			return slices.Contains(s.SKUs, k.ID) && meet(k.Products, []string{p.ID})
		})
		if plan && sku {
			return
		}
	}
	if missing(v, c.Scope) {
		return
	}
	l.report(Warning, "dead-scope", pointerOf(f, c), c.Place, "no product is sold as the scope says (%s); the claim never holds; correct the scope, or what the products, plans or SKUs list", s)
}

// missing reports whether a scope names something that the document does not
// have.
func missing(v *catalog.Vendor, s catalog.Scope) bool {
	return slices.ContainsFunc(s.Products, func(id string) bool { _, ok := v.Product(id); return !ok }) ||
		slices.ContainsFunc(s.Plans, func(id string) bool { return !v.HasPlan(id) }) ||
		slices.ContainsFunc(s.SKUs, func(id string) bool { _, ok := v.SKU(id); return !ok })
}

// shown is a value in few words.
func shown(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	const most = 60
	if text := []rune(string(data)); len(text) > most {
		return strings.TrimSpace(string(text[:most])) + "…"
	}
	return string(data)
}

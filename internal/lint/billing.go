package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// timed are the units of time that are metered; what is priced by the month
// (storage, say) is not billed by the increment.
var timed = []string{"second", "minute", "hour"}

// billed are prices by time of one product and kind of hosting.
type billed struct {
	product, hosting string
	fact             catalog.Fact
	claim            catalog.Claim // the first in the document
	prices           int
	missing          []unbilled
}

// An unbilled is a rule that not every price of a group has: where it is missing,
// and for which price first.
type unbilled struct {
	rule, where string
	fact        catalog.Fact
	claim       catalog.Claim
}

// hosting reports products that nothing can be placed on, since no claim says
// how they are hosted.
func (l *linter) hosting() {
	for _, product := range l.vendor.Products {
		sold := slices.ContainsFunc(l.vendor.Facts, func(f catalog.Fact) bool {
			parts := document.Split(f.Pointer)
			return len(parts) == 2 && parts[0] == "hosting" && meet(product.Hosting, parts[1:]) && slices.ContainsFunc(f.Claims, func(c catalog.Claim) bool {
				return c.Rejected == "" && c.Value == true && meet(c.Scope.Products, []string{product.ID})
			})
		})
		if !sold {
			pointer := document.Join("products", product.ID)
			l.report(Warning, "no-hosting", pointer, l.vendor.Near("/hosting"),
				"no claim under /hosting says how product %s can be had: no manifest can be placed on it; expected managed, hybrid, byoc or self-hosted; state it, with its source", product.ID)
		}
	}
}

// billing reports prices by time that cannot be turned into a bill: a product
// and hosting for which no increment is stated, and, less urgent, none of the
// other rules.
func (l *linter) billing() {
	var groups []*billed
	for _, f := range l.vendor.Facts {
		parts := document.Split(f.Pointer)
		if parts[0] != "skus" && parts[0] != "prices" {
			continue
		}
		for _, c := range f.Claims {
			price, _ := c.Value.(map[string]any)
			per, _ := price["per"].(string)
			if c.Rejected != "" || price["amount"] == nil || !slices.Contains(timed, per) {
				continue
			}
			scope := c.Scope
			if parts[0] == "skus" {
				scope.SKUs = []string{parts[1]}
			}
			groups = l.bill(groups, f, c, scope)
		}
	}
	for _, g := range groups {
		what := fmt.Sprintf("the price by time of product %s", g.product)
		switch {
		case g.prices == 2:
			what = fmt.Sprintf("this or the other price by time of product %s", g.product)
		case g.prices > 2:
			what = fmt.Sprintf("this or another of %d prices by time of product %s", g.prices, g.product)
		}
		var rest []string
		for _, m := range g.missing {
			if m.rule == "increment" {
				l.report(Warning, "no-billing-increment", pointerOf(m.fact, m.claim), m.claim.Place,
					"%s (%s) cannot be billed: no /billing/increment holds %s; expected the least time that is charged; state it, with its source", what, g.hosting, m.where)
				continue
			}
			words := m.rule
			if m.where != there {
				words += " (" + m.where + ")"
			}
			rest = append(rest, words)
		}
		if len(rest) > 0 {
			l.report(Note, "no-billing-rule", pointerOf(g.fact, g.claim), g.claim.Place,
				"nothing is stated under /billing of %s for %s (%s); the bill is a range without it; look it up", strings.Join(rest, ", "), what, g.hosting)
		}
	}
}

// bill adds a price to the groups of the products and hosting that it is for.
func (l *linter) bill(groups []*billed, f catalog.Fact, c catalog.Claim, scope catalog.Scope) []*billed {
	for _, p := range l.vendor.Products {
		if !meet(scope.Products, []string{p.ID}) || !l.has(p, scope) {
			continue
		}
		for _, hosting := range l.hostingOf(p) {
			if !meet(scope.Hosting, []string{hosting}) {
				continue
			}
			i := slices.IndexFunc(groups, func(g *billed) bool { return g.product == p.ID && g.hosting == hosting })
			if i < 0 {
				i = len(groups)
				groups = append(groups, &billed{product: p.ID, hosting: hosting, fact: f, claim: c})
			}
			g := groups[i]
			g.prices++
			if cmp.Or(cmp.Compare(c.Place.Line, g.claim.Place.Line), cmp.Compare(c.Place.Column, g.claim.Place.Column)) < 0 {
				g.fact, g.claim = f, c
			}
			here := scope
			here.Products, here.Hosting = []string{p.ID}, []string{hosting}
			for _, rule := range []string{"increment", "rounding", "boot", "idle"} {
				if slices.ContainsFunc(g.missing, func(m unbilled) bool { return m.rule == rule }) {
					continue
				}
				if where := l.unstated("/billing/"+rule, here); where != "" {
					g.missing = append(g.missing, unbilled{rule, where, f, c})
				}
			}
		}
	}
	return groups
}

// has reports whether a product has one of the SKUs of a scope.
func (l *linter) has(p catalog.Product, scope catalog.Scope) bool {
	return scope.SKUs == nil || slices.ContainsFunc(l.vendor.SKUs, func(k catalog.SKU) bool {
		return slices.Contains(scope.SKUs, k.ID) && meet(k.Products, []string{p.ID})
	})
}

// hostingOf is how a product can be had: what the document claims of hosting,
// within what the product lists.
func (l *linter) hostingOf(p catalog.Product) []string {
	var list []string
	for _, hosting := range hostings {
		f, _ := l.vendor.Fact("/hosting/" + hosting)
		if meet(p.Hosting, []string{hosting}) && slices.ContainsFunc(f.Claims, func(c catalog.Claim) bool {
			return c.Rejected == "" && c.Value == true && meet(c.Scope.Products, []string{p.ID})
		}) {
			list = append(list, hosting)
		}
	}
	return list
}

// there is all of a scope.
const there = "there"

// unstated says where in a scope, which has one product and one kind of hosting,
// no believed claim of a fact holds: "on plan team", or "there" for all of it. It
// is "" where one holds everywhere.
func (l *linter) unstated(pointer string, scope catalog.Scope) string {
	f, _ := l.vendor.Fact(pointer)
	var claims []catalog.Claim
	for _, c := range f.Claims {
		if c.Rejected == "" {
			c.Scope.Features = nil // billing of a feature is billing
			claims = append(claims, c)
		}
	}
	if !slices.ContainsFunc(claims, func(c catalog.Claim) bool { return overlap(c.Scope, scope) }) {
		return there
	}
	told := catalog.Fact{Claims: append(claims, catalog.Claim{Scope: scope})}
	for _, o := range l.offerings(told) {
		if scope.Holds(o) && l.sold(o) && !slices.ContainsFunc(claims, func(c catalog.Claim) bool { return c.Scope.Holds(o) }) {
			var where []string
			for _, part := range [][2]string{{"on plan ", o.Plan}, {"with SKU ", o.SKU}} {
				if part[1] != "" {
					where = append(where, part[0]+part[1])
				}
			}
			switch {
			case !slices.ContainsFunc(told.Claims, func(c catalog.Claim) bool { return c.Scope.Regions != nil }):
			case o.Region == decision.Unpinned:
				where = append(where, "where no region is chosen")
			default:
				where = append(where, "in region "+o.Region)
			}
			return cmp.Or(strings.Join(where, " "), there)
		}
	}
	return ""
}

// sold reports whether the product of an offering has its plan and its SKU, each
// where it names one.
func (l *linter) sold(o decision.Offering) bool {
	of := []string{o.Product}
	return !slices.ContainsFunc(l.vendor.Plans, func(p catalog.Plan) bool { return p.ID == o.Plan && !meet(p.Products, of) }) &&
		!slices.ContainsFunc(l.vendor.SKUs, func(k catalog.SKU) bool { return k.ID == o.SKU && !meet(k.Products, of) })
}

// Package catalog is vendor documents and accounts in the form that the stages
// use: what is on sale, and facts as claims with scope, sources and place. It
// is shared data.
package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// A Vendor is one vendor document.
type Vendor struct {
	ID       string                     `json:"id"`
	Name     string                     `json:"name"`
	URL      string                     `json:"url,omitempty"`
	Summary  string                     `json:"summary,omitempty"`
	Aliases  []string                   `json:"aliases,omitempty"`
	Path     string                     `json:"path"`
	Digest   string                     `json:"digest"`
	Products []Product                  `json:"products"`
	Plans    []Plan                     `json:"plans"`
	Sites    map[string]string          `json:"sites,omitempty"`
	Features []Feature                  `json:"features,omitempty"`
	SKUs     []SKU                      `json:"skus,omitempty"`
	Sources  map[string]decision.Source `json:"sources"`
	// SourcesAt is where each source is listed, by its id.
	SourcesAt map[string]Place `json:"sourcesAt,omitempty"`
	Facts     []Fact           `json:"facts"`
	Open      []string         `json:"open,omitempty"`
	// Sections are the mappings that hold facts, sorted by pointer, so that
	// what is missing can be shown where it would stand.
	Sections []Section `json:"sections"`
	Root     Place     `json:"root"`
}

// A Section is a mapping of the document.
type Section struct {
	Pointer string `json:"p"`
	Place   Place  `json:"at"`
}

// An Account is where we stand with one vendor.
type Account struct {
	Name    string
	Vendor  string
	Path    string
	Digest  string
	Plan    string
	Sources map[string]decision.Source
	Facts   []Fact
	Plain   any
}

// A Place is a line and column, from 1.
type Place struct {
	Line   int `json:"l"`
	Column int `json:"c"`
}

// A Product is one thing that a vendor sells.
type Product struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Hosting []string `json:"hosting,omitempty"`
	Implies []string `json:"implies,omitempty"`
}

// A Plan is one plan of a vendor. No products: all.
type Plan struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Products []string `json:"products,omitempty"`
}

// A Feature is one feature, with what may be used instead and what it implies.
type Feature struct {
	ID      string   `json:"id"`
	Name    string   `json:"name,omitempty"`
	Aliases []string `json:"aliases,omitempty"`
	Instead []string `json:"instead,omitempty"`
	Implies []string `json:"implies,omitempty"`
	Place   Place    `json:"place"`
}

// A SKU is one instance, or a GPU by count. VCPU and Memory (GiB text) are
// what an instance includes.
type SKU struct {
	ID       string   `json:"id"`
	Name     string   `json:"name,omitempty"`
	Products []string `json:"products,omitempty"`
	GPU      string   `json:"gpu,omitempty"`
	Counts   []int    `json:"counts,omitempty"`
	VCPU     string   `json:"vcpu,omitempty"`
	Memory   string   `json:"memory,omitempty"`
	Place    Place    `json:"place"`
}

// A Fact is the claims that stand at one pointer.
type Fact struct {
	Pointer string  `json:"p"`
	Claims  []Claim `json:"c"`
}

// A Claim is one value with the scope in which it holds and its sources. Index
// is its position in the document's list.
type Claim struct {
	Value      any      `json:"v"`
	Scope      Scope    `json:"s"`
	Only       bool     `json:"o,omitempty"`
	Conditions []string `json:"if,omitempty"`
	Rejected   string   `json:"x,omitempty"`
	Sources    []string `json:"src"`
	Note       string   `json:"n,omitempty"`
	Index      int      `json:"i,omitempty"`
	Place      Place    `json:"at"`
}

// A Scope says where a claim holds. A nil list is all.
type Scope struct {
	Products []string `json:"p,omitempty"`
	Plans    []string `json:"l,omitempty"`
	Hosting  []string `json:"h,omitempty"`
	Regions  []string `json:"r,omitempty"`
	Features []string `json:"f,omitempty"`
	SKUs     []string `json:"k,omitempty"`
}

// Decode reads vendors in the form that they have in JSON, with numbers to their
// last digit.
func Decode(data []byte) ([]*Vendor, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var vendors []*Vendor
	if err := decoder.Decode(&vendors); err != nil {
		return nil, fmt.Errorf("decode catalog: %w", err)
	}
	return vendors, nil
}

// Holds reports whether the scope covers an offering; features are not looked
// at, since an offering has none of its own.
func (s Scope) Holds(o decision.Offering) bool {
	return within(s.Products, o.Product) && within(s.Plans, o.Plan) && within(s.Hosting, o.Hosting) &&
		within(s.Regions, o.Region) && within(s.SKUs, o.SKU)
}

// HoldsIn reports whether the scope covers a region. Regions may lie within each
// other, so a claim that holds only in one says nothing of another.
func (s Scope) HoldsIn(region string) bool { return within(s.Regions, region) }

func within(list []string, value string) bool {
	return list == nil || slices.Contains(list, value)
}

// String names the scope for people: "plans enterprise; products functions".
func (s Scope) String() string {
	var parts []string
	for _, part := range []struct {
		name string
		list []string
	}{{"products", s.Products}, {"plans", s.Plans}, {"hosting", s.Hosting}, {"regions", s.Regions}, {"features", s.Features}, {"skus", s.SKUs}} {
		if part.list != nil {
			parts = append(parts, part.name+" "+strings.Join(part.list, ", "))
		}
	}
	if len(parts) == 0 {
		return "everywhere"
	}
	return strings.Join(parts, "; ")
}

// Near returns the place at which something at a pointer would stand: that of
// the nearest mapping above it.
func (v *Vendor) Near(pointer string) Place {
	for pointer != "" {
		i, ok := slices.BinarySearchFunc(v.Sections, pointer, func(s Section, p string) int { return strings.Compare(s.Pointer, p) })
		if ok {
			return v.Sections[i].Place
		}
		pointer = pointer[:max(strings.LastIndexByte(pointer, '/'), 0)]
	}
	return v.Root
}

// Fact returns the fact at a pointer.
func (v *Vendor) Fact(pointer string) (Fact, bool) { return find(v.Facts, pointer) }

// Fact returns the fact at a pointer.
func (a *Account) Fact(pointer string) (Fact, bool) {
	if a == nil {
		return Fact{}, false
	}
	return find(a.Facts, pointer)
}

func find(facts []Fact, pointer string) (Fact, bool) {
	i, ok := slices.BinarySearchFunc(facts, pointer, func(f Fact, p string) int { return strings.Compare(f.Pointer, p) })
	if !ok {
		return Fact{}, false
	}
	return facts[i], true
}

// Product returns the product with an id.
func (v *Vendor) Product(id string) (Product, bool) {
	i := slices.IndexFunc(v.Products, func(p Product) bool { return p.ID == id })
	if i < 0 {
		return Product{}, false
	}
	return v.Products[i], true
}

// Feature returns the feature with an id, or else with an alias.
func (v *Vendor) Feature(id string) (Feature, bool) {
	i := slices.IndexFunc(v.Features, func(f Feature) bool { return f.ID == id })
	if i < 0 {
		i = slices.IndexFunc(v.Features, func(f Feature) bool { return slices.Contains(f.Aliases, id) })
	}
	if i < 0 {
		return Feature{}, false
	}
	return v.Features[i], true
}

// SKU returns the SKU with an id.
func (v *Vendor) SKU(id string) (SKU, bool) {
	i := slices.IndexFunc(v.SKUs, func(s SKU) bool { return s.ID == id })
	if i < 0 {
		return SKU{}, false
	}
	return v.SKUs[i], true
}

// HasPlan reports whether the vendor has a plan with this id.
func (v *Vendor) HasPlan(id string) bool {
	return slices.ContainsFunc(v.Plans, func(p Plan) bool { return p.ID == id })
}

// structural are the members of a vendor document that hold no facts.
var structural = []string{"apiVersion", "kind", "metadata", "sources", "products", "plans", "openQuestions", "plan", "entities"}

// An Issue is a problem of a vendor document that its schema has accepted, with
// the rule that it breaks and the JSON pointer of what breaks it.
type Issue struct {
	decision.Problem
	Rule    string
	Pointer string
}

// FromDocument makes a Vendor of a document that its schema has accepted. The
// problems are references that lead nowhere.
func FromDocument(doc document.Document, places []string) (*Vendor, []decision.Problem) {
	v, issues := Inspect(doc, places)
	return v, problems(issues)
}

func problems(issues []Issue) []decision.Problem {
	var list []decision.Problem
	for _, issue := range issues {
		list = append(list, issue.Problem)
	}
	return list
}

// Inspect is FromDocument with what is known of each problem. The Vendor is
// there whatever the problems are.
func Inspect(doc document.Document, places []string) (*Vendor, []Issue) {
	root := doc.Root
	c := &checker{path: doc.Path, root: root}
	v := &Vendor{
		ID: root.Field("metadata").Field("id").Text(), Name: root.Field("metadata").Field("name").Text(),
		URL: root.Field("metadata").Field("url").Text(), Summary: root.Field("metadata").Field("summary").Text(),
		Aliases: root.Field("metadata").Field("aliases").Texts(),
		Path:    doc.Path, Digest: doc.Digest, Open: root.Field("openQuestions").Texts(),
		Sites: map[string]string{}, SourcesAt: map[string]Place{}, Root: Place{root.Line, root.Column},
	}
	each(root.Field("sources"), func(key document.Key, _ *document.Node) { v.SourcesAt[key.Name] = Place{key.Line, key.Column} })
	c.sources = sources(root.Field("sources"))
	v.Sources = c.sources
	c.notOurs()
	each(root.Field("products"), func(key document.Key, node *document.Node) {
		v.Products = append(v.Products, Product{ID: key.Name, Name: node.Field("name").Text(), Hosting: node.Field("hosting").Texts(), Implies: node.Field("implies").Texts()})
	})
	each(root.Field("plans"), func(key document.Key, node *document.Node) {
		v.Plans = append(v.Plans, Plan{ID: key.Name, Name: node.Field("name").Text(), Products: node.Field("products").Texts()})
	})
	each(root.Field("regions").Field("sites"), func(key document.Key, node *document.Node) {
		v.Sites[key.Name] = node.Field("within").Text()
		if within := node.Field("within"); !slices.Contains(places, within.Text()) {
			c.fail("unknown-region", within, "region %q is not in the vocabulary; expected a place of it; see schemas/vocabulary.yaml", within.Text())
		}
	})
	each(root.Field("features"), func(key document.Key, node *document.Node) {
		v.Features = append(v.Features, Feature{ID: key.Name, Name: node.Field("name").Text(), Aliases: node.Field("aliases").Texts(),
			Instead: node.Field("instead").Texts(), Implies: node.Field("implies").Texts(), Place: Place{key.Line, key.Column}})
	})
	each(root.Field("skus"), func(key document.Key, node *document.Node) {
		sku := SKU{ID: key.Name, Name: node.Field("name").Text(), Products: node.Field("products").Texts(), GPU: node.Field("gpu").Text(),
			Memory: node.Field("memory").Text(), Place: Place{key.Line, key.Column}}
		if vcpu := node.Field("vcpu"); vcpu != nil {
			sku.VCPU = fmt.Sprint(vcpu.Value)
		}
		if counts := node.Field("counts"); counts != nil {
			for _, item := range counts.Items {
				var n int
				if _, err := fmt.Sscan(fmt.Sprint(item.Value), &n); err == nil {
					sku.Counts = append(sku.Counts, n)
				}
			}
		}
		v.SKUs = append(v.SKUs, sku)
	})
	c.known = map[string][]string{
		"products": names(root.Field("products")), "plans": names(root.Field("plans")),
		"hosting": {"managed", "hybrid", "byoc", "self-hosted"}, "features": names(root.Field("features")), "skus": names(root.Field("skus")),
		"regions": append(append(names(root.Field("regions").Field("sites")), places...), decision.Unpinned),
	}
	v.Facts = c.facts()
	v.Sections = c.sections
	sort.Slice(v.Sections, func(i, j int) bool { return v.Sections[i].Pointer < v.Sections[j].Pointer })
	c.references()
	return v, c.issues
}

// AccountFromDocument makes an Account of a document that its schema has
// accepted, against the vendor that it is with.
func AccountFromDocument(doc document.Document, vendor *Vendor, places []string) (*Account, []decision.Problem) {
	root := doc.Root
	c := &checker{path: doc.Path, root: root, sources: sources(root.Field("sources"))}
	a := &Account{
		Name: root.Field("metadata").Field("name").Text(), Vendor: vendor.ID, Path: doc.Path, Digest: doc.Digest,
		Plan: root.Field("plan").Text(), Sources: c.sources, Plain: root.Plain(),
	}
	ids := func(n int, id func(int) string) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = id(i)
		}
		return list
	}
	sites := make([]string, 0, len(vendor.Sites))
	for site := range vendor.Sites {
		sites = append(sites, site)
	}
	c.known = map[string][]string{
		"products": ids(len(vendor.Products), func(i int) string { return vendor.Products[i].ID }),
		"plans":    ids(len(vendor.Plans), func(i int) string { return vendor.Plans[i].ID }),
		"hosting":  {"managed", "hybrid", "byoc", "self-hosted"},
		"features": ids(len(vendor.Features), func(i int) string { return vendor.Features[i].ID }),
		"skus":     ids(len(vendor.SKUs), func(i int) string { return vendor.SKUs[i].ID }),
		"regions":  append(append(sites, places...), decision.Unpinned),
	}
	if a.Plan != "" && !vendor.HasPlan(a.Plan) {
		c.fail("unknown-reference", root.Field("plan"), "plan %q is not one of %s; expected one of %s", a.Plan, vendor.ID, strings.Join(c.known["plans"], ", "))
	}
	a.Facts = c.facts()
	c.wholeAccount(a.Facts)
	c.onlyKnown("features", root.Field("features"))
	c.onlyKnown("skus", root.Field("skus"))
	c.onlyKnown("features", root.Field("agreements").Field("baa").Field("scope"))
	c.sort()
	return a, problems(c.issues)
}

// wholeAccount reports a commitment or a credit that is limited to a part of what
// we use: it is set off against all of it.
func (c *checker) wholeAccount(facts []Fact) {
	for _, fact := range facts {
		switch fact.Pointer {
		case "/prices/commitment", "/prices/overageMultiplier", "/prices/credit", "/prices/creditBalance":
		default:
			continue
		}
		for _, claim := range fact.Claims {
			part := claim.Scope
			if part.Plans = nil; part.String() != (Scope{}).String() {
				node, _, _, _ := c.root.At(fmt.Sprintf("%s/%d/scope", fact.Pointer, claim.Index))
				c.fail("partial-commitment", node, "%s is limited to %s; expected all, or plans and rest: all: it is the account's as a whole", strings.TrimPrefix(fact.Pointer, "/prices/"), part)
			}
		}
	}
}

// onlyKnown reports members of an account's section that the vendor does not
// have.
func (c *checker) onlyKnown(what string, node *document.Node) {
	each(node, func(key document.Key, _ *document.Node) {
		if !slices.Contains(c.known[what], key.Name) {
			c.failAt("unknown-reference", "", Place{key.Line, key.Column}, "%s %q is not one of the vendor's; expected one of %s", what, key.Name, strings.Join(c.known[what], ", "))
		}
	})
}

type checker struct {
	path     string
	root     *document.Node
	sources  map[string]decision.Source
	known    map[string][]string
	sections []Section
	issues   []Issue
}

func (c *checker) fail(rule string, node *document.Node, format string, args ...any) {
	pointer, _ := pointerTo(c.root, node, "")
	c.failAt(rule, pointer, Place{node.Line, node.Column}, format, args...)
}

func (c *checker) failAt(rule, pointer string, at Place, format string, args ...any) {
	problem := decision.Problem{Path: c.path, Line: at.Line, Column: at.Column, Message: fmt.Sprintf(format, args...)}
	c.issues = append(c.issues, Issue{problem, rule, pointer})
}

// pointerTo finds a node below another.
func pointerTo(from, node *document.Node, at string) (pointer string, ok bool) {
	if from == node {
		return at, true
	}
	for _, key := range from.Keys {
		if pointer, ok := pointerTo(from.Fields[key.Name], node, at+document.Join(key.Name)); ok {
			return pointer, true
		}
	}
	for i, item := range from.Items {
		if pointer, ok := pointerTo(item, node, fmt.Sprintf("%s/%d", at, i)); ok {
			return pointer, true
		}
	}
	return "", false
}

func sources(node *document.Node) map[string]decision.Source {
	all := map[string]decision.Source{}
	each(node, func(key document.Key, n *document.Node) {
		all[key.Name] = decision.Source{
			ID: key.Name, URL: n.Field("url").Text(), Document: n.Field("document").Text(), Kind: n.Field("kind").Text(),
			Published: n.Field("published").Text(), Read: n.Field("read").Text(), Copy: n.Field("copy").Text(),
			Effective: n.Field("effective").Text(), Until: n.Field("until").Text(),
		}
	})
	return all
}

// facts collects every list of claims, sorted by pointer.
func (c *checker) facts() []Fact {
	var facts []Fact
	for _, key := range c.root.Keys {
		if !slices.Contains(structural, key.Name) {
			facts = append(facts, c.under(c.root.Fields[key.Name], document.Join(key.Name), key)...)
		}
	}
	sort.Slice(facts, func(i, j int) bool { return facts[i].Pointer < facts[j].Pointer })
	return facts
}

func (c *checker) under(node *document.Node, pointer string, at document.Key) []Fact {
	var facts []Fact
	switch node.Kind {
	case document.Map:
		c.sections = append(c.sections, Section{pointer, Place{at.Line, at.Column}})
		for _, key := range node.Keys {
			facts = append(facts, c.under(node.Fields[key.Name], pointer+document.Join(key.Name), key)...)
		}
	case document.List:
		if len(node.Items) == 0 || node.Items[0].Field("scope") == nil {
			return nil
		}
		fact := Fact{Pointer: pointer}
		for i, item := range node.Items {
			fact.Claims = append(fact.Claims, c.claim(item, i))
		}
		facts = append(facts, fact)
	}
	return facts
}

func (c *checker) claim(node *document.Node, index int) Claim {
	claim := Claim{
		Value: node.Field("value").Plain(), Conditions: node.Field("conditions").Texts(), Rejected: node.Field("rejected").Text(),
		Sources: node.Field("sources").Texts(), Note: node.Field("note").Text(), Index: index, Place: Place{node.Line, node.Column},
	}
	claim.Only, _ = node.Field("only").Bool()
	if _, yesNo := claim.Value.(bool); claim.Only && !yesNo {
		c.fail("only-value", node.Field("only"), "only: true stands with a value that is not true or false; outside its scope such a claim would be false; remove it")
	}
	for i, id := range claim.Sources {
		if _, ok := c.sources[id]; !ok {
			c.fail("unknown-source", node.Field("sources").Items[i], "source %q is not listed under sources; expected one of its ids; add it there", id)
		}
	}
	claim.Scope = c.scope(node.Field("scope"))
	return claim
}

func (c *checker) scope(node *document.Node) Scope {
	var scope Scope
	if node.Kind == document.Scalar {
		return scope // all
	}
	for _, part := range []struct {
		name string
		list *[]string
	}{
		{"products", &scope.Products}, {"plans", &scope.Plans}, {"hosting", &scope.Hosting},
		{"regions", &scope.Regions}, {"features", &scope.Features}, {"skus", &scope.SKUs},
	} {
		listed := node.Field(part.name)
		if listed == nil && node.Field("rest") == nil {
			c.fail("scope-unsaid", node, "scope leaves %s unsaid; expected a list or all for it; add it, or rest: all for everything not listed", part.name)
			continue
		}
		if listed == nil || listed.Kind == document.Scalar {
			continue // all
		}
		*part.list = listed.Texts()
		for i, id := range *part.list {
			if !slices.Contains(c.known[part.name], id) {
				c.fail("dead-scope", listed.Items[i], "%s %q is not known; expected one of %s", part.name, id, strings.Join(c.known[part.name], ", "))
			}
		}
	}
	return scope
}

// notOurs reports what only an account may state: that something is executed.
func (c *checker) notOurs() {
	each(c.root.Field("sources"), func(_ document.Key, node *document.Node) {
		if kind := node.Field("kind"); kind.Text() == "executed" {
			c.fail("executed-claim", kind, "kind is \"executed\"; a vendor document cannot say what we have signed; state it in an account")
		}
	})
	each(c.root.Field("agreements"), func(_ document.Key, node *document.Node) {
		if executed := node.Field("executed"); executed != nil {
			c.fail("executed-claim", executed, "a vendor document cannot say what we have executed; state it in an account")
		}
	})
}

// references reports features and products that are named and do not exist,
// and features that two names share.
func (c *checker) references() {
	check := func(list *document.Node, what, section string) {
		for i, id := range list.Texts() {
			if !slices.Contains(c.known[section], id) {
				c.fail("unknown-reference", list.Items[i], "%s %q is not listed under %s; expected one of its ids; add it there", what, id, section)
			}
		}
	}
	each(c.root.Field("products"), func(_ document.Key, node *document.Node) { check(node.Field("implies"), "feature", "features") })
	each(c.root.Field("plans"), func(_ document.Key, node *document.Node) { check(node.Field("products"), "product", "products") })
	each(c.root.Field("skus"), func(_ document.Key, node *document.Node) { check(node.Field("products"), "product", "products") })
	taken := map[string]string{}
	for _, id := range c.known["features"] {
		taken[id] = id
	}
	each(c.root.Field("features"), func(key document.Key, node *document.Node) {
		check(node.Field("implies"), "feature", "features")
		check(node.Field("instead"), "feature", "features")
		for i, alias := range node.Field("aliases").Texts() {
			if other, ok := taken[alias]; ok {
				c.fail("shared-alias", node.Field("aliases").Items[i], "alias %q of feature %q means feature %q already; expected a name of its own; remove it", alias, key.Name, other)
			}
			taken[alias] = key.Name
		}
	})
	each(c.root.Field("agreements").Field("baa").Field("scope"), func(key document.Key, node *document.Node) {
		if !slices.Contains(c.known["features"], key.Name) {
			c.failAt("baa-unknown-feature", document.Join("agreements", "baa", "scope", key.Name), Place{key.Line, key.Column}, "the BAA scope names feature %q, which is not listed under features; expected one of its ids; add it there", key.Name)
		}
	})
	c.sort()
}

// sort puts the problems in the order of the document.
func (c *checker) sort() {
	sort.SliceStable(c.issues, func(i, j int) bool {
		a, b := c.issues[i], c.issues[j]
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
}

func each(node *document.Node, do func(document.Key, *document.Node)) {
	if node == nil {
		return
	}
	for _, key := range node.Keys {
		do(key, node.Fields[key.Name])
	}
}

func names(node *document.Node) []string {
	var list []string
	each(node, func(key document.Key, _ *document.Node) { list = append(list, key.Name) })
	return list
}

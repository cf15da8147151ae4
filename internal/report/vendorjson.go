package report

import (
	"io"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
)

// A vendorView is a vendor document in words: what catalog.json has in short.
type vendorView struct {
	ID            string                     `json:"id"`
	Name          string                     `json:"name"`
	URL           string                     `json:"url,omitempty"`
	Summary       string                     `json:"summary,omitempty"`
	Aliases       []string                   `json:"aliases,omitempty"`
	Path          string                     `json:"path"`
	Digest        string                     `json:"digest"`
	Products      []catalog.Product          `json:"products"`
	Plans         []catalog.Plan             `json:"plans"`
	Regions       map[string]string          `json:"regions,omitempty"` // own region: region of the vocabulary that contains it
	Features      []featureView              `json:"features"`
	SKUs          []skuView                  `json:"skus"`
	Facts         []factView                 `json:"facts"`
	Sources       map[string]decision.Source `json:"sources"`
	OpenQuestions []string                   `json:"openQuestions"`
}

type featureView struct {
	ID      string   `json:"id"`
	Name    string   `json:"name,omitempty"`
	Aliases []string `json:"aliases,omitempty"`
	Instead []string `json:"instead,omitempty"`
	Implies []string `json:"implies,omitempty"`
	Line    int      `json:"line"`
}

type skuView struct {
	ID       string   `json:"id"`
	Name     string   `json:"name,omitempty"`
	Products []string `json:"products,omitempty"`
	GPU      string   `json:"gpu,omitempty"`
	Counts   []int    `json:"counts,omitempty"`
	VCPU     string   `json:"vcpu,omitempty"`
	Memory   string   `json:"memory,omitempty"`
	Line     int      `json:"line"`
}

type factView struct {
	Pointer string      `json:"pointer"`
	Claims  []claimView `json:"claims"`
}

// A claimView's scope is "all", or lists by dimension with "rest": "all" for
// the dimensions that are not listed, as vendor documents have it.
type claimView struct {
	Value      any      `json:"value"`
	Scope      any      `json:"scope"`
	Only       bool     `json:"only,omitempty"`
	Conditions []string `json:"conditions,omitempty"`
	Rejected   string   `json:"rejected,omitempty"`
	Sources    []string `json:"sources"`
	Note       string   `json:"note,omitempty"`
	Line       int      `json:"line"`
	Column     int      `json:"column"`
}

type scopeView struct {
	Products []string `json:"products,omitempty"`
	Plans    []string `json:"plans,omitempty"`
	Hosting  []string `json:"hosting,omitempty"`
	Regions  []string `json:"regions,omitempty"`
	Features []string `json:"features,omitempty"`
	SKUs     []string `json:"skus,omitempty"`
	Rest     string   `json:"rest,omitempty"`
}

func viewScope(s catalog.Scope) any {
	listed := 0
	for _, l := range [][]string{s.Products, s.Plans, s.Hosting, s.Regions, s.Features, s.SKUs} {
		if l != nil {
			listed++
		}
	}
	if listed == 0 {
		return "all"
	}
	view := scopeView{Products: s.Products, Plans: s.Plans, Hosting: s.Hosting, Regions: s.Regions, Features: s.Features, SKUs: s.SKUs}
	if listed < 6 {
		view.Rest = "all"
	}
	return view
}

func viewVendor(v *catalog.Vendor) vendorView {
	view := vendorView{
		ID: v.ID, Name: v.Name, URL: v.URL, Summary: v.Summary, Aliases: v.Aliases, Path: v.Path, Digest: v.Digest,
		Products: list(v.Products), Plans: list(v.Plans), Regions: v.Sites, Features: []featureView{}, SKUs: []skuView{},
		Facts: []factView{}, Sources: v.Sources, OpenQuestions: list(v.Open),
	}
	if view.Sources == nil {
		view.Sources = map[string]decision.Source{}
	}
	for _, f := range v.Features {
		view.Features = append(view.Features, featureView{f.ID, f.Name, f.Aliases, f.Instead, f.Implies, f.Place.Line})
	}
	for _, s := range v.SKUs {
		view.SKUs = append(view.SKUs, skuView{s.ID, s.Name, s.Products, s.GPU, s.Counts, s.VCPU, s.Memory, s.Place.Line})
	}
	for _, f := range v.Facts {
		fact := factView{f.Pointer, []claimView{}}
		for _, c := range f.Claims {
			fact.Claims = append(fact.Claims, claimView{
				Value: c.Value, Scope: viewScope(c.Scope), Only: c.Only, Conditions: c.Conditions, Rejected: c.Rejected,
				Sources: list(c.Sources), Note: c.Note, Line: c.Place.Line, Column: c.Place.Column,
			})
		}
		view.Facts = append(view.Facts, fact)
	}
	return view
}

// VendorJSON writes one vendor document with full words.
func VendorJSON(w io.Writer, v *catalog.Vendor) error { return writeJSON(w, viewVendor(v)) }

// VendorsJSON writes vendor documents as VendorJSON does, in a list.
func VendorsJSON(w io.Writer, vendors []*catalog.Vendor) error {
	views := make([]vendorView, len(vendors))
	for i, v := range vendors {
		views[i] = viewVendor(v)
	}
	return writeJSON(w, views)
}

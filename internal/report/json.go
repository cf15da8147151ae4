package report

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
)

// JSON writes a report as one JSON document, decision by decision. The document
// is that of schemas/report.schema.json, indented by two spaces, without HTML
// escapes, its lists never null, and ends in a newline. Only problems are kept
// in memory: they, and the summary, come last.
//
// After an error nothing more is written, and every call returns that error.
type JSON struct {
	w        io.Writer
	header   decision.Report
	problems []decision.Problem
	started  bool
	listed   bool // some decision has been written
	closed   bool
	err      error
}

// NewJSON starts a report. Of the header, tool, date and digests count; nothing
// is written before the first decision or Close.
func NewJSON(w io.Writer, header decision.Report) *JSON {
	return &JSON{w: w, header: header, problems: append([]decision.Problem{}, header.Errors...)}
}

func (j *JSON) write(data []byte) error {
	if j.err == nil {
		_, j.err = j.w.Write(data)
	}
	return j.err
}

// start writes what precedes the decisions.
func (j *JSON) start(out *bytes.Buffer) error {
	if j.started {
		return nil
	}
	j.started = true
	out.WriteByte('{')
	for _, member := range []struct {
		name  string
		value any
	}{{"tool", j.header.Tool}, {"asOf", j.header.AsOf}, {"policies", j.header.Policies}, {"catalog", j.header.Catalog}} {
		if err := putMember(out, member.name, member.value); err != nil {
			return err
		}
		out.WriteByte(',')
	}
	out.WriteString("\n  \"decisions\": [")
	return nil
}

// Decision adds a decision.
func (j *JSON) Decision(d decision.Decision) error {
	if j.err != nil {
		return j.err
	}
	var out bytes.Buffer
	if j.err = j.start(&out); j.err != nil {
		return j.err
	}
	if j.listed {
		out.WriteByte(',')
	}
	out.WriteString("\n    ")
	if j.err = put(&out, whole(d), "    "); j.err != nil {
		return j.err
	}
	j.listed = true
	return j.write(out.Bytes())
}

// Problem adds an error to be listed at the end.
func (j *JSON) Problem(p decision.Problem) { j.problems = append(j.problems, p) }

// Close writes the errors and the summary, and so ends the document. It does
// not close the writer.
func (j *JSON) Close(summary decision.Summary) error {
	if j.err != nil || j.closed {
		return j.err
	}
	j.closed = true
	var out bytes.Buffer
	if j.err = j.start(&out); j.err != nil {
		return j.err
	}
	if j.listed {
		out.WriteString("\n  ")
	}
	out.WriteString("],")
	if j.err = putMember(&out, "errors", j.problems); j.err != nil {
		return j.err
	}
	out.WriteByte(',')
	if j.err = putMember(&out, "summary", summary); j.err != nil {
		return j.err
	}
	out.WriteString("\n}\n")
	return j.write(out.Bytes())
}

func putMember(out *bytes.Buffer, name string, value any) error {
	out.WriteString("\n  \"" + name + "\": ")
	return put(out, value, "  ")
}

// put writes a value, its lines after the first behind a prefix.
func put(out *bytes.Buffer, value any, prefix string) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent(prefix, "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the newline that Encode adds
	return nil
}

// whole makes the lists of a decision that are nil empty ones, so that a reader
// meets no null where the schema has a list. What it is given stays as it is.
func whole(d decision.Decision) decision.Decision {
	d.Profiles, d.Conditions = list(d.Profiles), list(d.Conditions)
	d.Cost = wholeCost(d.Cost)
	d.Findings = each(d.Findings, func(f decision.Finding) decision.Finding {
		f.Facts, f.Missing, f.References = wholeFacts(f.Facts), list(f.Missing), list(f.References)
		if f.Reasons != nil {
			f.Reasons = each(f.Reasons, func(r decision.Reason) decision.Reason {
				r.Facts = wholeFacts(r.Facts)
				return r
			})
		}
		return f
	})
	if d.Alternatives != nil {
		d.Alternatives = each(d.Alternatives, func(a decision.Alternative) decision.Alternative {
			a.Conditions, a.Cost = list(a.Conditions), wholeCost(a.Cost)
			return a
		})
	}
	if d.Candidates != nil {
		d.Candidates = each(d.Candidates, func(c decision.Candidate) decision.Candidate {
			c.Open, c.Cost = list(c.Open), wholeCost(c.Cost)
			return c
		})
	}
	if d.Rejected != nil {
		d.Rejected = each(d.Rejected, func(r decision.Rejected) decision.Rejected {
			r.Controls, r.Cost = list(r.Controls), wholeCost(r.Cost)
			return r
		})
	}
	return d
}

func wholeCost(c decision.Cost) decision.Cost {
	c.Excludes, c.Lines = list(c.Excludes), list(c.Lines)
	return c
}

func wholeFacts(facts []decision.Fact) []decision.Fact {
	return each(facts, func(f decision.Fact) decision.Fact {
		f.Sources = list(f.Sources)
		return f
	})
}

func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// each maps a list into a new one that is not nil.
func each[T any](l []T, f func(T) T) []T {
	all := make([]T, len(l))
	for i, item := range l {
		all[i] = f(item)
	}
	return all
}

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

// ControlJSON writes one control.
func ControlJSON(w io.Writer, c Control) error { return writeJSON(w, viewControl(c)) }

// ControlsJSON writes controls in a list.
func ControlsJSON(w io.Writer, controls []Control) error {
	return writeJSON(w, each(controls, viewControl))
}

func viewControl(c Control) Control {
	c.References = list(c.References)
	return c
}

func writeJSON(w io.Writer, value any) error {
	var out bytes.Buffer
	if err := put(&out, value, ""); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err := w.Write(out.Bytes())
	return err
}

package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/forecast"
	"github.com/caveat-check/caveat/internal/load"
)

// At is the engine deciding as of another day, an ISO date.
func (e *Engine) At(day string) *Engine {
	other := *e
	other.options.AsOf = day
	if e.waivers != nil {
		other.waivers = e.waivers.On(day)
	}
	if len(e.accounts) > 0 { // their prices may begin and end
		other.expand = maps.Clone(e.expand)
		for _, a := range e.accounts {
			if v, _ := e.vendor(a.Vendor); v != nil {
				other.expand[v.ID] = other.market(v)
			}
		}
	}
	return &other
}

// Forecast decides manifests on every day from that of the engine until another
// on which some decision may change, each as Check would on that day, and says
// what is different. The report has no header.
func (e *Engine) Forecast(ctx context.Context, paths []string, until string) (forecast.Report, error) {
	files, problems := load.Files(paths)
	r := forecast.Report{AsOf: e.options.AsOf, Until: until, Errors: append(e.Unread(), problems...)}
	base := e.Unranked()
	engines := map[string]*Engine{base.options.AsOf: base}
	days := map[string]bool{base.options.AsOf: true}
	for _, file := range files {
		documents, problems := e.loader.File(ctx, file)
		r.Errors = append(r.Errors, problems...)
		for _, doc := range documents {
			if doc.Kind != "Workload" {
				r.Errors = append(r.Errors, wrongKind(doc))
				continue
			}
			last, problems := base.Decide(ctx, doc)
			r.Errors = append(r.Errors, problems...)
			if len(problems) > 0 {
				continue
			}
			for _, d := range last {
				r.Start = append(r.Start, forecast.Start{Manifest: d.Manifest, Offering: d.Offering, Verdict: d.Verdict})
			}
			calendar := base.calendar(doc, until)
			for _, day := range calendar.Days() {
				if err := ctx.Err(); err != nil {
					return r, err
				}
				days[day] = true
				if engines[day] == nil {
					engines[day] = base.At(day)
				}
				now, problems := engines[day].Decide(ctx, doc)
				for _, p := range problems {
					p.Message = "on " + day + ": " + p.Message
					r.Errors = append(r.Errors, p)
				}
				if len(problems) > 0 {
					break
				}
				r.Changes = append(r.Changes, forecast.Between(last, now, day, calendar.Causes(day))...)
				last = now
			}
		}
	}
	r.Days = slices.Sorted(maps.Keys(days))
	slices.SortStableFunc(r.Changes, func(a, b forecast.Change) int { return cmp.Compare(a.Date, b.Date) })
	return r, nil
}

// calendar collects the days on which the decision of a manifest may change:
// from the vendor documents and accounts that it may mean, the waivers, and the
// dates that stand in the manifest and in policies.
func (e *Engine) calendar(doc document.Document, until string) *forecast.Calendar {
	c := forecast.NewCalendar(e.options.AsOf, until)
	rules := e.dateRules()
	placement := doc.Root.Field("spec").Field("placement")
	concerned := func(vendor string) bool {
		named := placement.Field("vendor").Text()
		if named == "" {
			return true
		}
		for _, name := range []string{named, placement.Field("infrastructure").Field("vendor").Text()} {
			if v, _ := e.vendor(name); v != nil && v.ID == vendor {
				return true
			}
		}
		return false
	}
	facts := func(document string, sources map[string]decision.Source, facts []catalog.Fact) {
		for _, id := range slices.Sorted(maps.Keys(sources)) {
			c.Source(document, sources[id], rules)
		}
		for _, fact := range facts {
			for _, claim := range fact.Claims {
				c.Value(forecast.Cause{Kind: "period", Document: document, Pointer: fact.Pointer}, claim.Value, rules)
			}
		}
	}
	for _, v := range e.vendors {
		if concerned(v.ID) {
			facts(v.ID, v.Sources, v.Facts)
		}
	}
	for _, a := range e.accounts {
		if concerned(a.Vendor) {
			facts(a.Name, a.Sources, a.Facts)
		}
	}
	c.Value(forecast.Cause{Kind: "manifest", Document: doc.Path}, doc.Root.Plain(), rules)
	for _, m := range e.modules {
		for _, day := range isoDate.FindAllString(string(m.Source), -1) {
			c.Value(forecast.Cause{Kind: "policy", Document: m.Path}, day, rules)
		}
	}
	for _, p := range e.profiles {
		c.Value(forecast.Cause{Kind: "policy", Document: p.path}, p.Spec.Parameters, rules)
	}
	for _, control := range e.policies.Controls() {
		for _, parameter := range control.Parameters {
			c.Value(forecast.Cause{Kind: "policy", Document: control.Path}, parameter.Default, rules)
		}
	}
	if e.waivers != nil {
		for _, w := range e.waivers.Waivers() {
			c.Waiver(w.Waiver, w.Control)
		}
	}
	return c
}

// isoDate finds the dates of a text, those of points in time, too.
var isoDate = regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}`)

// dateRules are the ages of evidence and the whole numbers among the parameters
// of all profiles and controls: a superset of what is in force for a manifest.
func (e *Engine) dateRules() forecast.Rules {
	var rules forecast.Rules
	number := func(list *[]int, value any) {
		if n, err := json.Number(fmt.Sprint(value)).Int64(); err == nil && n > 0 && n < 36525 && !slices.Contains(*list, int(n)) {
			*list = append(*list, int(n))
		}
	}
	var ages func(value any)
	ages = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, inner := range value {
				if key == "maxAgeDays" {
					number(&rules.Ages, inner)
					if fmt.Sprint(inner) == "0" && !slices.Contains(rules.Ages, 0) {
						rules.Ages = append(rules.Ages, 0)
					}
				}
				ages(inner)
			}
		case []any:
			for _, inner := range value {
				ages(inner)
			}
		}
	}
	for _, p := range e.profiles {
		ages(map[string]any(p.Spec.Evidence))
		for _, value := range p.Spec.Parameters {
			number(&rules.Parameters, value)
		}
	}
	for _, c := range e.policies.Controls() {
		for _, parameter := range c.Parameters {
			number(&rules.Parameters, parameter.Default)
		}
	}
	slices.Sort(rules.Ages)
	slices.Sort(rules.Parameters)
	return rules
}

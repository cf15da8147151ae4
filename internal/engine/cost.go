package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/rank"
)

// Drafts reads the documents of one file as they are written, so that they can
// be changed before they are checked.
func (e *Engine) Drafts(ctx context.Context, path string) ([]load.Draft, []decision.Problem) {
	return e.loader.Drafts(ctx, path)
}

// Estimate says what the manifest of a draft costs on what it places and on
// what else there is. There is none where there are problems, unless a control
// could not be decided: that is a problem, and prices stand.
func (e *Engine) Estimate(ctx context.Context, draft load.Draft) (*cost.Estimate, []decision.Problem) {
	doc, problems := e.workload(draft)
	if len(problems) > 0 {
		return nil, problems
	}
	decisions, problems := e.Decide(ctx, doc)
	if len(decisions) == 0 {
		return nil, problems
	}
	return estimate(doc, decisions), problems
}

func (e *Engine) workload(draft load.Draft) (document.Document, []decision.Problem) {
	doc, problems := e.loader.Check(draft)
	if len(problems) == 0 && doc.Kind != "Workload" {
		problems = []decision.Problem{wrongKind(doc)}
	}
	return doc, problems
}

// wrongKind says that a document is no manifest, and what it is given with.
func wrongKind(doc document.Document) decision.Problem {
	flag := map[string]string{"Vendor": "catalog", "Account": "account", "Profile": "policy", "Waiver": "waivers"}[doc.Kind]
	return decision.Problem{Path: doc.Path, Line: doc.Root.Line, Column: doc.Root.Column, Message: fmt.Sprintf("this is kind %s; expected kind Workload; give it with --%s", doc.Kind, flag)}
}

// estimate puts the decisions of one manifest, one a region that it lists, into
// one comparison.
func estimate(doc document.Document, decisions []decision.Decision) *cost.Estimate {
	order := func(o decision.Offering, c decision.Cost) rank.Option { return rank.Option{Offering: o, Cost: c} }
	d := slices.MaxFunc(decisions, func(a, b decision.Decision) int {
		return rank.Compare(order(a.Offering, a.Cost), order(b.Offering, b.Cost))
	})
	e := &cost.Estimate{Manifest: d.Manifest, Stage: d.Stage, Offering: d.Offering, Verdict: d.Verdict, Cost: d.Cost, Spec: doc.Root.Field("spec")}
	if labels := doc.Root.Field("metadata").Field("labels"); labels != nil && len(labels.Keys) > 0 {
		e.Labels = map[string]string{}
		for name, value := range labels.Fields {
			e.Labels[name] = value.Text()
		}
	}
	placed := map[decision.Offering]bool{}
	for _, p := range decisions {
		placed[p.Offering] = true
		e.Offerings = append(e.Offerings, cost.Row{Offering: p.Offering, Verdict: p.Verdict, Placed: true, Conditions: p.Conditions, Cost: p.Cost, Open: requiredWith(p, decision.Unknown), Refused: requiredWith(p, decision.Fail)})
	}
	add := func(r cost.Row) {
		if !placed[r.Offering] {
			e.Offerings = append(e.Offerings, r)
		}
	}
	for _, a := range d.Alternatives {
		add(cost.Row{Offering: a.Offering, Verdict: a.Verdict, Conditions: a.Conditions, Cost: a.Cost})
	}
	for _, c := range d.Candidates {
		add(cost.Row{Offering: c.Offering, Verdict: c.Verdict, Open: c.Open, Cost: c.Cost})
	}
	for _, r := range d.Rejected {
		add(cost.Row{Offering: r.Offering, Verdict: decision.Failed, Refused: r.Controls, Cost: r.Cost})
	}
	slices.SortStableFunc(e.Offerings, func(a, b cost.Row) int {
		return rank.Compare(order(a.Offering, a.Cost), order(b.Offering, b.Cost))
	})
	for i := range e.Offerings {
		row := &e.Offerings[i]
		row.Rank = i + 1
		if row.Offering != e.Offering {
			row.Difference = cost.Between(e.Side(), cost.Side{Offering: row.Offering, Verdict: row.Verdict, Cost: row.Cost})
		}
	}
	return e
}

// Estimates are what the manifests of some decisions cost where they are placed,
// in their order. They do not tell the manifests' specs.
func Estimates(decisions []decision.Decision) []cost.Estimate {
	var list []cost.Estimate
	for len(decisions) > 0 {
		n := 1
		for n < len(decisions) && decisions[n].Manifest == decisions[0].Manifest {
			n++
		}
		list = append(list, *estimate(document.Document{}, decisions[:n]))
		decisions = decisions[n:]
	}
	return list
}

// requiredWith lists the required controls of one status.
func requiredWith(d decision.Decision, status decision.Status) []string {
	var list []string
	for _, f := range d.Findings {
		if f.Required && f.Status == status {
			list = append(list, f.Control)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// AtList prices one offering for the manifest of a draft at the vendor's list
// prices.
func (e *Engine) AtList(ctx context.Context, draft load.Draft, o decision.Offering) (decision.Cost, []decision.Problem) {
	doc, problems := e.workload(draft)
	if len(problems) > 0 {
		return decision.Cost{}, problems
	}
	r, problems := e.prepare(ctx, doc)
	if len(problems) > 0 {
		return decision.Cost{}, problems
	}
	defer r.close()
	return r.atList(r.subject(o)), r.faulty()
}

// Quotes prices and decides given offerings for the manifest of a draft, in
// their order: placed ones at its stage, others at stage select.
func (e *Engine) Quotes(ctx context.Context, draft load.Draft, series []cost.Series) ([]cost.Quote, []decision.Problem) {
	doc, problems := e.workload(draft)
	if len(problems) > 0 {
		return nil, problems
	}
	r, problems := e.prepare(ctx, doc)
	if len(problems) > 0 {
		return nil, problems
	}
	defer r.close()
	var quotes []cost.Quote
	for _, s := range series {
		pick := r.selection
		if s.Placed {
			pick = r.session
		}
		session, err := pick()
		if err != nil {
			return nil, []decision.Problem{r.problem("", "%v", err)}
		}
		found, err := r.evaluate(ctx, session, r.subject(s.Offering), decide.UntilRefusal)
		if err != nil {
			return nil, []decision.Problem{r.problem("", "%v", err)}
		}
		quotes = append(quotes, cost.Quote{Verdict: found.option.Verdict, Sum: cost.SumOf(s.Offering, found.option.Cost)})
	}
	return quotes, r.faulty()
}

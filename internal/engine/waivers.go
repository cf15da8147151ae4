package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/waiver"
)

// loadWaivers reads the waivers. What is no waiver waives nothing, and the rest is
// decided all the same: e.unread is told with it. The problems are of paths that
// lead nowhere.
func (e *Engine) loadWaivers(ctx context.Context) []decision.Problem {
	if len(e.options.Waivers) == 0 {
		return nil
	}
	files, problems := load.Files(e.options.Waivers)
	var list []waiver.Waiver
	for _, file := range files {
		documents, found := e.loader.File(ctx, file)
		e.unread = append(e.unread, found...)
		for _, doc := range documents {
			if doc.Kind != "Waiver" {
				_, line, column, _ := doc.Root.At("/kind")
				e.unread = append(e.unread, decision.Problem{Path: file, Line: line, Column: column, Message: fmt.Sprintf("this is kind %s; expected kind Waiver; name it elsewhere", doc.Kind)})
				continue
			}
			list = append(list, waiver.Read(doc, waiver.Words{Control: e.unwaivable, Vendor: func(name string) (string, string) {
				v, why := e.vendor(name)
				if v == nil {
					return "", why
				}
				return v.ID, ""
			}}))
		}
	}
	e.waivers = waiver.New(list, e.options.AsOf)
	return problems
}

// unwaivable says why a control cannot be waived, "" where it can: its METADATA
// is the authority.
func (e *Engine) unwaivable(id string) string {
	var ids []string
	for _, c := range e.policies.Controls() {
		if c.ID == id {
			if c.Waivable {
				return ""
			}
			return fmt.Sprintf("control %s cannot be waived; expected one that can; meet it", id)
		}
		ids = append(ids, c.ID)
	}
	return fmt.Sprintf("there is no control %q; `caveat controls list` shows them%s", id, load.DidYouMean(id, ids))
}

// waiverCase is what a waiver is asked for, for the manifest of a run.
func (r *run) waiverCase(control, vendor string) waiver.Case {
	return waiver.Case{Control: control, Workload: r.manifest.ID.Name, Vendor: vendor, MaxDays: r.maxDays, Barred: r.barred}
}

// barred are the controls that some profile does not let be waived, with the
// first such profile.
func barred(profiles []Profile, controls []decide.Control) map[string]string {
	list := map[string]string{}
	for _, c := range controls {
		for _, p := range profiles {
			if only := p.Spec.Waivers.Controls; only != nil && list[c.ID] == "" && !slices.Contains(only, c.ID) {
				list[c.ID] = p.Metadata.Name
			}
		}
	}
	return list
}

// maxDays is the longest that a waiver may last under some profiles: the least
// that one of them says, so that a profile more never lets more through. 0 where
// none says so.
func maxDays(profiles []Profile) int {
	most := 0
	for _, p := range profiles {
		if days := p.Spec.Waivers.MaxDays; days > 0 && (most == 0 || days < most) {
			most = days
		}
	}
	return most
}

// baselineDays is the longest that a waiver may last where no manifest says
// which profiles are in force.
func (e *Engine) baselineDays() int {
	for _, p := range e.profiles {
		if p.Metadata.Name == baseline {
			return p.Spec.Waivers.MaxDays
		}
	}
	return 0
}

// Waivers lists the waivers with what became of them for some manifests and
// what each is worth there. The list has no header.
func (e *Engine) Waivers(ctx context.Context, paths []string) (waiver.List, error) {
	r := waiver.List{AsOf: e.options.AsOf}
	if e.waivers == nil {
		return r, nil
	}
	files, problems := load.Files(paths)
	r.Errors = append(e.Unread(), problems...)
	base := *e
	base.options.Alternatives = max(base.options.Alternatives, 1)
	var seen []waiver.Seen
	worth := map[int][]waiver.Worth{}
	severity := map[int]string{}
	for _, file := range files {
		documents, problems := base.loader.File(ctx, file)
		r.Errors = append(r.Errors, problems...)
		for _, doc := range documents {
			if doc.Kind != "Workload" {
				r.Errors = append(r.Errors, wrongKind(doc))
				continue
			}
			with, asked, problems := base.decide(ctx, doc)
			r.Errors = append(r.Errors, problems...)
			seen = append(seen, asked...)
			for i := range base.waivers.Waivers() {
				if err := ctx.Err(); err != nil {
					return r, err
				}
				waives, saves, problems := base.worth(ctx, doc, i, with)
				r.Errors = append(r.Errors, problems...)
				worth[i] = append(worth[i], saves...)
				if slices.Index(decide.Severities, waives) > slices.Index(decide.Severities, severity[i]) {
					severity[i] = waives
				}
			}
		}
	}
	r.Waivers = base.waivers.List(base.waivers.Uses(seen, base.baselineDays()), severity, worth)
	return r, nil
}

// worth is what one waiver is worth for a manifest: the highest severity that it
// waives in the decisions, and what it saves in each in which it is used.
func (e *Engine) worth(ctx context.Context, doc document.Document, i int, with []decision.Decision) (severity string, list []waiver.Worth, problems []decision.Problem) {
	level := -1
	var used []int
	for n, d := range with {
		waived := false
		for _, f := range d.Findings {
			if f.Waiver != nil && e.waivers.Is(i, *f.Waiver) {
				level = max(level, slices.Index(decide.Severities, f.Severity))
				waived = true
			}
		}
		if waived {
			used = append(used, n)
		}
	}
	if len(used) == 0 {
		return "", nil, nil
	}
	if level >= 0 {
		severity = decide.Severities[level]
	}
	less := *e
	less.waivers = e.waivers.Without(i)
	without, problems := less.Decide(ctx, doc)
	if len(problems) > 0 || len(without) == 0 {
		return severity, nil, problems
	}
	for _, n := range used {
		list = append(list, worthOf(with[n], without[min(n, len(without)-1)]))
	}
	return severity, list, nil
}

// worthOf is what a waiver saves in one decision, given the decision without it.
func worthOf(with, without decision.Decision) waiver.Worth {
	w := waiver.Worth{Manifest: with.Manifest, Offering: with.Offering, Currency: with.Cost.Currency}
	if with.Verdict != decision.Passed {
		w.Why = "it does not pass with the waiver either"
		return w
	}
	var costs []decision.Cost // of what passes without it
	if without.Verdict == decision.Passed {
		costs = append(costs, without.Cost)
	}
	for _, a := range without.Alternatives {
		costs = append(costs, a.Cost)
	}
	switch {
	case len(costs) == 0:
		w.Why = "nothing passes without the waiver"
	case with.Cost.Expected == nil:
		w.Why = "what is placed has no complete cost"
	case without.Verdict == decision.Passed && without.Offering == with.Offering:
		none := decimal.Zero // advice
		w.Amount = &none
	default:
		for _, c := range costs {
			if c.Expected == nil || c.Currency != w.Currency {
				continue
			}
			if more := c.Expected.Sub(*with.Cost.Expected); w.Amount == nil || more.LessThan(*w.Amount) {
				w.Amount = &more
			}
		}
		if w.Amount == nil {
			w.Why = "what passes without the waiver has no complete cost"
		}
	}
	return w
}

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/engine"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/report"
)

// costFlags are the flags of caveat cost.
type costFlags struct {
	engineFlags
	outputs []string
	whatIf  []string
	sweep   string
	svg     string
	by      []string
	diff    string
	verbose bool

	changes []cost.Change
	values  *cost.Range
	listed  bool // list prices are asked for, line by line
}

var costFormats = []string{"table", "json", "csv", "markdown"}

func costCommand(sys Sys) *cobra.Command {
	var f costFlags
	cmd := &cobra.Command{
		Use:   "cost PATH...",
		Short: "Price manifests: breakdown, comparison, totals, and what a change costs",
		Long: `Prices each workload manifest under the paths (files, folders, or - for standard
input) on the offering that it places and on what else there is: every line of
the bill, a comparison with verdicts, and totals.

--what-if changes a field under spec before pricing; --sweep varies one quantity
and draws what that does; --diff says what the manifests cost against those of a
git revision or a folder, both sides at the same prices.

Exit status: 0 everything could be priced, whatever the verdicts and unknown
amounts; 2 bad usage, bad input, bad policy or any fault.`,
		Example: `  caveat cost workload.yaml
  caveat cost --what-if usage.gpuHours=200 workload.yaml
  caveat cost --sweep usage.gpuHours=10..400 --svg sweep.svg workload.yaml
  caveat cost --by owner --by label:team -o table -o csv=focus.csv workloads/
  caveat cost --diff main -o markdown workloads/`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("nothing to price; expected manifests, folders or -; `caveat init workload.yaml` writes a manifest")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, sys, once(args)) },
	}
	f.register(cmd)
	f.registerManifest(cmd)
	f.registerWaivers(cmd)
	flags := cmd.Flags()
	flags.IntVar(&f.options.Alternatives, "alternatives", 5, "compare at most `N` alternatives, candidates and refused offerings each; 0 prices only what is placed, as --diff does")
	flags.BoolVar(&f.options.All, "all", false, "compare every offering, not just one for each vendor and hosting")
	flags.StringArrayVar(&f.whatIf, "what-if", nil, "price as if a field under spec had another value: `PATH=VALUE`, such as usage.gpuHours=200 (repeatable)")
	flags.StringVar(&f.sweep, "sweep", "", "vary one quantity: `PATH=FROM..TO[/POINTS]`, such as usage.gpuHours=10..400 (default 21 points)")
	flags.StringVar(&f.svg, "svg", "", "write the chart of --sweep to this `FILE`")
	flags.StringArrayVar(&f.by, "by", nil, "totals for each `GROUP`: owner, vendor or label:KEY (repeatable)")
	flags.StringVar(&f.diff, "diff", "", "compare with the same paths in a git revision or a folder: `REV|FOLDER`")
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, "`FORMAT[=FILE]`: table, json, csv (FOCUS 1.2) or markdown (repeatable; default table)")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "show every cost line of every offering")
	for flag, words := range map[string][]string{"output": costFormats, "by": {"owner", "vendor", "label:"}} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

// check checks every flag before any work begins.
func (f *costFlags) check(cmd *cobra.Command, args []string) ([]target, error) {
	if err := f.checkManifest(cmd); err != nil {
		return nil, err
	}
	if f.options.Alternatives < 0 {
		return nil, fmt.Errorf("--alternatives is %d; expected 0 or more", f.options.Alternatives)
	}
	if err := checkDiff(cmd, f.diff, args); err != nil {
		return nil, err
	}
	for _, text := range f.whatIf {
		change, err := parseChange(text)
		if err != nil {
			return nil, fmt.Errorf("--what-if %s: %w", text, err)
		}
		f.changes = append(f.changes, change)
	}
	if cmd.Flags().Changed("sweep") {
		values, err := cost.ParseRange(f.sweep)
		if err != nil {
			return nil, fmt.Errorf("--sweep %s: %w", f.sweep, err)
		}
		f.values = &values
	}
	for i, text := range f.by {
		by, err := cost.ParseBy(text)
		if err != nil {
			return nil, fmt.Errorf("--by: %w", err)
		}
		if slices.Contains(f.by[:i], by) {
			return nil, fmt.Errorf("--by %s stands there twice; expected each group once", by)
		}
	}
	switch {
	case cmd.Flags().Changed("svg") && f.svg == "":
		return nil, errors.New("--svg names no file; expected one")
	case f.svg == "-":
		return nil, errors.New("--svg is -; expected a file")
	case f.svg != "" && f.values == nil:
		return nil, errors.New("--svg draws a sweep and there is none; expected --sweep PATH=FROM..TO, too")
	case f.diff != "" && (f.values != nil || len(f.changes) > 0):
		return nil, errors.New("--diff compares manifests as they are; expected no --what-if and no --sweep beside it; run them apart")
	}
	if f.diff != "" && !cmd.Flags().Changed("alternatives") {
		f.options.Alternatives = 0 // a diff is of what is placed
	}
	targets, err := parseOutputs(f.outputs, costFormats...)
	if err == nil && f.svg != "" {
		targets = append(targets, newTarget("svg", f.svg))
		err = apart(targets)
	}
	return targets, err
}

func parseChange(text string) (cost.Change, error) {
	path, value, ok := strings.Cut(text, "=")
	if !ok {
		return cost.Change{}, errors.New("there is no value; expected PATH=VALUE, such as usage.gpuHours=200")
	}
	parts, err := cost.Path(path)
	if err != nil {
		return cost.Change{}, err
	}
	node, err := load.Value(value)
	if err != nil {
		return cost.Change{}, err
	}
	return cost.Change{Text: text, Parts: parts, Value: node}, nil
}

func (f *costFlags) run(cmd *cobra.Command, sys Sys, args []string) error {
	targets, err := f.check(cmd, args)
	if err != nil {
		return err
	}
	if err := f.overInput(cmd, sys, targets, args, "a manifest that is to be priced"); err != nil {
		return err
	}
	ctx := cmd.Context()
	e, err := f.load(cmd, sys)
	if err != nil {
		return err
	}
	f.listed = slices.ContainsFunc(targets, func(t target) bool { return t.format == "csv" })
	var base *side
	if f.diff != "" {
		if base, err = newSide(ctx, f.diff, args); err != nil {
			return err
		}
		defer base.remove()
		if err := overInput(targets, base.files, "a manifest that is compared with"); err != nil {
			return err
		}
		args = base.present(args)
	}
	files, found := load.Files(args)
	outputs, err := open(ctx, sys, targets)
	if err != nil {
		return err
	}
	defer outputs.discard()

	estimates, more := f.estimates(ctx, e, files)
	found = append(found, more...)
	r := f.report(e, estimates, append(e.Unread(), found...))
	if f.diff != "" {
		f.against(ctx, e, sys, base, &r)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	problems(sys.Stderr, r.Errors)
	if len(r.Estimates) == 0 && r.Diff == nil && len(r.Errors) == 0 {
		return errors.New("nothing was priced; expected at least one manifest of kind Workload")
	}
	if f.svg != "" && len(r.Estimates) != 1 {
		if len(r.Errors) > 0 {
			return status(ExitError)
		}
		return fmt.Errorf("--svg draws one sweep and there are %d manifests; expected one; run it for each", len(r.Estimates))
	}
	if err := f.write(sys, e, outputs, r); err != nil {
		return err
	}
	if len(r.Errors) > 0 {
		return status(ExitError)
	}
	return nil
}

// estimates prices the manifests of files, in the order of the files.
func (f *costFlags) estimates(ctx context.Context, e *engine.Engine, files []string) ([]cost.Estimate, []decision.Problem) {
	type result struct {
		estimates []cost.Estimate
		problems  []decision.Problem
	}
	results := make([]result, len(files))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for i, file := range files {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			drafts, found := e.Drafts(ctx, file)
			results[i].problems = found
			for _, draft := range drafts {
				estimate, found := f.estimate(ctx, e, draft)
				results[i].problems = append(results[i].problems, found...)
				if estimate != nil {
					results[i].estimates = append(results[i].estimates, *estimate)
				}
			}
		})
	}
	group.Wait()
	var estimates []cost.Estimate
	var problems []decision.Problem
	for _, r := range results {
		estimates, problems = append(estimates, r.estimates...), append(problems, r.problems...)
	}
	return estimates, problems
}

// estimate prices one manifest, as it is or as it is asked for, and varies its
// quantity.
func (f *costFlags) estimate(ctx context.Context, e *engine.Engine, draft load.Draft) (*cost.Estimate, []decision.Problem) {
	estimate, problems := e.Estimate(ctx, draft)
	if estimate == nil {
		return nil, problems
	}
	if len(f.changes) > 0 {
		before := estimate.Side()
		other, changed, found := apply(draft, f.changes)
		if len(found) > 0 {
			return nil, append(problems, found...)
		}
		estimate, found = e.Estimate(ctx, other)
		problems = append(problems, blame(ctx, e, draft, f.changes, problems, found)...)
		if estimate == nil {
			return nil, problems
		}
		estimate.WhatIf = &cost.WhatIf{Changes: changed, Before: before, Difference: cost.Between(before, estimate.Side())}
		draft = other
	}
	if f.listed && estimate.Cost.List != nil {
		at, found := e.AtList(ctx, draft, estimate.Offering)
		estimate.Listed, problems = at.Lines, append(problems, found...)
	}
	if f.values != nil {
		sweep, found := f.swept(ctx, e, draft, *estimate)
		problems = append(problems, found...)
		if sweep == nil {
			return nil, problems
		}
		estimate.Sweep = sweep
	}
	return estimate, problems
}

// apply makes another draft with fields changed.
func apply(draft load.Draft, changes []cost.Change) (load.Draft, []cost.Changed, []decision.Problem) {
	draft.Root = draft.Root.Clone()
	var list []cost.Changed
	for _, c := range changes {
		changed, err := c.Apply(draft.Root)
		if err != nil {
			return draft, nil, []decision.Problem{{Path: draft.Path, Line: draft.Root.Line, Column: draft.Root.Column, Message: fmt.Sprintf("with --what-if %s: %v", c.Text, err)}}
		}
		list = append(list, changed)
	}
	return draft, list, nil
}

// blame says of each problem which change makes it: those that make it alone,
// else all of them. What has been told without the changes is left out.
func blame(ctx context.Context, e *engine.Engine, draft load.Draft, changes []cost.Change, told, problems []decision.Problem) []decision.Problem {
	if len(problems) == 0 {
		return nil
	}
	alone := make([][]decision.Problem, len(changes))
	for i := range changes {
		other, _, found := apply(draft, changes[i:i+1])
		if len(found) == 0 && len(changes) > 1 {
			_, alone[i] = e.Estimate(ctx, other)
		}
	}
	var list []decision.Problem
	for _, p := range problems {
		if slices.Contains(told, p) {
			continue
		}
		var names []string
		for i, c := range changes {
			if slices.Contains(alone[i], p) {
				names = append(names, "--what-if "+c.Text)
			}
		}
		if len(names) == 0 {
			for _, c := range changes {
				names = append(names, "--what-if "+c.Text)
			}
		}
		p.Message = "with " + strings.Join(names, " and ") + ": " + p.Message
		list = append(list, p)
	}
	return list
}

// swept prices what is placed and the first of what else there is at every
// value of a range.
func (f *costFlags) swept(ctx context.Context, e *engine.Engine, draft load.Draft, estimate cost.Estimate) (*cost.Sweep, []decision.Problem) {
	s := &cost.Sweep{Path: strings.Join(f.values.Parts, "."), Unit: f.values.Unit, Series: series(estimate)}
	for _, value := range f.values.Values {
		node, err := load.Value(f.values.Written(value))
		if err != nil {
			return nil, []decision.Problem{{Path: draft.Path, Message: fmt.Sprintf("--sweep %s: %v", f.values.Text, err)}}
		}
		change := cost.Change{Text: s.Path + "=" + f.values.Written(value), Parts: f.values.Parts, Value: node}
		other, changed, found := apply(draft, []cost.Change{change})
		var quotes []cost.Quote
		if len(found) == 0 {
			quotes, found = e.Quotes(ctx, other, s.Series)
		}
		if len(found) > 0 {
			for i := range found {
				found[i].Message = fmt.Sprintf("--sweep at %s: %s", change.Text, strings.TrimPrefix(found[i].Message, "with --what-if "+change.Text+": "))
			}
			return nil, found
		}
		s.Now, s.Replaced = changed[0].Before, changed[0].Replaced
		s.Points = append(s.Points, cost.Point{Value: value, Quotes: quotes})
	}
	s.Mark()
	return s, nil
}

// series are what is placed, then what passes, is in review and is refused,
// each from the cheapest.
func series(e cost.Estimate) []cost.Series {
	list := []cost.Series{{Offering: e.Offering, Verdict: e.Verdict, Placed: true}}
	for _, verdict := range []decision.Verdict{decision.Passed, decision.Review, decision.Failed} {
		for _, row := range e.Offerings {
			if row.Offering != e.Offering && row.Verdict == verdict && len(list) < cost.MostSeries {
				list = append(list, cost.Series{Offering: row.Offering, Verdict: row.Verdict, Placed: row.Placed})
			}
		}
	}
	return list
}

func (f *costFlags) report(e *engine.Engine, estimates []cost.Estimate, problems []decision.Problem) cost.Report {
	header := e.Header(decision.Tool{Name: "caveat", Version: Version()})
	r := cost.Report{Tool: header.Tool, AsOf: header.AsOf, Policies: header.Policies, Catalog: header.Catalog, Estimates: estimates, Errors: problems}
	r.Accounts, r.Totals = cost.Totals(estimates, f.by, e)
	if len(f.changes) > 0 {
		before := slices.Clone(estimates)
		for i, estimate := range estimates {
			was := estimate.WhatIf.Before
			before[i].Offering, before[i].Verdict, before[i].Cost = was.Offering, was.Verdict, was.Cost
			before[i].Spec = nil // that of after
		}
		_, old := cost.Totals(before, f.by, e)
		r.Totals = cost.Against(old, r.Totals)
	}
	return r
}

// against prices the other side and compares.
func (f *costFlags) against(ctx context.Context, e *engine.Engine, sys Sys, base *side, r *cost.Report) {
	before, found := base.estimates(ctx, e, sys)
	r.Errors = append(r.Errors, found...)
	d := cost.Compare(f.diff, before, r.Estimates, e)
	r.Diff = &d
	_, old := cost.Totals(before, f.by, e)
	r.Totals = cost.Against(old, r.Totals)
}

// write writes every output and puts its file in place.
func (f *costFlags) write(sys Sys, e *engine.Engine, outputs outputs, r cost.Report) error {
	_ = outputs.each(func(s *sink) error {
		var out bytes.Buffer
		var err error
		switch s.format {
		case "json":
			err = report.CostJSON(&out, r)
		case "csv":
			var left int
			left, err = report.Focus(&out, r, vendorName(e))
			if err == nil && left > 0 {
				fmt.Fprintln(sys.Stderr, leftOut(left))
			}
		case "markdown":
			err = report.CostMarkdown(&out, r)
		case "svg":
			err = report.SweepSVG(&out, r.Estimates[0])
		default:
			table := newTable(sys, s.w, f.verbose)
			table.W = &out
			err = table.Costs(r)
		}
		if err == nil {
			_, err = s.w.Write(out.Bytes())
		}
		if err != nil {
			return err
		}
		return s.commit()
	})
	return outputs.failure()
}

// vendorName gives a vendor's name by its id, which stands in for one that is
// not in the catalog.
func vendorName(e *engine.Engine) func(string) string {
	return func(id string) string {
		if v, err := e.Vendor(id); err == nil && v.Name != "" {
			return v.Name
		}
		return id
	}
}

func leftOut(lines int) string {
	if lines == 1 {
		return "note: csv leaves out 1 cost line whose amount is not known; -o table shows it"
	}
	return fmt.Sprintf("note: csv leaves out %d cost lines whose amount is not known; -o table shows them", lines)
}

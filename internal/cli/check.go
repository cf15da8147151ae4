package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/engine"
	"github.com/caveat-check/caveat/internal/report"
)

// checkFlags are the flags of caveat check.
type checkFlags struct {
	engineFlags
	gateFlags
	outputs      []string
	changedSince string
	diff         string
	verbose      bool
}

// engineFlags are the flags of every command that loads an engine.
type engineFlags struct {
	options engine.Options
	asOf    string
}

func (f *engineFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.options.Catalog, "catalog", nil, "folder or file (`PATH`) of vendor documents beside the shipped ones; the same vendor id replaces (repeatable)")
	flags.BoolVar(&f.options.NoDefaultCatalog, "no-default-catalog", false, "leave the shipped vendor documents out")
	flags.StringArrayVar(&f.options.Policies, "policy", nil, "`FOLDER` of controls and profiles beside the shipped ones (repeatable)")
	flags.StringArrayVar(&f.options.Accounts, "account", nil, "file or folder (`PATH`) of accounts: where we stand with a vendor (repeatable)")
	flags.StringVar(&f.asOf, "as-of", "", "decide as of this `DATE` (default: today, UTC)")
}

// registerManifest adds the flags of commands that read manifests.
func (f *engineFlags) registerManifest(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.options.Profiles, "profile", nil, "profile `NAME` beside those that the data classes bring (repeatable)")
	flags.StringVar(&f.options.Stage, "stage", "", "`STAGE`: select (what we might buy) or operate (what we run), instead of what each manifest says")
	_ = cmd.RegisterFlagCompletionFunc("stage", cobra.FixedCompletions([]string{"select", "operate"}, cobra.ShellCompDirectiveNoFileComp))
}

// checkManifest checks the flags of registerManifest.
func (f *engineFlags) checkManifest(cmd *cobra.Command) error {
	if cmd.Flags().Changed("stage") && f.options.Stage != "select" && f.options.Stage != "operate" {
		return fmt.Errorf("--stage is %q; expected select or operate", f.options.Stage)
	}
	return nil
}

func (f *engineFlags) load(cmd *cobra.Command, sys Sys) (*engine.Engine, error) {
	if cmd.Flags().Changed("as-of") && f.asOf == "" {
		return nil, errors.New("--as-of is empty; expected a date such as 2026-11-23")
	}
	day, err := today(sys, f.asOf)
	if err != nil {
		return nil, err
	}
	f.options.AsOf = day
	for _, paths := range []*[]string{&f.options.Catalog, &f.options.Policies, &f.options.Accounts, &f.options.Waivers} {
		*paths = once(*paths)
	}
	f.options.Stdin = sys.stdin(cmd.Context())
	e, found := engine.New(cmd.Context(), f.options)
	if err := cmd.Context().Err(); err != nil {
		return nil, err // and not a problem of each file that was not read
	}
	if len(found) > 0 {
		problems(sys.Stderr, found)
		return nil, status(ExitError)
	}
	return e, nil
}

func checkCommand(sys Sys) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check PATH...",
		Short: "Decide manifests: findings, cost, and cost-ranked alternatives",
		Long: `Decides each workload manifest under the paths (files, folders, or - for standard
input) and prints findings, cost and what else could run it.

Exit status: 0 everything passes; 1 some verdict is fail; 3 none fails and some
is review (0 with --fail-on-unknown=never); 2 bad usage, bad input, bad policy
or any fault, whatever else passed. --fail-on and --baseline let findings through
that are mild or known: they change the exit status, and no verdict.`,
		Example: `  caveat check workload.yaml
  caveat check --stage select --alternatives 5 workload.yaml
  caveat check --waivers waivers/ workloads/
  caveat check --account accounts/ --profile procurement workloads/
  caveat check -o json=report.json -o table workload.yaml
  caveat check --fail-on high --baseline accepted.json workloads/
  caveat check --changed-since main workloads/
  caveat check --diff main -o markdown=comment.md workloads/
  caveat check --fail-on-unknown=never $(git diff --cached --name-only -- '*.yaml')`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("nothing to check; expected manifests, folders or -; `caveat init workload.yaml` writes a manifest")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, sys, args) },
	}
	f.register(cmd)
	f.registerManifest(cmd)
	f.registerWaivers(cmd)
	flags := cmd.Flags()
	flags.IntVar(&f.options.Alternatives, "alternatives", 3, "show at most `N` alternatives, candidates and rejected each; 0 decides only what is placed")
	flags.BoolVar(&f.options.All, "all", false, "list every offering, not just one for each vendor and hosting")
	flags.StringVar(&f.failOnUnknown, "fail-on-unknown", "required", "`WHEN` to exit 3 on unknown: never, required findings, or any finding")
	flags.StringVar(&f.failOn, "fail-on", "low", "least `SEVERITY` of a finding that makes the exit status 1 or 3: low, medium, high or critical")
	flags.StringVar(&f.baseline, "baseline", "", "saved JSON report (`FILE`): findings that are in it do not make the exit status 1 or 3")
	flags.StringVar(&f.changedSince, "changed-since", "", "check only manifests whose verdict may have changed since this git `REV`")
	flags.StringVar(&f.diff, "diff", "", "say what the manifests cost against the same paths in a git revision or a folder: `REV|FOLDER`")
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, "`FORMAT[=FILE]`: "+choice(report.Formats())+" (repeatable; default table)")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "show what passed, what does not apply, and every cost line")
	flags.IntVar(&f.options.Workers, "workers", 0, "manifests decided at once, at most `N` (default: one for each core)")
	for flag, words := range map[string][]string{"fail-on-unknown": {"never", "required", "any"}, "fail-on": decide.Severities, "output": report.Formats()} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

func (f *checkFlags) run(cmd *cobra.Command, sys Sys, args []string) error {
	if err := f.checkManifest(cmd); err != nil {
		return err
	}
	if err := f.gateFlags.check(); err != nil {
		return err
	}
	if cmd.Flags().Changed("baseline") && f.baseline == "" {
		return errors.New("--baseline names no file; expected a saved report")
	}
	if err := f.checkChanged(cmd.Flags().Changed("changed-since"), args); err != nil {
		return err
	}
	if err := checkDiff(cmd, f.diff, args); err != nil {
		return err
	}
	if f.options.Alternatives < 0 {
		return fmt.Errorf("--alternatives is %d; expected 0 or more", f.options.Alternatives)
	}
	if f.options.Workers < 0 {
		return fmt.Errorf("--workers is %d; expected 1 or more, or 0 for one for each core", f.options.Workers)
	}
	targets, err := parseOutputs(f.outputs, report.Formats()...)
	if err != nil {
		return err
	}
	if err := f.overInput(cmd, sys, targets, args, "a manifest that is to be checked"); err != nil {
		return err
	}
	gate, found := newGate(f.gateFlags)
	if len(found) > 0 {
		problems(sys.Stderr, found)
		return status(ExitError)
	}
	e, err := f.load(cmd, sys)
	if err != nil {
		return err
	}
	gate.on(f.options.AsOf)
	var base *side
	if f.diff != "" {
		if base, err = newSide(cmd.Context(), f.diff, args); err != nil {
			return err
		}
		defer base.remove()
		if err := overInput(targets, base.files, "a manifest that is compared with"); err != nil {
			return err
		}
		args = base.present(args)
	}
	if f.changedSince != "" {
		file, err := findConfig(cmd, sys)
		if err != nil {
			return err
		}
		others := slices.DeleteFunc([]string{file, f.baseline}, func(path string) bool { return path == "" })
		if args, err = f.selectChanged(cmd.Context(), sys, e, args, others); err != nil {
			return err
		}
		base.only(args)
	}
	outputs, err := openReports(cmd.Context(), sys, targets, e.Header(decision.Tool{Name: "caveat", Version: Version()}), report.Options{Verbose: f.verbose, Controls: controlViews(e), Inside: e.Inside()})
	if err != nil {
		return err
	}
	defer outputs.discard()
	return f.check(cmd.Context(), sys, e, args, outputs, gate, base)
}

func (f *checkFlags) check(ctx context.Context, sys Sys, e *engine.Engine, args []string, outputs outputs, gate *gate, base *side) error {
	var summary decision.Summary
	var after []cost.Estimate
	progress := newProgress(sys)
	defer progress.done()
	err := e.Check(ctx, once(args), func(r engine.Result) error {
		outputs.waivers(r.Waivers)
		progress.step()
		if base != nil {
			after = append(after, engine.Estimates(r.Decisions)...)
		}
		for _, d := range r.Decisions {
			switch d.Verdict {
			case decision.Passed:
				summary.Pass++
			case decision.Failed:
				summary.Fail++
			default:
				summary.Review++
			}
			gate.add(d)
			if err := outputs.decision(d); err != nil {
				return err
			}
		}
		for _, p := range r.Problems {
			summary.Errors++
			outputs.problem(p)
		}
		if len(r.Problems) > 0 {
			progress.clear()
			problems(sys.Stderr, r.Problems)
		}
		return nil
	})
	if err != nil {
		return err
	}
	progress.done()
	if base != nil {
		if c := base.change(ctx, e, sys, f.diff, after); len(c.Totals) > 0 { // else nothing has changed
			outputs.costChange(c)
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := outputs.close(summary); err != nil {
		return err
	}
	gate.note(sys.Stderr)
	switch {
	case summary.Errors > 0:
		return status(ExitError)
	case gate.exit != ExitPass:
		return status(gate.exit)
	}
	return nil
}

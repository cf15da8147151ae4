package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/engine"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/report"
)

// reportCommand converts. It exits 0 whatever the verdicts: check has given
// them with its own exit status, and a job that keeps artefacts of a failed
// check must not fail for that.
func reportCommand(sys Sys) *cobra.Command {
	var formats []string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "Write a saved report in other formats",
		Long: `Reads the JSON report that check wrote to FILE (- for standard input) and writes
it in other formats. Nothing is decided again.

Exit status: 0 the report was written, whatever its verdicts: the gate is the
exit status of check; 2 bad usage, not a report, a report of a newer version, or
any fault.`,
		Example: `  caveat check -o json=report.json workload.yaml
  caveat report report.json -o sarif=out.sarif -o junit=junit.xml
  caveat report report.json`,
		Args: exactly(1, "a report that `caveat check -o json=FILE` wrote, or -"),
		RunE: func(cmd *cobra.Command, args []string) error {
			targets, err := parseOutputs(formats, report.Formats()...)
			if err != nil {
				return err
			}
			if err := overInput(targets, args, "the report that is to be read"); err != nil {
				return err
			}
			loader, err := load.New(sys.stdin(cmd.Context()))
			if err != nil {
				return err
			}
			saved, found := loader.Report(args[0], Version())
			if len(found) > 0 {
				problems(sys.Stderr, found)
				return status(ExitError)
			}
			decisions, waivers, change, faults := saved.Decisions, saved.Waivers, saved.CostChange, saved.Errors
			saved.Decisions, saved.Waivers, saved.CostChange, saved.Errors = nil, nil, nil, nil
			options := report.Options{Verbose: verbose}
			if slices.ContainsFunc(targets, func(t target) bool { return t.format == "sarif" }) {
				if err := describe(cmd.Context(), &options, saved); err != nil {
					return err
				}
			}
			outputs, err := openReports(cmd.Context(), sys, targets, saved, options)
			if err != nil {
				return err
			}
			defer outputs.discard()
			for _, d := range decisions {
				if err := outputs.decision(d); err != nil {
					return err
				}
			}
			outputs.waivers(waivers)
			outputs.costChange(change)
			for _, p := range faults {
				outputs.problem(p)
			}
			problems(sys.Stderr, faults) // as check does: table and csv have no place for them
			return outputs.close(saved.Summary)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&formats, "output", "o", nil, fmt.Sprintf("`FORMAT[=FILE]`: %s (repeatable; default table)", choice(report.Formats())))
	flags.BoolVarP(&verbose, "verbose", "v", false, "show what passed and what does not apply, where the format leaves it out otherwise")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(report.Formats(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// describe adds what a report does not hold, where it was decided with the
// controls, or the catalog, of this program: the digests tell.
func describe(ctx context.Context, options *report.Options, saved decision.Report) error {
	e, found := engine.New(ctx, engine.Options{AsOf: saved.AsOf})
	if len(found) > 0 {
		return found[0]
	}
	shipped := e.Header(saved.Tool)
	if shipped.Policies == saved.Policies {
		options.Controls = controlViews(e)
	}
	if shipped.Catalog == saved.Catalog {
		options.Inside = e.Inside()
	}
	return nil
}

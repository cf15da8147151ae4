package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/engine"
	"github.com/caveat-check/caveat/internal/lint"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/report"
)

// lintFlags are the flags of caveat vendors lint. It needs no engine: what it
// looks at may be what an engine would refuse.
type lintFlags struct {
	catalog   []string
	noDefault bool
	asOf      string
	maxAge    int
	failOn    string
	output    string
	verbose   bool
}

func lintCommand(sys Sys) *cobra.Command {
	var f lintFlags
	cmd := &cobra.Command{
		Use: "lint [PATH...]", Short: "Look for what is doubtful in vendor documents: old sources, contradictions, prices without billing rules",
		Long: `Looks for what is wrong or doubtful in vendor documents: those under the paths
(files, folders, or - for standard input), or else those of the catalog.

  error    unknown-source, baa-unknown-feature, dead-scope and others: a name
           that the document does not list, so that caveat check refuses it;
           contradiction: claims that hold for one offering, differ, and none
           is rejected; source-dates: read before it was published
  warning  unused-source, undated-source, stale-source, future-source;
           duplicate-claim; dead-scope: what is never sold together;
           no-billing-increment: a price by time that cannot be billed
  note     no-billing-rule: rounding, boot or idle time is not stated

Exit status: 0 no error; 1 some error (or warning or note, with --fail-on); 2 a
document that cannot be read or breaks its schema, or bad usage.`,
		Example: `  caveat vendors lint
  caveat vendors lint --fail-on warning --max-age 180 caveat/vendors
  caveat vendors lint -o json acme.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, sys, args) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.catalog, "catalog", nil, "folder or file (`PATH`) of vendor documents beside the shipped ones; the same vendor id replaces (repeatable)")
	flags.BoolVar(&f.noDefault, "no-default-catalog", false, "leave the shipped vendor documents out")
	flags.StringVar(&f.asOf, "as-of", "", "the age of sources is that on this `DATE` (default: today, UTC)")
	flags.IntVar(&f.maxAge, "max-age", 365, "a source older than so many `DAYS` is stale")
	flags.StringVar(&f.failOn, "fail-on", "error", "least `SEVERITY` with which the exit status is 1: error, warning or note")
	flags.StringVarP(&f.output, "output", "o", "table", "`FORMAT`: table or json")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "show notes")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{"error", "warning", "note"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// check checks the flags, and returns the date of the run.
func (f *lintFlags) check(cmd *cobra.Command, sys Sys, args []string) (time.Time, error) {
	given := cmd.Flags().Changed // settings from elsewhere hold where no paths are named
	switch {
	case len(args) > 0 && (given("catalog") || given("no-default-catalog") && f.noDefault):
		return time.Time{}, errors.New("paths and --catalog or --no-default-catalog are both named; expected the documents of the paths, or those of the catalog; leave one out")
	case f.maxAge < 0:
		return time.Time{}, fmt.Errorf("--max-age is %d; expected a number of days, 0 or more", f.maxAge)
	case f.failOn != "error" && f.failOn != "warning" && f.failOn != "note":
		return time.Time{}, fmt.Errorf("--fail-on is %q; expected error, warning or note", f.failOn)
	case f.output != "table" && f.output != "json":
		return time.Time{}, fmt.Errorf("-o is %q; expected table or json", f.output)
	case cmd.Flags().Changed("as-of") && f.asOf == "":
		return time.Time{}, errors.New("--as-of is empty; expected a date such as 2026-11-23")
	}
	day, err := today(sys, f.asOf)
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.DateOnly, day)
}

func (f *lintFlags) run(cmd *cobra.Command, sys Sys, args []string) error {
	day, err := f.check(cmd, sys, args)
	if err != nil {
		return err
	}
	loader, err := load.New(sys.stdin(cmd.Context()))
	if err != nil {
		return err
	}
	paths := once(args)
	if len(args) == 0 {
		paths = once(f.catalog)
	}
	vendors, findings, found := inspect(cmd.Context(), loader, paths)
	if len(args) == 0 && !f.noDefault {
		shipped, err := engine.Shipped()
		if err != nil {
			return fmt.Errorf("shipped catalog: %w", err)
		}
		own := map[string]bool{}
		for _, v := range vendors {
			own[v.ID] = true
		}
		for _, v := range shipped {
			if !own[v.ID] {
				vendors = append(vendors, v)
			}
		}
	}
	if len(vendors) == 0 && len(found) == 0 {
		found = append(found, decision.Problem{Message: "there is nothing to look at; expected vendor documents; name a folder"})
	}
	for _, v := range vendors {
		findings = append(findings, lint.Vendor(v, lint.Options{AsOf: day, MaxAge: f.maxAge})...)
	}
	lint.Sort(findings)
	result := report.NewLint(day.Format(time.DateOnly), f.maxAge, len(vendors), findings, found)
	if f.output == "json" {
		err = report.LintJSON(sys.Stdout, result)
	} else {
		err = newTable(sys, sys.Stdout, f.verbose).Lint(result)
	}
	if err != nil {
		return err
	}
	problems(sys.Stderr, found)
	if len(found) > 0 {
		return status(ExitError)
	}
	for _, finding := range findings {
		if finding.Severity.AtLeast(lint.Severity(f.failOn)) {
			return status(ExitFail)
		}
	}
	return nil
}

// inspect reads vendor documents: those that their schema accepts, what is wrong
// with their references, and the problems of the others.
func inspect(ctx context.Context, loader *load.Loader, paths []string) ([]*catalog.Vendor, []lint.Finding, []decision.Problem) {
	var vendors []*catalog.Vendor
	var findings []lint.Finding
	files, found := load.Files(paths)
	taken := map[string]string{}
	for _, file := range files {
		documents, wrong := loader.File(ctx, file)
		found = append(found, wrong...)
		for _, doc := range documents {
			at := decision.Problem{Path: file, Line: doc.Root.Line, Column: doc.Root.Column}
			if doc.Kind != "Vendor" {
				at.Message = fmt.Sprintf("this is kind %s; expected kind Vendor; leave it out", doc.Kind)
				found = append(found, at)
				continue
			}
			v, issues := catalog.Inspect(doc, loader.Places())
			if other, ok := taken[v.ID]; ok {
				at.Message = fmt.Sprintf("vendor %q stands in %s too; expected each vendor once; remove one", v.ID, other)
				found = append(found, at)
				continue
			}
			taken[v.ID] = file
			vendors = append(vendors, v)
			findings = append(findings, lint.Issues(v.ID, issues)...)
		}
	}
	return vendors, findings, found
}

package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/report"
)

// registerWaivers adds the flag of commands that take waivers.
func (f *engineFlags) registerWaivers(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.options.Waivers, "waivers", nil, "file or folder (`PATH`) of waivers: accepted exceptions, for a time (repeatable)")
}

func waiversCommand(sys Sys) *cobra.Command {
	var f showFlags
	cmd := &cobra.Command{
		Use:   "waivers --waivers PATH [MANIFEST...]",
		Short: "List waivers: status, days left, and what each is worth in money and risk",
		Long: `Lists the waivers with what became of them for the manifests (files, folders, or -
for standard input), the highest severity that each waives, and what each workload
would cost more without it: the cheapest offering that passes then, at stage
select, less what is placed. Without manifests it says only which are in force.`,
		Example: `  caveat waivers --waivers waivers/
  caveat waivers --waivers waivers/ workloads/
  caveat waivers --waivers waivers/ -o json workloads/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			table, err := f.table(sys)
			if err != nil {
				return err
			}
			if err := f.checkManifest(cmd); err != nil {
				return err
			}
			if len(f.options.Waivers) == 0 {
				return errors.New("no waivers named; expected files or folders with --waivers")
			}
			e, err := f.load(cmd, sys)
			if err != nil {
				return err
			}
			l, err := e.Waivers(cmd.Context(), once(args))
			if err != nil {
				return err
			}
			l.Tool = decision.Tool{Name: "caveat", Version: Version()}
			if f.output == "json" {
				err = report.WaiversJSON(sys.Stdout, l)
			} else {
				err = table.WaiverList(l)
			}
			return shownWith(sys, err, l.Errors)
		},
	}
	f.register(cmd)
	f.registerManifest(cmd)
	f.registerWaivers(cmd)
	return cmd
}

// shownWith ends a command that has shown something, or failed to, and met
// problems on the way.
func shownWith(sys Sys, err error, found []decision.Problem) error {
	switch {
	case err != nil:
		return err
	case len(found) > 0:
		problems(sys.Stderr, found)
		return status(ExitError)
	}
	return nil
}

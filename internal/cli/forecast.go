package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/report"
)

func forecastCommand(sys Sys) *cobra.Command {
	var f showFlags
	var until string
	cmd := &cobra.Command{
		Use:   "forecast --until DATE PATH...",
		Short: "Show which decisions change by a date, when and why",
		Long: `Decides manifests on every day until DATE on which something may change, each as
` + "`caveat check --as-of`" + ` would: where a waiver ends, evidence grows too old, a
certification or a contract ends, or a price is no longer valid. It exits with 0
whatever it finds, and with 2 for bad input or a fault.`,
		Example: `  caveat forecast --until 2027-03-31 workload.yaml
  caveat forecast --until 2027-03-31 --waivers waivers/ --account accounts/ -o json workloads/`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("nothing to look at; expected manifests, folders or -")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			table, err := f.table(sys)
			if err != nil {
				return err
			}
			if err := f.checkManifest(cmd); err != nil {
				return err
			}
			if err := checkDay("--until", until); err != nil {
				return err
			}
			e, err := f.load(cmd, sys)
			if err != nil {
				return err
			}
			if until < f.options.AsOf {
				return fmt.Errorf("--until is %s, before %s, from which it looks ahead; expected a later day", until, f.options.AsOf)
			}
			r, err := e.Forecast(cmd.Context(), once(args), until)
			if err != nil {
				return err
			}
			if len(r.Start) == 0 && len(r.Errors) == 0 {
				return errors.New("nothing was decided; expected at least one manifest of kind Workload")
			}
			header := e.Header(decision.Tool{Name: "caveat", Version: Version()})
			r.Tool, r.Policies, r.Catalog = header.Tool, header.Policies, header.Catalog
			if f.output == "json" {
				err = report.ForecastJSON(sys.Stdout, r)
			} else {
				err = table.Forecast(r)
			}
			return shownWith(sys, err, r.Errors)
		},
	}
	f.register(cmd)
	f.registerManifest(cmd)
	f.registerWaivers(cmd)
	cmd.Flags().StringVar(&until, "until", "", "look ahead to this `DATE`, the last day")
	return cmd
}

package cli

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/engine"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/report"
)

// showFlags are those of commands that print what an engine has.
type showFlags struct {
	engineFlags
	output  string
	verbose bool
}

func (f *showFlags) register(cmd *cobra.Command) {
	f.engineFlags.register(cmd)
	cmd.Flags().StringVarP(&f.output, "output", "o", "table", "`FORMAT`: table or json")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "show everything, rejected claims included")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
}

func (f *showFlags) table(sys Sys) (*report.Table, error) {
	if f.output != "table" && f.output != "json" {
		return nil, fmt.Errorf("-o is %q; expected table or json", f.output)
	}
	return newTable(sys, sys.Stdout, f.verbose), nil
}

func vendorsCommand(sys Sys) *cobra.Command {
	var listFlags, showOne showFlags
	list := &cobra.Command{
		Use: "list", Short: "List the vendors of the catalog", Args: cobra.NoArgs,
		Example: "  caveat vendors list\n  caveat vendors list -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			table, err := listFlags.table(sys)
			if err != nil {
				return err
			}
			e, err := listFlags.load(cmd, sys)
			if err != nil {
				return err
			}
			if listFlags.output == "json" {
				return report.VendorsJSON(sys.Stdout, e.Vendors())
			}
			return table.Vendors(e.Vendors())
		},
	}
	listFlags.register(list)
	show := &cobra.Command{
		Use: "show ID", Short: "Show what one vendor's document says: plans, what holds where, prices, sources and their age",
		Example: "  caveat vendors show modal\n  caveat vendors show baseten -v\n  caveat vendors show modal -o json",
		Args:    exactly(1, "a vendor id; `caveat vendors list` shows them"),
		RunE: func(cmd *cobra.Command, args []string) error {
			table, err := showOne.table(sys)
			if err != nil {
				return err
			}
			e, err := showOne.load(cmd, sys)
			if err != nil {
				return err
			}
			v, err := e.Vendor(args[0])
			if err != nil {
				return err
			}
			if showOne.output == "json" {
				return report.VendorJSON(sys.Stdout, v)
			}
			return table.Vendor(v, showOne.options.AsOf)
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			shipped, err := engine.Shipped()
			if err != nil || len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var ids []string
			for _, v := range shipped {
				ids = append(ids, v.ID)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
	}
	showOne.register(show)
	prices := pricesCommand(sys)
	all := &cobra.Command{Use: "vendors", Short: "Read the catalog of vendor documents", Example: "  caveat vendors list\n  caveat vendors show modal", RunE: list.RunE}
	listFlags.register(all)
	return group(all, list, show, prices, lintCommand(sys))
}

func controlsCommand(sys Sys) *cobra.Command {
	var listFlags, showOne showFlags
	list := &cobra.Command{
		Use: "list", Short: "List the controls", Args: cobra.NoArgs,
		Example: "  caveat controls list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			table, err := listFlags.table(sys)
			if err != nil {
				return err
			}
			e, err := listFlags.load(cmd, sys)
			if err != nil {
				return err
			}
			views := controlViews(e)
			if listFlags.output == "json" {
				return report.ControlsJSON(sys.Stdout, views)
			}
			return table.Controls(views)
		},
	}
	listFlags.register(list)
	show := &cobra.Command{
		Use: "show ID", Short: "Show one control: what it requires, the evidence that it accepts, and its references",
		Example: "  caveat controls show baa-scope",
		Args:    exactly(1, "a control id; `caveat controls list` shows them"),
		RunE: func(cmd *cobra.Command, args []string) error {
			table, err := showOne.table(sys)
			if err != nil {
				return err
			}
			e, err := showOne.load(cmd, sys)
			if err != nil {
				return err
			}
			views := controlViews(e)
			var ids []string
			for _, view := range views {
				if view.ID == args[0] {
					if showOne.output == "json" {
						return report.ControlJSON(sys.Stdout, view)
					}
					return table.Control(view)
				}
				ids = append(ids, view.ID)
			}
			return fmt.Errorf("no control %q; `caveat controls list` shows them%s", args[0], load.DidYouMean(args[0], ids))
		},
	}
	showOne.register(show)
	all := &cobra.Command{Use: "controls", Short: "Read the controls", Example: "  caveat controls list\n  caveat controls show baa-scope", RunE: list.RunE}
	listFlags.register(all)
	return group(all, list, show)
}

// controlViews puts what profiles say of each control beside its METADATA.
func controlViews(e *engine.Engine) []report.Control {
	var views []report.Control
	for _, c := range e.Controls() {
		view := report.Control{
			ID: c.ID, Family: c.Family, Title: c.Title, Description: c.Description, Severity: c.Severity, Evidence: c.Evidence,
			At: c.At, Question: c.Question, Proved: c.Proved, References: c.References, Remediation: c.Remediation, Waivable: c.Waivable, Path: c.Path,
		}
		for _, name := range slices.Sorted(maps.Keys(c.Parameters)) {
			p := c.Parameters[name]
			view.Parameters = append(view.Parameters, report.Parameter{Name: name, Type: p.Type, Description: p.Description, Value: p.Default})
		}
		for _, p := range e.Profiles() {
			if slices.Contains(p.Spec.Controls, c.ID) {
				view.Profiles = append(view.Profiles, p.Metadata.Name)
			}
			if slices.Contains(p.Spec.Must, c.ID) {
				view.Must = append(view.Must, p.Metadata.Name)
			}
			view.Accepted = append(view.Accepted, accepted(p, c)...)
		}
		views = append(views, view)
	}
	return views
}

// accepted is the evidence that a profile accepts for a control, by stage.
func accepted(p engine.Profile, c decide.Control) []report.Accepted {
	class, ok := p.Spec.Evidence[c.Evidence].(map[string]any)
	if !ok {
		return nil
	}
	var list []report.Accepted
	for _, stage := range []string{"select", "operate"} {
		entry := report.Accepted{Stage: stage}
		rules, _ := class[stage].([]any)
		for _, rule := range rules {
			fields, _ := rule.(map[string]any)
			var r report.Rule
			kinds, _ := fields["kinds"].([]any)
			for _, kind := range kinds {
				r.Kinds = append(r.Kinds, fmt.Sprint(kind))
			}
			if days, ok := fields["maxAgeDays"]; ok {
				_, _ = fmt.Sscan(fmt.Sprint(days), &r.MaxAgeDays) // checked by the profile's schema
			}
			r.InForce = fields["inForce"] == true
			entry.Rules = append(entry.Rules, r)
		}
		list = append(list, entry)
	}
	return list
}

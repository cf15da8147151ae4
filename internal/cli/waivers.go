package cli

import "github.com/spf13/cobra"

// registerWaivers adds the flag of commands that take waivers.
func (f *engineFlags) registerWaivers(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.options.Waivers, "waivers", nil, "file or folder (`PATH`) of waivers: accepted exceptions, for a time (repeatable)")
}

// Package cli is the command line: flags, exit status and wiring. It is a thin
// caller of the engine.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/caveat-check/caveat/internal/decision"
)

// Exit statuses of every command.
const (
	ExitPass   = 0 // everything asked for passes
	ExitFail   = 1 // some verdict is fail
	ExitError  = 2 // bad usage, bad input, bad policy or a fault
	ExitReview = 3 // none fails, some is review
)

// A Sys is what the command line takes from its surroundings.
type Sys struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
	Now    func() time.Time
	// Width of a terminal behind a writer, in columns; 0 where there is none.
	Width func(io.Writer) int
}

// System is the real surroundings.
func System() Sys {
	return Sys{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now, Width: width}
}

func width(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil || columns <= 0 {
		return 80
	}
	return columns
}

// A status ends a command with an exit status and without a message.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// Run runs one command and returns its exit status.
func Run(ctx context.Context, args []string, sys Sys) int {
	root := command(sys)
	root.SetArgs(args)
	root.SetIn(sys.Stdin)
	root.SetOut(sys.Stdout)
	root.SetErr(sys.Stderr)
	err := root.ExecuteContext(ctx)
	var code status
	switch {
	case err == nil:
		return ExitPass
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(sys.Stderr, "caveat: interrupted")
	default:
		fmt.Fprintf(sys.Stderr, "caveat: %v\n", err)
	}
	return ExitError
}

func command(sys Sys) *cobra.Command {
	root := &cobra.Command{
		Use:   "caveat",
		Short: "May this workload run on that vendor, what would it cost, and if not, where else?",
		Long: `caveat checks workload manifests against vendor capability documents. Each
requirement is a control written in Rego; each verdict shows the line of the
manifest, the fact of the vendor document behind it and that fact's source.`,
		Example: `  caveat check workload.yaml
  caveat check --stage select --alternatives 5 workloads/
  caveat vendors show modal
  caveat init workload.yaml`,
		SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
		Args:              cobra.NoArgs,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; `%s --help` lists the flags", err, cmd.CommandPath())
	})
	root.AddCommand(checkCommand(sys), vendorsCommand(sys), controlsCommand(sys), schemaCommand(sys), initCommand(sys), policiesCommand(sys), versionCommand(sys))
	return root
}

// group makes a command that only holds others: alone it shows its help, and a
// word that is none of them is an error.
func group(cmd *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(commands...)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			var names []string
			for _, sub := range cmd.Commands() {
				names = append(names, sub.Name())
			}
			return fmt.Errorf("%s has no command %q; expected one of %s", cmd.CommandPath(), args[0], strings.Join(names, ", "))
		}
		return nil
	}
	return cmd
}

// report prints problems for people, one a line.
func problems(w io.Writer, list []decision.Problem) {
	for _, p := range list {
		fmt.Fprintf(w, "error: %v\n", p)
	}
}

// today is the date of a run: the flag, or now in UTC, read once.
func today(sys Sys, flag string) (string, error) {
	if flag == "" {
		return sys.Now().UTC().Format(time.DateOnly), nil
	}
	if _, err := time.Parse(time.DateOnly, flag); err != nil {
		return "", fmt.Errorf("--as-of is %q; expected a date such as 2026-11-23", flag)
	}
	return flag, nil
}

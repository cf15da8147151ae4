// Package cli is the command line: flags, exit status and wiring. It is a thin
// caller of the engine.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/report"
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
	// Environ is all of the environment, as os.Environ has it; nil is nothing.
	Environ func() []string
	Now     func() time.Time
	// Width of a terminal behind a writer, in columns; 0 where there is none.
	Width func(io.Writer) int
}

// System is the real surroundings. A pipe that is closed early becomes an error
// of the write, so that what was not finished is tidied up.
func System() Sys {
	signal.Ignore(syscall.SIGPIPE)
	return Sys{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Environ: os.Environ, Now: time.Now, Width: width}
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
	err := root.ExecuteContext(ctx)
	var code status
	switch {
	case err == nil:
		return ExitPass
	case errors.As(err, &code) && (code != ExitError || ctx.Err() == nil):
		return int(code)
	case errors.Is(err, context.Canceled), ctx.Err() != nil:
		fmt.Fprintln(sys.Stderr, "caveat: interrupted")
	case errors.Is(err, syscall.EPIPE): // who reads has gone, and knows
	default:
		for line := range strings.SplitSeq(err.Error(), "\n") { // one for each output that broke
			say(sys.Stderr, "caveat: %s", line)
		}
	}
	return ExitError
}

// say writes one line to a log, whatever the names in it are.
func say(w io.Writer, format string, args ...any) {
	fmt.Fprintln(w, report.Message(fmt.Sprintf(format, args...)))
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
		RunE:              help,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return withConfig(cmd, sys) },
	}
	root.PersistentFlags().Bool("no-config", false, "go without "+configName)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; `%s --help` lists the flags%s", err, cmd.CommandPath(), nearFlag(cmd, err))
	})
	root.SetIn(sys.Stdin)
	root.SetOut(sys.Stdout)
	root.SetErr(sys.Stderr)
	group(root, checkCommand(sys), fmtCommand(sys), reportCommand(sys), costCommand(sys), waiversCommand(sys), forecastCommand(sys), vendorsCommand(sys), controlsCommand(sys), schemaCommand(sys), initCommand(sys), configCommand(sys), policiesCommand(sys), versionCommand(sys))
	finish(root)
	return root
}

// finish gives cobra's own commands what ours have: an example, and an error
// for a word that they do not know.
func finish(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Example = "  caveat help check"
			cmd.Run = nil
			cmd.RunE = func(_ *cobra.Command, args []string) error {
				about, rest, err := root.Find(args)
				if err != nil || len(rest) > 0 {
					return fmt.Errorf("there is no command %q to tell about; `caveat --help` lists the commands", strings.Join(args, " "))
				}
				return about.Help()
			}
		case "completion":
			cmd.Example = "  source <(caveat completion bash)"
			group(cmd)
			cmd.RunE = help
			for _, shell := range cmd.Commands() {
				shell.Example = map[string]string{
					"bash":       "  source <(caveat completion bash)",
					"fish":       "  caveat completion fish | source",
					"powershell": "  caveat completion powershell | Out-String | Invoke-Expression",
					"zsh":        "  source <(caveat completion zsh)",
				}[shell.Name()]
			}
		}
	}
}

// nearFlag names the flag that is most like the one that does not exist.
func nearFlag(cmd *cobra.Command, err error) string {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || len(unknown.GetSpecifiedName()) < 2 {
		return ""
	}
	var names []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	if near := load.Nearest(unknown.GetSpecifiedName(), names); near != "" {
		return fmt.Sprintf("; did you mean --%s?", near)
	}
	return ""
}

// group makes a command that only holds others: alone it shows its help, and a
// word that is none of them is an error.
func group(cmd *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(commands...)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			var names []string
			for _, sub := range cmd.Commands() {
				if !sub.Hidden {
					names = append(names, sub.Name())
				}
			}
			return fmt.Errorf("%s has no command %q; expected one of %s%s", cmd.CommandPath(), args[0], strings.Join(names, ", "), load.DidYouMean(args[0], names))
		}
		return nil
	}
	return cmd
}

func help(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// once puts paths in order, each once, so that neither their order nor a
// repetition changes what is printed.
func once(paths []string) []string {
	clean := make([]string, len(paths))
	for i, path := range paths {
		clean[i] = path
		if path != "" {
			clean[i] = filepath.Clean(path)
		}
	}
	slices.Sort(clean)
	return slices.Compact(clean)
}

// problems prints problems for people, one a line.
func problems(w io.Writer, list []decision.Problem) {
	for _, p := range list {
		say(w, "error: %v", p)
	}
}

// today is the date of a run: the flag, or now in UTC, read once.
func today(sys Sys, flag string) (string, error) {
	if flag == "" {
		return sys.Now().UTC().Format(time.DateOnly), nil
	}
	return flag, checkDay("--as-of", flag)
}

// checkDay holds a flag to a day on which policies can reckon: Rego counts the
// nanoseconds from 1970, in 64 bits.
func checkDay(flag, text string) error {
	day, err := time.Parse(time.DateOnly, text)
	switch {
	case err != nil:
		return fmt.Errorf("%s is %q; expected a date such as 2026-11-23", flag, text)
	case day.Year() < 1970 || day.Year() > 2200:
		return fmt.Errorf("%s is %s; expected a day from 1970 to 2200", flag, text)
	}
	return nil
}

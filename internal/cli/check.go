package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

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
	if sys.Stdin != nil {
		f.options.Stdin = interruptible{cmd.Context(), sys.Stdin}
	}
	e, found := engine.New(cmd.Context(), f.options)
	if len(found) > 0 {
		problems(sys.Stderr, found)
		return nil, status(ExitError)
	}
	return e, nil
}

// interruptible is a reader that stops waiting when the run is interrupted: no
// one may ever write to standard input.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data := make([]byte, len(p)) // not p: it is the caller's again once Read returns
		n, err := i.r.Read(data)
		done <- result{data[:n], err}
	}()
	select {
	case r := <-done:
		return copy(p, r.data), r.err
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	}
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
	flags.StringVar(&f.changedSince, "changed-since", "", "check only what may come out otherwise than in this git `REV`")
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
	outputs, err := open(sys, targets, e.Header(decision.Tool{Name: "caveat", Version: Version()}), report.Options{Verbose: f.verbose, Controls: controlViews(e), Inside: e.Inside()})
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

// A sink is an output with where it goes. A file is written beside its place
// and moved there when it is whole; a pipe or a device is written directly.
type sink struct {
	report.Writer
	format string
	w      io.Writer
	name   string
	place  string // of the file, behind links
	temp   *os.File
	pipe   *os.File
	old    bool        // there is a file to replace, and it keeps its mode
	mode   os.FileMode // of that
	err    error       // that ended it
}

func (s *sink) openFile(path string) (*os.File, error) {
	s.name = path
	info, err := os.Stat(path)
	switch {
	case err != nil: // a new file, or one that cannot be, for the reason below
	case info.IsDir():
		return nil, errors.New("is a folder")
	case !info.Mode().IsRegular() || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/") || path == "/dev/stderr":
		s.pipe, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		return s.pipe, err
	default:
		s.old, s.mode = true, info.Mode().Perm()
	}
	if s.place, err = destination(path); err != nil {
		return nil, err
	}
	s.temp, err = createBeside(s.place, s.old)
	return s.temp, err
}

// createBeside makes a file for what is to be put in a place: with the mode that
// new files have here, or, to replace one that may be private, with none for
// others. os.CreateTemp knows only the latter.
func createBeside(place string, private bool) (*os.File, error) {
	mode := os.FileMode(0o666) // less what the umask takes
	if private {
		mode = 0o600
	}
	for {
		name := filepath.Join(filepath.Dir(place), fmt.Sprintf(".%s-%d", filepath.Base(place), rand.Uint32()))
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
}

// newTable is a table for a writer: colour only on a terminal, and never with
// NO_COLOR.
func newTable(sys Sys, w io.Writer, verbose bool) *report.Table {
	columns := sys.Width(w)
	return &report.Table{W: w, Width: clamp(columns), Color: columns > 0 && sys.Getenv("NO_COLOR") == "" && sys.Getenv("TERM") != "dumb", Verbose: verbose}
}

// clamp keeps a table readable: 80 columns where nothing is known.
func clamp(columns int) int {
	if columns == 0 {
		return 80
	}
	return min(max(columns, 40), 120)
}

// Close ends the output and puts its file in place.
func (s *sink) Close(summary decision.Summary) error {
	if err := s.Writer.Close(summary); err != nil {
		return err
	}
	return s.commit()
}

// commit puts the file in place.
func (s *sink) commit() error {
	if s.pipe != nil {
		pipe := s.pipe
		s.pipe = nil
		return pipe.Close()
	}
	if s.temp == nil {
		return nil
	}
	temp := s.temp
	s.temp = nil
	var err error
	if s.old {
		err = temp.Chmod(s.mode)
	}
	if err := errors.Join(err, temp.Close()); err != nil {
		os.Remove(temp.Name())
		return err
	}
	if err := os.Rename(temp.Name(), s.place); err != nil {
		os.Remove(temp.Name())
		return cause(err)
	}
	return nil
}

func cause(err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	var linkErr *os.LinkError
	if errors.As(err, &linkErr) {
		return linkErr.Err
	}
	return err
}

// progress counts on standard error, on a terminal and once a run is long.
type progress struct {
	w     io.Writer
	on    bool
	start time.Time
	last  time.Time
	now   func() time.Time
	files int
	shown bool
}

func newProgress(sys Sys) *progress {
	return &progress{w: sys.Stderr, on: sys.Width(sys.Stderr) > 0 && sys.Width(sys.Stdout) == 0, start: sys.Now(), now: sys.Now}
}

func (p *progress) step() {
	p.files++
	if !p.on {
		return
	}
	now := p.now()
	if now.Sub(p.start) > time.Second && now.Sub(p.last) > 200*time.Millisecond {
		p.last, p.shown = now, true
		fmt.Fprintf(p.w, "\r%d files checked", p.files)
	}
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

func (p *progress) done() { p.clear() }

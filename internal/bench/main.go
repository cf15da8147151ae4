//go:build unix

// Command bench sets caveat beside a stock OPA and a stock conftest, on the same
// controls and the same inputs, and prints what each took:
//
//	go run ./internal/bench                             # all of it; conftest takes minutes
//	go run ./internal/bench -manifests 100 -stream 1000 # a taste
//
// Times are wall clock and processor time of whole processes, started cold, and
// medians; memory is the peak of the resident set. A ratio is the other's wall
// time over caveat's. Nothing is extrapolated: what a line says was run.
package main

import (
	"context"
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

const asOf = "2026-11-23"

// tools are the versions that are built where the path has none.
var tools = map[string]string{
	"opa":      "github.com/open-policy-agent/opa@v1.22.2",
	"conftest": "github.com/open-policy-agent/conftest@v0.71.1",
}

type options struct {
	runs, longRuns, manifests, stream int
	manifest                          string
	only                              string
}

func main() {
	var o options
	flag.IntVar(&o.runs, "runs", 7, "runs of each short command")
	flag.IntVar(&o.longRuns, "long-runs", 3, "runs of each long command")
	flag.IntVar(&o.manifests, "manifests", 1000, "manifests of part b")
	flag.IntVar(&o.stream, "stream", 10000, "manifests of part c")
	flag.StringVar(&o.manifest, "manifest", "fixtures/workloads/phi-notes.yaml", "manifest of part a")
	flag.StringVar(&o.only, "only", "abc", "parts to run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(2)
	}
}

// A bench is a folder of programs and inputs.
type bench struct {
	options
	ctx    context.Context
	out    io.Writer
	dir    string
	root   string
	caveat string
	opa    string
	test   string
}

func run(ctx context.Context, o options, out io.Writer) error {
	dir, err := os.MkdirTemp("", "caveat-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{options: o, ctx: ctx, out: out, dir: dir}
	if err := b.build(); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		run  func() error
	}{{"a", b.one}, {"b", b.many}, {"c", b.streamed}} {
		if !strings.Contains(o.only, part.name) {
			continue
		}
		if err := part.run(); err != nil {
			return fmt.Errorf("part %s: %w", part.name, err)
		}
	}
	return nil
}

// build makes caveat from this tree, and finds or builds the others.
func (b *bench) build() error {
	mod, err := exec.CommandContext(b.ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return fmt.Errorf("go env GOMOD: %w", err)
	}
	b.root = filepath.Dir(strings.TrimSpace(string(mod)))
	if _, err := os.Stat(filepath.Join(b.root, "cmd", "caveat")); err != nil {
		return errors.New("this is not the module of caveat; run it from there")
	}
	b.caveat = filepath.Join(b.dir, "caveat")
	if err := b.do("go", "build", "-o", b.caveat, "./cmd/caveat"); err != nil {
		return err
	}
	if b.opa, err = b.tool("opa"); err != nil {
		return err
	}
	if b.test, err = b.tool("conftest"); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "%s %s/%s, %d processors\n%s\n%s\n%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), version(b.caveat), version(b.opa), version(b.test))
	return nil
}

func (b *bench) tool(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	fmt.Fprintf(os.Stderr, "building %s\n", tools[name])
	cmd := exec.CommandContext(b.ctx, "go", "install", tools[name])
	cmd.Env = append(os.Environ(), "GOBIN="+b.dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go install %s: %w\n%s", tools[name], err, out)
	}
	return filepath.Join(b.dir, name), nil
}

// version is that of a program's module, as the program was built.
func version(path string) string {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return filepath.Base(path) + " of unknown version"
	}
	text := filepath.Base(path) + " " + info.Main.Version
	for _, dep := range info.Deps {
		if dep.Path == "github.com/open-policy-agent/opa" {
			text += " with opa " + dep.Version
		}
	}
	return text
}

// do runs a command in the module's folder; what it says is shown on failure.
func (b *bench) do(name string, args ...string) error {
	cmd := exec.CommandContext(b.ctx, name, args...)
	cmd.Dir = b.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return nil
}

// A cost is what one process took.
type cost struct {
	wall, cpu time.Duration
	peak      int64 // bytes
}

// measure runs a command several times. The exit statuses that are results, and
// not faults, are given. The peak that Linux reports is never below that of the
// process that starts it: this one holds nothing large.
func (b *bench) measure(runs int, results []int, name string, args ...string) (cost, error) {
	var all []cost
	for range runs {
		cmd := exec.CommandContext(b.ctx, name, args...)
		cmd.Dir = b.root
		start := time.Now()
		err := cmd.Run()
		wall := time.Since(start)
		if cmd.ProcessState == nil || !slices.Contains(results, cmd.ProcessState.ExitCode()) {
			return cost{}, fmt.Errorf("%s ended with %w", filepath.Base(name), err)
		}
		usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			return cost{}, errors.New("this system does not say what a process took")
		}
		peak := int64(usage.Maxrss)
		if runtime.GOOS != "darwin" {
			peak *= 1024
		}
		all = append(all, cost{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peak})
	}
	return cost{
		wall: median(all, func(c cost) time.Duration { return c.wall }),
		cpu:  median(all, func(c cost) time.Duration { return c.cpu }),
		peak: median(all, func(c cost) int64 { return c.peak }),
	}, nil
}

func median[T int64 | time.Duration](all []cost, part func(cost) T) T {
	list := make([]T, len(all))
	for i, c := range all {
		list[i] = part(c)
	}
	slices.Sort(list)
	return list[len(list)/2]
}

// A row is one line of a table; the first one of a table is caveat's.
type row struct {
	what string
	cost cost
}

func (b *bench) table(title string, rows []row) error {
	fmt.Fprintf(b.out, "\n%s\n", title)
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "wall\tcpu\tpeak\tratio\t\n")
	for _, r := range rows {
		fmt.Fprintf(w, "%.3f s\t%.3f s\t%d MB\t%.1f\t %s\n", r.cost.wall.Seconds(), r.cost.cpu.Seconds(), r.cost.peak/1_000_000, r.cost.wall.Seconds()/rows[0].cost.wall.Seconds(), r.what)
	}
	return w.Flush()
}

// export writes the pack, and the inputs of some manifests.
func (b *bench) export(pack, inputs string, manifests ...string) error {
	if _, err := os.Stat(pack); err != nil {
		if err := b.do(b.caveat, "policies", "export", "--as-of", asOf, pack); err != nil {
			return err
		}
	}
	return b.do(b.caveat, append([]string{"policies", "inputs", "--as-of", asOf, "--dir", inputs}, manifests...)...)
}

var (
	verdicts = []int{0, 1, 3} // of caveat
	denials  = []int{0, 1}    // of conftest
)

// one sets a whole run on one manifest against OPA on one of its offerings.
func (b *bench) one() error {
	pack, inputs := filepath.Join(b.dir, "pack"), filepath.Join(b.dir, "one")
	if err := b.export(pack, inputs, b.manifest); err != nil {
		return err
	}
	input, data := filepath.Join(inputs, "0001.json"), filepath.Join(pack, "data.json")
	var rows []row
	for _, c := range []struct {
		what    string
		results []int
		name    string
		args    []string
	}{
		{"caveat check: the placement, and the whole catalog ranked", verdicts, b.caveat, []string{"check", "--as-of", asOf, b.manifest}},
		{"caveat check --alternatives 0: the placement", verdicts, b.caveat, []string{"check", "--as-of", asOf, "--alternatives", "0", b.manifest}},
		{"opa eval: one offering, the exported pack", []int{0}, b.opa, []string{"eval", "-b", pack, "-i", input, "data.caveat.decision"}},
		{"conftest test: one offering, the exported pack", denials, b.test, []string{"test", "-p", pack, "-d", data, input}},
	} {
		cost, err := b.measure(b.runs, c.results, c.name, c.args...)
		if err != nil {
			return err
		}
		rows = append(rows, row{c.what, cost})
	}
	return b.table(fmt.Sprintf("(a) one manifest, %s, cold; medians of %d runs", filepath.Base(b.manifest), b.runs), rows)
}

// many sets caveat on manifests against conftest on their exported inputs.
func (b *bench) many() error {
	manifests, inputs, pack := filepath.Join(b.dir, "many"), filepath.Join(b.dir, "inputs"), filepath.Join(b.dir, "pack")
	if err := b.write(manifests, b.manifests); err != nil {
		return err
	}
	if err := b.export(pack, inputs, manifests); err != nil {
		return err
	}
	entries, err := os.ReadDir(inputs)
	if err != nil {
		return err
	}
	if len(entries) != b.manifests {
		return fmt.Errorf("%d manifests gave %d inputs; expected one each", b.manifests, len(entries))
	}
	var rows []row
	for _, c := range []struct {
		what    string
		results []int
		name    string
		args    []string
	}{
		{"caveat check --alternatives 0", verdicts, b.caveat, []string{"check", "--as-of", asOf, "--alternatives", "0", manifests}},
		{"caveat check --alternatives 0 --workers 1", verdicts, b.caveat, []string{"check", "--as-of", asOf, "--alternatives", "0", "--workers", "1", manifests}},
		{"conftest test, on the exported inputs", denials, b.test, []string{"test", "-p", pack, "-d", filepath.Join(pack, "data.json"), inputs}},
	} {
		cost, err := b.measure(b.longRuns, c.results, c.name, c.args...)
		if err != nil {
			return err
		}
		rows = append(rows, row{c.what, cost})
	}
	return b.table(fmt.Sprintf("(b) %d manifests, one offering each; medians of %d runs", b.manifests, b.longRuns), rows)
}

// streamed shows that memory does not follow the number of manifests.
func (b *bench) streamed() error {
	var rows []row
	for _, n := range []int{max(b.stream/10, 1), b.stream} {
		manifests := filepath.Join(b.dir, fmt.Sprintf("stream-%d", n))
		if err := b.write(manifests, n); err != nil {
			return err
		}
		cost, err := b.measure(b.longRuns, verdicts, b.caveat, "check", "--as-of", asOf, "--alternatives", "0", "-o", "json", manifests)
		if err != nil {
			return err
		}
		rows = append(rows, row{fmt.Sprintf("caveat check --alternatives 0 -o json, %d manifests", n), cost})
	}
	return b.table(fmt.Sprintf("(c) streamed; medians of %d runs", b.longRuns), rows)
}

var name = regexp.MustCompile(`(metadata: \{name: )([a-z0-9-]+)`)

// write makes manifests of the shipped examples that mean one offering each,
// under names of their own.
func (b *bench) write(dir string, n int) error {
	examples, err := filepath.Glob(filepath.Join(b.root, "fixtures", "workloads", "*.yaml"))
	if err != nil {
		return err
	}
	var texts [][]byte
	for _, path := range examples {
		out, err := exec.CommandContext(b.ctx, b.caveat, "policies", "inputs", "--as-of", asOf, path).Output()
		if err != nil {
			return fmt.Errorf("caveat policies inputs %s: %w", path, err)
		}
		if strings.Count(string(out), "\n") != 1 {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !name.Match(text) {
			return fmt.Errorf("%s: no metadata.name to change", path)
		}
		texts = append(texts, text)
	}
	if len(texts) == 0 {
		return errors.New("no example means exactly one offering")
	}
	// Manifests name their traces relative to themselves.
	traces := filepath.Join(filepath.Dir(dir), "traces")
	if _, err := os.Stat(traces); errors.Is(err, fs.ErrNotExist) {
		if err := os.CopyFS(traces, os.DirFS(filepath.Join(b.root, "fixtures", "traces"))); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for i := range n {
		text := name.ReplaceAll(texts[i%len(texts)], fmt.Appendf(nil, "${1}${2}-%05d", i))
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.yaml", i)), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

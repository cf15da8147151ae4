package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// surroundings are those of a test: writers that are terminals of some width,
// or none, and one moment.
func surroundings(columns int) (Sys, *bytes.Buffer, *bytes.Buffer) {
	var stdout, stderr bytes.Buffer
	return Sys{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Getenv: func(string) string { return "" },
		Now:    func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) },
		Width: func(w io.Writer) int {
			if w == io.Writer(&stdout) {
				return columns
			}
			return 0
		},
	}, &stdout, &stderr
}

const (
	sharedCatalog = "testdata/shared/catalog"
	passing       = "testdata/shared/pass.yaml"
)

func TestEveryCommandHasAnExample(t *testing.T) {
	sys, _, _ := surroundings(0)
	count := 0
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		count++
		if cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		for _, line := range strings.Split(cmd.Example, "\n") {
			if !strings.HasPrefix(line, "  ") || !strings.Contains(line, "caveat ") && !strings.HasPrefix(line, "  opa ") && !strings.HasPrefix(line, "  conftest ") {
				t.Errorf("%s: example %q does not run caveat", cmd.CommandPath(), line)
			}
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(command(sys))
	if count < 15 {
		t.Errorf("got %d commands, want at least 15", count)
	}
}

// TestInterrupted cancels a run at different moments: before it begins, and as
// soon as it has written something.
func TestInterrupted(t *testing.T) {
	for name, args := range map[string][]string{
		"cost":   {"cost", "--no-default-catalog", "--catalog", sharedCatalog, passing},
		"check":  {"check", "--no-default-catalog", "--catalog", sharedCatalog, passing},
		"fmt":    {"fmt", "--check", passing},
		"inputs": {"policies", "inputs", "--no-default-catalog", "--catalog", sharedCatalog, passing},
	} {
		t.Run("before "+name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			sys, _, stderr := surroundings(0)
			if got := Run(ctx, args, sys); got != ExitError {
				t.Errorf("got exit status %d, want %d", got, ExitError)
			}
			if !strings.Contains(stderr.String(), "caveat: interrupted\n") {
				t.Errorf("got %q, want it to say interrupted", stderr)
			}
		})
	}
	for _, args := range [][]string{{"check", "--no-default-catalog", "--catalog", sharedCatalog, "-"}, {"fmt", "-"}} {
		t.Run("while it waits for standard input of "+args[0], func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			sys, _, stderr := surroundings(0)
			sys.Stdin = readerFunc(func([]byte) (int, error) { cancel(); select {} })
			if got := Run(ctx, args, sys); got != ExitError {
				t.Errorf("got exit status %d, want %d", got, ExitError)
			}
			if got := stderr.String(); got != "caveat: interrupted\n" {
				t.Errorf("got %q, want interrupted and nothing else", got)
			}
		})
	}
	for name, args := range map[string]func(pipe string) []string{
		"read":  func(pipe string) []string { return []string{"-o", "json=" + pipe, passing} },
		"write": func(pipe string) []string { return []string{pipe} },
	} {
		t.Run("while it waits for somebody who may never "+name+" a pipe", func(t *testing.T) {
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := exec.Command("mkfifo", pipe).Run(); err != nil {
				t.Skip("there is no mkfifo")
			}
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(300*time.Millisecond, cancel)
			sys, _, stderr := surroundings(0)
			if got := Run(ctx, append([]string{"check", "--no-default-catalog", "--catalog", sharedCatalog}, args(pipe)...), sys); got != ExitError {
				t.Errorf("got exit status %d, want %d", got, ExitError)
			}
			if got := stderr.String(); got != "caveat: interrupted\n" {
				t.Errorf("got %q, want interrupted and nothing else", got)
			}
		})
	}
	t.Run("while it formats", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		dir := t.TempDir()
		const ugly = "kind: Workload\na:\n    b: 1\n"
		for _, name := range []string{"a.yaml", "b.yaml", "c.yaml"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(ugly), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		sys, _, stderr := surroundings(0)
		sys.Stdout = writerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })
		if got := Run(ctx, []string{"fmt", dir}, sys); got != ExitError {
			t.Errorf("got exit status %d, want %d", got, ExitError)
		}
		if got := stderr.String(); got != "caveat: interrupted\n" {
			t.Errorf("got %q, want interrupted and nothing else", got)
		}
		for name, want := range map[string]string{"a.yaml": "kind: Workload\na:\n  b: 1\n", "b.yaml": ugly, "c.yaml": ugly} {
			if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
				t.Errorf("%s: got %q, %v; want %q", name, got, err, want)
			}
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 3 {
			t.Errorf("got %v in the folder, want three files: %v", left, err)
		}
	})
	t.Run("while it writes", func(t *testing.T) {
		dir := t.TempDir()
		var args []string
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			data, err := os.ReadFile(passing)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, name+".yaml")
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
			args = append(args, path)
		}
		out := filepath.Join(t.TempDir(), "report.json")
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		sys, _, stderr := surroundings(0)
		sys.Stdout = writerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })
		args = append([]string{"check", "--workers", "1", "--no-default-catalog", "--catalog", sharedCatalog, "-o", "table", "-o", "json=" + out}, args...)
		if got := Run(ctx, args, sys); got != ExitError {
			t.Errorf("got exit status %d, want %d", got, ExitError)
		}
		if got := stderr.String(); got != "caveat: interrupted\n" {
			t.Errorf("got %q, want interrupted and nothing else", got)
		}
		if left, err := os.ReadDir(filepath.Dir(out)); err != nil || len(left) > 0 {
			t.Errorf("got %v beside the report, want nothing: %v", left, err)
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestWriteErrorIsAFault(t *testing.T) {
	for _, format := range []string{"table", "json"} {
		sys, _, stderr := surroundings(0)
		sys.Stdout = writerFunc(func([]byte) (int, error) { return 0, errors.New("disk is full") })
		if got := Run(context.Background(), []string{"check", "--no-default-catalog", "--catalog", sharedCatalog, "-o", format, passing}, sys); got != ExitError {
			t.Errorf("%s: got exit status %d, want %d", format, got, ExitError)
		}
		if !strings.Contains(stderr.String(), "write standard output: disk is full") {
			t.Errorf("%s: got %q, want the reason", format, stderr)
		}
	}
}

func TestColor(t *testing.T) {
	for name, c := range map[string]struct {
		columns int
		env     map[string]string
		want    bool
	}{
		"terminal":      {columns: 100, want: true},
		"no terminal":   {columns: 0},
		"NO_COLOR":      {columns: 100, env: map[string]string{"NO_COLOR": "1"}},
		"dumb terminal": {columns: 100, env: map[string]string{"TERM": "dumb"}},
	} {
		sys, stdout, _ := surroundings(c.columns)
		sys.Getenv = func(name string) string { return c.env[name] }
		if got := Run(context.Background(), []string{"check", "--no-default-catalog", "--catalog", sharedCatalog, passing}, sys); got != ExitPass {
			t.Fatalf("%s: got exit status %d", name, got)
		}
		if got := strings.Contains(stdout.String(), "\x1b["); got != c.want {
			t.Errorf("%s: got colour %t, want %t", name, got, c.want)
		}
	}
}

func TestTableFollowsTheTerminal(t *testing.T) {
	for columns, want := range map[int]int{0: 80, 20: 40, 60: 60, 100: 100, 300: 120} {
		if got := clamp(columns); got != want {
			t.Errorf("%d columns: got a table of %d, want %d", columns, got, want)
		}
	}
}

// TestToday takes the date in UTC, wherever the clock stands.
func TestToday(t *testing.T) {
	sys, stdout, _ := surroundings(0)
	moment := time.Date(2026, 11, 23, 23, 30, 0, 0, time.FixedZone("west", -5*3600))
	sys.Now = func() time.Time { return moment }
	if got := Run(context.Background(), []string{"check", "--no-default-catalog", "--catalog", sharedCatalog, "-o", "json", passing}, sys); got != ExitPass {
		t.Fatalf("got exit status %d", got)
	}
	var report struct{ AsOf string }
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if report.AsOf != "2026-11-24" {
		t.Errorf("got %s, want 2026-11-24", report.AsOf)
	}
}

// TestProgress counts on a terminal of standard error, late and seldom, and
// leaves nothing behind.
func TestProgress(t *testing.T) {
	var stderr bytes.Buffer
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	sys := Sys{Stdout: io.Discard, Stderr: &stderr, Now: func() time.Time { return now }, Width: func(w io.Writer) int {
		if w == io.Writer(&stderr) {
			return 80
		}
		return 0
	}}
	p := newProgress(sys)
	p.step()
	if stderr.Len() > 0 {
		t.Errorf("got %q in the first second, want nothing", stderr.String())
	}
	now = now.Add(2 * time.Second)
	p.step()
	p.step()
	if got := stderr.String(); got != "\rfiles checked: 2" {
		t.Errorf("got %q, want one count", got)
	}
	p.done()
	if got := stderr.String(); !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("got %q, want the line cleared", got)
	}
	stderr.Reset()
	sys.Width = func(io.Writer) int { return 0 }
	p = newProgress(sys)
	now = now.Add(time.Minute)
	p.step()
	p.done()
	if stderr.Len() > 0 {
		t.Errorf("got %q off a terminal, want nothing", stderr.String())
	}
}

package cli_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/caveat-check/caveat/internal/cli"
)

var update = flag.Bool("update", false, "rewrite what the scripts compare with")

// TestMain makes this test binary the caveat of the scripts, as cmd/caveat has
// it, on one day: facts age, and a script should not.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"caveat": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		sys := cli.System()
		sys.Now = func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
		os.Exit(cli.Run(ctx, os.Args[1:], sys))
	}})
}

// TestScripts runs testdata/*.txtar, one script a behaviour. Each finds the
// files of testdata/shared beside its own: three invented vendors under
// catalog, and the manifests pass, fail, review and advice, named for what they
// come to there. FIXTURES is the folder of the shipped examples.
//
// Beside testscript's commands a script has
//
//	status N PROGRAM ARG...   the program ends with exactly this exit status
//	columns N FILE            no line is wider, unless it is one long word
//	json FILE PATH VALUE      what stands at a dotted path, printed; `-` is nothing
//	fill FILE BYTES           a file of so many bytes
//	opa ARG...                the pinned OPA, from the folder of this package
func TestScripts(t *testing.T) {
	fixtures, err := filepath.Abs("../../fixtures")
	if err != nil {
		t.Fatal(err)
	}
	// go tool needs its caches, and scripts have no home.
	goNames := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOFLAGS", "GOPROXY", "GOTOOLCHAIN"}
	out, err := exec.Command("go", append([]string{"env"}, goNames...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	goValues := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	testscript.Run(t, testscript.Params{
		Dir:                "testdata",
		RequireUniqueNames: true,
		UpdateScripts:      *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("FIXTURES", fixtures)
			for i, name := range goNames {
				env.Setenv(name, goValues[i])
			}
			return copyMissing(env.WorkDir, "testdata/shared")
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "columns": columns, "json": jsonAt, "fill": fill, "opa": opa,
		},
	})
}

// copyMissing copies a folder's files; those that the script has win.
func copyMissing(to, from string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if _, err := os.Stat(target); err == nil {
			return nil
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("got exit status %d, want %d", got, want)
	}
}

func columns(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: columns N FILE")
	}
	limit, err := strconv.Atoi(args[0])
	ts.Check(err)
	text := ts.ReadFile(args[1])
	if text == "" {
		ts.Fatalf("%s is empty", args[1])
	}
	for i, line := range strings.Split(text, "\n") {
		if n := utf8.RuneCountInString(line); n > limit && strings.Contains(strings.TrimSpace(line), " ") {
			ts.Fatalf("line %d has %d columns, want at most %d:\n%s", i+1, n, limit, line)
		}
	}
}

func jsonAt(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH VALUE")
	}
	var at any
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	decoder.UseNumber()
	ts.Check(decoder.Decode(&at))
	if decoder.More() {
		ts.Fatalf("%s holds more than one document", args[0])
	}
	for _, part := range strings.Split(args[1], ".") {
		switch value := at.(type) {
		case map[string]any:
			at = value[part]
		case []any:
			switch i, err := strconv.Atoi(part); {
			case part == "length":
				at = len(value)
			case err == nil && i < len(value):
				at = value[i]
			default:
				at = nil
			}
		default:
			at = nil
		}
	}
	got := "-"
	if at != nil {
		got = fmt.Sprint(at)
	}
	if (got == args[2]) == neg {
		ts.Fatalf("%s has %q at %s, want %s%q", args[0], got, args[1], map[bool]string{true: "not "}[neg], args[2])
	}
}

func opa(ts *testscript.TestScript, neg bool, args []string) {
	dir, err := os.Getwd()
	ts.Check(err)
	if err := ts.Exec("go", append([]string{"-C", dir, "tool", "opa"}, args...)...); (err == nil) == neg {
		ts.Fatalf("opa: %v", err)
	}
}

func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fill FILE BYTES")
	}
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat("#", size)), 0o644))
}

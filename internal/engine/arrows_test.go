package engine_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/caveat-check/caveat/"

// shared is the data that stages hand to each other, and what each of its
// packages may know of the others.
var shared = map[string][]string{
	"internal/decision": {},
	"internal/document": {},
	"internal/catalog":  {"internal/decision", "internal/document"},
	"internal/manifest": {"internal/decision", "internal/document"},
	"internal/cost":     {"internal/decision", "internal/document"},
	"internal/forecast": {"internal/decision"},
	"internal/waiver":   {"internal/decision", "internal/document"},
	"internal/offering": {"internal/decision", "internal/document", "internal/catalog"},
}

// stages know the shared data and nothing of each other; what else of ours one
// of them needs stands beside it.
var stages = map[string][]string{
	"internal/load":   {"schemas"},
	"internal/expand": {},
	"internal/price":  {},
	"internal/decide": {},
	"internal/rank":   {},
	"internal/report": {"internal/lint", "internal/pricelist"},

	"internal/format":    {},
	"internal/lint":      {},
	"internal/pricelist": {},
	"internal/trace":     {},
	"internal/replay":    {},
	"internal/breakeven": {},
}

// embedded packages hold files and know nothing.
var embedded = []string{"fixtures", "policies", "schemas"}

// imports lists what each package of ours imports, without its tests.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string][]string{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(p.ImportPath, module)] = p.Imports
	}
}

// TestArrows keeps the arrows of load → expand → price → decide → rank → report
// pointing one way: only the engine knows all stages, and wires them.
func TestArrows(t *testing.T) {
	all := imports(t)
	allowed := map[string][]string{}
	for name, others := range shared {
		allowed[name] = others
	}
	for name, others := range stages {
		for data := range shared {
			others = append(others, data)
		}
		allowed[name] = others
	}
	for _, name := range embedded {
		allowed[name] = nil
	}
	for name, others := range allowed {
		found, ok := all[name]
		if !ok {
			t.Errorf("%s is not there", name)
		}
		for _, path := range found {
			if ours, ok := strings.CutPrefix(path, module); ok && !slices.Contains(others, ours) {
				t.Errorf("%s imports %s", name, ours)
			}
		}
	}
	for name, found := range all {
		for _, path := range found {
			if strings.HasPrefix(path, "github.com/open-policy-agent/") && name != "internal/decide" {
				t.Errorf("%s imports %s; only internal/decide knows OPA", name, path)
			}
			if path == module+"internal/cli" && name != "cmd/caveat" {
				t.Errorf("%s imports the command line", name)
			}
		}
	}
	if got := all["cmd/caveat"]; !slices.Contains(got, module+"internal/cli") {
		t.Errorf("cmd/caveat imports %v", got)
	}
}

package policies_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/engine"
)

// A file that docs/controls.md shows: its name, and the block that follows.
var shown = regexp.MustCompile("(?s)`acme/([a-z_.]+)`:\n\n```[a-z]+\n(.*?)```")

// TestPageExample holds docs/controls.md to its word: the control that it shows
// passes its tests, and decides.
func TestPageExample(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "controls.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	modules := map[string]*ast.Module{}
	for path, module := range parsed() {
		modules[path] = module
	}
	for _, match := range shown.FindAllStringSubmatch(string(page), -1) {
		if err := os.WriteFile(filepath.Join(dir, match[1]), []byte(match[2]), 0o644); err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(match[1]) == ".rego" {
			modules[match[1]] = ast.MustParseModule(match[2])
		}
	}
	test, ok := modules["objection_test.rego"]
	if !ok {
		t.Fatal("the page shows no objection_test.rego")
	}
	results := runTests(t, newCompiler(), modules, nil, []ast.Ref{test.Package.Path})
	if len(results) != 1 {
		t.Errorf("got %d results, want 1", len(results))
	}
	for _, r := range results {
		if !r.Pass() {
			t.Errorf("%v", r)
		}
	}

	manifest := filepath.Join(t.TempDir(), "w.yaml")
	text := "apiVersion: caveat/v1\nkind: Workload\nmetadata: {name: w}\nspec: {data: {classes: [confidential]}, placement: {vendor: modal}}\n"
	if err := os.WriteFile(manifest, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	e, problems := engine.New(context.Background(), engine.Options{AsOf: "2026-11-23", Policies: []string{dir}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var found decision.Finding
	err = e.Check(context.Background(), []string{manifest}, func(r engine.Result) error {
		for _, p := range r.Problems {
			t.Error(p)
		}
		for _, d := range r.Decisions {
			for _, f := range d.Findings {
				if f.Control == "acme-objection" {
					found = f
				}
			}
		}
		return nil
	})
	if err != nil || found.Status != decision.Unknown || !found.Required || len(found.Missing) != 1 {
		t.Errorf("got %+v, %v; want a required unknown with what is missing", found, err)
	}
}

package policies_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/policies"
)

const (
	controlsPrefix = "data.caveat.controls."
	statusPackage  = "data.caveat.lib.status"
)

// sources are all shipped Rego files, tests included.
func sources(t testing.TB) []policies.File {
	t.Helper()
	modules, err := policies.Modules()
	if err != nil {
		t.Fatal(err)
	}
	tests, err := policies.Tests()
	if err != nil {
		t.Fatal(err)
	}
	return append(modules, tests...)
}

// parsed are all shipped Rego files, parsed, by path.
var parsed = sync.OnceValue(func() map[string]*ast.Module {
	all := map[string]*ast.Module{}
	for _, list := range []func() ([]policies.File, error){policies.Modules, policies.Tests} {
		files, err := list()
		if err != nil {
			panic(err)
		}
		for _, file := range files {
			module, err := ast.ParseModuleWithOpts(file.Path, string(file.Source), ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1})
			if err != nil {
				panic(err)
			}
			all[file.Path] = module
		}
	}
	return all
})

// compiled are the same after compilation, with every name in full.
var compiled = sync.OnceValue(func() map[string]*ast.Module {
	compiler := newCompiler()
	if compiler.Compile(parsed()); compiler.Failed() {
		panic(compiler.Errors)
	}
	return compiler.Modules
})

// TestFormat holds the sources to `opa fmt`.
func TestFormat(t *testing.T) {
	for _, file := range sources(t) {
		want, err := format.SourceWithOpts(file.Path, file.Source, format.Opts{RegoVersion: ast.RegoV1})
		if err != nil {
			t.Errorf("%s: %v", file.Path, err)
			continue
		}
		if !bytes.Equal(file.Source, want) {
			t.Errorf("%s is not formatted; run `go tool opa fmt -w policies`", file.Path)
		}
	}
}

// TestStrict compiles everything strictly, and what ships with no builtin but
// those that always give the same result.
func TestStrict(t *testing.T) {
	shipped := map[string]*ast.Module{}
	for path, module := range parsed() {
		if !strings.HasSuffix(path, "_test.rego") {
			shipped[path] = module
		}
	}
	for name, c := range map[string]struct {
		modules      map[string]*ast.Module
		capabilities *ast.Capabilities
	}{
		"shipped": {shipped, decide.Capabilities()},
		"tests":   {parsed(), ast.CapabilitiesForThisVersion()},
	} {
		compiler := ast.NewCompiler().WithStrict(true).WithCapabilities(c.capabilities)
		if compiler.Compile(c.modules); compiler.Failed() {
			t.Errorf("%s: %v", name, compiler.Errors)
		}
	}
	for _, b := range decide.Capabilities().Builtins {
		if b.IsNondeterministic() {
			t.Errorf("builtin %s may differ between runs", b.Name)
		}
	}
}

// TestRego runs every *_test.rego, each test and each of its cases as a subtest.
func TestRego(t *testing.T) {
	results := runTests(t, newCompiler(), parsed(), nil, nil)
	seen := map[string]bool{}
	for _, r := range results {
		pkg := strings.TrimPrefix(r.Package, "data.caveat.")
		seen[r.Package] = true
		t.Run(pkg+"/"+r.Name, func(t *testing.T) {
			switch {
			case r.Error != nil:
				t.Error(r.Error)
			case r.Skip:
				t.Error("skipped; expected no todo_test_")
			case len(r.SubResults) == 0 && r.Fail:
				t.Errorf("%s fails", r.Location)
			}
			for path, sub := range r.SubResults.Iter {
				t.Run(strings.Join(path, "/"), func(t *testing.T) {
					if sub.Fail {
						t.Errorf("%s fails", r.Location)
					}
				})
			}
			// A table without cases passes for nothing.
			if len(r.SubResults) == 0 && isTable(r) {
				t.Errorf("%s has no case", r.Location)
			}
		})
	}
	for path, module := range parsed() {
		if pkg := module.Package.Path.String(); strings.HasSuffix(path, "_test.rego") && path != sample && !seen[pkg] {
			t.Errorf("%s has no test", path)
		}
	}
}

// sample holds inputs for tests, and no test.
const sample = "lib/sample_test.rego"

// isTable reports whether a test is a rule with one case a key.
func isTable(r *tester.Result) bool {
	for _, module := range parsed() {
		for _, rule := range module.Rules {
			if rule.Location.Equal(r.Location) {
				return len(rule.Head.Ref()) > 1
			}
		}
	}
	return false
}

func newCompiler() *ast.Compiler {
	return ast.NewCompiler().WithCapabilities(ast.CapabilitiesForThisVersion())
}

// runTests runs the tests among some modules, those of some packages only if
// any are given. A nil modules takes what the compiler has compiled before.
func runTests(t testing.TB, compiler *ast.Compiler, modules map[string]*ast.Module, tracer topdown.QueryTracer, packages []ast.Ref) []*tester.Result {
	t.Helper()
	runner := tester.NewRunner().SetCompiler(compiler).SetModules(modules).SetTimeout(10 * time.Second).CapturePrintOutput(false).RaiseBuiltinErrors(true).SetCoverageQueryTracer(tracer)
	if len(packages) > 0 {
		runner.SetPrefixMatchers(packages...)
	}
	if tracer != nil {
		runner.SetParallel(1)
	}
	ch, err := runner.RunTests(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var results []*tester.Result
	for r := range ch {
		results = append(results, r)
	}
	slices.SortFunc(results, func(a, b *tester.Result) int { return strings.Compare(a.Package+a.Name, b.Package+b.Name) })
	return results
}

// never lists the statuses that a control cannot have, and why.
var never = map[string]map[string]string{
	"evidence-fresh":         {"fail": "an old price is unknown, not refused: kind and age limits guard the proof only"},
	"inference-optimization": {"fail": "a source that does not name a layer does not deny one"},
	"region":                 {"fail": "a list of regions that leaves one out does not say that it is closed"},
}

// TestEveryStatus wants each control to be seen as pass, fail, unknown and
// not-applicable by its own tests, and never as pass and fail at once.
func TestEveryStatus(t *testing.T) {
	compiler := newCompiler()
	uncompiled := parsed()
	for _, c := range controls(t) {
		test := strings.TrimSuffix(c.Path, ".rego") + "_test.rego"
		module, ok := parsed()[test]
		if !ok {
			t.Errorf("%s has no test beside it", c.Path)
			continue
		}
		seen := &statuses{}
		runTests(t, compiler, uncompiled, seen, []ast.Ref{module.Package.Path})
		uncompiled = nil
		for _, status := range []string{"pass", "fail", "unknown", "not-applicable"} {
			switch reason, excused := never[c.ID][status]; {
			case !seen.has(status) && !excused:
				t.Errorf("control %s: no test sees it %s; add a case to %s, or say in `never` why it cannot be", c.ID, status, test)
			case seen.has(status) && excused:
				t.Errorf("control %s is seen %s, though it is said never to be: %s", c.ID, status, reason)
			}
		}
		if seen.has("conflict") {
			t.Errorf("control %s is seen to pass and fail at once", c.ID)
		}
	}
	for id := range never {
		if !slices.ContainsFunc(controls(t), func(c decide.Control) bool { return c.ID == id }) {
			t.Errorf("`never` names control %q, which does not exist", id)
		}
	}
}

// statuses is a tracer that notes what lib/status says of a control.
type statuses struct{ seen map[string]bool }

func (*statuses) Enabled() bool               { return true }
func (*statuses) Config() topdown.TraceConfig { return topdown.TraceConfig{} }
func (s *statuses) has(status string) bool    { return s.seen[status] }

func (s *statuses) TraceEvent(e topdown.Event) {
	rule, ok := e.Node.(*ast.Rule)
	if !ok || e.Op != topdown.ExitOp || rule.Head.Name != "of" || rule.Module.Package.Path.String() != statusPackage {
		return
	}
	if status, ok := rule.Head.Value.Value.(ast.String); ok {
		if s.seen == nil {
			s.seen = map[string]bool{}
		}
		s.seen[string(status)] = true
	}
}

// controls reads the METADATA of the shipped controls.
func controls(t testing.TB) []decide.Control {
	t.Helper()
	files, err := policies.Modules()
	if err != nil {
		t.Fatal(err)
	}
	var modules []decide.Module
	for _, file := range files {
		modules = append(modules, decide.Module(file))
	}
	list, problems := decide.Controls(modules)
	for _, p := range problems {
		t.Fatal(p)
	}
	if len(list) < 40 {
		t.Fatalf("got %d controls, want at least 40", len(list))
	}
	return list
}

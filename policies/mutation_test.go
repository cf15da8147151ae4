package policies_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// Mutation testing: each condition of the shipped Rego is bent or dropped, one
// place at a time, and some test has to notice. What no test can notice, as it
// means the same, is listed in testdata/survivors.txt with the reason.

var mutate = flag.String("mutate", "", `mutants to try: "all", or a part of their keys (default: a fixed sample)`)

// sampled is the part of the mutants that a run without -mutate=all tries.
const sampled = 12

// survivors is the list of accepted survivors: a key and a reason a line.
const survivors = "testdata/survivors.txt"

// A mutant is one change to one module. Its key holds no line number, so that
// it stays the same when other lines move.
type mutant struct {
	path string
	site int
	key  string
	line int
}

func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("mutation testing takes a while")
	}
	accepted := readSurvivors(t)
	var chosen []mutant
	all := mutants()
	keys := map[string]bool{}
	for _, m := range all {
		keys[m.key] = true
		if choose(m) {
			chosen = append(chosen, m)
		}
	}
	for key := range accepted {
		if !keys[key] {
			t.Errorf("%s: there is no mutant %q; remove the line", survivors, key)
		}
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // compiling leaves much behind
	start := time.Now()
	fates := run(chosen)
	count := map[fate]int{}
	for i, m := range chosen {
		count[fates[i]]++
		_, listed := accepted[m.key]
		switch {
		case fates[i] == survived && !listed:
			t.Errorf("%s:%d: no test notices: %s", m.path, m.line, m.key)
		case fates[i] != survived && listed:
			t.Errorf("%s: %q is %s by now; remove the line", survivors, m.key, fates[i])
		}
	}
	t.Logf("%d mutants, %d tried in %v: %d killed, %d survived (%d accepted), %d do not compile",
		len(all), len(chosen), time.Since(start).Round(time.Second), count[killed], count[survived], len(accepted), count[stillborn])
	if len(chosen) == 0 || *mutate == "all" && len(all) < 2000 {
		t.Errorf("only %d of %d mutants tried; the mutator finds too little", len(chosen), len(all))
	}
}

// choose takes the mutants that -mutate names; by default a sample that depends
// on nothing but their keys.
func choose(m mutant) bool {
	switch *mutate {
	case "all":
		return true
	case "":
		hash := fnv.New32a()
		hash.Write([]byte(m.key)) //nolint:errcheck // never fails
		return hash.Sum32()%sampled == 0
	default:
		return strings.Contains(m.key, *mutate)
	}
}

func readSurvivors(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.Open(survivors)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	accepted := map[string]string{}
	scanner := bufio.NewScanner(file)
	for n := 1; scanner.Scan(); n++ {
		line := scanner.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, reason, ok := strings.Cut(line, "\t")
		if _, twice := accepted[key]; twice || !ok || strings.TrimSpace(reason) == "" {
			t.Errorf("%s:%d: expected a key once, a tab and a reason", survivors, n)
		}
		accepted[key] = reason
	}
	return accepted
}

// mutants lists every mutant of the controls and the library.
func mutants() []mutant {
	var all []mutant
	for _, path := range sortedPaths() {
		if strings.HasSuffix(path, "_test.rego") {
			continue
		}
		m := &mutator{target: -1}
		m.module(bare(path))
		seen := map[string]int{}
		for i, s := range m.sites {
			key := path + " " + s.what
			if seen[key]++; seen[key] > 1 {
				key += fmt.Sprintf(" (%d)", seen[key])
			}
			all = append(all, mutant{path, i, key, s.line})
		}
	}
	return all
}

func sortedPaths() []string {
	var paths []string
	for path := range parsed() {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

// bare is a module without its annotations, for changing.
func bare(path string) *ast.Module {
	module := parsed()[path].Copy()
	module.Annotations, module.Comments = nil, nil
	for _, rule := range module.Rules {
		for ; rule != nil; rule = rule.Else {
			rule.Annotations = nil
		}
	}
	return module
}

// A fate is what became of a mutant.
type fate string

const (
	killed    fate = "killed"
	survived  fate = "survived"
	stillborn fate = "stillborn" // does not compile
)

// run tries mutants on as many cores as there are.
func run(chosen []mutant) []fate {
	fates := make([]fate, len(chosen))
	next := make(chan int, len(chosen))
	for i := range chosen {
		next <- i
	}
	close(next)
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range next {
				fates[i] = try(chosen[i])
			}
		})
	}
	group.Wait()
	return fates
}

// try runs the tests of the mutated module, and then those of the modules that
// import it, until one fails.
func try(m mutant) fate {
	module := bare(m.path)
	(&mutator{target: m.site}).module(module)
	for _, test := range testsOf(m.path) {
		before, err := results(test, "", nil, nil)
		if err != nil {
			panic(err) // TestRego says so in better words
		}
		switch _, err := results(test, m.path, module, before); {
		case errors.Is(err, errNoticed):
			return killed
		case err != nil:
			return stillborn
		}
	}
	return survived
}

// errNoticed is what results gives where a test notices the change.
var errNoticed = errors.New("noticed")

// before holds what the tests of a file give with nothing changed.
var before sync.Map

// results evaluates the tests of one file: each gives true, or an object with
// true for every case. With want, it stops at the first that gives anything
// else. That is what the tester does, without its tracing.
func results(test, changed string, module *ast.Module, want []ast.Value) ([]ast.Value, error) {
	if want == nil {
		if known, ok := before.Load(test); ok {
			return known.([]ast.Value), nil
		}
	}
	modules := map[string]*ast.Module{}
	for _, path := range needs(test) {
		modules[path] = parsed()[path]
		if path == "lib/status.rego" && strings.HasPrefix(test, "controls/") && changed != path {
			modules[path] = statusOf()
		}
	}
	if changed != "" {
		modules[changed] = module
	}
	compiler := newCompiler()
	if compiler.Compile(modules); compiler.Failed() {
		return nil, compiler.Errors
	}
	var got []ast.Value
	for i, rule := range testRules(test) {
		value, err := one(compiler, rule)
		if want != nil && (err != nil || value.Compare(want[i]) != 0) {
			return nil, errNoticed
		}
		if err != nil {
			return nil, err
		}
		got = append(got, value)
	}
	if want == nil {
		before.Store(test, got)
	}
	return got, nil
}

// testRules lists the tests of a file.
func testRules(test string) []ast.Ref {
	var list []ast.Ref
	for _, rule := range parsed()[test].Rules {
		if name := rule.Head.Ref()[0].Value.String(); strings.HasPrefix(name, tester.TestPrefix) {
			list = append(list, parsed()[test].Package.Path.Append(ast.StringTerm(name)))
		}
	}
	return list
}

// one evaluates one test.
func one(compiler *ast.Compiler, rule ast.Ref) (ast.Value, error) {
	return evaluate(compiler, ast.NewBody(ast.Equality.Expr(ast.VarTerm("answer"), ast.NewTerm(rule))))
}

// evaluate gives what a query binds to answer, or null.
func evaluate(compiler *ast.Compiler, query ast.Body) (ast.Value, error) {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	cancel := topdown.NewCancel()
	defer context.AfterFunc(ctx, cancel.Cancel)()
	body, err := compiler.QueryCompiler().Compile(query)
	if err != nil {
		return nil, err
	}
	store := inmem.New()
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return nil, err
	}
	set, err := topdown.NewQuery(body).WithCompiler(compiler).WithStore(store).WithTransaction(txn).WithCancel(cancel).WithStrictBuiltinErrors(true).Run(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(set) != 1:
		return ast.NullValue, nil // undefined
	}
	return set[0]["answer"].Value, nil
}

// statusOf is lib/status as far as the tests of controls use it.
var statusOf = sync.OnceValue(func() *ast.Module {
	module := bare("lib/status.rego")
	kept := map[ast.Var]bool{"of": true}
	for grown := true; grown; {
		grown = false
		for _, rule := range module.Rules {
			if !kept[rule.Head.Name] {
				continue
			}
			ast.WalkVars(rule, func(v ast.Var) bool {
				grown = grown || !kept[v]
				kept[v] = true
				return false
			})
		}
	}
	module.Rules = slices.DeleteFunc(module.Rules, func(r *ast.Rule) bool { return !kept[r.Head.Name] })
	return module
})

// testsOf lists the tests that may notice a change to a module: the one beside
// it, then those that reach it by imports.
var testsOf = func() func(string) []string {
	var mu sync.Mutex
	known := map[string][]string{}
	return func(changed string) []string {
		mu.Lock()
		defer mu.Unlock()
		if list, ok := known[changed]; ok {
			return list
		}
		own := strings.TrimSuffix(changed, ".rego") + "_test.rego"
		list := []string{}
		for _, test := range sortedPaths() {
			switch {
			case !strings.HasSuffix(test, "_test.rego") || test == sample:
			case test == own:
				list = append([]string{test}, list...)
			case !strings.HasPrefix(changed, "controls/") && slices.Contains(needs(test), changed):
				list = append(list, test)
			}
		}
		known[changed] = list
		return list
	}
}()

// needs lists the modules that one needs to run, itself included, by what they
// import and refer to.
func needs(of string) []string {
	reached := map[string]bool{}
	var visit func(string)
	visit = func(at string) {
		if reached[at] {
			return
		}
		reached[at] = true
		for _, next := range refers()[at] {
			visit(next)
		}
	}
	visit(of)
	var list []string
	for at := range reached {
		list = append(list, at)
	}
	slices.Sort(list)
	return list
}

// refers maps each module to those whose packages it names.
var refers = sync.OnceValue(func() map[string][]string {
	packages := map[string]string{}
	for path, module := range parsed() {
		packages[module.Package.Path.String()] = path
	}
	all := map[string][]string{}
	for at, module := range parsed() {
		ast.WalkRefs(module, func(ref ast.Ref) bool {
			for n := range ref {
				if other, ok := packages[ref[:n+1].String()]; ok && other != at && !slices.Contains(all[at], other) {
					all[at] = append(all[at], other)
				}
			}
			return false
		})
	}
	return all
})

// A mutator walks a module and changes the place with number target.
type mutator struct {
	target int
	sites  []site
	rule   string
	done   bool
}

type site struct {
	what string
	line int
}

// here counts a place where something can be changed, and reports whether it
// is to be.
func (m *mutator) here(at *ast.Location, format string, args ...any) bool {
	if m.done {
		return false
	}
	line := 0
	if at != nil {
		line = at.Row
	}
	m.sites = append(m.sites, site{m.rule + ": " + fmt.Sprintf(format, args...), line})
	m.done = len(m.sites)-1 == m.target
	return m.done
}

func (m *mutator) module(module *ast.Module) {
	count := map[string]int{}
	for i := 0; i < len(module.Rules) && !m.done; i++ {
		rule := module.Rules[i]
		m.rule = rule.Head.Ref().String()
		if count[m.rule]++; count[m.rule] > 1 {
			m.rule += "/" + strconv.Itoa(count[m.rule])
		}
		if m.here(rule.Location, "drop the rule") {
			module.Rules = slices.Delete(module.Rules, i, i+1)
			return
		}
		m.oneRule(rule)
	}
}

func (m *mutator) oneRule(rule *ast.Rule) {
	for _, arg := range rule.Head.Args {
		m.term(arg)
	}
	for i, part := range rule.Head.Reference {
		if i > 0 {
			m.term(part)
		}
	}
	if len(rule.Head.Reference) < 2 { // else it is the last part of that
		m.term(rule.Head.Key)
	}
	if value := rule.Head.Value; value != nil && !value.Equal(ast.InternedTerm(true)) {
		m.term(value)
	}
	m.body(&rule.Body)
	if rule.Else != nil {
		if m.here(rule.Else.Location, "drop from else on") {
			rule.Else = nil
			return
		}
		m.oneRule(rule.Else)
	}
}

func (m *mutator) body(body *ast.Body) {
	for i := 0; i < len(*body) && !m.done; i++ {
		expr := (*body)[i]
		truth := ast.NewExpr(ast.NewTerm(ast.Boolean(true)))
		truth.Location = expr.Location
		if isTrue(expr) { // what a rule without a body has
			continue
		}
		if m.here(expr.Location, "delete %s", text(expr)) {
			rest := slices.Delete(slices.Clone(*body), i, i+1)
			if len(rest) == 0 {
				rest = ast.Body{truth}
			}
			*body = ast.NewBody(rest...)
			return
		}
		if negatable(expr) && m.here(expr.Location, "negate %s", text(expr)) {
			expr.Negated = !expr.Negated
			return
		}
		m.expr(expr)
	}
}

func isTrue(expr *ast.Expr) bool {
	term, ok := expr.Terms.(*ast.Term)
	return ok && !expr.Negated && term.Equal(ast.InternedTerm(true))
}

func negatable(expr *ast.Expr) bool {
	switch expr.Terms.(type) {
	case *ast.SomeDecl, *ast.Every:
		return false
	}
	return !expr.IsAssignment() && !expr.IsEquality()
}

// text is Rego on one line, cut where it is long.
func text(x fmt.Stringer) string {
	s := strings.Join(strings.Fields(x.String()), " ")
	if len(s) > 100 {
		s = s[:60] + "…" + s[len(s)-39:]
	}
	return strings.ToValidUTF8(s, "")
}

func (m *mutator) expr(expr *ast.Expr) {
	switch terms := expr.Terms.(type) {
	case *ast.Term:
		m.term(terms)
	case []*ast.Term:
		m.call(terms, expr)
	case *ast.SomeDecl:
		for _, symbol := range terms.Symbols {
			if call, ok := symbol.Value.(ast.Call); ok {
				m.term(call[len(call)-1]) // what is searched
			}
		}
	case *ast.Every:
		m.term(terms.Domain)
		m.body(&terms.Body)
	}
	for _, with := range expr.With {
		m.term(with.Value)
	}
}

// swaps are the operators that stand in for others.
var swaps = map[string][]*ast.Builtin{
	"gte": {ast.GreaterThan, ast.LessThan}, "gt": {ast.GreaterThanEq, ast.LessThanEq},
	"lte": {ast.LessThan, ast.GreaterThan}, "lt": {ast.LessThanEq, ast.GreaterThanEq},
	"equal": {ast.NotEqual}, "neq": {ast.Equal},
	"plus": {ast.Minus}, "minus": {ast.Plus}, "mul": {ast.Divide}, "div": {ast.Multiply}, "rem": {ast.Divide},
	"or": {ast.And}, "and": {ast.Or}, "max": {ast.Min}, "min": {ast.Max},
}

func (m *mutator) call(terms []*ast.Term, whole fmt.Stringer) {
	for _, other := range swaps[terms[0].String()] {
		if m.here(terms[0].Location, "%s for %s in %s", other.Name, terms[0], text(whole)) {
			terms[0] = ast.NewTerm(other.Ref())
			return
		}
	}
	for _, arg := range terms[1:] {
		m.term(arg)
	}
}

func (m *mutator) term(t *ast.Term) {
	if t == nil || m.done {
		return
	}
	switch v := t.Value.(type) {
	case ast.Boolean:
		if m.here(t.Location, "%v for %v", !v, v) {
			t.Value = !v
		}
	case ast.Number:
		if n, ok := v.Int64(); ok && m.here(t.Location, "%d for %d", n+1, n) {
			t.Value = ast.Number(strconv.FormatInt(n+1, 10))
		}
	case ast.String:
		m.text(t, string(v))
	case ast.Ref:
		for i, part := range v {
			if _, ok := part.Value.(ast.String); i == 0 || !ok {
				m.term(part)
			}
		}
	case ast.Call:
		m.call(v, t)
	case *ast.Array:
		t.Value = ast.NewArray(m.elements(t, each(v.Len(), v.Elem))...)
	case ast.Set:
		t.Value = ast.NewSet(m.elements(t, v.Slice())...)
	case ast.Object:
		m.object(t, v)
	case *ast.ArrayComprehension:
		m.term(v.Term)
		m.body(&v.Body)
	case *ast.SetComprehension:
		m.term(v.Term)
		m.body(&v.Body)
	case *ast.ObjectComprehension:
		m.term(v.Key)
		m.term(v.Value)
		m.body(&v.Body)
	}
}

// text changes a word, and takes away the anchors of a pattern.
func (m *mutator) text(t *ast.Term, s string) {
	if m.here(t.Location, "another word for %s", text(t)) {
		t.Value = ast.String(s + "x")
		return
	}
	if rest, ok := strings.CutPrefix(s, "^"); ok && m.here(t.Location, "no start in %s", text(t)) {
		t.Value = ast.String(rest)
		return
	}
	if rest, ok := strings.CutSuffix(s, "$"); ok && m.here(t.Location, "no end in %s", text(t)) {
		t.Value = ast.String(rest)
	}
}

func each(n int, elem func(int) *ast.Term) []*ast.Term {
	list := make([]*ast.Term, n)
	for i := range n {
		list[i] = elem(i)
	}
	return list
}

func (m *mutator) elements(whole *ast.Term, list []*ast.Term) []*ast.Term {
	for i, elem := range list {
		if m.here(elem.Location, "without %s in %s", text(elem), text(whole)) {
			return slices.Delete(slices.Clone(list), i, i+1)
		}
		m.term(elem)
	}
	return list
}

func (m *mutator) object(t *ast.Term, object ast.Object) {
	var rest [][2]*ast.Term
	object.Foreach(func(key, value *ast.Term) {
		if m.here(key.Location, "without %s in %s", text(key), text(t)) {
			return
		}
		m.term(value)
		rest = append(rest, [2]*ast.Term{key, value})
	})
	t.Value = ast.NewObject(rest...)
}

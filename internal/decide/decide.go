// Package decide evaluates controls: Rego proves or refuses, and the shared
// rule in lib/status makes the status of it. It is the only package that
// imports OPA.
package decide

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/dependencies"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/offering"
)

// limit bounds the evaluation of one control on one offering: a thousand times
// what it takes, so that a machine that is busy with other things decides alike.
const limit = 5 * time.Second

// Policies are compiled controls. They may be used by several goroutines.
type Policies struct {
	controls []Control
	// compilers share the work of compiling; each control is in one of them.
	compilers []*ast.Compiler
	store     storage.Store
	mu        sync.Mutex
	prepared  map[string]*rego.PreparedEvalQuery
	reads     map[string]*dependency
	slots     map[slotKey][]int
	terms     map[*offering.Value]valueTerms
}

// slotKey names the slots of one vendor that one control is shown.
type slotKey struct {
	control string
	slots   *offering.Slot
}

// valueTerms are a value and its evidence as OPA takes them.
type valueTerms struct{ value, evidence *ast.Term }

// Capabilities are those of this version of OPA without every builtin whose
// result may differ between runs.
func Capabilities() *ast.Capabilities {
	all := ast.CapabilitiesForThisVersion()
	all.Builtins = slices.DeleteFunc(all.Builtins, func(b *ast.Builtin) bool { return b.IsNondeterministic() })
	all.AllowNet = []string{}
	return all
}

// Compile prepares controls for evaluation. Data is what policies find under
// data.caveat beside themselves: the registry is added to it.
func Compile(modules []Module, controls []Control, data map[string]any) (*Policies, []decision.Problem) {
	parsed, problems := parseAll(modules)
	if len(problems) > 0 {
		return nil, problems
	}
	var compilers []*ast.Compiler
	var group sync.WaitGroup
	for _, part := range split(parsed) {
		compiler := ast.NewCompiler().WithCapabilities(Capabilities())
		compilers = append(compilers, compiler)
		group.Go(func() { compiler.Compile(part) })
	}
	group.Wait()
	for _, compiler := range compilers {
		if compiler.Failed() {
			return nil, regoProblems("", compiler.Errors)
		}
	}
	p := &Policies{compilers: compilers}
	for _, c := range controls {
		if len(p.compilerOf(c).GetRulesWithPrefix(ast.MustParseRef(controlsPrefix+c.Family+"."+c.Name))) == 0 {
			problems = append(problems, decision.Problem{Path: c.Path, Message: fmt.Sprintf("control %s has no rules among the policies; expected package caveat.controls.%s.%s", c.ID, c.Family, c.Name)})
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	caveat := map[string]any{"registry": registry(controls)}
	for name, value := range data {
		caveat[name] = value
	}
	return &Policies{
		controls: controls, compilers: compilers, store: inmem.NewFromObjectWithOpts(map[string]any{"caveat": caveat}, inmem.OptRoundTripOnWrite(false), inmem.OptReturnASTValuesOnRead(true)),
		prepared: map[string]*rego.PreparedEvalQuery{}, reads: map[string]*dependency{},
		slots: map[slotKey][]int{}, terms: map[*offering.Value]valueTerms{},
	}, nil
}

// split deals modules out to two compilers that work side by side: half of the
// controls to each, and everything else to both. Where something refers to a
// control, all stay together.
func split(modules map[string]*ast.Module) []map[string]*ast.Module {
	parts := []map[string]*ast.Module{{}, {}}
	next := 0
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		module := modules[path]
		if refersToControls(module) {
			return []map[string]*ast.Module{modules}
		}
		if !strings.HasPrefix(module.Package.Path.String(), controlsPrefix) {
			parts[0][path], parts[1][path] = module, module
			continue
		}
		parts[next%2][path] = module
		next++
	}
	return parts
}

// refersToControls reports whether a module names controls outside its own
// package line.
func refersToControls(module *ast.Module) bool {
	controls := ast.MustParseRef(strings.TrimSuffix(controlsPrefix, "."))
	found := slices.ContainsFunc(module.Imports, func(i *ast.Import) bool {
		ref, ok := i.Path.Value.(ast.Ref)
		return ok && (ref.HasPrefix(controls) || controls.HasPrefix(ref))
	})
	for _, rule := range module.Rules {
		ast.WalkRefs(rule, func(ref ast.Ref) bool {
			found = found || ref.HasPrefix(controls) || len(ref) > 0 && ref[0].Equal(controls[0]) && controls.HasPrefix(ref)
			return found
		})
	}
	return found
}

// compilerOf returns the compiler that has a control.
func (p *Policies) compilerOf(c Control) *ast.Compiler {
	ref := ast.MustParseRef(controlsPrefix + c.Family + "." + c.Name)
	for _, compiler := range p.compilers {
		if len(compiler.GetRulesWithPrefix(ref)) > 0 {
			return compiler
		}
	}
	return p.compilers[0]
}

// parseAll parses on every core: parsing is most of a cold start.
func parseAll(modules []Module) (map[string]*ast.Module, []decision.Problem) {
	type result struct {
		module *ast.Module
		err    error
	}
	results := make([]result, len(modules))
	var group sync.WaitGroup
	next := make(chan int, len(modules))
	for i := range modules {
		next <- i
	}
	close(next)
	for range 2 {
		group.Go(func() {
			for i := range next {
				results[i].module, results[i].err = ast.ParseModuleWithOpts(modules[i].Path, string(modules[i].Source), ast.ParserOptions{RegoVersion: ast.RegoV1})
			}
		})
	}
	group.Wait()
	parsed := map[string]*ast.Module{}
	var problems []decision.Problem
	for i, r := range results {
		if r.err != nil {
			problems = append(problems, regoProblems(modules[i].Path, r.err)...)
			continue
		}
		// Two files may have one path, a shipped one and the user's: both count.
		parsed[fmt.Sprintf("%05d %s", i, modules[i].Path)] = r.module
	}
	return parsed, problems
}

// Registry is what lib/status reads under data.caveat.registry.
func Registry(controls []Control) map[string]any { return registry(controls) }

func registry(controls []Control) map[string]any {
	entries := map[string]any{}
	for _, c := range controls {
		entry := map[string]any{
			"family": c.Family, "name": c.Name, "title": c.Title, "severity": c.Severity, "evidence": c.Evidence,
			"at": c.At, "question": c.Question, "proved": c.Proved,
		}
		if c.Undeclared != "" {
			entry["undeclared"] = c.Undeclared
		}
		entries[c.ID] = entry
	}
	return entries
}

// Controls returns the controls, sorted by id.
func (p *Policies) Controls() []Control { return p.controls }

func (p *Policies) query(c Control, id, text string) (*rego.PreparedEvalQuery, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if q, ok := p.prepared[id]; ok {
		return q, nil
	}
	q, err := rego.New(
		rego.Query(text), rego.Compiler(p.compilerOf(c)), rego.Store(p.store), rego.StrictBuiltinErrors(true),
		rego.Capabilities(Capabilities()), rego.SetRegoVersion(ast.RegoV1),
	).PrepareForEval(context.Background())
	if err != nil {
		return nil, err
	}
	p.prepared[id] = &q
	return &q, nil
}

// A dependency is what a control reads of its input.
type dependency struct {
	All      bool     `json:"all,omitempty"`      // the input or the offering as a whole
	Cost     bool     `json:"cost,omitempty"`     // the cost
	Replay   bool     `json:"replay,omitempty"`   // of the cost, only how traffic was served
	Infra    bool     `json:"infra,omitempty"`    // the infrastructure
	Identity []string `json:"identity,omitempty"` // members of offering.id
	Texts    []string `json:"texts,omitempty"`    // members of offering.id that only the words of a finding name
	Placed   []string `json:"placed,omitempty"`   // members of offering.id that stand in the manifest's placement
	Facts    []string `json:"facts,omitempty"`    // pointers into the offering
	// Early is set when applies and asked read only the workload and the
	// parameters, so that they are decided once for all offerings; EarlyPlaced
	// is the same where each offering is decided as a placement.
	Early       bool `json:"early,omitempty"`
	EarlyPlaced bool `json:"earlyPlaced,omitempty"`
}

// known is what a control reads, or nil where nobody has asked for it yet.
func (p *Policies) known(c Control) *dependency {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reads[c.ID]
}

// dependency finds what a control reads, from OPA's own analysis.
func (p *Policies) dependency(c Control) (*dependency, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d, ok := p.reads[c.ID]; ok {
		return d, nil
	}
	if c.Reads != nil {
		p.reads[c.ID] = c.Reads
		return c.Reads, nil
	}
	pkg := controlsPrefix + c.Family + "." + c.Name
	d := &dependency{Early: true, EarlyPlaced: true}
	compiler := p.compilerOf(c)
	for _, rule := range compiler.GetRulesWithPrefix(ast.MustParseRef(pkg)) {
		refs, err := dependencies.Base(compiler, rule)
		if err != nil {
			return nil, fmt.Errorf("control %s: %w", c.ID, err)
		}
		name := rule.Head.Name.String()
		for _, ref := range refs {
			if !ref.HasPrefix(ast.InputRootRef) {
				continue
			}
			placed := len(d.Placed)
			kind := d.add(ref)
			if (name == "applies" || name == "asked") && kind != "workload" && kind != "parameters" {
				d.Early = false
			}
			if (name == "applies" || name == "asked") && len(d.Placed) > placed {
				d.EarlyPlaced = false
			}
		}
	}
	for _, text := range []string{c.Question, c.Proved, c.Undeclared} {
		for _, part := range []string{"product", "plan", "hosting", "region"} {
			if strings.Contains(text, "{"+part+"}") {
				d.Texts = append(d.Texts, part)
			}
		}
	}
	slices.Sort(d.Identity)
	d.Identity = slices.Compact(d.Identity)
	slices.Sort(d.Placed)
	d.Placed = slices.Compact(d.Placed)
	slices.Sort(d.Facts)
	d.Facts = slices.Compact(d.Facts)
	if c.Looks == nil {
		// Nothing says what it looks at: it is shown everything, and only
		// offerings that are the same in everything share an outcome.
		d.All, d.Infra, d.Early, d.EarlyPlaced = true, true, false, false
		d.Identity = slices.Clone(identity)
		d.Placed = slices.Clone(identity)
	}
	if c.Looks != nil {
		for _, fact := range d.Facts {
			section, _, _ := strings.Cut(fact[1:], "/")
			if !slices.Contains(c.Looks, section) && !slices.Contains(always, section) {
				return nil, fmt.Errorf("control %s reads %s, which METADATA looks does not list; add %q to it", c.ID, fact, section)
			}
		}
		d.All, d.Facts = false, nil
		for _, section := range c.Looks {
			d.Facts = append(d.Facts, "/"+section)
		}
	}
	p.reads[c.ID] = d
	return d, nil
}

// always are the members of an offering that every control is shown.
var always = []string{"id", "implied", "instead", "sites", "evidence", "conflicts"}

// identity are the members of offering.id beside the vendor.
var identity = []string{"product", "plan", "hosting", "region", "sku", "gpu", "count", "capacity"}

// add notes one reference into the input and returns its first part.
func (d *dependency) add(ref ast.Ref) string {
	var parts []string
	for _, term := range ref[1:] {
		text, ok := term.Value.(ast.String)
		if !ok {
			break
		}
		parts = append(parts, string(text))
	}
	switch {
	case len(parts) == 0:
		d.All, d.Cost, d.Infra = true, true, true
		d.Identity, d.Placed = slices.Clone(identity), slices.Clone(identity)
		return ""
	case parts[0] == "workload":
		d.addPlacement(parts[1:])
	case parts[0] == "cost" && len(parts) > 1 && parts[1] == "replay":
		d.Replay = true
	case parts[0] == "cost":
		d.Cost = true
	case parts[0] == "infrastructure":
		d.Infra = true
	case parts[0] == "offering" && len(parts) == 1:
		d.All = true
	case parts[0] == "offering" && parts[1] == "id" && len(parts) == 2:
		d.Identity = append(d.Identity, identity...)
	case parts[0] == "offering" && parts[1] == "id":
		d.Identity = append(d.Identity, parts[2])
	case parts[0] == "offering" && slices.Contains(always, parts[1]):
	case parts[0] == "offering":
		d.Facts = append(d.Facts, "/"+strings.Join(parts[1:], "/"))
	}
	return parts[0]
}

// placementParts maps the members of a placement to those of offering.id.
var placementParts = map[string]string{
	"vendor": "vendor", "product": "product", "plan": "plan", "hosting": "hosting", "regions": "region", "sku": "sku", "capacity": "capacity",
}

// WithReads fills in what each control reads, so that no run has to find out.
func (p *Policies) WithReads() ([]Control, error) {
	controls := slices.Clone(p.controls)
	for i, c := range controls {
		d, err := p.dependency(c)
		if err != nil {
			return nil, err
		}
		controls[i].Reads = d
	}
	return controls, nil
}

// addPlacement notes a reference into the manifest's placement.
func (d *dependency) addPlacement(parts []string) {
	for i, part := range []string{"spec", "placement"} {
		if len(parts) <= i {
			break // the manifest or its spec as a whole
		}
		if parts[i] != part {
			return
		}
	}
	if len(parts) < 3 {
		for _, part := range placementParts {
			d.Placed = append(d.Placed, part)
		}
		return
	}
	if part, ok := placementParts[parts[2]]; ok {
		d.Placed = append(d.Placed, part)
	}
}

// covers reports whether a pointer lies at, above or below what is read.
func (d *dependency) covers(pointer string) bool {
	if d.All {
		return true
	}
	for _, fact := range d.Facts {
		if fact == pointer || strings.HasPrefix(pointer, fact+"/") || strings.HasPrefix(fact, pointer+"/") {
			return true
		}
	}
	return false
}

// covered lists the slots that a control is shown.
func (p *Policies) covered(c Control, d *dependency, e *offering.Expanded) []int {
	if len(e.Slots) == 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := slotKey{c.ID, &e.Slots[0]}
	slots, ok := p.slots[key]
	if !ok {
		for i, slot := range e.Slots {
			if d.covers(slot.At) {
				slots = append(slots, i)
			}
		}
		p.slots[key] = slots
	}
	return slots
}

// offering is an offering as a control sees it: the facts of some slots, and of
// who it is only what is shown, so that nothing is read which its key lacks.
func (p *Policies) offering(e *offering.Expanded, slots []int, shown []string) (ast.Value, error) {
	tree := branch{}
	var evidence [][2]*ast.Term
	var conflicts []*ast.Term
	for _, i := range slots {
		value := e.Values[i]
		if value == nil {
			continue
		}
		if value.State == offering.Conflict {
			conflicts = append(conflicts, ast.StringTerm(value.At))
			continue
		}
		terms, err := p.valueTerms(value)
		if err != nil {
			return nil, err
		}
		tree.put(document.Split(value.At), terms.value)
		evidence = append(evidence, [2]*ast.Term{ast.StringTerm(value.At), terms.evidence})
	}
	frame := e.Frame()
	if id, ok := frame["id"].(map[string]any); ok {
		maps.DeleteFunc(id, func(name string, _ any) bool {
			return name != "vendor" && name != "names" && !slices.Contains(shown, name)
		})
	}
	for name, part := range frame {
		v, err := ast.InterfaceToValue(part)
		if err != nil {
			return nil, fmt.Errorf("offering: %w", err)
		}
		tree[name] = ast.NewTerm(v)
	}
	tree["evidence"] = ast.ObjectTerm(evidence...)
	tree["conflicts"] = ast.ArrayTerm(conflicts...)
	return tree.term().Value, nil
}

func (p *Policies) valueTerms(value *offering.Value) (valueTerms, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	terms, ok := p.terms[value]
	if ok {
		return terms, nil
	}
	v, err := ast.InterfaceToValue(value.Value)
	if err != nil {
		return terms, fmt.Errorf("fact %s: %w", value.At, err)
	}
	evidence, err := ast.InterfaceToValue(value.PlainEvidence())
	if err != nil {
		return terms, fmt.Errorf("fact %s: %w", value.At, err)
	}
	terms = valueTerms{ast.NewTerm(v), ast.NewTerm(evidence)}
	p.terms[value] = terms
	return terms, nil
}

// A branch is an object being built; its members are terms and branches.
type branch map[string]any

func (b branch) put(parts []string, term *ast.Term) {
	for _, part := range parts[:len(parts)-1] {
		next, ok := b[part].(branch)
		if !ok {
			next = branch{}
			b[part] = next
		}
		b = next
	}
	b[parts[len(parts)-1]] = term
}

func (b branch) term() *ast.Term {
	members := make([][2]*ast.Term, 0, len(b))
	for name, member := range b {
		term, ok := member.(*ast.Term)
		if below, isBranch := member.(branch); isBranch {
			term, ok = below.term(), true
		}
		if ok {
			members = append(members, [2]*ast.Term{ast.StringTerm(name), term})
		}
	}
	return ast.ObjectTerm(members...)
}

var errNoFinding = errors.New("the control gave no finding")

// eval runs a prepared query within the time limit and returns its one value.
func eval(ctx context.Context, q *rego.PreparedEvalQuery, input ast.Value) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	results, err := q.Eval(ctx, rego.EvalParsedInput(input))
	if err != nil {
		if ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, fmt.Errorf("took longer than %v", limit)
		}
		return nil, err
	}
	if len(results) != 1 || len(results[0].Expressions) != 1 {
		return nil, errNoFinding
	}
	return results[0].Expressions[0].Value, nil
}

// A raw finding is what lib/status gives.
type raw struct {
	Control    string         `json:"control"`
	Status     string         `json:"status"`
	Required   bool           `json:"required"`
	Severity   string         `json:"severity"`
	Title      string         `json:"title"`
	Message    string         `json:"message"`
	At         string         `json:"at"`
	Facts      []string       `json:"facts"`
	Missing    []decision.Gap `json:"missing"`
	Conditions []string       `json:"conditions"`
	Reasons    []struct {
		Message string   `json:"message"`
		At      string   `json:"at"`
		Facts   []string `json:"facts"`
	} `json:"reasons"`
}

func decode(value any) (raw, error) {
	var r raw
	data, err := json.Marshal(value)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, err
	}
	pointers := slices.Concat([]string{r.At}, r.Facts)
	for _, gap := range r.Missing {
		pointers = append(pointers, gap.Pointer)
	}
	for _, reason := range r.Reasons {
		pointers = append(append(pointers, reason.At), reason.Facts...)
	}
	for _, pointer := range pointers {
		if pointer != "" && pointer[0] != '/' {
			return r, fmt.Errorf("%q is not a pointer; expected one that starts with /", pointer)
		}
	}
	for i := range r.Reasons {
		sort.Strings(r.Reasons[i].Facts)
	}
	return r, nil
}

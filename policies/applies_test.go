package policies_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/dependencies"

	"github.com/caveat-check/caveat/schemas"
)

// declared are the manifest's values that may be left out without a word in the
// schema, and where that is seen to be no way out.
var declared = map[string]string{
	"/spec/resources/gpu": "a manifest without GPUs asks for none, and none is priced",
	"/spec/data/subjects": "unstated subjects count as concerned: TestUnstatedSubjects",
}

// TestAppliesIsNoWayOut wants every value of the manifest on which it turns
// whether a control applies or is asked to be required, to have a default, or
// to say that leaving it out means not to ask. An undefined value would make
// the control not applicable without anybody having said so.
func TestAppliesIsNoWayOut(t *testing.T) {
	workload := documentSchema(t, "workload")
	compiler := newCompiler()
	if compiler.Compile(parsed()); compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	used := map[string]bool{}
	for _, c := range controls(t) {
		paths := map[string]bool{}
		for _, rule := range compiler.GetRulesWithPrefix(parsed()[c.Path].Package.Path) {
			if rule.Head.Name != "applies" && rule.Head.Name != "asked" {
				continue
			}
			refs, err := dependencies.Base(compiler, rule)
			if err != nil {
				t.Fatal(err)
			}
			for _, ref := range refs {
				switch text := ref.String(); {
				case ref.HasPrefix(ast.MustParseRef("input.workload")):
					path, err := workload.along(ref[2:])
					paths[path] = true
					if reason, ok := declared[path]; ok && reason != "" {
						used[path] = true
					} else if err != nil {
						t.Errorf("control %s, %s: %v", c.ID, rule.Head.Name, err)
					}
				case text == excused[c.ID]:
				case slices.ContainsFunc(always, func(prefix string) bool { return strings.HasPrefix(text, prefix) }):
				default:
					t.Errorf("control %s: %s turns on %s, which may be undefined", c.ID, rule.Head.Name, text)
				}
			}
		}
		if len(paths) == 0 && c.ID != "evidence-fresh" { // which a profile alone brings
			t.Errorf("control %s: found nothing of the manifest that it turns on", c.ID)
		}
	}
	for path := range declared {
		if !used[path] {
			t.Errorf("no control turns on %s; remove it from `declared`", path)
		}
	}
}

// always are the inputs that are there in every decision, and the vocabulary.
var always = []string{
	"input.parameters.brought", "input.parameters.must",
	"input.offering.id", "input.offering.sites", "data.caveat.vocabulary",
}

// excused are controls that turn on one fact of the offering.
var excused = map[string]string{
	// Placed on managed hosting, which nearly every vendor has, it concerns the
	// workload only where the vendor denies that very hosting. Without the denial
	// it does not apply, so here a fact less may let a workload through.
	"hosting-model": "input.offering.hosting",
}

// concerned are the controls that turn on whose data it is, with the class that
// brings them.
var concerned = map[string]string{"breach-notice": "pii", "ccpa": "pii", "dpa": "pii", "subprocessors": "pii", "transfer": "pii"}

// TestUnstatedSubjects wants the controls that turn on whose data it is to apply
// where the manifest does not say.
func TestUnstatedSubjects(t *testing.T) {
	compiler := newCompiler()
	if compiler.Compile(parsed()); compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	for _, c := range controls(t) {
		turns := false
		for _, rule := range compiler.GetRulesWithPrefix(parsed()[c.Path].Package.Path) {
			if rule.Head.Name != "applies" {
				continue
			}
			refs, err := dependencies.Base(compiler, rule)
			if err != nil {
				t.Fatal(err)
			}
			for _, ref := range refs {
				turns = turns || strings.HasPrefix(ref.String(), "input.workload.spec.data.subjects")
			}
		}
		class, listed := concerned[c.ID]
		if turns != listed {
			t.Errorf("control %s turns on subjects: %v, listed: %v", c.ID, turns, listed)
			continue
		}
		if !turns {
			continue
		}
		input := map[string]any{
			"workload":   map[string]any{"spec": map[string]any{"stage": "select", "data": map[string]any{"classes": []any{class}}, "requires": map[string]any{}}},
			"parameters": map[string]any{"brought": []any{c.ID}},
			"offering":   map[string]any{"id": map[string]any{}, "sites": map[string]any{}},
		}
		query := ast.MustParseBody(fmt.Sprintf("answer = %s.applies with input as %s", parsed()[c.Path].Package.Path, mustJSON(t, input)))
		got, err := evaluate(compiler, query)
		if err != nil || got.Compare(ast.Boolean(true)) != 0 {
			t.Errorf("control %s does not apply to data of people of whom nothing is said: got %v, %v", c.ID, got, err)
		}
	}
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A node is a place in a JSON Schema, with the schema that its references are
// into.
type node struct {
	whole, here map[string]any
}

func documentSchema(t *testing.T, name string) *node {
	t.Helper()
	data, err := schemas.Schema(name)
	if err != nil {
		t.Fatal(err)
	}
	var whole map[string]any
	if err := json.Unmarshal(data, &whole); err != nil {
		t.Fatal(err)
	}
	return &node{whole, whole}
}

// resolved follows a reference; what stands beside it comes first.
func (n *node) resolved() map[string]any {
	ref, ok := n.here["$ref"].(string)
	if !ok {
		return n.here
	}
	definitions, _ := n.whole["$defs"].(map[string]any)
	merged := map[string]any{}
	target, _ := definitions[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	for _, from := range []map[string]any{target, n.here} {
		for key, value := range from {
			if key != "$ref" {
				merged[key] = value
			}
		}
	}
	return merged
}

// member is a property, in whichever form of the value has it; nil without.
func (n *node) member(name string) *node {
	here := n.resolved()
	if properties, ok := here["properties"].(map[string]any); ok {
		if property, ok := properties[name].(map[string]any); ok {
			return &node{n.whole, property}
		}
	}
	forms, _ := here["anyOf"].([]any)
	for _, form := range forms {
		if f, ok := form.(map[string]any); ok {
			if found := (&node{n.whole, f}).member(name); found != nil {
				return found
			}
		}
	}
	return nil
}

// at is the place at a pointer without list indexes; nil without.
func (n *node) at(pointer string) *node {
	for _, name := range strings.Split(pointer, "/")[1:] {
		if n = n.member(name); n == nil {
			return nil
		}
	}
	return n
}

// along walks the schema with a reference, and returns how far it leads as a
// pointer. It is an error if anything on the way may be left out in silence.
func (n *node) along(ref ast.Ref) (string, error) {
	pointer := ""
	for _, term := range ref {
		name, ok := term.Value.(ast.String)
		if !ok {
			items, ok := n.resolved()["items"].(map[string]any)
			if !ok {
				return pointer, nil // any member of an object
			}
			n = &node{n.whole, items}
			continue
		}
		required, _ := n.resolved()["required"].([]any)
		free := strings.Contains(n.text(), "what is left out is free")
		next := n.member(string(name))
		pointer += "/" + string(name)
		if next == nil {
			return pointer, fmt.Errorf("no manifest has %s", pointer)
		}
		_, filled := next.resolved()["default"]
		switch {
		case strings.Contains(next.text(), "Absent means not asked"), free:
			return pointer, nil // what lies below is there when it is asked
		case slices.Contains(required, any(string(name))), filled:
		default:
			return pointer, fmt.Errorf("%s may be left out: the schema neither requires it nor has a default, and does not say %q", pointer, "Absent means not asked")
		}
		n = next
	}
	return pointer, nil
}

func (n *node) text() string {
	text, _ := n.resolved()["description"].(string)
	return text
}

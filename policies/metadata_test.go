package policies_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/santhosh-tekuri/jsonschema/v5"
	"go.yaml.in/yaml/v3"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/policies"
)

// metadataSchema is what the METADATA of a control may and must have.
const metadataSchema = `{
	"type": "object", "additionalProperties": false,
	"required": ["title", "description", "custom"],
	"properties": {
		"scope": {"const": "package"},
		"title": {"type": "string", "pattern": "^[A-Z].*[^.\\s]$", "maxLength": 80},
		"description": {"type": "string", "pattern": "^[A-Z][\\s\\S]*\\.\\s*$"},
		"custom": {
			"type": "object", "additionalProperties": false,
			"required": ["id", "severity", "evidence", "looks", "at", "question", "proved", "references", "remediation", "waivable"],
			"properties": {
				"id": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
				"severity": {"enum": ["low", "medium", "high", "critical"]},
				"evidence": {"type": "string"},
				"looks": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"type": "string"}},
				"at": {"type": "string", "pattern": "^/spec/"},
				"question": {"$ref": "#/$defs/text"},
				"proved": {"$ref": "#/$defs/text"},
				"undeclared": {"$ref": "#/$defs/text"},
				"references": {"type": "array", "uniqueItems": true, "items": {
					"type": "object", "additionalProperties": false, "required": ["framework", "id"],
					"properties": {"framework": {"type": "string"}, "id": {"type": "string"}}
				}},
				"remediation": {"type": "string", "pattern": "^[A-Z].*\\.$"},
				"waivable": {"type": "boolean"},
				"parameters": {"type": "object", "minProperties": 1, "propertyNames": {"pattern": "^[a-z][A-Za-z0-9]*$"}, "additionalProperties": {
					"type": "object", "additionalProperties": false, "required": ["type", "default", "description"],
					"properties": {"type": {"enum": ["integer", "number"]}, "default": {"type": "number"}, "description": {"type": "string", "pattern": "^[A-Z].*\\.$"}}
				}}
			}
		}
	},
	"$defs": {"text": {"type": "string", "pattern": "^([^{}]|\\{(vendor|product|plan|hosting|region)\\})+$"}}
}`

// TestMetadata holds the METADATA of the controls to its schema and to what
// else there is: files, frameworks, profiles, schemas.
func TestMetadata(t *testing.T) {
	schema := jsonschema.MustCompileString("metadata.json", metadataSchema)
	frameworks := readFrameworks(t)
	evidence := evidenceClasses(t)
	workload, vendor := documentSchema(t, "workload"), documentSchema(t, "vendor")
	ids := map[string]string{}
	for _, c := range controls(t) {
		module := parsed()[c.Path]
		for _, a := range module.Annotations {
			if a.Scope != "package" {
				continue
			}
			if err := schema.Validate(plain(t, a)); err != nil {
				t.Errorf("%s: %#v", c.Path, err)
			}
		}
		if other, twice := ids[c.ID]; twice {
			t.Errorf("%s: id %s is that of %s", c.Path, c.ID, other)
		}
		ids[c.ID] = c.Path
		if want := "controls/" + c.Family + "/" + c.Name + ".rego"; c.Path != want {
			t.Errorf("package %s stands in %s, want %s", module.Package.Path, c.Path, want)
		}
		if want := strings.ReplaceAll(c.Name, "_", "-"); c.ID != want {
			t.Errorf("%s: id is %s, want %s", c.Path, c.ID, want)
		}
		for _, r := range c.References {
			if !slices.Contains(frameworks[r.Framework], r.ID) {
				t.Errorf("control %s refers to %s %s, which testdata/frameworks.yaml does not know", c.ID, r.Framework, r.ID)
			}
		}
		if !slices.Contains(evidence, c.Evidence) {
			t.Errorf("control %s: evidence class %q is not one of the baseline profile", c.ID, c.Evidence)
		}
		if workload.at(c.At) == nil {
			t.Errorf("control %s: no manifest has %s", c.ID, c.At)
		}
		for _, section := range c.Looks {
			if vendor.at("/"+section) == nil && !slices.Contains(made, section) {
				t.Errorf("control %s looks at %s, which no vendor document has", c.ID, section)
			}
		}
		described(t, c.Path, module)
		for _, id := range asksFor(compiled()[c.Path]) {
			if id != c.ID {
				t.Errorf("control %s asks whether a profile brings %s; expected itself", c.ID, id)
			}
		}
		ownParameters(t, c)
	}
}

// made are the sections of an offering that expanding makes of others.
var made = []string{"gpuModels"}

func plain(t *testing.T, value any) any {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func readFrameworks(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "frameworks.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var frameworks map[string][]string
	if err := yaml.Unmarshal(data, &frameworks); err != nil {
		t.Fatal(err)
	}
	return frameworks
}

// A profile is what these tests read of one.
type profile struct {
	Metadata struct{ Name string }
	Spec     struct {
		Controls, Must []string
		Evidence       map[string]any
	}
}

func profiles(t *testing.T) []profile {
	t.Helper()
	files, err := policies.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	var list []profile
	for _, file := range files {
		var p profile
		if err := yaml.Unmarshal(file.Source, &p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func evidenceClasses(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, p := range profiles(t) {
		if p.Metadata.Name == "baseline" {
			for class := range p.Spec.Evidence {
				list = append(list, class)
			}
		}
	}
	return list
}

// described wants METADATA with a description on the first rule of each name
// that the engine reads.
func described(t *testing.T, path string, module *ast.Module) {
	t.Helper()
	seen := map[string]bool{}
	for _, rule := range module.Rules {
		name := rule.Head.Name.String()
		if strings.HasPrefix(name, "_") || seen[name] {
			continue
		}
		seen[name] = true
		if len(rule.Annotations) == 0 || !strings.HasSuffix(strings.TrimSpace(rule.Annotations[0].Description), ".") {
			t.Errorf("%s:%d: %s has no METADATA with a description", path, rule.Location.Row, name)
		}
	}
}

// asksFor lists the ids for which a control asks whether a profile brings them.
func asksFor(module *ast.Module) []string {
	var ids []string
	note := func(call []*ast.Term) {
		switch call[0].String() {
		case "data.caveat.lib.scope.brought", "data.caveat.lib.hipaa.concerned":
			if id, ok := call[1].Value.(ast.String); ok {
				ids = append(ids, string(id))
			}
		}
	}
	ast.WalkTerms(module, func(term *ast.Term) bool {
		if call, ok := term.Value.(ast.Call); ok {
			note(call)
		}
		return false
	})
	ast.WalkExprs(module, func(expr *ast.Expr) bool {
		if terms, ok := expr.Terms.([]*ast.Term); ok {
			note(terms)
		}
		return false
	})
	return ids
}

// reserved are the parameters that the engine itself sets.
var reserved = []string{"brought", "must", "severity", "evidence", "profiles"}

var parameter = regexp.MustCompile(`input\.parameters\.([A-Za-z0-9]+)`)

// ownParameters wants a control to declare the parameters that it or the
// library beneath it uses, and no other. Those of a library may be for another
// of its users.
func ownParameters(t *testing.T, c decide.Control) {
	t.Helper()
	used := map[string]bool{}
	for _, path := range needs(c.Path) {
		for _, match := range parameter.FindAllStringSubmatch(parsed()[path].String(), -1) {
			if path == c.Path && !slices.Contains(reserved, match[1]) {
				if _, ok := c.Parameters[match[1]]; !ok {
					t.Errorf("control %s uses parameter %s, which its METADATA does not have", c.ID, match[1])
				}
			}
			used[match[1]] = true
		}
	}
	for name := range c.Parameters {
		if !used[name] {
			t.Errorf("control %s declares parameter %s, which nothing uses", c.ID, name)
		}
	}
}

// TestSharedParameters wants a parameter of several controls to be the same.
func TestSharedParameters(t *testing.T) {
	known := map[string]decide.Parameter{}
	for _, c := range controls(t) {
		for name, p := range c.Parameters {
			if other, ok := known[name]; ok && other != p {
				t.Errorf("control %s: parameter %s is %+v, elsewhere %+v", c.ID, name, p, other)
			}
			known[name] = p
		}
	}
}

// unasked are controls that profiles bring and that do not look whether they do.
var unasked = map[string]string{
	"transfer": "it concerns the very people for whom profile gdpr comes by itself, and nobody else",
}

// TestReachable wants each control to be asked by some manifest or brought by
// some profile, and every profile to name controls that there are.
func TestReachable(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "controls.md"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range controls(t) {
		known[c.ID] = true
		brought := slices.ContainsFunc(profiles(t), func(p profile) bool { return slices.Contains(p.Spec.Controls, c.ID) })
		asked := slices.ContainsFunc(parsed()[c.Path].Rules, func(r *ast.Rule) bool { return r.Head.Name == "asked" })
		if !brought && !asked {
			t.Errorf("control %s is neither asked nor brought by a profile", c.ID)
		}
		if _, why := unasked[c.ID]; brought && !why && !slices.Contains(asksFor(compiled()[c.Path]), c.ID) {
			t.Errorf("control %s is brought by a profile and does not look whether it is", c.ID)
		}
		if !strings.Contains(string(page), "\n### "+c.ID+"\n") {
			t.Errorf("docs/controls.md has no part on %s; run go generate ./policies", c.ID)
		}
	}
	for _, p := range profiles(t) {
		for _, id := range append(p.Spec.Controls, p.Spec.Must...) {
			if !known[id] {
				t.Errorf("profile %s names control %s, which does not exist", p.Metadata.Name, id)
			}
		}
		for _, id := range p.Spec.Must {
			if !slices.Contains(p.Spec.Controls, id) {
				t.Errorf("profile %s says must of %s and does not bring it", p.Metadata.Name, id)
			}
		}
	}
}

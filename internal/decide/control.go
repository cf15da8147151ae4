package decide

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/caveat-check/caveat/internal/decision"
)

// A Module is one Rego file.
type Module struct {
	Path   string
	Source []byte
}

// A Control is what a control's METADATA says of it.
type Control struct {
	ID          string `json:"id"`
	Family      string `json:"family"`
	Name        string `json:"name"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Severity    string `json:"severity"`
	Evidence    string `json:"evidence"`
	At          string `json:"at"`
	// Looks are the sections of the offering that the control is shown; the
	// rest is hidden from it, so that offerings which differ only there are
	// decided once. None: every section.
	Looks       []string             `json:"looks,omitempty"`
	Question    string               `json:"question"`
	Proved      string               `json:"proved"`
	Undeclared  string               `json:"undeclared,omitempty"`
	References  []decision.Reference `json:"references"`
	Remediation string               `json:"remediation"`
	Waivable    bool                 `json:"waivable"`
	Parameters  map[string]Parameter `json:"parameters,omitempty"`
	Path        string               `json:"path"`
	// Reads is what the control reads, where go generate has found it out.
	Reads *dependency `json:"reads,omitempty"`
}

// A Parameter is a number that an organisation may change in a profile.
type Parameter struct {
	Type        string `json:"type"`
	Description string `json:"description"`
	Default     any    `json:"default"`
}

const controlsPrefix = "data.caveat.controls."

// identifier is what an id looks like: it stands in file names, in rule ids and
// between quotes of many formats.
var identifier = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// reserved ids are those of findings about documents, which no control makes.
var reserved = []string{"input", "waiver"}

// Severities in ascending order.
var Severities = []string{"low", "medium", "high", "critical"}

// Controls reads the METADATA of every control among some modules, sorted by
// id. The problems are what keeps a control from being used.
func Controls(modules []Module) ([]Control, []decision.Problem) {
	var controls []Control
	var problems []decision.Problem
	seen := map[string]string{}
	for _, module := range modules {
		parsed, err := ast.ParseModuleWithOpts(module.Path, string(module.Source), ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1})
		if err != nil {
			problems = append(problems, regoProblems(module.Path, err)...)
			continue
		}
		path := parsed.Package.Path.String()
		if !strings.HasPrefix(path, controlsPrefix) || strings.HasSuffix(path, "_test") {
			continue
		}
		control, found := readControl(module.Path, parsed)
		problems = append(problems, found...)
		if other, ok := seen[control.ID]; ok && control.ID != "" {
			problems = append(problems, decision.Problem{Path: module.Path, Line: 1, Column: 1, Message: fmt.Sprintf("control id %q is that of %s too; an id is never reused; choose another", control.ID, other)})
			continue
		}
		seen[control.ID] = module.Path
		if len(found) == 0 {
			controls = append(controls, control)
		}
	}
	sort.Slice(controls, func(i, j int) bool { return controls[i].ID < controls[j].ID })
	return controls, problems
}

// Foreign reports modules whose package is one of the project's, or that of
// another module: what is added must not change what is there.
func Foreign(modules, shipped []Module) []decision.Problem {
	taken := map[string]string{}
	packageOf := func(module Module) (string, *ast.Location) {
		parsed, err := ast.ParseModuleWithOpts(module.Path, string(module.Source), ast.ParserOptions{RegoVersion: ast.RegoV1})
		if err != nil {
			return "", nil // reported where it is compiled
		}
		return strings.TrimPrefix(parsed.Package.Path.String(), "data."), parsed.Package.Location
	}
	for _, module := range shipped {
		if name, _ := packageOf(module); name != "" {
			taken[name] = module.Path
		}
	}
	var problems []decision.Problem
	for _, module := range modules {
		name, location := packageOf(module)
		if name == "" {
			continue
		}
		other, ok := taken[name]
		if !ok && (name == "caveat" || name == "main" || strings.HasPrefix(name, "caveat.") && !strings.HasPrefix(name, "caveat.controls.") && !strings.HasPrefix(name, "caveat.own.")) {
			other, ok = "the project", true
		}
		if ok {
			problems = append(problems, decision.Problem{Path: module.Path, Line: location.Row, Column: location.Col, Message: fmt.Sprintf("package %s is that of %s; expected one of your own: caveat.controls.<family>.<control> with one file each, or caveat.own.<name> for helpers", name, other)})
		}
		taken[name] = module.Path
	}
	return problems
}

func readControl(path string, module *ast.Module) (Control, []decision.Problem) {
	problem := func(format string, args ...any) []decision.Problem {
		location := module.Package.Location
		return []decision.Problem{{Path: path, Line: location.Row, Column: location.Col, Message: fmt.Sprintf(format, args...)}}
	}
	var annotations *ast.Annotations
	for _, a := range module.Annotations {
		if a.Scope == "package" {
			annotations = a
		}
	}
	if annotations == nil {
		return Control{}, problem("the package has no METADATA; expected title, description and custom.id; add the block above it")
	}
	// The custom block goes through JSON, so that its shape is checked by decoding.
	data, err := json.Marshal(annotations.Custom)
	if err != nil {
		return Control{}, problem("METADATA custom: %v", err)
	}
	control := Control{Title: annotations.Title, Description: strings.TrimSpace(annotations.Description), Path: path}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields() // a misspelt key would be one that is not there
	if err := decoder.Decode(&control); err != nil {
		return control, problem("METADATA custom: %s; expected the keys of docs/controls.md", strings.TrimPrefix(err.Error(), "json: "))
	}
	control.Reads, control.Path = nil, path // found out, not told
	parts := strings.Split(strings.TrimPrefix(module.Package.Path.String(), controlsPrefix), ".")
	if len(parts) != 2 {
		return control, problem("package %s; expected caveat.controls.<family>.<control>", module.Package.Path)
	}
	control.Family, control.Name = parts[0], parts[1]
	for _, need := range []struct{ key, value string }{
		{"title", control.Title}, {"custom.id", control.ID}, {"custom.severity", control.Severity}, {"custom.evidence", control.Evidence},
		{"custom.at", control.At}, {"custom.question", control.Question}, {"custom.proved", control.Proved}, {"custom.remediation", control.Remediation},
	} {
		if need.value == "" {
			return control, problem("control %s: METADATA lacks %s; add it", control.ID, need.key)
		}
	}
	switch {
	case !identifier.MatchString(control.ID):
		return control, problem("control id is %q; expected lower-case letters and digits, in words joined by hyphens, such as data-residency", control.ID)
	case slices.Contains(reserved, control.ID):
		return control, problem("control id %q is what reports call findings that are no control's; choose another", control.ID)
	}
	if !slices.Contains(Severities, control.Severity) {
		return control, problem("control %s: severity is %q; expected low, medium, high or critical", control.ID, control.Severity)
	}
	return control, shape(path, control.ID, module)
}

// shape checks that the rules of a control are what the engine reads: a `fail`
// that is not a set, or a `pass` that is a function, would never be seen.
func shape(path, id string, module *ast.Module) []decision.Problem {
	kinds := map[string]ast.RuleKind{"fail": ast.MultiValue, "reads": ast.MultiValue, "conditions": ast.MultiValue, "undeclared": ast.MultiValue,
		"applies": ast.SingleValue, "pass": ast.SingleValue, "asked": ast.SingleValue}
	var problems []decision.Problem
	have := map[string]bool{}
	for _, rule := range module.Rules {
		name := rule.Head.Name.String()
		have[name] = true
		at := decision.Problem{Path: path, Line: rule.Location.Row, Column: rule.Location.Col}
		kind, ok := kinds[name]
		switch {
		case !ok && !strings.HasPrefix(name, "_"):
			at.Message = fmt.Sprintf("control %s: rule %s is not one that the engine reads; expected applies, asked, pass, fail, reads, conditions or undeclared; start a helper's name with _", id, name)
		case ok && (rule.Head.RuleKind() != kind || len(rule.Head.Args) > 0 || len(rule.Head.Ref()) > 1 && kind == ast.SingleValue):
			at.Message = fmt.Sprintf("control %s: %s has the wrong shape; expected `%s`", id, name, map[bool]string{true: name + " contains …", false: name + " if …"}[kind == ast.MultiValue])
		default:
			continue
		}
		problems = append(problems, at)
	}
	for _, name := range []string{"applies", "pass", "reads"} {
		if !have[name] {
			problems = append(problems, decision.Problem{Path: path, Line: 1, Column: 1, Message: fmt.Sprintf("control %s lacks rule %s; without it nothing could ever pass; add it", id, name)})
		}
	}
	return problems
}

// regoProblems turns OPA's errors into problems with their places.
func regoProblems(path string, err error) []decision.Problem {
	var list ast.Errors
	switch err := err.(type) {
	case ast.Errors:
		list = err
	case *ast.Error:
		list = ast.Errors{err}
	default:
		return []decision.Problem{{Path: path, Message: err.Error()}}
	}
	var problems []decision.Problem
	for _, e := range list {
		p := decision.Problem{Path: path, Message: e.Message}
		if e.Location != nil {
			if e.Location.File != "" {
				p.Path = e.Location.File
			}
			p.Line, p.Column = e.Location.Row, e.Location.Col
		}
		problems = append(problems, p)
	}
	return problems
}

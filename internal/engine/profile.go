package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/manifest"
)

// A Profile is a named set of controls with parameters, severities and which
// of them are must.
type Profile struct {
	Metadata struct {
		Name        string `json:"name"`
		Title       string `json:"title"`
		Description string `json:"description"`
	} `json:"metadata"`
	Spec struct {
		Activates []struct {
			Classes  []string `json:"classes"`
			Subjects []string `json:"subjects"`
		} `json:"activates"`
		Controls   []string          `json:"controls"`
		Must       []string          `json:"must"`
		Severity   map[string]string `json:"severity"`
		Parameters map[string]any    `json:"parameters"`
		Evidence   map[string]any    `json:"evidence"`
		Waivers    struct {
			MaxDays  int      `json:"maxDays"`
			Controls []string `json:"controls"` // that may be waived; nil is all that METADATA lets be
		} `json:"waivers"`
	} `json:"spec"`
	path string
}

const baseline = "baseline"

func readProfile(plain any, path string) (Profile, error) {
	data, err := json.Marshal(plain)
	if err != nil {
		return Profile{}, err
	}
	p := Profile{path: path}
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	return p, decoder.Decode(&p)
}

// checkProfile reports names that no control has.
func checkProfile(p Profile, controls []decide.Control) []decision.Problem {
	ids := make([]string, len(controls))
	for i, c := range controls {
		ids[i] = c.ID
	}
	var problems []decision.Problem
	check := func(list []string, key string) {
		for _, id := range list {
			if !slices.Contains(ids, id) {
				problems = append(problems, decision.Problem{Path: p.path, Message: fmt.Sprintf("profile %s: %s names control %q, which does not exist%s", p.Metadata.Name, key, id, load.DidYouMean(id, ids))})
			}
		}
	}
	check(p.Spec.Controls, "controls")
	check(p.Spec.Must, "must")
	check(slices.Sorted(maps.Keys(p.Spec.Severity)), "severity")
	check(p.Spec.Waivers.Controls, "waivers.controls")
	for _, c := range controls {
		if slices.Contains(p.Spec.Waivers.Controls, c.ID) && !c.Waivable {
			problems = append(problems, decision.Problem{Path: p.path, Message: fmt.Sprintf("profile %s: waivers.controls names control %q, which can never be waived; leave it out", p.Metadata.Name, c.ID)})
		}
	}
	return problems
}

// checkParameters reports parameters that no control takes, and values of
// another type: Rego orders values of all types, so a number in quotes would be
// more than any number.
func checkParameters(p Profile, controls []decide.Control) []decision.Problem {
	types := map[string]string{}
	for _, c := range controls {
		for name, parameter := range c.Parameters {
			types[name] = parameter.Type
		}
	}
	names := slices.Sorted(maps.Keys(types))
	var problems []decision.Problem
	fail := func(format string, args ...any) {
		problems = append(problems, decision.Problem{Path: p.path, Message: fmt.Sprintf("profile %s: ", p.Metadata.Name) + fmt.Sprintf(format, args...)})
	}
	for _, name := range slices.Sorted(maps.Keys(p.Spec.Parameters)) {
		want, ok := types[name]
		if !ok {
			fail("no control takes parameter %q; expected one of %s%s", name, strings.Join(names, ", "), load.DidYouMean(name, names))
			continue
		}
		is := "string"
		switch value := p.Spec.Parameters[name].(type) {
		case bool:
			is = "boolean"
		case json.Number:
			is = "number"
			if _, err := value.Int64(); err == nil && want == "integer" {
				is = "integer"
			}
		}
		if is != want {
			fail("parameter %q is a %s; expected type %s", name, is, want)
		}
	}
	return problems
}

// activated reports whether a profile comes by itself with the workload's data.
// Subjects that are not named count as inside.
func (p Profile) activated(m manifest.Manifest, within map[string]string) bool {
	for _, when := range p.Spec.Activates {
		if !slices.ContainsFunc(m.Classes, func(class string) bool { return slices.Contains(when.Classes, class) }) {
			continue
		}
		if len(when.Subjects) == 0 || len(m.Subjects) == 0 {
			return true
		}
		for _, subject := range m.Subjects {
			for place := subject; place != ""; place = within[place] {
				if slices.Contains(when.Subjects, place) {
					return true
				}
			}
		}
	}
	return false
}

// parameters merges the profiles in force, later ones over earlier ones, into
// what controls find under input.parameters.
func parameters(profiles []Profile, controls []decide.Control) (map[string]any, []decision.Problem) {
	var names, brought, must []string
	severity, evidence, merged := map[string]any{}, map[string]any{}, map[string]any{}
	for _, p := range profiles {
		names = append(names, p.Metadata.Name)
		brought = append(brought, p.Spec.Controls...)
		must = append(must, p.Spec.Must...)
		for id, level := range p.Spec.Severity {
			severity[id] = level
		}
		maps.Copy(evidence, p.Spec.Evidence)
		maps.Copy(merged, p.Spec.Parameters)
	}
	var problems []decision.Problem
	for _, c := range controls {
		if _, ok := evidence[c.Evidence]; !ok {
			problems = append(problems, decision.Problem{Path: c.Path, Message: fmt.Sprintf("control %s: evidence class %q is in no profile; expected one of %s", c.ID, c.Evidence, strings.Join(slices.Sorted(maps.Keys(evidence)), ", "))})
		}
		for _, name := range slices.Sorted(maps.Keys(c.Parameters)) {
			if _, ok := merged[name]; ok {
				continue
			}
			if c.Parameters[name].Default == nil {
				problems = append(problems, decision.Problem{Path: c.Path, Message: fmt.Sprintf("control %s needs parameter %q, which no profile in force has; add it to a profile", c.ID, name)})
				continue
			}
			merged[name] = c.Parameters[name].Default
		}
	}
	merged["profiles"] = texts(names)
	merged["brought"] = texts(brought)
	merged["must"] = texts(must)
	merged["severity"] = severity
	merged["evidence"] = evidence
	return merged, problems
}

func texts(list []string) []any {
	list = slices.Clone(list)
	slices.Sort(list)
	list = slices.Compact(list)
	plain := make([]any, len(list))
	for i, text := range list {
		plain[i] = text
	}
	return plain
}

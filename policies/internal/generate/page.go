package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/caveat-check/caveat/internal/decide"
)

//go:embed page.md.tmpl
var pageText string

// frameworks are the names of what controls refer to, in the order of the page.
var frameworks = []struct{ id, name string }{
	{"hipaa", "HIPAA, 45 CFR"}, {"gdpr", "GDPR"}, {"ccpa", "CCPA"}, {"pci-dss", "PCI DSS v4"}, {"soc2", "SOC 2"},
	{"iso27001", "ISO 27001:2022"}, {"nist-800-53", "NIST SP 800-53r5"},
}

// A profile is what the page says of one.
type profile struct {
	Metadata struct{ Name, Title, Description string }
	Spec     struct{ Controls, Must []string }
}

// page is docs/controls.md.
func page(controls []decide.Control, plain []any) ([]byte, error) {
	data, err := json.Marshal(plain)
	if err != nil {
		return nil, err
	}
	var profiles []profile
	if err := json.Unmarshal(data, &profiles); err != nil {
		return nil, err
	}
	families := map[string][]decide.Control{}
	for _, c := range controls {
		families[c.Family] = append(families[c.Family], c)
	}
	page := template.New("page").Funcs(template.FuncMap{
		"code":  func(text string) string { return "`" + text + "`" },
		"codes": codes,
		"cell": func(text string) string {
			return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
		},
		"brought":    func(c decide.Control) string { return brought(c, profiles) },
		"references": references,
		"names":      func(c decide.Control) []string { return slices.Sorted(maps.Keys(c.Parameters)) },
		"yes": func(b bool) string {
			if b {
				return "yes"
			}
			return "no"
		},
	})
	if _, err := page.Parse(pageText); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, map[string]any{
		"Families": families, "Controls": controls, "Profiles": profiles,
	})
	return out.Bytes(), err
}

func codes(list []string) string {
	quoted := make([]string, len(list))
	for i, text := range list {
		quoted[i] = "`" + text + "`"
	}
	return strings.Join(quoted, ", ")
}

// brought says which profiles bring a control.
func brought(c decide.Control, profiles []profile) string {
	var list []string
	for _, p := range profiles {
		if slices.Contains(p.Spec.Controls, c.ID) {
			text := "`" + p.Metadata.Name + "`"
			if slices.Contains(p.Spec.Must, c.ID) {
				text += " (must)"
			}
			list = append(list, text)
		}
	}
	if len(list) == 0 {
		return "–"
	}
	return strings.Join(list, ", ")
}

func references(c decide.Control) (string, error) {
	ids := map[string][]string{}
	for _, r := range c.References {
		if !slices.ContainsFunc(frameworks, func(f struct{ id, name string }) bool { return f.id == r.Framework }) {
			return "", fmt.Errorf("control %s refers to framework %q, which the page has no name for", c.ID, r.Framework)
		}
		ids[r.Framework] = append(ids[r.Framework], r.ID)
	}
	var list []string
	for _, f := range frameworks {
		if len(ids[f.id]) > 0 {
			list = append(list, f.name+" "+strings.Join(ids[f.id], ", "))
		}
	}
	return strings.Join(list, "; "), nil
}

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
)

// A Control is what there is to say about one control.
type Control struct {
	ID          string               `json:"id"`
	Family      string               `json:"family"`
	Title       string               `json:"title"`
	Description string               `json:"description"`
	Severity    string               `json:"severity"`
	Evidence    string               `json:"evidence"` // the class of evidence that it needs
	At          string               `json:"at"`       // pointer into the manifest
	Question    string               `json:"question"`
	Proved      string               `json:"proved"`
	References  []decision.Reference `json:"references"`
	Remediation string               `json:"remediation"`
	Waivable    bool                 `json:"waivable"`
	Parameters  []Parameter          `json:"parameters,omitempty"`
	Accepted    []Accepted           `json:"accepted,omitempty"`
	Profiles    []string             `json:"profiles,omitempty"` // that bring it
	Must        []string             `json:"must,omitempty"`     // profiles that require it
	Path        string               `json:"path"`
}

// A Parameter is a value of a control that profiles may change.
type Parameter struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description"`
	Value       any    `json:"value"`
}

// Accepted are the sources that carry a proof at one stage; any rule suffices.
type Accepted struct {
	Stage string `json:"stage"`
	Rules []Rule `json:"rules"`
}

// A Rule accepts sources of any of some kinds. MaxAgeDays 0 is any age.
type Rule struct {
	Kinds      []string `json:"kinds"`
	MaxAgeDays int      `json:"maxAgeDays,omitempty"`
	InForce    bool     `json:"inForce,omitempty"`
}

// String words a rule: "documented or contractual, at most 180 days old".
func (r Rule) String() string {
	words := or(strings.Join(r.Kinds, " or "), "no kind")
	if r.MaxAgeDays > 0 {
		words += ", at most " + count(r.MaxAgeDays, "day", "days") + " old"
	}
	if r.InForce {
		words += ", in force"
	}
	return words
}

func severityStyle(severity string) style {
	switch severity {
	case "critical":
		return bad
	case "high":
		return doubt
	default:
		return plain
	}
}

// Controls writes a line for each control: id, severity, class of evidence and
// title. In narrow lines the title stands beneath.
func (t *Table) Controls(controls []Control) error {
	p := t.page()
	id, severity, class := 0, 0, 0
	for _, c := range controls {
		id = max(id, width([]piece{text(c.ID)}))
		severity = max(severity, width([]piece{text(c.Severity)}))
		class = max(class, width([]piece{text(c.Evidence)}))
	}
	hang := id + severity + class + 6
	for _, c := range controls {
		head := []piece{
			styled(fmt.Sprintf("%-*s", id+2, c.ID), strong), styled(fmt.Sprintf("%-*s", severity+2, c.Severity), severityStyle(c.Severity)),
			styled(fmt.Sprintf("%-*s", class+2, c.Evidence), faint),
		}
		if hang+28 <= p.width {
			p.flow(head, hang, text(c.Title))
			continue
		}
		p.flow(nil, 4, join(wide, []piece{styled(c.ID, strong)}, []piece{styled(c.Severity, severityStyle(c.Severity))}, []piece{styled(c.Evidence, faint)})...)
		p.flow([]piece{indent(4)}, 4, text(c.Title))
	}
	if len(controls) == 0 {
		p.flow(nil, 2, text("there are no controls"))
	}
	return p.writeTo(t.W)
}

// Control writes all there is to say about one control.
func (t *Table) Control(c Control) error {
	p := t.page()
	p.ends([]piece{styled(c.ID, strong), text(wide), styled(c.Severity, severityStyle(c.Severity))}, []piece{styled(c.Path, faint)})
	p.flow([]piece{indent(2)}, 2, text(c.Title))
	if c.Description != "" {
		p.blank()
		p.flow([]piece{indent(2)}, 2, text(c.Description))
	}
	p.blank()
	row := func(label string, body ...piece) { p.label(styled(label, faint), 2, 12, 2, body...) }
	for _, part := range []struct{ label, words string }{
		{"family", c.Family}, {"asks", c.Question}, {"passes when", c.Proved}, {"concerns", c.At}, {"remediation", c.Remediation},
	} {
		if part.words != "" {
			row(part.label, text(part.words))
		}
	}
	row("waivable", text(valueOf("", c.Waivable)))
	if len(c.Profiles) > 0 {
		row("brought by", text(strings.Join(c.Profiles, ", ")))
	}
	if len(c.Must) > 0 {
		row("must in", text(strings.Join(c.Must, ", ")))
	}
	row("evidence", text(c.Evidence))
	for _, a := range c.Accepted {
		words := make([]string, len(a.Rules))
		for i, r := range a.Rules {
			words[i] = r.String()
		}
		row("to "+a.Stage, text(or(strings.Join(words, "; or "), "nothing is accepted")))
	}
	for i, parameter := range c.Parameters {
		label := ""
		if i == 0 {
			label = "parameters"
		}
		row(label, styled(parameter.Name, strong), text(" = "+valueOf("", parameter.Value)), styled(dot+parameter.Type, faint))
		if parameter.Description != "" {
			p.flow([]piece{indent(18)}, 18, text(parameter.Description))
		}
	}
	// One framework a line, in the order given.
	var frameworks []string
	clauses := map[string][]string{}
	for _, r := range c.References {
		if _, ok := clauses[r.Framework]; !ok {
			frameworks = append(frameworks, r.Framework)
		}
		clauses[r.Framework] = append(clauses[r.Framework], strings.ReplaceAll(r.ID, " ", nbsp))
	}
	for i, framework := range frameworks {
		label := ""
		if i == 0 {
			label = "references"
		}
		row(label, text(framework+nbsp+strings.Join(clauses[framework], ", ")))
	}
	return p.writeTo(t.W)
}

// ControlJSON writes one control.
func ControlJSON(w io.Writer, c Control) error { return writeJSON(w, viewControl(c)) }

// ControlsJSON writes controls in a list.
func ControlsJSON(w io.Writer, controls []Control) error {
	return writeJSON(w, each(controls, viewControl))
}

func viewControl(c Control) Control {
	c.References = list(c.References)
	if c.Accepted != nil {
		c.Accepted = each(c.Accepted, func(a Accepted) Accepted {
			a.Rules = each(a.Rules, func(r Rule) Rule { r.Kinds = list(r.Kinds); return r })
			return a
		})
	}
	return c
}

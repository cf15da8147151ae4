package report

import (
	"fmt"
	"io"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/lint"
)

// A Lint is what is to be said of vendor documents. Errors are those of
// documents that cannot be read.
type Lint struct {
	AsOf       string             `json:"asOf"`
	MaxAgeDays int                `json:"maxAgeDays"`
	Documents  int                `json:"documents"`
	Summary    LintSummary        `json:"summary"`
	Findings   []lint.Finding     `json:"findings"`
	Errors     []decision.Problem `json:"errors"`
}

// A LintSummary counts findings.
type LintSummary struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Note    int `json:"note"`
}

// NewLint counts sorted findings.
func NewLint(asOf string, maxAge, documents int, findings []lint.Finding, errors []decision.Problem) Lint {
	l := Lint{AsOf: asOf, MaxAgeDays: maxAge, Documents: documents, Findings: list(findings), Errors: list(errors)}
	for _, f := range findings {
		switch f.Severity {
		case lint.Error:
			l.Summary.Error++
		case lint.Warning:
			l.Summary.Warning++
		default:
			l.Summary.Note++
		}
	}
	return l
}

// LintJSON writes all findings.
func LintJSON(w io.Writer, l Lint) error { return writeJSON(w, l) }

// Lint writes findings as compilers do, so that editors find the place, and
// below each what to do. Notes are only counted, unless Verbose.
func (t *Table) Lint(l Lint) error {
	p := t.page()
	for _, f := range l.Findings {
		if f.Severity == lint.Note && !t.Verbose {
			continue
		}
		k := map[lint.Severity]style{lint.Error: bad, lint.Warning: doubt}[f.Severity]
		p.flow(nil, 2, styled(fmt.Sprintf("%s:%d:%d:", f.Path, f.Line, f.Column), plain), text(" "), styled(string(f.Severity), k), text(" "), styled(f.Rule, strong), text(" "), styled(f.Pointer, faint))
		p.flow([]piece{indent(4)}, 4, text(f.Message))
	}
	if p.out.Len() > 0 {
		p.blank()
	}
	words := fmt.Sprintf("%s: %s, %s, %s", count(l.Documents, "vendor document", "vendor documents"),
		count(l.Summary.Error, "error", "errors"), count(l.Summary.Warning, "warning", "warnings"), count(l.Summary.Note, "note", "notes"))
	if l.Summary.Note > 0 && !t.Verbose {
		words += " (-v shows notes)"
	}
	if len(l.Errors) > 0 {
		words += fmt.Sprintf("; %s in documents that cannot be read", count(len(l.Errors), "problem", "problems"))
	}
	p.flow(nil, 2, text(words))
	return p.writeTo(t.W)
}

// Package lint says what is doubtful in vendor documents that can be read:
// sources without use or date, prices that cannot be billed, claims that
// contradict or repeat each other, scopes in which nothing holds. It is pure.
package lint

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/caveat-check/caveat/internal/catalog"
)

// A Severity says how much a finding matters.
type Severity string

// The severities, worst first. With an error the document is wrong: `caveat
// check` refuses it, or takes a fact of it for unknown.
const (
	Error   Severity = "error"
	Warning Severity = "warning" // the document loses something: a fact too old to prove, a price without a bill
	Note    Severity = "note"    // something to look up
)

// severities are all, worst first.
var severities = []Severity{Error, Warning, Note}

// AtLeast reports whether a severity is as bad as another, or worse. One that
// is none is never reached.
func (s Severity) AtLeast(other Severity) bool {
	least := slices.Index(severities, other)
	return least >= 0 && slices.Index(severities, s) <= least
}

// A Finding is one thing to look at. Line and Column count from 1; Pointer is
// the JSON pointer of what it is about.
type Finding struct {
	Severity Severity `json:"severity"`
	Rule     string   `json:"rule"`
	Vendor   string   `json:"vendor"`
	Path     string   `json:"path"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Pointer  string   `json:"pointer"`
	Message  string   `json:"message"`
}

// Options say what is old.
type Options struct {
	AsOf   time.Time // midnight, UTC
	MaxAge int       // a source older than so many days is stale
}

// Vendor applies every rule to a vendor document. The findings are sorted.
func Vendor(v *catalog.Vendor, options Options) []Finding {
	c := &linter{vendor: v, options: options}
	c.sources()
	c.claims()
	c.billing()
	c.hosting()
	Sort(c.findings)
	return c.findings
}

// Issues are the references of a document that lead nowhere, as findings:
// `caveat check` refuses the document for each.
func Issues(vendor string, issues []catalog.Issue) []Finding {
	var list []Finding
	for _, i := range issues {
		list = append(list, Finding{Error, i.Rule, vendor, i.Path, i.Line, i.Column, i.Pointer, i.Message})
	}
	return list
}

// Sort orders findings by place, and those of one place by rule.
func Sort(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Message, b.Message))
	})
}

type linter struct {
	vendor   *catalog.Vendor
	options  Options
	findings []Finding
}

func (l *linter) report(severity Severity, rule, pointer string, at catalog.Place, format string, args ...any) {
	l.findings = append(l.findings, Finding{severity, rule, l.vendor.ID, l.vendor.Path, at.Line, at.Column, pointer, fmt.Sprintf(format, args...)})
}

// pointerOf is the pointer of a claim.
func pointerOf(f catalog.Fact, c catalog.Claim) string {
	return fmt.Sprintf("%s/%d", f.Pointer, c.Index)
}

// meet reports whether two lists of a scope share something; nil is all.
func meet(a, b []string) bool {
	return a == nil || b == nil || slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

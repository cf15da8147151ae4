package report

import (
	"bytes"
	"testing"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/lint"
)

func sampleLint() Lint {
	return NewLint("2026-11-23", 365, 2, []lint.Finding{
		{Severity: lint.Warning, Rule: "stale-source", Vendor: "acme", Path: "caveat/vendors/acme.yaml", Line: 6, Column: 3, Pointer: "/sources/docs",
			Message: `source "docs" was read on 2025-06-01, 540 days before 2026-11-23; expected at most 365; read it again`},
		{Severity: lint.Note, Rule: "no-billing-rule", Vendor: "acme", Path: "caveat/vendors/acme.yaml", Line: 25, Column: 25, Pointer: "/skus/h100/price/on-demand/0",
			Message: "nothing is stated under /billing of rounding"},
		{Severity: lint.Error, Rule: "contradiction", Vendor: "zeta", Path: "caveat/vendors/a-folder-with-a-long-name/and-another-one/zeta.yaml", Line: 120, Column: 11, Pointer: "/agreements/baa/offered/1",
			Message: "true here and false in line 119 both hold for plans team"},
	}, []decision.Problem{{Path: "broken.yaml", Line: 1, Column: 1, Message: "what is wrong; what was expected; what to do"}})
}

func TestLint(t *testing.T) {
	for _, c := range []struct {
		name    string
		lint    Lint
		verbose bool
	}{
		{"lint.txt", sampleLint(), false},
		{"lint-verbose.txt", sampleLint(), true},
		{"lint-nothing.txt", NewLint("2026-11-23", 365, 1, nil, nil), false},
	} {
		for _, width := range []int{80, 60, 120} {
			var out bytes.Buffer
			if err := (&Table{W: &out, Width: width, Verbose: c.verbose}).Lint(c.lint); err != nil {
				t.Fatal(err)
			}
			checkWidth(t, c.name, out.String(), width)
			if width == 80 {
				golden(t, c.name, out.Bytes())
			}
		}
	}
	for name, l := range map[string]Lint{"lint.json": sampleLint(), "lint-nothing.json": NewLint("2026-11-23", 365, 1, nil, nil)} {
		var out bytes.Buffer
		if err := LintJSON(&out, l); err != nil {
			t.Fatal(err)
		}
		golden(t, name, out.Bytes())
	}
}

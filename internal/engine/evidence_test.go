package engine

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/manifest"
)

var update = flag.Bool("update", false, "rewrite generated parts of docs")

// The numbers of docs/evidence.md: every example on the cheapest offering of
// every vendor, plan and hosting, at both stages.
func TestEvidenceNumbers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("decides the whole catalog: run without -short")
	}
	e := newEngine(t, Options{})
	table := &bytes.Buffer{}
	fmt.Fprintln(table, "| stage | offerings decided | pass | review | fail | in review only for want of evidence of an accepted kind or age |")
	fmt.Fprintln(table, "| --- | ---: | ---: | ---: | ---: | ---: |")
	gaps := map[string]map[string]int{}
	for _, stage := range []string{"select", "operate"} {
		counts := map[decision.Verdict]int{}
		decided, evidenceOnly := 0, 0
		gaps[stage] = map[string]int{}
		for _, doc := range examples(t, e) {
			e.options.Stage = stage
			r, problems := e.prepare(t.Context(), doc)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			session, err := r.policies.Session(r.manifest, stage, true, r.parameters, asOf)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[[3]string]bool{}
			for _, id := range r.choices(manifest.Placement{Infrastructure: r.manifest.Placement.Infrastructure}) {
				key := [3]string{id.Vendor, id.Plan, id.Hosting}
				if seen[key] {
					continue
				}
				seen[key] = true
				findings, err := session.Findings(context.Background(), r.subject(id))
				if err != nil {
					t.Fatal(err)
				}
				decided++
				verdict := decision.VerdictOf(findings)
				counts[verdict]++
				only := verdict == decision.Review
				for _, f := range findings {
					if !f.Required || f.Status != decision.Unknown {
						continue
					}
					for _, gap := range f.Missing {
						gaps[stage][gap.Reason]++
						only = only && (gap.Reason == "kind" || gap.Reason == "stale" || gap.Reason == "undated")
					}
				}
				if only {
					evidenceOnly++
				}
			}
		}
		fmt.Fprintf(table, "| %s | %d | %d | %d | %d | %d |\n", stage, decided, counts[decision.Passed], counts[decision.Review], counts[decision.Failed], evidenceOnly)
	}
	fmt.Fprintln(table, "\n| what keeps required findings unknown | select | operate |\n| --- | ---: | ---: |")
	for _, reason := range []string{"absent", "kind", "stale", "undated", "conflict", "undeclared"} {
		fmt.Fprintf(table, "| %s | %d | %d |\n", reason, gaps["select"][reason], gaps["operate"][reason])
	}
	replaceInDoc(t, "../../docs/evidence.md", "numbers", table.String())
}

// replaceInDoc checks, or with -update rewrites, what stands between the marks
// of a document that have some name.
func replaceInDoc(t *testing.T, path, name, text string) {
	t.Helper()
	begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks the marks %q and %q", path, begin, end)
	}
	if got == text {
		return
	}
	if !*update {
		t.Fatalf("%s is out of date; go test ./internal/engine -run %s -update\ngot:\n%s\nwant:\n%s", path, t.Name(), got, text)
	}
	if err := os.WriteFile(path, []byte(before+begin+text+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

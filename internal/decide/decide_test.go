package decide_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/expand"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/manifest"
	"github.com/caveat-check/caveat/policies"
)

const asOf = "2026-11-23"

const vendorText = `apiVersion: caveat/v1
kind: Vendor
metadata: {id: acme, name: Acme, url: "https://acme.example"}
sources:
  docs: {url: "https://acme.example/docs", kind: documented, published: 2026-10-01, read: 2026-11-01, copy: live}
  blog: {url: "https://acme.example/blog", kind: marketing, published: 2026-10-01, read: 2026-11-01, copy: live}
products:
  pods: {name: Pods, hosting: [managed]}
plans:
  team: {name: Team}
hosting:
  managed: [{value: true, scope: all, sources: [docs]}]
performance:
  uptime: [{value: 99.9, scope: all, sources: [docs]}]
security:
  sso: [{value: [saml], scope: all, sources: [blog]}]
`

const workloadText = `apiVersion: caveat/v1
kind: Workload
metadata: {name: notes, owner: search}
spec:
  stage: select
  data: {classes: [internal]}
  placement: {vendor: acme, product: pods, plan: team}
`

// source is a control with some rules, and those without which it is none.
func source(id, rules string) decide.Module {
	if !strings.Contains(rules, "reads contains") {
		rules += "\n\nreads contains \"/performance/uptime\""
	}
	if !strings.Contains(rules, "pass ") {
		rules += "\n\npass if input.asOf == \"never\""
	}
	return decide.Module{Path: id + ".rego", Source: fmt.Appendf(nil, `# METADATA
# title: A title
# description: A description.
# custom:
#   id: %[1]s
#   severity: high
#   evidence: known
#   at: /spec/placement
#   question: whether it holds
#   proved: it holds
#   references: []
#   remediation: Mend it.
#   waivable: %[2]t
package caveat.controls.own.%[3]s

%[4]s
`, id, strings.HasPrefix(id, "may"), strings.ReplaceAll(id, "-", "_"), rules)}
}

// compile makes policies of controls beside the shipped helpers.
func compile(t *testing.T, own ...decide.Module) (*decide.Policies, []decision.Problem) {
	t.Helper()
	files, err := policies.Modules()
	if err != nil {
		t.Fatal(err)
	}
	controls, problems := decide.Controls(own)
	if len(problems) > 0 {
		return nil, problems
	}
	modules := slices.Clone(own)
	for _, file := range files {
		if strings.HasPrefix(file.Path, "lib/") {
			modules = append(modules, decide.Module{Path: file.Path, Source: file.Source})
		}
	}
	return decide.Compile(modules, controls, map[string]any{"vocabulary": map[string]any{"around": map[string]any{}}})
}

// read is the one document of a text.
func read(t *testing.T, loader *load.Loader, text string) document.Document {
	t.Helper()
	docs, problems := loader.Bytes("w.yaml", []byte(text))
	if len(problems) > 0 || len(docs) != 1 {
		t.Fatalf("got %d documents, %v", len(docs), problems)
	}
	return docs[0]
}

// start makes a session for the workload, and the offering that it is placed on.
func start(t *testing.T, p *decide.Policies) (*decide.Session, decide.Subject) {
	t.Helper()
	loader, err := load.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	vendor, problems := catalog.FromDocument(read(t, loader, vendorText), loader.Places())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	m := manifest.FromDocument(read(t, loader, workloadText))
	expander := expand.New(vendor, nil)
	choices := expander.Choices(m, m.Placement)
	if len(choices) == 0 {
		t.Fatal("the vendor sells nothing")
	}
	known := []any{map[string]any{"kinds": []any{"documented"}, "maxAgeDays": 90}}
	session, err := p.Session(m, "select", false, map[string]any{
		"profiles": []any{}, "brought": []any{}, "must": []any{"may-be-waived"}, "severity": map[string]any{},
		"evidence": map[string]any{"known": map[string]any{"select": known, "operate": known}},
	}, asOf)
	if err != nil {
		t.Fatal(err)
	}
	return session, decide.Subject{Offering: expander.Offering(choices[0], nil)}
}

// finding decides one control with some rules.
func finding(t *testing.T, id, rules string) decision.Finding {
	t.Helper()
	p, problems := compile(t, source(id, rules))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	session, subject := start(t, p)
	findings, err := session.Findings(t.Context(), subject)
	if err != nil || len(findings) != 1 {
		t.Fatalf("got %v, %v", findings, err)
	}
	return findings[0]
}

// What a control proves, refuses and leaves out, and what comes of it.
func TestStatus(t *testing.T) {
	const fails = `fail contains {"message": "it is not so", "at": "/spec/placement", "facts": ["/performance/uptime"]}`
	for name, c := range map[string]struct {
		rules string
		want  decision.Status
		why   string // of the first gap
	}{
		"proved from a fact of an accepted kind":   {"applies := true\n\nreads contains \"/performance/uptime\"\n\npass if input.offering.performance.uptime > 99", decision.Pass, ""},
		"proved from nothing":                      {"applies := true\n\nreads contains \"/performance/uptime\" if input.asOf == \"never\"\n\npass := true", decision.Unknown, ""},
		"proved from a fact that nobody states":    {"applies := true\n\nreads contains \"/performance/ttft\"\n\npass := true", decision.Unknown, "absent"},
		"proved from a fact of another kind":       {"applies := true\n\nreads contains \"/security/sso\"\n\npass := true", decision.Unknown, "kind"},
		"not proved":                               {"applies := true\n\nreads contains \"/performance/uptime\"\n\npass if input.offering.performance.uptime > 100", decision.Unknown, "absent"},
		"refused":                                  {"applies := true\n\n" + fails, decision.Fail, ""},
		"refused and proved":                       {"applies := true\n\nreads contains \"/performance/uptime\"\n\npass := true\n\n" + fails, decision.Fail, ""},
		"refused, and of no concern":               {"applies if input.workload.metadata.owner == \"nobody\"\n\n" + fails, decision.NotApplicable, ""},
		"of concern by what no manifest states":    {"applies if input.workload.spec.nowhere\n\n" + fails, decision.NotApplicable, ""},
		"proved with something other than true":    {"applies := true\n\nreads contains \"/performance/uptime\"\n\npass := \"yes\"", decision.Unknown, "absent"},
		"proved from the manifest":                 {"applies := true\n\nreads contains \"/workload/metadata/owner\"\n\npass if input.workload.metadata.owner == \"search\"", decision.Pass, ""},
		"proved on the day of the decision itself": {"applies := true\n\nreads contains \"/performance/uptime\"\n\npass if input.asOf == \"" + asOf + "\"", decision.Pass, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := finding(t, "thing", c.rules)
			if got.Status != c.want || got.Fault != "" {
				t.Errorf("got %v (fault %q), want %v", got.Status, got.Fault, c.want)
			}
			why := ""
			if len(got.Missing) > 0 {
				why = got.Missing[0].Reason
			}
			if why != c.why {
				t.Errorf("got missing %v, want reason %q", got.Missing, c.why)
			}
		})
	}
}

// A pass and a fail have three ends: the place in the manifest, that in the
// vendor document, and its source.
func TestEnds(t *testing.T) {
	for status, rules := range map[decision.Status]string{
		decision.Pass: "pass := true", decision.Fail: `fail contains {"message": "no", "at": "/spec/placement/plan", "facts": ["/performance/uptime"]}`,
	} {
		got := finding(t, "thing", "applies := true\n\nreads contains \"/performance/uptime\"\n\n"+rules)
		if got.Status != status || got.Location.Line != 7 || len(got.Facts) != 1 {
			t.Fatalf("got %+v, want %v at line 7 with one fact", got, status)
		}
		fact := got.Facts[0]
		if fact.Document != "acme" || fact.Line != 14 || len(fact.Sources) != 1 || fact.Sources[0].ID != "docs" || fact.Sources[0].Read != "2026-11-01" {
			t.Errorf("got %+v, want the uptime and its source", fact)
		}
	}
}

// What cannot be evaluated is unknown with the fault, is never waived, and does
// not keep the others from being decided.
func TestFault(t *testing.T) {
	p, problems := compile(t,
		source("may-break", "applies := true\n\nreads contains \"/performance/uptime\"\n\npass if count(input.offering.performance.uptime) > 0"),
		source("may-be-waived", "applies := true\n\nreads contains \"/performance/ttft\"\n\npass := true"),
		source("thing", "applies := true\n\nreads contains \"/performance/ttft\"\n\npass := true"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	session, subject := start(t, p)
	var asked []string
	session.Waive(func(control, vendor string) *decision.Waiver {
		asked = append(asked, control+" "+vendor)
		return &decision.Waiver{Name: "w"}
	})
	findings, err := session.Findings(t.Context(), subject)
	if err != nil || len(findings) != 3 {
		t.Fatalf("got %v, %v", findings, err)
	}
	if f := findings[1]; f.Control != "may-break" || f.Status != decision.Unknown || f.Waiver != nil || !strings.Contains(f.Fault, "count: operand 1 must be one of") {
		t.Errorf("got %+v, want a fault, and no waiver", f)
	}
	if f := findings[0]; f.Status != decision.Waived || f.Waiver == nil || f.Waiver.Status != decision.Unknown || !f.Required {
		t.Errorf("got %+v, want waived, and unknown beneath", f)
	}
	if f := findings[2]; f.Status != decision.Unknown || f.Waiver != nil {
		t.Errorf("got %+v, want unknown: it cannot be waived", f)
	}
	if !slices.Equal(asked, []string{"may-be-waived acme"}) {
		t.Errorf("got %v, want only what may be waived and is no fault", asked)
	}
}

// An interrupt is an error, and no unknown.
func TestCancelled(t *testing.T) {
	p, problems := compile(t, source("thing", "applies := true\n\nreads contains \"/performance/uptime\"\n\npass := true"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	session, subject := start(t, p)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if findings, err := session.Findings(ctx, subject); !errors.Is(err, context.Canceled) || findings != nil {
		t.Errorf("got %v, %v, want the interrupt", findings, err)
	}
}

// What differs between runs cannot be asked for.
func TestCapabilities(t *testing.T) {
	for _, call := range []string{`http.send({"method": "get", "url": "https://acme.example"})`, "time.now_ns()", `rand.intn("a", 2)`, "opa.runtime()", `uuid.rfc4122("a")`} {
		_, problems := compile(t, source("thing", "applies := true\n\nreads contains \"/performance/uptime\"\n\npass if "+call))
		name, _, _ := strings.Cut(call, "(")
		if len(problems) != 1 || problems[0].Path != "thing.rego" || problems[0].Line != 20 || !strings.Contains(problems[0].Message, name) {
			t.Errorf("%s: got %v, want it refused at line 20", name, problems)
		}
	}
}

// Packages of others stay as they are.
func TestForeign(t *testing.T) {
	shipped := []decide.Module{source("baa", "applies := true")}
	for text, want := range map[string]string{
		"package caveat.controls.own.thing": "", "package caveat.own.words": "", "package elsewhere": "",
		"package caveat.controls.own.baa": "is that of baa.rego", "package caveat.lib.status": "is that of the project", "package main": "is that of the project", "package caveat": "is that of the project",
	} {
		problems := decide.Foreign([]decide.Module{{Path: "own.rego", Source: []byte(text)}}, shipped)
		if got := fmt.Sprint(problems); (want == "") != (len(problems) == 0) || !strings.Contains(got, want) {
			t.Errorf("%s: got %v, want %q", text, problems, want)
		}
	}
	twice := []decide.Module{{Path: "a.rego", Source: []byte("package caveat.own.words")}, {Path: "b.rego", Source: []byte("package caveat.own.words")}}
	if problems := decide.Foreign(twice, nil); len(problems) != 1 || problems[0].Path != "b.rego" {
		t.Errorf("got %v, want the second refused", problems)
	}
}

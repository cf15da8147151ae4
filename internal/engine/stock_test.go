package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/manifest"
	"github.com/caveat-check/caveat/internal/offering"
)

// A stockFinding is a finding as a stock OPA gives it.
type stockFinding struct {
	Control    string
	Status     string
	Required   bool
	Severity   string
	Title      string
	Message    string
	At         string
	Facts      []string
	Missing    []decision.Gap
	Conditions []string
	Reasons    []struct {
		Message, At string
		Facts       []string
	}
}

// A stockDecision is data.caveat.decision.
type stockDecision struct {
	Findings []stockFinding
	Verdict  string
}

// export writes the policies as a bundle folder.
func export(t *testing.T, e *Engine) string {
	t.Helper()
	files, err := e.Export()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// stock prepares the exported policies in an OPA that is not ours.
func stock(t *testing.T, dir string) rego.PreparedEvalQuery {
	t.Helper()
	query, err := rego.New(rego.LoadBundle(dir), rego.Query("data.caveat.decision"), rego.StrictBuiltinErrors(true)).PrepareForEval(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return query
}

func evalStock(t *testing.T, query rego.PreparedEvalQuery, input map[string]any) any {
	t.Helper()
	results, err := query.Eval(context.Background(), rego.EvalInput(input))
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 1 || len(results[0].Expressions) != 1 {
		t.Fatalf("got %d results, want 1", len(results))
	}
	return results[0].Expressions[0].Value
}

func decodeStock(t *testing.T, value any) stockDecision {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var d stockDecision
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// places lists offerings for comparing: for every plan and hosting of one
// vendor, or of all, the first, or the last, so that SKUs and regions differ.
func places(r *run, vendor string, last bool) []decision.Offering {
	var list []decision.Offering
	at := map[[3]string]int{}
	for _, id := range r.choices(manifest.Placement{Vendor: vendor, Infrastructure: r.manifest.Placement.Infrastructure}) {
		key := [3]string{id.Vendor, id.Plan, id.Hosting}
		switch i, seen := at[key]; {
		case !seen:
			at[key] = len(list)
			list = append(list, id)
		case last:
			list[i] = id
		}
	}
	return list
}

// TestStockOPA compares, for every example and offerings of every vendor, the
// findings of the engine, which shows a control only what it looks at and
// decides once what looks alike, with those of a stock OPA on the exported
// policies and the whole input.
func TestStockOPA(t *testing.T) {
	t.Parallel()
	e := newEngine(t, Options{Accounts: accounts()})
	query := stock(t, export(t, e))
	step := 1
	if testing.Short() {
		step = 21
	}
	compared, offered := 0, 0
	vendors := map[string]bool{}
	// Every other plan and hosting at the one stage, the rest at the other.
	placed := func(r *run, only string) {
		for n, stage := range []string{"operate", "select"} {
			session, err := r.policies.Session(r.manifest, stage, true, r.parameters, asOf)
			if err != nil {
				t.Fatal(err)
			}
			var list []decision.Offering
			for i, id := range places(r, only, stage == "select") {
				if offered++; i%2 == n && offered%step == 0 {
					list = append(list, id)
					vendors[id.Vendor] = true
				}
			}
			compared += compareStock(t, r, session, query, list)
		}
	}
	for _, doc := range examples(t, e) {
		r := prepared(t, e, doc)
		own, err := r.session()
		if err != nil {
			t.Fatal(err)
		}
		compared += compareStock(t, r, own, query, r.choices(r.manifest.Placement)[:1])
		placed(r, "")
	}
	// A vendor that has no GPU of any example: with one that it has.
	for _, v := range e.vendors {
		if vendors[v.ID] || testing.Short() {
			continue
		}
		for _, doc := range examples(t, e) {
			doc.Root.Field("spec").Set("resources", document.Of(map[string]any{"gpu": map[string]any{"model": v.SKUs[0].GPU, "count": json.Number("1")}}, 1, 1))
			doc.Root.Field("spec").Set("uses", document.Of([]any{}, 1, 1))
			doc.Root.Field("spec").Set("placement", document.Of(map[string]any{}, 1, 1))
			placed(prepared(t, e, doc), v.ID)
		}
	}
	t.Logf("%d inputs of %d vendors compared", compared, len(vendors))
	if step == 1 && (compared < 700 || len(vendors) < len(e.vendors)) {
		t.Errorf("compared %d inputs of %d vendors; want at least 700 of all %d", compared, len(vendors), len(e.vendors))
	}
}

func prepared(t *testing.T, e *Engine, doc document.Document) *run {
	t.Helper()
	r, problems := e.prepare(t.Context(), doc)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return r
}

func compareStock(t *testing.T, r *run, session *decide.Session, query rego.PreparedEvalQuery, ids []decision.Offering) int {
	t.Helper()
	for _, id := range ids {
		subject := r.subject(id)
		findings, err := session.Findings(context.Background(), subject)
		if err != nil {
			t.Fatal(err)
		}
		got := decodeStock(t, evalStock(t, query, session.Input(subject)))
		for _, difference := range differences(r, subject, findings, got) {
			t.Errorf("%s on %v: %s", r.manifest.ID.Name, id, difference)
		}
		brief, err := session.Brief(context.Background(), subject, decide.Whole)
		if err != nil {
			t.Fatal(err)
		}
		want := decide.Brief{Open: required(got, "unknown"), Refused: required(got, "fail")}
		if brief.Verdict.String() != got.Verdict || !slices.Equal(brief.Open, want.Open) || !slices.Equal(brief.Refused, want.Refused) {
			t.Errorf("%s on %v in brief: got %v, open %v, refused by %v; OPA %s, open %v, refused by %v",
				r.manifest.ID.Name, id, brief.Verdict, brief.Open, brief.Refused, got.Verdict, want.Open, want.Refused)
		}
	}
	return len(ids)
}

// required lists the controls whose required findings have a status.
func required(d stockDecision, status string) []string {
	var ids []string
	for _, f := range d.Findings {
		if f.Required && f.Status == status {
			ids = append(ids, f.Control)
		}
	}
	slices.Sort(ids)
	return ids
}

// differences compares the engine's findings with a stock OPA's, whose pointers
// it follows as the engine does.
func differences(r *run, subject decide.Subject, findings []decision.Finding, got stockDecision) []string {
	var list []string
	if want := decision.VerdictOf(findings).String(); got.Verdict != want {
		list = append(list, fmt.Sprintf("verdict is %s with OPA, %s here", got.Verdict, want))
	}
	if len(got.Findings) != len(findings) {
		list = append(list, fmt.Sprintf("%d findings with OPA, %d here", len(got.Findings), len(findings)))
	}
	for _, f := range findings {
		i := slices.IndexFunc(got.Findings, func(s stockFinding) bool { return s.Control == f.Control })
		if i < 0 {
			list = append(list, fmt.Sprintf("OPA has no finding of %s", f.Control))
			continue
		}
		if f.Fault != "" {
			list = append(list, fmt.Sprintf("%s: %s", f.Control, f.Fault))
		}
		want, have := here(f), r.there(got.Findings[i], subject)
		if !reflect.DeepEqual(want, have) {
			list = append(list, fmt.Sprintf("%s:\nOPA  %s\nhere %s", f.Control, line(have), line(want)))
		}
	}
	return list
}

func line(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// A common is what both say of a control, as far as it can be compared.
type common struct {
	Status, Message, Severity, Title, At string
	Required                             bool
	Facts, Missing, Conditions, Reasons  []string
}

func here(f decision.Finding) common {
	c := common{Status: f.Status.String(), Required: f.Required, Title: f.Title}
	if f.Status == decision.NotApplicable {
		return c
	}
	c.Message, c.Severity, c.At = f.Message, f.Severity, f.Location.Pointer
	for _, fact := range f.Facts {
		c.Facts = append(c.Facts, fact.Document+fact.Pointer)
	}
	for _, gap := range f.Missing {
		c.Missing = append(c.Missing, line([]string{gap.Document, gap.Pointer, gap.Reason, gap.Ask}))
	}
	c.Conditions = append(c.Conditions, f.Conditions...)
	for _, reason := range f.Reasons {
		text := reason.Message + " " + reason.Location.Pointer
		for _, fact := range reason.Facts {
			text += " " + fact.Document + fact.Pointer
		}
		c.Reasons = append(c.Reasons, text)
	}
	slices.Sort(c.Reasons)
	return c
}

func (r *run) there(s stockFinding, subject decide.Subject) common {
	c := common{Status: s.Status, Required: s.Required, Title: s.Title}
	if s.Status == decision.NotApplicable.String() {
		return c
	}
	c.Message, c.Severity = s.Message, s.Severity
	_, row, column, at := r.manifest.Root.At(s.At)
	c.At = at
	c.Facts = claims(s.Facts, subject)
	for _, gap := range s.Missing {
		c.Missing = append(c.Missing, line([]string{gap.Document, gap.Pointer, gap.Reason, gap.Ask}))
	}
	c.Conditions = append(c.Conditions, s.Conditions...)
	if s.Status == decision.Pass.String() {
		for _, pointer := range s.Facts {
			if e, local := follow(pointer, subject); e != nil {
				c.Conditions = append(c.Conditions, e.Conditions(local)...)
			}
		}
		slices.Sort(c.Conditions)
		c.Conditions = slices.Compact(c.Conditions)
	}
	if len(s.Reasons) > 1 {
		for _, reason := range s.Reasons {
			_, atRow, atColumn, at := r.manifest.Root.At(reason.At)
			if atRow < row || atRow == row && atColumn < column {
				row, column, c.At = atRow, atColumn, at
			}
			c.Reasons = append(c.Reasons, strings.Join(append([]string{reason.Message, at}, claims(sorted(reason.Facts), subject)...), " "))
		}
		slices.Sort(c.Reasons)
	}
	return c
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// follow finds the offering that a pointer leads into.
func follow(pointer string, subject decide.Subject) (*offering.Expanded, string) {
	switch {
	case strings.HasPrefix(pointer, "/workload/"), strings.HasPrefix(pointer, "/spec/"):
		return nil, pointer
	case strings.HasPrefix(pointer, "/infrastructure/"):
		return subject.Infrastructure, strings.TrimPrefix(pointer, "/infrastructure")
	}
	return subject.Offering, pointer
}

// claims are the claims behind some pointers, each once.
func claims(pointers []string, subject decide.Subject) []string {
	var list []string
	for _, pointer := range pointers {
		e, local := follow(pointer, subject)
		if e == nil {
			continue
		}
		value := e.Behind(local)
		if value == nil {
			continue
		}
		for _, ref := range value.Claims {
			if claim := ref.Document + ref.Pointer; !slices.Contains(list, claim) {
				list = append(list, claim)
			}
		}
	}
	return list
}

// hiding is a control that reads, under a computed name, what its looks leave
// out.
const hiding = `# METADATA
# title: A control that reads more than it says
# description: For the test of the comparison.
# custom:
#   id: hiding
#   severity: low
#   evidence: priceAny
#   looks: [security]
#   at: /spec/data/classes
#   question: anything
#   proved: something
#   references: []
#   remediation: None.
#   waivable: true
package caveat.controls.own.hiding

applies if input.workload.spec.data.classes

reads contains pointer if {
	some section in ["portability", "billing", "deployment"]
	some name, _ in input.offering[section]
	pointer := sprintf("/%s/%s", [section, name])
}

pass if count(reads) > 0
`

// TestStockOPASeesHiddenReads wants the comparison to notice such a control.
func TestStockOPASeesHiddenReads(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "hiding.rego"), []byte(hiding), 0o644); err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, Options{Policies: []string{dir}})
	query := stock(t, export(t, e))
	r := prepared(t, e, examples(t, e)[0])
	session, err := r.session()
	if err != nil {
		t.Fatal(err)
	}
	subject := r.subject(r.choices(r.manifest.Placement)[0])
	findings, err := session.Findings(context.Background(), subject)
	if err != nil {
		t.Fatal(err)
	}
	found := differences(r, subject, findings, decodeStock(t, evalStock(t, query, session.Input(subject))))
	if len(found) != 1 || !strings.HasPrefix(found[0], "hiding:") {
		t.Errorf("got %q, want one difference, of hiding", found)
	}
}

// TestOPABinary compares the same through the real program.
func TestOPABinary(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the opa program")
	}
	e := newEngine(t, Options{Accounts: accounts()})
	dir := export(t, e)
	query := stock(t, dir)
	var inputs, want []any
	for _, doc := range examples(t, e) {
		r := prepared(t, e, doc)
		session, err := r.session()
		if err != nil {
			t.Fatal(err)
		}
		named := r.choices(r.manifest.Placement)
		for _, id := range named[:min(2, len(named))] {
			subject := r.subject(id)
			input := session.Input(subject)
			findings, err := session.Findings(context.Background(), subject)
			if err != nil {
				t.Fatal(err)
			}
			value := evalStock(t, query, input)
			for _, difference := range differences(r, subject, findings, decodeStock(t, value)) {
				t.Errorf("%s on %v: %s", r.manifest.ID.Name, id, difference)
			}
			inputs, want = append(inputs, input), append(want, value)
		}
	}
	if len(inputs) < 20 {
		t.Fatalf("got %d inputs, want at least 20", len(inputs))
	}
	if got := opa(t, dir, inputs[0], "data.caveat.decision"); !reflect.DeepEqual(decodeStock(t, got), decodeStock(t, want[0])) {
		t.Errorf("the program gives %s\nwant %s", line(got), line(want[0]))
	}
	got, ok := opa(t, dir, inputs, "[decision | some one in input; decision := data.caveat.decision with input as one]").([]any)
	if !ok || len(got) != len(want) {
		t.Fatalf("got %d decisions, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(decodeStock(t, got[i]), decodeStock(t, want[i])) {
			t.Errorf("input %d: the program gives %s\nwant %s", i, line(got[i]), line(want[i]))
		}
	}
}

// opa runs `opa eval` on the exported policies.
func opa(t *testing.T, dir string, input any, query string) any {
	t.Helper()
	data, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "tool", "opa", "eval", "-b", dir, "--stdin-input", "--strict-builtin-errors", query)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(data), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s%s", err, stderr.Bytes(), out)
	}
	var answer struct {
		Result []struct {
			Expressions []struct{ Value any }
		}
	}
	if err := json.Unmarshal(out, &answer); err != nil || len(answer.Result) != 1 || len(answer.Result[0].Expressions) != 1 {
		t.Fatalf("got %s, %v; want one value", out, err)
	}
	return answer.Result[0].Expressions[0].Value
}

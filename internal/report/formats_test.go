package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/decision"
)

// machineFormats are the formats: those that programs read.
var machineFormats = []string{"jsonl", "yaml", "sarif", "junit", "tap", "github", "gitlab", "azuredevops"}

func formatHeader() decision.Report {
	return decision.Report{Tool: decision.Tool{Name: "caveat", Version: "v0.1.0"}, AsOf: "2026-11-23", Policies: decision.Digest{Digest: digest}, Catalog: decision.Digest{Digest: digest}}
}

// write writes a report in a format.
func write(t testing.TB, format string, options Options, decisions []decision.Decision, problems ...decision.Problem) []byte {
	t.Helper()
	return writeWith(t, nil, format, options, decisions, problems...)
}

// writeWith writes a report with what became of waivers.
func writeWith(t testing.TB, uses []decision.WaiverUse, format string, options Options, decisions []decision.Decision, problems ...decision.Problem) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := New(format, &out, formatHeader(), options)
	if err != nil {
		t.Fatal(err)
	}
	summary := decision.Summary{Errors: len(problems)}
	for _, d := range decisions {
		switch d.Verdict {
		case decision.Passed:
			summary.Pass++
		case decision.Failed:
			summary.Fail++
		default:
			summary.Review++
		}
		if err := w.Decision(d); err != nil {
			t.Fatal(err)
		}
	}
	w.Waivers(uses)
	for _, p := range problems {
		w.Problem(p)
	}
	if err := w.Close(summary); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sampleProblems have a place, a file alone, and nothing.
var sampleProblems = []decision.Problem{
	{Path: "a b,c:d;e].yaml", Line: 3, Column: 5, Message: "unknown key \"residencey\"; 100% wrong\nand more # ]"},
	{Path: "/tmp/huge.yaml", Message: "is larger than 16 MiB"},
	{Message: "no place"},
}

// sampleWaived is a decision with every status, one of them waived and one that
// could not be evaluated.
func sampleWaived() decision.Decision {
	d := failing()
	d.Findings = append(d.Findings,
		finding("waived-control", decision.Waived, true, "medium", 40, "accepted until 2027-01-31: <the vendor> & we agreed ]]>"),
		decision.Finding{Control: "broken", Status: decision.Unknown, Required: true, Severity: "low", Title: "The title", Location: at(41), Fault: "eval_conflict_error: # \\ 100%"})
	return d
}

// TestMachineFormats holds what programs read to golden files: two decisions
// of the engine, one each, and one of everything there can be.
func TestMachineFormats(t *testing.T) {
	decisions := real(t)
	everything := append([]decision.Decision{sampleWaived()}, samples()...)
	for _, format := range machineFormats {
		t.Run(format, func(t *testing.T) {
			golden(t, "formats/radiology-notes."+format, write(t, format, Options{}, decisions[:1]))
			golden(t, "formats/nightly-batch."+format, write(t, format, Options{}, decisions[1:]))
			golden(t, "formats/everything."+format, writeWith(t, uses, format, Options{Verbose: true, Controls: controls()}, everything, sampleProblems...))
			golden(t, "formats/nothing."+format, write(t, format, Options{}, nil))
		})
	}
}

// TestFormatsReadBack holds every format to its schema, or to its grammar, with
// what is hard to write: control characters, quotes, separators.
func TestFormatsReadBack(t *testing.T) {
	everything := append([]decision.Decision{sampleWaived()}, samples()...)
	for _, verbose := range []bool{false, true} {
		for name, decisions := range map[string][]decision.Decision{"everything": everything, "real": real(t), "nothing": nil} {
			for _, format := range machineFormats {
				t.Run(fmt.Sprintf("%s-%s-%t", format, name, verbose), func(t *testing.T) {
					twice := append(slices.Clone(uses), uses...)
					data := writeWith(t, twice, format, Options{Verbose: verbose, Controls: controls()}, decisions, sampleProblems...)
					checkFormat(t, format, data, writeWith(t, twice, "json", Options{}, decisions, sampleProblems...))
				})
			}
		}
	}
}

// checkFormat reads a report back: by its official schema, by its grammar, and
// where the format keeps all of the JSON report, against that.
func checkFormat(t *testing.T, format string, data, asJSON []byte) {
	t.Helper()
	var want map[string]any
	if err := json.Unmarshal(asJSON, &want); err != nil {
		t.Fatal(err)
	}
	switch format {
	case "jsonl":
		lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		var last map[string]any
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
			t.Fatal(err)
		}
		decisions := []any{}
		for _, line := range lines[:len(lines)-1] {
			var d any
			if err := json.Unmarshal([]byte(line), &d); err != nil {
				t.Fatal(err)
			}
			decisions = append(decisions, d)
		}
		last["decisions"] = decisions
		same(t, last, want)
	case "yaml":
		var got any
		if err := yaml.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		same(t, got, want)
	case "sarif":
		for _, name := range []string{"sarif-schema-2.1.0.json", "sarif-schema-2.1.0.draft07.json"} {
			validateJSON(t, name, data)
		}
		checkSARIF(t, data)
	case "junit":
		for _, name := range []string{"junit-10.xsd", "junit-windyroad.xsd"} {
			validateXML(t, name, data)
		}
		checkJUnit(t, data)
	case "tap":
		checkTAP(t, string(data))
	case "github":
		for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
			if !regexp.MustCompile(`^::(error|warning|notice) ((file|line|col|title)=[^,:\r\n]+,?)+::.+$|^caveat: `).MatchString(line) {
				t.Errorf("got line %q", line)
			}
		}
	case "azuredevops":
		for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
			if !regexp.MustCompile(`^##vso\[task\.logissue (type|sourcepath|linenumber|columnnumber|code)=[^;\]]+(;(sourcepath|linenumber|columnnumber|code)=[^;\]]+)*\].+$|^caveat: `).MatchString(line) {
				t.Errorf("got line %q", line)
			}
		}
	case "gitlab":
		var list []struct {
			Description, Fingerprint, Severity string
			CheckName                          string `json:"check_name"`
			Location                           struct {
				Path  string
				Lines struct{ Begin int }
			}
		}
		if err := json.Unmarshal(data, &list); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, i := range list {
			if i.Description == "" || i.CheckName == "" || i.Location.Path == "" || i.Location.Lines.Begin < 1 || seen[i.Fingerprint] || !regexp.MustCompile(`^(info|minor|major|critical|blocker)$`).MatchString(i.Severity) {
				t.Errorf("got issue %+v", i)
			}
			seen[i.Fingerprint] = true
		}
	default:
		t.Errorf("nothing checks format %s", format)
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	a, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("got %.2000s\nwant %.2000s", a, b)
	}
}

// shared is a file of formats that others publish, beside the project.
func shared(t *testing.T, name string) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("../../../shared/formats", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s is not here; expected it in shared/formats beside the project", name)
	}
	return file
}

func validateJSON(t *testing.T, name string, data []byte) {
	t.Helper()
	text, err := os.ReadFile(shared(t, name))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat = true
	if err := compiler.AddResource("https://schema.example/"+name, bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("https://schema.example/" + name)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s: %#v", name, err)
	}
}

func validateXML(t *testing.T, name string, data []byte) {
	t.Helper()
	file := shared(t, name)
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not here; Debian has it in libxml2-utils")
	}
	cmd := exec.Command("xmllint", "--noout", "--nonet", "--schema", file, "-")
	cmd.Stdin = bytes.NewReader(data)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v: %s", name, err, out)
	}
}

// checkSARIF holds a log to what the schema does not say.
func checkSARIF(t *testing.T, data []byte) {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	seen := map[string]bool{}
	for _, r := range run.Tool.Driver.Rules {
		tags := slices.Clone(r.Properties.Tags)
		if slices.Sort(tags); len(slices.Compact(tags)) != len(r.Properties.Tags) {
			t.Errorf("rule %s has a tag twice: %q", r.ID, r.Properties.Tags)
		}
		if r.ShortDescription.Text == "" || r.FullDescription.Text == "" || r.Help.Text == "" || r.Help.Markdown == "" {
			t.Errorf("rule %s lacks a text: %+v", r.ID, r)
		}
	}
	for _, r := range run.Results {
		print := r.PartialFingerprints["caveat/v1"]
		switch {
		case run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID:
			t.Errorf("%s: the rule at ruleIndex is another", r.RuleID)
		case (r.Kind == "fail") == (r.Level == "none"):
			t.Errorf("%s: kind %s with level %s", r.RuleID, r.Kind, r.Level)
		case print == "" || seen[print]:
			t.Errorf("%s: fingerprint %q is empty or that of another result", r.RuleID, print)
		case len(r.Locations) == 0:
			t.Errorf("%s: no location, for which code scanning refuses the log", r.RuleID)
		case (r.Suppressions == nil) != (run.Results[0].Suppressions == nil):
			t.Errorf("%s: suppressions are %v, and those of the first result %v; want all null or none", r.RuleID, r.Suppressions, run.Results[0].Suppressions)
		case r.Properties == nil && (r.RuleID == sarifWaiver || r.RuleID == sarifInput):
		case r.Properties.Status == decision.Waived && len(r.Suppressions) != 1, r.Properties.Status != decision.Waived && len(r.Suppressions) != 0:
			t.Errorf("%s: %s with suppressions %v", r.RuleID, r.Properties.Status, r.Suppressions)
		}
		seen[print] = true
		for _, l := range append(r.RelatedLocations, r.Locations...) {
			if base := l.PhysicalLocation.ArtifactLocation.Base; base != "" && run.Bases[base].Description.Text == "" {
				t.Errorf("%s: base %s is nowhere", r.RuleID, base)
			}
			if u := l.PhysicalLocation.ArtifactLocation.URI; u == "" || u == "-" || strings.ContainsAny(u, " \\") {
				t.Errorf("%s: uri %q", r.RuleID, u)
			}
		}
	}
	if n := run.Invocations[0]; n.ExecutionSuccessful != (len(n.Notifications) == 0) {
		t.Errorf("executionSuccessful is %t with %d notifications", n.ExecutionSuccessful, len(n.Notifications))
	}
}

// checkJUnit holds the counts of a suite to its cases.
func checkJUnit(t *testing.T, data []byte) {
	t.Helper()
	var suites struct {
		Suites []junitSuite `xml:"testsuite"`
	}
	if err := xml.Unmarshal(data, &suites); err != nil {
		t.Fatal(err)
	}
	for _, s := range suites.Suites {
		failures, faults, skipped := 0, 0, 0
		for _, c := range s.Cases {
			if c.Failure != nil {
				failures++
			}
			if c.Error != nil {
				faults++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		if s.Tests != len(s.Cases) || s.Failures != failures || s.Errors != faults || s.Skipped != skipped {
			t.Errorf("suite %s: got %d tests, %d failures, %d errors, %d skipped; counted %d, %d, %d, %d", s.Name, s.Tests, s.Failures, s.Errors, s.Skipped, len(s.Cases), failures, faults, skipped)
		}
	}
}

// checkTAP reads version 14 of TAP: test points numbered from 1, a plan at the
// end, subtests that agree with their test point, YAML blocks that are YAML.
func checkTAP(t *testing.T, text string) {
	t.Helper()
	point := regexp.MustCompile(`^(    )?(not )?ok (\d+) - ((?:[^#\\]|\\[#\\])*?)(?: # (SKIP|TODO) .*)?$`)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if lines[0] != "TAP version 14" {
		t.Fatalf("got first line %q", lines[0])
	}
	counts := map[string]int{}
	sub, subGood, plan := false, true, false
	for n := 1; n < len(lines); n++ {
		line := lines[n]
		if m := point.FindStringSubmatch(line); m != nil {
			counts[m[1]]++
			good := m[2] == "" || m[5] == "TODO"
			switch {
			case m[3] != fmt.Sprint(counts[m[1]]):
				t.Errorf("line %d: %q has number %s, want %d", n+1, line, m[3], counts[m[1]])
			case m[1] != "":
				subGood = subGood && good
			case sub && good != subGood:
				t.Errorf("line %d: %q disagrees with its subtest", n+1, line)
			}
			if m[1] == "" {
				sub, subGood, counts["    "] = false, true, 0
			}
			continue
		}
		switch {
		case strings.HasPrefix(line, "    # Subtest: "):
			sub = true
		case line == fmt.Sprintf("    1..%d", counts["    "]):
		case line == fmt.Sprintf("1..%d", counts[""]) && n == len(lines)-1:
			plan = true
		case line == "      ---":
			end := n
			for lines[end] != "      ..." {
				end++
			}
			var block map[string]string
			if err := yaml.Unmarshal([]byte(strings.Join(lines[n+1:end], "\n")), &block); err != nil || block["status"] == "" {
				t.Errorf("line %d: %v: %v", n+1, err, block)
			}
			n = end
		default:
			t.Errorf("line %d: got %q", n+1, line)
		}
	}
	if !plan {
		t.Error("there is no plan at the end")
	}
}

// TestFormatsKeepVerdicts counts what blocks, whatever the format.
func TestFormatsKeepVerdicts(t *testing.T) {
	for _, c := range []struct {
		name                                 string
		status                               decision.Status
		required                             bool
		severity                             string
		sarif, junit, tap, github, git, azur string
	}{
		{"critical failure", decision.Fail, true, "critical", `"kind": "fail",\s+"level": "error"`, `type="fail"`, `(?m)^    not ok 1 - x$`, `^::error `, `"blocker"`, `type=error;`},
		{"high failure", decision.Fail, true, "high", `"level": "error"`, `type="fail"`, `(?m)^    not ok 1 - x$`, `^::error `, `"critical"`, `type=error;`},
		{"medium failure", decision.Fail, true, "medium", `"level": "warning"`, `type="fail"`, `(?m)^    not ok 1 - x$`, `^::error `, `"major"`, `type=error;`},
		{"low failure", decision.Fail, true, "low", `"level": "note"`, `type="fail"`, `(?m)^    not ok 1 - x$`, `^::error `, `"minor"`, `type=error;`},
		{"unknown", decision.Unknown, true, "high", `"kind": "open",\s+"level": "none"`, `type="unknown"`, `(?m)^    not ok 1 - x$`, `^::warning `, `"critical"`, `type=warning;`},
		{"advice that fails", decision.Fail, false, "high", `"kind": "fail",\s+"level": "note"`, `<skipped message="advice, fails: `, `ok 1 - x # SKIP advice, fails`, `^::notice `, `"info"`, ``},
		{"advice that is unknown", decision.Unknown, false, "high", `"kind": "open"`, `<skipped message="advice, unknown: `, `ok 1 - x # SKIP advice, unknown`, `^::notice `, `"info"`, ``},
		{"waived", decision.Waived, true, "high", `"suppressions": \[\s+\{\s+"kind": "external",\s+"justification"`, `<skipped message="because; waived"`, `not ok 1 - x # TODO because; waived`, `^::notice `, `"info"`, `type=warning;`},
		{"pass", decision.Pass, true, "high", ``, `<testcase name="x" classname="w on acme functions · team · managed · us · h100" time="0"></testcase>`, `    ok 1 - x\n`, ``, ``, ``},
		{"not applicable", decision.NotApplicable, true, "high", ``, `<skipped message="not applicable">`, `ok 1 - x # SKIP not applicable`, ``, ``, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := finding("x", c.status, c.required, c.severity, 3, "because")
			d := decision.Decision{Manifest: decision.Manifest{Path: "w.yaml", Name: "w"}, Offering: offering("acme", "team", "managed", "us"), Findings: []decision.Finding{f}}
			d.Verdict = decision.VerdictOf(d.Findings)
			for format, want := range map[string]string{"sarif": c.sarif, "junit": c.junit, "tap": c.tap, "github": c.github, "gitlab": c.git, "azuredevops": c.azur} {
				got := string(write(t, format, Options{}, []decision.Decision{d}))
				if want == "" {
					if empty := map[string]string{"sarif": `"results": []`, "github": "caveat: ", "gitlab": "[]\n", "azuredevops": "caveat: "}[format]; !strings.Contains(got, empty) || strings.Contains(got, "because") {
						t.Errorf("%s: got %s, want nothing of it", format, got)
					}
				} else if !regexp.MustCompile(want).MatchString(got) {
					t.Errorf("%s: got %s, want %s", format, got, want)
				}
			}
		})
	}
}

// TestFingerprints shows that lines do not count, and what does.
func TestFingerprints(t *testing.T) {
	prints := func(d decision.Decision) []string {
		var all issues
		var list []string
		for _, i := range all.of(d) {
			list = append(list, i.fingerprint)
		}
		return list
	}
	want := prints(failing())
	moved := failing()
	for n := range moved.Findings {
		f := &moved.Findings[n]
		f.Location.Line, f.Location.Column, f.Location.Path = f.Location.Line+7, 1, "moved.yaml"
		for m := range f.Reasons {
			f.Reasons[m].Location.Line += 7
			f.Reasons[m].Location.Pointer = strings.Replace(f.Reasons[m].Location.Pointer, "/uses/0", "/uses/12", 1)
			for k := range f.Reasons[m].Facts {
				f.Reasons[m].Facts[k].Line += 100
			}
		}
		for k := range f.Facts {
			f.Facts[k].Line += 100
		}
		f.Location.Pointer = strings.Replace(f.Location.Pointer, "/uses/0", "/uses/12", 1)
		f.Message += " in other words"
	}
	if got := prints(moved); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got other fingerprints for other lines and words")
	}
	for name, change := range map[string]func(*decision.Decision){
		"workload": func(d *decision.Decision) { d.Manifest.Name = "other" },
		"plan":     func(d *decision.Decision) { d.Offering.Plan = "other" },
		"control":  func(d *decision.Decision) { d.Findings[0].Control = "other" },
		"place":    func(d *decision.Decision) { d.Findings[0].Location.Pointer = "/spec/uses/0/other" },
	} {
		d := failing()
		change(&d)
		if prints(d)[0] == want[0] {
			t.Errorf("another %s: got the same fingerprint", name)
		}
	}
}

// Reasons at the very same place are one issue with all that they say, and a
// reason at another place is another one.
func TestReasonsAtOnePlace(t *testing.T) {
	volumes, code := claim(88, "/scope/volumes/0", guide), claim(97, "/scope/code/0", guide)
	there := at(12)
	there.Pointer = "/spec/uses/1"
	f := finding("x", decision.Fail, true, "high", 12, "")
	f.Reasons = []decision.Reason{
		{Message: "volumes are outside", Location: at(12), Facts: []decision.Fact{volumes}},
		{Message: "more at another place", Location: there, Facts: []decision.Fact{volumes}},
		{Message: "code is outside", Location: at(12), Facts: []decision.Fact{code, volumes}},
		{Message: "volumes are outside", Location: at(12), Facts: []decision.Fact{volumes}},
	}
	of := func(f decision.Finding) []issue {
		var all issues
		return all.of(one(f))
	}
	got := of(f)
	if len(got) != 2 || got[0].message != "volumes are outside; code is outside" || !reflect.DeepEqual(got[0].facts, []decision.Fact{volumes, code}) ||
		got[1].message != "more at another place" || !reflect.DeepEqual(got[1].facts, []decision.Fact{volumes}) {
		t.Fatalf("got %+v, want two issues", got)
	}
	turned, fewer := f, f
	turned.Reasons = []decision.Reason{f.Reasons[2], f.Reasons[0], f.Reasons[1]}
	if again := of(turned); again[0].fingerprint != got[0].fingerprint {
		t.Error("got another fingerprint for another order of the reasons")
	}
	if fewer.Reasons = f.Reasons[:2]; of(fewer)[0].fingerprint == got[0].fingerprint {
		t.Error("got the same fingerprint without one of the facts")
	}
	for format, count := range map[string]string{"sarif": `"ruleId"`, "github": "::error ", "gitlab": `"check_name"`, "azuredevops": "type=error"} {
		if text := string(write(t, format, Options{}, []decision.Decision{one(f)})); strings.Count(text, count) != 2 || !strings.Contains(text, "volumes are outside; code is outside") {
			t.Errorf("%s: got %s, want two issues", format, text)
		}
	}
}

// TestCommandsReadBack undoes the escapes of logging commands, as their readers
// do.
func TestCommandsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z%:,;\]\[\r\n#0-9AD]{1,20}`).Draw(t, "text")
		title := rapid.StringMatching(`[a-z%:,;\]#0-9AD]{1,20}`).Draw(t, "title")
		line := githubCommand("error", "w.yaml", 3, 5, title, text)
		head, data, _ := strings.Cut(strings.TrimPrefix(line, "::error "), "::")
		undo := strings.NewReplacer("%25", "%", "%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",")
		if strings.ContainsAny(line, "\r\n") || undo.Replace(data) != text || head != "file=w.yaml,line=3,col=5,title="+head[len("file=w.yaml,line=3,col=5,title="):] || undo.Replace(head[len("file=w.yaml,line=3,col=5,title="):]) != title {
			t.Fatalf("got %q for title %q and text %q", line, title, text)
		}
		line = azureCommand("error", "w.yaml", 3, 5, title, text)
		head, data, _ = strings.Cut(line, "]")
		undo = strings.NewReplacer("%AZP25", "%", "%0D", "\r", "%0A", "\n", "%3B", ";", "%5D", "]")
		const start = "##vso[task.logissue type=error;sourcepath=w.yaml;linenumber=3;columnnumber=5;code="
		if strings.ContainsAny(line, "\r\n") || !strings.HasPrefix(head, start) || undo.Replace(head[len(start):]) != title || undo.Replace(data) != text {
			t.Fatalf("got %q for code %q and text %q", line, title, text)
		}
	})
}

// TestYAMLWords writes any text and number so that YAML reads what JSON said.
func TestYAMLWords(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, text string) {
		value := map[string]any{"a": text, "b": []any{text, true, nil, json.Number("1"), map[string]any{}, []any{}}}
		out, err := yamlText(value)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		var got struct {
			A string
			B []any
		}
		if err := yaml.Unmarshal([]byte(out), &got); err != nil || got.A != text || got.B[0] != text || got.B[1] != true || got.B[2] != nil || got.B[3] != 1 {
			t.Fatalf("%q: got %q, %v, %v", text, out, got, err)
		}
	}
	for _, text := range []string{"", "no", "On", "y", "1:30", "0x1", "1e3", "~", "null", "a: b", "a #b", "- a", "line\nline\n", " a ", "a\x7fb", "\u2028", "\ufeff", "\U0001f600", "/a/b", "2026-11-23", "!!str", "a\tb", "<<", "="} {
		check(t, text)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.String().Draw(t, "text")) })
	for _, word := range []string{"no", "Yes", "ON", "off", "y", "N", "1:30", "0o7"} {
		if out, _ := yamlText(word); out != strconv.Quote(word)+"\n" {
			t.Errorf("%s: got %q, which YAML 1.1 takes for something else", word, out)
		}
	}
}

// TestFormatsReturnWriteErrors fails each write in turn: the error comes back,
// again from Close, and nothing is written after it.
func TestFormatsReturnWriteErrors(t *testing.T) {
	for _, format := range Formats() {
		whole := len(write(t, format, Options{}, samples(), sampleProblems...))
		for _, n := range []int{0, 1, whole / 2, whole - 1} {
			w, err := New(format, &limited{n}, formatHeader(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range samples() {
				err = errors.Join(err, w.Decision(d))
			}
			for _, p := range sampleProblems {
				w.Problem(p)
			}
			if err = errors.Join(err, w.Close(decision.Summary{Pass: 1, Fail: 1, Review: 1, Errors: 3})); !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("%s: after %d of %d bytes got %v, want %v", format, n, whole, err, io.ErrShortWrite)
			}
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	if _, err := New("xml", io.Discard, formatHeader(), Options{}); err == nil || !strings.Contains(err.Error(), `no format "xml"; expected one of table, json, `) {
		t.Errorf("got %v", err)
	}
}

// one is a decision with one finding.
func one(f decision.Finding) decision.Decision {
	d := decision.Decision{Manifest: decision.Manifest{Path: f.Location.Path, Name: "w"}, Offering: offering("acme", "team", "managed", "us"), Findings: []decision.Finding{f}}
	d.Verdict = decision.VerdictOf(d.Findings)
	return d
}

// readSARIF is the run of a report.
func readSARIF(t *testing.T, options Options, decisions []decision.Decision, problems ...decision.Problem) sarifRun {
	t.Helper()
	data := write(t, "sarif", options, decisions, problems...)
	checkSARIF(t, data)
	var log sarifLog
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	return log.Runs[0]
}

// What is waived has in SARIF the kind that it would have without, and is
// suppressed; its level is a note, since code scanning ignores suppressions.
func TestSARIFOfWaived(t *testing.T) {
	for _, c := range []struct {
		name        string
		waiver      *decision.Waiver
		required    bool
		kind, level string
	}{
		{"required, fails", &decision.Waiver{Status: decision.Fail}, true, "fail", "note"},
		{"advice, fails", &decision.Waiver{Status: decision.Fail}, false, "fail", "note"},
		{"required, unknown", &decision.Waiver{Status: decision.Unknown}, true, "open", "none"},
		{"advice, unknown", &decision.Waiver{Status: decision.Unknown}, false, "open", "none"},
		{"no waiver is named", nil, true, "fail", "note"},
	} {
		f := finding("x", decision.Waived, c.required, "high", 3, "because")
		f.Waiver = c.waiver
		r := readSARIF(t, Options{}, []decision.Decision{one(f)}).Results[0]
		if r.Kind != c.kind || r.Level != c.level || len(r.Suppressions) != 1 || r.Properties.Severity != "high" {
			t.Errorf("%s: got kind %s, level %s, severity %s, suppressions %v; want %s, %s, high and one", c.name, r.Kind, r.Level, r.Properties.Severity, r.Suppressions, c.kind, c.level)
		}
	}
}

// Either all results of a run have suppressions or none has: an empty list where
// something else is waived.
func TestSARIFSuppressions(t *testing.T) {
	fails, waived := one(finding("x", decision.Fail, true, "high", 3, "because")), one(finding("y", decision.Waived, true, "high", 3, "because"))
	if r := readSARIF(t, Options{}, []decision.Decision{fails}, sampleProblems...).Results[0]; r.Suppressions != nil {
		t.Errorf("got %v where nothing is waived, want null", r.Suppressions)
	}
	for _, r := range readSARIF(t, Options{}, []decision.Decision{fails, waived}, sampleProblems...).Results {
		if want := map[string]int{"y": 1}[r.RuleID]; r.Suppressions == nil || len(r.Suppressions) != want {
			t.Errorf("%s: got %v, want a list of %d", r.RuleID, r.Suppressions, want)
		}
	}
}

// A name that is the id again says nothing, and a tag is there once.
func TestSARIFRules(t *testing.T) {
	f := finding("x", decision.Fail, true, "high", 3, "because")
	f.References = append(f.References, f.References...)
	if got := readSARIF(t, Options{}, []decision.Decision{one(f)}).Tool.Driver.Rules[0].Properties.Tags; !slices.Equal(got, []string{"gdpr Art. 28(3)", "hipaa 164.504(e)(2)"}) {
		t.Errorf("got tags %q", got)
	}
	if text := string(write(t, "sarif", Options{}, samples())); strings.Count(text, `"name": `) != 1 {
		t.Error("something beside the tool has a name")
	}
}

// A rule has every text that a reader shows, whatever is known of the control.
func TestSARIFRuleTexts(t *testing.T) {
	for _, c := range []struct{ title, description, remedy, short, full, help, markdown string }{
		{"title", "description", "remedy", "title", "description", "remedy", "**title**\n\ndescription\n\n**What to do:** remedy"},
		{"title", "description", "", "title", "description", "description", "**title**\n\ndescription"},
		{"title", "", "remedy", "title", "title", "remedy", "**title**\n\n**What to do:** remedy"},
		{"title", "", "", "title", "title", "title", "**title**"},
		{"", "", "", "x", "x", "x", "**x**"},
	} {
		f := finding("x", decision.Pass, true, "high", 3, "because")
		f.Title = c.title
		run := readSARIF(t, Options{Controls: []Control{{ID: "x", Description: c.description, Remediation: c.remedy}}}, []decision.Decision{one(f)})
		r := run.Tool.Driver.Rules[0]
		if r.ShortDescription.Text != c.short || r.FullDescription.Text != c.full || r.Help != (sarifText{c.help, c.markdown}) {
			t.Errorf("of %q, %q, %q: got %+v", c.title, c.description, c.remedy, r)
		}
		if run.Tool.Driver.InformationURI != "https://github.com/caveat-check/caveat" {
			t.Errorf("got informationUri %q", run.Tool.Driver.InformationURI)
		}
	}
}

// A message has its first line for itself, and then what it rests on and whom to
// ask, with a link to each related location that a repository may have.
func TestSARIFMessages(t *testing.T) {
	fact := func(document, path string, line int, sources ...decision.Source) decision.Fact {
		return decision.Fact{Document: document, Path: path, Line: line, Pointer: "/a/0", Sources: sources}
	}
	f := finding("x", decision.Unknown, true, "high", 3, "be[cause](y)")
	f.Facts = []decision.Fact{fact("acme", "vendors/acme.yaml", 3, terms, guide, order), fact("own", "v/[id]\\o.yaml", 4, guide), fact("own", "", 0), fact("own", "-", 5, order),
		fact("own", "own.yaml", 6), fact("own", "own.yaml", 7), fact("own", "own.yaml", 8)}
	f.Missing = []decision.Gap{{Document: "acme", Pointer: "/b", Reason: "absent", Ask: "vendor", Path: "vendors/acme.yaml", Line: 4},
		{Document: "workload", Pointer: "/workload/spec/uses", Reason: "undeclared", Path: "notes.yaml", Line: 9}, {Document: "acme", Pointer: "/c", Reason: "kind", Ask: "us"}}
	r := readSARIF(t, Options{Inside: map[string]string{"acme": "vendors/acme.yaml"}}, []decision.Decision{one(f)}).Results[0]
	want := `w on acme functions · team · managed · us · h100: be[cause] (y)
rests on vendors/acme.yaml:3 /a/0: acme.example/legal/terms, contractual, published 2026-02-01, read 2026-11-20, and 2 more
rests on [v/\[id\]\\o.yaml:4](2) /a/0: acme.example/docs/guide/security, documented, undated, read 2026-11-23, stored copy
rests on own /a/0: no source
rests on -:5 /a/0: Order form 4711 <signed & countersigned>, executed, published 2026-01-10, read 2026-01-12, in force 2026-01-15 to open
rests on [own.yaml:6](4) /a/0: no source
and 2 more facts
ask acme: /b (no source says it) near vendors/acme.yaml:4
say in the manifest: /spec/uses (not declared) near [notes.yaml:9](8)
ours to show: /c (needs another kind of source)`
	if r.Message.Text != want {
		t.Errorf("got message\n%s\nwant\n%s", r.Message.Text, want)
	}
	for n, l := range r.RelatedLocations {
		if l.ID != n+1 {
			t.Errorf("got id %d of related location %d", l.ID, n+1)
		}
	}
	if len(r.RelatedLocations) != 8 {
		t.Errorf("got %d related locations, want 8", len(r.RelatedLocations))
	}
}

// No text of a document is a link in a message.
func TestSARIFHasNoForeignLinks(t *testing.T) {
	const text = "[x](https://evil.example) [y](1) {0}"
	data := writeWith(t, hostileUses(text), "sarif", Options{}, []decision.Decision{hostile(text)}, decision.Problem{Path: text, Message: text})
	var log sarifLog
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	seen := 0
	check := func(m sarifText) {
		seen++
		if strings.Contains(m.Text, "](https") || strings.Contains(m.Text, "[y](") || !strings.Contains(m.Text, "[x] (https://evil.example) [y] (1) {0}") {
			t.Errorf("got message %q", m.Text)
		}
	}
	for _, r := range log.Runs[0].Results {
		check(r.Message)
		for _, l := range r.RelatedLocations {
			check(*l.Message)
		}
	}
	for _, n := range log.Runs[0].Invocations[0].Notifications {
		check(n.Message)
	}
	if seen < 20 {
		t.Errorf("looked at %d messages, want more", seen)
	}
}

// An error in an input is a result at its place, so that code scanning has an
// alert, and a notification; one that has no place is a notification alone.
func TestSARIFOfInputs(t *testing.T) {
	run := readSARIF(t, Options{}, nil, sampleProblems...)
	if len(run.Invocations[0].Notifications) != 3 || len(run.Results) != 2 {
		t.Fatalf("got %d notifications and %d results, want 3 and 2", len(run.Invocations[0].Notifications), len(run.Results))
	}
	r := run.Results[0]
	if r.RuleID != "input" || r.Kind != "fail" || r.Level != "error" || r.Message.Text != `unknown key "residencey"; 100% wrong and more # ]` ||
		!reflect.DeepEqual(r.Locations, []sarifLocation{sarifAt("a b,c:d;e].yaml", 3, 5)}) {
		t.Errorf("got %+v", r)
	}
	if rules := run.Tool.Driver.Rules; len(rules) != 1 || rules[0].DefaultConfiguration.Level != "error" {
		t.Errorf("got rules %+v, want one", rules)
	}
}

// Neither the line of an error nor those that its message names are in its
// fingerprint; the file and the words are.
func TestFingerprintsOfInputs(t *testing.T) {
	print := func(p decision.Problem) string {
		var all issues
		return all.ofProblem(p)
	}
	p := decision.Problem{Path: "w.yaml", Line: 3, Column: 5, Message: "duplicate key a; it stands in line 12 already, see x.csv:4:1: and y.csv:5"}
	moved := decision.Problem{Path: "w.yaml", Line: 4, Message: "duplicate key a; it stands in line 9 already, see x.csv:17:33: and y.csv:6"}
	if print(p) != print(moved) {
		t.Error("got another fingerprint for other lines")
	}
	for _, other := range []decision.Problem{{Path: "v.yaml", Message: p.Message}, {Path: p.Path, Message: "duplicate key b; it stands in line 12 already, see x.csv:4:1: and y.csv:5"}} {
		if print(p) == print(other) {
			t.Errorf("got the same fingerprint for %+v", other)
		}
	}
}

// A vendor document that is inside the program is no file of the repository.
func TestSARIFOfShippedDocuments(t *testing.T) {
	f := finding("x", decision.Unknown, true, "high", 3, "because")
	f.Facts = []decision.Fact{claim(3, "/a/0", terms), {Document: "own", Path: "vendors/acme.yaml", Line: 1}, {Document: "acme", Path: "accounts/acme.yaml", Line: 1}}
	f.Missing = []decision.Gap{{Document: "acme", Pointer: "/b", Reason: "absent", Ask: "vendor", Path: "vendors/acme.yaml", Line: 4}, {Document: "workload", Path: "notes.yaml", Line: 4}}
	bases := func(options Options) (list []string, run sarifRun) {
		run = readSARIF(t, options, []decision.Decision{one(f)})
		for _, l := range run.Results[0].RelatedLocations {
			list = append(list, l.PhysicalLocation.ArtifactLocation.Base)
		}
		return list, run
	}
	got, run := bases(Options{Inside: map[string]string{"acme": "vendors/acme.yaml"}})
	if want := []string{sarifCatalog, "", "", sarifCatalog, ""}; !slices.Equal(got, want) || len(run.Bases) != 1 {
		t.Errorf("got bases %q and %v, want %q", got, run.Bases, want)
	}
	if got, run := bases(Options{}); !slices.Equal(got, make([]string, 5)) || run.Bases != nil {
		t.Errorf("where nothing is known: got bases %q and %v, want none", got, run.Bases)
	}
}

// Standard input has a name where a path has to be.
func TestStandardInput(t *testing.T) {
	f := finding("x", decision.Fail, true, "high", 3, "because")
	f.Location.Path = "-"
	problem := decision.Problem{Path: "-", Line: 2, Message: "odd"}
	for format, want := range map[string]struct {
		text  string
		times int
	}{"sarif": {`"uri": "stdin"`, 3}, "gitlab": {`"path":"stdin"`, 2}} {
		if got := string(write(t, format, Options{}, []decision.Decision{one(f)}, problem)); strings.Count(got, want.text) != want.times || strings.Contains(got, `"-"`) {
			t.Errorf("%s: got %s, want %d times %s", format, got, want.times, want.text)
		}
	}
	for format, place := range map[string]string{"github": "file=", "azuredevops": "sourcepath="} {
		if got := string(write(t, format, Options{}, []decision.Decision{one(f)}, problem)); strings.Contains(got, place) {
			t.Errorf("%s: got %s, want no file", format, got)
		}
	}
}

// A workload that is decided in two regions has two classes, and each waiver to
// look at is a case of its own: no case hides another.
func TestJUnitCasesAreApart(t *testing.T) {
	there := passing()
	there.Offering.Region = "eu"
	var suites struct {
		Suites []junitSuite `xml:"testsuite"`
	}
	if err := xml.Unmarshal(writeWith(t, append(slices.Clone(uses), uses...), "junit", Options{}, []decision.Decision{passing(), there}), &suites); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range suites.Suites {
		for _, c := range s.Cases {
			if name := c.Classname + "\x00" + c.Name; seen[name] {
				t.Errorf("two cases are %q", name)
			} else {
				seen[name] = true
			}
		}
	}
	if len(seen) != 10 {
		t.Errorf("got %d cases, want 10", len(seen))
	}
}

// Jenkins takes what is before the last dot of a class for its package.
func TestJUnitClassHasNoDots(t *testing.T) {
	d := one(finding("x", decision.Pass, true, "high", 3, "because"))
	d.Manifest.Name, d.Offering.SKU = "gpt-4.1", "g6.xlarge"
	text := string(write(t, "junit", Options{}, []decision.Decision{d}))
	if !strings.Contains(text, `classname="gpt-4_1 on acme functions · team · managed · us · g6_xlarge"`) || !strings.Contains(text, `<testsuite name="gpt-4.1 on acme functions · team · managed · us · g6.xlarge"`) {
		t.Errorf("got %s", text)
	}
}

// Services show only the first annotations: errors in inputs come first, then
// what blocks, the gravest first, whatever the order of the decisions.
func TestAnnotationsInOrder(t *testing.T) {
	severe := func(name string, status decision.Status, required bool, severity string) decision.Decision {
		return one(finding(name, status, required, severity, 3, "because"))
	}
	decisions := []decision.Decision{
		severe("advised", decision.Fail, false, "critical"), severe("waived", decision.Waived, true, "high"), severe("open", decision.Unknown, true, "critical"),
		severe("low", decision.Fail, true, "low"), severe("critical", decision.Fail, true, "critical"), severe("second", decision.Fail, true, "critical"),
	}
	for format, words := range map[string]*regexp.Regexp{"github": regexp.MustCompile(`(?m)^::\w+ .*title=caveat ?(waiver \w+|\w*)`), "azuredevops": regexp.MustCompile(`(?m)^##vso.*code=(\w*)`)} {
		var got []string
		for _, m := range words.FindAllStringSubmatch(string(writeWith(t, uses[3:4], format, Options{Verbose: true}, decisions, sampleProblems[2])), -1) {
			got = append(got, m[1])
		}
		want := []string{"", "critical", "second", "low", "open", "waived", "advised", "waiver old"}
		if format == "azuredevops" {
			want[0], want[7] = "input", "waiver"
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", format, got, want)
		}
	}
}

// A test point is not ok if one beneath it is not, whatever the verdict: advice
// that could not be evaluated is a fault.
func TestTAPOfFaults(t *testing.T) {
	f := finding("x", decision.Unknown, false, "low", 3, "because")
	f.Fault = `broken \ at #1`
	text := string(write(t, "tap", Options{}, []decision.Decision{one(f)}))
	for _, want := range []string{"\n    not ok 1 - x\n", "\nnot ok 1 - w on acme functions · team · managed · us · h100: pass\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("got no %q in\n%s", want, text)
		}
	}
	checkTAP(t, text)
	d := one(finding("x", decision.Fail, false, "low", 3, `a\# SKIP b`))
	d.Manifest.Name = `w\#1`
	text = string(write(t, "tap", Options{}, []decision.Decision{d}))
	for _, want := range []string{`ok 1 - x # SKIP advice, fails: a\\\# SKIP b` + "\n", "\n" + `ok 1 - w\\\#1 on acme`} {
		if !strings.Contains(text, want) {
			t.Errorf("got no %q in\n%s", want, text)
		}
	}
}

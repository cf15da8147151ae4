package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// pageFormats are the formats that people and auditors read.
var pageFormats = []string{"markdown", "csv", "html", "oscal"}

func TestPageFormats(t *testing.T) {
	everything := append([]decision.Decision{sampleWaived()}, samples()...)
	decisions := real(t)
	for _, format := range pageFormats {
		t.Run(format, func(t *testing.T) {
			golden(t, "formats/radiology-notes."+format, write(t, format, Options{}, decisions[:1]))
			golden(t, "formats/nightly-batch."+format, write(t, format, Options{}, decisions[1:]))
			golden(t, "formats/everything."+format, writeWith(t, uses, format, Options{}, everything, sampleProblems...))
			golden(t, "formats/nothing."+format, write(t, format, Options{}, nil))
			if a, b := write(t, format, Options{}, everything), write(t, format, Options{}, everything); !bytes.Equal(a, b) {
				t.Error("the same report gives other bytes")
			}
		})
	}
}

// hostile is a decision in which everything that a stranger writes is an attack
// on one of the formats.
func hostile(text string) decision.Decision {
	d := sampleWaived()
	d.Manifest.Name, d.Manifest.Owner, d.Manifest.Path = text, text, text
	d.Offering.Vendor = text
	d.Conditions = []string{text}
	for i := range d.Findings {
		f := &d.Findings[i]
		f.Message, f.Title, f.Remediation = text, text, text
		f.Facts = []decision.Fact{{Document: text, Path: text, Line: 3, Pointer: "/" + text, Sources: []decision.Source{{ID: text, URL: "javascript:" + text, Document: text, Kind: "documented", Published: text, Read: text}}}}
		f.Missing = []decision.Gap{{Document: text, Pointer: "/" + text, Reason: "absent", Ask: "vendor", Path: text, Line: 1}}
		f.Reasons = nil
		if f.Waiver != nil {
			f.Waiver = &decision.Waiver{Name: text, Owner: text, Approver: text, Reason: text, Ticket: text, From: text, Until: text, Path: text, Line: 3}
		}
	}
	return d
}

// hostileUses are waivers of the same stranger.
func hostileUses(text string) []decision.WaiverUse {
	return []decision.WaiverUse{{Path: text, Line: 3, Column: 5, Name: text, Control: text, Message: text, Until: text}}
}

// What waivers say stays on its line, and is no command and no directive.
func TestWaiversSteerNothing(t *testing.T) {
	const text = "a\n::error::x\n##vso[task.complete]\n# SKIP \\ <b>]]>"
	for _, format := range Formats() {
		data := writeWith(t, hostileUses(text), format, Options{}, []decision.Decision{hostile(text)})
		for _, line := range strings.Split(string(data), "\n") {
			if strings.HasPrefix(line, "::error::x") || strings.HasPrefix(line, "##vso[task.complete") {
				t.Errorf("%s: got line %q", format, line)
			}
		}
		switch format {
		case "tap", "junit", "sarif":
			checkFormat(t, format, data, []byte("{}"))
		}
	}
}

func TestPagesAreNotSteered(t *testing.T) {
	markup := hostile("<script>alert(1)</script> </details> [x](javascript:y) @octocat | `z` <!-- w --> https://evil.example")
	page := string(writeWith(t, hostileUses(markup.Manifest.Name), "html", Options{}, []decision.Decision{markup}))
	for _, word := range []string{"<script", "href=\"javascript:", "<!-- w"} {
		if strings.Contains(page, word) {
			t.Errorf("the page has %q", word)
		}
	}
	text := string(writeWith(t, hostileUses(markup.Manifest.Name), "markdown", Options{}, []decision.Decision{markup}))
	for _, word := range []string{"<script", "x](javascript:", "<!-- w", " @octocat", "https://evil"} {
		if strings.Contains(text, word) {
			t.Errorf("the comment has %q", word)
		}
	}
	if got, want := strings.Count(text, "</details>"), 1; got != want {
		t.Errorf("got %d ends of details, want %d", got, want)
	}
	for _, formula := range []string{"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "\"=1"} {
		d := hostile(formula)
		rows, err := csv.NewReader(bytes.NewReader(write(t, "csv", Options{}, []decision.Decision{d}))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			for i, cell := range row {
				begins := strings.TrimLeft(cell, " \"")
				if _, err := decimal.NewFromString(cell); begins != "" && strings.ContainsAny(begins[:1], "=+-@＝") && err != nil {
					t.Errorf("%q: column %s is %q", formula, rows[0][i], cell)
				}
			}
		}
	}
}

// A register has a row for each offering that the decisions list, and what is
// not known is empty in it, never 0.
func TestRegister(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(write(t, "csv", Options{}, samples()))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := 1
	for _, d := range samples() {
		want += 1 + len(d.Alternatives) + len(d.Candidates) + len(d.Rejected)
	}
	if len(rows) != want {
		t.Fatalf("got %d rows, want %d", len(rows), want)
	}
	column := func(row []string, name string) string {
		for i, n := range rows[0] {
			if n == name {
				return row[i]
			}
		}
		t.Fatalf("no column %q", name)
		return ""
	}
	placed, first := rows[1], rows[2]
	for _, c := range []struct {
		row        []string
		name, want string
	}{
		{placed, "standing", "placed"}, {placed, "verdict", "fail"}, {placed, "expected a month", ""}, {placed, "known a month", "300.94848"},
		{placed, "refused by", "baa-scope | budget | hosting-model"}, {placed, "waived", "audit-logs"}, {placed, "cost lines not known", "fee"},
		{placed, "evidence kinds", "contractual | documented | executed"}, {placed, "evidence first read", "2026-01-12"}, {placed, "evidence last read", "2026-11-23"},
		{first, "standing", "alternative"}, {first, "rank", "1"}, {first, "difference a month", "-40.96"}, {first, "expected a month", "259.992"}, {first, "high a month", "12400"},
		{first, "conditions", "execute the BAA"}, {first, "evidence kinds", ""},
	} {
		if got := column(c.row, c.name); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// A comment of thousands of workloads still is one that can be posted, and says
// what it leaves out.
func TestCommentHasRoom(t *testing.T) {
	for _, n := range []int{1, 3, 20, 2000} {
		var decisions []decision.Decision
		var all []decision.Problem
		for i := range n {
			d := failing()
			d.Manifest.Name = fmt.Sprintf("workload-%d", i)
			decisions = append(decisions, d)
			all = append(all, sampleProblems...)
		}
		text := string(write(t, "markdown", Options{}, decisions, all...))
		if got := utf8.RuneCountInString(text); got > 65536 {
			t.Errorf("%d workloads: got %d characters, want at most 65536", n, got)
		}
		if !strings.HasPrefix(text, commentMarker+"\n") {
			t.Error("the marker does not come first")
		}
		if told, left := strings.Count(text, "\n### "), strings.Contains(text, "No room here"); (told < n) != left {
			t.Errorf("%d workloads: told %d, and what is left out is said: %v", n, told, left)
		}
	}
}

// oscal compiles the official schema.
func oscal(t *testing.T) *jsonschema.Schema {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "formats", "oscal_assessment-results_schema-1.1.3.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Skip("the schema of OSCAL is not beside the project")
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat = true
	if err := compiler.AddResource("oscal.json", bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("oscal.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestOSCALSchema(t *testing.T) {
	schema := oscal(t)
	everything := append([]decision.Decision{sampleWaived(), {}}, samples()...)
	for name, data := range map[string][]byte{
		"real": write(t, "oscal", Options{}, real(t)), "everything": writeWith(t, append(slices.Clone(uses), uses...), "oscal", Options{}, everything, sampleProblems...),
		"nothing": write(t, "oscal", Options{}, nil), "problems": write(t, "oscal", Options{}, nil, sampleProblems...),
		"hostile": writeWith(t, hostileUses(" \n<a b> \u00e9 {x}%zz "), "oscal", Options{}, []decision.Decision{hostile(" \n<a b> \u00e9 {x}%zz ")}),
		"twice":   write(t, "oscal", Options{}, append(samples(), samples()...)),
	} {
		if err := schema.Validate(tree(t, data)); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
		checkUUIDs(t, name, data)
	}
	broken := tree(t, write(t, "oscal", Options{}, real(t))).(map[string]any)
	first(broken["assessment-results"].(map[string]any)["results"])["start"] = "yesterday"
	if schema.Validate(broken) == nil {
		t.Error("a time that is none is accepted")
	}
}

// checkUUIDs holds that no UUID names two things, and that each one that is
// referred to is there.
func checkUUIDs(t *testing.T, name string, data []byte) {
	t.Helper()
	named, wanted := map[string]bool{}, map[string]string{}
	var walk func(value any)
	walk = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, part := range value {
				text, ok := part.(string)
				switch {
				case ok && key == "uuid":
					if named[text] {
						t.Errorf("%s: %s names two things", name, text)
					}
					named[text] = true
				case ok && strings.HasSuffix(key, "-uuid"), ok && key == "href" && strings.HasPrefix(text, "#"):
					wanted[strings.TrimPrefix(text, "#")] = key
				default:
					walk(part)
				}
			}
		case []any:
			for _, part := range value {
				walk(part)
			}
		}
	}
	walk(tree(t, data))
	for id, key := range wanted {
		if !named[id] {
			t.Errorf("%s: %s %s is nowhere", name, key, id)
		}
	}
	if len(named) == 0 {
		t.Errorf("%s has no UUID", name)
	}
}

// A UUID is that of the same subject in each report, whatever was found, when and
// by which policies; those of the document and its results are of what they say.
func TestOSCALSubjectsStay(t *testing.T) {
	// uuids lists those of all objects but the policies and the catalog, whose
	// content is their digest, by where they are.
	uuids := func(header decision.Report, d decision.Decision, uses []decision.WaiverUse, problems ...decision.Problem) map[string]string {
		var out bytes.Buffer
		w, err := New("oscal", &out, header, Options{})
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Decision(d)
		w.Waivers(uses)
		for _, p := range problems {
			w.Problem(p)
		}
		if err := w.Close(decision.Summary{Errors: len(problems)}); err != nil {
			t.Fatal(err)
		}
		checkUUIDs(t, d.Manifest.Name, out.Bytes())
		found := map[string]string{}
		var walk func(at string, value any)
		walk = func(at string, value any) {
			switch value := value.(type) {
			case map[string]any:
				if id, ok := value["uuid"].(string); ok && value["title"] != "Policies" && value["title"] != "Catalog" {
					found[at] = id
				}
				for key, part := range value {
					walk(at+"/"+key, part)
				}
			case []any:
				for i, part := range value {
					walk(fmt.Sprintf("%s/%d", at, i), part)
				}
			}
		}
		walk("", tree(t, out.Bytes()))
		return found
	}
	content := func(at string) bool {
		return regexp.MustCompile(`^/assessment-results(/results/\d+)?$`).MatchString(at)
	}
	d, use, problem := sampleWaived(), uses[3], decision.Problem{Path: "w.yaml", Line: 3, Message: "duplicate key a; it stands in line 2 already"}
	before := uuids(formatHeader(), d, []decision.WaiverUse{use}, problem)
	if len(before) < 40 {
		t.Fatalf("got %d UUIDs, want more", len(before))
	}
	header := formatHeader()
	header.AsOf, header.Tool.Version, header.Policies.Digest, header.Catalog.Digest = "2026-12-24", "v0.2.0", "sha256:1", "sha256:2"
	later := sampleWaived()
	later.Manifest.Path, later.Manifest.Digest, later.Verdict = "moved.yaml", "sha256:3", decision.Review
	for i := range later.Findings {
		f := &later.Findings[i]
		f.Message, f.Location.Line = "in other words", f.Location.Line+1
	}
	use.Line, use.Message, use.Status = 99, "in other words", decision.Unused
	problem.Line, problem.Message = 5, "duplicate key a; it stands in line 4 already"
	after := uuids(header, later, []decision.WaiverUse{use}, problem)
	if len(after) != len(before) {
		t.Errorf("got %d UUIDs, want %d", len(after), len(before))
	}
	for at, id := range before {
		if (after[at] == id) == content(at) {
			t.Errorf("%s: got %s, then %s; want the same one: %t", at, id, after[at], !content(at))
		}
	}
	const first = "/assessment-results/results/0/findings/0"
	if fails, passes := uuids(formatHeader(), one(finding("x", decision.Fail, true, "high", 3, "")), nil), uuids(formatHeader(), one(finding("x", decision.Pass, true, "high", 3, "")), nil); fails[first] == "" || fails[first] != passes[first] {
		t.Errorf("got %q for what fails and %q once it passes, want the same one", fails[first], passes[first])
	}
	for name, change := range map[string]func(*decision.Decision){
		"workload": func(d *decision.Decision) { d.Manifest.Name = "other" }, "offering": func(d *decision.Decision) { d.Offering.Region = "other" },
		"control": func(d *decision.Decision) {
			for i := range d.Findings {
				d.Findings[i].Control += "-other"
			}
		},
	} {
		other := sampleWaived()
		change(&other)
		for at, id := range uuids(formatHeader(), other, nil) {
			if id == before[at] && regexp.MustCompile(`/(findings|observations|risks|remediations)/`).MatchString(at) {
				t.Errorf("another %s: got the same UUID at %s", name, at)
			}
		}
	}
}

// OSCAL has two states: nothing but a pass is satisfied, and each finding that
// fails or is waived has its risk.
func TestOSCALStates(t *testing.T) {
	var document struct {
		Results struct {
			Results []oscalResult `json:"results"`
		} `json:"assessment-results"`
	}
	d := sampleWaived()
	if err := json.Unmarshal(write(t, "oscal", Options{}, []decision.Decision{d}), &document); err != nil {
		t.Fatal(err)
	}
	result := document.Results.Results[0]
	status := map[string]decision.Status{}
	for _, f := range d.Findings {
		if f.Status != decision.NotApplicable {
			status[f.Control] = f.Status
		}
	}
	if len(result.Findings) != len(status) || len(result.Reviewed.Selections[0].Exclude) != len(d.Findings)-len(status) {
		t.Fatalf("got %d findings and %d excluded, want %d and %d", len(result.Findings), len(result.Reviewed.Selections[0].Exclude), len(status), len(d.Findings)-len(status))
	}
	for _, f := range result.Findings {
		s := status[f.Target.ID]
		want := oscalState{State: "not-satisfied", Reason: "other"}
		switch s {
		case decision.Pass:
			want = oscalState{State: "satisfied", Reason: "pass"}
		case decision.Fail:
			want.Reason = "fail"
		}
		got := f.Target.Status
		if got.Remarks = ""; got != want {
			t.Errorf("%s is %s: got %v, want %v", f.Target.ID, s, got, want)
		}
		if risky := s == decision.Fail || s == decision.Waived; risky != (len(f.Risks) == 1) {
			t.Errorf("%s is %s: got %d risks", f.Target.ID, s, len(f.Risks))
		}
	}
}

// A page needs nothing beside itself and runs nothing; each link in it leads
// somewhere, and no id is there twice.
func TestHTMLStandsAlone(t *testing.T) {
	page := string(write(t, "html", Options{}, append([]decision.Decision{sampleWaived()}, samples()...), sampleProblems...))
	for _, word := range []string{"<script", "<link", "<img", "<iframe", "@import", "url(", " src=", " onclick", "ZgotmplZ"} {
		if strings.Contains(page, word) {
			t.Errorf("the page has %q", word)
		}
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("id %s is there twice", m[1])
		}
		ids[m[1]] = true
	}
	links := regexp.MustCompile(` href="#([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(links) < 20 {
		t.Errorf("got %d links, want more", len(links))
	}
	for _, m := range links {
		if !ids[m[1]] {
			t.Errorf("#%s leads nowhere", m[1])
		}
	}
}

// The day stands in the style of the page too, for print; it is no way out of it.
func TestHTMLStyleIsClosed(t *testing.T) {
	var out bytes.Buffer
	w := newHTML(&out, decision.Report{AsOf: `2026"}</style><b>: x\`}, Options{})
	if err := w.Close(decision.Summary{}); err != nil {
		t.Fatal(err)
	}
	_, style, _ := strings.Cut(out.String(), "@bottom-left{content:\"")
	text, _, _ := strings.Cut(style, "\";")
	if !strings.HasPrefix(text, "Vendor compliance report as of 2026") || strings.ContainsAny(text, `"<>}`) || strings.HasSuffix(text, `\`) && !strings.HasSuffix(text, `\\`) {
		t.Errorf("got %q", text)
	}
}

// look runs the check of .ci/html on pages, in Chromium with axe-core.
func look(t *testing.T, pages ...string) {
	t.Helper()
	folder := filepath.Join("..", "..", ".ci", "html")
	for _, program := range []string{"node", "chromium"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		t.Skip("npm ci has not been run in .ci/html")
	}
	out, err := exec.Command("node", append([]string{filepath.Join(folder, "check.mjs")}, pages...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestHTMLInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	folder := t.TempDir()
	var pages []string
	for name, data := range map[string][]byte{
		"everything": writeWith(t, uses, "html", Options{}, append([]decision.Decision{sampleWaived()}, samples()...), sampleProblems...),
		"nothing":    write(t, "html", Options{}, nil),
	} {
		pages = append(pages, filepath.Join(folder, name+".html"))
		if err := os.WriteFile(pages[len(pages)-1], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	look(t, pages...)
}

// Only addresses of the web are links.
func TestLinks(t *testing.T) {
	for address, want := range map[string]string{
		"https://acme.example/a?b=c": "https://acme.example/a?b=c", "http://acme.example/": "http://acme.example/",
		"javascript:alert(1)": "", "javascript://acme.example/%0aalert(1)": "", "ftp://acme.example/x": "", "file:///etc/passwd": "", "https:///nowhere": "", "//acme.example/x": "", "acme.example": "", "": "", "https://a b": "",
	} {
		if got := link(decision.Source{URL: address}); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

// What is said in a comment is no markup, also not in a table.
func TestCommentEscapes(t *testing.T) {
	for text, want := range map[string]string{"plain/path.yaml:3": "`plain/path.yaml:3`", "a|b": `a\|b`, `a\b`: `a\\b`, "a`b": "a\\`b", " a": " a", "a ": "a ", "": ""} {
		if got := code(text); got != want {
			t.Errorf("code %q: got %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"~~gone~~": `\~\~gone\~\~`, "www.evil.example": "www<!-- -->.evil.example", "https://evil.example": "https:<!-- -->//evil.example", "@all": "@<!-- -->all", "<b>&amp;": "&lt;b&gt;&amp;amp;", "#1": `\#1`,
	} {
		if got := said(text); got != want {
			t.Errorf("said %q: got %q, want %q", text, got, want)
		}
	}
	f := finding("x", decision.Fail, true, "high", 3, "because")
	source := terms
	source.URL = `https://acme.example/a|b?c|d=<e>\f`
	f.Facts = []decision.Fact{claim(3, "/a/0", source)}
	var out bytes.Buffer
	item(&out, f)
	if want := "[terms](<https://acme.example/a%7Cb?c%7Cd=%3Ce%3E%5Cf>)"; !strings.Contains(out.String(), want) {
		t.Errorf("got %s, want %s", out.String(), want)
	}
}

// A workload and a row of the table are there whole as long as they end where
// there is room, and not at all one character beyond.
func TestCommentRoomEdges(t *testing.T) {
	passed := one(finding("x", decision.Pass, true, "high", 3, "because"))
	failed := one(finding("x", decision.Fail, true, "high", 3, "because"))
	for _, c := range []struct {
		name     string
		decision decision.Decision
		pad      func(*decision.Decision, string)
		room     int
		of, end  string // what is padded, and what comes after it
	}{
		{"row", passed, func(d *decision.Decision, pad string) { d.Manifest.Name = "w" + pad }, tableRoom, "| ✅ pass |", "\n<sub>"},
		{"workload", failed, func(d *decision.Decision, pad string) {
			d.Findings = slices.Clone(d.Findings)
			d.Findings[0].Message = "because" + pad
		}, commentRoom, "\n### ", "\n<sub>"},
	} {
		text := func(pad int) string {
			d := c.decision
			c.pad(&d, strings.Repeat("é", pad))
			return string(write(t, "markdown", Options{}, []decision.Decision{d}))
		}
		before, _, _ := strings.Cut(text(0), c.end)
		fits := c.room - utf8.RuneCountInString(before)
		if !strings.Contains(text(fits), c.of) {
			t.Errorf("%s: what ends at the edge is left out", c.name)
		}
		if strings.Contains(text(fits+1), c.of) {
			t.Errorf("%s: what ends beyond the edge is there", c.name)
		}
	}
}

// What passes is the cheapest unless an alternative costs less.
func TestCheapest(t *testing.T) {
	d := decision.Decision{Verdict: decision.Passed}
	other := decision.Alternative{Offering: offering("beam", "team", "managed", "us"), Cost: complete("5")}
	for _, c := range []struct {
		verdict    decision.Verdict
		difference *decimal.Decimal
		this       bool
	}{
		{decision.Passed, dec("1"), true}, {decision.Passed, dec("0"), true}, {decision.Passed, dec("-1"), false}, {decision.Passed, nil, false},
		{decision.Failed, dec("1"), false}, {decision.Review, dec("0"), false},
	} {
		d.Verdict, other.Difference = c.verdict, c.difference
		d.Alternatives = []decision.Alternative{other}
		if got := cheapest(d); (got == "this one") != c.this || !c.this && !strings.HasPrefix(got, "beam") {
			t.Errorf("%s, difference %v: got %q, want this one: %t", c.verdict, c.difference, got, c.this)
		}
	}
	for verdict, want := range map[decision.Verdict]string{decision.Passed: "this one", decision.Failed: "none found"} {
		if got := cheapest(decision.Decision{Verdict: verdict}); got != want {
			t.Errorf("%s without alternatives: got %q, want %q", verdict, got, want)
		}
	}
}

// No text is a formula to a spreadsheet, whichever sign it begins with.
func TestCellsAreNoFormulas(t *testing.T) {
	for _, sign := range []string{"=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠"} {
		for _, before := range []string{"", " ", "\u00a0", "\u3000", "\ufeff", "\u200b", `"`, "'"} {
			if got := cells(before + sign + "1")[0]; !strings.HasPrefix(got, "'") || !strings.HasSuffix(got, sign+"1") {
				t.Errorf("%q: got %q, want an apostrophe before it", before+sign+"1", got)
			}
		}
		if got := cells("a" + sign + "1")[0]; got != "a"+sign+"1" {
			t.Errorf("a%s1: got %q", sign, got)
		}
	}
	if got := cells(""); got[0] != "" {
		t.Errorf("got %q for nothing", got)
	}
}

// A chart compares what is in one currency: the other has no bar and does not
// shorten those of the first.
func TestChartOfCurrencies(t *testing.T) {
	euros := complete("1000")
	euros.Currency = "EUR"
	d := decision.Decision{Cost: complete("10"), Verdict: decision.Failed, Alternatives: []decision.Alternative{
		{Rank: 1, Offering: offering("beam", "team", "managed", "us"), Cost: complete("5")}, {Rank: 2, Offering: offering("nebius", "payg", "managed", "eu"), Cost: euros},
	}}
	w := newHTMLWorkload("w1", d, nil)
	var bars []int
	for _, o := range w.Offers {
		if o.Drawn != (o.Bar > 0) {
			t.Errorf("%s: drawn %t with a bar of %d", o.Offering, o.Drawn, o.Bar)
		}
		bars = append(bars, o.Bar)
	}
	if want := []int{1000, 500, 0}; !slices.Equal(bars, want) || !w.Charted {
		t.Errorf("got bars %v, want %v", bars, want)
	}
}

// Workloads come by verdict, the gravest first; controls by the worst that any
// workload has of them, those that are advice everywhere last.
func TestHTMLOrder(t *testing.T) {
	of := func(name string, findings ...decision.Finding) decision.Decision {
		d := one(findings[0])
		d.Manifest.Name, d.Findings, d.Verdict = name, findings, decision.VerdictOf(findings)
		return d
	}
	f := func(control string, status decision.Status, required bool) decision.Finding {
		return finding(control, status, required, "high", 3, "because")
	}
	page := newHTMLPage(decision.Report{Decisions: []decision.Decision{
		of("passes", f("a-pass", decision.Pass, true), f("b-waived", decision.Waived, true), f("e-mixed", decision.Pass, true)),
		of("open", f("c-open", decision.Unknown, true), f("f-advice", decision.Pass, false), f("a-advice", decision.Unknown, false), f("g-nowhere", decision.NotApplicable, true)),
		of("fails", f("d-fail", decision.Fail, true), f("b-fail", decision.Fail, true), f("z-advice", decision.Fail, false)),
		of("fails too", f("e-mixed", decision.Fail, true), f("a-pass", decision.Fail, false), f("a-advice", decision.Pass, false)),
	}})
	if got, want := strings.Join(page.Controls, " "), "b-fail d-fail e-mixed c-open b-waived a-pass z-advice a-advice f-advice"; got != want {
		t.Errorf("got columns %s, want %s", got, want)
	}
	var names []string
	for _, w := range page.Workloads {
		names = append(names, w.Name)
		for i, c := range w.Cells {
			if c.Control != page.Controls[i] {
				t.Errorf("%s: cell %d is of %s, its column of %s", w.Name, i, c.Control, page.Controls[i])
			}
		}
	}
	if got, want := strings.Join(names, ", "), "fails, fails too, open, passes"; got != want {
		t.Errorf("got workloads %s, want %s", got, want)
	}
}

// A waiver shows wherever the verdict does, waived findings come after those that
// are open, and advice is apart from what the verdict rests on.
func TestHTMLTellsWhatIsWaived(t *testing.T) {
	w := newHTMLWorkload("w1", sampleWaived(), nil)
	if want := (htmlMark{"waived", "~", "2 waived"}); len(w.Marks) != 2 || w.Marks[0] != w.Verdict || w.Marks[1] != want {
		t.Errorf("got marks %v, want the verdict and %v", w.Marks, want)
	}
	var got []string
	for _, f := range w.Findings {
		if n := len(got); n == 0 || got[n-1] != f.Mark.Word {
			got = append(got, f.Mark.Word)
		}
	}
	if want := []string{"fail", "unknown", "waived"}; !slices.Equal(got, want) {
		t.Errorf("got findings %v, want %v", got, want)
	}
	for _, f := range w.Advice {
		if f.Required || f.Mark.Class == "pass" {
			t.Errorf("%s is no advice to be followed", f.Control)
		}
	}
	if len(w.Advice) != 2 || w.Gravest == nil || w.Gravest.Control != "baa-scope" {
		t.Errorf("got %d pieces of advice and the gravest %v, want 2 and baa-scope", len(w.Advice), w.Gravest)
	}
	if w := newHTMLWorkload("w1", passing(), nil); len(w.Marks) != 1 || w.Gravest != nil {
		t.Errorf("what passes has marks %v and the gravest %v", w.Marks, w.Gravest)
	}
}

// Workloads of one name are told apart by their files, those of one file by their
// offerings too.
func TestHTMLTellsNamesApart(t *testing.T) {
	of := func(name, path, region string) decision.Decision {
		return decision.Decision{Manifest: decision.Manifest{Path: path, Name: name}, Offering: offering("acme", "team", "managed", region)}
	}
	page := newHTMLPage(decision.Report{Decisions: []decision.Decision{
		of("notes", "a.yaml", "us"), of("notes", "b.yaml", "us"), of("notes", "b.yaml", "eu"), of("alone", "a.yaml", "us"),
	}})
	b := inFew(offering("acme", "team", "managed", "us"))
	for i, want := range []string{"a.yaml", "b.yaml, " + flat(b), "b.yaml, " + flat(strings.Replace(b, "us", "eu", 1)), ""} {
		if got := page.Workloads[i].Apart; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Where nothing was decided, the page says so first, and how many errors there are.
func TestHTMLOfNothing(t *testing.T) {
	for _, c := range []struct {
		errors   int
		headline string
		counts   []htmlCount
	}{
		{0, "Nothing was decided", nil},
		{1, "Nothing was decided, 1 error", []htmlCount{{1, htmlMark{"fail", "!", "error"}}}},
		{2, "Nothing was decided, 2 errors", []htmlCount{{2, htmlMark{"fail", "!", "errors"}}}},
	} {
		page := newHTMLPage(decision.Report{Summary: decision.Summary{Errors: c.errors}})
		if page.Headline != c.headline || !slices.Equal(page.Counts, c.counts) {
			t.Errorf("got %q and %v, want %q and %v", page.Headline, page.Counts, c.headline, c.counts)
		}
	}
	page := newHTMLPage(decision.Report{Summary: decision.Summary{Errors: 1, Pass: 1}, Decisions: []decision.Decision{passing()}})
	if page.Headline != "1 pass, 1 error" || len(page.Counts) != 4 || page.Counts[0].Mark.Word != "error" {
		t.Errorf("got %q and %v", page.Headline, page.Counts)
	}
}

func TestElseInWords(t *testing.T) {
	beam := decision.Alternative{Offering: offering("beam", "team", "managed", "us"), Cost: complete("5")}
	dear, partial, euros := beam, beam, beam
	dear.Cost, partial.Cost, euros.Cost = complete("7"), incomplete("1", false), complete("1")
	euros.Cost.Currency = "EUR"
	name := inFew(beam.Offering)
	for _, c := range []struct {
		name         string
		alternatives []decision.Alternative
		candidates   int
		rejected     int
		stage, want  string
	}{
		{"one", []decision.Alternative{beam}, 1, 1, "", "1 of the others listed passes: " + name + " at $5.00 a month."},
		{"two", []decision.Alternative{beam, dear}, 0, 0, "operate", "2 of the others listed pass at stage select; the cheapest is " + name + " at $5.00 a month."},
		{"one without a total", []decision.Alternative{beam, partial}, 0, 0, "", "2 of the others listed pass; the cheapest with a known price is " + name + " at $5.00 a month."},
		{"two currencies", []decision.Alternative{beam, euros}, 0, 0, "", "2 of the others listed pass; the cheapest with a known price is " + name + " at $5.00 a month."},
		{"no total", []decision.Alternative{partial}, 0, 0, "", "1 of the others listed passes."},
		{"in review", nil, 1, 1, "select", "Nothing else that was found passes; 1 of the others listed is in review."},
		{"some in review", nil, 3, 0, "operate", "Nothing else that was found passes at stage select; 3 of the others listed are in review."},
		{"refused", nil, 0, 1, "", "Nothing else that was found passes."},
		{"nothing listed", nil, 0, 0, "operate", "No other offering is listed."},
	} {
		d := decision.Decision{Stage: c.stage, Alternatives: c.alternatives, Candidates: make([]decision.Candidate, c.candidates), Rejected: make([]decision.Rejected, c.rejected)}
		if got := flat(elseInWords(d)); got != flat(c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// A sign before a total is explained where there is one.
func TestSigns(t *testing.T) {
	for _, c := range []struct {
		totals []string
		want   int
	}{{nil, 0}, {[]string{"$5.00", "unknown", "-$3.00"}, 0}, {[]string{"$5.00", "≥ $3.00", "≥ $4.00"}, 1}, {[]string{"? $3.00", "≥ $4.00"}, 2}} {
		if got := signs(c.totals); len(got) != c.want {
			t.Errorf("%v: got %q, want %d", c.totals, got, c.want)
		}
	}
}

// Low comes before high in the bill, whichever of a line's parts is the smaller one.
func TestHTMLRange(t *testing.T) {
	c := complete("5")
	c.Lines[0].Low, c.Lines[0].High = dec("7"), dec("3")
	if got := newHTMLWorkload("w1", decision.Decision{Cost: c}, nil).Lines[0].Range; got != "$3.00 to $7.00" {
		t.Errorf("got %s", got)
	}
}

package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/waiver"
)

// waiverSample has everything that a list of waivers can show.
func waiverSample() waiver.List {
	l := waiver.List{Tool: decision.Tool{Name: "caveat", Version: "0.1.0"}, AsOf: "2026-11-23", Errors: []decision.Problem{{Path: "x.yaml", Message: "no such file"}}}
	manifest := decision.Manifest{Path: "notes.yaml", Name: "radiology-notes", Digest: digest}
	here := offering("acme", "enterprise", "managed", "us-east")
	for i, use := range uses {
		one := waiver.Listed{Path: use.Path, Line: use.Line, Column: use.Column, Name: use.Name, Control: use.Control, Status: use.Status, Message: use.Message,
			Owner: "clinical-ai", Approver: "ciso", Reason: "a pilot", Ticket: "SEC-12", From: "2026-10-01", Until: use.Until, DaysLeft: []int{38, 8, 8, -23, 38}[i], Expiring: use.Expiring}
		if use.Status == decision.Used {
			one.Severity = "high"
			one.Worth = []waiver.Worth{
				{Manifest: manifest, Offering: here, Currency: "USD", Amount: dec("12.345")},
				{Manifest: manifest, Offering: here, Currency: "USD", Amount: dec("-5")},
				{Manifest: manifest, Offering: here, Currency: "USD", Why: "nothing passes without the waiver"},
			}
		}
		l.Waivers = append(l.Waivers, one)
	}
	return l
}

func TestWaiverList(t *testing.T) {
	for name, l := range map[string]waiver.List{"waivers": waiverSample(), "waivers-none": {Tool: decision.Tool{Name: "caveat", Version: "0.1.0"}, AsOf: "2026-11-23"}} {
		var out, shown bytes.Buffer
		if err := WaiversJSON(&out, l); err != nil {
			t.Fatal(err)
		}
		if err := compiledSchema(t, "waivers").Validate(tree(t, out.Bytes())); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
		table := Table{W: &shown}
		if err := table.WaiverList(l); err != nil {
			t.Fatal(err)
		}
		golden(t, name+"-80.txt", shown.Bytes())
	}
	everyField(t, schemaTreeOf(t, "waivers"), reflect.TypeFor[waiver.List]())
}

// pilot waives what sampleExcused finds.
var pilot = decision.Waiver{Name: "pilot", Owner: "search", Approver: "ciso", Reason: "nobody waits for it", Ticket: "SEC-12", From: "2026-11-01", Until: "2027-02-28",
	Status: decision.Fail, Path: "waivers/pilot.yaml", Line: 3, Column: 18}

const pilotWords = "waived until 2027-02-28 by search, approved by ciso (SEC-12): nobody waits for it; waiver pilot, waivers/pilot.yaml:3"

// sampleExcused passes since all that fails is waived: one finding for one
// reason, one for two.
func sampleExcused() decision.Decision {
	one := finding("uptime", decision.Waived, true, "high", 3, "99 is promised")
	two := finding("regions", decision.Waived, true, "high", 4, "it runs in Mars; it runs on Venus")
	two.Reasons = []decision.Reason{{Message: "it runs in Mars", Location: at(4)}, {Message: "it runs on Venus", Location: at(5)}}
	waiver := pilot
	one.Waiver, two.Waiver = &waiver, &waiver
	return decision.Decision{Manifest: decision.Manifest{Path: "w.yaml", Name: "w"}, Offering: offering("acme", "team", "managed", "us"), Verdict: decision.Passed,
		Findings:     []decision.Finding{one, two},
		Alternatives: []decision.Alternative{{Rank: 1, Offering: offering("beam", "team", "managed", "us"), Verdict: decision.Passed, Cost: complete("1"), Waived: []string{"sso"}}},
		Candidates:   []decision.Candidate{{Offering: offering("nebius", "payg", "managed", "eu"), Cost: complete("2"), Open: []string{"baa"}, Waived: []string{"breach-notice"}}}}
}

// Whatever waives a finding, every format has what was found, and the waiver
// with all that it says, in the same words.
func TestWaivedFindingsStay(t *testing.T) {
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			text := strings.ReplaceAll(string(write(t, format, Options{Width: 400}, []decision.Decision{sampleExcused()})), nbsp, " ")
			var want []string
			switch format {
			case "json", "jsonl", "yaml":
				want = []string{"99 is promised", "it runs in Mars", "it runs on Venus", `pilot`, `search`, `ciso`, `nobody waits for it`, `SEC-12`, `2026-11-01`, `2027-02-28`, `waivers/pilot.yaml`}
			case "csv":
				want = []string{"regions | uptime,pilot | pilot,2027-02-28 | 2027-02-28,SEC-12 | SEC-12,", ",sso,", ",breach-notice,"}
			default:
				want = []string{"99 is promised", "it runs in Mars", "it runs on Venus"}
				if got := strings.Count(text, pilotWords); got < 2 {
					t.Errorf("got %d times %q, want it beside each finding", got, pilotWords)
				}
			}
			if slices.Contains([]string{"table", "markdown", "html", "oscal"}, format) {
				want = append(want, "waived: sso", "waived: breach-notice")
			}
			for _, words := range want {
				if !strings.Contains(text, words) {
					t.Errorf("got no %q in\n%s", words, text)
				}
			}
		})
	}
}

// A spreadsheet has a column for each part of a waiver, beside the control.
func TestRegisterOfWaivers(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(write(t, "csv", Options{}, []decision.Decision{sampleExcused()}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.Index(rows[0], "waived")
	for n, want := range [][]string{{"waived", "waivers", "waived until", "waiver tickets"}, {"regions | uptime", "pilot | pilot", "2027-02-28 | 2027-02-28", "SEC-12 | SEC-12"}, {"sso", "", "", ""}, {"breach-notice", "", "", ""}} {
		if got := rows[n][i : i+4]; !slices.Equal(got, want) {
			t.Errorf("row %d: got %q, want %q", n, got, want)
		}
	}
}

// OSCAL has a risk for what is waived, with a deadline and each part of the
// waiver; a date that is none sets no deadline.
func TestOSCALOfWaivers(t *testing.T) {
	d := sampleExcused()
	d.Findings[1].Waiver = &decision.Waiver{Name: "odd", Until: "soon"}
	var document struct {
		Results struct {
			Results []oscalResult `json:"results"`
		} `json:"assessment-results"`
	}
	if err := json.Unmarshal(write(t, "oscal", Options{}, []decision.Decision{d}), &document); err != nil {
		t.Fatal(err)
	}
	result := document.Results.Results[0]
	got := map[string]string{}
	for _, p := range result.Risks[1].Props {
		got[p.Name] = p.Value
	}
	want := map[string]string{"severity": "high", "required": "true", "status-without-waiver": "fail", "waiver": "pilot", "waiver-owner": "search", "waiver-approver": "ciso", "waiver-reason": "nobody waits for it",
		"waiver-ticket": "SEC-12", "waiver-from": "2026-11-01", "waiver-until": "2027-02-28", "waiver-at": "waivers/pilot.yaml:3"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := []string{result.Risks[0].Deadline, result.Risks[1].Deadline}; !slices.Equal(got, []string{"", "2027-02-28T23:59:59Z"}) {
		t.Errorf("got deadlines %q", got)
	}
	if err := oscal(t).Validate(tree(t, write(t, "oscal", Options{}, []decision.Decision{d}))); err != nil {
		t.Errorf("%#v", err)
	}
}

// An alert that is waived is the same one as before: its fingerprint stays.
func TestWaivedFingerprint(t *testing.T) {
	f := finding("x", decision.Fail, true, "high", 3, "because")
	f.Facts = []decision.Fact{claim(3, "/a/0", terms)}
	print := func(f decision.Finding) string {
		var all issues
		return all.of(decision.Decision{Findings: []decision.Finding{f}})[0].fingerprint
	}
	excused := f
	excused.Status, excused.Waiver = decision.Waived, &decision.Waiver{Status: decision.Fail}
	if print(f) != print(excused) {
		t.Error("got another fingerprint for the finding once it is waived")
	}
}

// What waives nothing or ends soon is said in every format but csv, where it
// stands; what is used is not, but where everything is.
func TestWaiversAreTold(t *testing.T) {
	for format, want := range map[string][]string{
		"table":       {"✗ expired   old  uptime  waivers/b.yaml:19  it ended on 2026-10-31", "! used      sso-pilot  sso  waivers/a.yaml:19"},
		"json":        {`"name": "old"`, `"name": "sso-pilot"`},
		"jsonl":       {`"name":"old"`, `"name":"sso-pilot"`},
		"yaml":        {`name: old`, `name: sso-pilot`},
		"sarif":       {"\"ruleId\": \"waiver\",\n          \"ruleIndex\": 1,\n          \"kind\": \"fail\",\n          \"level\": \"warning\"", `"text": "waiver old: expired: uptime: it ended on 2026-10-31"`, "\"uri\": \"waivers/b.yaml\"\n                },\n                \"region\": {\n                  \"startLine\": 19,", `waiver sso-pilot: expiring: sso: ends in 8 days`},
		"junit":       {`<testsuite name="waivers" package="waivers" id="1" timestamp="2026-11-23T00:00:00" hostname="localhost" tests="4" failures="0" errors="0" skipped="4" time="0">`, `<testcase name="waiver old: expired, waivers/b.yaml:19" classname="waivers" time="0">`, `<skipped message="uptime: it ended on 2026-10-31">`, `waiver sso-pilot: expiring`},
		"tap":         {"\nok 4 - waiver old: expired # SKIP uptime: it ended on 2026-10-31\n", "\nok 2 - waiver sso-pilot: expiring # SKIP sso: ends"},
		"github":      {"\n::warning file=waivers/b.yaml,line=19,col=18,title=caveat waiver old%3A expired::uptime: it ended on 2026-10-31\n", "title=caveat waiver sso-pilot%3A expiring::"},
		"gitlab":      {`{"description":"waiver old: expired: uptime: it ended on 2026-10-31","check_name":"waiver",`, `"severity":"minor","location":{"path":"waivers/b.yaml","lines":{"begin":19}}}`, "waiver sso-pilot: expiring"},
		"azuredevops": {"\n##vso[task.logissue type=warning;sourcepath=waivers/b.yaml;linenumber=19;columnnumber=18;code=waiver]waiver old: expired: uptime: it ended on 2026-10-31\n", "waiver sso-pilot: expiring"},
		"markdown":    {"\n**Waivers to look at:**\n\n- ⚠️ **sso-pilot** (sso, expiring) `waivers/a.yaml:19` ends in 8 days", "- ⚠️ **old** (uptime, expired) `waivers/b.yaml:19` it ended on 2026-10-31\n"},
		"csv":         nil,
		"html":        {`<th role="rowheader" scope="row">old</th><td role="cell"><span class="mark fail"><span aria-hidden="true">✗</span> expired</span></td><td role="cell" data-label="control">uptime</td>`, "> expiring</span>"},
		"oscal":       {`"title": "waiver old: expired",`, `"description": "uptime: it ended on 2026-10-31"`, `"title": "waiver sso-pilot: expiring"`},
	} {
		t.Run(format, func(t *testing.T) {
			text := strings.ReplaceAll(string(writeWith(t, uses, format, Options{Width: 400}, []decision.Decision{passing()})), nbsp, " ")
			for _, words := range want {
				if !strings.Contains(text, words) {
					t.Errorf("got no %q in\n%s", words, text)
				}
			}
			if all := slices.Contains([]string{"json", "jsonl", "yaml", "html"}, format); strings.Contains(text, "logs-pilot") != all {
				t.Errorf("says what waives something and does not end soon: %t, want %t", !all, all)
			}
			if want == nil && !bytes.Equal(write(t, format, Options{}, []decision.Decision{passing()}), writeWith(t, uses, format, Options{}, []decision.Decision{passing()})) {
				t.Error("waivers have rows")
			}
		})
	}
	if len(Formats()) != 14 {
		t.Error("a format is not among those above")
	}
	for _, format := range []string{"sarif", "junit", "tap", "github", "gitlab", "azuredevops", "markdown", "csv", "oscal", "table"} { // nothing to look at
		quiet := []decision.WaiverUse{uses[0], {Path: "waivers/c.yaml", Line: 3, Name: "would-do", Control: "sso", Status: decision.InForce, Until: "2027-01-31"}}
		if a, b := writeWith(t, quiet, format, Options{}, samples()), write(t, format, Options{}, samples()); !bytes.Equal(a, b) {
			t.Errorf("%s: got another report for waivers that are used or in force", format)
		}
	}
}

// Neither lines nor the days that are left are in a fingerprint; what becomes of
// a waiver is.
func TestFingerprintsOfWaivers(t *testing.T) {
	print := func(change func(*decision.WaiverUse)) string {
		use := uses[1]
		change(&use)
		var all issues
		return all.ofWaiver(use)
	}
	same := print(func(*decision.WaiverUse) {})
	if print(func(u *decision.WaiverUse) { u.Line, u.Column, u.Message = 99, 1, "ends in 7 days" }) != same {
		t.Error("got another fingerprint for other lines and days")
	}
	for name, change := range map[string]func(*decision.WaiverUse){
		"status": func(u *decision.WaiverUse) { u.Status, u.Expiring = decision.Expired, false }, "name": func(u *decision.WaiverUse) { u.Name = "x" },
		"control": func(u *decision.WaiverUse) { u.Control = "x" }, "file": func(u *decision.WaiverUse) { u.Path = "x" },
	} {
		if print(change) == same {
			t.Errorf("another %s: got the same fingerprint", name)
		}
	}
}

// Thousands of waivers leave room for the workloads, and are counted.
func TestCommentHasRoomForWaivers(t *testing.T) {
	var many []decision.WaiverUse
	for range 5000 {
		many = append(many, uses[3])
	}
	text := string(writeWith(t, many, "markdown", Options{}, []decision.Decision{failing()}))
	told := strings.Count(text, "- ⚠️")
	if told < 200 || !strings.Contains(text, "\n- and "+strconv.Itoa(5000-told)+" more waivers\n") || !strings.Contains(text, "\n### ") || utf8.RuneCountInString(text) > 65536 {
		t.Errorf("told %d waivers in %d characters", told, utf8.RuneCountInString(text))
	}
}

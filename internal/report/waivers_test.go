package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

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

package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/caveat-check/caveat/internal/decision"
)

// sampleChange is of the real decisions: one dearer and refused now, one new, one
// whose difference is not known, and one that is gone.
func sampleChange(t testing.TB) *decision.CostChange {
	known := func(amount string) decision.Total {
		return decision.Total{Currency: "USD", Low: dec(amount), Expected: dec(amount), High: dec(amount), Known: *dec(amount)}
	}
	part := decision.Total{Currency: "USD", Low: dec("5"), Known: *dec("5"), MayFall: true}
	state := func(d decision.Decision, v decision.Verdict, total decision.Total) *decision.WorkloadState {
		return &decision.WorkloadState{Offering: d.Offering, Verdict: v, Total: total}
	}
	decisions := real(t)
	first, second := decisions[0], decisions[1]
	hostile := "a|b<script>@all"
	return &decision.CostChange{
		Against: "main`|x",
		Totals:  []decision.TotalChange{{Before: known("100"), After: known("162.03"), Difference: dec("62.03")}, {Before: part, After: known("7")}},
		Workloads: []decision.WorkloadChange{
			{Kind: "changed", Path: first.Manifest.Path, Name: first.Manifest.Name, Before: state(first, decision.Passed, known("100")), After: state(first, decision.Failed, known("162.03")), Difference: dec("62.03")},
			{Kind: "removed", Path: "gone.yaml", Name: hostile, Before: state(second, decision.Passed, known("3")), Difference: dec("-3")},
			{Kind: "changed", Path: "odd.yaml", Name: "odd", Before: state(second, decision.Review, part), After: state(second, decision.Review, known("7"))},
			{Kind: "new", Path: second.Manifest.Path, Name: second.Manifest.Name, After: state(second, decision.Review, known("7")), Difference: dec("7")},
		},
		Unchanged: 2,
	}
}

// Every format that tells what a change costs tells it: people by the headline
// and the workloads, programs as the schema has it.
func TestCostChange(t *testing.T) {
	for _, format := range []string{"table", "json", "jsonl", "yaml", "markdown", "html"} {
		t.Run(format, func(t *testing.T) {
			var out bytes.Buffer
			w, err := New(format, &out, formatHeader(), Options{Width: 80})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range real(t) {
				if err := w.Decision(d); err != nil {
					t.Fatal(err)
				}
			}
			w.CostChange(sampleChange(t))
			if err := w.Close(decision.Summary{Fail: 1, Review: 1}); err != nil {
				t.Fatal(err)
			}
			text := out.String()
			if format == "jsonl" { // the last line is the rest of the report
				lines := strings.Split(strings.TrimSpace(text), "\n")
				text = lines[len(lines)-1]
			}
			switch format {
			case "table", "markdown":
				_, rest, _ := strings.Cut(text, "This change")
				if format == "table" {
					golden(t, "change-80.txt", []byte("This change"+rest))
				} else {
					head, _, _ := strings.Cut(rest, "\n### ")
					golden(t, "change.md", []byte("This change"+head))
				}
			case "html":
				if !strings.Contains(strings.ReplaceAll(text, nbsp, " "), "adds $62.03 a month (&#43;62 %)") || strings.Contains(text, "<script") || !strings.Contains(text, "a|b&lt;script&gt;@all") {
					t.Error("the page does not tell it, or not safely")
				}
			default:
				var got struct {
					CostChange *decision.CostChange `json:"costChange"`
				}
				data := []byte(text)
				if format == "yaml" {
					var plain any
					if err := yaml.Unmarshal(data, &plain); err != nil {
						t.Fatal(err)
					}
					if data, err = json.Marshal(plain); err != nil {
						t.Fatal(err)
					}
				}
				if err := json.Unmarshal(data, &got); err != nil {
					t.Fatal(err)
				}
				same, err := json.Marshal(got.CostChange)
				if err != nil {
					t.Fatal(err)
				}
				want, err := json.Marshal(sampleChange(t))
				if err != nil || !bytes.Equal(same, want) {
					t.Errorf("got %s, want %s (%v)", same, want, err)
				}
				if format == "json" {
					if err := compiled(t).Validate(tree(t, data)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

// A decision finds its own workload: by path, name and offering.
func TestComparisonCell(t *testing.T) {
	c := comparison{sampleChange(t)}
	decisions := real(t)
	for name, test := range map[string]struct {
		of   func(*decision.Decision)
		want string
	}{
		"changed":        {func(*decision.Decision) {}, "+$62.03, pass → fail"},
		"another path":   {func(d *decision.Decision) { d.Manifest.Path = "x.yaml" }, "–"},
		"another name":   {func(d *decision.Decision) { d.Manifest.Name = "x" }, "–"},
		"another region": {func(d *decision.Decision) { d.Offering.Region = "x" }, ""},
		"new":            {func(d *decision.Decision) { *d = decisions[1] }, "new"},
		"not known":      {func(d *decision.Decision) { *d = decisions[1]; d.Manifest.Path, d.Manifest.Name = "odd.yaml", "odd" }, "was ? $5.00"},
	} {
		d := decisions[0]
		test.of(&d)
		if got := strings.ReplaceAll(c.cell(d), nbsp, " "); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	free := sampleChange(t)
	free.Workloads[0].Difference = dec("0")
	if got := (comparison{free}).cell(decisions[0]); got != "±0, pass → fail" {
		t.Errorf("got %q of one that costs the same", got)
	}
}

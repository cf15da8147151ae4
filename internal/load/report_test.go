package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// savedReport is a report as the report package's tests have it.
func savedReport(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("../report/testdata/report.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readReport(t testing.TB, data []byte, version string) (decision.Report, []decision.Problem) {
	t.Helper()
	l, err := New(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return l.Report("-", version)
}

func TestReport(t *testing.T) {
	saved := string(savedReport(t))
	report, problems := readReport(t, []byte("\xef\xbb\xbf"+saved), "devel")
	if len(problems) > 0 || len(report.Decisions) == 0 || report.AsOf == "" {
		t.Fatalf("got %d decisions, %v", len(report.Decisions), problems)
	}
	for name, c := range map[string]struct{ data, want string }{
		"nothing":          {" \n", "is empty"},
		"not UTF-8":        {"{\"a\": \"\xff\"}", "UTF-8"},
		"cut off":          {saved[:len(saved)/2], "not JSON"},
		"two":              {saved + saved, "holds 2 documents"},
		"a list":           {"[]", "is not a report"},
		"a manifest":       {`{"apiVersion": "caveat/v1", "kind": "Workload"}`, "is not a report"},
		"a misspelt key":   {strings.Replace(saved, `"stage"`, `"stagee"`, 1), `unknown key "stagee"`},
		"another verdict":  {strings.Replace(saved, `"verdict": "`, `"verdict": "un`, 1), `"un`},
		"another summary":  {strings.Replace(saved, `"errors": [`, `"errors": [{"path": "x", "message": "y"},`, 1), "summary says"},
		"a key twice":      {strings.Replace(saved, `"asOf"`, `"asOf": "2026-01-01", "asOf"`, 1), `duplicate key "asOf"`},
		"a version beyond": {strings.Replace(saved, `"version": "`, `"version": "v2.0.0-`, 1), "is a report of caveat v2.0.0-"},
	} {
		t.Run(name, func(t *testing.T) {
			report, problems := readReport(t, []byte(c.data), "devel")
			if !strings.Contains(fmt.Sprint(problems), c.want) {
				t.Errorf("got %v, want %q", problems, c.want)
			}
			if len(report.Decisions) > 0 {
				t.Error("got decisions beside the problems")
			}
		})
	}
}

// A report that was changed by hand so that its parts contradict each other is
// none that check wrote.
func TestReportContradicts(t *testing.T) {
	for name, c := range map[string]struct {
		change func(r *decision.Report)
		want   string
	}{
		"verdict and summary": {func(r *decision.Report) {
			for i := range r.Decisions {
				if r.Decisions[i].Verdict == decision.Failed {
					r.Decisions[i].Verdict = decision.Passed
					r.Summary.Fail--
					r.Summary.Pass++
				}
			}
		}, "the verdict is pass, and the findings come to fail"},
		"a total": {func(r *decision.Report) {
			one := decimal.NewFromInt(1)
			for i := range r.Decisions {
				if r.Decisions[i].Cost.Expected != nil {
					r.Decisions[i].Cost.Expected = &one
				}
			}
		}, "expected is 1, and the known lines come to "},
		"what is known of an alternative": {func(r *decision.Report) {
			for i := range r.Decisions {
				for j := range r.Decisions[i].Alternatives {
					r.Decisions[i].Alternatives[j].Cost.Known = decimal.NewFromInt(1)
				}
			}
		}, "known is 1, and the lines come to "},
		"a day that is none": {func(r *decision.Report) { r.AsOf = "2026-02-30" }, `asOf is "2026-02-30", which is no day`},
	} {
		t.Run(name, func(t *testing.T) {
			var r decision.Report
			if err := json.Unmarshal(savedReport(t), &r); err != nil {
				t.Fatal(err)
			}
			c.change(&r)
			data, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if _, problems := readReport(t, data, "devel"); !strings.Contains(fmt.Sprint(problems), c.want) {
				t.Errorf("got %v, want %q", problems, c.want)
			}
		})
	}
}

func TestNewer(t *testing.T) {
	for _, c := range []struct {
		theirs, ours string
		want         bool
	}{
		{"v0.2.0", "v0.2.0", false},
		{"v0.1.9", "v0.2.0", false},
		{"v0.2.1", "v0.2.0", true},
		{"0.2.1", "v0.2.0", true},
		{"v0.2.0", "v0.2.0-rc.1", true},
		{"v1.0.0", "devel", false},
		{"v2.0.0", "devel", true},
		{"v2.0.0", "v2.1.0", true}, // a contract that this code does not know
		{"devel", "v0.2.0", false},
		{"", "v0.2.0", false},
		{"v0.0.0-20261124010000-0123456789ab", "v0.0.0-20261123010000-ba9876543210", true},
		{"v0.0.0-20261123010000-0123456789ab+dirty", "v0.0.0-20261123010000-0123456789ab", false},
	} {
		if got := newer(c.theirs, c.ours); got != c.want {
			t.Errorf("newer(%q, %q) = %t, want %t", c.theirs, c.ours, got, c.want)
		}
	}
}

// FuzzReport reads anything: either a report whose JSON is read again to the
// same, or problems and nothing beside them.
func FuzzReport(f *testing.F) {
	saved := savedReport(f)
	var report decision.Report
	if err := json.Unmarshal(saved, &report); err != nil {
		f.Fatal(err)
	}
	// Small seeds: the fuzzer would spend its time on making large ones smaller.
	last := len(report.Decisions) - 1
	report.Decisions, report.Errors = report.Decisions[last:], []decision.Problem{{Path: "x", Line: 1, Message: "y"}}
	report.Summary = count(report)
	report.Decisions[0].Findings = report.Decisions[0].Findings[:1]
	small, err := json.Marshal(report)
	if err != nil {
		f.Fatal(err)
	}
	if _, problems := readReport(f, bytes.ReplaceAll(small, []byte(":null"), []byte(":[]")), "devel"); len(problems) > 0 {
		f.Fatalf("the seed is not a report: %v", problems)
	}
	f.Add(bytes.ReplaceAll(small, []byte(":null"), []byte(":[]")))
	f.Add([]byte(`{"tool": {"name": "caveat", "version": "devel"}, "asOf": "2026-11-23", "policies": {"digest": "sha256:` + strings.Repeat("0", 64) + `"}, "catalog": {"digest": "sha256:` + strings.Repeat("0", 64) + `"}, "decisions": [], "errors": [], "summary": {"pass": 0, "fail": 0, "review": 0, "errors": 0}}`))
	f.Add([]byte(`{"tool": {}, "decisions": []}`))
	l, err := New(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l.stdin = onceRead(bytes.NewReader(data))
		report, problems := l.Report("-", "devel")
		if len(problems) > 0 {
			if report.Tool != (decision.Tool{}) || report.Decisions != nil {
				t.Fatalf("got a report beside %v", problems)
			}
			return
		}
		once, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		var again decision.Report
		if err := json.Unmarshal(once, &again); err != nil {
			t.Fatal(err)
		}
		if twice, err := json.Marshal(again); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%v: got %s, want %s", err, twice, once)
		}
	})
}

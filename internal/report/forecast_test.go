package report

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/forecast"
)

// forecastSample has everything that a forecast can show.
func forecastSample() forecast.Report {
	manifest := decision.Manifest{Path: "notes.yaml", Name: "radiology-notes", Digest: digest}
	here, there := offering("acme", "enterprise", "managed", "us-east"), offering("beam", "growth", "managed", "unpinned")
	cause := forecast.Cause{Kind: "evidence", Document: "acme", Source: "terms", Message: "source terms was last read on 2026-11-20, more than 180 days before"}
	period := forecast.Cause{Kind: "period", Document: "acme", Pointer: "/certifications/soc2-type2/periodEnd", Message: "/certifications/soc2-type2/periodEnd was 2026-05-19, more than 12 months before"}
	return forecast.Report{
		Tool: decision.Tool{Name: "caveat", Version: "0.1.0"}, AsOf: "2026-11-23", Until: "2027-06-30", Policies: decision.Digest{Digest: digest}, Catalog: decision.Digest{Digest: digest},
		Days:  []string{"2026-11-23", "2027-01-01", "2027-05-20"},
		Start: []forecast.Start{{Manifest: manifest, Offering: here, Verdict: decision.Passed}},
		Changes: []forecast.Change{
			{Date: "2027-01-01", Manifest: manifest, Offering: here, Before: decision.Passed, After: decision.Failed, Findings: []forecast.FindingChange{{
				Control: "audit-logs", Severity: "medium", Required: true, Before: decision.Waived, After: decision.Fail, Message: "acme has no audit logs on plan enterprise",
				Causes: []forecast.Cause{{Kind: "waiver", Document: "waivers/logs.yaml", Source: "logs-pilot", Control: "audit-logs", Message: "waiver logs-pilot ended on 2026-12-31 (SEC-12)"}},
			}}},
			{Date: "2027-05-20", Manifest: manifest, Offering: here, Before: decision.Failed, After: decision.Failed, Findings: []forecast.FindingChange{
				{Control: "evidence-fresh", Severity: "low", Before: decision.Pass, After: decision.Unknown, Message: "source terms was last read on 2026-11-20; at most 180 days old is accepted", Causes: []forecast.Cause{cause, period, cause, period}},
			}},
			{Date: "2027-05-20", Manifest: manifest, Offering: there, Replaced: &here, Before: decision.Failed, After: decision.Passed, Cost: &decision.TotalChange{Before: decision.Total{Currency: "USD", Low: dec("300.94"), Expected: dec("300.94"), High: dec("300.94"), Known: *dec("300.94")}, After: decision.Total{Currency: "USD", Low: dec("250"), Known: *dec("250")}}},
		},
		Errors: []decision.Problem{{Path: "x.yaml", Line: 3, Column: 5, Message: "no such thing"}},
	}
}

func TestForecast(t *testing.T) {
	for name, r := range map[string]forecast.Report{"forecast": forecastSample(), "forecast-nothing": {
		Tool: decision.Tool{Name: "caveat", Version: "0.1.0"}, AsOf: "2026-11-23", Until: "2027-06-30", Policies: decision.Digest{Digest: digest}, Catalog: decision.Digest{Digest: digest},
	}} {
		var out, shown bytes.Buffer
		if err := ForecastJSON(&out, r); err != nil {
			t.Fatal(err)
		}
		if err := compiledSchema(t, "forecast").Validate(tree(t, out.Bytes())); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
		table := Table{W: &shown}
		if err := table.Forecast(r); err != nil {
			t.Fatal(err)
		}
		golden(t, name+"-80.txt", shown.Bytes())
	}
	everyField(t, schemaTreeOf(t, "forecast"), reflect.TypeFor[forecast.Report]())
}

package report

import (
	"bytes"
	"reflect"
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

package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/caveat-check/caveat/internal/decision"
)

// plainVendor sells one H100 by the hour. Rounding is "" where nobody states it.
func plainVendor(id, price, rounding string) string {
	if rounding != "" {
		rounding = "  rounding: [{value: " + rounding + ", scope: all, sources: [docs]}]\n"
	}
	return fmt.Sprintf(`---
apiVersion: caveat/v1
kind: Vendor
metadata: {id: %[1]s, name: %[1]s}
sources: {docs: {url: "https://%[1]s.example", kind: documented, published: 2026-11-01, read: 2026-11-01, copy: live}}
products: {pods: {name: Pods}}
plans: {team: {name: Team}}
hosting:
  managed: [{value: true, scope: all, sources: [docs]}]
skus:
  h100:
    gpu: H100
    counts: [1]
    availability: [{value: self-serve, scope: all, sources: [docs]}]
    price: {on-demand: [{value: {amount: %[2]q, currency: USD, per: hour, of: gpu}, scope: all, sources: [docs]}]}
prices:
  cpuIncluded: [{value: true, scope: all, sources: [docs]}]
  planFee: [{value: {amount: "0", currency: USD}, scope: all, sources: [docs]}]
billing:
  increment: [{value: 1m, scope: all, sources: [docs]}]
  boot: [{value: false, scope: all, sources: [docs]}]
  idle: [{value: false, scope: all, sources: [docs]}]
%[3]s`, id, price, rounding)
}

func decideWith(t *testing.T, catalog, spec string, accounts ...string) decision.Decision {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	options := Options{NoDefaultCatalog: true, Catalog: []string{write("vendors.yaml", catalog)}, Alternatives: 5}
	for i, text := range accounts {
		options.Accounts = append(options.Accounts, write(fmt.Sprintf("account-%d.yaml", i), text))
	}
	e := newEngine(t, options)
	documents, problems := e.loader.File(context.Background(), write("w.yaml", "apiVersion: caveat/v1\nkind: Workload\nmetadata: {name: w}\nspec:\n  stage: select\n  data: {classes: [internal]}\n"+spec))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	decisions, problems := e.Decide(context.Background(), documents[0])
	if len(problems) > 0 || len(decisions) != 1 {
		t.Fatalf("got %d decisions, %v", len(decisions), problems)
	}
	return decisions[0]
}

const jobsOf90s = "  placement: {vendor: exact}\n  resources: {gpu: {model: H100}}\n  usage: {jobs: [{count: 900, duration: 90s}]}\n"

// What has no complete total and surely costs less than the cheapest complete
// one is not passed over: compliance has no price then, and the order may flip.
func TestUndercut(t *testing.T) {
	for _, c := range []struct {
		name     string
		price    string // of the vendor whose rounding nobody states
		premium  bool
		unstable bool
	}{
		{"surely cheaper", "2", false, true}, // 45 to 60 of 90
		{"maybe cheaper", "3.5", true, true}, // 78.75 to 105
		{"surely dearer", "5", true, false},  // 112.5 and more
	} {
		d := decideWith(t, plainVendor("exact", "3", "up")+plainVendor("open", c.price, ""), jobsOf90s)
		if amount(d.Cost.Expected) != "90" {
			t.Fatalf("%s: got %s, want 90", c.name, amount(d.Cost.Expected))
		}
		if (d.Premium != nil) != c.premium || d.Unstable != c.unstable {
			t.Errorf("%s: got premium %v, unstable %v", c.name, d.Premium, d.Unstable)
		}
	}
}

// A commitment to the vendor that is decided on is due on the others, too.
func TestCommitmentStays(t *testing.T) {
	account := account("exact", `prices:
  commitment: [{value: {amount: "150", currency: USD}, scope: all, sources: [form]}]
`)
	d := decideWith(t, plainVendor("exact", "3", "up")+plainVendor("other", "3", "up"), jobsOf90s, account)
	const due = "our commitment to exact of 150 USD a month stays due"
	if len(d.Alternatives) != 1 || !slices.Contains(d.Alternatives[0].Conditions, due) || amount(d.Cost.Expected) != "150" {
		t.Errorf("got %+v beside %s", d.Alternatives, amount(d.Cost.Expected))
	}
	d = decideWith(t, plainVendor("exact", "3", "up")+plainVendor("other", "3", "up"), jobsOf90s)
	if len(d.Alternatives) != 1 || len(d.Alternatives[0].Conditions) != 0 {
		t.Errorf("without a commitment: got %+v", d.Alternatives)
	}
}

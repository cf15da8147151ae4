package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decision"
)

// Two vendors: acme with two SKUs, in its own accounts or in ours, and a cloud.
const sellers = `apiVersion: caveat/v1
kind: Vendor
metadata: {id: acme, name: Acme}
sources: {docs: {url: "https://acme.example", kind: documented, published: 2026-11-01, read: 2026-11-01, copy: live}}
products: {pods: {name: Pods}}
plans: {team: {name: Team}, big: {name: Big}}
hosting:
  managed: [{value: true, scope: all, sources: [docs]}]
  byoc: [{value: true, scope: all, sources: [docs]}]
skus:
  h100:
    gpu: H100
    counts: [1]
    price: {on-demand: [{value: {amount: "4", currency: USD, per: hour, of: gpu}, scope: {hosting: [managed], rest: all}, sources: [docs]}]}
  l4:
    gpu: L4
    counts: [1]
    price: {on-demand: [{value: {amount: "1", currency: USD, per: hour, of: gpu}, scope: {hosting: [managed], rest: all}, sources: [docs]}]}
prices:
  cpuIncluded: [{value: true, scope: all, sources: [docs]}]
  platformRate: [{value: {amount: "0.5", currency: USD, per: hour, of: gpu}, scope: {hosting: [byoc], rest: all}, sources: [docs]}]
  planFee:
    - {value: {amount: "0", currency: USD}, scope: {plans: [team], rest: all}, sources: [docs]}
    - {value: {amount: "50", currency: USD}, scope: {plans: [big], rest: all}, sources: [docs]}
billing:
  increment: [{value: 1s, scope: all, sources: [docs]}]
  boot: [{value: false, scope: all, sources: [docs]}]
  idle: [{value: true, scope: all, sources: [docs]}]
scaling:
  scaleDownDelay: [{value: 30m, scope: all, sources: [docs]}]
---
apiVersion: caveat/v1
kind: Vendor
metadata: {id: cloud, name: Cloud}
sources: {docs: {url: "https://cloud.example", kind: documented, published: 2026-11-01, read: 2026-11-01, copy: live}}
products: {machines: {name: Machines}}
plans: {payg: {name: Pay as you go}}
hosting:
  managed: [{value: true, scope: all, sources: [docs]}]
skus:
  h100-1:
    gpu: H100
    counts: [1]
    price: {on-demand: [{value: {amount: "3", currency: USD, per: hour, of: instance}, scope: all, sources: [docs]}]}
prices:
  cpuIncluded: [{value: true, scope: all, sources: [docs]}]
`

// account is one with a vendor, in force all 2026.
func account(vendor, facts string) string {
	return fmt.Sprintf(`apiVersion: caveat/v1
kind: Account
metadata: {name: ours-%[1]s, vendor: %[1]s}
sources: {form: {document: Order form, kind: executed, published: 2026-01-01, read: 2026-01-01, copy: live, effective: 2026-01-01, until: 2026-12-31}}
%[2]s`, vendor, facts)
}

// pricedBy decides one manifest with the two vendors and accounts with them.
func pricedBy(t *testing.T, asOf string, accounts []string, spec string) (*Engine, decision.Decision) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	options := Options{NoDefaultCatalog: true, Catalog: []string{write("vendors.yaml", sellers)}, AsOf: asOf}
	for i, text := range accounts {
		options.Accounts = append(options.Accounts, write(fmt.Sprintf("account-%d.yaml", i), text))
	}
	e, problems := New(context.Background(), options)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	documents, problems := e.loader.File(context.Background(), write("w.yaml", "apiVersion: caveat/v1\nkind: Workload\nmetadata: {name: w, owner: o}\nspec:\n  data: {classes: [internal]}\n"+spec))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	decisions, problems := e.Decide(context.Background(), documents[0])
	if len(problems) > 0 || len(decisions) != 1 {
		t.Fatalf("got %d decisions, %v", len(decisions), problems)
	}
	return e, decisions[0]
}

func amount(d *decimal.Decimal) string {
	if d == nil {
		return "?"
	}
	return d.String()
}

func summary(lines []decision.Line) string {
	var items []string
	for _, line := range lines {
		items = append(items, line.Item+" "+amount(line.Amount))
	}
	return strings.Join(items, ", ")
}

func TestListPrice(t *testing.T) {
	const (
		h100 = "  placement: {vendor: acme, plan: team, sku: h100}\n  resources: {gpu: {model: H100}}\n  usage: {gpuHours: 100}\n"
		l4   = "  placement: {vendor: acme, plan: team, sku: l4}\n  resources: {gpu: {model: L4}}\n  usage: {gpuHours: 100}\n"
		big  = "  placement: {vendor: acme, plan: big, sku: h100}\n  resources: {gpu: {model: H100}}\n  usage: {gpuHours: 100}\n"
		jobs = "  placement: {vendor: acme, plan: team, sku: h100}\n  resources: {gpu: {model: H100}}\n  usage: {jobs: [{count: 100, duration: 1h}]}\n"
		byoc = "  placement: {vendor: acme, plan: team, hosting: byoc, sku: h100, infrastructure: {vendor: cloud}}\n  resources: {gpu: {model: H100}}\n  usage: {gpuHours: 100}\n"
		on   = "scope: all, sources: [form]"
		rate = "skus: {h100: {price: {on-demand: [{value: {amount: %q, currency: USD, per: hour, of: gpu}, " + on + "}]}}}\n"
	)
	percent := func(value, scope string) string {
		return fmt.Sprintf("    - {value: %q, scope: {%s, rest: all}, sources: [form]}\n", value, scope)
	}
	discounts := func(claims ...string) string { return "prices:\n  discount:\n" + strings.Join(claims, "") }
	for _, test := range []struct {
		name        string
		accounts    []string
		spec        string
		lines, list string
	}{
		{"no account", nil, h100, "gpu 400, fee 0", "?"},
		{"an account that states no prices", []string{account("acme", "plan: team\n")}, h100, "gpu 400", "?"},
		{"an account with another vendor", []string{account("cloud", discounts(percent("10", "plans: [payg]")))}, h100, "gpu 400, fee 0", "?"},
		{"a rate of ours", []string{account("acme", fmt.Sprintf(rate, "3"))}, h100, "gpu 300, fee 0", "400"},
		{"a rate of ours that is the list price", []string{account("acme", fmt.Sprintf(rate, "4"))}, h100, "gpu 400, fee 0", "?"},
		{"a rate of another SKU", []string{account("acme", fmt.Sprintf(rate, "3"))}, l4, "gpu 100, fee 0", "?"},
		{"a dearer rate of ours", []string{account("acme", fmt.Sprintf(rate, "5"))}, h100, "gpu 500, fee 0", "400"},
		{"a discount on its SKU", []string{account("acme", discounts(percent("10", "skus: [h100]")))}, h100, "gpu 400, discount -40, fee 0", "400"},
		{"a discount on another SKU", []string{account("acme", discounts(percent("10", "skus: [h100]")))}, l4, "gpu 100, fee 0", "?"},
		{"a discount on its plan", []string{account("acme", discounts(percent("10", "plans: [big]")))}, big, "gpu 400, discount -40, fee 50", "450"},
		{"a discount on another plan", []string{account("acme", discounts(percent("10", "plans: [big]")))}, h100, "gpu 400, fee 0", "?"},
		{"a discount on a plan that is held", []string{account("acme", "plan: big\n"+discounts(percent("10", "plans: [big]")))}, big, "gpu 400, discount -40", "400"},
		{"two discounts, each on its own", []string{account("acme", discounts(percent("10", "skus: [h100]"), percent("20", "skus: [l4]")))}, l4, "gpu 100, discount -20, fee 0", "100"},
		{"two discounts at once", []string{account("acme", discounts(percent("10", "skus: [h100]"), percent("20", "plans: [team]")))}, h100, "gpu 400, discount ?, fee 0", "400"},
		{"two discounts that agree", []string{account("acme", discounts(percent("10", "skus: [h100]"), percent("10", "plans: [team]")))}, h100, "gpu 400, discount -40, fee 0", "400"},
		{"a discount beside a rate of ours", []string{account("acme", fmt.Sprintf(rate, "3")+discounts(percent("10", "plans: [team]")))}, h100, "gpu 300, discount 0, fee 0", "400"},
		{"a discount on a rate of ours", []string{account("acme", fmt.Sprintf(rate, "3")+discounts(percent("10", "plans: [team]"))+"  discountNegotiated: [{value: true, "+on+"}]\n")}, h100, "gpu 300, discount -30, fee 0", "400"},
		{"a rule of ours that drops a line", []string{account("acme", "billing: {idle: [{value: false, "+on+"}]}\n")}, jobs, "gpu 400, fee 0", "600"},
		{"a rule of ours, where the vendor's adds a line", nil, jobs, "gpu 400, idle 200, fee 0", "?"},
		{"a commitment", []string{account("acme", "prices: {commitment: [{value: {amount: \"1000\", currency: USD}, "+on+"}]}\n")}, h100, "gpu 400, fee 0, commitment 600", "400"},
		{"another currency", []string{account("acme", "skus: {h100: {price: {on-demand: [{value: {amount: \"3\", currency: EUR, per: hour, of: gpu}, "+on+"}]}}}\nprices: {planFee: [{value: {amount: \"0\", currency: EUR}, "+on+"}]}\n")}, h100, "gpu 300, fee 0", "?"},
		{"a rate of ours with the cloud", []string{account("cloud", discounts(percent("10", "plans: [payg]")))}, byoc, "fee platform 50, fee 0, infrastructure 300, infrastructure discount -30", "350"},
		{"rates of ours with both", []string{account("acme", discounts(percent("20", "hosting: [byoc]"))), account("cloud", discounts(percent("10", "plans: [payg]")))}, byoc,
			"fee platform 50, discount -10, fee 0, infrastructure 300, infrastructure discount -30", "350"},
		{"a price that only we have", []string{account("acme", "prices: {platformRate: [{value: {amount: \"0.1\", currency: USD, per: hour, of: gpu}, "+on+"}], planFee: [{value: {amount: \"1\", currency: USD}, "+on+"}]}\n")}, byoc,
			"fee platform 10, fee 1, infrastructure 300", "350"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, d := pricedBy(t, asOf, test.accounts, test.spec)
			if got := summary(d.Cost.Lines); got != test.lines || amount(d.Cost.List) != test.list {
				t.Errorf("got %s, list %s; want %s, list %s", got, amount(d.Cost.List), test.lines, test.list)
			}
		})
	}

	t.Run("a list price that nobody states", func(t *testing.T) {
		_, d := pricedBy(t, asOf, []string{account("acme", "prices: {regionMultiplier: [{value: \"1.5\", "+on+"}]}\n")}, strings.Replace(h100, "plan: team", "plan: team, regions: [us]", 1))
		if got := summary(d.Cost.Lines); got != "gpu 400, region 200, fee 0" || d.Cost.List != nil {
			t.Errorf("got %s, list %s", got, amount(d.Cost.List))
		}
	})
	t.Run("a contract that has ended", func(t *testing.T) {
		_, d := pricedBy(t, "2027-01-01", []string{account("acme", fmt.Sprintf(rate, "3"))}, h100)
		if got := summary(d.Cost.Lines); got != "gpu 400, fee 0" || d.Cost.List != nil {
			t.Errorf("got %s, list %s; want the list price alone", got, amount(d.Cost.List))
		}
	})
}

// Three workloads of 400 share one bill: what each has of the commitment in its
// own cost is due once.
func TestBill(t *testing.T) {
	ours := account("acme", `plan: big
prices:
  commitment: [{value: {amount: "1000", currency: USD}, scope: all, sources: [form]}]
  overageMultiplier: [{value: "1.5", scope: all, sources: [form]}]
  credit: [{value: {amount: "20", currency: USD}, scope: all, sources: [form]}]
`)
	e, d := pricedBy(t, asOf, []string{ours}, "  placement: {vendor: acme, plan: team, sku: h100}\n  resources: {gpu: {model: H100}}\n  usage: {gpuHours: 100}\n")
	if got, want := summary(d.Cost.Lines), "gpu 400, fee 0, credit account -20, overage 0, commitment 620"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	var usage []decision.Line
	for range 3 {
		usage = append(usage, d.Cost.Lines...)
	}
	for _, test := range []struct {
		plan, want string
		n          int
	}{
		{"team", "fee 0, credit account -20, overage 0, commitment 620", 1},
		{"team", "fee 0, credit account -20, overage 90, commitment 0", 3},
		{"big", "credit account -20, overage 90, commitment 0", 3}, // its fee is paid
		{"big", "credit account 0, overage 0, commitment 1000", 0},
	} {
		o := d.Offering
		o.Plan = test.plan
		if got := summary(e.Bill([]cost.Plan{{Offering: o, Usage: usage[:test.n*len(d.Cost.Lines)]}}, "USD")[0]); got != test.want {
			t.Errorf("%d on plan %s: got %s, want %s", test.n, test.plan, got, test.want)
		}
	}
	if got := e.Bill([]cost.Plan{{Offering: decision.Offering{Vendor: "nobody"}, Usage: usage}}, "USD"); got[0] != nil {
		t.Errorf("of a vendor that is not there: got %v", got)
	}
	for _, line := range d.Cost.Lines {
		if line.OfAccount() == (line.Item == "gpu") {
			t.Errorf("%s: of the plan: %v", line.Item, line.OfAccount())
		}
	}
}

package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/expand"
	"github.com/caveat-check/caveat/internal/lint"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/offering"
)

// clean is a document without a finding; tests break one thing of it.
const clean = `apiVersion: caveat/v1
kind: Vendor
metadata: {id: acme, name: Acme, url: "https://acme.example"}
sources:
  docs: {url: "https://acme.example/docs", kind: documented, published: unknown, read: 2026-11-01, copy: live}
  terms: {url: "https://acme.example/terms", kind: contractual, published: 2026-10-01, read: unknown, copy: live}
products:
  pods: {name: Pods, hosting: [managed, byoc]}
  cloud: {name: Cloud, hosting: [managed]}
plans:
  team: {name: Team, products: [pods]}
  enterprise: {name: Enterprise}
hosting:
  managed: [{value: true, scope: all, sources: [docs]}]
agreements:
  baa:
    offered: [{value: true, only: true, scope: {plans: [enterprise], rest: all}, sources: [terms]}]
    scope:
      volumes: [{value: in, scope: all, sources: [terms]}]
features:
  volumes: {name: Volumes, offered: [{value: true, scope: all, sources: [docs]}]}
skus:
  h100:
    gpu: H100
    products: [pods]
    price: {on-demand: [{value: {amount: "4", currency: USD, per: hour, of: gpu}, scope: all, sources: [docs]}]}
  l4:
    gpu: L4
    products: [pods]
    price: {on-demand: [{value: {amount: "1", currency: USD, per: hour, of: gpu}, scope: all, sources: [docs]}]}
billing:
  increment: [{value: 1s, scope: all, sources: [docs]}]
  rounding: [{value: up, scope: all, sources: [docs]}]
  boot: [{value: false, scope: all, sources: [docs]}]
  idle: [{value: false, scope: all, sources: [docs]}]
performance:
  uptime: [{value: 99.9, scope: all, sources: [terms]}]
`

// findings reads a document and applies all rules, on 2026-11-23 with a most
// age of 100 days.
func findings(t *testing.T, text string) []lint.Finding {
	t.Helper()
	loader, err := load.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	documents, problems := loader.Bytes("acme.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatalf("the schema refuses it: %v", problems)
	}
	v, issues := catalog.Inspect(documents[0], loader.Places())
	found := append(lint.Issues(v.ID, issues), lint.Vendor(v, lint.Options{AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), MaxAge: 100})...)
	lint.Sort(found)
	return found
}

func TestRules(t *testing.T) {
	const (
		docs    = `read: 2026-11-01, copy: live`
		uptime  = `uptime: [{value: 99.9, scope: all, sources: [terms]}]`
		offered = `offered: [{value: true, only: true, scope: {plans: [enterprise], rest: all}, sources: [terms]}]`
	)
	claims := func(list ...string) string { return "uptime: [" + strings.Join(list, ", ") + "]" }
	baa := func(list ...string) string { return "offered: [" + strings.Join(list, ", ") + "]" }
	only := `{value: true, only: true, scope: {plans: [enterprise], rest: all}, sources: [terms]}`
	for _, c := range []struct {
		name, old, new string
		want           []string
	}{
		{"clean", "", "", nil},

		// Sources.
		{"a source that is not listed", "sources: [terms]}]\n    scope", "sources: [terms, page]}]\n    scope", []string{"17:99 error unknown-source /agreements/baa/offered/0/sources/1"}},
		{"a source that no claim names", "products:\n  pods", "  page: {url: \"https://acme.example\", kind: documented, published: unknown, " + docs + "}\nproducts:\n  pods", []string{"7:3 warning unused-source /sources/page"}},
		{"a source without a day", docs, "read: unknown, copy: live", []string{"5:3 warning undated-source /sources/docs"}},
		{"a source 101 days old", docs, "read: 2026-08-14, copy: live", []string{"5:3 warning stale-source /sources/docs"}},
		{"a source 100 days old", docs, "read: 2026-08-15, copy: live", nil},
		{"a publication 101 days old", "published: 2026-10-01", "published: 2026-08-14", []string{"6:3 warning stale-source /sources/terms"}},
		{"old, and read again", "published: 2026-10-01, read: unknown", "published: 2020-01-01, read: 2026-11-01", nil},
		{"read today", docs, "read: 2026-11-23, copy: live", nil},
		{"read tomorrow", docs, "read: 2026-11-24, copy: live", []string{"5:3 warning future-source /sources/docs"}},
		{"read before it was published", "published: 2026-10-01, read: unknown", "published: 2026-10-02, read: 2026-10-01", []string{"6:3 error source-dates /sources/terms"}},
		{"read on the day of publication", "published: 2026-10-01, read: unknown", "published: 2026-10-01, read: 2026-10-01", nil},

		// Billing.
		{"no increment", "  increment: [{value: 1s, scope: all, sources: [docs]}]\n", "", []string{"26:25 warning no-billing-increment /skus/h100/price/on-demand/0"}},
		{"an increment of another product", "increment: [{value: 1s, scope: all,", "increment: [{value: 1s, scope: {products: [cloud], rest: all},", []string{"26:25 warning no-billing-increment /skus/h100/price/on-demand/0"}},
		{"an increment of the product that has the prices", "increment: [{value: 1s, scope: all,", "increment: [{value: 1s, scope: {products: [pods], rest: all},", nil},
		{"an increment of another kind of hosting", "increment: [{value: 1s, scope: all,", "increment: [{value: 1s, scope: {hosting: [byoc], rest: all},", []string{"26:25 warning no-billing-increment /skus/h100/price/on-demand/0"}},
		{"an increment of one of two SKUs", "increment: [{value: 1s, scope: all,", "increment: [{value: 1s, scope: {skus: [h100], rest: all},", []string{"30:25 warning no-billing-increment /skus/l4/price/on-demand/0"}},
		{"a rounding of one of two plans", "rounding: [{value: up, scope: all,", "rounding: [{value: up, scope: {plans: [team], rest: all},", []string{"26:25 note no-billing-rule /skus/h100/price/on-demand/0"}},
		{"an increment of one of two plans", "increment: [{value: 1s, scope: all,", "increment: [{value: 1s, scope: {plans: [team], rest: all},", []string{"26:25 warning no-billing-increment /skus/h100/price/on-demand/0"}},
		{"an increment of one region", "increment: [{value: 1s, scope: all,", "increment: [{value: 1s, scope: {regions: [eu-west], rest: all},", []string{"26:25 warning no-billing-increment /skus/h100/price/on-demand/0"}},
		{"an increment that is rejected", "increment: [{value: 1s, scope: all,", "increment: [{value: 1s, rejected: an old page, scope: all,", []string{"26:25 warning no-billing-increment /skus/h100/price/on-demand/0"}},
		{"no other rule", "  rounding: [{value: up, scope: all, sources: [docs]}]\n  boot: [{value: false, scope: all, sources: [docs]}]\n", "", []string{"26:25 note no-billing-rule /skus/h100/price/on-demand/0"}},
		{"only prices by the month, and no rules", "", "", nil},

		// Hosting.
		{"no hosting", "hosting:\n  managed: [{value: true, scope: all, sources: [docs]}]\n", "", []string{"1:1 warning no-hosting /products/cloud", "1:1 warning no-hosting /products/pods"}},
		{"hosting of one product", "managed: [{value: true, scope: all,", "managed: [{value: true, scope: {products: [pods], rest: all},", []string{"13:1 warning no-hosting /products/cloud"}},
		{"hosting that a product is not sold with", "managed: [{value: true,", "byoc: [{value: true,", []string{"13:1 warning no-hosting /products/cloud"}},
		{"hosting that is not on sale", "managed: [{value: true,", "managed: [{value: false,", []string{"13:1 warning no-hosting /products/cloud", "13:1 warning no-hosting /products/pods"}},
		{"hosting by a claim that is rejected", "managed: [{value: true,", "managed: [{rejected: an old page, value: true,", []string{"13:1 warning no-hosting /products/cloud", "13:1 warning no-hosting /products/pods"}},

		// The BAA's scope.
		{"a feature that is listed nowhere", "volumes: [{value: in", "images: [{value: in", []string{"19:7 error baa-unknown-feature /agreements/baa/scope/images"}},

		// Contradictions.
		{"two values", uptime, claims("{value: 99.9, scope: all, sources: [terms]}", "{value: 99.5, scope: all, sources: [docs]}"), []string{"37:57 error contradiction /performance/uptime/1"}},
		{"two values, one rejected", uptime, claims("{value: 99.9, scope: all, sources: [terms]}", "{value: 99.5, rejected: an old page, scope: all, sources: [docs]}"), nil},
		{"two values on two plans", uptime, claims("{value: 99.9, scope: {plans: [team], rest: all}, sources: [terms]}", "{value: 99.5, scope: {plans: [enterprise], rest: all}, sources: [docs]}"), nil},
		{"two values, one for a feature", uptime, claims("{value: 99.9, scope: all, sources: [terms]}", "{value: 99.5, scope: {features: [volumes], rest: all}, sources: [docs]}"), nil},
		{"two values that meet in one plan", uptime, claims("{value: 99.9, scope: {plans: [team, enterprise], rest: all}, sources: [terms]}", "{value: 99.5, scope: {plans: [enterprise], hosting: [managed], rest: all}, sources: [docs]}"), []string{"37:92 error contradiction /performance/uptime/1"}},
		{"only here, and elsewhere too", offered, baa(only, "{value: true, scope: {plans: [team], rest: all}, sources: [docs]}"), []string{"17:101 error contradiction /agreements/baa/offered/1"}},
		{"elsewhere, and only here", offered, baa("{value: true, scope: all, sources: [docs]}", only), []string{"17:59 error contradiction /agreements/baa/offered/1"}},
		{"only here, and within here", offered, baa(only, "{value: true, scope: {plans: [enterprise], hosting: [managed], rest: all}, sources: [docs]}"), nil},
		{"only here, and only there", offered, baa(only, "{value: true, only: true, scope: {plans: [team], rest: all}, sources: [docs]}"), nil},
		{"only here, only there, and both", offered, baa(only, "{value: true, only: true, scope: {plans: [team], rest: all}, sources: [docs]}", "{value: true, scope: all, sources: [docs]}"), nil},
		{"only here, and not elsewhere", offered, baa(only, "{value: false, scope: {plans: [team], rest: all}, sources: [docs]}"), nil},
		{"only in one region says nothing of another", offered, baa("{value: true, only: true, scope: {regions: [us-east], rest: all}, sources: [terms]}", "{value: true, scope: {regions: [eu-west], rest: all}, sources: [docs]}"), nil},

		{"only here not", offered, baa("{value: false, only: true, scope: {plans: [enterprise], rest: all}, sources: [terms]}"), []string{"17:15 error only-value /agreements/baa/offered/0"}},
		{"only here not, rejected", offered, baa("{value: false, only: true, rejected: an old page, scope: {plans: [enterprise], rest: all}, sources: [terms]}"), nil},

		// Duplicates.
		{"a claim twice", uptime, claims("{value: 99.9, scope: all, sources: [terms]}", "{value: 99.9, scope: all, sources: [terms]}"), []string{"37:57 warning duplicate-claim /performance/uptime/1"}},
		{"a claim twice, with two sources", uptime, claims("{value: 99.9, scope: all, sources: [terms]}", "{value: 99.9, scope: all, sources: [docs]}"), []string{"37:57 warning duplicate-claim /performance/uptime/1"}},
		{"a claim twice, each with a remark on its source", uptime, claims("{value: 99.9, scope: all, sources: [terms]}", "{value: 99.9, scope: all, sources: [docs], note: by the month}"), nil},
		{"a claim twice, its plans in another order", uptime, claims("{value: 99.9, scope: {plans: [team, enterprise], rest: all}, sources: [terms]}", "{value: 99.9, scope: {plans: [enterprise, team], rest: all}, sources: [terms]}"), []string{"37:92 warning duplicate-claim /performance/uptime/1"}},
		{"a value twice, in two scopes", uptime, claims("{value: 99.9, scope: {plans: [team], rest: all}, sources: [terms]}", "{value: 99.9, scope: {plans: [enterprise], rest: all}, sources: [terms]}"), nil},
		{"a value twice, under two conditions", uptime, claims("{value: 99.9, scope: all, sources: [terms]}", "{value: 99.9, scope: all, sources: [terms], conditions: [two replicas]}"), nil},

		// Scopes.
		{"a product that is not there", uptime, claims("{value: 99.9, scope: {products: [disks], rest: all}, sources: [terms]}"), []string{"37:45 error dead-scope /performance/uptime/0/scope/products/0"}},
		{"a plan that is not there", uptime, claims("{value: 99.9, scope: {plans: [gold], rest: all}, sources: [terms]}"), []string{"37:42 error dead-scope /performance/uptime/0/scope/plans/0"}},
		{"a SKU that is not there", uptime, claims("{value: 99.9, scope: {skus: [h200], rest: all}, sources: [terms]}"), []string{"37:41 error dead-scope /performance/uptime/0/scope/skus/0"}},
		{"a feature that is not there", uptime, claims("{value: 99.9, scope: {features: [images], rest: all}, sources: [terms]}"), []string{"37:45 error dead-scope /performance/uptime/0/scope/features/0"}},
		{"a plan that the product is not sold with", uptime, claims("{value: 99.9, scope: {products: [cloud], plans: [team], rest: all}, sources: [terms]}"), []string{"37:12 warning dead-scope /performance/uptime/0"}},
		{"a plan that the product is sold with", uptime, claims("{value: 99.9, scope: {products: [cloud], plans: [team, enterprise], rest: all}, sources: [terms]}"), nil},
		{"hosting that the product does not have", uptime, claims("{value: 99.9, scope: {products: [cloud], hosting: [byoc], rest: all}, sources: [terms]}"), []string{"37:12 warning dead-scope /performance/uptime/0"}},
		{"a SKU that the product does not have", uptime, claims("{value: 99.9, scope: {products: [cloud], skus: [h100], rest: all}, sources: [terms]}"), []string{"37:12 warning dead-scope /performance/uptime/0"}},
		{"a fact of a SKU, limited to another", `of: gpu}, scope: all, sources: [docs]}]}
  l4`, `of: gpu}, scope: {skus: [l4], rest: all}, sources: [docs]}]}
  l4`, []string{"26:25 warning dead-scope /skus/h100/price/on-demand/0"}},
		{"rejected, and of nothing that is sold", uptime, claims("{value: 99.9, rejected: an old page, scope: {products: [cloud], plans: [team], rest: all}, sources: [terms]}"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := clean
			if c.old != "" {
				if !strings.Contains(text, c.old) {
					t.Fatalf("there is no %q", c.old)
				}
				text = strings.Replace(text, c.old, c.new, 1)
			}
			if c.name == "only prices by the month, and no rules" {
				text = strings.ReplaceAll(text, "per: hour", "per: month")
				before, after, _ := strings.Cut(text, "billing:\n")
				text = before + after[strings.Index(after, "performance:"):]
			}
			var got []string
			for _, f := range findings(t, text) {
				got = append(got, fmt.Sprintf("%d:%d %s %s %s", f.Line, f.Column, f.Severity, f.Rule, f.Pointer))
				if f.Vendor != "acme" || f.Path != "acme.yaml" || f.Message == "" {
					t.Errorf("got %+v, want a vendor, a path and a message", f)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestContradictionsAreConflicts holds the linter to what deciding does: it
// reports claims exactly where some offering's fact would be in conflict.
func TestContradictionsAreConflicts(t *testing.T) {
	part := func(values ...string) *rapid.Generator[[]string] {
		all := [][]string{nil, nil, values}
		for _, value := range values {
			all = append(all, []string{value})
		}
		return rapid.SampledFrom(all)
	}
	rapid.Check(t, func(t *rapid.T) {
		v := &catalog.Vendor{
			ID: "acme", Path: "acme.yaml", Products: []catalog.Product{{ID: "pods"}, {ID: "cloud"}}, Plans: []catalog.Plan{{ID: "team"}, {ID: "enterprise"}},
			Features: []catalog.Feature{{ID: "volumes"}, {ID: "images"}}, SKUs: []catalog.SKU{{ID: "h100"}, {ID: "l4"}},
		}
		fact := catalog.Fact{Pointer: "/agreements/baa/offered"}
		for i := range rapid.IntRange(1, 4).Draw(t, "claims") {
			c := catalog.Claim{Value: rapid.Bool().Draw(t, "value"), Only: rapid.Bool().Draw(t, "only"), Index: i, Scope: catalog.Scope{
				Products: part("pods", "cloud").Draw(t, "products"), Plans: part("team", "enterprise").Draw(t, "plans"),
				Hosting: part("managed", "byoc").Draw(t, "hosting"), Regions: part("us-east", "eu-west").Draw(t, "regions"),
				Features: part("volumes", "images").Draw(t, "features"), SKUs: part("h100", "l4").Draw(t, "skus"),
			}}
			if rapid.IntRange(0, 4).Draw(t, "rejected") == 0 {
				c.Rejected = "an old page"
			}
			c.Only = c.Only && c.Value == true // another rule
			fact.Claims = append(fact.Claims, c)
		}
		v.Facts = []catalog.Fact{fact}
		var want bool
		x := expand.New(v, nil)
		for _, product := range []string{"pods", "cloud"} {
			for _, plan := range []string{"team", "enterprise"} {
				for _, hosting := range []string{"managed", "hybrid", "byoc"} {
					for _, region := range []string{"us-east", "eu-west", decision.Unpinned} {
						for _, sku := range []string{"h100", "l4"} {
							o := x.Offering(decision.Offering{Vendor: "acme", Product: product, Plan: plan, Hosting: hosting, Region: region, SKU: sku}, nil)
							for _, value := range o.Values {
								want = want || value != nil && value.State == offering.Conflict && slices.ContainsFunc(value.Claims, func(r offering.Ref) bool { return r.Claim.Rejected == "" })
							}
						}
					}
				}
			}
		}
		got := slices.ContainsFunc(lint.Vendor(v, lint.Options{}), func(f lint.Finding) bool { return f.Rule == "contradiction" })
		if got != want {
			t.Fatalf("got a contradiction: %t, and a conflict in deciding: %t, of %+v", got, want, fact.Claims)
		}
	})
}

func TestAtLeast(t *testing.T) {
	for _, c := range []struct {
		s, least lint.Severity
		want     bool
	}{
		{lint.Error, lint.Error, true}, {lint.Warning, lint.Error, false}, {lint.Note, lint.Error, false},
		{lint.Error, lint.Warning, true}, {lint.Warning, lint.Warning, true}, {lint.Note, lint.Warning, false},
		{lint.Note, lint.Note, true}, {lint.Error, "eror", false},
	} {
		if got := c.s.AtLeast(c.least); got != c.want {
			t.Errorf("%s at least %s: got %t", c.s, c.least, got)
		}
	}
}

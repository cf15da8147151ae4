package expand

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/manifest"
)

// shop sells GPUs managed and in our cloud, and CPUs, in two regions.
func shop() *catalog.Vendor {
	price := []catalog.Claim{{Value: map[string]any{"amount": "1"}}}
	v := vendor(map[string][]catalog.Claim{
		"/hosting/managed":           {{Value: true}},
		"/hosting/byoc":              {{Value: true, Scope: catalog.Scope{Plans: []string{"enterprise"}}}},
		"/hosting/hybrid":            {{Value: false}},
		"/hosting/self-hosted":       {{Value: true}, {Value: false}},
		"/regions/available":         {{Value: []any{"us", "eu"}, Scope: catalog.Scope{Plans: []string{"enterprise"}}}},
		"/regions/onRequest":         {{Value: []any{"eu", "jp"}, Scope: catalog.Scope{Products: []string{"pods"}, Plans: []string{"enterprise"}}}},
		"/skus/h1/price/on-demand":   price,
		"/skus/h1/price/preemptible": price,
		"/skus/h8/price/reserved":    price,
		"/skus/t/availability":       {{Value: "self-serve"}},
	})
	v.Products = []catalog.Product{{ID: "pods"}, {ID: "jobs", Hosting: []string{"managed"}}}
	v.Plans = []catalog.Plan{{ID: "team"}, {ID: "enterprise", Products: []string{"pods"}}}
	v.SKUs = []catalog.SKU{
		{ID: "h1", GPU: "H100", Counts: []int{1, 2}, VCPU: "8", Memory: "64GiB"}, {ID: "h8", GPU: "H100", Counts: []int{8}, Products: []string{"pods"}},
		{ID: "any", GPU: "A10"}, {ID: "t", GPU: "T4", Counts: []int{1}, VCPU: "4", Memory: "16384MiB"}, {ID: "cpu"},
	}
	return v
}

func words(list []decision.Offering) string {
	var lines []string
	for _, o := range list {
		line := strings.Join([]string{o.Product, o.Plan, o.Hosting, o.Region, o.SKU, fmt.Sprintf("%s×%d", o.GPU, o.Count), o.Capacity}, " ")
		if o.Infrastructure != "" {
			line += " on " + o.Infrastructure
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestChoices(t *testing.T) {
	h100 := manifest.Manifest{GPU: "H100", Count: 1}
	for name, c := range map[string]struct {
		manifest  manifest.Manifest
		placement manifest.Placement
		plan      string // that we hold
		want      string
	}{
		"everything is free": {h100, manifest.Placement{}, "", `
jobs team managed unpinned h1 H100×1 on-demand
pods enterprise byoc eu h1 H100×1 on-demand
pods enterprise byoc jp h1 H100×1 on-demand
pods enterprise byoc unpinned h1 H100×1 on-demand
pods enterprise byoc us h1 H100×1 on-demand
pods enterprise managed eu h1 H100×1 on-demand
pods enterprise managed jp h1 H100×1 on-demand
pods enterprise managed unpinned h1 H100×1 on-demand
pods enterprise managed us h1 H100×1 on-demand
pods team managed unpinned h1 H100×1 on-demand`},
		"preemptible has to be asked for": {h100, manifest.Placement{Product: "jobs", Capacity: "preemptible"}, "", `
jobs team managed unpinned h1 H100×1 preemptible`},
		"all is named": {h100, manifest.Placement{Vendor: "acme", Product: "pods", Plan: "team", Hosting: "managed", Regions: []string{"us"}, SKU: "h1", Capacity: "on-demand"}, "", `
pods team managed us h1 H100×1 on-demand`},
		"named, though the document claims none of it": {h100, manifest.Placement{Vendor: "acme", Product: "jobs", Plan: "enterprise", Hosting: "hybrid", Regions: []string{"mars"}, SKU: "h8", Capacity: "reserved"}, "", `
jobs enterprise hybrid mars h8 H100×8 reserved`},
		"a product and an SKU that are not on sale": {h100, manifest.Placement{Vendor: "acme", Product: "boxes", Plan: "team", Hosting: "managed", SKU: "x"}, "", `
boxes team managed unpinned x ×0 on-demand`},
		"two regions are two offerings": {h100, manifest.Placement{Product: "jobs", Plan: "team", Regions: []string{"us", "eu"}, Capacity: "on-demand"}, "", `
jobs team managed eu h1 H100×1 on-demand
jobs team managed us h1 H100×1 on-demand`},
		"unpinned may be named": {h100, manifest.Placement{Product: "jobs", Regions: []string{"unpinned", "eu"}, Capacity: "on-demand"}, "", `
jobs team managed eu h1 H100×1 on-demand
jobs team managed unpinned h1 H100×1 on-demand`},
		"the plan that we hold fills a free plan": {h100, manifest.Placement{Capacity: "on-demand"}, "team", `
jobs team managed unpinned h1 H100×1 on-demand
pods team managed unpinned h1 H100×1 on-demand`},
		"the plan that we hold, where it is on sale": {h100, manifest.Placement{Capacity: "on-demand", Hosting: "managed", Regions: []string{"us"}}, "enterprise", `
jobs team managed us h1 H100×1 on-demand
pods enterprise managed us h1 H100×1 on-demand`},
		"a named plan comes before the one we hold": {h100, manifest.Placement{Plan: "team", Product: "pods", Capacity: "on-demand"}, "enterprise", `
pods team managed unpinned h1 H100×1 on-demand`},
		"two GPUs": {manifest.Manifest{GPU: "H100", Count: 2}, manifest.Placement{Product: "jobs", Capacity: "on-demand"}, "", `
jobs team managed unpinned h1 H100×2 on-demand`},
		"eight GPUs are another SKU, reserved": {manifest.Manifest{GPU: "H100", Count: 8}, manifest.Placement{Plan: "team"}, "", `
pods team managed unpinned h8 H100×8 reserved`},
		"three GPUs are none": {manifest.Manifest{GPU: "H100", Count: 3}, manifest.Placement{}, "", ""},
		"an SKU that does not say its counts": {manifest.Manifest{GPU: "A10", Count: 5}, manifest.Placement{Product: "jobs"}, "", `
jobs team managed unpinned any A10×5 on-demand`},
		"a named SKU with another number": {manifest.Manifest{GPU: "H100", Count: 1}, manifest.Placement{Product: "pods", Plan: "team", SKU: "h8"}, "", `
pods team managed unpinned h8 H100×8 reserved`},
		"a named SKU with another model": {manifest.Manifest{GPU: "A100-80GB", Count: 1}, manifest.Placement{Product: "pods", Plan: "team", SKU: "t"}, "", `
pods team managed unpinned t T4×1 on-demand`},
		"enough CPU and memory": {manifest.Manifest{GPU: "H100", Count: 1, CPU: "8", Memory: "65536MiB"}, manifest.Placement{Product: "jobs", Capacity: "on-demand"}, "", `
jobs team managed unpinned h1 H100×1 on-demand`},
		"too little CPU":                    {manifest.Manifest{GPU: "H100", Count: 1, CPU: "8.5"}, manifest.Placement{Product: "jobs"}, "", ""},
		"too little memory":                 {manifest.Manifest{GPU: "H100", Count: 1, Memory: "64.5GiB"}, manifest.Placement{Product: "jobs"}, "", ""},
		"too little memory, in other units": {manifest.Manifest{GPU: "T4", Count: 1, Memory: "0.017TiB"}, manifest.Placement{Product: "jobs"}, "", ""},
		"enough memory, in other units": {manifest.Manifest{GPU: "T4", Count: 1, Memory: "16GiB", CPU: "0.5"}, manifest.Placement{Product: "jobs"}, "", `
jobs team managed unpinned t T4×1 on-demand`},
		"what an SKU does not say speaks not against it": {manifest.Manifest{GPU: "A10", Count: 1, CPU: "1000", Memory: "9TiB"}, manifest.Placement{Product: "jobs"}, "", `
jobs team managed unpinned any A10×1 on-demand`},
		"no GPU": {manifest.Manifest{}, manifest.Placement{Product: "jobs"}, "", `
jobs team managed unpinned cpu ×0 on-demand`},
		"nothing fits the product that is named": {manifest.Manifest{GPU: "B200", Count: 1}, manifest.Placement{Vendor: "acme", Product: "jobs"}, "", `
jobs team managed unpinned  ×0 on-demand`},
		"nothing fits the vendor that is named": {manifest.Manifest{GPU: "B200", Count: 1}, manifest.Placement{Vendor: "acme", Plan: "team"}, "", `
jobs team managed unpinned  ×0 on-demand
pods team managed unpinned  ×0 on-demand`},
		"nothing fits one product of the vendor that is named": {manifest.Manifest{GPU: "H100", Count: 8}, manifest.Placement{Vendor: "acme", Plan: "team"}, "", `
pods team managed unpinned h8 H100×8 reserved`},
		"nothing fits the product that is named, and another has it": {manifest.Manifest{GPU: "H100", Count: 8}, manifest.Placement{Vendor: "acme", Product: "jobs"}, "", `
jobs team managed unpinned  ×0 on-demand`},
		"nothing fits anybody": {manifest.Manifest{GPU: "B200", Count: 1}, manifest.Placement{}, "", ""},
		"infrastructure goes with what is not managed": {h100, manifest.Placement{Product: "pods", Plan: "enterprise", Regions: []string{"us"}, Capacity: "on-demand", Infrastructure: &manifest.Infrastructure{Vendor: "aws"}}, "", `
pods enterprise byoc us h1 H100×1 on-demand on aws
pods enterprise managed us h1 H100×1 on-demand`},
		"infrastructure goes with it": {h100, manifest.Placement{Product: "pods", Plan: "enterprise", Hosting: "byoc", Regions: []string{"us"}, Capacity: "on-demand", Infrastructure: &manifest.Infrastructure{Vendor: "aws"}}, "", `
pods enterprise byoc us h1 H100×1 on-demand on aws`},
	} {
		t.Run(name, func(t *testing.T) {
			var a *catalog.Account
			if c.plan != "" {
				a = &catalog.Account{Name: "ours", Vendor: "acme", Plan: c.plan}
			}
			got := New(shop(), a).Choices(c.manifest, c.placement)
			if want := strings.TrimPrefix(c.want, "\n"); words(got) != want {
				t.Errorf("got\n%s\nwant\n%s", words(got), want)
			}
			for _, o := range got {
				if o.Vendor != "acme" {
					t.Errorf("got vendor %q", o.Vendor)
				}
			}
		})
	}
}

// TestHostingClaims holds that free hosting takes only what is claimed.
func TestHostingClaims(t *testing.T) {
	none := vendor(nil)
	none.SKUs = []catalog.SKU{{ID: "cpu"}}
	if got := New(none, nil).Choices(manifest.Manifest{}, manifest.Placement{}); len(got) != 0 {
		t.Errorf("got %v of a vendor that claims no hosting", got)
	}
	if got := New(none, nil).Choices(manifest.Manifest{}, manifest.Placement{Vendor: "acme", Hosting: "byoc", Plan: "team"}); len(got) != 1 {
		t.Errorf("got %v", got)
	}
	ours := &catalog.Account{Name: "ours", Facts: facted(map[string][]catalog.Claim{"/hosting/byoc": {{Value: true}}, "/hosting/managed": {{Value: false}}})}
	if got := New(shop(), ours).Choices(manifest.Manifest{}, manifest.Placement{Plan: "team"}); words(got) != "pods team byoc unpinned cpu ×0 on-demand" {
		t.Errorf("got %s", words(got))
	}
}

func TestLess(t *testing.T) {
	parts := func(o decision.Offering) []decision.Offering {
		list := []decision.Offering{o}
		for _, change := range []func(*decision.Offering){
			func(o *decision.Offering) { o.Vendor += "x" }, func(o *decision.Offering) { o.Product += "x" }, func(o *decision.Offering) { o.Plan += "x" },
			func(o *decision.Offering) { o.Hosting += "x" }, func(o *decision.Offering) { o.Region += "x" }, func(o *decision.Offering) { o.SKU += "x" },
			func(o *decision.Offering) { o.GPU += "x" }, func(o *decision.Offering) { o.Count += 9 }, func(o *decision.Offering) { o.Capacity += "x" },
			func(o *decision.Offering) { o.Infrastructure += "x" },
		} {
			other := o
			change(&other)
			list = append(list, other)
		}
		return list
	}
	list := parts(team)
	for i, other := range list {
		if i > 0 && (!Less(list[0], other) || Less(other, list[0])) {
			t.Errorf("%v is not after %v", other, list[0])
		}
		if Less(other, other) {
			t.Errorf("%v is before itself", other)
		}
	}
	if len(slices.Compact(list)) != 11 {
		t.Errorf("got %d offerings", len(list))
	}
}

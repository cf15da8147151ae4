package expand

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/fixtures"
	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/manifest"
	"github.com/caveat-check/caveat/internal/offering"
)

func shipped(t testing.TB) []*catalog.Vendor {
	t.Helper()
	data, err := fixtures.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	vendors, err := catalog.Decode(data)
	if err != nil || len(vendors) == 0 {
		t.Fatalf("got %d vendors, %v", len(vendors), err)
	}
	return vendors
}

// accountWithModal is the account that fixtures have.
func accountWithModal(t testing.TB, vendors []*catalog.Vendor) *catalog.Account {
	t.Helper()
	loader, err := load.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	documents, problems := loader.File(t.Context(), "../../fixtures/accounts/acme-health-modal.yaml")
	if len(documents) != 1 || len(problems) != 0 {
		t.Fatalf("got %d documents, %v", len(documents), problems)
	}
	for _, v := range vendors {
		if v.ID == "modal" {
			a, problems := catalog.AccountFromDocument(documents[0], v, loader.Places())
			if len(problems) != 0 {
				t.Fatal(problems)
			}
			return a
		}
	}
	t.Fatal("no vendor modal")
	return nil
}

// any offering of a vendor, on sale or not.
func drawOffering(t *rapid.T, v *catalog.Vendor) (decision.Offering, []string) {
	pick := func(what string, list []string) string {
		return rapid.SampledFrom(append(list, "none of them")).Draw(t, what)
	}
	o := decision.Offering{Vendor: v.ID, Capacity: rapid.SampledFrom(capacities).Draw(t, "capacity")}
	var products, plans, skus, features []string
	for _, p := range v.Products {
		products = append(products, p.ID)
	}
	for _, p := range v.Plans {
		plans = append(plans, p.ID)
	}
	for _, s := range v.SKUs {
		skus = append(skus, s.ID)
	}
	for _, f := range v.Features {
		features = append(features, f.ID)
	}
	o.Product, o.Plan, o.SKU = pick("product", products), pick("plan", plans), pick("SKU", skus)
	o.Hosting = rapid.SampledFrom([]string{"managed", "hybrid", "byoc", "self-hosted"}).Draw(t, "hosting")
	o.Region = rapid.SampledFrom(append(slices.Sorted(maps.Keys(v.Sites)), decision.Unpinned, "us", "eu", "us-east", "de", "jp")).Draw(t, "region")
	if sku, ok := v.SKU(o.SKU); ok {
		o.GPU, o.Count = sku.GPU, rapid.IntRange(0, 8).Draw(t, "count")
	}
	return o, rapid.SliceOfNDistinct(rapid.SampledFrom(append(features, "none of them")), 0, 4, rapid.ID).Draw(t, "features")
}

// bare are the values of an offering without their numbers, which tell in what
// order they were made.
func bare(e *offering.Expanded) []*offering.Value {
	list := make([]*offering.Value, len(e.Values))
	for i, value := range e.Values {
		if value != nil {
			copied := *value
			copied.Number = 0
			list[i] = &copied
		}
	}
	return list
}

// TestNothingLeaks holds that an offering is the same whether others of its
// vendor were expanded before it or not: sharing values must never show.
func TestNothingLeaks(t *testing.T) {
	vendors := shipped(t)
	pristine := shipped(t)
	account := accountWithModal(t, vendors)
	type pair struct {
		v    *catalog.Vendor
		a    *catalog.Account
		warm *Expander
	}
	var pairs []pair
	for _, v := range vendors {
		pairs = append(pairs, pair{v, nil, New(v, nil)})
		if v.ID == account.Vendor {
			pairs = append(pairs, pair{v, account, New(v, account)})
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(pairs).Draw(t, "vendor")
		for range 3 {
			id, used := drawOffering(t, p.v)
			got, want := p.warm.Offering(id, used), New(p.v, p.a).Offering(id, used)
			if !reflect.DeepEqual(got.Slots, want.Slots) || !reflect.DeepEqual(bare(got), bare(want)) {
				t.Fatalf("%+v: got other values from an expander that had others before", id)
			}
			if !reflect.DeepEqual(got.Plain(), want.Plain()) || !reflect.DeepEqual(got.Plain(), got.Plain()) {
				t.Fatalf("%+v: controls see something else", id)
			}
			againstClaims(t, p.v, p.a, got)
		}
	})
	if !reflect.DeepEqual(vendors, pristine) {
		t.Error("expanding changed the catalog")
	}
	for _, p := range pairs {
		numbers := map[int]*offering.Value{}
		for i := range p.warm.known {
			for _, value := range p.warm.known[i] {
				if value == nil {
					continue
				}
				if numbers[value.Number] != nil || value.Number < 1 {
					t.Errorf("%s: %s and %s have number %d", p.v.ID, value.At, numbers[value.Number].At, value.Number)
				}
				numbers[value.Number] = value
			}
		}
	}
}

// TestNothingLeaksAnywhere is the same for vendors that no document describes,
// whose claims depend on anything.
func TestNothingLeaksAnywhere(t *testing.T) {
	list := func(ids ...string) *rapid.Generator[[]string] {
		return rapid.OneOf(rapid.Just[[]string](nil), rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 1, 2, rapid.ID))
	}
	products, plans, hosting := list("pods", "jobs"), list("team", "enterprise"), list("managed", "byoc")
	regions, features, skus := list("us", decision.Unpinned), list("volumes", "snapshots"), list("one", "two")
	values := map[string][]any{
		fact: {true, false}, "/retention/inputs": {"1d", "2d"}, "/skus/one/availability": {"self-serve", "unavailable"},
		"/skus/two/price/on-demand": {map[string]any{"amount": "1"}, map[string]any{"amount": "2"}}, "/regions/available": {[]any{"us"}, []any{"us", "eu"}},
	}
	facts := rapid.Custom(func(t *rapid.T) []catalog.Fact {
		drawn := map[string][]catalog.Claim{}
		for _, pointer := range slices.Sorted(maps.Keys(values)) {
			claim := rapid.Custom(func(t *rapid.T) catalog.Claim {
				return catalog.Claim{
					Value: rapid.SampledFrom(values[pointer]).Draw(t, "value"), Only: pointer == fact && rapid.Bool().Draw(t, "only"),
					Rejected: rapid.SampledFrom([]string{"", "", "", "open"}).Draw(t, "rejected"),
					Scope: catalog.Scope{
						Products: products.Draw(t, "products"), Plans: plans.Draw(t, "plans"), Hosting: hosting.Draw(t, "hosting"),
						Regions: regions.Draw(t, "regions"), Features: features.Draw(t, "features"), SKUs: skus.Draw(t, "skus"),
					},
				}
			})
			drawn[pointer] = rapid.SliceOfN(claim, 0, 3).Draw(t, pointer)
		}
		return facted(drawn)
	})
	rapid.Check(t, func(t *rapid.T) {
		v := vendor(nil)
		v.Facts = facts.Draw(t, "facts")
		v.Products = []catalog.Product{{ID: "pods"}, {ID: "jobs"}}
		v.SKUs = []catalog.SKU{{ID: "one", GPU: "H100"}, {ID: "two", GPU: "H100"}, {ID: "three", GPU: "T4"}}
		var a *catalog.Account
		if rapid.Bool().Draw(t, "account") {
			a = &catalog.Account{Name: "ours", Vendor: "acme", Facts: facts.Draw(t, "our facts")}
		}
		warm := New(v, a)
		for range 6 {
			id, used := drawOffering(t, v)
			got, want := warm.Offering(id, used), New(v, a).Offering(id, used)
			if !reflect.DeepEqual(bare(got), bare(want)) || !reflect.DeepEqual(got.Plain(), want.Plain()) {
				t.Fatalf("%+v: got other values from an expander that had others before", id)
			}
		}
	})
}

// againstClaims compares the values of an offering with the claims themselves,
// in the plainest way.
func againstClaims(t *rapid.T, v *catalog.Vendor, a *catalog.Account, e *offering.Expanded) {
	for i, slot := range e.Slots {
		value := e.Values[i]
		if value != nil && value.Slot != slot {
			t.Fatalf("%s: got the value of %s", slot.At, value.At)
		}
		if value == nil || value.State != offering.Stated || value.Claims[0].Document != v.ID || slot.Pointer != value.Pointer {
			continue
		}
		if a != nil {
			if _, ok := a.Fact(slot.Pointer); ok {
				continue
			}
		}
		f, ok := v.Fact(slot.Pointer)
		if !ok {
			continue // a GPU model
		}
		found, only := false, false
		for _, c := range f.Claims {
			if c.Rejected != "" || (slot.Feature == "") != (c.Scope.Features == nil) || slot.Feature != "" && !slices.Contains(c.Scope.Features, slot.Feature) {
				continue
			}
			switch {
			case c.Scope.Holds(e.ID) && !reflect.DeepEqual(c.Value, value.Value):
				t.Fatalf("%+v: %s is %v, and claim %d says %v", e.ID, slot.At, value.Value, c.Index, c.Value)
			case c.Scope.Holds(e.ID):
				found = true
			case c.Only && c.Scope.HoldsIn(e.ID.Region):
				only = true
			}
		}
		if !found && (!only || value.Value != false) {
			t.Fatalf("%+v: %s is %v, and no claim says so", e.ID, slot.At, value.Value)
		}
	}
}

// TestValuesAreShared holds that what is the same for two offerings is made once.
func TestValuesAreShared(t *testing.T) {
	for _, v := range shipped(t) {
		x := New(v, nil)
		m := manifest.Manifest{GPU: "H100", Count: 1}
		ids := x.Choices(m, manifest.Placement{})
		made := 0
		for _, id := range ids {
			e := x.Offering(id, nil)
			again := x.Offering(id, nil)
			for i := range e.Values {
				if e.Values[i] != again.Values[i] {
					t.Fatalf("%s: %s was made twice", v.ID, e.Slots[i].At)
				}
				if e.Values[i] != nil {
					made++
				}
			}
		}
		if len(ids) > 20 && x.count > made/2 {
			t.Errorf("%s: %d offerings have %d values, and %d were made", v.ID, len(ids), made, x.count)
		}
	}
}

// TestChoicesOfTheCatalog holds what is true of every choice.
func TestChoicesOfTheCatalog(t *testing.T) {
	vendors := shipped(t)
	models := map[string]bool{"": true}
	for _, v := range vendors {
		for _, s := range v.SKUs {
			models[s.GPU] = true
		}
	}
	names := slices.Sorted(maps.Keys(models))
	var expanders []*Expander
	for _, v := range vendors {
		expanders = append(expanders, New(v, nil))
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SampledFrom(expanders).Draw(t, "vendor")
		m := manifest.Manifest{
			GPU: rapid.SampledFrom(names).Draw(t, "gpu"), Count: rapid.IntRange(1, 8).Draw(t, "count"),
			CPU: rapid.SampledFrom([]string{"", "4", "64"}).Draw(t, "cpu"), Memory: rapid.SampledFrom([]string{"", "32GiB", "0.5TiB"}).Draw(t, "memory"),
		}
		if m.GPU == "" {
			m.Count = 0
		}
		list := x.Choices(m, manifest.Placement{})
		for i, o := range list {
			if i > 0 && !Less(list[i-1], o) {
				t.Fatalf("%v stands before %v", list[i-1], o)
			}
			if o.GPU != m.GPU || o.Count != m.Count {
				t.Fatalf("got %v for %d %s", o, m.Count, m.GPU)
			}
			product, ok := x.Vendor.Product(o.Product)
			if !ok || !x.Vendor.HasPlan(o.Plan) || product.Hosting != nil && !slices.Contains(product.Hosting, o.Hosting) {
				t.Fatalf("%v is not on sale", o)
			}
			sku, ok := x.Vendor.SKU(o.SKU)
			if !ok || sku.Products != nil && !slices.Contains(sku.Products, o.Product) || sku.Counts != nil && m.GPU != "" && !slices.Contains(sku.Counts, o.Count) {
				t.Fatalf("%v is not on sale", o)
			}
			unpinned := o
			unpinned.Region = decision.Unpinned
			if value, ok := x.Offering(unpinned, nil).Fact("/hosting/" + o.Hosting); !ok || value != true {
				t.Fatalf("%v: hosting is %v", o, value)
			}
			// What is chosen freely can be named: it is then the one choice.
			p := manifest.Placement{Vendor: o.Vendor, Product: o.Product, Plan: o.Plan, Hosting: o.Hosting, Regions: []string{o.Region}, SKU: o.SKU, Capacity: o.Capacity}
			if named := x.Choices(m, p); !slices.Equal(named, []decision.Offering{o}) {
				t.Fatalf("got %v, named as %v", named, o)
			}
		}
	})
}

func TestSeveralGoroutines(t *testing.T) {
	v := shop()
	x := New(v, nil)
	ids := x.Choices(manifest.Manifest{GPU: "H100", Count: 1}, manifest.Placement{})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for _, id := range ids {
				if got, want := x.Offering(id, nil).Plain(), New(v, nil).Offering(id, nil).Plain(); !reflect.DeepEqual(got, want) {
					t.Errorf("%v: got %v, want %v", id, got, want)
				}
				x.Choices(manifest.Manifest{GPU: "T4", Count: 1}, manifest.Placement{})
			}
		})
	}
	group.Wait()
}

// expandSeeds are vendor documents.
func expandSeeds(t testing.TB) [][]byte {
	t.Helper()
	var seeds [][]byte
	for _, name := range []string{"lambda", "anyscale", "replicate"} {
		data, err := os.ReadFile("../../fixtures/vendors/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, data)
	}
	return append(seeds, []byte(`{"apiVersion":"caveat/v1","kind":"Vendor","metadata":{"id":"a","name":"A"},"sources":{"s":{"url":"https://a","kind":"documented","published":"unknown","read":"2026-01-01","copy":"live"}},
"products":{"p":{"name":"P","implies":["f"]}},"plans":{"l":{"name":"L"}},"features":{"f":{"offered":[{"value":true,"only":true,"scope":{"features":["f"],"plans":["l"],"rest":"all"},"sources":["s"]}]}},
"hosting":{"managed":[{"value":true,"scope":"all","sources":["s"]}]},"skus":{"k":{"gpu":"H100","counts":[1],"price":{"on-demand":[{"value":{"amount":"1","currency":"USD","per":"hour","of":"gpu"},"scope":"all","sources":["s"]}]}}},
"regions":{"available":[{"value":["us"],"scope":"all","sources":["s"]}]}}`))
}

func TestExpandSeeds(t *testing.T) {
	loader, err := load.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, data := range expandSeeds(t) {
		if n := expandAll(t, loader, data); n == 0 {
			t.Errorf("seed %d: got no offering", i)
		}
	}
}

// expandAll expands every choice of a vendor document, and reports how many.
func expandAll(t *testing.T, loader *load.Loader, data []byte) int {
	documents, _ := loader.Bytes("v.yaml", data)
	n := 0
	for _, doc := range documents {
		if doc.Kind != "Vendor" {
			continue
		}
		v, problems := catalog.FromDocument(doc, loader.Places())
		if len(problems) > 0 {
			continue
		}
		x := New(v, nil)
		gpu := ""
		for _, sku := range v.SKUs {
			gpu = sku.GPU
		}
		for _, id := range x.Choices(manifest.Manifest{GPU: gpu, Count: 1}, manifest.Placement{}) {
			n++
			e := x.Offering(id, []string{"f"})
			plain, evidence := e.Plain(), 0
			for _, value := range e.Values {
				if value != nil && value.State == offering.Stated {
					evidence++
					if len(value.Evidence()) == 0 {
						t.Fatalf("%s is stated by nobody", value.At)
					}
				}
			}
			if got := len(plain["evidence"].(map[string]any)); got != evidence {
				t.Fatalf("got evidence of %d facts, want %d", got, evidence)
			}
			if n > 200 {
				return n
			}
		}
	}
	return n
}

func FuzzExpand(f *testing.F) {
	for _, seed := range expandSeeds(f) {
		f.Add(seed)
	}
	loader, err := load.New(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) { expandAll(t, loader, data) })
}

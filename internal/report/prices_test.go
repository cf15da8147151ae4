package report

import (
	"bytes"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/pricelist"
)

func samplePrices() []pricelist.Price {
	prices := pricelist.Prices([]*catalog.Vendor{acme()}, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	old, none := prices[0], prices[0]
	old.Rejected, old.Scope = "superseded by the newer page", catalog.Scope{Plans: []string{"team"}, Regions: []string{"us-east", "eu-west"}}
	none.Vendor, none.SKU, none.Read, none.AgeDays, none.GPUHour, none.Of = "zeta", "a-cpu-of-many-cores", "unknown", nil, nil, "vcpu"
	none.Conditions = []string{"paid a year ahead"}
	return append(prices, old, none)
}

func sampleComparisons() []pricelist.Comparison {
	price := func(text string) *decimal.Decimal { d := decimal.RequireFromString(text); return &d }
	two := 2
	row := func(vendor, instance, gpu, amount, region string) pricelist.Row {
		return pricelist.Row{Vendor: vendor, Instance: instance, GPU: gpu, Count: &two, Price: price(amount), Region: region}
	}
	words := pricelist.Vocabulary{Aliases: map[string][]string{"H100": nil, "A100-80GB": nil}, Ambiguous: map[string][]string{"A100": {"A100-40GB", "A100-80GB"}}}
	first := pricelist.List{Path: "lists/first.csv", Rows: []pricelist.Row{
		row("ACME", "fast", "H100", "9", "us"), row("ACME", "fast", "H100", "10.123456", "eu"), row("ACME", "", "L4", "1", ""), row("nobody", "", "H100", "1", ""),
		row("seller/acme", "", "H100", "1", ""),
	}}
	for i := range 15 {
		first.Rows = append(first.Rows, row("acme", string(rune('a'+i))+"-machine", "K80", "0.30", ""))
	}
	second := pricelist.List{Path: "lists/second.csv", Rows: []pricelist.Row{row("acme-labs", "x", "H100", "7.8984", "us"), row("acme", "y", "A100", "3", "us")}}
	vendors := []*catalog.Vendor{acme(), priced("zeta"), priced("omega")}
	return []pricelist.Comparison{pricelist.Compare(vendors, first, words), pricelist.Compare(vendors, second, words)}
}

// priced is a vendor with one price.
func priced(id string) *catalog.Vendor {
	value := map[string]any{"amount": "1", "currency": "USD", "per": "hour", "of": "gpu"}
	return &catalog.Vendor{
		ID: id, SKUs: []catalog.SKU{{ID: "h100", GPU: "H100"}}, Sources: map[string]decision.Source{},
		Facts: []catalog.Fact{{Pointer: "/skus/h100/price/on-demand", Claims: []catalog.Claim{{Value: value}}}},
	}
}

func TestPricesJSON(t *testing.T) {
	var out bytes.Buffer
	if err := PricesJSON(&out, "2026-11-23", samplePrices()); err != nil {
		t.Fatal(err)
	}
	golden(t, "prices.json", out.Bytes())
	out.Reset()
	if err := ComparisonsJSON(&out, sampleComparisons()); err != nil {
		t.Fatal(err)
	}
	golden(t, "comparisons.json", out.Bytes())
}

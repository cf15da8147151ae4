package engine

import (
	"context"
	"os"
	"testing"

	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/manifest"
)

// BenchmarkPriceCatalog prices one manifest without traffic on every offering of
// the shipped catalog, expanded before.
func BenchmarkPriceCatalog(b *testing.B) {
	e, problems := New(context.Background(), Options{AsOf: "2026-11-23"})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	const path = "../../fixtures/workloads/sustained-inference.yaml"
	data, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	loader, err := load.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	documents, problems := loader.Bytes(path, data)
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	r, problems := e.prepare(context.Background(), documents[0])
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	offerings := 0
	price := func() {
		offerings = 0
		clear(r.costs)
		for _, id := range r.choices(manifest.Placement{Infrastructure: r.manifest.Placement.Infrastructure}) {
			r.subject(id)
			offerings++
		}
	}
	price()
	b.ReportAllocs()
	for b.Loop() {
		price()
	}
	b.ReportMetric(float64(offerings), "offerings")
	b.ReportMetric(float64(len(r.costs)), "prices")
}

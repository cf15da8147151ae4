package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/caveat-check/caveat/internal/engine"
	"github.com/caveat-check/caveat/internal/load"
)

const benchmarkDay = "2026-11-23"

// BenchmarkNew is what a run pays before it reads a manifest: the shipped
// catalog and policies, ready to decide.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newEngine(b, engine.Options{AsOf: benchmarkDay})
	}
}

// BenchmarkCheckOne decides one placement with an engine that has decided it
// before.
func BenchmarkCheckOne(b *testing.B) {
	benchmarkDecide(b, engine.Options{AsOf: benchmarkDay}, "phi-notes.yaml")
}

// BenchmarkCheckOneCatalog also ranks the whole catalog for it.
func BenchmarkCheckOneCatalog(b *testing.B) {
	benchmarkDecide(b, engine.Options{AsOf: benchmarkDay, Alternatives: 3}, "phi-notes.yaml")
}

// BenchmarkAlternatives0 reads and decides the PHI examples,
// one after the other, as a run over many manifests does.
func BenchmarkAlternatives0(b *testing.B) {
	e := newEngine(b, engine.Options{AsOf: benchmarkDay, Workers: 1})
	files, err := filepath.Glob(filepath.Join(fixtures, "workloads", "phi-*.yaml"))
	if err != nil || len(files) == 0 {
		b.Fatalf("no examples: %v", err)
	}
	check := func() {
		decisions := 0
		err := e.Check(context.Background(), files, func(r engine.Result) error {
			decisions += len(r.Decisions)
			return nil
		})
		if err != nil || decisions != len(files) {
			b.Fatalf("got %d decisions, want %d: %v", decisions, len(files), err)
		}
	}
	check()
	b.ReportAllocs()
	for b.Loop() {
		check()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(files)), "µs/manifest")
}

func newEngine(b *testing.B, options engine.Options) *engine.Engine {
	b.Helper()
	e, problems := engine.New(context.Background(), options)
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	return e
}

func benchmarkDecide(b *testing.B, options engine.Options, name string) {
	e := newEngine(b, options)
	loader, err := load.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(fixtures, "workloads", name)
	data, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	decide := func() {
		documents, problems := loader.Bytes(path, data)
		if len(problems) > 0 || len(documents) != 1 {
			b.Fatalf("got %d documents: %v", len(documents), problems)
		}
		if decisions, problems := e.Decide(context.Background(), documents[0]); len(problems) > 0 || len(decisions) == 0 {
			b.Fatalf("got %d decisions: %v", len(decisions), problems)
		}
	}
	decide()
	b.ReportAllocs()
	for b.Loop() {
		decide()
	}
}

package engine_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/engine"
	"github.com/caveat-check/caveat/internal/load"
)

// FuzzCheck takes any bytes for a manifest: they are a problem with its place, or
// decisions, twice the same, in which what passes is proved. It does not panic.
func FuzzCheck(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(fixtures, "workloads", "*.yaml"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	loader, err := load.New(nil)
	if err != nil {
		f.Fatal(err)
	}
	// The vendors of the examples alone: a placement that is left free tries all.
	options := engine.Options{AsOf: "2026-11-23", NoDefaultCatalog: true}
	for _, vendor := range []string{"modal", "baseten", "aws-sagemaker"} {
		options.Catalog = append(options.Catalog, filepath.Join(fixtures, "vendors", vendor+".yaml"))
	}
	e, problems := engine.New(context.Background(), options)
	if len(problems) > 0 {
		f.Fatal(problems)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if documents, problems := loader.Bytes(path, data); len(documents) == 0 || len(problems) > 0 {
			f.Fatalf("%s is no seed: %v", path, problems)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		documents, problems := loader.Bytes("w.yaml", data)
		if len(documents) == 0 && len(problems) == 0 {
			t.Fatal("neither a document nor a problem")
		}
		for _, doc := range documents {
			if doc.Kind != "Workload" {
				continue
			}
			decisions, problems := e.Decide(context.Background(), doc)
			if len(decisions) == 0 && len(problems) == 0 {
				t.Fatal("neither a decision nor a problem")
			}
			for _, p := range problems {
				if p.Path != "w.yaml" || p.Line < 1 || p.Column < 1 || p.Message == "" {
					t.Errorf("problem without its place: %+v", p)
				}
			}
			for _, d := range decisions {
				proved(t, d)
			}
			again, _ := e.Decide(context.Background(), doc)
			if text(t, decisions) != text(t, again) {
				t.Error("decided twice, and not the same")
			}
		}
	})
}

func proved(t *testing.T, d decision.Decision) {
	t.Helper()
	if len(d.Findings) == 0 {
		t.Error("a decision without findings")
	}
	if got, want := d.Verdict, decision.VerdictOf(d.Findings); got != want {
		t.Errorf("got verdict %s, want %s", got, want)
	}
	for _, finding := range d.Findings {
		switch {
		case finding.Location.Line < 1:
			t.Errorf("%s: no line", finding.Control)
		case finding.Status == decision.Pass && len(finding.Missing) > 0:
			t.Errorf("%s: passes and misses %v", finding.Control, finding.Missing)
		case finding.Status == decision.Fail && finding.Message == "":
			t.Errorf("%s: fails and does not say why", finding.Control)
		}
	}
	if d.Cost.Expected == nil {
		return
	}
	for _, line := range d.Cost.Lines {
		if line.Amount == nil {
			t.Errorf("the total is known and line %s is not", line.Item)
		}
	}
}

func text(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

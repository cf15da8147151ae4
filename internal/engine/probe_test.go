package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"
)

func TestProbe(t *testing.T) {
	path := os.Getenv("PROBE")
	if path == "" {
		t.Skip("set PROBE")
	}
	start := time.Now()
	e, problems := New(context.Background(), Options{AsOf: "2026-11-23", Alternatives: 3})
	fmt.Println("new", time.Since(start), problems)
	start = time.Now()
	err := e.Check(context.Background(), []string{path}, func(r Result) error {
		fmt.Println("check", time.Since(start))
		for _, p := range r.Problems {
			fmt.Println(p)
		}
		data, _ := json.MarshalIndent(r.Decisions, "", " ")
		os.WriteFile("/tmp/probe/out.json", data, 0o644)
		for _, d := range r.Decisions {
			fmt.Println(d.Manifest.Name, d.Verdict, d.Offering, d.Cost.Expected, d.Cost.Known)
			for _, f := range d.Findings {
				fmt.Println("  ", f.Status, f.Required, f.Control, f.Location.Line, f.Message)
			}
			for _, a := range d.Alternatives {
				fmt.Println("  ALT", a.Offering, a.Cost.Expected, a.Cost.Known, a.Conditions)
			}
			for _, a := range d.Candidates {
				fmt.Println("  CAND", a.Offering, a.Cost.Expected, a.Cost.Known, a.Open)
			}
			for _, a := range d.Rejected {
				fmt.Println("  REJ", a.Offering, a.Cost.Expected, a.Controls)
			}
		}
		return nil
	})
	fmt.Println(err)
}

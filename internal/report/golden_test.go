package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/pricelist"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run go test -update", err)
	}
	if bytes.Equal(got, want) {
		return
	}
	a, b := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			other := ""
			if i < len(b) {
				other = b[i]
			}
			t.Fatalf("%s:%d: got %q, want %q; go test -update rewrites it", name, i+1, a[i], other)
		}
	}
	t.Fatalf("%s: got %d lines, want %d; go test -update rewrites it", name, len(a), len(b))
}

// forms are the ways in which every table is looked at.
var forms = []struct {
	name  string
	table Table
}{
	{"80", Table{Width: 80}},
	{"60", Table{Width: 60}},
	{"80-color", Table{Width: 80, Color: true}},
	{"60-color", Table{Width: 60, Color: true}},
	{"80-verbose", Table{Width: 80, Verbose: true}},
	{"60-verbose", Table{Width: 60, Verbose: true}},
}

// views are what can be shown.
var views = []struct {
	name string
	show func(*Table) error
}{
	{"decisions", func(t *Table) error {
		for _, d := range samples() {
			if err := t.Decision(d); err != nil {
				return err
			}
		}
		t.Waivers(uses)
		return t.Summary(decision.Summary{Pass: 1, Fail: 1, Review: 1, Errors: 2})
	}},
	{"vendors", func(t *Table) error {
		return t.Vendors([]*catalog.Vendor{acme(), {ID: "bare", Name: "Bare"}})
	}},
	{"vendor", func(t *Table) error { return t.Vendor(acme(), "2026-11-23") }},
	{"prices", func(t *Table) error { return t.Prices(samplePrices()) }},
	{"comparisons", func(t *Table) error { return t.Comparisons(sampleComparisons()) }},
	{"controls", func(t *Table) error { return t.Controls(controls()) }},
	{"control", func(t *Table) error {
		for _, c := range controls() {
			if err := t.Control(c); err != nil {
				return err
			}
		}
		return nil
	}},
}

func TestTables(t *testing.T) {
	for _, v := range views {
		for _, f := range forms {
			t.Run(v.name+"-"+f.name, func(t *testing.T) {
				var out bytes.Buffer
				table := f.table
				table.W = &out
				if err := v.show(&table); err != nil {
					t.Fatal(err)
				}
				golden(t, v.name+"-"+f.name+".txt", out.Bytes())
			})
		}
	}
}

func TestRealDecisions(t *testing.T) {
	var out bytes.Buffer
	table := Table{W: &out}
	for _, d := range real(t) {
		if err := table.Decision(d); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "real-80.txt", out.Bytes())
}

func TestNothingToShow(t *testing.T) {
	var out bytes.Buffer
	table := Table{W: &out}
	for _, err := range []error{table.Summary(decision.Summary{}), table.Summary(decision.Summary{Errors: 1}), table.Vendors(nil), table.Controls(nil), table.Prices(nil), table.Comparisons([]pricelist.Comparison{{Path: "list.csv"}}), table.Decision(decision.Decision{})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "nothing-80.txt", out.Bytes())
}

// A limited writer fails once it has taken n bytes.
type limited struct{ n int }

func (w *limited) Write(p []byte) (int, error) {
	if len(p) > w.n {
		return w.n, io.ErrShortWrite
	}
	w.n -= len(p)
	return len(p), nil
}

func TestWriteErrorsAreReturned(t *testing.T) {
	for _, v := range views {
		if err := v.show(&Table{W: &limited{10}}); err != io.ErrShortWrite {
			t.Errorf("%s: got %v, want %v", v.name, err, io.ErrShortWrite)
		}
	}
	if err := (&Table{W: &limited{3}}).Summary(decision.Summary{Pass: 1}); err != io.ErrShortWrite {
		t.Errorf("summary: got %v, want %v", err, io.ErrShortWrite)
	}
	for name, write := range map[string]func(io.Writer) error{
		"vendor":   func(w io.Writer) error { return VendorJSON(w, acme()) },
		"vendors":  func(w io.Writer) error { return VendorsJSON(w, []*catalog.Vendor{acme()}) },
		"control":  func(w io.Writer) error { return ControlJSON(w, controls()[0]) },
		"controls": func(w io.Writer) error { return ControlsJSON(w, controls()) },
	} {
		if err := write(&limited{10}); err != io.ErrShortWrite {
			t.Errorf("%s: got %v, want %v", name, err, io.ErrShortWrite)
		}
	}
}

func TestAsOfIsADate(t *testing.T) {
	for _, day := range []string{"", "yesterday", "2026-13-01", "23.11.2026"} {
		if err := (&Table{W: io.Discard}).Vendor(acme(), day); err == nil {
			t.Errorf("asOf %q: got no error", day)
		}
	}
}

package cli_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/cli"
)

// pricesAsOf is the day of docs/prices.md.
const pricesAsOf = "2026-11-23"

// output runs a command that must succeed, and decodes the JSON that it prints.
func output(t *testing.T, into any, args ...string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	sys := cli.Sys{Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, Now: time.Now, Width: func(io.Writer) int { return 0 }}
	if code := cli.Run(context.Background(), args, sys); code != cli.ExitPass {
		t.Fatalf("caveat %s: got exit status %d: %s", strings.Join(args, " "), code, &stderr)
	}
	if err := json.Unmarshal(stdout.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

// The numbers of docs/prices.md: how old the shipped prices are, and how they
// compare with the lists beside the project.
func TestPriceNumbers(t *testing.T) {
	lists, err := filepath.Glob("../../../shared/prices/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	if len(lists) == 0 {
		t.Skip("the price lists of ../shared/prices are not there")
	}
	table := &bytes.Buffer{}
	freshness(t, table)
	compared(t, table, lists)
	replaceInDoc(t, "../../docs/prices.md", table.String())
}

func freshness(t *testing.T, table *bytes.Buffer) {
	var catalog struct {
		Prices []struct {
			Vendor, Read, Rejected string
			AgeDays                *int
		}
	}
	output(t, &catalog, "vendors", "prices", "--as-of", pricesAsOf, "-o", "json")
	type group struct {
		prices, within, over, undated, rejected int
		oldest, newest                          string
	}
	byVendor, all := map[string]*group{}, &group{}
	for _, p := range catalog.Prices {
		if byVendor[p.Vendor] == nil {
			byVendor[p.Vendor] = &group{}
		}
		for _, g := range []*group{byVendor[p.Vendor], all} {
			if p.Rejected != "" {
				g.rejected++
				continue
			}
			g.prices++
			switch {
			case p.AgeDays == nil:
				g.undated++
				continue
			case *p.AgeDays > 90:
				g.over++
			default:
				g.within++
			}
			if g.oldest == "" || p.Read < g.oldest {
				g.oldest = p.Read
			}
			g.newest = max(g.newest, p.Read)
		}
	}
	fmt.Fprintln(table, "| vendor | prices | read within 90 days | older | no date | oldest | newest | not believed |")
	fmt.Fprintln(table, "| --- | ---: | ---: | ---: | ---: | --- | --- | ---: |")
	row := func(name string, g *group) {
		fmt.Fprintf(table, "| %s | %d | %d | %d | %d | %s | %s | %d |\n", name, g.prices, g.within, g.over, g.undated, cmp.Or(g.oldest, "–"), cmp.Or(g.newest, "–"), g.rejected)
	}
	for _, id := range slices.Sorted(maps.Keys(byVendor)) {
		row(id, byVendor[id])
	}
	row("all", all)
}

func compared(t *testing.T, table *bytes.Buffer, lists []string) {
	type line struct {
		SKU, Capacity, Status string
		Ours, Low, High       *decimal.Decimal
		DifferenceLow         *decimal.Decimal
		DifferenceHigh        *decimal.Decimal
	}
	type comparison struct {
		Path    string
		Rows    int
		Counts  map[string]int
		Vendors []struct {
			ID    string
			Rows  int
			Lines []line
		}
		Unmatched []struct{ Rows int }
	}
	args := []string{"vendors", "prices", "--as-of", pricesAsOf, "-o", "json"}
	for _, path := range lists {
		args = append(args, "--against", path)
	}
	var all []comparison
	output(t, &all, args...)

	fmt.Fprintln(table, "\n| list | rows | same | differs | not comparable | only ours | only theirs | vendors matched | vendors not in the catalog |")
	fmt.Fprintln(table, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, c := range all {
		n := c.Counts
		fmt.Fprintf(table, "| %s | %d | %d | %d | %d | %d | %d | %d | %d |\n", filepath.Base(c.Path), c.Rows, n["same"], n["differs"], n["not comparable"],
			n["only ours"], n["only theirs"], len(c.Vendors), len(c.Unmatched))
	}

	fmt.Fprintln(table, "\n| list | vendor | same | differs | theirs against ours, where it differs |")
	fmt.Fprintln(table, "| --- | --- | ---: | ---: | --- |")
	for _, c := range all {
		for _, v := range c.Vendors {
			counts, low, high := map[string]int{}, []decimal.Decimal{}, []decimal.Decimal{}
			for _, l := range v.Lines {
				counts[l.Status]++
				if l.Status == "differs" && l.DifferenceLow != nil {
					low, high = append(low, *l.DifferenceLow), append(high, *l.DifferenceHigh)
				}
			}
			if counts["same"]+counts["differs"] == 0 {
				continue
			}
			span := "–"
			if len(low) > 0 {
				least, most := decimal.Min(low[0], low[1:]...), decimal.Max(high[0], high[1:]...)
				span = signedPercent(least)
				if !least.Equal(most) {
					span += " to " + signedPercent(most)
				}
			}
			fmt.Fprintf(table, "| %s | %s | %d | %d | %s |\n", filepath.Base(c.Path), v.ID, counts["same"], counts["differs"], span)
		}
	}
}

func signedPercent(d decimal.Decimal) string {
	sign := ""
	if d.IsPositive() {
		sign = "+"
	}
	return sign + d.StringFixed(1) + " %"
}

// replaceInDoc checks, or with -update rewrites, what stands between the marks
// of a document.
func replaceInDoc(t *testing.T, path, text string) {
	t.Helper()
	const begin, end = "<!-- numbers -->\n", "<!-- /numbers -->"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks the marks %q and %q", path, begin, end)
	}
	if got == text {
		return
	}
	if !*update {
		t.Fatalf("%s is out of date; go test ./internal/cli -run %s -update\ngot:\n%s\nwant:\n%s", path, t.Name(), got, text)
	}
	if err := os.WriteFile(path, []byte(before+begin+text+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

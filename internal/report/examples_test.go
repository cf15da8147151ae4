package report_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/caveat-check/caveat/internal/cli"
	"github.com/caveat-check/caveat/internal/decision"
)

// Every example that is shipped, as every page: the register has all offerings,
// the page and the comment name every workload, and OSCAL keeps to its schema.
func TestExamplesAsPages(t *testing.T) {
	folder := t.TempDir()
	args := []string{"check", "--as-of", "2026-11-23"}
	for _, format := range []string{"json", "markdown", "csv", "html", "oscal"} {
		args = append(args, "-o", format+"="+filepath.Join(folder, format))
	}
	var stderr bytes.Buffer
	sys := cli.Sys{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &stderr, Getenv: func(string) string { return "" },
		Now: func() time.Time { return time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC) }, Width: func(io.Writer) int { return 0 }}
	if status := cli.Run(context.Background(), append(args, filepath.Join("..", "..", "fixtures", "workloads")), sys); status != cli.ExitFail {
		t.Fatalf("got exit status %d and %s, want %d", status, stderr.String(), cli.ExitFail)
	}
	read := func(format string) []byte {
		data, err := os.ReadFile(filepath.Join(folder, format))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var report decision.Report
	if err := json.Unmarshal(read("json"), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Decisions) < 20 {
		t.Fatalf("got %d decisions, want those of all examples", len(report.Decisions))
	}
	rows, err := csv.NewReader(bytes.NewReader(read("csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := 1
	page, comment := string(read("html")), string(read("markdown"))
	for _, d := range report.Decisions {
		want += 1 + len(d.Alternatives) + len(d.Candidates) + len(d.Rejected)
		for name, text := range map[string]string{"page": page, "comment": comment} {
			if !strings.Contains(text, d.Manifest.Name) {
				t.Errorf("the %s does not name %s", name, d.Manifest.Name)
			}
		}
		for _, f := range d.Findings {
			if f.Status == decision.Fail && f.Location.Line > 0 && !strings.Contains(page, f.Location.Path+":") {
				t.Errorf("the page has no place for %s of %s", f.Control, d.Manifest.Name)
			}
		}
	}
	if len(rows) != want {
		t.Errorf("got %d rows, want %d", len(rows), want)
	}
	if len(comment) > 65536 {
		t.Errorf("got a comment of %d bytes, want at most 65536", len(comment))
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "formats", "oscal_assessment-results_schema-1.1.3.json"))
	if err != nil {
		t.Skip("the schema of OSCAL is not beside the project")
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat = true
	if err := compiler.AddResource("oscal.json", bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(read("oscal"), &tree); err != nil {
		t.Fatal(err)
	}
	if err := compiler.MustCompile("oscal.json").Validate(tree); err != nil {
		t.Errorf("%#v", err)
	}
}

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"go.yaml.in/yaml/v3"

	"github.com/caveat-check/caveat/internal/cli"
	"github.com/caveat-check/caveat/schemas"
)

// run runs a command in this process on the day of the scripts.
func run(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, errs bytes.Buffer
	sys := cli.System()
	sys.Stdout, sys.Stderr = &out, &errs
	sys.Now = func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	status = cli.Run(context.Background(), args, sys)
	return out.String(), errs.String(), status
}

// TestFormatsOfExamples writes every shipped example in every format that a
// program reads, in one run each, and holds each to its official schema.
func TestFormatsOfExamples(t *testing.T) {
	examples, err := filepath.Glob("../../fixtures/workloads/*.yaml")
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	dir := t.TempDir()
	formats := []string{"json", "jsonl", "yaml", "sarif", "junit", "tap", "github", "gitlab", "azuredevops"}
	reportSchema := compile(t, "report", must(schemas.Schema("report")))
	sarif := map[string]*jsonschema.Schema{}
	for _, name := range []string{"sarif-schema-2.1.0.json", "sarif-schema-2.1.0.draft07.json"} {
		if data, ok := shared(t, name); ok {
			sarif[name] = compile(t, name, data)
		}
	}
	for _, example := range examples {
		name := strings.TrimSuffix(filepath.Base(example), ".yaml")
		file := func(format string) string { return filepath.Join(dir, name+"."+format) }
		args := []string{"check", "--alternatives", "1"}
		for _, format := range formats {
			args = append(args, "-o", format+"="+file(format))
		}
		if stdout, stderr, status := run(t, append(args, example)...); status == cli.ExitError || stdout != "" {
			t.Fatalf("%s: status %d, stdout %q, stderr %q", name, status, stdout, stderr)
		}
		want := readJSON(t, file("json"))
		var fromYAML any
		if err := yaml.Unmarshal(must(os.ReadFile(file("yaml"))), &fromYAML); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if a, b := must(json.Marshal(fromYAML)), must(json.Marshal(want)); !bytes.Equal(a, b) {
			t.Errorf("%s: the YAML is not the JSON", name)
		}
		if err := reportSchema.Validate(want); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
		lines := strings.Split(strings.TrimSuffix(string(must(os.ReadFile(file("jsonl")))), "\n"), "\n")
		if decisions := want.(map[string]any)["decisions"].([]any); len(lines) != len(decisions)+1 {
			t.Errorf("%s: got %d lines for %d decisions", name, len(lines), len(decisions))
		}
		for schema := range maps.Keys(sarif) {
			if err := sarif[schema].Validate(readJSON(t, file("sarif"))); err != nil {
				t.Errorf("%s: %s: %#v", name, schema, err)
			}
		}
		for _, schema := range []string{"junit-10.xsd", "junit-windyroad.xsd"} {
			xmllint(t, schema, file("junit"))
		}
		prove(t, file("tap"))
		// A verdict is the same one everywhere.
		blocked := want.(map[string]any)["summary"].(map[string]any)["fail"] != json.Number("0")
		for format, mark := range map[string]string{"github": "::error ", "azuredevops": "task.logissue type=error", "junit": `type="fail"`} {
			if got := strings.Contains(string(must(os.ReadFile(file(format)))), mark); got != blocked {
				t.Errorf("%s: %s says error: %t, the summary says fail: %t", name, format, got, blocked)
			}
		}
	}
}

// TestFingerprintsSurviveReformatting moves every line of a manifest.
func TestFingerprintsSurviveReformatting(t *testing.T) {
	text := string(must(os.ReadFile("../../fixtures/workloads/phi-volumes-v1.yaml")))
	file := filepath.Join(t.TempDir(), "w.yaml")
	prints := func(text string) map[string][]string {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		all := map[string][]string{}
		for format, member := range map[string]string{"sarif": "caveat/v1", "gitlab": "fingerprint"} {
			stdout, stderr, status := run(t, "check", "--alternatives", "0", "-o", format, file)
			if status != cli.ExitFail {
				t.Fatalf("status %d: %s", status, stderr)
			}
			all[format] = regexp.MustCompile(`"`+member+`": ?"[0-9a-f]{32}"`).FindAllString(stdout, -1)
			if len(all[format]) == 0 {
				t.Fatalf("%s has no fingerprints", format)
			}
			if sorted := slices.Sorted(slices.Values(all[format])); len(slices.Compact(sorted)) != len(sorted) {
				t.Errorf("%s: two issues share a fingerprint", format)
			}
		}
		return all
	}
	before := prints(text)
	after := prints("# A comment.\n\n" + strings.ReplaceAll(text, "\n  ", "\n\n    "))
	for format := range before {
		if !slices.Equal(before[format], after[format]) {
			t.Errorf("%s: got %v after reformatting, want %v", format, after[format], before[format])
		}
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// shared is a file that others publish; false where it is not beside the
// project.
func shared(t *testing.T, name string) ([]byte, bool) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../../shared/formats", name))
	if errors.Is(err, os.ErrNotExist) {
		t.Logf("%s is not in shared/formats beside the project; left out", name)
		return nil, false
	}
	if err != nil {
		t.Fatal(err)
	}
	return data, true
}

func compile(t *testing.T, name string, data []byte) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat = true
	address := "https://schema.example/" + name
	if err := compiler.AddResource(address, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	return must(compiler.Compile(address))
}

func readJSON(t *testing.T, file string) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(must(os.ReadFile(file))))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return value
}

func xmllint(t *testing.T, schema, file string) {
	t.Helper()
	if _, ok := shared(t, schema); !ok {
		return
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Log("xmllint is not here (Debian has it in libxml2-utils); left out")
		return
	}
	if out, err := exec.Command("xmllint", "--noout", "--nonet", "--schema", filepath.Join("../../../shared/formats", schema), file).CombinedOutput(); err != nil {
		t.Errorf("%s: %s: %s", file, schema, out)
	}
}

// prove reads a file with Perl's TAP parser. Its version 3.44 does not take the
// version line of 14, which adds to 13 only what 13 reads as comments.
func prove(t *testing.T, file string) {
	t.Helper()
	if exec.Command("perl", "-MTAP::Parser", "-e", "1").Run() != nil {
		t.Log("Perl's TAP::Parser is not here; left out")
		return
	}
	const script = `use TAP::Parser; my $p = TAP::Parser->new({tap => join "", <STDIN>}); $p->run; print join "\n", $p->parse_errors; exit($p->parse_errors ? 1 : 0)`
	cmd := exec.Command("perl", "-e", script)
	cmd.Stdin = bytes.NewReader(bytes.Replace(must(os.ReadFile(file)), []byte("TAP version 14"), []byte("TAP version 13"), 1))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %s", file, out)
	}
}

package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/engine"
)

const fixtures = "../../fixtures"

// expected is fixtures/expected.yaml: the decisions worked out by hand.
type expected struct {
	AsOf  string `yaml:"asOf"`
	Cases []struct {
		File      string
		Accounts  []string
		Exit      int
		Documents []wanted
	}
}

type wanted struct {
	Name       string
	Verdict    string
	Offering   map[string]string
	Fail       map[string]struct{ Message, At string }
	Unknown    map[string]map[string]string
	Pass       []string
	Advice     map[string]string
	Conditions []string
	Cost       struct {
		GPU *struct {
			Quantity, Unit, Rate, Amount string
			AsOf                         string `yaml:"asOf"`
		}
		Lines   map[string]string
		Replay  map[string]string
		Total   *string
		List    *string
		Unknown []string
	}
}

// TestExamples holds the engine to the decisions of fixtures/expected.yaml.
func TestExamples(t *testing.T) {
	want := readExpected(t)
	for _, c := range want.Cases {
		name := strings.TrimSuffix(c.File, ".yaml")
		if len(c.Accounts) > 0 {
			name += " with account"
		}
		t.Run(name, func(t *testing.T) {
			got := check(t, want.AsOf, c.File, c.Accounts)
			if len(got) != len(c.Documents) {
				t.Fatalf("got %d decisions, want %d", len(got), len(c.Documents))
			}
			for i, d := range got {
				checkDecision(t, d, c.Documents[i])
			}
			if got := exit(got); got != c.Exit {
				t.Errorf("got exit status %d, want %d", got, c.Exit)
			}
		})
	}
}

// TestExamplesComplete holds fixtures/expected.yaml to the examples.
func TestExamplesComplete(t *testing.T) {
	listed := map[string]bool{}
	for _, c := range readExpected(t).Cases {
		listed[filepath.Join(fixtures, "workloads", c.File)] = true
		for _, account := range c.Accounts {
			listed[filepath.Join(fixtures, "accounts", account)] = true
		}
	}
	for _, folder := range []string{"workloads", "accounts"} {
		files, err := filepath.Glob(filepath.Join(fixtures, folder, "*.yaml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no examples under %s: %v", folder, err)
		}
		for _, file := range files {
			if !listed[file] {
				t.Errorf("%s has no case in expected.yaml", file)
			}
		}
	}
}

func readExpected(t *testing.T) expected {
	t.Helper()
	file, err := os.Open(filepath.Join(fixtures, "expected.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	var want expected
	if err := decoder.Decode(&want); err != nil {
		t.Fatal(err)
	}
	if len(want.Cases) == 0 {
		t.Fatal("expected.yaml has no cases")
	}
	return want
}

// check decides one example with no alternatives.
func check(t *testing.T, asOf, file string, accounts []string) []decision.Decision {
	t.Helper()
	options := engine.Options{AsOf: asOf}
	for _, account := range accounts {
		options.Accounts = append(options.Accounts, filepath.Join(fixtures, "accounts", account))
	}
	e, problems := engine.New(context.Background(), options)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var decisions []decision.Decision
	err := e.Check(context.Background(), []string{filepath.Join(fixtures, "workloads", file)}, func(r engine.Result) error {
		for _, problem := range r.Problems {
			t.Error(problem)
		}
		decisions = append(decisions, r.Decisions...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return decisions
}

// exit is the exit status of the command line for these decisions.
func exit(decisions []decision.Decision) int {
	status := 0
	for _, d := range decisions {
		switch d.Verdict {
		case decision.Failed:
			return 1
		case decision.Review:
			status = 3
		}
	}
	return status
}

func checkDecision(t *testing.T, got decision.Decision, want wanted) {
	t.Helper()
	if got.Manifest.Name != want.Name || got.Verdict.String() != want.Verdict {
		t.Errorf("got %s %s, want %s %s", got.Manifest.Name, got.Verdict, want.Name, want.Verdict)
	}
	offering := map[string]string{
		"vendor": got.Offering.Vendor, "product": got.Offering.Product, "plan": got.Offering.Plan, "hosting": got.Offering.Hosting,
		"region": got.Offering.Region, "sku": got.Offering.SKU, "infrastructure": got.Offering.Infrastructure,
	}
	for part, value := range want.Offering {
		if have, ok := offering[part]; !ok || have != value {
			t.Errorf("%s: got %s %q, want %q", want.Name, part, have, value)
		}
	}
	if want.Conditions != nil && !slices.Equal(got.Conditions, want.Conditions) {
		t.Errorf("%s: got conditions %q, want %q", want.Name, got.Conditions, want.Conditions)
	}
	checkFindings(t, got.Findings, want)
	checkCost(t, got.Cost, want)
}

func checkFindings(t *testing.T, findings []decision.Finding, want wanted) {
	t.Helper()
	known := map[string]decision.Finding{}
	for _, f := range findings {
		known[f.Control] = f
		_, fails := want.Fail[f.Control]
		_, unknown := want.Unknown[f.Control]
		if f.Required && f.Status == decision.Fail && !fails || f.Required && f.Status == decision.Unknown && !unknown {
			t.Errorf("%s: %s is %s and not expected: %s", want.Name, f.Control, f.Status, f.Message)
		}
	}
	find := func(id, status string, required bool) decision.Finding {
		f, ok := known[id]
		switch {
		case !ok:
			t.Errorf("%s: there is no control %s", want.Name, id)
		case f.Status.String() != status || f.Required != required && status != "not-applicable":
			t.Errorf("%s: got %s %s (required %t), want %s (required %t): %s", want.Name, id, f.Status, f.Required, status, required, f.Message)
		}
		return f
	}
	for id, reason := range want.Fail {
		f := find(id, "fail", true)
		if f.Message != reason.Message {
			t.Errorf("%s: got %s %q, want %q", want.Name, id, f.Message, reason.Message)
		}
		if reason.At != "" && f.Location.Pointer != reason.At {
			t.Errorf("%s: got %s at %s, want %s", want.Name, id, f.Location.Pointer, reason.At)
		}
		if f.Location.Line == 0 || len(f.Facts) == 0 {
			t.Errorf("%s: %s fails without a line or a fact", want.Name, id)
		}
	}
	for id, missing := range want.Unknown {
		f := find(id, "unknown", true)
		if len(missing) == 0 {
			continue
		}
		have := map[string]string{}
		for _, gap := range f.Missing {
			have[gap.Pointer] = gap.Reason
		}
		for pointer, reason := range missing {
			if have[pointer] != reason {
				t.Errorf("%s: got %s missing %s %q, want %q", want.Name, id, pointer, have[pointer], reason)
			}
			delete(have, pointer)
		}
		for pointer, reason := range have {
			t.Errorf("%s: %s also misses %s (%s)", want.Name, id, pointer, reason)
		}
	}
	for _, id := range want.Pass {
		if f := find(id, "pass", true); f.Status == decision.Pass && len(f.Facts) == 0 {
			t.Errorf("%s: %s passes without a fact", want.Name, id)
		}
	}
	for id, status := range want.Advice {
		find(id, status, false)
	}
}

func checkCost(t *testing.T, got decision.Cost, want wanted) {
	t.Helper()
	unknown := map[string]bool{}
	var gpu *decision.Line
	amounts := map[string]string{}
	for i, line := range got.Lines {
		if line.Item == "gpu" {
			gpu = &got.Lines[i]
		}
		if line.Amount == nil {
			unknown[line.Item] = true
			if line.Why == "" {
				t.Errorf("%s: line %s is unknown without a reason", want.Name, line.Item)
			}
			continue
		}
		amounts[line.Item] = line.Amount.String()
	}
	switch w := want.Cost.GPU; {
	case (gpu == nil) != (w == nil):
		t.Errorf("%s: got gpu line %v, want %v", want.Name, gpu, w)
	case gpu == nil:
	case gpu.Quantity == nil || gpu.Rate == nil || gpu.Amount == nil:
		t.Errorf("%s: the gpu line is unknown: %s", want.Name, gpu.Why)
	case gpu.Quantity.String() != w.Quantity || gpu.Unit != w.Unit || gpu.Rate.String() != w.Rate || gpu.Amount.String() != w.Amount:
		t.Errorf("%s: got gpu %s %s × %s = %s, want %s %s × %s = %s", want.Name, gpu.Quantity, gpu.Unit, gpu.Rate, gpu.Amount, w.Quantity, w.Unit, w.Rate, w.Amount)
	case w.AsOf != "" && gpu.AsOf != w.AsOf:
		t.Errorf("%s: got a gpu price of %q, want one of %s", want.Name, gpu.AsOf, w.AsOf)
	}
	for item, amount := range want.Cost.Lines {
		if amounts[item] != amount {
			t.Errorf("%s: got line %s %q, want %q", want.Name, item, amounts[item], amount)
		}
	}
	if (got.Replay == nil) != (want.Cost.Replay == nil) {
		t.Errorf("%s: got replay %v, want %v", want.Name, got.Replay, want.Cost.Replay)
	}
	if got.Replay != nil {
		data, err := json.Marshal(got.Replay)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(data, &fields); err != nil {
			t.Fatal(err)
		}
		for name, value := range want.Cost.Replay {
			if fmt.Sprint(fields[name]) != value {
				t.Errorf("%s: got %s %v, want %s", want.Name, name, fields[name], value)
			}
		}
	}
	for _, item := range want.Cost.Unknown {
		if !unknown[item] {
			t.Errorf("%s: line %s is not unknown", want.Name, item)
		}
		delete(unknown, item)
	}
	for item := range unknown {
		t.Errorf("%s: line %s is unknown and not expected to be", want.Name, item)
	}
	switch {
	case want.Cost.Total == nil && got.Expected != nil:
		t.Errorf("%s: got total %s, want none", want.Name, got.Expected)
	case want.Cost.Total != nil && (got.Expected == nil || got.Expected.String() != *want.Cost.Total):
		t.Errorf("%s: got total %v, want %s", want.Name, got.Expected, *want.Cost.Total)
	}
	switch {
	case want.Cost.List == nil && got.List != nil:
		t.Errorf("%s: got list price %s, want none", want.Name, got.List)
	case want.Cost.List != nil && (got.List == nil || got.List.String() != *want.Cost.List):
		t.Errorf("%s: got list price %v, want %s", want.Name, got.List, *want.Cost.List)
	}
}

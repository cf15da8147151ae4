package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/schemas"
)

func header() decision.Report {
	return decision.Report{
		Tool: decision.Tool{Name: "caveat", Version: "0.1.0"}, AsOf: "2026-11-23",
		Policies: decision.Digest{Digest: digest}, Catalog: decision.Digest{Digest: digest},
	}
}

var problems = []decision.Problem{
	{Path: "x.yaml", Line: 3, Column: 5, Message: `unknown key "residencey"; did you mean <residency> & nothing else?`},
	{Message: "the catalog is empty; expected vendor documents"},
}

// uses are what can become of waivers.
var uses = []decision.WaiverUse{
	{Path: "waivers/a.yaml", Line: 3, Column: 18, Name: "logs-pilot", Control: "audit-logs", Status: decision.Used, Until: "2026-12-31", Message: "in force until 2026-12-31"},
	{Path: "waivers/a.yaml", Line: 19, Column: 18, Name: "sso-pilot", Control: "sso", Status: decision.Used, Until: "2026-12-01", Expiring: true, Message: "ends in 8 days, on 2026-12-01; renew it or meet the control"},
	{Path: "waivers/b.yaml", Line: 6, Column: 12, Name: "no-baa", Control: "baa", Status: decision.Refused, Until: "2026-12-01", Message: "control baa cannot be waived; expected one that can; meet it"},
	{Path: "waivers/b.yaml", Line: 19, Column: 18, Name: "old", Control: "uptime", Status: decision.Expired, Until: "2026-10-31", Message: "it ended on 2026-10-31"},
	{Path: "waivers/b.yaml", Line: 35, Column: 18, Name: "spare", Control: "uptime", Status: decision.Unused, Until: "2026-12-31", Message: "no workload given is one of its own; remove it or correct its names"},
}

// stream writes a report as the command does.
func stream(t *testing.T, decisions []decision.Decision, problems []decision.Problem) []byte {
	t.Helper()
	var out bytes.Buffer
	j := NewJSON(&out, header())
	for i, d := range decisions {
		if i < len(problems) {
			j.Problem(problems[i])
		}
		if err := j.Decision(d); err != nil {
			t.Fatal(err)
		}
	}
	if len(decisions) < len(problems) {
		for _, p := range problems[len(decisions):] {
			j.Problem(p)
		}
	}
	if len(decisions) > 0 {
		j.Waivers(uses)
	}
	if err := j.Close(decision.Summary{Pass: 1, Fail: 1, Review: 1, Errors: len(problems)}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A stream is what encoding/json makes of the whole report, member for member.
func TestStreamIsIndentedJSON(t *testing.T) {
	for _, c := range []struct {
		name      string
		decisions []decision.Decision
		problems  []decision.Problem
	}{
		{"nothing", nil, nil},
		{"only problems", nil, problems},
		{"one decision", samples()[:1], nil},
		{"all", append(samples(), real(t)...), problems},
	} {
		t.Run(c.name, func(t *testing.T) {
			report := struct {
				Tool      decision.Tool        `json:"tool"`
				AsOf      string               `json:"asOf"`
				Policies  decision.Digest      `json:"policies"`
				Catalog   decision.Digest      `json:"catalog"`
				Decisions []decision.Decision  `json:"decisions"`
				Waivers   []decision.WaiverUse `json:"waivers,omitempty"`
				Errors    []decision.Problem   `json:"errors"`
				Summary   decision.Summary     `json:"summary"`
			}{Tool: header().Tool, AsOf: header().AsOf, Policies: header().Policies, Catalog: header().Catalog,
				Decisions: each(c.decisions, whole), Errors: list(c.problems), Summary: decision.Summary{Pass: 1, Fail: 1, Review: 1, Errors: len(c.problems)}}
			if len(c.decisions) > 0 {
				report.Waivers = uses
			}
			var want bytes.Buffer
			encoder := json.NewEncoder(&want)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(report); err != nil {
				t.Fatal(err)
			}
			got := stream(t, c.decisions, c.problems)
			if !bytes.Equal(got, want.Bytes()) {
				t.Fatalf("got\n%s\nwant\n%s", got, want.Bytes())
			}
		})
	}
	golden(t, "report.json", stream(t, samples(), problems))
}

// What is written reads back as what was given.
func TestReportReadsBack(t *testing.T) {
	var report decision.Report
	decoder := json.NewDecoder(bytes.NewReader(stream(t, real(t), problems)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&report); err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(each(real(t), whole))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(report.Decisions)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) || !slices.Equal(report.Errors, problems) || !slices.Equal(report.Waivers, uses) {
		t.Error("the report reads back as another one")
	}
}

// Each decision is out as soon as it is given, so that none has to be kept.
func TestDecisionsAreStreamed(t *testing.T) {
	var out bytes.Buffer
	j := NewJSON(&out, header())
	if out.Len() > 0 {
		t.Error("something is written before the first decision")
	}
	for i := range 3 {
		d := passing()
		d.Manifest.Name = fmt.Sprintf("workload-%d", i)
		if err := j.Decision(d); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), d.Manifest.Name) {
			t.Errorf("decision %d is not written yet", i)
		}
	}
}

func TestClosedOnce(t *testing.T) {
	var out bytes.Buffer
	j := NewJSON(&out, header())
	for range 2 {
		if err := j.Close(decision.Summary{}); err != nil {
			t.Fatal(err)
		}
	}
	if !json.Valid(out.Bytes()) {
		t.Errorf("closing twice gives %s", out.Bytes())
	}
	if err := j.Decision(passing()); err == nil || !json.Valid(out.Bytes()) {
		t.Errorf("a decision after the end: got %v and %s", err, out.Bytes())
	}
}

// Wherever a writer fails, the error comes back and nothing follows it.
func TestJSONWriteErrors(t *testing.T) {
	size := len(stream(t, samples()[2:], nil))
	for n := 0; n < size; n += 7 {
		j := NewJSON(&limited{n}, header())
		j.Waivers(uses)
		err := j.Decision(samples()[2])
		if closing := j.Close(decision.Summary{}); closing != io.ErrShortWrite || err != nil && err != closing {
			t.Fatalf("after %d bytes: got %v and %v, want %v", n, err, closing, io.ErrShortWrite)
		}
		if err := j.Decision(samples()[2]); err != io.ErrShortWrite {
			t.Fatalf("after an error: got %v, want it again", err)
		}
	}
}

// Lists that were never made are empty in the report, and what was given stays
// as it is.
func TestListsAreNeverNull(t *testing.T) {
	bare := decision.Decision{
		Findings:     []decision.Finding{{Reasons: []decision.Reason{{Facts: []decision.Fact{{}}}}}},
		Alternatives: []decision.Alternative{{}}, Candidates: []decision.Candidate{{}}, Rejected: []decision.Rejected{{}},
	}
	for _, d := range []decision.Decision{{}, bare} {
		var tree any
		data, err := json.Marshal(whole(d))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &tree); err != nil {
			t.Fatal(err)
		}
		amounts := []string{"low", "expected", "high", "amount", "quantity", "rate", "difference"}
		var walk func(at string, value any)
		walk = func(at string, value any) {
			switch value := value.(type) {
			case nil:
				if !slices.Contains(amounts, at[strings.LastIndexByte(at, '/')+1:]) {
					t.Errorf("%s is null", at)
				}
			case map[string]any:
				for name, part := range value {
					walk(at+"/"+name, part)
				}
			case []any:
				for i, part := range value {
					walk(fmt.Sprintf("%s/%d", at, i), part)
				}
			}
		}
		walk("", tree)
	}
	if bare.Findings[0].Facts != nil || bare.Findings[0].Reasons[0].Facts[0].Sources != nil || bare.Alternatives[0].Conditions != nil {
		t.Error("the decision given was changed")
	}
}

func compiled(t *testing.T) *jsonschema.Schema { return compiledSchema(t, "report") }

func compiledSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	data, err := schemas.Schema(name)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft2020
	compiler.AssertFormat = true
	if err := compiler.AddResource(name+".schema.json", bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func tree(t *testing.T, data []byte) any {
	t.Helper()
	var value any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestReportsKeepToTheSchema(t *testing.T) {
	schema := compiled(t)
	for name, data := range map[string][]byte{
		"nothing": stream(t, nil, nil), "samples": stream(t, samples(), problems), "real": stream(t, real(t), problems),
	} {
		if err := schema.Validate(tree(t, data)); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
	}
	examples, _ := schemaTree(t)["examples"].([]any)
	if len(examples) == 0 {
		t.Fatal("the schema has no example")
	}
	for _, example := range examples {
		if err := schema.Validate(example); err != nil {
			t.Errorf("the schema's own example: %#v", err)
		}
	}
}

// The schema refuses what a report must not be.
func TestSchemaRefuses(t *testing.T) {
	schema := compiled(t)
	for name, change := range map[string]func(report, decision map[string]any){
		"an unknown member":          func(report, _ map[string]any) { report["extra"] = true },
		"an unknown finding member":  func(_, d map[string]any) { first(d["findings"])["extra"] = true },
		"no summary":                 func(report, _ map[string]any) { delete(report, "summary") },
		"another verdict":            func(_, d map[string]any) { d["verdict"] = "ok" },
		"another status":             func(_, d map[string]any) { first(d["findings"])["status"] = "skipped" },
		"a number for money":         func(_, d map[string]any) { d["cost"].(map[string]any)["known"] = json.Number("1.5") },
		"an exponent":                func(_, d map[string]any) { d["cost"].(map[string]any)["known"] = "1e5" },
		"a null list":                func(_, d map[string]any) { d["findings"] = nil },
		"a day that is none":         func(report, _ map[string]any) { report["asOf"] = "today" },
		"an alternative in review":   func(_, d map[string]any) { first(d["alternatives"])["verdict"] = "review" },
		"a candidate that passes":    func(_, d map[string]any) { first(d["candidates"])["verdict"] = "pass" },
		"a digest that is no digest": func(report, _ map[string]any) { report["catalog"] = map[string]any{"digest": "abc"} },
	} {
		report := tree(t, stream(t, samples(), problems)).(map[string]any)
		change(report, first(report["decisions"]))
		if schema.Validate(report) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func first(list any) map[string]any { return list.([]any)[0].(map[string]any) }

func schemaTree(t *testing.T) map[string]any { return schemaTreeOf(t, "report") }

func schemaTreeOf(t *testing.T, name string) map[string]any {
	t.Helper()
	data, err := schemas.Schema(name)
	if err != nil {
		t.Fatal(err)
	}
	return tree(t, data).(map[string]any)
}

// Every field of the report is described by the schema, and nothing else is:
// it is required unless it may be left out, and lists, objects and amounts are
// what they are in Go.
func TestSchemaHasEveryField(t *testing.T) {
	everyField(t, schemaTree(t), reflect.TypeFor[decision.Report]())
}

func everyField(t *testing.T, root map[string]any, whole reflect.Type) {
	t.Helper()
	resolve := func(node map[string]any) map[string]any {
		for {
			ref, ok := node["$ref"].(string)
			if !ok {
				return node
			}
			node = root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		}
	}
	used := map[string]bool{}
	amount := reflect.TypeFor[decimal.Decimal]()
	var check func(at string, kind reflect.Type, node map[string]any)
	check = func(at string, kind reflect.Type, node map[string]any) {
		if ref, ok := node["$ref"].(string); ok {
			used[strings.TrimPrefix(ref, "#/$defs/")] = true
		}
		if node["description"] == nil && resolve(node)["description"] == nil {
			t.Errorf("%s: the schema has no description", at)
		}
		nullable := false
		if kind.Kind() == reflect.Pointer {
			kind, nullable = kind.Elem(), true
		}
		switch {
		case kind == amount && nullable && node["anyOf"] != nil:
			branches := node["anyOf"].([]any)
			if len(branches) != 2 || branches[0].(map[string]any)["$ref"] != "#/$defs/decimal" || branches[1].(map[string]any)["type"] != "null" {
				t.Errorf("%s: expected a decimal or null", at)
			}
		case kind == amount:
			if node["$ref"] != "#/$defs/decimal" {
				t.Errorf("%s: expected a decimal", at)
			}
		case kind.Implements(reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]()):
			if node["enum"] == nil && node["const"] == nil {
				t.Errorf("%s: expected an enum", at)
			}
		case kind.Kind() == reflect.Slice:
			node = resolve(node)
			if node["type"] != "array" {
				t.Fatalf("%s: expected an array", at)
			}
			check(at+"[]", kind.Elem(), describe(node["items"].(map[string]any)))
		case kind.Kind() == reflect.Map:
			if n := resolve(node); n["type"] != "object" || n["additionalProperties"].(map[string]any)["type"] != "string" {
				t.Errorf("%s: expected an object of strings", at)
			}
		case nullable && node["anyOf"] != nil && kind.Kind() != reflect.Bool:
			branches := node["anyOf"].([]any)
			if len(branches) != 2 || branches[1].(map[string]any)["type"] != "null" {
				t.Errorf("%s: expected a value or null", at)
			}
			check(at, kind, describe(branches[0].(map[string]any)))
		case kind.Kind() == reflect.Struct:
			node = resolve(node)
			if node["additionalProperties"] != false {
				t.Errorf("%s: expected additionalProperties: false", at)
			}
			properties := node["properties"].(map[string]any)
			var names, required []string
			for _, f := range reflect.VisibleFields(kind) {
				name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
				if name == "-" || f.Anonymous || !f.IsExported() {
					continue
				}
				if name == "" {
					t.Errorf("%s: field %s has no JSON name", at, f.Name)
				}
				names = append(names, name)
				property, ok := properties[name].(map[string]any)
				if !ok {
					t.Errorf("%s/%s is not in the schema", at, name)
					continue
				}
				if options != "omitempty" {
					required = append(required, name)
				}
				check(at+"/"+name, f.Type, property)
			}
			for name := range properties {
				if !slices.Contains(names, name) {
					t.Errorf("%s/%s is in the schema and in no report", at, name)
				}
			}
			var stated []string
			for _, name := range node["required"].([]any) {
				stated = append(stated, name.(string))
			}
			slices.Sort(required)
			slices.Sort(stated)
			if !slices.Equal(required, stated) {
				t.Errorf("%s: the schema requires %v, want %v", at, stated, required)
			}
		case kind.Kind() == reflect.Bool && nullable:
			branches := node["anyOf"].([]any)
			if len(branches) != 2 || branches[0].(map[string]any)["type"] != "boolean" || branches[1].(map[string]any)["type"] != "null" {
				t.Errorf("%s: expected a boolean or null", at)
			}
		case kind.Kind() == reflect.Bool:
			if resolve(node)["type"] != "boolean" {
				t.Errorf("%s: expected a boolean", at)
			}
		case kind.Kind() == reflect.Int:
			if resolve(node)["type"] != "integer" {
				t.Errorf("%s: expected an integer", at)
			}
		case kind.Kind() == reflect.String:
			if n := resolve(node); n["type"] != "string" && n["enum"] == nil && n["const"] == nil && n["anyOf"] == nil {
				t.Errorf("%s: expected a string", at)
			}
		default:
			t.Errorf("%s: %v is not known to this test", at, kind)
		}
	}
	check("", whole, root)
	for name, def := range root["$defs"].(map[string]any) {
		data, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		if !used[name] && !bytes.Contains(data, []byte(`"#/$defs/`+name+`"`)) {
			t.Errorf("definition %s is not used: %v", name, def)
		}
	}
}

// describe lets the items of a list of words go without a description: the
// list has one.
func describe(items map[string]any) map[string]any {
	if items["$ref"] != nil || items["description"] != nil {
		return items
	}
	described := map[string]any{"description": "an item"}
	for name, value := range items {
		described[name] = value
	}
	return described
}

// The words of the schema are those that the program has.
func TestSchemaWords(t *testing.T) {
	defs := schemaTree(t)["$defs"].(map[string]any)
	enum := func(def, name string) []string {
		var words []string
		for _, word := range defs[def].(map[string]any)["properties"].(map[string]any)[name].(map[string]any)["enum"].([]any) {
			words = append(words, word.(string))
		}
		return words
	}
	var statuses, verdicts []string
	for s := decision.Unknown; s <= decision.Waived; s++ {
		statuses = append(statuses, s.String())
	}
	for v := decision.Review; v <= decision.Failed; v++ {
		verdicts = append(verdicts, v.String())
	}
	var standings []string
	for s := decision.Used; ; s-- {
		if standings = append(standings, s.String()); s == 0 {
			break
		}
	}
	got := enum("waiverUse", "status")
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(standings))) {
		t.Errorf("standings: got %v, want %v", got, standings)
	}
	if got := enum("waiver", "status"); !slices.Equal(got, []string{"fail", "unknown"}) {
		t.Errorf("statuses of what is waived: got %v", got)
	}
	if got := enum("finding", "status"); !slices.Equal(got, statuses) {
		t.Errorf("statuses: got %v, want %v", got, statuses)
	}
	if got := enum("decision", "verdict"); !slices.Equal(got, verdicts) {
		t.Errorf("verdicts: got %v, want %v", got, verdicts)
	}
	if got := enum("finding", "severity"); !slices.Equal(got, severities) {
		t.Errorf("severities: got %v, want %v", got, severities)
	}
	vendor, err := schemas.Schema("vendor")
	if err != nil {
		t.Fatal(err)
	}
	source := tree(t, vendor).(map[string]any)["$defs"].(map[string]any)["source"].(map[string]any)["properties"].(map[string]any)
	for _, name := range []string{"kind", "copy"} {
		var want []string
		for _, word := range source[name].(map[string]any)["enum"].([]any) {
			want = append(want, word.(string))
		}
		if got := enum("source", name); !slices.Equal(got, want) {
			t.Errorf("source.%s: got %v, want %v as in the vendor schema", name, got, want)
		}
	}
}

func TestVendorJSON(t *testing.T) {
	var one, many bytes.Buffer
	if err := VendorJSON(&one, acme()); err != nil {
		t.Fatal(err)
	}
	golden(t, "vendor.json", one.Bytes())
	if err := VendorsJSON(&many, append(shipped(t), &catalog.Vendor{ID: "bare"})); err != nil {
		t.Fatal(err)
	}
	vendors := tree(t, many.Bytes()).([]any)
	if got, want := len(vendors), len(shipped(t))+1; got != want {
		t.Errorf("got %d vendors, want %d", got, want)
	}
	for _, v := range vendors {
		for name, value := range v.(map[string]any) {
			if value == nil {
				t.Errorf("vendor %v: %s is null", v.(map[string]any)["id"], name)
			}
		}
	}
	if bytes.Contains(many.Bytes(), []byte(`\u0026`)) || !bytes.HasSuffix(many.Bytes(), []byte("]\n")) {
		t.Error("want no HTML escapes and a newline at the end")
	}
}

func TestControlsJSON(t *testing.T) {
	var one, many bytes.Buffer
	if err := ControlJSON(&one, controls()[1]); err != nil {
		t.Fatal(err)
	}
	if err := ControlsJSON(&many, controls()); err != nil {
		t.Fatal(err)
	}
	golden(t, "control.json", one.Bytes())
	golden(t, "controls.json", many.Bytes())
	var empty bytes.Buffer
	if err := ControlsJSON(&empty, nil); err != nil || empty.String() != "[]\n" {
		t.Errorf("no controls: got %q and %v, want an empty list", empty.String(), err)
	}
}

package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/document"
)

const least = "apiVersion: caveat/v1\nkind: Workload\nmetadata: {name: w}\nspec:\n  data: {classes: [phi, internal]}\n"

// read loads a file that holds one good document.
func read(t testing.TB, path, text string) document.Document {
	t.Helper()
	documents, problems := loader(t).Bytes(path, []byte(text))
	if len(documents) != 1 || len(problems) != 0 {
		t.Fatalf("%s: got %d documents, %v", text, len(documents), problems)
	}
	return documents[0]
}

func plainJSON(t testing.TB, node *document.Node) string {
	t.Helper()
	data, err := json.Marshal(node.Plain())
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestFilledIn shows what loading adds to a manifest and how it writes words.
func TestFilledIn(t *testing.T) {
	const lists = `{"agreements":[],"certifications":[],"deployment":[],"gpuModels":[],"hosting":[],"isolation":[],"packaging":[]}`
	for name, c := range map[string]struct{ rest, pointer, want string }{
		"stage is operate":                        {"", "/spec/stage", `"operate"`},
		"a stated stage stays":                    {"  stage: select\n", "/spec/stage", `"select"`},
		"uses is empty":                           {"", "/spec/uses", "[]"},
		"placement is free":                       {"", "/spec/placement", "{}"},
		"service asks nothing":                    {"", "/spec/service", "{}"},
		"requires asks nothing":                   {"", "/spec/requires", lists},
		"requires is filled where it is partial":  {"  requires: {sso: true}\n", "/spec/requires", strings.Replace(lists, `"packaging":[]`, `"packaging":[],"sso":true`, 1)},
		"one node":                                {"", "/spec/resources", `{"nodes":1}`},
		"one GPU":                                 {"  resources: {gpu: {model: T4}}\n", "/spec/resources", `{"gpu":{"count":1,"model":"T4"},"nodes":1}`},
		"no GPU where none is asked for":          {"  resources: {cpu: 2}\n", "/spec/resources", `{"cpu":2,"nodes":1}`},
		"uses reach every class":                  {"  uses: [{feature: a}, {feature: b, data: [phi]}, {feature: c, data: []}]\n", "/spec/uses", `[{"data":["phi","internal"],"feature":"a"},{"data":["phi"],"feature":"b"},{"data":[],"feature":"c"}]`},
		"residency is for all activities":         {"", "/spec/data/residency", ""},
		"no usage is made up":                     {"", "/spec/usage", ""},
		"no role is made up":                      {"", "/spec/role", ""},
		"no subjects are made up":                 {"", "/spec/data/subjects", ""},
		"GPU by its alias":                        {"  resources: {gpu: {model: a100-80}}\n", "/spec/resources/gpu/model", `"A100-80GB"`},
		"GPU with a space":                        {"  resources: {gpu: {model: A100 80GB}}\n", "/spec/resources/gpu/model", `"A100-80GB"`},
		"GPU in lower case":                       {"  resources: {gpu: {model: h100}}\n", "/spec/resources/gpu/model", `"H100"`},
		"GPU with the maker's name":               {"  resources: {gpu: {model: NVIDIA H100}}\n", "/spec/resources/gpu/model", `"H100"`},
		"GPU models required":                     {"  requires: {gpuModels: [a100-40, b200-180gb]}\n", "/spec/requires/gpuModels", `["A100-40GB","B200"]`},
		"certifications in other spellings":       {"  requires: {certifications: [SOC 2 Type II, ISO-27001, PCI DSS]}\n", "/spec/requires/certifications", `["soc2-type2","iso27001","pci-dss"]`},
		"agreements in other spellings":           {"  requires: {agreements: [BAA, Data Processing Agreement, SCCs]}\n", "/spec/requires/agreements", `["baa","dpa","scc"]`},
		"packaging in other spellings":            {"  requires: {packaging: [Docker, Kubernetes]}\n", "/spec/requires/packaging", `["container","helm"]`},
		"deployment in other spellings":           {"  requires: {deployment: [Serverless]}\n", "/spec/requires/deployment", `["serverless-functions"]`},
		"data that reaches a feature":             {"  uses: [{feature: a, data: [PHI]}]\n", "/spec/uses/0/data", `["phi"]`},
		"a vendor's own names are not rewritten":  {"  placement: {vendor: MODAL, regions: [USA]}\n", "/spec/placement", `{"regions":["USA"],"vendor":"MODAL"}`},
		"features are not rewritten":              {"  uses: [{feature: PHI, data: []}]\n", "/spec/uses/0/feature", `"PHI"`},
		"Norway is a country and not a refusal":   {"  requires: {noTraining: true}\n", "/spec/requires/noTraining", "true"},
		"a number keeps the digits of the source": {"  resources: {cpu: 0.50}\n", "/spec/resources/cpu", "0.50"},
	} {
		t.Run(name, func(t *testing.T) {
			root := read(t, "w.yaml", least+c.rest).Root
			node, _, _, _ := root.At(c.pointer)
			if c.want == "" {
				if node != nil {
					t.Errorf("%s: got %s, want nothing", c.pointer, plainJSON(t, node))
				}
				return
			}
			if node == nil {
				t.Fatalf("%s: got nothing, want %s", c.pointer, c.want)
			}
			if got := plainJSON(t, node); got != c.want {
				t.Errorf("%s: got %s, want %s", c.pointer, got, c.want)
			}
		})
	}
}

func TestResidency(t *testing.T) {
	const head = "apiVersion: caveat/v1\nkind: Workload\nmetadata: {name: w}\nspec:\n  data:\n    classes: [pii]\n    subjects: [USA, no, GB]\n    residency: "
	for name, c := range map[string]struct{ text, want string }{
		"a list is for all four":      {"[USA, no]", `{"logs":["us","no"],"process":["us","no"],"store":["us","no"],"support":["us","no"]}`},
		"by activity is what it says": {"{process: [united-kingdom], logs: [eu]}", `{"logs":["eu"],"process":["uk"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			root := read(t, "w.yaml", head+c.text+"\n").Root
			if got := plainJSON(t, root.Field("spec").Field("data").Field("residency")); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if got := plainJSON(t, root.Field("spec").Field("data").Field("subjects")); got != `["us","no","uk"]` {
				t.Errorf("got %s", got)
			}
			for _, pointer := range []string{"/spec/data/residency", "/spec/data/residency/logs"} {
				if _, line, _, _ := root.At(pointer); line != 8 {
					t.Errorf("%s: got line %d, want 8", pointer, line)
				}
			}
		})
	}
}

// TestPlacesOfDefaults shows that what is filled in points to where it belongs.
func TestPlacesOfDefaults(t *testing.T) {
	root := read(t, "w.yaml", least+"  uses:\n    - {feature: a}\n").Root
	for pointer, want := range map[string]string{
		"/spec/stage":               "5:3",
		"/spec/requires":            "5:3",
		"/spec/requires/agreements": "5:3",
		"/spec/uses/0/data":         "7:7",
		"/spec/uses/0/data/0":       "5:20",
	} {
		node, line, column, _ := root.At(pointer)
		if got := fmt.Sprintf("%d:%d", line, column); node == nil || got != want {
			t.Errorf("%s: got %s, want %s", pointer, got, want)
		}
	}
}

// TestVendorsStayAsWritten holds that only manifests are completed: in a vendor
// document what is left out is unknown.
func TestVendorsStayAsWritten(t *testing.T) {
	const text = `{"apiVersion":"caveat/v1","kind":"Vendor","metadata":{"id":"acme","name":"Acme"},"plans":{"team":{"name":"Team"}},"products":{"pods":{"name":"Pods"}},"sources":{}}`
	if got := plainJSON(t, read(t, "v.json", text).Root); got != text {
		t.Errorf("got %s, want %s", got, text)
	}
}

const whole = `# A workload with a bit of everything.
apiVersion: caveat/v1
kind: Workload
metadata: {name: w, owner: "us", labels: {a: "1", b: "2"}}
spec:
  stage: select
  role: covered-entity
  data:
    classes: [phi]
    subjects: [us]
    residency: [us]
  placement: {vendor: modal, plan: enterprise, regions: [us-east]}
  uses:
    - {feature: volumes-v1, data: [phi]}
    - {feature: memory-snapshots, data: []}
  resources: {gpu: {model: H100, count: 2}, cpu: 4.50, memory: 32GiB}
  usage: {jobs: [{count: 1200, duration: 47m}]}
  service: {coldStart: 10s, uptime: 99.9}
  requires: {agreements: [baa], monthlyCost: 4000 USD, sso: true}
`

// wholeJSON is the same document.
const wholeJSON = `{
  "kind": "Workload", "apiVersion": "caveat\/v1",
  "metadata": {"labels": {"b": "2", "a": "1"}, "name": "\u0077", "owner": "us"},
  "spec": {
    "requires": {"sso": true, "agreements": ["baa"], "monthlyCost": "4000 USD"},
    "service": {"uptime": 99.9, "coldStart": "10s"},
    "usage": {"jobs": [{"duration": "47m", "count": 1200}]},
    "resources": {"memory": "32GiB", "cpu": 4.50, "gpu": {"count": 2, "model": "H100"}},
    "uses": [{"data": ["phi"], "feature": "volumes-v1"}, {"data": [], "feature": "memory-snapshots"}],
    "placement": {"regions": ["us-east"], "vendor": "modal", "plan": "enterprise"},
    "data": {"residency": ["us"], "subjects": ["us"], "classes": ["phi"]},
    "role": "covered-entity", "stage": "select"}}`

func TestDigest(t *testing.T) {
	want := read(t, "w.yaml", whole)
	if !strings.HasPrefix(want.Digest, "sha256:") || len(want.Digest) != 71 {
		t.Fatalf("got %s", want.Digest)
	}
	replace := func(old, new string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("%s is not in the document", old)
		}
		return strings.Replace(whole, old, new, 1)
	}
	for name, c := range map[string]struct {
		path, text string
		same       bool
	}{
		"JSON":                         {"w.json", wholeJSON, true},
		"JSON in a file called .yaml":  {"w.yaml", wholeJSON, true},
		"another name":                 {"elsewhere/x.yml", whole, true},
		"comments":                     {"w.yaml", "# one\n" + replace("  stage: select\n", "  # two\n  stage: select # three\n"), true},
		"CRLF":                         {"w.yaml", strings.ReplaceAll(whole, "\n", "\r\n"), true},
		"byte order mark":              {"w.yaml", "\xef\xbb\xbf" + whole, true},
		"document markers":             {"w.yaml", "---\n" + whole + "...\n", true},
		"other order of keys":          {"w.yaml", replace("  stage: select\n  role: covered-entity\n", "  role: covered-entity\n  stage: select\n"), true},
		"other quotes":                 {"w.yaml", replace("stage: select", "'stage': \"select\""), true},
		"block for flow":               {"w.yaml", replace("  requires: {agreements: [baa], monthlyCost: 4000 USD, sso: true}", "  requires:\n    agreements:\n      - baa\n    sso: true\n    monthlyCost: 4000 USD"), true},
		"True for true":                {"w.yaml", replace("sso: true", "sso: TRUE"), true},
		"another spelling of a word":   {"w.yaml", replace("model: H100", "model: nvidia-h100"), true},
		"a default written out":        {"w.yaml", replace("memory: 32GiB}", "memory: 32GiB, nodes: 1}"), true},
		"residency written out":        {"w.yaml", replace("residency: [us]", "residency: {process: [us], store: [us], logs: [us], support: [us]}"), true},
		"an anchor":                    {"w.yaml", replace("subjects: [us]\n    residency: [us]", "subjects: &us [us]\n    residency: *us"), true},
		"octal for decimal":            {"w.yaml", replace("count: 2", "count: 0o2"), true},
		"another name of the workload": {"w.yaml", replace("name: w,", "name: v,"), false},
		"another stage":                {"w.yaml", replace("stage: select", "stage: operate"), false},
		"another number":               {"w.yaml", replace("count: 1200", "count: 1201"), false},
		"another order of a list":      {"w.yaml", replace("    - {feature: volumes-v1, data: [phi]}\n    - {feature: memory-snapshots, data: []}", "    - {feature: memory-snapshots, data: []}\n    - {feature: volumes-v1, data: [phi]}"), false},
		"other digits":                 {"w.yaml", replace("cpu: 4.50", "cpu: 4.5"), false},
		"a key less":                   {"w.yaml", replace(", sso: true", ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			got := read(t, c.path, c.text)
			if same := got.Digest == want.Digest; same != c.same {
				t.Errorf("got same %v, want %v", same, c.same)
			}
			if same := reflect.DeepEqual(got.Root.Plain(), want.Root.Plain()); same != c.same {
				t.Errorf("got\n%s\nbeside\n%s", plainJSON(t, got.Root), plainJSON(t, want.Root))
			}
		})
	}
}

// shuffled writes a value as flow YAML or JSON with its keys in any order and
// any white space between.
func shuffled(t *rapid.T, value any, yaml bool) string {
	space := func() string {
		options := []string{"", " ", "\n ", "\r\n\t"}
		if yaml {
			options = []string{" ", "  ", "\n   ", " # a comment\n "}
		}
		return rapid.SampledFrom(options).Draw(t, "space")
	}
	var b strings.Builder
	switch value := value.(type) {
	case map[string]any:
		names := make([]string, 0, len(value))
		for name := range value {
			names = append(names, name)
		}
		slices.Sort(names)
		names = rapid.Permutation(names).Draw(t, "order")
		b.WriteString("{")
		for i, name := range names {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(space() + shuffled(t, name, yaml) + ":" + space() + shuffled(t, value[name], yaml))
		}
		b.WriteString("}")
	case []any:
		b.WriteString("[")
		for i, part := range value {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(space() + shuffled(t, part, yaml))
		}
		b.WriteString("]")
	default:
		data, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(data)
	}
	return b.String()
}

// TestLayoutDoesNotMatter writes the same document in many ways.
func TestLayoutDoesNotMatter(t *testing.T) {
	l := loader(t)
	want := read(t, "w.yaml", whole)
	rapid.Check(t, func(t *rapid.T) {
		yaml := rapid.Bool().Draw(t, "yaml")
		path := "w.json"
		if yaml {
			path = "w.yaml"
		}
		text := shuffled(t, want.Root.Plain(), yaml)
		documents, problems := l.Bytes(path, []byte(text))
		if len(problems) != 0 || len(documents) != 1 {
			t.Fatalf("%s: got %d documents, %v", text, len(documents), problems)
		}
		if documents[0].Digest != want.Digest || !reflect.DeepEqual(documents[0].Root.Plain(), want.Root.Plain()) {
			t.Fatalf("got %s of %s", documents[0].Digest, text)
		}
	})
}

// TestDocumentsDoNotShare holds that reading a document twice, or completing
// one, changes no other: defaults and aliases are copied.
func TestDocumentsDoNotShare(t *testing.T) {
	l := loader(t)
	text := []byte(whole + "---\n" + whole + "---\n" + least)
	first, _ := l.Bytes("w.yaml", text)
	second, _ := l.Bytes("w.yaml", text)
	if len(first) != 3 || len(second) != 3 {
		t.Fatalf("got %d and %d documents", len(first), len(second))
	}
	first[2].Root.Field("spec").Field("requires").Field("agreements").Items = []*document.Node{{Value: "baa"}}
	first[0].Root.Field("spec").Field("uses").Items = nil
	if first[1].Digest != second[0].Digest || !reflect.DeepEqual(first[1].Root.Plain(), second[0].Root.Plain()) {
		t.Errorf("got two readings")
	}
	if got := plainJSON(t, second[2].Root.Field("spec").Field("requires").Field("agreements")); got != "[]" {
		t.Errorf("got %s", got)
	}
}

func TestSeveralGoroutines(t *testing.T) {
	l, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := read(t, "w.yaml", whole).Digest
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			documents, problems := l.Bytes("w.yaml", []byte(whole))
			if len(problems) != 0 || documents[0].Digest != want {
				t.Errorf("got %v", problems)
			}
		})
	}
	group.Wait()
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	good := write(t, filepath.Join(dir, "good.yaml"), whole)
	secret := write(t, filepath.Join(dir, "secret.yaml"), whole)
	if err := os.Chmod(secret, 0); err != nil {
		t.Fatal(err)
	}
	large := write(t, filepath.Join(dir, "large.json"), "")
	if err := os.Truncate(large, maxBytes+1); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path, stdin string
		want        string
	}{
		"a file":                       {path: good},
		"a file that is not there":     {path: filepath.Join(dir, "none.yaml"), want: "no such file or folder; expected a document; check the path"},
		"a folder":                     {path: dir, want: "is a folder; expected a file"},
		"a file too large":             {path: large, want: "larger than 16 MiB; expected a document of caveat; check that this is the right file"},
		"standard input":               {path: "-", stdin: whole},
		"standard input in JSON":       {path: "-", stdin: wholeJSON},
		"standard input that is empty": {path: "-", stdin: "\n", want: "empty; expected a document with apiVersion, kind and metadata; `caveat init` writes one"},
		"a file below a file":          {path: filepath.Join(good, "x.yaml"), want: "cannot be read: not a directory"},
		"a file that may not be read":  {path: secret, want: "may not be read; expected a readable file; change its permissions"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.path == secret && os.Geteuid() == 0 {
				t.Skip("root may read everything")
			}
			l, err := New(strings.NewReader(c.stdin))
			if err != nil {
				t.Fatal(err)
			}
			documents, problems := l.File(t.Context(), c.path)
			if c.want == "" {
				if len(documents) != 1 || len(problems) != 0 || documents[0].Path != c.path {
					t.Errorf("got %d documents, %v", len(documents), problems)
				}
				return
			}
			if len(documents) != 0 || len(problems) != 1 || problems[0].Message != c.want || problems[0].Path != c.path {
				t.Errorf("got %d documents, %v, want %s", len(documents), problems, c.want)
			}
		})
	}
	t.Run("no standard input", func(t *testing.T) {
		documents, problems := loader(t).File(t.Context(), "-")
		if len(documents) != 0 || len(problems) != 1 || problems[0].Message != "there is no standard input; expected a document; name a file" {
			t.Errorf("got %v", problems)
		}
	})
	t.Run("standard input that fails", func(t *testing.T) {
		l, err := New(iotest.ErrReader(os.ErrDeadlineExceeded))
		if err != nil {
			t.Fatal(err)
		}
		documents, problems := l.File(t.Context(), "-")
		if len(documents) != 0 || len(problems) != 1 || !strings.HasPrefix(problems[0].Message, "cannot be read: ") {
			t.Errorf("got %v", problems)
		}
	})
	t.Run("a run that was called off", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		documents, problems := loader(t).File(ctx, good)
		if len(documents) != 0 || len(problems) != 1 || problems[0].Message != "context canceled" {
			t.Errorf("got %v", problems)
		}
	})
	t.Run("a file as large as it may be", func(t *testing.T) {
		text := wholeJSON + strings.Repeat(" ", maxBytes-len(wholeJSON))
		l, err := New(bytes.NewReader([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		if documents, problems := l.File(t.Context(), "-"); len(documents) != 1 || len(problems) != 0 {
			t.Errorf("got %v", problems)
		}
	})
}

func TestFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"b.yaml", "a.yml", "c.json", "notes.txt", "d/z.yaml", "d/y/x.json", "d/.hidden.yaml", "d/.git/config.yaml", ".secret/w.yaml", "empty/readme.md", "d/UPPER.YAML"} {
		write(t, name, "")
	}
	if err := os.MkdirAll("d/folder.yaml", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		paths, want []string
		problems    string
	}{
		"nothing":                          {nil, nil, ""},
		"a file":                           {[]string{"b.yaml"}, []string{"b.yaml"}, ""},
		"a file of any name":               {[]string{"notes.txt", ".secret/w.yaml"}, []string{"notes.txt", ".secret/w.yaml"}, ""},
		"files in the order given":         {[]string{"c.json", "a.yml", "b.yaml"}, []string{"c.json", "a.yml", "b.yaml"}, ""},
		"a folder in the order of names":   {[]string{"d"}, []string{"d/y/x.json", "d/z.yaml"}, ""},
		"a folder with a slash":            {[]string{"d/"}, []string{"d/y/x.json", "d/z.yaml"}, ""},
		"this folder":                      {[]string{"."}, []string{"a.yml", "b.yaml", "c.json", "d/y/x.json", "d/z.yaml"}, ""},
		"a hidden folder asked for":        {[]string{".secret"}, []string{".secret/w.yaml"}, ""},
		"each once":                        {[]string{"d/z.yaml", "d", "./d/z.yaml", "d//z.yaml", "d/y/../z.yaml"}, []string{"d/z.yaml", "d/y/x.json"}, ""},
		"standard input, once":             {[]string{"-", "b.yaml", "-"}, []string{"-", "b.yaml"}, ""},
		"a folder without documents":       {[]string{"empty"}, nil, "empty: folder has no documents; expected *.yaml, *.yml or *.json files; name the right folder"},
		"a file that is not there":         {[]string{"b.yaml", "none.yaml", "a.yml"}, []string{"b.yaml", "a.yml"}, "none.yaml: no such file or folder; expected a document; check the path"},
		"a folder that is found to repeat": {[]string{"d", "d/y"}, []string{"d/y/x.json", "d/z.yaml"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, problems := Files(c.paths)
			for i := range got {
				got[i] = filepath.ToSlash(got[i])
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			var messages []string
			for _, problem := range problems {
				messages = append(messages, problem.Error())
			}
			if strings.Join(messages, "\n") != c.problems {
				t.Errorf("got %v, want %s", messages, c.problems)
			}
		})
	}
}

// TestExamples loads each example that the workload schema gives, in its place.
func TestExamples(t *testing.T) {
	l := loader(t)
	s, err := l.schema("Workload")
	if err != nil {
		t.Fatal(err)
	}
	base := read(t, "w.yaml", least)
	found := 0
	var walk func(part map[string]any, at string)
	try := func(at string, example any) {
		found++
		t.Run(fmt.Sprintf("%s %v", at, example), func(t *testing.T) {
			tree, _ := base.Root.Plain().(map[string]any)
			put(t, tree, document.Split(at), example)
			data, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			read(t, "w.json", string(data))
		})
	}
	walk = func(part map[string]any, at string) {
		part = s.resolve(part)
		examples, _ := part["examples"].([]any)
		for _, example := range examples {
			try(at, example)
		}
		properties, _ := part["properties"].(map[string]any)
		for name, property := range properties {
			property, _ := property.(map[string]any)
			if _, ref := property["$ref"]; ref {
				if own, ok := property["examples"].([]any); ok {
					for _, example := range own {
						try(at+document.Join(name), example)
					}
				}
			}
			walk(property, at+document.Join(name))
		}
		if items, ok := part["items"].(map[string]any); ok {
			walk(items, at+"/0")
		}
		branches, _ := part["anyOf"].([]any)
		for _, branch := range branches {
			branch, _ := branch.(map[string]any)
			walk(branch, at)
		}
	}
	walk(s.raw, "")
	if found < 15 {
		t.Errorf("got %d examples", found)
	}
}

// put sets a value in a tree, with what has to stand around it.
func put(t *testing.T, tree map[string]any, parts []string, value any) {
	t.Helper()
	beside := map[string]map[string]any{
		"gpu": {"model": "H100"}, "model": {"name": "m"}, "infrastructure": {"vendor": "aws"}, "alwaysOn": {"replicas": 1},
		"uses": {"feature": "f", "data": []any{}}, "jobs": {"count": 1, "duration": "1s"}, "residency": {},
		"traffic": {"trace": "chat.csv", "concurrency": 1}, "profile": {"file": "rates.csv"},
	}
	for i, part := range parts[:len(parts)-1] {
		if i+1 == len(parts)-1 && parts[i+1] == "0" {
			tree[part] = []any{value}
			return
		}
		next, ok := tree[part].(map[string]any)
		if !ok {
			next = maps.Clone(beside[part])
			if next == nil {
				next = map[string]any{}
			}
			tree[part] = next
		}
		if parts[i+1] == "0" {
			tree[part] = []any{next}
			put(t, next, parts[i+2:], value)
			return
		}
		tree = next
	}
	tree[parts[len(parts)-1]] = value
}

// TestSchemaExamples checks every example of every schema against the schema
// that gives it.
func TestSchemaExamples(t *testing.T) {
	for _, name := range []string{"workload", "vendor", "account", "profile", "report"} {
		s, err := compileSchema(name)
		if err != nil {
			t.Fatal(err)
		}
		var walk func(part any, at string)
		walk = func(part any, at string) {
			switch part := part.(type) {
			case map[string]any:
				if examples, ok := part["examples"].([]any); ok && at != "/properties" {
					compiled, err := compileAt(name, at)
					if err != nil {
						t.Fatalf("%s%s: %v", name, at, err)
					}
					for _, example := range examples {
						if err := compiled.Validate(example); err != nil {
							t.Errorf("%s%s: the example %v is not what it shows: %v", name, at, example, err)
						}
					}
				}
				for key, value := range part {
					if key != "examples" {
						walk(value, at+document.Join(key))
					}
				}
			case []any:
				for i, value := range part {
					walk(value, fmt.Sprintf("%s/%d", at, i))
				}
			}
		}
		walk(s.raw, "")
	}
}

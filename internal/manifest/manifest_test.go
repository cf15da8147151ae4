package manifest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/manifest"
)

const head = "apiVersion: caveat/v1\nkind: Workload\nmetadata: {name: w, owner: us}\nspec:\n  data: {classes: [phi, internal], subjects: [us]}\n"

var shared = sync.OnceValues(func() (*load.Loader, error) { return load.New(nil) })

func read(t *testing.T, text string) document.Document {
	t.Helper()
	loader, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	documents, problems := loader.Bytes("w.yaml", []byte(text))
	if len(documents) == 0 || len(problems) != 0 {
		t.Fatalf("got %d documents, %v", len(documents), problems)
	}
	return documents[len(documents)-1]
}

func TestFromDocument(t *testing.T) {
	least := manifest.Manifest{Stage: "operate", Classes: []string{"phi", "internal"}, Subjects: []string{"us"}, Nodes: 1}
	for name, c := range map[string]struct {
		rest string
		want func(*manifest.Manifest)
	}{
		"the least": {"", func(*manifest.Manifest) {}},
		"a stage":   {"  stage: select\n", func(m *manifest.Manifest) { m.Stage = "select" }},
		"a whole placement": {"  placement: {vendor: modal, product: functions, plan: enterprise, hosting: managed, regions: [us-east, unpinned], sku: h100, capacity: reserved}\n", func(m *manifest.Manifest) {
			m.Placement = manifest.Placement{Vendor: "modal", Product: "functions", Plan: "enterprise", Hosting: "managed", Regions: []string{"us-east", "unpinned"}, SKU: "h100", Capacity: "reserved"}
		}},
		"infrastructure": {"  placement: {vendor: baseten, hosting: byoc, infrastructure: {vendor: aws, product: ec2, plan: p, region: us-east-1, sku: p5, account: main}}\n", func(m *manifest.Manifest) {
			m.Placement = manifest.Placement{Vendor: "baseten", Hosting: "byoc", Infrastructure: &manifest.Infrastructure{Vendor: "aws", Product: "ec2", Plan: "p", Region: "us-east-1", SKU: "p5", Account: "main"}}
		}},
		"features in order": {"  uses: [{feature: b}, {feature: a, data: []}]\n", func(m *manifest.Manifest) { m.Features = []string{"b", "a"} }},
		"one GPU":           {"  resources: {gpu: {model: h100}}\n", func(m *manifest.Manifest) { m.GPU, m.Count = "H100", 1 }},
		"resources": {"  resources: {gpu: {model: T4, count: 4}, cpu: 0.50, memory: 512MiB, nodes: 2}\n", func(m *manifest.Manifest) {
			m.GPU, m.Count, m.CPU, m.Memory, m.Nodes = "T4", 4, "0.50", "512MiB", 2
		}},
		"a whole number with a point":      {"  resources: {gpu: {model: T4, count: 2.0}, nodes: 1e1}\n", func(m *manifest.Manifest) { m.GPU, m.Count, m.Nodes = "T4", 2, 10 }},
		"the largest numbers":              {"  resources: {gpu: {model: T4, count: 1000000000000}, nodes: 1e12}\n", func(m *manifest.Manifest) { m.GPU, m.Count, m.Nodes = "T4", 1e12, 1e12 }},
		"GPU-hours as a number":            {"  usage: {gpuHours: 40.50}\n", func(m *manifest.Manifest) { m.Usage.GPUHours = "40.50" }},
		"GPU-hours as text":                {"  usage: {gpuHours: \"40.10\"}\n", func(m *manifest.Manifest) { m.Usage.GPUHours = "40.10" }},
		"jobs":                             {"  usage: {jobs: [{count: 1200, duration: 47m}, {count: 1, duration: 90s}]}\n", func(m *manifest.Manifest) { m.Usage.Jobs = []manifest.Job{{1200, "47m"}, {1, "90s"}} }},
		"always on":                        {"  usage: {alwaysOn: {replicas: 2}}\n", func(m *manifest.Manifest) { m.Usage.AlwaysOn = 2 }},
		"words of the vocabulary are ours": {"  resources: {gpu: {model: a100-80}}\n", func(m *manifest.Manifest) { m.GPU, m.Count = "A100-80GB", 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			doc := read(t, head+c.rest)
			want := least
			c.want(&want)
			want.ID = decision.Manifest{Path: "w.yaml", Name: "w", Owner: "us", Digest: doc.Digest}
			want.Root = doc.Root
			if got := manifest.FromDocument(doc); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
	if got := manifest.FromDocument(read(t, head+"---\n"+head)); got.ID.Document != 1 {
		t.Errorf("the second document: got number %d", got.ID.Document)
	}
}

func TestAtStage(t *testing.T) {
	for name, c := range map[string]struct{ rest, stage, placement string }{
		"another stage":                        {"", "select", `{}`},
		"its own stage":                        {"", "operate", `{}`},
		"regions stay":                         {"  placement: {vendor: modal, regions: [us, eu]}\n", "select", `{"regions":["us","eu"],"vendor":"modal"}`},
		"unpinned is no region":                {"  placement: {vendor: modal, regions: [us, unpinned]}\n", "select", `{"regions":["us"],"vendor":"modal"}`},
		"unpinned alone leaves no regions":     {"  placement: {vendor: modal, regions: [unpinned]}\n", "select", `{"vendor":"modal"}`},
		"unpinned is no region in operation":   {"  placement: {regions: [unpinned, eu]}\n", "operate", `{"regions":["eu"]}`},
		"a region that is called so elsewhere": {"  placement: {vendor: unpinned}\n", "operate", `{"vendor":"unpinned"}`},
	} {
		t.Run(name, func(t *testing.T) {
			doc := read(t, head+c.rest)
			m := manifest.FromDocument(doc)
			before, err := json.Marshal(doc.Root.Plain())
			if err != nil {
				t.Fatal(err)
			}
			plain := m.AtStage(c.stage)
			spec, _ := plain["spec"].(map[string]any)
			placement, err := json.Marshal(spec["placement"])
			if err != nil {
				t.Fatal(err)
			}
			if spec["stage"] != c.stage || string(placement) != c.placement {
				t.Errorf("got %v, %s, want %s, %s", spec["stage"], placement, c.stage, c.placement)
			}
			spec["data"] = nil
			plain["kind"] = "X"
			after, err := json.Marshal(doc.Root.Plain())
			if err != nil || string(before) != string(after) || m.Stage != "operate" {
				t.Errorf("the manifest itself was changed: %s", after)
			}
		})
	}
}

// TestFixtures reads every example as a manifest.
func TestFixtures(t *testing.T) {
	files, err := filepath.Glob("../../fixtures/workloads/*.yaml")
	if err != nil || len(files) < 12 {
		t.Fatalf("got %d examples, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc := read(t, string(data))
		m := manifest.FromDocument(doc)
		if m.ID.Name == "" || len(m.Classes) == 0 || m.Nodes < 1 || m.Stage != "select" && m.Stage != "operate" || m.GPU != "" && m.Count < 1 {
			t.Errorf("%s: got %+v", file, m)
		}
	}
}

// Package manifest is a workload manifest in the form that the stages use. It
// is shared data.
package manifest

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// A Manifest is one workload manifest that its schema has accepted and loading
// has completed with defaults. Quantities stay as written.
type Manifest struct {
	ID        decision.Manifest
	Root      *document.Node
	Stage     string
	Classes   []string
	Subjects  []string
	Placement Placement
	Features  []string // under uses, in order
	GPU       string
	Count     int
	CPU       string // vCPU, "" where not stated
	Memory    string // GiB with its unit, "" where not stated
	Nodes     int
	Usage     Usage
}

// A Placement names an offering whole or in part; "" and nil are free.
type Placement struct {
	Vendor         string
	Product        string
	Plan           string
	Hosting        string
	Regions        []string
	SKU            string
	Capacity       string
	Infrastructure *Infrastructure
}

// Infrastructure is the cloud beneath an offering outside managed hosting.
type Infrastructure struct {
	Vendor, Product, Plan, Region, SKU, Account string
}

// Usage is what runs in a month: exactly one of its forms, or none.
type Usage struct {
	GPUHours string
	Jobs     []Job
	AlwaysOn int
	Traffic  *Traffic
}

// Traffic is requests as they come: a trace or a profile of rates. Quantities
// stay as written; "" and nil are not stated.
type Traffic struct {
	Trace          string
	Profile        *Profile
	Columns        Columns
	TimeUnit       string
	Where          map[string]string
	TTFT           string
	PerOutputToken string
	OutputTokens   *int
	Duration       string
	PerMonth       string
	Period         string
	Concurrency    int
	MinReplicas    *int
	MaxReplicas    *int
	ScaleDownDelay string
	ColdStart      ColdStart
	Speed          map[string]string // by GPU model
}

// A Profile is rates of requests: by the hour, or in the windows of a file.
type Profile struct {
	Hourly   []string
	Weekly   []string
	File     string
	RateUnit string
	Window   string
	Seed     int
}

// Columns are the columns of a file of traffic.
type Columns struct {
	Time, End, Duration, OutputTokens, Start, Rate string
}

// A ColdStart is how long a replica takes until it answers.
type ColdStart struct {
	Low, Typical, High string
}

// A Job is a number of equal jobs.
type Job struct {
	Count    int
	Duration string
}

// FromDocument makes a Manifest of a Workload document.
func FromDocument(doc document.Document) Manifest {
	spec := doc.Root.Field("spec")
	placement := spec.Field("placement")
	m := Manifest{
		ID: decision.Manifest{
			Path: doc.Path, Document: doc.Index, Digest: doc.Digest,
			Name: doc.Root.Field("metadata").Field("name").Text(), Owner: doc.Root.Field("metadata").Field("owner").Text(),
		},
		Root:     doc.Root,
		Stage:    spec.Field("stage").Text(),
		Classes:  spec.Field("data").Field("classes").Texts(),
		Subjects: spec.Field("data").Field("subjects").Texts(),
		Placement: Placement{
			Vendor: placement.Field("vendor").Text(), Product: placement.Field("product").Text(), Plan: placement.Field("plan").Text(),
			Hosting: placement.Field("hosting").Text(), Regions: placement.Field("regions").Texts(),
			SKU: placement.Field("sku").Text(), Capacity: placement.Field("capacity").Text(),
		},
		GPU:    spec.Field("resources").Field("gpu").Field("model").Text(),
		Count:  integer(spec.Field("resources").Field("gpu").Field("count")),
		CPU:    text(spec.Field("resources").Field("cpu")),
		Memory: text(spec.Field("resources").Field("memory")),
		Nodes:  max(1, integer(spec.Field("resources").Field("nodes"))),
	}
	if cloud := placement.Field("infrastructure"); cloud != nil {
		m.Placement.Infrastructure = &Infrastructure{
			Vendor: cloud.Field("vendor").Text(), Product: cloud.Field("product").Text(), Plan: cloud.Field("plan").Text(),
			Region: cloud.Field("region").Text(), SKU: cloud.Field("sku").Text(), Account: cloud.Field("account").Text(),
		}
	}
	for _, use := range spec.Field("uses").Items {
		m.Features = append(m.Features, use.Field("feature").Text())
	}
	usage := spec.Field("usage")
	m.Usage.GPUHours = text(usage.Field("gpuHours"))
	m.Usage.AlwaysOn = integer(usage.Field("alwaysOn").Field("replicas"))
	if jobs := usage.Field("jobs"); jobs != nil {
		for _, job := range jobs.Items {
			m.Usage.Jobs = append(m.Usage.Jobs, Job{Count: integer(job.Field("count")), Duration: job.Field("duration").Text()})
		}
	}
	m.Usage.Traffic = traffic(usage.Field("traffic"))
	return m
}

func traffic(node *document.Node) *Traffic {
	if node == nil {
		return nil
	}
	columns, request, scaling := node.Field("columns"), node.Field("request"), node.Field("scaling")
	t := &Traffic{
		Trace: node.Field("trace").Text(), TimeUnit: node.Field("timeUnit").Text(),
		Columns: Columns{
			Time: columns.Field("time").Text(), End: columns.Field("end").Text(), Duration: columns.Field("duration").Text(),
			OutputTokens: columns.Field("outputTokens").Text(), Start: columns.Field("start").Text(), Rate: columns.Field("rate").Text(),
		},
		TTFT: request.Field("ttft").Text(), PerOutputToken: request.Field("perOutputToken").Text(), Duration: request.Field("duration").Text(),
		OutputTokens: stated(request.Field("outputTokens")),
		PerMonth:     text(node.Field("perMonth")), Period: node.Field("period").Text(), Concurrency: integer(node.Field("concurrency")),
		MinReplicas: stated(scaling.Field("minReplicas")), MaxReplicas: stated(scaling.Field("maxReplicas")),
		ScaleDownDelay: scaling.Field("scaleDownDelay").Text(),
	}
	cold := scaling.Field("coldStart")
	if t.ColdStart.Typical = cold.Text(); t.ColdStart.Typical == "" {
		t.ColdStart = ColdStart{Low: cold.Field("low").Text(), Typical: cold.Field("typical").Text(), High: cold.Field("high").Text()}
	}
	if profile := node.Field("profile"); profile != nil {
		t.Profile = &Profile{
			Hourly: profile.Field("hourly").Texts(), Weekly: profile.Field("weekly").Texts(), File: profile.Field("file").Text(),
			RateUnit: profile.Field("rateUnit").Text(), Window: profile.Field("window").Text(), Seed: integer(profile.Field("seed")),
		}
	}
	t.Where, t.Speed = texts(node.Field("where")), texts(node.Field("speed"))
	return t
}

// Takes reports whether the workload runs on a GPU model: the one that it asks
// for, or one whose speed its traffic states.
func (m Manifest) Takes(gpu string) bool {
	if gpu == m.GPU {
		return true
	}
	if m.Usage.Traffic == nil || m.GPU == "" {
		return false
	}
	_, ok := m.Usage.Traffic.Speed[gpu]
	return ok
}

func stated(node *document.Node) *int {
	if node == nil {
		return nil
	}
	n := integer(node)
	return &n
}

func texts(node *document.Node) map[string]string {
	if node == nil {
		return nil
	}
	all := map[string]string{}
	for name, field := range node.Fields {
		all[name] = text(field)
	}
	return all
}

// AtStage returns the manifest's plain value, as controls see it, as of another
// stage. That no region is pinned is said by leaving regions out.
func (m Manifest) AtStage(stage string) map[string]any {
	plain, _ := m.Root.Plain().(map[string]any)
	spec, _ := plain["spec"].(map[string]any)
	if spec == nil {
		return plain
	}
	spec["stage"] = stage
	placement, _ := spec["placement"].(map[string]any)
	if regions, ok := placement["regions"].([]any); ok {
		regions = slices.DeleteFunc(slices.Clone(regions), func(region any) bool { return region == decision.Unpinned })
		placement["regions"] = regions
		if len(regions) == 0 {
			delete(placement, "regions")
		}
	}
	return plain
}

func text(node *document.Node) string {
	if node == nil || node.Value == nil {
		return ""
	}
	return fmt.Sprint(node.Value)
}

// integer reads a whole number that the schema has accepted; 1.0 is one, too.
func integer(node *document.Node) int {
	if node == nil {
		return 0
	}
	number, ok := node.Value.(json.Number)
	if !ok {
		return 0
	}
	if n, err := number.Int64(); err == nil {
		return int(n)
	}
	f, _ := number.Float64()
	return int(f)
}

package engine

import (
	"context"
	"slices"
	"testing"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/rank"
)

// TestPlaceIsTheBest holds what is chosen for an open placement to the plain way:
// every offering decided whole, and the best of them.
func TestPlaceIsTheBest(t *testing.T) {
	t.Parallel()
	e := newEngine(t, Options{Accounts: accounts()})
	verdicts := map[decision.Verdict]int{}
	groups := 0
	for i, doc := range examples(t, e) {
		placements := []string{"modal", "baseten"}
		if i%4 == 0 { // the whole catalog takes long
			placements = append(placements, "", "regions")
		}
		for _, placement := range placements {
			doc := opened(doc, placement)
			r, problems := e.prepare(context.Background(), doc)
			if len(problems) > 0 {
				continue // features of another vendor, for one
			}
			got, err := r.place(context.Background())
			want := bestOfAll(t, r)
			r.close()
			if (err == nil) != (want != nil) {
				t.Fatalf("%s at %q: got %v, want %d offerings", doc.Path, placement, err, len(want))
			}
			if want == nil {
				continue
			}
			groups = max(groups, len(want))
			verdicts[want[0].Verdict]++
			if len(got) != len(want) {
				t.Fatalf("%s at %q: got %d offerings, want %d", doc.Path, placement, len(got), len(want))
			}
			for i := range got {
				if got[i].Offering.ID != want[i].Offering {
					t.Errorf("%s at %q: got %v, want %v", doc.Path, placement, got[i].Offering.ID, want[i].Offering)
				}
			}
		}
	}
	for _, v := range []decision.Verdict{decision.Passed, decision.Review, decision.Failed} {
		if verdicts[v] == 0 {
			t.Errorf("no example is placed with verdict %v: %v", v, verdicts)
		}
	}
	if groups < 2 {
		t.Error("no example is placed in several regions")
	}
}

// opened is a manifest whose placement leaves open all but a vendor, or regions.
func opened(doc document.Document, placement string) document.Document {
	doc.Root = doc.Root.Clone()
	text := func(value string) *document.Node { return &document.Node{Value: value} }
	node := &document.Node{Kind: document.Map, Fields: map[string]*document.Node{}}
	switch placement {
	case "":
	case "regions":
		list := &document.Node{Kind: document.List, Items: []*document.Node{text("us"), text("eu")}}
		node.Fields["regions"], node.Keys = list, []document.Key{{Name: "regions"}}
	default:
		node.Fields["vendor"], node.Keys = text(placement), []document.Key{{Name: "vendor"}}
	}
	doc.Root.Field("spec").Fields["placement"] = node
	return doc
}

// bestOfAll decides every offering whole. Regions that the placement lists are
// one choice, as good as its worst, as dear as its dearest.
func bestOfAll(t *testing.T, r *run) []rank.Option {
	t.Helper()
	session, err := r.session()
	if err != nil {
		t.Fatal(err)
	}
	all := map[decision.Offering][]rank.Option{}
	for _, id := range r.choices(r.manifest.Placement) {
		e, err := r.evaluate(context.Background(), session, r.subject(id), decide.Whole)
		if err != nil {
			t.Fatal(err)
		}
		if r.manifest.Placement.Regions != nil {
			id.Region = ""
		}
		all[id] = append(all[id], e.option)
	}
	var best []rank.Option
	for _, options := range all {
		if best == nil || better(options, best) {
			best = options
		}
	}
	return best
}

func better(a, b []rank.Option) bool {
	worst := func(list []rank.Option) decision.Verdict {
		return slices.MaxFunc(list, func(x, y rank.Option) int { return x.Verdict.Better(y.Verdict) }).Verdict
	}
	unknown := func(list []rank.Option) (n int) {
		for _, o := range list {
			for _, line := range o.Cost.Lines {
				if line.Amount == nil {
					n++
				}
			}
		}
		return n
	}
	if c := worst(a).Better(worst(b)); c != 0 {
		return c < 0
	}
	if x, y := unknown(a), unknown(b); x != y {
		return x < y
	}
	return rank.Compare(slices.MaxFunc(a, rank.Compare), slices.MaxFunc(b, rank.Compare)) < 0
}

// What is placed is among what compliance is priced with, though a plan that we
// hold is the only one of its vendor that is offered otherwise.
func TestPremiumOfAPlanThatWeDoNotHold(t *testing.T) {
	e := newEngine(t, Options{Accounts: accounts(), Alternatives: 3})
	docs, problems := e.loader.File(context.Background(), "../../fixtures/workloads/support-chat.yaml")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	d := decided(t, e, docs[0])[0]
	if d.Offering.Plan != "basic" || d.Premium == nil || d.Premium.Cheapest != d.Offering || d.Premium.Compliant != d.Offering || !d.Premium.Amount.IsZero() {
		t.Errorf("got %v for %v, want what is placed as the cheapest", d.Premium, d.Offering)
	}
	if len(d.Alternatives) == 0 || d.Alternatives[0].Offering.Plan != "pro" {
		t.Errorf("got %v, want the plan that we hold first", d.Alternatives)
	}
}

// Regions that are placed on a plan that we do not hold are no alternatives of
// each other: nothing else of that plan is offered either.
func TestPlacedRegionsAreNoAlternatives(t *testing.T) {
	e := newEngine(t, Options{Accounts: accounts(), Alternatives: 500, All: true})
	docs, problems := e.loader.Bytes("w.yaml", []byte(`apiVersion: caveat/v1
kind: Workload
metadata: {name: regions}
spec:
  stage: select
  data: {classes: [internal]}
  placement: {vendor: modal, plan: team, regions: [us-east, us-west]}
  resources: {gpu: {model: H100}}
  usage: {gpuHours: 40}
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	decisions := decided(t, e, docs[0])
	if len(decisions) != 2 {
		t.Fatalf("got %d decisions, want one a region", len(decisions))
	}
	for _, d := range decisions {
		listed := 0
		for _, o := range offered(d) {
			if listed++; o.Vendor == "modal" && o.Plan == "team" {
				t.Errorf("%s lists %v", d.Offering.Region, o)
			}
		}
		if listed == 0 {
			t.Error("nothing is listed, so that this shows nothing")
		}
	}
}

// offered are the offerings of all lists of a decision.
func offered(d decision.Decision) []decision.Offering {
	var list []decision.Offering
	for _, a := range d.Alternatives {
		list = append(list, a.Offering)
	}
	for _, c := range d.Candidates {
		list = append(list, c.Offering)
	}
	for _, r := range d.Rejected {
		list = append(list, r.Offering)
	}
	return list
}

package engine

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/expand"
	"github.com/caveat-check/caveat/internal/offering"
)

const asOf = "2026-11-23"

// newEngine is an engine with the shipped catalog and the example accounts.
func newEngine(t testing.TB, options Options) *Engine {
	t.Helper()
	options.AsOf = asOf
	e, problems := New(context.Background(), options)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return e
}

// examples are the documents of fixtures/workloads.
func examples(t testing.TB, e *Engine) []document.Document {
	t.Helper()
	paths, err := filepath.Glob("../../fixtures/workloads/*.yaml")
	if err != nil || len(paths) < 12 {
		t.Fatalf("found %d examples (%v), want at least 12", len(paths), err)
	}
	var documents []document.Document
	for _, path := range paths {
		docs, problems := e.loader.File(context.Background(), path)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		documents = append(documents, docs...)
	}
	return documents
}

// accounts lists the example accounts.
func accounts() []string { return []string{"../../fixtures/accounts"} }

// statuses decides every control on one offering from scratch.
func statuses(t *testing.T, r *run, id decision.Offering) (map[string]decision.Finding, decision.Verdict) {
	t.Helper()
	session, err := r.policies.Session(r.manifest, r.manifest.Stage, true, r.parameters, asOf)
	if err != nil {
		t.Fatal(err)
	}
	findings, err := session.Findings(context.Background(), r.subject(id))
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]decision.Finding{}
	for _, f := range findings {
		byID[f.Control] = f
	}
	return byID, decision.VerdictOf(findings)
}

// satisfied are the statuses that let a workload through.
func satisfied(s decision.Status) bool {
	return s == decision.Pass || s == decision.NotApplicable || s == decision.Waived
}

// weaker reports what a change made better though it only took evidence away.
func weaker(before, after map[string]decision.Finding, was, is decision.Verdict) error {
	for id, finding := range after {
		if satisfied(finding.Status) && !satisfied(before[id].Status) {
			return fmt.Errorf("control %s was %v and became %v", id, before[id].Status, finding.Status)
		}
	}
	if is == decision.Passed && was != decision.Passed {
		return fmt.Errorf("the verdict was %v and became pass", was)
	}
	return nil
}

// change is one claim of one document, taken away or given a value of another
// type.
type change struct {
	vendor  bool // of the vendor document, else of the account
	pointer string
	index   int
}

// changes lists the claims of what an expander was made of.
func changes(x *expand.Expander) []change {
	var list []change
	for _, fact := range x.Vendor.Facts {
		for i := range fact.Claims {
			list = append(list, change{true, fact.Pointer, i})
		}
	}
	if x.Account != nil {
		for _, fact := range x.Account.Facts {
			for i := range fact.Claims {
				list = append(list, change{false, fact.Pointer, i})
			}
		}
	}
	return list
}

func edited(facts []catalog.Fact, c change, edit func([]catalog.Claim, int) []catalog.Claim) []catalog.Fact {
	facts = slices.Clone(facts)
	for i := range facts {
		if facts[i].Pointer == c.pointer {
			facts[i].Claims = edit(slices.Clone(facts[i].Claims), c.index)
		}
	}
	return slices.DeleteFunc(facts, func(f catalog.Fact) bool { return len(f.Claims) == 0 })
}

// apply makes an expander in which one claim is changed.
func (c change) apply(x *expand.Expander, edit func([]catalog.Claim, int) []catalog.Claim) *expand.Expander {
	v, a := *x.Vendor, x.Account
	if c.vendor {
		v.Facts = edited(v.Facts, c, edit)
	} else {
		own := *a
		own.Facts = edited(own.Facts, c, edit)
		a = &own
	}
	return expand.New(&v, a)
}

func remove(claims []catalog.Claim, i int) []catalog.Claim { return slices.Delete(claims, i, i+1) }

// mistype gives a claim a value that its place never has.
func mistype(claims []catalog.Claim, i int) []catalog.Claim {
	switch claims[i].Value.(type) {
	case bool:
		claims[i].Value = "yes"
	case string:
		claims[i].Value = json.Number("7")
	case json.Number:
		claims[i].Value = "plenty"
	case []any:
		claims[i].Value = "all of them"
	default:
		claims[i].Value = true
	}
	return claims
}

// everyClaim runs TestLessEvidenceNeverHelps over every claim that bears on an
// offering instead of a sample by a fixed seed.
var everyClaim = flag.Bool("every-claim", false, "change every claim, not a sample")

// Taking a claim away from a vendor document or an account, or giving it a
// value of the wrong type, never makes a control pass or not apply that did
// not, nor the verdict pass.
func TestLessEvidenceNeverHelps(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func([]catalog.Claim, int) []catalog.Claim{"removed": remove, "mistyped": mistype} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t, Options{Accounts: accounts()})
			documents := examples(t, e)
			for _, doc := range documents {
				r, problems := e.prepare(t.Context(), doc)
				if len(problems) > 0 {
					t.Fatal(problems)
				}
				for _, id := range sample(r, 1, testing.Short()) {
					lessEvidence(t, r, id, edit)
				}
			}
		})
	}
}

// sample picks offerings of one manifest: the first that its placement means,
// and a few others of the catalog, by a fixed seed.
func sample(r *run, others int, short bool) []decision.Offering {
	named := r.choices(r.manifest.Placement)
	list := []decision.Offering{named[len(named)-1]}
	if short {
		return list
	}
	placement := r.manifest.Placement
	placement.Vendor, placement.Product, placement.Plan, placement.SKU, placement.Hosting, placement.Regions = "", "", "", "", "", nil
	all := r.choices(placement)
	random := rand.New(rand.NewPCG(1, uint64(len(r.manifest.ID.Name))))
	for range others {
		list = append(list, all[random.IntN(len(all))])
	}
	return list
}

func lessEvidence(t *testing.T, r *run, id decision.Offering, edit func([]catalog.Claim, int) []catalog.Claim) {
	t.Helper()
	before, was := statuses(t, r, id)
	x := r.expander(id.Vendor)
	defer func() { r.expand[id.Vendor] = x }()
	whole := x.Offering(id, r.manifest.Features)
	// A claim that says nothing of this offering changes nothing here.
	list := slices.DeleteFunc(changes(x.Expander), func(c change) bool { return !bears(whole.Values, c) })
	if !*everyClaim {
		random := rand.New(rand.NewPCG(2, uint64(len(list))))
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		list = list[:min(len(list), 20)]
	}
	for _, c := range list {
		r.expand[id.Vendor] = newMarket(c.apply(x.Expander, edit))
		after, is := statuses(t, r, id)
		if err := weaker(before, after, was, is); err != nil {
			t.Errorf("%s on %v without claim %s/%d (vendor document: %v): %v", r.manifest.ID.Name, id, c.pointer, c.index, c.vendor, err)
		}
	}
}

func bears(values []*offering.Value, c change) bool {
	for _, value := range values {
		if value == nil || value.Pointer != c.pointer && !slices.ContainsFunc(value.Claims, func(r offering.Ref) bool { return r.Pointer == fmt.Sprintf("%s/%d", c.pointer, c.index) }) {
			continue
		}
		return true
	}
	return false
}

// Every alternative, checked as the placement of the same manifest at stage
// select, passes at the same cost and under the same conditions.
func TestAlternativesPassAsPlacements(t *testing.T) {
	t.Parallel()
	e := newEngine(t, Options{Accounts: accounts(), Alternatives: 5})
	seen := 0
	for _, doc := range examples(t, e) {
		decisions, problems := e.Decide(context.Background(), doc)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		for _, d := range decisions {
			for _, a := range d.Alternatives {
				seen++
				again := decideAt(t, e, doc, a.Offering)
				if again.Verdict != decision.Passed {
					t.Errorf("%s: alternative %v is %v as a placement", d.Manifest.Name, a.Offering, again.Verdict)
				}
				if again.Offering != a.Offering {
					t.Errorf("%s: alternative %v became %v", d.Manifest.Name, a.Offering, again.Offering)
				}
				if !slices.Equal(again.Conditions, a.Conditions) {
					t.Errorf("%s: alternative %v: conditions %q, as a placement %q", d.Manifest.Name, a.Offering, a.Conditions, again.Conditions)
				}
				if got, want := costText(t, again.Cost), costText(t, a.Cost); got != want {
					t.Errorf("%s: alternative %v costs\n%s\nas a placement\n%s", d.Manifest.Name, a.Offering, want, got)
				}
			}
			for _, c := range d.Candidates {
				again := decideAt(t, e, doc, c.Offering)
				var open []string
				for _, f := range again.Findings {
					if f.Required && f.Status == decision.Unknown {
						open = append(open, f.Control)
					}
				}
				if again.Verdict != decision.Review || !slices.Equal(open, c.Open) {
					t.Errorf("%s: candidate %v open %v; as a placement %v open %v", d.Manifest.Name, c.Offering, c.Open, again.Verdict, open)
				}
			}
			for _, rejected := range d.Rejected {
				again := decideAt(t, e, doc, rejected.Offering)
				var refused []string
				for _, f := range again.Findings {
					if f.Required && f.Status == decision.Fail {
						refused = append(refused, f.Control)
					}
				}
				if again.Verdict != decision.Failed || !slices.Equal(refused, rejected.Controls) {
					t.Errorf("%s: rejected %v by %v; as a placement %v by %v", d.Manifest.Name, rejected.Offering, rejected.Controls, again.Verdict, refused)
				}
			}
		}
	}
	if seen == 0 {
		t.Errorf("no alternative was seen; the examples show too little")
	}
}

func costText(t *testing.T, c decision.Cost) string {
	t.Helper()
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// decideAt decides a manifest as if it placed the workload on an offering.
func decideAt(t *testing.T, e *Engine, doc document.Document, o decision.Offering) decision.Decision {
	t.Helper()
	docs, problems := e.loader.File(context.Background(), doc.Path) // a fresh copy: deciding may rewrite aliases
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	doc = docs[doc.Index]
	spec := doc.Root.Field("spec")
	placement := map[string]any{"vendor": o.Vendor, "product": o.Product, "plan": o.Plan, "hosting": o.Hosting, "sku": o.SKU, "capacity": o.Capacity, "regions": []any{o.Region}}
	if cloud := spec.Field("placement").Field("infrastructure"); cloud != nil && o.Hosting != "managed" {
		placement["infrastructure"] = cloud.Plain()
	}
	spec.Set("placement", document.Of(placement, 1, 1))
	spec.Set("stage", document.Of("select", 1, 1))
	decisions, problems := e.Decide(context.Background(), doc)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if len(decisions) != 1 {
		t.Fatalf("%d decisions for %v, want 1", len(decisions), o)
	}
	return decisions[0]
}

// Every total is the exact sum of its lines, in everything that is printed.
func TestTotalsEqualLines(t *testing.T) {
	e := newEngine(t, Options{Accounts: accounts(), Alternatives: 20})
	for _, doc := range examples(t, e) {
		decisions, problems := e.Decide(context.Background(), doc)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		for _, d := range decisions {
			for _, c := range d.Costs() {
				checkTotals(t, d.Manifest.Name, c)
			}
		}
	}
}

func checkTotals(t *testing.T, name string, c decision.Cost) {
	t.Helper()
	var known decimal.Decimal
	complete := true
	for _, line := range c.Lines {
		if line.Amount == nil {
			complete = false
			if line.Why == "" {
				t.Errorf("%s: line %s is unknown and does not say why", name, line.Item)
			}
			continue
		}
		known = known.Add(*line.Amount)
	}
	if !known.Equal(c.Known) {
		t.Errorf("%s: known is %v, its lines add up to %v", name, c.Known, known)
	}
	if complete != (c.Expected != nil) {
		t.Errorf("%s: expected is %v though complete is %v", name, c.Expected, complete)
	}
	if c.Expected != nil && !c.Expected.Equal(known) {
		t.Errorf("%s: expected is %v, its lines add up to %v", name, c.Expected, known)
	}
}

// A pass and a fail have their three ends: a place in the manifest, a place in
// a vendor document or account, and a source. An unknown says what is missing.
func TestThreeEnds(t *testing.T) {
	e := newEngine(t, Options{Accounts: accounts()})
	for _, doc := range examples(t, e) {
		decisions, problems := e.Decide(context.Background(), doc)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		for _, d := range decisions {
			for _, f := range d.Findings {
				if f.Location.Line == 0 || f.Location.Column == 0 {
					t.Errorf("%s: %s has no place in the manifest", d.Manifest.Name, f.Control)
				}
				switch f.Status {
				case decision.Pass, decision.Fail:
					for _, fact := range f.Facts {
						if fact.Line == 0 || fact.Column == 0 || len(fact.Sources) == 0 {
							t.Errorf("%s: %s rests on %s, which has no place or no source", d.Manifest.Name, f.Control, fact.Pointer)
						}
					}
					if len(f.Facts) == 0 && !slices.Contains(manifestOnly, f.Control) {
						t.Errorf("%s: %s is %v and shows no fact", d.Manifest.Name, f.Control, f.Status)
					}
					if f.Message == "" {
						t.Errorf("%s: %s is %v without a message", d.Manifest.Name, f.Control, f.Status)
					}
				case decision.Unknown:
					if len(f.Missing) == 0 || f.Message == "" {
						t.Errorf("%s: %s is unknown and does not say what is missing: %q", d.Manifest.Name, f.Control, f.Message)
					}
					for _, gap := range f.Missing {
						if gap.Line == 0 || gap.Ask == "" || gap.Reason == "" {
							t.Errorf("%s: %s: gap %+v has no place, reason or whom to ask", d.Manifest.Name, f.Control, gap)
						}
					}
				}
			}
		}
	}
}

// manifestOnly are controls that may refuse on what the manifest says alone:
// hosting that it asks for and does not place, GPUs that it asks for elsewhere.
var manifestOnly = []string{"hosting-model", "gpu-available"}

// The same inputs give the same bytes, whatever the number of workers and the
// order of what is loaded.
func TestSameBytes(t *testing.T) {
	var first string
	times := 2
	if testing.Short() { // as under the race detector, which takes ten times as long
		times = 1
	}
	for _, workers := range []int{1, 8} {
		for range times {
			e := newEngine(t, Options{Accounts: accounts(), Alternatives: 3, Workers: workers})
			var got []byte
			err := e.Check(context.Background(), []string{"../../fixtures/workloads"}, func(r Result) error {
				data, err := json.Marshal(r)
				got = append(got, data...)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = string(got)
			}
			if string(got) != first {
				at := 0
				for at < len(first) && at < len(got) && got[at] == first[at] {
					at++
				}
				t.Errorf("%d workers gave other bytes than 1: …%.300s… after …%.300s…", workers, string(got[max(0, at-100):]), first[max(0, at-100):])
			}
		}
	}
}

package catalog_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/load"
)

const acme = `apiVersion: caveat/v1
kind: Vendor
metadata: {id: acme, name: Acme GPU, url: https://acme.example, summary: GPUs, aliases: [acme-gpu]}
sources:
  page: {url: https://acme.example/security, kind: documented, published: unknown, read: 2026-11-23, copy: stored}
  report: {document: a report, kind: audited, published: 2026-01-01, read: 2026-01-02, copy: live, effective: 2025-01-01, until: open}
products:
  pods: {name: Pods, implies: [images]}
  cloud: {name: Cloud, hosting: [byoc]}
plans:
  team: {name: Team, products: [pods]}
  enterprise: {name: Enterprise}
agreements:
  baa:
    offered:
      - {value: true, only: true, scope: {plans: [enterprise], rest: all}, conditions: [ask sales], sources: [page, report], note: a note}
      - {value: false, scope: {products: all, plans: [team], hosting: all, regions: [unpinned, us, acme-1], features: all, skus: all}, sources: [page],
         rejected: superseded by the newer page}
    scope:
      volumes: [{value: in, scope: all, sources: [page]}]
regions:
  sites:
    acme-1: {within: us-east}
features:
  volumes: {name: Volumes, aliases: [disks], instead: [images]}
  images: {implies: [volumes]}
skus:
  h100: {name: H100, gpu: H100, counts: [1, 8], vcpu: 26.0, memory: 234GiB, products: [pods],
    price: {on-demand: [{value: {amount: "3.50", currency: USD, per: hour, of: gpu}, scope: all, sources: [page]}]}}
  cpu: {}
openQuestions: ["Which plan has a BAA?"]
`

var shared = sync.OnceValues(func() (*load.Loader, error) { return load.New(nil) })

func vendor(t testing.TB, text string) (*catalog.Vendor, []decision.Problem) {
	t.Helper()
	loader, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	documents, problems := loader.Bytes("acme.yaml", []byte(text))
	if len(documents) != 1 || len(problems) != 0 {
		t.Fatalf("got %d documents, %v", len(documents), problems)
	}
	return catalog.FromDocument(documents[0], loader.Places())
}

func good(t testing.TB, text string) *catalog.Vendor {
	t.Helper()
	v, problems := vendor(t, text)
	if len(problems) != 0 {
		t.Fatalf("got %v", problems)
	}
	return v
}

func TestVendor(t *testing.T) {
	v := good(t, acme)
	if !strings.HasPrefix(v.Digest, "sha256:") {
		t.Errorf("got digest %q", v.Digest)
	}
	v.Digest = ""
	page := decision.Source{ID: "page", URL: "https://acme.example/security", Kind: "documented", Published: "unknown", Read: "2026-11-23", Copy: "stored"}
	want := &catalog.Vendor{
		ID: "acme", Name: "Acme GPU", URL: "https://acme.example", Summary: "GPUs", Aliases: []string{"acme-gpu"}, Path: "acme.yaml",
		Products: []catalog.Product{{ID: "pods", Name: "Pods", Implies: []string{"images"}}, {ID: "cloud", Name: "Cloud", Hosting: []string{"byoc"}}},
		Plans:    []catalog.Plan{{ID: "team", Name: "Team", Products: []string{"pods"}}, {ID: "enterprise", Name: "Enterprise"}},
		Sites:    map[string]string{"acme-1": "us-east"},
		Features: []catalog.Feature{
			{ID: "volumes", Name: "Volumes", Aliases: []string{"disks"}, Instead: []string{"images"}, Place: catalog.Place{Line: 25, Column: 3}},
			{ID: "images", Implies: []string{"volumes"}, Place: catalog.Place{Line: 26, Column: 3}},
		},
		SKUs: []catalog.SKU{
			{ID: "h100", Name: "H100", Products: []string{"pods"}, GPU: "H100", Counts: []int{1, 8}, VCPU: "26.0", Memory: "234GiB", Place: catalog.Place{Line: 28, Column: 3}},
			{ID: "cpu", Place: catalog.Place{Line: 30, Column: 3}},
		},
		Sources: map[string]decision.Source{
			"page":   page,
			"report": {ID: "report", Document: "a report", Kind: "audited", Published: "2026-01-01", Read: "2026-01-02", Copy: "live", Effective: "2025-01-01", Until: "open"},
		},
		SourcesAt: map[string]catalog.Place{"page": {Line: 5, Column: 3}, "report": {Line: 6, Column: 3}},
		Facts: []catalog.Fact{
			{Pointer: "/agreements/baa/offered", Claims: []catalog.Claim{
				{Value: true, Only: true, Scope: catalog.Scope{Plans: []string{"enterprise"}}, Conditions: []string{"ask sales"}, Sources: []string{"page", "report"}, Note: "a note", Place: catalog.Place{Line: 16, Column: 9}},
				{Value: false, Scope: catalog.Scope{Plans: []string{"team"}, Regions: []string{"unpinned", "us", "acme-1"}}, Sources: []string{"page"}, Rejected: "superseded by the newer page", Index: 1, Place: catalog.Place{Line: 17, Column: 9}},
			}},
			{Pointer: "/agreements/baa/scope/volumes", Claims: []catalog.Claim{{Value: "in", Sources: []string{"page"}, Place: catalog.Place{Line: 20, Column: 17}}}},
			{Pointer: "/skus/h100/price/on-demand", Claims: []catalog.Claim{{Value: map[string]any{"amount": "3.50", "currency": "USD", "per": "hour", "of": "gpu"}, Sources: []string{"page"}, Place: catalog.Place{Line: 29, Column: 25}}}},
		},
		Open: []string{"Which plan has a BAA?"},
		Sections: []catalog.Section{
			{Pointer: "/agreements", Place: catalog.Place{Line: 13, Column: 1}}, {Pointer: "/agreements/baa", Place: catalog.Place{Line: 14, Column: 3}},
			{Pointer: "/agreements/baa/scope", Place: catalog.Place{Line: 19, Column: 5}},
			{Pointer: "/features", Place: catalog.Place{Line: 24, Column: 1}}, {Pointer: "/features/images", Place: catalog.Place{Line: 26, Column: 3}}, {Pointer: "/features/volumes", Place: catalog.Place{Line: 25, Column: 3}},
			{Pointer: "/regions", Place: catalog.Place{Line: 21, Column: 1}}, {Pointer: "/regions/sites", Place: catalog.Place{Line: 22, Column: 3}}, {Pointer: "/regions/sites/acme-1", Place: catalog.Place{Line: 23, Column: 5}},
			{Pointer: "/skus", Place: catalog.Place{Line: 27, Column: 1}}, {Pointer: "/skus/cpu", Place: catalog.Place{Line: 30, Column: 3}}, {Pointer: "/skus/h100", Place: catalog.Place{Line: 28, Column: 3}}, {Pointer: "/skus/h100/price", Place: catalog.Place{Line: 29, Column: 5}},
		},
		Root: catalog.Place{Line: 1, Column: 1},
	}
	got, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	expected, err := json.MarshalIndent(want, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(expected) {
		t.Errorf("got %s, want %s", got, expected)
	}
	if !reflect.DeepEqual(v.Facts, want.Facts) {
		t.Errorf("got %#v, want %#v", v.Facts, want.Facts)
	}
}

func TestProblems(t *testing.T) {
	with := func(old, new string) string {
		if !strings.Contains(acme, old) {
			t.Fatalf("%s is not in the document", old)
		}
		return strings.Replace(acme, old, new, 1)
	}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"unknown source":             {with("sources: [page, report]", "sources: [page, pgae]"), []string{`acme.yaml:16:117: source "pgae" is not listed under sources; expected one of its ids; add it there`}},
		"unknown source, rejected":   {with("features: all, skus: all}, sources: [page]", "features: all, skus: all}, sources: [gone]"), []string{`acme.yaml:17:146: source "gone" is not listed under sources; expected one of its ids; add it there`}},
		"unknown plan in a scope":    {with("{plans: [enterprise], rest: all}", "{plans: [enterprize], rest: all}"), []string{`acme.yaml:16:51: plans "enterprize" is not known; expected one of team, enterprise`}},
		"unknown product in a scope": {with("{products: all,", "{products: [pods, podz],"), []string{`acme.yaml:17:49: products "podz" is not known; expected one of pods, cloud`}},
		"unknown region in a scope":  {with("[unpinned, us, acme-1]", "[mars]"), []string{`acme.yaml:17:86: regions "mars" is not known; expected one of acme-1, `}},
		"unknown hosting in a scope": {with("hosting: all", "hosting: [managed, serverless]"), []string{`acme.yaml:17:81: hosting "serverless" is not known; expected one of managed, hybrid, byoc, self-hosted`}},
		"an alias is no id in a scope": {with("features: all, skus", "features: [disks], skus"),
			[]string{`acme.yaml:17:120: features "disks" is not known; expected one of volumes, images`}},
		"unknown SKU in a scope":       {with("skus: all}", "skus: [b200]}"), []string{`acme.yaml:17:131: skus "b200" is not known; expected one of h100, cpu`}},
		"a dimension unsaid":           {with("hosting: all, ", ""), []string{`acme.yaml:17:31: scope leaves hosting unsaid; expected a list or all for it; add it, or rest: all for everything not listed`}},
		"all but one dimension unsaid": {with("{plans: [enterprise], rest: all}", "{plans: [enterprise]}"), []string{"scope leaves products unsaid", "scope leaves hosting unsaid", "scope leaves regions unsaid", "scope leaves features unsaid", "scope leaves skus unsaid"}},
		"only, of words":               {with("volumes: [{value: in, scope", "volumes: [{value: in, only: true, scope"), []string{`acme.yaml:20:35: only: true stands with a value that is not true or false; outside its scope such a claim would be false; remove it`}},
		"only: false of words":         {with("volumes: [{value: in, scope", "volumes: [{value: in, only: false, scope"), nil},
		"a feature implied and absent": {with("implies: [volumes]", "implies: [volumes, layers]"), []string{`acme.yaml:26:31: feature "layers" is not listed under features; expected one of its ids; add it there`}},
		"a feature instead and absent": {with("instead: [images]", "instead: [tapes]"), []string{`acme.yaml:25:56: feature "tapes" is not listed under features; expected one of its ids; add it there`}},
		"a feature implied by alias":   {with("implies: [volumes]", "implies: [disks]"), []string{`acme.yaml:26:22: feature "disks" is not listed under features; expected one of its ids; add it there`}},
		"a product implies nothing":    {with("implies: [images]", "implies: [image]"), []string{`acme.yaml:8:32: feature "image" is not listed under features; expected one of its ids; add it there`}},
		"a plan of no product":         {with("name: Team, products: [pods]", "name: Team, products: [functions]"), []string{`acme.yaml:11:33: product "functions" is not listed under products; expected one of its ids; add it there`}},
		"a SKU of no product":          {with("memory: 234GiB, products: [pods]", "memory: 234GiB, products: [pod]"), []string{`acme.yaml:28:88: product "pod" is not listed under products; expected one of its ids; add it there`}},
		"an alias that is an id":       {with("aliases: [disks]", "aliases: [images]"), []string{`acme.yaml:25:38: alias "images" of feature "volumes" means feature "images" already; expected a name of its own; remove it`}},
		"an alias twice":               {with("images: {implies", "images: {aliases: [disks], implies"), []string{`acme.yaml:26:22: alias "disks" of feature "images" means feature "volumes" already; expected a name of its own; remove it`}},
		"the BAA names no feature":     {with("      volumes: [", "      tapes: ["), []string{`acme.yaml:20:7: the BAA scope names feature "tapes", which is not listed under features; expected one of its ids; add it there`}},
		"a site within nowhere":        {with("within: us-east", "within: mars"), []string{`acme.yaml:23:22: region "mars" is not in the vocabulary; expected a place of it; see schemas/vocabulary.yaml`}},
		"several, in order":            {strings.NewReplacer("implies: [images]", "implies: [a]", "implies: [volumes]", "implies: [b]", "sources: [page, report]", "sources: [c]", "within: us-east", "within: d").Replace(acme), []string{":8:32: ", ":16:111: ", ":23:22: ", ":26:22: "}},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := vendor(t, c.text)
			if len(problems) != len(c.want) {
				t.Fatalf("got %v, want %v", problems, c.want)
			}
			for i, want := range c.want {
				if !strings.Contains(problems[i].Error(), want) {
					t.Errorf("got %v, want %s", problems[i], want)
				}
				pointsAt(t, c.text, problems[i])
			}
		})
	}
}

// pointsAt holds that a problem stands where the word is that it quotes.
func pointsAt(t *testing.T, text string, p decision.Problem) {
	t.Helper()
	_, rest, ok := strings.Cut(p.Message, `"`)
	if !ok {
		return
	}
	word, _, _ := strings.Cut(rest, `"`)
	if line := strings.Split(text, "\n")[p.Line-1]; !strings.HasPrefix(line[p.Column-1:], word) {
		t.Errorf("%v points at %q", p, line[p.Column-1:])
	}
}

const ours = `apiVersion: caveat/v1
kind: Account
metadata: {name: ours, vendor: acme}
sources:
  msa: {document: MSA, kind: executed, published: 2026-01-01, read: 2026-01-02, copy: live, effective: 2026-01-01, until: open}
agreements:
  baa:
    executed: [{value: true, scope: {plans: [enterprise], regions: [acme-1], rest: all}, sources: [msa]}]
plan: enterprise
entities: [{name: Ours Inc.}]
`

func TestAccount(t *testing.T) {
	v := good(t, acme)
	loader, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	account := func(text string) (*catalog.Account, []decision.Problem) {
		documents, problems := loader.Bytes("ours.yaml", []byte(text))
		if len(documents) != 1 || len(problems) != 0 {
			t.Fatalf("got %d documents, %v", len(documents), problems)
		}
		return catalog.AccountFromDocument(documents[0], v, loader.Places())
	}
	a, problems := account(ours)
	if len(problems) != 0 || a.Name != "ours" || a.Vendor != "acme" || a.Plan != "enterprise" || a.Path != "ours.yaml" || a.Sources["msa"].Effective != "2026-01-01" {
		t.Errorf("got %+v, %v", a, problems)
	}
	want := []catalog.Fact{{Pointer: "/agreements/baa/executed", Claims: []catalog.Claim{{Value: true, Scope: catalog.Scope{Plans: []string{"enterprise"}, Regions: []string{"acme-1"}}, Sources: []string{"msa"}, Place: catalog.Place{Line: 8, Column: 16}}}}}
	if !reflect.DeepEqual(a.Facts, want) {
		t.Errorf("got %+v, want %+v", a.Facts, want)
	}
	if plain, ok := a.Plain.(map[string]any); !ok || plain["plan"] != "enterprise" {
		t.Errorf("got %v", a.Plain)
	}
	for name, c := range map[string]struct {
		old, new string
		want     []string
	}{
		"a plan that is not on sale":    {"plan: enterprise\n", "plan: gold\n", []string{`ours.yaml:9:7: plan "gold" is not one of acme; expected one of team, enterprise`}},
		"a source that is not there":    {"sources: [msa]", "sources: [nda]", []string{`ours.yaml:8:100: source "nda" is not listed under sources; expected one of its ids; add it there`}},
		"a region of another vendor":    {"[acme-1]", "[other-1]", []string{`ours.yaml:8:69: regions "other-1" is not known`}},
		"two in the order of the lines": {"plan: enterprise\nentities: [{name: Ours Inc.}]\n", "plan: gold\ntraining:\n  onCustomerData: [{value: false, scope: {plans: [gold], rest: all}, sources: [msa]}]\n", []string{"ours.yaml:9:7: plan", "ours.yaml:11:51: plans"}},
		"a credit on a part of what we use": {"plan: enterprise\n", `prices:
  credit: [{value: {amount: "9", currency: USD}, scope: {plans: [enterprise], skus: [h100], rest: all}, sources: [msa]}]
  discount: [{value: "9", scope: {skus: [h100], rest: all}, sources: [msa]}]
  commitment: [{value: {amount: "9", currency: USD}, scope: {products: [pods], hosting: [managed], rest: all}, sources: [msa]}]
`, []string{"ours.yaml:10:57: credit is limited to skus h100; expected all, or plans and rest: all: it is the account's as a whole",
			"ours.yaml:12:61: commitment is limited to products pods; hosting managed; expected all"}},
		"problems before the plan's own": {"[enterprise], regions", "[gold], regions", []string{"ours.yaml:8:46: plans"}},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(ours, c.old) {
				t.Fatalf("%s is not in the account", c.old)
			}
			_, problems := account(strings.Replace(ours, c.old, c.new, 1))
			if len(problems) != len(c.want) {
				t.Fatalf("got %v, want %v", problems, c.want)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(problems[i].Error(), want) {
					t.Errorf("got %v, want %s", problems[i], want)
				}
				pointsAt(t, strings.Replace(ours, c.old, c.new, 1), problems[i])
			}
		})
	}
}

func TestLookups(t *testing.T) {
	v := good(t, acme)
	if f, ok := v.Feature("disks"); !ok || f.ID != "volumes" {
		t.Errorf("by alias: got %v", f)
	}
	if _, ok := v.Feature("Disks"); ok {
		t.Error("by another spelling: got one")
	}
	if p, ok := v.Product("cloud"); !ok || p.Name != "Cloud" {
		t.Errorf("got %v", p)
	}
	if _, ok := v.Product("pod"); ok || v.HasPlan("gold") || !v.HasPlan("team") {
		t.Error("got a product or plan that is not there")
	}
	if s, ok := v.SKU("h100"); !ok || s.GPU != "H100" {
		t.Errorf("got %v", s)
	}
	if _, ok := v.SKU(""); ok {
		t.Error("got an SKU without a name")
	}
	if f, ok := v.Fact("/agreements/baa/offered"); !ok || len(f.Claims) != 2 {
		t.Errorf("got %v", f)
	}
	for _, pointer := range []string{"", "/", "/agreements", "/agreements/baa", "/agreements/baa/offered/0", "/agreements/baa/offere", "/zzz"} {
		if f, ok := v.Fact(pointer); ok {
			t.Errorf("%q: got %v", pointer, f)
		}
	}
	var none *catalog.Account
	if f, ok := none.Fact("/agreements/baa/offered"); ok {
		t.Errorf("no account: got %v", f)
	}
	// An exact id comes before an alias, even in a document that mixes them up.
	mixed := &catalog.Vendor{Features: []catalog.Feature{{ID: "a", Aliases: []string{"b"}}, {ID: "b"}}}
	if f, _ := mixed.Feature("b"); f.ID != "b" {
		t.Errorf("got %s", f.ID)
	}
}

func TestNear(t *testing.T) {
	v := good(t, acme)
	for pointer, want := range map[string]int{
		"/agreements/baa/scope/images": 19,
		"/agreements/baa/breachNotice": 14,
		"/agreements/dpa/offered":      13,
		"/agreements":                  13,
		"/skus/h100/price/reserved":    29,
		"/skus/b200/price/on-demand":   27,
		"/retention/zero":              1,
		"/x":                           1,
		"":                             1,
	} {
		if got := v.Near(pointer).Line; got != want {
			t.Errorf("%q: got line %d, want %d", pointer, got, want)
		}
	}
}

func TestScope(t *testing.T) {
	o := decision.Offering{Vendor: "acme", Product: "pods", Plan: "team", Hosting: "managed", Region: decision.Unpinned, SKU: "h100"}
	for name, c := range map[string]struct {
		scope catalog.Scope
		want  bool
		words string
	}{
		"everywhere":              {catalog.Scope{}, true, "everywhere"},
		"its plan":                {catalog.Scope{Plans: []string{"team"}}, true, "plans team"},
		"one of its plans":        {catalog.Scope{Plans: []string{"enterprise", "team"}}, true, "plans enterprise, team"},
		"another plan":            {catalog.Scope{Plans: []string{"enterprise"}}, false, "plans enterprise"},
		"another product":         {catalog.Scope{Products: []string{"cloud"}, Plans: []string{"team"}}, false, "products cloud; plans team"},
		"another hosting":         {catalog.Scope{Hosting: []string{"byoc"}}, false, "hosting byoc"},
		"a region":                {catalog.Scope{Regions: []string{"us"}}, false, "regions us"},
		"no region":               {catalog.Scope{Regions: []string{"us", "unpinned"}}, true, "regions us, unpinned"},
		"another SKU":             {catalog.Scope{SKUs: []string{"b200"}}, false, "skus b200"},
		"features are not its":    {catalog.Scope{Features: []string{"volumes"}}, true, "features volumes"},
		"an empty list is no all": {catalog.Scope{Plans: []string{}}, false, "plans "},
	} {
		if got := c.scope.Holds(o); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
		if got := c.scope.String(); got != c.words {
			t.Errorf("%s: got %q, want %q", name, got, c.words)
		}
	}
	lists := rapid.SampledFrom([][]string{nil, {"a"}, {"b"}, {"a", "b"}})
	ids := rapid.SampledFrom([]string{"a", "b", "c"})
	rapid.Check(t, func(t *rapid.T) {
		s := catalog.Scope{Products: lists.Draw(t, "p"), Plans: lists.Draw(t, "l"), Hosting: lists.Draw(t, "h"), Regions: lists.Draw(t, "r"), SKUs: lists.Draw(t, "k")}
		o := decision.Offering{Product: ids.Draw(t, "product"), Plan: ids.Draw(t, "plan"), Hosting: ids.Draw(t, "hosting"), Region: ids.Draw(t, "region"), SKU: ids.Draw(t, "sku")}
		want := true
		for _, pair := range []struct {
			list []string
			id   string
		}{{s.Products, o.Product}, {s.Plans, o.Plan}, {s.Hosting, o.Hosting}, {s.Regions, o.Region}, {s.SKUs, o.SKU}} {
			want = want && (pair.list == nil || slices.Contains(pair.list, pair.id))
		}
		if got := s.Holds(o); got != want {
			t.Errorf("%v, %v: got %v", s, o, got)
		}
	})
}

// TestJSON holds that the shipped form of a vendor is the vendor, digits too.
func TestJSON(t *testing.T) {
	files, err := filepath.Glob("../../fixtures/vendors/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("got no vendor documents, %v", err)
	}
	for _, file := range append(files[:3], "") {
		text := []byte(acme)
		if file != "" {
			if text, err = os.ReadFile(file); err != nil {
				t.Fatal(err)
			}
		}
		v := good(t, string(text))
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var again *catalog.Vendor
		decoder := json.NewDecoder(strings.NewReader(string(data)))
		decoder.UseNumber()
		if err := decoder.Decode(&again); err != nil {
			t.Fatal(err)
		}
		if len(v.Sites) == 0 {
			again.Sites = v.Sites
		}
		if !reflect.DeepEqual(again, v) {
			t.Errorf("%s: got another vendor back", v.ID)
		}
	}
}

// TestFactsAreFound holds that every list with a scope is a fact, and nothing
// else is, in the shipped documents.
func TestFactsAreFound(t *testing.T) {
	files, err := filepath.Glob("../../fixtures/vendors/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("got no vendor documents, %v", err)
	}
	loader, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		documents, problems := loader.File(t.Context(), file)
		if len(problems) != 0 {
			t.Fatal(problems)
		}
		v, problems := catalog.FromDocument(documents[0], loader.Places())
		if len(problems) != 0 {
			t.Fatal(problems)
		}
		want := map[string]int{}
		var walk func(*document.Node, string)
		walk = func(n *document.Node, at string) {
			for name, field := range n.Fields {
				walk(field, at+document.Join(name))
			}
			for _, item := range n.Items {
				if item.Field("scope") != nil {
					want[at]++
				}
			}
		}
		walk(documents[0].Root, "")
		for _, f := range v.Facts {
			if want[f.Pointer] != len(f.Claims) {
				t.Errorf("%s: %s: got %d claims, want %d", file, f.Pointer, len(f.Claims), want[f.Pointer])
			}
			node, _, _, _ := documents[0].Root.At(f.Pointer)
			for _, c := range f.Claims {
				if node == nil || node.Items[c.Index].Line != c.Place.Line || !reflect.DeepEqual(node.Items[c.Index].Field("value").Plain(), c.Value) {
					t.Errorf("%s: %s: got claim %+v", file, f.Pointer, c)
				}
			}
			delete(want, f.Pointer)
		}
		if len(want) != 0 {
			t.Errorf("%s: got no facts at %v", file, want)
		}
	}
}

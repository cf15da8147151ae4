package expand

import (
	"encoding/json"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/offering"
)

const fact = "/agreements/baa/offered"

// vendor has one product, two plans and the claims of some facts.
func vendor(facts map[string][]catalog.Claim) *catalog.Vendor {
	v := &catalog.Vendor{
		ID: "acme", Path: "acme.yaml", Sources: map[string]decision.Source{"page": {ID: "page", Kind: "documented"}, "blog": {ID: "blog", Kind: "marketing"}},
		Products: []catalog.Product{{ID: "pods"}}, Plans: []catalog.Plan{{ID: "team"}, {ID: "enterprise"}},
		Features: []catalog.Feature{{ID: "volumes"}, {ID: "snapshots"}},
	}
	v.Facts = facted(facts)
	return v
}

func facted(facts map[string][]catalog.Claim) []catalog.Fact {
	var list []catalog.Fact
	for pointer, claims := range facts {
		for i := range claims {
			claims[i].Index = i
			if claims[i].Sources == nil {
				claims[i].Sources = []string{"page"}
			}
		}
		list = append(list, catalog.Fact{Pointer: pointer, Claims: claims})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Pointer < list[j].Pointer })
	return list
}

var team = decision.Offering{Vendor: "acme", Product: "pods", Plan: "team", Hosting: "managed", Region: decision.Unpinned, Capacity: "on-demand"}

func TestSettle(t *testing.T) {
	enterprise := catalog.Scope{Plans: []string{"enterprise"}}
	here := catalog.Scope{Plans: []string{"team"}}
	n := func(digits string) any { return json.Number(digits) }
	for name, c := range map[string]struct {
		claims []catalog.Claim
		state  offering.State
		value  any
		behind []int // indexes of the claims behind it
	}{
		"holds everywhere":                               {[]catalog.Claim{{Value: true}}, offering.Stated, true, []int{0}},
		"holds here":                                     {[]catalog.Claim{{Value: true, Scope: here}}, offering.Stated, true, []int{0}},
		"holds elsewhere":                                {[]catalog.Claim{{Value: true, Scope: enterprise}}, offering.Absent, nil, nil},
		"denied here":                                    {[]catalog.Claim{{Value: false}}, offering.Stated, false, []int{0}},
		"holds only elsewhere":                           {[]catalog.Claim{{Value: true, Only: true, Scope: enterprise}}, offering.Stated, false, []int{0}},
		"holds only here":                                {[]catalog.Claim{{Value: true, Only: true, Scope: here}}, offering.Stated, true, []int{0}},
		"holds only elsewhere, twice":                    {[]catalog.Claim{{Value: true, Only: true, Scope: enterprise}, {Value: true, Only: true, Scope: catalog.Scope{Products: []string{"cloud"}}}}, offering.Stated, false, []int{0, 1}},
		"only here, and only elsewhere, too":             {[]catalog.Claim{{Value: true, Only: true, Scope: here}, {Value: true, Only: true, Scope: enterprise}}, offering.Stated, true, []int{0}},
		"here, where another says only elsewhere":        {[]catalog.Claim{{Value: true, Scope: here}, {Value: true, Only: true, Scope: enterprise}}, offering.Conflict, nil, []int{0, 1}},
		"denied here, and only elsewhere":                {[]catalog.Claim{{Value: false, Scope: here}, {Value: true, Only: true, Scope: enterprise}}, offering.Stated, false, []int{0}},
		"holds only in another region":                   {[]catalog.Claim{{Value: true, Only: true, Scope: catalog.Scope{Regions: []string{"us"}}}}, offering.Absent, nil, nil},
		"here, and only in another region":               {[]catalog.Claim{{Value: true, Scope: here}, {Value: true, Only: true, Scope: catalog.Scope{Regions: []string{"us"}}}}, offering.Stated, true, []int{0}},
		"holds only on another plan in this region":      {[]catalog.Claim{{Value: true, Only: true, Scope: catalog.Scope{Plans: []string{"enterprise"}, Regions: []string{decision.Unpinned}}}}, offering.Stated, false, []int{0}},
		"holds only on another plan in another region":   {[]catalog.Claim{{Value: true, Only: true, Scope: catalog.Scope{Plans: []string{"enterprise"}, Regions: []string{"us"}}}}, offering.Absent, nil, nil},
		"only elsewhere is rejected":                     {[]catalog.Claim{{Value: true, Only: true, Scope: enterprise, Rejected: "superseded"}}, offering.Absent, nil, nil},
		"here, and only elsewhere is rejected":           {[]catalog.Claim{{Value: true, Scope: here}, {Value: true, Only: true, Scope: enterprise, Rejected: "superseded"}}, offering.Stated, true, []int{0}},
		"only where it is denied says nothing elsewhere": {[]catalog.Claim{{Value: false, Only: true, Scope: enterprise}}, offering.Conflict, nil, []int{0}},
		"two agree":                                      {[]catalog.Claim{{Value: true}, {Value: true, Scope: here}}, offering.Stated, true, []int{0, 1}},
		"two contradict":                                 {[]catalog.Claim{{Value: true}, {Value: false}}, offering.Conflict, nil, []int{0, 1}},
		"two contradict elsewhere":                       {[]catalog.Claim{{Value: true}, {Value: false, Scope: enterprise}}, offering.Stated, true, []int{0}},
		"one of two is rejected":                         {[]catalog.Claim{{Value: true}, {Value: false, Rejected: "older"}}, offering.Stated, true, []int{0}},
		"all are rejected and contradict":                {[]catalog.Claim{{Value: true, Rejected: "open"}, {Value: false, Rejected: "open"}}, offering.Conflict, nil, []int{0, 1}},
		"all are rejected and agree":                     {[]catalog.Claim{{Value: true, Rejected: "vague"}, {Value: true, Rejected: "old"}}, offering.Absent, nil, nil},
		"one is rejected":                                {[]catalog.Claim{{Value: true, Rejected: "vague"}}, offering.Absent, nil, nil},
		"rejected ones contradict elsewhere":             {[]catalog.Claim{{Value: true, Rejected: "open", Scope: enterprise}, {Value: false, Rejected: "open", Scope: enterprise}}, offering.Absent, nil, nil},
		"rejected, and only elsewhere":                   {[]catalog.Claim{{Value: true, Rejected: "open", Scope: here}, {Value: true, Only: true, Scope: enterprise}}, offering.Stated, false, []int{1}},
		"numbers with other digits are not alike":        {[]catalog.Claim{{Value: n("1")}, {Value: n("1.0")}}, offering.Conflict, nil, []int{0, 1}},
		"text and number are not alike":                  {[]catalog.Claim{{Value: "1"}, {Value: n("1")}}, offering.Conflict, nil, []int{0, 1}},
		"lists agree":                                    {[]catalog.Claim{{Value: []any{"a", "b"}}, {Value: []any{"a", "b"}}}, offering.Stated, []any{"a", "b"}, []int{0, 1}},
		"lists in another order do not":                  {[]catalog.Claim{{Value: []any{"a", "b"}}, {Value: []any{"b", "a"}}}, offering.Conflict, nil, []int{0, 1}},
		"holds with a feature only":                      {[]catalog.Claim{{Value: true, Scope: catalog.Scope{Features: []string{"volumes"}}}}, offering.Absent, nil, nil},
		"no claims at all":                               {nil, offering.Absent, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := New(vendor(map[string][]catalog.Claim{fact: c.claims}), nil).Offering(team, nil)
			v := e.Find(fact)
			if c.state == offering.Absent {
				if v != nil {
					t.Errorf("got %+v, want nothing", v)
				}
			} else if v == nil || v.State != c.state || !reflect.DeepEqual(v.Value, c.value) {
				t.Fatalf("got %+v, want %v %v", v, c.state, c.value)
			} else {
				var behind []int
				for _, ref := range v.Claims {
					behind = append(behind, ref.Claim.Index)
					if ref.Document != "acme" || ref.Path != "acme.yaml" || ref.Sources["page"].Kind != "documented" || !strings.HasPrefix(ref.Pointer, fact+"/") {
						t.Errorf("got %+v", ref)
					}
				}
				if !slices.Equal(behind, c.behind) {
					t.Errorf("got claims %v, want %v", behind, c.behind)
				}
			}
			if value, ok := e.Fact(fact); ok != (c.state != offering.Absent) || !reflect.DeepEqual(value, c.value) {
				t.Errorf("got %v, %v", value, ok)
			}
			// Controls see the value only where it is stated, and conflicts by name.
			plain := e.Plain()
			agreements, _ := plain["agreements"].(map[string]any)
			baa, _ := agreements["baa"].(map[string]any)
			if got, ok := baa["offered"]; ok != (c.state == offering.Stated) || !reflect.DeepEqual(got, c.value) {
				t.Errorf("controls see %v, %v", got, ok)
			}
			if evidence := plain["evidence"].(map[string]any); (evidence[fact] != nil) != (c.state == offering.Stated) {
				t.Errorf("got evidence %v", evidence)
			}
			if conflicts := plain["conflicts"].([]any); (len(conflicts) == 1) != (c.state == offering.Conflict) {
				t.Errorf("got conflicts %v", conflicts)
			}
		})
	}
}

// TestSettleOrder holds that the order in which claims stand does not matter.
func TestSettleOrder(t *testing.T) {
	scopes := []catalog.Scope{{}, {Plans: []string{"team"}}, {Plans: []string{"enterprise"}}, {Regions: []string{"us"}}, {Plans: []string{"team", "enterprise"}, Hosting: []string{"byoc"}}}
	claim := rapid.Custom(func(t *rapid.T) catalog.Claim {
		return catalog.Claim{
			Value: rapid.Bool().Draw(t, "value"), Only: rapid.Bool().Draw(t, "only"), Scope: rapid.SampledFrom(scopes).Draw(t, "scope"),
			Rejected: rapid.SampledFrom([]string{"", "", "open"}).Draw(t, "rejected"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		claims := rapid.SliceOfN(claim, 1, 5).Draw(t, "claims")
		read := func(list []catalog.Claim, drop int) (offering.State, any) {
			list = slices.Clone(list)
			if drop >= 0 {
				list = slices.Delete(list, drop, drop+1)
			}
			v := New(vendor(map[string][]catalog.Claim{fact: list}), nil).Offering(team, nil).Find(fact)
			if v == nil {
				return offering.Absent, nil
			}
			return v.State, v.Value
		}
		state, value := read(claims, -1)
		if again, other := read(rapid.Permutation(claims).Draw(t, "order"), -1); again != state || other != value {
			t.Fatalf("%+v: got %v %v, and %v %v in another order", claims, state, value, again, other)
		}
		// A value needs a believed claim that holds here, or one that says only.
		believed := slices.ContainsFunc(claims, func(c catalog.Claim) bool { return c.Rejected == "" && c.Scope.Holds(team) && c.Value == value })
		denied := value == false && slices.ContainsFunc(claims, func(c catalog.Claim) bool {
			return c.Rejected == "" && c.Only && c.Value == true && !c.Scope.Holds(team)
		})
		if state == offering.Stated && !believed && !denied {
			t.Fatalf("%+v: got %v from nowhere", claims, value)
		}
		// No believed claim that holds here may say otherwise.
		if state == offering.Stated && slices.ContainsFunc(claims, func(c catalog.Claim) bool { return c.Rejected == "" && c.Scope.Holds(team) && c.Value != value }) {
			t.Fatalf("%+v: got %v against a claim", claims, value)
		}
	})
}

func TestFeatureScopes(t *testing.T) {
	e := New(vendor(map[string][]catalog.Claim{
		"/retention/inputs": {
			{Value: "30d"},
			{Value: "7d", Scope: catalog.Scope{Features: []string{"volumes", "snapshots"}}},
			{Value: "1d", Scope: catalog.Scope{Features: []string{"snapshots"}, Plans: []string{"team"}}},
			{Value: "0s", Scope: catalog.Scope{Features: []string{"volumes"}, Plans: []string{"enterprise"}}},
			{Value: "9d", Scope: catalog.Scope{Features: []string{"volumes"}}, Rejected: "older"},
		},
		"/retention/zero": {{Value: true, Only: true, Scope: catalog.Scope{Features: []string{"volumes"}, Plans: []string{"enterprise"}}}},
	}), nil)
	for name, c := range map[string]struct {
		plan, pointer string
		state         offering.State
		value         any
	}{
		"the whole offering":              {"team", "/retention/inputs", offering.Stated, "30d"},
		"where a feature is used":         {"team", "/features/volumes/facts/retention/inputs", offering.Stated, "7d"},
		"where two claims contradict":     {"team", "/features/snapshots/facts/retention/inputs", offering.Conflict, nil},
		"one of them holds elsewhere":     {"enterprise", "/features/snapshots/facts/retention/inputs", offering.Stated, "7d"},
		"another plan, another value":     {"enterprise", "/features/volumes/facts/retention/inputs", offering.Conflict, nil},
		"only, with a feature, elsewhere": {"team", "/features/volumes/facts/retention/zero", offering.Stated, false},
		"only, with a feature, here":      {"enterprise", "/features/volumes/facts/retention/zero", offering.Stated, true},
		"only, with a feature, not whole": {"team", "/retention/zero", offering.Absent, nil},
		"a feature that no claim names":   {"team", "/features/queues/facts/retention/inputs", offering.Absent, nil},
	} {
		t.Run(name, func(t *testing.T) {
			id := team
			id.Plan = c.plan
			expanded := e.Offering(id, nil)
			v := expanded.Find(c.pointer)
			switch {
			case c.state == offering.Absent:
				if v != nil {
					t.Errorf("got %+v", v)
				}
			case v == nil || v.State != c.state || v.Value != c.value || v.At != c.pointer:
				t.Errorf("got %+v, want %v %v", v, c.state, c.value)
			case v.Pointer == c.pointer != (v.Feature == ""):
				t.Errorf("got slot %+v", v.Slot)
			}
		})
	}
	plain := e.Offering(team, nil).Plain()
	volumes, _ := plain["features"].(map[string]any)["volumes"].(map[string]any)["facts"].(map[string]any)["retention"].(map[string]any)
	if volumes["inputs"] != "7d" || volumes["zero"] != false {
		t.Errorf("controls see %v", volumes)
	}
	if retention := plain["retention"].(map[string]any); len(retention) != 1 || retention["inputs"] != "30d" {
		t.Errorf("controls see %v", retention)
	}
	if got := plain["conflicts"].([]any); !reflect.DeepEqual(got, []any{"/features/snapshots/facts/retention/inputs"}) {
		t.Errorf("got conflicts %v", got)
	}
}

func TestAccounts(t *testing.T) {
	enterprise := catalog.Scope{Plans: []string{"enterprise"}}
	account := func(facts map[string][]catalog.Claim) *catalog.Account {
		for _, claims := range facts {
			for i := range claims {
				claims[i].Sources = []string{"msa"}
			}
		}
		return &catalog.Account{Name: "ours", Vendor: "acme", Path: "ours.yaml", Sources: map[string]decision.Source{"msa": {ID: "msa", Kind: "executed"}}, Facts: facted(facts)}
	}
	for name, c := range map[string]struct {
		vendor, ours []catalog.Claim
		state        offering.State
		value        any
		document     string
	}{
		"what we state overrides":                   {[]catalog.Claim{{Value: false}}, []catalog.Claim{{Value: true}}, offering.Stated, true, "ours"},
		"a denial of ours overrides":                {[]catalog.Claim{{Value: true}}, []catalog.Claim{{Value: false}}, offering.Stated, false, "ours"},
		"what we state elsewhere does not":          {[]catalog.Claim{{Value: true}}, []catalog.Claim{{Value: false, Scope: enterprise}}, offering.Stated, true, "acme"},
		"what we state only elsewhere does":         {[]catalog.Claim{{Value: true}}, []catalog.Claim{{Value: true, Only: true, Scope: enterprise}}, offering.Stated, false, "ours"},
		"what we rejected does not":                 {[]catalog.Claim{{Value: true}}, []catalog.Claim{{Value: false, Rejected: "old"}}, offering.Stated, true, "acme"},
		"our own contradiction is not overridden":   {[]catalog.Claim{{Value: true}}, []catalog.Claim{{Value: true}, {Value: false}}, offering.Conflict, nil, "ours"},
		"what only we state":                        {nil, []catalog.Claim{{Value: true}}, offering.Stated, true, "ours"},
		"what nobody states here":                   {nil, []catalog.Claim{{Value: true, Scope: enterprise}}, offering.Absent, nil, ""},
		"the vendor's contradiction is settled":     {[]catalog.Claim{{Value: true}, {Value: false}}, []catalog.Claim{{Value: true}}, offering.Stated, true, "ours"},
		"the vendor's contradiction stays without":  {[]catalog.Claim{{Value: true}, {Value: false}}, nil, offering.Conflict, nil, "acme"},
		"ours with a feature is not the whole":      {[]catalog.Claim{{Value: true}}, []catalog.Claim{{Value: false, Scope: catalog.Scope{Features: []string{"volumes"}}}}, offering.Stated, true, "acme"},
		"ours may disagree with the vendor's only":  {[]catalog.Claim{{Value: true, Only: true, Scope: enterprise}}, []catalog.Claim{{Value: true}}, offering.Stated, true, "ours"},
		"the vendor's only is overridden elsewhere": {[]catalog.Claim{{Value: true, Only: true, Scope: enterprise}}, []catalog.Claim{{Value: true, Scope: enterprise}}, offering.Stated, false, "acme"},
	} {
		t.Run(name, func(t *testing.T) {
			facts := map[string][]catalog.Claim{}
			if c.vendor != nil {
				facts[fact] = c.vendor
			}
			var a *catalog.Account
			if c.ours != nil {
				a = account(map[string][]catalog.Claim{fact: c.ours})
			}
			v := New(vendor(facts), a).Offering(team, nil).Find(fact)
			if c.state == offering.Absent {
				if v != nil {
					t.Errorf("got %+v", v)
				}
				return
			}
			if v == nil || v.State != c.state || v.Value != c.value || v.Claims[0].Document != c.document {
				t.Fatalf("got %+v, want %v %v of %s", v, c.state, c.value, c.document)
			}
			want := "documented"
			if c.document == "ours" {
				want = "executed"
			}
			if got := v.Evidence(); len(got) != 1 || got[0].Kind != want {
				t.Errorf("got evidence %+v", got)
			}
		})
	}
}

// TestLapsedPrices holds that prices of ours count while their contract is in
// force; other facts stay, and their age is for the controls to judge.
func TestLapsedPrices(t *testing.T) {
	sources := map[string]decision.Source{
		"order":  {ID: "order", Kind: "executed", Effective: "2026-03-01", Until: "2027-02-28"},
		"open":   {ID: "open", Kind: "executed", Effective: "2026-03-01", Until: "open"},
		"bare":   {ID: "bare", Kind: "executed"},
		"letter": {ID: "letter", Kind: "contractual"},
	}
	for name, c := range map[string]struct {
		asOf    string
		pointer string
		sources []string
		ours    bool
	}{
		"before the first day":       {"2026-02-28", "/skus/one/price/on-demand", []string{"order"}, false},
		"on the first day":           {"2026-03-01", "/skus/one/price/on-demand", []string{"order"}, true},
		"on the last day":            {"2027-02-28", "/skus/one/price/on-demand", []string{"order"}, true},
		"the day after":              {"2027-03-01", "/skus/one/price/on-demand", []string{"order"}, false},
		"a fee the day after":        {"2027-03-01", "/prices/planFee", []string{"order"}, false},
		"without an end":             {"2099-01-01", "/prices/planFee", []string{"open"}, true},
		"without dates":              {"2026-11-23", "/prices/planFee", []string{"bare"}, false},
		"not a contract":             {"2099-01-01", "/prices/planFee", []string{"letter"}, true},
		"one of two in force":        {"2099-01-01", "/prices/planFee", []string{"order", "open"}, true},
		"another fact the day after": {"2027-03-01", fact, []string{"order"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := &catalog.Account{Name: "ours", Sources: sources, Facts: facted(map[string][]catalog.Claim{c.pointer: {{Value: "ours", Sources: c.sources}}})}
			v := vendor(map[string][]catalog.Claim{c.pointer: {{Value: "list"}}})
			v.SKUs = []catalog.SKU{{ID: "one"}}
			id := team
			id.SKU = "one"
			want := any("list")
			if c.ours {
				want = "ours"
			}
			if got, ok := New(v, InForce(a, c.asOf)).Offering(id, nil).Fact(c.pointer); !ok || got != want {
				t.Errorf("got %v, want %v", got, want)
			}
			if len(a.Facts[0].Claims) != 1 {
				t.Error("the account was changed")
			}
		})
	}
}

// At list prices an account keeps what is not a price.
func TestAtList(t *testing.T) {
	var priced []string
	all := map[string][]catalog.Claim{fact: {{Value: "ours"}}, "/scaling/scaleDownDelay": {{Value: "1s"}}}
	for _, pointer := range []string{"/prices/discount", "/skus/one/price/on-demand", "/billing/idle"} {
		all[pointer] = []catalog.Claim{{Value: "ours"}}
		priced = append(priced, pointer)
	}
	a := &catalog.Account{Name: "ours", Plan: "team", Facts: facted(all)}
	list := AtList(a)
	if list == nil || list.Name != "ours" || list.Plan != "team" || len(a.Facts) != 5 {
		t.Fatalf("got %+v of %+v", list, a)
	}
	v := vendor(nil)
	v.SKUs = []catalog.SKU{{ID: "one"}}
	id := team
	id.SKU = "one"
	for pointer := range all {
		o := New(v, list).Offering(id, nil)
		if _, ok := o.Fact(pointer); ok == slices.Contains(priced, pointer) || !New(v, a).Offering(id, nil).Ours(pointer) {
			t.Errorf("%s: got %v at list prices", pointer, ok)
		}
	}
	if got := AtList(list); got != nil {
		t.Errorf("an account without prices: got %+v", got)
	}
	if got := AtList(nil); got != nil {
		t.Errorf("no account: got %+v", got)
	}
}

func TestGPUModels(t *testing.T) {
	price := catalog.Claim{Value: map[string]any{"amount": "1"}}
	for name, c := range map[string]struct {
		facts map[string][]catalog.Claim
		plan  string
		want  bool
	}{
		"nothing is said":            {nil, "team", false},
		"a price says nothing":       {map[string][]catalog.Claim{"/skus/one/price/on-demand": {price}}, "team", false},
		"self-serve":                 {map[string][]catalog.Claim{"/skus/one/availability": {{Value: "self-serve"}}}, "team", true},
		"on request":                 {map[string][]catalog.Claim{"/skus/two/availability": {{Value: "on-request"}}}, "team", true},
		"self-serve on another plan": {map[string][]catalog.Claim{"/skus/one/availability": {{Value: "self-serve", Scope: catalog.Scope{Plans: []string{"enterprise"}}}}}, "team", false},
		"self-serve on this plan":    {map[string][]catalog.Claim{"/skus/one/availability": {{Value: "self-serve", Scope: catalog.Scope{Plans: []string{"enterprise"}}}}}, "enterprise", true},
		"that is rejected":           {map[string][]catalog.Claim{"/skus/one/availability": {{Value: "self-serve", Rejected: "old"}}}, "team", false},
		"claims that contradict":     {map[string][]catalog.Claim{"/skus/one/availability": {{Value: "self-serve"}, {Value: "quota"}}}, "team", false},
		"unavailable":                {map[string][]catalog.Claim{"/skus/one/availability": {{Value: "unavailable"}}}, "team", false},
		"unavailable, with a price":  {map[string][]catalog.Claim{"/skus/one/availability": {{Value: "unavailable"}}, "/skus/one/price/on-demand": {price}}, "team", false},
		"one unavailable, other not": {map[string][]catalog.Claim{"/skus/one/availability": {{Value: "unavailable"}}, "/skus/two/availability": {{Value: "quota"}}}, "team", true},
		"no word":                    {map[string][]catalog.Claim{"/skus/one/availability": {{Value: true}}}, "team", false},
		"another model":              {map[string][]catalog.Claim{"/skus/other/availability": {{Value: "self-serve"}}}, "team", false},
		"of an SKU that we have not": {map[string][]catalog.Claim{"/skus/two/availability": {{Value: "self-serve", Scope: catalog.Scope{SKUs: []string{"two"}}}}}, "team", true},
	} {
		t.Run(name, func(t *testing.T) {
			v := vendor(c.facts)
			v.SKUs = []catalog.SKU{{ID: "one", GPU: "H100"}, {ID: "two", GPU: "H100"}, {ID: "other", GPU: "T4"}, {ID: "cpu"}}
			id := team
			id.Plan, id.SKU = c.plan, "other"
			e := New(v, nil).Offering(id, nil)
			value, ok := e.Fact("/gpuModels/H100")
			if ok != c.want || ok && value != true {
				t.Errorf("got %v, %v", value, ok)
			}
			if ok && len(e.Find("/gpuModels/H100").Evidence()) == 0 {
				t.Error("got no evidence")
			}
		})
	}
}

// TestOtherSKUs holds that an offering states nothing of the SKUs it is not.
func TestOtherSKUs(t *testing.T) {
	v := vendor(map[string][]catalog.Claim{"/skus/a/availability": {{Value: "self-serve"}}, "/skus/ab/availability": {{Value: "quota"}}, "/prices/cpu": {{Value: "x", Scope: catalog.Scope{SKUs: []string{"a"}}}}})
	v.SKUs = []catalog.SKU{{ID: "a"}, {ID: "ab"}}
	x := New(v, nil)
	for sku, want := range map[string][]string{"a": {"/prices/cpu", "/skus/a/availability"}, "ab": {"/skus/ab/availability"}, "": nil} {
		id := team
		id.SKU = sku
		var got []string
		for _, value := range x.Offering(id, nil).Values {
			if value != nil {
				got = append(got, value.At)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", sku, got, want)
		}
	}
}

func TestImplied(t *testing.T) {
	v := &catalog.Vendor{
		Products: []catalog.Product{{ID: "functions", Implies: []string{"images", "code"}}, {ID: "pods"}},
		Features: []catalog.Feature{{ID: "images", Implies: []string{"layers"}}, {ID: "code"}, {ID: "layers", Implies: []string{"images"}}, {ID: "web", Aliases: []string{"http"}, Implies: []string{"code"}}},
	}
	for name, c := range map[string]struct {
		product string
		used    []string
		want    []string
	}{
		"what the product brings, and what that brings": {"functions", nil, []string{"code", "images", "layers"}},
		"without what is used":                          {"functions", []string{"images", "code"}, []string{"layers"}},
		"what a used feature brings":                    {"pods", []string{"web"}, []string{"code"}},
		"by its alias, too":                             {"pods", []string{"http"}, []string{"code"}},
		"in a circle":                                   {"pods", []string{"layers"}, []string{"images"}},
		"nothing":                                       {"pods", nil, nil},
		"a feature that is not there":                   {"pods", []string{"x"}, nil},
		"a product that is not there":                   {"x", nil, nil},
	} {
		if got := Implied(v, c.product, c.used); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

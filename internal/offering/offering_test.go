package offering

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
)

var sources = map[string]decision.Source{
	"page": {ID: "page", Kind: "documented", Published: "unknown", Read: "2026-11-23", Copy: "stored"},
	"msa":  {Kind: "executed", Published: "2026-01-01", Read: "2026-01-02", Copy: "live", Effective: "2026-01-01", Until: "open"},
}

func value(at string, state State, v any, claims ...*catalog.Claim) *Value {
	value := &Value{Slot: Slot{At: at, Pointer: at}, State: state, Value: v}
	for _, c := range claims {
		value.Claims = append(value.Claims, Ref{Document: "acme", Sources: sources, Claim: c})
	}
	return value
}

func expanded(values ...*Value) *Expanded {
	e := &Expanded{
		ID:     decision.Offering{Vendor: "acme", Product: "pods", Plan: "team", Hosting: "managed", Region: "us", SKU: "h1", GPU: "H100", Count: 2, Capacity: "on-demand"},
		Vendor: &catalog.Vendor{ID: "acme", Sites: map[string]string{"acme-1": "us"}, Features: []catalog.Feature{{ID: "disks", Instead: []string{"tapes"}}, {ID: "tapes"}}}, Implied: []string{"images"},
		Slots: []Slot{{At: "/a"}, {At: "/a/b/c"}, {At: "/a~1b"}, {At: "/conflict"}, {At: "/z"}},
	}
	e.Values = make([]*Value, len(e.Slots))
	for _, v := range values {
		e.Values[e.Slot(v.At)] = v
	}
	return e
}

func TestEvidence(t *testing.T) {
	v := value("/a", Stated, true, &catalog.Claim{Sources: []string{"msa", "page"}}, &catalog.Claim{Sources: []string{"page"}})
	want := []decision.Source{sources["msa"], sources["page"]}
	want[0].ID = "msa"
	if got := v.Evidence(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want each source once, in the order of the claims", got)
	}
	plain := []any{
		map[string]any{"id": "msa", "kind": "executed", "published": "2026-01-01", "read": "2026-01-02", "copy": "live", "effective": "2026-01-01", "until": "open"},
		map[string]any{"id": "page", "kind": "documented", "published": "unknown", "read": "2026-11-23", "copy": "stored"},
	}
	if got := v.PlainEvidence(); !reflect.DeepEqual(got, plain) {
		t.Errorf("got %v", got)
	}
	if got := value("/a", Stated, true).PlainEvidence(); len(got) != 0 || got == nil {
		t.Errorf("no claims: got %v", got)
	}
}

func TestLookups(t *testing.T) {
	e := expanded(value("/a", Stated, "x", &catalog.Claim{Conditions: []string{"sign", "ask"}}, &catalog.Claim{Conditions: []string{"ask"}}), value("/conflict", Conflict, nil, &catalog.Claim{Conditions: []string{"never"}}))
	for pointer, want := range map[string]int{"/a": 0, "/a/b/c": 1, "/a~1b": 2, "/z": 4, "": -1, "/": -1, "/a/b": -1, "/zz": -1, "/A": -1} {
		if got := e.Slot(pointer); got != want {
			t.Errorf("%q: got slot %d, want %d", pointer, got, want)
		}
	}
	for pointer, want := range map[string]string{"/a": "/a", "/a/x/y": "/a", "/conflict/0": "/conflict", "/z": "", "/b": "", "": ""} {
		got := e.Behind(pointer)
		if (got == nil) != (want == "") || got != nil && got.At != want {
			t.Errorf("%q: got %+v, want %q", pointer, got, want)
		}
	}
	if v, ok := e.Fact("/a"); v != "x" || !ok {
		t.Errorf("got %v, %v", v, ok)
	}
	if v, ok := e.Fact("/conflict"); v != nil || !ok {
		t.Errorf("what is claimed in contradiction has no value: got %v, %v", v, ok)
	}
	for _, pointer := range []string{"/z", "/a/b/c", "/a/x", ""} {
		if v, ok := e.Fact(pointer); v != nil || ok {
			t.Errorf("%q: got %v, %v", pointer, v, ok)
		}
	}
	if got := e.Conditions("/a/deep"); !slices.Equal(got, []string{"ask", "sign"}) {
		t.Errorf("got %v", got)
	}
	if got := append(e.Conditions("/conflict"), e.Conditions("/z")...); len(got) != 0 {
		t.Errorf("got %v of what is not stated", got)
	}
}

func TestOurs(t *testing.T) {
	own := value("/a", Stated, "x", &catalog.Claim{})
	own.Claims[0].Ours = true
	e := expanded(own, value("/z", Stated, "y", &catalog.Claim{}))
	for pointer, want := range map[string]bool{"/a": true, "/z": false, "/a/b/c": false, "/b": false, "/a/x": false} {
		if got := e.Ours(pointer); got != want {
			t.Errorf("%s: got %v, want %v", pointer, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	object := map[string]any{"x": json.Number("1.10")}
	e := expanded(value("/a", Stated, object), value("/a/b/c", Stated, []any{"d"}), value("/a~1b", Stated, false), value("/conflict", Conflict, nil))
	plain := e.Plain()
	for name, part := range e.Frame() {
		if !reflect.DeepEqual(plain[name], part) {
			t.Errorf("%s: got %v, want %v as without facts", name, plain[name], part)
		}
		delete(plain, name)
	}
	got, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"a":{"b":{"c":["d"]},"x":1.10},"a/b":false,"conflicts":["/conflict"],"evidence":{"/a":[],"/a/b/c":[],"/a~1b":[]}}`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(object) != 1 {
		t.Errorf("the claim was changed: %v", object)
	}
}

func TestFrame(t *testing.T) {
	frame := expanded().Frame()
	id, _ := frame["id"].(map[string]any)
	for name, want := range map[string]any{"vendor": "acme", "product": "pods", "plan": "team", "hosting": "managed", "region": "us", "sku": "h1", "gpu": "H100", "capacity": "on-demand"} {
		if id[name] != want {
			t.Errorf("%s: got %v, want %v", name, id[name], want)
		}
	}
	for name, want := range map[string]any{"implied": []any{"images"}, "instead": map[string]any{"disks": []any{"tapes"}}, "sites": map[string]any{"acme-1": "us"}} {
		if !reflect.DeepEqual(frame[name], want) {
			t.Errorf("%s: got %v, want %v", name, frame[name], want)
		}
	}
	if _, err := json.Marshal(frame); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		skus  []catalog.SKU
		count int
		want  any
	}{
		"a SKU that has two":                  {[]catalog.SKU{{ID: "h1", Counts: []int{1, 2}}}, 2, 2},
		"one of a SKU that says no number":    {[]catalog.SKU{{ID: "h1"}}, 1, 1},
		"two of a SKU that says no number":    {[]catalog.SKU{{ID: "h1"}}, 2, nil},
		"no GPU of a SKU that says no number": {[]catalog.SKU{{ID: "h1"}}, 0, 0},
	} {
		e := expanded()
		e.Vendor.SKUs, e.ID.Count = c.skus, c.count
		id, _ := e.Frame()["id"].(map[string]any)
		if id["count"] != c.want {
			t.Errorf("%s: got %v, want %v", name, id["count"], c.want)
		}
	}
}

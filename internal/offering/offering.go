// Package offering is one offering with the plain value of every fact and
// where it comes from. It is shared data.
package offering

import (
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// A State says what stands behind a pointer for one offering.
type State uint8

// The states of a fact.
const (
	Absent   State = iota // nothing is claimed here
	Stated                // the claims that hold here agree
	Conflict              // they contradict each other, or all were rejected for doing so
)

// A Slot is where a fact may stand in the offerings of one vendor. At is the
// pointer in the offering: that of the document, or /features/ID/facts/… where
// the fact holds only with a feature.
type Slot struct {
	At      string
	Pointer string
	Feature string
}

// A Value is one fact as it holds for one offering. Offerings for which it is
// the same share it.
type Value struct {
	Slot
	// Number tells the values of one vendor apart; it starts at 1.
	Number int
	State  State
	Value  any
	Claims []Ref
}

// A Ref is a claim with the document that it stands in; Ours says that this is
// our account with the vendor.
type Ref struct {
	Ours     bool
	Document string
	Path     string
	Pointer  string
	Sources  map[string]decision.Source
	Claim    *catalog.Claim
}

// Evidence lists the sources behind the value, each once, in the order of the
// claims.
func (v *Value) Evidence() []decision.Source {
	var list []decision.Source
	for _, ref := range v.Claims {
		for _, id := range ref.Claim.Sources {
			source := ref.Sources[id]
			source.ID = id
			if !slices.Contains(list, source) {
				list = append(list, source)
			}
		}
	}
	return list
}

// PlainEvidence is Evidence as controls see it.
func (v *Value) PlainEvidence() []any {
	evidence := v.Evidence()
	plain := make([]any, len(evidence))
	for i, source := range evidence {
		entry := map[string]any{"id": source.ID, "kind": source.Kind, "published": source.Published, "read": source.Read, "copy": source.Copy}
		if source.Effective != "" {
			entry["effective"] = source.Effective
		}
		if source.Until != "" {
			entry["until"] = source.Until
		}
		plain[i] = entry
	}
	return plain
}

// An Expanded is an offering with its facts.
type Expanded struct {
	ID      decision.Offering
	Vendor  *catalog.Vendor
	Account *catalog.Account
	// Implied are the features that the product and the used features bring.
	Implied []string
	// Slots are all that the vendor's offerings may state, sorted by At;
	// Values are what this one states, slot by slot, nil where nothing.
	Slots  []Slot
	Values []*Value
}

// Fact returns the plain value at a document pointer; ok is false where
// nothing is claimed. Where claims contradict each other something is claimed,
// but it has no value: nil.
func (e *Expanded) Fact(pointer string) (value any, ok bool) {
	v := e.Find(pointer)
	if v == nil {
		return nil, false
	}
	return v.Value, true
}

// Find returns the value that stands exactly at an offering pointer, or nil.
func (e *Expanded) Find(pointer string) *Value {
	i := e.Slot(pointer)
	if i < 0 {
		return nil
	}
	return e.Values[i]
}

// Ours reports whether our account states what holds at an offering pointer.
func (e *Expanded) Ours(pointer string) bool {
	v := e.Find(pointer)
	return v != nil && slices.ContainsFunc(v.Claims, func(r Ref) bool { return r.Ours })
}

// Slot returns the index of the slot at an offering pointer, or -1.
func (e *Expanded) Slot(pointer string) int {
	i := sort.Search(len(e.Slots), func(i int) bool { return e.Slots[i].At >= pointer })
	if i == len(e.Slots) || e.Slots[i].At != pointer {
		return -1
	}
	return i
}

// Behind returns the value at an offering pointer or nearest above it, or nil.
func (e *Expanded) Behind(pointer string) *Value {
	for pointer != "" {
		if v := e.Find(pointer); v != nil {
			return v
		}
		pointer = pointer[:max(strings.LastIndexByte(pointer, '/'), 0)]
	}
	return nil
}

// Conditions lists what the claims at a pointer depend on.
func (e *Expanded) Conditions(pointer string) []string {
	v := e.Behind(pointer)
	if v == nil || v.State != Stated {
		return nil
	}
	var list []string
	for _, ref := range v.Claims {
		list = append(list, ref.Claim.Conditions...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Frame is the offering as controls see it, without any fact: who it is, the
// features that come with it, and the vendor's regions.
func (e *Expanded) Frame() map[string]any {
	implied := make([]any, len(e.Implied))
	for i, id := range e.Implied {
		implied[i] = id
	}
	sites := make(map[string]any, len(e.Vendor.Sites))
	for site, within := range e.Vendor.Sites {
		sites[site] = within
	}
	instead := map[string]any{}
	for _, feature := range e.Vendor.Features {
		if len(feature.Instead) > 0 {
			others := make([]any, len(feature.Instead))
			for i, id := range feature.Instead {
				others[i] = id
			}
			instead[feature.ID] = others
		}
	}
	names := []any{strings.ToLower(e.Vendor.ID)}
	for _, alias := range e.Vendor.Aliases {
		names = append(names, strings.ToLower(alias))
	}
	return map[string]any{
		"instead": instead,
		"id": map[string]any{
			"vendor": e.ID.Vendor, "product": e.ID.Product, "plan": e.ID.Plan, "hosting": e.ID.Hosting, "region": e.ID.Region,
			"sku": e.ID.SKU, "gpu": e.ID.GPU, "count": e.count(), "capacity": e.ID.Capacity,
			"names": names,
		},
		"implied": implied, "sites": sites,
	}
}

// count is the number of GPUs as far as the document says that the SKU has it:
// nil for more than one where it does not say how many there may be.
func (e *Expanded) count() any {
	if sku, ok := e.Vendor.SKU(e.ID.SKU); ok && len(sku.Counts) == 0 && e.ID.Count > 1 {
		return nil
	}
	return e.ID.Count
}

// Plain is the offering as controls see it: its frame, the tree of its facts
// and what they rest on.
func (e *Expanded) Plain() map[string]any {
	tree := e.Frame()
	evidence := map[string]any{}
	conflicts := []any{}
	for _, value := range e.Values {
		switch {
		case value == nil:
		case value.State == Conflict:
			conflicts = append(conflicts, value.At)
		case value.State == Stated:
			put(tree, document.Split(value.At), value.Value)
			evidence[value.At] = value.PlainEvidence()
		}
	}
	tree["evidence"] = evidence
	tree["conflicts"] = conflicts
	return tree
}

func put(tree map[string]any, parts []string, value any) {
	for _, part := range parts[:len(parts)-1] {
		next, ok := tree[part].(map[string]any)
		if !ok {
			next = map[string]any{}
			tree[part] = next
		}
		tree = next
	}
	last := parts[len(parts)-1]
	if object, ok := value.(map[string]any); ok {
		value = maps.Clone(object) // facts below this one must not change the claim
	}
	tree[last] = value
}

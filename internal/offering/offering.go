// Package offering is one offering with the plain value of every fact and
// where it comes from. It is shared data.
package offering

import (
	"maps"
	"slices"
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

// A Value is one fact as it holds for one offering. Pointer is that of the
// document; Feature is set where the value holds only where it is used.
type Value struct {
	Pointer string
	Feature string
	State   State
	Value   any
	Claims  []Ref
}

// A Ref is a claim with the document that it stands in.
type Ref struct {
	Document string
	Path     string
	Pointer  string
	Sources  map[string]decision.Source
	Claim    *catalog.Claim
}

// At is the pointer of the value in the offering: that of the document, or
// /features/ID/facts/… where the value holds only with a feature.
func (v Value) At() string {
	if v.Feature == "" {
		return v.Pointer
	}
	return document.Join("features", v.Feature, "facts") + v.Pointer
}

// Evidence lists the sources behind the value, each once, in the order of the
// claims.
func (v Value) Evidence() []decision.Source {
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

// An Expanded is an offering with its facts.
type Expanded struct {
	ID      decision.Offering
	Vendor  *catalog.Vendor
	Account *catalog.Account
	// Implied are the features that the product and the used features bring.
	Implied []string
	// Values are sorted by where they stand in the offering.
	Values []Value
}

// Fact returns the plain value at a document pointer; ok is false where
// nothing is claimed or claims contradict each other.
func (e *Expanded) Fact(pointer string) (value any, ok bool) {
	v, ok := e.Find(pointer)
	if !ok || v.State != Stated {
		return nil, false
	}
	return v.Value, true
}

// Find returns the value that stands exactly at an offering pointer.
func (e *Expanded) Find(pointer string) (Value, bool) {
	i, ok := slices.BinarySearchFunc(e.Values, pointer, func(v Value, p string) int { return strings.Compare(v.At(), p) })
	if !ok {
		return Value{}, false
	}
	return e.Values[i], true
}

// Behind returns the value at an offering pointer or nearest above it.
func (e *Expanded) Behind(pointer string) (Value, bool) {
	for {
		if v, ok := e.Find(pointer); ok {
			return v, true
		}
		i := strings.LastIndexByte(pointer, '/')
		if i <= 0 {
			return Value{}, false
		}
		pointer = pointer[:i]
	}
}

// Conditions lists what the claims at a pointer depend on.
func (e *Expanded) Conditions(pointer string) []string {
	v, ok := e.Behind(pointer)
	if !ok || v.State != Stated {
		return nil
	}
	var list []string
	for _, ref := range v.Claims {
		list = append(list, ref.Claim.Conditions...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Plain returns the offering as controls see it: the fact tree, who it is and
// what its facts rest on. Only values for which keep is true go in.
func (e *Expanded) Plain(keep func(Value) bool) map[string]any {
	tree := map[string]any{}
	evidence := map[string]any{}
	conflicts := []any{}
	for _, value := range e.Values {
		if !keep(value) {
			continue
		}
		switch value.State {
		case Conflict:
			conflicts = append(conflicts, value.At())
		case Stated:
			put(tree, document.Split(value.At()), value.Value)
			evidence[value.At()] = plainSources(value.Evidence())
		}
	}
	implied := make([]any, len(e.Implied))
	for i, id := range e.Implied {
		implied[i] = id
	}
	sites := map[string]any{}
	for site, within := range e.Vendor.Sites {
		sites[site] = within
	}
	tree["id"] = map[string]any{
		"vendor": e.ID.Vendor, "product": e.ID.Product, "plan": e.ID.Plan, "hosting": e.ID.Hosting, "region": e.ID.Region,
		"sku": e.ID.SKU, "gpu": e.ID.GPU, "count": e.ID.Count, "capacity": e.ID.Capacity,
	}
	tree["implied"] = implied
	tree["sites"] = sites
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
		// Facts may stand below this one: never share or replace its members.
		if below, ok := tree[last].(map[string]any); ok {
			maps.Copy(below, object)
			return
		}
		value = maps.Clone(object)
	}
	tree[last] = value
}

func plainSources(list []decision.Source) []any {
	plain := make([]any, len(list))
	for i, source := range list {
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

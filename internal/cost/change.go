package cost

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/caveat-check/caveat/internal/document"
)

// A Change gives a field under spec another value.
type Change struct {
	Text  string   // as it was asked for
	Parts []string // of the path, below spec
	Value *document.Node
}

// Changed is a field with its value before and after; "" is not stated.
type Changed struct {
	Path   string `json:"path"`
	Before string `json:"before"`
	After  string `json:"after"`
	// Replaced are the fields that had to go because of it: a manifest has one
	// form of usage.
	Replaced []string `json:"replaced,omitempty"`
}

// Path cuts usage.jobs.0.duration into its parts; a leading spec may be left
// out. The error is for people.
func Path(text string) ([]string, error) {
	parts := strings.Split(strings.TrimPrefix(text, "spec."), ".")
	if slices.Contains(parts, "") {
		return nil, fmt.Errorf("%q is not a path; expected fields under spec with dots between them, such as usage.gpuHours", text)
	}
	switch parts[0] {
	case "spec", "metadata", "apiVersion", "kind":
		return nil, fmt.Errorf("%q is not under spec; expected a path such as usage.gpuHours", text)
	}
	return parts, nil
}

// Apply changes a manifest. Mappings on the way, and lists before a 0, are
// added where they are not there; the entry after a list's last is a new one. What a field may hold is
// for the schema to say.
func (c Change) Apply(root *document.Node) (Changed, error) {
	spec := root.Field("spec")
	if spec == nil || spec.Kind != document.Map {
		return Changed{}, errors.New("the manifest has no spec; expected a mapping; add it")
	}
	pointer := document.Join(append([]string{"spec"}, c.Parts...)...)
	before, line, column, _ := root.At(pointer)
	changed := Changed{Path: strings.Join(c.Parts, "."), Before: Words(before), After: Words(c.Value)}
	if len(c.Parts) > 1 && c.Parts[0] == "usage" {
		changed.Replaced = others(spec.Field("usage"), c.Parts[1])
	}
	value := c.Value.Clone()
	move(value, line, column)
	return changed, set(spec, c.Parts, value, "spec")
}

// others takes the other forms out of a usage, and names them.
func others(usage *document.Node, form string) []string {
	if usage == nil || usage.Kind != document.Map {
		return nil
	}
	var gone []string
	for _, key := range slices.Clone(usage.Keys) {
		if key.Name != form {
			gone = append(gone, "usage."+key.Name)
			delete(usage.Fields, key.Name)
			usage.Keys = slices.DeleteFunc(usage.Keys, func(k document.Key) bool { return k.Name == key.Name })
		}
	}
	return gone
}

func set(node *document.Node, parts []string, value *document.Node, at string) error {
	name, rest := parts[0], parts[1:]
	child := func(old *document.Node) (*document.Node, error) {
		if len(rest) == 0 {
			return value, nil
		}
		if old == nil || old.Kind == document.Scalar {
			old = &document.Node{Kind: document.Map, Line: value.Line, Column: value.Column}
			if rest[0] == "0" {
				old.Kind = document.List
			}
		}
		return old, set(old, rest, value, at+"."+name)
	}
	if node.Kind != document.List {
		next, err := child(node.Fields[name])
		if err != nil {
			return err
		}
		node.Set(name, next)
		return nil
	}
	i, err := strconv.Atoi(name)
	if err != nil || i < 0 || i > len(node.Items) {
		return fmt.Errorf("%s is a list of %d and has no %q; expected a number from 0 to %d", at, len(node.Items), name, len(node.Items))
	}
	var old *document.Node
	if i < len(node.Items) {
		old = node.Items[i]
	}
	next, err := child(old)
	if err != nil {
		return err
	}
	if i == len(node.Items) {
		node.Items = append(node.Items, next)
	}
	node.Items[i] = next
	return nil
}

// move gives a tree the place of what it stands for.
func move(node *document.Node, line, column int) {
	node.Line, node.Column = line, column
	for i := range node.Keys {
		node.Keys[i].Line, node.Keys[i].Column = line, column
	}
	for _, field := range node.Fields {
		move(field, line, column)
	}
	for _, item := range node.Items {
		move(item, line, column)
	}
}

// Words shows a value as a manifest has it in one line; "" for none.
func Words(node *document.Node) string {
	if node == nil {
		return ""
	}
	switch node.Kind {
	case document.Map:
		var parts []string
		for _, key := range node.Keys {
			parts = append(parts, key.Name+": "+Words(node.Fields[key.Name]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case document.List:
		var parts []string
		for _, item := range node.Items {
			parts = append(parts, Words(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	if node.Value == nil {
		return "null"
	}
	return fmt.Sprint(node.Value)
}

// causes are the parts of spec that a cost follows from.
var causes = []string{"usage", "resources", "placement"}

// Differences lists the fields of a spec that differ, in the order of their
// paths; what a cost follows from comes first.
func Differences(before, after *document.Node) []Changed {
	var list []Changed
	differ(before, after, nil, &list)
	weight := func(c Changed) int {
		first, _, _ := strings.Cut(c.Path, ".")
		if i := slices.Index(causes, first); i >= 0 {
			return i
		}
		return len(causes)
	}
	slices.SortStableFunc(list, func(a, b Changed) int {
		if c := weight(a) - weight(b); c != 0 {
			return c
		}
		return strings.Compare(a.Path, b.Path)
	})
	return list
}

func differ(a, b *document.Node, at []string, list *[]Changed) {
	within := func(name string, a, b *document.Node) {
		differ(a, b, append(slices.Clone(at), name), list)
	}
	switch {
	case a != nil && b != nil && a.Kind == document.Map && b.Kind == document.Map:
		for _, key := range a.Keys {
			within(key.Name, a.Fields[key.Name], b.Field(key.Name))
		}
		for _, key := range b.Keys {
			if a.Fields[key.Name] == nil {
				within(key.Name, nil, b.Fields[key.Name])
			}
		}
	case a != nil && b != nil && a.Kind == document.List && b.Kind == document.List && len(a.Items) == len(b.Items):
		for i := range a.Items {
			within(strconv.Itoa(i), a.Items[i], b.Items[i])
		}
	default:
		if x, y := Words(a), Words(b); x != y {
			*list = append(*list, Changed{Path: strings.Join(at, "."), Before: x, After: y})
		}
	}
}

// Package document is what reading a file gives: a tree of nodes that keep
// their line and column. It is shared data; it reads nothing itself.
package document

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A Kind is the kind of a node.
type Kind uint8

// The kinds of node.
const (
	Scalar Kind = iota
	Map
	List
)

// A Node is one value of a document with its place. A scalar's Value is nil,
// bool, string or json.Number with the digits of the source.
type Node struct {
	Kind   Kind
	Line   int
	Column int
	Value  any
	// Keys and Fields are the members of a map in the order of the source.
	Keys   []Key
	Fields map[string]*Node
	Items  []*Node
}

// A Key is the place of a map's key.
type Key struct {
	Name   string
	Line   int
	Column int
}

// A Document is one document of one file. Index counts the documents of the
// file from 0, those with problems too; one that holds only comments is none.
type Document struct {
	Path  string
	Index int
	Kind  string
	Root  *Node
	// Digest is the SHA-256 of the document's meaning: its canonical JSON.
	Digest string
}

// Field returns the member of a map, or nil.
func (n *Node) Field(name string) *Node {
	if n == nil || n.Kind != Map {
		return nil
	}
	return n.Fields[name]
}

// Key returns the place of a member's key.
func (n *Node) Key(name string) (Key, bool) {
	for _, key := range n.Keys {
		if key.Name == name {
			return key, true
		}
	}
	return Key{}, false
}

// Text returns the string of a scalar, or "".
func (n *Node) Text() string {
	if n == nil {
		return ""
	}
	text, _ := n.Value.(string)
	return text
}

// Texts returns the strings of a list, or of one string.
func (n *Node) Texts() []string {
	if n == nil {
		return nil
	}
	if n.Kind == Scalar {
		if text, ok := n.Value.(string); ok {
			return []string{text}
		}
		return nil
	}
	var texts []string
	for _, item := range n.Items {
		if text, ok := item.Value.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// Bool returns the boolean of a scalar; ok is false for anything else.
func (n *Node) Bool() (value, ok bool) {
	if n == nil {
		return false, false
	}
	value, ok = n.Value.(bool)
	return value, ok
}

// Set adds or replaces a member of a map, at the place of the map itself.
func (n *Node) Set(name string, value *Node) {
	if n.Fields == nil {
		n.Fields = map[string]*Node{}
	}
	if _, ok := n.Fields[name]; !ok {
		n.Keys = append(n.Keys, Key{Name: name, Line: n.Line, Column: n.Column})
	}
	n.Fields[name] = value
}

// Clone copies a node and everything below it.
func (n *Node) Clone() *Node {
	if n == nil {
		return nil
	}
	clone := *n
	clone.Keys = slices.Clone(n.Keys)
	if n.Fields != nil {
		clone.Fields = make(map[string]*Node, len(n.Fields))
		for name, field := range n.Fields {
			clone.Fields[name] = field.Clone()
		}
	}
	clone.Items = make([]*Node, len(n.Items))
	for i, item := range n.Items {
		clone.Items[i] = item.Clone()
	}
	return &clone
}

// Plain returns the value without places: maps, slices and scalars as
// encoding/json would give them with UseNumber.
func (n *Node) Plain() any {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case Map:
		plain := make(map[string]any, len(n.Fields))
		for name, field := range n.Fields {
			plain[name] = field.Plain()
		}
		return plain
	case List:
		plain := make([]any, len(n.Items))
		for i, item := range n.Items {
			plain[i] = item.Plain()
		}
		return plain
	default:
		return n.Value
	}
}

// Of makes a node of a plain value, every part of it at the given place.
func Of(value any, line, column int) *Node {
	node := &Node{Line: line, Column: column}
	switch value := value.(type) {
	case map[string]any:
		node.Kind = Map
		for _, name := range slices.Sorted(maps.Keys(value)) {
			node.Set(name, Of(value[name], line, column))
		}
	case []any:
		node.Kind = List
		for _, part := range value {
			node.Items = append(node.Items, Of(part, line, column))
		}
	case float64:
		node.Value = json.Number(strconv.FormatFloat(value, 'f', -1, 64))
	default:
		node.Value = value
	}
	return node
}

// At returns the node at a JSON pointer and the place to show for it: for a
// member of a map, its key. Where nothing stands at the pointer, node is nil
// and the place is that of the nearest node above it, at.
func (n *Node) At(pointer string) (node *Node, line, column int, at string) {
	node, line, column = n, n.Line, n.Column
	walked := 0
	for _, part := range Split(pointer) {
		var next *Node
		switch node.Kind {
		case Map:
			next = node.Fields[part]
			if next != nil {
				key, _ := node.Key(part)
				line, column = key.Line, key.Column
			}
		case List:
			if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(node.Items) {
				next = node.Items[i]
				line, column = next.Line, next.Column
			}
		}
		if next == nil {
			return nil, line, column, Join(Split(pointer)[:walked]...)
		}
		node = next
		walked++
	}
	return node, line, column, pointer
}

// Split cuts a JSON pointer into its unescaped parts.
func Split(pointer string) []string {
	if pointer == "" || pointer == "/" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
	}
	return parts
}

// Join makes a JSON pointer of parts.
func Join(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(part, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

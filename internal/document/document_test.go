package document

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// at makes a scalar at a place.
func at(line, column int, value any) *Node { return &Node{Line: line, Column: column, Value: value} }

// sample is {spec: {uses: [{feature: a}, b], "a/b~c": 1}} with places.
func sample() *Node {
	use := &Node{Kind: Map, Line: 3, Column: 7}
	use.Fields = map[string]*Node{"feature": at(3, 16, "a")}
	use.Keys = []Key{{"feature", 3, 7}}
	uses := &Node{Kind: List, Line: 3, Column: 5, Items: []*Node{use, at(4, 7, "b")}}
	spec := &Node{Kind: Map, Line: 2, Column: 3, Fields: map[string]*Node{"uses": uses, "a/b~c": at(5, 10, json.Number("1"))}, Keys: []Key{{"uses", 2, 3}, {"a/b~c", 5, 3}}}
	return &Node{Kind: Map, Line: 1, Column: 1, Fields: map[string]*Node{"spec": spec}, Keys: []Key{{"spec", 1, 1}}}
}

func TestAt(t *testing.T) {
	for name, c := range map[string]struct {
		pointer      string
		found        bool
		line, column int
		at           string
	}{
		"the whole":                       {"", true, 1, 1, ""},
		"a member shows its key":          {"/spec/uses", true, 2, 3, "/spec/uses"},
		"an item shows itself":            {"/spec/uses/1", true, 4, 7, "/spec/uses/1"},
		"a member of an item":             {"/spec/uses/0/feature", true, 3, 7, "/spec/uses/0/feature"},
		"an escaped name":                 {"/spec/a~1b~0c", true, 5, 3, "/spec/a~1b~0c"},
		"what is missing in a map":        {"/spec/data/classes", false, 1, 1, "/spec"},
		"what is missing in a list":       {"/spec/uses/2", false, 2, 3, "/spec/uses"},
		"before a list":                   {"/spec/uses/-1", false, 2, 3, "/spec/uses"},
		"no number in a list":             {"/spec/uses/x", false, 2, 3, "/spec/uses"},
		"below a scalar":                  {"/spec/uses/1/x", false, 4, 7, "/spec/uses/1"},
		"what is missing in a map's item": {"/spec/uses/0/data/0", false, 3, 7, "/spec/uses/0"},
	} {
		t.Run(name, func(t *testing.T) {
			node, line, column, at := sample().At(c.pointer)
			if (node != nil) != c.found || line != c.line || column != c.column || at != c.at {
				t.Errorf("%s: got %v %d:%d %q, want %v %d:%d %q", c.pointer, node, line, column, at, c.found, c.line, c.column, c.at)
			}
		})
	}
}

func TestPointers(t *testing.T) {
	for pointer, want := range map[string][]string{
		"":            nil,
		"/":           nil,
		"/a":          {"a"},
		"/a/0":        {"a", "0"},
		"/a~1b":       {"a/b"},
		"/a~0b":       {"a~b"},
		"/~01":        {"~1"},
		"/~10":        {"/0"},
		"/a//b":       {"a", "", "b"},
		"/spec/a b%c": {"spec", "a b%c"},
	} {
		if got := Split(pointer); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", pointer, got, want)
		}
	}
	name := rapid.StringOf(rapid.RuneFrom([]rune("ab/~01é% ")))
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(name).Draw(t, "parts")
		if slices.Equal(parts, []string{""}) {
			return // "/" is the whole document to us: an empty key is none
		}
		if got := Split(Join(parts...)); !slices.Equal(got, parts) {
			t.Errorf("%q: got %q", parts, got)
		}
	})
}

// plain draws a value as reading a document gives it.
func plain() *rapid.Generator[any] {
	scalar := rapid.OneOf(
		rapid.Just[any](nil), rapid.Map(rapid.Bool(), func(b bool) any { return b }), rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.IntRange(-99, 99), func(i int) any { return json.Number(strconv.Itoa(i)) }),
	)
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		if depth == 0 {
			return scalar
		}
		return rapid.OneOf(scalar,
			rapid.Map(rapid.SliceOfN(value(depth-1), 0, 3), func(list []any) any { return list }),
			rapid.Map(rapid.MapOfN(rapid.StringMatching("[a-c/~]{1,2}"), value(depth-1), 0, 3), func(m map[string]any) any { return m }))
	}
	return value(3)
}

func TestPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := plain().Draw(t, "value")
		node := Of(value, 3, 5)
		if got := node.Plain(); !reflect.DeepEqual(got, value) {
			t.Fatalf("got %#v, want %#v", got, value)
		}
		if again := Of(value, 3, 5); !reflect.DeepEqual(again, node) {
			t.Fatalf("got two nodes of one value")
		}
		var walk func(*Node, string)
		walk = func(n *Node, pointer string) {
			if n.Line != 3 || n.Column != 5 {
				t.Fatalf("%s: got %d:%d", pointer, n.Line, n.Column)
			}
			if found, _, _, at := node.At(pointer); found != n || at != pointer {
				t.Fatalf("%s: got %v at %q", pointer, found, at)
			}
			for _, key := range n.Keys {
				walk(n.Fields[key.Name], pointer+Join(key.Name))
			}
			for i, item := range n.Items {
				walk(item, pointer+Join(strconv.Itoa(i)))
			}
		}
		walk(node, "")
	})
}

// TestKeysAreSorted holds that map order never gets out.
func TestKeysAreSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.MapOf(rapid.String(), rapid.Just[any](true)).Draw(t, "value")
		node := Of(any(value), 1, 1)
		names := make([]string, len(node.Keys))
		for i, key := range node.Keys {
			names[i] = key.Name
		}
		if !slices.IsSorted(names) || len(names) != len(value) {
			t.Errorf("got %q", names)
		}
	})
}

func TestNumbers(t *testing.T) {
	for value, want := range map[float64]json.Number{1: "1", 0.5: "0.5", 1e21: "1000000000000000000000", -0.001097: "-0.001097"} {
		if got := Of(value, 1, 1).Value; got != want {
			t.Errorf("%v: got %v, want %v", value, got, want)
		}
	}
}

func TestReading(t *testing.T) {
	node := Of(map[string]any{"text": "a", "list": []any{"b", json.Number("1"), "c", nil}, "yes": true, "map": map[string]any{}, "nothing": nil, "number": json.Number("1.10")}, 1, 1)
	var none *Node
	for name, c := range map[string]struct{ got, want any }{
		"text":                         {node.Field("text").Text(), "a"},
		"text of a number":             {node.Field("number").Text(), ""},
		"text of a list":               {node.Field("list").Text(), ""},
		"text of nothing":              {node.Field("nothing").Text(), ""},
		"text of what is not there":    {none.Text(), ""},
		"texts of a list":              {node.Field("list").Texts(), []string{"b", "c"}},
		"texts of one text":            {node.Field("text").Texts(), []string{"a"}},
		"texts of a boolean":           {node.Field("yes").Texts(), []string(nil)},
		"texts of a map":               {node.Field("map").Texts(), []string(nil)},
		"texts of what is not there":   {none.Texts(), []string(nil)},
		"a field of a field":           {node.Field("map").Field("x").Field("y") == nil, true},
		"a field of a text":            {node.Field("text").Field("x") == nil, true},
		"plain of what is not there":   {none.Plain(), nil},
		"plain of a number":            {node.Field("number").Plain(), json.Number("1.10")},
		"an empty map is a map":        {node.Field("map").Plain(), map[string]any{}},
		"an empty list is a list":      {Of([]any{}, 1, 1).Plain(), []any{}},
		"a nil list of items is empty": {(&Node{Kind: List}).Plain(), []any{}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %#v, want %#v", name, c.got, c.want)
		}
	}
	if value, ok := node.Field("yes").Bool(); !value || !ok {
		t.Errorf("got %v, %v", value, ok)
	}
	for _, name := range []string{"text", "number", "nothing", "absent", "list"} {
		if value, ok := node.Field(name).Bool(); value || ok {
			t.Errorf("%s: got %v, %v", name, value, ok)
		}
	}
}

func TestSet(t *testing.T) {
	node := sample()
	node.Set("new", at(9, 9, "x"))
	node.Set("new", at(8, 8, "y"))
	node.Field("spec").Set("uses", at(7, 7, nil))
	if got := node.Keys; !slices.Equal(got, []Key{{"spec", 1, 1}, {"new", 1, 1}}) {
		t.Errorf("got %v", got)
	}
	if key, ok := node.Field("spec").Key("uses"); !ok || key != (Key{"uses", 2, 3}) {
		t.Errorf("got %v", key)
	}
	if key, ok := node.Key("absent"); ok || key != (Key{}) {
		t.Errorf("got %v", key)
	}
	if got := node.Field("new").Text(); got != "y" {
		t.Errorf("got %q", got)
	}
	empty := &Node{Kind: Map}
	empty.Set("a", at(1, 1, true))
	if got := empty.Plain(); !reflect.DeepEqual(got, map[string]any{"a": true}) {
		t.Errorf("got %v", got)
	}
}

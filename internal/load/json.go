package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// parseJSON reads every value of a JSON stream with the place of each. A value
// with problems is nil, so that those after it keep their number.
func parseJSON(path string, data []byte) ([]*document.Node, []decision.Problem) {
	return parseJSONUpTo(path, data, maxNodes)
}

// parseJSONUpTo is parseJSON with another bound on the values of a document.
func parseJSONUpTo(path string, data []byte, most int) ([]*document.Node, []decision.Problem) {
	return (&jsonReader{path: path, data: data, most: most}).documents()
}

// documents reads all documents of a file. One with problems is nil.
func (r *jsonReader) documents() ([]*document.Node, []decision.Problem) {
	if at := invalidUTF8(r.data); at >= 0 {
		return nil, []decision.Problem{notUTF8(r.path, r.data, at)}
	}
	r.decoder = json.NewDecoder(bytes.NewReader(r.data))
	r.decoder.UseNumber()
	var roots []*document.Node
	for {
		start := int(r.decoder.InputOffset())
		before := len(r.problems)
		r.nodes = 0
		root, err := r.value(0)
		if errors.Is(err, io.EOF) {
			return roots, r.problems
		}
		if err != nil {
			var problem decision.Problem
			if !errors.As(err, &problem) {
				problem = r.syntaxProblem(start, err)
			}
			return roots, append(r.problems, problem)
		}
		if len(r.problems) > before {
			root = nil
		}
		roots = append(roots, root)
	}
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func notUTF8(path string, data []byte, at int) decision.Problem {
	line, column := placeOf(data, at)
	return decision.Problem{Path: path, Line: line, Column: column, Message: "not UTF-8; expected text in UTF-8; save the file in that encoding"}
}

// placeOf is the line and column of an offset; columns count characters, as
// those of YAML do.
func placeOf(data []byte, offset int) (line, column int) {
	before := data[:min(offset, len(data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1
}

type jsonReader struct {
	path     string
	data     []byte
	decoder  *json.Decoder
	problems []decision.Problem
	nodes    int
	most     int // nodes of one document
	// With item set, those of the list that is called list in the root are handed
	// over one by one, with where they begin and end, and are not kept.
	list, member string
	item         func(node *document.Node, start, end int)
	// scanned, line and column follow the place, which only moves forward.
	scanned, line, column int
}

// next returns where the next token starts.
func (r *jsonReader) next() int {
	offset := int(r.decoder.InputOffset())
	for offset < len(r.data) {
		switch r.data[offset] {
		case ' ', '\t', '\r', '\n', ',', ':':
			offset++
		default:
			return offset
		}
	}
	return offset
}

func (r *jsonReader) place(offset int) (line, column int) {
	offset = min(offset, len(r.data))
	for ; r.scanned < offset; r.scanned++ {
		switch c := r.data[r.scanned]; {
		case c == '\n':
			r.line++
			r.column = 0
		case utf8.RuneStart(c):
			r.column++
		}
	}
	return r.line + 1, r.column + 1
}

// syntaxProblem says where the value that starts at an offset breaks off being
// JSON. A decoder that gives tokens does not tell exactly, so it is read anew.
func (r *jsonReader) syntaxProblem(start int, err error) decision.Problem {
	rest := r.data[start:]
	var raw json.RawMessage
	var syntax *json.SyntaxError
	at := start
	if again := json.Unmarshal(rest, &raw); errors.As(again, &syntax) {
		err = again
		at = start + int(syntax.Offset) - 1
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || syntax != nil && int(syntax.Offset) >= len(rest) && !json.Valid(rest) && strings.Contains(syntax.Error(), "end of JSON") {
		at = len(bytes.TrimRight(r.data, " \t\r\n"))
	}
	line, column := placeOf(r.data, max(at, start))
	return decision.Problem{Path: r.path, Line: line, Column: column, Message: fmt.Sprintf("not JSON: %v; expected one JSON object; check commas, quotes and brackets", err)}
}

func (r *jsonReader) value(depth int) (*document.Node, error) {
	line, column := r.place(r.next())
	node := &document.Node{Line: line, Column: column}
	r.nodes++
	if r.nodes > r.most || depth > maxDepth {
		return nil, decision.Problem{Path: r.path, Line: line, Column: column, Message: fmt.Sprintf("document is too large; at most %d values and %d levels are read; check that this is the right file", r.most, maxDepth)}
	}
	token, err := r.decoder.Token()
	if err != nil {
		if depth > 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return node, r.object(node, depth)
	case json.Delim('['):
		node.Kind = document.List
		apart := r.item != nil && depth == 1 && r.member == r.list
		for r.decoder.More() {
			start := r.next()
			item, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			if apart {
				r.item(item, start, int(r.decoder.InputOffset()))
				continue
			}
			node.Items = append(node.Items, item)
		}
		return node, r.end()
	default:
		node.Value = token
		if n, ok := token.(json.Number); ok && !usable(n.String()) {
			r.problems = append(r.problems, decision.Problem{Path: r.path, Line: line, Column: column, Message: unusable(n.String())})
		}
		return node, nil
	}
}

func (r *jsonReader) object(node *document.Node, depth int) error {
	node.Kind = document.Map
	node.Fields = map[string]*document.Node{}
	for r.decoder.More() {
		line, column := r.place(r.next())
		token, err := r.decoder.Token()
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if depth == 0 {
			r.member = name
		}
		field, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if name == "" {
			r.problems = append(r.problems, decision.Problem{Path: r.path, Line: line, Column: column, Message: "key is empty; expected a name; write one"})
			continue
		}
		if _, ok := node.Fields[name]; ok {
			first, _ := node.Key(name)
			r.problems = append(r.problems, decision.Problem{Path: r.path, Line: line, Column: column, Message: fmt.Sprintf("duplicate key %s; it stands in line %d already; remove one of them", brief(name), first.Line)})
			continue
		}
		node.Fields[name] = field
		node.Keys = append(node.Keys, document.Key{Name: name, Line: line, Column: column})
	}
	return r.end()
}

// end reads the bracket that closes an object or a list.
func (r *jsonReader) end() error {
	_, err := r.decoder.Token()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

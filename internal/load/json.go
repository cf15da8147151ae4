package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// parseJSON reads every value of a JSON stream with the place of each.
func parseJSON(path string, data []byte) ([]*document.Node, []decision.Problem) {
	reader := &jsonReader{path: path, data: data, decoder: json.NewDecoder(bytes.NewReader(data))}
	reader.decoder.UseNumber()
	var roots []*document.Node
	for {
		root, err := reader.value(0)
		if errors.Is(err, io.EOF) {
			return roots, reader.problems
		}
		if err != nil {
			var problem decision.Problem
			if !errors.As(err, &problem) {
				line, column := reader.place(reader.failedAt(err))
				problem = decision.Problem{Path: path, Line: line, Column: column, Message: fmt.Sprintf("not JSON: %v; expected one JSON object; check commas, quotes and brackets", err)}
			}
			return roots, append(reader.problems, problem)
		}
		roots = append(roots, root)
	}
}

type jsonReader struct {
	path     string
	data     []byte
	decoder  *json.Decoder
	problems []decision.Problem
	// scanned, line and start follow the place, which only moves forward.
	scanned, line, start int
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
		if r.data[r.scanned] == '\n' {
			r.line++
			r.start = r.scanned + 1
		}
	}
	return r.line + 1, max(offset-r.start, 0) + 1
}

func (r *jsonReader) failedAt(err error) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Offset > 0 {
		return int(syntax.Offset) - 1
	}
	return int(r.decoder.InputOffset())
}

func (r *jsonReader) value(depth int) (*document.Node, error) {
	line, column := r.place(r.next())
	node := &document.Node{Line: line, Column: column}
	if depth > maxDepth {
		return nil, decision.Problem{Path: r.path, Line: line, Column: column, Message: fmt.Sprintf("more than %d levels deep; expected a document of caveat; check that this is the right file", maxDepth)}
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
		for r.decoder.More() {
			item, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			node.Items = append(node.Items, item)
		}
		return node, r.end()
	default:
		node.Value = token
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
		field, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if _, ok := node.Fields[name]; ok {
			first, _ := node.Key(name)
			r.problems = append(r.problems, decision.Problem{Path: r.path, Line: line, Column: column, Message: fmt.Sprintf("duplicate key %q; it stands in line %d already; remove one of them", name, first.Line)})
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

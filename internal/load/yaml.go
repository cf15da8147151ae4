package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

const (
	maxDepth = 100
	// maxNodes bounds what aliases may expand to.
	maxNodes = 500_000
)

// parseYAML reads every document of a YAML stream. Scalars resolve by the core
// schema of YAML 1.2: `no` is a string, `true` a boolean, a date a string.
func parseYAML(path string, data []byte) ([]*document.Node, []decision.Problem) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var roots []*document.Node
	var problems []decision.Problem
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return roots, problems
		}
		if err != nil {
			return roots, append(problems, syntaxProblem(path, err))
		}
		if len(node.Content) == 0 || isEmpty(node.Content[0]) {
			continue
		}
		build := &builder{path: path}
		root := build.node(node.Content[0], 0)
		problems = append(problems, build.problems...)
		if len(build.problems) == 0 {
			roots = append(roots, root)
		}
	}
}

// isEmpty tells a document in which nothing stands but comments.
func isEmpty(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.Value == "" && node.Style == 0
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func syntaxProblem(path string, err error) decision.Problem {
	text := err.Error()
	line := 1
	if match := yamlLine.FindStringSubmatch(text); match != nil {
		if n, err := strconv.Atoi(match[1]); err == nil {
			line = n
		}
		text = text[len(match[0]):]
	}
	return decision.Problem{Path: path, Line: line, Column: 1, Message: fmt.Sprintf("not YAML: %s; expected a mapping of keys and values; check the indentation and quotes here and in the line above", text)}
}

type builder struct {
	path     string
	nodes    int
	problems []decision.Problem
	full     bool
}

func (b *builder) fail(node *yaml.Node, format string, args ...any) {
	b.problems = append(b.problems, decision.Problem{Path: b.path, Line: node.Line, Column: node.Column, Message: fmt.Sprintf(format, args...)})
}

func (b *builder) node(source *yaml.Node, depth int) *document.Node {
	node := &document.Node{Line: source.Line, Column: source.Column}
	if b.full {
		return node
	}
	b.nodes++
	if b.nodes > maxNodes || depth > maxDepth {
		b.full = true
		b.fail(source, "document is too large once anchors are expanded; at most %d values and %d levels are read; write the values out or split the file", maxNodes, maxDepth)
		return node
	}
	switch source.Kind {
	case yaml.AliasNode:
		return b.node(source.Alias, depth+1)
	case yaml.MappingNode:
		if tag := source.ShortTag(); tag != "!!map" {
			b.fail(source, "tag %s is not read; expected a plain mapping; remove the tag", tag)
		}
		node.Kind = document.Map
		node.Fields = make(map[string]*document.Node, len(source.Content)/2)
		for i := 0; i+1 < len(source.Content); i += 2 {
			key := source.Content[i]
			if key.Kind != yaml.ScalarNode {
				b.fail(key, "key is not a word; expected a plain key; write it as text")
				continue
			}
			if _, ok := node.Fields[key.Value]; ok {
				first, _ := node.Key(key.Value)
				b.fail(key, "duplicate key %q; it stands in line %d already; remove one of them", key.Value, first.Line)
				continue
			}
			node.Fields[key.Value] = b.node(source.Content[i+1], depth+1)
			node.Keys = append(node.Keys, document.Key{Name: key.Value, Line: key.Line, Column: key.Column})
		}
	case yaml.SequenceNode:
		if tag := source.ShortTag(); tag != "!!seq" {
			b.fail(source, "tag %s is not read; expected a plain list; remove the tag", tag)
		}
		node.Kind = document.List
		for _, item := range source.Content {
			node.Items = append(node.Items, b.node(item, depth+1))
		}
	default:
		b.scalar(source, node)
	}
	return node
}

var (
	coreInt   = regexp.MustCompile(`^[-+]?[0-9]+$`)
	coreOctal = regexp.MustCompile(`^0o[0-7]+$`)
	coreHex   = regexp.MustCompile(`^0x[0-9a-fA-F]+$`)
	coreFloat = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	coreInf   = regexp.MustCompile(`^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
)

func (b *builder) scalar(source *yaml.Node, node *document.Node) {
	text := source.Value
	if source.Style&yaml.TaggedStyle != 0 && source.Tag != "!!str" && source.Tag != "!" {
		b.fail(source, "tag %s is not read; expected a plain value; remove the tag", source.Tag)
		return
	}
	if source.Style&^yaml.FlowStyle != 0 {
		node.Value = text
		return
	}
	switch text {
	case "", "~", "null", "Null", "NULL":
		node.Value = nil
		return
	case "true", "True", "TRUE":
		node.Value = true
		return
	case "false", "False", "FALSE":
		node.Value = false
		return
	}
	switch {
	case coreInt.MatchString(text), coreFloat.MatchString(text):
		node.Value = number(text)
	case coreOctal.MatchString(text), coreHex.MatchString(text):
		n, err := strconv.ParseUint(text, 0, 64)
		if err != nil {
			b.fail(source, "number %s is too large; expected one below 2^64; quote it if it is text", text)
			return
		}
		node.Value = json.Number(strconv.FormatUint(n, 10))
	case coreInf.MatchString(text):
		b.fail(source, "%s is not a number that can be used; expected a finite number; write one", text)
	default:
		node.Value = text
	}
}

// number writes a YAML number with the same digits as JSON would.
func number(text string) json.Number {
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign = "-"
	}
	text = strings.TrimLeft(text, "+-")
	mantissa, exponent := text, ""
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, exponent = text[:i], text[i:]
	}
	whole, fraction, hasFraction := strings.Cut(mantissa, ".")
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	if hasFraction && fraction == "" {
		fraction = "0"
	}
	if hasFraction {
		whole += "." + fraction
	}
	return json.Number(sign + whole + exponent)
}

package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
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
// schema of YAML 1.2: `no` is a string, `true` a boolean, a date a string. A
// document with problems is nil, so that those after it keep their number.
func parseYAML(path string, data []byte) ([]*document.Node, []decision.Problem) {
	if at := yaml12.FindIndex(data); at != nil {
		data = bytes.Clone(data)
		data[at[1]-1] = '1' // the library knows no other version; scalars are read by ours
	}
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
			return roots, append(problems, syntaxProblem(path, data, err))
		}
		if len(node.Content) == 0 || isEmpty(node.Content[0]) {
			continue
		}
		build := &builder{path: path}
		root := build.node(node.Content[0], 0)
		problems = append(problems, build.problems...)
		if len(build.problems) > 0 {
			root = nil
		}
		roots = append(roots, root)
	}
}

// isEmpty tells a document in which nothing stands but comments.
func isEmpty(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.Value == "" && node.Style == 0
}

var (
	yaml12   = regexp.MustCompile(`\A(?:[ \t]*(?:#.*)?\r?\n)*%YAML 1\.2`)
	yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)
	// The library counts the lines of these, which come from its parser and not
	// from its scanner, from 0.
	fromParser = regexp.MustCompile(`^did not find expected (<document start>|node content|'-' indicator|key|',' or '[]}]')|^found (duplicate|incompatible|undefined)`)
	anchorless = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)
)

func syntaxProblem(path string, data []byte, err error) decision.Problem {
	if at := invalidUTF8(data); at >= 0 && !bytes.HasPrefix(data, []byte("\xff\xfe")) && !bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return notUTF8(path, data, at)
	}
	text := err.Error()
	line, column := 1, 1
	if match := yamlLine.FindStringSubmatch(text); match != nil {
		text = text[len(match[0]):]
		if n, err := strconv.Atoi(match[1]); err == nil {
			line = n
			if fromParser.MatchString(text) {
				line++
			}
		}
	}
	if match := anchorless.FindStringSubmatch(text); match != nil {
		if at := bytes.Index(data, []byte("*"+match[1])); at >= 0 {
			line, column = placeOf(data, at)
		}
	}
	if at := bytes.IndexFunc(data, control); at >= 0 && strings.HasPrefix(text, "control characters") {
		line, column = placeOf(data, at)
	}
	return decision.Problem{Path: path, Line: line, Column: column, Message: fmt.Sprintf("not YAML: %s; expected a mapping of keys and values; check the indentation and quotes here and in the lines beside it", text)}
}

func control(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f }

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
			b.fail(source, "tag %s is not read; expected a plain mapping; remove the tag", cut(tag))
		}
		node.Kind = document.Map
		node.Fields = make(map[string]*document.Node, len(source.Content)/2)
		for i := 0; i+1 < len(source.Content); i += 2 {
			key := source.Content[i]
			if key.Kind != yaml.ScalarNode {
				b.fail(key, "key is not a word; expected a plain key; write it as text")
				continue
			}
			if key.Style&yaml.TaggedStyle != 0 && key.Tag != "!!str" && key.Tag != "!" {
				b.fail(key, "tag %s is not read; expected a plain key; remove the tag", cut(key.Tag))
				continue
			}
			if key.Value == "" {
				b.fail(key, "key is empty; expected a name; write one")
				continue
			}
			if _, ok := node.Fields[key.Value]; ok {
				first, _ := node.Key(key.Value)
				b.fail(key, "duplicate key %s; it stands in line %d already; remove one of them", brief(key.Value), first.Line)
				continue
			}
			node.Fields[key.Value] = b.node(source.Content[i+1], depth+1)
			node.Keys = append(node.Keys, document.Key{Name: key.Value, Line: key.Line, Column: key.Column})
		}
	case yaml.SequenceNode:
		if tag := source.ShortTag(); tag != "!!seq" {
			b.fail(source, "tag %s is not read; expected a plain list; remove the tag", cut(tag))
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
		b.fail(source, "tag %s is not read; expected a plain value; remove the tag", cut(source.Tag))
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
		if !usable(text) {
			b.fail(source, "%s", unusable(text))
			return
		}
		node.Value = number(text)
	case coreOctal.MatchString(text), coreHex.MatchString(text):
		n, err := strconv.ParseUint(text, 0, 64)
		if err != nil || !usable(strconv.FormatUint(n, 10)) {
			b.fail(source, "%s", unusable(text))
			return
		}
		node.Value = json.Number(strconv.FormatUint(n, 10))
	case coreInf.MatchString(text):
		b.fail(source, "%s is not a number that can be used; expected a finite number; write one", text)
	default:
		node.Value = text
	}
}

const (
	maxNumber   = 1e12
	maxDigits   = 64
	maxExponent = 99
)

// usable reports whether a number can be computed with. What no document needs
// is refused, since it overflows counts or makes exact arithmetic slow.
func usable(text string) bool {
	if len(text) > maxDigits {
		return false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent, err := strconv.Atoi(text[i+1:])
		if err != nil || max(exponent, -exponent) > maxExponent {
			return false
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	return err == nil && math.Abs(f) <= maxNumber
}

func unusable(text string) string {
	return fmt.Sprintf("number %s is out of range; expected one up to %.0f in at most %d digits; quote it if it is text", cut(text), maxNumber, maxDigits)
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

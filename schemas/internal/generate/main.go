// Command generate copies the words of vocabulary.yaml into the enums of the
// schemas, and the definitions that the schemas of costs, forecasts and waivers
// share with that of reports from there; and it writes the vocabulary as JSON.
// Run by go generate ./schemas.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// enums maps a definition of the schemas to its section of the vocabulary.
var enums = map[string]string{
	"gpu": "gpus", "region": "regions", "agreement": "agreements", "certification": "certifications",
	"dataClass": "dataClasses", "packaging": "packaging", "deploymentStyle": "deploymentStyles",
}

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string) error {
	data, err := os.ReadFile(filepath.Join(dir, "vocabulary.yaml"))
	if err != nil {
		return err
	}
	var vocabulary map[string]map[string]any
	if err := yaml.Unmarshal(data, &vocabulary); err != nil {
		return err
	}
	if err := write(filepath.Join(dir, "vocabulary.json"), vocabulary); err != nil {
		return err
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.schema.json"))
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := fill(path, vocabulary); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	for _, name := range []string{"cost", "forecast", "waivers"} {
		if err := share(filepath.Join(dir, "report.schema.json"), filepath.Join(dir, name+".schema.json")); err != nil {
			return err
		}
	}
	return nil
}

// share makes the definitions that two schemas have the same: those of from,
// and with them the ones that they refer to.
func share(from, to string) error {
	source, err := read(from)
	if err != nil {
		return err
	}
	target, err := read(to)
	if err != nil {
		return err
	}
	theirs, ours := field(source, "$defs"), field(target, "$defs")
	if theirs == nil || ours == nil {
		return fmt.Errorf("%s or %s has no $defs", from, to)
	}
	for i := 0; i+1 < len(ours.Content); i += 2 { // grows on the way
		def := field(theirs, ours.Content[i].Value)
		if def == nil {
			continue
		}
		ours.Content[i+1] = def
		for _, name := range references(def) {
			if field(ours, name) == nil {
				ours.Content = append(ours.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, field(theirs, name))
			}
		}
	}
	return writeTree(to, target)
}

// references lists the definitions that a part of a schema refers to.
func references(node *yaml.Node) []string {
	var names []string
	for i, part := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 1 && node.Content[i-1].Value == "$ref" {
			names = append(names, strings.TrimPrefix(part.Value, "#/$defs/"))
		}
		names = append(names, references(part)...)
	}
	return names
}

// fill puts the words into the schema's enums and keeps everything else,
// the order of keys included.
func fill(path string, vocabulary map[string]map[string]any) error {
	tree, err := read(path)
	if err != nil {
		return err
	}
	defs := field(tree, "$defs")
	for def, section := range enums {
		enum := field(field(defs, def), "enum")
		if enum == nil {
			continue
		}
		words := make([]string, 0, len(vocabulary[section]))
		for word := range vocabulary[section] {
			words = append(words, word)
		}
		slices.Sort(words)
		enum.Content = nil
		for _, word := range words {
			enum.Content = append(enum.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: word})
		}
	}
	return writeTree(path, tree)
}

func read(path string) (*yaml.Node, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var tree yaml.Node // JSON is YAML, and a node keeps the order of keys
	if err := yaml.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	return tree.Content[0], nil
}

func writeTree(path string, tree *yaml.Node) error {
	var out bytes.Buffer
	if err := encode(&out, tree, ""); err != nil {
		return err
	}
	out.WriteByte('\n')
	return os.WriteFile(path, out.Bytes(), 0o644)
}

func field(node *yaml.Node, name string) *yaml.Node {
	if node == nil {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i+1]
		}
	}
	return nil
}

// encode writes JSON indented by one space; lists of scalars stay on one line.
func encode(out *bytes.Buffer, node *yaml.Node, indent string) error {
	switch node.Kind {
	case yaml.MappingNode:
		if len(node.Content) == 0 {
			out.WriteString("{}")
			return nil
		}
		out.WriteString("{\n")
		for i := 0; i+1 < len(node.Content); i += 2 {
			out.WriteString(indent + " ")
			if err := scalar(out, node.Content[i]); err != nil {
				return err
			}
			out.WriteString(": ")
			if err := encode(out, node.Content[i+1], indent+" "); err != nil {
				return err
			}
			if i+2 < len(node.Content) {
				out.WriteByte(',')
			}
			out.WriteByte('\n')
		}
		out.WriteString(indent + "}")
	case yaml.SequenceNode:
		flat := !slices.ContainsFunc(node.Content, func(item *yaml.Node) bool { return item.Kind != yaml.ScalarNode })
		between, first, last := ", ", "", ""
		if !flat {
			between, first, last = ",\n"+indent+" ", "\n"+indent+" ", "\n"+indent
		}
		out.WriteString("[" + first)
		for i, item := range node.Content {
			if i > 0 {
				out.WriteString(between)
			}
			if err := encode(out, item, indent+" "); err != nil {
				return err
			}
		}
		out.WriteString(last + "]")
	default:
		return scalar(out, node)
	}
	return nil
}

func scalar(out *bytes.Buffer, node *yaml.Node) error {
	if node.Tag != "!!str" {
		out.WriteString(node.Value)
		return nil
	}
	var word bytes.Buffer
	encoder := json.NewEncoder(&word)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(node.Value); err != nil {
		return err
	}
	out.Write(bytes.TrimSpace(word.Bytes()))
	return nil
}

func write(path string, value any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

// Package schemas holds the JSON Schemas of every document that caveat reads
// or writes, and the controlled vocabulary that they share.
package schemas

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:generate go run ./internal/generate

//go:embed *.schema.json vocabulary.json
var files embed.FS

// Names lists the schemas, sorted.
func Names() []string {
	entries, _ := files.ReadDir(".")
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".schema.json"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Schema returns the JSON Schema with this name.
func Schema(name string) ([]byte, error) {
	data, err := files.ReadFile(name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("no schema %q; expected one of %s", name, strings.Join(Names(), ", "))
	}
	return data, nil
}

// Vocabulary returns the controlled vocabulary as JSON, made from
// vocabulary.yaml by go generate.
func Vocabulary() []byte {
	data, err := files.ReadFile("vocabulary.json")
	if err != nil {
		return nil
	}
	return data
}

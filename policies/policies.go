// Package policies holds the shipped controls, their library and the profiles.
package policies

import (
	"embed"
	"io/fs"
	"strings"
)

//go:generate go run ./internal/generate

//go:embed main.rego main_test.rego conftest.rego lib controls profiles pack.json
var files embed.FS

// A File is one policy file.
type File struct {
	Path   string
	Source []byte
}

// Modules returns the Rego files in the order of their paths, tests left out.
func Modules() ([]File, error) {
	var list []File
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".rego") || strings.HasSuffix(path, "_test.rego") {
			return err
		}
		source, err := files.ReadFile(path)
		list = append(list, File{Path: path, Source: source})
		return err
	})
	return list, err
}

// Tests returns the Rego tests in the order of their paths.
func Tests() ([]File, error) {
	var list []File
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.rego") {
			return err
		}
		source, err := files.ReadFile(path)
		list = append(list, File{Path: path, Source: source})
		return err
	})
	return list, err
}

// Pack returns what go generate made of the sources: the registry of controls
// from their METADATA and the profiles, as JSON.
func Pack() ([]byte, error) { return files.ReadFile("pack.json") }

// Profiles returns the shipped profile documents in the order of their paths.
func Profiles() ([]File, error) {
	entries, err := files.ReadDir("profiles")
	if err != nil {
		return nil, err
	}
	var list []File
	for _, entry := range entries {
		path := "profiles/" + entry.Name()
		source, err := files.ReadFile(path)
		if err != nil {
			return nil, err
		}
		list = append(list, File{Path: path, Source: source})
	}
	return list, nil
}

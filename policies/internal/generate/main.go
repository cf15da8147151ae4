// Command generate writes what follows from the sources: pack.json, which holds
// what the METADATA of the controls and the profiles say, so that no run has to
// read them anew, and docs/controls.md. Run by go generate ./policies.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/load"
)

func main() {
	if err := run(".", "."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run reads the sources below from, and writes what they give to places
// relative to it below to. With a problem, it writes nothing.
func run(from, to string) error {
	controls, err := readControls(from)
	if err != nil {
		return err
	}
	profiles, err := readProfiles(from)
	if err != nil {
		return err
	}
	var pack bytes.Buffer
	encoder := json.NewEncoder(&pack)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(map[string]any{"controls": controls, "profiles": profiles}); err != nil {
		return err
	}
	page, err := page(controls, profiles)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		path string
		text []byte
	}{{"pack.json", pack.Bytes()}, {filepath.Join("..", "docs", "controls.md"), page}} {
		if err := os.WriteFile(filepath.Join(to, file.path), file.text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func readControls(dir string) ([]decide.Control, error) {
	var modules []decide.Module
	collect := func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".rego") || strings.HasSuffix(path, "_test.rego") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		modules = append(modules, decide.Module{Path: filepath.ToSlash(name), Source: source})
		return err
	}
	for _, folder := range []string{"lib", "controls"} {
		if err := filepath.WalkDir(filepath.Join(dir, folder), collect); err != nil {
			return nil, err
		}
	}
	controls, problems := decide.Controls(modules)
	for _, problem := range problems {
		return nil, problem
	}
	compiled, problems := decide.Compile(modules, controls, nil)
	for _, problem := range problems {
		return nil, problem
	}
	return compiled.WithReads()
}

func readProfiles(dir string) ([]any, error) {
	loader, err := load.New(nil)
	if err != nil {
		return nil, err
	}
	profiles := []any{}
	files, problems := load.Files([]string{filepath.Join(dir, "profiles")})
	for _, file := range files {
		documents, found := loader.File(context.Background(), file)
		problems = append(problems, found...)
		for _, doc := range documents {
			profiles = append(profiles, doc.Root.Plain())
		}
	}
	for _, problem := range problems {
		return nil, problem
	}
	return profiles, nil
}

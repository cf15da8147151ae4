// Command generate writes pack.json: what the METADATA of the controls and the
// profiles say, so that no run has to read them anew. Run by go generate ./policies.
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
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string) error {
	var modules []decide.Module
	collect := func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".rego") || strings.HasSuffix(path, "_test.rego") {
			return err
		}
		source, err := os.ReadFile(path)
		modules = append(modules, decide.Module{Path: filepath.ToSlash(path), Source: source})
		return err
	}
	for _, folder := range []string{"lib", "controls"} {
		if err := filepath.WalkDir(filepath.Join(dir, folder), collect); err != nil {
			return err
		}
	}
	controls, problems := decide.Controls(modules)
	for _, problem := range problems {
		return problem
	}
	compiled, problems := decide.Compile(modules, controls, nil)
	for _, problem := range problems {
		return problem
	}
	controls, err := compiled.WithReads()
	if err != nil {
		return err
	}
	loader, err := load.New(nil)
	if err != nil {
		return err
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
		return problem
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(map[string]any{"controls": controls, "profiles": profiles}); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "pack.json"), out.Bytes(), 0o644)
}

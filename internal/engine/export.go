package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/policies"
)

// Export gives the policies as files of a plain OPA bundle, by path.
func (e *Engine) Export() (map[string][]byte, error) {
	files := map[string][]byte{}
	for i, m := range e.modules {
		name := strings.TrimPrefix(m.Path, "policies/")
		if i >= e.shipped { // the user's own: keep names apart
			name = fmt.Sprintf("own/%03d-%s", i, filepath.Base(m.Path))
		}
		files[name] = m.Source
	}
	shipped, err := policies.Modules()
	if err != nil {
		return nil, err
	}
	for _, file := range shipped {
		if _, ok := files[file.Path]; !ok {
			files[file.Path] = file.Source
		}
	}
	data := map[string]any{"registry": decide.Registry(e.policies.Controls())}
	for name, value := range e.data {
		data[name] = value
	}
	for name, value := range map[string]any{
		"data.json": map[string]any{"caveat": data}, ".manifest": map[string]any{"roots": []string{"caveat", "main"}, "rego_version": 1},
		"capabilities.json": decide.Capabilities(),
	} {
		text, err := json.MarshalIndent(value, "", "  ")
		if err != nil {
			return nil, err
		}
		files[name] = append(text, '\n')
	}
	return files, nil
}

// InputsOf gives the policy inputs of every manifest under some paths.
func (e *Engine) InputsOf(ctx context.Context, paths []string) ([]map[string]any, []decision.Problem) {
	files, problems := load.Files(paths)
	var inputs []map[string]any
	for _, file := range files {
		documents, found := e.loader.File(ctx, file)
		problems = append(problems, found...)
		for _, doc := range documents {
			if doc.Kind != "Workload" {
				problems = append(problems, decision.Problem{Path: file, Line: doc.Root.Line, Column: doc.Root.Column, Message: fmt.Sprintf("this is kind %s; expected kind Workload", doc.Kind)})
				continue
			}
			list, found := e.Inputs(ctx, doc)
			inputs = append(inputs, list...)
			problems = append(problems, found...)
		}
	}
	return inputs, problems
}

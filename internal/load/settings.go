package load

import (
	"errors"
	"fmt"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// Settings reads a configuration file: one mapping that the schema "config"
// allows, with the places of its keys. With problems the node is nil.
func Settings(path string) (*document.Node, []decision.Problem) {
	data, err := (&Loader{}).read(path)
	var problem decision.Problem
	switch {
	case errors.As(err, &problem):
		return nil, []decision.Problem{problem}
	case err != nil:
		return nil, []decision.Problem{{Path: path, Message: fileWords(err)}}
	}
	return settings(path, data)
}

func settings(path string, data []byte) (*document.Node, []decision.Problem) {
	roots, problems := parse(path, data)
	switch {
	case len(problems) > 0:
		sortProblems(problems)
	case len(roots) == 0:
		problems = []decision.Problem{{Path: path, Line: 1, Column: 1, Message: "empty; expected settings, such as fail-on: high; write one or remove the file"}}
	case len(roots) > 1:
		problems = []decision.Problem{{Path: path, Line: roots[1].Line, Column: roots[1].Column, Message: fmt.Sprintf("the file has %d documents; expected one; join them", len(roots))}}
	default:
		problems = CheckSettings(path, roots[0])
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return roots[0], nil
}

// CheckSettings checks settings, wherever they come from, against the schema.
func CheckSettings(path string, root *document.Node) []decision.Problem {
	s, err := compileSchema("config")
	if err != nil {
		return []decision.Problem{{Path: path, Message: err.Error()}}
	}
	return s.check(path, root, nil)
}

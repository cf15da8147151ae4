package load

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// A Draft is one document as it is written: not checked, nothing filled in. It
// may be changed before it is checked.
type Draft struct {
	Path  string
	Index int // among the documents of the file, from 0
	Root  *document.Node
}

// Drafts reads the documents of one file without checking them. Those that are
// not even YAML or JSON are left out; the others keep their number.
func (l *Loader) Drafts(ctx context.Context, path string) ([]Draft, []decision.Problem) {
	if err := ctx.Err(); err != nil {
		return nil, []decision.Problem{{Path: path, Message: err.Error()}}
	}
	data, err := l.read(path)
	if err != nil {
		var problem decision.Problem
		if errors.As(err, &problem) {
			return nil, []decision.Problem{problem}
		}
		return nil, []decision.Problem{{Path: path, Message: fileWords(err)}}
	}
	roots, problems := parse(path, data)
	if len(roots) == 0 && len(problems) == 0 {
		return nil, []decision.Problem{empty(path)}
	}
	var drafts []Draft
	for i, root := range roots {
		if root != nil {
			drafts = append(drafts, Draft{Path: path, Index: i, Root: root})
		}
	}
	sortProblems(problems)
	return drafts, problems
}

// Check checks a draft as File does, and fills in what it leaves out. The draft
// stays as it is.
func (l *Loader) Check(d Draft) (document.Document, []decision.Problem) {
	doc, problems := l.document(d.Path, d.Index, d.Root.Clone())
	sortProblems(problems)
	return doc, problems
}

// Value reads one value as a manifest would have it: a word, a number, or a
// list or mapping in brackets. The error is for people.
func Value(text string) (*document.Node, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("no value; expected one as a manifest has it")
	}
	roots, problems := parseYAML("", []byte(text))
	if len(problems) > 0 {
		return nil, errors.New(problems[0].Message)
	}
	if len(roots) != 1 {
		return nil, fmt.Errorf("%q is %d values; expected one", text, len(roots))
	}
	return roots[0], nil
}

func empty(path string) decision.Problem {
	return decision.Problem{Path: path, Line: 1, Column: 1, Message: "empty; expected a document with apiVersion, kind and metadata; `caveat init` writes one"}
}

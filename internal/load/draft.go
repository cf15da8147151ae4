package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
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
	data, problems := l.Source(ctx, path)
	if len(problems) > 0 {
		return nil, problems
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

// An Outline is a file's content read as far as laying it out anew needs.
type Outline struct {
	Roots []*document.Node
	JSON  bool // it is read as JSON
}

// Outlined reads the outline of a content, all of it or none: each document can
// be read and is of a kind of ours. What its schema would say does not matter.
func Outlined(path string, data []byte) (Outline, []decision.Problem) {
	if at := invalidUTF8(data); at >= 0 {
		return Outline{}, []decision.Problem{notUTF8(path, data, at)}
	}
	roots, problems := parse(path, data)
	if len(roots) == 0 && len(problems) == 0 {
		return Outline{}, []decision.Problem{empty(path)}
	}
	for _, root := range roots {
		if root != nil {
			problems = append(problems, ofKind(path, root)...)
		}
	}
	if len(problems) > 0 {
		sortProblems(problems)
		return Outline{}, problems
	}
	_, _, isJSON := asJSON(path, bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	return Outline{Roots: roots, JSON: isJSON}, nil
}

// Means reports whether two outlines have the same values, wherever they stand.
func (o Outline) Means(other Outline) bool {
	return slices.EqualFunc(o.Roots, other.Roots, func(a, b *document.Node) bool { return reflect.DeepEqual(a.Plain(), b.Plain()) })
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

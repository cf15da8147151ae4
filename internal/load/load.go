// Package load reads files into documents that are checked against their
// schemas, and keeps the line and column of everything.
package load

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// maxBytes bounds one file: no document that people write comes near.
const maxBytes = 16 << 20

// kinds are the kinds of document, with the schema of each.
var kinds = map[string]string{"Workload": "workload", "Vendor": "vendor", "Account": "account", "Profile": "profile", "Waiver": "waiver"}

// A Loader reads documents. It compiles each schema once, when first needed,
// and may be used by several goroutines.
type Loader struct {
	words   vocabulary
	stdin   func(most int64) ([]byte, error) // read once, so that it can be read again
	mu      sync.Mutex
	schemas map[string]*schema
}

// New returns a Loader that reads "-" from stdin.
func New(stdin io.Reader) (*Loader, error) {
	words, err := readVocabulary()
	if err != nil {
		return nil, err
	}
	l := &Loader{words: words, schemas: map[string]*schema{}}
	if stdin != nil {
		l.stdin = onceRead(stdin)
	}
	return l, nil
}

func (l *Loader) schema(kind string) (*schema, error) { return l.schemaNamed(kinds[kind]) }

func (l *Loader) schemaNamed(name string) (*schema, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok := l.schemas[name]; ok {
		return s, nil
	}
	s, err := compileSchema(name)
	if err != nil {
		return nil, err
	}
	s.ambiguous = l.words.ambiguous()
	l.schemas[name] = s
	return s, nil
}

// Files lists the documents' files behind some paths, in order and each once,
// however it is spelt: a file as it is, a folder's documents at any depth (hidden
// ones left out), "-" as it is. Links keep their names, since what a manifest
// names is beside it. A link to a folder is followed where it is given itself;
// below another one, it is a problem if it leads out of that: what is behind it
// must not be passed over in silence.
func Files(paths []string) ([]string, []decision.Problem) {
	var files []string
	var problems []decision.Problem
	seen := map[string]bool{}
	add := func(path, name string) {
		if !seen[name] {
			seen[name] = true
			files = append(files, path)
		}
	}
	for _, path := range paths {
		if path == "-" {
			add(path, path)
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			problems = append(problems, decision.Problem{Path: path, Message: fileWords(err)})
			continue
		}
		if !info.IsDir() {
			add(path, spelt(path))
			continue
		}
		found := 0
		root := Folder(path)
		err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				problems = append(problems, decision.Problem{Path: filepath.Clean(name), Message: fileWords(err)})
				return nil
			}
			if name != root && strings.HasPrefix(entry.Name(), ".") {
				if entry.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
			switch {
			case entry.IsDir():
			case LeadsOut(root, name, entry):
				problems = append(problems, decision.Problem{Path: name, Message: "is a link to a folder, and those are not followed; expected documents; give the folder itself"})
			case IsDocument(name):
				found++
				add(name, spelt(name))
			}
			return nil
		})
		if err != nil {
			problems = append(problems, decision.Problem{Path: path, Message: fileWords(err)})
		} else if found == 0 {
			problems = append(problems, decision.Problem{Path: path, Message: "folder has no documents; expected *.yaml, *.yml or *.json files; name the right folder"})
		}
	}
	return files, problems
}

// IsDocument reports whether a file of a folder is read as a document, by its
// name.
func IsDocument(name string) bool {
	switch filepath.Ext(name) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// Folder is a path as filepath.WalkDir has to be given it to walk what a link to a
// folder leads to.
func Folder(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path + string(filepath.Separator)
	}
	return path
}

// LeadsOut reports whether an entry below a folder is a link to a folder that is
// not below it.
func LeadsOut(root, path string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	from, err := filepath.EvalSymlinks(root)
	target, wrong := filepath.EvalSymlinks(path)
	if err != nil || wrong != nil {
		return true
	}
	below, err := filepath.Rel(from, target)
	return err != nil || !filepath.IsLocal(below)
}

// spelt is a path in its one spelling, links as they are.
func spelt(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return filepath.Clean(path)
}

func fileWords(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file or folder; expected a document; check the path"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read; expected a readable file; change its permissions"
	}
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return fmt.Sprintf("cannot be read: %v", pathErr.Err)
	}
	return fmt.Sprintf("cannot be read: %v", err)
}

// File reads the documents of one file. Documents with problems are left out;
// the others of the file are returned.
func (l *Loader) File(ctx context.Context, path string) ([]document.Document, []decision.Problem) {
	data, problems := l.Source(ctx, path)
	if len(problems) > 0 {
		return nil, problems
	}
	return l.Bytes(path, data)
}

// Source reads the content of one file.
func (l *Loader) Source(ctx context.Context, path string) ([]byte, []decision.Problem) {
	if err := ctx.Err(); err != nil {
		return nil, []decision.Problem{{Path: path, Message: err.Error()}}
	}
	read := func() ([]byte, error) { return l.read(path) }
	data, err := []byte(nil), error(nil)
	if info, wrong := os.Stat(path); wrong == nil && !info.Mode().IsRegular() && !info.IsDir() {
		data, err = Wait(ctx, read) // nobody may ever write to a pipe
	} else {
		data, err = read()
	}
	if err != nil {
		var problem decision.Problem
		if errors.As(err, &problem) {
			return nil, []decision.Problem{problem}
		}
		return nil, []decision.Problem{{Path: path, Message: fileWords(err)}}
	}
	return data, nil
}

// Wait returns what a function that may block returns, or the error of ctx where
// that ends first; the function is left to itself then.
func Wait[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func (l *Loader) read(path string) ([]byte, error) { return l.readUpTo(path, maxBytes) }

func (l *Loader) readUpTo(path string, most int64) ([]byte, error) {
	if path == "-" {
		if l.stdin == nil {
			return nil, decision.Problem{Path: path, Message: "there is no standard input; expected a document; name a file"}
		}
		return l.stdin(most)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, decision.Problem{Path: path, Message: "is a folder; expected a file"}
	}
	return limited(path, file, most)
}

// onceRead reads standard input once, up to what is asked for first, and gives
// the same each time.
func onceRead(stdin io.Reader) func(most int64) ([]byte, error) {
	var once sync.Once
	var data []byte
	var err error
	return func(most int64) ([]byte, error) {
		once.Do(func() { data, err = limited("-", stdin, most) })
		return data, err
	}
}

// limited reads all there is, unless that is more than expected.
func limited(path string, reader io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(reader, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, decision.Problem{Path: path, Message: fmt.Sprintf("larger than %d MiB; expected a document of caveat; check that this is the right file", most>>20)}
	}
	return data, nil
}

// Bytes reads the documents of one file's content.
func (l *Loader) Bytes(path string, data []byte) ([]document.Document, []decision.Problem) {
	roots, problems := parse(path, data)
	if len(roots) == 0 && len(problems) == 0 {
		return nil, []decision.Problem{empty(path)}
	}
	var documents []document.Document
	for i, root := range roots {
		if root == nil {
			continue
		}
		doc, found := l.document(path, i, root)
		problems = append(problems, found...)
		if len(found) == 0 {
			documents = append(documents, doc)
		}
	}
	sortProblems(problems)
	return documents, problems
}

// parse reads JSON where the file is called so or starts like it, else YAML.
func parse(path string, data []byte) ([]*document.Node, []decision.Problem) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if roots, problems, ok := asJSON(path, data); ok {
		return roots, problems
	}
	return parseYAML(path, data)
}

// asJSON reads what is JSON by its name or its look.
func asJSON(path string, data []byte) (roots []*document.Node, problems []decision.Problem, ok bool) {
	if filepath.Ext(path) == ".json" {
		roots, problems = parseJSON(path, data)
		return roots, problems, true
	}
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		if roots, problems = parseJSON(path, data); len(problems) == 0 {
			return roots, nil, true
		}
	}
	return nil, nil, false
}

func (l *Loader) document(path string, index int, root *document.Node) (document.Document, []decision.Problem) {
	doc := document.Document{Path: path, Index: index, Root: root, Kind: root.Field("kind").Text()}
	if found := ofKind(path, root); len(found) > 0 {
		return doc, found
	}
	s, err := l.schema(doc.Kind)
	if err != nil {
		return doc, []decision.Problem{{Path: path, Message: err.Error()}}
	}
	var problems []decision.Problem
	known := map[string]bool{}
	if doc.Kind == "Workload" {
		problems, known = l.words.rewrite(path, root)
	}
	problems = append(problems, s.check(path, root, known)...)
	if doc.Kind == "Workload" && len(problems) == 0 {
		problems = undeclaredClasses(path, root)
	}
	if len(problems) > 0 {
		return doc, problems
	}
	if doc.Kind == "Workload" {
		s.defaults(s.raw, root)
		normalise(root)
	}
	doc.Digest, err = digest(root)
	if err != nil {
		return doc, []decision.Problem{{Path: path, Line: root.Line, Column: root.Column, Message: err.Error()}}
	}
	return doc, nil
}

// undeclaredClasses reports data that reaches a feature and is not among the
// workload's classes: what a workload handles decides which controls it needs,
// so nothing may come in through the back door.
func undeclaredClasses(path string, root *document.Node) []decision.Problem {
	classes := root.Field("spec").Field("data").Field("classes").Texts()
	var problems []decision.Problem
	visit(root, document.Split("/spec/uses/*/data/*"), "", func(at string, node *document.Node) {
		if class := node.Text(); !slices.Contains(classes, class) {
			problems = append(problems, decision.Problem{Path: path, Line: node.Line, Column: node.Column, Message: fmt.Sprintf("%s is %q, which spec.data.classes does not have; expected one of %s; add it there if the workload handles it", place(at), class, strings.Join(classes, ", "))})
		}
	})
	return problems
}

// ofKind reports what is not a document of ours at all.
func ofKind(path string, root *document.Node) []decision.Problem {
	if root.Kind != document.Map {
		return []decision.Problem{{Path: path, Line: root.Line, Column: root.Column, Message: fmt.Sprintf("the document is %s; expected a mapping with apiVersion, kind and metadata", shown(root))}}
	}
	if _, ok := kinds[root.Field("kind").Text()]; !ok {
		return []decision.Problem{kindProblem(path, root)}
	}
	return nil
}

func kindProblem(path string, root *document.Node) decision.Problem {
	var names []string
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	node, line, column, _ := root.At("/kind")
	if node == nil {
		return decision.Problem{Path: path, Line: root.Line, Column: root.Column, Message: fmt.Sprintf("the document lacks \"kind\"; expected %s; add it", oneOf(names))}
	}
	return decision.Problem{Path: path, Line: line, Column: column, Message: fmt.Sprintf("kind is %s; expected %s%s", shown(node), oneOf(names), DidYouMean(node.Text(), names))}
}

// digest is the SHA-256 of the canonical JSON of a document, so that comments
// and layout do not change it.
func digest(root *document.Node) (string, error) {
	data, err := json.Marshal(root.Plain())
	if err != nil {
		return "", fmt.Errorf("digest: %w", err)
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// normalise writes out what a manifest may say briefly, so that controls find
// one form: residency by activity, and the data that reaches each feature.
func normalise(root *document.Node) {
	data := root.Field("spec").Field("data")
	if residency := data.Field("residency"); residency != nil && residency.Kind == document.List {
		full := &document.Node{Kind: document.Map, Line: residency.Line, Column: residency.Column}
		for _, activity := range []string{"process", "store", "logs", "support"} {
			full.Set(activity, residency)
		}
		data.Fields["residency"] = full
	}
	for _, use := range root.Field("spec").Field("uses").Items {
		if use.Field("data") == nil {
			use.Set("data", data.Field("classes"))
		}
	}
}

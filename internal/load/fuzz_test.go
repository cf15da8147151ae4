package load

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

type seed struct {
	path string
	data []byte
}

// seeds are the documents of fixtures and of testdata/problems, and pieces of
// YAML and JSON that have been misread somewhere.
func seeds(t testing.TB) []seed {
	t.Helper()
	var all []seed
	for _, pattern := range []string{"../../fixtures/workloads/*.yaml", "../../fixtures/accounts/*.yaml", "../../fixtures/waivers/*.yaml", "../../policies/profiles/*.yaml", "../../fixtures/vendors/lambda.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: got no seeds, %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, seed{".yaml", data})
		}
	}
	archives, err := filepath.Glob("testdata/problems/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("got no seeds, %v", err)
	}
	for _, file := range archives {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			if file.Name != "want" {
				all = append(all, seed{filepath.Ext(file.Name), bytes.TrimSuffix(file.Data, []byte("<EOF>\n"))})
			}
		}
	}
	for _, text := range []string{
		"", " ", "\n", "---", "...", "#", "&a *a", "&a [*a, *a]", "{", "[", "- - - a", "? a", "a: b: c", "!!str", "!", "'", "\"\\ud800\"", "a:\n\tb", "\xef\xbb\xbfa: 1",
		"\xff\xfea\x00", "a: 1e400", "a: 0x", "a: 0o8", "<<: {a: 1}", "a: |\n b\n c", "%YAML 1.2\n--- a", "{\"a\":1}{\"b\":2}", "{\"a\":1e999999999}", "[1]]", "null", "\"\\u0000\"",
		"{\"\xf0\":1}", "{\"a\":{\"a\":{\"a\":[[[{}]]]}}}", "1 2", "tru", "{} x", whole, wholeJSON, least + "  stage: select\n---\n" + least,
	} {
		all = append(all, seed{".yaml", []byte(text)}, seed{".json", []byte(text)})
	}
	return all
}

// TestSeeds fails if the fuzzing below starts from nothing or from rubbish.
func TestSeeds(t *testing.T) {
	all := seeds(t)
	l := loader(t)
	kinds := map[string]int{}
	for _, s := range all {
		documents, _ := l.Bytes("w"+s.path, s.data)
		for _, doc := range documents {
			kinds[s.path+" "+doc.Kind]++
		}
	}
	for _, kind := range []string{".yaml Workload", ".yaml Account", ".yaml Vendor", ".yaml Profile", ".json Workload"} {
		if kinds[kind] == 0 {
			t.Errorf("got no good seed of %s", kind)
		}
	}
	if len(all) < 100 {
		t.Errorf("got %d seeds", len(all))
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds(f) {
		if len(s.data) < 20_000 { // a large seed makes every mutation slow
			f.Add(s.data, s.path == ".json")
		}
	}
	l := loader(f)
	f.Fuzz(func(t *testing.T, data []byte, isJSON bool) {
		path := "w.yaml"
		if isJSON {
			path = "w.json"
		}
		before := bytes.Clone(data)
		roots, problems := parse(path, data)
		if !bytes.Equal(before, data) {
			t.Fatal("the data was changed")
		}
		if again, other := parse(path, data); !reflect.DeepEqual(roots, again) || !slices.Equal(problems, other) {
			t.Fatal("got two answers")
		}
		lines := 2 // YAML breaks lines at more characters than \n
		for _, end := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029", "\x00\n", "\n\x00"} {
			lines += bytes.Count(data, []byte(end))
		}
		for _, p := range problems {
			if p.Path != path || p.Line < 1 || p.Column < 1 || p.Line > lines || p.Message == "" {
				t.Fatalf("got %v", p)
			}
		}
		if isJSON {
			likeStandard(t, data, roots, problems != nil)
		}
		for _, root := range roots {
			if root == nil {
				if len(problems) == 0 {
					t.Fatal("got neither a document nor a problem")
				}
				continue
			}
			stable(t, root)
		}
		loads(t, l, path, data)
	})
}

// likeStandard compares with encoding/json, which takes one value.
func likeStandard(t *testing.T, data []byte, roots []*document.Node, refused bool) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var want any
	err := decoder.Decode(&want)
	switch valid := json.Valid(data); {
	case !valid && len(roots) == 1 && !refused:
		t.Fatalf("read, and is not JSON")
	case valid && !refused && (err != nil || len(roots) != 1 || !reflect.DeepEqual(roots[0].Plain(), want)):
		t.Fatalf("got another value than encoding/json: %v", want)
	}
}

// stable holds that a value printed as JSON reads as the same value, in a file
// of either name.
func stable(t *testing.T, root *document.Node) {
	printed, err := json.Marshal(root.Plain())
	if err != nil {
		t.Fatalf("cannot be printed: %v", err)
	}
	paths := []string{"w.json"}
	if root.Kind == document.Map {
		paths = append(paths, "w.yaml")
	}
	for _, path := range paths {
		again, problems := parse(path, printed)
		if len(again) != 1 || len(problems) != 0 {
			t.Fatalf("%s: got %d documents, %v", printed, len(again), problems)
		}
		if reprinted, err := json.Marshal(again[0].Plain()); err != nil || !bytes.Equal(printed, reprinted) {
			t.Fatalf("got %s, then %s, %v", printed, reprinted, err)
		}
	}
}

// loads loads all the way: a document is good or has a problem, and one that
// was completed reads as itself.
func loads(t *testing.T, l *Loader, path string, data []byte) {
	documents, problems := l.Bytes(path, data)
	if len(documents) == 0 && len(problems) == 0 {
		t.Fatal("got nothing")
	}
	if roots, found := parse(path, data); len(roots) == 1 && len(found) == 0 && (len(documents) == 1) == (len(problems) > 0) {
		t.Fatalf("got %d documents beside %v", len(documents), problems)
	}
	inOrder := func(a, b decision.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	}
	if !slices.IsSortedFunc(problems, inOrder) {
		t.Fatalf("got problems out of order: %v", problems)
	}
	for i, doc := range documents {
		if i > 0 && doc.Index <= documents[i-1].Index {
			t.Fatalf("got document %d after %d", doc.Index, documents[i-1].Index)
		}
		printed, err := json.Marshal(doc.Root.Plain())
		if err != nil {
			t.Fatal(err)
		}
		again, found := l.Bytes("w.json", printed)
		if len(again) != 1 || len(found) != 0 || again[0].Digest != doc.Digest {
			t.Fatalf("%s: got %d documents, %v", printed, len(again), found)
		}
	}
}

package load

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var shared = sync.OnceValues(func() (*Loader, error) { return New(nil) })

// loader is one for all tests: compiling its schemas takes longer than most.
func loader(t testing.TB) *Loader {
	t.Helper()
	l, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestProblems holds every message to its place and words. Each file of
// testdata/problems has documents, and under want what loading them says.
func TestProblems(t *testing.T) {
	paths, err := filepath.Glob("testdata/problems/*.txtar")
	if err != nil || len(paths) < 20 {
		t.Fatalf("got %d golden files, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			var files []txtar.File
			want := ""
			l := loader(t)
			for _, file := range archive.Files {
				if file.Name == "want" {
					want = string(file.Data)
					continue
				}
				files = append(files, file)
				data := strings.TrimSuffix(string(file.Data), "<EOF>\n")
				documents, problems := l.Bytes(file.Name, []byte(data))
				for _, doc := range documents {
					fmt.Fprintf(&got, "%s: document %d is read\n", file.Name, doc.Index)
				}
				for _, problem := range problems {
					fmt.Fprintln(&got, problem)
				}
				if len(problems) == 0 {
					t.Errorf("%s: got no problem", file.Name)
				}
			}
			if *update {
				archive.Files = append(files, txtar.File{Name: "want", Data: []byte(got.String())})
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got.String() != want {
				t.Errorf("got\n%s\nwant\n%s", got.String(), want)
			}
		})
	}
}

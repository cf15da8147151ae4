package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// repository makes one of files, and commits them; names in later are written
// after that.
func repository(t *testing.T, kept, later map[string]string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	dir := t.TempDir()
	write := func(files map[string]string) {
		for name, text := range files {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(kept)
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "first"}} {
		if _, err := git(t.Context(), dir, args...); err != nil {
			t.Fatal(err)
		}
	}
	write(later)
	return dir
}

// A revision's manifests are copied as its folders have them, and nothing else
// of it: no hidden files, no other kinds, no symbolic links.
func TestCheckout(t *testing.T) {
	dir := repository(t, map[string]string{
		"a b/one.yaml": "1", "a b/deep/two.yml": "2", "a b/.hidden/x.yaml": "x", "a b/.y.yaml": "y", "a b/notes.txt": "n", "a b/three.json": "3", "other.yaml": "o", "a bc/not.yaml": "n",
	}, map[string]string{"a b/new.yaml": "new", "a b/one.yaml": "changed"})
	r, err := checkout(t.Context(), "main", []string{filepath.Join(dir, "a b"), filepath.Join(dir, "a b", "one.yaml"), filepath.Join(dir, "gone", "gone.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, file := range r.files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		shown, err := filepath.Rel(dir, r.of[file].shown)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, filepath.ToSlash(shown)+" "+string(data))
	}
	slices.Sort(got)
	if want := []string{"a b/deep/two.yml 2", "a b/one.yaml 1", "a b/three.json 3"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	r.remove()
	if _, err := os.Stat(r.dir); !os.IsNotExist(err) {
		t.Errorf("the copies are left behind: %v", err)
	}
}

// A file of traffic comes from the revision; one that it does not keep is
// today's, which is said.
func TestFetch(t *testing.T) {
	dir := repository(t, map[string]string{"w/one.yaml": "1", "traces/kept.csv": "then"}, map[string]string{"traces/kept.csv": "now", "traces/ignored.csv": "today"})
	r, err := checkout(t.Context(), "HEAD", []string{filepath.Join(dir, "w")})
	if err != nil {
		t.Fatal(err)
	}
	defer r.remove()
	for name, want := range map[string]struct {
		today bool
		text  string
	}{
		"../traces/kept.csv": {false, "then"}, "../traces/ignored.csv": {true, "today"}, "../traces/none.csv": {false, ""}, "../../outside.csv": {false, ""},
	} {
		today, err := r.fetch(t.Context(), r.files[0], name)
		if err != nil || today != want.today {
			t.Errorf("%s: got today %t and %v, want %t", name, today, err, want.today)
		}
		data, err := os.ReadFile(filepath.Join(filepath.Dir(r.files[0]), filepath.FromSlash(name)))
		if string(data) != want.text || (err != nil) != (want.text == "") {
			t.Errorf("%s: got %q and %v, want %q", name, data, err, want.text)
		}
	}
	if today, err := r.fetch(t.Context(), r.files[0], "../traces/ignored.csv"); err != nil || !today {
		t.Errorf("a second manifest with the same trace: got %t and %v", today, err)
	}
}

package cli_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A hook is one entry of .pre-commit-hooks.yaml.
type hook map[string]any

func readHooks(t *testing.T) []hook {
	t.Helper()
	data, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []hook
	if err := yaml.Unmarshal(data, &hooks); err != nil {
		t.Fatal(err)
	}
	if len(hooks) != 1 || hooks[0]["id"] != "caveat-check" {
		t.Fatalf("got hooks %v, want caveat-check", hooks)
	}
	return hooks
}

// TestHookFiles holds the hook to the files that it is to take.
func TestHookFiles(t *testing.T) {
	text, _ := readHooks(t)[0]["files"].(string)
	files, err := regexp.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"workload.yaml":                  true,
		"services/notes/workload.yml":    true,
		"notes.workload.yaml":            true,
		"services/notes.workload.json":   true,
		"caveat/workloads/notes.yaml":    true,
		"a/caveat/workloads/b/notes.yml": true,
		"workload.schema.json":           false,
		".caveat/workload.schema.json":   false,
		"k8s/workload-identity.yaml":     false,
		"k8s/workloads/web.yaml":         false,
		"workload.yaml.tmpl":             false,
		"myworkload.yaml":                false,
		"caveat/accounts/modal.yaml":     false,
		"caveat/vendors/acme.yaml":       false,
		".pre-commit-config.yaml":        false,
		".github/workflows/ci.yaml":      false,
		"notcaveat/workloads/notes.yaml": false,
	} {
		if got := files.MatchString(path); got != want {
			t.Errorf("%s: got %t, want %t", path, got, want)
		}
	}
}

// scratch is a repository for the hook, away from the settings of who tests.
type scratch struct {
	t   *testing.T
	dir string
	env []string
}

func newScratch(t *testing.T) scratch {
	t.Helper()
	for _, program := range []string{"git", "pre-commit"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: %v", program, err)
		}
	}
	home := t.TempDir()
	s := scratch{t: t, dir: t.TempDir()}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "GIT_") && !strings.HasPrefix(pair, "PRE_COMMIT") && !strings.HasPrefix(pair, "SKIP=") {
			s.env = append(s.env, pair)
		}
	}
	s.env = append(s.env, "GIT_CONFIG_GLOBAL="+filepath.Join(home, "gitconfig"), "GIT_CONFIG_NOSYSTEM=1", "PRE_COMMIT_HOME="+filepath.Join(home, "pre-commit"),
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com", "PRE_COMMIT_COLOR=never")
	s.must("git", "init", "-q")
	return s
}

func (s scratch) run(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (s scratch) must(name string, args ...string) string {
	s.t.Helper()
	out, err := s.run(name, args...)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

func (s scratch) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// commit stages everything and commits it; the error is that of a hook that
// blocks.
func (s scratch) commit() (string, error) {
	s.t.Helper()
	s.must("git", "add", "-A")
	return s.run("git", "commit", "-m", "change")
}

// TestPreCommit commits to a scratch repository through the real pre-commit.
// The hook is the shipped one, but for its language: what pre-commit would
// build with the network is the caveat of these scripts.
func TestPreCommit(t *testing.T) {
	s := newScratch(t)
	h := readHooks(t)[0]
	h["language"] = "system"
	h["args"] = []string{"--no-default-catalog", "--catalog", "caveat/vendors"}
	config, err := yaml.Marshal(map[string]any{"repos": []any{map[string]any{"repo": "local", "hooks": []hook{h}}}})
	if err != nil {
		t.Fatal(err)
	}
	s.write(".pre-commit-config.yaml", string(config))
	shared, err := filepath.Abs("testdata/shared")
	if err != nil {
		t.Fatal(err)
	}
	manifest := func(name string) string {
		data, err := os.ReadFile(filepath.Join(shared, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for _, vendor := range []string{"acme.yaml", "globex.yaml", "initech.yaml"} {
		s.write("caveat/vendors/"+vendor, manifest("catalog/"+vendor))
	}
	s.must("pre-commit", "install")

	s.write("deploy/workload-identity.yaml", "kind: Deployment\n")
	if out, err := s.commit(); err != nil || !strings.Contains(out, "no files to check") {
		t.Fatalf("files that are no manifests: got %v, want them left alone\n%s", err, out)
	}

	s.write("notes.workload.yaml", manifest("fail.yaml"))
	out, err := s.commit()
	if err == nil {
		t.Fatalf("a failing manifest was committed\n%s", out)
	}
	for _, want := range []string{"exit code: 1", "FAIL  fail-example", "notes.workload.yaml", "99.9% uptime promised, 99.99% needed"} {
		if !strings.Contains(out, want) {
			t.Errorf("a failing manifest: want %q in\n%s", want, out)
		}
	}

	s.write("notes.workload.yaml", manifest("pass.yaml"))
	if out, err := s.commit(); err != nil || !strings.Contains(out, "PASS  pass-example") {
		t.Fatalf("the mended manifest: got %v, want a commit\n%s", err, out)
	}

	s.write("caveat/workloads/open.yaml", manifest("review.yaml"))
	if out, err := s.commit(); err != nil || !strings.Contains(out, "REVIEW  review-example") || strings.Contains(out, "PASS") {
		t.Fatalf("a manifest in review: got %v, want a commit that says so, and nothing of unchanged files\n%s", err, out)
	}

	s.write("caveat/workloads/broken.yaml", "apiVersion: caveat/v1\nkind: Wrkload\n")
	if out, err := s.commit(); err == nil || !strings.Contains(out, "exit code: 2") || !strings.Contains(out, `did you mean "Workload"`) {
		t.Fatalf("a manifest that cannot be read: got %v, want exit code 2\n%s", err, out)
	}
}

// TestPreCommitBuilds lets pre-commit build the hook from this tree, as it does
// from a tag, with the module cache for a proxy, so that no network is needed.
// That takes a while: .ci/run asks for it.
func TestPreCommitBuilds(t *testing.T) {
	if os.Getenv("CAVEAT_PRECOMMIT_BUILD") == "" {
		t.Skip("CAVEAT_PRECOMMIT_BUILD is not set")
	}
	s := newScratch(t)
	modules, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "GOPROXY=file://"+strings.TrimSpace(string(modules))+"/cache/download", "GOSUMDB=off", "GOFLAGS=-mod=mod -modcacherw")
	source := scratch{t: t, dir: t.TempDir(), env: s.env}
	if err := os.CopyFS(source.dir, tree{os.DirFS("../..")}); err != nil {
		t.Fatal(err)
	}
	source.must("git", "init", "-q")
	if out, err := source.commit(); err != nil {
		t.Fatalf("commit: %v\n%s", err, out)
	}
	for _, name := range []string{"soc2-select.yaml", "phi-volumes-v1.yaml"} {
		data, err := os.ReadFile(filepath.Join("../../fixtures/workloads", name))
		if err != nil {
			t.Fatal(err)
		}
		s.write("caveat/workloads/"+name, string(data))
	}
	s.must("git", "add", "-A")
	out, err := s.run("pre-commit", "try-repo", source.dir, "caveat-check", "--all-files")
	if err == nil {
		t.Errorf("a failing manifest passed")
	}
	for _, want := range []string{"exit code: 1", "PASS  contract-search", "FAIL  discharge-letters"} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q in\n%s", want, out)
		}
	}
}

// A tree is a project's folder without its history.
type tree struct{ fs.FS }

func (t tree) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(t.FS, name)
	return slices.DeleteFunc(entries, func(entry fs.DirEntry) bool { return entry.Name() == ".git" }), err
}

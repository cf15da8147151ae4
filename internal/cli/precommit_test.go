package cli_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
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
	var ids []any
	for _, h := range hooks {
		ids = append(ids, h["id"])
	}
	if want := []any{"caveat-check", "caveat-gate", "caveat-vendors-lint", "caveat-fmt"}; !slices.Equal(ids, want) {
		t.Fatalf("got hooks %v, want %v", ids, want)
	}
	return hooks
}

// local makes shipped hooks those of a repository: all as they are but for their
// language, since what pre-commit would build with the network is the caveat of
// these scripts.
func local(t *testing.T, args map[string][]string) string {
	t.Helper()
	var hooks []hook
	for _, h := range readHooks(t) {
		id, _ := h["id"].(string)
		if extra, ok := args[id]; ok {
			h["language"], h["args"] = "system", extra
			hooks = append(hooks, h)
		}
	}
	config, err := yaml.Marshal(map[string]any{"repos": []any{map[string]any{"repo": "local", "hooks": hooks}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(config)
}

// example is a file of testdata/shared.
func example(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/shared", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var invented = []string{"--no-default-catalog", "--catalog", "caveat/vendors"}

// takes returns whether a hook takes a file.
func takes(t *testing.T, h hook) func(path string) bool {
	t.Helper()
	pattern := func(key string) *regexp.Regexp {
		text, _ := h[key].(string)
		compiled, err := regexp.Compile(text)
		if err != nil || text == "" {
			t.Fatalf("hook %v: %s is %q: %v", h["id"], key, text, err)
		}
		return compiled
	}
	files, exclude := pattern("files"), pattern("exclude")
	return func(path string) bool { return files.MatchString(path) && !exclude.MatchString(path) }
}

// TestHookFiles holds the hooks to the files that they are to take.
func TestHookFiles(t *testing.T) {
	hooks := readHooks(t)
	check, gate, lint, format := takes(t, hooks[0]), takes(t, hooks[1]), takes(t, hooks[2]), takes(t, hooks[3])
	for path, want := range map[string]bool{
		"workload.yaml":                                 true,
		"services/notes/workload.yml":                   true,
		"notes.workload.yaml":                           true,
		"services/notes.workload.json":                  true,
		"caveat/workloads/notes.yaml":                   true,
		"a/caveat/workloads/b/notes.yml":                true,
		"workload.schema.json":                          false,
		".caveat/workload.schema.json":                  false,
		"caveat/workloads/.caveat/workload.schema.json": false,
		"k8s/workload-identity.yaml":                    false,
		"k8s/workloads/web.yaml":                        false,
		"workload.yaml.tmpl":                            false,
		"myworkload.yaml":                               false,
		"caveat/accounts/modal.yaml":                    false,
		"caveat/vendors/acme.yaml":                      false,
		".pre-commit-config.yaml":                       false,
		".github/workflows/ci.yaml":                     false,
		"notcaveat/workloads/notes.yaml":                false,
	} {
		if got := check(path); got != want || gate(path) != got {
			t.Errorf("%s: got %t of the check and %t of the gate, want %t", path, got, gate(path), want)
		}
	}
	for path, want := range map[string]bool{
		"vendor.yaml":                               true,
		"acme.vendor.yml":                           true,
		"caveat/vendors/acme.yaml":                  true,
		"a/caveat/vendors/b/acme.json":              true,
		"caveat/vendors/README.md":                  false,
		"caveat/vendors/.caveat/vendor.schema.json": false,
		"caveat/workloads/notes.yaml":               false,
		"caveat/accounts/acme.yaml":                 false,
		"vendor/modules.yaml":                       false,
		"vendor/github.com/x/y.yaml":                false,
		"notcaveat/vendors/acme.yaml":               false,
		"vendor.schema.json":                        false,
		"myvendor.yaml":                             false,
	} {
		if got := lint(path); got != want {
			t.Errorf("%s: got %t, want %t", path, got, want)
		}
	}
	for path, want := range map[string]bool{
		"workload.yaml":               true,
		"acme.vendor.yml":             true,
		"caveat/workloads/a/b.yaml":   true,
		"x/caveat/vendors/acme.yaml":  true,
		"caveat/accounts/modal.yaml":  true,
		"caveat/waivers/budget.yml":   true,
		"workload.json":               false,
		"caveat/vendors/acme.json":    false,
		"caveat/other/a.yaml":         false,
		"vendor/modules.yaml":         false,
		"notcaveat/waivers/a.yaml":    false,
		"k8s/workload-identity.yaml":  false,
		".caveat.yaml":                false,
		"caveat/accounts/README.md":   false,
		"caveat/accounts/modal.yaml~": false,
	} {
		if got := format(path); got != want {
			t.Errorf("%s: got %t, want %t", path, got, want)
		}
	}
}

// TestLocalHookInDocs holds the hook that docs/gates.md writes out to the shipped
// one: all but where its program comes from.
func TestLocalHookInDocs(t *testing.T) {
	docs, err := os.ReadFile("../../docs/gates.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(docs), "```yaml\n# .pre-commit-config.yaml\n")
	text, _, _ = strings.Cut(text, "```")
	var config struct {
		Repos []struct {
			Repo  string
			Hooks []hook
		}
	}
	if err := yaml.Unmarshal([]byte(text), &config); err != nil || len(config.Repos) != 1 || len(config.Repos[0].Hooks) != 1 {
		t.Fatalf("got %+v and %v, want one repository with one hook", config, err)
	}
	got, want := config.Repos[0].Hooks[0], readHooks(t)[0]
	if config.Repos[0].Repo != "local" || got["language"] != "system" {
		t.Errorf("got %s and %v, want local and system", config.Repos[0].Repo, got["language"])
	}
	for key, value := range want {
		switch key {
		case "language", "description", "pass_filenames", "minimum_pre_commit_version": // as without it
		default:
			if !reflect.DeepEqual(got[key], value) {
				t.Errorf("%s: got %v, want %v", key, got[key], value)
			}
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

// withVendors writes the invented vendors.
func (s scratch) withVendors() {
	s.t.Helper()
	for _, vendor := range []string{"acme.yaml", "globex.yaml", "initech.yaml"} {
		s.write("caveat/vendors/"+vendor, example(s.t, "catalog/"+vendor))
	}
}

// TestPreCommit commits to a scratch repository through the real pre-commit.
func TestPreCommit(t *testing.T) {
	s := newScratch(t)
	s.write(".pre-commit-config.yaml", local(t, map[string][]string{"caveat-check": invented}))
	manifest := func(name string) string { return example(t, name) }
	s.withVendors()
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

// TestPreCommitGate holds that review blocks the gate, and only the gate.
func TestPreCommitGate(t *testing.T) {
	s := newScratch(t)
	s.write(".pre-commit-config.yaml", local(t, map[string][]string{"caveat-check": invented, "caveat-gate": invented}))
	s.withVendors()
	s.must("pre-commit", "install")
	verdicts := regexp.MustCompile(`caveat (check|gate)\.+(Passed|Failed)`)
	for _, c := range []struct {
		manifest, code string
		want           []string // of caveat check and caveat gate
	}{
		{"fail.yaml", "exit code: 1", []string{"Failed", "Failed"}},
		{"review.yaml", "exit code: 3", []string{"Passed", "Failed"}},
		{"pass.yaml", "", []string{"Passed", "Passed"}},
	} {
		s.write("notes.workload.yaml", example(t, c.manifest))
		out, err := s.commit()
		if blocks := c.code != ""; blocks != (err != nil) || !strings.Contains(out, c.code) {
			t.Errorf("%s: got %v, want %q\n%s", c.manifest, err, c.code, out)
		}
		var got []string
		for _, match := range verdicts.FindAllStringSubmatch(out, -1) {
			got = append(got, match[2])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v\n%s", c.manifest, got, c.want, out)
		}
	}
}

// TestPreCommitVendorsLint commits vendor documents.
func TestPreCommitVendorsLint(t *testing.T) {
	s := newScratch(t)
	s.write(".pre-commit-config.yaml", local(t, map[string][]string{"caveat-vendors-lint": nil}))
	s.withVendors()
	s.write("caveat/workloads/fail.yaml", example(t, "fail.yaml")) // no vendor, and no business of this hook
	s.must("pre-commit", "install")
	if out, err := s.commit(); err != nil || !strings.Contains(out, "3 vendor documents: 0 errors, ") {
		t.Fatalf("documents without an error: got %v, want a commit\n%s", err, out)
	}

	globex := example(t, "catalog/globex.yaml")
	s.write("caveat/vendors/globex.yaml", strings.Replace(globex, "uptime: [", "uptime: [{value: 99.99, scope: all, sources: [docs]}, ", 1))
	out, err := s.commit()
	if err == nil || !strings.Contains(out, "exit code: 1") || !strings.Contains(out, "error contradiction") || !strings.Contains(out, "1 vendor document: 1 error, ") {
		t.Fatalf("a contradiction: got %v, want no commit, and nothing of unchanged files\n%s", err, out)
	}

	s.write("caveat/vendors/globex.yaml", strings.Replace(globex, "read: 2026-11-01", "read: 2025-11-01", 1))
	if out, err := s.commit(); err == nil || !strings.Contains(out, "error source-dates") {
		t.Fatalf("read before it was published: got %v, want no commit\n%s", err, out)
	}

	s.write("caveat/vendors/globex.yaml", strings.Replace(globex, "published: 2026-10-01, read: 2026-11-01", "published: unknown, read: 2025-11-01", 1))
	if out, err := s.commit(); err != nil || !strings.Contains(out, "warning stale-source") {
		t.Fatalf("an old source: got %v, want a commit that says so\n%s", err, out)
	}

	s.write("caveat/vendors/broken.vendor.yaml", "apiVersion: caveat/v1\nkind: Vender\n")
	if out, err := s.commit(); err == nil || !strings.Contains(out, "exit code: 2") || !strings.Contains(out, `did you mean "Vendor"`) {
		t.Fatalf("a document that cannot be read: got %v, want exit code 2\n%s", err, out)
	}
}

// TestPreCommitFmt commits what is not formatted: the hook formats and blocks,
// and then lets it through.
func TestPreCommitFmt(t *testing.T) {
	s := newScratch(t)
	s.write(".pre-commit-config.yaml", local(t, map[string][]string{"caveat-fmt": nil}))
	s.withVendors()
	s.write("deploy/web.yaml", "kind:   Deployment\na:\n    - b   \n") // no business of this hook
	s.must("pre-commit", "install")
	if out, err := s.commit(); err != nil || !strings.Contains(out, "Passed") {
		t.Fatalf("what is formatted: got %v, want a commit\n%s", err, out)
	}

	formatted := example(t, "pass.yaml")
	s.write("notes.workload.yaml", "# Notes.  \r\n"+strings.ReplaceAll(formatted, "  ", "    "))
	out, err := s.commit()
	if err == nil || !strings.Contains(out, "files were modified by this hook") || !strings.Contains(out, "notes.workload.yaml") {
		t.Fatalf("what is not: got %v, want no commit\n%s", err, out)
	}
	if got, err := os.ReadFile(filepath.Join(s.dir, "notes.workload.yaml")); err != nil || string(got) != "# Notes.\n"+formatted {
		t.Fatalf("got %v\n%s", err, got)
	}
	if out, err := s.commit(); err != nil || !strings.Contains(out, "Passed") {
		t.Fatalf("formatted: got %v, want a commit\n%s", err, out)
	}

	s.write("caveat/vendors/broken.yaml", "kind:   Vender\n")
	if out, err := s.commit(); err == nil || !strings.Contains(out, "exit code: 2") || !strings.Contains(out, `did you mean "Vendor"`) {
		t.Fatalf("what is not a document: got %v, want exit code 2\n%s", err, out)
	}
}

// TestPreCommitOfMany runs the hook on 20 manifests that say where they run, and
// logs how long that takes: measured, not held to, since others may use the
// machine. A manifest without a placement is decided for everything on sale, and
// takes longer than all of these.
func TestPreCommitOfMany(t *testing.T) {
	s := newScratch(t)
	s.write(".pre-commit-config.yaml", local(t, map[string][]string{"caveat-check": nil}))
	manifests, err := filepath.Glob("../../fixtures/workloads/*.yaml")
	if err != nil || len(manifests) != 20 {
		t.Fatalf("got %d examples, %v; want 20", len(manifests), err)
	}
	for _, path := range append(manifests, "../../fixtures/traces/support-chat.csv") {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(filepath.ToSlash(path), "../../fixtures/")
		if name == "workloads/free-placement.yaml" {
			continue
		}
		s.write("caveat/"+name, string(data))
		if name == "workloads/phi-notes.yaml" {
			s.write("caveat/workloads/more-notes.yaml", string(data))
		}
	}
	s.must("git", "add", "-A")
	out, _ := s.run("pre-commit", "run", "caveat-check")                            // some of the examples fail
	if !strings.Contains(out, "21 decisions: ") || strings.Contains(out, "error") { // one file has two
		t.Fatalf("want 21 decisions and no error in\n%s", out)
	}
	match := regexp.MustCompile(`- duration: ([0-9.]+)s`).FindStringSubmatch(out)
	if match == nil {
		t.Fatalf("want a duration in\n%s", out)
	}
	t.Logf("20 manifests took %s s", match[1])
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

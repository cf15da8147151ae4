package cli_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// An action is action.yml: what it takes, gives and does.
type action struct {
	Inputs map[string]struct {
		Description string
		Default     *string
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []step
	}
}

type step struct {
	ID, If, Uses, Shell, Run string
	Env                      map[string]string
}

func readAction(t *testing.T) action {
	t.Helper()
	data, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	if a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 || len(a.Inputs) == 0 || len(a.Outputs) == 0 {
		t.Fatalf("got %+v, want a composite action with steps, inputs and outputs", a)
	}
	return a
}

var expression = regexp.MustCompile(`^\$\{\{ (inputs|steps)\.([a-z.-]+) \}\}$`)

// TestAction holds action.yml to what keeps inputs from being scripts, and the
// docs to its inputs and outputs.
func TestAction(t *testing.T) {
	a := readAction(t)
	used := map[string]bool{}
	for _, s := range a.Runs.Steps {
		if (s.Run == "") == (s.Uses == "") {
			t.Errorf("step %q: want either run or uses", s.ID)
		}
		if s.Run != "" && s.Shell != "bash" {
			t.Errorf("step %q runs in %q, want bash", s.ID, s.Shell)
		}
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %q has an expression in its script; it belongs into env", s.ID)
		}
		if s.Uses != "" && !regexp.MustCompile(`^actions/[a-z-]+@(v[0-9]+|[0-9a-f]{40})$`).MatchString(s.Uses) {
			t.Errorf("step %q uses %s", s.ID, s.Uses)
		}
		for name, value := range s.Env {
			if match := expression.FindStringSubmatch(value); match != nil && match[1] == "inputs" {
				used[match[2]] = true
			} else if strings.Contains(value, "${{") {
				t.Errorf("step %q: %s is %q, want one input and nothing else", s.ID, name, value)
			}
		}
	}
	if got, want := slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(a.Inputs)); !slices.Equal(got, want) {
		t.Errorf("the scripts get inputs %v, and the action takes %v", got, want)
	}
	docs, err := os.ReadFile("../../docs/gates.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, input := range a.Inputs {
		if input.Description == "" || input.Default == nil || !strings.Contains(string(docs), "`"+name+"`") {
			t.Errorf("input %s: want a description, a default and a word in docs/gates.md", name)
		}
	}
	check := a.Runs.Steps[len(a.Runs.Steps)-1]
	for name, output := range a.Outputs {
		if output.Description == "" || output.Value != "${{ steps."+check.ID+".outputs."+name+" }}" || !strings.Contains(check.Run, name+"=") {
			t.Errorf("output %s: got %+v, want what the last step says of it", name, output)
		}
		if !strings.Contains(string(docs), "`"+name+"`") {
			t.Errorf("output %s has no word in docs/gates.md", name)
		}
	}
}

// TestActionShellcheck looks at the scripts with shellcheck.
func TestActionShellcheck(t *testing.T) {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Skip("shellcheck is not installed")
	}
	for _, s := range readAction(t).Runs.Steps {
		if s.Run == "" {
			continue
		}
		cmd := exec.Command("shellcheck", "--shell=bash", "-")
		cmd.Stdin = strings.NewReader("set -eo pipefail\n" + s.Run)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("step %q: %v\n%s", s.ID, err, out)
		}
	}
}

// TestActionInDocs holds the workflow of docs/gates.md to actionlint, as one of
// this repository, since it looks at inputs and outputs of the action only then.
func TestActionInDocs(t *testing.T) {
	docs, err := os.ReadFile("../../docs/gates.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(docs), "## GitHub Actions")
	_, block, _ := strings.Cut(section, "```yaml\n")
	block, _, _ = strings.Cut(block, "```")
	workflow := strings.Replace(block, "caveat-check/caveat@main", "./", 1)
	if workflow == block {
		t.Fatalf("got %q, want a workflow that uses the action", block)
	}
	metadata, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	r := runner{t: t, workspace: t.TempDir()}
	r.write(".git/HEAD", "") // what it takes for a repository
	r.write("action.yml", string(metadata))
	lint := func(text string) string {
		r.write(".github/workflows/docs.yml", text)
		// What it finds is on standard output; what go downloads to build it is not.
		out, _ := exec.Command("go", "tool", "actionlint", "-no-color", "-oneline", filepath.Join(r.workspace, ".github/workflows/docs.yml")).Output()
		return string(out)
	}
	if out := lint(workflow); out != "" {
		t.Error(out)
	}
	if out := lint(strings.Replace(workflow, "fail-on:", "failon:", 1)); !strings.Contains(out, `input "failon" is not defined`) {
		t.Errorf("a misspelt input: got %q", out)
	}
}

// A runner is a job of GitHub Actions as the steps of an action see it.
type runner struct {
	t              *testing.T
	action         action
	workspace, tmp string
}

func newRunner(t *testing.T) runner {
	t.Helper()
	if testing.Short() {
		t.Skip("caveat is built, which takes its time")
	}
	for _, program := range []string{"bash", "git", "go"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	r := runner{t: t, action: readAction(t), workspace: t.TempDir(), tmp: filepath.Join(t.TempDir(), "runner temp")}
	if err := os.Mkdir(r.tmp, 0o755); err != nil {
		t.Fatal(err)
	}
	r.write("caveat/workloads/pass.yaml", example(t, "pass.yaml"))
	for _, vendor := range []string{"acme.yaml", "globex.yaml", "initech.yaml"} {
		r.write("caveat/vendors/"+vendor, example(t, "catalog/"+vendor))
	}
	return r
}

func (r runner) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.workspace, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// A ran step is what it left behind.
type ran struct {
	status       int
	log, summary string
	outputs      map[string]string
}

// run runs one script of the action with these inputs, as GitHub runs it.
func (r runner) run(s step, inputs map[string]string) ran {
	r.t.Helper()
	files := r.t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		r.t.Fatal(err)
	}
	script, output, summary := filepath.Join(files, "script.sh"), filepath.Join(files, "output"), filepath.Join(files, "summary")
	for path, text := range map[string]string{script: s.Run, output: "", summary: "what was there\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", script)
	cmd.Dir = r.workspace
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "GITHUB_") && !strings.HasPrefix(pair, "GIT_") && !strings.HasPrefix(pair, "CAVEAT_") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	cmd.Env = append(cmd.Env, "GITHUB_ACTIONS=true", "GITHUB_ACTION_PATH="+root, "GITHUB_WORKSPACE="+r.workspace, "RUNNER_TEMP="+r.tmp, "GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+summary)
	for name, value := range s.Env {
		if match := expression.FindStringSubmatch(value); match != nil {
			input, ok := inputs[match[2]]
			if !ok {
				input = *r.action.Inputs[match[2]].Default
			}
			value = input
		}
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	log, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		r.t.Fatal(err)
	}
	result := ran{status: cmd.ProcessState.ExitCode(), log: string(log), outputs: map[string]string{}}
	data, err := os.ReadFile(summary)
	if err != nil {
		r.t.Fatal(err)
	}
	result.summary = string(data)
	if data, err = os.ReadFile(output); err != nil {
		r.t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if _, twice := result.outputs[name]; !ok || twice {
			r.t.Errorf("got output %q", line)
		}
		result.outputs[name] = value
	}
	return result
}

// TestActionRuns runs the scripts of action.yml, one after the other, with
// everything around them as on GitHub: caveat is built by them, too, but with cgo
// where tests are, so that what was compiled for them serves again.
func TestActionRuns(t *testing.T) {
	r := newRunner(t)
	steps := r.action.Runs.Steps
	for _, s := range steps[:len(steps)-1] {
		if s.Run == "" {
			continue
		}
		delete(s.Env, "CGO_ENABLED")
		got := r.run(s, nil)
		if got.status != 0 {
			t.Fatalf("step %q: got exit status %d\n%s", s.ID, got.status, got.log)
		}
		if digest := got.outputs["digest"]; s.ID == "source" && len(digest) != 40 {
			t.Errorf("got outputs %v, want a digest", got.outputs)
		}
	}
	check := steps[len(steps)-1]
	const hostile = "$(touch pwned) `touch pwned`; touch pwned & \"a' *"
	r.write(hostile+"/w.yaml", example(t, "fail.yaml"))
	r.write("before/caveat/workloads/pass.yaml", strings.Replace(example(t, "pass.yaml"), "gpuHours: 10", "gpuHours: 7.5", 1))
	r.write("more/fail.yaml", example(t, "fail.yaml"))
	r.write("more/review.yaml", example(t, "review.yaml"))
	r.write("::error::x/##[error]w.yaml", "apiVersion: caveat/v1\nkind: Wrkload\n")
	invented := "--no-default-catalog\n--catalog=caveat/vendors\n--as-of=2026-11-23\n--alternatives=0"
	for _, c := range []struct {
		name   string
		inputs map[string]string
		status int
		report bool     // and SARIF, and a summary
		log    []string // lines that begin so

		summary string // a part of it
	}{
		{name: "nothing given, and all passes", status: 0, report: true, log: []string{"caveat: 1 pass, 0 review, 0 fail, "}},
		{name: "one fails", inputs: map[string]string{"paths": "more/fail.yaml"}, status: 1, report: true,
			log: []string{"::error file=more/fail.yaml,line=", "caveat: 0 pass, 0 review, 1 fail, "}},
		{name: "one in review", inputs: map[string]string{"paths": "more/review.yaml"}, status: 3, report: true, log: []string{"::warning file=more/review.yaml,line="}},
		{name: "review is let through", inputs: map[string]string{"paths": "caveat/workloads\nmore/review.yaml\n", "fail-on-unknown": "never"}, status: 0, report: true,
			log: []string{"caveat: 1 pass, 1 review, 0 fail, "}},
		{name: "what is mild is let through", inputs: map[string]string{"paths": "more/fail.yaml", "fail-on": "critical"}, status: 0, report: true,
			log: []string{"::error file=more/fail.yaml", "caveat: note: not blocking"}},
		{name: "what it costs against a folder", inputs: map[string]string{"diff": "before"}, status: 0, report: true, log: []string{"caveat: 1 pass, "}, summary: "**This change adds $10.00 a month"},
		{name: "hostile paths", inputs: map[string]string{"paths": hostile + "\n\ncaveat/workloads"}, status: 1, report: true,
			log: []string{"::error file=" + strings.ReplaceAll(hostile, ",", "%2C") + "/w.yaml,line=", "caveat: 1 pass, 0 review, 1 fail, "}},
		{name: "a hostile profile", inputs: map[string]string{"profile": hostile}, status: 2, log: []string{"caveat: "}},
		{name: "a hostile revision", inputs: map[string]string{"changed-since": "--output=pwned"}, status: 2, log: []string{"caveat: "}},
		{name: "a path that is like a flag", inputs: map[string]string{"paths": "--output=json=pwned"}, status: 2, report: true, log: []string{"::error "}},
		{name: "a broken manifest, and one that is not", inputs: map[string]string{"paths": "::error::x\ncaveat/workloads"}, status: 2, report: true,
			log: []string{"::error file=%3A%3Aerror%3A%3Ax/##[error]w.yaml,line=2,", "caveat: 1 pass, 0 review, 0 fail, "}},
		{name: "nothing there", inputs: map[string]string{"paths": "nowhere"}, status: 2, report: true, log: []string{"::error "}},
		{name: "no paths", inputs: map[string]string{"paths": "\n"}, status: 2, log: []string{"caveat: "}},
		{name: "no such waivers", inputs: map[string]string{"waivers": "nowhere"}, status: 2, log: []string{"caveat: "}},
		{name: "no such baseline", inputs: map[string]string{"baseline": "nowhere.json"}, status: 2, log: []string{"caveat: "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.t = t
			inputs := map[string]string{"args": invented}
			maps.Copy(inputs, c.inputs)
			got := r.run(check, inputs)
			if got.status != c.status || got.outputs["status"] != string(rune('0'+c.status)) {
				t.Errorf("got exit status %d and output %q, want %d\n%s", got.status, got.outputs["status"], c.status, got.log)
			}
			lines := strings.Split(got.log, "\n")
			for _, want := range c.log {
				if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, want) }) {
					t.Errorf("want a line %q in\n%s", want, got.log)
				}
			}
			for _, line := range lines {
				if !regexp.MustCompile(`^(|caveat: .*|::(error|warning|notice) (file|title)=.*)$`).MatchString(line) || strings.HasPrefix(line, "caveat: ") && strings.Contains(line, "##[") {
					t.Errorf("got the line %q", line)
				}
			}
			for _, name := range []string{"report", "sarif"} {
				path := got.outputs[name]
				if _, err := os.Stat(path); c.report != (path != "") || path != "" && err != nil {
					t.Errorf("%s is %q, %v; want one: %t", name, path, err, c.report)
				}
			}
			if !strings.HasPrefix(got.summary, "what was there\n") || strings.Contains(got.summary, "<!-- caveat check -->") != c.report || !strings.Contains(strings.ReplaceAll(got.summary, "\u00a0", " "), c.summary) {
				t.Errorf("got the summary %q", got.summary)
			}
			_ = filepath.WalkDir(r.workspace, func(path string, entry os.DirEntry, err error) error {
				if err != nil || entry.Name() == "pwned" {
					t.Errorf("%s: %v", path, err)
				}
				return nil
			})
		})
	}
}

package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caveat-check/caveat/internal/cli"
)

// patience is how long the server may take for an answer on a busy machine.
const patience = time.Minute

// An editor is the client of a running yaml-language-server, with that server's
// own settings but for its list of schemas on the net, which nothing here needs.
type editor struct {
	t        *testing.T
	in       io.Writer
	mu       sync.Mutex // guards in
	asked    int
	answers  chan message
	problems chan published
}

type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// A place is counted from 0.
type place struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// published are the problems of one file.
type published struct {
	URI         string `json:"uri"`
	Diagnostics []struct {
		Message string `json:"message"`
		Range   struct {
			Start place `json:"start"`
		} `json:"range"`
	} `json:"diagnostics"`
}

// String has a problem a line, counted from 1: "5:3 Property x is not allowed."
func (p published) String() string {
	var lines []string
	for _, d := range p.Diagnostics {
		lines = append(lines, fmt.Sprintf("%d:%d %s", d.Range.Start.Line+1, d.Range.Start.Character+1, d.Message))
	}
	return strings.Join(lines, "\n")
}

// newEditor starts the server of .ci/editors on a folder. It skips the test
// where there is none.
func newEditor(t *testing.T, folder string) *editor {
	t.Helper()
	server := filepath.Join("..", "..", ".ci", "editors", "node_modules", "yaml-language-server", "bin", "yaml-language-server")
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat(server); err != nil {
		t.Skip("npm ci has not been run in .ci/editors")
	}
	cmd := exec.Command("node", server, "--stdio")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	e := &editor{t: t, in: in, answers: make(chan message, 1), problems: make(chan published, 1000)}
	go func() {
		defer close(e.answers)
		if err := e.listen(bufio.NewReader(out)); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
			t.Logf("server: %v", err)
		}
	}()
	e.ask("initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": uri(folder),
		"capabilities": map[string]any{
			"workspace": map[string]any{"configuration": true},
			"textDocument": map[string]any{
				"completion": map[string]any{"completionItem": map[string]any{"snippetSupport": true}},
				"hover":      map[string]any{"contentFormat": []string{"markdown"}},
			},
		},
	}, nil)
	e.send(message{Method: "initialized", Params: json.RawMessage("{}")})
	return e
}

func uri(path string) string {
	path, _ = filepath.Abs(path)
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

func (e *editor) send(m message) {
	m.Version = "2.0"
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // of our own making
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(data), data)
}

func encode(value any) json.RawMessage {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // of our own making
	}
	return data
}

// listen hands out what the server says, and answers what it asks.
func (e *editor) listen(out *bufio.Reader) error {
	for {
		length := 0
		for {
			line, err := out.ReadString('\n')
			if err != nil {
				return err
			}
			if line = strings.TrimSpace(line); line == "" {
				break
			}
			if number, ok := strings.CutPrefix(line, "Content-Length: "); ok {
				if length, err = strconv.Atoi(number); err != nil {
					return err
				}
			}
		}
		data := make([]byte, length)
		if _, err := io.ReadFull(out, data); err != nil {
			return err
		}
		var m message
		if err := json.Unmarshal(data, &m); err != nil {
			return err
		}
		switch m.Method {
		case "":
			e.answers <- m
		case "textDocument/publishDiagnostics":
			var p published
			if err := json.Unmarshal(m.Params, &p); err != nil {
				return err
			}
			e.problems <- p
		case "workspace/configuration":
			var asked struct {
				Items []struct{ Section string }
			}
			if err := json.Unmarshal(m.Params, &asked); err != nil {
				return err
			}
			settings := make([]any, len(asked.Items))
			for i, item := range asked.Items {
				if item.Section == "yaml" {
					settings[i] = map[string]any{"validate": true, "hover": true, "completion": true, "schemaStore": map[string]any{"enable": false}}
				}
			}
			e.send(message{ID: m.ID, Result: encode(settings)})
		default:
			if m.ID != nil {
				e.send(message{ID: m.ID, Result: json.RawMessage("null")})
			}
		}
	}
}

// ask sends a request and decodes its answer.
func (e *editor) ask(method string, params, result any) {
	e.t.Helper()
	e.asked++
	e.send(message{ID: encode(e.asked), Method: method, Params: encode(params)})
	select {
	case m, ok := <-e.answers:
		if !ok {
			e.t.Fatalf("%s: the server has ended", method)
		}
		if m.Error != nil {
			e.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		if result == nil {
			return
		}
		if err := json.Unmarshal(m.Result, result); err != nil {
			e.t.Fatalf("%s: %v: %s", method, err, m.Result)
		}
	case <-time.After(patience):
		e.t.Fatalf("%s: no answer in %v", method, patience)
	}
}

// open opens files, by path, and returns the problems of each.
func (e *editor) open(files map[string]string) map[string]string {
	e.t.Helper()
	paths := map[string]string{}
	for path, text := range files {
		paths[uri(path)] = path
		e.send(message{Method: "textDocument/didOpen", Params: encode(map[string]any{
			"textDocument": map[string]any{"uri": uri(path), "languageId": "yaml", "version": 1, "text": text},
		})})
	}
	said := map[string]string{}
	for len(said) < len(files) {
		select {
		case p := <-e.problems:
			if path, ok := paths[p.URI]; ok {
				said[path] = p.String()
			}
		case <-time.After(patience):
			e.t.Fatalf("%d of %d files have no answer in %v", len(files)-len(said), len(files), patience)
		}
	}
	return said
}

func at(path string, p place) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": uri(path)}, "position": p}
}

// complete lists what may stand at a place.
func (e *editor) complete(path string, p place) []string {
	e.t.Helper()
	var list struct{ Items []struct{ Label string } }
	e.ask("textDocument/completion", at(path, p), &list)
	var labels []string
	for _, item := range list.Items {
		labels = append(labels, item.Label)
	}
	return labels
}

// hover is what is said about what stands at a place.
func (e *editor) hover(path string, p place) string {
	e.t.Helper()
	var said struct{ Contents struct{ Value string } }
	e.ask("textDocument/hover", at(path, p), &said)
	return said.Contents.Value
}

// started runs caveat init for each kind of document in a folder, and returns
// what it wrote.
func started(t *testing.T, folder string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, kind := range []string{"workload", "vendor", "account", "waiver"} {
		sys := cli.System()
		sys.Stdout, sys.Stderr = io.Discard, t.Output()
		path := filepath.Join(folder, kind+".yaml")
		if status := cli.Run(context.Background(), []string{"init", "--kind", kind, path}, sys); status != 0 {
			t.Fatalf("caveat init --kind %s: got exit status %d", kind, status)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[kind] = string(data)
	}
	return texts
}

// TestEditors looks at documents that caveat init wrote through the language
// server that editors have for YAML, with nothing but what init wrote.
func TestEditors(t *testing.T) {
	folder := t.TempDir()
	e := newEditor(t, folder)
	texts := started(t, folder)

	right := map[string]string{}
	for kind, text := range texts {
		right[filepath.Join(folder, kind+".yaml")] = text
	}
	for path, problems := range e.open(right) {
		if problems != "" {
			t.Errorf("%s as written: got\n%s", filepath.Base(path), problems)
		}
	}

	// Each changes what init wrote: old becomes new, with the cursor at |.
	for i, c := range []struct {
		name, kind, old, new string
		offered, not         []string // what completion has, and has not
		problem              string   // in the line of the cursor, or "" where nothing is said about
		hover                string
	}{
		{name: "a key under spec", kind: "workload", old: "  service: {}\n", new: "  se|\n", offered: []string{"service"}, not: []string{"usage", "apiVersion", "vendor"}},
		{name: "a key on an empty line", kind: "workload", old: "    vendor: modal\n", new: "    |\n    vendor: modal\n", offered: []string{"product", "hosting", "regions", "infrastructure"}, not: []string{"vendor"}},
		{name: "the first key of usage", kind: "workload", old: "    gpuHours: 40\n", new: "    |\n", offered: []string{"gpuHours", "jobs", "alwaysOn", "traffic"}},
		{name: "a key in a list", kind: "workload", old: "  uses: []", new: "  uses:\n    - f|", offered: []string{"feature", "data", "safeguards"}},
		{name: "a value", kind: "workload", old: "stage: select", new: "stage: o|", offered: []string{"select", "operate"}, problem: `Value is not accepted. Valid values: "select", "operate".`},
		{name: "a value in brackets", kind: "workload", old: "classes: [internal]", new: "classes: [|]", offered: []string{"phi", "pci", "internal"}},
		{name: "a value of the vocabulary", kind: "workload", old: "model: H100", new: "model: |H", offered: []string{"H100", "L4"}, hover: "GPU model, by its word in the vocabulary."},
		{name: "yes or no", kind: "workload", old: "  requires: {}", new: "  requires:\n    sso: |", offered: []string{"true", "false"}},
		{name: "a misspelt key", kind: "workload", old: "    classes: [internal]", new: "    classes: [internal]\n    |residencey: [us]", problem: "Property residencey is not allowed."},
		{name: "a misspelt value", kind: "workload", old: "classes: [internal]", new: "classes: [|phii]", problem: `Value is not accepted. Valid values: "confidential", `},
		{name: "two forms of usage", kind: "workload", old: "  usage: # a month of 730 hours; one of:\n", new: "  usage:\n    |alwaysOn: {replicas: 2}\n", problem: "Object has more properties than limit of 1"},
		{name: "what a key is", kind: "workload", old: "stage: select", new: "sta|ge: select", hover: "select: what we might buy; an offered agreement suffices."},
		{name: "what a mapping is", kind: "workload", old: "    gpu: {", new: "    g|pu: {", hover: "#### GPUs"},
		{name: "a key at the top", kind: "vendor", old: "billing:\n", new: "|\nbilling:\n", offered: []string{"agreements", "dataFlows", "prices"}, not: []string{"billing"}},
		{name: "a key of a source", kind: "vendor", old: "    copy: live # or stored\n", new: "    copy: live\n    |\n", offered: []string{"title", "effective", "until"}, not: []string{"copy"}},
		{name: "a kind of source", kind: "vendor", old: "kind: documented", new: "kind: |doc", offered: []string{"executed", "documented", "third-party"}, problem: `Value is not accepted. Valid values: "executed", `, hover: "Not a ladder"},
		{name: "a key of a claim", kind: "vendor", old: "    - {value: 1s, scope: all, sources: [docs]}\n", new: "    - value: 1s\n      |\n", offered: []string{"scope", "sources", "only", "conditions"}},
		{name: "a scope", kind: "vendor", old: "value: 1s, scope: all", new: "value: 1s, scope: |", offered: []string{"all"}},
		{name: "a dimension of a scope", kind: "vendor", old: "    - {value: 1s, scope: all, sources: [docs]}\n", new: "    - value: 1s\n      sources: [docs]\n      scope:\n        |\n", offered: []string{"plans", "regions", "rest"}},
		{name: "a certificate", kind: "vendor", old: "billing:\n", new: "certifications:\n  s|\nbilling:\n", offered: []string{"soc2-type2", "iso27001"}},
		{name: "a misspelt key", kind: "vendor", old: "billing:\n  increment:", new: "billing:\n  |incerment:", problem: "Property incerment is not allowed."},
		{name: "a misspelt value", kind: "vendor", old: "copy: live", new: "copy: |lve", problem: `Value is not accepted. Valid values: "live", "stored".`},
		{name: "a missing key", kind: "vendor", old: "    - {value: 1s, scope: all, sources: [docs]}\n", new: "    - |{value: 1s, scope: all}\n", problem: `Missing property "sources".`},
		{name: "what a fact is", kind: "vendor", old: "  increment:\n", new: "  incre|ment:\n", hover: "Billing increment."},
		{name: "a key of an account", kind: "account", old: "plan: team #", new: "|\nplan: team #", offered: []string{"agreements", "prices", "entities"}, not: []string{"products", "plans"}},
		{name: "a misspelt key", kind: "account", old: "  owner: my-team", new: "  |onwer: my-team", problem: "Property onwer is not allowed."},
		{name: "a key of a waiver", kind: "waiver", old: "  owner: my-team", new: "  |\n  owner: my-team", offered: []string{"vendor"}, not: []string{"owner"}},
		{name: "no date", kind: "waiver", old: "until: 2026-01-31", new: "until: |soon", problem: "date", hover: "the last day."},
	} {
		t.Run(c.kind+" "+c.name, func(t *testing.T) {
			e.t = t
			if strings.Count(texts[c.kind], c.old) != 1 {
				t.Fatalf("what init writes has %q %d times, want once", c.old, strings.Count(texts[c.kind], c.old))
			}
			before, after, _ := strings.Cut(strings.Replace(texts[c.kind], c.old, c.new, 1), "|")
			cursor := place{Line: strings.Count(before, "\n"), Character: len(before) - strings.LastIndexByte(before, '\n') - 1}
			path := filepath.Join(folder, fmt.Sprintf("%d.yaml", i))
			problems := e.open(map[string]string{path: before + after})[path]
			if c.problem != "" {
				line := fmt.Sprintf("%d:", cursor.Line+1)
				if !slices.ContainsFunc(strings.Split(problems, "\n"), func(problem string) bool {
					return strings.HasPrefix(problem, line) && strings.Contains(problem, c.problem)
				}) {
					t.Errorf("got problems\n%s\nwant %s %s", problems, line, c.problem)
				}
			} else if c.offered == nil && problems != "" {
				t.Errorf("got problems\n%s", problems)
			}
			if c.offered != nil {
				got := e.complete(path, cursor)
				for _, want := range c.offered {
					if !slices.Contains(got, want) {
						t.Errorf("got %q, want %s among them", got, want)
					}
				}
				for _, label := range got {
					if slices.Contains(c.not, label) || strings.Contains(label, "bject") {
						t.Errorf("got %q, want no %s", got, label)
					}
				}
			}
			if c.hover != "" {
				if got := e.hover(path, cursor); !strings.Contains(got, c.hover) {
					t.Errorf("got %q, want %q in it", got, c.hover)
				}
			}
		})
	}
}

// TestEditorsOnExamples opens every shipped document: nothing is wrong with it,
// and with one key more something is, so that its schema was really found.
func TestEditorsOnExamples(t *testing.T) {
	e := newEditor(t, "../../fixtures")
	files := map[string]string{}
	for folder, least := range map[string]int{"workloads": 20, "vendors": 20, "accounts": 2, "waivers": 1} {
		paths, err := filepath.Glob(filepath.Join("../../fixtures", folder, "*.yaml"))
		if err != nil || len(paths) < least {
			t.Fatalf("%s: got %d documents, %v; want %d", folder, len(paths), err, least)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files[path] = string(data)
			files[path+"-misspelt.yaml"] = strings.TrimRight(string(data), "\n") + "\nmispelt: 1\n"
		}
	}
	for path, problems := range e.open(files) {
		if strings.HasSuffix(path, "-misspelt.yaml") {
			if strings.Contains(problems, "\n") || !strings.Contains(problems, "Property mispelt is not allowed.") {
				t.Errorf("%s: got %q, want the one key that is not allowed", path, problems)
			}
		} else if problems != "" {
			t.Errorf("%s: got\n%s", path, problems)
		}
	}
}

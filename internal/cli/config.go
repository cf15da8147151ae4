package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/report"
)

// configName is the file of settings, in the working folder or above.
const configName = ".caveat.yaml"

// A setting is a flag that may be set by a file or by the environment. What asks
// about one run alone (--as-of, --changed-since, --diff, ...) is none: a date in
// a file would keep evidence young for ever.
type setting struct {
	name  string
	paths bool     // of files, relative to the configuration file
	of    []string // commands; nil is every one that has the flag
}

func settings() []setting {
	check, both := []string{"check"}, []string{"check", "cost"}
	return []setting{
		{name: "catalog", paths: true},
		{name: "no-default-catalog"},
		{name: "policy", paths: true},
		{name: "account", paths: true},
		{name: "waivers", paths: true},
		{name: "profile"},
		{name: "stage"},
		{name: "alternatives", of: both},
		{name: "all", of: both},
		{name: "fail-on-unknown", of: check},
		{name: "fail-on", of: check},
		{name: "baseline", of: check, paths: true},
		{name: "output", of: check, paths: true},
		{name: "verbose", of: check},
		{name: "workers", of: check},
		{name: "by", of: []string{"cost"}},
	}
}

// flag is that of a command, or nil where the setting does not hold for it.
func (s setting) flag(of *cobra.Command) *pflag.Flag {
	if s.of != nil && !slices.Contains(s.of, of.Name()) {
		return nil
	}
	return of.Flags().Lookup(s.name)
}

// prefix is how variables of settings begin.
const prefix = "CAVEAT_"

// variable is the environment variable of a setting.
func variable(name string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// noConfig is the variable of --no-config, which is no setting.
const noConfig = "CAVEAT_NO_CONFIG"

// strange looks for variables that begin as ours do and are none. One that is
// like a setting is a mistake, which would drop what is asked for; others may be
// of somebody else.
func strange(sys Sys) (mistakes []decision.Problem, others []string) {
	if sys.Environ == nil {
		return nil, nil
	}
	known := []string{noConfig}
	for _, s := range settings() {
		known = append(known, variable(s.name))
	}
	short := make([]string, len(known)) // the beginning alone makes no two alike
	for i, name := range known {
		short[i] = strings.TrimPrefix(name, prefix)
	}
	for _, entry := range sys.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		word, ours := strings.CutPrefix(name, prefix)
		if !ours || value == "" || slices.Contains(known, name) {
			continue
		}
		if near := load.Nearest(word, short); near != "" {
			mistakes = append(mistakes, decision.Problem{Path: name, Message: fmt.Sprintf("is not a setting; expected a variable named after one; did you mean %s?", prefix+near)})
			continue
		}
		others = append(others, name)
	}
	slices.SortFunc(mistakes, func(a, b decision.Problem) int { return strings.Compare(a.Path, b.Path) })
	slices.Sort(others)
	return mistakes, others
}

// A held is a setting with what holds, and where it comes from: flag,
// environment, file or default, at a flag, a variable or a line.
type held struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
	From  string `json:"from"`
	At    string `json:"at,omitempty"`
}

// configure gives the flags of a command what the environment and the file say,
// unless the command line says it, and returns what holds in the order of
// settings. Problems are printed.
func configure(of *cobra.Command, sys Sys, file string) ([]held, error) {
	var root *document.Node
	var found []decision.Problem
	if file != "" {
		root, found = load.Settings(file)
	}
	mistakes, others := strange(sys)
	found = append(found, mistakes...)
	var list []held
	for _, s := range settings() {
		flag := s.flag(of)
		if flag == nil {
			continue
		}
		h := held{Name: s.name, From: "default"}
		text, node := sys.Getenv(variable(s.name)), root.Field(s.name)
		switch {
		case flag.Changed:
			h.From, h.At = "flag", "--"+s.name
		case text != "":
			h.From, h.At = "environment", variable(s.name)
			node = fromText(flag, text)
			problems := checkSetting(s.name, node, h.At)
			if len(problems) == 0 {
				problems = set(flag, node, h.At, func(text string) string { return text })
			}
			found = append(found, problems...)
		case node != nil:
			key, _ := root.Key(s.name)
			h.From, h.At = "file", fmt.Sprintf("%s:%d", file, key.Line)
			if s.name == "output" {
				found = append(found, outside(file, node)...)
			}
			found = append(found, set(flag, node, file, func(text string) string {
				if s.paths {
					return relative(s.name, filepath.Dir(file), text)
				}
				return text
			})...)
		}
		h.Value = valueOf(flag)
		list = append(list, h)
	}
	if len(found) > 0 {
		problems(sys.Stderr, found)
		return nil, status(ExitError)
	}
	if len(others) > 0 {
		say(sys.Stderr, "note: ignored, not settings of caveat: %s", strings.Join(others, ", "))
	}
	return list, nil
}

// checkSetting holds one setting to the schema of all. A path names what has it.
func checkSetting(name string, node *document.Node, path string) []decision.Problem {
	return load.CheckSettings(path, &document.Node{Kind: document.Map, Fields: map[string]*document.Node{name: node}, Keys: []document.Key{{Name: name}}})
}

// outside reports outputs of a file of settings that would be written elsewhere
// than below its folder, or into git's: whoever checks a branch of somebody else
// has not asked for that.
func outside(file string, outputs *document.Node) []decision.Problem {
	var found []decision.Problem
	root, err := destination(filepath.Dir(file))
	if err != nil {
		return []decision.Problem{{Path: file, Message: fmt.Sprintf("its folder cannot be read: %v", cause(err))}}
	}
	for i, text := range outputs.Texts() {
		_, path, _ := strings.Cut(relative("output", filepath.Dir(file), text), "=")
		if path == "" || path == "-" || slices.Contains([]string{"/dev/stdout", "/dev/stderr", "/dev/fd/1", "/dev/fd/2", os.DevNull}, path) {
			continue
		}
		wrong := ""
		if place, err := destination(path); err != nil {
			wrong = fmt.Sprintf("is in no folder: %v", cause(err))
		} else if below, err := filepath.Rel(root, place); err != nil || !filepath.IsLocal(below) {
			wrong = "leads out of the folder of this file"
		} else if slices.ContainsFunc(strings.Split(below, string(filepath.Separator)), func(part string) bool { return strings.EqualFold(part, ".git") }) {
			wrong = "is in git's own folder"
		}
		if wrong != "" {
			at := outputs.Items[i]
			found = append(found, decision.Problem{Path: file, Line: at.Line, Column: at.Column,
				Message: fmt.Sprintf("output %q %s; expected a path in a folder below this file; give it on the command line", text, wrong)})
		}
	}
	return found
}

// fromText is the value that an environment variable has: a list is separated by
// commas.
func fromText(flag *pflag.Flag, text string) *document.Node {
	switch flag.Value.Type() {
	case "stringArray":
		list := &document.Node{Kind: document.List}
		for part := range strings.SplitSeq(text, ",") {
			list.Items = append(list.Items, &document.Node{Value: strings.TrimSpace(part)})
		}
		return list
	case "string":
		return &document.Node{Value: text}
	}
	node, err := load.Value(text)
	if err != nil {
		return &document.Node{Value: text}
	}
	node.Line, node.Column = 0, 0
	return node
}

// given is the value that a flag has.
func given(flag *pflag.Flag) *document.Node {
	list, ok := flag.Value.(pflag.SliceValue)
	if !ok {
		return fromText(flag, flag.Value.String())
	}
	node := &document.Node{Kind: document.List}
	for _, text := range list.GetSlice() {
		node.Items = append(node.Items, &document.Node{Value: text})
	}
	return node
}

// set gives a flag a value. It does not count as given on the command line.
func set(flag *pflag.Flag, node *document.Node, path string, resolve func(string) string) []decision.Problem {
	var err error
	if list, ok := flag.Value.(pflag.SliceValue); ok {
		texts := node.Texts()
		for i := range texts {
			texts[i] = resolve(texts[i])
		}
		err = list.Replace(texts)
	} else {
		err = flag.Value.Set(resolve(fmt.Sprint(node.Value)))
	}
	if err != nil {
		return []decision.Problem{{Path: path, Line: node.Line, Column: node.Column, Message: fmt.Sprintf("%s is %v; expected a plain value (%v)", flag.Name, node.Value, err)}}
	}
	return nil
}

// relative resolves a path of a file's settings; an output's stands after =.
func relative(name, dir, text string) string {
	format, path, ok := "", text, true
	if name == "output" {
		if format, path, ok = strings.Cut(text, "="); ok {
			format += "="
		}
	}
	if !ok || path == "" || path == "-" || filepath.IsAbs(path) {
		return text
	}
	return format + filepath.Join(dir, filepath.FromSlash(path))
}

func valueOf(flag *pflag.Flag) any {
	text := flag.Value.String()
	switch flag.Value.Type() {
	case "bool":
		return text == "true"
	case "int":
		return json.Number(text)
	}
	if list, ok := flag.Value.(pflag.SliceValue); ok {
		return append([]string{}, list.GetSlice()...)
	}
	return text
}

// findConfig looks for the file of settings, in the working folder and above it,
// up to the root of the repository or of the file system. Its path is relative;
// "" is none, as with --no-config and CAVEAT_NO_CONFIG.
func findConfig(cmd *cobra.Command, sys Sys) (string, error) {
	if given, err := cmd.Flags().GetBool("no-config"); err != nil || given {
		return "", err
	}
	if text := sys.Getenv(noConfig); text != "" && !cmd.Flags().Changed("no-config") {
		none, err := strconv.ParseBool(text)
		if err != nil {
			return "", fmt.Errorf("%s is %q; expected true or false", noConfig, text)
		}
		if none {
			return "", nil
		}
	}
	for dir := "."; ; dir = filepath.Join(dir, "..") {
		path := filepath.Join(dir, configName)
		if _, err := os.Lstat(path); err == nil {
			return path, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%s cannot be looked for: %w; --no-config goes without", path, cause(err))
		}
		if other := filepath.Join(dir, ".caveat.yml"); !missing(other) {
			return "", fmt.Errorf("%s is not read; expected the name %s; rename it", other, configName)
		}
		if !missing(filepath.Join(dir, ".git")) || highest(dir) {
			return "", nil
		}
	}
}

// highest reports whether there is nothing above a folder.
func highest(dir string) bool {
	here, err := os.Stat(dir)
	if err != nil {
		return true
	}
	above, err := os.Stat(filepath.Join(dir, ".."))
	return err != nil || os.SameFile(here, above)
}

// withConfig applies the settings to a command that is about to run, and says
// which hold: they may let something through.
func withConfig(cmd *cobra.Command, sys Sys) error {
	if !slices.ContainsFunc(settings(), func(s setting) bool { return s.flag(cmd) != nil }) {
		return nil
	}
	file, err := findConfig(cmd, sys)
	if err != nil {
		return err
	}
	list, err := configure(cmd, sys, file)
	if err != nil {
		return err
	}
	var parts []string
	for _, h := range list {
		if h.From == "environment" || h.From == "file" {
			parts = append(parts, fmt.Sprintf("%s (%s)", h.Name, h.At))
		}
	}
	if len(parts) > 0 {
		say(sys.Stderr, "note: set outside the command line: %s", strings.Join(parts, ", "))
	}
	return nil
}

func configCommand(sys Sys) *cobra.Command {
	all := showConfig(sys, checkCommand(sys))
	all.Use = "config"
	all.Short = "Show what settings hold, and where they come from"
	all.Long = `Shows the settings that hold here for caveat check, or for caveat cost: those of
flags come before those of the environment (CAVEAT_FAIL_ON for --fail-on, lists
separated by commas), and these before those of .caveat.yaml in this folder or
above it, up to the root of the repository. A list replaces, and is not added to.`
	all.Example = "  caveat config\n  caveat config --fail-on high -o json\n  caveat config cost"
	all.PersistentPreRunE = func(*cobra.Command, []string) error { return nil } // settings are shown and not applied
	priced := showConfig(sys, costCommand(sys))
	priced.Use = "cost"
	priced.Short = "Show what settings hold for caveat cost"
	priced.Example = "  caveat config cost"
	priced.Args = cobra.NoArgs
	return group(all, priced)
}

// showConfig makes a command that takes the settings of another as its flags,
// and shows them.
func showConfig(sys Sys, of *cobra.Command) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "table" && format != "json" {
				return fmt.Errorf("-o is %q; expected table or json", format)
			}
			file, err := findConfig(cmd, sys)
			if err != nil {
				return err
			}
			list, err := configure(of, sys, file)
			if err != nil {
				return err
			}
			var found []decision.Problem
			for _, h := range list {
				if h.From == "flag" {
					found = append(found, checkSetting(h.Name, given(of.Flags().Lookup(h.Name)), h.At)...)
				}
			}
			if len(found) > 0 {
				problems(sys.Stderr, found)
				return status(ExitError)
			}
			if format == "json" {
				encoder := json.NewEncoder(sys.Stdout)
				encoder.SetEscapeHTML(false)
				encoder.SetIndent("", "  ")
				return encoder.Encode(struct {
					Command  string `json:"command"`
					File     string `json:"file,omitempty"`
					Settings []held `json:"settings"`
				}{of.Name(), file, list})
			}
			w := tabwriter.NewWriter(sys.Stdout, 0, 0, 2, ' ', 0)
			for _, h := range list {
				where := h.At
				if where == "" {
					where = h.From
				}
				fmt.Fprintf(w, "%s\t%s\t%s\n", h.Name, shownValue(h.Value), where)
			}
			return w.Flush()
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "table", "`FORMAT` to show them in: table or json")
	for _, s := range settings() {
		if flag := s.flag(of); flag != nil && s.name != "output" {
			cmd.Flags().AddFlag(flag)
		}
	}
	return cmd
}

func shownValue(value any) string {
	text := fmt.Sprint(value)
	if list, ok := value.([]string); ok {
		text = strings.Join(list, ", ")
	}
	if text == "" {
		return "-"
	}
	return report.Message(text)
}

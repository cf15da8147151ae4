package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/internal/load"
)

// choice words a list: "table, json or csv".
func choice(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// A target is one -o, or --svg; "" is standard output.
type target struct{ format, path string }

func newTarget(format, path string) target {
	switch path {
	case "", "-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1":
		return target{format, ""}
	}
	return target{format, filepath.Clean(path)}
}

// String is the target as it is named on the command line.
func (t target) String() string {
	switch {
	case t.format == "svg":
		return "--svg " + t.path
	case t.path == "":
		return "-o " + t.format
	}
	return "-o " + t.format + "=" + t.path
}

func parseOutputs(list []string, formats ...string) ([]target, error) {
	if len(list) == 0 {
		list = []string{"table"}
	}
	var targets []target
	for _, text := range list {
		format, path, named := strings.Cut(text, "=")
		if !slices.Contains(formats, format) {
			return nil, fmt.Errorf("-o names format %q; expected %s", format, choice(formats))
		}
		if named && path == "" {
			return nil, fmt.Errorf("-o %s names no file; expected %s or %s=FILE", text, format, format)
		}
		targets = append(targets, newTarget(format, path))
	}
	return targets, apart(targets)
}

// apart refuses two outputs to one place: one of them would be lost.
func apart(targets []target) error {
	for i, t := range targets {
		for _, other := range targets[:i] {
			where := t.path
			switch {
			case t.path == "" && other.path == "":
				where = "standard output"
			case t.path == other.path:
			case t.path != "" && other.path != "" && sameFile(t.path, other.path):
				where = fmt.Sprintf("one file, %s and %s", other.path, t.path)
			default:
				continue
			}
			return fmt.Errorf("two outputs go to %s; expected one each; give one a file with -o FORMAT=FILE", where)
		}
	}
	return nil
}

// sameFile reports whether two paths lead to one file, which need not be there
// yet. Devices and pipes are told apart by their names alone: many may write to
// one.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, wrong := os.Stat(b)
	if err == nil && wrong == nil {
		return one.Mode().IsRegular() && os.SameFile(one, other)
	}
	if err == nil || wrong == nil {
		return false
	}
	a, err = destination(a)
	b, wrong = destination(b)
	return err == nil && wrong == nil && a == b
}

// destination is the absolute path of the file that a path leads to, which need
// not be there yet: a symbolic link to nothing leads somewhere, too.
func destination(path string) (string, error) {
	for range 255 { // as many links as EvalSymlinks follows
		real, err := filepath.EvalSymlinks(path)
		if err == nil {
			return filepath.Abs(real)
		}
		dir, wrong := filepath.EvalSymlinks(filepath.Dir(path))
		if wrong != nil {
			return "", wrong
		}
		link, wrong := os.Readlink(path)
		switch {
		case errors.Is(wrong, fs.ErrNotExist):
			return filepath.Abs(filepath.Join(dir, filepath.Base(path)))
		case wrong != nil:
			return "", err
		case filepath.IsAbs(link):
			path = link
		default:
			path = filepath.Join(dir, link)
		}
	}
	return "", errors.New("too many links")
}

// overInput refuses to write over what is read, whatever its name there: a file,
// or a document of a folder.
func overInput(targets []target, inputs []string, what string) error {
	targets = slices.DeleteFunc(slices.Clone(targets), func(t target) bool { return t.path == "" })
	if len(targets) == 0 {
		return nil
	}
	files, _ := load.Files(inputs) // what is wrong is told when they are read
	for _, file := range slices.Concat(inputs, files) {
		for _, t := range targets {
			if file != "" && file != "-" && sameFile(t.path, file) {
				return fmt.Errorf("%v would write over %s; expected another file", t, what)
			}
		}
	}
	return nil
}

// overInput refuses to write over anything that a command reads. A baseline is
// read and then replaced, on purpose.
func (f *engineFlags) overInput(cmd *cobra.Command, sys Sys, targets []target, manifests []string, what string) error {
	file, err := findConfig(cmd, sys)
	if err != nil {
		return err
	}
	for _, read := range []struct {
		paths []string
		what  string
	}{
		{manifests, what},
		{tracesOf(cmd.Context(), targets, manifests), "the traffic of a manifest"},
		{f.options.Catalog, "a vendor document of the catalog"},
		{f.options.Accounts, "an account"},
		{f.options.Waivers, "a waiver"},
		{filesBelow(f.options.Policies), "a policy"},
		{[]string{file}, "the settings"},
	} {
		if err := overInput(targets, read.paths, read.what); err != nil {
			return err
		}
	}
	return nil
}

// tracesOf are the files of traffic that manifests name. Only manifests are read
// in which the name of a target occurs.
func tracesOf(ctx context.Context, targets []target, manifests []string) []string {
	loader, err := load.New(nil)
	if err != nil {
		return nil // told when the engine is made
	}
	files, _ := load.Files(manifests)
	var traces []string
	for _, file := range files {
		if !named(file, targets) {
			continue
		}
		drafts, _ := loader.Drafts(ctx, file) // what is wrong is told when they are decided
		for _, draft := range drafts {
			for _, name := range trafficFiles(draft) {
				if name != "-" {
					traces = append(traces, beside(file, name))
				}
			}
		}
	}
	return traces
}

// named reports whether a file has the name of a target in it.
func named(file string, targets []target) bool {
	if file == "-" || !slices.ContainsFunc(targets, func(t target) bool { return t.path != "" }) {
		return false
	}
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return false // what is read from a pipe is gone for the run
	}
	data, err := os.ReadFile(file)
	return err == nil && slices.ContainsFunc(targets, func(t target) bool {
		return t.path != "" && bytes.Contains(data, []byte(filepath.Base(t.path)))
	})
}

// filesBelow are the files of folders, all of them: of policies more is read
// than documents, and hidden ones are, too.
func filesBelow(folders []string) []string {
	var files []string
	for _, folder := range folders {
		_ = filepath.WalkDir(load.Folder(folder), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				files = append(files, path)
			}
			return nil // what is wrong is told when they are read
		})
	}
	return files
}

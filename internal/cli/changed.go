package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/engine"
	"github.com/caveat-check/caveat/internal/load"
)

// selectChanged leaves of some paths the files whose verdicts may have changed
// since the revision: those that changed themselves, or whose traffic did; those
// that a changed vendor document or account touches; all of them if anything else
// that decides has changed, such as what is at the other paths. What cannot be
// read stays, so that it is reported.
func (f *checkFlags) selectChanged(ctx context.Context, sys Sys, e *engine.Engine, args, others []string) ([]string, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, fmt.Errorf("--changed-since %s: there is no git to ask; expected it in PATH; install git", f.changedSince)
	}
	s := &since{rev: f.changedSince, repos: map[string]*repo{}}
	for _, arg := range args {
		if _, err := s.repoOf(ctx, arg); err != nil {
			return nil, err
		}
	}
	touched := f.touched(ctx, s)
	var chosen []string
	skipped := 0
	for _, arg := range once(args) {
		files, found := load.Files([]string{arg})
		if len(found) > 0 {
			chosen = append(chosen, arg)
			continue
		}
		for _, file := range files {
			if s.changed(ctx, file) || bears(ctx, s, e, file, touched) {
				chosen = append(chosen, file)
			} else {
				skipped++
			}
		}
	}
	if touched.everything == "" {
		touched.everything = s.deciding(ctx, slices.Concat(f.options.Policies, f.options.Waivers, others))
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if touched.everything != "" {
		say(sys.Stderr, "note: %s differs from %s: checking every manifest", touched.everything, f.changedSince)
		return args, nil
	}
	if len(touched.paths) > 0 {
		say(sys.Stderr, "note: changed since %s: %s: checking every manifest on %s, and every one that names no vendor; the others keep their verdicts, but their alternatives may have changed",
			f.changedSince, strings.Join(touched.paths, ", "), choice(slices.Sorted(maps.Keys(touched.names))))
	}
	for _, path := range s.submodules() {
		say(sys.Stderr, "note: %s is in a submodule, which has revisions of its own: everything there counts as changed", path)
	}
	switch {
	case len(chosen) == 0 && len(touched.paths) == 0:
		say(sys.Stderr, "nothing changed since %s", f.changedSince)
	case skipped == 1:
		say(sys.Stderr, "note: skipped 1 file: same verdicts as in %s", f.changedSince)
	case skipped > 1:
		say(sys.Stderr, "note: skipped %d files: same verdicts as in %s", skipped, f.changedSince)
	}
	return chosen, nil
}

// A touch is what changed vendor documents and accounts bear on.
type touch struct {
	paths      []string        // in which something changed
	names      map[string]bool // of vendors, with their aliases, as they were and as they are
	everything string          // a path of which this cannot be told, or ""
}

// touched finds the vendors whose documents or accounts are not as they were.
func (f *checkFlags) touched(ctx context.Context, s *since) touch {
	t := touch{names: map[string]bool{}}
	for _, from := range []struct {
		paths []string
		names func(*document.Node) []string
	}{
		{f.options.Catalog, func(root *document.Node) []string {
			about := root.Field("metadata")
			return append(about.Field("aliases").Texts(), about.Field("id").Text())
		}},
		{f.options.Accounts, func(root *document.Node) []string {
			return []string{root.Field("metadata").Field("vendor").Text()}
		}},
	} {
		for _, path := range from.paths {
			roots, ok := s.documents(ctx, path)
			for _, root := range roots {
				for _, name := range from.names(root) {
					t.names[name] = true
				}
			}
			switch {
			case !ok || t.names[""]: // a document that names none may be any
				t.everything = path
				return t
			case len(roots) > 0:
				t.paths = append(t.paths, path)
			}
		}
	}
	// A control of ours may fault on what another vendor sells, and that ends the run.
	if len(t.paths) > 0 && len(f.options.Policies) > 0 && f.options.Alternatives > 0 {
		t.everything = t.paths[0]
	}
	return t
}

// named reports whether something of a vendor changed, by whichever of its names.
func (t touch) named(v *catalog.Vendor) bool {
	return t.names[v.ID] || slices.ContainsFunc(v.Aliases, func(alias string) bool { return t.names[alias] })
}

// concerns reports whether a manifest's verdict may hang on one of some vendors,
// which are named as anybody may have named them.
func (t touch) concerns(e *engine.Engine, draft load.Draft) bool {
	if len(t.names) == 0 {
		return false
	}
	spec := draft.Root.Field("spec")
	placement := spec.Field("placement")
	placed := placement.Field("vendor").Text()
	vendor, err := e.Vendor(placed)
	if err != nil || t.named(vendor) {
		return true // an unknown vendor has to be reported
	}
	if cloud := placement.Field("infrastructure").Field("vendor").Text(); cloud != "" {
		if other, err := e.Vendor(cloud); err != nil || t.named(other) {
			return true
		}
	}
	uses := spec.Field("uses")
	if uses == nil {
		return false
	}
	// A feature that only another vendor has is no misspelt one.
	return slices.ContainsFunc(uses.Items, func(use *document.Node) bool {
		_, ok := vendor.Feature(use.Field("feature").Text())
		return !ok
	})
}

// bears reports whether a manifest that has not changed may be decided
// differently: by a changed vendor, or by the traffic that it names.
func bears(ctx context.Context, s *since, e *engine.Engine, file string, touched touch) bool {
	drafts, found := e.Drafts(ctx, file)
	if len(found) > 0 {
		return true
	}
	for _, draft := range drafts {
		if touched.concerns(e, draft) {
			return true
		}
		for _, name := range trafficFiles(draft) {
			if name == "-" || s.changed(ctx, beside(file, name)) {
				return true
			}
		}
	}
	return false
}

// beside is the path of a file that a manifest names.
func beside(manifest, name string) string {
	path := filepath.FromSlash(name)
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(manifest), path)
}

// trafficFiles are the files that a manifest names, relative to its own.
func trafficFiles(draft load.Draft) []string {
	traffic := draft.Root.Field("spec").Field("usage").Field("traffic")
	return slices.DeleteFunc([]string{traffic.Field("trace").Text(), traffic.Field("profile").Field("file").Text()}, func(name string) bool { return name == "" })
}

// checkChanged checks --changed-since.
func (f *checkFlags) checkChanged(given bool, args []string) error {
	switch {
	case given && f.changedSince == "":
		return errors.New("--changed-since names nothing; expected a git revision")
	case given && slices.Contains(args, "-"):
		return errors.New("--changed-since asks git about files, and - is standard input; expected files or folders")
	}
	return nil
}

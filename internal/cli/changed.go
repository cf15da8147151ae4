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

	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/engine"
	"github.com/caveat-check/caveat/internal/load"
)

// selectChanged leaves of some paths the files whose verdicts may be others than
// in the revision: those that are not as they were themselves, or whose traffic
// is not; those that a changed vendor document or account touches; all of them
// if anything else that decides is not as it was. What cannot be read stays, so
// that it is told. The other files decide, too.
func (f *checkFlags) selectChanged(ctx context.Context, sys Sys, e *engine.Engine, args, others []string) ([]string, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, fmt.Errorf("--changed-since %s: there is no git to ask; expected it in PATH; install git", f.changedSince)
	}
	h := &history{rev: f.changedSince, repos: map[string]*repo{}}
	for _, arg := range args {
		if _, err := h.repoOf(ctx, arg); err != nil {
			return nil, err
		}
	}
	touched := f.touched(ctx, h)
	var chosen []string
	all := 0
	for _, arg := range once(args) {
		files, found := load.Files([]string{arg})
		if len(found) > 0 {
			chosen = append(chosen, arg)
			continue
		}
		for _, file := range files {
			r, err := h.repoOf(ctx, file)
			if err != nil {
				return nil, err
			}
			all++
			if r.changed(file) || bears(ctx, h, e, file, touched) {
				chosen = append(chosen, file)
			}
		}
	}
	if touched.everything == "" {
		touched.everything = h.deciding(ctx, slices.Concat(f.options.Policies, f.options.Waivers, others))
	}
	if touched.everything != "" {
		say(sys.Stderr, "note: %s is not as in %s: every manifest is checked", touched.everything, f.changedSince)
		return args, nil
	}
	if len(touched.paths) > 0 {
		say(sys.Stderr, "note: not as in %s: %s: every manifest on %s is checked, and every one that names no vendor; others keep their verdict, if not their alternatives",
			f.changedSince, strings.Join(touched.paths, ", "), choice(slices.Sorted(maps.Keys(touched.names))))
	}
	var inside []string
	for _, r := range h.repos {
		if r.submodule != "" && !slices.Contains(inside, r.submodule) {
			inside = append(inside, r.submodule)
		}
	}
	slices.Sort(inside)
	for _, path := range inside {
		say(sys.Stderr, "note: %s is in a submodule, which has revisions of its own: everything there counts as changed", path)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case len(chosen) == 0 && len(touched.paths) == 0:
		say(sys.Stderr, "nothing changed since %s", f.changedSince)
	case len(chosen) < all:
		say(sys.Stderr, "note: %d of %d files are decided as in %s and were not checked", all-len(chosen), all, f.changedSince)
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
func (f *checkFlags) touched(ctx context.Context, h *history) touch {
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
			roots, ok := h.documents(ctx, path)
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
	return t
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
	if err != nil || t.names[placed] || t.names[vendor.ID] {
		return true // one that is not there is to be told
	}
	if cloud := placement.Field("infrastructure").Field("vendor").Text(); cloud != "" {
		if other, err := e.Vendor(cloud); err != nil || t.names[cloud] || t.names[other.ID] {
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

// bears reports whether a manifest that is as it was may come out otherwise: by
// a vendor, or by the traffic that it names.
func bears(ctx context.Context, h *history, e *engine.Engine, file string, touched touch) bool {
	drafts, found := e.Drafts(ctx, file)
	if len(found) > 0 {
		return true
	}
	for _, draft := range drafts {
		if touched.concerns(e, draft) {
			return true
		}
		for _, name := range trafficFiles(draft) {
			if name == "-" || h.changed(ctx, beside(file, name)) {
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

package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/engine"
	"github.com/caveat-check/caveat/internal/load"
)

// A history says which files are as they were in a git revision. A file of
// which git cannot tell (ignored, a symbolic link, in a submodule) is not.
type history struct {
	rev   string
	repos map[string]*repo // by folder, and by top folder
}

// A repo is one repository against the revision; paths are relative to its top,
// with slashes.
type repo struct {
	top     string
	kept    map[string]bool // what the revision has
	differs map[string]bool // what is not the same now: changed, staged or removed
	// A path that led to a submodule, or "". What it was in the revision, only
	// the repository around it knows: nothing is kept.
	submodule string
}

// repoOf reads the repository in which a path is, once. The error is for people.
func (h *history) repoOf(ctx context.Context, path string) (*repo, error) {
	dir, _ := nearest(path)
	if r := h.repos[dir]; r != nil {
		return r, nil
	}
	top, err := git(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, fmt.Errorf("--changed-since %s: %s is in no git repository (%w); expected one", h.rev, path, err)
	}
	top = strings.TrimSuffix(top, "\n")
	if r := h.repos[top]; r != nil {
		h.repos[dir] = r
		return r, nil
	}
	r := &repo{top: top}
	around, err := git(ctx, top, "rev-parse", "--show-superproject-working-tree")
	switch {
	case err != nil:
		return nil, fmt.Errorf("--changed-since %s: %w", h.rev, err)
	case strings.TrimSpace(around) != "":
		r.submodule = path
		h.repos[dir], h.repos[top] = r, r
		return r, nil
	}
	hash, err := git(ctx, top, "rev-parse", "--verify", "--quiet", "--end-of-options", h.rev+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("--changed-since %s: %s has no such revision; expected a branch, a tag or a commit; a shallow clone has to fetch it", h.rev, top)
	}
	hash = strings.TrimSpace(hash)
	if err := r.read(ctx, hash); err != nil {
		return nil, fmt.Errorf("--changed-since %s: %w", h.rev, err)
	}
	h.repos[dir], h.repos[top] = r, r
	return r, nil
}

// read asks git what a commit has, and what is otherwise now. Files that git was
// told not to look at (assume-unchanged, skip-worktree) count as otherwise, and
// no monitor of the file system is believed.
func (r *repo) read(ctx context.Context, hash string) error {
	var err error
	if r.kept, err = names(ctx, r.top, "ls-tree", "-r", "-z", "--name-only", "--full-tree", hash); err != nil {
		return err
	}
	if r.differs, err = names(ctx, r.top, "-c", "core.fsmonitor=false", "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=none", hash, "--"); err != nil {
		return err
	}
	tagged, err := names(ctx, r.top, "ls-files", "-v", "-z")
	for entry := range tagged {
		if tag, name, _ := strings.Cut(entry, " "); tag != "H" {
			r.differs[name] = true
		}
	}
	return err
}

// names is what git prints, each ended by a zero byte.
func names(ctx context.Context, dir string, args ...string) (map[string]bool, error) {
	out, err := git(ctx, dir, args...)
	if err != nil {
		return nil, err
	}
	set := map[string]bool{}
	for name := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		set[name] = true
	}
	return set, nil
}

// changed reports whether a file is not as the revision has it.
func (r *repo) changed(file string) bool {
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return true
	}
	name, err := r.name(file)
	return err != nil || !r.kept[name] || r.differs[name]
}

// name is a file's path in the repository.
func (r *repo) name(file string) (string, error) {
	whole, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	if whole, err = filepath.EvalSymlinks(whole); err != nil {
		return "", err
	}
	name, err := filepath.Rel(r.top, whole)
	return filepath.ToSlash(name), err
}

// other returns what below a path is not as the revision has it, or "". Of a
// folder only documents and policies count, those that were removed too.
func (h *history) other(ctx context.Context, path string) string {
	r, err := h.repoOf(ctx, path)
	if err != nil {
		return path
	}
	info, err := os.Stat(path)
	if err != nil {
		return path
	}
	if !info.IsDir() {
		if r.changed(path) {
			return path
		}
		return ""
	}
	root, err := r.name(path)
	if err != nil {
		return path
	}
	for name := range r.differs {
		if counts(name) && (root == "." || strings.HasPrefix(name, root+"/")) {
			return path
		}
	}
	found := ""
	err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && counts(name) && r.changed(name) {
			found = path
			return fs.SkipAll
		}
		return err
	})
	if err != nil {
		return path
	}
	return found
}

// counts reports whether a file of a folder is one that is read.
func counts(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json", ".rego"}, filepath.Ext(name))
}

// selectChanged leaves of some paths the files that may come out otherwise than
// in the revision: all of them if anything else that decides is not as it was,
// else those that are not as they were themselves, or whose traffic is not. What
// cannot be read stays, so that it is told. The other files decide, too.
func (f *checkFlags) selectChanged(ctx context.Context, sys Sys, e *engine.Engine, args, others []string) ([]string, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, fmt.Errorf("--changed-since %s: there is no git to ask; expected it in PATH; install git", f.changedSince)
	}
	h := &history{rev: f.changedSince, repos: map[string]*repo{}}
	var chosen []string
	all := 0
	for _, arg := range once(args) {
		if _, err := h.repoOf(ctx, arg); err != nil {
			return nil, err
		}
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
			if r.changed(file) || trafficChanged(ctx, h, e, file) {
				chosen = append(chosen, file)
			}
		}
	}
	if other := h.deciding(ctx, slices.Concat(f.options.Catalog, f.options.Policies, f.options.Accounts, f.options.Waivers, others)); other != "" {
		say(sys.Stderr, "note: %s is not as in %s: every manifest is checked", other, f.changedSince)
		return args, nil
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
	case len(chosen) == 0:
		say(sys.Stderr, "nothing changed since %s", f.changedSince)
	case len(chosen) < all:
		say(sys.Stderr, "note: %d of %d files are as in %s and were not checked", all-len(chosen), all, f.changedSince)
	}
	return chosen, nil
}

// deciding returns what of the paths on which every manifest depends is not as
// the revision has it, or a configuration file that is not, or "".
func (h *history) deciding(ctx context.Context, paths []string) string {
	for _, r := range h.repos {
		for name := range r.differs {
			if path.Base(name) == configName {
				return configName // one that was removed, too
			}
		}
	}
	for _, path := range paths {
		if other := h.other(ctx, path); other != "" {
			return other
		}
	}
	return ""
}

// trafficChanged reports whether a manifest names a file that is not as it was.
func trafficChanged(ctx context.Context, h *history, e *engine.Engine, file string) bool {
	drafts, found := e.Drafts(ctx, file)
	if len(found) > 0 {
		return true
	}
	for _, draft := range drafts {
		for _, name := range trafficFiles(draft) {
			if name == "-" || h.other(ctx, beside(file, name)) != "" {
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

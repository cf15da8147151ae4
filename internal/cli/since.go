package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/load"
)

// A since says which files are as they were in a git revision. A file of which
// git cannot tell (ignored, a symbolic link, in a submodule) is not.
type since struct {
	rev   string
	repos map[string]*repo // by folder, and by top folder
}

// A repo is one repository against the revision; paths are relative to its top,
// with slashes.
type repo struct {
	top     string
	hash    string          // of the revision's commit
	kept    map[string]bool // what the revision has
	differs map[string]bool // what is not the same now: changed, staged or removed
	// A path that led to a submodule, or "". What it was in the revision, only
	// the repository around it knows: nothing is kept.
	submodule string
}

// repoOf reads the repository in which a path is, once. The error is for people.
func (s *since) repoOf(ctx context.Context, path string) (*repo, error) {
	dir, _ := nearest(path)
	if r := s.repos[dir]; r != nil {
		return r, nil
	}
	top, err := git(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, fmt.Errorf("--changed-since %s: %s is in no git repository (%w); expected one", s.rev, path, err)
	}
	top = strings.TrimSuffix(top, "\n")
	if r := s.repos[top]; r != nil {
		s.repos[dir] = r
		return r, nil
	}
	r := &repo{top: top}
	around, err := git(ctx, top, "rev-parse", "--show-superproject-working-tree")
	switch {
	case err != nil:
		return nil, fmt.Errorf("--changed-since %s: %w", s.rev, err)
	case strings.TrimSpace(around) != "":
		r.submodule = path
		s.repos[dir], s.repos[top] = r, r
		return r, nil
	}
	hash, err := git(ctx, top, "rev-parse", "--verify", "--quiet", "--end-of-options", s.rev+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("--changed-since %s: %s has no such revision; expected a branch, a tag or a commit; a shallow clone has to fetch it", s.rev, top)
	}
	r.hash = strings.TrimSpace(hash)
	if err := r.read(ctx); err != nil {
		return nil, fmt.Errorf("--changed-since %s: %w", s.rev, err)
	}
	s.repos[dir], s.repos[top] = r, r
	return r, nil
}

// read asks git what the commit has, and what is otherwise now. Files that git was
// told not to look at (assume-unchanged, skip-worktree) count as otherwise, and
// no monitor of the file system is believed.
func (r *repo) read(ctx context.Context) error {
	var err error
	if r.kept, err = names(ctx, r.top, "ls-tree", "-r", "-z", "--name-only", "--full-tree", r.hash); err != nil {
		return err
	}
	if r.differs, err = names(ctx, r.top, "-c", "core.fsmonitor=false", "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=none", r.hash, "--"); err != nil {
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
	for name := range strings.SplitSeq(out, "\x00") {
		if name != "" {
			set[name] = true
		}
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

// files lists what at a path, or below a folder, is not as the revision has it,
// by names in the repository; those that were removed, too. Of a folder only
// documents and policies count. It is false where that cannot be told.
func (s *since) files(ctx context.Context, path string) (*repo, []string, bool) {
	r, err := s.repoOf(ctx, path)
	if err != nil || s.relinked(ctx, path) {
		return nil, nil, false
	}
	root, err := r.name(path)
	if err != nil {
		return nil, nil, false
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, false
	}
	if !info.IsDir() {
		if r.changed(path) {
			return r, []string{root}, true
		}
		return r, nil, true
	}
	list := map[string]bool{}
	for name := range r.differs {
		if counts(name) && (root == "." || strings.HasPrefix(name, root+"/")) {
			list[name] = true
		}
	}
	err = filepath.WalkDir(load.Folder(path), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !counts(file) || !r.changed(file) {
			return err
		}
		name, err := r.name(file)
		list[name] = true
		return err
	})
	return r, slices.Sorted(maps.Keys(list)), err == nil
}

// changed reports whether something at a path, or below a folder, is not, or may
// not be, as the revision has it.
func (s *since) changed(ctx context.Context, path string) bool {
	_, files, ok := s.files(ctx, path)
	return !ok || len(files) > 0
}

// mostLinks are followed from one path, as operating systems have it.
const mostLinks = 40

// relinked reports whether a symbolic link on the way to a path is not as its
// repository has it in the revision: what is behind it may be another place.
func (s *since) relinked(ctx context.Context, path string) bool {
	whole, err := filepath.Abs(path)
	if err != nil {
		return true
	}
	for range mostLinks {
		link, rest := firstLink(whole)
		if link == "" {
			return false
		}
		// A link in no repository is part of the machine, not of what is compared.
		if r, err := s.repoOf(ctx, filepath.Dir(link)); err == nil {
			name, err := filepath.Rel(r.top, link)
			if name = filepath.ToSlash(name); err != nil || !r.kept[name] || r.differs[name] {
				return true
			}
		}
		target, err := os.Readlink(link)
		if err != nil {
			return true
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(link), target)
		}
		whole = filepath.Join(target, rest)
	}
	return true
}

// firstLink is the first symbolic link on the way to an absolute path, and what
// comes after it.
func firstLink(whole string) (link, rest string) {
	parts := strings.Split(whole, string(filepath.Separator))
	for i := range parts {
		at := strings.Join(parts[:i+1], string(filepath.Separator))
		if info, err := os.Lstat(at); at != "" && err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return at, filepath.Join(parts[i+1:]...)
		}
	}
	return "", ""
}

// documents reads what files lists, as it was and as it is, but for files that
// say the same as before. It is false where not all of that can be read.
func (s *since) documents(ctx context.Context, path string) ([]*document.Node, bool) {
	r, files, ok := s.files(ctx, path)
	if !ok {
		return nil, false
	}
	var roots []*document.Node
	for _, file := range files {
		versions, ok := r.versions(ctx, file)
		if !ok {
			return nil, false
		}
		var outlines []load.Outline
		for _, content := range versions {
			outline, found := load.Outlined(file, content)
			if len(found) > 0 {
				return nil, false
			}
			outlines = append(outlines, outline)
		}
		if len(outlines) == 2 && outlines[0].Means(outlines[1]) {
			continue
		}
		for _, outline := range outlines {
			roots = append(roots, outline.Roots...)
		}
	}
	return roots, true
}

// versions are the contents of a file that changed: in the revision, and now,
// where it is there. It is false for one of which git cannot tell what it was:
// untracked, ignored, in a submodule or in no repository.
func (r *repo) versions(ctx context.Context, name string) (list [][]byte, ok bool) {
	if r.submodule != "" || !r.kept[name] && !r.differs[name] {
		return nil, false
	}
	if r.kept[name] {
		was, err := git(ctx, r.top, "cat-file", "blob", r.hash+":"+name)
		if err != nil {
			return nil, false
		}
		list = append(list, []byte(was))
	}
	file := filepath.Join(r.top, filepath.FromSlash(name))
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return list, true
	case err != nil || !info.Mode().IsRegular():
		return nil, false
	}
	now, err := os.ReadFile(file)
	return append(list, now), err == nil
}

// deciding returns what of the paths on which every manifest depends is not as
// the revision has it, or a configuration file that is not, or "".
func (s *since) deciding(ctx context.Context, paths []string) string {
	for _, r := range s.repos {
		for name := range r.differs {
			if path.Base(name) == configName {
				return configName // one that was removed, too
			}
		}
	}
	for _, given := range paths {
		if s.changed(ctx, given) {
			return given
		}
	}
	return ""
}

// counts reports whether a file of a folder is one that is read.
func counts(name string) bool {
	return load.IsDocument(name) || filepath.Ext(name) == ".rego"
}

// submodules are the paths that led into one, in order.
func (s *since) submodules() []string {
	var list []string
	for _, r := range s.repos {
		if r.submodule != "" {
			list = append(list, r.submodule)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

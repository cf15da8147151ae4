package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/load"
)

// A revision is the manifests of some paths as they are in a git revision,
// written to a folder of their own.
type revision struct {
	name  string
	dir   string // of the copies, a folder in it for each repository
	roots []string
	files []string // the manifests among the copies
	of    map[string]copied
}

// A copied file is where it comes from.
type copied struct {
	shown string            // its path as it would be named on the command line
	git   string            // a folder of its repository
	root  string            // the repository's copy
	blobs map[string]string // object by path in the repository
}

// checkout copies what a revision has below the given paths, and the files of
// traffic beside them. Paths that it does not have are left out. The caller
// removes dir.
func checkout(ctx context.Context, name string, paths []string) (*revision, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, fmt.Errorf("--diff %s names no folder, and there is no git to ask for a revision; expected a folder; install git", name)
	}
	dir, err := os.MkdirTemp("", "caveat-*")
	if err != nil {
		return nil, fmt.Errorf("--diff %s: %w", name, cause(err))
	}
	r := &revision{name: name, dir: dir, of: map[string]copied{}}
	for _, p := range paths {
		if err := r.add(ctx, p); err != nil {
			r.remove()
			return nil, err
		}
	}
	return r, nil
}

func (r *revision) remove() { os.RemoveAll(r.dir) }

// add copies what one path is in the revision: a file, or a folder's manifests.
func (r *revision) add(ctx context.Context, p string) error {
	dir, within := nearest(p)
	top, err := git(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return fmt.Errorf("--diff %s: %s is in no git repository (%w); expected one, or a folder to compare with", r.name, p, err)
	}
	tree, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", r.name+"^{tree}")
	if err != nil {
		return fmt.Errorf("--diff %s: no such folder, and %s has no such revision; expected a branch, a tag, a commit or a folder", r.name, strings.TrimSpace(top))
	}
	prefix, err := git(ctx, dir, "rev-parse", "--show-prefix")
	if err != nil {
		return fmt.Errorf("--diff %s: %w", r.name, err)
	}
	root := path.Join(strings.TrimSuffix(prefix, "\n"), filepath.ToSlash(within)) // in the repository
	if root == "." {
		root = ""
	}
	list, err := git(ctx, strings.TrimSpace(top), "ls-tree", "-r", "-z", "--full-tree", strings.TrimSpace(tree))
	if err != nil {
		return fmt.Errorf("--diff %s: %w", r.name, err)
	}
	from := copied{git: dir, root: r.root(strings.TrimSpace(top)), blobs: map[string]string{}}
	var names []string
	for _, entry := range strings.Split(list, "\x00") {
		about, name, ok := strings.Cut(entry, "\t")
		parts := strings.Fields(about) // mode, type, object
		if ok && len(parts) == 3 && parts[1] == "blob" && parts[0] != symlink {
			from.blobs[name] = parts[2]
			names = append(names, name)
		}
	}
	for _, name := range names {
		rest, below := name, root == ""
		if !below {
			rest, below = strings.CutPrefix(name, root+"/")
		}
		switch {
		case name == root:
			from.shown = p
		case below && listed(rest):
			from.shown = filepath.Join(p, filepath.FromSlash(rest))
		default:
			continue
		}
		target := filepath.Join(from.root, filepath.FromSlash(name))
		if _, ok := r.of[target]; ok {
			continue
		}
		if err := from.write(ctx, name); err != nil {
			return fmt.Errorf("--diff %s: %s: %w", r.name, from.shown, err)
		}
		r.of[target] = from
		r.files = append(r.files, target)
	}
	return nil
}

// symlink is git's mode of a symbolic link.
const symlink = "120000"

// root is the folder for the copies of a repository.
func (r *revision) root(top string) string {
	i := slices.Index(r.roots, top)
	if i < 0 {
		i = len(r.roots)
		r.roots = append(r.roots, top)
	}
	return filepath.Join(r.dir, fmt.Sprint(i))
}

// write copies a file of the repository to where it has it.
func (c copied) write(ctx context.Context, name string) error {
	data, err := git(ctx, c.git, "cat-file", "blob", c.blobs[name])
	if err != nil {
		return err
	}
	target := filepath.Join(c.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return cause(err)
	}
	return os.WriteFile(target, []byte(data), 0o600)
}

// fetch puts a file that a manifest names beside its copy: that of the
// revision, or, where the repository does not keep it, the one of today, which
// it says. What is nowhere is left for the manifest's own error.
func (r *revision) fetch(ctx context.Context, manifest, name string) (today bool, err error) {
	if filepath.IsAbs(name) { // the copy names the same file
		_, err := os.Stat(name)
		return err == nil, nil
	}
	from := r.of[manifest]
	target := filepath.Join(filepath.Dir(manifest), filepath.FromSlash(name))
	within, err := filepath.Rel(from.root, target)
	if err != nil || !filepath.IsLocal(within) {
		return false, nil
	}
	if within = filepath.ToSlash(within); from.blobs[within] != "" {
		return false, from.write(ctx, within)
	}
	now, err := filepath.Abs(filepath.Join(filepath.Dir(from.shown), filepath.FromSlash(name)))
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(now); err != nil {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return false, cause(err)
	}
	if err := os.Symlink(now, target); err != nil && !errors.Is(err, os.ErrExist) {
		return false, cause(err)
	}
	return true, nil
}

// listed reports whether a folder's file is one that is read: as load.Files has
// it.
func listed(name string) bool {
	for _, part := range strings.Split(name, "/") {
		if strings.HasPrefix(part, ".") {
			return false
		}
	}
	return load.IsDocument(name)
}

// nearest is the nearest folder that exists above a path or is it, and what of
// the path is below that.
func nearest(p string) (dir, within string) {
	dir = filepath.Clean(p)
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir, within
		}
		within = filepath.Join(filepath.Base(dir), within)
		parent := filepath.Dir(dir)
		if parent == dir {
			return ".", within
		}
		dir = parent
	}
}

// git runs git in a folder and returns what it prints. The error is its last
// words.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", append([]string{"--no-pager", "-C", dir, "--literal-pathspecs"}, args...)...)
	command.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	var out, complaint bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaint
	if err := command.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		lines := strings.Split(strings.TrimSpace(complaint.String()), "\n")
		if last := lines[len(lines)-1]; last != "" {
			return "", errors.New(strings.TrimPrefix(last, "fatal: "))
		}
		return "", err
	}
	return out.String(), nil
}

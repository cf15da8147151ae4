package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/engine"
	"github.com/caveat-check/caveat/internal/load"
)

// A side is the manifests that others are compared with. Their paths are
// written as those would be that they are compared with.
type side struct {
	files  []string
	shown  map[string]string // by file
	folder string            // "" of a revision
	rev    *revision
}

func (s *side) remove() {
	if s.rev != nil {
		s.rev.remove()
	}
}

// has reports whether there is something at a path on this side.
func (s *side) has(arg string) bool {
	arg = filepath.Clean(arg)
	for _, shown := range s.shown {
		if below := arg + string(filepath.Separator); arg == "." || shown == arg || strings.HasPrefix(shown, below) {
			return true
		}
	}
	return false
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist)
}

// checkDiff checks --diff.
func checkDiff(cmd *cobra.Command, diff string, args []string) error {
	switch {
	case cmd.Flags().Changed("diff") && diff == "":
		return errors.New("--diff names nothing; expected a git revision or a folder")
	case diff != "" && slices.Contains(args, "-"):
		return errors.New("--diff needs paths to find again, and - is standard input; expected files or folders")
	}
	return nil
}

// newSide finds what paths are in a folder or a git revision. The caller removes
// it.
func newSide(ctx context.Context, name string, args []string) (*side, error) {
	s := &side{shown: map[string]string{}}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		s.folder = name
		return s, s.find(args)
	}
	rev, err := checkout(ctx, name, args)
	if err != nil {
		return s, err
	}
	s.rev, s.files = rev, rev.files
	for file, from := range rev.of {
		s.shown[file] = from.shown
	}
	return s, nil
}

// find finds in a folder what stands at the same paths. A folder that is
// compared with one other and has no such path is that other's counterpart.
func (s *side) find(args []string) error {
	roots := map[string]string{} // where the paths are, in the folder
	for _, arg := range args {
		if !filepath.IsLocal(arg) {
			continue
		}
		if there := filepath.Join(s.folder, arg); !missing(there) {
			roots[there] = arg
		}
	}
	if len(roots) == 0 {
		if info, err := os.Stat(args[0]); len(args) > 1 || err != nil || !info.IsDir() {
			return fmt.Errorf("--diff %s has none of the paths; expected a folder with the same relative paths, or one to compare a single folder with", s.folder)
		}
		roots[s.folder] = args[0]
	}
	for there, arg := range roots {
		files, _ := load.Files([]string{there}) // one without documents is one in which all is new
		for _, file := range files {
			rest, err := filepath.Rel(there, file)
			if err != nil {
				return err
			}
			if _, ok := s.shown[file]; !ok {
				s.files = append(s.files, file)
				s.shown[file] = filepath.Join(arg, rest)
			}
		}
	}
	slices.Sort(s.files)
	return nil
}

// only leaves out what is still there and is not among some paths: on the other
// side it is as it was.
func (s *side) only(paths []string) {
	if s == nil {
		return
	}
	files, _ := load.Files(paths) // what is wrong is told when they are read
	kept := map[string]bool{}
	for _, file := range files {
		kept[filepath.Clean(file)] = true
	}
	s.files = slices.DeleteFunc(s.files, func(file string) bool {
		shown := filepath.Clean(s.shown[file])
		return !kept[shown] && !missing(shown)
	})
}

// present leaves out paths of which nothing is there any more though it was on
// this side: all of it is removed.
func (s *side) present(paths []string) []string {
	if s == nil {
		return paths
	}
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		files, _ := load.Files([]string{path})
		return len(files) == 0 && s.has(path)
	})
}

// change is what manifests cost against this side. What of it cannot be decided
// is said, and counts as not there: it is not what is being checked.
func (s *side) change(ctx context.Context, e *engine.Engine, sys Sys, name string, after []cost.Estimate) *decision.CostChange {
	before, found := s.estimates(ctx, e.Unranked(), sys)
	for i := range before {
		before[i].Spec = nil // as that of after
	}
	for _, p := range found {
		say(sys.Stderr, "note: not compared with: %v", p)
	}
	return cost.Compare(name, before, after, e).Brief()
}

// estimates prices the manifests of a side.
func (s *side) estimates(ctx context.Context, e *engine.Engine, sys Sys) ([]cost.Estimate, []decision.Problem) {
	if s.rev != nil {
		for _, file := range s.files {
			s.traffic(ctx, e, sys, file)
		}
	}
	before, found := (&costFlags{}).estimates(ctx, e, s.files)
	for i, estimate := range before {
		before[i].Manifest.Path = s.shown[estimate.Manifest.Path]
	}
	for i := range found {
		s.named(&found[i])
	}
	return before, found
}

// named writes a problem of a revision's copy as one of the revision.
func (s *side) named(p *decision.Problem) {
	if s.rev == nil {
		return
	}
	if shown, ok := s.shown[p.Path]; ok {
		p.Message = strings.ReplaceAll(p.Message, p.Path, shown)
		p.Path = s.rev.name + ":" + filepath.ToSlash(shown)
	}
	for _, root := range s.rev.roots {
		p.Message = strings.ReplaceAll(p.Message, s.rev.root(root)+string(filepath.Separator), s.rev.name+":")
	}
}

// traffic fetches the files that a manifest of a revision names.
func (s *side) traffic(ctx context.Context, e *engine.Engine, sys Sys, file string) {
	drafts, _ := e.Drafts(ctx, file) // problems are told when it is priced
	for _, draft := range drafts {
		for _, name := range trafficFiles(draft) {
			if name == "-" {
				continue
			}
			today, err := s.rev.fetch(ctx, file, name)
			switch {
			case err != nil:
				say(sys.Stderr, "note: %s of %s:%s cannot be fetched: %v", name, s.rev.name, s.shown[file], err)
			case today:
				say(sys.Stderr, "note: %s is not kept in %s; both sides of %s are priced with the one of today", name, s.rev.name, s.shown[file])
			}
		}
	}
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/format"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/report"
)

// fmtFlags are the flags of caveat fmt.
type fmtFlags struct {
	check bool
	diff  bool
}

func fmtCommand(sys Sys) *cobra.Command {
	var f fmtFlags
	cmd := &cobra.Command{
		Use: "fmt PATH...", Short: "Format manifests, vendor documents, accounts, waivers and profiles",
		Long: `Lays out the YAML documents under the paths (files and folders) in place and
prints the names of those that changed; - is standard input, to standard output.

Blocks and lists are indented by 2, apiVersion, kind and metadata come first, and
there is at most one blank line in a row, none at either end, no trailing blank,
no byte order mark, and \n after every line. All else stays as it is written:
comments, quotes, brackets, the other keys' order. JSON is read and left alone.

A file that cannot be read, or holds a document that is not a caveat document, is
left as it is; the others are written. Schema errors do not prevent formatting.

Exit status: 0 all is formatted; 1 something is not, with --check or --diff;
2 a file that cannot be read or written, or bad usage.`,
		Example: `  caveat fmt workload.yaml caveat/vendors
  caveat fmt --check caveat/
  caveat fmt --diff workload.yaml
  caveat fmt - < workload.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return errors.New("nothing to format; expected documents, folders or -")
			case len(args) > 1 && slices.Contains(args, "-"):
				return errors.New("standard input and files are both named; expected - alone, or files and folders")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), sys, args) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.check, "check", false, "write nothing; list what would change, and exit 1 if anything would")
	flags.BoolVar(&f.diff, "diff", false, "write nothing; show what would change, and exit 1 if anything would")
	return cmd
}

func (f *fmtFlags) run(ctx context.Context, sys Sys, args []string) error {
	loader, err := load.New(sys.stdin(ctx))
	if err != nil {
		return err
	}
	files, found := load.Files(once(args))
	changed := false
	for _, path := range files {
		before, wrong := loader.Source(ctx, path)
		if err := ctx.Err(); err != nil {
			return err
		}
		var after []byte
		if len(wrong) == 0 {
			after, wrong = formatted(path, before)
		}
		if len(wrong) > 0 {
			found = append(found, wrong...)
			continue
		}
		differs := string(before) != string(after)
		changed = changed || differs
		switch {
		case f.diff:
			_, err = sys.Stdout.Write(diff.Diff(path+".orig", before, path, after))
		case f.check && differs:
			_, err = fmt.Fprintln(sys.Stdout, report.Message(path))
		case f.check:
		case path == "-":
			_, err = sys.Stdout.Write(after)
		case differs:
			if err := overwrite(ctx, path, after); err != nil {
				found = append(found, decision.Problem{Path: path, Message: fmt.Sprintf("cannot be written: %v; expected a file that may be written, in a folder that may be; change their permissions", cause(err))})
				continue
			}
			_, err = fmt.Fprintln(sys.Stdout, report.Message(path))
		}
		if err != nil {
			problems(sys.Stderr, found)
			return fmt.Errorf("write standard output: %w", cause(err))
		}
	}
	problems(sys.Stderr, found)
	switch {
	case len(found) > 0:
		return status(ExitError)
	case changed && (f.check || f.diff):
		return status(ExitFail)
	}
	return nil
}

// formatted lays a file's content out.
func formatted(path string, data []byte) ([]byte, []decision.Problem) {
	outline, found := load.Outlined(path, data)
	if len(found) > 0 || outline.JSON {
		return data, found
	}
	after, ok := format.YAML(data, func(after []byte) bool {
		again, found := load.Outlined(path, after)
		return len(found) == 0 && again.Means(outline)
	})
	if !ok {
		return nil, []decision.Problem{{Path: path, Message: "cannot be formatted without changing values or comments; expected a simpler layout; indent it by hand"}}
	}
	return after, nil
}

// overwrite replaces the content of a file, or of the file that a link leads to,
// at once and with its mode. A file that is read-only stays, though its folder
// might let it be replaced.
func overwrite(ctx context.Context, path string, data []byte) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("not a regular file")
	case info.Mode().Perm()&0o222 == 0:
		return fs.ErrPermission
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(real, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return replace(ctx, real, data)
}

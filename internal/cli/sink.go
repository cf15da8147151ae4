package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/report"
)

// A sink is an output with where it goes. A file is written beside its place
// and moved there when it is whole; a pipe or a device is written directly.
type sink struct {
	report.Writer
	format string
	w      io.Writer
	name   string
	place  string // of the file, behind links
	temp   *os.File
	pipe   *os.File
	old    bool        // there is a file to replace, and it keeps its mode
	mode   os.FileMode // of that
	err    error       // that ended it
}

func (s *sink) openFile(ctx context.Context, path string) (*os.File, error) {
	s.name = path
	info, err := os.Stat(path)
	switch {
	case err != nil: // a new file, or one that cannot be, for the reason below
	case info.IsDir():
		return nil, errors.New("is a folder")
	case !info.Mode().IsRegular() || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/") || path == "/dev/stderr":
		s.pipe, err = load.Wait(ctx, func() (*os.File, error) { return os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0) }) // a pipe waits for its reader
		return s.pipe, err
	default:
		s.old, s.mode = true, info.Mode().Perm()
	}
	if s.place, err = destination(path); err != nil {
		return nil, err
	}
	s.temp, err = createBeside(s.place, s.old)
	return s.temp, err
}

// createBeside makes a file for what is to be put in a place: with the mode that
// new files have here, or, to replace one that may be private, with none for
// others. os.CreateTemp knows only the latter.
func createBeside(place string, private bool) (*os.File, error) {
	mode := os.FileMode(0o666) // less what the umask takes
	if private {
		mode = 0o600
	}
	for {
		name := filepath.Join(filepath.Dir(place), fmt.Sprintf(".caveat-%d", rand.Uint32()))
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
}

// Close ends the output and puts its file in place.
func (s *sink) Close(summary decision.Summary) error {
	if err := s.Writer.Close(summary); err != nil {
		return err
	}
	return s.commit()
}

// commit puts the file in place.
func (s *sink) commit() error {
	if s.pipe != nil {
		pipe := s.pipe
		s.pipe = nil
		return pipe.Close()
	}
	if s.temp == nil {
		return nil
	}
	temp := s.temp
	s.temp = nil
	var err error
	if s.old {
		err = temp.Chmod(s.mode)
	}
	if err := errors.Join(err, temp.Close()); err != nil {
		os.Remove(temp.Name())
		return err
	}
	if err := os.Rename(temp.Name(), s.place); err != nil {
		os.Remove(temp.Name())
		return cause(err)
	}
	return nil
}

func cause(err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	var linkErr *os.LinkError
	if errors.As(err, &linkErr) {
		return linkErr.Err
	}
	return err
}

// outputs are what a run writes. One that fails is dropped and its file stays
// as it was; the others are written to their end, and the run is a fault.
type outputs []*sink

// open opens what the targets name, before any work begins: one that cannot be
// opened is an error, and then nothing is written.
func open(ctx context.Context, sys Sys, targets []target) (outputs, error) {
	var list outputs
	for _, t := range targets {
		s := &sink{format: t.format, w: sys.Stdout, name: "standard output"}
		if t.path != "" {
			file, err := s.openFile(ctx, t.path)
			if err != nil {
				list.discard()
				return nil, fmt.Errorf("%v cannot be written: %w; expected a file in a folder that may be written", t, cause(err))
			}
			s.w = file
		}
		list = append(list, s)
	}
	return list, nil
}

// openReports opens what the targets name, each with a writer of its format.
func openReports(ctx context.Context, sys Sys, targets []target, header decision.Report, options report.Options) (outputs, error) {
	list, err := open(ctx, sys, targets)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		look := newTable(sys, s.w, options.Verbose)
		options.Width, options.Color = look.Width, look.Color
		if s.Writer, err = report.New(s.format, s.w, header, options); err != nil {
			list.discard()
			return nil, err
		}
	}
	return list, nil
}

func (list outputs) decision(d decision.Decision) error {
	return list.each(func(s *sink) error { return s.Decision(d) })
}

// waivers tells every output what became of the waivers; nil is not the end of
// the run yet.
func (list outputs) waivers(uses []decision.WaiverUse) {
	for _, s := range list {
		if s.err == nil && uses != nil {
			s.Waivers(uses)
		}
	}
}

// costChange tells every output what the manifests cost against others.
func (list outputs) costChange(c *decision.CostChange) {
	for _, s := range list {
		if s.err == nil && c != nil {
			s.CostChange(c)
		}
	}
}

func (list outputs) problem(p decision.Problem) {
	for _, s := range list {
		if s.err == nil {
			s.Problem(p)
		}
	}
}

// close ends every output and puts its file in place.
func (list outputs) close(summary decision.Summary) error {
	_ = list.each(func(s *sink) error { return s.Close(summary) })
	return list.failure()
}

// each gives a part to every output that still works. The error is for when
// none is left.
func (list outputs) each(part func(*sink) error) error {
	left := 0
	for _, s := range list {
		if s.err != nil {
			continue
		}
		if err := part(s); err != nil {
			s.err = fmt.Errorf("write %s: %w", s.name, cause(err))
			outputs{s}.discard()
			continue
		}
		left++
	}
	if left == 0 {
		return list.failure()
	}
	return nil
}

// failure is what ended outputs. Of a reader that has gone nothing is said
// where there is more to say.
func (list outputs) failure() error {
	var failed, gone []error
	for _, s := range list {
		switch {
		case s.err == nil:
		case errors.Is(s.err, syscall.EPIPE):
			gone = append(gone, s.err)
		default:
			failed = append(failed, s.err)
		}
	}
	if len(failed) == 0 {
		return errors.Join(gone...)
	}
	return errors.Join(failed...)
}

// discard removes what was not finished.
func (list outputs) discard() {
	for _, s := range list {
		if s.pipe != nil {
			s.pipe.Close()
			s.pipe = nil
		}
		if s.temp != nil {
			s.temp.Close()
			os.Remove(s.temp.Name())
			s.temp = nil
		}
	}
}

// replace writes a file as a whole, whether it is there already or not.
func replace(ctx context.Context, path string, data []byte) error {
	s := &sink{}
	defer outputs{s}.discard()
	file, err := s.openFile(ctx, path)
	if err != nil {
		return err
	}
	if _, err := file.Write(data); err != nil {
		return err
	}
	return s.commit()
}

package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/report"
)

// choice words a list: "table, json or csv".
func choice(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// overInput refuses to write over what is read.
func overInput(targets []target, inputs []string, what string) error {
	for _, t := range targets {
		for _, input := range inputs {
			if t.path != "" && filepath.Clean(t.path) == filepath.Clean(input) {
				return fmt.Errorf("-o %s=%s would write over %s; expected another file", t.format, t.path, what)
			}
		}
	}
	return nil
}

// outputs are what a run writes. One that fails is dropped and its file stays
// as it was; the others are written to their end, and the run is a fault.
type outputs []*sink

// open opens what the targets name, before any work begins: one that cannot be
// opened is an error, and then nothing is written.
func open(sys Sys, targets []target, header decision.Report, options report.Options) (outputs, error) {
	var list outputs
	for _, t := range targets {
		s := &sink{format: t.format, w: sys.Stdout, name: "standard output"}
		if t.path != "" {
			file, err := s.openFile(t.path)
			if err != nil {
				list.discard()
				return nil, fmt.Errorf("-o %s=%s cannot be written: %w; expected a file in a folder that may be written", t.format, t.path, cause(err))
			}
			s.w = file
		}
		list = append(list, s)
		look := newTable(sys, s.w, options.Verbose)
		options.Width, options.Color = look.Width, look.Color
		writer, err := report.New(t.format, s.w, header, options)
		if err != nil {
			list.discard()
			return nil, err
		}
		s.Writer = writer
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
			s.err = fmt.Errorf("write %s: %w", s.name, err)
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

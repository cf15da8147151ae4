package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/report"
)

// stdin is standard input, or nil where there is none.
func (s Sys) stdin(ctx context.Context) io.Reader {
	if s.Stdin == nil {
		return nil
	}
	return interruptible{ctx, s.Stdin}
}

// interruptible is a reader that stops waiting when the run is interrupted: no
// one may ever write to standard input.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	size := len(p)
	data, err := load.Wait(i.ctx, func() ([]byte, error) {
		data := make([]byte, size) // not p: it is the caller's again once Read returns
		n, err := i.r.Read(data)
		return data[:n], err
	})
	return copy(p, data), err
}

// newTable is a table for a writer: colour only on a terminal, and never with
// NO_COLOR.
func newTable(sys Sys, w io.Writer, verbose bool) *report.Table {
	columns := sys.Width(w)
	return &report.Table{W: w, Width: clamp(columns), Color: columns > 0 && sys.Getenv("NO_COLOR") == "" && sys.Getenv("TERM") != "dumb", Verbose: verbose}
}

// clamp keeps a table readable: 80 columns where nothing is known.
func clamp(columns int) int {
	if columns == 0 {
		return 80
	}
	return min(max(columns, 40), 120)
}

// progress counts on standard error, on a terminal and once a run is long.
type progress struct {
	w     io.Writer
	on    bool
	start time.Time
	last  time.Time
	now   func() time.Time
	files int
	shown bool
}

func newProgress(sys Sys) *progress {
	return &progress{w: sys.Stderr, on: sys.Width(sys.Stderr) > 0 && sys.Width(sys.Stdout) == 0, start: sys.Now(), now: sys.Now}
}

func (p *progress) step() {
	p.files++
	if !p.on {
		return
	}
	now := p.now()
	if now.Sub(p.start) > time.Second && now.Sub(p.last) > 200*time.Millisecond {
		p.last, p.shown = now, true
		fmt.Fprintf(p.w, "\rfiles checked: %d", p.files)
	}
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

func (p *progress) done() { p.clear() }

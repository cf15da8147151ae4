package trace

import (
	"context"
	"io"
	"math"
	"time"
)

// A recorder turns the rows of a recorded trace into arrivals.
type recorder struct {
	spec   Spec
	length length
	row    row
	clock  clock
	store  *store

	any      bool
	first    int64 // the time of the first arrival
	previous int64 // the last row's time, with its text and line
	text     []byte
	line     int
}

// record reads a recorded trace and returns the digest of its bytes.
func record(ctx context.Context, spec Spec, l length, s *store) (string, error) {
	in, err := open(spec, spec.Path)
	if err != nil {
		return "", err
	}
	defer in.close()
	rec := &recorder{spec: spec, length: l, clock: newClock(spec.TimeUnit), store: s}
	wants := []want{{"columns.time", spec.Columns.Time}}
	if spec.Columns.End != "" {
		wants[0] = want{"columns.end", spec.Columns.End}
	}
	switch {
	case l.tokens:
		wants = append(wants, want{"columns.outputTokens", l.column})
	case l.column != "":
		wants = append(wants, want{"columns.duration", l.column})
	}
	rows, err := in.rows(ctx, wants, spec.Where, &rec.row)
	if err != nil {
		return "", err
	}
	var sorted *sorter
	use := rec.arrival
	if spec.Columns.End != "" {
		sorted = &sorter{limit: spec.MemoryLimit}
		defer sorted.close()
		use = func() error { return rec.ended(sorted) }
	}
	for {
		if err := rows.next(ctx, &rec.row); err == io.EOF {
			break
		} else if err != nil {
			return "", err
		}
		rec.any = true
		if err := use(); err != nil {
			return "", err
		}
	}
	if !rec.any {
		return "", rec.row.nothing(in)
	}
	if sorted != nil {
		if err := rec.started(ctx, sorted); err != nil {
			return "", err
		}
	}
	return in.digest, nil
}

// arrival adds the present row of a file that is sorted by arrivals.
func (rec *recorder) arrival() error {
	r := &rec.row
	time, err := rec.clock.time(r, 0)
	if err != nil {
		return err
	}
	if rec.line == 0 {
		rec.first, rec.previous = time, time
	}
	if time < rec.previous {
		return r.problem(0, "is %s, earlier than %s on line %d; expected rows in order of time; sort the file", shown(string(r.values[0])), shown(string(rec.text)), rec.line)
	}
	rec.previous, rec.line = time, r.line
	rec.text = append(rec.text[:0], r.values[0]...)
	duration, err := rec.duration()
	if err != nil {
		return err
	}
	return rec.add(time, duration, r.line)
}

// add adds an arrival to the store.
func (rec *recorder) add(at, duration int64, line int) error {
	since := at - rec.first
	if since < 0 || since > math.MaxInt64-duration { // a difference of times that overflows is negative
		return rec.problem(line, "the request ends more than 292 years after the first arrival; expected less; check the times and their unit")
	}
	if p := rec.spec.Period; p > 0 && since > int64(p) {
		return rec.problem(line, "the request arrives %v after the first one, %v beyond the period of %v; expected none beyond it; cut the trace or raise period", time.Duration(since), time.Duration(since)-p, p)
	}
	return rec.store.add(Arrival{since, duration})
}

func (rec *recorder) problem(line int, format string, args ...any) error {
	return at(rec.spec.Name, line, 1, format, args...)
}

// ended adds the present row of a file that has the ends of requests.
func (rec *recorder) ended(s *sorter) error {
	end, err := rec.clock.time(&rec.row, 0)
	if err != nil {
		return err
	}
	duration, err := rec.duration()
	if err != nil {
		return err
	}
	if end < math.MinInt64+duration {
		return rec.problem(rec.row.line, "the request starts more than 292 years before its file's times; expected less; check the times and their unit")
	}
	return s.add(start{end - duration, duration, int64(rec.row.line)})
}

// started adds the requests of such a file in order of their starts.
func (rec *recorder) started(ctx context.Context, s *sorter) error {
	first := true
	return s.each(ctx, func(a start) error {
		if first {
			rec.first, first = a.time, false
		}
		return rec.add(a.time, a.duration, int(a.line))
	})
}

// duration is how long the present row's request takes.
func (rec *recorder) duration() (int64, error) {
	r, l := &rec.row, rec.length
	switch {
	case l.tokens:
		tokens, exact, err := scaled(r.values[1], 0)
		if err != nil || !exact {
			return 0, r.problem(1, "is %s; expected a whole number of tokens, 0 or more", shown(string(r.values[1])))
		}
		d, ok := l.of(tokens)
		if !ok {
			return 0, r.problem(1, "is %s; expected tokens that take less than 292 years", shown(string(r.values[1])))
		}
		return d, nil
	case l.column != "":
		return rec.clock.number(r, 1)
	}
	return l.constant, nil
}

// Package trace reads the arrivals of a workload's traffic, from a recorded
// trace or from a profile of rates, into a form that can be replayed many times
// in constant memory. It knows no policy, no price and no vendor.
package trace

import (
	"context"
	"errors"
	"io"
	"math"
	"time"

	"github.com/caveat-check/caveat/internal/decision"
)

// An Arrival is one request: it arrives At nanoseconds after the first one and
// keeps its slot busy for Duration nanoseconds. Neither is negative, and their
// sum fits an int64.
type Arrival struct{ At, Duration int64 }

// A Spec says where arrivals come from: exactly one of Path and Profile.
type Spec struct {
	// Path is a .csv or .jsonl file, each also .gz; "-" is Stdin, whose first
	// bytes say which of the four it is.
	Path string
	// Name is how errors name the file: the path as the manifest writes it.
	Name    string
	Columns Columns
	// TimeUnit is that of numeric times and durations: time.Second or
	// time.Millisecond; 0 is not stated.
	TimeUnit time.Duration
	// Where keeps only the rows whose column has this very text, for files of
	// several models.
	Where   map[string]string
	Request Request
	Profile *Profile
	// Period is the longest time from the first arrival to the last; 0 is
	// unbounded. A profile's period starts with its first window, and an hourly
	// or weekly profile needs one.
	Period time.Duration
	Stdin  io.Reader
	// MemoryLimit is how many arrivals are kept in memory before they are
	// spooled to a temporary file; 0 is 1<<20.
	MemoryLimit int
}

// Columns name the columns of a CSV file, or the fields of JSON Lines. A trace
// has Time (it is sorted by it) or End (start is end less duration; the file
// need not be sorted), and Duration or OutputTokens or neither. A file of rates
// has Start and Rate.
type Columns struct{ Time, End, Duration, OutputTokens, Start, Rate string }

// A Request says how long a request takes where no column has its duration:
// Duration, or TTFT + PerOutputToken × max(tokens − 1, 0), with the tokens from
// a column or from OutputTokens. Nil is not stated.
type Request struct {
	TTFT, PerOutputToken, Duration *time.Duration
	OutputTokens                   *int64
}

// A Trace is arrivals in order of time. It may be read by several goroutines,
// each with its own Cursor.
type Trace struct {
	store  store
	digest string
	span   time.Duration
}

// Open reads all arrivals. Beside problems there is no Trace. What is wrong with
// the header of a file is reported whole; of its rows, the first problem.
func Open(ctx context.Context, spec Spec) (*Trace, []decision.Problem) {
	if spec.MemoryLimit <= 0 {
		spec.MemoryLimit = 1 << 20
	}
	length, found := spec.check()
	if len(found) > 0 {
		return nil, found
	}
	t := &Trace{store: store{limit: spec.MemoryLimit}}
	var err error
	if spec.Profile != nil {
		t.digest, t.span, err = expand(ctx, spec, length, &t.store)
	} else {
		t.digest, err = record(ctx, spec, length, &t.store)
	}
	if err == nil {
		err = t.store.finish()
	}
	if err == nil {
		return t, nil
	}
	// The arrivals are thrown away; that the spool could not be closed changes
	// nothing about what is reported.
	_ = t.Close()
	if errors.As(err, &found) {
		return nil, found
	}
	return nil, spec.problem("%v", err)
}

// Len is the number of arrivals, at least 1.
func (t *Trace) Len() int64 { return t.store.n }

// Digest is "sha256:" and the digest of the bytes read, as they are in the file;
// for a profile without a file, of its canonical text.
func (t *Trace) Digest() string { return t.digest }

// Span is how long the windows of a file of rates are, together; 0 for what is
// no such file.
func (t *Trace) Span() time.Duration { return t.span }

// Close removes the spooled arrivals, if there are any.
func (t *Trace) Close() error { return t.store.close() }

// From returns a cursor at the n-th arrival, counted from 0. Many may be open at
// once.
func (t *Trace) From(n int64) Cursor { return t.store.from(n) }

// check finds what contradicts itself or is missing in the Spec, before any file
// is opened.
func (s Spec) check() (length, problems) {
	var found problems
	add := func(wrong bool, message string) {
		if wrong {
			found = append(found, s.problem("%s", message)...)
		}
	}
	c, p := s.Columns, s.Profile
	if p != nil {
		c = p.Columns
	}
	switch {
	case (s.Path == "") == (p == nil):
		add(true, "traffic has neither or both of trace and profile; expected exactly one; remove or add one")
		return length{}, found
	case p == nil:
		add((c.Time == "") == (c.End == ""), "columns has neither or both of time and end; expected exactly one; name the column in which a request's time stands")
		add(c.Start != "" || c.Rate != "", "columns has start or rate; expected them only for a profile; remove them")
	default:
		add(c.Time != "" || c.End != "" || c.Duration != "" || c.OutputTokens != "" || s.Columns != Columns{}, "columns has time, end, duration or outputTokens; expected start and rate for a profile; remove the others")
		add(p.Path != "" && (c.Start == "" || c.Rate == ""), "columns lacks start or rate; expected both for a file of rates; name the columns")
		add(p.Path == "" && (c.Start != "" || c.Rate != ""), "columns has start or rate; expected them only for a file of rates; remove them")
		given := 0
		for _, is := range []bool{p.Hourly != nil, p.Weekly != nil, p.Path != ""} {
			if is {
				given++
			}
		}
		add(given != 1, "the profile has none or several of hourly, weekly and a file of rates; expected exactly one")
		add(p.Hourly != nil && len(p.Hourly) != 24, "the hourly profile does not have 24 rates; expected one for each hour from midnight")
		add(p.Weekly != nil && len(p.Weekly) != 168, "the weekly profile does not have 168 rates; expected one for each hour from Monday 00:00")
		add(p.Path == "" && len(s.Where) > 0, "where is given without a file; expected it only for a trace or a file of rates; remove it")
		add(given == 1 && p.Path == "" && s.Period == 0, "the profile has no period; expected how long it is to be expanded; add period")
	}
	add(s.Period < 0, "period is negative; expected a duration above 0")
	add(s.TimeUnit != 0 && s.TimeUnit != time.Second && s.TimeUnit != time.Millisecond, "timeUnit is neither s nor ms; expected one of them")
	for _, path := range []string{s.Path, s.profilePath()} {
		if path != "" && path != "-" {
			_, _, ok := formatOf(path)
			add(!ok, "cannot be read by its name; expected .csv or .jsonl, each also .gz; convert the file")
		}
	}
	l := s.length(c, add)
	return l, found
}

func (s Spec) profilePath() string {
	if s.Profile == nil {
		return ""
	}
	return s.Profile.Path
}

// A length is how long requests take: a column of durations, or of tokens, or
// neither and the same for all.
type length struct {
	column   string
	tokens   bool
	ttft     int64
	perToken int64
	constant int64
}

func (s Spec) length(c Columns, add func(bool, string)) length {
	r := s.Request
	given := 0
	for _, is := range []bool{c.Duration != "", c.OutputTokens != "", r.Duration != nil, r.OutputTokens != nil} {
		if is {
			given++
		}
	}
	add(given > 1, "the duration of a request is given twice; expected one of columns.duration, columns.outputTokens, request.duration and request.outputTokens; remove the others")
	if given == 0 {
		what := "columns.duration, or columns.outputTokens with request.ttft and request.perOutputToken"
		if s.Profile != nil {
			what = "request.duration, or request.outputTokens with request.ttft and request.perOutputToken"
		}
		add(true, "nothing says how long a request takes; expected "+what+"; add them")
		return length{}
	}
	tokens := c.OutputTokens != "" || r.OutputTokens != nil
	stated := r.TTFT != nil || r.PerOutputToken != nil
	add(tokens && r.TTFT == nil, "output tokens need the time to the first one; add request.ttft")
	add(tokens && r.PerOutputToken == nil, "output tokens need the time that each takes; add request.perOutputToken")
	add(!tokens && stated, "request.ttft and request.perOutputToken are for output tokens, and durations are given; expected one of the two; remove the other")
	for _, d := range []*time.Duration{r.TTFT, r.PerOutputToken, r.Duration} {
		add(d != nil && *d < 0, "a duration of request is negative; expected 0 or more")
	}
	add(r.OutputTokens != nil && *r.OutputTokens < 0, "request.outputTokens is negative; expected 0 or more")
	l := length{column: c.Duration + c.OutputTokens, tokens: c.OutputTokens != "", ttft: nanoseconds(r.TTFT), perToken: nanoseconds(r.PerOutputToken), constant: nanoseconds(r.Duration)}
	if r.OutputTokens != nil && *r.OutputTokens >= 0 {
		var ok bool
		l.constant, ok = l.of(*r.OutputTokens)
		add(!ok, "request.outputTokens take longer than 292 years; expected less")
	}
	return l
}

func nanoseconds(d *time.Duration) int64 {
	if d == nil {
		return 0
	}
	return int64(max(*d, 0))
}

// of is the duration of a request with this many tokens; not ok beyond an int64.
func (l length) of(tokens int64) (int64, bool) {
	steps := max(tokens-1, 0)
	if l.perToken > 0 && steps > (math.MaxInt64-l.ttft)/l.perToken {
		return 0, false
	}
	return l.ttft + steps*l.perToken, true
}

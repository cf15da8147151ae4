package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/caveat-check/caveat/internal/decision"
)

// JSON writes a report as one JSON document, decision by decision. The document
// is that of schemas/report.schema.json, indented by two spaces, without HTML
// escapes, its lists never null, and ends in a newline. Only problems are kept
// in memory: they, and the summary, come last.
//
// After an error nothing more is written, and every call returns that error.
type JSON struct {
	w        io.Writer
	header   decision.Report
	problems []decision.Problem
	waivers  []decision.WaiverUse
	change   *decision.CostChange
	started  bool
	listed   bool // some decision has been written
	closed   bool
	err      error
}

// NewJSON starts a report. Of the header, tool, date and digests count; nothing
// is written before the first decision or Close.
func NewJSON(w io.Writer, header decision.Report) *JSON {
	return &JSON{w: w, header: header, problems: append([]decision.Problem{}, header.Errors...)}
}

func (j *JSON) write(data []byte) error {
	if j.err == nil {
		_, j.err = j.w.Write(data)
	}
	return j.err
}

// start writes what precedes the decisions.
func (j *JSON) start(out *bytes.Buffer) error {
	if j.started {
		return nil
	}
	j.started = true
	out.WriteByte('{')
	for _, member := range []struct {
		name  string
		value any
	}{{"tool", j.header.Tool}, {"asOf", j.header.AsOf}, {"policies", j.header.Policies}, {"catalog", j.header.Catalog}} {
		if err := putMember(out, member.name, member.value); err != nil {
			return err
		}
		out.WriteByte(',')
	}
	out.WriteString("\n  \"decisions\": [")
	return nil
}

var errClosed = errors.New("report: a decision comes after the end")

// Decision adds a decision.
func (j *JSON) Decision(d decision.Decision) error {
	if j.closed && j.err == nil {
		j.err = errClosed
	}
	if j.err != nil {
		return j.err
	}
	var out bytes.Buffer
	if j.err = j.start(&out); j.err != nil {
		return j.err
	}
	if j.listed {
		out.WriteByte(',')
	}
	out.WriteString("\n    ")
	if j.err = put(&out, whole(d), "    "); j.err != nil {
		return j.err
	}
	j.listed = true
	return j.write(out.Bytes())
}

// Problem adds an error to be listed at the end.
func (j *JSON) Problem(p decision.Problem) { j.problems = append(j.problems, p) }

// Waivers sets what became of the waivers, to be listed after the decisions.
func (j *JSON) Waivers(list []decision.WaiverUse) { j.waivers = list }

// CostChange sets what the manifests cost against others, to be told after the
// decisions.
func (j *JSON) CostChange(c *decision.CostChange) { j.change = c }

// Close writes the waivers, the cost change, the errors and the summary, and so
// ends the document. It does not close the writer.
func (j *JSON) Close(summary decision.Summary) error {
	if j.err != nil || j.closed {
		return j.err
	}
	j.closed = true
	var out bytes.Buffer
	if j.err = j.start(&out); j.err != nil {
		return j.err
	}
	if j.listed {
		out.WriteString("\n  ")
	}
	out.WriteString("],")
	if len(j.waivers) > 0 {
		if j.err = putMember(&out, "waivers", j.waivers); j.err != nil {
			return j.err
		}
		out.WriteByte(',')
	}
	if j.change != nil {
		if j.err = putMember(&out, "costChange", j.change); j.err != nil {
			return j.err
		}
		out.WriteByte(',')
	}
	if j.err = putMember(&out, "errors", j.problems); j.err != nil {
		return j.err
	}
	out.WriteByte(',')
	if j.err = putMember(&out, "summary", summary); j.err != nil {
		return j.err
	}
	out.WriteString("\n}\n")
	return j.write(out.Bytes())
}

func putMember(out *bytes.Buffer, name string, value any) error {
	out.WriteString("\n  \"" + name + "\": ")
	return put(out, value, "  ")
}

// put writes a value, its lines after the first behind a prefix.
func put(out *bytes.Buffer, value any, prefix string) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent(prefix, "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the newline that Encode adds
	return nil
}

// whole makes the lists of a decision that are nil empty ones, so that a reader
// meets no null where the schema has a list. What it is given stays as it is.
func whole(d decision.Decision) decision.Decision {
	d.Profiles, d.Conditions = list(d.Profiles), list(d.Conditions)
	d.Cost = wholeCost(d.Cost)
	d.Findings = each(d.Findings, func(f decision.Finding) decision.Finding {
		f.Facts, f.Missing, f.References = wholeFacts(f.Facts), list(f.Missing), list(f.References)
		if f.Reasons != nil {
			f.Reasons = each(f.Reasons, func(r decision.Reason) decision.Reason {
				r.Facts = wholeFacts(r.Facts)
				return r
			})
		}
		return f
	})
	if d.Alternatives != nil {
		d.Alternatives = each(d.Alternatives, func(a decision.Alternative) decision.Alternative {
			a.Conditions, a.Cost = list(a.Conditions), wholeCost(a.Cost)
			return a
		})
	}
	if d.Candidates != nil {
		d.Candidates = each(d.Candidates, func(c decision.Candidate) decision.Candidate {
			c.Open, c.Cost = list(c.Open), wholeCost(c.Cost)
			return c
		})
	}
	if d.Rejected != nil {
		d.Rejected = each(d.Rejected, func(r decision.Rejected) decision.Rejected {
			r.Controls, r.Cost = list(r.Controls), wholeCost(r.Cost)
			return r
		})
	}
	return d
}

func wholeCost(c decision.Cost) decision.Cost {
	c.Excludes, c.Lines = list(c.Excludes), list(c.Lines)
	return c
}

func wholeFacts(facts []decision.Fact) []decision.Fact {
	return each(facts, func(f decision.Fact) decision.Fact {
		f.Sources = list(f.Sources)
		return f
	})
}

func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// each maps a list into a new one that is not nil.
func each[T any](l []T, f func(T) T) []T {
	all := make([]T, len(l))
	for i, item := range l {
		all[i] = f(item)
	}
	return all
}

func writeJSON(w io.Writer, value any) error {
	var out bytes.Buffer
	if err := put(&out, value, ""); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err := w.Write(out.Bytes())
	return err
}

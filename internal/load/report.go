package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/mod/semver"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// maxReport bounds a saved report: a decision takes some 100 KiB.
const maxReport = 1 << 30

// reportMajor is the newest major version of caveat whose reports are of the
// contract of schemas/report.schema.json.
const reportMajor = "v1"

// Report reads a report that `caveat check -o json` wrote, or standard input
// for "-". Version is that of this build: a report of a newer one is a problem,
// and so is one that breaks its schema or contradicts itself: a summary that is
// not that of its decisions, a verdict that is not that of its findings, a total
// that is not that of its lines.
func (l *Loader) Report(path, version string) (decision.Report, []decision.Problem) {
	fail := func(format string, args ...any) (decision.Report, []decision.Problem) {
		return decision.Report{}, []decision.Problem{{Path: path, Message: fmt.Sprintf(format, args...)}}
	}
	const expected = "expected the JSON document that `caveat check -o json` writes"
	data, err := l.readUpTo(path, maxReport)
	var problem decision.Problem
	switch {
	case errors.As(err, &problem):
		return decision.Report{}, []decision.Problem{problem}
	case err != nil:
		return fail("%s", fileWords(err))
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(data)) == 0 {
		return fail("is empty; %s", expected)
	}
	decisions := decisionsReader{path: path, data: data}
	if decisions.schema, err = compilePart("report", true); err != nil {
		return fail("%v", err)
	}
	reader := &jsonReader{path: path, data: data, most: maxReport, list: "decisions", item: decisions.read}
	roots, problems := reader.documents()
	if len(problems) > 0 {
		for i := range problems {
			problems[i].Message = strings.Replace(problems[i].Message, "expected one JSON object; check commas, quotes and brackets", expected, 1)
		}
		return decision.Report{}, problems
	}
	if len(roots) != 1 {
		return fail("holds %d documents; %s", len(roots), expected)
	}
	plain := roots[0].Plain()
	tool, _ := field(plain, "tool").(map[string]any)
	if _, listed := field(plain, "decisions").([]any); tool == nil || !listed {
		return fail("is not a report; %s", expected)
	}
	theirs, _ := tool["version"].(string)
	if newer(theirs, version) {
		return fail("is a report of caveat %s, and this is caveat %s; expected one of the same version or an older one; use that version", theirs, version)
	}
	schema, err := l.schemaNamed("report")
	if err != nil {
		return fail("%v", err)
	}
	if found := append(schema.check(path, roots[0], nil), decisions.problems...); len(found) > 0 {
		sortProblems(found)
		if theirs != version {
			found = append(found, decision.Problem{Path: path, Message: fmt.Sprintf("is a report of caveat %s, and this is caveat %s; use that version, or check again", theirs, version)})
		}
		return decision.Report{}, found
	}
	rest, err := json.Marshal(plain)
	if err != nil {
		return fail("%v; %s", err, expected)
	}
	var report decision.Report
	if err := json.Unmarshal(rest, &report); err != nil {
		return fail("%v; %s", err, expected)
	}
	if _, err := time.Parse(time.DateOnly, report.AsOf); err != nil {
		return fail("asOf is %q, which is no day; %s, unchanged", report.AsOf, expected)
	}
	report.Decisions = decisions.list
	if counted := count(report); counted != report.Summary {
		return fail("summary says %s and the decisions come to %s; %s, unchanged", sums(report.Summary), sums(counted), expected)
	}
	return report, nil
}

// A decisionsReader checks and decodes the decisions of a report one by one: as
// nodes with their places, all of them would take fifty times the file.
type decisionsReader struct {
	path     string
	data     []byte
	schema   *schema // of a report of which only the decisions are there
	list     []decision.Decision
	problems []decision.Problem
}

func (r *decisionsReader) read(node *document.Node, start, end int) {
	i := len(r.list)
	r.list = append(r.list, decision.Decision{})
	one := &document.Node{Kind: document.List, Items: []*document.Node{node}, Line: node.Line, Column: node.Column}
	root := &document.Node{
		Kind: document.Map, Line: node.Line, Column: node.Column,
		Fields: map[string]*document.Node{"decisions": one}, Keys: []document.Key{{Name: "decisions", Line: node.Line, Column: node.Column}},
	}
	found := r.schema.check(r.path, root, nil)
	for j := range found {
		found[j].Message = strings.ReplaceAll(found[j].Message, "decisions[0]", fmt.Sprintf("decisions[%d]", i))
	}
	if len(found) == 0 {
		said := ""
		if err := json.Unmarshal(r.data[start:end], &r.list[i]); err != nil {
			said = err.Error()
		} else if why := contradiction(r.list[i]); why != "" {
			said = fmt.Sprintf("decisions[%d]: %s; expected the document as `caveat check -o json` wrote it", i, why)
		}
		if said != "" {
			found = append(found, decision.Problem{Path: r.path, Line: node.Line, Column: node.Column, Message: said})
		}
	}
	r.problems = append(r.problems, found...)
}

// contradiction says what of a decision is not what other parts of it come to, or
// "": its verdict, and the totals of what it lists.
func contradiction(d decision.Decision) string {
	if len(d.Findings) == 0 {
		return "it has no findings, and nothing checked is no verdict"
	}
	if v := decision.VerdictOf(d.Findings); v != d.Verdict {
		return fmt.Sprintf("the verdict is %s, and the findings come to %s", d.Verdict, v)
	}
	for _, c := range d.Costs() {
		known, whole := decimal.Zero, true
		for _, line := range c.Lines {
			if line.Amount == nil {
				whole = false
				continue
			}
			known = known.Add(*line.Amount)
		}
		switch {
		case !c.Known.Equal(known):
			return fmt.Sprintf("known is %s, and the lines come to %s", c.Known, known)
		case c.Expected != nil && !(whole && c.Expected.Equal(known)):
			return fmt.Sprintf("expected is %s, and the known lines come to %s", c.Expected, known)
		}
	}
	return ""
}

// count makes the summary of a report anew.
func count(r decision.Report) decision.Summary {
	s := decision.Summary{Errors: len(r.Errors)}
	for _, d := range r.Decisions {
		switch d.Verdict {
		case decision.Passed:
			s.Pass++
		case decision.Failed:
			s.Fail++
		default:
			s.Review++
		}
	}
	return s
}

func sums(s decision.Summary) string {
	return fmt.Sprintf("%d pass, %d fail, %d review and %d errors", s.Pass, s.Fail, s.Review, s.Errors)
}

func field(value any, name string) any {
	object, _ := value.(map[string]any)
	return object[name]
}

// newer reports whether a report's version is beyond what this build reads. A
// build without a version of its own goes by the major version alone.
func newer(theirs, ours string) bool {
	canonical := func(version string) string {
		if version != "" && !strings.HasPrefix(version, "v") {
			version = "v" + version
		}
		return version
	}
	theirs, ours = canonical(theirs), canonical(ours)
	if !semver.IsValid(theirs) {
		return false
	}
	if semver.Compare(semver.Major(theirs), reportMajor) > 0 {
		return true
	}
	return semver.IsValid(ours) && semver.Compare(theirs, ours) > 0
}

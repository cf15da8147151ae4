package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
)

// A group orders findings as they are read: what refuses, what is open, advice,
// what was waived, what is fine.
type group uint8

const (
	refused group = iota
	open
	advice
	waived
	passed
	elsewhere
)

func groupOf(f decision.Finding) group {
	switch {
	case f.Status == decision.NotApplicable:
		return elsewhere
	case f.Status == decision.Pass:
		return passed
	case f.Status == decision.Waived:
		return waived
	case !f.Required:
		return advice
	case f.Status == decision.Fail:
		return refused
	default:
		return open
	}
}

// severities in ascending order; another word comes before all of them.
var severities = []string{"low", "medium", "high", "critical"}

// ordered are findings in the order in which they are read.
func ordered(all []decision.Finding) []decision.Finding {
	findings := slices.Clone(all)
	slices.SortStableFunc(findings, func(a, b decision.Finding) int {
		return cmp.Or(
			cmp.Compare(groupOf(a), groupOf(b)),
			-cmp.Compare(rankOf(a), rankOf(b)),
			-cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)),
			cmp.Compare(a.Control, b.Control),
		)
	})
	return findings
}

func (v *view) findings() {
	findings := ordered(v.decision.Findings)
	var passes, required int
	var rest []string
	last := passed
	v.blank()
	for i, f := range findings {
		g := groupOf(f)
		switch g {
		case elsewhere:
			rest = append(rest, f.Control)
			continue
		case passed:
			passes++
			if f.Required {
				required++
			}
			if !v.verbose {
				continue
			}
		}
		if i > 0 && g != last {
			v.blank()
		}
		last = g
		v.finding(f)
	}
	if len(findings) == 0 {
		v.flow([]piece{indent(2)}, 4, text("no control was decided"))
		return
	}
	v.tally(passes, required, rest, last != passed || v.verbose && passes > 0)
}

// rankOf puts a failed piece of advice before an unknown one.
func rankOf(f decision.Finding) int {
	if f.Status == decision.Fail {
		return 1
	}
	return 0
}

// tally counts what is fine, apart from findings above it.
func (v *view) tally(passes, required int, rest []string, apart bool) {
	var parts []string
	if passes > 0 {
		all := fmt.Sprintf("%d passed", passes)
		if required < passes {
			all += fmt.Sprintf(" (%d required)", required)
		}
		parts = append(parts, all)
	}
	if len(rest) > 0 {
		parts = append(parts, fmt.Sprintf("%d not applicable", len(rest)))
	}
	if len(parts) == 0 {
		return
	}
	if apart {
		v.blank()
	}
	mark := styled("✓", good)
	if passes == 0 {
		mark = styled("–", faint)
	}
	line := strings.Join(parts, ", ")
	if !v.verbose {
		line += " (-v shows them)"
	}
	v.flow([]piece{indent(2), mark, text(" ")}, 4, text(line))
	if v.verbose && len(rest) > 0 {
		slices.Sort(rest)
		v.flow([]piece{indent(4)}, 4, styled("not applicable: "+strings.Join(rest, ", "), faint))
	}
}

// finding writes one finding: its mark and severity, the control, where in the
// manifest, the message, and beneath it what it rests on.
func (v *view) finding(f decision.Finding) {
	mark, k := "?", doubt
	word := or(f.Severity, "unrated")
	switch f.Status {
	case decision.Fail:
		mark, k = "✗", bad
	case decision.Pass:
		mark, k = "✓", good
	case decision.Waived:
		mark, k, word = "~", doubt, "waived"
	}
	if f.Fault != "" {
		mark = "!"
	}
	control := []piece{styled(f.Control, strong)}
	if groupOf(f) == advice {
		word = "advice"
	}
	if word != f.Severity && f.Severity != "" {
		control = append(control, styled(nbsp+"("+f.Severity+")", faint))
	}
	head := []piece{indent(2), styled(mark, k), text(" "), styled(fmt.Sprintf("%-*s", gutter-6, word), k), text("  ")}
	if len(f.Reasons) > 1 {
		reasons := []piece{styled(count(len(f.Reasons), "reason", "reasons"), faint)}
		v.flow(head, gutter, join(wide, control, reasons)...)
		for _, r := range f.Reasons {
			v.flow([]piece{indent(gutter)}, gutter+2, join(wide, v.place(r.Location), []piece{text(r.Message)})...)
			v.facts(f.Status, r.Facts, gutter+2)
		}
	} else {
		v.under(head, join(wide, control, v.place(f.Location)), gutter, text(or(f.Message, f.Title)))
		v.facts(f.Status, f.Facts, gutter)
	}
	if f.Waiver != nil {
		v.waiver(f)
	}
	if f.Status != decision.Waived || v.verbose {
		v.gaps(f)
	}
	if f.Remediation != "" && (f.Status == decision.Fail || v.verbose) {
		v.flow([]piece{indent(gutter), styled("→ ", k)}, gutter+2, text(f.Remediation))
	}
	if v.verbose && len(f.References) > 0 {
		var ids []string
		for _, r := range f.References {
			ids = append(ids, strings.ReplaceAll(r.Framework+" "+r.ID, " ", nbsp))
		}
		v.flow([]piece{indent(gutter)}, gutter+2, styled(strings.Join(ids, ", "), faint))
	}
}

// place is short for the manifest itself: ":12".
func (v *view) place(at decision.Location) []piece {
	switch {
	case at.Line == 0:
		return nil
	case at.Path == v.decision.Manifest.Path:
		return []piece{styled(fmt.Sprintf(":%d", at.Line), faint)}
	default:
		return []piece{styled(fmt.Sprintf("%s:%d", at.Path, at.Line), faint)}
	}
}

// most is how many facts, and how many gaps, of a finding are shown without -v.
const most = 3

// facts writes the claims behind a refusal, and with -v behind any finding:
// the place in the vendor document and its sources. Without -v only the first
// source of each is named, in the order of the document.
func (v *view) facts(status decision.Status, facts []decision.Fact, column int) {
	if status != decision.Fail && !v.verbose {
		return
	}
	for i, f := range facts {
		if i == most && !v.verbose {
			v.more(column, len(facts)-most, "fact", "facts")
			return
		}
		sources := f.Sources
		if len(sources) > 1 && !v.verbose {
			sources = sources[:1]
		}
		head := []piece{indent(column), styled(lineOf(f.Path, f.Line)+"  ", faint)}
		if len(sources) == 0 {
			v.flow(head, column+2, styled("no source", faint))
			continue
		}
		for _, s := range sources {
			says := evidence(s)
			if rest := len(f.Sources) - len(sources); rest > 0 {
				says += fmt.Sprintf(", and %d more", rest)
			}
			where := styled(address(s), faint)
			if v.fits(head, where, styled(wide+says, faint)) {
				v.flow(head, column+2, where, styled(wide+says, faint))
			} else {
				v.flow(head, column+2, where)
				v.flow([]piece{indent(column + 2)}, column+2, styled(says, faint))
			}
			head = []piece{indent(column + 2)}
		}
	}
}

func (v *view) more(column, n int, one, many string) {
	v.flow([]piece{indent(column)}, column+2, styled(fmt.Sprintf("and %s (-v shows them)", count(n, "more "+one, "more "+many)), faint))
}

func lineOf(path string, line int) string {
	if line == 0 {
		return path
	}
	return fmt.Sprintf("%s:%d", path, line)
}

// address is where a source can be read: its URL without the scheme, else the
// document's reference.
func address(s decision.Source) string {
	for _, a := range []string{strings.TrimPrefix(strings.TrimPrefix(s.URL, "https://"), "http://"), s.Document} {
		if a != "" {
			return strings.TrimSuffix(a, "/")
		}
	}
	return s.ID
}

// evidence says what kind of source it is and how old: "documented, undated,
// read 2026-11-23, stored copy".
func evidence(s decision.Source) string {
	parts := []string{s.Kind}
	if dated(s.Published) {
		parts = append(parts, "published "+s.Published)
	} else {
		parts = append(parts, "undated")
	}
	read := "read " + s.Read
	if !dated(s.Read) {
		read = "date of reading unknown"
	}
	if s.Copy == "stored" {
		read += ", stored copy"
	}
	parts = append(parts, read)
	if s.Effective != "" || s.Until != "" {
		parts = append(parts, "in force "+or(s.Effective, "unknown")+" to "+or(s.Until, "unknown"))
	}
	return strings.Join(parts, ", ")
}

func dated(day string) bool { return day != "" && day != "unknown" }

// A need is what one party has to supply, at one place.
type need struct {
	gap   decision.Gap
	above string
	names []string
}

// gaps writes what keeps a proof from holding, and who can supply it.
func (v *view) gaps(f decision.Finding) {
	if v.verbose {
		for _, gap := range f.Missing {
			body := []piece{text(whom(gap) + " "), text(pointer(gap))}
			body = append(body, styled(" ("+commas(because(gap.Reason), v.near(gap))+")", faint))
			v.flow([]piece{indent(gutter)}, gutter+2, body...)
		}
		return
	}
	var needs []need
	for _, gap := range f.Missing {
		above, name := split(pointer(gap))
		i := slices.IndexFunc(needs, func(n need) bool {
			return n.above == above && n.gap.Ask == gap.Ask && n.gap.Document == gap.Document
		})
		if i < 0 {
			needs = append(needs, need{gap: gap, above: above})
			i = len(needs) - 1
		}
		if !slices.Contains(needs[i].names, name) {
			needs[i].names = append(needs[i].names, name)
		}
	}
	for i, n := range needs {
		if i == most {
			v.more(gutter, len(needs)-most, "open fact", "open facts")
			return
		}
		where := pointer(n.gap)
		if len(n.names) > 1 {
			where = n.above + ": " + strings.Join(n.names, ", ")
		}
		body := []piece{text(whom(n.gap) + " "), text(where)}
		if near := v.near(n.gap); near != "" {
			body = append(body, styled(" ("+near+")", faint))
		}
		v.flow([]piece{indent(gutter)}, gutter+2, body...)
	}
}

// near is the place of a gap; none for the manifest, whose line the finding
// has already.
func (v *view) near(gap decision.Gap) string {
	if gap.Path == "" || gap.Path == v.decision.Manifest.Path && !v.verbose {
		return ""
	}
	if gap.Path == v.decision.Manifest.Path {
		return fmt.Sprintf(":%d", gap.Line)
	}
	return lineOf(gap.Path, gap.Line)
}

func commas(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

// whom names who can close a gap.
func whom(gap decision.Gap) string {
	switch {
	case gap.Document == "workload":
		return "say in the manifest:"
	case gap.Ask == "us":
		return "ours to show:"
	case gap.Ask == "catalog":
		return "catalog to update:"
	case gap.Document != "":
		return "ask" + nbsp + gap.Document + ":"
	default:
		return "ask the vendor:"
	}
}

func because(reason string) string {
	switch reason {
	case "absent":
		return "no source says it"
	case "stale":
		return "too old or not in force"
	case "undated":
		return "carries no date"
	case "kind":
		return "needs another kind of source"
	case "conflict":
		return "sources contradict each other"
	case "undeclared":
		return "not declared"
	default:
		return reason
	}
}

func pointer(gap decision.Gap) string { return strings.TrimPrefix(gap.Pointer, "/workload") }

func split(pointer string) (above, name string) {
	i := strings.LastIndexByte(pointer, '/')
	if i <= 0 {
		return "", pointer
	}
	return pointer[:i], pointer[i+1:]
}

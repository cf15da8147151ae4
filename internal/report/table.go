// Package report writes decisions, vendor documents and controls for people and
// programs. It decides and computes nothing: what it shows was decided, and
// only what is shown is rounded.
package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// A Table writes for people: to W, in lines of at most Width runes (0 is 80,
// the least is 60), with ANSI colours if Color, and with what usually is only
// counted if Verbose. Words are never cut, so that an address or a path longer
// than a line stands on a line of its own.
type Table struct {
	W       io.Writer
	Width   int
	Color   bool
	Verbose bool

	decisions int
}

func (t *Table) page() *page { return newPage(t.Width, t.Color) }

// Decision writes one decision: verdict and offering, findings, conditions,
// cost, and what else there is to buy.
func (t *Table) Decision(d decision.Decision) error {
	p := t.page()
	if t.decisions > 0 {
		p.blank()
	}
	t.decisions++
	v := view{page: p, decision: d, verbose: t.Verbose}
	v.headline()
	v.findings()
	v.conditions()
	v.cost()
	v.others()
	return p.writeTo(t.W)
}

// Summary writes how many decisions there were of each verdict.
func (t *Table) Summary(s decision.Summary) error {
	p := t.page()
	if t.decisions > 0 {
		p.blank()
	}
	checked := s.Pass + s.Review + s.Fail
	body := []piece{text("nothing was checked")}
	if checked > 0 {
		body = []piece{styled(count(checked, "decision", "decisions"), strong), text(":")}
		for _, part := range []struct {
			n     int
			name  string
			style style
		}{{s.Pass, "pass", good}, {s.Review, "review", doubt}, {s.Fail, "fail", bad}} {
			k := part.style
			if part.n == 0 {
				k = faint
			}
			body = append(body, text(" "), styled(fmt.Sprintf("%d%s%s", part.n, nbsp, part.name), k), text(","))
		}
		body = body[:len(body)-1]
	}
	if s.Errors > 0 {
		body = append(body, text("; "), styled(count(s.Errors, "error", "errors"), bad))
	}
	p.flow(nil, 2, body...)
	return p.writeTo(t.W)
}

// view is the layout of one decision.
type view struct {
	*page
	decision decision.Decision
	verbose  bool
}

// The columns of a decision: findings hang under the control, and the sections
// after them under their titles.
const (
	gutter = 14 // "  ✗ critical  "
	labels = 14 // "  Conditions  "
)

func verdictStyle(v decision.Verdict) (string, style) {
	switch v {
	case decision.Passed:
		return "PASS", goodVerdict
	case decision.Failed:
		return "FAIL", badVerdict
	default:
		return "REVIEW", doubtVerdict
	}
}

func (v *view) headline() {
	d := v.decision
	word, k := verdictStyle(d.Verdict)
	path := d.Manifest.Path
	if d.Manifest.Document > 0 {
		path += fmt.Sprintf(" (document %d)", d.Manifest.Document+1)
	}
	left := []piece{styled(word, k), text(wide), styled(or(d.Manifest.Name, "unnamed"), strong)}
	v.ends(left, []piece{styled(path, faint)})
	offering := v.offering(d.Offering, nil)
	v.flow([]piece{indent(6)}, 8, offering...)
	var context []string
	if d.Stage != "" {
		context = append(context, "stage"+nbsp+d.Stage)
	}
	if len(d.Profiles) > 0 {
		context = append(context, "profiles "+strings.Join(d.Profiles, ", "))
	}
	if d.Manifest.Owner != "" {
		context = append(context, "owner"+nbsp+d.Manifest.Owner)
	}
	if len(context) > 0 {
		v.flow([]piece{indent(6)}, 8, styled(strings.Join(context, nbsp+"· "), faint))
	}
}

// offering names an offering; what it shares with another one is left out: the
// GPUs.
func (v *view) offering(o decision.Offering, beside *decision.Offering) []piece {
	what := []string{o.Vendor}
	if o.Product != "" {
		what[0] += nbsp + o.Product
	}
	hosting := o.Hosting
	if o.Infrastructure != "" {
		hosting += nbsp + "on" + nbsp + o.Infrastructure
	}
	for _, part := range []string{o.Plan, hosting, o.Region} {
		if part != "" {
			what = append(what, part)
		}
	}
	machine := or(o.SKU, "no"+nbsp+"SKU")
	if o.GPU != "" {
		machine = fmt.Sprintf("%d×%s%s", o.Count, nbsp, o.GPU)
		if named(o.SKU) != named(o.GPU) && o.SKU != "" {
			machine += nbsp + "(" + o.SKU + ")"
		}
	}
	if beside != nil && o.GPU == beside.GPU && o.Count == beside.Count && (o.GPU != "" || o.SKU == beside.SKU) {
		machine = ""
		if named(o.SKU) != named(o.GPU) && o.SKU != beside.SKU {
			machine = o.SKU
		}
	}
	if machine != "" {
		what = append(what, machine)
	}
	if o.Capacity != "" && o.Capacity != "on-demand" {
		what = append(what, o.Capacity)
	}
	return []piece{text(strings.Join(what, nbsp+"· "))}
}

// named makes "h100" and "H100" alike.
func named(id string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_. ", r) {
			return -1
		}
		return r
	}, strings.ToLower(id))
}

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

func (v *view) findings() {
	findings := slices.Clone(v.decision.Findings)
	slices.SortStableFunc(findings, func(a, b decision.Finding) int {
		return cmp.Or(
			cmp.Compare(groupOf(a), groupOf(b)),
			-cmp.Compare(rankOf(a), rankOf(b)),
			-cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)),
			cmp.Compare(a.Control, b.Control),
		)
	})
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
	if last != passed || v.verbose && passes > 0 {
		v.blank()
	}
	v.tally(passes, required, rest)
}

// rankOf puts a failed piece of advice before an unknown one.
func rankOf(f decision.Finding) int {
	if f.Status == decision.Fail {
		return 1
	}
	return 0
}

func (v *view) tally(passes, required int, rest []string) {
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
			v.under([]piece{indent(gutter)}, v.place(r.Location), gutter, text(r.Message))
			v.facts(f.Status, r.Facts)
		}
	} else {
		v.under(head, join(wide, control, v.place(f.Location)), gutter, text(or(f.Message, f.Title)))
		v.facts(f.Status, f.Facts)
	}
	v.gaps(f)
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
func (v *view) facts(status decision.Status, facts []decision.Fact) {
	if status != decision.Fail && !v.verbose {
		return
	}
	for i, f := range facts {
		if i == most && !v.verbose {
			v.more(len(facts)-most, "fact", "facts")
			return
		}
		sources := f.Sources
		if len(sources) > 1 && !v.verbose {
			sources = sources[:1]
		}
		head := []piece{indent(gutter), styled(lineOf(f.Path, f.Line)+"  ", faint)}
		if len(sources) == 0 {
			v.flow(head, gutter+2, styled("no source", faint))
			continue
		}
		for _, s := range sources {
			says := evidence(s)
			if rest := len(f.Sources) - len(sources); rest > 0 {
				says += fmt.Sprintf(", and %d more", rest)
			}
			where := styled(address(s), faint)
			if v.fits(head, where, styled(wide+says, faint)) {
				v.flow(head, gutter+2, where, styled(wide+says, faint))
			} else {
				v.flow(head, gutter+2, where)
				v.flow([]piece{indent(gutter + 2)}, gutter+2, styled(says, faint))
			}
			head = []piece{indent(gutter + 2)}
		}
	}
}

func (v *view) more(n int, one, many string) {
	v.flow([]piece{indent(gutter)}, gutter+2, styled(fmt.Sprintf("and %s (-v shows them)", count(n, "more "+one, "more "+many)), faint))
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
			body = append(body, styled(" ("+join2(because(gap.Reason), v.near(gap))+")", faint))
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
			v.more(len(needs)-most, "open fact", "open facts")
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

func join2(a, b string) string {
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

func (v *view) conditions() {
	if len(v.decision.Conditions) == 0 {
		return
	}
	v.blank()
	head := []piece{indent(2), styled("Conditions", strong), indent(labels - 12)}
	for _, c := range v.decision.Conditions {
		v.flow(append(head, text("• ")), labels+2, text(c))
		head = []piece{indent(labels)}
	}
}

func (v *view) cost() {
	c := v.decision.Cost
	v.blank()
	body := []piece{styled(totalInWords(c), strong)}
	if used := usage(v.decision.Offering, c); used != "" {
		body = append(body, text(" for "+used))
	}
	if c.GPUHour != nil {
		body = append(body, text(" ("+hourly(c.Currency, *c.GPUHour)+" a"+nbsp+"GPU-hour)"))
	}
	v.section("Cost", body...)
	if v.verbose {
		v.lines()
	} else {
		v.unknownLines()
	}
	v.asOf()
	if len(c.Excludes) > 0 {
		v.section("", styled("not included: "+strings.Join(c.Excludes, ", "), faint))
	}
}

// section writes a paragraph beside a title.
func (v *view) section(title string, body ...piece) {
	v.label(styled(title, strong), 2, labels-4, 0, body...)
}

func (v *view) unknownLines() {
	var parts []string
	for _, line := range v.decision.Cost.Lines {
		if line.Amount != nil {
			continue
		}
		part := line.Item
		if line.Why != "" {
			part += " (" + line.Why + ")"
		}
		parts = append(parts, part)
	}
	if len(parts) > 0 {
		v.section("", styled("not known:", doubt), text(" "+strings.Join(parts, "; ")))
	}
}

// asOf says which lines rest on a price that is older than prices may be.
func (v *view) asOf() {
	var days []string
	items := map[string][]string{}
	for _, line := range v.decision.Cost.Lines {
		if line.AsOf == "" {
			continue
		}
		if _, ok := items[line.AsOf]; !ok {
			days = append(days, line.AsOf)
		}
		items[line.AsOf] = append(items[line.AsOf], line.Item)
	}
	slices.Sort(days)
	for _, day := range days {
		word := "price of " + day + ":"
		if !dated(day) {
			word = "price of an unknown date:"
		}
		v.section("", styled(word, doubt), text(" "+strings.Join(items[day], ", ")))
	}
}

// lines writes every line of the cost, and their sum, with all digits.
func (v *view) lines() {
	c := v.decision.Cost
	sum := decision.Line{Item: "total", Amount: c.Expected}
	if c.Expected == nil && !c.Known.IsZero() {
		sum.Item, sum.Amount = "known", &c.Known
	}
	lines := append(slices.Clone(c.Lines), sum)
	currency := c.Currency
	items, amounts := 0, 0
	for _, line := range lines {
		items = max(items, width([]piece{text(line.Item)}))
		amounts = max(amounts, width([]piece{text(amountOf(currency, line))}))
	}
	for _, line := range lines {
		amount := amountOf(currency, line)
		head := []piece{indent(labels), text(line.Item), indent(items - width([]piece{text(line.Item)}) + 2 + amounts - width([]piece{text(amount)})), text(amount)}
		var body []piece
		if line.Rate != nil {
			quantity := "?"
			if line.Quantity != nil {
				quantity = line.Quantity.String()
			}
			body = append(body, text("= "+strings.TrimSuffix(quantity+nbsp+line.Unit, nbsp)+" ×"+nbsp+line.Rate.String()))
		}
		if line.Low != nil && line.High != nil && !line.Low.Equal(*line.High) {
			body = append(body, text(wide+fmt.Sprintf("between %s and %s", exactly(currency, *line.Low), exactly(currency, *line.High))))
		}
		if line.Why != "" {
			body = append(body, text(wide), styled(line.Why, doubt))
		}
		hang := labels + 2
		if full := width(head) + 2; full+30 <= v.width {
			hang = full
		}
		v.flow(append(head, text("  ")), hang, body...)
	}
}

func amountOf(currency string, line decision.Line) string {
	if line.Amount == nil {
		return "unknown"
	}
	return exactly(currency, *line.Amount)
}

// perHour is how many of a unit of time make an hour.
var perHour = map[string]int64{"second": 3600, "minute": 60, "hour": 1}

// usage words the time that is billed on the machines: "40 GPU-hours".
func usage(o decision.Offering, c decision.Cost) string {
	for _, item := range []string{"gpu", "infrastructure", "cpu"} {
		i := slices.IndexFunc(c.Lines, func(l decision.Line) bool { return l.Item == item })
		if i < 0 || c.Lines[i].Quantity == nil {
			continue
		}
		quantity, per := *c.Lines[i].Quantity, perHour[c.Lines[i].Unit]
		if per == 0 {
			continue
		}
		hours := quantity.DivRound(decimal.NewFromInt(per), 2)
		exact := hours.Mul(decimal.NewFromInt(per)).Equal(quantity)
		unit := "billed hours" // of GPUs or of whole machines: the line does not say
		switch {
		case item == "cpu":
			unit = "hours"
		case o.GPU != "" && o.Count <= 1:
			unit = "GPU-hours"
		}
		number := hours.String()
		if !exact {
			number = "≈" + nbsp + number
		}
		return number + nbsp + unit
	}
	return ""
}

// hourly shows a price of an hour to four decimal places, at which prices by
// the second still differ.
func hourly(currency string, price decimal.Decimal) string {
	return exactly(currency, price.RoundBank(4))
}

// others writes what else there is to buy.
func (v *view) others() {
	d := v.decision
	var rows []row
	for _, a := range d.Alternatives {
		r := row{rank: fmt.Sprint(a.Rank), offering: a.Offering, cost: a.Cost, difference: "–"}
		if a.Difference != nil {
			r.difference = difference(a.Cost.Currency, *a.Difference)
			r.style = plain
			if a.Difference.IsNegative() {
				r.style = good
			}
		}
		if len(a.Conditions) > 0 {
			r.notes = append(r.notes, "on condition: "+strings.Join(a.Conditions, "; "))
		}
		rows = append(rows, r)
	}
	if len(rows) > 0 {
		v.offers("Alternatives", true, rows)
	} else if len(d.Candidates)+len(d.Rejected) > 0 {
		v.blank()
		v.flow([]piece{indent(2), styled("Alternatives", strong), text("  ")}, labels, text("no other offering passes"))
	}
	rows = nil
	for _, c := range d.Candidates {
		rows = append(rows, row{offering: c.Offering, cost: c.Cost, notes: []string{"open: " + strings.Join(c.Open, ", ")}})
	}
	v.offers("In review", false, rows)
	rows = nil
	for _, r := range d.Rejected {
		rows = append(rows, row{offering: r.Offering, cost: r.Cost, notes: []string{"refused by " + strings.Join(r.Controls, ", ")}})
	}
	v.offers("Cheaper, but refused", false, rows)
	v.premium()
}

// A row is one offering with what it costs.
type row struct {
	rank       string
	offering   decision.Offering
	cost       decision.Cost
	difference string
	style      style
	notes      []string
}

// offers writes a table of offerings under a title; none without rows.
func (v *view) offers(title string, ranked bool, rows []row) {
	if len(rows) == 0 {
		return
	}
	const month, against = "a month", "difference"
	amounts, differences := len(month), 0
	if ranked {
		differences = len(against)
	}
	falls := false
	for _, r := range rows {
		amounts = max(amounts, width([]piece{text(total(r.cost))}))
		differences = max(differences, width([]piece{text(r.difference)}))
		falls = falls || r.cost.Expected == nil && r.cost.MayFall() && !r.cost.Known.IsZero()
	}
	left := 2
	if ranked {
		left = 5
	}
	right := v.width - 2 - amounts
	if ranked {
		right -= 2 + differences
	}
	tail := func(amount, difference string, k style) []piece {
		all := []piece{indent(2 + amounts - width([]piece{text(amount)})), text(amount)}
		if ranked {
			all = append(all, indent(2+differences-width([]piece{text(difference)})), styled(difference, k))
		}
		return all
	}
	v.blank()
	heading := []piece{indent(2), styled(title, strong)}
	heading = append(heading, indent(right-width(heading)))
	for _, part := range tail(month, against, faint) {
		heading = append(heading, styled(part.text, faint))
	}
	v.line(heading...)
	for _, r := range rows {
		// The offering is wrapped in its own column, its amounts beside the
		// first line.
		head := []piece{indent(left)}
		if ranked {
			head = []piece{indent(2), text(r.rank), indent(left - 2 - len(r.rank))}
		}
		lines := wrap(right, head, left+2, v.offering(r.offering, &v.decision.Offering))
		if gap := right - width(lines[0]); gap < 0 {
			v.line(lines[0]...)
			lines[0] = []piece{indent(right)}
		} else {
			lines[0] = append(lines[0], indent(gap))
		}
		lines[0] = append(lines[0], tail(total(r.cost), r.difference, r.style)...)
		for _, line := range lines {
			v.line(line...)
		}
		notes := r.notes
		if open := unknownItems(r.cost); open != "" {
			notes = append(slices.Clone(notes), "price not known: "+open)
		}
		for _, n := range notes {
			v.flow([]piece{indent(left + 2)}, left+4, styled(n, faint))
		}
	}
	if falls {
		v.flow([]piece{indent(2)}, 4, styled("? what is not known may lower the amount", faint))
	}
}

// unknownItems names the lines of a cost that are not known.
func unknownItems(c decision.Cost) string {
	var items []string
	for _, line := range c.Lines {
		if line.Amount == nil {
			items = append(items, line.Item)
		}
	}
	return strings.Join(items, ", ")
}

// premium writes the price of compliance.
func (v *view) premium() {
	d := v.decision
	if d.Premium == nil {
		return
	}
	v.blank()
	cheapest := v.offering(d.Premium.Cheapest, &d.Offering)
	if d.Premium.Amount.IsZero() {
		v.flow([]piece{indent(2)}, 4, append([]piece{text("Compliance costs nothing more: the cheapest of all passes (")}, append(cheapest, text(")"))...)...)
		return
	}
	body := []piece{text("Compliance costs "), styled(money(v.currency(), d.Premium.Amount, nearest)+" a month more", strong), text(" than the cheapest of all ("), cheapest[0], text("); the cheapest that passes is "), v.offering(d.Premium.Compliant, &d.Offering)[0]}
	v.flow([]piece{indent(2)}, 4, body...)
}

// currency is that of the premium, which has none of its own: of the offering
// that passes.
func (v *view) currency() string {
	for _, a := range v.decision.Alternatives {
		if a.Offering == v.decision.Premium.Compliant {
			return a.Cost.Currency
		}
	}
	for _, a := range v.decision.Alternatives {
		if a.Cost.Expected != nil {
			return a.Cost.Currency
		}
	}
	return v.decision.Cost.Currency
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1" + nbsp + one
	}
	return fmt.Sprintf("%d%s%s", n, nbsp, many)
}

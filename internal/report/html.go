package report

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

//go:embed html.tmpl
var htmlText string

// newHTML writes one page that needs nothing else: no script, no font, no
// picture from anywhere. It says everything that the report says of findings and
// costs, whatever the options.
func newHTML(w io.Writer, header decision.Report, _ Options) Writer {
	return newPages(w, header, func(out *bytes.Buffer, r decision.Report) error {
		page, err := template.New("html").Parse(htmlText)
		if err != nil {
			return fmt.Errorf("html: %w", err)
		}
		return page.Execute(out, newHTMLPage(r))
	})
}

// An htmlPage is what the template shows, worded.
type htmlPage struct {
	Tool, AsOf, Policies, Catalog string
	Headline                      string
	Counts                        []htmlCount
	Problems                      []string
	Signs                         []string // what stands before a total, explained
	Change                        string   // what the manifests cost against others
	Changes                       []string
	Waivers                       []htmlUse
	Legend                        []htmlMark
	Controls                      []string
	Workloads                     []htmlWorkload
}

// An htmlUse is what became of one waiver.
type htmlUse struct {
	Mark                       htmlMark
	Name, Control, At, Message string
}

type htmlCount struct {
	Number int
	Mark   htmlMark
}

// An htmlMark is a status or verdict: the class has the colour, and sign and
// word say it without.
type htmlMark struct{ Class, Sign, Word string }

type htmlWorkload struct {
	ID, Name, Path, Offering string
	Apart                    string // what tells it from others of its name
	Verdict                  htmlMark
	Marks                    []htmlMark  // the verdict, and how many findings are waived
	About, Origin            [][2]string // what matters first, and what it rests on
	Fails, Open              int
	Total                    string
	Gravest                  *htmlFinding // of what keeps it from passing
	Cells                    []htmlCell
	Conditions               []string
	Findings                 []htmlFinding // that refuse, are open or waived
	Advice                   []htmlFinding
	Passed                   []htmlFinding
	Elsewhere                string // controls that do not apply
	CostWords                []string
	Lines                    []htmlLine
	Else                     string // what else there is to buy, in a sentence
	Offers                   []htmlOffer
	Signs                    []string // of the offers
	Charted                  bool
	Notes                    []string
}

// An htmlCell is one control in the row of a workload.
type htmlCell struct {
	Mark    htmlMark
	Href    string
	Control string
	Advice  bool
}

type htmlFinding struct {
	ID, Control, Title, Severity string
	Mark                         htmlMark
	Required                     bool
	Grounds                      []htmlGround
	Missing                      []htmlGap
	Remediation, References      string
	Fault, Waiver                string
}

type htmlGround struct {
	Control, At, Message string
	Evidence             []htmlEvidence
}

type htmlEvidence struct{ At, Pointer, Source, URL, Kind, Published, Read, More string }

type htmlGap struct{ Whom, Pointer, Why, Near string }

type htmlLine struct{ Item, Quantity, Rate, Range, Amount, Why string }

// An htmlOffer is a bar of the chart with its words. The numbers are thousandths
// of the widest bar.
type htmlOffer struct {
	Standing               htmlMark
	Offering               string
	Total, Difference      string
	Notes                  []string
	Bar, From, Span        int
	Drawn, Ranged, AtLeast bool
}

// gravest are the statuses, the gravest first.
var gravest = []decision.Status{decision.Fail, decision.Unknown, decision.Waived, decision.Pass, decision.NotApplicable}

func statusMark(s decision.Status) htmlMark {
	switch s {
	case decision.Pass:
		return htmlMark{"pass", "✓", "pass"}
	case decision.Fail:
		return htmlMark{"fail", "✗", "fail"}
	case decision.Waived:
		return htmlMark{"waived", "~", "waived"}
	case decision.NotApplicable:
		return htmlMark{"none", "·", "not applicable"}
	default:
		return htmlMark{"open", "?", "unknown"}
	}
}

func verdictMark(v decision.Verdict) htmlMark {
	switch v {
	case decision.Passed:
		return htmlMark{"pass", "✓", "pass"}
	case decision.Failed:
		return htmlMark{"fail", "✗", "fail"}
	default:
		return htmlMark{"open", "?", "review"}
	}
}

func useMark(use decision.WaiverUse) htmlMark {
	sign, k := useStyle(use)
	return htmlMark{map[style]string{plain: "waived", doubt: "open", faint: "none", bad: "fail"}[k], sign, standing(use)}
}

func newHTMLPage(r decision.Report) htmlPage {
	page := htmlPage{
		Tool: flat(strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version)), AsOf: flat(r.AsOf), Policies: flat(r.Policies.Digest), Catalog: flat(r.Catalog.Digest),
		Headline: flat(inNumbers(r.Summary)),
		Counts:   []htmlCount{{r.Summary.Fail, verdictMark(decision.Failed)}, {r.Summary.Review, verdictMark(decision.Review)}, {r.Summary.Pass, verdictMark(decision.Passed)}},
	}
	if len(r.Decisions) == 0 {
		page.Headline, page.Counts = "Nothing was decided", nil
	}
	if n := r.Summary.Errors; n > 0 {
		words := flat(count(n, "error", "errors"))
		_, word, _ := strings.Cut(words, " ")
		page.Counts = append([]htmlCount{{n, htmlMark{"fail", "!", word}}}, page.Counts...)
		if len(r.Decisions) == 0 {
			page.Headline += ", " + words
		}
	}
	for _, p := range r.Errors {
		page.Problems = append(page.Problems, flat(p.Error()))
	}
	if c := r.CostChange; c != nil {
		page.Change = flat(headline(*c) + " against " + c.Against)
		for _, w := range c.Workloads {
			page.Changes = append(page.Changes, flat(inWords(w)+turned(w)))
		}
	}
	for _, use := range r.Waivers {
		page.Waivers = append(page.Waivers, htmlUse{useMark(use), flat(use.Name), flat(use.Control), flat(lineOf(use.Path, use.Line)), flat(use.Message)})
	}
	for _, s := range gravest {
		page.Legend = append(page.Legend, statusMark(s))
	}
	decisions := slices.Clone(r.Decisions)
	slices.SortStableFunc(decisions, func(a, b decision.Decision) int { return b.Verdict.Better(a.Verdict) })
	page.Controls = columns(decisions)
	var totals []string
	names, places := map[string]int{}, map[string]int{}
	for i, d := range decisions {
		w := newHTMLWorkload(fmt.Sprintf("w%d", i+1), d, page.Controls)
		names[w.Name]++
		places[w.Name+"\x00"+w.Path]++
		page.Workloads = append(page.Workloads, w)
		totals = append(totals, w.Total)
	}
	page.Signs = signs(totals)
	for i := range page.Workloads {
		w := &page.Workloads[i]
		switch {
		case names[w.Name] == 1:
		case places[w.Name+"\x00"+w.Path] == 1:
			w.Apart = w.Path
		default:
			w.Apart = w.Path + ", " + w.Offering
		}
	}
	for i := range page.Controls {
		page.Controls[i] = flat(page.Controls[i])
	}
	return page
}

// columns are the controls that apply to any workload, by the worst that any has:
// what fails first, and what is advice everywhere last.
func columns(decisions []decision.Decision) []string {
	worst := map[string]int{}
	for _, d := range decisions {
		for _, f := range d.Findings {
			at := slices.Index(gravest, f.Status)
			if f.Status == decision.NotApplicable {
				continue
			}
			if !f.Required {
				at += len(gravest)
			}
			if w, ok := worst[f.Control]; !ok || at < w {
				worst[f.Control] = at
			}
		}
	}
	return slices.SortedFunc(maps.Keys(worst), func(a, b string) int { return cmp.Or(cmp.Compare(worst[a], worst[b]), cmp.Compare(a, b)) })
}

func newHTMLWorkload(id string, d decision.Decision, controls []string) htmlWorkload {
	w := htmlWorkload{
		ID: id, Name: flat(or(d.Manifest.Name, "unnamed")), Path: flat(document(d.Manifest)), Offering: flat(inFew(d.Offering)), Verdict: verdictMark(d.Verdict), Total: flat(total(d.Cost)),
	}
	w.About = knownOf([][2]string{{"Cost", totalInWords(d.Cost)}, {"Offering", inFew(d.Offering)}, {"Owner", d.Manifest.Owner}, {"Stage", d.Stage}})
	w.Origin = knownOf([][2]string{{"Manifest", document(d.Manifest)}, {"Digest", d.Manifest.Digest}, {"Profiles", strings.Join(d.Profiles, ", ")}})
	for _, c := range d.Conditions {
		w.Conditions = append(w.Conditions, flat(c))
	}
	cells := map[string]htmlCell{}
	var elsewhere []string
	waivers := 0
	for i, f := range ordered(d.Findings) {
		if f.Status == decision.NotApplicable {
			elsewhere = append(elsewhere, f.Control)
			continue
		}
		finding := newHTMLFinding(fmt.Sprintf("%s-f%d", id, i+1), f)
		cells[f.Control] = htmlCell{finding.Mark, "#" + finding.ID, flat(f.Control), !f.Required}
		switch groupOf(f) {
		case passed:
			w.Passed = append(w.Passed, finding)
			continue
		case advice:
			w.Advice = append(w.Advice, finding)
			continue
		case waived:
			waivers++
		case refused:
			w.Fails++
		default:
			w.Open++
		}
		w.Findings = append(w.Findings, finding)
	}
	if w.Fails+w.Open > 0 {
		w.Gravest = &w.Findings[0]
	}
	w.Marks = []htmlMark{w.Verdict}
	if waivers > 0 {
		mark := statusMark(decision.Waived)
		mark.Word = fmt.Sprintf("%d %s", waivers, mark.Word)
		w.Marks = append(w.Marks, mark)
	}
	slices.Sort(elsewhere)
	w.Elsewhere = flat(strings.Join(elsewhere, ", "))
	for _, control := range controls {
		cell, ok := cells[control]
		if !ok {
			cell = htmlCell{Mark: statusMark(decision.NotApplicable), Control: flat(control)}
		}
		w.Cells = append(w.Cells, cell)
	}
	w.cost(d)
	return w
}

// knownOf are the terms of which there is something to tell.
func knownOf(all [][2]string) [][2]string {
	var list [][2]string
	for _, one := range all {
		if one[1] != "" {
			list = append(list, [2]string{one[0], flat(one[1])})
		}
	}
	return list
}

// signs explains what stands before the totals, where something does.
func signs(totals []string) []string {
	var list []string
	for _, sign := range [][2]string{{"≥", "≥ means that it costs at least this, since a part of the price is not known."}, {"?", "? means that what is not known may lower it."}} {
		if slices.ContainsFunc(totals, func(total string) bool { return strings.HasPrefix(total, sign[0]) }) {
			list = append(list, sign[1])
		}
	}
	return list
}

// elseInWords says what of the other offerings passes, else that none does. How
// many are listed is bounded: there may be more.
func elseInWords(d decision.Decision) string {
	stage := (&view{decision: d}).atSelect()
	switch n := len(d.Alternatives); {
	case n > 0:
		first := d.Alternatives[0]
		words := count(n, "of the others listed passes", "of the others listed pass") + stage
		known := func(a decision.Alternative) bool {
			return a.Cost.Expected != nil && a.Cost.Currency == first.Cost.Currency
		}
		switch {
		case !known(first):
			return words + "."
		case n == 1:
			words += ": "
		case slices.ContainsFunc(d.Alternatives, func(a decision.Alternative) bool { return !known(a) }):
			words += "; the cheapest with a known price is "
		default:
			words += "; the cheapest is "
		}
		return words + inFew(first.Offering) + " at " + total(first.Cost) + " a month."
	case len(d.Candidates) > 0:
		return "Nothing else that was found passes" + stage + "; " + count(len(d.Candidates), "of the others listed is", "of the others listed are") + " in review."
	case len(d.Rejected) > 0:
		return "Nothing else that was found passes" + stage + "."
	default:
		return "No other offering is listed."
	}
}

func newHTMLFinding(id string, f decision.Finding) htmlFinding {
	h := htmlFinding{ID: id, Control: flat(f.Control), Title: flat(f.Title), Severity: flat(f.Severity), Mark: statusMark(f.Status), Required: f.Required, Fault: flat(f.Fault)}
	if f.Status != decision.Pass {
		h.Remediation = flat(f.Remediation)
	}
	if f.Waiver != nil {
		h.Waiver = flat(acceptance(f))
	}
	for _, r := range reasonsOf(f) {
		ground := htmlGround{Control: flat(f.Control), At: flat(spot(r.Location)), Message: flat(r.Message)}
		for _, fact := range r.Facts {
			e := htmlEvidence{At: flat(lineOf(fact.Path, fact.Line)), Pointer: flat(fact.Pointer), Source: "no source"}
			if len(fact.Sources) == 0 {
				ground.Evidence = append(ground.Evidence, e)
			}
			for _, s := range fact.Sources {
				e.Source, e.URL, e.Kind, e.Published, e.Read, e.More = flat(address(s)), link(s), flat(s.Kind), flat(or(s.Published, "unknown")), flat(or(s.Read, "unknown")), ""
				if s.Copy == "stored" {
					e.More = "stored copy"
				}
				if s.Effective != "" || s.Until != "" {
					e.More = flat(strings.TrimPrefix(e.More+", in force "+or(s.Effective, "unknown")+" to "+or(s.Until, "unknown"), ", "))
				}
				ground.Evidence = append(ground.Evidence, e)
			}
		}
		h.Grounds = append(h.Grounds, ground)
	}
	for _, gap := range f.Missing {
		near := ""
		if gap.Path != "" {
			near = lineOf(gap.Path, gap.Line)
		}
		h.Missing = append(h.Missing, htmlGap{flat(whom(gap)), flat(pointer(gap)), flat(because(gap.Reason)), flat(near)})
	}
	var ids []string
	for _, r := range f.References {
		ids = append(ids, r.Framework+" "+r.ID)
	}
	h.References = flat(strings.Join(ids, ", "))
	return h
}

// cost words the bill of what is placed, and what else there is to buy.
func (w *htmlWorkload) cost(d decision.Decision) {
	c := d.Cost
	w.CostWords = []string{sentence(totalInWords(c))}
	if c.List != nil {
		w.CostWords = append(w.CostWords, sentence(listPrice(c)))
	}
	if len(c.Excludes) > 0 {
		w.CostWords = append(w.CostWords, sentence("not included: "+strings.Join(c.Excludes, ", ")))
	}
	for _, l := range c.Lines {
		h := htmlLine{Item: flat(l.Item), Quantity: flat(quantity(l)), Amount: flat(amountOf(c.Currency, l)), Why: flat(l.Why)}
		if l.Rate != nil {
			h.Rate = l.Rate.String()
		}
		if l.Low != nil && l.High != nil && !l.Low.Equal(*l.High) {
			// A line's part of the dearest run may be the smaller one.
			h.Range = flat(exactly(c.Currency, decimal.Min(*l.Low, *l.High)) + " to " + exactly(c.Currency, decimal.Max(*l.Low, *l.High)))
		}
		if l.AsOf != "" {
			h.Why = strings.TrimPrefix(h.Why+"; "+flat(pricedOn(l.AsOf)), "; ")
		}
		w.Lines = append(w.Lines, h)
	}
	w.Else = flat(elseInWords(d))
	all := offers(d)
	most := decimal.Zero
	var totals []string
	for _, o := range all {
		if o.cost.Currency == c.Currency {
			most = decimal.Max(most, widest(o.cost))
		}
	}
	for _, o := range all {
		h := htmlOffer{Offering: flat(inFew(o.offering)), Total: flat(total(o.cost)), Standing: verdictMark(o.verdict)}
		h.Standing.Word = map[string]string{"placed": "placed: " + h.Standing.Word, "alternative": "passes", "candidate": "in review", "rejected": "refused"}[o.as]
		if o.difference != nil {
			h.Difference = flat(difference(o.cost.Currency, *o.difference))
		}
		for _, note := range o.notes() {
			h.Notes = append(h.Notes, flat(note))
		}
		if o.cost.Currency == c.Currency && most.IsPositive() {
			h.draw(o.cost, most)
			w.Charted = w.Charted || h.Drawn
		}
		w.Offers = append(w.Offers, h)
		totals = append(totals, h.Total)
	}
	w.Signs = signs(totals)
	if p := d.Premium; p != nil {
		v := view{decision: d}
		if p.Amount.IsZero() {
			w.Notes = append(w.Notes, "Compliance costs nothing more: the cheapest of all passes ("+flat(inFew(p.Cheapest))+").")
		} else {
			w.Notes = append(w.Notes, flat("Compliance costs "+money(v.currency(), p.Amount, nearest)+" a month more than the cheapest of all ("+inFew(p.Cheapest)+"); the cheapest that passes is "+inFew(p.Compliant)+"."))
		}
		for _, l := range p.Controls {
			w.Notes = append(w.Notes, flat(l.Control+" adds "+money(v.currency(), l.Adds, nearest)+": without it "+apart(l.Offering, p.Compliant)+" would do."))
		}
	}
	for _, b := range d.BreakEven {
		w.Notes = append(w.Notes, flat("Break-even: "+apart(b.Below, b.Above)+" is cheaper below "+measure(b.At)+" "+b.Unit+" (now "+measure(b.Now)+"), "+apart(b.Above, b.Below)+" above."))
	}
	for _, c := range d.MayFlip() {
		first := d.Contestants()[0]
		w.Notes = append(w.Notes, flat("The order of "+apart(first.Offering, c.Offering)+" and "+apart(c.Offering, first.Offering)+" flips inside the stated ranges."))
	}
}

// sentence is text that begins and ends as a sentence does.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return flat(string(unicode.ToUpper(first)) + s[size:] + ".")
}

// widest is the largest amount that a cost is drawn with.
func widest(c decision.Cost) decimal.Decimal {
	most := least(c)
	if c.Expected != nil {
		most = *c.Expected
	}
	if c.High != nil {
		most = decimal.Max(most, *c.High)
	}
	return most
}

// draw sets the bar of a cost: what is expected, else what it comes to at least,
// and the range that is stated.
func (h *htmlOffer) draw(c decision.Cost, most decimal.Decimal) {
	scale := func(d decimal.Decimal) int {
		return int(decimal.Max(d, decimal.Zero).Shift(3).DivRound(most, 0).IntPart())
	}
	amount := least(c)
	if c.Expected != nil {
		amount = *c.Expected
	}
	if h.Bar = scale(amount); h.Bar > 0 {
		h.Drawn, h.AtLeast = true, c.Expected == nil
	}
	if c.Low != nil && c.High != nil && c.Low.LessThan(*c.High) {
		h.From = scale(*c.Low)
		h.Span = max(scale(*c.High)-h.From, 1)
		h.Drawn, h.Ranged = true, true
	}
}

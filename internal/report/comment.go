package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/caveat-check/caveat/internal/decision"
)

// commentMarker is the first line of a comment, by which a bot finds the one
// that it wrote before. It never changes.
const commentMarker = "<!-- caveat check -->"

// A comment of GitHub holds 65,536 characters. The table has its share of them,
// and so have the waivers after it; a workload is told in full only as long as
// there is room.
const (
	commentRoom = 64000
	tableRoom   = 24000
	waiverRoom  = 32000
)

// newComment writes Markdown for a pull request: a table of verdicts, and for
// each workload that does not pass what refuses it or is open, what would pass,
// and what it costs.
func newComment(w io.Writer, header decision.Report, options Options) Writer {
	return newPages(w, header, func(out *bytes.Buffer, r decision.Report) error {
		comment(out, r, options.Verbose)
		return nil
	})
}

func comment(out *bytes.Buffer, r decision.Report, verbose bool) {
	out.WriteString(commentMarker + "\n")
	fmt.Fprintf(out, "## caveat: %s\n\n", flat(inNumbers(r.Summary)))
	if r.CostChange != nil {
		comparison{r.CostChange}.comment(out)
	}
	put := func(text string, limit int) bool {
		if utf8.RuneCount(out.Bytes())+utf8.RuneCountInString(text) > limit {
			return false
		}
		out.WriteString(text)
		return true
	}
	left := 0
	for i, p := range r.Errors {
		if i == 0 {
			out.WriteString("**Not checked, or not in full:**\n\n")
		}
		if !put("- "+said(p.Error())+"\n", tableRoom/2) {
			left++
		}
	}
	if left > 0 {
		fmt.Fprintf(out, "- and %s\n", flat(count(left, "more error", "more errors")))
	}
	if len(r.Errors) > 0 {
		out.WriteByte('\n')
	}
	if len(r.Decisions) == 0 {
		out.WriteString("Nothing was decided.\n")
	} else {
		head, rule := "| verdict | workload | offering | fails | open | a month |", "| --- | --- | --- | ---: | ---: | ---: |"
		if r.CostChange != nil {
			head, rule = head+" change |", rule+" ---: |"
		}
		out.WriteString(head + " cheapest that passes |\n" + rule + " --- |\n")
	}
	left = 0
	for _, d := range r.Decisions {
		o := offers(d)[0]
		row := []string{sign(d.Verdict), said(or(d.Manifest.Name, "unnamed")), said(inFew(d.Offering)),
			fmt.Sprint(len(o.refused)), fmt.Sprint(len(o.open)), said(total(d.Cost))}
		if r.CostChange != nil {
			row = append(row, comparison{r.CostChange}.cell(d))
		}
		row = append(row, cheapest(d))
		if left > 0 || !put("| "+strings.Join(row, " | ")+" |\n", tableRoom) {
			left++
		}
	}
	if left > 0 {
		fmt.Fprintf(out, "\nand %s that this comment has no room for.\n", flat(count(left, "more decision", "more decisions")))
	}
	waiversInWords(r.Waivers, out, func(text string) bool { return put(text, waiverRoom) })
	var skipped []string
	for _, d := range r.Decisions {
		text := workloadInWords(d, verbose)
		if text == "" {
			continue
		}
		if !put(text, commentRoom) {
			skipped = append(skipped, said(or(d.Manifest.Name, "unnamed")))
		}
	}
	if len(skipped) > 0 {
		names := strings.Join(skipped, ", ")
		if len(names) > 600 {
			names = flat(count(len(skipped), "workload", "workloads"))
		}
		out.WriteString("\nNo room here for the findings of " + names + "; `caveat check -o html=report.html` shows them all.\n")
	}
	fmt.Fprintf(out, "\n<sub>%s %s · as of %s · policies %s · catalog %s</sub>\n", said(r.Tool.Name), said(r.Tool.Version), said(r.AsOf), short(r.Policies.Digest), short(r.Catalog.Digest))
}

// waiversInWords tells the waivers to look at, as far as there is room.
func waiversInWords(uses []decision.WaiverUse, out *bytes.Buffer, put func(string) bool) {
	left := 0
	for i, use := range pressed(uses) {
		if i == 0 {
			out.WriteString("\n**Waivers to look at:**\n\n")
		}
		text := fmt.Sprintf("- ⚠️ **%s** (%s, %s) %s %s\n", said(use.Name), said(use.Control), said(standing(use)), code(lineOf(use.Path, use.Line)), said(use.Message))
		if left > 0 || !put(text) {
			left++
		}
	}
	if left > 0 {
		fmt.Fprintf(out, "- and %s\n", flat(count(left, "more waiver", "more waivers")))
	}
}

// short is enough of a digest to recognise it.
func short(digest string) string {
	_, hex, ok := strings.Cut(digest, ":")
	if !ok {
		hex = digest
	}
	return said(hex[:min(12, len(hex))])
}

func inNumbers(s decision.Summary) string {
	var parts []string
	for _, part := range []struct {
		n    int
		name string
	}{{s.Fail, "fail"}, {s.Review, "review"}, {s.Pass, "pass"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.name))
		}
	}
	if s.Errors > 0 {
		parts = append(parts, count(s.Errors, "error", "errors"))
	}
	return or(strings.Join(parts, ", "), "nothing was checked")
}

// sign is a verdict with a picture beside the word.
func sign(v decision.Verdict) string {
	switch v {
	case decision.Passed:
		return "✅ pass"
	case decision.Failed:
		return "❌ **fail**"
	default:
		return "❓ **review**"
	}
}

// cheapest names the cheapest offering that passes, with the difference to what
// is placed.
func cheapest(d decision.Decision) string {
	if len(d.Alternatives) == 0 {
		if d.Verdict == decision.Passed {
			return "this one"
		}
		return "none found"
	}
	a := d.Alternatives[0]
	if d.Verdict == decision.Passed && a.Difference != nil && !a.Difference.IsNegative() {
		return "this one"
	}
	words := said(inFew(a.Offering)) + ": " + said(total(a.Cost))
	if a.Difference != nil {
		words += " (" + said(difference(a.Cost.Currency, *a.Difference)) + ")"
	}
	return words
}

// workloadInWords tells one workload; empty where there is nothing to do about it.
func workloadInWords(d decision.Decision, verbose bool) string {
	var out bytes.Buffer
	var advised bytes.Buffer
	passes := 0
	for _, f := range ordered(d.Findings) {
		switch groupOf(f) {
		case refused, open, waived:
			item(&out, f)
		case advice:
			item(&advised, f)
		case passed:
			passes++
			if verbose {
				item(&advised, f)
			}
		}
	}
	if d.Verdict == decision.Passed && out.Len() == 0 && len(d.Conditions) == 0 && !verbose {
		return ""
	}
	var all bytes.Buffer
	fmt.Fprintf(&all, "\n### %s: %s\n\n", sign(d.Verdict), said(or(d.Manifest.Name, "unnamed")))
	context := []string{code(document(d.Manifest)), said(inFew(d.Offering))}
	if d.Stage != "" {
		context = append(context, "stage "+said(d.Stage))
	}
	if d.Manifest.Owner != "" {
		context = append(context, "owner "+said(d.Manifest.Owner))
	}
	all.WriteString(strings.Join(context, " · ") + "\n\n")
	all.Write(out.Bytes())
	if passes > 0 {
		fmt.Fprintf(&all, "- ✅ %d passed\n", passes)
	}
	for _, c := range d.Conditions {
		all.WriteString("- on condition: " + said(c) + "\n")
	}
	all.WriteString("\n**Cost:** " + said(totalInWords(d.Cost)))
	if d.Cost.List != nil {
		all.WriteString(" · " + said(listPrice(d.Cost)))
	}
	if unknown := strings.Join(unknownItems(d.Cost), ", "); unknown != "" {
		all.WriteString(" · price not known: " + said(unknown))
	}
	all.WriteString("\n")
	if p := d.Premium; p != nil && !p.Amount.IsZero() {
		v := view{decision: d}
		fmt.Fprintf(&all, "Compliance costs %s a month more: the cheapest that passes is %s, the cheapest of all %s.\n",
			said(money(v.currency(), p.Amount, nearest)), said(inFew(p.Compliant)), said(inFew(p.Cheapest)))
	}
	if rest := offers(d)[1:]; len(rest) > 0 {
		all.WriteString("\n| what else | offering | a month | difference | notes |\n| --- | --- | ---: | ---: | --- |\n")
		for _, o := range rest {
			by := "–"
			if o.difference != nil {
				by = difference(o.cost.Currency, *o.difference)
			}
			standing := map[string]string{"alternative": "passes", "candidate": "in review", "rejected": "refused"}[o.as]
			fmt.Fprintf(&all, "| %s | %s | %s | %s | %s |\n", standing, said(inFew(o.offering)), said(total(o.cost)), said(by), said(strings.Join(o.notes(), "; ")))
		}
	}
	if advised.Len() > 0 {
		title := "Advice, which does not change the verdict"
		if verbose {
			title += ", and what passed"
		}
		all.WriteString("\n<details><summary>" + title + "</summary>\n\n" + advised.String() + "\n</details>\n")
	}
	return all.String()
}

// item writes a finding as an item of a list.
func item(out *bytes.Buffer, f decision.Finding) {
	picture := map[decision.Status]string{decision.Fail: "❌", decision.Pass: "✅", decision.Waived: "🟡"}[f.Status]
	kind := f.Status.String()
	if !f.Required {
		kind += ", advice"
	}
	if f.Severity != "" {
		kind += ", " + f.Severity
	}
	head := fmt.Sprintf("- %s **%s** (%s)", or(picture, "❓"), said(f.Control), said(kind))
	reasons := reasonsOf(f)
	if len(reasons) > 1 {
		out.WriteString(head + "\n")
	}
	for _, r := range reasons {
		line := head
		if len(reasons) > 1 {
			line = "  - "
		} else {
			line += " "
		}
		if at := spot(r.Location); at != "" {
			line += code(at) + " "
		}
		out.WriteString(line + said(r.Message) + "\n")
		for i, fact := range r.Facts {
			if i == most {
				fmt.Fprintf(out, "    - and %s\n", flat(count(len(r.Facts)-most, "more fact", "more facts")))
				break
			}
			from, says := firstSource(fact)
			from = said(from)
			if says != "" {
				s := fact.Sources[0]
				if u := link(s); u != "" {
					from = "[" + said(s.ID) + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E", "\\", "%5C", "|", "%7C").Replace(u) + ">)"
				}
				from += ", " + said(says)
			}
			fmt.Fprintf(out, "    - rests on %s %s: %s\n", code(lineOf(fact.Path, fact.Line)), code(fact.Pointer), from)
		}
	}
	if f.Status == decision.Unknown {
		for i, gap := range f.Missing {
			if i == most {
				fmt.Fprintf(out, "    - and %s\n", flat(count(len(f.Missing)-most, "more open fact", "more open facts")))
				break
			}
			at := ""
			if gap.Path != "" {
				at = " near " + code(lineOf(gap.Path, gap.Line))
			}
			fmt.Fprintf(out, "    - %s %s (%s)%s\n", said(whom(gap)), code(pointer(gap)), said(because(gap.Reason)), at)
		}
	}
	margin := "    "
	if len(reasons) > 1 {
		margin = "  "
	}
	if f.Waiver != nil {
		out.WriteString(margin + "- " + said(acceptance(f)) + "\n")
	}
	if f.Remediation != "" && f.Status != decision.Pass {
		out.WriteString(margin + "- would pass: " + said(f.Remediation) + "\n")
	}
}

// said keeps text from being markup, a mention or a link in a comment.
func said(s string) string {
	s = markup(strings.ReplaceAll(s, "&", "&amp;"))
	return strings.NewReplacer(">", "&gt;", "~", "\\~", "@", "@<!-- -->", "://", ":<!-- -->//", "www.", "www<!-- -->.").Replace(s)
}

// code sets text as code where that is safe in a table, too.
func code(s string) string {
	s = flat(s)
	if s == "" || strings.ContainsAny(s, "`|\\") || strings.TrimSpace(s) != s {
		return said(s)
	}
	return "`" + s + "`"
}

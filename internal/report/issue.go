package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
)

// An issue is one thing to show at one line of a manifest, for formats that
// annotate files: a finding, or its reasons to fail at one place of several.
type issue struct {
	decision.Finding
	message  string
	location decision.Location
	facts    []decision.Fact
	// fingerprint stays the same when a manifest is reformatted or facts move to
	// other lines, and differs between the issues of a report.
	fingerprint string
}

// issues makes the issues of one report. Its zero value is ready.
type issues struct {
	seen map[string]int
}

// of lists the issues of a decision, in the order of its findings. Passed,
// waived and not applicable findings are among them, as one issue each.
func (all *issues) of(d decision.Decision) []issue {
	var made []issue
	for _, f := range d.Findings {
		for _, reason := range together(f) {
			at := reason.Location
			if at.Path == "" {
				at.Path = d.Manifest.Path
			}
			key := []string{f.Control, d.Manifest.Name, offeringKey(d.Offering), at.Unnumbered()}
			if beneath(f) == decision.Fail { // one place may fail for several facts
				var facts []string
				for _, fact := range reason.Facts {
					above, _ := split(fact.Pointer) // without the number of the claim
					facts = append(facts, above)
				}
				slices.Sort(facts)
				key = append(key, slices.Compact(facts)...)
			}
			made = append(made, issue{f, reason.Message, at, reason.Facts, all.fingerprint(strings.Join(key, "\x00"))})
		}
	}
	return made
}

// together are the reasons of a finding, those at the very same place as one:
// GitHub takes alerts of one control at one line for the same, and shows few
// annotations.
func together(f decision.Finding) []decision.Reason {
	reasons := f.Reasons
	if len(reasons) == 0 {
		reasons = []decision.Reason{{Message: f.Message, Location: f.Location, Facts: f.Facts}}
	}
	var places []decision.Reason
	messages := map[int][]string{}
	for _, r := range reasons {
		n := slices.IndexFunc(places, func(place decision.Reason) bool { return place.Location == r.Location })
		if n < 0 {
			n = len(places)
			places = append(places, decision.Reason{Location: r.Location})
		}
		place := &places[n]
		if message := clean(or(r.Message, f.Title)); !slices.Contains(messages[n], message) {
			messages[n] = append(messages[n], message)
			place.Message = strings.Join(messages[n], "; ")
		}
		for _, fact := range r.Facts {
			if !slices.ContainsFunc(place.Facts, func(other decision.Fact) bool { return reflect.DeepEqual(other, fact) }) {
				place.Facts = append(place.Facts, fact)
			}
		}
	}
	return places
}

// ofWaiver is the fingerprint of what became of a waiver: not of its lines, nor
// of the days that are left.
func (all *issues) ofWaiver(use decision.WaiverUse) string {
	return all.fingerprint(strings.Join([]string{"waiver", use.Path, use.Name, use.Control, standing(use)}, "\x00"))
}

// numbered is where a message names a line, or a line and a column.
var numbered = regexp.MustCompile(`(\blines? |:)\d+(:\d+)?`)

// unnumbered is a message whatever the lines that it names.
func unnumbered(message string) string { return numbered.ReplaceAllString(message, "$1") }

// ofProblem is the fingerprint of an error in an input: not of its lines.
func (all *issues) ofProblem(p decision.Problem) string {
	return all.fingerprint(strings.Join([]string{"input", p.Path, unnumbered(p.Message)}, "\x00"))
}

// fingerprint is that of a key, another one for each time that it comes.
func (all *issues) fingerprint(key string) string {
	if all.seen == nil {
		all.seen = map[string]int{}
	}
	all.seen[key]++
	if n := all.seen[key]; n > 1 {
		key = fmt.Sprintf("%s\x00%d", key, n)
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

func offeringKey(o decision.Offering) string {
	return strings.Join([]string{o.Vendor, o.Product, o.Plan, o.Hosting, o.Region, o.SKU, o.GPU, fmt.Sprint(o.Count), o.Capacity, o.Infrastructure}, "\x00")
}

// A concern is what an issue asks of its reader.
type concern uint8

const (
	settled  concern = iota // passed, waived or not applicable
	noted                   // advice that fails or is unknown
	doubtful                // required and unknown
	blocking                // required and failing
)

func (i issue) concern() concern {
	switch groupOf(i.Finding) {
	case refused:
		return blocking
	case open:
		return doubtful
	case advice:
		return noted
	default:
		return settled
	}
}

// beneath is the status of a finding without its waiver. Of a waived one that
// names no waiver it is the worse one.
func beneath(f decision.Finding) decision.Status {
	switch {
	case f.Status != decision.Waived:
		return f.Status
	case f.Waiver == nil:
		return decision.Fail
	default:
		return f.Waiver.Status
	}
}

// headline names an issue in a few words: "baa: unknown", "sso: fails (advice)".
func (i issue) headline() string {
	words := i.Control + ": "
	switch i.Status {
	case decision.Fail:
		words += "fails"
	case decision.Pass:
		words += "passes"
	default:
		words += i.Status.String()
	}
	if !i.Required && i.concern() == noted {
		words += " (advice)"
	}
	return words
}

// excused is the message of a waived issue, and on a line of its own what waives
// it.
func (i issue) excused() string { return i.message + "\n" + clean(acceptance(i.Finding)) }

// details are the lines beneath an issue's message: what it rests on with its
// sources, what is missing and who can supply it, and what to do.
func (i issue) details() []string {
	var lines []string
	for _, f := range i.facts {
		lines = append(lines, lineOf(f.Path, f.Line)+" "+factText(f))
	}
	for _, gap := range i.Missing {
		lines = append(lines, gapText(gap))
	}
	if i.Fault != "" && !strings.Contains(i.message, clean(i.Fault)) {
		lines = append(lines, "fault: "+i.Fault)
	}
	if i.Remediation != "" && i.concern() != settled {
		lines = append(lines, "→ "+i.Remediation)
	}
	for n, line := range lines {
		lines[n] = clean(line)
	}
	return lines
}

// factText names a fact and its sources: where they can be read, their kind and
// dates.
func factText(f decision.Fact) string {
	text := f.Document + " " + f.Pointer + ": "
	if len(f.Sources) == 0 {
		return text + "no source"
	}
	for n, s := range f.Sources {
		if n > 0 {
			text += "; "
		}
		text += or(s.URL, or(s.Document, s.ID)) + " (" + evidence(s) + ")"
	}
	return text
}

// firstSource names the first source of a fact and says of which kind it is, how
// old, and how many more there are.
func firstSource(f decision.Fact) (where, says string) {
	if len(f.Sources) == 0 {
		return "no source", ""
	}
	where, says = address(f.Sources[0]), evidence(f.Sources[0])
	if more := len(f.Sources) - 1; more > 0 {
		says += fmt.Sprintf(", and %d more", more)
	}
	return where, says
}

// gapText names what is missing, who can supply it and why it is missing.
func gapText(gap decision.Gap) string {
	text := whom(gap) + " " + pointer(gap) + " (" + because(gap.Reason)
	if gap.Path != "" {
		text += ", " + lineOf(gap.Path, gap.Line)
	}
	return text + ")"
}

// subject names what a decision is about: "discharge-letters on modal functions
// · enterprise · managed".
func subject(d decision.Decision) string {
	o := d.Offering
	parts := []string{strings.TrimSpace(o.Vendor + " " + o.Product)}
	for _, part := range []string{o.Plan, o.Hosting, o.Region, o.SKU} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if o.Count > 1 {
		parts = append(parts, fmt.Sprintf("%d×", o.Count))
	}
	if o.Capacity != "" && o.Capacity != "on-demand" {
		parts = append(parts, o.Capacity)
	}
	if o.Infrastructure != "" {
		parts = append(parts, "on "+o.Infrastructure)
	}
	return clean(or(d.Manifest.Name, d.Manifest.Path) + " on " + strings.Join(parts, " · "))
}

// A printer writes to w until the first error, which each call returns.
type printer struct {
	w   io.Writer
	err error
}

func (s *printer) print(text string) error {
	if s.err == nil && text != "" {
		_, s.err = io.WriteString(s.w, text)
	}
	return s.err
}

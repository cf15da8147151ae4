package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	sarifHome   = "https://github.com/caveat-check/caveat"
)

// sarif writes a SARIF 2.1.0 log of one run: a rule a control, a result an
// issue. The rules come before the results, so all is written by Close.
type sarif struct {
	printer
	unpriced
	header   decision.Report
	options  Options
	issues   issues
	rules    map[string]sarifRule
	results  []sarifResult
	problems []decision.Problem
	waivers  []decision.WaiverUse
	inside   bool // some location is inside the program
}

// sarifCatalog is the base of the vendor documents that are inside the program.
// It has no address, so that no reader takes one for a file of the repository.
const sarifCatalog = "CAVEATCATALOG"

func newSARIF(w io.Writer, header decision.Report, options Options) Writer {
	return &sarif{printer: printer{w: w}, header: header, options: options, rules: map[string]sarifRule{}, problems: header.Errors}
}

// The parts of SARIF that are written, in the order of the specification.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool              sarifTool            `json:"tool"`
		Invocations       []sarifInvocation    `json:"invocations"`
		AutomationDetails sarifDetails         `json:"automationDetails"`
		Bases             map[string]sarifBase `json:"originalUriBaseIds,omitempty"`
		ColumnKind        string               `json:"columnKind"`
		Results           []sarifResult        `json:"results"`
		Properties        sarifInputs          `json:"properties"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string           `json:"id"`
		ShortDescription     sarifText        `json:"shortDescription"`
		FullDescription      sarifText        `json:"fullDescription"`
		Help                 sarifText        `json:"help"`
		DefaultConfiguration sarifLevel       `json:"defaultConfiguration"`
		Properties           sarifRuleAddenda `json:"properties"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifRuleAddenda struct {
		Severity string   `json:"severity,omitempty"`
		Tags     []string `json:"tags"`
	}
	sarifDetails struct {
		ID string `json:"id"`
	}
	sarifInputs struct {
		AsOf     string `json:"asOf"`
		Policies string `json:"policies"`
		Catalog  string `json:"catalog"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool                `json:"executionSuccessful"`
		Notifications       []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifResult struct {
		RuleID              string             `json:"ruleId"`
		RuleIndex           int                `json:"ruleIndex"`
		Kind                string             `json:"kind"`
		Level               string             `json:"level"`
		Message             sarifText          `json:"message"`
		Locations           []sarifLocation    `json:"locations"`
		RelatedLocations    []sarifLocation    `json:"relatedLocations,omitempty"`
		PartialFingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions        []sarifSuppression `json:"suppressions,omitzero"` // of all results of a run or of none
		Properties          *sarifAddenda      `json:"properties,omitempty"`
	}
	sarifLocation struct {
		ID               int           `json:"id,omitempty"`
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
		Logical          []sarifNamed  `json:"logicalLocations,omitempty"`
		Message          *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifBase struct {
		Description sarifText `json:"description"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
	sarifNamed struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification,omitempty"`
	}
	sarifAddenda struct {
		Workload string            `json:"workload"`
		Stage    string            `json:"stage"`
		Offering decision.Offering `json:"offering"`
		Required bool              `json:"required"`
		Severity string            `json:"severity"`
		Status   decision.Status   `json:"status"`
	}
)

// sarifLevelOf is the level of a failure by its severity.
func sarifLevelOf(severity string) string {
	switch severity {
	case "critical", "high":
		return "error"
	case "low":
		return "note"
	default:
		return "warning"
	}
}

func (s *sarif) Decision(d decision.Decision) error {
	if s.err != nil {
		return s.err
	}
	for _, f := range d.Findings {
		rule, ok := s.rules[f.Control]
		if !ok {
			rule = s.rule(f)
		}
		// Only findings that ask for something have a remediation.
		rule.Help.Text = or(rule.Help.Text, f.Remediation)
		s.rules[f.Control] = rule
	}
	for _, i := range s.issues.of(d) {
		if r, ok := s.result(d, i); ok {
			s.results = append(s.results, r)
		}
	}
	return nil
}

// rule makes a rule of what a finding says of its control, and of the control
// itself where it is at hand. Its texts may be empty until whole fills them.
func (s *sarif) rule(f decision.Finding) sarifRule {
	rule := sarifRule{ID: f.Control, DefaultConfiguration: sarifLevel{sarifLevelOf(f.Severity)}, Properties: sarifRuleAddenda{Severity: f.Severity, Tags: []string{}},
		ShortDescription: sarifText{Text: f.Title}, Help: sarifText{Text: f.Remediation}}
	for _, c := range s.options.Controls {
		if c.ID != f.Control {
			continue
		}
		rule.FullDescription.Text = c.Description
		rule.Help.Text = or(rule.Help.Text, c.Remediation)
		if c.Family != "" {
			rule.Properties.Tags = append(rule.Properties.Tags, c.Family)
		}
	}
	for _, r := range f.References {
		rule.Properties.Tags = append(rule.Properties.Tags, r.Framework+" "+r.ID)
	}
	slices.Sort(rule.Properties.Tags)
	rule.Properties.Tags = slices.Compact(rule.Properties.Tags)
	return rule
}

// whole is a rule with every text that readers show: where one is not known,
// the next best stands for it.
func (r sarifRule) whole() sarifRule {
	description, remedy := r.FullDescription.Text, r.Help.Text
	r.ShortDescription.Text = or(r.ShortDescription.Text, r.ID)
	r.FullDescription.Text = or(description, r.ShortDescription.Text)
	r.Help = sarifText{Text: or(remedy, r.FullDescription.Text), Markdown: "**" + r.ShortDescription.Text + "**"}
	if description != "" {
		r.Help.Markdown += "\n\n" + description
	}
	if remedy != "" {
		r.Help.Markdown += "\n\n**What to do:** " + remedy
	}
	return r
}

// result is false for what is settled, unless it is waived or asked for: what is
// waived has the kind that it would have without, and is suppressed. Its level is
// the least, since code scanning ignores suppressions. A kind other than fail
// must have the level none.
func (s *sarif) result(d decision.Decision, i issue) (sarifResult, bool) {
	kind, level := "open", "none"
	switch {
	case i.Status == decision.Fail && i.Required:
		kind, level = "fail", sarifLevelOf(i.Severity)
	case beneath(i.Finding) == decision.Fail:
		kind, level = "fail", "note"
	case i.Status == decision.Pass && s.options.Verbose:
		kind = "pass"
	case i.Status == decision.NotApplicable && s.options.Verbose:
		kind = "notApplicable"
	case i.Status == decision.Pass, i.Status == decision.NotApplicable:
		return sarifResult{}, false
	}
	message := sarifMessage(subject(d) + ": " + i.message)
	if i.Status == decision.Waived {
		message.Text += "\n" + sarifMessage(acceptance(i.Finding)).Text
	}
	location := sarifAt(i.location.Path, i.location.Line, i.location.Column)
	location.Logical = []sarifNamed{{FullyQualifiedName: clean(d.Manifest.Name + i.location.Pointer)}}
	r := sarifResult{
		RuleID: i.Control, Kind: kind, Level: level, Message: message, Locations: []sarifLocation{location},
		PartialFingerprints: map[string]string{"caveat/v1": i.fingerprint},
		Properties:          &sarifAddenda{d.Manifest.Name, d.Stage, d.Offering, i.Required, i.Severity, i.Status},
	}
	if location.Logical[0].FullyQualifiedName == "" {
		r.Locations[0].Logical = nil
	}
	// relate adds a related location and says how the message names it: GitHub
	// shows those that it links, and has no file for what is inside the program.
	relate := func(document, path string, line, column int, text string) string {
		if path == "" {
			return ""
		}
		at, message := sarifAt(path, line, column), sarifMessage(text)
		at.ID, at.Message = len(r.RelatedLocations)+1, &message
		name := sarifMessage(lineOf(path, line)).Text
		if s.options.Inside[document] == path {
			at.PhysicalLocation.ArtifactLocation.Base = sarifCatalog
			s.inside = true
		} else if inFile(path) {
			name = fmt.Sprintf("[%s](%d)", strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(name), at.ID)
		}
		r.RelatedLocations = append(r.RelatedLocations, at)
		return name
	}
	for n, f := range i.facts {
		where, says := firstSource(f)
		at := or(relate(f.Document, f.Path, f.Line, f.Column, factText(f)), sarifMessage(f.Document).Text)
		if n < sarifMost {
			r.Message.Text += "\nrests on " + at + sarifMessage(" "+f.Pointer+": "+commas(where, says)).Text
		}
	}
	if more := len(i.facts) - sarifMost; more > 0 {
		r.Message.Text += "\nand " + flat(count(more, "more fact", "more facts"))
	}
	for n, gap := range i.Missing {
		path := gap.Path
		gap.Path = "" // the location has it
		text := sarifMessage(gapText(gap)).Text
		if at := relate(gap.Document, path, gap.Line, gap.Column, text); at != "" {
			text += " near " + at
		}
		if n < sarifMost {
			r.Message.Text += "\n" + text
		}
	}
	if more := len(i.Missing) - sarifMost; more > 0 {
		r.Message.Text += "\nand " + flat(count(more, "more open fact", "more open facts"))
	}
	if i.Status == decision.Waived {
		// A suppression without a status is accepted; the schema before the errata
		// knows none.
		r.Suppressions = []sarifSuppression{{Kind: "external", Justification: clean(acceptance(i.Finding))}}
	}
	return r, true
}

// sarifMessage is a text of documents in a message, where "[text](target)" would
// be a link.
func sarifMessage(text string) sarifText {
	return sarifText{Text: strings.ReplaceAll(flat(text), "](", "] (")}
}

// sarifAt is a place in a file. A line that is not known is the first one.
func sarifAt(path string, line, column int) sarifLocation {
	return sarifLocation{PhysicalLocation: sarifPhysical{sarifArtifact{URI: uri(path)}, &sarifRegion{StartLine: max(line, 1), StartColumn: max(column, 0)}}}
}

// stdin is the name of standard input, where a format asks for a path.
const stdin = "stdin"

// uri is a path as a URI reference: relative if the path is.
func uri(file string) string {
	if file == "-" {
		return stdin
	}
	file = path.Clean(strings.ReplaceAll(file, `\`, "/"))
	if path.IsAbs(file) {
		return (&url.URL{Scheme: "file", Path: file}).String()
	}
	return (&url.URL{Path: file}).String() // with "./" before a name with a colon
}

func (s *sarif) Problem(p decision.Problem)        { s.problems = append(s.problems, p) }
func (s *sarif) Waivers(uses []decision.WaiverUse) { s.waivers = pressed(uses) }

// The rules that no control is behind: of waivers that waive nothing or end soon,
// and of errors in inputs.
const (
	sarifWaiver = "waiver"
	sarifInput  = "input"
)

// sarifMost is how many facts, and how many gaps, a message names.
const sarifMost = 5

// lapses adds a result for each waiver to look at, at its own line.
func (s *sarif) lapses() {
	for _, use := range s.waivers {
		if _, ok := s.rules[sarifWaiver]; !ok {
			s.rules[sarifWaiver] = sarifRule{ID: sarifWaiver, DefaultConfiguration: sarifLevel{"warning"}, Properties: sarifRuleAddenda{Tags: []string{"waivers"}},
				ShortDescription: sarifText{Text: "A waiver waives something, and does not end soon"},
				FullDescription:  sarifText{Text: "A waiver that waives nothing, or that ends within 30 days, is to be looked at. It changes no exit status."},
				Help:             sarifText{Text: "Renew the waiver, correct it or remove it; or meet the control."}}
		}
		at := sarifAt(use.Path, use.Line, use.Column)
		if name := clean(use.Name); name != "" {
			at.Logical = []sarifNamed{{FullyQualifiedName: name}}
		}
		s.results = append(s.results, sarifResult{
			RuleID: sarifWaiver, Kind: "fail", Level: "warning", Message: sarifMessage(useHeadline(use) + ": " + useText(use)), Locations: []sarifLocation{at},
			PartialFingerprints: map[string]string{"caveat/v1": s.issues.ofWaiver(use)},
		})
	}
}

// inputs adds a result for each error in an input, at its place, and gives the
// notifications of all: code scanning ignores notifications, and closes the alerts
// of what was not decided. It refuses a whole log for one result without a
// location, so that an error that has no place is a notification alone.
func (s *sarif) inputs() []sarifNotification {
	var notifications []sarifNotification
	for _, p := range s.problems {
		n := sarifNotification{Level: "error", Message: sarifMessage(p.Message)}
		if p.Path != "" {
			n.Locations = []sarifLocation{sarifAt(p.Path, p.Line, p.Column)}
			s.results = append(s.results, sarifResult{RuleID: sarifInput, Kind: "fail", Level: n.Level, Message: n.Message, Locations: n.Locations,
				PartialFingerprints: map[string]string{"caveat/v1": s.issues.ofProblem(p)}})
			s.rules[sarifInput] = sarifRule{ID: sarifInput, DefaultConfiguration: sarifLevel{n.Level}, Properties: sarifRuleAddenda{Tags: []string{"inputs"}},
				ShortDescription: sarifText{Text: "Every input can be read and decided"},
				FullDescription:  sarifText{Text: "An input that cannot be read or decided leaves open whatever it describes. The exit status is 2."},
				Help:             sarifText{Text: "Correct the input. Alerts on it that are closed meanwhile are not solved."}}
		}
		notifications = append(notifications, n)
	}
	return notifications
}

func (s *sarif) Close(decision.Summary) error {
	s.lapses()
	notifications := s.inputs()
	run := sarifRun{
		Tool:              sarifTool{sarifDriver{Name: or(s.header.Tool.Name, "caveat"), Version: s.header.Tool.Version, InformationURI: sarifHome}},
		Invocations:       []sarifInvocation{{len(notifications) == 0, notifications}},
		AutomationDetails: sarifDetails{"caveat/" + s.header.AsOf},
		ColumnKind:        "unicodeCodePoints",
		Results:           list(s.results),
		Properties:        sarifInputs{s.header.AsOf, s.header.Policies.Digest, s.header.Catalog.Digest},
	}
	if s.inside {
		run.Bases = map[string]sarifBase{sarifCatalog: {sarifText{Text: "Vendor documents that are inside caveat. `caveat vendors show ID` prints one."}}}
	}
	run.Tool.Driver.Rules = slices.SortedFunc(maps.Values(s.rules), func(a, b sarifRule) int { return cmp.Compare(a.ID, b.ID) })
	run.Tool.Driver.Rules = list(run.Tool.Driver.Rules)
	index := map[string]int{}
	for n, rule := range run.Tool.Driver.Rules {
		run.Tool.Driver.Rules[n] = rule.whole()
		index[rule.ID] = n
	}
	suppressed := slices.ContainsFunc(run.Results, func(r sarifResult) bool { return r.Suppressions != nil })
	for n := range run.Results {
		r := &run.Results[n]
		r.RuleIndex = index[r.RuleID]
		if suppressed {
			r.Suppressions = list(r.Suppressions)
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}}); err != nil {
		return err
	}
	return s.print(out.String())
}

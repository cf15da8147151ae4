package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
)

// annotations writes logging commands, a line each, by which a CI service marks
// lines of files, and a line that counts verdicts. A service shows only the
// first few, so that all is written by Close, what is most urgent first.
type annotations struct {
	printer
	unpriced
	issues   issues
	problems []decision.Problem
	waivers  []decision.WaiverUse
	notes    []annotation
	// annotate words one issue, problem one problem, waiver one waiver; empty is
	// left out.
	annotate func(issue) string
	problem  func(decision.Problem) string
	waiver   func(decision.WaiverUse) string
}

// An annotation is the command of one issue, with what it is sorted by.
type annotation struct {
	urgency, severity int
	command           string
}

// urgency orders issues of all decisions: what blocks, what is open, what is
// waived, advice.
func (i issue) urgency() int {
	switch c := i.concern(); {
	case c == blocking, c == doubtful:
		return int(blocking - c)
	case i.Status == decision.Waived:
		return 2
	default:
		return 3
	}
}

func (a *annotations) Decision(d decision.Decision) error {
	for _, i := range a.issues.of(d) {
		if command := a.annotate(i); command != "" {
			a.notes = append(a.notes, annotation{i.urgency(), slices.Index(severities, i.Severity), command})
		}
	}
	return a.err
}

func (a *annotations) Problem(p decision.Problem)        { a.problems = append(a.problems, p) }
func (a *annotations) Waivers(uses []decision.WaiverUse) { a.waivers = pressed(uses) }

func (a *annotations) Close(s decision.Summary) error {
	slices.SortStableFunc(a.notes, func(x, y annotation) int {
		return cmp.Or(cmp.Compare(x.urgency, y.urgency), -cmp.Compare(x.severity, y.severity))
	})
	var out strings.Builder
	for _, p := range a.problems {
		out.WriteString(a.problem(p) + "\n")
	}
	for _, note := range a.notes {
		out.WriteString(note.command + "\n")
	}
	for _, use := range a.waivers {
		out.WriteString(a.waiver(use) + "\n")
	}
	fmt.Fprintf(&out, "caveat: %d pass, %d review, %d fail, %s\n", s.Pass, s.Review, s.Fail, count(s.Errors, "error", "errors"))
	return a.print(out.String())
}

// words are the message of an issue and what belongs to it, in lines.
func (i issue) words() string {
	return strings.Join(append([]string{i.message}, i.details()...), "\n")
}

// github writes workflow commands of GitHub Actions: required failures are
// errors, required unknowns warnings, advice and what is waived notices.
func newGitHub(w io.Writer, header decision.Report, _ Options) Writer {
	return &annotations{
		printer: printer{w: w}, problems: header.Errors,
		annotate: func(i issue) string {
			level := map[concern]string{blocking: "error", doubtful: "warning", noted: "notice"}[i.concern()]
			text := i.words()
			if i.Status == decision.Waived {
				level, text = "notice", i.excused()
			}
			if level == "" {
				return ""
			}
			return githubCommand(level, i.location.Path, i.location.Line, i.location.Column, "caveat "+i.headline(), text)
		},
		problem: func(p decision.Problem) string {
			return githubCommand("error", p.Path, p.Line, p.Column, "caveat", clean(p.Message))
		},
		waiver: func(use decision.WaiverUse) string {
			return githubCommand("warning", use.Path, use.Line, use.Column, "caveat "+useHeadline(use), useText(use))
		},
	}
}

func githubCommand(level, file string, line, column int, title, text string) string {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var properties []string
	put := func(name, value string) { properties = append(properties, name+"="+property.Replace(value)) }
	if inFile(file) {
		put("file", slashed(file))
		if line > 0 {
			put("line", fmt.Sprint(line))
			if column > 0 {
				put("col", fmt.Sprint(column))
			}
		}
	}
	put("title", clean(title))
	return fmt.Sprintf("::%s %s::%s", level, strings.Join(properties, ","), data.Replace(text))
}

// newAzureDevOps writes logging commands of Azure Pipelines: required failures
// are errors, required unknowns and what is waived warnings. There is no lower
// level, so advice is left out unless it is asked for.
func newAzureDevOps(w io.Writer, header decision.Report, options Options) Writer {
	return &annotations{
		printer: printer{w: w}, problems: header.Errors,
		annotate: func(i issue) string {
			switch c := i.concern(); {
			case c == blocking:
				return azureCommand("error", i.location.Path, i.location.Line, i.location.Column, i.Control, i.headline()+": "+i.words())
			case c == doubtful, c == noted && options.Verbose:
				return azureCommand("warning", i.location.Path, i.location.Line, i.location.Column, i.Control, i.headline()+": "+i.words())
			case i.Status == decision.Waived:
				return azureCommand("warning", i.location.Path, i.location.Line, i.location.Column, i.Control, i.headline()+": "+i.excused())
			}
			return ""
		},
		problem: func(p decision.Problem) string {
			return azureCommand("error", p.Path, p.Line, p.Column, "input", clean(p.Message))
		},
		waiver: func(use decision.WaiverUse) string {
			return azureCommand("warning", use.Path, use.Line, use.Column, "waiver", useHeadline(use)+": "+useText(use))
		},
	}
}

func azureCommand(level, file string, line, column int, code, text string) string {
	data := strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A", ";", "%3B", "]", "%5D")
	command := "##vso[task.logissue type=" + level
	if inFile(file) {
		command += ";sourcepath=" + property.Replace(slashed(file))
		if line > 0 {
			command += fmt.Sprintf(";linenumber=%d", line)
			if column > 0 {
				command += fmt.Sprintf(";columnnumber=%d", column)
			}
		}
	}
	return command + ";code=" + property.Replace(clean(code)) + "]" + data.Replace(text)
}

// inFile reports whether a path is that of a file, and not standard input.
func inFile(file string) bool { return file != "" && file != "-" }

// slashed is a path as services write it: with slashes and without "./".
func slashed(file string) string { return path.Clean(strings.ReplaceAll(clean(file), `\`, "/")) }

// gitlab writes the code quality report of GitLab: a JSON list, an issue a line.
type gitlab struct {
	printer
	unpriced
	issues   issues
	problems []decision.Problem
	waivers  []decision.WaiverUse
	listed   bool
}

func newGitLab(w io.Writer, header decision.Report, _ Options) Writer {
	return &gitlab{printer: printer{w: w}, problems: header.Errors}
}

type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

func (g *gitlab) add(out *strings.Builder, i gitlabIssue) error {
	if i.Location.Path == "-" {
		i.Location.Path = stdin
	}
	i.Location.Path, i.Location.Lines.Begin = slashed(i.Location.Path), max(i.Location.Lines.Begin, 1)
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(i); err != nil {
		return err
	}
	out.WriteString(map[bool]string{false: "[\n", true: ",\n"}[g.listed] + strings.TrimSuffix(text.String(), "\n"))
	g.listed = true
	return nil
}

func (g *gitlab) Decision(d decision.Decision) error {
	var out strings.Builder
	for _, i := range g.issues.of(d) {
		// A required finding keeps its severity whether it fails or is unknown:
		// both keep the verdict from pass. Advice and what is waived is information.
		severity := map[string]string{"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}[i.Severity]
		text := i.headline() + ": " + i.message
		switch c := i.concern(); {
		case i.Status == decision.Waived:
			severity, text = "info", text+"; "+clean(acceptance(i.Finding))
		case c == settled:
			continue
		case c == noted:
			severity = "info"
		}
		made := gitlabIssue{text, i.Control, i.fingerprint, or(severity, "major"), gitlabLocation{i.location.Path, gitlabLines{i.location.Line}}}
		if err := g.add(&out, made); err != nil {
			return err
		}
	}
	return g.print(out.String())
}

func (g *gitlab) Problem(p decision.Problem)        { g.problems = append(g.problems, p) }
func (g *gitlab) Waivers(uses []decision.WaiverUse) { g.waivers = pressed(uses) }

func (g *gitlab) Close(decision.Summary) error {
	var out strings.Builder
	for _, use := range g.waivers {
		made := gitlabIssue{useHeadline(use) + ": " + useText(use), "waiver", g.issues.ofWaiver(use), "minor", gitlabLocation{use.Path, gitlabLines{use.Line}}}
		if err := g.add(&out, made); err != nil {
			return err
		}
	}
	for _, p := range g.problems {
		made := gitlabIssue{clean(p.Message), "input", g.issues.ofProblem(p), "blocker", gitlabLocation{or(p.Path, "."), gitlabLines{p.Line}}}
		if err := g.add(&out, made); err != nil {
			return err
		}
	}
	if !g.listed {
		out.WriteString("[")
	}
	out.WriteString(map[bool]string{false: "", true: "\n"}[g.listed] + "]\n")
	return g.print(out.String())
}

package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
)

// junit writes JUnit XML in the form that Ant and Jenkins both take: a suite a
// decision, a case a control. It carries no durations, only the date of the
// decision: the same inputs give the same bytes.
type junit struct {
	printer
	unpriced
	header   decision.Report
	problems []decision.Problem
	waivers  []decision.WaiverUse
	started  bool
	suites   int
}

func newJUnit(w io.Writer, header decision.Report, _ Options) Writer {
	return &junit{printer: printer{w: w}, header: header, problems: header.Errors}
}

type (
	junitSuite struct {
		XMLName    xml.Name        `xml:"testsuite"`
		Name       string          `xml:"name,attr"`
		Package    string          `xml:"package,attr"`
		ID         int             `xml:"id,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Hostname   string          `xml:"hostname,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		Out        string          `xml:"system-out"`
		Err        string          `xml:"system-err"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		Classname string        `xml:"classname,attr"`
		Time      string        `xml:"time,attr"`
		Skipped   *junitSkipped `xml:"skipped"`
		Error     *junitOutcome `xml:"error"`
		Failure   *junitOutcome `xml:"failure"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
	junitOutcome struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// wholeIssue makes a finding one issue again, with every reason it has.
func wholeIssue(f decision.Finding) issue {
	return issue{Finding: f, message: clean(or(f.Message, f.Title)), location: f.Location, facts: f.Facts}
}

func (j *junit) Decision(d decision.Decision) error {
	suite := j.suite(subject(d), or(d.Manifest.Name, d.Manifest.Path))
	suite.Properties = []junitProperty{
		{"manifest", clean(d.Manifest.Path)}, {"digest", clean(d.Manifest.Digest)}, {"stage", clean(d.Stage)}, {"verdict", d.Verdict.String()},
		{"policies", j.header.Policies.Digest}, {"catalog", j.header.Catalog.Digest},
	}
	// A workload may be decided on several offerings, each with the same controls.
	// Jenkins takes what is before the last dot of a class for its package.
	class := strings.ReplaceAll(suite.Name, ".", "_")
	for _, f := range d.Findings {
		i := wholeIssue(f)
		made := junitCase{Name: clean(or(f.Control, "-")), Classname: class, Time: "0"}
		text := "\n" + strings.Join(append([]string{clean(lineOf(i.location.Path, i.location.Line)), i.message}, i.details()...), "\n") + "\n"
		switch c := i.concern(); {
		case f.Fault != "":
			made.Error = &junitOutcome{clean(f.Fault), "fault", text}
			suite.Errors++
		case c == blocking:
			made.Failure = &junitOutcome{i.message, "fail", text}
			suite.Failures++
		case c == doubtful:
			made.Failure = &junitOutcome{i.message, "unknown", text}
			suite.Failures++
		case f.Status != decision.Pass:
			made.Skipped = &junitSkipped{i.skip()}
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, made)
	}
	return j.write(suite)
}

// skip says why a finding does not count against the verdict.
func (i issue) skip() string {
	switch i.Status {
	case decision.NotApplicable:
		return "not applicable"
	case decision.Waived:
		return i.message + "; " + clean(acceptance(i.Finding))
	case decision.Fail:
		return "advice, fails: " + i.message
	default:
		return "advice, unknown: " + i.message
	}
}

func (j *junit) Problem(p decision.Problem)        { j.problems = append(j.problems, p) }
func (j *junit) Waivers(uses []decision.WaiverUse) { j.waivers = pressed(uses) }

func (j *junit) suite(name, class string) junitSuite {
	suite := junitSuite{Name: or(clean(name), "-"), Package: or(clean(class), "-"), ID: j.suites, Timestamp: j.header.AsOf + "T00:00:00", Hostname: "localhost", Time: "0"}
	j.suites++
	return suite
}

func (j *junit) write(suite junitSuite) error {
	suite.Tests = len(suite.Cases)
	text, err := xml.MarshalIndent(suite, "  ", "  ")
	if err != nil {
		return err
	}
	j.start()
	// Texts have lines; attributes are one line each.
	return j.print(strings.ReplaceAll(string(text), "&#xA;", "\n") + "\n")
}

func (j *junit) start() {
	if !j.started {
		j.started = true
		j.print(xml.Header + "<testsuites>\n")
	}
}

// lapses are the waivers to look at as a suite of cases that are skipped: they
// change no exit status, so none of them fails.
func (j *junit) lapses() junitSuite {
	suite := j.suite("waivers", "waivers")
	seen := map[string]int{}
	for _, use := range j.waivers {
		name := useHeadline(use) + ", " + clean(lineOf(use.Path, use.Line))
		if seen[name]++; seen[name] > 1 {
			name += fmt.Sprintf(" (%d)", seen[name])
		}
		suite.Cases = append(suite.Cases, junitCase{Name: name, Classname: "waivers", Time: "0", Skipped: &junitSkipped{useText(use)}})
	}
	suite.Skipped = len(suite.Cases)
	return suite
}

func (j *junit) Close(decision.Summary) error {
	if len(j.waivers) > 0 {
		if err := j.write(j.lapses()); err != nil {
			return err
		}
	}
	if len(j.problems) > 0 {
		suite := j.suite("input", "input")
		for _, p := range j.problems {
			message := clean(p.Error())
			suite.Cases = append(suite.Cases, junitCase{Name: or(clean(lineOf(p.Path, p.Line)), "input"), Classname: "input", Time: "0", Error: &junitOutcome{message, "input", message}})
		}
		suite.Errors = len(suite.Cases)
		if err := j.write(suite); err != nil {
			return err
		}
	}
	j.start()
	return j.print("</testsuites>\n")
}

// tap writes version 14 of the Test Anything Protocol: a test point a decision,
// with its controls as subtest.
type tap struct {
	printer
	unpriced
	problems []decision.Problem
	waivers  []decision.WaiverUse
	started  bool
	points   int
}

func newTAP(w io.Writer, header decision.Report, _ Options) Writer {
	return &tap{printer: printer{w: w}, problems: header.Errors}
}

func (t *tap) start() {
	if !t.started {
		t.started = true
		t.print("TAP version 14\n")
	}
}

// tapText keeps words from being read as a directive or a second line.
func tapText(text string) string {
	return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(clean(text))
}

func tapPoint(ok bool, n int, text, directive string) string {
	line := map[bool]string{true: "ok ", false: "not ok "}[ok] + fmt.Sprint(n) + " - " + tapText(text)
	if directive != "" {
		line += " # " + directive
	}
	return line + "\n"
}

// tapDetails are the lines of a YAML block; its values are JSON strings, which
// YAML reads as they are.
func tapDetails(indent string, pairs ...string) string {
	out := indent + "  ---\n"
	for i := 0; i < len(pairs); i += 2 {
		out += indent + "  " + pairs[i] + ": " + quoted(pairs[i+1]) + "\n"
	}
	return out + indent + "  ...\n"
}

func (t *tap) Decision(d decision.Decision) error {
	const indent = "    "
	var out strings.Builder
	whole := d.Verdict == decision.Passed
	fmt.Fprintf(&out, "%s# Subtest: %s\n", indent, tapText(subject(d)))
	for n, f := range d.Findings {
		i := wholeIssue(f)
		c := i.concern()
		directive := ""
		switch {
		case f.Fault != "" || c == blocking || c == doubtful || f.Status == decision.Pass:
		case f.Status == decision.Waived:
			directive = "TODO " + tapText(i.skip()) // TAP's word for a failure that is accepted
		default:
			directive = "SKIP " + tapText(i.skip())
		}
		ok := f.Fault == "" && f.Status != decision.Waived && c != blocking && c != doubtful
		out.WriteString(indent + tapPoint(ok, n+1, f.Control, directive))
		if !ok && f.Status != decision.Waived {
			whole = false
			out.WriteString(tapDetails(indent, "message", i.message, "status", f.Status.String(), "severity", f.Severity,
				"at", clean(fmt.Sprintf("%s:%d:%d", f.Location.Path, f.Location.Line, f.Location.Column)), "details", strings.Join(i.details(), "\n")))
		}
	}
	fmt.Fprintf(&out, "%s1..%d\n", indent, len(d.Findings))
	t.points++
	out.WriteString(tapPoint(whole, t.points, subject(d)+": "+d.Verdict.String(), ""))
	t.start()
	return t.print(out.String())
}

func (t *tap) Problem(p decision.Problem)        { t.problems = append(t.problems, p) }
func (t *tap) Waivers(uses []decision.WaiverUse) { t.waivers = pressed(uses) }

func (t *tap) Close(decision.Summary) error {
	t.start()
	for _, use := range t.waivers {
		t.points++
		t.print(tapPoint(true, t.points, useHeadline(use), "SKIP "+tapText(useText(use))))
	}
	for _, p := range t.problems {
		t.points++
		t.print(tapPoint(false, t.points, p.Error(), ""))
	}
	return t.print(fmt.Sprintf("1..%d\n", t.points))
}

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/caveat-check/caveat/internal/decision"
)

// A Writer writes one report in one format, decision by decision. Each call
// returns the first error of the underlying writer, and after an error nothing
// more is written. Close ends the report; it does not close the underlying
// writer.
type Writer interface {
	Decision(decision.Decision) error
	Problem(decision.Problem)
	// Waivers sets what became of the waivers. What waives nothing or ends soon
	// asks for attention; it changes no verdict.
	Waivers([]decision.WaiverUse)
	// CostChange sets what the manifests cost against others.
	CostChange(*decision.CostChange)
	Close(decision.Summary) error
}

// Options are what a format may know beside the report. All may be left out.
type Options struct {
	// Verbose shows what passed and what does not apply, in formats that leave
	// it out otherwise.
	Verbose bool
	// Width in columns and Color are for formats that a terminal shows.
	Width int
	Color bool
	// Controls are the controls in force, for what findings do not repeat: the
	// family and the description. A saved report comes without them.
	Controls []Control
	// Inside are the paths of vendor documents that are inside the program, by
	// vendor: no files of the reader's. Of a saved report they may not be known.
	Inside map[string]string
}

// unpriced is a part of formats that have no place for what a change costs.
type unpriced struct{}

func (unpriced) CostChange(*decision.CostChange) {}

// A format makes writers.
type format struct {
	name string
	make func(w io.Writer, header decision.Report, options Options) Writer
}

// formats are the formats of a report, in the order in which help lists them.
var formats = []format{
	{"table", newTable},
	{"json", func(w io.Writer, header decision.Report, _ Options) Writer { return NewJSON(w, header) }},
	{"jsonl", newJSONLines},
	{"yaml", newYAML},
	{"sarif", newSARIF},
	{"junit", newJUnit},
	{"tap", newTAP},
	{"github", newGitHub},
	{"gitlab", newGitLab},
	{"azuredevops", newAzureDevOps},
	{"markdown", newComment},
	{"csv", newRegister},
	{"html", newHTML},
	{"oscal", newOSCAL},
}

// Formats lists the names of the formats that New knows. The first is the one
// for people at a terminal.
func Formats() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// New starts a report in a format. Of the header, tool, date, digests and errors
// count; decisions and summary come later.
func New(name string, w io.Writer, header decision.Report, options Options) (Writer, error) {
	for _, f := range formats {
		if f.name == name {
			return f.make(w, header, options), nil
		}
	}
	return nil, fmt.Errorf("no format %q; expected one of %s", name, strings.Join(Formats(), ", "))
}

// tableWriter prints decisions for people. Problems are not a part of it: they
// go to standard error.
type tableWriter struct{ *Table }

func newTable(w io.Writer, _ decision.Report, options Options) Writer {
	return tableWriter{&Table{W: w, Width: options.Width, Color: options.Color, Verbose: options.Verbose}}
}

func (t tableWriter) Problem(decision.Problem)             {}
func (t tableWriter) Close(summary decision.Summary) error { return t.Summary(summary) }

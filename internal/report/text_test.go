package report

import (
	"bytes"
	"strings"
	"testing"
)

// Nothing that is shown in a log is a command of the service that reads it,
// wherever a line is broken.
func TestNoCommands(t *testing.T) {
	for width := 60; width < 100; width++ {
		p := newPage(width, width%2 == 0)
		p.flow([]piece{indent(4)}, 4, text(strings.Repeat("x", 50)+" ::stop-commands::zz ##vso[task.setvariable variable=PATH]/tmp ##[error]no"), styled(" ::error::bold", strong))
		p.line(styled("", bad), text("  "), styled("::warning::x", bad))
		var out bytes.Buffer
		if err := p.writeTo(&out); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(out.String(), "\n") {
			bare := strings.NewReplacer("\x1b[1m", "", "\x1b[31m", "", "\x1b[0m", "").Replace(line)
			if strings.HasPrefix(strings.TrimSpace(bare), "::") || strings.Contains(bare, "##vso[") || strings.Contains(bare, "##[") {
				t.Errorf("at %d columns: %q is a command", width, line)
			}
		}
	}
	for text, want := range map[string]string{
		"note: a::b":           "note: a::b",
		"::error::x":           ": :error::x",
		" \u00a0::error::x":    "  : :error::x",
		"x\n::error::\x1b[31m": "x ::error::\ufffd[31m",
		"##[debug]":            "## [debug]",
	} {
		if got := Message(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

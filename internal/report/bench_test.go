package report

import (
	"io"
	"testing"

	"github.com/caveat-check/caveat/internal/decision"
)

func BenchmarkTable(b *testing.B) {
	d := real(b)[0]
	table := Table{W: io.Discard}
	for b.Loop() {
		if err := table.Decision(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJSON(b *testing.B) {
	d := real(b)[0]
	j := NewJSON(io.Discard, decision.Report{})
	for b.Loop() {
		if err := j.Decision(d); err != nil {
			b.Fatal(err)
		}
	}
}

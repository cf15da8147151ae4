package trace

import (
	"bytes"
	"testing"
	"time"
)

// seeds are contents that FuzzOpen begins with: good and bad ones.
func seeds() [][]byte {
	all := [][]byte{
		[]byte("t,d\n0,1\n1.5,2e-3\n"), []byte("\"t\",d\r\n\"0\",\"1\"\r\n"),
		[]byte("t,d\n2024-01-01 00:00:00,1\n2024-01-01 00:00:01.5,1"),
		[]byte("t,d\n2024-01-01T00:00:00+01:00,1\n"),
		[]byte("{\"t\":0,\"d\":1}\n{\"d\":[{}],\"t\":\"\\u0030\"}\n"),
		[]byte("{\"t\":1e3,\"d\":1,\"x\":[1,\"]\"]}\n"),
		{0x1f, 0x8b, 8, 0},
	}
	for _, test := range badRows {
		if len(test.content) < 1000 {
			all = append(all, []byte(test.content))
		}
	}
	return all
}

func FuzzOpen(f *testing.F) {
	for i, content := range seeds() {
		f.Add(content, i%2 == 0, i%3 == 0)
	}
	f.Fuzz(func(t *testing.T, content []byte, ends, milliseconds bool) {
		spec := Spec{Path: "-", Name: "t", Stdin: bytes.NewReader(content), Columns: timed, TimeUnit: time.Second, MemoryLimit: 3}
		if ends {
			spec.Columns = Columns{End: "t", Duration: "d"}
		}
		if milliseconds {
			spec.TimeUnit = time.Millisecond
		}
		trace, found := Open(t.Context(), spec)
		if (trace == nil) == (len(found) == 0) {
			t.Fatalf("got %v beside %v", trace, found)
		}
		for _, p := range found {
			if p.Path != "t" || p.Message == "" || p.Line > 0 && p.Column < 1 {
				t.Fatalf("got problem %+v", p)
			}
		}
		if trace == nil {
			return
		}
		n := trace.Len()
		arrivals := all(t, trace)
		if int64(len(arrivals)) != n || n == 0 || arrivals[0].At != 0 {
			t.Fatalf("got %d of %d arrivals: %v", len(arrivals), n, arrivals)
		}
		var last int64
		for _, a := range arrivals {
			if a.At < last || a.Duration < 0 || a.At+a.Duration < 0 {
				t.Fatalf("got %v", arrivals)
			}
			last = a.At
		}
	})
}

func FuzzCSV(f *testing.F) {
	for _, content := range seeds() {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		// What is not UTF-8 or begins with a byte order mark or as gzip does is
		// for FuzzOpen.
		for _, b := range content {
			if b >= 0x80 || b == 0x1f {
				return
			}
		}
		sameCSV(t, content)
	})
}

func FuzzParseRate(f *testing.F) {
	for _, text := range []string{"2/s", "3.5/min", "120/h", "1e-3/d", "1/3/h", "-1/s", "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRate(text)
		if err != nil && r != (Rate{}) {
			t.Fatalf("%q: got %v beside %v", text, r, err)
		}
		if err == nil && !r.zero() {
			if whole, _ := r.gap(); whole == 0 || whole > 1<<62 {
				t.Fatalf("%q: got a gap of %d ns", text, whole)
			}
		}
	})
}

// A fuzz target without seeds passes whatever the code does.
func TestSeeds(t *testing.T) {
	good := 0
	for _, content := range seeds() {
		spec := Spec{Path: "-", Stdin: bytes.NewReader(content), Columns: timed, TimeUnit: time.Second}
		if trace, _ := Open(t.Context(), spec); trace != nil {
			good++
		}
	}
	if good < 5 || len(seeds()) < 2*good {
		t.Errorf("got %d good ones of %d seeds", good, len(seeds()))
	}
}

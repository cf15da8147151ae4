package trace

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"
)

// many writes 10 MiB of rows.
func many(row func(b *bytes.Buffer, i int)) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < 10<<20; i++ {
		row(&b, i)
	}
	return b.Bytes()
}

// benchmarkOpen reads a content again and again, and reports nanoseconds a row.
func benchmarkOpen(b *testing.B, content []byte, spec Spec) {
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	var rows int64
	for b.Loop() {
		spec.Path, spec.Stdin = "-", bytes.NewReader(content)
		trace, found := Open(b.Context(), spec)
		if len(found) > 0 {
			b.Fatal(found)
		}
		rows += trace.Len()
		if err := trace.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
}

func azureRow(b *bytes.Buffer, i int) {
	if i == 0 {
		b.WriteString("TIMESTAMP,ContextTokens,GeneratedTokens\r\n")
	}
	fmt.Fprintf(b, "%s,%d,%d\r\n", time.Unix(1700158623, int64(i)*9799600).UTC().Format("2006-01-02 15:04:05.0000000"), 100+i%5000, i%400)
}

func BenchmarkAzureCSV(b *testing.B) {
	spec := Spec{Columns: Columns{Time: "TIMESTAMP", OutputTokens: "GeneratedTokens"}, Request: tokens}
	b.Run("memory", func(b *testing.B) { benchmarkOpen(b, many(azureRow), spec) })
	spec.MemoryLimit = 1000
	b.Run("spooled", func(b *testing.B) { benchmarkOpen(b, many(azureRow), spec) })
}

func BenchmarkSimpleCSV(b *testing.B) {
	benchmarkOpen(b, many(func(b *bytes.Buffer, i int) {
		if i == 0 {
			b.WriteString("time,seconds\n")
		}
		fmt.Fprintf(b, "%d.%03d,%d.25\n", i/100, i%100*10, i%90)
	}), Spec{Columns: Columns{Time: "time", Duration: "seconds"}, TimeUnit: time.Second})
}

func BenchmarkQuotedCSV(b *testing.B) {
	benchmarkOpen(b, many(func(b *bytes.Buffer, i int) {
		if i == 0 {
			b.WriteString("time,prompt,seconds\n")
		}
		fmt.Fprintf(b, "%d,\"what is this, and \"\"why\"\"?\",%d.25\n", i, i%90)
	}), Spec{Columns: Columns{Time: "time", Duration: "seconds"}, TimeUnit: time.Second})
}

func BenchmarkEndsCSV(b *testing.B) {
	ends := many(func(b *bytes.Buffer, i int) {
		if i == 0 {
			b.WriteString("end,duration\n")
		}
		fmt.Fprintf(b, "%d.5,%d.078\n", 100+i/10, i*7919%90)
	})
	spec := Spec{Columns: Columns{End: "end", Duration: "duration"}, TimeUnit: time.Second}
	b.Run("memory", func(b *testing.B) { benchmarkOpen(b, ends, spec) })
	spec.MemoryLimit = 50_000
	b.Run("spooled", func(b *testing.B) { benchmarkOpen(b, ends, spec) })
}

func BenchmarkJSONLines(b *testing.B) {
	spec := Spec{Columns: Columns{Time: "timestamp", OutputTokens: "output_length"}, TimeUnit: time.Millisecond, Request: tokens}
	b.Run("short", func(b *testing.B) {
		benchmarkOpen(b, many(func(b *bytes.Buffer, i int) {
			fmt.Fprintf(b, `{"timestamp": %d, "input_length": %d, "output_length": %d}`+"\n", i, 100+i%5000, i%400)
		}), spec)
	})
	// Rows of the Mooncake trace have 23 hash ids on average.
	b.Run("lists", func(b *testing.B) {
		benchmarkOpen(b, many(func(b *bytes.Buffer, i int) {
			fmt.Fprintf(b, `{"timestamp": %d, "input_length": %d, "output_length": %d, "hash_ids": [0`, i, 100+i%5000, i%400)
			for id := range 22 {
				fmt.Fprintf(b, ", %d", 10000+i*7+id)
			}
			b.WriteString("]}\n")
		}), spec)
	})
}

// BenchmarkProfile expands 100 hours; arrivals beyond a million are spooled.
func BenchmarkProfile(b *testing.B) {
	p := &Profile{Seed: 1}
	for i := range 24 {
		p.Hourly = append(p.Hourly, rate(b, fmt.Sprintf("%d/s", 1+i%10)))
	}
	var rows int64
	for b.Loop() {
		trace, found := Open(b.Context(), Spec{Period: 100 * time.Hour, Request: Request{Duration: ref(time.Second)}, Profile: p})
		if len(found) > 0 {
			b.Fatal(found)
		}
		rows += trace.Len()
		if err := trace.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/arrival")
}

// BenchmarkNext reads a million arrivals through a cursor.
func BenchmarkNext(b *testing.B) {
	const n = 1 << 20
	for _, limit := range []int{n, 1} {
		b.Run(map[bool]string{true: "memory", false: "spooled"}[limit == n], func(b *testing.B) {
			s := store{limit: limit}
			for i := range int64(n) {
				if err := s.add(Arrival{i, i}); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.finish(); err != nil {
				b.Fatal(err)
			}
			defer s.close()
			var sum, rounds int64
			b.ReportAllocs()
			for b.Loop() {
				rounds++
				for c := s.from(0); ; {
					block, err := c.Next()
					if err != nil {
						b.Fatal(err)
					}
					if block == nil {
						break
					}
					for _, a := range block {
						sum += a.At
					}
				}
			}
			if sum != rounds*n*(n-1)/2 {
				b.Error("got other arrivals")
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*rounds), "ns/arrival")
		})
	}
}

// BenchmarkHash is the share of the digest, which another goroutine computes.
func BenchmarkHash(b *testing.B) {
	content := many(azureRow)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		in := &input{limits: defaultLimits, blocks: make(chan block), done: make(chan struct{})}
		go in.read(io.NopCloser(bytes.NewReader(content)))
		for last := (block{}); last.err == nil; {
			last = <-in.blocks
		}
		in.close()
	}
}

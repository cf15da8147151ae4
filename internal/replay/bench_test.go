package replay

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

// synthetic is a source of n arrivals that are made as they are read: at
// exponential distances of 1 ms on average, with exponential durations that keep
// so many in flight on average.
type synthetic struct {
	n        int64
	inFlight float64
}

const syntheticBlock = 4096

func (s synthetic) Len() int64          { return s.n }
func (s synthetic) From(n int64) Cursor { return &syntheticCursor{s: s, next: n} }

// span is the time of one block: it starts anew in each, so that a cursor can
// begin anywhere.
const span = syntheticBlock * int64(time.Millisecond)

func (s synthetic) period() time.Duration {
	return time.Duration((s.n/syntheticBlock + 1) * span)
}

type syntheticCursor struct {
	s     synthetic
	next  int64
	block [syntheticBlock]Arrival
}

func (c *syntheticCursor) Next() ([]Arrival, error) {
	if c.next >= c.s.n {
		return nil, nil
	}
	number := c.next / syntheticBlock
	random := rand.New(rand.NewPCG(1, uint64(number)))
	at, end := number*span, (number+1)*span-1
	for i := range c.block {
		duration := int64(random.ExpFloat64() * c.s.inFlight * float64(time.Millisecond))
		c.block[i] = Arrival{min(at, end), min(duration, math.MaxInt64)}
		at += int64(random.ExpFloat64() * 0.97 * float64(time.Millisecond))
	}
	first := c.next % syntheticBlock
	n := min(syntheticBlock-first, c.s.n-c.next)
	c.next += n
	return c.block[first : first+n], nil
}

func read(t testing.TB, src Source) Arrivals {
	t.Helper()
	all := make(Arrivals, 0, src.Len())
	for cursor := src.From(0); ; {
		block, err := cursor.Next()
		if err != nil {
			t.Fatal(err)
		}
		if len(block) == 0 {
			return all
		}
		all = append(all, block...)
	}
}

var benchRules = []Rule{
	{Increment: time.Second, Up: true, BillsBoot: true, BillsIdle: true},
	{Increment: time.Minute, Minimum: time.Minute, Up: true},
	{BillsBoot: true},
}

func benchScenario(s synthetic) Scenario {
	return Scenario{Concurrency: 8, Boot: 2 * time.Second, Delay: time.Minute, Period: s.period()}
}

func report(b *testing.B, requests int64) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(requests), "ns/request")
}

// BenchmarkReplay replays a million arrivals in memory.
func BenchmarkReplay(b *testing.B) {
	for _, n := range []int{10, 64, 100, 1_000, 10_000} {
		src := synthetic{1_000_000, float64(n)}
		b.Run(fmt.Sprintf("inflight=%d", n), func(b *testing.B) { bench(b, read(b, src), benchScenario(src)) })
	}
	src := synthetic{1_000_000, 64}
	s := benchScenario(src)
	s.Max = 8
	b.Run("queue", func(b *testing.B) { bench(b, read(b, src), s) })
	s = benchScenario(src)
	s.Concurrency, s.Delay, s.Boot = 1, 0, 0
	b.Run("a life a request", func(b *testing.B) { bench(b, read(b, src), s) })
}

var long = flag.Int64("arrivals", 0, "let BenchmarkLong make so many; 100000000 take half a minute")

// BenchmarkLong replays arrivals that are made as they are read: few of which
// wait, and most of which wait in a long queue and so are read several times.
// ns/arrival-made is what making them takes of it, once.
func BenchmarkLong(b *testing.B) {
	if *long == 0 {
		b.Skip("takes long; set -arrivals")
	}
	for _, c := range []struct {
		name string
		most int
	}{{"few wait", 0}, {"queue", 7}} {
		for n := *long / 100; n <= *long; n *= 10 {
			b.Run(fmt.Sprintf("%s/arrivals=%d", c.name, n), func(b *testing.B) {
				src := synthetic{n, 64}
				s := benchScenario(src)
				s.Max = c.most
				start := time.Now()
				for cursor := src.From(0); ; {
					if block, _ := cursor.Next(); len(block) == 0 {
						break
					}
				}
				making := time.Since(start)
				bench(b, src, s)
				b.ReportMetric(float64(making.Nanoseconds())/float64(n), "ns/arrival-made")
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.HeapSys)/1e6, "MB-heap")
			})
		}
	}
}

func bench(b *testing.B, src Source, s Scenario) {
	b.ReportAllocs()
	var r Result
	for b.Loop() {
		var err error
		if r, err = Run(context.Background(), src, s, benchRules); err != nil {
			b.Fatal(err)
		}
	}
	report(b, src.Len())
	b.ReportMetric(float64(r.Peak), "replicas")
	b.ReportMetric(float64(r.ColdStarts), "cold-starts")
}

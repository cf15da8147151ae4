package replay

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// pieces is a source that gives its arrivals a few at a time, in a block that it
// uses again.
type pieces struct {
	all  []Arrival
	size int
}

func (p pieces) Len() int64 { return int64(len(p.all)) }

func (p pieces) From(n int64) Cursor {
	return &pieceCursor{rest: p.all[n:], block: make([]Arrival, p.size)}
}

type pieceCursor struct{ rest, block []Arrival }

func (c *pieceCursor) Next() ([]Arrival, error) {
	for i := range c.block {
		c.block[i] = Arrival{-1, -1} // what was given is no longer valid
	}
	n := copy(c.block, c.rest)
	c.rest = c.rest[n:]
	return c.block[:n], nil
}

// collect is a meter that keeps all waits.
type collect []int64

func (c *collect) add(wait int64) bool { *c = append(*c, wait); return true }

// tight bounds spill at once.
var tight = []bounds{{1, 0, 1}, {2, 1, 2}, {3, 2, 4}, limits}

// agree fails unless the fast replay says what the slow one says.
func agree(t testing.TB, arrivals []Arrival, s Scenario, rules []Rule) (slowResult, error) {
	t.Helper()
	ctx := context.Background()
	want, wantErr := slow(arrivals, s, rules)
	show := func(what string, got, want any) {
		t.Helper()
		if got, want := fmt.Sprint(got), fmt.Sprint(want); got != want {
			t.Fatalf("%s: got %s, want %s\narrivals %v\nscenario %+v\nrules %+v", what, got, want, arrivals, s, rules)
		}
	}
	for i, b := range tight {
		got, err := runWithin(ctx, pieces{arrivals, i + 1}, s, rules, b)
		show("error", err, wantErr)
		if err != nil {
			if !errors.Is(err, ErrCannotKeepUp) {
				t.Fatal(err)
			}
			continue
		}
		show("requests", got.Requests, want.requests)
		show("cold starts", got.ColdStarts, want.coldStarts)
		show("peak", got.Peak, want.peak)
		show("busy slots", got.BusySlot, want.busySlot)
		show("life", got.Life, want.life)
		show("rules", len(got.Billed), len(want.billed))
		for k, b := range got.Billed {
			show("run", b.Run, want.billed[k].run)
			show("boot", b.Boot, want.billed[k].boot)
			show("idle", b.Idle, want.billed[k].idle)
		}
		show("p50, p95, p99", []int64{got.P50, got.P95, got.P99}, []int64{want.percentile(50), want.percentile(95), want.percentile(99)})

		var waits collect
		if err := newRun(Arrivals(arrivals), s, nil, &waits, b).replay(ctx); err != nil {
			t.Fatal(err)
		}
		for len(waits) < len(arrivals) {
			waits = append(waits, 0)
		}
		slices.Sort(waits)
		show("waits", []int64(waits), want.waits)
	}
	for _, target := range []int64{0, 1, want.percentile(99) - 1, want.percentile(99)} {
		got, err := Meets(ctx, Arrivals(arrivals), s, time.Duration(target))
		show("error", err, nil)
		show("meets", got, wantErr == nil && want.percentile(99) <= target)
	}
	return want, wantErr
}

// drawn makes a small trace and scenario of numbers from 0 to n-1, in a time so
// short that most of it happens at once.
func drawn(draw func(n int) int) ([]Arrival, Scenario, []Rule) {
	s := Scenario{Concurrency: 1 + draw(4), Min: draw(4), Boot: time.Duration(draw(6)), Delay: time.Duration(draw(6))}
	if draw(4) > 0 {
		s.Max = max(s.Min+draw(4), 1)
	}
	if draw(4) == 0 {
		s.Slowdown = Ratio{int64(1 + draw(5)), int64(1 + draw(5))}
	}
	arrivals := make([]Arrival, 1+draw(24))
	gaps, longest := 1+draw(4), 1+draw(9)
	for i := range arrivals {
		if i > 0 {
			arrivals[i].At = arrivals[i-1].At + int64(draw(gaps))
		}
		arrivals[i].Duration = int64(draw(longest))
	}
	s.Period = max(time.Duration(arrivals[len(arrivals)-1].At)+time.Duration(draw(24)), 1)
	rules := []Rule{
		{}, {BillsBoot: true, BillsIdle: true},
		{Increment: time.Duration(1 + draw(7)), Minimum: time.Duration(draw(9)), Up: true, BillsBoot: draw(2) == 0, BillsIdle: draw(2) == 0},
		{Increment: time.Duration(draw(7)), Minimum: time.Duration(draw(9)), BillsBoot: draw(2) == 0, BillsIdle: draw(2) == 0},
	}
	return arrivals, s, rules
}

func TestSlowAgrees(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	seen := map[string]int{}
	for range 20_000 {
		arrivals, s, rules := drawn(random.IntN)
		want, err := agree(t, arrivals, s, rules)
		switch {
		case err != nil:
			seen["cannot keep up"]++
		case want.percentile(50) > 0:
			seen["most wait"]++
		case want.percentile(99) > 0:
			seen["some wait"]++
		case want.coldStarts == 0:
			seen["no cold start"]++
		default:
			seen["no wait"]++
		}
	}
	for _, what := range []string{"cannot keep up", "most wait", "some wait", "no cold start", "no wait"} {
		if seen[what] < 500 {
			t.Errorf("%s: seen %d times; the cases show little", what, seen[what])
		}
	}
}

// TestSlowAgreesAtLength compares longer traces: of replicas that come and go,
// of many at once, and of times of every magnitude.
func TestSlowAgreesAtLength(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	rules := []Rule{{Increment: 7, Minimum: 20, Up: true, BillsBoot: true, BillsIdle: true}, {BillsBoot: true}}
	magnitude := func(most int) int64 { return random.Int64N(1 << (1 + random.IntN(most))) }
	for range 60 {
		s := Scenario{Concurrency: 1 + random.IntN(2), Min: random.IntN(3), Boot: time.Duration(random.IntN(20)), Delay: time.Duration(random.IntN(30))}
		if random.IntN(2) == 0 {
			s.Max = 3 + random.IntN(90)
		}
		arrivals := make([]Arrival, 600)
		for i := range arrivals {
			if i > 0 {
				arrivals[i].At = arrivals[i-1].At + random.Int64N(3)
			}
			arrivals[i].Duration = random.Int64N(120)
		}
		s.Period = time.Duration(arrivals[len(arrivals)-1].At) + 1000
		agree(t, arrivals, s, rules)
	}
	for range 300 {
		s := Scenario{Concurrency: 1 + random.IntN(3), Min: random.IntN(3), Boot: time.Duration(magnitude(50)), Delay: time.Duration(magnitude(50)),
			Slowdown: Ratio{1 + magnitude(10), 1 + magnitude(10)}}
		if random.IntN(2) == 0 {
			s.Max = 3 + random.IntN(9)
		}
		arrivals := make([]Arrival, 60)
		for i := range arrivals {
			if i > 0 {
				arrivals[i].At = arrivals[i-1].At + magnitude(50)
			}
			arrivals[i].Duration = magnitude(48)
		}
		s.Period = time.Duration(arrivals[len(arrivals)-1].At) + 1<<52
		agree(t, arrivals, s, rules)
	}
	burst := make([]Arrival, 9000)
	for i := range burst {
		burst[i] = Arrival{int64(i / 4500), random.Int64N(4)}
	}
	for _, most := range []int{0, 4200} {
		agree(t, burst, Scenario{Concurrency: 1, Max: most, Boot: 1, Delay: 1, Period: 100}, rules)
	}
}

// TestLeastMin compares with a search through the slow replay.
func TestLeastMin(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	found, none := 0, 0
	for range 3000 {
		arrivals, s, _ := drawn(random.IntN)
		target := int64(random.IntN(6))
		boots := []time.Duration{s.Boot, time.Duration(random.IntN(6)), time.Duration(random.IntN(6))}[:1+random.IntN(3)]
		meets := func(least int) bool {
			s := s
			s.Min = least
			for _, s.Boot = range boots {
				r, err := slow(arrivals, s, nil)
				if err != nil || r.percentile(99) > target {
					return false
				}
			}
			return true
		}
		most := s.Max
		if most == 0 {
			most = s.Min + len(arrivals)
		}
		want := s.Min + 1
		for want <= most && !meets(want) {
			want++
		}
		got, ok, err := LeastMin(context.Background(), pieces{arrivals, 3}, s, time.Duration(target), boots)
		switch {
		case err != nil:
			t.Fatal(err)
		case want > most:
			none++
			if ok {
				t.Fatalf("got %d, want none: %v %+v target %d boots %d", got, arrivals, s, target, boots)
			}
		default:
			found++
			if !ok || got != want {
				t.Fatalf("got %d, %v, want %d: %v %+v target %d boots %d", got, ok, want, arrivals, s, target, boots)
			}
		}
	}
	if found < 500 || none < 500 {
		t.Errorf("found %d times and not %d times; the cases show little", found, none)
	}
}

func FuzzReplay(f *testing.F) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		seed := make([]byte, 20+random.IntN(60))
		for i := range seed {
			seed[i] = byte(random.Uint32())
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		arrivals, s, rules := drawn(func(n int) int {
			if len(data) == 0 {
				return 0
			}
			v := int(data[0]) % n
			data = data[1:]
			return v
		})
		agree(t, arrivals, s, rules)
	})
}

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
	for range 30_000 {
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
		agree2(t, data)
	})
}

func agree2(t *testing.T, data []byte) {
	arrivals, s, rules := drawn(func(n int) int {
		if len(data) == 0 {
			return 0
		}
		v := int(data[0]) % n
		data = data[1:]
		return v
	})
	agree(t, arrivals, s, rules)
}

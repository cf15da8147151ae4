package replay

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"
)

// every returns n arrivals at equal distances.
func every(n int, distance, duration time.Duration) Arrivals {
	all := make(Arrivals, n)
	for i := range all {
		all[i] = Arrival{int64(i) * int64(distance), int64(duration)}
	}
	return all
}

// TestClosedForms replays what can be worked out on paper. The rule bills
// minutes of whole lives.
func TestClosedForms(t *testing.T) {
	const s, m, h = time.Second, time.Minute, time.Hour
	rule := Rule{Increment: m, Up: true, BillsBoot: true, BillsIdle: true}
	for name, c := range map[string]struct {
		src             Arrivals
		scenario        Scenario
		rule            Rule
		coldStarts      int64
		peak            int
		busy, life      time.Duration
		p50, p95, p99   time.Duration
		run, boot, idle time.Duration
	}{
		"one job": {
			every(1, 0, 47*m), Scenario{Concurrency: 1, Boot: 40 * s, Delay: 5 * m, Period: h}, rule,
			1, 1, 47 * m, 47*m + 40*s + 5*m, 40 * s, 40 * s, 40 * s,
			47 * m, m, 5 * m, // 47 minutes; with the boot 47:40, so 48; with the idle 52:40, so 53
		},
		"one job, exact time of the run alone": {
			every(1, 0, 47*m), Scenario{Concurrency: 1, Boot: 40 * s, Delay: 5 * m, Period: h}, Rule{Minimum: 10 * m},
			1, 1, 47 * m, 47*m + 40*s + 5*m, 40 * s, 40 * s, 40 * s, 47 * m, 0, 0,
		},
		"one short job, at least ten minutes": {
			every(1, 0, s), Scenario{Concurrency: 1, Boot: 40 * s, Delay: 5 * m, Period: h}, Rule{Minimum: 10 * m, BillsBoot: true, BillsIdle: true},
			1, 1, s, s + 40*s + 5*m, 40 * s, 40 * s, 40 * s, 10 * m, 0, 0,
		},
		"one request an hour: each boots a replica": {
			every(24, h, 30*s), Scenario{Concurrency: 8, Boot: 20 * s, Delay: 5 * m, Period: 24 * h}, rule,
			24, 1, 24 * 30 * s, 24 * (20*s + 30*s + 5*m), 20 * s, 20 * s, 20 * s,
			24 * m, 0, 24 * 5 * m, // 30 s → 1 min; 50 s → 1 min; 5:50 → 6 min
		},
		"one request an hour, kept for the hour: one boot": {
			every(24, h, 30*s), Scenario{Concurrency: 8, Boot: 20 * s, Delay: h, Period: 24 * h}, rule,
			1, 1, 24 * 30 * s, 23*h + 30*s + h, 0, 0, 20 * s,
			12 * m, m, 24*h - 12*m, // busy 12:00, with the boot 12:20, in all 24:00:30, since the first ends 20 s late
		},
		"saturated replica: a request a second, each of one second": {
			every(3600, s, s), Scenario{Concurrency: 1, Max: 1, Delay: s, Period: h}, Rule{BillsBoot: true, BillsIdle: true},
			1, 1, h, h + s, 0, 0, 0, h, 0, s,
		},
		"overloaded replica: the n-th request waits n-1 seconds": {
			every(100, s, 2*s), Scenario{Concurrency: 1, Max: 1, Period: 100 * s}, Rule{BillsBoot: true, BillsIdle: true},
			1, 1, 200 * s, 200 * s, 49 * s, 94 * s, 98 * s, 200 * s, 0, 0,
		},
		"always on": {
			every(60, m, 15*s), Scenario{Concurrency: 4, Min: 3, Max: 3, Boot: h, Period: h}, rule,
			0, 3, 15 * m, 3 * h, 0, 0, 0, 15 * m, 0, 2*h + 45*m,
		},
		"always on, and work beyond the period": {
			every(1, 0, 90*m), Scenario{Concurrency: 4, Min: 1, Period: h}, rule,
			0, 1, 90 * m, h, 0, 0, 0, h, 0, 0,
		},
		"nothing arrives": {
			nil, Scenario{Concurrency: 4, Min: 2, Period: h}, rule,
			0, 2, 0, 2 * h, 0, 0, 0, 0, 0, 2 * h,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Run(context.Background(), c.src, c.scenario, []Rule{c.rule})
			if err != nil {
				t.Fatal(err)
			}
			sum := func(d time.Duration) Sum { return Sum{low: uint64(d)} }
			want := Result{
				Stats: Stats{Requests: c.src.Len(), ColdStarts: c.coldStarts, Peak: c.peak, BusySlot: sum(c.busy), Life: sum(c.life)},
				P50:   int64(c.p50), P95: int64(c.p95), P99: int64(c.p99),
				Billed: []Billed{{sum(c.run), sum(c.boot), sum(c.idle)}},
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// TestAnInstant has one case for what the order of an instant decides.
func TestAnInstant(t *testing.T) {
	type want struct {
		coldStarts int64
		peak       int
		p99        int64
	}
	for name, c := range map[string]struct {
		src  Arrivals
		s    Scenario
		want want
	}{
		"a finish frees its slot for an arrival":       {Arrivals{{0, 5}, {5, 5}}, Scenario{Concurrency: 1, Min: 1, Max: 1, Period: 10}, want{0, 1, 0}},
		"a completed boot precedes an arrival":         {Arrivals{{0, 9}, {5, 5}}, Scenario{Concurrency: 2, Boot: 5, Period: 10}, want{1, 1, 5}},
		"a stop precedes an arrival":                   {Arrivals{{0, 5}, {8, 5}}, Scenario{Concurrency: 1, Delay: 3, Period: 10}, want{2, 1, 0}},
		"an arrival just before the stop":              {Arrivals{{0, 5}, {7, 5}}, Scenario{Concurrency: 1, Delay: 3, Period: 10}, want{1, 1, 0}},
		"arrivals precede the finishes that they make": {Arrivals{{0, 0}, {0, 0}}, Scenario{Concurrency: 1, Min: 1, Period: 10}, want{1, 2, 0}},
		"a later arrival does not":                     {Arrivals{{0, 0}, {1, 0}}, Scenario{Concurrency: 1, Min: 1, Period: 10}, want{0, 1, 0}},
		"arrivals share one booting replica":           {Arrivals{{0, 5}, {3, 5}, {3, 5}}, Scenario{Concurrency: 2, Boot: 9, Period: 10}, want{2, 2, 9}},
		"a reservation stays though a slot frees":      {Arrivals{{0, 2}, {1, 5}}, Scenario{Concurrency: 1, Min: 1, Boot: 9, Period: 10}, want{1, 2, 9}},
		"no more than the most: the queue":             {Arrivals{{0, 5}, {1, 5}}, Scenario{Concurrency: 1, Min: 1, Max: 1, Period: 10}, want{0, 1, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Run(context.Background(), c.src, c.s, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := (want{got.ColdStarts, got.Peak, got.P99}); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestCannotKeepUp(t *testing.T) {
	src := every(3, 0, 10)
	s := Scenario{Concurrency: 1, Max: 1, Period: 15}
	if _, err := Run(context.Background(), src, s, nil); err != nil {
		t.Errorf("the last finish is at twice the period: got %v", err)
	}
	s.Period = 14
	if got, err := Run(context.Background(), src, s, nil); err != ErrCannotKeepUp || !reflect.DeepEqual(got, Result{}) {
		t.Errorf("got %v, %v, want nothing and %v", got, err, ErrCannotKeepUp)
	}
	if ok, err := Meets(context.Background(), src, s, time.Hour); ok || err != nil {
		t.Errorf("got %v, %v, want a target that is not met", ok, err)
	}
	if n, ok, err := LeastMin(context.Background(), src, Scenario{Concurrency: 1, Period: 4}, time.Hour, []time.Duration{0}); ok || err != nil {
		t.Errorf("no number of replicas is enough: got %v, %v, %v", n, ok, err)
	}
}

// A source is one whose cursors all call next.
type source struct {
	n    int64
	next func() ([]Arrival, error)
}

func (s source) Len() int64               { return s.n }
func (s source) From(int64) Cursor        { return s }
func (s source) Next() ([]Arrival, error) { return s.next() }

// TestLongTimes has times at the edge of what 64 bits hold: exact, or too long,
// and never wrapped around.
func TestLongTimes(t *testing.T) {
	longest := int64(Longest)
	src := Arrivals{{0, longest}, {longest, longest}}
	s := Scenario{Concurrency: 1, Boot: Longest, Delay: Longest, Period: Longest}
	rules := []Rule{{BillsBoot: true, BillsIdle: true, Up: true, Increment: Longest}, {BillsBoot: true, BillsIdle: true, Minimum: Longest}}
	if want, err := agree(t, src, Scenario{Concurrency: 1, Delay: Longest, Period: Longest}, rules); err != nil || want.life.Cmp(new(big.Int).Mul(big.NewInt(3), big.NewInt(longest))) != 0 {
		t.Errorf("got %v, %v", want.life, err)
	}
	for name, src := range map[string]Arrivals{
		"ends 1 ns too late":       {{0, longest + 1}},
		"ends beyond 64 bits":      {{0, math.MaxInt64}},
		"starts and ends too late": {{0, 0}, {longest, longest + 1}},
	} {
		if _, err := Run(context.Background(), src, s, rules); err != ErrCannotKeepUp {
			t.Errorf("%s: got %v, want %v", name, err, ErrCannotKeepUp)
		}
	}
	s.Slowdown = Ratio{math.MaxInt64, 1}
	if _, err := Run(context.Background(), Arrivals{{0, 4}}, s, rules); err != ErrCannotKeepUp {
		t.Errorf("slower: got %v, want %v", err, ErrCannotKeepUp)
	}
	sum := Sum{}
	want := new(big.Int)
	for range 5 {
		sum.add(math.MaxInt64)
		want.Add(want, big.NewInt(math.MaxInt64))
	}
	if sum.Big().Cmp(want) != 0 || sum.String() != want.String() {
		t.Errorf("got %v, want %v", sum, want)
	}
}

func TestSlowdown(t *testing.T) {
	for _, c := range []struct {
		duration int64
		by       Ratio
		want     int64
	}{
		{10, Ratio{1, 4}, 2}, {14, Ratio{1, 4}, 4}, {11, Ratio{1, 4}, 3}, {9, Ratio{1, 4}, 2}, {1, Ratio{1, 2}, 0}, {3, Ratio{1, 2}, 2},
		{0, Ratio{7, 3}, 0}, {5, Ratio{3, 3}, 5}, {1, Ratio{math.MaxInt64, 1}, math.MaxInt64}, {2, Ratio{math.MaxInt64, 1}, math.MaxInt64},
		{math.MaxInt64, Ratio{math.MaxInt64, math.MaxInt64 - 1}, math.MaxInt64}, {math.MaxInt64, Ratio{1, math.MaxInt64}, 1},
		{math.MaxInt64, Ratio{math.MaxInt64, 1}, math.MaxInt64}, {math.MaxInt64 - 1, Ratio{1, 2}, 1<<62 - 1},
	} {
		if got := c.by.times(c.duration); got != c.want {
			t.Errorf("%d × %v: got %d, want %d", c.duration, c.by, got, c.want)
		}
	}
}

// TestMoreReplicasLongerWaits shows why LeastMin tries each number: with one
// replica from the start nobody waits longer than 4 ns, with two somebody does.
func TestMoreReplicasLongerWaits(t *testing.T) {
	src := Arrivals{{0, 12}, {1, 8}, {1, 24}, {2, 0}, {3, 16}, {5, 20}, {7, 24}, {8, 12}, {9, 0}}
	s := Scenario{Concurrency: 2, Boot: 4, Period: 16}
	for least, want := range []bool{true, true, false, true} {
		s := s
		s.Min = least
		if got, err := Meets(context.Background(), src, s, 4); got != want || err != nil {
			t.Errorf("%d replicas: got %v, %v, want %v", least, got, err, want)
		}
	}
	if got, ok, err := LeastMin(context.Background(), src, s, 4, []time.Duration{s.Boot}); got != 1 || !ok || err != nil {
		t.Errorf("got %d, %v, %v, want 1", got, ok, err)
	}
}

func TestRefused(t *testing.T) {
	one := Arrivals{{0, 1}}
	fine := Scenario{Concurrency: 1, Period: 10}
	failed := errors.New("line 7: no number")
	with := func(change func(*Scenario)) Scenario { s := fine; change(&s); return s }
	for want, c := range map[string]struct {
		src   Source
		s     Scenario
		rules []Rule
	}{
		"concurrency is 0; expected 1 to 2147483647":                                                  {one, with(func(s *Scenario) { s.Concurrency = 0 }), nil},
		"the least number of replicas is -1; expected 0 to 16777216":                                  {one, with(func(s *Scenario) { s.Min = -1 }), nil},
		"the most replicas are 1; expected at least the least number, 2, or 0 for no limit":           {one, with(func(s *Scenario) { s.Min, s.Max = 2, 1 }), nil},
		"the most replicas are -1; expected at least the least number, 0, or 0 for no limit":          {one, with(func(s *Scenario) { s.Max = -1 }), nil},
		"period is 0s; expected more than 0 and at most 640511h56m49.213693952s":                      {one, with(func(s *Scenario) { s.Period = 0 }), nil},
		"period is 640511h56m49.213693953s; expected more than 0 and at most 640511h56m49.213693952s": {one, with(func(s *Scenario) { s.Period = Longest + 1 }), nil},
		"boot time is -1ns; expected 0 to 640511h56m49.213693952s":                                    {one, with(func(s *Scenario) { s.Boot = -1 }), nil},
		"scale-down delay is 640511h56m49.213693953s; expected 0 to 640511h56m49.213693952s":          {one, with(func(s *Scenario) { s.Delay = Longest + 1 }), nil},
		"slowdown is 1/0; expected both above 0":                                                      {one, with(func(s *Scenario) { s.Slowdown = Ratio{1, 0} }), nil},
		"slowdown is 0/1; expected both above 0":                                                      {one, with(func(s *Scenario) { s.Slowdown = Ratio{0, 1} }), nil},
		"rule 2 bills whole increments of 0s; expected an increment above 0":                          {one, fine, []Rule{{}, {Up: true}}},
		"increment is -1ns; expected 0 to 640511h56m49.213693952s":                                    {one, fine, []Rule{{Increment: -1}}},
		"minimum is -1ns; expected 0 to 640511h56m49.213693952s":                                      {one, fine, []Rule{{Minimum: -1}}},
		"arrival 1 is at 1ns; expected 0, since times count from it":                                  {Arrivals{{1, 1}}, fine, nil},
		"arrival 3 is at 4ns and the one before it at 5ns; expected them in order":                    {Arrivals{{0, 1}, {5, 1}, {4, 1}}, fine, nil},
		"arrival 2 is at 11ns; expected none beyond the period of 10ns":                               {Arrivals{{0, 1}, {11, 1}}, fine, nil},
		"arrival 2 has a duration of -1ns; expected 0 or more":                                        {Arrivals{{0, 1}, {0, -1}}, fine, nil},
		"line 7: no number": {source{1, func() ([]Arrival, error) { return nil, failed }}, fine, nil},
		"the source gave 0 arrivals; expected 1, as many as it has": {source{1, func() ([]Arrival, error) { return nil, nil }}, fine, nil},
	} {
		got, err := Run(context.Background(), c.src, c.s, c.rules)
		if err == nil || err.Error() != want || !reflect.DeepEqual(got, Result{}) {
			t.Errorf("got %v, %v, want nothing and %s", got, err, want)
		}
		if c.rules != nil {
			continue
		}
		if ok, err := Meets(context.Background(), c.src, c.s, 5); ok || err == nil || err.Error() != want {
			t.Errorf("Meets: got %v, %v, want %s", ok, err, want)
		}
		if n, ok, err := LeastMin(context.Background(), c.src, c.s, 5, []time.Duration{1}); n != 0 || ok || err == nil || strings.Contains(want, "boot") != strings.Contains(err.Error(), "boot") {
			t.Errorf("LeastMin: got %d, %v, %v, want %s", n, ok, err, want)
		}
	}
}

// TestChanged has sources that do not give the same arrivals again.
func TestChanged(t *testing.T) {
	all := every(20, 0, 3)
	s := Scenario{Concurrency: 1, Max: 1, Period: 1000}
	for name, again := range map[string]Arrivals{"fewer": all[:6], "shorter than nothing": {{0, -5}}, "none": nil} {
		first := true
		src := &changing{all, func() Cursor {
			if first {
				first = false
				return all.From(0)
			}
			return again.From(0)
		}}
		if _, err := runWithin(context.Background(), src, s, nil, bounds{limits.waits, 2, 2}); err != errChanged {
			t.Errorf("%s, of the queue: got %v, want %v", name, err, errChanged)
		}
	}
	reads := 0
	src := &changing{all, func() Cursor {
		if reads++; reads == 1 {
			return all.From(0)
		}
		return every(20, 100, 0).From(0)
	}}
	s.Period = 10_000
	if _, err := runWithin(context.Background(), src, s, nil, bounds{2, 2, limits.backlog}); err != errChanged {
		t.Errorf("of the waits: got %v, want %v", err, errChanged)
	}
}

type changing struct {
	Arrivals
	from func() Cursor
}

func (c *changing) From(int64) Cursor { return c.from() }

// TestInterrupted ends a replay while it reads, and while it empties a queue.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	blocks := 0
	src := source{1 << 40, func() ([]Arrival, error) {
		if blocks++; blocks == 3 {
			cancel()
		}
		return make([]Arrival, 10), nil
	}}
	s := Scenario{Concurrency: 8, Max: 1, Period: time.Hour}
	if _, err := Run(ctx, src, s, nil); !errors.Is(err, context.Canceled) || blocks != 3 {
		t.Errorf("got %v after %d blocks, want %v after 3", err, blocks, context.Canceled)
	}
	ctx, cancel = context.WithCancel(context.Background())
	src = source{1000, nil}
	src.next = func() ([]Arrival, error) {
		if blocks++; blocks == 5 {
			cancel() // at the end of the source
			return nil, nil
		}
		return every(1000, 0, time.Millisecond), nil
	}
	if _, err := Run(ctx, src, s, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestSideBySide replays one source several times at once: the same result.
func TestSideBySide(t *testing.T) {
	src := synthetic{20_000, 50}
	s := benchScenario(src)
	s.Max = 7
	want, err := Run(context.Background(), src, s, benchRules)
	if err != nil || want.P50 == 0 {
		t.Fatalf("got %v, %v; the case shows little", want, err)
	}
	results := make(chan Result)
	for range 4 {
		go func() {
			got, _ := runWithin(context.Background(), src, s, benchRules, bounds{100, 4, 64})
			results <- got
		}()
	}
	for range 4 {
		if got := <-results; !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

// TestBounded looks at what a long replay keeps: what a short one does.
func TestBounded(t *testing.T) {
	sizes := func(n int64) string {
		src := synthetic{n, 60}
		s := Scenario{Concurrency: 2, Max: 40, Boot: 100 * time.Millisecond, Delay: time.Millisecond, Period: src.period()}
		var waits sample
		r := newRun(src, s, benchRules, &waits, limits)
		if err := r.replay(context.Background()); err != nil {
			t.Fatal(err)
		}
		if result := r.close(); result.ColdStarts < n/5000 || result.Peak != 40 {
			t.Fatalf("got %d cold starts and a peak of %d; the case shows little", result.ColdStarts, result.Peak)
		}
		return fmt.Sprint(len(r.replicas), len(r.seats.replica), len(r.finishes.chain), len(r.backlog.kept))
	}
	if short, long := sizes(50_000), sizes(500_000); short != long {
		t.Errorf("got %s replicas, seats, finishes and kept arrivals, and %s of ten times as many", short, long)
	}
}

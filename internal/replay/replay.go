// Package replay sends the arrivals of a trace through replicas that scale to
// zero, and says how long each request waited and what each replica's life is
// billed for. It is exact and deterministic: times are whole nanoseconds, sums
// have 128 bits, and nothing depends on the machine.
//
// A request goes to the oldest ready replica with a free slot; else to the
// booting replica that will be ready first and still has an unreserved slot;
// else a new replica boots, if fewer than the most exist; else it waits in one
// queue, first come first served, for the first slot that frees. A reservation
// never moves. A replica without a request for the delay stops; the initial
// ones are ready at time 0, never stop, and are billed for exactly the period.
//
// At one instant come the finishes, as one batch, after which the freed slots
// serve the queue, oldest replica first; then the boots that complete; then the
// stops; again so while that made anything finish at the same instant; then the
// arrivals, in order; then what they made happen at the same instant, in the
// same order.
//
// Utilisation is BusySlot ÷ (Life × Concurrency); it exceeds 1 where initial
// replicas, whose life is the period, work beyond it.
package replay

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"time"
)

// An Arrival is one request: when it arrives and how long it takes, both in
// nanoseconds. At counts from the first arrival, whose At is 0.
type Arrival struct{ At, Duration int64 }

// A Source holds arrivals in order of At. It may be read as often as asked,
// through several cursors at once, and gives the same arrivals each time.
type Source interface {
	Len() int64
	From(n int64) Cursor // at the n-th arrival, counted from 0
}

// A Cursor reads arrivals.
type Cursor interface {
	// Next returns the next arrivals, and none at the end. They are valid until
	// the next call.
	Next() ([]Arrival, error)
}

// Arrivals is a Source in memory.
type Arrivals []Arrival

func (a Arrivals) Len() int64          { return int64(len(a)) }
func (a Arrivals) From(n int64) Cursor { rest := a[n:]; return &rest }

// Next returns all that is left.
func (a *Arrivals) Next() ([]Arrival, error) {
	rest := *a
	*a = nil
	return rest, nil
}

// A Ratio is Num ÷ Den, both above 0. The zero value is 1.
type Ratio struct{ Num, Den int64 }

// times multiplies a duration, rounding half-even; what is too long for an int64
// becomes the greatest.
func (r Ratio) times(duration int64) int64 {
	high, low := bits.Mul64(uint64(duration), uint64(r.Num))
	den := uint64(r.Den)
	if high >= den {
		return math.MaxInt64
	}
	n, rest := bits.Div64(high, low, den)
	if n >= math.MaxInt64 {
		return math.MaxInt64
	}
	if rest > den-rest || rest == den-rest && n%2 == 1 {
		n++
	}
	return int64(n)
}

// A Scenario is how a platform scales. No time may exceed Longest.
type Scenario struct {
	Concurrency int           // requests at once on one replica, at least 1
	Min, Max    int           // replicas; Max 0 is no limit
	Boot        time.Duration // from the start of a replica until it is ready
	Delay       time.Duration // from a replica's last finish until it stops
	Period      time.Duration // above 0; no arrival comes later
	Slowdown    Ratio         // durations are multiplied by it and rounded half-even to the nanosecond
}

// Longest is the greatest time of a scenario or rule, some 73 years.
const Longest = time.Duration(1) << 61

// A Rule says which time of a life is billed, and how it is rounded: to at
// least Minimum, and where Up is set to whole increments.
type Rule struct {
	Increment, Minimum   time.Duration
	Up                   bool // else exact time
	BillsBoot, BillsIdle bool
}

// Billed is the time billed by one rule for all lives of one period. The total
// of the three is what the bill shows: Run is what would be billed for busy time
// alone, Boot what booting adds to that, and Idle the rest.
type Billed struct{ Run, Boot, Idle Sum }

// Stats are what happened, whatever the bill.
type Stats struct {
	Requests   int64
	ColdStarts int64 // replicas that booted
	Peak       int   // most replicas at once; initial and booting ones count
	BusySlot   Sum   // the durations of all requests
	Life       Sum   // of all replicas, from creation to stop; the period for an initial one
}

// A Result is one period.
type Result struct {
	Stats
	P50, P95, P99 int64    // wait from arrival to start in nanoseconds: the nearest-rank percentiles
	Billed        []Billed // one a rule, in their order
}

// ErrCannotKeepUp says that work would finish later than twice the period.
var ErrCannotKeepUp = errors.New("the replicas cannot keep up: work would outlast the period by more than one period")

// Run replays a source through a scenario and bills it by each rule. Memory
// grows with the replicas and the requests in flight, and not with the source,
// which is read more than once where a long queue forms or more than a million
// requests wait.
//
// The error is ErrCannotKeepUp, that of the context or the source, or says what
// is wrong with the scenario, a rule or the source.
func Run(ctx context.Context, src Source, s Scenario, rules []Rule) (Result, error) {
	return runWithin(ctx, src, s, rules, limits)
}

// bounds say how much is kept in memory.
type bounds struct {
	waits   int  // waits kept before they are counted in bins
	detail  uint // leading bits in which the waits of a bin agree
	backlog int  // arrivals kept of the queue
}

var limits = bounds{waits: 1 << 20, detail: 10, backlog: 1 << 15}

func runWithin(ctx context.Context, src Source, s Scenario, rules []Rule, b bounds) (Result, error) {
	if err := check(s, rules); err != nil {
		return Result{}, err
	}
	var result Result
	replays := 0
	waits, err := percentiles(src.Len(), 2*int64(s.Period), []int64{50, 95, 99}, b, func(m meter) error {
		replays++
		if replays > 1 { // only the waits are of interest
			return newRun(src, s, nil, m, b).replay(ctx)
		}
		r := newRun(src, s, rules, m, b)
		if err := r.replay(ctx); err != nil {
			return err
		}
		result = r.close()
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	result.P50, result.P95, result.P99 = waits[0], waits[1], waits[2]
	return result, nil
}

func check(s Scenario, rules []Rule) error {
	switch {
	case s.Concurrency < 1 || s.Concurrency > math.MaxInt32:
		return fmt.Errorf("concurrency is %d; expected 1 to %d", s.Concurrency, math.MaxInt32)
	case s.Min < 0 || s.Min > mostReplicas:
		return fmt.Errorf("the least number of replicas is %d; expected 0 to %d", s.Min, mostReplicas)
	case s.Max < 0 || s.Max > 0 && s.Max < s.Min:
		return fmt.Errorf("the most replicas are %d; expected at least the least number, %d, or 0 for no limit", s.Max, s.Min)
	case s.Period <= 0 || s.Period > Longest:
		return fmt.Errorf("period is %v; expected more than 0 and at most %v", s.Period, Longest)
	case s.Slowdown != (Ratio{}) && (s.Slowdown.Num <= 0 || s.Slowdown.Den <= 0):
		return fmt.Errorf("slowdown is %d/%d; expected both above 0", s.Slowdown.Num, s.Slowdown.Den)
	}
	times := []struct {
		name string
		time time.Duration
	}{{"boot time", s.Boot}, {"scale-down delay", s.Delay}}
	for i, rule := range rules {
		if rule.Up && rule.Increment <= 0 {
			return fmt.Errorf("rule %d bills whole increments of %v; expected an increment above 0", i+1, rule.Increment)
		}
		times = append(times, struct {
			name string
			time time.Duration
		}{"increment", rule.Increment}, struct {
			name string
			time time.Duration
		}{"minimum", rule.Minimum})
	}
	for _, t := range times {
		if t.time < 0 || t.time > Longest {
			return fmt.Errorf("%s is %v; expected 0 to %v", t.name, t.time, Longest)
		}
	}
	return nil
}

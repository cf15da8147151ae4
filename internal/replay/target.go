package replay

import (
	"context"
	"errors"
	"time"
)

// Meets reports whether the 99th percentile (nearest rank) of the waits is at
// most target. It stops as soon as too many requests waited longer. A scenario
// that cannot keep up meets no target. Errors are those of Run.
func Meets(ctx context.Context, src Source, s Scenario, target time.Duration) (bool, error) {
	if err := check(s, nil); err != nil {
		return false, err
	}
	if target < 0 {
		return false, nil
	}
	n := src.Len()
	m := &patience{target: int64(target), longer: n - nearestRank(99, n)}
	err := newRun(src, s, nil, m, limits).replay(ctx)
	if errors.Is(err, ErrCannotKeepUp) || errors.Is(err, errEnough) {
		return false, nil
	}
	return err == nil, err
}

// patience is a meter that ends when too many waited longer than the target.
type patience struct{ target, longer int64 }

func (p *patience) add(wait int64) bool {
	if wait > p.target {
		p.longer--
	}
	return p.longer >= 0
}

// LeastMin returns the smallest Min above the scenario's, and at most its Max,
// with which Meets holds for every one of the boot times, in place of the
// scenario's; ok is false where there is none. Errors are those of Run.
//
// More replicas from the start can make more requests wait (what boots later
// also stops later), so each number is tried in turn.
func LeastMin(ctx context.Context, src Source, s Scenario, target time.Duration, boots []time.Duration) (least int, ok bool, err error) {
	most, err := enough(ctx, src, s)
	if errors.Is(err, ErrCannotKeepUp) {
		return 0, false, nil // not even without a wait
	}
	if err != nil {
		return 0, false, err
	}
	if s.Max > 0 {
		most = min(most, s.Max)
	}
	boots = append([]time.Duration(nil), boots...)
	for s.Min++; s.Min <= most; s.Min++ {
		met := true
		for i := range boots {
			s.Boot = boots[i]
			if met, err = Meets(ctx, src, s, target); err != nil {
				return 0, false, err
			}
			if !met {
				boots[0], boots[i] = boots[i], boots[0] // what fails here is likely to fail next time
				break
			}
		}
		if met {
			return s.Min, true, nil
		}
	}
	return 0, false, nil
}

// enough returns a number of initial replicas, above the scenario's, with which
// no request waits.
func enough(ctx context.Context, src Source, s Scenario) (int, error) {
	if err := check(s, nil); err != nil {
		return 0, err
	}
	// Replicas for one request each, without delays, are the requests in flight.
	alone, err := Run(ctx, src, Scenario{Concurrency: 1, Period: s.Period, Slowdown: s.Slowdown}, nil)
	return max((alone.Peak+s.Concurrency-1)/s.Concurrency, s.Min+1), err
}

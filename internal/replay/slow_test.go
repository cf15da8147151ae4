package replay

import (
	"math/big"
	"slices"
)

// slow is the replay again, written from the rules and not from the fast one:
// it looks at every replica at every instant, keeps every life whole, and prices
// it afterwards. It is the authority in tests.
func slow(arrivals []Arrival, s Scenario, rules []Rule) (slowResult, error) {
	w := world{s: s}
	for range s.Min {
		w.alive = append(w.alive, &life{initial: true, isReady: true})
	}
	w.peak = s.Min
	for _, a := range arrivals {
		w.requests = append(w.requests, &request{arrival: a.At, duration: slowTimes(a.Duration, s.Slowdown)})
	}
	ahead := slices.Clone(w.requests)
	for {
		now, ok := w.nextInstant(ahead)
		if !ok {
			break
		}
		w.rounds(now)
		arrived := false
		for len(ahead) > 0 && ahead[0].arrival == now {
			w.arrive(now, ahead[0])
			ahead = ahead[1:]
			arrived = true
		}
		if arrived {
			w.rounds(now)
		}
	}
	return w.result(rules)
}

type request struct {
	arrival, duration int64
	start             int64
}

func (r *request) end() int64 { return r.start + r.duration }

// A life is one replica; lists of them are in order of creation.
type life struct {
	initial  bool
	created  int64
	readyAt  int64
	isReady  bool
	reserved []*request // while it boots
	running  []*request
	ended    []*request
	stopped  int64
}

func (l *life) idleSince() int64 {
	var latest int64
	for _, r := range l.ended {
		latest = max(latest, r.end())
	}
	return latest
}

func (l *life) stopsAt(s Scenario) (int64, bool) {
	if l.initial || !l.isReady || len(l.running) > 0 {
		return 0, false
	}
	return l.idleSince() + int64(s.Delay), true
}

type world struct {
	s        Scenario
	requests []*request
	alive    []*life
	dead     []*life
	queue    []*request
	booted   int
	peak     int
}

// nextInstant finds the earliest time at which anything is due.
func (w *world) nextInstant(ahead []*request) (int64, bool) {
	var due []int64
	if len(ahead) > 0 {
		due = append(due, ahead[0].arrival)
	}
	for _, l := range w.alive {
		if !l.isReady {
			due = append(due, l.readyAt)
		}
		for _, r := range l.running {
			due = append(due, r.end())
		}
		if at, ok := l.stopsAt(w.s); ok {
			due = append(due, at)
		}
	}
	if len(due) == 0 {
		return 0, false
	}
	return slices.Min(due), true
}

// rounds does finishes, boots and stops until none is due.
func (w *world) rounds(now int64) {
	for again := true; again; {
		again = false
		for _, l := range w.alive {
			l.running = slices.DeleteFunc(l.running, func(r *request) bool {
				if r.end() != now {
					return false
				}
				l.ended = append(l.ended, r)
				again = true
				return true
			})
		}
		for _, l := range w.alive { // freed slots serve the queue, oldest replica first
			for len(w.queue) > 0 && l.isReady && len(l.running) < w.s.Concurrency {
				w.queue[0].start = now
				l.running = append(l.running, w.queue[0])
				w.queue = w.queue[1:]
			}
		}
		for _, l := range w.alive {
			if !l.isReady && l.readyAt == now {
				l.isReady = true
				for _, r := range l.reserved {
					r.start = now
					l.running = append(l.running, r)
				}
				l.reserved = nil
				again = true
			}
		}
		w.alive = slices.DeleteFunc(w.alive, func(l *life) bool {
			at, ok := l.stopsAt(w.s)
			if !ok || at != now {
				return false
			}
			l.stopped = now
			w.dead = append(w.dead, l)
			again = true
			return true
		})
	}
}

func (w *world) arrive(now int64, r *request) {
	for _, l := range w.alive {
		if l.isReady && len(l.running) < w.s.Concurrency {
			r.start = now
			l.running = append(l.running, r)
			return
		}
	}
	var soonest *life
	for _, l := range w.alive {
		if !l.isReady && len(l.reserved) < w.s.Concurrency && (soonest == nil || l.readyAt < soonest.readyAt) {
			soonest = l
		}
	}
	if soonest == nil && (w.s.Max == 0 || len(w.alive) < w.s.Max) {
		soonest = &life{created: now, readyAt: now + int64(w.s.Boot)}
		w.alive = append(w.alive, soonest)
		w.booted++
		w.peak = max(w.peak, len(w.alive))
	}
	if soonest == nil {
		w.queue = append(w.queue, r)
		return
	}
	soonest.reserved = append(soonest.reserved, r)
}

type slowBilled struct{ run, boot, idle *big.Int }

type slowResult struct {
	requests, coldStarts, peak int
	busySlot, life             *big.Int
	billed                     []slowBilled
	waits                      []int64 // sorted
}

func (r slowResult) percentile(p int) int64 {
	if len(r.waits) == 0 {
		return 0
	}
	for k, wait := range r.waits { // the first with at least p percent up to it
		if 100*(k+1) >= p*len(r.waits) {
			return wait
		}
	}
	return -1
}

func (w *world) result(rules []Rule) (slowResult, error) {
	res := slowResult{requests: len(w.requests), coldStarts: w.booted, peak: w.peak, busySlot: new(big.Int), life: new(big.Int)}
	period := int64(w.s.Period)
	for _, r := range w.requests {
		if r.end() > 2*period {
			return slowResult{}, ErrCannotKeepUp
		}
		res.waits = append(res.waits, r.start-r.arrival)
		res.busySlot.Add(res.busySlot, big.NewInt(r.duration))
	}
	slices.Sort(res.waits)
	lives := append(slices.Clone(w.dead), w.alive...)
	for _, l := range lives {
		if l.initial {
			l.stopped = period
		}
		res.life.Add(res.life, big.NewInt(l.stopped-l.created))
	}
	for _, rule := range rules {
		b := slowBilled{new(big.Int), new(big.Int), new(big.Int)}
		for _, l := range lives {
			run := l.busy()
			idle := l.stopped - l.readyAt - run
			if l.initial {
				b.run.Add(b.run, big.NewInt(run))
				b.idle.Add(b.idle, big.NewInt(idle))
				continue
			}
			boot := l.readyAt - l.created
			if !rule.BillsBoot {
				boot = 0
			}
			if !rule.BillsIdle {
				idle = 0
			}
			onlyRun, withBoot, all := slowBill(rule, run), slowBill(rule, run+boot), slowBill(rule, run+boot+idle)
			b.run.Add(b.run, onlyRun)
			b.boot.Add(b.boot, new(big.Int).Sub(withBoot, onlyRun))
			b.idle.Add(b.idle, new(big.Int).Sub(all, withBoot))
		}
		res.billed = append(res.billed, b)
	}
	return res, nil
}

// busy is the length of the union of a life's requests, up to its stop.
func (l *life) busy() int64 {
	slices.SortFunc(l.ended, func(a, b *request) int { return int(a.start - b.start) })
	var sum, covered int64
	for _, r := range l.ended {
		from, to := max(r.start, covered), min(r.end(), l.stopped)
		if to > from {
			sum += to - from
			covered = to
		}
	}
	return sum
}

func slowBill(r Rule, t int64) *big.Int {
	if t < int64(r.Minimum) {
		t = int64(r.Minimum)
	}
	if !r.Up {
		return big.NewInt(t)
	}
	increments := new(big.Rat).SetFrac64(t, int64(r.Increment))
	whole := new(big.Int).Quo(increments.Num(), increments.Denom())
	if !increments.IsInt() {
		whole.Add(whole, big.NewInt(1))
	}
	return whole.Mul(whole, big.NewInt(int64(r.Increment)))
}

func slowTimes(d int64, r Ratio) int64 {
	if r == (Ratio{}) {
		return d
	}
	product := new(big.Rat).Mul(big.NewRat(d, 1), big.NewRat(r.Num, r.Den))
	floor := new(big.Int).Div(product.Num(), product.Denom())
	rest := new(big.Rat).Sub(product, new(big.Rat).SetInt(floor))
	if half := rest.Cmp(big.NewRat(1, 2)); half > 0 || half == 0 && floor.Bit(0) == 1 {
		floor.Add(floor, big.NewInt(1))
	}
	return floor.Int64()
}

package replay

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// mostReplicas keeps memory and indices in bounds where there is no limit.
const mostReplicas = 1 << 24

// errEnough ends a replay whose meter wants no more.
var errEnough = errors.New("enough")

// errChanged says that a source broke its promise.
var errChanged = errors.New("the source gave other arrivals when it was read again; expected the same each time")

// A replica is one from its creation to its stop; its place is then used again.
type replica struct {
	busy       int32 // slots in use or reserved
	seat       int32
	prev, next int32 // neighbours in the booting or the idle ones; none at the ends
	booted     bool
	ready      int64 // when it is or was
	since      int64 // busy or idle since then
	ran        int64 // time with a request in flight, up to since
	until      int64 // no later time is counted as run
}

// A run is one replay. Boots all take the same time, and so does the delay
// before a stop: the booting replicas are in the order in which they will be
// ready, and the idle ones in the order in which they will stop. Of the booting
// ones only the last can have an unreserved slot.
type run struct {
	src   Source
	rules []Rule
	meter meter

	slots       int32 // of a replica
	initial     int32 // replicas 0 to initial-1 never stop
	most        int   // replicas
	boot, delay int64
	period      int64
	limit       int64 // nothing may finish later
	slowdown    Ratio // zero where durations stay as they are

	now      int64 // of the last arrival
	replicas []replica
	unused   []int32 // replicas that have stopped
	exist    int
	booting  list
	idle     list
	seats    seats
	finishes finishes
	aside    []finish
	backlog  backlog
	stats    Stats
	billed   []Billed
}

func newRun(src Source, s Scenario, rules []Rule, m meter, b bounds) *run {
	r := &run{
		src: src, rules: rules, meter: m,
		slots: int32(s.Concurrency), initial: int32(s.Min), most: s.Max,
		boot: int64(s.Boot), delay: int64(s.Delay), period: int64(s.Period), limit: 2 * int64(s.Period),
		booting: list{none, none}, idle: list{none, none},
		finishes: finishes{unused: none},
		backlog:  backlog{src: src, most: b.backlog},
		billed:   make([]Billed, len(rules)),
	}
	if s.Slowdown.Num != s.Slowdown.Den {
		r.slowdown = s.Slowdown
	}
	if r.most == 0 {
		r.most = mostReplicas + 1 // which is an error
	}
	for range s.Min {
		p := &r.replicas[r.create()]
		p.booted, p.until = true, r.period
		r.seats.mark(p.seat)
	}
	return r
}

// replay plays all arrivals, until each has its start.
func (r *run) replay(ctx context.Context) error {
	const stretch = 1 << 14 // steps between two looks at the context
	for cursor := r.src.From(0); ; {
		block, err := cursor.Next()
		if err != nil {
			return err
		}
		if len(block) == 0 {
			break
		}
		for len(block) > 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			n := min(len(block), stretch)
			if err := r.play(block[:n]); err != nil {
				return err
			}
			block = block[n:]
		}
	}
	if n := r.src.Len(); r.stats.Requests != n {
		return fmt.Errorf("the source gave %d arrivals; expected %d, as many as it has", r.stats.Requests, n)
	}
	for step := 0; r.backlog.len() > 0; step++ {
		if step%stretch == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := r.instant(math.MaxInt64); err != nil {
			return err
		}
	}
	return nil
}

// close plays what is left, and returns what happened but for the waits.
func (r *run) close() Result {
	r.settle(math.MaxInt64)
	for i := range r.replicas[:r.initial] {
		ran := r.replicas[i].ran
		r.stats.Life.add(r.period)
		for k := range r.billed {
			r.billed[k].Run.add(ran)
			r.billed[k].Idle.add(r.period - ran)
		}
	}
	return Result{Stats: r.stats, Billed: r.billed}
}

func (r *run) play(arrivals []Arrival) error {
	for k := range arrivals {
		a := &arrivals[k]
		if a.At != r.now || a.Duration < 0 {
			if err := r.inOrder(a); err != nil {
				return err
			}
			if err := r.advance(a.At); err != nil {
				return err
			}
			r.now = a.At
		}
		if err := r.arrive(a); err != nil {
			return err
		}
		r.stats.Requests++
	}
	return nil
}

func (r *run) inOrder(a *Arrival) error {
	n := r.stats.Requests + 1
	switch {
	case n == 1 && a.At != 0:
		return fmt.Errorf("arrival 1 is at %v; expected 0, since times count from it", time.Duration(a.At))
	case a.At < r.now:
		return fmt.Errorf("arrival %d is at %v and the one before it at %v; expected them in order", n, time.Duration(a.At), time.Duration(r.now))
	case a.At > r.period:
		return fmt.Errorf("arrival %d is at %v; expected none beyond the period of %v", n, time.Duration(a.At), time.Duration(r.period))
	case a.Duration < 0:
		return fmt.Errorf("arrival %d has a duration of %v; expected 0 or more", n, time.Duration(a.Duration))
	}
	return nil
}

func (r *run) arrive(a *Arrival) error {
	if r.backlog.len() > 0 {
		r.backlog.push(r.stats.Requests, *a)
		return nil
	}
	if seat, ok := r.seats.first(); ok {
		return r.start(seat, a.At, a.Duration)
	}
	i := r.booting.last
	if i == none || r.replicas[i].busy == r.slots {
		if r.exist >= r.most {
			r.backlog.push(r.stats.Requests, *a)
			return nil
		}
		if r.exist >= mostReplicas {
			return fmt.Errorf("more than %d replicas at once; expected fewer: set the most replicas", mostReplicas)
		}
		i = r.launch()
	}
	p := &r.replicas[i]
	p.busy++
	if p.ready > a.At && !r.meter.add(p.ready-a.At) {
		return errEnough
	}
	return r.occupy(i, p.ready, a.Duration)
}

// advance plays what happens until an instant, up to its arrivals.
func (r *run) advance(to int64) error {
	for r.backlog.len() > 0 {
		if ok, err := r.instant(to); !ok {
			return err
		}
	}
	r.settle(to)
	return nil
}

// instant plays the finishes and then the boots of the next instant that has
// any, unless that is later than another. It may make more of the same instant.
// Requests wait, so all slots are in use or reserved, and nothing stops.
func (r *run) instant(until int64) (ok bool, err error) {
	at := until
	booting := r.booting.first != none && r.replicas[r.booting.first].ready <= until
	if booting {
		at = r.replicas[r.booting.first].ready
	}
	f, ok := r.finishes.pop(at)
	if !ok && !booting {
		return false, nil
	}
	if ok {
		at = f.at
	}
	for ok {
		if r.replicas[f.replica].booted {
			r.finish(f)
		} else { // it takes no time, and comes after the boot
			r.aside = append(r.aside, f)
		}
		f, ok = r.finishes.pop(at)
	}
	for r.backlog.len() > 0 {
		seat, ok := r.seats.first()
		if !ok {
			break
		}
		a, err := r.backlog.pop()
		if err != nil {
			return false, err
		}
		if at > a.At && !r.meter.add(at-a.At) {
			return false, errEnough
		}
		if err := r.start(seat, at, a.Duration); err != nil {
			return false, err
		}
	}
	r.boots(at)
	for _, f := range r.aside {
		r.finishes.push(f)
	}
	r.aside = r.aside[:0]
	return true, nil
}

// settle plays what happens until an instant while no request waits. Finishes,
// boots and stops then do not influence each other, but for those of the same
// replica.
func (r *run) settle(to int64) {
	r.boots(to)
	for f, ok := r.finishes.pop(to); ok; f, ok = r.finishes.pop(to) {
		r.finish(f)
	}
	for i := r.idle.first; i != none && r.replicas[i].since <= to-r.delay; i = r.idle.first {
		r.stop(i)
	}
}

// boots completes the boots until an instant.
func (r *run) boots(to int64) {
	for i := r.booting.first; i != none && r.replicas[i].ready <= to; i = r.booting.first {
		r.remove(&r.booting, i)
		p := &r.replicas[i]
		p.booted = true
		if p.busy < r.slots {
			r.seats.mark(p.seat)
		}
	}
}

// start starts a request on a ready replica.
func (r *run) start(seat int32, at, duration int64) error {
	i := r.seats.replica[seat]
	p := &r.replicas[i]
	if p.busy == 0 {
		if i >= r.initial {
			r.remove(&r.idle, i)
		}
		p.since = at
	}
	p.busy++
	if p.busy == r.slots {
		r.seats.unmark(seat)
	}
	return r.occupy(i, at, duration)
}

// occupy holds a slot of a replica from an instant on.
func (r *run) occupy(i int32, from, duration int64) error {
	if r.slowdown.Num != 0 {
		duration = r.slowdown.times(duration)
	}
	if duration > r.limit-from {
		return ErrCannotKeepUp
	}
	r.stats.BusySlot.add(duration)
	r.finishes.push(finish{from + duration, i})
	return nil
}

func (r *run) finish(f finish) {
	p := &r.replicas[f.replica]
	p.busy--
	r.seats.mark(p.seat)
	if p.busy > 0 {
		return
	}
	p.ran += min(f.at, p.until) - min(p.since, p.until)
	p.since = f.at
	if f.replica >= r.initial {
		r.append(&r.idle, f.replica)
	}
}

// launch boots a new replica.
func (r *run) launch() int32 {
	i := r.create()
	p := &r.replicas[i]
	p.ready, p.until = r.now+r.boot, math.MaxInt64
	p.since = p.ready
	r.append(&r.booting, i)
	r.stats.ColdStarts++
	return i
}

func (r *run) create() int32 {
	var i int32
	if n := len(r.unused); n > 0 {
		i = r.unused[n-1]
		r.unused = r.unused[:n-1]
		r.replicas[i] = replica{}
	} else {
		i = int32(len(r.replicas))
		r.replicas = append(r.replicas, replica{})
	}
	if r.seats.taken == len(r.seats.replica) {
		r.moveUp()
	}
	r.replicas[i].seat = r.seats.take(i)
	r.exist++
	r.stats.Peak = max(r.stats.Peak, r.exist)
	return i
}

// moveUp makes new seats free at the end, at least as many as replicas exist.
func (r *run) moveUp() {
	s := &r.seats
	old := s.replica
	s.taken = 0
	for seat, i := range old {
		if i == none {
			continue
		}
		free := s.marked(int32(seat))
		s.unmark(int32(seat))
		r.replicas[i].seat = s.take(i) // not behind the old one
		if free {
			s.mark(r.replicas[i].seat)
		}
	}
	if 2*s.taken > len(old) || len(old) == 0 {
		s.grow()
	}
}

// stop ends the life of an idle replica.
func (r *run) stop(i int32) {
	r.remove(&r.idle, i)
	p := &r.replicas[i]
	idle := p.since + r.delay - p.ready - p.ran
	r.stats.Life.add(r.boot + p.ran + idle)
	for k, rule := range r.rules {
		r.billed[k].add(rule, r.boot, p.ran, idle)
	}
	r.seats.leave(p.seat)
	r.unused = append(r.unused, i)
	r.exist--
}

// A list is one of replicas, linked through them.
type list struct{ first, last int32 }

// none stands for no replica.
const none = -1

func (r *run) append(l *list, i int32) {
	p := &r.replicas[i]
	p.prev, p.next = l.last, none
	if l.last == none {
		l.first = i
	} else {
		r.replicas[l.last].next = i
	}
	l.last = i
}

func (r *run) remove(l *list, i int32) {
	p := &r.replicas[i]
	if p.prev == none {
		l.first = p.next
	} else {
		r.replicas[p.prev].next = p.next
	}
	if p.next == none {
		l.last = p.prev
	} else {
		r.replicas[p.next].prev = p.prev
	}
}

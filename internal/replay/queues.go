package replay

import (
	"math"
	"math/bits"
)

// A finish is when a request ends, and on which replica.
type finish struct {
	at      int64
	replica int32
}

// finishes is a queue of them, earliest first, in which time only goes on: it is
// a radix heap. Entries lie by the highest digit (of 6 bits) in which their time
// differs from base, and by that digit. So those in one bucket of level 0 are at
// the same instant, the earliest are in the lowest bucket of the lowest level,
// and each entry moves down at most once a level, however many there are.
type finishes struct {
	base   int64         // no entry is earlier
	soon   int64         // no entry is earlier; the better guess
	levels uint64        // that are not empty
	digits [11]uint64    // that are not empty, by level
	first  [11][64]int32 // entry in each bucket
	chain  []link
	unused int32 // first link that holds no entry
}

// A link is an entry and the one after it in its bucket.
type link struct {
	finish
	next int32
}

func (q *finishes) push(f finish) {
	i := q.unused
	if i == none {
		q.chain = append(q.chain, link{})
		i = int32(len(q.chain) - 1)
	} else {
		q.unused = q.chain[i].next
	}
	q.chain[i].finish = f
	q.soon = min(q.soon, f.at)
	q.place(i)
}

func (q *finishes) place(i int32) {
	l := &q.chain[i]
	level := uint((bits.Len64(uint64(l.at^q.base)|1)-1)*43>>8) & 15 // a sixth of the highest bit
	digit := l.at >> (6 * level) & 63
	l.next = none
	if q.digits[level]>>digit&1 != 0 {
		l.next = q.first[level][digit]
	}
	q.first[level][digit] = i
	q.digits[level] |= 1 << digit
	q.levels |= 1 << level
}

// pop removes and returns the earliest entry, unless it is later than an
// instant. Nothing earlier than either may be pushed from then on.
func (q *finishes) pop(until int64) (f finish, ok bool) {
	for q.soon <= until {
		if q.levels == 0 {
			q.soon = math.MaxInt64
			break
		}
		level := bits.TrailingZeros64(q.levels) & 15
		digit := bits.TrailingZeros64(q.digits[level]) & 63
		q.soon = q.base>>(6*level+6)<<(6*level+6) | int64(digit)<<(6*level)
		if q.soon > until {
			break
		}
		i := q.first[level][digit]
		if level == 0 {
			next := q.chain[i].next
			q.first[0][digit] = next
			if next == none {
				q.empty(0, digit)
			}
			return q.release(i), true
		}
		least := i
		for k := q.chain[i].next; k != none; k = q.chain[k].next {
			if q.chain[k].at < q.chain[least].at {
				least = k
			}
		}
		late := q.chain[least].at > until
		if late && q.chain[i].next == none {
			q.soon = q.chain[i].at
			break
		}
		q.empty(level, digit)
		q.base = min(q.chain[least].at, until)
		for i != none {
			next := q.chain[i].next
			if i != least || late {
				q.place(i)
			}
			i = next
		}
		if !late {
			return q.release(least), true
		}
	}
	return finish{}, false
}

func (q *finishes) empty(level, digit int) {
	q.digits[level] &^= 1 << digit
	if q.digits[level] == 0 {
		q.levels &^= 1 << level
	}
}

func (q *finishes) release(i int32) finish {
	l := &q.chain[i]
	l.next, q.unused = q.unused, i
	return l.finish
}

// seats orders replicas by age: each new one takes the next seat, and when none
// is left those that still exist move up. free marks the seats of the ready
// replicas that have a free slot, and summary the words of free that are not 0.
type seats struct {
	replica []int32 // by seat; none once it has stopped
	taken   int
	free    []uint64
	summary []uint64
}

// first returns the seat of the oldest ready replica with a free slot.
func (s *seats) first() (seat int32, ok bool) {
	for i, word := range s.summary {
		if word != 0 {
			i = i<<6 + bits.TrailingZeros64(word)
			return int32(i<<6 + bits.TrailingZeros64(s.free[i])), true
		}
	}
	return 0, false
}

func (s *seats) take(replica int32) int32 {
	seat := s.taken
	s.replica[seat] = replica
	s.taken++
	return int32(seat)
}

func (s *seats) leave(seat int32) {
	s.unmark(seat)
	s.replica[seat] = none
}

func (s *seats) grow() {
	n := max(64, 2*len(s.replica))
	s.replica = append(s.replica, make([]int32, n-len(s.replica))...)
	s.free = append(s.free, make([]uint64, n>>6-len(s.free))...)
	s.summary = append(s.summary, make([]uint64, (n+1<<12-1)>>12-len(s.summary))...)
}

func (s *seats) marked(seat int32) bool { return s.free[seat>>6]>>(seat&63)&1 != 0 }

func (s *seats) mark(seat int32) {
	s.free[seat>>6] |= 1 << (seat & 63)
	s.summary[seat>>12] |= 1 << (seat >> 6 & 63)
}

func (s *seats) unmark(seat int32) {
	word := &s.free[seat>>6]
	*word &^= 1 << (seat & 63)
	if *word == 0 {
		s.summary[seat>>12] &^= 1 << (seat >> 6 & 63)
	}
}

// A backlog is the queue: the arrivals from head to tail. Once it is not empty
// every arrival joins it, so it need not hold them: it keeps the first few, and
// reads the others again when their turn comes.
type backlog struct {
	src        Source
	head, tail int64     // ordinals of arrivals
	most       int       // of them that are kept; a power of 2
	kept       []Arrival // a ring of the first of them
	first      int       // in the ring
	count      int       // in the ring
	cursor     Cursor    // reads on behind what the ring holds
	block      []Arrival // read and not yet kept
}

func (b *backlog) len() int64 { return b.tail - b.head }

// push puts an arrival, whose ordinal is n, at the end.
func (b *backlog) push(n int64, a Arrival) {
	if b.head == b.tail {
		b.head, b.tail = n, n
	}
	if b.kept == nil {
		b.kept = make([]Arrival, b.most)
	}
	if int64(b.count) == b.tail-b.head && b.count < len(b.kept) {
		b.kept[(b.first+b.count)&(len(b.kept)-1)] = a
		b.count++
		b.cursor, b.block = nil, nil // they stand before this one
	}
	b.tail++
}

// pop takes the first arrival.
func (b *backlog) pop() (Arrival, error) {
	if b.count == 0 {
		if err := b.read(); err != nil {
			return Arrival{}, err
		}
	}
	a := b.kept[b.first]
	b.first = (b.first + 1) & (len(b.kept) - 1)
	b.count--
	b.head++
	return a, nil
}

// read fills the empty ring.
func (b *backlog) read() error {
	if b.cursor == nil {
		b.cursor = b.src.From(b.head)
	}
	b.first = 0
	for b.count < len(b.kept) && b.head+int64(b.count) < b.tail {
		if len(b.block) == 0 {
			var err error
			if b.block, err = b.cursor.Next(); err != nil {
				return err
			}
			if len(b.block) == 0 {
				return errChanged
			}
		}
		n := copy(b.kept[b.count:min(int64(len(b.kept)), b.tail-b.head)], b.block)
		for _, a := range b.kept[b.count : b.count+n] {
			if a.Duration < 0 {
				return errChanged
			}
		}
		b.count += n
		b.block = b.block[n:]
	}
	return nil
}

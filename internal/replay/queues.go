package replay

import (
	"fmt"
	"io"
	"math/bits"
)

// A finish is when a request ends, and on which replica.
type finish struct {
	at      int64
	replica int32
}

// finishes is a heap with four children a node, earliest first.
type finishes []finish

func (q *finishes) push(f finish) {
	h := append(*q, f)
	*q = h
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if h[parent].at <= f.at {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = f
}

func (q *finishes) pop() finish {
	h := *q
	top := h[0]
	last := h[len(h)-1]
	h = h[:len(h)-1]
	*q = h
	i := 0
	for {
		child := 4*i + 1
		if child >= len(h) {
			break
		}
		least, at := child, h[child].at
		for c := child + 1; c < min(child+4, len(h)); c++ {
			if h[c].at < at {
				least, at = c, h[c].at
			}
		}
		if last.at <= at {
			break
		}
		h[i] = h[least]
		i = least
	}
	if len(h) > 0 {
		h[i] = last
	}
	return top
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
				return fmt.Errorf("arrival %d could be read once and not again: %w", b.head+int64(b.count)+1, io.ErrUnexpectedEOF)
			}
		}
		n := copy(b.kept[b.count:min(int64(len(b.kept)), b.tail-b.head)], b.block)
		b.count += n
		b.block = b.block[n:]
	}
	return nil
}

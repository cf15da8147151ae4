package trace

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
)

// A start is an arrival of a file that is not sorted by it, with the line that
// says so.
type start struct{ time, duration, line int64 }

const startBytes = 24

// before orders by time, then as the file does.
func (s start) before(t start) int {
	return cmp.Or(cmp.Compare(s.time, t.time), cmp.Compare(s.line, t.line))
}

// A sorter sorts starts in bounded memory: sorted runs of limit starts go to a
// temporary file and are merged from there.
type sorter struct {
	limit   int
	batch   []start
	runs    []int64 // the offset at which each run begins
	scratch *scratch
}

func (s *sorter) add(a start) error {
	s.batch = append(s.batch, a)
	if len(s.batch) < s.limit {
		return nil
	}
	return s.spill()
}

func (s *sorter) spill() (err error) {
	if s.scratch == nil {
		if s.scratch, err = newScratch(); err != nil {
			return err
		}
	}
	slices.SortFunc(s.batch, start.before)
	s.runs = append(s.runs, s.scratch.size)
	for _, a := range s.batch {
		if err := s.scratch.write(a.time, a.duration, a.line); err != nil {
			return err
		}
	}
	s.batch = s.batch[:0]
	return s.scratch.flush()
}

func (s *sorter) close() error {
	if s.scratch == nil {
		return nil
	}
	return s.scratch.close()
}

// each calls use with every start, in order.
func (s *sorter) each(ctx context.Context, use func(start) error) error {
	if s.scratch == nil {
		slices.SortFunc(s.batch, start.before)
		for _, a := range s.batch {
			if err := use(a); err != nil {
				return err
			}
		}
		return nil
	}
	if len(s.batch) > 0 {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.batch = nil
	// All buffers together hold as many starts as a batch did.
	share := max(1, s.limit/len(s.runs))
	queue := make([]*run, 0, len(s.runs))
	for i, from := range s.runs {
		to := s.scratch.size
		if i+1 < len(s.runs) {
			to = s.runs[i+1]
		}
		r := &run{scratch: s.scratch, next: from, end: to, buffer: make([]byte, 0, min(int64(share)*startBytes, to-from))}
		if err := r.advance(); err != nil {
			return err
		}
		queue = append(queue, r)
	}
	// Sorted by their heads, the runs are a heap.
	slices.SortFunc(queue, func(a, b *run) int { return a.head.before(b.head) })
	for n := 0; len(queue) > 0; n++ {
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		r := queue[0]
		if err := use(r.head); err != nil {
			return err
		}
		if err := r.advance(); err != nil {
			return err
		}
		if r.done {
			last := len(queue) - 1
			queue[0] = queue[last]
			queue = queue[:last]
		}
		sink(queue)
	}
	return nil
}

// sink moves the first run to where it belongs in the heap.
func sink(queue []*run) {
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(queue); child++ {
			if queue[child].head.before(queue[least].head) < 0 {
				least = child
			}
		}
		if least == i {
			return
		}
		queue[i], queue[least] = queue[least], queue[i]
		i = least
	}
}

// A run is a sorted part of the temporary file.
type run struct {
	scratch   *scratch
	next, end int64  // offsets of what is not in buffer yet
	buffer    []byte // never longer than it is made
	used      int    // of buffer
	head      start
	done      bool
}

func (r *run) advance() error {
	if r.used == len(r.buffer) {
		n := min(int64(cap(r.buffer)), r.end-r.next)
		if n == 0 {
			r.done = true
			return nil
		}
		r.buffer, r.used = r.buffer[:n], 0
		if err := r.scratch.readAt(r.buffer, r.next); err != nil {
			return err
		}
		r.next += n
	}
	word := func(i int) int64 { return int64(binary.LittleEndian.Uint64(r.buffer[r.used+8*i:])) }
	r.head = start{word(0), word(1), word(2)}
	r.used += startBytes
	return nil
}

package trace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// blockLen is the number of arrivals in a cursor's block.
const blockLen = 4096

// arrivalBytes is the size of a spooled arrival: At and Duration, little-endian.
const arrivalBytes = 16

// A store keeps arrivals in memory up to a limit, and all of them in a temporary
// file beyond it.
type store struct {
	limit   int
	n       int64
	memory  []Arrival
	scratch *scratch
}

func (s *store) add(a Arrival) error {
	s.n++
	if s.scratch == nil {
		if len(s.memory) < s.limit {
			s.memory = append(s.memory, a)
			return nil
		}
		if err := s.spool(); err != nil {
			return err
		}
	}
	return s.scratch.write(a.At, a.Duration)
}

// spool moves what is in memory to a file.
func (s *store) spool() (err error) {
	if s.scratch, err = newScratch(); err != nil {
		return err
	}
	for _, a := range s.memory {
		if err := s.scratch.write(a.At, a.Duration); err != nil {
			return err
		}
	}
	s.memory = nil
	return nil
}

func (s *store) finish() error {
	if s.scratch == nil {
		return nil
	}
	return s.scratch.flush()
}

func (s *store) close() error {
	if s.scratch == nil {
		return nil
	}
	return s.scratch.close()
}

func (s *store) from(n int64) Cursor { return Cursor{&cursor{store: s, next: n}} }

// A Cursor walks over arrivals. It is for one goroutine; copies of it share its
// place.
type Cursor struct{ *cursor }

type cursor struct {
	store *store
	next  int64
	block []Arrival
	bytes []byte
}

// Next returns the next block of up to some thousand arrivals, and nil at the
// end. The slice is valid until the next call and is not to be written to. An
// error means that spooled arrivals can no longer be read.
func (c Cursor) Next() ([]Arrival, error) {
	if c.cursor == nil {
		return nil, nil
	}
	s := c.store
	if c.next < 0 {
		return nil, fmt.Errorf("arrival %d; expected 0 or more", c.next)
	}
	if c.next >= s.n {
		return nil, nil
	}
	from, n := c.next, min(blockLen, s.n-c.next)
	if s.scratch == nil {
		c.next += n
		return s.memory[from : from+n : from+n], nil
	}
	if c.bytes == nil {
		c.bytes, c.block = make([]byte, blockLen*arrivalBytes), make([]Arrival, blockLen)
	}
	bytes := c.bytes[:n*arrivalBytes]
	if err := s.scratch.readAt(bytes, from*arrivalBytes); err != nil {
		return nil, fmt.Errorf("read spooled arrivals: %w", err)
	}
	block := c.block[:n]
	for i := range block {
		b := bytes[i*arrivalBytes : (i+1)*arrivalBytes]
		block[i] = Arrival{int64(binary.LittleEndian.Uint64(b)), int64(binary.LittleEndian.Uint64(b[8:]))}
	}
	c.next += n
	return block, nil
}

// A scratch is a temporary file of little-endian int64s, written once from start
// to end and then read at any place.
type scratch struct {
	file    *os.File
	size    int64 // bytes written, those in buffer included
	buffer  []byte
	removed bool
}

func newScratch() (*scratch, error) {
	file, err := os.CreateTemp("", "caveat-trace-*")
	if err != nil {
		return nil, fmt.Errorf("spool arrivals: %w", err)
	}
	// Without a name it is gone however the program ends. Where an open file
	// cannot be removed, close does it.
	removed := os.Remove(file.Name()) == nil
	return &scratch{file: file, removed: removed, buffer: make([]byte, 0, 64<<10)}, nil
}

func (s *scratch) write(values ...int64) error {
	for _, v := range values {
		s.buffer = binary.LittleEndian.AppendUint64(s.buffer, uint64(v))
	}
	s.size += int64(8 * len(values))
	if cap(s.buffer)-len(s.buffer) >= 64 {
		return nil
	}
	return s.flush()
}

func (s *scratch) flush() error {
	_, err := s.file.Write(s.buffer)
	s.buffer = s.buffer[:0]
	if err != nil {
		return fmt.Errorf("spool arrivals: %w", err)
	}
	return nil
}

// readAt fills b.
func (s *scratch) readAt(b []byte, offset int64) error {
	n, err := s.file.ReadAt(b, offset)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// close removes the file. A second call does nothing.
func (s *scratch) close() error {
	err := s.file.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	if !s.removed {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}

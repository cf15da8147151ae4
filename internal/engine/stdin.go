package engine

import (
	"io"
	"os"
	"sync"
)

// A spool keeps what standard input gave, so that a trace can be read from it as
// often as one is priced. The file has no name: it is gone with the process.
type spool struct {
	mu   sync.Mutex
	file *os.File
	size int64
}

// reader reads the standard input from its start.
func (s *spool) reader(stdin io.Reader) (io.Reader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil && stdin != nil {
		file, err := os.CreateTemp("", "caveat-*")
		if err != nil {
			return nil, err
		}
		_ = os.Remove(file.Name()) // where an open file cannot be removed it stays
		if s.size, err = io.Copy(file, stdin); err != nil {
			_ = file.Close()
			return nil, err
		}
		s.file = file
	}
	if s.file == nil {
		return nil, nil
	}
	return io.NewSectionReader(s.file, 0, s.size), nil
}

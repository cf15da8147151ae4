package trace

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// maxLine bounds one line: no request record that people keep comes near.
const maxLine = 1 << 20

// limits bound what a gzip file unpacks to, since a bomb would fill the disk:
// bytes in all, and beyond the free ones ratio times the bytes read.
type limits struct{ bytes, free, ratio int64 }

// Rows that are alike pack 200:1 at the utmost unless hardly anything happens,
// and 8 GiB are a hundred million rows.
var defaultLimits = limits{bytes: 8 << 30, free: 64 << 20, ratio: 200}

// A format is how rows are written.
type format int

const (
	sniffed format = iota
	csvFormat
	jsonFormat
)

// formatOf reads the format from a file's name; not ok for another one.
func formatOf(path string) (f format, packed, ok bool) {
	name, packed := strings.CutSuffix(strings.ToLower(path), ".gz")
	switch {
	case strings.HasSuffix(name, ".csv"):
		return csvFormat, packed, true
	case strings.HasSuffix(name, ".jsonl"):
		return jsonFormat, packed, true
	}
	return 0, false, false
}

// An input cuts a file into lines. The file is read, hashed and unpacked by a
// goroutine of its own, so that cancellation does not wait for a slow one.
type input struct {
	name   string
	limits limits
	format format
	packed bool // by the file's name
	blocks chan block
	done   chan struct{}
	rest   []byte // of the present block
	carry  []byte // a line that began in another block
	end    error  // what ended the file: io.EOF or a fault
	number int    // of the last line returned
	whole  bool   // that line had a line end
	digest string // at the end
}

type block struct {
	data []byte
	err  error
}

// open opens a file, or stdin for "-".
func open(spec Spec, path string) (*input, error) {
	in := &input{name: spec.Name, limits: defaultLimits, blocks: make(chan block), done: make(chan struct{})}
	if path == "-" {
		if spec.Stdin == nil {
			return nil, spec.problem("there is no standard input; expected a trace; name a file")
		}
		go in.read(io.NopCloser(spec.Stdin))
		return in, nil
	}
	in.format, in.packed, _ = formatOf(path)
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, spec.problem("no such file; expected a trace; check the path")
	case errors.Is(err, fs.ErrPermission):
		return nil, spec.problem("may not be read; expected a readable file; change its permissions")
	case err != nil:
		return nil, unreadable(err)
	}
	if info, err := file.Stat(); err != nil || info.IsDir() {
		file.Close()
		if err != nil {
			return nil, unreadable(err)
		}
		return nil, spec.problem("is a folder; expected a file")
	}
	go in.read(file)
	return in, nil
}

func unreadable(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("cannot be read: %w", err)
}

// close ends the reading goroutine, at the latest when its present read returns.
func (in *input) close() { close(in.done) }

// read sends the file's content block by block. The channel has no buffer: once
// a block is received, the one before it is free.
func (in *input) read(src io.ReadCloser) {
	hash := sha256.New()
	raw := &counter{reader: io.TeeReader(src, hash)}
	reader, packed, err := in.unpack(raw)
	buffers := [2][]byte{make([]byte, 256<<10), make([]byte, 256<<10)}
	var unpacked int64
	for i := 0; err == nil; i++ {
		var n int
		n, err = reader.Read(buffers[i%2])
		unpacked += int64(n)
		if packed && (unpacked > in.limits.bytes || unpacked > in.limits.free && unpacked/in.limits.ratio > raw.bytes) {
			err = fmt.Errorf("unpacks to more than %s; expected a trace; if it is one, unpack it first", in.limits.reached(unpacked))
		} else if n > 0 && !in.send(block{data: buffers[i%2][:n]}) {
			break
		}
	}
	src.Close()
	if err == io.EOF {
		in.digest = "sha256:" + hex.EncodeToString(hash.Sum(nil))
	}
	in.send(block{err: err})
}

// send reports whether somebody still reads.
func (in *input) send(b block) bool {
	select {
	case in.blocks <- b:
		return true
	case <-in.done:
		return false
	}
}

func (l limits) reached(unpacked int64) string {
	if unpacked > l.bytes {
		return fmt.Sprintf("%d MiB", l.bytes>>20)
	}
	return fmt.Sprintf("%d times its size", l.ratio)
}

// unpack unpacks what is gzip, by its name and by its first bytes.
func (in *input) unpack(raw io.Reader) (io.Reader, bool, error) {
	buffered := bufio.NewReaderSize(raw, 64<<10)
	magic, err := buffered.Peek(2)
	if err != nil && err != io.EOF {
		return nil, false, err
	}
	packed := bytes.Equal(magic, []byte{0x1f, 0x8b})
	switch {
	case len(magic) == 0:
		return buffered, false, nil
	case in.packed && !packed:
		return nil, false, errors.New("is not gzip, though it is named .gz; expected gzip; name it without .gz or pack it")
	case packed && !in.packed && in.format != sniffed:
		return nil, false, errors.New("is gzip, and its name does not say so; expected text; add .gz to its name")
	case !packed:
		return buffered, false, nil
	}
	reader, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, false, damaged(err)
	}
	return unzipped{reader}, true, nil
}

// unzipped reads gzip with errors in our words.
type unzipped struct{ reader *gzip.Reader }

func (u unzipped) Read(b []byte) (int, error) {
	n, err := u.reader.Read(b)
	if err != nil && err != io.EOF {
		err = damaged(err)
	}
	return n, err
}

func damaged(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF:
		return errors.New("the gzip data end too early (a truncated file); expected all of it; copy the file again")
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return fmt.Errorf("the gzip data are damaged (%w); expected a whole file; copy it again", err)
	}
	return err
}

// counter counts the bytes read.
type counter struct {
	reader io.Reader
	bytes  int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.reader.Read(b)
	c.bytes += int64(n)
	if err != nil && err != io.EOF {
		err = unreadable(err)
	}
	return n, err
}

// line returns the next line without its end, valid until the next call, and
// io.EOF after the last.
func (in *input) line(ctx context.Context) ([]byte, error) {
	in.carry = in.carry[:0]
	for {
		if i := bytes.IndexByte(in.rest, '\n'); i >= 0 {
			line := in.rest[:i]
			in.rest = in.rest[i+1:]
			if len(in.carry) > 0 {
				in.carry = append(in.carry, line...)
				line = in.carry
			}
			in.whole = true
			return in.checked(line)
		}
		in.carry = append(in.carry, in.rest...)
		in.rest = nil
		switch {
		case len(in.carry) > maxLine:
			return in.checked(in.carry)
		case in.end == io.EOF && len(in.carry) > 0:
			in.whole = false
			return in.checked(in.carry)
		case in.end == io.EOF:
			return nil, io.EOF
		case in.end != nil:
			return nil, at(in.name, in.number+1, 1, "%v", in.end)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		select {
		case b := <-in.blocks:
			in.rest, in.end = b.data, b.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func (in *input) checked(line []byte) ([]byte, error) {
	in.number++
	if in.number == 1 {
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) > maxLine {
		return nil, at(in.name, in.number, 1, "the line is longer than %d KiB; expected one request a line; check that this is a trace", maxLine>>10)
	}
	if !utf8.Valid(line) {
		column := 1
		for len(line) > 0 {
			r, size := utf8.DecodeRune(line)
			if r == utf8.RuneError && size == 1 {
				break
			}
			line = line[size:]
			column++
		}
		return nil, at(in.name, in.number, column, "is not UTF-8; expected text in UTF-8; convert the file")
	}
	return line, nil
}

package trace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// A want is a column that is read, and the key of the manifest that asks for it.
type want struct{ key, name string }

// A row is one row's wanted values, in the order of the wants: a CSV field, a
// JSON string's content, or the text of another JSON value. They are valid until
// the next row.
type row struct {
	name   string // of the file
	wants  []want
	line   int // on which the row begins
	text   []byte
	values [][]byte
	starts []int // where in text each value begins
	where  filter
}

// problem is about one value; the message begins with its column.
func (r *row) problem(i int, format string, args ...any) error {
	before := r.text[:r.starts[i]]
	line := r.line + bytes.Count(before, []byte("\n"))
	before = before[bytes.LastIndexByte(before, '\n')+1:]
	return at(r.name, line, utf8.RuneCount(before)+1, "%s %s", r.wants[i].name, fmt.Sprintf(format, args...))
}

// rows are the rows of a file that its filter keeps; next returns io.EOF after
// the last.
type rows interface {
	next(ctx context.Context, r *row) error
}

// rows reads the header, if the format has one, and makes r fit for its rows.
func (in *input) rows(ctx context.Context, wants []want, where map[string]string, r *row) (rows, error) {
	keep, wants := newFilter(where, wants)
	*r = row{name: in.name, wants: wants, where: keep, values: make([][]byte, len(wants)), starts: make([]int, len(wants))}
	first, err := in.filled(ctx)
	if err == io.EOF {
		return nil, in.empty()
	}
	if err != nil {
		return nil, err
	}
	if in.format == sniffed {
		in.format = csvFormat
		if trimmed := bytes.TrimLeft(first, " \t"); len(trimmed) > 0 && trimmed[0] == '{' {
			in.format = jsonFormat
		}
	}
	if in.format == jsonFormat {
		return &jsonRows{in: in, first: first}, nil
	}
	c := &csvRows{in: in}
	return c, c.header(ctx, first, wants)
}

func (in *input) empty() problems {
	return at(in.name, 1, 1, "is empty; expected CSV with a header, or JSON Lines; check that this is the right file")
}

// filled returns the next line that is not empty.
func (in *input) filled(ctx context.Context) ([]byte, error) {
	for {
		if line, err := in.line(ctx); err != nil || len(line) > 0 {
			return line, err
		}
	}
}

// csvRows reads RFC 4180 as encoding/csv does, and several times as fast where
// nothing is quoted.
type csvRows struct {
	in     *input
	names  int   // columns of the header
	column []int // of each want
	record []byte
	line   int
	fields [][]byte
	starts []int
}

func (c *csvRows) header(ctx context.Context, first []byte, wants []want) error {
	if err := c.split(ctx, first); err != nil {
		return err
	}
	c.names = len(c.fields)
	names := make([]string, c.names)
	for i, field := range c.fields {
		names[i] = string(field)
	}
	var found problems
	for _, w := range wants {
		i := slices.Index(names, w.name)
		c.column = append(c.column, i)
		if i < 0 {
			found = append(found, missing(c.in.name, c.line, w, names)...)
			continue
		}
		if again := slices.Index(names[i+1:], w.name); again >= 0 {
			found = append(found, c.problem(c.starts[i+1+again], fmt.Errorf("column %s stands in the header twice; expected it once; rename one", shown(w.name)))...)
		}
	}
	if len(found) > 0 {
		return found
	}
	return nil
}

// missing says that a column or field is not there.
func missing(name string, line int, w want, names []string) problems {
	return at(name, line, 1, "there is no %s (%s); expected one of %s%s", shown(w.name), w.key, listed(names), meant(w.name, names))
}

func (c *csvRows) next(ctx context.Context, r *row) error {
	for {
		line, err := c.in.filled(ctx)
		if err != nil {
			return err
		}
		if err := c.split(ctx, line); err != nil {
			return err
		}
		if len(c.fields) != c.names {
			return at(c.in.name, c.line, 1, "the row has %s; expected %d as in the header; check for a cut line or an unquoted comma", plural(len(c.fields), "field"), c.names)
		}
		r.line, r.text = c.line, c.record
		for i, column := range c.column {
			r.values[i], r.starts[i] = c.fields[column], c.starts[column]
		}
		if r.where.keeps(r) {
			return nil
		}
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// split cuts a record into its fields. One with a quoted line end takes further
// lines.
func (c *csvRows) split(ctx context.Context, line []byte) error {
	c.record, c.line = line, c.in.number
	c.fields, c.starts = c.fields[:0], c.starts[:0]
	if bytes.IndexByte(line, '"') >= 0 {
		return c.splitQuoted(ctx)
	}
	for from := 0; ; {
		c.starts = append(c.starts, from)
		n := bytes.IndexByte(line[from:], ',')
		if n < 0 {
			c.fields = append(c.fields, line[from:])
			return nil
		}
		c.fields = append(c.fields, line[from:from+n])
		from += n + 1
	}
}

var (
	errOpen  = errors.New("the quote is not closed; expected a closing quote; check for a cut file")
	errQuote = errors.New("the quote is neither at the start or end of a field nor doubled; expected a quoted field with its quotes doubled")
)

func (c *csvRows) splitQuoted(ctx context.Context) error {
	place, err := c.quoted()
	for err == errOpen {
		// A record is whole again where its quotes are even in number.
		c.record = slices.Clone(c.record)
		for odd := true; odd; {
			line, fault := c.in.line(ctx)
			if fault == io.EOF || fault == nil && len(c.record)+len(line) > maxLine {
				return c.problem(place, err)
			}
			if fault != nil {
				return fault
			}
			c.record = append(append(c.record, '\n'), line...)
			odd = bytes.Count(line, []byte(`"`))%2 == 0
		}
		place, err = c.quoted()
	}
	if err != nil {
		return c.problem(place, err)
	}
	return nil
}

func (c *csvRows) problem(place int, err error) problems {
	before := c.record[:place]
	line := c.line + bytes.Count(before, []byte("\n"))
	before = before[bytes.LastIndexByte(before, '\n')+1:]
	return at(c.in.name, line, utf8.RuneCount(before)+1, "%v", err)
}

// quoted cuts the record at commas outside quotes. With an error comes the place
// of the quote that it is about.
func (c *csvRows) quoted() (place int, err error) {
	c.fields, c.starts = c.fields[:0], c.starts[:0]
	text := c.record
	for from := 0; ; {
		c.starts = append(c.starts, from)
		field := text[from:]
		end := bytes.IndexByte(field, ',')
		if end < 0 {
			end = len(field)
		}
		if len(field) > 0 && field[0] == '"' {
			var doubled bool
			if end, doubled, err = closing(field); err != nil {
				return from + end, err
			}
			value := field[1 : end-1]
			if doubled {
				value = bytes.ReplaceAll(value, []byte(`""`), []byte(`"`))
			}
			c.fields = append(c.fields, value)
		} else {
			if i := bytes.IndexByte(field[:end], '"'); i >= 0 {
				return from + i, errQuote
			}
			c.fields = append(c.fields, field[:end])
		}
		from += end
		if from == len(text) {
			return 0, nil
		}
		from++
	}
}

// closing returns the end of a quoted field, past its closing quote.
func closing(field []byte) (end int, doubled bool, err error) {
	for i := 1; ; {
		n := bytes.IndexByte(field[i:], '"')
		if n < 0 {
			return 0, false, errOpen
		}
		i += n + 1
		switch {
		case i == len(field) || field[i] == ',':
			return i, doubled, nil
		case field[i] != '"':
			return i - 1, false, errQuote
		}
		doubled = true
		i++
	}
}

// jsonRows reads JSON Lines: one object a line. Only wanted fields of its top
// level are looked at.
type jsonRows struct {
	in    *input
	first []byte // the first line, until it is read
	any   bool   // a row was kept
}

func (j *jsonRows) next(ctx context.Context, r *row) error {
	for {
		if err := j.read(ctx, r); err != nil {
			return err
		}
		// Rows of another kind may lack what is wanted of those that are kept.
		if r.lacks(r.where.from) || r.where.keeps(r) && r.lacks(0) {
			return j.missing(r)
		}
		if r.where.kept {
			j.any = true
			return nil
		}
	}
}

// lacks reports whether a row has not all fields wanted, from one of them on.
func (r *row) lacks(from int) bool {
	return slices.ContainsFunc(r.values[from:], func(v []byte) bool { return v == nil })
}

// read reads the next row, whichever it is.
func (j *jsonRows) read(ctx context.Context, r *row) error {
	line := j.first
	j.first = nil
	for len(bytes.TrimLeft(line, " \t\r")) == 0 {
		var err error
		if line, err = j.in.line(ctx); err != nil {
			return err
		}
	}
	r.line, r.text = j.in.number, line
	if !json.Valid(line) {
		return j.invalid(line)
	}
	if from := skipSpace(line, 0); line[from] != '{' {
		return at(j.in.name, r.line, from+1, `the line is not an object; expected JSON Lines, an object a line such as {"time": 0}; convert the file`)
	}
	clear(r.values)
	twice := -1
	walk(line, func(key []byte, place, value, end int) {
		for i, w := range r.wants {
			if string(key) != w.name {
				continue
			}
			if r.values[i] != nil {
				twice = place
			}
			r.values[i], r.starts[i] = line[value:end], value
			if line[value] == '"' {
				r.values[i] = content(line[value:end])
			}
		}
	})
	if twice >= 0 {
		return at(j.in.name, r.line, utf8.RuneCount(line[:twice])+1, "the field stands in the row twice; expected it once; remove one")
	}
	return nil
}

// missing reports the fields that a row does not have: all where no row was read
// before, so that it stands for a header.
func (j *jsonRows) missing(r *row) problems {
	var found problems
	for i, w := range r.wants {
		if r.values[i] == nil && (!j.any || found == nil) {
			var names []string
			walk(r.text, func(key []byte, _, _, _ int) { names = append(names, string(key)) })
			found = append(found, missing(j.in.name, r.line, w, names)...)
		}
	}
	return found
}

func (j *jsonRows) invalid(line []byte) error {
	var syntax *json.SyntaxError
	err := json.Unmarshal(line, new(json.RawMessage))
	if !errors.As(err, &syntax) {
		return at(j.in.name, j.in.number, 1, "is not JSON (%v); expected an object a line", err)
	}
	column := utf8.RuneCount(line[:max(0, min(int(syntax.Offset)-1, len(line)))]) + 1
	if strings.HasPrefix(syntax.Error(), "unexpected end") {
		if !j.in.whole {
			return at(j.in.name, j.in.number, column, "the last line ends within its object (a truncated file); expected all of it; copy the file again")
		}
		return at(j.in.name, j.in.number, column, "the line ends within its object; expected JSON Lines, a whole object a line; convert the file")
	}
	return at(j.in.name, j.in.number, column, "is not JSON (%v); expected an object a line", err)
}

// The functions below walk over JSON that is known to be valid.

// walk calls use with each field of an object: its key, and the places of the
// key, of the value and past it.
func walk(line []byte, use func(key []byte, place, value, end int)) {
	for i := skipSpace(line, 0) + 1; ; {
		if i = skipSpace(line, i); line[i] == ',' {
			i = skipSpace(line, i+1)
		}
		if line[i] == '}' {
			return
		}
		end := stringEnd(line, i)
		value := skipSpace(line, skipSpace(line, end)+1)
		after := valueEnd(line, value)
		use(content(line[i:end]), i, value, after)
		i = after
	}
}

func skipSpace(line []byte, i int) int {
	for line[i] == ' ' || line[i] == '\t' || line[i] == '\r' {
		i++
	}
	return i
}

// stringEnd returns the place past a string that begins at i.
func stringEnd(line []byte, i int) int {
	for i++; ; i++ {
		switch line[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
}

// valueEnd returns the place past a value that begins at i, within an object.
func valueEnd(line []byte, i int) int {
	switch line[i] {
	case '"':
		return stringEnd(line, i)
	case '{', '[':
		for depth := 0; ; {
			switch line[i] {
			case '"':
				i = stringEnd(line, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			i++
			if depth == 0 {
				return i
			}
		}
	}
	for ; ; i++ {
		switch line[i] {
		case ',', '}', ' ', '\t', '\r':
			return i
		}
	}
}

// content is what a JSON string says. It is never nil.
func content(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return quoted // cannot be: the line is valid
	}
	return append([]byte{}, s...)
}

// A filter keeps the rows whose columns have the wanted texts, which follow
// other wants in a row.
type filter struct {
	from   int // the index of the first one among the wants
	texts  []string
	hits   []bool
	others [][]string // some other texts of each column
	rows   int
	kept   bool // the last one
}

// newFilter adds the columns of where to the wants, sorted.
func newFilter(where map[string]string, wants []want) (filter, []want) {
	f := filter{from: len(wants)}
	for _, name := range slices.Sorted(maps.Keys(where)) {
		wants = append(wants, want{"where", name})
		f.texts = append(f.texts, where[name])
	}
	f.hits, f.others = make([]bool, len(f.texts)), make([][]string, len(f.texts))
	return f, wants
}

// keeps reports whether a row is wanted.
func (f *filter) keeps(r *row) bool {
	const most = 20
	f.rows++
	f.kept = true
	for i, text := range f.texts {
		value := r.values[f.from+i]
		if string(value) == text {
			f.hits[i] = true
			continue
		}
		f.kept = false
		others := f.others[i]
		if !f.hits[i] && len(others) < most && !slices.ContainsFunc(others, func(o string) bool { return o == string(value) }) {
			f.others[i] = append(others, string(value))
		}
	}
	return f.kept
}

// nothing says why no row was left.
func (r *row) nothing(in *input) problems {
	f := &r.where
	if f.rows == 0 && in.format == jsonFormat {
		return in.empty()
	}
	if f.rows == 0 {
		return at(in.name, in.number, 1, "has a header and no rows; expected a row a request; check that the file is whole")
	}
	for i, hit := range f.hits {
		if !hit {
			return at(in.name, in.number, 1, "no row has %s in %s (where); there are %s%s", shown(f.texts[i]), r.wants[f.from+i].name, listed(f.others[i]), meant(f.texts[i], f.others[i]))
		}
	}
	return at(in.name, in.number, 1, "no row has all that where asks for; expected one at least; ask for less")
}

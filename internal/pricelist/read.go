package pricelist

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// A List is an outside price list.
type List struct {
	Path string
	Rows []Row
}

// A Row is one line of a list: what an instance of a vendor costs. GPUMemory is
// in GiB a GPU, VCPU and Memory (GiB) are those of the instance, and Price and
// Spot are USD an hour for the whole instance. What is nil or "" is not given.
type Row struct {
	Line      int
	Vendor    string
	Instance  string
	GPU       string
	Count     *int // GPUs an instance; 0 is a part of one
	GPUMemory *decimal.Decimal
	VCPU      *decimal.Decimal
	Memory    *decimal.Decimal
	Price     *decimal.Decimal
	Spot      *decimal.Decimal
	Region    string
}

// Columns are those that a list has in its header, in any order. Others are
// not looked at.
var columns = []string{"vendor", "instance", "gpu", "count", "gpu_mem", "vcpu", "mem", "price", "spot_price", "region"}

const (
	maxBytes    = 64 << 20
	maxProblems = 20 // of one list; a wrong file is wrong on every line
	maxDigits   = 64 // of a number, so that no list can make arithmetic slow
	maxCount    = 1 << 20
)

// Read reads a price list: CSV with a header that names the columns, in UTF-8.
// The problems are in the order of lines, at most 20 of them and a last one
// that counts the rest; with any, the list is not to be used.
func Read(path string, r io.Reader) (List, []decision.Problem) {
	list := List{Path: path}
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	switch {
	case err != nil:
		return list, []decision.Problem{{Path: path, Message: fmt.Sprintf("cannot be read: %v", err)}}
	case len(data) > maxBytes:
		return list, []decision.Problem{{Path: path, Message: fmt.Sprintf("larger than %d MiB; expected a price list; check that this is the right file", maxBytes>>20)}}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(bytes.TrimSpace(data)) == 0 {
		return list, []decision.Problem{{Path: path, Message: "is empty; expected a header with the columns " + strings.Join(columns, ",")}}
	}
	if !utf8.Valid(data) {
		return list, []decision.Problem{{Path: path, Message: "is not UTF-8 text; expected a CSV file; save it as UTF-8"}}
	}
	t := &table{path: path, csv: csv.NewReader(bytes.NewReader(data))}
	t.csv.FieldsPerRecord = -1
	if t.header() {
		list.Rows = t.rows()
	}
	if n := len(t.problems); n > maxProblems {
		t.problems = append(t.problems[:maxProblems], decision.Problem{Path: path, Message: fmt.Sprintf("and %d more like these", n-maxProblems)})
	}
	return list, t.problems
}

// A table is a CSV file while it is read.
type table struct {
	path     string
	csv      *csv.Reader
	at       map[string]int // column by name
	width    int
	problems []decision.Problem
}

func (t *table) fail(line, column int, format string, args ...any) {
	t.problems = append(t.problems, decision.Problem{Path: t.path, Line: line, Column: column, Message: fmt.Sprintf(format, args...)})
}

// next returns a record and the line on which it begins. It is nil at the end,
// which a quote in the wrong place brings too: after it no field is sure.
func (t *table) next() (record []string, line int) {
	record, err := t.csv.Read()
	var wrong *csv.ParseError
	switch {
	case err == nil:
		line, _ = t.csv.FieldPos(0)
		return record, line
	case errors.As(err, &wrong):
		what := "a quote stands inside a field that is not quoted"
		if errors.Is(wrong.Err, csv.ErrQuote) {
			what = "a quoted field does not end where it should"
		}
		t.fail(wrong.Line, wrong.Column, "%s; expected a field in double quotes, with quotes in it doubled; the lines after it are not read", what)
	case !errors.Is(err, io.EOF):
		t.fail(0, 0, "cannot be read: %v", err)
	}
	return nil, 0
}

func (t *table) header() bool {
	record, line := t.next()
	if record == nil {
		return false
	}
	t.at, t.width = map[string]int{}, len(record)
	for i, name := range record {
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := t.at[name]; twice && slices.Contains(columns, name) {
			_, column := t.csv.FieldPos(i)
			t.fail(line, column, "column %q stands twice; expected it once; remove one", name)
		}
		t.at[name] = i
	}
	var missing []string
	for _, name := range columns {
		if _, ok := t.at[name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		t.fail(line, 1, "the header lacks %s; expected the columns %s; name them in the first line", strings.Join(missing, ", "), strings.Join(columns, ","))
	}
	return len(t.problems) == 0
}

func (t *table) rows() []Row {
	var rows []Row
	for n := 0; ; n++ {
		record, line := t.next()
		if record == nil {
			if n == 0 && len(t.problems) == 0 {
				t.fail(0, 0, "has a header and no rows; expected a row a price")
			}
			return rows
		}
		if len(record) != t.width {
			t.fail(line, 1, "the row has %d fields and the header %d; expected as many; check for a comma too many or too few", len(record), t.width)
			continue
		}
		rows = append(rows, t.row(record, line))
	}
}

func (t *table) row(record []string, line int) Row {
	field := func(name string) string { return strings.TrimSpace(record[t.at[name]]) }
	wrong := func(name, expected string) {
		_, column := t.csv.FieldPos(t.at[name])
		t.fail(line, column, "%s is %.40q; expected %s, or nothing where it is not given", name, field(name), expected)
	}
	number := func(name string) *decimal.Decimal {
		if field(name) == "" {
			return nil
		}
		d, ok := plain(field(name))
		if !ok {
			wrong(name, "a plain decimal of 0 or more, such as 3.29")
			return nil
		}
		return &d
	}
	row := Row{Line: line, Vendor: field("vendor"), Instance: field("instance"), GPU: field("gpu"), Region: field("region")}
	if row.Vendor == "" {
		t.fail(line, 1, "the row names no vendor; expected one in every row")
	}
	if text := field("count"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > maxCount || strings.HasPrefix(text, "+") {
			wrong("count", "a whole number of GPUs")
		} else {
			row.Count = &n
		}
	}
	row.GPUMemory, row.VCPU, row.Memory = number("gpu_mem"), number("vcpu"), number("mem")
	row.Price, row.Spot = number("price"), number("spot_price")
	return row
}

// plain reads digits with an optional fraction: no sign, no exponent, no NaN.
func plain(s string) (decimal.Decimal, bool) {
	whole, fraction, dot := strings.Cut(s, ".")
	if len(s) > maxDigits || !digits(whole) || dot && !digits(fraction) {
		return decimal.Decimal{}, false
	}
	d, err := decimal.NewFromString(s)
	return d, err == nil
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

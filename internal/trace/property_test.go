package trace

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Spooled arrivals are those in memory, from wherever a cursor begins.
func TestSpooled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{1, 2, 50, blockLen, blockLen + 1, 2*blockLen + 3}).Draw(t, "arrivals")
		step := rapid.Int64Range(0, 3).Draw(t, "step")
		var content strings.Builder
		content.WriteString("t,d\n")
		for i := range int64(n) {
			fmt.Fprintf(&content, "%d,%d\n", i*step, i%17)
		}
		from := rapid.Int64Range(0, int64(n)).Draw(t, "from")
		var both [2][]Arrival
		for i, limit := range []int{n, rapid.IntRange(1, max(1, n-1)).Draw(t, "limit")} {
			spec := of(content.String(), timed)
			spec.MemoryLimit = limit
			trace, found := Open(t.Context(), spec)
			if len(found) > 0 {
				t.Fatal(found)
			}
			for c := trace.From(from); ; {
				block, err := c.Next()
				if err != nil {
					t.Fatal(err)
				}
				if block == nil {
					break
				}
				both[i] = append(both[i], block...)
			}
			if err := trace.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(both[0], both[1]) || len(both[0]) != n-int(from) {
			t.Fatalf("got %d in memory and %d spooled, want %d alike", len(both[0]), len(both[1]), n-int(from))
		}
	})
}

// A file of ends gives what a stable sort by start gives.
func TestEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type request struct{ end, duration int64 }
		requests := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) request {
			return request{rapid.Int64Range(0, 20).Draw(t, "end"), rapid.Int64Range(0, 30).Draw(t, "duration")}
		}), 1, 60).Draw(t, "requests")
		var content strings.Builder
		content.WriteString("t,d\n")
		want := make([]Arrival, len(requests))
		for i, r := range requests {
			fmt.Fprintf(&content, "%d,%d\n", r.end, r.duration)
			want[i] = Arrival{(r.end - r.duration) * 1e9, r.duration * 1e9}
		}
		slices.SortStableFunc(want, func(a, b Arrival) int { return cmp.Compare(a.At, b.At) })
		first := want[0].At
		for i := range want {
			want[i].At -= first
		}
		spec := of(content.String(), Columns{End: "t", Duration: "d"})
		spec.MemoryLimit = rapid.IntRange(1, 70).Draw(t, "limit")
		trace, found := Open(t.Context(), spec)
		if len(found) > 0 {
			t.Fatal(found)
		}
		if got := all(t, trace); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// Decimals of any length and exponent are read as exact arithmetic reads them.
func TestScaled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{0,22}(\.[0-9]{0,22})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "text")
		scale := rapid.SampledFrom([]int{0, 6, 9}).Draw(t, "scale")
		n, exact, err := scaled([]byte(text), scale)
		value, ok := new(big.Rat).SetString(text)
		if !ok {
			if err != errNumber {
				t.Fatalf("%q: got %d, %v, want %v", text, n, err, errNumber)
			}
			return
		}
		if value.Sign() < 0 {
			if err != errNegative {
				t.Fatalf("%q: got %d, %v, want %v", text, n, err, errNegative)
			}
			return
		}
		value.Mul(value, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
		want, rest := new(big.Int).QuoRem(value.Num(), value.Denom(), new(big.Int))
		switch twice := rest.Lsh(rest, 1).Cmp(value.Denom()); {
		case twice > 0, twice == 0 && want.Bit(0) == 1:
			want.Add(want, big.NewInt(1))
		}
		if !want.IsInt64() {
			if err != errRange {
				t.Fatalf("%q × 10^%d: got %d, %v, want %v", text, scale, n, err, errRange)
			}
			return
		}
		if err != nil && want.Cmp(big.NewInt(9223372036854775800)) > 0 {
			return // the last few numbers may be refused
		}
		if err != nil || n != want.Int64() || exact != value.IsInt() {
			t.Fatalf("%q × 10^%d: got %d, %v, %v, want %v, %v", text, scale, n, exact, err, want, value.IsInt())
		}
	})
}

// Time stamps are read as package time reads them.
func TestStamps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		when := time.Unix(rapid.Int64Range(-9214560000, 9214646399).Draw(t, "seconds"), rapid.Int64Range(0, 999999999).Draw(t, "nanoseconds")).UTC()
		offset := rapid.IntRange(-23*60-59, 23*60+59).Draw(t, "offset")
		local := when.In(time.FixedZone("", offset*60))
		if local.Year() < 1678 || local.Year() > 2261 {
			return
		}
		got, is, minutes, err := parseStamp([]byte(local.Format("2006-01-02T15:04:05.999999999Z07:00")))
		if err != nil || got != when.UnixNano() || is != zoned || minutes != offset {
			t.Fatalf("%v: got %d, %v, %d, %v, want %d", local, got, is, minutes, err, when.UnixNano())
		}
		got, is, _, err = parseStamp([]byte(when.Format("2006-01-02 15:04:05.000000000")))
		if err != nil || got != when.UnixNano() || is != stamp {
			t.Fatalf("%v: got %d, %v, %v, want %d", when, got, is, err, when.UnixNano())
		}
	})
}

// Every day that package time knows, and none that it does not.
func TestDays(t *testing.T) {
	for year := 1678; year <= 2261; year++ {
		for month := 1; month <= 12; month++ {
			for day := 1; day <= 31; day++ {
				when := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
				if exists := when.Day() == day; exists != (day <= daysIn(year, month)) {
					t.Errorf("%d-%d-%d: got %v", year, month, day, !exists)
				} else if got := daysSince1970(year, month, day); exists && int64(got)*86400 != when.Unix() {
					t.Errorf("%d-%d-%d: got %d", year, month, day, got)
				}
			}
		}
	}
}

// records reads all fields of CSV with our reader; nil where it refuses.
func records(t interface{ Fatal(...any) }, content []byte) [][]string {
	in := &input{name: "t", limits: defaultLimits, format: csvFormat, blocks: make(chan block), done: make(chan struct{})}
	defer in.close()
	go in.read(io.NopCloser(bytes.NewReader(content)))
	var all [][]string
	c := &csvRows{in: in}
	for {
		line, err := in.filled(context.Background())
		if err == nil {
			err = c.split(context.Background(), line)
		}
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			return nil
		}
		var fields []string
		for _, f := range c.fields {
			fields = append(fields, string(f))
		}
		all = append(all, fields)
	}
}

// CSV is read as encoding/csv reads it.
func TestCSV(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.StringMatching("([ab,\",\n\r ]|\"\"|\"a\"|\"[^\"]*\"|\n){0,30}").Draw(t, "content")
		sameCSV(t, []byte(content))
	})
}

func sameCSV(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, content []byte) {
	reader := csv.NewReader(bytes.NewReader(content))
	reader.FieldsPerRecord = -1
	want, err := reader.ReadAll()
	if err != nil {
		want = nil
	}
	if got := records(t, content); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Fatalf("%q: got %q, want %q (%v)", content, got, want, err)
	}
}

// The top level of an object is read as encoding/json reads it.
func TestJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := map[string]any{}
		for _, key := range []string{"t", "d", "\"", "ä\\", "{"} {
			object[key] = rapid.SampledFrom([]any{nil, true, 1.5, "x", "\"}", "\\", []any{}, []any{"]", 1, map[string]any{"t": 1}}, map[string]any{"a": []any{}, "}": "\\\""}}).Draw(t, key)
		}
		line, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "spaces") {
			var b bytes.Buffer
			if err := json.Indent(&b, line, " ", "\t"); err != nil {
				t.Fatal(err)
			}
			line = bytes.ReplaceAll(b.Bytes(), []byte("\n"), []byte("\r"))
		}
		found := map[string]any{}
		walk(line, func(key []byte, _, value, end int) {
			var v any
			if err := json.Unmarshal(line[value:end], &v); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			found[string(key)] = v
		})
		again, err := json.Marshal(found)
		want, _ := json.Marshal(object)
		if err != nil || !bytes.Equal(again, want) {
			t.Fatalf("got %s, want %s", again, want)
		}
	})
}

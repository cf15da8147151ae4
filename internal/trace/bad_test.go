package trace

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// badRows are files with problems, read from standard input with columns t and d
// and seconds; change may ask for something else.
var badRows = []struct {
	name, content string
	change        func(*Spec)
	want          []string
}{
	{"empty", "", nil, []string{"t:1:1: is empty; expected CSV with a header, or JSON Lines; check that this is the right file"}},
	{"empty lines", "\n\r\n", nil, []string{"t:1:1: is empty; expected CSV with a header, or JSON Lines; check that this is the right file"}},
	{"header only", "t,d\n", nil, []string{"t:1:1: has a header and no rows; expected a row a request; check that the file is whole"}},
	{"unknown columns", "time,d,duration\n0,1,2\n", func(s *Spec) { s.Columns = Columns{Time: "Time", Duration: "durations"} }, []string{
		`t:1:1: there is no "Time" (columns.time); expected one of "time", "d", "duration"; did you mean "time"?`,
		`t:1:1: there is no "durations" (columns.duration); expected one of "time", "d", "duration"; did you mean "duration"?`}},
	{"unknown column of where", "t,d\n0,1\n", func(s *Spec) { s.Where = map[string]string{"model": "a", "b": ""} }, []string{
		`t:1:1: there is no "b" (where); expected one of "t", "d"`,
		`t:1:1: there is no "model" (where); expected one of "t", "d"`}},
	{"many columns", "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,d\n", nil, []string{
		`t:1:1: there is no "t" (columns.time); expected one of "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", and 2 more`}},
	{"duplicate columns", "t,x,d,x,\"t\",d\n0,1,2,3,4,5\n", nil, []string{
		`t:1:9: column "t" stands in the header twice; expected it once; rename one`,
		`t:1:13: column "d" stands in the header twice; expected it once; rename one`}},
	{"open quote in the header", "t,\"d\n", nil, []string{"t:1:3: the quote is not closed; expected a closing quote; check for a cut file"}},
	{"not UTF-8 in quotes", "t,d\n0,\"\n\xff\"\n", nil, []string{"t:3:1: is not UTF-8; expected text in UTF-8; convert the file"}},
	{"second line of a row", "t,x,d\n0,\"\n\n\",a\n", nil, []string{`t:4:3: d is "a"; expected a number`}},
	{"too few fields", "t,d\n0,1\n0\n", nil, []string{"t:3:1: the row has 1 field; expected 2 as in the header; check for a cut line or an unquoted comma"}},
	{"too many fields", "t,d\n0,1,5\n", nil, []string{"t:2:1: the row has 3 fields; expected 2 as in the header; check for a cut line or an unquoted comma"}},
	{"open quote", "t,d\n0,1\nä,\"1\n2,3\n", nil, []string{"t:3:3: the quote is not closed; expected a closing quote; check for a cut file"}},
	{"stray quote", "t,d\n0,1\n0,1\"2\n", nil, []string{"t:3:4: the quote is neither at the start or end of a field nor doubled; expected a quoted field with its quotes doubled"}},
	{"text after a quote", "t,d\n\"0\n\"1,2\n", nil, []string{"t:3:1: the quote is neither at the start or end of a field nor doubled; expected a quoted field with its quotes doubled"}},
	{"long quoted field", "t,d\n0,\"" + strings.Repeat("\n", maxLine+1) + "\"", nil, []string{"t:2:3: the quote is not closed; expected a closing quote; check for a cut file"}},
	{"long line", "t,d\n" + strings.Repeat("0", maxLine+1), nil, []string{"t:2:1: the line is longer than 1024 KiB; expected one request a line; check that this is a trace"}},
	{"long line with an end", "t,d\n" + strings.Repeat("0", maxLine+1) + "\n", nil, []string{"t:2:1: the line is longer than 1024 KiB; expected one request a line; check that this is a trace"}},
	{"not UTF-8", "t,d\n0,\xff\n", nil, []string{"t:2:3: is not UTF-8; expected text in UTF-8; convert the file"}},
	{"UTF-16", "\xff\xfet\x00", nil, []string{"t:1:1: is not UTF-8; expected text in UTF-8; convert the file"}},

	{"unsorted", "t,d\n2,1\n2,1\n1.5,1\n", nil, []string{`t:4:1: t is "1.5", earlier than "2" on line 3; expected rows in order of time; sort the file`}},
	{"negative time", "t,d\n-1,1\n", nil, []string{`t:2:1: t is "-1"; expected 0 or more`}},
	{"hardly negative duration", "t,d\n0,-1e-30\n", nil, []string{`t:2:3: d is "-1e-30"; expected 0 or more`}},
	{"not a time", "t,d\nnoon,1\n", nil, []string{`t:2:1: t is "noon"; expected a number, or a time stamp such as 2023-11-16T18:17:03.5Z`}},
	{"not a number", "t,d\n0,1\n0x1,1\n", nil, []string{`t:3:1: t is "0x1"; expected a number`}},
	{"no duration", "t,d\n0,\n", nil, []string{`t:2:3: d is ""; expected a number`}},
	{"NaN", "t,d\n0,NaN\n", nil, []string{`t:2:3: d is "NaN"; expected a number`}},
	{"infinite", "t,d\n0,+Inf\n", nil, []string{`t:2:3: d is "+Inf"; expected a number`}},
	{"a space", "t,d\n0, 1\n", nil, []string{`t:2:3: d is " 1"; expected a number`}},
	{"long text", "t,d\n0," + strings.Repeat("ä", 70) + "\n", nil, []string{`t:2:3: d is "` + strings.Repeat("ä", 60) + `…"; expected a number`}},
	{"time beyond an int64", "t,d\n9223372037,1\n", nil, []string{`t:2:1: t is "9223372037"; too large; expected less than 292 years`}},
	{"huge exponent", "t,d\n0,1e999999999999999999999\n", nil, []string{`t:2:3: d is "1e999999999999999999999"; too large; expected less than 292 years`}},
	{"ends beyond an int64", "t,d\n0,9e9\n9e9,9e9\n", nil, []string{"t:3:1: the request ends more than 292 years after the first arrival; expected less; check the times and their unit"}},
	{"stamps beyond an int64", "t,d\n1680-01-01 00:00:00,0\n2260-01-01 00:00:00,0\n", nil, []string{"t:3:1: the request ends more than 292 years after the first arrival; expected less; check the times and their unit"}},
	{"starts beyond an int64", "t,d\n1680-01-01 00:00:00,9e9\n", func(s *Spec) { s.Columns = Columns{End: "t", Duration: "d"} }, []string{"t:2:1: the request starts more than 292 years before its file's times; expected less; check the times and their unit"}},
	{"no unit", "t,d\n0,1\n", func(s *Spec) { s.TimeUnit = 0 }, []string{"t:2:1: t is a number, and its unit is not stated; add timeUnit: s or timeUnit: ms"}},
	{"no unit of durations", "t,d\n2024-01-01 00:00:00,1\n", func(s *Spec) { s.TimeUnit = 0 }, []string{"t:2:21: d is a number, and its unit is not stated; add timeUnit: s or timeUnit: ms"}},

	{"stamp after numbers", "t,d\n0,1\n2024-01-01 00:00:00,1\n", nil, []string{`t:3:1: t is "2024-01-01 00:00:00"; expected a number as on line 2; give all times one form`}},
	{"number after stamps", "t,d\n2024-01-01 00:00:00,1\n0,1\n", nil, []string{`t:3:1: t is "0"; expected a time stamp as on line 2; give all times one form`}},
	{"zone after none", "t,d\n2024-01-01 00:00:00,1\n2024-01-01 00:00:00Z,1\n", nil, []string{`t:3:1: t is "2024-01-01 00:00:00Z", a time stamp with a zone; expected one without a zone as on line 2 (mixed time zones); write all times in one zone`}},
	{"no zone after one", "t,d\n2024-01-01 00:00:00Z,1\n2024-01-01 00:00:01Z,1\n2024-01-01 00:00:02,1\n", nil, []string{`t:4:1: t is "2024-01-01 00:00:02", a time stamp without a zone; expected one with a zone as on line 2 (mixed time zones); write all times in one zone`}},
	{"mixed zones", "t,d\n2024-01-01 00:00:00+01:00,1\n2024-01-01 01:00:00+02:00,1\n", nil, []string{`t:3:1: t is "2024-01-01 01:00:00+02:00"; expected the zone of line 2 (mixed time zones); write all times in one zone`}},
	{"no such day", "t,d\n2023-02-29 00:00:00,1\n", nil, []string{`t:2:1: t is "2023-02-29 00:00:00"; expected a date and a time that exist`}},
	{"leap second", "t,d\n2016-12-31 23:59:60Z,1\n", nil, []string{`t:2:1: t is "2016-12-31 23:59:60Z"; expected a date and a time that exist`}},
	{"date alone", "t,d\n2023-02-28,1\n", nil, []string{`t:2:1: t is "2023-02-28"; expected a time stamp such as 2023-11-16T18:17:03.5Z or 2023-11-16 18:17:03`}},
	{"named zone", "t,d\n2023-02-28 00:00:00 UTC,1\n", nil, []string{`t:2:1: t is "2023-02-28 00:00:00 UTC"; expected a time stamp such as 2023-11-16T18:17:03.5Z or 2023-11-16 18:17:03`}},
	{"ancient", "t,d\n0001-01-01 00:00:00,1\n", nil, []string{`t:2:1: t is "0001-01-01 00:00:00"; expected a year from 1678 to 2261`}},

	{"beyond the period", "t,d\n5,1\n65.000000001,1\n", func(s *Spec) { s.Period = time.Minute }, []string{"t:3:1: the request arrives 1m0.000000001s after the first one, 1ns beyond the period of 1m0s; expected none beyond it; cut the trace or raise period"}},
	{"end beyond the period", "t,d\n70,1\n20,19\n9,0\n", func(s *Spec) { s.Period, s.Columns = time.Minute, Columns{End: "t", Duration: "d"} }, []string{"t:2:1: the request arrives 1m8s after the first one, 8s beyond the period of 1m0s; expected none beyond it; cut the trace or raise period"}},
	{"negative tokens", "t,n\n0,-1\n", byTokens, []string{`t:2:3: n is "-1"; expected a whole number of tokens, 0 or more`}},
	{"part of a token", "t,n\n0,1.5\n", byTokens, []string{`t:2:3: n is "1.5"; expected a whole number of tokens, 0 or more`}},
	{"tokens in words", "t,n\n0,many\n", byTokens, []string{`t:2:3: n is "many"; expected a whole number of tokens, 0 or more`}},
	{"tokens beyond an int64", "t,n\n0,9999999999999\n", byTokens, []string{`t:2:3: n is "9999999999999"; expected tokens that take less than 292 years`}},
	{"no row of where", "t,d,model\n0,1,deepseek-r1\n0,1,m-mid\n1,2,m-mid\n", func(s *Spec) { s.Where = map[string]string{"model": "deepsek-r1"} }, []string{`t:4:1: no row has "deepsek-r1" in model (where); there are "deepseek-r1", "m-mid"; did you mean "deepseek-r1"?`}},
	{"no row of both", "t,d\n0,1\n1,0\n", func(s *Spec) { s.Where = map[string]string{"t": "0", "d": "0"} }, []string{"t:3:1: no row has all that where asks for; expected one at least; ask for less"}},

	{"blank JSON Lines", " \n{\n", nil, []string{`t:1:1: there is no "t" (columns.time); expected one of " "`, `t:1:1: there is no "d" (columns.duration); expected one of " "`}},
	{"missing fields", "{\"time\":0}\n", nil, []string{
		`t:1:1: there is no "t" (columns.time); expected one of "time"`,
		`t:1:1: there is no "d" (columns.duration); expected one of "time"`}},
	{"missing fields later", "{\"t\":0,\"d\":1}\n{\"D\":1}\n", nil, []string{`t:2:1: there is no "t" (columns.time); expected one of "D"`}},
	{"missing fields of a kept row", "{\"m\":0}\n{\"m\":1,\"d\":1}\n", func(s *Spec) { s.Where = map[string]string{"m": "1"} }, []string{`t:2:1: there is no "t" (columns.time); expected one of "m", "d"`}},
	{"missing field of where", "{\"m\":1,\"t\":0,\"d\":1}\n{\"d\":1}\n", func(s *Spec) { s.Where = map[string]string{"m": "1"} }, []string{`t:2:1: there is no "t" (columns.time); expected one of "d"`}},
	{"no JSON row of where", "{\"m\":0}\n", func(s *Spec) { s.Where = map[string]string{"m": "1"} }, []string{`t:1:1: no row has "1" in m (where); there are "0"`}},
	{"field twice", `{"t":0,"x":1,"x":2,"d":1,"t":1}`, nil, []string{"t:1:26: the field stands in the row twice; expected it once; remove one"}},
	{"null", `{"t":0,"d":null}`, nil, []string{`t:1:12: d is "null"; expected a number`}},
	{"a list", `{"t":[0, 1],"d":null}`, nil, []string{`t:1:6: t is "[0, 1]"; expected a number, or a time stamp such as 2023-11-16T18:17:03.5Z`}},
	{"cut JSON", "{\"t\":0,\"d\":1}\n{\"t\":0,\"d", nil, []string{"t:2:9: the last line ends within its object (a truncated file); expected all of it; copy the file again"}},
	{"JSON over several lines", "{\n\"t\":0}\n", nil, []string{"t:1:1: the line ends within its object; expected JSON Lines, a whole object a line; convert the file"}},
	{"not JSON", "{\"t\":0,\"d\":1}\n{'t':0}\n", nil, []string{"t:2:2: is not JSON (invalid character '\\'' looking for beginning of object key string); expected an object a line"}},
	{"two objects", `{"t":0,"d":1}{"t":0,"d":1}`, nil, []string{"t:1:14: is not JSON (invalid character '{' after top-level value); expected an object a line"}},
	{"not an object", "{\"t\":0,\"d\":1}\n [0]\n", nil, []string{`t:2:2: the line is not an object; expected JSON Lines, an object a line such as {"time": 0}; convert the file`}},
}

// Texts that are nearly a number or a time stamp.
func TestBadTimes(t *testing.T) {
	const stamps = "expected a time stamp such as 2023-11-16T18:17:03.5Z or 2023-11-16 18:17:03"
	for text, want := range map[string]string{
		".":                          "expected a number, or a time stamp such as 2023-11-16T18:17:03.5Z",
		"1e":                         "expected a number, or a time stamp such as 2023-11-16T18:17:03.5Z",
		"1e+x":                       "expected a number, or a time stamp such as 2023-11-16T18:17:03.5Z",
		"1_000":                      "expected a number, or a time stamp such as 2023-11-16T18:17:03.5Z",
		"+1":                         "expected a number, or a time stamp such as 2023-11-16T18:17:03.5Z",
		"9999999999999999999":        "too large; expected less than 292 years",
		"9.3e9":                      "too large; expected less than 292 years",
		"2023-02-28 00:00:00.":       stamps,
		"2023-02-28 00:00:00.x":      stamps,
		"2023-02-28 00:00:0x":        stamps,
		"2023-02-28_00:00:00":        stamps,
		"2023-02-28 00.00.00":        stamps,
		"2023-02-28 00:00:00+1":      stamps,
		"2023-02-28 00:00:00+01x00":  stamps,
		"2023-02-28 00:00:00+0a:00":  stamps,
		"2023-02-28 00:00:00+24:00":  "expected a date and a time that exist",
		"2023-02-28 24:00:00":        "expected a date and a time that exist",
		"2023-13-28 00:00:00":        "expected a date and a time that exist",
		"2023-00-28 00:00:00":        "expected a date and a time that exist",
		"1900-02-29 00:00:00":        "expected a date and a time that exist",
		"2262-01-01 00:00:00":        "expected a year from 1678 to 2261",
		"2023-02-28 00:00:00 -05:00": stamps,
	} {
		refused(t, of("t,d\n"+text+",1\n", timed), []string{`t:2:1: t is "` + text + `"; ` + want})
	}
}

func byTokens(s *Spec) {
	s.Columns, s.Request = Columns{Time: "t", OutputTokens: "n"}, tokens
}

func TestBadRows(t *testing.T) {
	for _, test := range badRows {
		t.Run(test.name, func(t *testing.T) {
			for _, limit := range []int{0, 1} {
				spec := of(test.content, timed)
				spec.MemoryLimit = limit
				if test.change != nil {
					test.change(&spec)
				}
				refused(t, spec, test.want)
			}
		})
	}
}

// refused fails unless a spec is refused with exactly these problems.
func refused(t *testing.T, spec Spec, want []string) {
	t.Helper()
	trace, found := Open(t.Context(), spec)
	got := make([]string, len(found))
	for i, p := range found {
		got[i] = p.Error()
	}
	if trace != nil || !slices.Equal(got, want) {
		t.Errorf("got %v\n%s\nwant\n%s", trace, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestBadFiles(t *testing.T) {
	good := []byte("t,d\n0,1\n")
	for _, test := range []struct {
		name, file string
		content    []byte
		want       []string
	}{
		{"another format", "f.parquet", good, []string{"t: cannot be read by its name; expected .csv or .jsonl, each also .gz; convert the file"}},
		{"no extension", "csv", good, []string{"t: cannot be read by its name; expected .csv or .jsonl, each also .gz; convert the file"}},
		{"JSON", "f.json.gz", good, []string{"t: cannot be read by its name; expected .csv or .jsonl, each also .gz; convert the file"}},
		{"missing", "f.csv", nil, []string{"t: no such file; expected a trace; check the path"}},
		{"CSV named JSON Lines", "f.jsonl", good, []string{"t:1:2: is not JSON (invalid character ',' in literal true (expecting 'r')); expected an object a line"}},
		{"JSON Lines named CSV", "f.csv", []byte("{}\n"), []string{`t:1:1: there is no "t" (columns.time); expected one of "{}"`, `t:1:1: there is no "d" (columns.duration); expected one of "{}"`}},
		{"blank JSON Lines", "f.jsonl", []byte(" \n \n"), []string{"t:1:1: is empty; expected CSV with a header, or JSON Lines; check that this is the right file"}},
		{"empty and packed", "f.csv.gz", []byte{}, []string{"t:1:1: is empty; expected CSV with a header, or JSON Lines; check that this is the right file"}},
		{"packed emptiness", "f.csv.gz", zip(t, nil), []string{"t:1:1: is empty; expected CSV with a header, or JSON Lines; check that this is the right file"}},
		{"not packed", "f.csv.gz", good, []string{"t:1:1: is not gzip, though it is named .gz; expected gzip; name it without .gz or pack it"}},
		{"packed in secret", "f.csv", zip(t, good), []string{"t:1:1: is gzip, and its name does not say so; expected text; add .gz to its name"}},
		{"cut header of gzip", "f.csv.gz", zip(t, good)[:5], []string{"t:1:1: the gzip data end too early (a truncated file); expected all of it; copy the file again"}},
		{"cut gzip", "f.csv.gz", zip(t, good)[:len(zip(t, good))-4], []string{"t:3:1: the gzip data end too early (a truncated file); expected all of it; copy the file again"}},
		{"more after gzip", "f.csv.gz", append(zip(t, good), "more than a header"...), []string{"t:3:1: the gzip data are damaged (gzip: invalid header); expected a whole file; copy it again"}},
		{"wrong checksum", "f.csv.gz", append(zip(t, good)[:len(zip(t, good))-8], 1, 2, 3, 4, 8, 0, 0, 0), []string{"t:3:1: the gzip data are damaged (gzip: invalid checksum); expected a whole file; copy it again"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := of("", timed)
			if spec.Path = filepath.Join(t.TempDir(), test.file); test.content != nil {
				spec.Path = write(t, test.file, test.content)
			}
			refused(t, spec, test.want)
		})
	}
	t.Run("folder", func(t *testing.T) {
		spec := of("", timed)
		spec.Path = filepath.Join(t.TempDir(), "f.csv")
		if err := os.Mkdir(spec.Path, 0o700); err != nil {
			t.Fatal(err)
		}
		refused(t, spec, []string{"t: is a folder; expected a file"})
	})
	t.Run("no standard input", func(t *testing.T) {
		spec := of("", timed)
		spec.Stdin = nil
		refused(t, spec, []string{"t: there is no standard input; expected a trace; name a file"})
	})
}

// A bomb is refused once its rows are more than 64 MiB.
func TestBomb(t *testing.T) {
	row := "0,1," + strings.Repeat("x", 1019) + "\n"
	spec := of("", timed)
	spec.Path = write(t, "f.csv.gz", zip(t, []byte("t,d,x\n"+strings.Repeat(row, 65<<10))))
	const want = "unpacks to more than 200 times its size; expected a trace; if it is one, unpack it first"
	if trace, found := Open(t.Context(), spec); trace != nil || len(found) != 1 || found[0].Line < 60_000 || found[0].Message != want {
		t.Errorf("got %v, %v, want %s", trace, found, want)
	}
	// As many rows, not packed, are a trace.
	spec = of("t,d,x\n"+strings.Repeat(row, 65<<10), timed)
	if got := len(opened(t, spec)); got != 65<<10 {
		t.Errorf("got %d arrivals, want %d", got, 65<<10)
	}
}

// The size that a file unpacks to is bounded however well it packs.
func TestUnpackedSize(t *testing.T) {
	in := &input{limits: limits{bytes: 1 << 20, free: 1 << 30, ratio: 1}, blocks: make(chan block), done: make(chan struct{}), name: "t"}
	defer in.close()
	go in.read(io.NopCloser(bytes.NewReader(zip(t, bytes.Repeat([]byte("x\n"), 1<<20)))))
	for {
		if _, err := in.line(t.Context()); err != nil {
			if want := "unpacks to more than 1 MiB; expected a trace; if it is one, unpack it first"; !strings.HasSuffix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
			return
		}
	}
}

func TestBadSpecs(t *testing.T) {
	second := time.Second
	hourly := func(change func(*Spec)) Spec {
		s := Spec{Name: "t", Period: time.Hour, Request: Request{Duration: &second}, Profile: &Profile{Hourly: slices.Repeat([]Rate{rate(t, "1/s")}, 24)}}
		change(&s)
		return s
	}
	trace := func(change func(*Spec)) Spec {
		s := of("t,d,n\n0,1,2\n", timed)
		change(&s)
		return s
	}
	for _, test := range []struct {
		name string
		spec Spec
		want []string
	}{
		{"nothing", Spec{Name: "t"}, []string{"t: traffic has neither or both of trace and profile; expected exactly one; remove or add one"}},
		{"both", hourly(func(s *Spec) { s.Path = "f.csv" }), []string{"t: traffic has neither or both of trace and profile; expected exactly one; remove or add one"}},
		{"no columns", trace(func(s *Spec) { s.Columns = Columns{} }), []string{
			"t: columns has neither or both of time and end; expected exactly one; name the column in which a request's time stands",
			"t: nothing says how long a request takes; expected columns.duration, or columns.outputTokens with request.ttft and request.perOutputToken; add them"}},
		{"time and end", trace(func(s *Spec) { s.Columns.End = "e" }), []string{"t: columns has neither or both of time and end; expected exactly one; name the column in which a request's time stands"}},
		{"rate of a trace", trace(func(s *Spec) { s.Columns.Rate = "r" }), []string{"t: columns has start or rate; expected them only for a profile; remove them"}},
		{"two durations", trace(func(s *Spec) { s.Request.Duration = &second }), []string{"t: the duration of a request is given twice; expected one of columns.duration, columns.outputTokens, request.duration and request.outputTokens; remove the others"}},
		{"tokens without times", trace(func(s *Spec) { s.Columns = Columns{Time: "t", OutputTokens: "n"} }), []string{
			"t: output tokens need the time to the first one; add request.ttft",
			"t: output tokens need the time that each takes; add request.perOutputToken"}},
		{"times without tokens", trace(func(s *Spec) { s.Request.TTFT = &second }), []string{"t: request.ttft and request.perOutputToken are for output tokens, and durations are given; expected one of the two; remove the other"}},
		{"negative request", hourly(func(s *Spec) {
			s.Request = Request{TTFT: ref(-second), PerOutputToken: &second, OutputTokens: ref(int64(-1))}
		}), []string{"t: a duration of request is negative; expected 0 or more", "t: request.outputTokens is negative; expected 0 or more"}},
		{"endless request", hourly(func(s *Spec) {
			s.Request = Request{TTFT: &second, PerOutputToken: ref(time.Hour), OutputTokens: ref(int64(1) << 40)}
		}), []string{"t: request.outputTokens take longer than 292 years; expected less"}},
		{"negative period", trace(func(s *Spec) { s.Period = -1 }), []string{"t: period is negative; expected a duration above 0"}},
		{"minutes", trace(func(s *Spec) { s.TimeUnit = time.Minute }), []string{"t: timeUnit is neither s nor ms; expected one of them"}},
		{"no profile", hourly(func(s *Spec) { s.Profile = &Profile{} }), []string{"t: the profile has none or several of hourly, weekly and a file of rates; expected exactly one"}},
		{"two profiles", hourly(func(s *Spec) { s.Profile.Weekly = make([]Rate, 168) }), []string{"t: the profile has none or several of hourly, weekly and a file of rates; expected exactly one"}},
		{"23 hours", hourly(func(s *Spec) { s.Profile.Hourly = s.Profile.Hourly[:23] }), []string{"t: the hourly profile does not have 24 rates; expected one for each hour from midnight"}},
		{"a week of days", hourly(func(s *Spec) { s.Profile = &Profile{Weekly: make([]Rate, 7)} }), []string{"t: the weekly profile does not have 168 rates; expected one for each hour from Monday 00:00"}},
		{"no period", hourly(func(s *Spec) { s.Period = 0 }), []string{"t: the profile has no period; expected how long it is to be expanded; add period"}},
		{"where without a file", hourly(func(s *Spec) { s.Where = map[string]string{"model": "a"} }), []string{"t: where is given without a file; expected it only for a trace or a file of rates; remove it"}},
		{"columns without a file", hourly(func(s *Spec) { s.Profile.Columns.Rate = "r" }), []string{"t: columns has start or rate; expected them only for a file of rates; remove them"}},
		{"file without columns", hourly(func(s *Spec) { s.Profile = &Profile{Path: "f.csv"} }), []string{"t: columns lacks start or rate; expected both for a file of rates; name the columns"}},
		{"file with other columns", hourly(func(s *Spec) {
			s.Profile = &Profile{Path: "f.xlsx", Columns: Columns{Start: "s", Rate: "r", Duration: "d"}}
			s.Request = Request{}
		}), []string{
			"t: columns has time, end, duration or outputTokens; expected start and rate for a profile; remove the others",
			"t: cannot be read by its name; expected .csv or .jsonl, each also .gz; convert the file"}},
		{"profile without durations", hourly(func(s *Spec) { s.Request = Request{} }), []string{"t: nothing says how long a request takes; expected request.duration, or request.outputTokens with request.ttft and request.perOutputToken; add them"}},
	} {
		t.Run(test.name, func(t *testing.T) { refused(t, test.spec, test.want) })
	}
}

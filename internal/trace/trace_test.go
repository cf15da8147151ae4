package trace

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caveat-check/caveat/internal/decision"
)

// TestMain raises rapid's number of checks, unless the command line sets it.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "300"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// all reads a trace through a cursor and closes it.
func all(t interface {
	Helper()
	Fatal(...any)
}, trace *Trace) []Arrival {
	t.Helper()
	var arrivals []Arrival
	for c := trace.From(0); ; {
		block, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if block == nil {
			break
		}
		arrivals = append(arrivals, block...)
	}
	if err := trace.Close(); err != nil {
		t.Fatal(err)
	}
	return arrivals
}

func opened(t *testing.T, spec Spec) []Arrival {
	t.Helper()
	trace, found := Open(t.Context(), spec)
	if len(found) > 0 {
		t.Fatal(found)
	}
	return all(t, trace)
}

// of takes a file's content from standard input.
func of(content string, columns Columns) Spec {
	return Spec{Path: "-", Name: "t", Stdin: strings.NewReader(content), Columns: columns, TimeUnit: time.Second}
}

func ref[T any](v T) *T { return &v }

// tokens is the request of the cost issue: 200 ms, and 20 ms a token.
var tokens = Request{TTFT: ref(200 * time.Millisecond), PerOutputToken: ref(20 * time.Millisecond)}

var timed = Columns{Time: "t", Duration: "d"}

// layouts are recorded traces as they are published, and made-up ones like them.
// Expected values were worked out by hand from the rows.
var layouts = []struct {
	spec  Spec
	rows  int64
	want  map[int64]Arrival
	bytes bool // the digest is that of the file
}{
	{Spec{Path: "testdata/stamps.csv", Columns: Columns{Time: "TIMESTAMP", OutputTokens: "GeneratedTokens"}, Request: tokens}, 30, map[int64]Arrival{
		0: {0, 1_720_000_000}, 1: {1_324_807_900, 660_000_000}, 29: {30_444_806_600, 3_240_000_000}}, true},
	{Spec{Path: "testdata/tokens.jsonl.gz", Columns: Columns{Time: "timestamp", OutputTokens: "output_length"}, TimeUnit: time.Millisecond, Request: tokens}, 24, map[int64]Arrival{
		0: {0, 18_120_000_000}, 1: {0, 12_660_000_000}, 2: {483_000_000, 8_760_000_000}, 23: {26_190_000_000, 2_700_000_000}}, true},
	{Spec{Path: "testdata/ends.csv", Columns: Columns{End: "end_timestamp", Duration: "duration"}, TimeUnit: time.Second}, 20, map[int64]Arrival{
		0: {0, 5_980_000_000}, 1: {3_420_999_655, 78_000_000}, 2: {6_366_150_863, 12_000}, 19: {27_111_567_754, 50_000_000}}, true},
	{Spec{Path: "testdata/ends.csv", Columns: Columns{End: "end_timestamp", Duration: "duration"}, TimeUnit: time.Second, Where: map[string]string{"app": "0"}}, 7, map[int64]Arrival{
		0: {0, 60_041_000_000}, 1: {185_697_469, 12_000}}, true},
	{Spec{Path: "AzureLLMInferenceTrace_code.csv", Columns: Columns{Time: "TIMESTAMP", OutputTokens: "GeneratedTokens"}, Request: tokens, Period: time.Hour}, 8819, map[int64]Arrival{
		0: {0, 380_000_000}, 1: {52_000_000, 340_000_000}, 2: {98_189_000, 720_000_000}, 8818: {3435_948_056_000, 3_640_000_000}}, true},
	{Spec{Path: "AzureLLMInferenceTrace_conv.csv", Columns: Columns{Time: "TIMESTAMP", OutputTokens: "GeneratedTokens"}, Request: tokens, Period: time.Hour}, 19366, map[int64]Arrival{
		0: {0, 1_060_000_000}, 1: {4_314_579_000, 2_360_000_000}, 19365: {3501_721_937_000, 3_840_000_000}}, true},
	{Spec{Path: "mooncake_conversation_trace.jsonl.gz", Columns: Columns{Time: "timestamp", OutputTokens: "output_length"}, TimeUnit: time.Millisecond, Request: tokens, Period: time.Hour}, 12031, map[int64]Arrival{
		0: {0, 10_180_000_000}, 1: {0, 9_980_000_000}, 12030: {3536_999_000_000, 10_340_000_000}}, true},
	{Spec{Path: "azure_functions_2021_sample.csv", Columns: Columns{End: "end_timestamp", Duration: "duration"}, TimeUnit: time.Second}, 199, map[int64]Arrival{
		0: {0, 78_000_000}, 1: {2_369_141, 57_154_000_000}, 198: {1200_013_307_154, 60_041_000_000}}, true},
}

// file finds a layout's file, which is ours or stands beside the project.
func file(t testing.TB, path string) string {
	t.Helper()
	if strings.HasPrefix(path, "testdata") {
		return path
	}
	beside := filepath.Join("..", "..", "..", "shared", "traces", path)
	if _, err := os.Stat(beside); err != nil {
		t.Skipf("%s is not beside the project", path)
	}
	return beside
}

func TestLayouts(t *testing.T) {
	for _, test := range layouts {
		t.Run(test.spec.Path, func(t *testing.T) {
			spec := test.spec
			spec.Path = file(t, spec.Path)
			trace, found := Open(t.Context(), spec)
			if len(found) > 0 {
				t.Fatal(found)
			}
			content, err := os.ReadFile(spec.Path)
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(content)
			if want := "sha256:" + hex.EncodeToString(sum[:]); trace.Digest() != want {
				t.Errorf("digest: got %s, want %s", trace.Digest(), want)
			}
			if trace.Len() != test.rows {
				t.Errorf("got %d arrivals, want %d", trace.Len(), test.rows)
			}
			arrivals := all(t, trace)
			for i, want := range test.want {
				if got := arrivals[i]; got != want {
					t.Errorf("arrival %d: got %v, want %v", i, got, want)
				}
			}
			if !slices.IsSortedFunc(arrivals, func(a, b Arrival) int { return int(a.At - b.At) }) {
				t.Error("arrivals are not sorted")
			}
			// The same bytes, unpacked or not and from standard input.
			spec.Stdin, spec.Path, spec.MemoryLimit = bytes.NewReader(content), "-", 7
			if got := opened(t, spec); !slices.Equal(got, arrivals) {
				t.Error("standard input, spooled: got other arrivals")
			}
		})
	}
}

// Forms that the same three arrivals can have.
func TestForms(t *testing.T) {
	want := []Arrival{{0, 1_000_000_000}, {500_000_000, 12_000}, {500_000_000, 0}}
	for _, test := range []struct {
		name, content string
		unit          time.Duration
	}{
		{"seconds", "t,d\n1.5,1\n2,1.2e-05\n2.0,0\n", time.Second},
		{"milliseconds", "t,d\n1500,1e3\n2000,0.012\n2E+3,0\n", time.Millisecond},
		{"no last line end", "t,d\n1.5,1\n2,0.000012\n2,0", time.Second},
		{"CRLF", "t,d\r\n1.5,1\r\n2,0.000012\r\n2,0\r\n", time.Second},
		{"empty lines", "\n\nt,d\n\n1.5,1\n\r\n2,0.000012\n2,0\n\n", time.Second},
		{"byte order mark", "\ufefft,d\n1.5,1\n2,0.000012\n2,0\n", time.Second},
		{"quoted", "x,\"t\",d\n\"a,\"\"b\"\"\nc\",\"1.5\",1\n\"\n\",2,0.000012\n,2,\"0\"\n", time.Second},
		{"other order", "d,ä,t\n1,,1.5\n0.000012,,2\n0,,2\n", time.Second},
		{"time stamps", "t,d\n2023-12-31 23:59:59.5,1\n2024-01-01 00:00:00,0.000012\n2024-01-01T00:00:00.0,0\n", time.Second},
		{"UTC", "t,d\n2023-12-31T23:59:59.5Z,1\n2024-01-01 00:00:00+00:00,0.000012\n2024-01-01t00:00:00z,0\n", time.Second},
		{"a zone", "t,d\n2024-02-29T23:59:59.5+05:30,1\n2024-03-01T00:00:00+05:30,0.000012\n2024-03-01T00:00:00+05:30,0\n", time.Second},
		{"half-even", "t,d\n0,1.0000000005\n0.5000000005,0.0000120004\n0.5000000004999999999999999999999999999999,0.0000000005\n", time.Second},
		{"JSON Lines", "{\"t\":1.5,\"d\":1}\n{\"d\":1.2e-05,\"t\":2}\n \n{\"t\":2,\"d\":0}", time.Second},
		{"JSON with more", `{"t": 1.5, "x": {"t": [1, "]}", {}]}, "d": 1, "y": [], "z": ""}` + "\r\n" + `{"\"": "\\", "t": "2.0", "d" :12e-6, "n":null }` + "\n" + `{"\u0074": 2, "d": -0.0}`, time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := of(test.content, timed)
			spec.TimeUnit = test.unit
			if got := opened(t, spec); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			for _, packed := range []string{"", ".gz"} {
				ext := map[bool]string{true: ".JSONL", false: ".csv"}[strings.HasPrefix(test.name, "JSON")]
				content := []byte(test.content)
				if packed != "" {
					content = zip(t, content)
				}
				spec.Path = write(t, "f"+ext+packed, content)
				if got := opened(t, spec); !slices.Equal(got, want) {
					t.Errorf("%s: got %v, want %v", spec.Path, got, want)
				}
			}
		})
	}
}

func zip(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(content)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Two packed files one after the other are one.
func TestGzipMembers(t *testing.T) {
	spec := of("", timed)
	spec.Path = write(t, "f.csv.gz", append(zip(t, []byte("t,d\n0,1\n1,")), zip(t, []byte("2\n"))...))
	if got, want := opened(t, spec), []Arrival{{0, 1e9}, {1e9, 2e9}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDurations(t *testing.T) {
	for _, test := range []struct {
		name    string
		columns Columns
		request Request
		want    []int64
	}{
		{"a column", Columns{Time: "t", Duration: "d"}, Request{}, []int64{1_500_000_000, 0, 2_000_000_000}},
		{"tokens", Columns{Time: "t", OutputTokens: "n"}, tokens, []int64{200_000_000, 200_000_000, 2_180_000_000}},
		{"tokens that take no time", Columns{Time: "t", OutputTokens: "n"}, Request{TTFT: ref(time.Duration(0)), PerOutputToken: ref(time.Duration(0))}, []int64{0, 0, 0}},
		{"all alike", Columns{Time: "t"}, Request{Duration: ref(time.Minute)}, []int64{60e9, 60e9, 60e9}},
		{"as many tokens each", Columns{Time: "t"}, Request{TTFT: tokens.TTFT, PerOutputToken: tokens.PerOutputToken, OutputTokens: ref(int64(11))}, []int64{400e6, 400e6, 400e6}},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := of("t,d,n\n0,1.5,0\n0,0,1\n0,2,1.0e2\n", test.columns)
			spec.Request = test.request
			var got []int64
			for _, a := range opened(t, spec) {
				got = append(got, a.Duration)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestPeriod(t *testing.T) {
	for _, columns := range []Columns{{Time: "t", Duration: "d"}, {End: "t", Duration: "z"}} {
		spec := of("t,d,z\n10,500,0\n70,500,0\n", columns)
		spec.Period = time.Minute
		if got := opened(t, spec); got[1].At != 60e9 {
			t.Errorf("%v: got %v, want the last arrival at the period's end", columns, got)
		}
	}
}

func TestWhere(t *testing.T) {
	spec := of("t,d,m,r\n5,1,a,x\nnot read,,b,x\n4,2,a,y\n6,3,a,x\n", timed)
	spec.Where = map[string]string{"m": "a", "r": "x"}
	if got, want := opened(t, spec), []Arrival{{0, 1e9}, {1e9, 3e9}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	spec = of(`{"m":[]}`+"\n"+`{"m":1,"t":0,"d":1}`+"\n"+`{"m":true}`+"\n"+`{"m":"1","t":0,"d":2}`, timed)
	spec.Where = map[string]string{"m": "1"}
	if got, want := opened(t, spec), []Arrival{{0, 1e9}, {0, 2e9}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Many cursors at once, in memory and spooled, each at a place of its own.
func TestCursors(t *testing.T) {
	var content strings.Builder
	content.WriteString("t,d\n")
	for range 3*blockLen + 1 {
		content.WriteString("1,2\n")
	}
	for _, limit := range []int{0, 100} {
		spec := of(content.String(), timed)
		spec.MemoryLimit = limit
		trace, found := Open(t.Context(), spec)
		if len(found) > 0 {
			t.Fatal(found)
		}
		if (trace.store.scratch != nil) != (limit > 0) {
			t.Fatalf("limit %d: spooled is %v", limit, limit == 0)
		}
		places := []int64{0, 1, blockLen, 3 * blockLen, trace.Len() - 1, trace.Len(), trace.Len() + 1}
		cursors := make([]Cursor, len(places))
		for i, n := range places {
			cursors[i] = trace.From(n)
		}
		left := make([]int64, len(places))
		for range 5 {
			for i, c := range cursors {
				block, err := c.Next()
				if err != nil {
					t.Fatal(err)
				}
				left[i] += int64(len(block))
				for _, a := range block {
					if a != (Arrival{0, 2e9}) {
						t.Fatalf("got %v", a)
					}
				}
			}
		}
		for i, n := range places {
			if want := max(0, trace.Len()-n); left[i] != want {
				t.Errorf("limit %d: got %d arrivals from %d, want %d", limit, left[i], n, want)
			}
		}
		if _, err := trace.From(-1).Next(); err == nil {
			t.Error("got no error for arrival -1")
		}
		if err := errors.Join(trace.Close(), trace.Close()); err != nil {
			t.Errorf("close: %v", err)
		}
		if _, err := trace.From(0).Next(); (err != nil) != (limit > 0) {
			t.Errorf("limit %d: after Close got %v", limit, err)
		}
	}
}

// Neither success nor failure leaves a file behind.
func TestScratchIsRemoved(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	t.Setenv("TMP", folder)
	for _, content := range []string{"t,d\n0,1\n2,1\n1,0\n", "t,d\n0,1\n1,1\n2,-1\n"} {
		for _, columns := range []Columns{timed, {End: "t", Duration: "d"}} {
			spec := of(content, columns)
			spec.MemoryLimit = 1
			if trace, found := Open(t.Context(), spec); len(found) == 0 {
				if err := trace.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("got %v, %v left behind", left, err)
	}
}

// A scratch that cannot be made is a problem, not a fault.
func TestNoScratch(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "absent"))
	t.Setenv("TMP", filepath.Join(t.TempDir(), "absent"))
	for _, columns := range []Columns{timed, {End: "t", Duration: "d"}} {
		spec := of("t,d\n0,1\n1,0\n", columns)
		spec.MemoryLimit = 1
		trace, found := Open(t.Context(), spec)
		if trace != nil || len(found) != 1 || !strings.HasPrefix(found[0].Error(), "t: spool arrivals: ") {
			t.Errorf("got %v, %v", trace, found)
		}
	}
}

// stuck blocks, and then fails.
type stuck struct{ reading, release chan struct{} }

func (s stuck) Read([]byte) (int, error) {
	close(s.reading)
	<-s.release
	return 0, io.ErrClosedPipe
}

func TestCancel(t *testing.T) {
	s := stuck{make(chan struct{}), make(chan struct{})}
	defer close(s.release)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-s.reading; cancel() }()
	spec := of("", timed)
	spec.Stdin = s
	trace, found := Open(ctx, spec)
	if want := []decision.Problem{{Path: "t", Message: "context canceled"}}; trace != nil || !slices.Equal(found, want) {
		t.Errorf("got %v, %v, want %v", trace, found, want)
	}
	profile := Spec{Name: "p", Period: 1000 * time.Hour, Request: Request{Duration: ref(time.Second)}, Profile: &Profile{Hourly: slices.Repeat([]Rate{rate(t, "1000/s")}, 24)}}
	if _, found := Open(ctx, profile); len(found) != 1 || found[0].Message != "context canceled" {
		t.Errorf("got %v", found)
	}
	s2 := sorter{limit: 1}
	defer s2.close()
	if err := s2.add(start{1, 1, 1}); err != nil {
		t.Fatal(err)
	}
	if err := s2.each(ctx, func(start) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("sorter: got %v", err)
	}
}

// broken fails after some bytes.
type broken struct{ content io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.content.Read(p)
	if err == io.EOF {
		err = io.ErrClosedPipe
	}
	return n, err
}

func TestReadFault(t *testing.T) {
	for content, want := range map[string]string{
		"":                 "t:1:1: cannot be read: io: read/write on closed pipe",
		"t,d\n0,1\n1,2":    "t:3:1: cannot be read: io: read/write on closed pipe",
		"\x1f":             "t:1:1: cannot be read: io: read/write on closed pipe",
		"\x1f\x8b\x08\x00": "t:1:1: cannot be read: io: read/write on closed pipe",
	} {
		spec := of("", timed)
		spec.Stdin = broken{strings.NewReader(content)}
		if _, found := Open(t.Context(), spec); len(found) != 1 || found[0].Error() != want {
			t.Errorf("%q: got %v, want %s", content, found, want)
		}
	}
}

// endless gives a header and then as many rows as are asked for.
type endless struct {
	rows int
	rest []byte
}

func (e *endless) Read(b []byte) (int, error) {
	for len(e.rest) == 0 {
		if e.rows == 0 {
			return 0, io.EOF
		}
		e.rows--
		e.rest = []byte("1700000000.5,1\n")
	}
	n := copy(b, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// Four times the arrivals need no more memory, counting even what was freed.
func TestMemory(t *testing.T) {
	hourly := &Profile{Hourly: slices.Repeat([]Rate{rate(t, "10/s")}, 24)}
	for name, spec := range map[string]Spec{
		"sorted":  {Path: "-", Columns: timed},
		"ends":    {Path: "-", Columns: Columns{End: "t", Duration: "d"}},
		"profile": {Profile: hourly, Request: Request{Duration: ref(time.Second)}},
	} {
		used := func(rows int) int64 {
			spec := spec
			spec.Stdin, spec.TimeUnit, spec.MemoryLimit = bufio.NewReaderSize(&endless{rows: rows, rest: []byte("t,d\n")}, 64<<10), time.Second, 5000
			if spec.Profile != nil {
				spec.Period = time.Duration(rows/10) * time.Second
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			trace, found := Open(t.Context(), spec)
			if len(found) > 0 {
				t.Fatal(found)
			}
			c := trace.From(0)
			for block, err := c.Next(); block != nil || err != nil; block, err = c.Next() {
				if err != nil {
					t.Fatal(err)
				}
			}
			runtime.ReadMemStats(&after)
			if err := trace.Close(); err != nil {
				t.Fatal(err)
			}
			return int64(after.TotalAlloc - before.TotalAlloc)
		}
		// The rows themselves are made by the test, 16 bytes each.
		few, many := used(50_000), used(200_000)-150_000*16
		if spec.Profile != nil {
			many += 150_000 * 16
		}
		if many > few+few/4 {
			t.Errorf("%s: got %d bytes for 50,000 arrivals and %d for 200,000", name, few, many)
		}
	}
}

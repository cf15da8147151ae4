package price

import (
	"math"
	"strings"
	"testing"
	"time"
)

var durations = []struct {
	text string
	want time.Duration // -1: an error
}{
	{"200ms", 200 * time.Millisecond},
	{"0s", 0},
	{"10s", 10 * time.Second},
	{"47m", 47 * time.Minute},
	{"72h", 72 * time.Hour},
	{"30d", 720 * time.Hour},
	{"1.5h", 90 * time.Minute},
	{"007m", 7 * time.Minute},
	{"0.000000001s", 1},
	{"106751d", 106751 * 24 * time.Hour},
	{"9223372036.854775807s", math.MaxInt64},
	{"9223372036.854775808s", -1},
	{"106752d", -1},
	{"0.0000000001s", -1},
	{"99999999999999999999d", -1},
	{strings.Repeat("9", 100) + "s", -1},
	{"", -1}, {"s", -1}, {"10", -1}, {"-1s", -1}, {"+1s", -1}, {"1e3s", -1}, {".5s", -1}, {"1.s", -1}, {"1,5s", -1},
	{" 1s", -1}, {"1 s", -1}, {"1s ", -1}, {"1S", -1}, {"1us", -1}, {"1m30s", -1}, {"1.2.3s", -1}, {"٣s", -1}, {"\x00s", -1},
}

func TestParseDuration(t *testing.T) {
	for _, test := range durations {
		got, err := ParseDuration(test.text)
		if err != nil {
			got = -1
		}
		if got != test.want {
			t.Errorf("%q: got %v, %v; want %v", test.text, got, err, test.want)
		}
	}
}

var sizes = []struct{ text, want string }{
	{"80GiB", "80"},
	{"0GiB", "0"},
	{"1.5TiB", "1536"},
	{"512MiB", "0.5"},
	{"1MiB", "0.0009765625"},
	{"118.5GiB", "118.5"},
	{"", ""}, {"80", ""}, {"80GB", ""}, {"GiB", ""}, {"-1GiB", ""}, {"1e3GiB", ""}, {"1 GiB", ""}, {"1KiB", ""}, {"1GiBGiB", ""},
	{strings.Repeat("9", 100) + "GiB", ""},
}

func TestParseSize(t *testing.T) {
	for _, test := range sizes {
		got, err := ParseSize(test.text)
		if err != nil && test.want == "" {
			continue
		}
		if err != nil || got.String() != test.want {
			t.Errorf("%q: got %v, %v; want %q", test.text, got, err, test.want)
		}
	}
}

func BenchmarkParseDuration(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = ParseDuration("47m")
	}
}

package trace

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func rate(t interface {
	Helper()
	Fatal(...any)
}, text string) Rate {
	t.Helper()
	r, err := ParseRate(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParseRate(t *testing.T) {
	for _, test := range []struct{ text, want, err string }{
		{"2/s", "7200/h", ""},
		{"3.5/min", "210/h", ""},
		{"120/h", "120/h", ""},
		{"1.2e2/h", "120/h", ""},
		{"1/d", "1/24/h", ""},
		{"0/h", "0/h", ""},
		{"0.1/h", "1/10/h", ""},
		{"120", "", `rate is "120", without a unit; expected a number and its unit: 2/s, 3.5/min, 120/h; add the unit`},
		{"1/m", "", `rate is "1/m"; expected a number and its unit: 2/s, 3.5/min, 120/h`},
		{"1/", "", `rate is "1/"; expected a number and its unit: 2/s, 3.5/min, 120/h`},
		{"/h", "", `rate is "/h"; expected a number`},
		{" 1/h", "", `rate is " 1/h"; expected a number`},
		{"-1/h", "", `rate is "-1/h"; expected 0 or more`},
		{"NaN/h", "", `rate is "NaN/h"; expected a number`},
		{"1e41/h", "", `rate is "1e41/h"; expected a number of at most 40 letters, and no exponent beyond 40`},
		{"1e-41/h", "", `rate is "1e-41/h"; expected a number of at most 40 letters, and no exponent beyond 40`},
		{"1000000000/s", "3600000000000/h", ""},
		{"1000000000.1/s", "", `rate is "1000000000.1/s"; expected at most 1000000000/s`},
		{"0.0000009/h", "", `rate is "0.0000009/h"; expected 0, or at least 0.000001/h`},
	} {
		r, err := ParseRate(test.text)
		switch {
		case test.err == "" && (err != nil || r.String() != test.want):
			t.Errorf("%q: got %v, %v, want %s", test.text, r, err, test.want)
		case test.err != "" && (err == nil || err.Error() != test.err || r != Rate{}):
			t.Errorf("%q: got %v, %v, want %s", test.text, r, err, test.err)
		}
	}
}

// The gap's mean is exact to 2^-64 ns.
func TestGap(t *testing.T) {
	for text, want := range map[string][2]uint64{
		"1/s":            {1e9, 0},
		"1000000000/s":   {1, 0},
		"3/s":            {333333333, 6148914691236517205}, // a third of 2^64
		"0.000001/h":     {3600e15, 0},
		"8/s":            {125e6, 0},
		"800000000/s":    {1, 1 << 62},
		"0.0000011415/h": {3153745072273324572, 17162016825474852226},
	} {
		whole, fraction := rate(t, text).gap()
		if got := [2]uint64{whole, fraction}; got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func constant(t *testing.T, text string, period time.Duration, seed uint64) Spec {
	t.Helper()
	return Spec{Name: "p", Period: period, Request: Request{Duration: ref(time.Second)}, Profile: &Profile{Hourly: slices.Repeat([]Rate{rate(t, text)}, 24), Seed: seed}}
}

// These arrivals are the same on every machine and in every version. Another
// program, with fractions of any length, gave them too.
func TestSeed(t *testing.T) {
	want := []int64{0, 31755821, 521280675, 1880782856, 2472538535, 3199263083, 4353869520, 4504273058, 4817837967, 5237222995, 5606275395, 6649266767, 6984820291, 7151733584}
	var got []int64
	for _, a := range opened(t, constant(t, "80/min", 8*time.Second, 2)) {
		got = append(got, a.At)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	want = []int64{0, 1435026900, 2332360407}
	got = nil
	for _, a := range opened(t, constant(t, "1/s", 5*time.Second, 1)) {
		got = append(got, a.At)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The digest is that of the rates and the seed, however they are written.
func TestProfileDigest(t *testing.T) {
	sum := sha256.Sum256([]byte("hourly seed 2:" + strings.Repeat(" 4800/h", 24)))
	want := "sha256:" + hex.EncodeToString(sum[:])
	for _, text := range []string{"80/min", "4800/h", "4.8e3/h"} {
		trace, found := Open(t.Context(), constant(t, text, time.Minute, 2))
		if len(found) > 0 || trace.Digest() != want {
			t.Errorf("%s: got %v, %v, want %s", text, trace, found, want)
		}
	}
	for _, spec := range []Spec{constant(t, "80/min", time.Minute, 3), constant(t, "81/min", time.Minute, 2)} {
		if trace, found := Open(t.Context(), spec); len(found) > 0 || trace.Digest() == want {
			t.Errorf("got %v, %v, want another digest", trace, found)
		}
	}
}

// Exponential gaps have the mean 1 and the variance 1, and are below x with
// probability 1 − e^−x.
func TestExponential(t *testing.T) {
	const n = 200_000
	e := &expander{random: rand.NewPCG(3, stream)}
	var sum, squares float64
	below := map[float64]int{0.01: 0, 0.1: 0, 0.5: 0, 1: 0, 2: 0, 4: 0}
	for range n {
		gap, part, ok := e.exponential(1000, 1<<63, math.MaxUint64)
		if !ok {
			t.Fatal("got no gap")
		}
		x := (float64(gap) + float64(part)/(1<<64)) / 1000.5
		sum += x
		squares += x * x
		for limit := range below {
			if x < limit {
				below[limit]++
			}
		}
	}
	mean := sum / n
	variance := squares/n - mean*mean
	if math.Abs(mean-1) > 0.01 || math.Abs(variance-1) > 0.03 {
		t.Errorf("got mean %v and variance %v, want 1 and 1", mean, variance)
	}
	for limit, got := range below {
		p := 1 - math.Exp(-limit)
		if far := math.Abs(float64(got) - n*p); far > 4*math.Sqrt(n*p*(1-p)) {
			t.Errorf("got %d below %v, want about %v", got, limit, n*p)
		}
	}
}

// plausible fails where a count is more than five standard deviations from what
// is expected.
func plausible(t *testing.T, what string, got int, want float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > 5*math.Sqrt(want)+1 {
		t.Errorf("%s: got %d arrivals, want about %.0f", what, got, want)
	}
}

// Each hour has its own rate, day after day, and the last one is cut.
func TestHourly(t *testing.T) {
	rates := slices.Repeat([]Rate{{}}, 24)
	rates[0], rates[1], rates[23] = rate(t, "1/s"), rate(t, "6/min"), rate(t, "0.5/s")
	arrivals := opened(t, Spec{Name: "p", Period: 48*time.Hour + 30*time.Minute, Request: Request{Duration: ref(time.Minute)}, Profile: &Profile{Hourly: rates, Seed: 11}})
	counts := map[int64]int{}
	for _, a := range arrivals {
		// The first arrival comes a second or so after the profile's start.
		counts[(a.At+1e9)/int64(time.Hour)]++
		if a.Duration != 60e9 {
			t.Fatalf("got %v", a)
		}
	}
	for hour, want := range map[int64]float64{0: 3600, 1: 360, 2: 0, 22: 0, 23: 1800, 24: 3600, 25: 360, 47: 1800, 48: 1800} {
		plausible(t, "hour", counts[hour], want)
	}
	if last := arrivals[len(arrivals)-1].At; last > int64(48*time.Hour+30*time.Minute) {
		t.Errorf("got an arrival at %v", time.Duration(last))
	}
}

func TestWeekly(t *testing.T) {
	rates := make([]Rate, 168)
	rates[167] = rate(t, "100/h")
	arrivals := opened(t, Spec{Name: "p", Period: 336 * time.Hour, Request: Request{Duration: ref(time.Minute)}, Profile: &Profile{Weekly: rates}})
	plausible(t, "two Sundays", len(arrivals), 200)
	if got := time.Duration(arrivals[len(arrivals)-1].At); got < 167*time.Hour || got > 169*time.Hour {
		t.Errorf("got the last arrival at %v, want it a week after the first", got)
	}
}

func windowsOf(path, model string) Spec {
	return Spec{Path: "", Name: "t", TimeUnit: time.Second, Where: map[string]string{"model": model}, Request: Request{Duration: ref(time.Second)},
		Profile: &Profile{Path: path, Columns: Columns{Start: "window_start_s", Rate: "requests_per_s"}, RateUnit: Rate{big.NewRat(3600, 1)}, Seed: 5}}
}

func TestWindows(t *testing.T) {
	for _, test := range []struct {
		path, model string
		period      time.Duration
		want        float64
	}{
		{"testdata/rates.csv", "small", 2 * time.Hour, 0.3460 * 600},
		{"testdata/rates.csv", "large", 0, 9.1038 * 600},
		{"servegen_rates_10min.csv", "deepseek-r1", 24 * time.Hour, 1.38367e6},
	} {
		t.Run(test.path, func(t *testing.T) {
			spec := windowsOf(file(t, test.path), test.model)
			spec.Period = test.period
			arrivals := opened(t, spec)
			plausible(t, test.model, len(arrivals), test.want)
		})
	}
	t.Run("several models", func(t *testing.T) {
		spec := windowsOf(file(t, "servegen_rates_10min.csv"), "")
		spec.Where = nil
		spec.Period = 1 << 62
		// The first window alone has a million arrivals; only the file's fault
		// is of interest.
		spec.Profile.RateUnit = rate(t, "0.001/h")
		refused(t, spec, []string{`t:2018:7: window_start_s is "0", not after "1209000" on line 2017 (overlapping windows); expected each window to start after the one before; sort the file or, where it has several models, add where: {column: value}`})
	})
}

// Where rows of nothing are left out, nothing arrives in between.
func TestWindowsWithGaps(t *testing.T) {
	for _, c := range []struct {
		name, content string
		window        time.Duration
		span          time.Duration
		plausible     float64
	}{
		{"gaps", "s,r\n0,2\n600,2\n3600,2\n", 10 * time.Minute, 70 * time.Minute, 3600},
		{"one window", "s,r\n0,2\n", 10 * time.Minute, 10 * time.Minute, 1200},
		{"uneven windows with their end", "s,r\n0,2\n600,2\n3600,0\n", 0, time.Hour, 7200},
	} {
		spec := of(c.content, Columns{})
		spec.Path, spec.Request = "", Request{Duration: ref(time.Second)}
		spec.Profile = &Profile{Path: "-", Columns: Columns{Start: "s", Rate: "r"}, RateUnit: rate(t, "1/s"), Window: c.window}
		trace, problems := Open(t.Context(), spec)
		if len(problems) > 0 {
			t.Fatalf("%s: %v", c.name, problems)
		}
		plausible(t, c.name, int(trace.Len()), c.plausible)
		if trace.Span() != c.span {
			t.Errorf("%s: got a span of %v, want %v", c.name, trace.Span(), c.span)
		}
	}
}

func TestWindowForms(t *testing.T) {
	want := -1
	for name, content := range map[string]string{
		"numbers":    "s,r\n100,2\n160,1\n220,0\n",
		"units":      "s,r\n100,120/min\n160,1/s\n220,0\n",
		"stamps":     "s,r\n2024-01-01 00:00:00,2\n2024-01-01 00:01:00,1.0\n2024-01-01 00:02:00,0/h\n",
		"JSON Lines": "{\"s\":100,\"r\":2}\n{\"s\":160,\"r\":\"3600/h\"}\n{\"s\":220,\"r\":0}\n",
	} {
		spec := of(content, Columns{})
		spec.Path, spec.Request = "", Request{Duration: ref(time.Second)}
		spec.Profile = &Profile{Path: "-", Columns: Columns{Start: "s", Rate: "r"}, RateUnit: rate(t, "1/s")}
		got := len(opened(t, spec))
		plausible(t, name, got, 180)
		if want >= 0 && got != want {
			t.Errorf("%s: got %d arrivals, want %d as in the other forms", name, got, want)
		}
		want = got
	}
}

func TestBadProfiles(t *testing.T) {
	for _, test := range []struct {
		name, content string
		change        func(*Spec)
		want          string
	}{
		{"header only", "s,r\n", nil, "t:1:1: has a header and no rows; expected a row a request; check that the file is whole"},
		{"a single window", "s,r\n0,1\n", nil, "t:2:1: is the only window, and how long it lasts is not stated; expected two at least; state profile.window, or add a row with its end and rate 0"},
		{"overlapping", "s,r\n0,1\n60,1\n60,1\n", nil, `t:4:1: s is "60", not after "60" on line 3 (overlapping windows); expected each window to start after the one before; sort the file or, where it has several models, add where: {column: value}`},
		{"negative rate", "s,r\n0,1\n60,-1\n", nil, `t:3:4: r is "-1"; expected 0 or more`},
		{"negative rate with a unit", "s,r\n0,-1/s\n60,1\n", nil, `t:2:3: r rate is "-1/s"; expected 0 or more`},
		{"no rate", "s,r\n0,\n60,1\n", nil, `t:2:3: r is ""; expected a number`},
		{"no unit", "s,r\n0,1\n60,1\n", func(s *Spec) { s.Profile.RateUnit = Rate{} }, `t:2:3: r is "1", a rate without a unit; add rateUnit, such as 1/s`},
		{"too high", "s,r\n0,1e10\n60,1\n", nil, `t:2:3: r rate is "1e10"; expected at most 1000000000/s`},
		{"no unit of times", "s,r\n0,1\n60,1\n", func(s *Spec) { s.TimeUnit = 0 }, "t:2:1: s is a number, and its unit is not stated; add timeUnit: s or timeUnit: ms"},
		{"beyond the period", "s,r\n10,0\n40,1\n80,0\n", func(s *Spec) { s.Period = time.Minute }, "t:3:1: the window ends 1m10s after the first one starts, 10s beyond the period of 1m0s; expected none beyond it; cut the file or raise period"},
		{"last beyond the period", "s,r\n0,1\n60,1\n", func(s *Spec) { s.Period = time.Minute }, "t:3:1: the window ends 2m0s after the first one starts, 1m0s beyond the period of 1m0s; expected none beyond it; cut the file or raise period"},
		{"beyond an int64", "s,r\n1680-01-01 00:00:00,0\n2260-01-01 00:00:00,0\n", nil, `t:3:1: s is "2260-01-01 00:00:00", more than 292 years after the first window; expected less; check the times and their unit`},
		{"ends beyond an int64", "s,r\n0,0\n9e9,0\n", nil, "t:3:1: the window ends more than 292 years after the first one starts; expected less; check the times and their unit"},
		{"requests beyond an int64", "s,r\n0,0\n4.6e9,1\n4.7e9,0\n", func(s *Spec) {
			s.Profile.RateUnit = rate(t, "0.001/h")
			s.Request.Duration = ref(time.Duration(math.MaxInt64 - 1000))
		}, "t: a request ends more than 292 years after the first arrival; expected less; check the period and request"},
		{"the last of uneven windows", "s,r\n0,1\n60,1\n180,1\n", nil, "t:4:1: is the last window, and how long it lasts is not stated, since the others do not last alike; expected a row with its end and rate 0, or profile.window where rows of nothing are left out"},
		{"windows longer than their distance", "s,r\n0,1\n60,1\n", func(s *Spec) { s.Profile.Window = 2 * time.Minute }, `t:3:1: s is "60", 1m0s after the window on line 2, which lasts 2m0s (overlapping windows); expected it to start after that; change profile.window`},
		{"too many", "s,r\n0,1e9\n60,0\n", nil, "t: the profile brings more than 1000000000 requests; expected at most so many; check the rates and their units"},
		{"all zero", "s,r\n0,0\n60,0\n", nil, "t: the profile has no arrival; expected a rate above 0 that brings one; check the rates and the period"},
		{"unknown column", "start,r\n0,0\n60,0\n", func(s *Spec) { s.Profile.Columns.Start = "strat" }, `t:1:1: there is no "strat" (columns.start); expected one of "start", "r"; did you mean "start"?`},
		{"no row of where", "s,r\n0,0\n60,0\n", func(s *Spec) { s.Where = map[string]string{"r": "1"} }, `t:3:1: no row has "1" in r (where); there are "0"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := of(test.content, Columns{})
			spec.Path, spec.Request = "", Request{Duration: ref(time.Second)}
			spec.Profile = &Profile{Path: "-", Columns: Columns{Start: "s", Rate: "r"}, RateUnit: rate(t, "1/s")}
			if test.change != nil {
				test.change(&spec)
			}
			refused(t, spec, []string{test.want})
		})
	}
	t.Run("hourly, all zero", func(t *testing.T) {
		refused(t, Spec{Name: "t", Period: time.Hour, Request: Request{Duration: ref(time.Second)}, Profile: &Profile{Hourly: make([]Rate, 24)}},
			[]string{"t: the profile has no arrival; expected a rate above 0 that brings one; check the rates and the period"})
	})
}

// Whatever the profile: sorted, within the period, as many as the rates say, and
// the same again from the same seed, in memory or spooled.
func TestProfileProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var expected float64
		p := &Profile{Seed: rapid.Uint64().Draw(t, "seed")}
		period := time.Duration(rapid.Int64Range(1, int64(60*time.Hour)).Draw(t, "period"))
		for range 24 {
			p.Hourly = append(p.Hourly, rate(t, rapid.SampledFrom([]string{"0/s", "1/h", "0.7/min", "33.333/h", "2e-3/s"}).Draw(t, "rate")))
		}
		for from := time.Duration(0); from < period; from += time.Hour {
			if r := p.Hourly[int(from/time.Hour)%24].perHour; r != nil {
				perHour, _ := r.Float64()
				expected += perHour * min(period-from, time.Hour).Hours()
			}
		}
		spec := Spec{Name: "p", Period: period, Request: Request{Duration: ref(time.Second)}, Profile: p}
		trace, found := Open(t.Context(), spec)
		if trace == nil {
			if len(found) != 1 || expected > 40 {
				t.Fatalf("got %v, want about %f arrivals", found, expected)
			}
			return
		}
		spec.MemoryLimit = 5
		again, _ := Open(t.Context(), spec)
		first, second := all(t, trace), all(t, again)
		if !slices.Equal(first, second) {
			t.Fatal("the same seed gave other arrivals")
		}
		if math.Abs(float64(len(first))-expected) > 6*math.Sqrt(expected)+6 {
			t.Errorf("got %d arrivals, want about %f", len(first), expected)
		}
		if first[0].At != 0 || first[len(first)-1].At >= int64(period) || !slices.IsSortedFunc(first, func(a, b Arrival) int { return int(a.At - b.At) }) {
			t.Errorf("got %v", first)
		}
	})
}

package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/manifest"
	"github.com/caveat-check/caveat/internal/price"
	"github.com/caveat-check/caveat/internal/replay"
	"github.com/caveat-check/caveat/internal/trace"
)

// month is the month in which usage is counted.
const month = 730 * time.Hour

// traffic reads the arrivals of a manifest and makes its usage of them. What it
// opens is closed with the run.
func (r *run) traffic(ctx context.Context) []decision.Problem {
	const at = "/spec/usage/traffic"
	m := r.manifest.Usage.Traffic
	if m == nil {
		return nil
	}
	one := func(pointer, format string, args ...any) []decision.Problem {
		return []decision.Problem{r.problem(at+pointer, format, args...)}
	}
	if m.Trace != "" && m.Profile != nil {
		return one("/profile", "usage.traffic has a trace and a profile; expected one of them; remove the other")
	}
	t := &price.Traffic{Concurrency: m.Concurrency, MinReplicas: m.MinReplicas, MaxReplicas: m.MaxReplicas}
	var d durations
	t.ScaleDownDelay = d.read(at+"/scaling/scaleDownDelay", m.ScaleDownDelay)
	cold := at + "/scaling/coldStart"
	t.ColdStart = price.ColdStart{Low: d.read(cold, m.ColdStart.Low), Typical: d.read(cold, m.ColdStart.Typical), High: d.read(cold, m.ColdStart.High)}
	t.Wait = d.read("/spec/service/coldStart", r.manifest.Root.Field("spec").Field("service").Field("coldStart").Text())
	period := d.read(at+"/period", m.Period)
	spec := trace.Spec{
		Name: m.Trace, Columns: trace.Columns(m.Columns), Where: m.Where,
		TimeUnit: map[string]time.Duration{"s": time.Second, "ms": time.Millisecond}[m.TimeUnit],
		Request: trace.Request{
			TTFT: d.read(at+"/request/ttft", m.TTFT), PerOutputToken: d.read(at+"/request/perOutputToken", m.PerOutputToken),
			Duration: d.read(at+"/request/duration", m.Duration), OutputTokens: whole(m.OutputTokens),
		},
	}
	if d.err != nil {
		return []decision.Problem{r.problem(d.at, "%v", d.err)}
	}
	if !inOrder(t.ColdStart) {
		return one("/scaling/coldStart", "the cold start is out of order; expected low, typical and high to rise")
	}
	if m.MinReplicas != nil && m.MaxReplicas != nil && *m.MinReplicas > *m.MaxReplicas {
		return one("/scaling/minReplicas", "minReplicas is %d and maxReplicas %d; expected at most maxReplicas", *m.MinReplicas, *m.MaxReplicas)
	}
	if len(m.Speed) > 0 {
		t.Speed = map[string]decimal.Decimal{}
		for _, gpu := range slices.Sorted(maps.Keys(m.Speed)) {
			speed, err := decimal.NewFromString(m.Speed[gpu])
			if err != nil {
				return one("/speed/"+gpu, "%v", err)
			}
			if gpu == r.manifest.GPU && !speed.Equal(decimal.NewFromInt(1)) {
				return one("/speed/"+gpu, "speed of %s is %s; expected 1, since speeds are relative to spec.resources.gpu.model", gpu, speed)
			}
			t.Speed[gpu] = speed
		}
	}
	if problems := r.profile(&spec, m, &period); problems != nil {
		return problems
	}
	spec.Path = m.Trace
	if m.Trace == "-" && r.manifest.ID.Path == "-" {
		return one("/trace", "standard input cannot be the manifest and the trace; expected a file for one of them")
	}
	if m.Trace == "-" {
		var err error
		if spec.Stdin, err = r.stdin.reader(r.options.Stdin); err != nil {
			return one("/trace", "standard input cannot be kept: %v", err)
		}
	}
	if m.Trace != "" && m.Trace != "-" {
		spec.Path = r.beside(m.Trace)
		spec.Name = spec.Path
	}
	perMonth := decimal.Decimal{}
	if m.PerMonth != "" {
		var err error
		if perMonth, err = decimal.NewFromString(m.PerMonth); err != nil || !perMonth.IsPositive() {
			return one("/perMonth", "perMonth is %q; expected a number above 0", m.PerMonth)
		}
	}
	switch {
	case period != nil:
	case perMonth.IsPositive():
		p, ok := divided(month, perMonth)
		if !ok {
			return one("/perMonth", "perMonth is %s; expected a number that gives a period between a nanosecond and 292 years", m.PerMonth)
		}
		period = &p
	case m.Trace != "":
		return one("", "usage.traffic does not say how often the trace occurs; expected perMonth or period; add perMonth: 730 for a trace of an hour that occurs all day")
	}
	if period != nil {
		if *period <= 0 {
			return one("/period", "period is %s; expected a time above 0", m.Period)
		}
		spec.Period = *period
		if time := perMonth.Mul(decimal.NewFromInt(int64(*period))); m.Period != "" && time.GreaterThan(decimal.NewFromInt(int64(month))) {
			return one("/perMonth", "a period of %s occurs %s times a month, which is more than 730 h; expected at most a month; change period or perMonth", m.Period, m.PerMonth)
		}
	}
	opened, problems := trace.Open(ctx, spec)
	if len(problems) > 0 {
		for i := range problems {
			if problems[i].Line == 0 { // of no line of a file: the manifest's place says more
				problems[i] = r.problem(at, "%s", problems[i].Error())
			}
		}
		return problems
	}
	r.closers = append(r.closers, opened.Close)
	if period == nil { // of a file of rates, what it covers
		p := opened.Span()
		period = &p
	}
	t.Period = *period
	t.Times, t.Over = decimal.NewFromInt(int64(month)), decimal.NewFromInt(int64(*period))
	if perMonth.IsPositive() {
		t.Times, t.Over = perMonth, decimal.NewFromInt(1)
	}
	t.Player = &player{ctx: ctx, source: arrivals{opened}, seen: map[string]played{}, run: r}
	t.Digest = opened.Digest()
	r.usage.Traffic, r.requests = t, opened.Len()
	return nil
}

// beside is a path that a manifest names, from its own folder.
func (r *run) beside(path string) string {
	if filepath.IsAbs(path) || r.manifest.ID.Path == "-" {
		return path
	}
	return filepath.Join(filepath.Dir(r.manifest.ID.Path), path)
}

// profile reads rates; what a profile by the hour describes is its period.
func (r *run) profile(spec *trace.Spec, m *manifest.Traffic, period **time.Duration) []decision.Problem {
	p := m.Profile
	if p == nil {
		return nil
	}
	const at = "/spec/usage/traffic/profile"
	forms := 0
	for _, stated := range []bool{p.Hourly != nil, p.Weekly != nil, p.File != ""} {
		if stated {
			forms++
		}
	}
	if forms > 1 {
		return []decision.Problem{r.problem(at, "profile has more than one form; expected one of hourly, weekly and file; keep one")}
	}
	rates := func(key string, texts []string) (list []trace.Rate, problems []decision.Problem) {
		for i, text := range texts {
			rate, err := trace.ParseRate(text)
			if err != nil {
				problems = append(problems, r.problem(fmt.Sprintf("%s/%s/%d", at, key, i), "%v", err))
			}
			list = append(list, rate)
		}
		return list, problems
	}
	spec.Profile = &trace.Profile{Columns: spec.Columns, Seed: uint64(p.Seed)}
	spec.Columns = trace.Columns{}
	var problems, more []decision.Problem
	if p.Window != "" {
		window, err := price.ParseDuration(p.Window)
		if err != nil || window == 0 {
			problems = append(problems, r.problem(at+"/window", "window is %s; expected a time above 0", p.Window))
		}
		spec.Profile.Window = window
	}
	if p.RateUnit != "" {
		var err error
		if spec.Profile.RateUnit, err = trace.ParseRate(p.RateUnit); err != nil {
			problems = append(problems, r.problem(at+"/rateUnit", "%v", err))
		}
	}
	spec.Profile.Hourly, more = rates("hourly", p.Hourly)
	problems = append(problems, more...)
	spec.Profile.Weekly, more = rates("weekly", p.Weekly)
	if p.File != "" {
		spec.Profile.Path = r.beside(p.File)
		spec.Name = spec.Profile.Path
	}
	if *period == nil && m.PerMonth == "" && p.File == "" {
		whole := 24 * time.Hour
		if p.Weekly != nil {
			whole = 7 * 24 * time.Hour
		}
		*period = &whole
	}
	return append(problems, more...)
}

// durations reads durations and keeps the first error.
type durations struct {
	at  string
	err error
}

func (d *durations) read(at, text string) *time.Duration {
	if text == "" {
		return nil
	}
	value, err := price.ParseDuration(text)
	if err != nil && d.err == nil {
		d.at, d.err = at, err
	}
	return &value
}

func whole(n *int) *int64 {
	if n == nil {
		return nil
	}
	w := int64(*n)
	return &w
}

func inOrder(c price.ColdStart) bool {
	last := time.Duration(0)
	for _, part := range []*time.Duration{c.Low, c.Typical, c.High} {
		if part == nil {
			continue
		}
		if *part < last {
			return false
		}
		last = *part
	}
	return true
}

// divided is a time divided by a number, half to even at the nanosecond.
func divided(d time.Duration, by decimal.Decimal) (time.Duration, bool) {
	n, rest := decimal.NewFromInt(int64(d)).QuoRem(by, 0)
	if half := rest.Add(rest).Cmp(by); half > 0 || half == 0 && n.BigInt().Bit(0) == 1 {
		n = n.Add(decimal.NewFromInt(1))
	}
	if !n.IsPositive() || !n.BigInt().IsInt64() {
		return 0, false
	}
	return time.Duration(n.IntPart()), true
}

// A player replays the arrivals of one manifest, each scenario once: most
// offerings differ in their prices alone.
type player struct {
	ctx    context.Context
	source replay.Source
	seen   map[string]played
	run    *run
}

type played struct {
	result price.Played
	least  int
	ok     bool
	err    error
}

func (p *player) Play(s price.Scenario, readings []price.Reading) (price.Played, error) {
	out := p.once(fmt.Sprint("play", s, readings), func() (out played) {
		rules := make([]replay.Rule, len(readings))
		for i, r := range readings {
			rules[i] = replay.Rule{Increment: r.Increment, Minimum: r.Minimum, Up: r.Up, BillsBoot: r.Boot, BillsIdle: r.Idle}
		}
		result, err := replay.Run(p.ctx, p.source, scenario(s), rules)
		if err != nil {
			return played{err: err}
		}
		return played{result: inSeconds(result)}
	})
	return out.result, out.err
}

func (p *player) Least(scenarios []price.Scenario, wait time.Duration) (int, bool, error) {
	out := p.once(fmt.Sprint("least", scenarios, wait), func() (out played) {
		var boots []time.Duration
		for _, s := range scenarios {
			boots = append(boots, s.Boot)
		}
		out.least, out.ok, out.err = replay.LeastMin(p.ctx, p.source, scenario(scenarios[0]), wait, boots)
		return out
	})
	return out.least, out.ok, out.err
}

// once replays what has not been replayed before. An error of the source is the
// run's, too: unlike the others, it says nothing of the offering.
func (p *player) once(key string, replayed func() played) played {
	if out, ok := p.seen[key]; ok {
		return out
	}
	out := replayed()
	var source sourceError
	if errors.As(out.err, &source) || p.ctx.Err() != nil {
		p.run.faults[fmt.Sprintf("the traffic could not be replayed: %v", out.err)] = true
	}
	p.seen[key] = out
	return out
}

func scenario(s price.Scenario) replay.Scenario {
	return replay.Scenario{
		Concurrency: s.Concurrency, Min: s.Min, Max: s.Max, Boot: s.Boot, Delay: s.Delay, Period: s.Period,
		Slowdown: replay.Ratio{Num: s.Slower, Den: s.Faster},
	}
}

// inSeconds is a result in the units of prices.
func inSeconds(r replay.Result) price.Played {
	seconds := func(s replay.Sum) decimal.Decimal { return decimal.NewFromBigInt(s.Big(), -9) }
	out := price.Played{
		Requests: int(r.Requests), ColdStarts: int(r.ColdStarts), Peak: r.Peak,
		P50: time.Duration(r.P50), P95: time.Duration(r.P95), P99: time.Duration(r.P99),
		Busy: seconds(r.BusySlot), Life: seconds(r.Life),
	}
	for _, b := range r.Billed {
		out.Billed = append(out.Billed, price.Billed{Run: seconds(b.Run), Boot: seconds(b.Boot), Idle: seconds(b.Idle)})
	}
	return out
}

// arrivals are a trace as replays read it.
type arrivals struct{ *trace.Trace }

func (a arrivals) From(n int64) replay.Cursor { return &arrivalCursor{from: a.Trace.From(n)} }

// An arrivalCursor hands over a part of a block at a time: what a trace has in
// memory is one block.
type arrivalCursor struct {
	from  trace.Cursor
	rest  []trace.Arrival
	block [1 << 10]replay.Arrival
}

// A sourceError says that a trace cannot be read again.
type sourceError struct{ error }

func (c *arrivalCursor) Next() ([]replay.Arrival, error) {
	if len(c.rest) == 0 {
		var err error
		if c.rest, err = c.from.Next(); err != nil {
			return nil, sourceError{err}
		}
	}
	n := min(len(c.rest), len(c.block))
	for i, a := range c.rest[:n] {
		c.block[i] = replay.Arrival(a)
	}
	c.rest = c.rest[n:]
	return c.block[:n], nil
}

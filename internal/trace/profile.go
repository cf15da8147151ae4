package trace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"strings"
	"time"
)

// A Profile is rates that are expanded to arrivals, a Poisson process of
// piecewise constant rate. It has exactly one of Hourly, Weekly and Path.
type Profile struct {
	Hourly []Rate // 24, repeated each day
	Weekly []Rate // 168, from Monday 00:00, repeated each week
	// Path is a file of windows: .csv or .jsonl, each also .gz, or "-". Columns
	// has Start, sorted, and Rate. A window lasts until the next one starts, the
	// last one as long as the one before it.
	Path    string
	Columns Columns
	// Window is how long each window of the file lasts: between windows nothing
	// arrives. 0 is until the next one starts; the last one then lasts as long as
	// the others, and where these differ it has to be an end, a rate of 0.
	Window time.Duration
	// RateUnit is the unit of rates in the file that are mere numbers, such as
	// 1/s; the zero Rate is not stated.
	RateUnit Rate
	// Seed chooses the arrivals: the same seed gives the same ones on every
	// machine.
	Seed uint64
}

// A Rate is how many requests arrive in a time, exactly. The zero Rate is none.
type Rate struct{ perHour *big.Rat }

var rateUnits = []struct {
	name          string
	many, inHours int64
}{{"s", 3600, 1}, {"min", 60, 1}, {"h", 1, 1}, {"d", 1, 24}}

// ParseRate reads a rate with its unit: 2/s, 3.5/min, 120/h, 900/d.
func ParseRate(text string) (Rate, error) {
	amount, name, ok := strings.Cut(text, "/")
	if !ok {
		return Rate{}, fmt.Errorf("rate is %s, without a unit; expected a number and its unit: 2/s, 3.5/min, 120/h; add the unit", shown(text))
	}
	for _, unit := range rateUnits {
		if unit.name != name {
			continue
		}
		n, err := rational([]byte(amount))
		if err != nil {
			return Rate{}, fmt.Errorf("rate is %s; %w", shown(text), err)
		}
		r := Rate{n.Mul(n, big.NewRat(unit.many, unit.inHours))}
		if err := r.check(text); err != nil {
			return Rate{}, err
		}
		return r, nil
	}
	return Rate{}, fmt.Errorf("rate is %s; expected a number and its unit: 2/s, 3.5/min, 120/h", shown(text))
}

var errRate = errors.New("expected a number of at most 40 letters, and no exponent beyond 40")

// rational reads a decimal of 0 or more, exactly.
func rational(text []byte) (*big.Rat, error) {
	d, err := parseDecimal(text)
	switch {
	case err != nil:
		return nil, err
	case d.negative:
		return nil, errNegative
	case len(text) > 40 || max(d.exponent, -d.exponent) > 40:
		return nil, errRate
	}
	n, ok := new(big.Rat).SetString(string(text))
	if !ok {
		return nil, errNumber
	}
	return n, nil
}

// check finds rates that cannot be expanded in whole nanoseconds of an int64.
func (r Rate) check(text string) error {
	if r.zero() {
		return nil
	}
	if r.perHour.Cmp(big.NewRat(3600*1e9, 1)) > 0 {
		return fmt.Errorf("rate is %s; expected at most 1000000000/s", shown(text))
	}
	if r.perHour.Cmp(big.NewRat(1, 1e6)) < 0 {
		return fmt.Errorf("rate is %s; expected 0, or at least 0.000001/h", shown(text))
	}
	return nil
}

func (r Rate) zero() bool { return r.perHour == nil || r.perHour.Sign() == 0 }

// String is the rate an hour, as a reduced fraction.
func (r Rate) String() string {
	if r.zero() {
		return "0/h"
	}
	return r.perHour.RatString() + "/h"
}

// gap is the mean time between arrivals: whole nanoseconds, and 2^-64 of one.
// What is finer is cut off.
func (r Rate) gap() (whole, fraction uint64) {
	n := new(big.Int).Mul(r.perHour.Denom(), big.NewInt(int64(time.Hour)))
	n.Quo(n.Lsh(n, 64), r.perHour.Num())
	fraction = new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	return n.Rsh(n, 64).Uint64(), fraction
}

// An expander draws the arrivals of one window after the other.
type expander struct {
	spec     Spec
	duration int64
	store    *store
	random   *rand.PCG
	first    int64    // the first arrival, once there is one
	many     *big.Rat // requests to be expected so far
	span     int64    // from the start of the first window of a file to the end of the last
}

// most requests can be expanded: they take 16 bytes each.
var most = big.NewRat(1_000_000_000, 1)

// stream is the second half of the generator's seed: any number, fixed for all
// times.
const stream = 0x636176656174

// expand expands a profile and returns the digest of what was read, and of a
// file how long its windows are.
func expand(ctx context.Context, spec Spec, l length, s *store) (string, time.Duration, error) {
	p := spec.Profile
	e := &expander{spec: spec, duration: l.constant, store: s, random: rand.NewPCG(p.Seed, stream), many: new(big.Rat)}
	var digest string
	var err error
	if p.Path != "" {
		digest, err = e.file(ctx)
	} else {
		digest, err = e.hours(ctx)
	}
	if err == nil && s.n == 0 {
		err = spec.problem("the profile has no arrival; expected a rate above 0 that brings one; check the rates and the period")
	}
	return digest, time.Duration(e.span), err
}

// hours expands an hourly or weekly profile up to the period.
func (e *expander) hours(ctx context.Context) (string, error) {
	p, name := e.spec.Profile, "hourly"
	rates := p.Hourly
	if rates == nil {
		rates, name = p.Weekly, "weekly"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s seed %d:", name, p.Seed)
	for _, r := range rates {
		fmt.Fprintf(&text, " %v", r)
	}
	sum := sha256.Sum256([]byte(text.String()))
	period := int64(e.spec.Period)
	for i, from := 0, int64(0); from < period; i++ {
		to := from + min(int64(time.Hour), period-from)
		if err := e.window(ctx, from, to, rates[i%len(rates)]); err != nil {
			return "", err
		}
		from = to
	}
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// file expands a file of windows.
func (e *expander) file(ctx context.Context) (string, error) {
	p := e.spec.Profile
	in, err := open(e.spec, p.Path)
	if err != nil {
		return "", err
	}
	defer in.close()
	wants := []want{{"columns.start", p.Columns.Start}, {"columns.rate", p.Columns.Rate}}
	var r row
	rows, err := in.rows(ctx, wants, e.spec.Where, &r)
	if err != nil {
		return "", err
	}
	w := windows{expander: e, name: in.name, length: int64(p.Window)}
	clock := newClock(e.spec.TimeUnit)
	for {
		if err := rows.next(ctx, &r); err == io.EOF {
			break
		} else if err != nil {
			return "", err
		}
		start, err := clock.time(&r, 0)
		if err != nil {
			return "", err
		}
		if err := w.next(ctx, &r, start); err != nil {
			return "", err
		}
	}
	if w.n == 0 {
		return "", r.nothing(in)
	}
	if w.n == 1 && w.length == 0 {
		return "", at(in.name, w.line, 1, "is the only window, and how long it lasts is not stated; expected two at least; state profile.window, or add a row with its end and rate 0")
	}
	if w.uneven {
		if !w.rate.zero() {
			return "", at(in.name, w.line, 1, "is the last window, and how long it lasts is not stated, since the others do not last alike; expected a row with its end and rate 0, or profile.window where rows of nothing are left out")
		}
		w.length = 0 // it is the end of the one before
	}
	if err := w.finish(ctx); err != nil {
		return "", err
	}
	return in.digest, nil
}

// windows expands the windows of a file. Each is known whole when the next one
// starts.
type windows struct {
	*expander
	name   string // of the file
	n      int    // windows so far
	first  int64  // the start of the first one
	length int64  // of the last one, if there are two; of each where it is stated
	uneven bool   // they do not last alike

	start int64 // of the last one, with its text and line
	text  string
	line  int
	rate  Rate
}

func (w *windows) next(ctx context.Context, r *row, start int64) error {
	if w.n == 0 {
		w.first = start
	} else {
		if start <= w.start {
			return r.problem(0, "is %s, not after %s on line %d (overlapping windows); expected each window to start after the one before; sort the file or, where it has several models, add where: {column: value}", shown(string(r.values[0])), shown(w.text), w.line)
		}
		if start-w.first < 0 {
			return r.problem(0, "is %s, more than 292 years after the first window; expected less; check the times and their unit", shown(string(r.values[0])))
		}
		switch length := start - w.start; {
		case w.spec.Profile.Window > 0 && length < w.length:
			return r.problem(0, "is %s, %v after the window on line %d, which lasts %v (overlapping windows); expected it to start after that; change profile.window", shown(string(r.values[0])), time.Duration(length), w.line, time.Duration(w.length))
		case w.spec.Profile.Window > 0:
		default:
			w.uneven = w.uneven || w.n > 1 && length != w.length
			w.length = length
		}
		if err := w.finish(ctx); err != nil {
			return err
		}
	}
	w.n++
	w.start, w.text, w.line = start, string(r.values[0]), r.line
	var err error
	w.rate, err = w.rateOf(r)
	return err
}

// finish expands the last window.
func (w *windows) finish(ctx context.Context) error {
	from := w.start - w.first
	if from > math.MaxInt64-w.length {
		return at(w.name, w.line, 1, "the window ends more than 292 years after the first one starts; expected less; check the times and their unit")
	}
	to := from + w.length
	if p := w.spec.Period; p > 0 && to > int64(p) {
		return at(w.name, w.line, 1, "the window ends %v after the first one starts, %v beyond the period of %v; expected none beyond it; cut the file or raise period", time.Duration(to), time.Duration(to)-p, p)
	}
	w.span = to
	return w.window(ctx, from, to, w.rate)
}

// rateOf reads the rate of a row: with a unit, or a number.
func (e *expander) rateOf(r *row) (Rate, error) {
	text := r.values[1]
	if strings.Contains(string(text), "/") {
		rate, err := ParseRate(string(text))
		if err != nil {
			return Rate{}, r.problem(1, "%v", err)
		}
		return rate, nil
	}
	n, err := rational(text)
	if err != nil {
		return Rate{}, r.problem(1, "is %s; %v", shown(string(text)), err)
	}
	unit := e.spec.Profile.RateUnit
	if unit.zero() {
		return Rate{}, r.problem(1, "is %s, a rate without a unit; add rateUnit, such as 1/s", shown(string(text)))
	}
	rate := Rate{n.Mul(n, unit.perHour)}
	if err := rate.check(string(text)); err != nil {
		return Rate{}, r.problem(1, "%v", err)
	}
	return rate, nil
}

// window adds the arrivals of one window, from and to in nanoseconds after the
// first window's start. Gaps do not reach over its end: what is left of an
// exponential gap is exponential again, so the next window draws its own.
func (e *expander) window(ctx context.Context, from, to int64, rate Rate) error {
	if rate.zero() {
		return ctx.Err()
	}
	if e.many.Add(e.many, new(big.Rat).Mul(rate.perHour, big.NewRat(to-from, int64(time.Hour)))).Cmp(most) > 0 {
		return e.spec.problem("the profile brings more than %s requests; expected at most so many; check the rates and their units", most.RatString())
	}
	whole, fraction := rate.gap()
	length := uint64(to - from)
	var after, part uint64 // nanoseconds after from, and 2^-64 of one
	for n := 0; ; n++ {
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		gap, rest, ok := e.exponential(whole, fraction, length)
		if !ok {
			return nil
		}
		var carry uint64
		part, carry = bits.Add64(part, rest, 0)
		after, carry = bits.Add64(after, gap, carry)
		if carry != 0 || after >= length {
			return nil
		}
		if e.store.n == 0 {
			e.first = from + int64(after)
		}
		since := from + int64(after) - e.first
		if since > math.MaxInt64-e.duration {
			return e.spec.problem("a request ends more than 292 years after the first arrival; expected less; check the period and request")
		}
		if err := e.store.add(Arrival{since, e.duration}); err != nil {
			return err
		}
	}
}

// exponential draws an exponential gap with the given mean by von Neumann's
// comparisons, which need no logarithm and so give the same bits everywhere: of
// uniform numbers, the first of a falling run is kept if the run's length is
// odd, else 1 is added and another run begins. Not ok is a gap beyond most.
func (e *expander) exponential(mean, fraction, most uint64) (gap, part uint64, ok bool) {
	for {
		first := e.random.Uint64()
		odd := true
		for last := first; ; odd = !odd {
			next := e.random.Uint64()
			if next >= last {
				break
			}
			last = next
		}
		var carry uint64
		if odd {
			high, low := bits.Mul64(first, mean)
			more, _ := bits.Mul64(first, fraction)
			low, carry = bits.Add64(low, more, 0)
			part, more = bits.Add64(part, low, 0)
			gap, carry = bits.Add64(gap, high+carry, more)
			return gap, part, carry == 0 && gap <= most
		}
		part, carry = bits.Add64(part, fraction, 0)
		gap, carry = bits.Add64(gap, mean, carry)
		if carry != 0 || gap > most {
			return 0, 0, false
		}
	}
}

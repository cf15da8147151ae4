package trace

import (
	"errors"
	"math"
	"math/bits"
	"time"
)

// What is wrong with a text that should be a number. Messages begin with the
// column's name.
var (
	errNumber   = errors.New("expected a number")
	errNegative = errors.New("expected 0 or more")
	errRange    = errors.New("too large; expected less than 292 years")
)

// A decimal is a text such as 12, 0.5 or 1.2e-05, taken apart.
type decimal struct {
	digits   []byte // with the point, if there is one
	whole    int    // digits before the point
	exponent int
	negative bool // and not 0
}

// maxExponent is beyond what a line's digits can make up for.
const maxExponent = 1 << 24

// parseDecimal returns errNumber for what is not a decimal.
func parseDecimal(text []byte) (decimal, error) {
	var d decimal
	minus := len(text) > 0 && text[0] == '-'
	if minus {
		text = text[1:]
	}
	d.digits = text
	n, point, zero := 0, -1, true
	for i, c := range text {
		switch {
		case '0' <= c && c <= '9':
			n++
			zero = zero && c == '0'
		case c == '.' && point < 0:
			point = n
		case c == 'e' || c == 'E':
			d.digits = text[:i]
			var ok bool
			if d.exponent, ok = parseExponent(text[i+1:]); !ok {
				return d, errNumber
			}
		default:
			return d, errNumber
		}
		if len(d.digits) < len(text) {
			break
		}
	}
	if d.whole = point; point < 0 {
		d.whole = n
	}
	d.negative = minus && !zero
	if n == 0 {
		return d, errNumber
	}
	return d, nil
}

func parseExponent(text []byte) (int, bool) {
	minus := false
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		minus, text = text[0] == '-', text[1:]
	}
	e := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		e = min(e*10+int(c-'0'), maxExponent)
	}
	if minus {
		e = -e
	}
	return e, len(text) > 0
}

// scaled is a decimal of 0 or more × 10^scale, rounded half-even to a whole
// number. It reports whether nothing was rounded.
func scaled(text []byte, scale int) (n int64, exact bool, err error) {
	if n, ok := plain(text, scale); ok {
		return n, true, nil
	}
	d, err := parseDecimal(text)
	if err != nil {
		return 0, false, err
	}
	if d.negative {
		return 0, false, errNegative
	}
	keep := d.whole + d.exponent + scale // how many digits the result has
	var u uint64
	var first, rest byte // the first digit dropped, and whether others are not 0
	i := 0
	for _, c := range d.digits {
		if c == '.' {
			continue
		}
		c -= '0'
		switch {
		case i < keep:
			if u > (math.MaxInt64-9)/10 {
				return 0, false, errRange
			}
			u = u*10 + uint64(c)
		case i == keep:
			first = c
		default:
			rest |= c
		}
		i++
	}
	for ; i < keep && u != 0; i++ {
		if u > math.MaxInt64/10 {
			return 0, false, errRange
		}
		u *= 10
	}
	if first > 5 || first == 5 && (rest != 0 || u%2 == 1) {
		u++
	}
	return int64(u), first|rest == 0, nil
}

var powers = [...]uint64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// plain is scaled, and several times as fast, for what most texts are: few
// digits, of which none is rounded away. Not ok is any other text.
func plain(text []byte, scale int) (int64, bool) {
	if len(text) > 19 {
		return 0, false
	}
	var n uint64
	digits, whole := 0, -1
	for _, c := range text {
		switch d := c - '0'; {
		case d <= 9:
			n = n*10 + uint64(d)
			digits++
		case c == '.' && whole < 0:
			whole = digits
		default:
			return 0, false
		}
	}
	if whole >= 0 {
		scale -= digits - whole
	}
	if digits == 0 || scale < 0 {
		return 0, false
	}
	high, low := bits.Mul64(n, powers[scale])
	return int64(low), high == 0 && low <= math.MaxInt64
}

// A clock reads the times of one file, which must all be of one form.
type clock struct {
	scale  int // digits of a nanosecond in the unit of numbers; 0 if none is stated
	form   form
	offset int // minutes east of UTC
	line   int // of the first time
}

type form int

const (
	unread form = iota
	number
	stamp // without a zone
	zoned
)

func newClock(unit time.Duration) clock {
	switch unit {
	case time.Second:
		return clock{scale: 9}
	case time.Millisecond:
		return clock{scale: 6}
	}
	return clock{}
}

// time reads a time in nanoseconds from any fixed instant.
func (c *clock) time(r *row, i int) (int64, error) {
	text := r.values[i]
	if !isStamp(text) {
		if c.form > number {
			return 0, r.problem(i, "is %s; expected a time stamp as on line %d; give all times one form", shown(string(text)), c.line)
		}
		if c.form == unread {
			if _, err := parseDecimal(text); err != nil {
				return 0, r.problem(i, "is %s; expected a number, or a time stamp such as 2023-11-16T18:17:03.5Z", shown(string(text)))
			}
			c.form, c.line = number, r.line
		}
		return c.number(r, i)
	}
	ns, is, offset, err := parseStamp(text)
	switch {
	case err != nil:
		return 0, r.problem(i, "is %s; %v", shown(string(text)), err)
	case c.form == unread:
		c.form, c.offset, c.line = is, offset, r.line
	case c.form == number:
		return 0, r.problem(i, "is %s; expected a number as on line %d; give all times one form", shown(string(text)), c.line)
	case c.form != is:
		with := map[form]string{stamp: "without a zone", zoned: "with a zone"}
		return 0, r.problem(i, "is %s, a time stamp %s; expected one %s as on line %d (mixed time zones); write all times in one zone", shown(string(text)), with[is], with[c.form], c.line)
	case c.offset != offset:
		return 0, r.problem(i, "is %s; expected the zone of line %d (mixed time zones); write all times in one zone", shown(string(text)), c.line)
	}
	return ns, nil
}

// number reads a number of the stated unit, in nanoseconds.
func (c *clock) number(r *row, i int) (int64, error) {
	if c.scale == 0 {
		return 0, r.problem(i, "is a number, and its unit is not stated; add timeUnit: s or timeUnit: ms")
	}
	ns, _, err := scaled(r.values[i], c.scale)
	if err != nil {
		return 0, r.problem(i, "is %s; %v", shown(string(r.values[i])), err)
	}
	return ns, nil
}

// isStamp tells a time stamp, right or wrong, from anything else.
func isStamp(text []byte) bool {
	return len(text) >= 8 && text[4] == '-' && text[7] == '-'
}

var (
	errStamp = errors.New("expected a time stamp such as 2023-11-16T18:17:03.5Z or 2023-11-16 18:17:03")
	errDate  = errors.New("expected a date and a time that exist")
	errYears = errors.New("expected a year from 1678 to 2261")
)

// parseStamp reads YYYY-MM-DD hh:mm:ss with any number of decimals and perhaps Z
// or an offset, in nanoseconds of Unix time. Without a zone it reads UTC.
func parseStamp(text []byte) (ns int64, is form, offset int, err error) {
	if len(text) < 19 || text[13] != ':' || text[16] != ':' || text[10] != 'T' && text[10] != ' ' && text[10] != 't' {
		return 0, 0, 0, errStamp
	}
	bad := false
	two := func(i int) int {
		a, b := text[i]-'0', text[i+1]-'0'
		bad = bad || a > 9 || b > 9
		return int(a)*10 + int(b)
	}
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if bad {
		return 0, 0, 0, errStamp
	}
	rest := text[19:]
	var nanos int64
	if len(rest) > 0 && rest[0] == '.' {
		n := 1
		for n < len(rest) && rest[n]-'0' <= 9 {
			n++
		}
		if n == 1 {
			return 0, 0, 0, errStamp
		}
		// A second has an even number of nanoseconds, so that rounding its
		// fraction half-even rounds the whole so.
		if nanos, _, err = scaled(rest[:n], 9); err != nil {
			return 0, 0, 0, errStamp
		}
		rest = rest[n:]
	}
	if is, offset, err = parseZone(rest); err != nil {
		return 0, 0, 0, err
	}
	switch {
	case year < 1678 || year > 2261:
		return 0, 0, 0, errYears
	case month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59:
		return 0, 0, 0, errDate
	}
	seconds := int64(daysSince1970(year, month, day))*86400 + int64(hour*3600+(minute-offset)*60+second)
	return seconds*1e9 + nanos, is, offset, nil
}

func parseZone(text []byte) (form, int, error) {
	switch {
	case len(text) == 0:
		return stamp, 0, nil
	case len(text) == 1 && (text[0] == 'Z' || text[0] == 'z'):
		return zoned, 0, nil
	case len(text) != 6 || text[0] != '+' && text[0] != '-' || text[3] != ':':
		return 0, 0, errStamp
	}
	for _, i := range []int{1, 2, 4, 5} {
		if text[i]-'0' > 9 {
			return 0, 0, errStamp
		}
	}
	hours, minutes := int(text[1]-'0')*10+int(text[2]-'0'), int(text[4]-'0')*10+int(text[5]-'0')
	if hours > 23 || minutes > 59 {
		return 0, 0, errDate
	}
	offset := hours*60 + minutes
	if text[0] == '-' {
		offset = -offset
	}
	return zoned, offset, nil
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts days of the Gregorian calendar, for years after 0. A year
// that begins in March has its leap day at its end.
func daysSince1970(year, month, day int) int {
	if month <= 2 {
		year, month = year-1, month+12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 719469
}

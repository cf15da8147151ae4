package price

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// maxLength bounds the text of a number, so that no document can make
// arithmetic slow.
const maxLength = 64

// number reads plain decimal digits with an optional fraction, as schemas write
// amounts: no sign, no exponent.
func number(s string) (decimal.Decimal, bool) {
	whole, fraction, dot := strings.Cut(s, ".")
	if len(s) > maxLength || !digits(whole) || dot && !digits(fraction) {
		return decimal.Decimal{}, false
	}
	d, err := decimal.NewFromString(s)
	return d, err == nil
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// sane reports whether a number from a caller can be computed with: not
// negative, and of ordinary length.
func sane(d decimal.Decimal) bool {
	return !d.IsNegative() && max(d.Exponent(), -d.Exponent()) <= maxLength && d.NumDigits() <= 2*maxLength
}

var durationUnits = []struct {
	name string
	unit time.Duration
}{{"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}}

// ParseDuration reads a duration with its unit: 200ms, 10s, 47m, 1.5h, 30d. The
// result is exact: what is finer than a nanosecond or longer than 292 years is
// an error.
func ParseDuration(s string) (time.Duration, error) {
	for _, u := range durationUnits {
		text, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, ok := number(text)
		if !ok {
			break
		}
		n = n.Mul(decimal.NewFromInt(int64(u.unit)))
		if !n.IsInteger() {
			return 0, fmt.Errorf("duration %q is finer than a nanosecond", s)
		}
		if n.GreaterThan(decimal.NewFromInt(math.MaxInt64)) {
			return 0, fmt.Errorf("duration %q is too long; expected at most 106751d", s)
		}
		return time.Duration(n.IntPart()), nil
	}
	return 0, fmt.Errorf("duration is %.80q; expected a number with its unit: 200ms, 10s, 47m, 72h, 30d", s)
}

var sizeUnits = []struct {
	name string
	gib  decimal.Decimal
}{{"GiB", decimal.NewFromInt(1)}, {"MiB", decimal.New(9765625, -10)}, {"TiB", decimal.NewFromInt(1024)}} // 1/1024 is 0.0009765625

// ParseSize reads a memory size with its unit (MiB, GiB, TiB) and returns it in
// GiB, exactly.
func ParseSize(s string) (decimal.Decimal, error) {
	for _, u := range sizeUnits {
		if text, ok := strings.CutSuffix(s, u.name); ok {
			if n, ok := number(text); ok {
				return n.Mul(u.gib), nil
			}
			break
		}
	}
	return decimal.Decimal{}, fmt.Errorf("size is %.80q; expected a number with its unit: 512MiB, 80GiB, 1TiB", s)
}

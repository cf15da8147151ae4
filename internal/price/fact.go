package price

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// A note collects what one line rests on: the facts that were read, and what is
// missing.
type note struct {
	facts   []string
	missing []string
	why     []string
}

func (n *note) miss(format string, args ...any) {
	n.why = append(n.why, fmt.Sprintf(format, args...))
}

// lack takes over what is missing, and not the facts.
func (n *note) lack(m note) {
	n.missing = append(n.missing, m.missing...)
	n.why = append(n.why, m.why...)
}

func (n *note) merge(m note) {
	n.facts = append(n.facts, m.facts...)
	n.lack(m)
}

// A book is the facts of one of the two providers. Pointers of the
// infrastructure's are shown with a prefix.
type book struct {
	facts      Facts
	prefix     string
	regional   bool
	negotiated func(pointer string) bool
	starts     []string // where the cold start stands, if not in its own place
}

func (b book) fact(pointer string) (any, bool) {
	if b.facts == nil {
		return nil, false
	}
	return b.facts.Fact(pointer)
}

// has reports whether anything, usable or not, is stated at a pointer.
func (b book) has(pointer string) bool {
	_, ok := b.fact(pointer)
	return ok
}

// read returns a fact as what it has to be. What is absent or mistyped is noted
// and is not ok.
func read[T any](b book, n *note, pointer, kind string, convert func(any) (T, bool)) (T, bool) {
	var zero T
	value, ok := b.fact(pointer)
	if !ok {
		n.missing = append(n.missing, b.prefix+pointer)
		n.miss("%s%s is not stated", b.prefix, pointer)
		return zero, false
	}
	n.facts = append(n.facts, b.prefix+pointer)
	if value == nil {
		n.miss("sources contradict each other on %s%s", b.prefix, pointer)
		return zero, false
	}
	v, ok := convert(value)
	if !ok {
		n.miss("%s%s is not %s", b.prefix, pointer, kind)
		return zero, false
	}
	return v, true
}

func (b book) boolean(n *note, pointer string) (bool, bool) {
	return read(b, n, pointer, "true or false", func(v any) (bool, bool) { t, ok := v.(bool); return t, ok })
}

// duration reads a duration in seconds.
func (b book) duration(n *note, pointer string) (decimal.Decimal, bool) {
	return read(b, n, pointer, "a duration", duration)
}

func duration(value any) (decimal.Decimal, bool) {
	text, ok := value.(string)
	if !ok {
		return decimal.Decimal{}, false
	}
	d, err := ParseDuration(text)
	return seconds(d), err == nil
}

func seconds(d time.Duration) decimal.Decimal { return decimal.New(int64(d), -9) }

func (b book) decimal(n *note, pointer string) (decimal.Decimal, bool) {
	return read(b, n, pointer, "a quoted decimal of 0 or more", amount)
}

func amount(value any) (decimal.Decimal, bool) {
	text, ok := value.(string)
	if !ok {
		return decimal.Decimal{}, false
	}
	return number(text)
}

// count reads a whole number above 0, in any form in which documents are
// decoded.
func (b book) count(n *note, pointer string) (decimal.Decimal, bool) {
	return read(b, n, pointer, "a whole number above 0", func(value any) (decimal.Decimal, bool) {
		d, ok := wholeNumber(value)
		return d, ok && d.IsPositive()
	})
}

// whole reads a whole number of 0 or more that fits an int.
func (b book) whole(n *note, pointer string) (int, bool) {
	d, ok := read(b, n, pointer, "a whole number of 0 or more", func(value any) (decimal.Decimal, bool) {
		d, ok := wholeNumber(value)
		return d, ok && !d.IsNegative() && d.LessThan(decimal.NewFromInt(math.MaxInt32))
	})
	return int(d.IntPart()), ok
}

func wholeNumber(value any) (d decimal.Decimal, ok bool) {
	switch v := value.(type) {
	case json.Number:
		d, ok = number(v.String())
	case int:
		d, ok = decimal.NewFromInt(int64(v)), true
	case int64:
		d, ok = decimal.NewFromInt(v), true
	case uint64:
		d, ok = decimal.NewFromUint64(v), true
	case float64:
		if ok = v == math.Trunc(v) && math.Abs(v) < 1<<53; ok {
			d = decimal.NewFromInt(int64(v))
		}
	}
	return d, ok && d.IsInteger()
}

// A rate is a published price: amount of currency for one `of` for one `per`.
type rate struct {
	amount   decimal.Decimal
	currency string
	per, of  string
}

// perSeconds are the time units of prices; a month has 730 hours.
var perSeconds = map[string]int64{"second": 1, "minute": 60, "hour": 3600, "month": 730 * 3600}

// unitOf names what is counted beside time: "GiB-second", but "second" for
// GPUs, instances and replicas.
var unitOf = map[string]string{"gpu": "", "instance": "", "replica": "", "physical-core": "core-", "vcpu": "vcpu-", "GiB": "GiB-"}

func (r rate) seconds() decimal.Decimal { return decimal.NewFromInt(perSeconds[r.per]) }
func (r rate) unit() string             { return unitOf[r.of] + r.per }

// price reads a price in the cost's currency for one of the given things.
func (p *pricer) price(b book, n *note, pointer string, of ...string) *rate {
	r, ok := read(b, n, pointer, "a price", func(value any) (rate, bool) {
		fields, ok := value.(map[string]any)
		if !ok {
			return rate{}, false
		}
		r := rate{}
		r.amount, r.currency, ok = money(fields)
		r.per, _ = fields["per"].(string)
		r.of, _ = fields["of"].(string)
		_, perOK := perSeconds[r.per]
		_, ofOK := unitOf[r.of]
		return r, ok && perOK && ofOK
	})
	if !ok || !p.pays(b, n, pointer, r.currency) {
		return nil
	}
	if !slices.Contains(of, r.of) {
		n.miss("%s%s is of %s; expected %s", b.prefix, pointer, r.of, strings.Join(of, " or "))
		return nil
	}
	return &r
}

const (
	platformRate     = "/prices/platformRate"
	regionMultiplier = "/prices/regionMultiplier"
)

// isRate reports whether a pointer is that of a rate for time.
func isRate(pointer string) bool {
	switch pointer {
	case "/prices/cpu", "/prices/memory", platformRate, regionMultiplier:
		return true
	}
	return strings.HasPrefix(pointer, "/skus/") && strings.Contains(pointer, "/price/")
}

// ours reports whether a line is charged at a rate of our account's.
func (b book) ours(line decision.Line) bool {
	return b.negotiated != nil && slices.ContainsFunc(line.Facts, func(pointer string) bool {
		pointer, own := strings.CutPrefix(pointer, b.prefix)
		return own && isRate(pointer) && b.negotiated(pointer)
	})
}

// final reports whether no discount is taken from what stands at a pointer: it
// is our account's rate, and the account does not say that the discount is on
// its rates, too.
func (b book) final(pointer string) bool {
	return b.negotiated != nil && b.negotiated(pointer) && !b.discountsOurs()
}

func (b book) discountsOurs() bool {
	value, _ := b.fact(discountNegotiated)
	return value == true
}

// A monthly is an amount a month for the account, or for each seat.
type monthly struct {
	amount   decimal.Decimal
	currency string
	seat     bool
}

func (p *pricer) monthly(n *note, pointer string) (monthly, bool) {
	m, ok := read(p.vendor, n, pointer, "an amount a month", func(value any) (monthly, bool) {
		fields, ok := value.(map[string]any)
		if !ok {
			return monthly{}, false
		}
		m := monthly{seat: fields["per"] == any("seat")}
		m.amount, m.currency, ok = money(fields)
		per, stated := fields["per"]
		return m, ok && (!stated || m.seat || per == any("account"))
	})
	if !ok || !p.pays(p.vendor, n, pointer, m.currency) {
		return monthly{}, false
	}
	return m, true
}

func money(fields map[string]any) (decimal.Decimal, string, bool) {
	d, ok := amount(fields["amount"])
	currency, _ := fields["currency"].(string)
	return d, currency, ok && slices.Contains([]string{"USD", "EUR", "GBP"}, currency)
}

// pays reports whether a currency is that of the cost, which is the currency of
// the first price in the order of the lines. There are no exchange rates.
func (p *pricer) pays(b book, n *note, pointer, currency string) bool {
	if p.cost.Currency == "" {
		p.cost.Currency = currency
	}
	if p.cost.Currency != currency {
		n.miss("%s%s is in %s; the other prices are in %s", b.prefix, pointer, currency, p.cost.Currency)
		return false
	}
	return true
}

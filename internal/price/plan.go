package price

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// What an account of ours states, and what it stands beside.
const (
	discountPercent    = "/prices/discount"
	discountNegotiated = "/prices/discountNegotiated"
	planFee            = "/prices/planFee"
	planCredit         = "/prices/planCredit"
	minimumCommitment  = "/prices/minimumCommitment"
	accountCommitment  = "/prices/commitment"
	overageMultiplier  = "/prices/overageMultiplier"
	accountCredit      = "/prices/credit"
	creditBalance      = "/prices/creditBalance"
)

// A Plan is one plan of a vendor account: its facts, whether it is paid for
// already, and the lines of all workloads on it. Of those lines the ones of an
// account, and those of a cloud beneath, do not count.
type Plan struct {
	Facts Facts
	Held  bool
	Usage []decision.Line
}

// Bill returns the lines of an account, once for all workloads, plan by plan:
// each plan's fee and credit; and once for all plans together what our account
// states of credits, overage and a commitment, with the first plan for which it
// does.
func Bill(plans []Plan, currency string) [][]decision.Line {
	bills := make([][]decision.Line, len(plans))
	whole := slices.IndexFunc(plans, func(p Plan) bool {
		return slices.ContainsFunc([]string{accountCommitment, overageMultiplier, accountCredit}, book{facts: p.Facts}.has)
	})
	var all []decision.Line
	for i, plan := range plans {
		p := &pricer{Request: Request{PlanHeld: plan.Held}, vendor: book{facts: plan.Facts}}
		p.cost.Currency = currency
		for _, line := range plan.Usage {
			if kind, _, _ := strings.Cut(line.Item, " "); kind != "infrastructure" && !line.OfAccount() {
				p.cost.Lines = append(p.cost.Lines, line)
			}
		}
		start := len(p.cost.Lines)
		p.plan()
		if whole < 0 {
			p.account()
		}
		bills[i] = slices.Clone(p.cost.Lines[start:])
		all = append(all, p.cost.Lines...)
	}
	if whole >= 0 {
		p := &pricer{vendor: book{facts: plans[whole].Facts}}
		p.cost.Currency, p.cost.Lines = currency, all
		p.account()
		bills[whole] = append(bills[whole], p.cost.Lines[len(all):]...)
	}
	return bills
}

// plan adds what belongs to a plan, to the vendor's lines of usage.
func (p *pricer) plan() {
	if !p.PlanHeld {
		p.fee()
		p.credit("credit", planCredit)
	}
}

// account adds what belongs to the account, to the lines of its plans.
func (p *pricer) account() {
	p.credit("credit account", accountCredit)
	p.overage()
	p.commitment()
}

// discount takes a percentage off those of the lines that are charged at list
// prices, where one is stated.
func (p *pricer) discount(b book, lines []decision.Line) {
	listed := p.listed
	p.listed = decimal.Decimal{}
	if !b.has(discountPercent) {
		return
	}
	var n note
	line := decision.Line{Item: b.item("discount"), Unit: p.cost.Currency}
	percent, ok := b.decimal(&n, discountPercent)
	if ok && percent.GreaterThan(integer(100)) {
		n.miss("%s%s is more than 100 percent", b.prefix, discountPercent)
		ok = false
	}
	if b.has(discountNegotiated) {
		_, stated := b.boolean(&n, discountNegotiated)
		ok = ok && stated
	}
	if !ok {
		line.MayFall, p.hourless = true, true
		p.add(line, n)
		return
	}
	t := sum(b.atList(lines))
	if t.low != nil {
		low := decimal.Max(decimal.Decimal{}, *t.low) // no charge is below 0
		t.low = &low
	}
	rate := percent.Shift(-2).Neg()
	charge(&line, span{t.low, t.amount, t.high}, rate)
	p.hour = p.hour.Add(listed.Mul(rate))
	n.miss("the charges that it is on are not known in full")
	p.add(line, n)
}

// atList returns those of the lines that are charged at list prices; of a
// region, what it adds to them or takes off. What our own multiplier adds is a
// rate of ours; what it takes off is not there to be discounted.
func (b book) atList(lines []decision.Line) []decision.Line {
	if b.negotiated == nil || b.discountsOurs() {
		return lines
	}
	var list []decision.Line
	for i, line := range lines {
		region := line.Item == b.item("region")
		switch {
		case b.ours(line) && !region:
		case !region || len(list) == i && !b.ours(line):
			list = append(list, line)
		case len(list) == 0:
		case line.Rate == nil:
			list = append(list, line)
		case line.Rate.IsNegative() || !b.ours(line):
			t := sum(list)
			charge(&line, span{t.low, t.amount, t.high}, *line.Rate)
			list = append(list, line)
		}
	}
	return list
}

func (p *pricer) fee() {
	var n note
	line := decision.Line{Item: "fee", Unit: "month"}
	if m, ok := p.monthly(&n, planFee); ok {
		line.Rate = &m.amount
		if m.seat {
			line.Unit = "seat"
			line.Low = &decimal.Decimal{}
			n.miss("the fee is for each seat, and the number of seats is not stated")
		} else {
			one := integer(1)
			line.Quantity, line.Low, line.Amount, line.High = &one, &m.amount, &m.amount, &m.amount
		}
	}
	p.add(line, n)
}

// spent sums what the vendor charges so far, less what is taken off: all but the
// fee.
func (p *pricer) spent() total {
	return sum(slices.DeleteFunc(slices.Clone(p.cost.Lines), func(l decision.Line) bool { return l.Item == "fee" }))
}

// credit is set off against usage, not against the fee. Without the fact there
// is no credit.
func (p *pricer) credit(item, pointer string) {
	if !p.vendor.has(pointer) {
		return
	}
	var n note
	minus, zero := integer(-1), decimal.Decimal{}
	line := decision.Line{Item: item, Rate: &minus, High: &zero, MayFall: true}
	m, ok := p.whole(&n, pointer, "credit")
	line.Unit = p.cost.Currency
	if ok {
		used := p.spent()
		most := m
		if used.high != nil {
			most = decimal.Min(most, *used.high)
		}
		line.Low = scale(&most, minus)
		least := decimal.Min(m, used.floor())
		line.High = scale(&least, minus)
		switch {
		case used.amount != nil:
			spent := decimal.Min(m, *used.amount)
			line.Quantity = &spent
		case !used.mayFall && used.known.GreaterThanOrEqual(m):
			line.Quantity = &m
		}
		line.Amount = scale(line.Quantity, minus)
		line.MayFall = line.Amount == nil
		n.miss("usage charges are not known in full")
	}
	p.add(line, n)
}

// overage is what usage beyond the commitment of our account costs more, or
// less, than at the rates of the other lines. What it costs has to be stated,
// unless no usage can be beyond it.
func (p *pricer) overage() {
	committed, multiplied := p.vendor.has(accountCommitment), p.vendor.has(overageMultiplier)
	if !committed && !multiplied {
		return
	}
	var n note
	least, ok := p.whole(&n, accountCommitment, "commitment")
	beyond := p.beyond(least, ok)
	multiplier, known := p.vendor.decimal(&n, overageMultiplier)
	if known && multiplier.IsZero() {
		n.miss("%s is 0", overageMultiplier)
		known = false
	}
	one := integer(1)
	if known && multiplier.Equal(one) || !known && equal(beyond.high, &decimal.Decimal{}) {
		return
	}
	line := decision.Line{Item: "overage", Unit: p.cost.Currency}
	if known {
		charge(&line, beyond, multiplier.Sub(one))
		n.miss("usage charges are not known in full")
	} else {
		line.Low, line.MayFall = scale(beyond.high, integer(-1)), true // at most it is free
	}
	p.add(line, n)
}

// beyond is how much of what is spent is more than the least spend; where that
// is not known, and 0, between nothing and all of it.
func (p *pricer) beyond(least decimal.Decimal, known bool) span {
	var zero decimal.Decimal
	over := func(d *decimal.Decimal) *decimal.Decimal {
		if d == nil {
			return nil
		}
		rest := decimal.Max(zero, d.Sub(least))
		return &rest
	}
	spent := p.spent()
	s := span{low: &zero, high: over(spent.high)}
	if known {
		floor := spent.floor()
		s.low, s.amount = over(&floor), over(spent.amount)
	}
	if s.amount == nil && equal(s.low, s.high) {
		s.amount = s.low
	}
	return s
}

// commitment tops up what is spent to the least spend: the larger one where our
// account and the vendor's document each state one. It is due whether or not it
// is used. Without either fact there is none.
func (p *pricer) commitment() {
	var n note
	one, zero := integer(1), decimal.Decimal{}
	line := decision.Line{Item: "commitment", Rate: &one, Low: &zero}
	least, stated, known := zero, false, true
	for _, pointer := range []string{accountCommitment, minimumCommitment} {
		if !p.vendor.has(pointer) {
			continue
		}
		stated = true
		if m, ok := p.whole(&n, pointer, "commitment"); ok {
			least = decimal.Max(least, m)
		} else {
			known = false
		}
	}
	if !stated {
		return
	}
	line.Unit = p.cost.Currency
	rest := func(spent decimal.Decimal) *decimal.Decimal {
		rest := decimal.Max(zero, least.Sub(decimal.Max(zero, spent)))
		return &rest
	}
	spent := p.spent()
	if spent.high != nil {
		line.Low = rest(*spent.high)
	}
	if known {
		line.High = rest(spent.floor())
		switch {
		case spent.amount != nil:
			line.Quantity = rest(*spent.amount)
		case equal(line.Low, line.High):
			line.Quantity = line.Low
		case !spent.mayFall && spent.known.GreaterThanOrEqual(least):
			line.Quantity = &zero
		}
		line.Amount = line.Quantity
		n.miss("usage charges are not known in full")
	}
	p.add(line, n)
}

// whole reads an amount a month that is not one for each seat; 0 where it is not
// known.
func (p *pricer) whole(n *note, pointer, what string) (decimal.Decimal, bool) {
	m, ok := p.monthly(n, pointer)
	if ok && m.seat {
		n.miss("the %s is for each seat, and the number of seats is not stated", what)
		return decimal.Decimal{}, false
	}
	return m.amount, ok
}

// charge makes a line one of a rate on an amount of money.
func charge(line *decision.Line, on span, rate decimal.Decimal) {
	line.Rate, line.Quantity = &rate, on.amount
	line.Low, line.Amount, line.High = scale(on.low, rate), scale(on.amount, rate), scale(on.high, rate)
	if rate.IsNegative() {
		line.Low, line.High = line.High, line.Low
		line.MayFall = line.Amount == nil
	}
}

// excluded lists what no line covers, sorted.
func (p *pricer) excluded() []string {
	list := []string{"agreement fees", "egress", "image builds"}
	if !p.ours(p.vendor) || p.cloud.facts != nil && !p.ours(p.cloud) {
		list = append(list, "negotiated discounts")
	}
	return append(list, "one-off credits"+p.vendor.balance(), "storage", "support", "tax")
}

// ours reports whether a discount or a rate of our account's is in the cost.
func (p *pricer) ours(b book) bool {
	return b.has(discountPercent) || slices.ContainsFunc(p.cost.Lines, b.ours)
}

// balance words the one-off credit that our account has left. It is no amount a
// month, so that no line has it.
func (b book) balance() string {
	value, _ := b.fact(creditBalance)
	fields, _ := value.(map[string]any)
	left, currency, ok := money(fields)
	if !ok {
		return ""
	}
	text := fmt.Sprintf(" (%s %s left", left, currency)
	if until, ok := fields["until"].(string); ok {
		text += ", until " + until
	}
	return text + ")"
}

// item is the name of a line, with what it begins with for the cloud beneath.
func (b book) item(name string) string {
	if b.prefix == "" {
		return name
	}
	return strings.TrimPrefix(b.prefix, "/") + " " + name
}

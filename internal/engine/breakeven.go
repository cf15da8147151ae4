package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/breakeven"
	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/price"
)

// mostBreakEvens are listed of one decision.
const mostBreakEvens = 5

// reach is how far usage is varied: to what so many replicas that are never
// idle use, or to so many times what is stated.
const reach = 1000

// A varied is a quantity of the usage and the usage at another value of it.
type varied struct {
	breakeven.Quantity
	usage func(at decimal.Decimal) price.Usage
	steps bool // costs follow the steps in which a life is billed
}

// contest says where the order of the first places changes: with another usage,
// and inside the ranges that are stated of their costs.
func (r *run) contest(d *decision.Decision, options []evaluated) {
	d.Unstable = len(d.MayFlip()) > 0
	places := d.Contestants()
	if len(places) < 2 {
		return
	}
	for _, v := range r.quantitiesOf() {
		var contestants []breakeven.Contestant
		for _, place := range places {
			at := slices.IndexFunc(options, func(e evaluated) bool { return e.subject.Offering.ID == place.Offering })
			contestants = append(contestants, r.contestant(options[at].subject, v))
		}
		d.BreakEven = append(d.BreakEven, breakeven.Find(v.Quantity, contestants)...)
	}
	slices.SortStableFunc(d.BreakEven, func(a, b decision.BreakEven) int { return a.Distance().Cmp(b.Distance()) })
	d.BreakEven = d.BreakEven[:min(len(d.BreakEven), mostBreakEvens)]
}

// contestant prices an offering at any value of a quantity. Outside managed
// hosting the two providers may bill in different steps, so that their parts of
// the total are told apart.
func (r *run) contestant(subject decide.Subject, v varied) breakeven.Contestant {
	request := r.request(subject)
	c := breakeven.Contestant{Offering: subject.Offering.ID, Stairs: make([]breakeven.Stair, 2)}
	if v.steps {
		vendor, infrastructure := price.Stairs(request)
		c.Stairs = []breakeven.Stair{breakeven.Stair(vendor), breakeven.Stair(infrastructure)}
	}
	if subject.Infrastructure == nil {
		c.Stairs = c.Stairs[:1]
	}
	c.Cost = func(at decimal.Decimal) ([]decimal.Decimal, bool) {
		request := request
		request.Usage = v.usage(at)
		cost := price.Price(request)
		if cost.Expected == nil || cost.Replay != nil && cost.Replay.MinReplicas > 0 {
			return nil, false // replicas that are kept on do not depend on how much comes
		}
		parts := make([]decimal.Decimal, len(c.Stairs))
		for _, line := range cost.Lines {
			if strings.HasPrefix(line.Item, "infrastructure") {
				parts[len(parts)-1] = parts[len(parts)-1].Add(*line.Amount)
			} else {
				parts[0] = parts[0].Add(*line.Amount)
			}
		}
		return parts, true
	}
	return c
}

// quantitiesOf lists what of the usage can be varied. Grains are multiples of 9
// of something round, since prices by the hour divide seconds by 3600.
func (r *run) quantitiesOf() []varied {
	u := r.usage
	switch {
	case u.GPUHours != nil:
		gpus := decimal.NewFromInt(int64(max(r.resources.Count, 1)))
		whole := gpus.Mul(decimal.NewFromInt(730 * int64(max(r.resources.Nodes, 1))))
		return []varied{{Quantity: breakeven.Quantity{
			Name: "gpuHours", Unit: "GPU-hours a month", Now: *u.GPUHours,
			Most: decimal.Max(whole, *u.GPUHours).Mul(decimal.NewFromInt(reach)), Whole: whole, Grain: gpus.Shift(-6),
		}, usage: func(at decimal.Decimal) price.Usage { return price.Usage{GPUHours: &at} }}}
	case len(u.Jobs) > 0:
		count := 0
		for _, job := range u.Jobs {
			count += job.Count
		}
		if count == 0 {
			return nil
		}
		list := []varied{r.often("jobs", "jobs a month", decimal.NewFromInt(int64(count)))}
		if len(u.Jobs) == 1 {
			list = append(list, r.longer(u.Jobs[0]))
		}
		return list
	case u.Traffic != nil:
		t := u.Traffic
		perDay := t.Times.Mul(decimal.NewFromInt(24*r.requests)).DivRound(t.Over.Mul(decimal.NewFromInt(730)), 12)
		if perDay.IsPositive() {
			return []varied{r.often("requests", "requests a day", perDay)}
		}
	}
	return nil // what is always on does not vary
}

// often varies how often usage occurs, which the quantity is proportional to.
func (r *run) often(name, unit string, now decimal.Decimal) varied {
	return varied{Quantity: breakeven.Quantity{
		Name: name, Unit: unit, Now: now, Most: now.Mul(decimal.NewFromInt(reach)), Grain: now.Mul(decimal.New(9, -6)),
	}, usage: func(at decimal.Decimal) price.Usage { return scaled(r.usage, at.DivRound(now, 24)) }}
}

// scaled is a usage that occurs so many times as often. What is always on stays
// as it is.
func scaled(u price.Usage, factor decimal.Decimal) price.Usage {
	if u.GPUHours != nil {
		hours := u.GPUHours.Mul(factor)
		u.GPUHours = &hours
	}
	if len(u.Jobs) > 0 {
		u.Times = &factor
	}
	if u.Traffic != nil {
		t := *u.Traffic
		t.Times = t.Times.Mul(factor)
		u.Traffic = &t
	}
	return u
}

// longer varies the duration of a job.
func (r *run) longer(job price.Job) varied {
	now := decimal.New(int64(job.Duration), -9)
	return varied{Quantity: breakeven.Quantity{
		Name: "duration", Unit: "seconds a job", Now: now, Most: decimal.Max(decimal.NewFromInt(24*3600), now.Mul(decimal.NewFromInt(10))),
		Grain: decimal.New(9, -3), Tick: decimal.New(1, -9),
	}, steps: true, usage: func(at decimal.Decimal) price.Usage {
		return price.Usage{Jobs: []price.Job{{Count: job.Count, Duration: time.Duration(at.Shift(9).IntPart())}}}
	}}
}

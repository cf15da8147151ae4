package price

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Usage is what runs in a month of 730 hours, in exactly one of its forms.
// With none, or more than one, the usage is unknown.
type Usage struct {
	// GPUHours is GPU time as billed: no increment, boot or idle time is added.
	GPUHours *decimal.Decimal
	// Jobs are lives of their own: each boots, runs, idles and ends.
	Jobs []Job
	// Times is how often all of Jobs run; nil is once.
	Times *decimal.Decimal
	// AlwaysOn is a number of replicas that run all month.
	AlwaysOn int
	// Traffic is requests as they come, replayed.
	Traffic *Traffic
}

// A Job is a number of equal jobs a month, each running for Duration.
type Job struct {
	Count    int
	Duration time.Duration
}

// A shape is how a workload sits on instances.
type shape struct {
	gpu    bool
	bought decimal.Decimal // GPUs of one instance
	needed decimal.Decimal // GPUs of one node of the workload
	nodes  decimal.Decimal // nodes of one replica or job
}

func shapeOf(gpu string, bought int, r Resources) shape {
	if bought < 1 {
		bought = max(r.Count, 1)
	}
	needed := r.Count
	if needed < 1 {
		needed = bought
	}
	return shape{gpu != "", integer(bought), integer(needed), integer(max(r.Nodes, 1))}
}

// instances is how many instances hold one node.
func (s shape) instances() decimal.Decimal {
	if !s.gpu {
		return integer(1)
	}
	return ceil(s.needed, s.bought)
}

// A span is a number with its bounds; what is nil is unknown.
type span struct{ low, amount, high *decimal.Decimal }

func exactly(d decimal.Decimal) span { return span{&d, &d, &d} }

// atLeast is a number of which only a lower bound is known.
func atLeast(d decimal.Decimal) span { return span{low: &d} }

// A stretch is one part of the time that is billed in a month, in seconds of
// instances. From is where the part begins in the summed lives, so that the
// parts of a life still add up to its whole once they are converted to the unit
// of a price.
type stretch struct {
	note
	span
	from decimal.Decimal
}

// times are the parts of the billed time. Boot and idle are nil where nothing
// is billed. All is the whole; in its amount a part that is unknown counts its
// least, which partial says.
type times struct {
	run, all   stretch
	boot, idle *stretch
	partial    bool
	share      decimal.Decimal // divides every part
	months     bool            // whole months, so that monthly prices apply
}

// runOnly is time without boot and idle.
func runOnly(s stretch) times { return times{run: s, all: s, share: integer(1)} }

// forms counts the forms in which usage is stated.
func (u Usage) forms() int {
	forms := 0
	for _, set := range []bool{u.GPUHours != nil, len(u.Jobs) > 0, u.AlwaysOn != 0, u.Traffic != nil} {
		if set {
			forms++
		}
	}
	return forms
}

// times measures usage on instances under one provider's billing rules.
func (p *pricer) times(b book, s shape) times {
	u, unknown := p.Usage, stretch{span: atLeast(decimal.Decimal{})}
	forms := u.forms()
	switch {
	case forms == 0:
		unknown.miss("usage is not stated")
	case forms > 1:
		unknown.miss("usage is stated in more than one form")
	case u.Traffic != nil:
		return p.replayed(b, s)
	case u.GPUHours != nil && !s.gpu:
		unknown.miss("usage is stated in GPU-hours, and nothing with a GPU is bought")
	case u.GPUHours != nil && sane(*u.GPUHours):
		t := runOnly(stretch{span: exactly(u.GPUHours.Mul(integer(3600)).Mul(s.instances()))})
		t.share = s.needed
		return t
	case u.AlwaysOn > 0:
		month := integer(u.AlwaysOn).Mul(integer(730 * 3600))
		t := runOnly(stretch{span: exactly(month.Mul(s.nodes).Mul(s.instances()))})
		t.months = true
		return t
	case len(u.Jobs) > 0 && valid(u.Jobs):
		lives := s.nodes.Mul(s.instances())
		if u.Times != nil {
			lives = lives.Mul(*u.Times)
		}
		return b.lives(u.Jobs, lives)
	default:
		unknown.miss("usage is not a number of 0 or more")
	}
	return runOnly(unknown)
}

func valid(jobs []Job) bool {
	for _, job := range jobs {
		if job.Count < 0 || job.Duration < 0 {
			return false
		}
	}
	return true
}

// A rule says how time becomes billed time.
type rule struct {
	note
	stated             bool
	increment, minimum decimal.Decimal
	// up is how a started increment may be billed: whole, prorated, or both
	// where nobody says.
	up []bool
}

// rule reads the billing rules for one life. An absent minimum is unknown only
// together with the increment: the increment is the least that is billed.
func (b book) rule() rule {
	var r rule
	r.increment, r.stated = b.duration(&r.note, "/billing/increment")
	if r.stated && !r.increment.IsPositive() {
		r.miss("%s/billing/increment is 0", b.prefix)
		r.stated = false
	}
	if b.has("/billing/minimum") {
		var ok bool
		r.minimum, ok = b.duration(&r.note, "/billing/minimum")
		r.stated = r.stated && ok
	}
	r.up = []bool{false}
	if !r.stated {
		return r
	}
	var n note
	up, ok := read(b, &n, "/billing/rounding", "up or prorated", func(v any) (bool, bool) { return v == any("up"), v == any("up") || v == any("prorated") })
	r.facts = append(r.facts, n.facts...)
	if ok {
		r.up[0] = up
	} else {
		r.up = append(r.up, true)
		r.missing = append(r.missing, n.missing...)
		r.miss("%s, and time is not in whole increments of %ss", n.why[0], r.increment)
	}
	return r
}

// bill is the billed time of a life that lasts t.
func (r rule) bill(t decimal.Decimal, up bool) decimal.Decimal {
	t = decimal.Max(t, r.minimum)
	if up {
		t = ceil(t, r.increment).Mul(r.increment)
	}
	return t
}

// A window is how long boot or idle time is: 0 and exact where it is not
// billed. Amount and high are nil where they are unknown.
type window struct {
	note
	billed       bool
	low          decimal.Decimal
	amount, high *decimal.Decimal
}

func (w window) exact() bool { return equal(&w.low, w.amount) && equal(&w.low, w.high) }

// values are low, amount and high, with low for what is unknown.
func (w window) values() [3]decimal.Decimal {
	v := [3]decimal.Decimal{w.low, w.low, w.low}
	if w.amount != nil {
		v[1] = *w.amount
	}
	if w.high != nil {
		v[2] = *w.high
	}
	return v
}

func (b book) window(pointer string) (w window, stated bool) {
	billed, ok := b.boolean(&w.note, pointer)
	w.billed = billed || !ok
	if !w.billed {
		w.amount, w.high = &w.low, &w.low
	}
	return w, ok
}

// boot reads whether and how long a starting replica is billed. A cold start
// that is measured to container-boot leaves out the model load, which is billed
// too: it is a lower bound and no more.
func (b book) boot() window {
	w, stated := b.window("/billing/boot")
	if !w.billed {
		return w
	}
	var n note
	cold, pointer, ok := b.coldStart(&n)
	w.facts = append(w.facts, n.facts...)
	if ok && !stated && cold.ready { // maybe not billed at all
		w.high = cold.high
	}
	if !stated {
		return w
	}
	switch {
	case !ok:
		w.lack(n)
		return w
	case !cold.ready:
		w.miss("%s%s is measured to container-boot, and model load is billed too", b.prefix, pointer)
	case cold.typical == nil && cold.high == nil:
		w.miss("%s%s states no typical and no high time", b.prefix, pointer)
	case cold.typical == nil && !equal(cold.low, cold.high):
		w.miss("%s%s states no typical time", b.prefix, pointer)
	case cold.high == nil:
		w.miss("%s%s states no high time", b.prefix, pointer)
	}
	if cold.low != nil {
		w.low = *cold.low
	}
	if cold.ready {
		w.amount, w.high = cold.typical, cold.high
		if w.amount == nil && equal(cold.low, cold.high) {
			w.amount = cold.low
		}
	}
	return w
}

// coldStart reads the cold start that counts, and where it stands: that of a
// feature in use, or of the whole offering.
func (b book) coldStart(n *note) (cold coldTimes, pointer string, ok bool) {
	pointer = "/performance/coldStart"
	if len(b.starts) > 0 {
		pointer = b.starts[0]
	}
	if len(b.starts) > 1 {
		n.facts = append(n.facts, b.starts...)
		n.miss("several features in use have a cold start of their own: %s", strings.Join(b.starts, ", "))
		return cold, pointer, false
	}
	cold, ok = read(b, n, pointer, "a cold start", coldStart)
	return cold, pointer, ok
}

type coldTimes struct {
	low, typical, high *decimal.Decimal
	ready              bool // measured to model-ready
}

func coldStart(value any) (coldTimes, bool) {
	fields, ok := value.(map[string]any)
	c := coldTimes{ready: fields["measures"] == any("model-ready")}
	ok = ok && (c.ready || fields["measures"] == any("container-boot"))
	var last decimal.Decimal
	for _, part := range []struct {
		name string
		to   **decimal.Decimal
	}{{"low", &c.low}, {"typical", &c.typical}, {"high", &c.high}} {
		text, stated := fields[part.name]
		if !stated {
			continue
		}
		d, fine := duration(text)
		ok = ok && fine && d.GreaterThanOrEqual(last)
		last = d
		*part.to = &d
	}
	return c, ok && (c.low != nil || c.typical != nil || c.high != nil)
}

// idle reads whether and how long a replica without work is billed.
func (b book) idle() window {
	w, stated := b.window("/billing/idle")
	if !w.billed {
		return w
	}
	var n note
	delay, ok := b.duration(&n, "/scaling/scaleDownDelay")
	w.facts = append(w.facts, n.facts...)
	switch {
	case ok && stated:
		w.low, w.amount, w.high = delay, &delay, &delay
	case ok:
		w.high = &delay
	case stated:
		w.lack(n)
	}
	return w
}

// The parts of a life, and its whole.
const (
	partRun = iota
	partBoot
	partIdle
	partAll
)

// A month is the billed time of all lives under one reading of the rules: each
// part as low, amount and high.
type month [partAll + 1][3]decimal.Decimal

// lives bills each job as a life of its own: the run, then boot and idle as what
// they add to the life's billed time.
func (b book) lives(jobs []Job, instances decimal.Decimal) times {
	r, booting, idling := b.rule(), b.boot(), b.idle()
	var months []month
	for _, up := range r.up {
		var m month
		for _, job := range jobs {
			m.add(integer(job.Count).Mul(instances), seconds(job.Duration), r, up, booting, idling)
		}
		months = append(months, m)
	}
	settled := window{billed: true, amount: &decimal.Decimal{}, high: &decimal.Decimal{}}
	whole := settled
	whole.merge(booting.note)
	whole.merge(idling.note)
	if booting.high == nil || idling.high == nil {
		whole.high = nil
	}
	return times{
		run: *stretchOf(months, partRun, r, settled), all: *stretchOf(months, partAll, r, whole),
		boot: stretchOf(months, partBoot, r, booting), idle: stretchOf(months, partIdle, r, idling),
		partial: booting.amount == nil || idling.amount == nil, share: integer(1),
	}
}

// stretchOf sums up one part of the lives over the readings of the rules: its
// amount is known where all readings agree and the window w is known.
func stretchOf(months []month, part int, r rule, w window) *stretch {
	if !w.billed {
		return nil
	}
	var s stretch
	s.merge(note{facts: r.facts})
	s.merge(w.note)
	low, amount, high := months[0][part][0], months[0][part][1], months[0][part][2]
	agreed := r.stated
	for _, m := range months[1:] {
		low, high = decimal.Min(low, m[part][0]), decimal.Max(high, m[part][2])
		agreed = agreed && amount.Equal(m[part][1])
	}
	if !agreed {
		s.lack(r.note)
	}
	if !r.stated && (part == partBoot || part == partIdle) { // it may fall into time that is billed anyway
		low = decimal.Decimal{}
	}
	s.low = &low
	if agreed && w.amount != nil {
		s.amount = &amount
	}
	if r.stated && w.high != nil {
		s.high = &high
	}
	switch part {
	case partBoot:
		s.from = months[0][partRun][1]
	case partIdle:
		s.from = months[0][partRun][1].Add(months[0][partBoot][1])
	}
	return &s
}

// add adds n equal lives. In the amounts, boot and idle count with their low
// where they are unknown.
func (m *month) add(n, ran decimal.Decimal, r rule, up bool, booting, idling window) {
	boots, idles := booting.values(), idling.values()
	for i := range 3 {
		total := r.bill(decimal.Sum(ran, boots[i], idles[i]), up)
		booted := r.bill(ran.Add(boots[i]), up)
		base := r.bill(ran, up)
		idled := total.Sub(booted)
		if !booting.exact() {
			// Whether idle time opens one more increment depends on where boot
			// ends: these bounds hold wherever that is.
			switch i {
			case 0:
				idled = decimal.Min(idled, r.whole(idles[i], up))
			case 2:
				idled = rule{increment: r.increment}.bill(idles[i], up)
			}
		}
		for part, billed := range [...]decimal.Decimal{partRun: base, partBoot: booted.Sub(base), partIdle: idled, partAll: total} {
			m[part][i] = m[part][i].Add(n.Mul(billed))
		}
	}
}

// whole is what t surely adds to a life that is billed in increments.
func (r rule) whole(t decimal.Decimal, up bool) decimal.Decimal {
	if up {
		t = t.Sub(t.Mod(r.increment))
	}
	return t
}

func integer(n int) decimal.Decimal { return decimal.NewFromInt(int64(n)) }

func equal(a, b *decimal.Decimal) bool { return a != nil && b != nil && a.Equal(*b) }

// ceil is the least whole number of steps that reach n.
func ceil(n, step decimal.Decimal) decimal.Decimal {
	q, rest := n.QuoRem(step, 0)
	if rest.IsPositive() {
		q = q.Add(integer(1))
	}
	return q
}

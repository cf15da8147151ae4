package price

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// Traffic is usage as requests that come when they come, served by replicas
// that boot, idle and stop by the vendor's rules.
type Traffic struct {
	// The period occurs Times ÷ Over times in a month of 730 hours.
	Times, Over decimal.Decimal
	Period      time.Duration
	// Concurrency is how many requests one replica serves at once.
	Concurrency int
	// What the manifest says of scaling; nil is the vendor's.
	MinReplicas, MaxReplicas *int
	ScaleDownDelay           *time.Duration
	ColdStart                ColdStart
	// Wait is the longest wait that 99 of 100 requests may have; nil where none
	// is asked for.
	Wait *time.Duration
	// Speed of GPU models relative to that of the resources.
	Speed map[string]decimal.Decimal
	// Digest names the arrivals in reports.
	Digest string
	Player Player
}

// A ColdStart is the time until a started replica answers, as far as it is
// stated.
type ColdStart struct{ Low, Typical, High *time.Duration }

func (c ColdStart) stated() bool { return c != ColdStart{} }

// A Player replays the arrivals of one period. Its errors say, in words, why
// there is no result: requests that cannot be served in time, for one.
type Player interface {
	Play(Scenario, []Reading) (Played, error)
	// Least is the smallest Min above that of the scenarios, up to their Max,
	// with which 99 of 100 requests wait no longer than allowed in each of them;
	// not ok where there is none.
	Least(scenarios []Scenario, wait time.Duration) (least int, ok bool, err error)
}

// A Scenario is one way in which requests are served. The duration of each
// request is multiplied by Slower ÷ Faster.
type Scenario struct {
	Concurrency, Min, Max int
	Boot, Delay, Period   time.Duration
	Slower, Faster        int64
}

// A Reading is one reading of the billing rules for the life of a replica.
type Reading struct {
	Increment, Minimum time.Duration
	Up, Boot, Idle     bool
}

// Played is what a replay found. Waits are by nearest rank; Billed is in the
// order of the readings, in seconds of one period.
type Played struct {
	Requests, ColdStarts, Peak int
	P50, P95, P99              time.Duration
	// Busy is the time of slots with a request, Life that of replicas, both in
	// seconds.
	Busy, Life decimal.Decimal
	Billed     []Billed
}

// Billed is the billed time of all lives: the run, and what boot and idle add.
type Billed struct{ Run, Boot, Idle decimal.Decimal }

func (b Billed) total() decimal.Decimal { return decimal.Sum(b.Run, b.Boot, b.Idle) }

// A serving is how the vendor serves traffic: one scenario for each cold start
// that is stated, all else alike.
type serving struct {
	note
	scenarios []Scenario
	expected  int  // the scenario whose cost is expected; -1 where none is typical
	low, high bool // whether the scenarios bound the cost
	// shortest and longest say that the first and the last scenario have the
	// shortest and the longest cold start that there may be.
	shortest, longest bool
	warm              bool // Min is the least that keeps waits short enough
	failed            bool // there is nothing to replay
	hopeless          bool // some scenario cannot be served at all
}

// traffic prices each scenario by itself: what is expected is the typical one's,
// and low and high are the least and the greatest total of them all, line by
// line. So every total is still the sum of its lines.
func traffic(r Request) decision.Cost {
	s := serve(r)
	if s.failed {
		return (&pricer{Request: r, served: &s, now: -1}).priced()
	}
	var costs []decision.Cost
	for i := range s.scenarios {
		costs = append(costs, (&pricer{Request: r, served: &s, now: i}).priced())
	}
	base := max(s.expected, 0)
	least, most := base, base
	for i, c := range costs {
		if low := costs[least].Low; low != nil && (c.Low == nil || c.Low.LessThan(*low)) {
			least = i
		}
		if high := costs[most].High; high != nil && (c.High == nil || c.High.GreaterThan(*high)) {
			most = i // a run without a bound leaves the whole without one
		}
	}
	cost := costs[base]
	// A line may stand in some of the runs only: usage that exceeds a commitment.
	cost.Lines = withLines(withLines(cost.Lines, costs[least].Lines), costs[most].Lines)
	for i, line := range cost.Lines {
		cost.Lines[i].Low, cost.Lines[i].High = lineOf(costs[least], line.Item).Low, lineOf(costs[most], line.Item).High
	}
	t := sum(cost.Lines)
	cost.Low, cost.High = t.low, t.high
	if cost.Replay != nil {
		low, high := cost.Replay.WaitP99, cost.Replay.WaitP99 // a longer cold start may make waits shorter
		for _, c := range costs {
			if c.Replay == nil {
				continue
			}
			low, high = decimal.Min(low, c.Replay.WaitP99), decimal.Max(high, c.Replay.WaitP99)
		}
		if s.shortest {
			cost.Replay.WaitP99Low = &low
		}
		if s.longest {
			cost.Replay.WaitP99High = &high
		}
	}
	return cost
}

// withLines are the lines with those of another run that they lack, as lines of
// nothing, each after the one that it follows there.
func withLines(lines, other []decision.Line) []decision.Line {
	lines = slices.Clone(lines)
	for i, line := range other {
		if slices.ContainsFunc(lines, func(l decision.Line) bool { return l.Item == line.Item }) {
			continue
		}
		at := 0
		if i > 0 {
			at = 1 + slices.IndexFunc(lines, func(l decision.Line) bool { return l.Item == other[i-1].Item })
		}
		line.Quantity, line.Amount, line.MayFall = &decimal.Decimal{}, &decimal.Decimal{}, false
		lines = slices.Insert(lines, at, line)
	}
	return lines
}

// lineOf is the line of an item; where a cost has none, it is of nothing.
func lineOf(c decision.Cost, item string) decision.Line {
	if i := slices.IndexFunc(c.Lines, func(l decision.Line) bool { return l.Item == item }); i >= 0 {
		return c.Lines[i]
	}
	return decision.Line{Low: &decimal.Decimal{}, High: &decimal.Decimal{}}
}

// serve finds how the vendor serves the traffic of a request: what the manifest
// says of scaling, and what the vendor document says where it says nothing.
func serve(r Request) serving {
	t, b := r.Usage.Traffic, book{facts: r.Facts, starts: r.ColdStarts}
	s := serving{expected: -1}
	base := Scenario{Concurrency: t.Concurrency, Period: t.Period, Slower: 1, Faster: 1}
	ok := s.speed(r, &base)
	ok = s.replicas(r, b, &base) && ok
	fixed := ok && base.Min == base.Max
	if t.ScaleDownDelay != nil {
		base.Delay = *t.ScaleDownDelay
	} else if !fixed { // replicas that are always on never stop
		delay, stated := b.duration(&s.note, "/scaling/scaleDownDelay")
		base.Delay, ok = nanoseconds(delay), ok && stated
		if !stated {
			s.miss("state usage.traffic.scaling.scaleDownDelay")
		}
	}
	if fixed {
		s.low, s.high, s.shortest, s.longest, s.expected, s.scenarios = true, true, true, true, 0, []Scenario{base}
	} else if cold, stated := s.coldStart(t, b); stated && ok {
		s.runs(base, cold)
	} else {
		ok = false
	}
	s.failed = !ok
	if ok {
		s.warmUp(t)
		s.play(t)
	}
	return s
}

// speed slows requests down on another GPU than the manifest is about.
func (s *serving) speed(r Request, base *Scenario) bool {
	gpu := r.Offering.GPU
	if gpu == "" && r.Infrastructure != nil {
		gpu = r.Infrastructure.Offering.GPU
	}
	if gpu == r.Resources.GPU || r.Resources.GPU == "" {
		return true
	}
	speed, stated := r.Usage.Traffic.Speed[gpu]
	if !stated || !speed.IsPositive() {
		s.miss("how fast %s is beside %s is not stated; state usage.traffic.speed", gpu, r.Resources.GPU)
		return false
	}
	// Speed is Faster ÷ Slower, in whole numbers.
	ratio := speed.Rat()
	if !ratio.Num().IsInt64() || !ratio.Denom().IsInt64() {
		s.miss("the speed of %s has too many digits", gpu)
		return false
	}
	base.Faster, base.Slower = ratio.Num().Int64(), ratio.Denom().Int64()
	return true
}

// replicas finds how many replicas there are at least and at most. Limits on
// GPUs bound replicas, too.
func (s *serving) replicas(r Request, b book, base *Scenario) bool {
	t := r.Usage.Traffic
	ok := true
	if t.MinReplicas != nil {
		base.Min = *t.MinReplicas
	} else {
		least, stated := b.whole(&s.note, "/scaling/minReplicas")
		base.Min, ok = least, stated
		if !stated {
			s.miss("state usage.traffic.scaling.minReplicas")
		}
	}
	switch {
	case t.MaxReplicas != nil:
		base.Max = *t.MaxReplicas
	case !b.has("/scaling/maxReplicas") && !b.has("/scaling/maxGpus"):
		s.missing = append(s.missing, "/scaling/maxReplicas")
		s.miss("/scaling/maxReplicas is not stated; state usage.traffic.scaling.maxReplicas")
		ok = false
	default:
		var limits []int
		if b.has("/scaling/maxReplicas") {
			most, stated := b.whole(&s.note, "/scaling/maxReplicas")
			limits, ok = append(limits, most), ok && stated
		}
		if b.has("/scaling/maxGpus") && r.Resources.GPU != "" {
			gpus, stated := b.whole(&s.note, "/scaling/maxGpus")
			limits, ok = append(limits, gpus/(max(r.Resources.Count, 1)*max(r.Resources.Nodes, 1))), ok && stated
		}
		if len(limits) == 0 {
			s.miss("/scaling/maxReplicas is not stated; state usage.traffic.scaling.maxReplicas")
			return false
		}
		base.Max = slices.Min(limits)
	}
	if ok && base.Max < max(base.Min, 1) {
		s.miss("at most %d replicas are allowed and at least %d are kept on", base.Max, base.Min)
		return false
	}
	return ok
}

// coldStart is what the manifest measured, or the vendor document's where that
// is measured until the model answers.
func (s *serving) coldStart(t *Traffic, b book) (ColdStart, bool) {
	if t.ColdStart.stated() {
		return t.ColdStart, true
	}
	cold, pointer, ok := b.coldStart(&s.note)
	switch {
	case !ok:
	case !cold.ready:
		s.miss("%s is measured to container-boot, which leaves out the model load", pointer)
	default:
		part := func(d *decimal.Decimal) *time.Duration {
			if d == nil {
				return nil
			}
			n := nanoseconds(*d)
			return &n
		}
		return ColdStart{part(cold.low), part(cold.typical), part(cold.high)}, true
	}
	s.miss("state usage.traffic.scaling.coldStart")
	return ColdStart{}, false
}

// runs makes a scenario of each cold start that is stated, shortest first.
func (s *serving) runs(base Scenario, cold ColdStart) {
	add := func(boot *time.Duration) int {
		if boot == nil {
			return -1
		}
		if n := len(s.scenarios); n > 0 && s.scenarios[n-1].Boot == *boot {
			return n - 1
		}
		base.Boot = *boot
		s.scenarios = append(s.scenarios, base)
		return len(s.scenarios) - 1
	}
	low := add(cold.Low)
	s.expected = add(cold.Typical)
	high := add(cold.High)
	if s.expected < 0 && low >= 0 && low == high {
		s.expected = low
	}
	s.low, s.high = s.expected >= 0 || low >= 0, s.expected >= 0 || high >= 0
	s.shortest, s.longest = low >= 0, high >= 0
	switch {
	case s.expected >= 0:
	case high < 0:
		s.miss("the cold start has no typical and no high time")
	case low < 0:
		s.miss("the cold start has no typical and no low time")
	default:
		s.miss("the cold start has no typical time")
	}
}

// warmUp keeps as few more replicas on as it takes for 99 of 100 requests to
// start in time, however long a stated cold start is.
func (s *serving) warmUp(t *Traffic) {
	if t.Wait == nil {
		return
	}
	for _, scenario := range s.scenarios {
		played, err := t.Player.Play(scenario, nil)
		if err == nil && played.P99 <= *t.Wait {
			continue
		}
		least, ok, err := t.Player.Least(s.scenarios, *t.Wait)
		if err == nil && ok {
			s.warm = true
			for i := range s.scenarios {
				s.scenarios[i].Min = least
			}
		}
		return
	}
}

// play replays every scenario: requests that cannot be served with one of the
// stated cold starts have no cost, since nobody knows which it will be.
func (s *serving) play(t *Traffic) {
	for _, scenario := range s.scenarios {
		if _, err := t.Player.Play(scenario, nil); err != nil {
			s.miss("with a cold start of %v: %v", scenario.Boot, err)
			s.failed, s.hopeless = true, true
			return
		}
	}
}

// readings are the readings that billing rules allow: several where a rule is
// not stated.
func (b book) readings() (list []Reading, r rule, boot, idle note, boots, idles []bool) {
	r = b.rule()
	stated := func(n *note, pointer string) []bool {
		if billed, ok := b.boolean(n, pointer); ok {
			return []bool{billed}
		}
		return []bool{false, true}
	}
	boots, idles = stated(&boot, "/billing/boot"), stated(&idle, "/billing/idle")
	reading := Reading{Increment: 1}
	if r.stated {
		reading.Increment, reading.Minimum = nanoseconds(r.increment), nanoseconds(r.minimum)
	}
	for _, reading.Up = range r.up {
		for _, reading.Boot = range boots {
			for _, reading.Idle = range idles {
				list = append(list, reading)
			}
		}
	}
	return list, r, boot, idle, boots, idles
}

// replayed measures the scenario of a pricer under one provider's billing rules.
func (p *pricer) replayed(b book, s shape) times {
	t := p.Usage.Traffic
	unknown := stretch{note: p.served.note, span: atLeast(decimal.Decimal{})}
	if p.served.hopeless {
		unknown.span = span{} // there is no such bill
	}
	if p.served.failed {
		return runOnly(unknown)
	}
	readings, r, boot, idle, boots, idles := b.readings()
	scenario := p.served.scenarios[p.now]
	played, err := t.Player.Play(scenario, readings)
	if err != nil {
		unknown.span = span{}
		unknown.miss("%v", err)
		return runOnly(unknown)
	}
	factor := t.Times.Mul(s.nodes).Mul(s.instances())
	part := func(of func(Billed) decimal.Decimal, notes ...note) *stretch {
		x := stretch{note: note{facts: slices.Clone(p.served.facts)}}
		x.merge(note{facts: r.facts})
		low := of(played.Billed[0])
		high := low
		for _, billed := range played.Billed {
			low, high = decimal.Min(low, of(billed)), decimal.Max(high, of(billed))
		}
		agreed := low.Equal(high)
		if !agreed || !r.stated {
			x.lack(r.note)
		}
		for _, n := range notes {
			x.facts = append(x.facts, n.facts...)
			if !agreed {
				x.lack(n)
			}
		}
		if p.served.expected < 0 {
			x.lack(p.served.note)
		}
		low, high = low.Mul(factor), high.Mul(factor)
		if !p.served.low {
			low = decimal.Decimal{}
		}
		x.low = &low
		if p.served.high && r.stated {
			x.high = &high
		}
		if p.served.expected >= 0 && agreed && r.stated {
			x.amount = &high
		}
		return &x
	}
	out := times{share: t.Over}
	out.run = *part(func(b Billed) decimal.Decimal { return b.Run })
	out.all = *part(Billed.total, boot, idle)
	from := decimal.Decimal{}
	if out.run.amount != nil {
		from = *out.run.amount
	}
	if slices.Contains(boots, true) {
		out.boot = part(func(b Billed) decimal.Decimal { return b.Boot }, boot)
		out.boot.from = from
		if out.boot.amount != nil {
			from = from.Add(*out.boot.amount)
		}
	}
	if slices.Contains(idles, true) || scenario.Min > 0 {
		out.idle = part(func(b Billed) decimal.Decimal { return b.Idle }, boot, idle)
		out.idle.from = from
	}
	if p.cost.Replay == nil {
		p.cost.Replay = p.replay(scenario, played, r, boots, idles)
	}
	return out
}

// replay reports a replay and the rules that it was billed by.
func (p *pricer) replay(s Scenario, played Played, r rule, boots, idles []bool) *decision.Replay {
	report := &decision.Replay{
		Requests: played.Requests, ColdStarts: played.ColdStarts, PeakReplicas: played.Peak,
		WaitP50: seconds(played.P50), WaitP95: seconds(played.P95), WaitP99: seconds(played.P99),
		Trace: p.Usage.Traffic.Digest, Period: seconds(s.Period), Concurrency: s.Concurrency, MinReplicas: s.Min, MaxReplicas: s.Max,
		ScaleDownDelay: seconds(s.Delay), ColdStart: seconds(s.Boot), Warm: p.served.warm,
	}
	if slots := played.Life.Mul(integer(s.Concurrency)); slots.IsPositive() {
		report.Utilisation = quo(played.Busy, slots)
	}
	if r.stated {
		report.Increment, report.Minimum = &r.increment, &r.minimum
		if len(r.up) == 1 {
			report.Rounding = map[bool]string{true: "up", false: "prorated"}[r.up[0]]
		}
	}
	if len(boots) == 1 {
		report.BillsBoot = &boots[0]
	}
	if len(idles) == 1 {
		report.BillsIdle = &idles[0]
	}
	agreed := r.stated
	for _, billed := range played.Billed {
		agreed = agreed && billed.total().Equal(played.Billed[0].total())
	}
	if agreed {
		total := played.Billed[0].total()
		report.BilledSeconds = &total
	}
	return report
}

func nanoseconds(d decimal.Decimal) time.Duration { return time.Duration(d.Shift(9).IntPart()) }

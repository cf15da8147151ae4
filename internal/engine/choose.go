package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/manifest"
	"github.com/caveat-check/caveat/internal/rank"
)

// evaluated is an offering with its price and what its verdict rests on.
type evaluated struct {
	subject decide.Subject
	option  rank.Option
}

// evaluate decides an offering as far as is asked.
func (r *run) evaluate(ctx context.Context, session *decide.Session, subject decide.Subject, extent decide.Extent) (evaluated, error) {
	brief, err := session.Brief(ctx, subject, extent)
	if err != nil {
		return evaluated{}, err
	}
	for _, fault := range brief.Faults {
		r.faults[fault] = true
	}
	return evaluated{subject, rank.Option{
		Offering: subject.Offering.ID, Cost: subject.Cost,
		Verdict: brief.Verdict, Conditions: brief.Conditions, Open: brief.Open, Refused: brief.Refused, Waived: brief.Waived,
	}}, nil
}

// rank adds what else could run the workload. What is listed is decided whole,
// so that every control that is open or refuses is named.
func (r *run) rank(ctx context.Context, d *decision.Decision, options []evaluated) error {
	var list []rank.Option
	for _, o := range options {
		if o.option.Offering == d.Offering || !slices.Contains(r.unlisted, o.option.Offering) {
			list = append(list, o.option)
		}
	}
	ranked := rank.Order(list, d.Offering, d.Cost, r.options.Alternatives, r.options.All)
	d.Alternatives, d.Candidates, d.Rejected, d.Premium = ranked.Alternatives, ranked.Candidates, ranked.Rejected, ranked.Premium
	if d.Premium != nil && r.undercut(d.Premium.Cheapest, options) {
		d.Premium = nil // what the cheapest of all is, is not known
	}
	r.stays(d)
	if d.Premium != nil {
		d.Premium.Controls = r.lifted
	}
	session, err := r.selection()
	if err != nil {
		return err
	}
	for i := range d.Rejected {
		at := slices.IndexFunc(options, func(o evaluated) bool { return o.option.Offering == d.Rejected[i].Offering })
		whole, err := r.evaluate(ctx, session, options[at].subject, decide.Whole)
		if err != nil {
			return err
		}
		d.Rejected[i].Controls = whole.option.Refused
	}
	return nil
}

// undercut reports whether something surely costs less than an offering though
// its total is incomplete.
func (r *run) undercut(cheapest decision.Offering, options []evaluated) bool {
	at := slices.IndexFunc(options, func(e evaluated) bool { return e.option.Offering == cheapest })
	cost := options[at].option.Cost
	return slices.ContainsFunc(r.bounded, func(c decision.Cost) bool {
		return c.Currency == cost.Currency && c.High.LessThan(*cost.Expected)
	})
}

// stays adds to what other vendors sell that our commitment to the decided one
// is due all the same.
func (r *run) stays(d *decision.Decision) {
	value, ok := r.expander(d.Offering.Vendor).Offering(d.Offering, nil).Fact("/prices/commitment")
	fields, _ := value.(map[string]any)
	if !ok || fields == nil {
		return
	}
	for i, a := range d.Alternatives {
		if a.Offering.Vendor != d.Offering.Vendor {
			due := fmt.Sprintf("our commitment to %s of %v %v a month stays due", d.Offering.Vendor, fields["amount"], fields["currency"])
			d.Alternatives[i].Conditions = append(slices.Clone(a.Conditions), due)
		}
	}
}

// A choice is one offering that the placement may mean, in each of the regions
// that it lists: all of them must pass, so that it is as good as its worst and
// as dear as its dearest.
type choice struct {
	subjects []decide.Subject
	unknown  int         // cost lines without an amount: a choice is not the cheapest for what nobody says of it
	dearest  rank.Option // without a verdict
}

// place decides what the placement leaves open: the cheapest of the best
// verdict. What can be no better than what has been found is not decided, and
// an only choice isn't either: its findings are.
func (r *run) place(ctx context.Context) ([]decide.Subject, error) {
	var choices []*choice
	groups := map[decision.Offering]*choice{}
	for _, id := range r.choices(r.manifest.Placement) {
		subject := r.subject(id)
		if r.manifest.Placement.Regions != nil {
			id.Region = ""
		}
		c := groups[id]
		if c == nil {
			c = &choice{}
			groups[id] = c
			choices = append(choices, c)
		}
		c.add(subject)
	}
	switch len(choices) {
	case 0:
		if vendor := r.manifest.Placement.Vendor; vendor != "" {
			return nil, fmt.Errorf("%s has nothing that spec.resources and spec.placement ask for; expected a GPU, count, hosting and region that its document has on sale; `caveat vendors show %[1]s` shows them", vendor)
		}
		return nil, fmt.Errorf("nothing in the catalog has what spec.resources and spec.placement ask for; expected a GPU, count and hosting that some vendor sells; `caveat vendors list` shows them")
	case 1:
		return choices[0].subjects, nil
	}
	slices.SortStableFunc(choices, func(a, b *choice) int {
		if c := a.unknown - b.unknown; c != 0 {
			return c
		}
		return rank.Compare(a.dearest, b.dearest)
	})
	for _, step := range []struct {
		extent  decide.Extent
		verdict decision.Verdict
	}{{decide.UntilDoubt, decision.Passed}, {decide.UntilRefusal, decision.Review}} {
		for _, c := range choices {
			if ok, err := r.allAsGood(ctx, c, step.verdict, step.extent); ok || err != nil {
				return c.subjects, err
			}
		}
	}
	return choices[0].subjects, nil
}

func (c *choice) add(subject decide.Subject) {
	option := rank.Option{Offering: subject.Offering.ID, Cost: subject.Cost}
	if c.subjects == nil || rank.Compare(option, c.dearest) > 0 {
		c.dearest = option
	}
	c.subjects = append(c.subjects, subject)
	for _, line := range subject.Cost.Lines {
		if line.Amount == nil {
			c.unknown++
		}
	}
}

// allAsGood reports whether every offering of a choice has at least some
// verdict, which deciding them to an extent tells.
func (r *run) allAsGood(ctx context.Context, c *choice, verdict decision.Verdict, extent decide.Extent) (bool, error) {
	session, err := r.session()
	if err != nil {
		return false, err
	}
	for _, subject := range c.subjects {
		e, err := r.evaluate(ctx, session, subject, extent)
		if err != nil || e.option.Verdict.Better(verdict) > 0 {
			return false, err
		}
	}
	return true, nil
}

// everything prices what in the catalog could run the workload, and decides it
// at stage select, cheapest first, as far as the lists of a decision need it.
// What is placed is among it: a plan of its own may be another one than we hold.
func (r *run) everything(ctx context.Context, shown []decide.Subject) ([]evaluated, error) {
	if r.options.Alternatives <= 0 {
		return nil, nil
	}
	ids := r.choices(manifest.Placement{Infrastructure: r.manifest.Placement.Infrastructure})
	choices := len(ids)
	for _, placed := range shown {
		if id := placed.Offering.ID; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	r.unlisted = ids[choices:]
	var subjects []decide.Subject
	for _, id := range ids {
		subject := r.subject(id)
		subjects = append(subjects, subject)
		if c := subject.Cost; c.Expected == nil && c.High != nil {
			r.bounded = append(r.bounded, c)
		}
	}
	slices.SortFunc(subjects, func(a, b decide.Subject) int {
		return rank.Compare(rank.Option{Offering: a.Offering.ID, Cost: a.Cost}, rank.Option{Offering: b.Offering.ID, Cost: b.Cost})
	})
	session, err := r.selection()
	if err != nil {
		return nil, err
	}
	wants := newWants(r.options, len(shown))
	var options []evaluated
	for i, subject := range subjects {
		extent, needed := wants.extent(subject)
		if !needed && i > 0 { // the cheapest of all is always needed: compliance is priced against it
			continue
		}
		e, err := r.evaluate(ctx, session, subject, extent)
		if err != nil {
			return nil, err
		}
		if extent == decide.UntilDoubt && e.option.Verdict != decision.Passed && i > 0 {
			continue
		}
		if !slices.Contains(r.unlisted, e.option.Offering) { // else it takes no place in the lists
			wants.have(e.option)
		}
		options = append(options, e)
	}
	r.lifted, err = r.lift(ctx, subjects, options)
	return options, err
}

// lift finds what single requirements add: of the offerings that cost less than
// the cheapest that passes, the cheapest that only one control keeps from it.
func (r *run) lift(ctx context.Context, subjects []decide.Subject, options []evaluated) ([]decision.Lifted, error) {
	cheapest := slices.IndexFunc(options, func(e evaluated) bool {
		return e.option.Verdict == decision.Passed && e.option.Cost.Expected != nil
	})
	if cheapest < 0 {
		return nil, nil
	}
	passing := options[cheapest].option.Cost
	session, err := r.selection()
	if err != nil {
		return nil, err
	}
	var list []decision.Lifted
	found := map[string]bool{}
	for _, subject := range subjects {
		cost := subject.Cost
		if cost.Expected == nil || cost.Currency != passing.Currency || cost.Expected.GreaterThanOrEqual(*passing.Expected) {
			continue
		}
		control, faults, err := session.Alone(ctx, subject, found)
		if err != nil {
			return nil, err
		}
		for _, fault := range faults {
			r.faults[fault] = true
		}
		if control != "" {
			found[control] = true
			list = append(list, decision.Lifted{Control: control, Adds: passing.Expected.Sub(*cost.Expected), Offering: subject.Offering.ID})
		}
	}
	slices.SortFunc(list, func(a, b decision.Lifted) int { return strings.Compare(a.Control, b.Control) })
	return list, nil
}

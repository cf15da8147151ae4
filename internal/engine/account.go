package engine

import (
	"reflect"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/expand"
	"github.com/caveat-check/caveat/internal/offering"
	"github.com/caveat-check/caveat/internal/price"
)

// Bill returns what our account with a vendor owes beside usage, plan by plan:
// fee, credits, overage and commitment, each once for all workloads.
func (e *Engine) Bill(plans []cost.Plan, currency string) [][]decision.Line {
	bills := make([]price.Plan, len(plans))
	for i, plan := range plans {
		x := e.expander(plan.Offering.Vendor)
		if x == nil {
			return make([][]decision.Line, len(plans))
		}
		bills[i] = price.Plan{Facts: x.Offering(plan.Offering, nil), Held: held(x.Expander, plan.Offering), Usage: plan.Usage}
	}
	return price.Bill(bills, currency)
}

// held reports whether our account holds the plan of an offering.
func held(x *expand.Expander, o decision.Offering) bool {
	return x.Account != nil && x.Account.Plan == o.Plan
}

// ours are the facts of an offering that an account of ours may change, beside
// those at list prices.
type ours struct {
	*offering.Expanded
	list    *offering.Expanded
	changed bool // a fact was asked for that holds only with the account
}

// Fact is that of the offering, and notes whether the account changes it.
func (o *ours) Fact(pointer string) (any, bool) {
	value, ok := o.Expanded.Fact(pointer)
	if !o.changed && o.Ours(pointer) {
		listed, stated := o.list.Fact(pointer)
		o.changed = !stated || !reflect.DeepEqual(value, listed)
	}
	return value, ok
}

// withAccount is nil where no account of ours states prices of the offering.
func (e *Engine) withAccount(o *offering.Expanded) *ours {
	if o == nil || e.expander(o.ID.Vendor).list == nil {
		return nil
	}
	return &ours{Expanded: o, list: e.expander(o.ID.Vendor).list.Offering(o.ID, nil)}
}

// priced prices an offering at what is charged to us and, where an account of
// ours changes that, at the vendor's list prices, too.
func (r *run) priced(subject decide.Subject) decision.Cost {
	request := r.request(subject)
	own, cloud := r.withAccount(subject.Offering), r.withAccount(subject.Infrastructure)
	if own != nil {
		request.Facts = own
	}
	if cloud != nil {
		provider := *request.Infrastructure
		provider.Facts = cloud
		request.Infrastructure = &provider
	}
	cost := price.Price(request)
	if own != nil && own.changed || cloud != nil && cloud.changed {
		if at := r.atList(subject); at.Currency == cost.Currency {
			cost.List = at.Expected
		}
	}
	return cost
}

// atList prices an offering at the vendor's list prices.
func (r *run) atList(subject decide.Subject) decision.Cost {
	request := r.request(subject)
	if own := r.withAccount(subject.Offering); own != nil {
		request.Facts, request.Regional, request.Hosted, request.Negotiated = own.list, regional(own.list), hosted(own.list), nil
	}
	if cloud := r.withAccount(subject.Infrastructure); cloud != nil {
		request.Infrastructure = &price.Provider{Offering: request.Infrastructure.Offering, Facts: cloud.list, Regional: regional(cloud.list)}
	}
	return price.Price(request)
}

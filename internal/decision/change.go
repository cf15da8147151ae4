package decision

import "github.com/shopspring/decimal"

// A CostChange is what a change of manifests costs a month: both sides decided
// with one catalog, by the same controls, on the same day.
type CostChange struct {
	Against   string           `json:"against"`   // git revision or folder
	Totals    []TotalChange    `json:"totals"`    // over all workloads, by currency
	Workloads []WorkloadChange `json:"workloads"` // the greatest difference first
	Unchanged int              `json:"unchanged"`
}

// A TotalChange is the total of one currency on both sides. Difference is nil
// where it is not known.
type TotalChange struct {
	Before     Total            `json:"before"`
	After      Total            `json:"after"`
	Difference *decimal.Decimal `json:"difference"`
}

// A Total is an amount a month. Expected is nil where a part of it is not known;
// Known sums the parts that are. Low and High are nil where a part has no such
// bound.
type Total struct {
	Currency string           `json:"currency"`
	Low      *decimal.Decimal `json:"low"`
	Expected *decimal.Decimal `json:"expected"`
	High     *decimal.Decimal `json:"high"`
	Known    decimal.Decimal  `json:"known"`
	// MayFall says that what is unknown could lower the total.
	MayFall bool `json:"mayFall,omitempty"`
}

// A WorkloadChange is one workload that is new, removed, or costs, runs or comes
// out otherwise. Before is nil of a new one, After of a removed one.
type WorkloadChange struct {
	Kind       string           `json:"kind"` // new, removed or changed
	Path       string           `json:"path"`
	Name       string           `json:"name"`
	Before     *WorkloadState   `json:"before"`
	After      *WorkloadState   `json:"after"`
	Difference *decimal.Decimal `json:"difference"`
}

// A WorkloadState is where a workload runs on one side, how that comes out and
// what it costs.
type WorkloadState struct {
	Offering Offering `json:"offering"`
	Verdict  Verdict  `json:"verdict"`
	Total    Total    `json:"total"`
}

// Total is what a cost comes to.
func (c Cost) Total() Total {
	return Total{Currency: c.Currency, Low: c.Low, Expected: c.Expected, High: c.High, Known: c.Known, MayFall: c.MayFall()}
}

// Equal reports whether two totals say the same. One of which nothing is known
// has no currency to speak of.
func (t Total) Equal(u Total) bool {
	same := func(a, b *decimal.Decimal) bool { return a == nil && b == nil || a != nil && b != nil && a.Equal(*b) }
	nothing := t.Low == nil && t.Expected == nil && t.High == nil && t.Known.IsZero()
	return (t.Currency == u.Currency || nothing) && same(t.Low, u.Low) && same(t.Expected, u.Expected) && same(t.High, u.High) && t.Known.Equal(u.Known)
}

// Difference is how much more the second total is; nil where either is
// incomplete.
func (t Total) Difference(u Total) *decimal.Decimal {
	if t.Expected == nil || u.Expected == nil || t.Currency != u.Currency {
		return nil
	}
	d := u.Expected.Sub(*t.Expected)
	return &d
}

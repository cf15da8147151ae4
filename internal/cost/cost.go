// Package cost is what `caveat cost` says, as data: what each workload costs on
// the offering that it places and on others, totals over many workloads, what a
// change of inputs costs, and how a cost goes with one quantity. It is shared
// data; it prices and decides nothing itself.
package cost

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// An Estimate is what one manifest costs on the offering that it places. Of a
// placement that lists several regions that is the dearest; the others are
// among the Offerings.
type Estimate struct {
	Manifest decision.Manifest `json:"manifest"`
	Labels   map[string]string `json:"labels,omitempty"`
	Stage    string            `json:"stage"`
	Offering decision.Offering `json:"offering"`
	Verdict  decision.Verdict  `json:"verdict"`
	Cost     decision.Cost     `json:"cost"`
	// WhatIf says what was changed before pricing; nil where nothing was.
	WhatIf *WhatIf `json:"whatIf,omitempty"`
	// Offerings are what is placed and what else there is, cheapest first.
	Offerings []Row `json:"offerings"`
	// Sweep is how the cost goes with one quantity; nil where none is varied.
	Sweep *Sweep `json:"sweep,omitempty"`
	// Listed are the lines of Cost at the vendor's list prices; nil where they
	// were not asked for.
	Listed []decision.Line `json:"-"`
	// Spec is the manifest's spec as it was priced, defaults included.
	Spec *document.Node `json:"-"`
}

// A Row is one offering of a comparison. Placed ones are decided at the
// manifest's stage, all others at stage select. Difference is against the
// Estimate's own offering; nil where it is not known.
type Row struct {
	Rank       int               `json:"rank"`
	Offering   decision.Offering `json:"offering"`
	Verdict    decision.Verdict  `json:"verdict"`
	Placed     bool              `json:"placed"`
	Conditions []string          `json:"conditions,omitempty"`
	Open       []string          `json:"open,omitempty"`    // controls that are unknown
	Refused    []string          `json:"refused,omitempty"` // controls that fail
	Cost       decision.Cost     `json:"cost"`
	Difference *decimal.Decimal  `json:"difference"`
}

// A Side is one of two states of a workload that are compared.
type Side struct {
	Offering decision.Offering `json:"offering"`
	Verdict  decision.Verdict  `json:"verdict"`
	Cost     decision.Cost     `json:"cost"`
	Open     []string          `json:"open,omitempty"`    // controls that are unknown
	Refused  []string          `json:"refused,omitempty"` // controls that fail
}

// Side is what an estimate has to compare.
func (e Estimate) Side() Side {
	s := Side{Offering: e.Offering, Verdict: e.Verdict, Cost: e.Cost}
	for _, row := range e.Offerings {
		if row.Placed && row.Offering == e.Offering {
			s.Open, s.Refused = row.Open, row.Refused
		}
	}
	return s
}

// A WhatIf is what fields were changed and what the workload cost before.
type WhatIf struct {
	Changes    []Changed        `json:"changes"`
	Before     Side             `json:"before"`
	Difference *decimal.Decimal `json:"difference"`
}

// A Report is the whole answer of one run; schemas/cost.schema.json is its
// contract.
type Report struct {
	Tool      decision.Tool      `json:"tool"`
	AsOf      string             `json:"asOf"`
	Policies  decision.Digest    `json:"policies"`
	Catalog   decision.Digest    `json:"catalog"`
	Estimates []Estimate         `json:"estimates"`
	Accounts  []Account          `json:"accounts"`
	Totals    []Total            `json:"totals"`
	Diff      *Diff              `json:"diff,omitempty"`
	Errors    []decision.Problem `json:"errors"`
}

// Split tells the lines of a workload's own usage from those of its account.
func Split(lines []decision.Line) (usage, account []decision.Line) {
	for _, line := range lines {
		if line.OfAccount() {
			account = append(account, line)
		} else {
			usage = append(usage, line)
		}
	}
	return usage, account
}

// A Sum adds up lines of one currency.
type Sum struct {
	decision.Total

	// open are the unknown lines, each by all that its amount follows from; ""
	// where that is not told, so that it is like no other.
	open []string
}

func zero(currency string) Sum {
	return Sum{Total: decision.Total{Currency: currency, Low: new(decimal.Decimal), Expected: new(decimal.Decimal), High: new(decimal.Decimal)}}
}

// add adds lines that are charged on an account, for inputs that say all that
// the amounts follow from; "" where that is not told.
func (s *Sum) add(account, inputs string, lines []decision.Line) {
	for _, line := range lines {
		s.Low, s.Expected, s.High = plus(s.Low, line.Low), plus(s.Expected, line.Amount), plus(s.High, line.High)
		if line.Amount != nil {
			s.Known = s.Known.Add(*line.Amount)
			continue
		}
		s.MayFall = s.MayFall || line.MayFall
		switch {
		case fixed(line.Item):
			s.open = append(s.open, account+" "+line.Item)
		case inputs != "":
			s.open = append(s.open, account+" "+line.Item+" "+inputs)
		default:
			s.open = append(s.open, "")
		}
	}
}

// fixed reports whether a line is the same whatever is used.
func fixed(item string) bool { return item == "fee" }

func plus(a, b *decimal.Decimal) *decimal.Decimal {
	if a == nil || b == nil {
		return nil
	}
	c := a.Add(*b)
	return &c
}

// SumOf is the sum of one cost.
func SumOf(o decision.Offering, c decision.Cost) Sum {
	s := zero(c.Currency)
	s.add(o.Vendor+"/"+o.Plan, "", c.Lines)
	return s
}

// Difference is how much more b is than a; nil where it is not known. Sums that
// lack the very same amounts, such as the fee of one plan, differ by what is
// known of them.
func Difference(a, b Sum) *decimal.Decimal {
	if a.Currency != b.Currency && a.Currency != "" && b.Currency != "" {
		return nil
	}
	x, y := slices.Sorted(slices.Values(a.open)), slices.Sorted(slices.Values(b.open))
	if !slices.Equal(x, y) || slices.Contains(x, "") {
		return nil
	}
	d := b.Known.Sub(a.Known)
	return &d
}

// Between is how much more the second side costs than the first; nil where
// that is not known.
func Between(a, b Side) *decimal.Decimal {
	return Difference(SumOf(a.Offering, a.Cost), SumOf(b.Offering, b.Cost))
}

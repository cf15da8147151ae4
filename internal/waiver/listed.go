package waiver

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// A Listed is one waiver with what became of it and what hangs on it.
type Listed struct {
	Path     string            `json:"path"`
	Line     int               `json:"line"`
	Column   int               `json:"column"`
	Name     string            `json:"name"`
	Control  string            `json:"control"`
	Status   decision.Standing `json:"status"`
	Message  string            `json:"message"`
	Owner    string            `json:"owner"`
	Approver string            `json:"approver"`
	Reason   string            `json:"reason"`
	Ticket   string            `json:"ticket"`
	From     string            `json:"from"`
	Until    string            `json:"until"`
	DaysLeft int               `json:"daysLeft"` // 0 on the last day, negative after it
	Expiring bool              `json:"expiring,omitempty"`
	// Severity is the highest of the findings that it waives, "" where none.
	Severity string `json:"severity,omitempty"`
	// Worth has one entry for each decision in which it waives something.
	Worth []Worth `json:"worth"`
}

// Worth is what one decision would cost more a month without a waiver: the
// cheapest offering that passes then, less what is placed. Amount is nil where
// that is not known, and Why says so.
type Worth struct {
	Manifest decision.Manifest `json:"manifest"`
	Offering decision.Offering `json:"offering"`
	Currency string            `json:"currency"`
	Amount   *decimal.Decimal  `json:"amount"`
	Why      string            `json:"why,omitempty"`
}

// A List is the whole answer of `caveat waivers`; schemas/waivers.schema.json is
// its contract.
type List struct {
	Tool    decision.Tool      `json:"tool"`
	AsOf    string             `json:"asOf"`
	Waivers []Listed           `json:"waivers"`
	Errors  []decision.Problem `json:"errors"`
}

// List puts what became of each waiver beside what it says, its severity and
// its worth, by its place in the set.
func (s *Set) List(uses []decision.WaiverUse, severity map[int]string, worth map[int][]Worth) []Listed {
	list := []Listed{}
	at := 0
	for _, use := range uses {
		for at < len(s.list) && !s.list[at].is(use) {
			at++
		}
		if at == len(s.list) {
			return list
		}
		w := s.list[at]
		one := Listed{
			Path: use.Path, Line: use.Line, Column: use.Column, Name: use.Name, Control: use.Control, Status: use.Status, Message: use.Message,
			Owner: w.Owner, Approver: w.Approver, Reason: w.Reason, Ticket: w.Ticket, From: w.From, Until: w.Until,
			DaysLeft: days(s.asOf, w.Until), Expiring: use.Expiring, Worth: []Worth{},
		}
		if use.Status == decision.Used {
			one.Severity, one.Worth = severity[at], append(one.Worth, worth[at]...)
		}
		list = append(list, one)
	}
	return list
}

// Is reports whether a finding is waived by the waiver at a place in the set.
func (s *Set) Is(i int, w decision.Waiver) bool {
	own := s.list[i]
	return own.Path == w.Path && own.Line == w.Line && own.Column == w.Column
}

// is reports whether a use is one of this waiver: at its name, or at what is
// wrong with it.
func (w Waiver) is(use decision.WaiverUse) bool {
	if len(w.wrong) > 0 {
		return slices.Contains(w.wrong, use)
	}
	return use.Path == w.Path && use.Line == w.Line && use.Column == w.Column
}

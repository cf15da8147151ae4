// Package forecast says on which days a decision may become another one, and
// what changed from one of them to the next. It decides nothing itself.
package forecast

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/caveat-check/caveat/internal/decision"
)

// A Cause is why something may change on a day. Kind is waiver, evidence,
// source, period, manifest or policy; Document is the vendor id, the account's
// name, the path of the manifest or of the policy.
type Cause struct {
	Kind     string `json:"kind"`
	Document string `json:"document"`
	Message  string `json:"message"`
	// Source, Pointer and Control are what a finding is recognised by.
	Source  string `json:"source,omitempty"`
	Pointer string `json:"pointer,omitempty"`
	Control string `json:"control,omitempty"`
}

// A FindingChange is one finding that has another status than before. Causes
// are what happens on that day to what it rests on; where nothing of that is
// named, all that happens.
type FindingChange struct {
	Control  string          `json:"control"`
	Severity string          `json:"severity"`
	Required bool            `json:"required"`
	Before   decision.Status `json:"before"`
	After    decision.Status `json:"after"`
	Message  string          `json:"message"`
	Causes   []Cause         `json:"causes"`
}

// A Change is what is different from one day on for one manifest and offering.
type Change struct {
	Date     string            `json:"date"`
	Manifest decision.Manifest `json:"manifest"`
	Offering decision.Offering `json:"offering"`
	// Replaced is what was placed before, where the manifest leaves that open
	// and another offering is better now.
	Replaced *decision.Offering `json:"replaced,omitempty"`
	Before   decision.Verdict   `json:"before"`
	After    decision.Verdict   `json:"after"`
	// Cost is the total where it is another one, be it in what is known of it.
	Cost     *decision.TotalChange `json:"cost,omitempty"`
	Findings []FindingChange       `json:"findings"`
}

// A Start is a decision as it is on the first day.
type Start struct {
	Manifest decision.Manifest `json:"manifest"`
	Offering decision.Offering `json:"offering"`
	Verdict  decision.Verdict  `json:"verdict"`
}

// A Report is the whole answer of one run; schemas/forecast.schema.json is its
// contract. Days are those on which something was decided anew, the first one
// included: between two of them nothing changes.
type Report struct {
	Tool     decision.Tool      `json:"tool"`
	AsOf     string             `json:"asOf"`
	Until    string             `json:"until"`
	Policies decision.Digest    `json:"policies"`
	Catalog  decision.Digest    `json:"catalog"`
	Days     []string           `json:"days"`
	Start    []Start            `json:"start"`
	Changes  []Change           `json:"changes"`
	Errors   []decision.Problem `json:"errors"`
}

// Rules are what time is counted by: days that evidence may be old, and the
// parameters of controls, which count days or months from a date in a fact.
type Rules struct {
	Ages       []int
	Parameters []int
}

// A Calendar collects the days within a span on which something may change.
type Calendar struct {
	from, until string
	days        map[string][]Cause
}

// NewCalendar spans the days after from until another day, ISO dates.
func NewCalendar(from, until string) *Calendar {
	return &Calendar{from: from, until: until, days: map[string][]Cause{}}
}

// Days are the days on which something may change, in order.
func (c *Calendar) Days() []string { return slices.Sorted(maps.Keys(c.days)) }

// Causes are what happens on a day, in order, each once.
func (c *Calendar) Causes(day string) []Cause { return c.days[day] }

// Add notes a cause on a day; one outside the span is left out.
func (c *Calendar) Add(day string, cause Cause) {
	if day > c.from && day <= c.until && !slices.Contains(c.days[day], cause) {
		list := append(c.days[day], cause)
		slices.SortFunc(list, func(a, b Cause) int {
			return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Document, b.Document), strings.Compare(a.Source, b.Source),
				strings.Compare(a.Pointer, b.Pointer), strings.Compare(a.Message, b.Message))
		})
		c.days[day] = list
	}
}

// Waiver notes the first day of a waiver, and the one after its last.
func (c *Calendar) Waiver(w decision.Waiver, control string) {
	cause := Cause{Kind: "waiver", Document: w.Path, Source: w.Name, Control: control}
	cause.Message = fmt.Sprintf("waiver %s begins", w.Name)
	c.Add(w.From, cause)
	cause.Message = fmt.Sprintf("waiver %s ended on %s (%s)", w.Name, w.Until, w.Ticket)
	c.Add(after(w.Until, 1), cause)
}

// Source notes the days on which a source begins to count or no longer does:
// read, in force, over, too old.
func (c *Calendar) Source(document string, s decision.Source, rules Rules) {
	cause := Cause{Kind: "source", Document: document, Source: s.ID}
	note := func(day, format string, args ...any) {
		cause.Message = fmt.Sprintf("source %s ", s.ID) + fmt.Sprintf(format, args...)
		c.Add(day, cause)
	}
	if isDate(s.Effective) {
		note(s.Effective, "comes into force")
	}
	if isDate(s.Until) {
		note(after(s.Until, 1), "was in force until %s", s.Until)
	}
	read := s.Read
	if !isDate(read) {
		read = s.Published
	}
	if !isDate(read) {
		return
	}
	note(read, "is read")
	cause.Kind = "evidence"
	for _, age := range rules.Ages {
		note(after(read, age+1), "was last read on %s, more than %d days before", read, age)
	}
}

// Value notes the dates in a value, such as the end of a certificate, and those
// that controls may count from them.
func (c *Calendar) Value(cause Cause, value any, rules Rules) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			inner := cause
			if inner.Pointer != "" {
				inner.Pointer += "/" + key
			}
			c.Value(inner, value[key], rules)
		}
	case []any:
		for _, item := range value {
			c.Value(cause, item, rules)
		}
	case string:
		c.date(cause, value, rules)
	}
}

func (c *Calendar) date(cause Cause, day string, rules Rules) {
	if !isDate(day) {
		return
	}
	what, was := cause.Pointer, " was "+day+", "
	if what == "" {
		what, was = "the date "+day, " was "
	}
	note := func(on, words string) {
		cause.Message = what + words
		c.Add(on, cause)
	}
	ago := func(on, span string) { note(on, was+span+" before") }
	note(day, " is today")
	ago(after(day, 1), "the day")
	for i, n := range rules.Parameters {
		ago(after(day, n), fmt.Sprintf("%d days", n))
		ago(after(day, n+1), fmt.Sprintf("more than %d days", n))
		ago(monthsAfter(day, n), fmt.Sprintf("%d months", n))
		ago(after(monthsAfter(day, n), 1), fmt.Sprintf("more than %d months", n))
		for _, m := range rules.Parameters[i:] {
			ago(after(monthsAfter(day, n+m), 1), fmt.Sprintf("more than %d months", n+m))
		}
	}
}

func isDate(day string) bool {
	_, err := time.Parse(time.DateOnly, day)
	return err == nil
}

// after is the day some days later; what is no date stays as it is.
func after(day string, days int) string {
	from, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return from.AddDate(0, 0, days).Format(time.DateOnly)
}

// monthsAfter is the same day some months later, or the last of that month.
func monthsAfter(day string, months int) string {
	from, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	first := time.Date(from.Year(), from.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(from.Day(), last)-1).Format(time.DateOnly)
}

// Between says what is different of one manifest's decisions from one day to
// another, on which causes happen. They are matched by their order: one, or one
// for each region that the placement lists.
func Between(before, now []decision.Decision, day string, causes []Cause) []Change {
	var changes []Change
	for i, d := range now {
		if i >= len(before) {
			break
		}
		if change := between(before[i], d, day, causes); change != nil {
			changes = append(changes, *change)
		}
	}
	return changes
}

func between(before, now decision.Decision, day string, causes []Cause) *Change {
	change := Change{Date: day, Manifest: now.Manifest, Offering: now.Offering, Before: before.Verdict, After: now.Verdict, Findings: []FindingChange{}}
	if before.Offering != now.Offering {
		change.Replaced = &before.Offering
	}
	if a, b := before.Cost.Total(), now.Cost.Total(); !a.Equal(b) {
		change.Cost = &decision.TotalChange{Before: a, After: b, Difference: a.Difference(b)}
	}
	was := map[string]decision.Finding{}
	for _, f := range before.Findings {
		was[f.Control] = f
	}
	for _, f := range now.Findings {
		old := was[f.Control]
		if old.Status == f.Status && old.Required == f.Required {
			continue
		}
		change.Findings = append(change.Findings, FindingChange{
			Control: f.Control, Severity: f.Severity, Required: f.Required, Before: old.Status, After: f.Status, Message: f.Message,
			Causes: behind(causes, old, f),
		})
	}
	if change.Replaced == nil && change.Before == change.After && change.Cost == nil && len(change.Findings) == 0 {
		return nil
	}
	return &change
}

// behind picks the causes that touch what a finding rests on.
func behind(causes []Cause, findings ...decision.Finding) []Cause {
	list := []Cause{}
	for _, cause := range causes {
		if slices.ContainsFunc(findings, func(f decision.Finding) bool { return touches(cause, f) }) {
			list = append(list, cause)
		}
	}
	if len(list) == 0 {
		return append(list, causes...)
	}
	return list
}

func touches(cause Cause, f decision.Finding) bool {
	if cause.Kind == "waiver" {
		return cause.Control == f.Control && (f.Waiver == nil || f.Waiver.Name == cause.Source || f.Status != decision.Waived)
	}
	return slices.ContainsFunc(f.Facts, func(fact decision.Fact) bool {
		if fact.Document != cause.Document {
			return false
		}
		if cause.Source != "" {
			return slices.ContainsFunc(fact.Sources, func(s decision.Source) bool { return s.ID == cause.Source })
		}
		return cause.Pointer != "" && (strings.HasPrefix(cause.Pointer+"/", fact.Pointer+"/") || strings.HasPrefix(fact.Pointer+"/", cause.Pointer+"/"))
	})
}

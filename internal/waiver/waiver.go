// Package waiver judges waivers: whether one holds for a control, a workload
// and a vendor on a day, and why not. Whoever asks, Set.standing answers.
package waiver

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// warnDays before its end a waiver that is used warns.
const warnDays = 30

// A Waiver is one waiver as it is written. Vendor is "" for whichever.
type Waiver struct {
	decision.Waiver
	Control   string
	Workloads []string
	Vendor    string
	wrong     []decision.WaiverUse // what no day and no workload makes right
}

// A Case is what a waiver may be asked for: a control for a workload with a
// vendor. MaxDays is the longest that a waiver may last there, 0 where nothing
// says so; Barred are the controls that a profile in force does not let be
// waived, with its name.
type Case struct {
	Control  string
	Workload string
	Vendor   string
	MaxDays  int
	Barred   map[string]string
}

// A Seen is one decision: its case without the control, and its findings.
type Seen struct {
	Case
	Findings []decision.Finding
}

// Words say what a waiver may name. Each returns "" or why not: what is wrong;
// what was expected.
type Words struct {
	Control func(id string) string
	Vendor  func(name string) (id, why string)
}

// A Set is the waivers of a run, judged on one day. It does not change.
type Set struct {
	list []Waiver // by path and place
	asOf string
}

// Read makes a waiver of a document that its schema has accepted.
func Read(doc document.Document, words Words) Waiver {
	spec := doc.Root.Field("spec")
	_, line, column, _ := doc.Root.At("/metadata/name")
	w := Waiver{
		Waiver: decision.Waiver{
			Name: doc.Root.Field("metadata").Field("name").Text(), Owner: spec.Field("owner").Text(), Approver: spec.Field("approver").Text(),
			Reason: spec.Field("reason").Text(), Ticket: spec.Field("ticket").Text(), From: spec.Field("from").Text(), Until: spec.Field("until").Text(),
			Path: doc.Path, Line: line, Column: column,
		},
		Control: spec.Field("control").Text(), Workloads: spec.Field("workloads").Texts(), Vendor: spec.Field("vendor").Text(),
	}
	wrong := func(pointer string, status decision.Standing, format string, args ...any) {
		use := w.use(status, fmt.Sprintf(format, args...))
		_, use.Line, use.Column, _ = doc.Root.At(pointer)
		w.wrong = append(w.wrong, use)
	}
	if why := words.Control(w.Control); why != "" {
		wrong("/spec/control", decision.Refused, "%s", why)
	}
	if w.Vendor != "" {
		id, why := words.Vendor(w.Vendor)
		if w.Vendor = id; why != "" {
			wrong("/spec/vendor", decision.Refused, "%s", why)
		}
	}
	switch owner, approver := person(w.Owner), person(w.Approver); {
	case owner == "":
		wrong("/spec/owner", decision.Refused, "nobody can read the owner; expected who carries the risk")
	case approver == "":
		wrong("/spec/approver", decision.Refused, "nobody can read the approver; expected who accepts the risk")
	case owner == approver:
		wrong("/spec/approver", decision.Refused, "%s approves what they own; expected somebody else as approver", w.Approver)
	}
	if w.From > w.Until {
		wrong("/spec/until", decision.Refused, "it ends on %s, before it begins on %s; expected a later day", w.Until, w.From)
	}
	for i, pattern := range w.Workloads {
		at := fmt.Sprintf("/spec/workloads/%d", i)
		if _, err := path.Match(pattern, ""); err != nil {
			wrong(at, decision.Refused, "%q is not a valid glob; expected a name, or one with *, ? or [ab]; close the bracket", pattern)
		} else if glob(pattern) && literal(pattern) < leastLiteral {
			wrong(at, decision.OverBroad, "%q matches too many workloads; expected names, or a glob with at least %d letters or digits of a name, and no mark between them", pattern, leastLiteral)
		}
	}
	return w
}

// person is a name as one compares it: whatever its case, its encoding, the blanks
// in it and what nobody sees of it. An account's name may have its @ or not.
func person(name string) string {
	seen := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToLower(norm.NFKC.String(name)))
	return strings.TrimPrefix(strings.Join(strings.Fields(seen), " "), "@")
}

// leastLiteral are the letters and digits that a glob must have without a mark
// between them: with fewer it is no exception but the rule. What else is given does
// not count, so that a waiver holds alike for one manifest and for all.
const leastLiteral = 3

// literal counts the letters and digits of a glob that stand for themselves, in
// the longest part without a *, a ? or a class.
func literal(pattern string) (most int) {
	n, class, escaped := 0, false, false
	for _, c := range pattern {
		switch {
		case escaped, !class && !strings.ContainsRune(`*?[\`, c):
			escaped = false
			if !class && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
				n++
				most = max(most, n)
			}
		case c == '\\':
			escaped = true
		case class:
			class = c != ']'
		default: // a mark, which any letters may stand for
			n, class = 0, c == '['
		}
	}
	return most
}

func glob(pattern string) bool { return strings.ContainsAny(pattern, `*?[\`) }

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// New makes a set that is judged on a day, an ISO date.
func New(list []Waiver, asOf string) *Set {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Waiver) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &Set{list: list, asOf: asOf}
}

// On is the set judged on another day.
func (s *Set) On(asOf string) *Set {
	other := *s
	other.asOf = asOf
	return &other
}

// Without is the set without one waiver.
func (s *Set) Without(i int) *Set {
	other := *s
	other.list = slices.Delete(slices.Clone(s.list), i, i+1)
	return &other
}

// Waivers are those of the set, in order.
func (s *Set) Waivers() []Waiver { return s.list }

// Holds returns the waiver that holds in a case, nil where none does: the first
// in order, where there are several. Its Status is for the caller to set.
func (s *Set) Holds(c Case) *decision.Waiver {
	if s == nil {
		return nil
	}
	if i := s.holds(c); i >= 0 {
		found := s.list[i].Waiver
		return &found
	}
	return nil
}

func (s *Set) holds(c Case) int {
	return slices.IndexFunc(s.list, func(w Waiver) bool {
		return w.concerns(c) && s.standing(w, c).Status == decision.InForce
	})
}

// concerns reports whether a waiver is about a case at all.
func (w Waiver) concerns(c Case) bool {
	return w.Control == c.Control && (w.Vendor == "" || w.Vendor == c.Vendor) &&
		slices.ContainsFunc(w.Workloads, func(pattern string) bool { return matches(pattern, c.Workload) })
}

// standing judges one waiver by itself: InForce, or why it waives nothing.
func (s *Set) standing(w Waiver, c Case) decision.WaiverUse {
	switch {
	case len(w.wrong) > 0:
		return w.wrong[0]
	case c.Barred[w.Control] != "":
		return w.use(decision.Refused, fmt.Sprintf("profile %s does not let control %s be waived; meet it", c.Barred[w.Control], w.Control))
	case c.MaxDays > 0 && days(w.From, w.Until)+1 > c.MaxDays: // the last day counts
		return w.use(decision.Refused, fmt.Sprintf("it lasts %d days from %s; at most %d are accepted; end it earlier", days(w.From, w.Until)+1, w.From, c.MaxDays))
	case s.asOf < w.From:
		return w.use(decision.NotYet, fmt.Sprintf("it begins on %s", w.From))
	case s.asOf > w.Until:
		return w.use(decision.Expired, fmt.Sprintf("it ended on %s", w.Until))
	}
	use := w.use(decision.InForce, fmt.Sprintf("in force until %s", w.Until))
	if left := days(s.asOf, w.Until); left <= warnDays {
		use.Expiring = true
		when := fmt.Sprintf("in %d days, on %s", left, w.Until)
		switch left {
		case 0:
			when = "today"
		case 1:
			when = "tomorrow"
		}
		use.Message = "ends " + when + "; renew it or meet the control"
	}
	return use
}

func (w Waiver) use(status decision.Standing, message string) decision.WaiverUse {
	return decision.WaiverUse{Path: w.Path, Line: w.Line, Column: w.Column, Name: w.Name, Control: w.Control, Status: status, Message: message, Until: w.Until}
}

// Uses says what became of each waiver, given all that was decided. Without
// decisions a waiver that could be used is in force; with them, it is used or
// unused. maxDays is for waivers that no decision concerns.
func (s *Set) Uses(seen []Seen, maxDays int) []decision.WaiverUse {
	if s == nil {
		return nil
	}
	uses := make([]decision.WaiverUse, 0, len(s.list))
	for i, w := range s.list {
		uses = append(uses, s.uses(i, w, seen, maxDays)...)
	}
	return uses
}

func (s *Set) uses(i int, w Waiver, seen []Seen, maxDays int) []decision.WaiverUse {
	if len(w.wrong) > 0 {
		return w.wrong
	}
	var list []decision.WaiverUse
	add := func(use decision.WaiverUse) {
		if !slices.Contains(list, use) {
			list = append(list, use)
		}
	}
	concerned, elsewhere := false, ""
	for _, one := range seen {
		c := one.Case
		c.Control = w.Control
		if !w.concerns(c) {
			if c.Vendor = w.Vendor; elsewhere == "" && w.concerns(c) {
				elsewhere = fmt.Sprintf("it is for %s, and %s runs on %s", w.Vendor, c.Workload, one.Case.Vendor)
			}
			continue
		}
		concerned = true
		use := s.standing(w, c)
		if use.Status != decision.InForce {
			if use.Status == decision.Refused {
				use.Message = fmt.Sprintf("for %s %s", c.Workload, use.Message)
			}
			add(use)
			continue
		}
		if first := s.holds(c); first != i {
			other := s.list[first]
			add(w.use(decision.Duplicate, fmt.Sprintf("waiver %s (%s:%d) waives %s for %s already; remove one", other.Name, other.Path, other.Line, w.Control, c.Workload)))
			continue
		}
		if slices.ContainsFunc(one.Findings, func(f decision.Finding) bool {
			return f.Waiver != nil && f.Waiver.Path == w.Path && f.Waiver.Line == w.Line && f.Waiver.Column == w.Column
		}) {
			use.Status = decision.Used
			add(use)
		}
	}
	if len(list) > 0 {
		slices.SortFunc(list, func(a, b decision.WaiverUse) int {
			return cmp.Or(-cmp.Compare(a.Status, b.Status), strings.Compare(a.Message, b.Message))
		})
		return list
	}
	use := s.standing(w, Case{MaxDays: maxDays})
	if use.Status == decision.InForce && len(seen) > 0 {
		why := "it matches no workload of this run; if the run has all of them, remove it or correct its names"
		switch {
		case concerned:
			why = fmt.Sprintf("%s needs no waiver here; remove it", w.Control)
		case elsewhere != "":
			why = elsewhere + "; remove it or correct its vendor"
		}
		use = w.use(decision.Unused, why)
	}
	return []decision.WaiverUse{use}
}

// days from one ISO date to another; both have been checked.
func days(from, to string) int {
	a, errA := time.Parse(time.DateOnly, from)
	b, errB := time.Parse(time.DateOnly, to)
	if errA != nil || errB != nil {
		return 0
	}
	return int(b.Sub(a) / (24 * time.Hour))
}

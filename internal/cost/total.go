package cost

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// A Biller gives the lines that a vendor account is charged once, whatever
// number of workloads share it, plan by plan: fee, credits, overage and
// commitment, for the usage lines of all of them. There are none where the
// account pays them already.
type Biller interface {
	Bill(plans []Plan, currency string) [][]decision.Line
}

// A Plan is one plan of a vendor account: an offering on it, and the usage lines
// of all workloads on it.
type Plan struct {
	Offering decision.Offering
	Usage    []decision.Line
}

// An Account is one plan with one vendor, and what it is charged once.
type Account struct {
	Vendor    string          `json:"vendor"`
	Plan      string          `json:"plan"`
	Currency  string          `json:"currency"`
	Workloads int             `json:"workloads"`
	Lines     []decision.Line `json:"lines"`

	members []int  // among the estimates
	inputs  string // of all members
}

func (a Account) on() string { return a.Vendor + "/" + a.Plan }

// free reports whether an account is charged nothing, and that is known.
func (a Account) free() bool {
	return !slices.ContainsFunc(a.Lines, func(l decision.Line) bool {
		return l.Amount == nil || l.Low == nil || l.High == nil || !l.Amount.IsZero() || !l.Low.IsZero() || !l.High.IsZero()
	})
}

// A Total is what a group of workloads costs in one currency.
type Total struct {
	By        string `json:"by"`   // all, owner, vendor, or label:KEY
	Name      string `json:"name"` // of the group; "" for all
	Workloads int    `json:"workloads"`
	Pass      int    `json:"pass"`
	Review    int    `json:"review"`
	Fail      int    `json:"fail"`
	Sum
	// Before is what it cost before a change; nil where nothing is compared.
	Before     *Sum             `json:"before,omitempty"`
	Difference *decimal.Decimal `json:"difference,omitempty"`
}

// The names of groups that no manifest gives.
const (
	None   = "(none)"   // what has no owner, or no such label
	Shared = "(shared)" // accounts that several groups share
)

// ParseBy reads what totals are grouped by: owner, vendor or label:KEY.
func ParseBy(text string) (string, error) {
	key, isLabel := strings.CutPrefix(text, "label:")
	if text == "owner" || text == "vendor" || isLabel && key != "" {
		return text, nil
	}
	return "", fmt.Errorf("%q is not a group; expected owner, vendor or label:KEY", text)
}

// Totals adds up estimates: all of them, then by each group asked for, in the
// order of the names. What an account is charged counts once, in the group that
// all its workloads are in, else in the group Shared. Amounts in two currencies
// are never added.
func Totals(estimates []Estimate, by []string, biller Biller) ([]Account, []Total) {
	charges, accounts := charge(estimates, biller)
	var totals []Total
	for _, way := range append([]string{"all"}, by...) {
		totals = append(totals, groups(way, estimates, charges, accounts)...)
	}
	return accounts, totals
}

// A usage is the usage lines of one workload with one vendor.
type usage struct {
	estimate int
	vendor   string
	currency string
	inputs   string
	lines    []decision.Line
}

// inputs is all that the lines of an estimate follow from, in one text; "" where
// that is not told. Of traffic the spec has only the file's name, so that what
// the replay found stands for what is in it.
func inputs(e Estimate) string {
	if e.Spec == nil || e.Spec.Field("usage").Field("traffic") != nil && e.Cost.Replay == nil {
		return ""
	}
	data, err := json.Marshal([]any{e.Offering, e.Spec.Plain(), e.Cost.Replay})
	if err != nil {
		return ""
	}
	return string(data)
}

func charge(estimates []Estimate, biller Biller) ([]usage, []Account) {
	only := onlyCurrency(estimates)
	var charges []usage
	byKey := map[[3]string]*Account{}
	used := map[[3]string][]decision.Line{}
	for i, e := range estimates {
		currency := or(e.Cost.Currency, only)
		key := [3]string{e.Offering.Vendor, e.Offering.Plan, currency}
		if byKey[key] == nil {
			byKey[key] = &Account{Vendor: key[0], Plan: key[1], Currency: currency}
		}
		byKey[key].members = append(byKey[key].members, i)
		byKey[key].Workloads++
		lines, _ := Split(e.Cost.Lines)
		own, cloud := vendors(lines)
		used[key] = append(used[key], own...)
		charges = append(charges, usage{i, e.Offering.Vendor, currency, inputs(e), own})
		if len(cloud) > 0 {
			vendor, _, _ := strings.Cut(e.Offering.Infrastructure, "/")
			charges = append(charges, usage{i, or(vendor, None), currency, inputs(e), cloud})
		}
	}
	// One account has several plans where manifests say so: what is the account's
	// as a whole is for all of them.
	var accounts []Account
	plans := map[[2]string][]Plan{}
	at := map[[2]string][]int{}
	for _, key := range slices.SortedFunc(maps.Keys(byKey), func(a, b [3]string) int { return slices.Compare(a[:], b[:]) }) {
		account := *byKey[key]
		account.inputs = together(estimates, account.members)
		whole := [2]string{key[0], key[2]}
		plans[whole] = append(plans[whole], Plan{estimates[account.members[0]].Offering, used[key]})
		at[whole] = append(at[whole], len(accounts))
		accounts = append(accounts, account)
	}
	for whole, list := range plans {
		for i, lines := range biller.Bill(list, whole[1]) {
			accounts[at[whole][i]].Lines = append([]decision.Line{}, lines...)
		}
	}
	return charges, accounts
}

// together is what the lines of several estimates follow from, whatever their
// order.
func together(estimates []Estimate, members []int) string {
	var all []string
	for _, i := range members {
		one := inputs(estimates[i])
		if one == "" {
			return ""
		}
		all = append(all, one)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// onlyCurrency is the currency of all estimates that have one; "" where there
// are several. What has no price at all counts in it.
func onlyCurrency(estimates []Estimate) string {
	only := ""
	for _, e := range estimates {
		switch c := e.Cost.Currency; {
		case c == "":
		case only == "":
			only = c
		case only != c:
			return ""
		}
	}
	return only
}

// vendors tells the lines of an offering's vendor from those of the cloud
// beneath.
func vendors(lines []decision.Line) (own, cloud []decision.Line) {
	for _, line := range lines {
		if kind, _, _ := strings.Cut(line.Item, " "); kind == "infrastructure" {
			cloud = append(cloud, line)
		} else {
			own = append(own, line)
		}
	}
	return own, cloud
}

func groups(by string, estimates []Estimate, charges []usage, accounts []Account) []Total {
	type key struct{ name, currency string }
	sums := map[key]*Total{}
	counted := map[key]map[int]bool{}
	at := func(name, currency string) *Total {
		k := key{name, currency}
		if sums[k] == nil {
			sums[k] = &Total{By: by, Name: name, Sum: zero(currency)}
			counted[k] = map[int]bool{}
		}
		return sums[k]
	}
	for _, c := range charges {
		name := nameOf(by, estimates[c.estimate], c.vendor)
		t := at(name, c.currency)
		t.add(c.vendor, c.inputs, c.lines)
		if seen := counted[key{name, c.currency}]; !seen[c.estimate] {
			seen[c.estimate] = true
			t.count(estimates[c.estimate].Verdict)
		}
	}
	for _, a := range accounts {
		if a.free() {
			continue
		}
		name := nameOf(by, estimates[a.members[0]], a.Vendor)
		for _, i := range a.members[1:] {
			if nameOf(by, estimates[i], a.Vendor) != name {
				name = Shared
				break
			}
		}
		at(name, a.Currency).add(a.on(), a.inputs, a.Lines)
	}
	totals := make([]Total, 0, len(sums))
	for _, t := range sums {
		totals = append(totals, *t)
	}
	slices.SortFunc(totals, compareTotals)
	return totals
}

// compareTotals puts what manifests name before the groups that they do not.
func compareTotals(a, b Total) int {
	last := func(t Total) int { return slices.Index([]string{None, Shared}, t.Name) }
	return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Currency, b.Currency))
}

func (t *Total) count(v decision.Verdict) {
	t.Workloads++
	switch v {
	case decision.Passed:
		t.Pass++
	case decision.Failed:
		t.Fail++
	default:
		t.Review++
	}
}

func nameOf(by string, e Estimate, vendor string) string {
	switch by {
	case "all":
		return ""
	case "owner":
		return or(e.Manifest.Owner, None)
	case "vendor":
		return vendor
	}
	if value, ok := e.Labels[strings.TrimPrefix(by, "label:")]; ok {
		return value
	}
	return None
}

// Against puts beside each total what the same group cost before. A group that
// is on one side only cost, or costs, nothing on the other.
func Against(before, after []Total) []Total {
	same := func(a, b Total) bool { return a.By == b.By && a.Name == b.Name && a.Currency == b.Currency }
	list := slices.Clone(after)
	for _, old := range before {
		if !slices.ContainsFunc(list, func(t Total) bool { return same(t, old) }) {
			list = append(list, Total{By: old.By, Name: old.Name, Sum: zero(old.Currency)})
		}
	}
	order := func(t Total) int {
		return slices.IndexFunc(append(slices.Clone(after), before...), func(o Total) bool { return o.By == t.By })
	}
	slices.SortStableFunc(list, func(a, b Total) int { return cmp.Or(cmp.Compare(order(a), order(b)), compareTotals(a, b)) })
	for i := range list {
		sum := zero(list[i].Currency)
		if j := slices.IndexFunc(before, func(t Total) bool { return same(t, list[i]) }); j >= 0 {
			sum = before[j].Sum
		}
		list[i].Before = &sum
		list[i].Difference = Difference(sum, list[i].Sum)
	}
	return list
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// Package decision holds the data that the stages share: statuses, findings,
// costs, decisions and the report. It imports nothing of ours.
package decision

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// A Status is the outcome of one control for one offering. The zero value is
// Unknown, so a forgotten assignment never reads as Pass.
type Status uint8

// The statuses. Only Pass and NotApplicable (and later Waived) satisfy a
// required finding.
const (
	Unknown Status = iota // a needed fact is missing, stale or unusable
	Pass
	Fail
	NotApplicable
	Waived
)

var statusNames = [...]string{"unknown", "pass", "fail", "not-applicable", "waived"}

func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return statusNames[Unknown]
}

// MarshalText writes the name that reports use.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name that reports use; another word is an error.
func (s *Status) UnmarshalText(text []byte) error {
	for i, name := range statusNames {
		if name == string(text) {
			*s = Status(i)
			return nil
		}
	}
	return fmt.Errorf("status is %q; expected unknown, pass, fail, not-applicable or waived", text)
}

// A Verdict is what the required findings of one offering add up to. The zero
// value is Review.
type Verdict uint8

// The verdicts, from required findings only: Failed if any fails, Review if
// none fails and one is unknown, else Passed.
const (
	Review Verdict = iota
	Passed
	Failed
)

var verdictNames = [...]string{"review", "pass", "fail"}

func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return verdictNames[Review]
}

// MarshalText writes the name that reports use.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name that reports use; another word is an error.
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, name := range verdictNames {
		if name == string(text) {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("verdict is %q; expected review, pass or fail", text)
}

// Better orders verdicts: pass before review before fail. It returns a negative
// number if v is better than w, 0 if they are equal.
func (v Verdict) Better(w Verdict) int {
	order := [...]int{Review: 1, Passed: 0, Failed: 2}
	return order[v] - order[w]
}

// A Location is a place in a document that was read. Line and Column count
// from 1; 0 is unknown. Pointer is an RFC 6901 JSON pointer.
type Location struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Pointer string `json:"pointer"`
}

// Unnumbered is the pointer whatever the order of lists: * in place of an
// index.
func (l Location) Unnumbered() string {
	parts := strings.Split(l.Pointer, "/")
	for i, part := range parts {
		if _, err := strconv.Atoi(part); err == nil {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

// An Offering is one concrete thing to buy. Region is "unpinned" where no
// region is chosen; GPU is empty and Count 0 where none is bought.
type Offering struct {
	Vendor   string `json:"vendor"`
	Product  string `json:"product"`
	Plan     string `json:"plan"`
	Hosting  string `json:"hosting"`
	Region   string `json:"region"`
	SKU      string `json:"sku"`
	GPU      string `json:"gpu,omitempty"`
	Count    int    `json:"count,omitempty"`
	Capacity string `json:"capacity"`
	// Infrastructure names the second provider outside managed hosting.
	Infrastructure string `json:"infrastructure,omitempty"`
}

// Unpinned is the region of an offering for which no region is chosen.
const Unpinned = "unpinned"

// A Source says where a fact comes from. Published and Read are ISO dates or
// "unknown".
type Source struct {
	ID        string `json:"id"`
	URL       string `json:"url,omitempty"`
	Document  string `json:"document,omitempty"`
	Kind      string `json:"kind"`
	Published string `json:"published"`
	Read      string `json:"read"`
	Copy      string `json:"copy,omitempty"`
	Effective string `json:"effective,omitempty"`
	Until     string `json:"until,omitempty"`
}

// A Fact is one claim behind a finding: where it stands and where it comes from.
// Document is the vendor id or the account's name.
type Fact struct {
	Document string   `json:"document"`
	Path     string   `json:"path"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Pointer  string   `json:"pointer"`
	Sources  []Source `json:"sources"`
}

// A Gap is one thing that keeps a proof from holding. Reason is absent, stale,
// undated, kind, conflict or undeclared; Ask is vendor, us or catalog.
// Path, Line and Column are the nearest existing node.
type Gap struct {
	Document string `json:"document"`
	Pointer  string `json:"pointer"`
	Reason   string `json:"reason"`
	Ask      string `json:"ask"`
	Path     string `json:"path,omitempty"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
}

// A Reason is one ground on which a control fails.
type Reason struct {
	Message  string   `json:"message"`
	Location Location `json:"location"`
	Facts    []Fact   `json:"facts"`
}

// A Reference is a clause of an outside framework.
type Reference struct {
	Framework string `json:"framework"`
	ID        string `json:"id"`
}

// A Finding is one control's outcome for one manifest and offering.
type Finding struct {
	Control     string      `json:"control"`
	Status      Status      `json:"status"`
	Required    bool        `json:"required"`
	Severity    string      `json:"severity"`
	Title       string      `json:"title"`
	Message     string      `json:"message"`
	Location    Location    `json:"location"`
	Facts       []Fact      `json:"facts"`
	Missing     []Gap       `json:"missing"`
	Reasons     []Reason    `json:"reasons,omitempty"`
	References  []Reference `json:"references"`
	Remediation string      `json:"remediation,omitempty"`
	// Conditions are what has to be done for the pass to hold.
	Conditions []string `json:"-"`
	// Fault is set when the control could not be evaluated.
	Fault string `json:"fault,omitempty"`
	// Waiver is what waives it; nil unless Status is Waived.
	Waiver *Waiver `json:"waiver,omitempty"`
}

// A Line is one billed item a month. Amount, Low and High are in the currency
// of the cost; a nil pointer is unknown, and Why says what is missing. Item
// begins with its kind: gpu, cpu, memory, boot, idle, region, discount, fee,
// credit, overage, commitment, infrastructure.
type Line struct {
	Item     string           `json:"item"`
	Quantity *decimal.Decimal `json:"quantity"`
	Unit     string           `json:"unit"`
	Rate     *decimal.Decimal `json:"rate"`
	Low      *decimal.Decimal `json:"low"`
	Amount   *decimal.Decimal `json:"amount"`
	High     *decimal.Decimal `json:"high"`
	Why      string           `json:"why,omitempty"`
	// MayFall says that an unknown amount could be negative (a credit).
	MayFall bool `json:"mayFall,omitempty"`
	// Facts are the offering pointers of the facts behind the line; those of
	// the infrastructure provider start with /infrastructure.
	Facts []string `json:"facts,omitempty"`
	// Missing are the pointers of facts that the line would need.
	Missing []string `json:"missing,omitempty"`
	// AsOf is the date of the price, where it is older than prices may be.
	AsOf string `json:"asOf,omitempty"`
}

// OfAccount reports whether a line is charged to the vendor account as a whole,
// once, and not to one workload: the plan's fee, credits, overage and commitment.
func (l Line) OfAccount() bool {
	switch l.Item {
	case "fee", "credit", "credit account", "overage", "commitment":
		return true
	}
	return false
}

// A Cost is what one offering costs in a month of 730 hours. Expected is the
// exact sum of the lines' amounts, and nil where one is unknown; Known sums the
// known ones. Low and High are nil where any line has no such bound.
type Cost struct {
	Currency string           `json:"currency"`
	Period   string           `json:"period"`
	Low      *decimal.Decimal `json:"low"`
	Expected *decimal.Decimal `json:"expected"`
	High     *decimal.Decimal `json:"high"`
	Known    decimal.Decimal  `json:"known"`
	// GPUHour is the price of one GPU-hour at the rate charged, region
	// multiplier included; nil where it is unknown.
	GPUHour *decimal.Decimal `json:"gpuHour,omitempty"`
	// List is the total at the vendor's list prices, where an account of ours
	// changes what is charged; nil where that is unknown.
	List     *decimal.Decimal `json:"list,omitempty"`
	Excludes []string         `json:"excludes"`
	Lines    []Line           `json:"lines"`
	// Replay says how traffic was served, where usage is traffic.
	Replay *Replay `json:"replay,omitempty"`
}

// A Replay is how the requests of one period were served, and by which rules.
// Times are in seconds, exact. A rule that nobody states is nil.
type Replay struct {
	Requests      int              `json:"requests"`
	ColdStarts    int              `json:"coldStarts"`    // replicas that booted
	PeakReplicas  int              `json:"peakReplicas"`  // booting ones count
	BilledSeconds *decimal.Decimal `json:"billedSeconds"` // of all replicas; nil where a billing rule is missing
	// Waits are from a request's arrival to its start, by nearest rank.
	WaitP50 decimal.Decimal `json:"waitP50"`
	WaitP95 decimal.Decimal `json:"waitP95"`
	WaitP99 decimal.Decimal `json:"waitP99"`
	// Utilisation is busy slot-seconds ÷ (unrounded life-seconds × concurrency).
	Utilisation decimal.Decimal `json:"utilisation"`

	// Trace is the digest of the arrivals' file, or of the profile.
	Trace          string           `json:"trace"`
	Period         decimal.Decimal  `json:"period"`
	Concurrency    int              `json:"concurrency"`
	MinReplicas    int              `json:"minReplicas"`
	MaxReplicas    int              `json:"maxReplicas"`
	ScaleDownDelay decimal.Decimal  `json:"scaleDownDelay"`
	ColdStart      decimal.Decimal  `json:"coldStart"`
	Increment      *decimal.Decimal `json:"increment"`
	Rounding       string           `json:"rounding,omitempty"`
	Minimum        *decimal.Decimal `json:"minimum"`
	BillsBoot      *bool            `json:"billsBoot"`
	BillsIdle      *bool            `json:"billsIdle"`
	// Warm says that minReplicas is the least that meets the cold start asked
	// for, and not what the manifest or the vendor sets.
	Warm bool `json:"warm,omitempty"`
	// WaitP99Low and WaitP99High are the least and the greatest of all runs; nil
	// where no shortest or no longest cold start is stated.
	WaitP99Low  *decimal.Decimal `json:"waitP99Low,omitempty"`
	WaitP99High *decimal.Decimal `json:"waitP99High,omitempty"`
}

// Costs are those of what is placed and of everything that is listed beside it.
func (d Decision) Costs() []Cost {
	costs := []Cost{d.Cost}
	for _, a := range d.Alternatives {
		costs = append(costs, a.Cost)
	}
	for _, c := range d.Candidates {
		costs = append(costs, c.Cost)
	}
	for _, r := range d.Rejected {
		costs = append(costs, r.Cost)
	}
	return costs
}

// MayFall reports whether an unknown line could lower the total.
func (c Cost) MayFall() bool {
	for _, line := range c.Lines {
		if line.Amount == nil && line.MayFall {
			return true
		}
	}
	return false
}

// A Manifest names the document that a decision is about. Document counts the
// documents of a file from 0.
type Manifest struct {
	Path     string `json:"path"`
	Document int    `json:"document"`
	Name     string `json:"name"`
	Owner    string `json:"owner,omitempty"`
	Digest   string `json:"digest"`
}

// An Alternative is an offering that passes at stage select. Difference is
// against the decided offering; nil where either total is incomplete.
type Alternative struct {
	Rank       int              `json:"rank"`
	Offering   Offering         `json:"offering"`
	Verdict    Verdict          `json:"verdict"`
	Conditions []string         `json:"conditions"`
	Waived     []string         `json:"waived,omitempty"`
	Cost       Cost             `json:"cost"`
	Difference *decimal.Decimal `json:"difference"`
}

// A Candidate is an offering in review at stage select, with the controls that
// are open.
type Candidate struct {
	Offering Offering `json:"offering"`
	Verdict  Verdict  `json:"verdict"`
	Cost     Cost     `json:"cost"`
	Open     []string `json:"open"`
	Waived   []string `json:"waived,omitempty"`
}

// A Rejected offering is cheaper than what passes, and refused by Controls.
type Rejected struct {
	Offering Offering `json:"offering"`
	Cost     Cost     `json:"cost"`
	Controls []string `json:"controls"`
}

// A Premium is the price of compliance: the cheapest passing offering against
// the cheapest of all, both with complete totals.
type Premium struct {
	Compliant Offering        `json:"compliant"`
	Cheapest  Offering        `json:"cheapest"`
	Amount    decimal.Decimal `json:"amount"`
	// Controls are what single requirements add, sorted by id.
	Controls []Lifted `json:"controls,omitempty"`
}

// Lifted is what one requirement adds a month: with that control alone lifted,
// Offering would be the cheapest that passes, by Adds.
type Lifted struct {
	Control  string          `json:"control"`
	Adds     decimal.Decimal `json:"adds"`
	Offering Offering        `json:"offering"`
}

// A BreakEven is a value of one quantity of the usage at which the cheapest of
// two offerings changes: Below costs less under it, Above over it.
type BreakEven struct {
	// Quantity is what varies: gpuHours, jobs (a month), requests (a day) or
	// duration (of a job, in seconds).
	Quantity string          `json:"quantity"`
	At       decimal.Decimal `json:"at"`
	Unit     string          `json:"unit"`
	Now      decimal.Decimal `json:"now"`
	// Utilisation is At as a share of a month of one GPU or instance; nil where
	// that says nothing.
	Utilisation *decimal.Decimal `json:"utilisation,omitempty"`
	Below       Offering         `json:"below"`
	Above       Offering         `json:"above"`
}

// Distance is how far a break-even is from the present, relative to that.
func (b BreakEven) Distance() *big.Rat {
	way := b.At.Sub(b.Now).Abs().Rat()
	if b.Now.IsPositive() {
		way.Quo(way, b.Now.Rat())
	}
	return way
}

// A Decision is the answer for one manifest on one offering.
type Decision struct {
	Manifest     Manifest      `json:"manifest"`
	Stage        string        `json:"stage"`
	Profiles     []string      `json:"profiles"`
	Offering     Offering      `json:"offering"`
	Verdict      Verdict       `json:"verdict"`
	Conditions   []string      `json:"conditions"`
	Findings     []Finding     `json:"findings"`
	Cost         Cost          `json:"cost"`
	Alternatives []Alternative `json:"alternatives,omitempty"`
	Candidates   []Candidate   `json:"candidates,omitempty"`
	Rejected     []Rejected    `json:"rejected,omitempty"`
	Premium      *Premium      `json:"premium,omitempty"`
	// BreakEven are where the ranking of the first places flips, nearest first.
	BreakEven []BreakEven `json:"breakEven,omitempty"`
	// Unstable says that the ranking of the first places flips inside the
	// stated ranges of their costs.
	Unstable bool `json:"unstable,omitempty"`
}

// A Problem is an error in an input: what is wrong, what was expected, what to
// do. Line and Column are 0 where no place is known.
type Problem struct {
	Path    string `json:"path"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

// Error formats the problem as path:line:column: message.
func (p Problem) Error() string {
	switch {
	case p.Path == "":
		return p.Message
	case p.Line == 0:
		return fmt.Sprintf("%s: %s", p.Path, p.Message)
	default:
		return fmt.Sprintf("%s:%d:%d: %s", p.Path, p.Line, p.Column, p.Message)
	}
}

// A Tool names the program that wrote a report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// A Digest identifies an input set.
type Digest struct {
	Digest string `json:"digest"`
}

// A Summary counts verdicts and errors.
type Summary struct {
	Pass   int `json:"pass"`
	Fail   int `json:"fail"`
	Review int `json:"review"`
	Errors int `json:"errors"`
}

// A Report is the whole answer of one run; schemas/report.schema.json is its
// contract.
type Report struct {
	Tool      Tool       `json:"tool"`
	AsOf      string     `json:"asOf"`
	Policies  Digest     `json:"policies"`
	Catalog   Digest     `json:"catalog"`
	Summary   Summary    `json:"summary"`
	Decisions []Decision `json:"decisions"`
	// Waivers are what became of the waivers given, in the order of files.
	Waivers []WaiverUse `json:"waivers,omitempty"`
	// CostChange is what the manifests cost against others; nil where nothing is
	// compared.
	CostChange *CostChange `json:"costChange,omitempty"`
	Errors     []Problem   `json:"errors"`
}

// VerdictOf is what the required findings of one offering add up to: fail if
// any fails, review if any is unknown, else pass.
func VerdictOf(findings []Finding) Verdict {
	verdict := Passed
	for _, f := range findings {
		if !f.Required {
			continue
		}
		switch f.Status {
		case Fail:
			return Failed
		case Pass, NotApplicable, Waived:
		default:
			verdict = Review
		}
	}
	return verdict
}

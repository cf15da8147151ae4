package decide

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/manifest"
	"github.com/caveat-check/caveat/internal/offering"
)

// A Subject is what is decided: a priced offering and, outside managed hosting,
// the cloud beneath it.
type Subject struct {
	Offering       *offering.Expanded
	Infrastructure *offering.Expanded
	Cost           decision.Cost
}

// A Session decides many offerings for one manifest at one stage. Offerings
// that look alike to a control are decided once. It is for one goroutine.
type Session struct {
	policies *Policies
	manifest manifest.Manifest
	asOf     string
	static   map[string]ast.Value // workload, parameters, asOf
	plain    map[string]any
	asked    map[string]early
	cache    map[string]outcome
	order    []Control // those first whose outcome the most offerings share
	placed   bool      // each offering is decided as if the manifest placed it there
	waiver   func(control, vendor string) *decision.Waiver
}

// early is what a control says before any offering is looked at.
type early struct {
	known    bool // applies and required are known
	applies  bool
	required bool
}

type outcome struct {
	raw raw
	err error
}

// Session starts deciding a manifest. Parameters are those of the profiles in
// force, with profiles, brought, must, severity and evidence among them. With
// placed set, each offering is decided as if the manifest placed it there.
func (p *Policies) Session(m manifest.Manifest, stage string, placed bool, parameters map[string]any, asOf string) (*Session, error) {
	s := &Session{placed: placed, policies: p, manifest: m, asOf: asOf, asked: map[string]early{}, cache: map[string]outcome{}, static: map[string]ast.Value{}, order: slices.Clone(p.controls)}
	if err := s.sortControls(); err != nil {
		return nil, err
	}
	s.plain = map[string]any{"workload": m.AtStage(stage), "parameters": parameters, "asOf": asOf}
	for name, value := range s.plain {
		v, err := ast.InterfaceToValue(value)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", name, err)
		}
		s.static[name] = v
	}
	return s, nil
}

// Waive sets what a control may be waived by with a vendor: nil is not at all.
// What fails or is unknown is then waived, unless that is a fault.
func (s *Session) Waive(waiver func(control, vendor string) *decision.Waiver) { s.waiver = waiver }

// waived returns the waiver of a control on an offering, or nil.
func (s *Session) waived(c Control, subject Subject) *decision.Waiver {
	if s.waiver == nil || !c.Waivable {
		return nil
	}
	return s.waiver(c.ID, subject.Offering.ID.Vendor)
}

// sortControls puts first what the most offerings share, so that one outcome
// settles many of them: what varies from region to region or from price to
// price comes last.
func (s *Session) sortControls() error {
	varies := map[string]int{}
	for _, c := range s.order {
		d, err := s.policies.dependency(c)
		if err != nil {
			return err
		}
		n := len(d.Identity)
		if s.placed {
			n += len(d.Placed)
		}
		if slices.Contains(d.Identity, "region") || s.placed && slices.Contains(d.Placed, "region") {
			n += 10
		}
		if d.Cost || d.All {
			n += 20
		}
		varies[c.ID] = n
	}
	slices.SortStableFunc(s.order, func(a, b Control) int { return varies[a.ID] - varies[b.ID] })
	return nil
}

// Findings decides every control on one offering, sorted by control id.
func (s *Session) Findings(ctx context.Context, subject Subject) ([]decision.Finding, error) {
	findings := make([]decision.Finding, 0, len(s.policies.controls))
	for _, control := range s.policies.controls {
		before, err := s.early(ctx, control)
		if err != nil {
			return nil, err
		}
		if before.known && !before.applies {
			findings = append(findings, s.place(control, raw{Status: decision.NotApplicable.String(), Required: before.required, Severity: control.Severity, At: control.At}, subject))
			continue
		}
		result, err := s.decide(ctx, control, subject, "finding")
		if err != nil {
			return nil, err
		}
		finding := s.place(control, result.raw, subject)
		if result.err != nil {
			fault := strings.Join(strings.Fields(result.err.Error()), " ")
			finding.Status, finding.Fault, finding.Message = decision.Unknown, fault, "could not be decided: "+fault
		} else if finding.Status == decision.Fail || finding.Status == decision.Unknown {
			if finding.Waiver = s.waived(control, subject); finding.Waiver != nil {
				finding.Waiver.Status, finding.Status = finding.Status, decision.Waived
			}
		}
		findings = append(findings, finding)
	}
	return findings, nil
}

// A Brief is what the required findings of an offering come to.
type Brief struct {
	Verdict    decision.Verdict
	Conditions []string // of what passes
	Open       []string // controls that are unknown
	Refused    []string // controls that fail
	Waived     []string // controls that a waiver satisfies
	Faults     []string // controls that could not be evaluated, with what went wrong
}

// An Extent says how far an offering is decided.
type Extent uint8

// The extents. UntilDoubt tells only whether an offering passes: it stops at the
// first control that does not, and Review then stands for fail too. UntilRefusal
// tells the verdict: it stops at the first control that refuses, and lists no
// other. Whole lists every control.
const (
	UntilDoubt Extent = iota
	UntilRefusal
	Whole
)

// Brief decides what the verdict depends on.
func (s *Session) Brief(ctx context.Context, subject Subject, extent Extent) (Brief, error) {
	brief := Brief{Verdict: decision.Passed}
	if extent != Whole {
		if verdict, ok := s.settled(subject, extent); ok {
			return Brief{Verdict: verdict}, nil
		}
	}
	for _, control := range s.order {
		o, err := s.required(ctx, control, subject)
		if err != nil {
			return brief, err
		}
		if o.fault != "" {
			brief.Faults = append(brief.Faults, o.fault)
		}
		switch o.status {
		case decision.Fail:
			brief.Refused = append(brief.Refused, control.ID)
			if extent != Whole {
				brief.Verdict = decision.Failed
				return brief, nil
			}
		case decision.Unknown:
			brief.Open = append(brief.Open, control.ID)
			if extent == UntilDoubt {
				brief.Verdict = decision.Review
				return brief, nil
			}
		case decision.Waived:
			brief.Waived = append(brief.Waived, control.ID)
		case decision.Pass:
			brief.Conditions = append(brief.Conditions, conditions(o.raw, subject)...)
		}
	}
	slices.Sort(brief.Open)
	slices.Sort(brief.Refused)
	slices.Sort(brief.Waived)
	slices.Sort(brief.Conditions)
	brief.Conditions = slices.Compact(brief.Conditions)
	switch {
	case len(brief.Refused) > 0:
		brief.Verdict = decision.Failed
	case len(brief.Open) > 0:
		brief.Verdict = decision.Review
	}
	return brief, nil
}

// An answer is what one control says of an offering; fault is what kept it from
// being evaluated.
type answer struct {
	status decision.Status
	raw    raw
	fault  string
}

// required decides one control; what is not required of an offering does not
// apply to it.
func (s *Session) required(ctx context.Context, control Control, subject Subject) (answer, error) {
	o := answer{status: decision.NotApplicable}
	before, err := s.early(ctx, control)
	if err != nil || before.known && (!before.applies || !before.required) {
		return o, err
	}
	result, err := s.decide(ctx, control, subject, "brief")
	if err != nil {
		return o, err
	}
	o.raw = result.raw
	switch {
	case result.err != nil:
		o.status = decision.Unknown
		o.fault = fmt.Sprintf("control %s could not be decided: %s", control.ID, strings.Join(strings.Fields(result.err.Error()), " "))
	case result.raw.Required:
		if err := o.status.UnmarshalText([]byte(result.raw.Status)); err != nil {
			return o, fmt.Errorf("control %s: %w", control.ID, err)
		}
		if (o.status == decision.Fail || o.status == decision.Unknown) && s.waived(control, subject) != nil {
			o.status = decision.Waived
		}
	}
	return o, nil
}

// Alone returns the one required control that keeps an offering from passing;
// "" where none does, or more than one, or one of done, of which no more is
// asked. Faults are the controls that could not be evaluated.
func (s *Session) Alone(ctx context.Context, subject Subject, done map[string]bool) (alone string, faults []string, err error) {
	for _, control := range s.order {
		o, err := s.required(ctx, control, subject)
		if err != nil {
			return "", faults, err
		}
		if o.fault != "" {
			faults = append(faults, o.fault)
		}
		if o.status != decision.Fail && o.status != decision.Unknown {
			continue
		}
		if alone != "" || done[control.ID] {
			return "", faults, nil
		}
		alone = control.ID
	}
	return alone, faults, nil
}

// settled reports a verdict that follows from what has been decided for
// offerings that look the same to some control, without deciding anything.
func (s *Session) settled(subject Subject, extent Extent) (decision.Verdict, bool) {
	for _, control := range s.order {
		before, ok := s.asked[control.ID]
		if !ok || before.known && (!before.applies || !before.required) {
			continue
		}
		d := s.policies.known(control)
		if d == nil || d.Cost {
			continue
		}
		result, ok := s.cache[s.key(control, d, s.policies.covered(control, d, subject.Offering), subject, "brief")]
		if !ok || result.err != nil || !result.raw.Required || s.waived(control, subject) != nil {
			continue
		}
		switch result.raw.Status {
		case decision.Fail.String():
			return decision.Failed, true
		case decision.Unknown.String():
			if extent == UntilDoubt {
				return decision.Review, true
			}
		}
	}
	return decision.Review, false
}

// early evaluates applies and asked of a control that reads no offering for
// them. A fault leaves it unknown: deciding the control reports it.
func (s *Session) early(ctx context.Context, c Control) (early, error) {
	if e, ok := s.asked[c.ID]; ok {
		return e, nil
	}
	d, err := s.policies.dependency(c)
	if err != nil {
		return early{}, err
	}
	var e early
	if d.Early && (!s.placed || d.EarlyPlaced) {
		pkg := controlsPrefix + c.Family + "." + c.Name
		q, err := s.policies.query(c, c.ID+"\x00early", fmt.Sprintf(`{"applies": {x | x := %[1]s.applies}, "asked": {x | x := %[1]s.asked}, "must": %[2]q in input.parameters.must}`, pkg, c.ID))
		if err != nil {
			return early{}, fmt.Errorf("control %s: %w", c.ID, err)
		}
		if value, err := eval(ctx, q, s.object(nil)); err == nil {
			if answer, ok := value.(map[string]any); ok {
				e = early{known: true, applies: holdsTrue(answer["applies"]), required: holdsTrue(answer["asked"]) || answer["must"] == true}
			}
		} else if ctx.Err() != nil {
			return early{}, ctx.Err()
		}
	}
	s.asked[c.ID] = e
	return e, nil
}

func holdsTrue(set any) bool {
	list, _ := set.([]any)
	return slices.Contains(list, any(true))
}

// object is an input: what is the same for the whole session, and more, which
// may replace it.
func (s *Session) object(more map[string]ast.Value) ast.Value {
	terms := make([][2]*ast.Term, 0, len(s.static)+len(more))
	for name, value := range s.static {
		if _, ok := more[name]; !ok {
			terms = append(terms, [2]*ast.Term{ast.StringTerm(name), ast.NewTerm(value)})
		}
	}
	for name, value := range more {
		terms = append(terms, [2]*ast.Term{ast.StringTerm(name), ast.NewTerm(value)})
	}
	return ast.NewObject(terms...)
}

// placedAt is the manifest as if it placed the workload on this offering.
func (s *Session) placedAt(id decision.Offering) map[string]any {
	workload, _ := s.plain["workload"].(map[string]any)
	spec, _ := workload["spec"].(map[string]any)
	before, _ := spec["placement"].(map[string]any)
	placement := map[string]any{"vendor": id.Vendor, "product": id.Product, "plan": id.Plan, "hosting": id.Hosting, "capacity": id.Capacity}
	if id.SKU != "" {
		placement["sku"] = id.SKU
	}
	if id.Region != decision.Unpinned {
		placement["regions"] = []any{id.Region}
	}
	if cloud, ok := before["infrastructure"]; ok && id.Infrastructure != "" {
		placement["infrastructure"] = cloud
	}
	workload, spec = maps.Clone(workload), maps.Clone(spec)
	spec["placement"] = placement
	workload["spec"] = spec
	return workload
}

// decide evaluates a control, or finds that an offering which looks the same
// to it has been decided. Form is finding or brief.
func (s *Session) decide(ctx context.Context, c Control, subject Subject, form string) (outcome, error) {
	d, err := s.policies.dependency(c)
	if err != nil {
		return outcome{}, err
	}
	slots := s.policies.covered(c, d, subject.Offering)
	key := ""
	if !d.Cost {
		key = s.key(c, d, slots, subject, form)
		if result, ok := s.cache[key]; ok {
			return result, nil
		}
	}
	result, err := s.evaluate(ctx, c, subject, d, slots, form)
	if err != nil {
		return outcome{}, err
	}
	if err := ctx.Err(); err != nil {
		return outcome{}, err
	}
	if key != "" {
		s.cache[key] = result
	}
	return result, nil
}

// shown are the members of offering.id that a control is shown, the vendor
// aside.
func (d *dependency) shown() []string { return slices.Concat(d.Identity, d.Texts) }

// key is alike for offerings that the control cannot tell apart.
func (s *Session) key(c Control, d *dependency, slots []int, subject Subject, form string) string {
	id := subject.Offering.ID
	b := make([]byte, 0, 256)
	add := func(parts ...string) {
		for _, part := range parts {
			b = append(b, part...)
			b = append(b, '|')
		}
	}
	add(form, c.ID, id.Vendor)
	add(subject.Offering.Implied...)
	parts := d.shown()
	if s.placed {
		parts = slices.Concat(parts, d.Placed)
	}
	for _, part := range parts {
		switch part {
		case "product":
			add(id.Product)
		case "plan":
			add(id.Plan)
		case "hosting":
			add(id.Hosting)
		case "region":
			add(id.Region)
		case "sku":
			add(id.SKU)
		case "gpu":
			add(id.GPU)
		case "count":
			add(strconv.Itoa(id.Count))
		case "capacity":
			add(id.Capacity)
		}
	}
	if d.Infra && subject.Infrastructure != nil {
		add(fmt.Sprint(subject.Infrastructure.ID))
	}
	if d.Replay {
		add(fmt.Sprint(plainReplay(subject.Cost.Replay)))
	}
	for _, i := range slots {
		number := 0
		if value := subject.Offering.Values[i]; value != nil {
			number = value.Number
		}
		b = strconv.AppendInt(append(b, ','), int64(number), 36)
	}
	return string(b)
}

func (s *Session) evaluate(ctx context.Context, c Control, subject Subject, d *dependency, slots []int, form string) (outcome, error) {
	q, err := s.policies.query(c, form+" "+c.ID, fmt.Sprintf("data.caveat.lib.status.%s(%q, %s%s.%s)", form, c.ID, controlsPrefix, c.Family, c.Name))
	if err != nil {
		return outcome{}, fmt.Errorf("control %s: %w", c.ID, err)
	}
	if d.Cost {
		slots = slices.Clone(slots)
		for _, pointer := range CostFacts(subject.Cost) { // what is missing has no value to show
			if i := subject.Offering.Slot(pointer); i >= 0 {
				slots = append(slots, i)
			}
		}
	}
	values := map[string]ast.Value{}
	if values["offering"], err = s.policies.offering(subject.Offering, slots, d.shown()); err != nil {
		return outcome{}, err
	}
	more := map[string]any{}
	if subject.Infrastructure != nil && (d.Infra || d.Cost || d.All) {
		more["infrastructure"] = subject.Infrastructure.Plain()
	}
	if subject.Offering.Account != nil {
		more["account"] = subject.Offering.Account.Plain
	}
	switch {
	case d.Cost:
		more["cost"] = PlainCost(subject.Cost)
	case d.Replay && subject.Cost.Replay != nil:
		more["cost"] = map[string]any{"replay": plainReplay(subject.Cost.Replay)}
	}
	if s.placed && len(d.Placed) > 0 {
		more["workload"] = s.placedAt(subject.Offering.ID)
	}
	for name, value := range more {
		if values[name], err = ast.InterfaceToValue(value); err != nil {
			return outcome{}, fmt.Errorf("input %s: %w", name, err)
		}
	}
	value, err := eval(ctx, q, s.object(values))
	if err != nil {
		return outcome{raw: raw{Status: decision.Unknown.String(), Required: true, Severity: c.Severity, At: c.At}, err: err}, nil
	}
	r, err := decode(value)
	if err == nil && r.Status == "" {
		err = errNoFinding
	}
	if err != nil {
		return outcome{raw: raw{Status: decision.Unknown.String(), Required: true, Severity: c.Severity, At: c.At}, err: err}, nil
	}
	return outcome{raw: r}, nil
}

// Input is the whole input of one offering, as a stock OPA takes it.
func (s *Session) Input(subject Subject) map[string]any {
	input := map[string]any{}
	for name, value := range s.plain {
		input[name] = value
	}
	if s.placed {
		input["workload"] = s.placedAt(subject.Offering.ID)
	}
	input["offering"] = subject.Offering.Plain()
	if subject.Infrastructure != nil {
		input["infrastructure"] = subject.Infrastructure.Plain()
	}
	if subject.Offering.Account != nil {
		input["account"] = subject.Offering.Account.Plain
	}
	input["cost"] = PlainCost(subject.Cost)
	return input
}

// CostFacts lists the facts behind a cost, each once, sorted.
func CostFacts(cost decision.Cost) []string {
	var pointers []string
	for _, line := range cost.Lines {
		pointers = append(pointers, line.Facts...)
	}
	slices.Sort(pointers)
	return slices.Compact(pointers)
}

// amounts are the facts under prices that are amounts of money, or multiply them.
var amounts = []string{
	"/prices/cpu", "/prices/memory", "/prices/planFee", "/prices/planCredit", "/prices/minimumCommitment",
	"/prices/platformRate", "/prices/regionMultiplier", "/prices/discount", "/prices/nonPreemptibleMultiplier",
	"/prices/commitment", "/prices/overageMultiplier", "/prices/credit",
}

// PriceFacts lists those facts behind a cost that are prices.
func PriceFacts(cost decision.Cost) []string {
	return slices.DeleteFunc(CostFacts(cost), func(p string) bool {
		p = strings.TrimPrefix(p, "/infrastructure")
		return !strings.Contains(p, "/price/") && !slices.Contains(amounts, p)
	})
}

// PlainCost is a cost as controls see it: amounts as decimal strings.
func PlainCost(cost decision.Cost) map[string]any {
	text := func(d *decimal.Decimal) any {
		if d == nil {
			return nil
		}
		return d.String()
	}
	plain := map[string]any{
		"currency": cost.Currency, "low": text(cost.Low), "expected": text(cost.Expected), "high": text(cost.High),
		"known": cost.Known.String(), "mayFall": cost.MayFall(),
	}
	if cost.GPUHour != nil {
		plain["gpuHour"] = cost.GPUHour.String()
	}
	facts := []any{}
	for _, pointer := range CostFacts(cost) {
		facts = append(facts, pointer)
	}
	plain["facts"] = facts
	prices := []any{}
	for _, pointer := range PriceFacts(cost) {
		prices = append(prices, pointer)
	}
	plain["prices"] = prices
	missing := []any{}
	for _, line := range cost.Lines {
		if line.Amount == nil {
			for _, pointer := range line.Missing {
				missing = append(missing, pointer)
			}
		}
	}
	plain["missing"] = missing
	lines := []any{}
	for _, line := range cost.Lines {
		lines = append(lines, map[string]any{"item": line.Item, "amount": text(line.Amount)})
	}
	plain["lines"] = lines
	if cost.Replay != nil {
		plain["replay"] = plainReplay(cost.Replay)
	}
	return plain
}

// plainReplay is how traffic was served as controls see it: waits in seconds, as
// decimal strings, least and greatest as far as they are known.
func plainReplay(r *decision.Replay) map[string]any {
	if r == nil {
		return nil
	}
	plain := map[string]any{"minReplicas": r.MinReplicas, "warm": r.Warm}
	if r.WaitP99Low != nil {
		plain["waitP99Low"] = r.WaitP99Low.String()
	}
	if r.WaitP99High != nil {
		plain["waitP99High"] = r.WaitP99High.String()
	}
	return plain
}

// place gives a raw finding its three ends.
func (s *Session) place(c Control, r raw, subject Subject) decision.Finding {
	finding := decision.Finding{
		Control: c.ID, Required: r.Required, Severity: r.Severity, Title: c.Title, Message: r.Message,
		Location: s.location(r.At), Facts: s.facts(r.Facts, subject), Missing: s.gaps(r.Missing, subject),
		References: c.References,
	}
	if finding.References == nil {
		finding.References = []decision.Reference{}
	}
	if err := finding.Status.UnmarshalText([]byte(r.Status)); err != nil {
		finding.Message = errors.Join(errNoFinding, err).Error()
	}
	switch finding.Status {
	case decision.Fail:
		finding.Remediation = c.Remediation
		if len(r.Reasons) > 1 {
			for _, reason := range r.Reasons {
				finding.Reasons = append(finding.Reasons, decision.Reason{Message: reason.Message, Location: s.location(reason.At), Facts: s.facts(reason.Facts, subject)})
			}
			sort.SliceStable(finding.Reasons, func(i, j int) bool {
				a, b := finding.Reasons[i].Location, finding.Reasons[j].Location
				return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
			})
			finding.Location = finding.Reasons[0].Location
		}
	case decision.Pass:
		finding.Conditions = conditions(r, subject)
	case decision.Unknown:
		finding.Remediation = c.Remediation
	}
	return finding
}

// conditions are what a pass depends on: the control's own, and those of the
// claims that it rests on.
func conditions(r raw, subject Subject) []string {
	list := slices.Clone(r.Conditions)
	for _, pointer := range r.Facts {
		if e, local := side(pointer, subject); e != nil {
			list = append(list, e.Conditions(local)...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (s *Session) location(pointer string) decision.Location {
	_, line, column, at := s.manifest.Root.At(pointer)
	return decision.Location{Path: s.manifest.ID.Path, Line: line, Column: column, Pointer: at}
}

// side returns the offering that a pointer leads into and the pointer there;
// nil for the manifest.
func side(pointer string, subject Subject) (*offering.Expanded, string) {
	if local, ok := strings.CutPrefix(pointer, "/infrastructure/"); ok {
		return subject.Infrastructure, "/" + local
	}
	if strings.HasPrefix(pointer, "/workload/") || strings.HasPrefix(pointer, "/spec/") {
		return nil, pointer
	}
	return subject.Offering, pointer
}

func (s *Session) facts(pointers []string, subject Subject) []decision.Fact {
	facts := []decision.Fact{}
	for _, pointer := range pointers {
		e, local := side(pointer, subject)
		if e == nil {
			continue
		}
		value := e.Behind(local)
		if value == nil {
			continue
		}
		for _, ref := range value.Claims {
			fact := decision.Fact{Document: ref.Document, Path: ref.Path, Line: ref.Claim.Place.Line, Column: ref.Claim.Place.Column, Pointer: ref.Pointer}
			for _, id := range ref.Claim.Sources {
				fact.Sources = append(fact.Sources, ref.Sources[id])
			}
			if !slices.ContainsFunc(facts, func(f decision.Fact) bool { return f.Path == fact.Path && f.Pointer == fact.Pointer }) {
				facts = append(facts, fact)
			}
		}
	}
	return facts
}

func (s *Session) gaps(gaps []decision.Gap, subject Subject) []decision.Gap {
	placed := []decision.Gap{}
	for _, gap := range gaps {
		if e, local := side(gap.Pointer, subject); e == nil {
			location := s.location(strings.TrimPrefix(gap.Pointer, "/workload"))
			gap.Path, gap.Line, gap.Column = location.Path, location.Line, location.Column
		} else if value := e.Behind(local); value != nil && len(value.Claims) > 0 {
			ref := value.Claims[0]
			gap.Path, gap.Line, gap.Column = ref.Path, ref.Claim.Place.Line, ref.Claim.Place.Column
		} else {
			near := e.Vendor.Near(local)
			gap.Path, gap.Line, gap.Column = e.Vendor.Path, near.Line, near.Column
		}
		placed = append(placed, gap)
	}
	return placed
}

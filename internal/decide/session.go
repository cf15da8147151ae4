package decide

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
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
// force, with profiles, brought, must, severity and evidence among them.
func (p *Policies) Session(m manifest.Manifest, stage string, parameters map[string]any, asOf string) (*Session, error) {
	s := &Session{policies: p, manifest: m, asOf: asOf, asked: map[string]early{}, cache: map[string]outcome{}, static: map[string]ast.Value{}}
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

// Findings decides every control on one offering, sorted by control id.
func (s *Session) Findings(ctx context.Context, subject Subject) ([]decision.Finding, error) {
	findings := make([]decision.Finding, 0, len(s.policies.controls))
	for _, control := range s.policies.controls {
		finding, err := s.finding(ctx, control, subject)
		if err != nil {
			return nil, err
		}
		findings = append(findings, finding)
	}
	return findings, nil
}

// Required decides only what the verdict depends on.
func (s *Session) Required(ctx context.Context, subject Subject) ([]decision.Finding, error) {
	var findings []decision.Finding
	for _, control := range s.policies.controls {
		before, err := s.early(ctx, control)
		if err != nil {
			return nil, err
		}
		if before.known && (!before.applies || !before.required) {
			continue
		}
		finding, err := s.finding(ctx, control, subject)
		if err != nil {
			return nil, err
		}
		if finding.Required && finding.Status != decision.NotApplicable {
			findings = append(findings, finding)
		}
	}
	return findings, nil
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
	if d.early {
		pkg := controlsPrefix + c.Family + "." + c.Name
		q, err := s.policies.query(c.ID+"\x00early", fmt.Sprintf(`{"applies": {x | x := %[1]s.applies}, "asked": {x | x := %[1]s.asked}, "must": %[2]q in input.parameters.must}`, pkg, c.ID))
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

func (s *Session) object(more map[string]ast.Value) ast.Value {
	terms := make([][2]*ast.Term, 0, len(s.static)+len(more))
	for _, part := range []map[string]ast.Value{s.static, more} {
		for name, value := range part {
			terms = append(terms, [2]*ast.Term{ast.StringTerm(name), ast.NewTerm(value)})
		}
	}
	return ast.NewObject(terms...)
}

func (s *Session) finding(ctx context.Context, c Control, subject Subject) (decision.Finding, error) {
	before, err := s.early(ctx, c)
	if err != nil {
		return decision.Finding{}, err
	}
	if before.known && !before.applies {
		severity := c.Severity
		return s.place(c, raw{Status: decision.NotApplicable.String(), Required: before.required, Severity: severity, Title: c.Title, At: c.At}, subject), nil
	}
	result, err := s.decide(ctx, c, subject)
	if err != nil {
		return decision.Finding{}, err
	}
	if result.err != nil {
		if ctx.Err() != nil {
			return decision.Finding{}, ctx.Err()
		}
		fault := strings.Join(strings.Fields(result.err.Error()), " ")
		finding := s.place(c, raw{Status: decision.Unknown.String(), Required: true, Severity: c.Severity, Title: c.Title, At: c.At, Message: "could not be decided: " + fault}, subject)
		finding.Fault = fault
		return finding, nil
	}
	return s.place(c, result.raw, subject), nil
}

// decide evaluates a control, or finds that an offering which looks the same
// to it has been decided.
func (s *Session) decide(ctx context.Context, c Control, subject Subject) (outcome, error) {
	d, err := s.policies.dependency(c)
	if err != nil {
		return outcome{}, err
	}
	key := ""
	if !d.all && !d.cost {
		key = s.key(c, d, subject)
		if result, ok := s.cache[key]; ok {
			return result, nil
		}
	}
	result, err := s.evaluate(ctx, c, subject, d)
	if err != nil {
		return outcome{}, err
	}
	if key != "" && result.err == nil && !s.covered(d, result.raw) {
		// It rests on facts that its code does not name: show it everything.
		key = ""
		if result, err = s.evaluate(ctx, c, subject, &dependency{all: true, cost: true, infra: true}); err != nil {
			return outcome{}, err
		}
	}
	if key != "" && ctx.Err() == nil {
		s.cache[key] = result
	}
	return result, nil
}

func (s *Session) covered(d *dependency, r raw) bool {
	pointers := slices.Clone(r.Facts)
	for _, gap := range r.Missing {
		pointers = append(pointers, gap.Pointer)
	}
	for _, pointer := range pointers {
		if strings.HasPrefix(pointer, "/workload/") || strings.HasPrefix(pointer, "/spec/") || strings.HasPrefix(pointer, "/infrastructure/") {
			continue
		}
		if !d.covers(pointer) {
			return false
		}
	}
	return true
}

// key is alike for offerings that the control cannot tell apart.
func (s *Session) key(c Control, d *dependency, subject Subject) string {
	var b strings.Builder
	id := subject.Offering.ID
	fmt.Fprintf(&b, "%s|%s|%s", c.ID, id.Vendor, strings.Join(subject.Offering.Implied, ","))
	for _, part := range d.identity {
		switch part {
		case "product":
			b.WriteString("|" + id.Product)
		case "plan":
			b.WriteString("|" + id.Plan)
		case "hosting":
			b.WriteString("|" + id.Hosting)
		case "region":
			b.WriteString("|" + id.Region)
		case "sku":
			b.WriteString("|" + id.SKU)
		case "gpu":
			b.WriteString("|" + id.GPU)
		case "count":
			fmt.Fprintf(&b, "|%d", id.Count)
		case "capacity":
			b.WriteString("|" + id.Capacity)
		}
	}
	if d.infra && subject.Infrastructure != nil {
		fmt.Fprintf(&b, "|%v", subject.Infrastructure.ID)
	}
	for _, value := range subject.Offering.Values {
		if !d.covers(value.At()) {
			continue
		}
		fmt.Fprintf(&b, "|%s:%d", value.At(), value.State)
		for _, ref := range value.Claims {
			fmt.Fprintf(&b, ",%s%s", ref.Document, ref.Pointer)
		}
	}
	return b.String()
}

func (s *Session) evaluate(ctx context.Context, c Control, subject Subject, d *dependency) (outcome, error) {
	q, err := s.policies.query(c.ID, fmt.Sprintf("data.caveat.lib.status.finding(%q, %s%s.%s)", c.ID, controlsPrefix, c.Family, c.Name))
	if err != nil {
		return outcome{}, fmt.Errorf("control %s: %w", c.ID, err)
	}
	priced := map[string]bool{}
	if d.cost {
		for _, pointer := range CostFacts(subject.Cost) {
			priced[pointer] = true
		}
	}
	more := map[string]any{"offering": subject.Offering.Plain(func(v offering.Value) bool { return d.covers(v.At()) || priced[v.At()] })}
	if subject.Infrastructure != nil && (d.infra || d.cost || d.all) {
		more["infrastructure"] = subject.Infrastructure.Plain(func(offering.Value) bool { return true })
	}
	if subject.Offering.Account != nil {
		more["account"] = subject.Offering.Account.Plain
	}
	if d.cost {
		more["cost"] = PlainCost(subject.Cost)
	}
	values := map[string]ast.Value{}
	for name, value := range more {
		if values[name], err = ast.InterfaceToValue(value); err != nil {
			return outcome{}, fmt.Errorf("input %s: %w", name, err)
		}
	}
	value, err := eval(ctx, q, s.object(values))
	if err != nil {
		return outcome{err: err}, nil
	}
	r, err := decode(value)
	if err == nil && r.Status == "" {
		err = errNoFinding
	}
	return outcome{raw: r, err: err}, nil
}

// Input is the whole input of one offering, as a stock OPA takes it.
func (s *Session) Input(subject Subject) map[string]any {
	everything := func(offering.Value) bool { return true }
	input := map[string]any{}
	for name, value := range s.plain {
		input[name] = value
	}
	input["offering"] = subject.Offering.Plain(everything)
	if subject.Infrastructure != nil {
		input["infrastructure"] = subject.Infrastructure.Plain(everything)
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

// PriceFacts lists those facts behind a cost that are prices.
func PriceFacts(cost decision.Cost) []string {
	return slices.DeleteFunc(CostFacts(cost), func(p string) bool {
		p = strings.TrimPrefix(p, "/infrastructure")
		return !strings.HasPrefix(p, "/prices/") && !strings.Contains(p, "/price/")
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
	for _, pointer := range PriceFacts(cost) {
		facts = append(facts, pointer)
	}
	plain["facts"] = facts
	lines := []any{}
	for _, line := range cost.Lines {
		lines = append(lines, map[string]any{"item": line.Item, "amount": text(line.Amount)})
	}
	plain["lines"] = lines
	return plain
}

// place gives a raw finding its three ends.
func (s *Session) place(c Control, r raw, subject Subject) decision.Finding {
	finding := decision.Finding{
		Control: c.ID, Required: r.Required, Severity: r.Severity, Title: c.Title, Message: r.Message,
		Location: s.location(r.At), Facts: s.facts(r.Facts, subject), Missing: s.gaps(r.Missing, subject),
		References: c.References, Conditions: r.Conditions,
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
		for _, pointer := range r.Facts {
			if e, local := side(pointer, subject); e != nil {
				finding.Conditions = append(finding.Conditions, e.Conditions(local)...)
			}
		}
		slices.Sort(finding.Conditions)
		finding.Conditions = slices.Compact(finding.Conditions)
	case decision.Unknown:
		finding.Remediation = c.Remediation
	}
	return finding
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
		value, ok := e.Behind(local)
		if !ok {
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
		} else if value, ok := e.Behind(local); ok && len(value.Claims) > 0 {
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

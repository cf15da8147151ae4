package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/caveat-check/caveat/internal/decision"
)

// newOSCAL writes assessment results of OSCAL 1.1.3 as JSON: a result for each
// decision, with a finding and an observation for each control that applies,
// and a risk for each one that fails or is waived. OSCAL knows satisfied and not
// satisfied only, so that what is unknown is not satisfied, for another reason
// than "fail"; the prop "status" has our word. UUIDs are made from what they
// name, those of the document and its results from all that is in them, and
// times are those of asOf, so that the same report gives the same bytes.
func newOSCAL(w io.Writer, header decision.Report, _ Options) Writer {
	return newPages(w, header, func(out *bytes.Buffer, r decision.Report) error {
		document, err := assess(r)
		if err != nil {
			return err
		}
		if err := put(out, map[string]any{"assessment-results": document}, ""); err != nil {
			return err
		}
		out.WriteByte('\n')
		return nil
	})
}

// oscalNamespace names the words of props that are ours.
const oscalNamespace = "https://github.com/caveat-check/caveat/ns/oscal"

var oscalSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte(oscalNamespace))

type (
	assessment struct {
		UUID       string        `json:"uuid"`
		Metadata   oscalMetadata `json:"metadata"`
		ImportAP   oscalHref     `json:"import-ap"`
		Results    []oscalResult `json:"results"`
		BackMatter oscalMatter   `json:"back-matter"`
	}
	oscalMetadata struct {
		Title        string      `json:"title"`
		LastModified string      `json:"last-modified"`
		Version      string      `json:"version"`
		OSCALVersion string      `json:"oscal-version"`
		Props        []oscalProp `json:"props,omitempty"`
	}
	oscalHref struct {
		Href    string `json:"href"`
		Remarks string `json:"remarks,omitempty"`
	}
	oscalProp struct {
		Name    string `json:"name"`
		NS      string `json:"ns"`
		Value   string `json:"value"`
		Class   string `json:"class,omitempty"`
		Remarks string `json:"remarks,omitempty"`
	}
	oscalResult struct {
		UUID         string             `json:"uuid"`
		Title        string             `json:"title"`
		Description  string             `json:"description"`
		Start        string             `json:"start"`
		End          string             `json:"end"`
		Props        []oscalProp        `json:"props,omitempty"`
		Local        *oscalLocal        `json:"local-definitions,omitempty"`
		Reviewed     oscalReviewed      `json:"reviewed-controls"`
		Observations []oscalObservation `json:"observations,omitempty"`
		Risks        []oscalRisk        `json:"risks,omitempty"`
		Findings     []oscalFinding     `json:"findings,omitempty"`
		Remarks      string             `json:"remarks,omitempty"`
	}
	oscalLocal struct {
		Components []oscalComponent `json:"components"`
		Assets     oscalAssets      `json:"assessment-assets"`
	}
	oscalAssets struct {
		Components []oscalComponent `json:"components"`
		Platforms  []oscalPlatform  `json:"assessment-platforms"`
	}
	oscalPlatform struct {
		UUID string      `json:"uuid"`
		Uses []oscalUses `json:"uses-components"`
	}
	oscalUses struct {
		Component string `json:"component-uuid"`
	}
	oscalComponent struct {
		UUID        string      `json:"uuid"`
		Type        string      `json:"type"`
		Title       string      `json:"title"`
		Description string      `json:"description"`
		Props       []oscalProp `json:"props,omitempty"`
		Status      oscalState  `json:"status"`
	}
	oscalState struct {
		State   string `json:"state"`
		Reason  string `json:"reason,omitempty"`
		Remarks string `json:"remarks,omitempty"`
	}
	oscalReviewed struct {
		Description string           `json:"description"`
		Selections  []oscalSelection `json:"control-selections"`
	}
	oscalSelection struct {
		Description string         `json:"description,omitempty"`
		Include     []oscalControl `json:"include-controls,omitempty"`
		Exclude     []oscalControl `json:"exclude-controls,omitempty"`
	}
	oscalControl struct {
		ID string `json:"control-id"`
	}
	oscalOrigin struct {
		Actors []oscalActor `json:"actors"`
	}
	oscalActor struct {
		Type string `json:"type"`
		UUID string `json:"actor-uuid"`
	}
	oscalSubject struct {
		UUID  string `json:"subject-uuid"`
		Type  string `json:"type"`
		Title string `json:"title"`
	}
	oscalObservation struct {
		UUID        string          `json:"uuid"`
		Title       string          `json:"title"`
		Description string          `json:"description"`
		Props       []oscalProp     `json:"props,omitempty"`
		Methods     []string        `json:"methods"`
		Types       []string        `json:"types"`
		Origins     []oscalOrigin   `json:"origins,omitempty"`
		Subjects    []oscalSubject  `json:"subjects,omitempty"`
		Evidence    []oscalEvidence `json:"relevant-evidence,omitempty"`
		Collected   string          `json:"collected"`
		Remarks     string          `json:"remarks,omitempty"`
	}
	oscalEvidence struct {
		Href        string      `json:"href,omitempty"`
		Description string      `json:"description"`
		Props       []oscalProp `json:"props,omitempty"`
	}
	oscalRisk struct {
		UUID         string             `json:"uuid"`
		Title        string             `json:"title"`
		Description  string             `json:"description"`
		Statement    string             `json:"statement"`
		Props        []oscalProp        `json:"props,omitempty"`
		Status       string             `json:"status"`
		Origins      []oscalOrigin      `json:"origins"`
		Deadline     string             `json:"deadline,omitempty"`
		Remediations []oscalRemediation `json:"remediations,omitempty"`
		Related      []oscalObserved    `json:"related-observations"`
	}
	oscalRemediation struct {
		UUID        string `json:"uuid"`
		Lifecycle   string `json:"lifecycle"`
		Title       string `json:"title"`
		Description string `json:"description"`
	}
	oscalObserved struct {
		UUID string `json:"observation-uuid"`
	}
	oscalAtRisk struct {
		UUID string `json:"risk-uuid"`
	}
	oscalFinding struct {
		UUID         string          `json:"uuid"`
		Title        string          `json:"title"`
		Description  string          `json:"description"`
		Props        []oscalProp     `json:"props,omitempty"`
		Origins      []oscalOrigin   `json:"origins"`
		Target       oscalTarget     `json:"target"`
		Observations []oscalObserved `json:"related-observations"`
		Risks        []oscalAtRisk   `json:"related-risks,omitempty"`
	}
	oscalTarget struct {
		Type   string     `json:"type"`
		ID     string     `json:"target-id"`
		Title  string     `json:"title"`
		Status oscalState `json:"status"`
	}
	oscalMatter struct {
		Resources []oscalResource `json:"resources"`
	}
	oscalResource struct {
		UUID        string      `json:"uuid"`
		Title       string      `json:"title"`
		Description string      `json:"description,omitempty"`
		Props       []oscalProp `json:"props,omitempty"`
		RLinks      []oscalHref `json:"rlinks,omitempty"`
	}
)

// assessor turns a report into assessment results.
type assessor struct {
	report    decision.Report
	time      string
	run       uuid.UUID
	resources []oscalResource
	known     map[string]bool   // resources by UUID
	times     map[uuid.UUID]int // how often each subject came
}

func assess(r decision.Report) (assessment, error) {
	a := &assessor{report: r, time: r.AsOf + "T00:00:00Z", known: map[string]bool{}, times: map[uuid.UUID]int{}}
	a.run = named5(oscalSpace, r.Tool.Name, r.Tool.Version, r.AsOf, r.Policies.Digest, r.Catalog.Digest)
	policies := a.resource("Policies", "The controls and profiles that were applied.", "", prop("digest", r.Policies.Digest))
	a.resource("Catalog", "The vendor documents that were consulted.", "", prop("digest", r.Catalog.Digest))
	document := assessment{
		Metadata: oscalMetadata{Title: "caveat: vendor compliance of " + flat(count(len(r.Decisions), "decision", "decisions")), LastModified: a.time,
			Version: line(r.AsOf), OSCALVersion: "1.1.3", Props: props(prop("tool", r.Tool.Name+" "+r.Tool.Version), prop("policies-digest", r.Policies.Digest), prop("catalog-digest", r.Catalog.Digest))},
		ImportAP: oscalHref{Href: "#" + policies, Remarks: "There is no assessment plan: the policies say what is assessed."},
	}
	ids := []string{}
	for i, d := range r.Decisions {
		result, err := a.result(i, d)
		if err != nil {
			return assessment{}, err
		}
		document.Results = append(document.Results, result)
		ids = append(ids, result.UUID)
	}
	if uses := pressed(r.Waivers); len(uses) > 0 {
		result := a.lapses(uses)
		document.Results = append(document.Results, result)
		ids = append(ids, result.UUID)
	}
	if len(r.Errors) > 0 || len(r.Decisions) == 0 {
		result := a.problems()
		document.Results = append(document.Results, result)
		ids = append(ids, result.UUID)
	}
	document.UUID = named5(a.run, ids...).String()
	document.BackMatter.Resources = a.resources
	return document, nil
}

// subject is the UUID of what these words name: the same one in each report,
// whatever was found and when. What comes again in a document is numbered.
func (a *assessor) subject(space uuid.UUID, words ...string) uuid.UUID {
	id := named5(space, words...)
	a.times[id]++
	if n := a.times[id]; n > 1 {
		return named5(id, fmt.Sprint(n))
	}
	return id
}

// result is one decision. Its UUID is of all that the decision says; those of
// what is in it are of the workload, the offering and the control.
func (a *assessor) result(i int, d decision.Decision) (oscalResult, error) {
	said, err := json.Marshal(whole(d))
	if err != nil {
		return oscalResult{}, fmt.Errorf("oscal: %w", err)
	}
	base := a.subject(oscalSpace, "decision", or(d.Manifest.Name, d.Manifest.Path), offeringKey(d.Offering))
	id := func(parts ...string) string { return a.subject(base, parts...).String() }
	tool, subject := id("tool"), id("offering")
	origins := []oscalOrigin{{[]oscalActor{{"tool", tool}}}}
	title := flat(or(d.Manifest.Name, "unnamed") + " on " + inFew(d.Offering))
	result := oscalResult{
		UUID: named5(a.run, "result", fmt.Sprint(i), string(said)).String(), Title: title, Start: a.time, End: a.time,
		Description: flat(fmt.Sprintf("Verdict %s for the workload of %s at stage %s.", d.Verdict, document(d.Manifest), or(d.Stage, "unknown"))),
		Props: props(prop("verdict", d.Verdict.String()), prop("stage", d.Stage), prop("workload", d.Manifest.Name), prop("owner", d.Manifest.Owner),
			prop("manifest", document(d.Manifest)), prop("manifest-digest", d.Manifest.Digest), prop("profiles", strings.Join(d.Profiles, ", ")),
			prop("cost-currency", d.Cost.Currency), prop("cost-expected", amount(d.Cost.Expected)), prop("cost-low", amount(d.Cost.Low)),
			prop("cost-high", amount(d.Cost.High)), prop("cost-known", d.Cost.Known.String())),
		Local: &oscalLocal{
			Components: []oscalComponent{{UUID: subject, Type: "service", Title: flat(inFew(d.Offering)), Description: "The offering that was assessed.",
				Props: props(prop("vendor", d.Offering.Vendor), prop("product", d.Offering.Product), prop("plan", d.Offering.Plan), prop("hosting", d.Offering.Hosting),
					prop("infrastructure", d.Offering.Infrastructure), prop("region", d.Offering.Region), prop("sku", d.Offering.SKU), prop("capacity", d.Offering.Capacity)),
				Status: oscalState{State: "other", Remarks: "The report says what may be run, not what runs."}}},
			Assets: oscalAssets{
				Components: []oscalComponent{{UUID: tool, Type: "software", Title: line(a.report.Tool.Name), Description: "Decides workload manifests against vendor documents.",
					Props: props(prop("version", a.report.Tool.Version)), Status: oscalState{State: "operational"}}},
				Platforms: []oscalPlatform{{UUID: id("platform"), Uses: []oscalUses{{tool}}}},
			},
		},
		Reviewed: oscalReviewed{Description: "The controls in force. Those that do not apply to the workload are excluded."},
		Remarks:  remarks(d),
	}
	for i, c := range d.Conditions {
		result.Props = append(result.Props, props(oscalProp{Name: "condition", Value: c, Class: fmt.Sprintf("n%d", i+1)})...)
	}
	var selection oscalSelection
	for _, f := range ordered(d.Findings) {
		control := oscalControl{token(f.Control)}
		if f.Status == decision.NotApplicable {
			selection.Exclude = append(selection.Exclude, control)
			continue
		}
		selection.Include = append(selection.Include, control)
		observation := a.observation(id("observation", f.Control), f)
		observation.Origins, observation.Subjects = origins, []oscalSubject{{subject, "component", flat(inFew(d.Offering))}}
		result.Observations = append(result.Observations, observation)
		finding := oscalFinding{
			UUID: id("finding", f.Control), Title: or(flat(f.Title), f.Control), Description: flat(or(f.Message, or(f.Title, f.Control))), Origins: origins,
			Props:        props(prop("status", f.Status.String()), prop("severity", f.Severity), prop("required", fmt.Sprint(f.Required)), prop("at", spot(f.Location)), prop("pointer", f.Location.Pointer)),
			Target:       oscalTarget{Type: "objective-id", ID: token(f.Control), Title: or(flat(f.Title), f.Control), Status: state(f)},
			Observations: []oscalObserved{{observation.UUID}},
		}
		for _, r := range f.References {
			finding.Props = append(finding.Props, props(oscalProp{Name: "reference", Value: r.ID, Class: token(r.Framework)})...)
		}
		if f.Status == decision.Fail || f.Status == decision.Waived {
			risk := oscalRisk{UUID: id("risk", f.Control), Title: finding.Title, Description: finding.Description, Statement: finding.Description, Status: "open",
				Props: props(prop("severity", f.Severity), prop("required", fmt.Sprint(f.Required))), Origins: origins, Related: finding.Observations}
			if f.Status == decision.Waived {
				risk.Status = "deviation-approved"
				risk.Props = append(risk.Props, waiverProps(f)...)
				if until := waiverOf(f).Until; isDay(until) {
					risk.Deadline = until + "T23:59:59Z" // it holds on its last day
				}
			}
			if f.Remediation != "" {
				risk.Remediations = []oscalRemediation{{id("remediation", f.Control), "recommendation", "What would pass", flat(f.Remediation)}}
			}
			result.Risks = append(result.Risks, risk)
			finding.Risks = []oscalAtRisk{{risk.UUID}}
		}
		result.Findings = append(result.Findings, finding)
	}
	if len(d.Findings) == 0 {
		selection.Description = "No control was decided."
	}
	result.Reviewed.Selections = []oscalSelection{selection}
	return result, nil
}

// state is a status in the words of OSCAL.
func state(f decision.Finding) oscalState {
	switch f.Status {
	case decision.Pass:
		return oscalState{State: "satisfied", Reason: "pass"}
	case decision.Fail:
		return oscalState{State: "not-satisfied", Reason: "fail"}
	case decision.Waived:
		return oscalState{State: "not-satisfied", Reason: "other", Remarks: flat("An exception is accepted: " + acceptance(f) + ".")}
	default:
		return oscalState{State: "not-satisfied", Reason: "other", Remarks: "Open: it is not known whether the control is met."}
	}
}

// waiverProps say of a waived finding what waives it, each part by itself.
func waiverProps(f decision.Finding) []oscalProp {
	w := waiverOf(f)
	list := []oscalProp{prop("status-without-waiver", beneath(f).String()), prop("waiver", w.Name), prop("waiver-owner", w.Owner), prop("waiver-approver", w.Approver),
		prop("waiver-reason", w.Reason), prop("waiver-ticket", w.Ticket), prop("waiver-from", w.From), prop("waiver-until", w.Until)}
	if w.Path != "" {
		list = append(list, prop("waiver-at", lineOf(w.Path, w.Line)))
	}
	return props(list...)
}

// isDay reports whether a text is an ISO date.
func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// observation is what a finding rests on: each source of each claim, and what is
// missing.
func (a *assessor) observation(id string, f decision.Finding) oscalObservation {
	o := oscalObservation{UUID: id, Title: "Evidence for " + flat(f.Control), Description: flat(or(f.Message, or(f.Title, f.Control))),
		Methods: []string{"EXAMINE"}, Types: []string{"finding"}, Collected: a.time}
	if f.Fault != "" {
		o.Methods = []string{"UNKNOWN"}
		o.Remarks = "The control could not be evaluated: " + flat(f.Fault)
	}
	var messages []string
	if len(f.Reasons) > 1 {
		for _, r := range f.Reasons {
			messages = append(messages, strings.TrimSpace(spot(r.Location)+" "+r.Message))
		}
		o.Remarks = flat(strings.Join(messages, "; "))
	}
	for _, fact := range f.Facts {
		claim := fmt.Sprintf("%s, %s", lineOf(fact.Path, fact.Line), fact.Pointer)
		about := []oscalProp{prop("document", fact.Document), prop("claim", spot(decision.Location{Path: fact.Path, Line: fact.Line, Column: fact.Column})), prop("pointer", fact.Pointer)}
		if len(fact.Sources) == 0 {
			o.Evidence = append(o.Evidence, oscalEvidence{Description: flat(claim + ": no source"), Props: props(about...)})
		}
		for _, s := range fact.Sources {
			o.Evidence = append(o.Evidence, oscalEvidence{Href: "#" + a.source(fact.Document, s), Description: flat(claim + ": " + s.ID + ", " + evidence(s)),
				Props: props(append(about[:len(about):len(about)], prop("source", s.ID), prop("kind", s.Kind), prop("published", s.Published), prop("read", s.Read))...)})
		}
	}
	for _, gap := range f.Missing {
		about := strings.TrimSpace(whom(gap) + " " + pointer(gap) + " (" + because(gap.Reason) + ")")
		o.Props = append(o.Props, props(oscalProp{Name: "missing", Value: gap.Document + gap.Pointer, Class: token(gap.Reason), Remarks: flat(about)})...)
	}
	return o
}

// source is the resource of a source of one document.
func (a *assessor) source(document string, s decision.Source) string {
	description := s.Document
	if description == "" {
		description = s.URL
	}
	return a.resource(document+": "+s.ID, description, link(s), prop("kind", s.Kind), prop("published", s.Published), prop("read", s.Read), prop("copy", s.Copy),
		prop("effective", s.Effective), prop("until", s.Until))
}

// resource keeps a resource, once, and gives its UUID.
func (a *assessor) resource(title, description, href string, about ...oscalProp) string {
	r := oscalResource{Title: flat(title), Description: flat(description), Props: props(about...)}
	if href != "" {
		r.RLinks = []oscalHref{{Href: href}}
	}
	r.UUID = named5(oscalSpace, "resource", r.Title, r.Description, href, fmt.Sprint(r.Props)).String()
	if !a.known[r.UUID] {
		a.known[r.UUID] = true
		a.resources = append(a.resources, r)
	}
	return r.UUID
}

// lapses are the waivers to look at, as a result of their own: they are of no
// decision, and no control fails for them.
func (a *assessor) lapses(uses []decision.WaiverUse) oscalResult {
	said := []string{"waivers"}
	for _, use := range uses {
		said = append(said, use.Path, fmt.Sprint(use.Line, ":", use.Column), useHeadline(use), useText(use))
	}
	base := named5(a.run, said...)
	result := oscalResult{UUID: base.String(), Title: "Waivers to look at", Start: a.time, End: a.time,
		Description: "Waivers that waive nothing, or that end within 30 days.",
		Reviewed:    oscalReviewed{Description: "None.", Selections: []oscalSelection{{Description: "No control was decided."}}}}
	for _, use := range uses {
		result.Observations = append(result.Observations, oscalObservation{UUID: a.subject(oscalSpace, "waiver", use.Path, use.Name, use.Control).String(), Title: line(useHeadline(use)), Description: line(useText(use)),
			Methods: []string{"EXAMINE"}, Types: []string{"finding"}, Collected: a.time,
			Props: props(prop("waiver", use.Name), prop("waiver-status", standing(use)), prop("waiver-until", use.Until), prop("waiver-at", spot(decision.Location{Path: use.Path, Line: use.Line, Column: use.Column})),
				prop("control", use.Control))})
	}
	return result
}

// problems are the errors in inputs, as a result of their own: what was not
// decided must not be missed.
func (a *assessor) problems() oscalResult {
	var all []string
	for _, p := range a.report.Errors {
		all = append(all, p.Error())
	}
	base := named5(a.run, append([]string{"problems"}, all...)...)
	result := oscalResult{UUID: base.String(), Title: "What was not decided", Start: a.time, End: a.time,
		Description: "Inputs that could not be read or decided. Nothing is known of what they describe.",
		Reviewed:    oscalReviewed{Description: "None.", Selections: []oscalSelection{{Description: "No control was decided."}}}}
	if len(all) == 0 {
		result.Description = "Nothing was decided."
	}
	for i, p := range a.report.Errors {
		result.Observations = append(result.Observations, oscalObservation{UUID: a.subject(oscalSpace, "input", p.Path, unnumbered(p.Message)).String(), Title: "Error in an input", Description: flat(all[i]),
			Methods: []string{"UNKNOWN"}, Types: []string{"finding"}, Collected: a.time})
	}
	return result
}

// remarks tell what else there is to buy.
func remarks(d decision.Decision) string {
	var lines []string
	for _, o := range offers(d)[1:] {
		words := fmt.Sprintf("%s: %s, %s", o.as, inFew(o.offering), totalInWords(o.cost))
		if notes := o.notes(); len(notes) > 0 {
			words += " (" + strings.Join(notes, "; ") + ")"
		}
		lines = append(lines, "- "+flat(words))
	}
	return strings.Join(lines, "\n")
}

// named5 is the UUID, version 5, of a list of texts.
func named5(space uuid.UUID, parts ...string) uuid.UUID {
	var name bytes.Buffer
	for _, p := range parts {
		fmt.Fprintf(&name, "%d:%s", len(p), p)
	}
	return uuid.NewSHA1(space, name.Bytes())
}

func prop(name, value string) oscalProp { return oscalProp{Name: name, Value: value} }

// props are those that have a value, in our namespace.
func props(all ...oscalProp) []oscalProp {
	var list []oscalProp
	for _, p := range all {
		if p.Value = line(p.Value); p.Value == "" {
			continue
		}
		p.NS = oscalNamespace
		list = append(list, p)
	}
	return list
}

// line is text on one line without space at its ends, as OSCAL has strings.
func line(s string) string { return strings.TrimSpace(flat(s)) }

// token makes a token of an id; ids of ours are tokens already.
func token(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || strings.ContainsRune(".-_", r) {
			return r
		}
		return '_'
	}, s)
	if first := []rune(s); len(first) == 0 || !unicode.IsLetter(first[0]) && first[0] != '_' {
		s = "_" + s
	}
	return s
}

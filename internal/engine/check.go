package engine

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/expand"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/manifest"
	"github.com/caveat-check/caveat/internal/offering"
	"github.com/caveat-check/caveat/internal/price"
	"github.com/caveat-check/caveat/internal/rank"
	"github.com/caveat-check/caveat/internal/waiver"
)

// A Result is what one file gave: its decisions in the order of its documents,
// and its problems in the order of its lines.
type Result struct {
	Path      string
	Decisions []decision.Decision
	Problems  []decision.Problem
	// Waivers are what became of the waivers: of the last result, which has
	// nothing else. None where no waivers are given.
	Waivers []decision.WaiverUse
	seen    []waiver.Seen
}

// Header is the part of a report that is known before any manifest is read.
func (e *Engine) Header(tool decision.Tool) decision.Report {
	return decision.Report{Tool: tool, AsOf: e.options.AsOf, Policies: decision.Digest{Digest: e.pack}, Catalog: decision.Digest{Digest: e.catalog}}
}

// Check decides every manifest under some paths and hands over the results in
// the order of the paths, whatever the number of workers. It holds a few files
// at a time. An error of emit, or of ctx, stops it and is returned.
func (e *Engine) Check(ctx context.Context, paths []string, emit func(Result) error) error {
	files, problems := load.Files(paths)
	if len(problems) > 0 {
		if err := emit(Result{Problems: problems}); err != nil {
			return err
		}
	}
	var seen []waiver.Seen
	workers := e.options.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	results := make(chan chan Result, 2*workers)
	slots := make(chan struct{}, workers)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	group.Go(func() {
		defer close(results)
		for _, file := range files {
			result := make(chan Result, 1)
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			select {
			case results <- result:
			case <-ctx.Done():
				return
			}
			group.Go(func() {
				defer func() { <-slots }()
				result <- e.file(ctx, file)
			})
		}
	})
	for result := range results {
		select {
		case r := <-result:
			if err := ctx.Err(); err != nil {
				return err
			}
			seen = append(seen, r.seen...)
			if err := emit(r); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := ctx.Err(); err != nil || e.waivers == nil {
		return err
	}
	return emit(Result{Waivers: e.waivers.Uses(seen, e.baselineDays())})
}

func (e *Engine) file(ctx context.Context, path string) Result {
	result := Result{Path: path}
	documents, problems := e.loader.File(ctx, path)
	result.Problems = problems
	for _, doc := range documents {
		if doc.Kind != "Workload" {
			result.Problems = append(result.Problems, wrongKind(doc))
			continue
		}
		decisions, seen, problems := e.decide(ctx, doc)
		result.Decisions = append(result.Decisions, decisions...)
		result.Problems = append(result.Problems, problems...)
		result.seen = append(result.seen, seen...)
	}
	return result
}

// A run is one manifest being decided.
type run struct {
	*Engine
	manifest   manifest.Manifest
	parameters map[string]any
	profiles   []string
	maxDays    int // that a waiver may last
	barred     map[string]string
	cloud      string          // the infrastructure, in full
	faults     map[string]bool // what controls failed at, anywhere
	own        *decide.Session
	others     *decide.Session
	lifted     []decision.Lifted
	bounded    []decision.Cost // incomplete totals with an upper bound
	usage      price.Usage
	requests   int64 // of traffic, in a period
	resources  price.Resources
	costs      map[priceKey]decision.Cost
	closers    []func() error
}

// close gives back what preparing has opened.
func (r *run) close() {
	for _, close := range r.closers {
		_ = close() // a temporary file that cannot be removed changes no decision
	}
}

// Decide decides one Workload document: one decision, or one for each region
// that its placement lists.
func (e *Engine) Decide(ctx context.Context, doc document.Document) ([]decision.Decision, []decision.Problem) {
	decisions, _, problems := e.decide(ctx, doc)
	return decisions, problems
}

// decide decides a document and says what waivers were asked for.
func (e *Engine) decide(ctx context.Context, doc document.Document) ([]decision.Decision, []waiver.Seen, []decision.Problem) {
	r, problems := e.prepare(ctx, doc)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	defer r.close()
	decisions, err := r.decide(ctx)
	if err != nil {
		return nil, nil, []decision.Problem{r.problem("", "%v", err)}
	}
	var seen []waiver.Seen
	for _, d := range decisions {
		if e.waivers != nil {
			seen = append(seen, waiver.Seen{Case: r.waiverCase("", d.Offering.Vendor), Findings: d.Findings})
		}
		for _, f := range d.Findings {
			if f.Fault != "" {
				r.faults[fmt.Sprintf("control %s could not be decided: %s", f.Control, f.Fault)] = true
			}
		}
	}
	return decisions, seen, r.faulty()
}

// faulty are the faults met on the way, sorted.
func (r *run) faulty() (problems []decision.Problem) {
	for _, fault := range slices.Sorted(maps.Keys(r.faults)) {
		problems = append(problems, r.problem("", "%s", fault))
	}
	return problems
}

// Inputs gives the full policy input of every offering that the placement of a
// manifest may mean, as a stock OPA takes it.
func (e *Engine) Inputs(ctx context.Context, doc document.Document) ([]map[string]any, []decision.Problem) {
	r, problems := e.prepare(ctx, doc)
	if len(problems) > 0 {
		return nil, problems
	}
	defer r.close()
	session, err := r.session()
	if err != nil {
		return nil, []decision.Problem{r.problem("", "%v", err)}
	}
	var inputs []map[string]any
	for _, id := range r.choices(r.manifest.Placement) {
		inputs = append(inputs, session.Input(r.subject(id)))
	}
	return inputs, nil
}

func (e *Engine) prepare(ctx context.Context, doc document.Document) (*run, []decision.Problem) {
	doc.Root = doc.Root.Clone() // names are rewritten below
	r := &run{Engine: e, manifest: manifest.FromDocument(doc), faults: map[string]bool{}, costs: map[priceKey]decision.Cost{}}
	if e.options.Stage != "" {
		r.manifest.Stage = e.options.Stage
	}
	problems := r.checkPlacement()
	var profiles []Profile
	for _, p := range e.profiles {
		if p.Metadata.Name == baseline {
			profiles = append([]Profile{p}, profiles...)
			continue
		}
		if slices.Contains(e.options.Profiles, p.Metadata.Name) || p.activated(r.manifest, e.within) {
			profiles = append(profiles, p)
		}
	}
	for _, p := range profiles {
		r.profiles = append(r.profiles, p.Metadata.Name)
	}
	r.maxDays, r.barred = maxDays(profiles), barred(profiles, e.policies.Controls())
	var found []decision.Problem
	r.parameters, found = parameters(profiles, e.policies.Controls())
	problems = append(problems, found...)
	if len(problems) > 0 {
		return nil, problems
	}
	if err := r.quantities(); err != nil {
		return nil, []decision.Problem{r.problem("/spec/usage", "%v", err)}
	}
	if problems := r.traffic(ctx); len(problems) > 0 {
		r.close()
		return nil, problems
	}
	return r, nil
}

func (r *run) problem(pointer, format string, args ...any) decision.Problem {
	_, line, column, _ := r.manifest.Root.At(pointer)
	return decision.Problem{Path: r.manifest.ID.Path, Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
}

// quantities reads the units of what the manifest uses.
func (r *run) quantities() error {
	m := r.manifest
	r.resources = price.Resources{GPU: m.GPU, Count: m.Count, Nodes: m.Nodes}
	if m.CPU != "" {
		cpu, err := decimal.NewFromString(m.CPU)
		if err != nil {
			return fmt.Errorf("spec.resources.cpu: %w", err)
		}
		r.resources.CPU = &cpu
	}
	if m.Memory != "" {
		memory, err := price.ParseSize(m.Memory)
		if err != nil {
			return fmt.Errorf("spec.resources.memory: %w", err)
		}
		r.resources.Memory = &memory
	}
	r.usage.AlwaysOn = m.Usage.AlwaysOn
	if m.Usage.GPUHours != "" {
		hours, err := decimal.NewFromString(m.Usage.GPUHours)
		if err != nil {
			return fmt.Errorf("spec.usage.gpuHours: %w", err)
		}
		r.usage.GPUHours = &hours
	}
	for _, job := range m.Usage.Jobs {
		duration, err := price.ParseDuration(job.Duration)
		if err != nil {
			return fmt.Errorf("spec.usage.jobs: %w", err)
		}
		r.usage.Jobs = append(r.usage.Jobs, price.Job{Count: job.Count, Duration: duration})
	}
	return nil
}

// checkPlacement reports names that the vendor does not have, and rewrites
// aliases to ids.
func (r *run) checkPlacement() []decision.Problem {
	var problems []decision.Problem
	p := &r.manifest.Placement
	unknown := func(pointer, what, name, vendor string, list []string) {
		message := fmt.Sprintf("%s has no %s %q; expected one of %s", vendor, what, name, strings.Join(list, ", "))
		if near := load.Nearest(name, list); near != "" {
			message += fmt.Sprintf("; did you mean %q", near)
		}
		problems = append(problems, r.problem(pointer, "%s", message))
	}
	for i, region := range p.Regions {
		known := region == decision.Unpinned || slices.Contains(r.loader.Places(), region)
		for _, v := range r.vendors {
			if _, site := v.Sites[region]; site && (p.Vendor == "" || v.ID == p.Vendor || slices.Contains(v.Aliases, p.Vendor)) {
				known = true
			}
		}
		if !known {
			list := r.loader.Places()
			if v, _ := r.vendor(p.Vendor); v != nil {
				for site := range v.Sites {
					list = append(list, site)
				}
				slices.Sort(list)
			}
			message := fmt.Sprintf("region %q is not known; expected a place of the vocabulary or a region of the vendor", region)
			if near := load.Nearest(region, list); near != "" {
				message += fmt.Sprintf("; did you mean %q", near)
			}
			problems = append(problems, r.problem(fmt.Sprintf("/spec/placement/regions/%d", i), "%s", message))
		}
	}
	var named *catalog.Vendor
	if p.Vendor == "" {
		for _, part := range []struct{ key, value string }{{"product", p.Product}, {"plan", p.Plan}, {"sku", p.SKU}} {
			if part.value != "" {
				problems = append(problems, r.problem("/spec/placement/"+part.key, "placement names %s %q and no vendor; expected the vendor that has it; add vendor", part.key, part.value))
			}
		}
	} else {
		v, message := r.vendor(p.Vendor)
		if v == nil {
			return append(problems, r.problem("/spec/placement/vendor", "%s", message))
		}
		named = v
		p.Vendor = v.ID
		if _, ok := v.Product(p.Product); p.Product != "" && !ok {
			unknown("/spec/placement/product", "product", p.Product, v.ID, ids(v.Products, func(x catalog.Product) string { return x.ID }))
		}
		if p.Plan != "" && !v.HasPlan(p.Plan) {
			unknown("/spec/placement/plan", "plan", p.Plan, v.ID, ids(v.Plans, func(x catalog.Plan) string { return x.ID }))
		}
		if sku, ok := v.SKU(p.SKU); ok && !expand.Holds(sku, r.manifest) {
			problems = append(problems, r.problem("/spec/placement/sku", "sku %s includes %s vCPU and %s of memory, and spec.resources asks for more; expected one that is large enough", p.SKU, or(sku.VCPU, "any"), or(sku.Memory, "any amount")))
		} else if p.SKU != "" && !ok {
			unknown("/spec/placement/sku", "sku", p.SKU, v.ID, ids(v.SKUs, func(x catalog.SKU) string { return x.ID }))
		}
	}
	problems = append(problems, r.checkInfrastructure()...)
	return append(problems, r.checkFeatures(named)...)
}

// checkInfrastructure reports names that the cloud does not have, and parts of
// it that are left open: a BAA, a place and a price hang on each of them, so
// none is picked for the manifest.
func (r *run) checkInfrastructure() []decision.Problem {
	cloud := r.manifest.Placement.Infrastructure
	if cloud == nil {
		return nil
	}
	const at = "/spec/placement/infrastructure"
	v, message := r.vendor(cloud.Vendor)
	if v == nil {
		return []decision.Problem{r.problem(at+"/vendor", "%s", message)}
	}
	cloud.Vendor = v.ID
	var problems []decision.Problem
	check := func(key, name string, list []string) {
		if name == "" || slices.Contains(list, name) {
			return
		}
		message := fmt.Sprintf("%s has no %s %q; expected one of %s", v.ID, key, name, strings.Join(list, ", "))
		if near := load.Nearest(name, list); near != "" {
			message += fmt.Sprintf("; did you mean %q", near)
		}
		problems = append(problems, r.problem(at+"/"+key, "%s", message))
	}
	check("product", cloud.Product, ids(v.Products, func(x catalog.Product) string { return x.ID }))
	check("plan", cloud.Plan, ids(v.Plans, func(x catalog.Plan) string { return x.ID }))
	check("sku", cloud.SKU, ids(v.SKUs, func(x catalog.SKU) string { return x.ID }))
	check("region", cloud.Region, append(slices.Sorted(maps.Keys(v.Sites)), r.loader.Places()...))
	if account := r.accountWith(v.ID); cloud.Account != "" && (account == nil || account.Name != cloud.Account) {
		problems = append(problems, r.problem(at+"/account", "there is no account %q with %s; expected the name of one that is given with --account", cloud.Account, v.ID))
	}
	if len(problems) > 0 {
		return problems
	}
	choices := r.clouds(*cloud)
	r.cloud = v.ID
	if len(choices) == 1 {
		o := choices[0]
		r.cloud = strings.TrimRight(strings.Join([]string{o.Vendor, o.Product, o.Plan, o.Region, o.SKU}, "/"), "/")
	}
	for _, part := range []struct {
		key string
		of  func(decision.Offering) string
	}{
		{"product", func(o decision.Offering) string { return o.Product }}, {"plan", func(o decision.Offering) string { return o.Plan }},
		{"region", func(o decision.Offering) string { return o.Region }}, {"sku", func(o decision.Offering) string { return o.SKU }},
	} {
		var open []string
		for _, choice := range choices {
			if !slices.Contains(open, part.of(choice)) {
				open = append(open, part.of(choice))
			}
		}
		if len(open) > 1 {
			problems = append(problems, r.problem(at, "infrastructure leaves %s open; expected one of %s; add %s", part.key, strings.Join(open, ", "), part.key))
			break // what is chosen narrows the others
		}
	}
	return problems
}

// checkFeatures reports features that no vendor has. One that only others than
// the named vendor have is for the controls to decide.
func (r *run) checkFeatures(named *catalog.Vendor) []decision.Problem {
	var problems []decision.Problem
	for i, feature := range r.manifest.Features {
		known := false
		var list []string
		for _, v := range r.vendors {
			if found, ok := v.Feature(feature); ok {
				known = true
				if v == named && found.ID != feature {
					r.rename(i, found.ID)
				}
			}
			if named == nil || v == named {
				list = append(list, ids(v.Features, func(f catalog.Feature) string { return f.ID })...)
			}
		}
		if known {
			continue
		}
		message := fmt.Sprintf("feature %q is not one of any vendor in the catalog", feature)
		if named != nil {
			message = fmt.Sprintf("%s has no feature %q; expected one of %s", named.ID, feature, strings.Join(list, ", "))
		}
		if near := load.Nearest(feature, list); near != "" {
			message += fmt.Sprintf("; did you mean %q", near)
		}
		problems = append(problems, r.problem(fmt.Sprintf("/spec/uses/%d/feature", i), "%s", message))
	}
	return problems
}

// rename writes a feature's id where its alias stood.
func (r *run) rename(i int, id string) {
	r.manifest.Features[i] = id
	if node, _, _, _ := r.manifest.Root.At(fmt.Sprintf("/spec/uses/%d/feature", i)); node != nil {
		node.Value = id
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func ids[T any](list []T, id func(T) string) []string {
	all := make([]string, len(list))
	for i, item := range list {
		all[i] = id(item)
	}
	return all
}

// start begins to decide at a stage, with the waivers of the run.
func (r *run) start(stage string) (*decide.Session, error) {
	s, err := r.policies.Session(r.manifest, stage, true, r.parameters, r.options.AsOf)
	if err == nil && r.waivers != nil {
		s.Waive(func(control, vendor string) *decision.Waiver { return r.waivers.Holds(r.waiverCase(control, vendor)) })
	}
	return s, err
}

// session decides what the manifest names, at its stage. What it leaves free
// is decided as if it named it, so that what is shown would pass as shown.
func (r *run) session() (*decide.Session, error) {
	var err error
	if r.own == nil {
		r.own, err = r.start(r.manifest.Stage)
	}
	return r.own, err
}

// selection decides what else there is, each offering as a placement, at stage
// select.
func (r *run) selection() (*decide.Session, error) {
	var err error
	if r.others == nil {
		r.others, err = r.start("select")
	}
	return r.others, err
}

// choices lists the offerings that a placement may mean.
func (r *run) choices(p manifest.Placement) []decision.Offering {
	var list []decision.Offering
	for _, v := range r.vendors {
		if p.Vendor == "" || p.Vendor == v.ID {
			for _, id := range r.expander(v.ID).Choices(r.manifest, p) {
				if id.Infrastructure != "" {
					id.Infrastructure = r.cloud
				}
				list = append(list, id)
			}
		}
	}
	return list
}

// subject expands and prices one offering.
func (r *run) subject(id decision.Offering) decide.Subject {
	x := r.expander(id.Vendor)
	subject := decide.Subject{Offering: x.Offering(id, r.manifest.Features)}
	if cloud := r.manifest.Placement.Infrastructure; cloud != nil && id.Hosting != "managed" {
		subject.Infrastructure = r.infrastructure(*cloud)
	}
	key := x.priceKey(subject.Offering, held(x.Expander, id))
	if cost, ok := r.costs[key]; ok {
		subject.Cost = cost
		return subject
	}
	subject.Cost = r.priced(subject)
	r.date(&subject)
	r.costs[key] = subject.Cost
	return subject
}

// A priceKey is alike for offerings that cost the same for one manifest: those
// of the same make, in regions for which no price differs.
type priceKey struct {
	market   *market
	offering decision.Offering
	facts    string
}

// priceKey finds an offering's key. Product, plan and region count by the facts
// that hold for them, and by whether a region is chosen and the plan held; where
// list prices stand beside ours, by themselves.
func (m *market) priceKey(e *offering.Expanded, held bool) priceKey {
	id := e.ID
	if m.list != nil {
		return priceKey{m, id, ""}
	}
	if id.Product, id.Plan = "", ""; held {
		id.Plan = e.ID.Plan
	}
	if id.Region != decision.Unpinned {
		id.Region = ""
	}
	b := make([]byte, 0, 128)
	for _, i := range m.bearing {
		if value := e.Values[i]; value != nil {
			b = strconv.AppendInt(append(b, ' '), int64(value.Number), 36)
		}
	}
	return priceKey{m, id, string(b)}
}

// bearing lists the slots of an offering that pricing may read.
func bearing(slots []offering.Slot) (list []int) {
	for i, slot := range slots {
		for _, section := range []string{"/skus/", "/prices/", "/billing/", "/scaling/", "/performance/coldStart", "/hosting/overflow"} {
			if strings.HasPrefix(slot.At, section) || strings.HasSuffix(slot.At, "/facts/performance/coldStart") {
				list = append(list, i)
				break
			}
		}
	}
	return list
}

// request is what the price of an offering depends on.
func (r *run) request(subject decide.Subject) price.Request {
	o := subject.Offering
	request := price.Request{
		Offering: o.ID, Facts: o, Resources: r.resources, Usage: r.usage, PlanHeld: held(r.expander(o.ID.Vendor).Expander, o.ID),
		Regional: regional(o), Hosted: hosted(o), Negotiated: o.Ours,
	}
	for _, feature := range slices.Concat(r.manifest.Features, o.Implied) {
		if at := document.Join("features", feature, "facts", "performance", "coldStart"); o.Find(at) != nil && !slices.Contains(request.ColdStarts, at) {
			request.ColdStarts = append(request.ColdStarts, at)
		}
	}
	if cloud := subject.Infrastructure; cloud != nil {
		request.Infrastructure = &price.Provider{Offering: cloud.ID, Facts: cloud, Regional: regional(cloud), Negotiated: cloud.Ours}
	}
	return request
}

// regional reports whether the price of an offering's SKU is published for its
// region, so that no multiplier stands between them.
func regional(e *offering.Expanded) bool {
	value := e.Find(document.Join("skus", e.ID.SKU, "price", e.ID.Capacity))
	return value != nil && !slices.ContainsFunc(value.Claims, func(r offering.Ref) bool { return r.Claim.Scope.Regions == nil })
}

// hosted reports whether the price of an offering's SKU is published for its
// hosting by name.
func hosted(e *offering.Expanded) bool {
	value := e.Find(document.Join("skus", e.ID.SKU, "price", e.ID.Capacity))
	return value != nil && !slices.ContainsFunc(value.Claims, func(r offering.Ref) bool { return r.Claim.Scope.Hosting == nil })
}

// clouds lists the offerings of the cloud that the manifest may mean.
func (r *run) clouds(cloud manifest.Infrastructure) []decision.Offering {
	placement := manifest.Placement{Vendor: cloud.Vendor, Product: cloud.Product, Plan: cloud.Plan, SKU: cloud.SKU, Hosting: "managed"}
	if cloud.Region != "" {
		placement.Regions = []string{cloud.Region}
	}
	choices := r.expander(cloud.Vendor).Choices(r.manifest, placement)
	if slices.ContainsFunc(choices, onDemand) {
		// On demand is what one gets without asking for anything else.
		choices = slices.DeleteFunc(choices, func(o decision.Offering) bool { return !onDemand(o) })
	}
	return choices
}

func onDemand(o decision.Offering) bool { return o.Capacity == "on-demand" }

// infrastructure expands the cloud that the manifest names.
func (r *run) infrastructure(cloud manifest.Infrastructure) *offering.Expanded {
	choices := r.clouds(cloud)
	if len(choices) == 0 {
		return nil
	}
	return r.expander(cloud.Vendor).Offering(choices[0], nil)
}

// date marks the lines whose prices are older than prices may be.
func (r *run) date(subject *decide.Subject) {
	limit, kinds := priceRules(r.parameters)
	for i := range subject.Cost.Lines {
		line := &subject.Cost.Lines[i]
		for _, pointer := range decide.PriceFacts(decision.Cost{Lines: []decision.Line{*line}}) {
			e, local := subject.Offering, pointer
			if rest, ok := strings.CutPrefix(pointer, "/infrastructure"); ok {
				e, local = subject.Infrastructure, rest
			}
			if e == nil {
				continue
			}
			value := e.Behind(local)
			if value == nil {
				continue
			}
			if newest, own := newestPrice(value.Evidence(), kinds); !own && olderThan(newest, r.options.AsOf, limit) {
				line.AsOf = newest
			}
		}
	}
}

// evaluated is an offering with its price and what its verdict rests on.
type evaluated struct {
	subject decide.Subject
	option  rank.Option
}

// evaluate decides an offering as far as is asked.
func (r *run) evaluate(ctx context.Context, session *decide.Session, subject decide.Subject, extent decide.Extent) (evaluated, error) {
	brief, err := session.Brief(ctx, subject, extent)
	if err != nil {
		return evaluated{}, err
	}
	for _, fault := range brief.Faults {
		r.faults[fault] = true
	}
	return evaluated{subject, rank.Option{
		Offering: subject.Offering.ID, Cost: subject.Cost,
		Verdict: brief.Verdict, Conditions: brief.Conditions, Open: brief.Open, Refused: brief.Refused, Waived: brief.Waived,
	}}, nil
}

// decide finds the offerings that the manifest means, and what else there is.
func (r *run) decide(ctx context.Context) ([]decision.Decision, error) {
	shown, err := r.place(ctx)
	if err != nil {
		return nil, err
	}
	options, err := r.everything(ctx, len(shown))
	if err != nil {
		return nil, err
	}
	session, err := r.session()
	if err != nil {
		return nil, err
	}
	var decisions []decision.Decision
	for _, subject := range shown {
		findings, err := session.Findings(ctx, subject)
		if err != nil {
			return nil, err
		}
		d := decision.Decision{
			Manifest: r.manifest.ID, Stage: r.manifest.Stage, Profiles: r.profiles, Offering: subject.Offering.ID,
			Verdict: decision.VerdictOf(findings), Conditions: conditions(findings), Findings: findings, Cost: subject.Cost,
		}
		if r.options.Alternatives > 0 {
			if err := r.rank(ctx, &d, options); err != nil {
				return nil, err
			}
			r.contest(&d, append([]evaluated{{subject: subject}}, options...))
		}
		decisions = append(decisions, d)
	}
	return decisions, nil
}

// conditions are those of the required findings that pass.
func conditions(findings []decision.Finding) []string {
	list := []string{}
	for _, f := range findings {
		if f.Required && f.Status == decision.Pass {
			list = append(list, f.Conditions...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// rank adds what else could run the workload. What is listed is decided whole,
// so that every control that is open or refuses is named.
func (r *run) rank(ctx context.Context, d *decision.Decision, options []evaluated) error {
	list := make([]rank.Option, len(options))
	for i, o := range options {
		list[i] = o.option
	}
	ranked := rank.Order(list, d.Offering, d.Cost, r.options.Alternatives, r.options.All)
	d.Alternatives, d.Candidates, d.Rejected, d.Premium = ranked.Alternatives, ranked.Candidates, ranked.Rejected, ranked.Premium
	if d.Premium != nil && r.undercut(d.Premium.Cheapest, options) {
		d.Premium = nil // what the cheapest of all is, is not known
	}
	r.stays(d)
	if d.Premium != nil {
		d.Premium.Controls = r.lifted
	}
	session, err := r.selection()
	if err != nil {
		return err
	}
	for i := range d.Rejected {
		at := slices.IndexFunc(options, func(o evaluated) bool { return o.option.Offering == d.Rejected[i].Offering })
		whole, err := r.evaluate(ctx, session, options[at].subject, decide.Whole)
		if err != nil {
			return err
		}
		d.Rejected[i].Controls = whole.option.Refused
	}
	return nil
}

// undercut reports whether something surely costs less than an offering though
// its total is incomplete.
func (r *run) undercut(cheapest decision.Offering, options []evaluated) bool {
	at := slices.IndexFunc(options, func(e evaluated) bool { return e.option.Offering == cheapest })
	cost := options[at].option.Cost
	return slices.ContainsFunc(r.bounded, func(c decision.Cost) bool {
		return c.Currency == cost.Currency && c.High.LessThan(*cost.Expected)
	})
}

// stays adds to what other vendors sell that our commitment to the decided one
// is due all the same.
func (r *run) stays(d *decision.Decision) {
	value, ok := r.expander(d.Offering.Vendor).Offering(d.Offering, nil).Fact("/prices/commitment")
	fields, _ := value.(map[string]any)
	if !ok || fields == nil {
		return
	}
	for i, a := range d.Alternatives {
		if a.Offering.Vendor != d.Offering.Vendor {
			due := fmt.Sprintf("our commitment to %s of %v %v a month stays due", d.Offering.Vendor, fields["amount"], fields["currency"])
			d.Alternatives[i].Conditions = append(slices.Clone(a.Conditions), due)
		}
	}
}

// A choice is one offering that the placement may mean, in each of the regions
// that it lists: all of them must pass, so that it is as good as its worst and
// as dear as its dearest.
type choice struct {
	subjects []decide.Subject
	unknown  int         // cost lines without an amount: a choice is not the cheapest for what nobody says of it
	dearest  rank.Option // without a verdict
}

// place decides what the placement leaves open: the cheapest of the best
// verdict. What can be no better than what has been found is not decided, and
// an only choice isn't either: its findings are.
func (r *run) place(ctx context.Context) ([]decide.Subject, error) {
	var choices []*choice
	groups := map[decision.Offering]*choice{}
	for _, id := range r.choices(r.manifest.Placement) {
		subject := r.subject(id)
		if r.manifest.Placement.Regions != nil {
			id.Region = ""
		}
		c := groups[id]
		if c == nil {
			c = &choice{}
			groups[id] = c
			choices = append(choices, c)
		}
		c.add(subject)
	}
	switch len(choices) {
	case 0:
		if vendor := r.manifest.Placement.Vendor; vendor != "" {
			return nil, fmt.Errorf("%s has nothing that spec.resources and spec.placement ask for; expected a GPU, count, hosting and region that its document has on sale; `caveat vendors show %[1]s` shows them", vendor)
		}
		return nil, fmt.Errorf("nothing in the catalog has what spec.resources and spec.placement ask for; expected a GPU, count and hosting that some vendor sells; `caveat vendors list` shows them")
	case 1:
		return choices[0].subjects, nil
	}
	slices.SortStableFunc(choices, func(a, b *choice) int {
		if c := a.unknown - b.unknown; c != 0 {
			return c
		}
		return rank.Compare(a.dearest, b.dearest)
	})
	for _, step := range []struct {
		extent  decide.Extent
		verdict decision.Verdict
	}{{decide.UntilDoubt, decision.Passed}, {decide.UntilRefusal, decision.Review}} {
		for _, c := range choices {
			if ok, err := r.allAsGood(ctx, c, step.verdict, step.extent); ok || err != nil {
				return c.subjects, err
			}
		}
	}
	return choices[0].subjects, nil
}

func (c *choice) add(subject decide.Subject) {
	option := rank.Option{Offering: subject.Offering.ID, Cost: subject.Cost}
	if c.subjects == nil || rank.Compare(option, c.dearest) > 0 {
		c.dearest = option
	}
	c.subjects = append(c.subjects, subject)
	for _, line := range subject.Cost.Lines {
		if line.Amount == nil {
			c.unknown++
		}
	}
}

// allAsGood reports whether every offering of a choice has at least some
// verdict, which deciding them to an extent tells.
func (r *run) allAsGood(ctx context.Context, c *choice, verdict decision.Verdict, extent decide.Extent) (bool, error) {
	session, err := r.session()
	if err != nil {
		return false, err
	}
	for _, subject := range c.subjects {
		e, err := r.evaluate(ctx, session, subject, extent)
		if err != nil || e.option.Verdict.Better(verdict) > 0 {
			return false, err
		}
	}
	return true, nil
}

// everything prices what in the catalog could run the workload, and decides it
// at stage select, cheapest first, as far as the lists of a decision need it.
func (r *run) everything(ctx context.Context, shown int) ([]evaluated, error) {
	if r.options.Alternatives <= 0 {
		return nil, nil
	}
	var subjects []decide.Subject
	for _, id := range r.choices(manifest.Placement{Infrastructure: r.manifest.Placement.Infrastructure}) {
		subject := r.subject(id)
		subjects = append(subjects, subject)
		if c := subject.Cost; c.Expected == nil && c.High != nil {
			r.bounded = append(r.bounded, c)
		}
	}
	slices.SortFunc(subjects, func(a, b decide.Subject) int {
		return rank.Compare(rank.Option{Offering: a.Offering.ID, Cost: a.Cost}, rank.Option{Offering: b.Offering.ID, Cost: b.Cost})
	})
	session, err := r.selection()
	if err != nil {
		return nil, err
	}
	wants := newWants(r.options, shown)
	var options []evaluated
	for i, subject := range subjects {
		extent, needed := wants.extent(subject)
		if !needed && i > 0 { // the cheapest of all is always needed: compliance is priced against it
			continue
		}
		e, err := r.evaluate(ctx, session, subject, extent)
		if err != nil {
			return nil, err
		}
		if extent == decide.UntilDoubt && e.option.Verdict != decision.Passed && i > 0 {
			continue
		}
		wants.have(e.option)
		options = append(options, e)
	}
	r.lifted, err = r.lift(ctx, subjects, options)
	return options, err
}

// lift finds what single requirements add: of the offerings that cost less than
// the cheapest that passes, the cheapest that only one control keeps from it.
func (r *run) lift(ctx context.Context, subjects []decide.Subject, options []evaluated) ([]decision.Lifted, error) {
	cheapest := slices.IndexFunc(options, func(e evaluated) bool {
		return e.option.Verdict == decision.Passed && e.option.Cost.Expected != nil
	})
	if cheapest < 0 {
		return nil, nil
	}
	passing := options[cheapest].option.Cost
	session, err := r.selection()
	if err != nil {
		return nil, err
	}
	var list []decision.Lifted
	found := map[string]bool{}
	for _, subject := range subjects {
		cost := subject.Cost
		if cost.Expected == nil || cost.Currency != passing.Currency || cost.Expected.GreaterThanOrEqual(*passing.Expected) {
			continue
		}
		control, faults, err := session.Alone(ctx, subject, found)
		if err != nil {
			return nil, err
		}
		for _, fault := range faults {
			r.faults[fault] = true
		}
		if control != "" {
			found[control] = true
			list = append(list, decision.Lifted{Control: control, Adds: passing.Expected.Sub(*cost.Expected), Offering: subject.Offering.ID})
		}
	}
	slices.SortFunc(list, func(a, b decision.Lifted) int { return strings.Compare(a.Control, b.Control) })
	return list, nil
}

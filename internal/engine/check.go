package engine

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/manifest"
	"github.com/caveat-check/caveat/internal/price"
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
	if problems = append(e.Unread(), problems...); len(problems) > 0 {
		if err := emit(Result{Problems: problems}); err != nil {
			return err
		}
	}
	var seen []waiver.Seen
	workers := e.options.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = max(1, min(workers, len(files)))
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
	unlisted   []decision.Offering // placed, and not among what there is otherwise
	bounded    []decision.Cost     // incomplete totals with an upper bound
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

// decide finds the offerings that the manifest means, and what else there is.
func (r *run) decide(ctx context.Context) ([]decision.Decision, error) {
	shown, err := r.place(ctx)
	if err != nil {
		return nil, err
	}
	options, err := r.everything(ctx, shown)
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

// Package engine is the small door to all stages: it loads a catalog and
// policies once, and then decides manifests.
package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/caveat-check/caveat/fixtures"
	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
	"github.com/caveat-check/caveat/internal/expand"
	"github.com/caveat-check/caveat/internal/load"
	"github.com/caveat-check/caveat/internal/waiver"
	"github.com/caveat-check/caveat/policies"
)

// Options say what to decide with. The zero value decides with the shipped
// catalog and policies.
type Options struct {
	Catalog          []string // folders or files of vendor documents beside the shipped ones
	NoDefaultCatalog bool
	Policies         []string // folders of Rego controls and profiles beside the shipped ones
	Profiles         []string // profiles asked for by name
	Accounts         []string // files or folders
	Waivers          []string // files or folders
	Stage            string   // overrides every manifest's stage; "" keeps it
	AsOf             string   // ISO date
	Alternatives     int      // at most so many alternatives, candidates and rejected each
	All              bool     // not just one offering per vendor and hosting
	Workers          int      // manifests decided at once
	Stdin            io.Reader
}

// An Engine decides manifests. It may be used by several goroutines.
type Engine struct {
	options  Options
	loader   *load.Loader
	stdin    *spool
	vendors  []*catalog.Vendor // sorted by id
	inside   map[string]string // paths of those that are shipped, by id
	accounts []*catalog.Account
	waivers  *waiver.Set // nil where none are given
	unread   []decision.Problem
	policies *decide.Policies
	profiles []Profile
	within   map[string]string
	catalog  string
	pack     string
	data     map[string]any
	modules  []decide.Module
	shipped  int                // of the modules, those that are shipped: the first ones
	expand   map[string]*market // by vendor id
}

// New loads catalog, policies and accounts. Problems are in the order of files
// and lines; with any, the engine is nil.
func New(ctx context.Context, options Options) (*Engine, []decision.Problem) {
	loader, err := load.New(options.Stdin)
	if err != nil {
		return nil, []decision.Problem{{Message: err.Error()}}
	}
	if _, err := time.Parse(time.DateOnly, options.AsOf); err != nil {
		return nil, []decision.Problem{{Message: fmt.Sprintf("the date of the decision is %q; expected one such as 2026-11-23", options.AsOf)}}
	}
	e := &Engine{options: options, loader: loader, stdin: &spool{}, within: loader.Within(), inside: map[string]string{}}
	var problems, inPolicies []decision.Problem
	var group sync.WaitGroup // the two take the longest and share nothing
	group.Go(func() { problems = e.loadCatalog(ctx) })
	group.Go(func() { inPolicies = e.loadPolicies(ctx) })
	group.Wait()
	problems = append(problems, inPolicies...)
	if len(problems) == 0 {
		problems = append(e.loadAccounts(ctx), e.loadWaivers(ctx)...)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	e.expand = map[string]*market{}
	for _, v := range e.vendors {
		e.expand[v.ID] = e.market(v)
	}
	return e, nil
}

// Unread are the problems of waivers that cannot be read, each of which is an
// error of the run.
func (e *Engine) Unread() []decision.Problem { return slices.Clone(e.unread) }

// Unranked is the engine deciding only what is placed, without anything else.
func (e *Engine) Unranked() *Engine {
	other := *e
	other.options.Alternatives = 0
	return &other
}

// market is what a vendor sells us on the day of the decision.
func (e *Engine) market(v *catalog.Vendor) *market {
	account := expand.InForce(e.accountWith(v.ID), e.options.AsOf)
	m := newMarket(expand.New(v, account))
	if list := expand.AtList(account); list != nil {
		m.list = expand.New(v, list)
	}
	return m
}

// A market is what one vendor sells us.
type market struct {
	*expand.Expander
	list    *expand.Expander // at list prices; nil where no account of ours changes them
	bearing []int            // the slots that pricing may read
}

func newMarket(x *expand.Expander) *market { return &market{Expander: x, bearing: bearing(x.Slots())} }

func (e *Engine) expander(vendor string) *market { return e.expand[vendor] }

// Vendors returns the catalog, sorted by id.
func (e *Engine) Vendors() []*catalog.Vendor { return e.vendors }

// GPUs is the vocabulary of GPU models: the aliases of each, and the names that
// may mean several.
func (e *Engine) GPUs() (aliases, ambiguous map[string][]string) { return e.loader.GPUs() }

// Accounts returns the accounts, sorted by vendor.
func (e *Engine) Accounts() []*catalog.Account { return e.accounts }

// Controls returns the controls, sorted by id.
func (e *Engine) Controls() []decide.Control { return e.policies.Controls() }

// Profiles returns the profiles, sorted by name.
func (e *Engine) Profiles() []Profile { return e.profiles }

func (e *Engine) loadCatalog(ctx context.Context) []decision.Problem {
	byID := map[string]*catalog.Vendor{}
	if !e.options.NoDefaultCatalog {
		shipped, err := Shipped()
		if err != nil {
			return []decision.Problem{{Message: fmt.Sprintf("shipped catalog: %v", err)}}
		}
		for _, v := range shipped {
			byID[v.ID] = v
		}
	}
	files, problems := load.Files(e.options.Catalog)
	own := map[string]string{}
	for _, file := range files {
		documents, found := e.loader.File(ctx, file)
		problems = append(problems, found...)
		for _, doc := range documents {
			if doc.Kind != "Vendor" {
				problems = append(problems, decision.Problem{Path: file, Line: doc.Root.Line, Column: doc.Root.Column, Message: fmt.Sprintf("a catalog holds vendor documents and this is kind %s; expected kind Vendor; move it", doc.Kind)})
				continue
			}
			v, found := catalog.FromDocument(doc, e.loader.Places())
			problems = append(problems, found...)
			if other, ok := own[v.ID]; ok {
				problems = append(problems, decision.Problem{Path: file, Line: doc.Root.Line, Column: doc.Root.Column, Message: fmt.Sprintf("vendor %q stands in %s too; expected each vendor once; remove one", v.ID, other)})
				continue
			}
			own[v.ID] = file
			byID[v.ID] = v
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		e.vendors = append(e.vendors, byID[id])
		if own[id] == "" {
			e.inside[id] = byID[id].Path
		}
	}
	if len(e.vendors) == 0 && len(problems) == 0 {
		problems = append(problems, decision.Problem{Message: "the catalog is empty; expected vendor documents; name a folder with --catalog"})
	}
	e.catalog = catalogDigest(e.vendors)
	return problems
}

// catalogDigest is the digest of vendor documents in the order of their ids.
func catalogDigest(vendors []*catalog.Vendor) string {
	var digests []string
	for _, v := range vendors {
		digests = append(digests, v.ID+" "+v.Digest)
	}
	return digestOf(digests)
}

// Inside are the paths of the vendor documents in force that are shipped inside
// the program, by vendor: no file on disk is meant by them.
func (e *Engine) Inside() map[string]string { return e.inside }

// Shipped decodes the shipped catalog.
func Shipped() ([]*catalog.Vendor, error) {
	data, err := fixtures.Catalog()
	if err != nil {
		return nil, err
	}
	return catalog.Decode(data)
}

func digestOf(parts []string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (e *Engine) loadPolicies(ctx context.Context) []decision.Problem {
	shipped, err := policies.Modules()
	if err != nil {
		return []decision.Problem{{Message: err.Error()}}
	}
	var problems []decision.Problem
	for _, file := range shipped {
		if file.Path != "conftest.rego" && file.Path != "main.rego" {
			e.modules = append(e.modules, decide.Module{Path: "policies/" + file.Path, Source: file.Source})
		}
	}
	e.shipped = len(e.modules)
	controls, profiles, err := pack()
	if err != nil {
		return []decision.Problem{{Message: fmt.Sprintf("shipped policies: %v", err)}}
	}
	for _, dir := range e.options.Policies {
		own, found := e.ownPolicies(ctx, dir, &controls, &profiles)
		e.modules = append(e.modules, own...)
		problems = append(problems, found...)
	}
	sort.Slice(controls, func(i, j int) bool { return controls[i].ID < controls[j].ID })
	sort.Slice(profiles, func(i, j int) bool { return profiles[i].Metadata.Name < profiles[j].Metadata.Name })
	for i, p := range profiles {
		if i > 0 && profiles[i-1].Metadata.Name == p.Metadata.Name {
			problems = append(problems, decision.Problem{Path: p.path, Message: fmt.Sprintf("profile %q exists already; choose another name", p.Metadata.Name)})
		}
		problems = append(problems, checkProfile(p, controls)...)
		problems = append(problems, checkParameters(p, controls)...)
	}
	e.profiles = profiles
	problems = append(problems, e.checkProfileNames()...)
	if len(problems) > 0 {
		return problems
	}
	e.data = map[string]any{"vocabulary": vocabularyData(e.loader)}
	e.policies, problems = decide.Compile(e.modules, controls, e.data)
	var parts []string
	for _, m := range e.modules {
		parts = append(parts, m.Path, string(m.Source))
	}
	data, err := json.Marshal(profiles)
	if err != nil {
		return append(problems, decision.Problem{Message: err.Error()})
	}
	e.pack = digestOf(append(parts, string(data)))
	return problems
}

// pack reads what go generate made of the shipped controls and profiles.
func pack() ([]decide.Control, []Profile, error) {
	data, err := policies.Pack()
	if err != nil {
		return nil, nil, err
	}
	var made struct {
		Controls []decide.Control `json:"controls"`
		Profiles []any            `json:"profiles"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	if err := decoder.Decode(&made); err != nil {
		return nil, nil, err
	}
	var profiles []Profile
	for _, plain := range made.Profiles {
		p, err := readProfile(plain, "policies/profiles")
		if err != nil {
			return nil, nil, err
		}
		profiles = append(profiles, p)
	}
	return made.Controls, profiles, nil
}

// ownPolicies reads a folder of controls, helpers and profiles of the user's.
func (e *Engine) ownPolicies(ctx context.Context, dir string, controls *[]decide.Control, profiles *[]Profile) ([]decide.Module, []decision.Problem) {
	var modules []decide.Module
	var problems []decision.Problem
	var documents []string
	err := filepath.WalkDir(load.Folder(dir), func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil || entry.IsDir():
			return err
		case load.LeadsOut(dir, path, entry):
			return fmt.Errorf("%s is a link to a folder, and those are not followed", path)
		case strings.HasSuffix(path, "_test.rego"):
		case strings.HasSuffix(path, ".rego"):
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			modules = append(modules, decide.Module{Path: path, Source: source})
		case filepath.Ext(path) == ".yaml" || filepath.Ext(path) == ".yml":
			documents = append(documents, path)
		}
		return nil
	})
	if err != nil {
		return nil, []decision.Problem{{Path: dir, Message: fmt.Sprintf("policies cannot be read: %v; expected a folder of .rego files", err)}}
	}
	own, found := decide.Controls(modules)
	problems = append(problems, found...)
	problems = append(problems, decide.Foreign(modules, e.modules)...)
	for _, c := range own {
		if slices.ContainsFunc(*controls, func(other decide.Control) bool { return other.ID == c.ID }) {
			problems = append(problems, decision.Problem{Path: c.Path, Line: 1, Column: 1, Message: fmt.Sprintf("control id %q is a shipped one; an id is never reused; choose another", c.ID)})
			continue
		}
		*controls = append(*controls, c)
	}
	for _, path := range documents {
		docs, found := e.loader.File(ctx, path)
		problems = append(problems, found...)
		for _, doc := range docs {
			if doc.Kind != "Profile" {
				problems = append(problems, decision.Problem{Path: path, Line: doc.Root.Line, Column: doc.Root.Column, Message: fmt.Sprintf("a policy folder holds controls and profiles and this is kind %s; expected kind Profile; move it", doc.Kind)})
				continue
			}
			p, err := readProfile(doc.Root.Plain(), path)
			if err != nil {
				problems = append(problems, decision.Problem{Path: path, Message: err.Error()})
				continue
			}
			*profiles = append(*profiles, p)
		}
	}
	if len(own) == 0 && len(documents) == 0 && len(problems) == 0 {
		problems = append(problems, decision.Problem{Path: dir, Message: "folder has no controls and no profiles; expected packages caveat.controls.<family>.<control>; name the right folder"})
	}
	return modules, problems
}

func (e *Engine) checkProfileNames() []decision.Problem {
	var names []string
	for _, p := range e.profiles {
		names = append(names, p.Metadata.Name)
	}
	var problems []decision.Problem
	for _, name := range e.options.Profiles {
		if !slices.Contains(names, name) {
			problems = append(problems, decision.Problem{Message: fmt.Sprintf("no profile %q; expected one of %s%s", name, strings.Join(names, ", "), load.DidYouMean(name, names))})
		}
	}
	return problems
}

// vocabularyData is what policies know of places: each with those around it,
// itself first.
func vocabularyData(loader *load.Loader) map[string]any {
	within := loader.Within()
	around := map[string]any{}
	for _, name := range loader.Places() {
		places := []any{}
		for place := name; place != ""; place = within[place] {
			places = append(places, place)
		}
		around[name] = places
	}
	return map[string]any{"around": around}
}

func (e *Engine) loadAccounts(ctx context.Context) []decision.Problem {
	files, problems := load.Files(e.options.Accounts)
	for _, file := range files {
		documents, found := e.loader.File(ctx, file)
		problems = append(problems, found...)
		for _, doc := range documents {
			a, found := e.account(doc)
			problems = append(problems, found...)
			if a != nil {
				e.accounts = append(e.accounts, a)
			}
		}
	}
	sort.SliceStable(e.accounts, func(i, j int) bool { return e.accounts[i].Vendor < e.accounts[j].Vendor })
	return problems
}

func (e *Engine) account(doc document.Document) (*catalog.Account, []decision.Problem) {
	at := func(pointer, format string, args ...any) []decision.Problem {
		_, line, column, _ := doc.Root.At(pointer)
		return []decision.Problem{{Path: doc.Path, Line: line, Column: column, Message: fmt.Sprintf(format, args...)}}
	}
	if doc.Kind != "Account" {
		return nil, at("/kind", "this is kind %s; expected kind Account; name it elsewhere", doc.Kind)
	}
	id := doc.Root.Field("metadata").Field("vendor").Text()
	vendor, message := e.vendor(id)
	if vendor == nil {
		return nil, at("/metadata/vendor", "%s", message)
	}
	if other := e.accountWith(vendor.ID); other != nil {
		return nil, at("/metadata/vendor", "%s has account %q already (%s); expected one account a vendor; leave one out", vendor.ID, other.Name, other.Path)
	}
	return catalog.AccountFromDocument(doc, vendor, e.loader.Places())
}

func (e *Engine) accountWith(vendor string) *catalog.Account {
	for _, a := range e.accounts {
		if a.Vendor == vendor {
			return a
		}
	}
	return nil
}

// Vendor finds a vendor by id or alias.
func (e *Engine) Vendor(id string) (*catalog.Vendor, error) {
	v, message := e.vendor(id)
	if v == nil {
		return nil, errors.New(message)
	}
	return v, nil
}

// vendor finds a vendor by id or alias, or says what was expected.
func (e *Engine) vendor(id string) (*catalog.Vendor, string) {
	var ids []string
	for _, v := range e.vendors {
		if v.ID == id {
			return v, ""
		}
		ids = append(ids, v.ID)
	}
	for _, v := range e.vendors {
		if slices.Contains(v.Aliases, id) {
			return v, ""
		}
	}
	return nil, fmt.Sprintf("vendor %q is not in the catalog; expected one of %s%s", id, strings.Join(ids, ", "), load.DidYouMean(id, ids))
}

package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
)

// Vendors writes a short block a vendor: what it has on sale as far as its
// claims say, how many claims there are, and when their sources were read.
func (t *Table) Vendors(vendors []*catalog.Vendor) error {
	p := t.page()
	for i, v := range vendors {
		if i > 0 {
			p.blank()
		}
		all, _ := claims(v)
		about := strings.Join([]string{"", count(all, "claim", "claims"), readDates(v)}, dot)
		p.flow([]piece{styled(v.ID, strong), text("  ")}, 4, text(v.Name), styled(about, faint))
		for _, part := range []struct {
			label string
			list  []string
			none  string
		}{
			{"plans", ids(v.Plans, func(p catalog.Plan) string { return p.ID }), "none"},
			{"hosting", hostingOf(v), "none claimed"},
			{"GPUs", gpusOf(v), "none"},
			{"certified", certificatesOf(v), "nothing claimed"},
		} {
			body := text(strings.Join(part.list, ", "))
			if len(part.list) == 0 {
				body = styled(part.none, faint)
			}
			p.label(styled(part.label, faint), 4, len("certified"), 0, body)
		}
	}
	if len(vendors) == 0 {
		p.flow(nil, 2, text("the catalog is empty"))
	}
	return p.writeTo(t.W)
}

func ids[T any](list []T, id func(T) string) []string {
	all := make([]string, len(list))
	for i, item := range list {
		all[i] = id(item)
	}
	return all
}

// claims counts the claims of a vendor, and those among them that are rejected.
func claims(v *catalog.Vendor) (all, rejected int) {
	for _, f := range v.Facts {
		all += len(f.Claims)
		rejected += len(f.Claims) - len(believed(f))
	}
	return all, rejected
}

func believed(f catalog.Fact) []catalog.Claim {
	return slices.DeleteFunc(slices.Clone(f.Claims), func(c catalog.Claim) bool { return c.Rejected != "" })
}

// readDates is the span of days on which the sources were read.
func readDates(v *catalog.Vendor) string {
	var days []string
	for _, s := range v.Sources {
		if dated(s.Read) {
			days = append(days, s.Read)
		}
	}
	if len(days) == 0 {
		return "never read on a known day"
	}
	oldest, newest := slices.Min(days), slices.Max(days)
	if oldest == newest {
		return "read " + newest
	}
	return "read " + oldest + " to " + newest
}

var hostings = []string{"managed", "hybrid", "byoc", "self-hosted"}

func hostingOf(v *catalog.Vendor) []string {
	var modes []string
	for _, mode := range hostings {
		if f, ok := v.Fact("/hosting/" + mode); ok && claimed(f, func(value any) bool { return value == true }) {
			modes = append(modes, mode)
		}
	}
	return modes
}

func claimed(f catalog.Fact, is func(any) bool) bool {
	return slices.ContainsFunc(believed(f), func(c catalog.Claim) bool { return is(c.Value) })
}

func gpusOf(v *catalog.Vendor) []string {
	var gpus []string
	for _, s := range v.SKUs {
		if s.GPU != "" {
			gpus = append(gpus, s.GPU)
		}
	}
	slices.Sort(gpus)
	return slices.Compact(gpus)
}

func certificatesOf(v *catalog.Vendor) []string {
	var held []string
	for _, f := range v.Facts {
		name, ok := strings.CutPrefix(f.Pointer, "/certifications/")
		if ok && claimed(f, func(value any) bool { fields, _ := value.(map[string]any); return fields["held"] == true }) {
			held = append(held, unescape(name))
		}
	}
	return held
}

// unescape reads one part of a JSON pointer.
func unescape(part string) string {
	return strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
}

// Vendor writes one vendor document: what is on sale, what holds where and by
// which source, and how old the sources are on the day asOf (an ISO date).
// Claims that are on file and not believed are shown with -v, as are notes.
func (t *Table) Vendor(v *catalog.Vendor, asOf string) error {
	day, err := time.Parse(time.DateOnly, asOf)
	if err != nil {
		return fmt.Errorf("as of %q: expected an ISO date, such as 2026-11-23", asOf)
	}
	s := sheet{page: t.page(), vendor: v, day: day, verbose: t.Verbose}
	s.top()
	s.products()
	s.plans()
	for _, section := range sections {
		s.section(section.name, section.title)
	}
	s.sources()
	s.questions()
	return s.writeTo(t.W)
}

// sections are the parts of a vendor document that hold facts, in its order.
var sections = []struct{ name, title string }{
	{"agreements", "Agreements"}, {"certifications", "Certifications"}, {"hosting", "Hosting"}, {"regions", "Regions"},
	{"features", "Features"}, {"dataFlows", "Data flows"}, {"retention", "Retention"}, {"training", "Training"},
	{"subprocessors", "Sub-processors"}, {"security", "Security"}, {"skus", "Machines"}, {"prices", "Prices"}, {"billing", "Billing"},
	{"scaling", "Scaling"}, {"performance", "Performance"}, {"limits", "Limits"}, {"support", "Support"},
	{"portability", "Portability"}, {"deployment", "Deployment"},
}

// sheet is the layout of one vendor document.
type sheet struct {
	*page
	vendor  *catalog.Vendor
	day     time.Time
	verbose bool
}

// An entry is what stands beside one label.
type entry struct {
	label      string
	paragraphs []paragraph
}

type paragraph struct {
	pieces []piece
	inside bool // belongs to the paragraph before it
}

// entries writes a section, with its labels in one column.
func (s *sheet) entries(title string, list []entry) {
	if len(list) == 0 {
		return
	}
	s.blank()
	s.flow(nil, 2, styled(title, strong))
	column := 0
	for _, e := range list {
		column = max(column, width([]piece{text(e.label)}))
	}
	column = min(column, 22)
	for _, e := range list {
		for i, p := range e.paragraphs {
			at := column + 4
			switch {
			case i == 0:
				s.label(text(e.label), 2, column, 2, p.pieces...)
				continue
			case p.inside:
				at += 2
			}
			s.flow([]piece{indent(at)}, at+2, p.pieces...)
		}
	}
}

func (s *sheet) top() {
	v := s.vendor
	s.ends([]piece{styled(v.Name, strong), text(wide), styled(v.ID, faint)}, []piece{styled(address(decision.Source{URL: v.URL}), faint)})
	if v.Summary != "" {
		s.flow([]piece{indent(2)}, 2, text(v.Summary))
	}
	all, rejected := claims(v)
	about := v.Path + dot + count(all, "claim", "claims")
	if rejected > 0 {
		about += fmt.Sprintf(" (%d not believed", rejected)
		if !s.verbose {
			about += ", -v shows them"
		}
		about += ")"
	}
	if len(v.Aliases) > 0 {
		about += dot + "also called " + strings.Join(v.Aliases, ", ")
	}
	s.flow([]piece{indent(2)}, 4, styled(about, faint))
}

// dots joins words with middle dots, and drops empty ones.
func dots(words ...string) []piece {
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	return []piece{text(strings.Join(words, dot))}
}

func listed(word string, list []string) string {
	if len(list) == 0 {
		return ""
	}
	return word + " " + strings.Join(list, ", ")
}

func (s *sheet) products() {
	var list []entry
	for _, p := range s.vendor.Products {
		list = append(list, entry{p.ID, []paragraph{{pieces: dots(p.Name, listed("hosting", p.Hosting), listed("brings", p.Implies))}}})
	}
	s.entries("Products", list)
}

// plans shows each plan with the fees and credits that are claimed for it.
func (s *sheet) plans() {
	var list []entry
	for _, p := range s.vendor.Plans {
		e := entry{p.ID, []paragraph{{pieces: dots(p.Name, listed("products", p.Products))}}}
		for _, part := range []struct{ word, pointer, none string }{
			{"fee", "/prices/planFee", "fee not stated"}, {"credit", "/prices/planCredit", ""}, {"least spend", "/prices/minimumCommitment", ""},
		} {
			found := false
			f, _ := s.vendor.Fact(part.pointer)
			for _, c := range believed(f) {
				if c.Scope.Plans != nil && !slices.Contains(c.Scope.Plans, p.ID) {
					continue
				}
				found = true
				words := []piece{text(part.word + " " + valueOf(part.pointer, c.Value))}
				scope := c.Scope
				scope.Plans = nil
				if scope.String() != (catalog.Scope{}).String() {
					words = append(words, styled(dot+scope.String(), faint))
				}
				e.paragraphs = append(e.paragraphs, paragraph{pieces: append(words, cited(c))})
			}
			if !found && part.none != "" {
				e.paragraphs = append(e.paragraphs, paragraph{pieces: []piece{styled(part.none, doubt)}})
			}
		}
		list = append(list, e)
	}
	s.entries("Plans", list)
}

func cited(c catalog.Claim) piece {
	if len(c.Sources) == 0 {
		return styled(" [no source]", doubt)
	}
	return styled(" ["+strings.Join(c.Sources, ", ")+"]", faint)
}

// section writes the facts below one member of the document.
func (s *sheet) section(name, title string) {
	switch name {
	case "features":
		s.features(title)
		return
	case "skus":
		s.skus(title)
		return
	}
	const scope = "/agreements/baa/scope/"
	var list, features []entry
	for _, f := range s.vendor.Facts {
		below, ok := strings.CutPrefix(f.Pointer, "/"+name+"/")
		if !ok {
			continue
		}
		if feature, ok := strings.CutPrefix(f.Pointer, scope); ok {
			features = append(features, entry{unescape(feature), s.fact("", f)})
			continue
		}
		list = append(list, entry{nameOf(below), s.fact("", f)})
	}
	if name == "regions" {
		for _, site := range slices.Sorted(maps.Keys(s.vendor.Sites)) {
			list = append(list, entry{site, []paragraph{{pieces: []piece{styled("lies in "+s.vendor.Sites[site], faint)}}}})
		}
	}
	s.entries(title, list)
	if name == "agreements" && len(features) > 0 {
		s.entries("BAA scope by feature", append(features, s.unlisted(scope)...))
	}
}

// unlisted says what the BAA's scope is for the features that it does not name.
func (s *sheet) unlisted(scope string) []entry {
	var names []string
	for _, f := range s.vendor.Features {
		if fact, ok := s.vendor.Fact(scope + escape(f.ID)); !ok || len(believed(fact)) == 0 {
			names = append(names, f.ID)
		}
	}
	if len(names) == 0 {
		return nil
	}
	word := styled("unknown: ", doubt)
	if f, ok := s.vendor.Fact("/agreements/baa/closed"); ok && claimed(f, func(value any) bool { return value == true }) {
		word = styled("out, where the list is closed: ", bad)
	}
	return []entry{{"not named", []paragraph{{pieces: []piece{word, text(strings.Join(names, ", "))}}}}}
}

func escape(part string) string {
	return strings.ReplaceAll(strings.ReplaceAll(part, "~", "~0"), "/", "~1")
}

// nameOf makes words of what stands below a section: "baa/breachNotice" is
// "baa breach notice".
func nameOf(below string) string {
	parts := strings.Split(below, "/")
	for i, part := range parts {
		parts[i] = spaced(unescape(part))
	}
	return strings.Join(parts, " ")
}

// fact words the claims of a fact, each with its scope and sources. Without -v
// claims that are not believed are only counted.
func (s *sheet) fact(word string, f catalog.Fact) []paragraph {
	if word != "" {
		word += ": "
	}
	var list []paragraph
	for _, c := range f.Claims {
		value := valueOf(f.Pointer, c.Value)
		if c.Rejected == "" {
			scope := c.Scope.String()
			if c.Only {
				scope = "only " + scope + ", elsewhere no"
			}
			list = append(list, paragraph{pieces: []piece{text(word + value), styled(dot+scope, faint), cited(c)}})
		} else if s.verbose {
			list = append(list,
				paragraph{pieces: []piece{text(word), styled("not believed: ", doubt), styled(value+dot+c.Scope.String(), faint), cited(c)}},
				paragraph{pieces: []piece{styled("because ", doubt), text(c.Rejected)}, inside: true})
		} else {
			continue
		}
		for _, condition := range c.Conditions {
			list = append(list, paragraph{pieces: []piece{text("if " + condition)}, inside: true})
		}
		if c.Note != "" && s.verbose {
			list = append(list, paragraph{pieces: []piece{styled("note: "+c.Note, faint)}, inside: true})
		}
	}
	rejected := len(f.Claims) - len(believed(f))
	switch {
	case rejected == len(f.Claims):
		unknown := []piece{text(word), styled("unknown", doubt)}
		if !s.verbose {
			unknown = append(unknown, styled(fmt.Sprintf(" (%s on file, none believed)", count(rejected, "claim", "claims")), faint))
		}
		list = append([]paragraph{{pieces: unknown}}, list...)
	case rejected > 0 && !s.verbose:
		list = append(list, paragraph{pieces: []piece{styled(fmt.Sprintf("and %s not believed", count(rejected, "claim", "claims")), faint)}, inside: true})
	}
	return list
}

func (s *sheet) features(title string) {
	var list []entry
	for _, feature := range s.vendor.Features {
		about := dots(or(feature.Name, feature.ID), listed("also", feature.Aliases), listed("brings", feature.Implies), listed("instead:", feature.Instead))
		prefix, offered := "/features/"+escape(feature.ID)+"/", ""
		// What is plainly on offer is said in one line.
		if f, ok := s.vendor.Fact(prefix + "offered"); ok && len(f.Claims) == 1 && len(s.fact("", f)) == 1 && claimed(f, func(value any) bool { return value == true }) {
			offered = f.Pointer
			about = append(about, text(dot+"offered"))
			about = append(about, s.fact("", f)[0].pieces[1:]...)
		}
		e := entry{feature.ID, append([]paragraph{{pieces: about}}, s.below(prefix, offered)...)}
		list = append(list, e)
	}
	s.entries(title, list)
}

// below words every fact below a pointer but one.
func (s *sheet) below(prefix, but string) []paragraph {
	var list []paragraph
	for _, f := range s.vendor.Facts {
		if name, ok := strings.CutPrefix(f.Pointer, prefix); ok && f.Pointer != but {
			list = append(list, s.fact(strings.TrimPrefix(nameOf(name), "price "), f)...)
		}
	}
	return list
}

func (s *sheet) skus(title string) {
	var list []entry
	for _, sku := range s.vendor.SKUs {
		machine := sku.GPU
		if len(sku.Counts) > 0 {
			machine = counts(sku.Counts) + nbsp + "×" + nbsp + sku.GPU
		}
		cpu := ""
		if sku.VCPU != "" {
			cpu = sku.VCPU + nbsp + "vCPU"
		}
		name := sku.Name
		if named(name) == named(sku.GPU) {
			name = ""
		}
		e := entry{label: sku.ID}
		e.paragraphs = append(e.paragraphs, paragraph{pieces: dots(machine, name, cpu, sku.Memory, listed("products", sku.Products))})
		e.paragraphs = append(e.paragraphs, s.below("/skus/"+escape(sku.ID)+"/", "")...)
		list = append(list, e)
	}
	s.entries(title, list)
}

// counts shows numbers, those that follow each other as a span: "1–8".
func counts(list []int) string {
	list = slices.Sorted(slices.Values(list))
	var words []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		switch {
		case j-i >= 2:
			words = append(words, fmt.Sprintf("%d–%d", list[i], list[j]))
		default:
			for k := i; k <= j; k++ {
				words = append(words, fmt.Sprint(list[k]))
			}
		}
		i = j + 1
	}
	return strings.Join(words, ","+nbsp)
}

func (s *sheet) sources() {
	if len(s.vendor.Sources) == 0 {
		return
	}
	s.blank()
	s.flow(nil, 2, styled("Sources", strong), text(" and how old they are on "+s.day.Format(time.DateOnly)))
	for _, id := range slices.Sorted(maps.Keys(s.vendor.Sources)) {
		source := s.vendor.Sources[id]
		parts := []string{source.Kind, s.age("published", source.Published, "undated"), s.age("read", source.Read, "date of reading unknown")}
		if source.Copy == "stored" {
			parts = append(parts, "stored"+nbsp+"copy")
		}
		if source.Effective != "" || source.Until != "" {
			parts = append(parts, "in force "+or(source.Effective, "unknown")+" to "+or(source.Until, "unknown"))
		}
		s.flow([]piece{indent(2)}, 4, styled(id+wide, plain), styled(address(source), faint))
		s.flow([]piece{indent(4)}, 6, dots(parts...)...)
	}
}

// age words a date with the days since then: "read 2026-07-01 (145 days)".
func (s *sheet) age(word, date, none string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return none
	}
	return word + nbsp + date + nbsp + "(" + ago(int(s.day.Sub(day).Hours()/24)) + ")"
}

func (s *sheet) questions() {
	if len(s.vendor.Open) == 0 {
		return
	}
	s.blank()
	s.flow(nil, 2, styled("Open questions", strong))
	for _, q := range s.vendor.Open {
		s.flow([]piece{indent(2), text("• ")}, 4, text(q))
	}
}

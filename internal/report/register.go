package report

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/decision"
)

// registerColumns are the columns of the vendor register.
var registerColumns = []string{
	"workload", "owner", "manifest", "stage", "as of", "standing", "rank",
	"vendor", "product", "plan", "hosting", "infrastructure", "region", "sku", "gpu", "gpu count", "capacity",
	"verdict", "currency", "low a month", "expected a month", "high a month", "known a month", "difference a month", "cost lines not known",
	"refused by", "open", "waived", "waivers", "waived until", "waiver tickets", "advice", "conditions",
	"evidence kinds", "evidence first read", "evidence last read", "sources", "sources undated", "manifest digest",
}

// newRegister writes a comparison sheet as CSV: a row for each offering that a
// decision lists, as it comes. Amounts are exact and empty where they are not
// known; lists are separated by " | ". Evidence is that of the findings, which
// only what is placed has. Problems have no row: they go to standard error. Nor
// have waivers: a row is an offering, and says which of them it rests on.
func newRegister(w io.Writer, header decision.Report, _ Options) Writer {
	return &register{w: w, asOf: header.AsOf}
}

type register struct {
	unpriced
	w       io.Writer
	asOf    string
	started bool
	closed  bool
	err     error
}

func (r *register) Decision(d decision.Decision) error {
	if r.closed && r.err == nil {
		r.err = errClosed
	}
	var rows [][]string
	for _, o := range offers(d) {
		rows = append(rows, r.row(d, o))
	}
	return r.write(rows)
}

func (r *register) Problem(decision.Problem)     {}
func (r *register) Waivers([]decision.WaiverUse) {}

func (r *register) Close(decision.Summary) error {
	if r.closed {
		return r.err
	}
	r.closed = true
	return r.write(nil)
}

func (r *register) write(rows [][]string) error {
	if r.err != nil {
		return r.err
	}
	var out bytes.Buffer
	sheet := csv.NewWriter(&out)
	if !r.started {
		r.started = true
		rows = append([][]string{registerColumns}, rows...)
	}
	if r.err = sheet.WriteAll(rows); r.err == nil {
		_, r.err = r.w.Write(out.Bytes())
	}
	return r.err
}

func (r *register) row(d decision.Decision, o offer) []string {
	rank, gpus, difference := "", "", ""
	if o.rank > 0 {
		rank = strconv.Itoa(o.rank)
	}
	if o.offering.Count > 0 {
		gpus = strconv.Itoa(o.offering.Count)
	}
	if o.difference != nil {
		difference = o.difference.String()
	}
	var advised []string
	var evidence trail
	if o.as == "placed" {
		for _, f := range ordered(d.Findings) {
			if groupOf(f) == advice {
				advised = append(advised, f.Control+" "+f.Status.String())
			}
			evidence.add(f)
		}
	}
	var names, until, tickets []string
	for _, w := range o.waivers {
		names, until, tickets = append(names, w.Name), append(until, w.Until), append(tickets, w.Ticket)
	}
	p, c := o.offering, o.cost
	known := ""
	if c.Currency != "" {
		known = c.Known.String()
	}
	return slices.Concat(
		cells(d.Manifest.Name, d.Manifest.Owner, document(d.Manifest), d.Stage, r.asOf, o.as), []string{rank},
		cells(p.Vendor, p.Product, p.Plan, p.Hosting, p.Infrastructure, p.Region, p.SKU, p.GPU), []string{gpus},
		cells(p.Capacity, o.verdict.String(), c.Currency),
		[]string{amount(c.Low), amount(c.Expected), amount(c.High), known, difference},
		cells(lists(unknownItems(c)), lists(o.refused), lists(o.open), lists(o.waived), lists(names), lists(until), lists(tickets), lists(advised), lists(o.conditions)),
		evidence.cells(), cells(d.Manifest.Digest),
	)
}

// A trail is the evidence behind findings.
type trail struct {
	kinds, read []string
	seen        map[string]bool
	sources     int
	undated     int
}

func (t *trail) add(f decision.Finding) {
	for _, fact := range f.Facts {
		for _, s := range fact.Sources {
			key := strings.Join([]string{fact.Document, s.ID, s.Kind, s.Published, s.Read}, "\x00")
			if t.seen[key] {
				continue
			}
			if t.seen == nil {
				t.seen = map[string]bool{}
			}
			t.seen[key] = true
			t.sources++
			if !slices.Contains(t.kinds, s.Kind) {
				t.kinds = append(t.kinds, s.Kind)
			}
			if dated(s.Read) {
				t.read = append(t.read, s.Read)
			}
			if !dated(s.Published) {
				t.undated++
			}
		}
	}
}

func (t *trail) cells() []string {
	if t.sources == 0 {
		return make([]string, 5)
	}
	slices.Sort(t.kinds)
	slices.Sort(t.read)
	first, last := "", ""
	if n := len(t.read); n > 0 {
		first, last = t.read[0], t.read[n-1]
	}
	return append(cells(lists(t.kinds), first, last), strconv.Itoa(t.sources), strconv.Itoa(t.undated))
}

func amount(d *decimal.Decimal) string {
	if d == nil {
		return ""
	}
	return d.String()
}

func lists(list []string) string { return strings.Join(list, " | ") }

// cells are texts for a spreadsheet, none of which it takes for a formula: what
// begins like one has an apostrophe before it. Numbers do not come through here
// and stay numbers, below zero as well.
func cells(texts ...string) []string {
	for i, s := range texts {
		s = flat(s)
		if begins := strings.TrimLeft(s, " \u00a0\u3000\ufeff\u200b\"'"); begins != "" && strings.ContainsRune("=+-@|%\uff1d\uff0b\uff0d\uff20", []rune(begins)[0]) {
			s = "'" + s
		}
		texts[i] = s
	}
	return texts
}

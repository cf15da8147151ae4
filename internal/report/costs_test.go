package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image/color"
	"io"
	"io/fs"
	"math"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decision"
)

// costLine is one of an amount; "" is unknown.
func costLine(item, quantity, unit, rate, amount string) decision.Line {
	l := decision.Line{Item: item, Unit: unit}
	if rate != "" {
		l.Quantity, l.Rate = dec(quantity), dec(rate)
	}
	if amount == "" {
		l.Why = "/prices/" + item + " is not stated"
		return l
	}
	l.Amount, l.Low, l.High = dec(amount), dec(amount), dec(amount)
	return l
}

func costWith(lines ...decision.Line) decision.Cost {
	c := decision.Cost{Currency: "USD", Period: "month", Excludes: []string{"egress", "tax"}, Lines: lines}
	s := cost.SumOf(decision.Offering{}, c)
	c.Low, c.Expected, c.High, c.Known = s.Low, s.Expected, s.High, s.Known
	return c
}

func place(vendor, plan string) decision.Offering {
	return decision.Offering{Vendor: vendor, Product: "functions", Plan: plan, Hosting: "managed", Region: "us-east", SKU: "h100", GPU: "H100", Count: 1, Capacity: "on-demand"}
}

// costSample has every part of a report of costs.
func costSample() cost.Report {
	ours, other, dear := place("modal", "team"), place("baseten", "basic"), place("beam", "growth")
	spread := costLine("boot", "10", "second", "0.5", "5")
	spread.Low, spread.High = dec("1.234"), dec("9")
	placed := costWith(costLine("gpu", "144000", "second", "0.001097", "157.968"), spread, costLine("fee", "1", "month", "250", "250"), costLine("credit", "100", "USD", "-1", "-100"))
	placed.List = dec("400")
	placed.Replay = &decision.Replay{
		Requests: 19366, ColdStarts: 3, PeakReplicas: 2, BilledSeconds: dec("3600.5"), WaitP50: *dec("0"), WaitP95: *dec("1.5"), WaitP99: *dec("9.0001"),
		Utilisation: *dec("0.421"), Period: *dec("3600"), Concurrency: 8, MaxReplicas: 20, ScaleDownDelay: *dec("60"), ColdStart: *dec("10"), Rounding: "up",
		BillsBoot: new(bool), Warm: true, WaitP99Low: dec("8"), WaitP99High: dec("12"),
	}
	open := costWith(costLine("gpu", "40", "hour", "6.5", "260"), costLine("fee", "", "month", "", ""))
	refused := costWith(costLine("gpu", "40", "hour", "2", "80"))
	first := cost.Estimate{
		Manifest: decision.Manifest{Path: "w/notes.yaml", Name: "radiology-notes", Owner: "clinical-ai", Digest: digest}, Labels: map[string]string{"team": "a|b", "env": "prod"},
		Stage: "operate", Offering: ours, Verdict: decision.Review, Cost: placed,
		WhatIf: &cost.WhatIf{
			Changes: []cost.Changed{{Path: "usage.gpuHours", After: "40", Replaced: []string{"usage.alwaysOn"}}, {Path: "resources.gpu.count", Before: "2", After: "1"}},
			Before:  cost.Side{Offering: dear, Verdict: decision.Failed, Cost: open, Refused: []string{"baa"}},
		},
		Offerings: []cost.Row{
			{Rank: 1, Offering: dear, Verdict: decision.Failed, Cost: refused, Difference: dec("-232.968"), Refused: []string{"baa"}},
			{Rank: 2, Offering: place("modal", "starter"), Verdict: decision.Passed, Cost: refused, Difference: dec("-232.968"), Conditions: []string{"execute the BAA"}},
			{Rank: 3, Offering: ours, Verdict: decision.Review, Placed: true, Cost: placed, Open: []string{"baa-executed"}},
			{Rank: 4, Offering: other, Verdict: decision.Review, Cost: open, Open: []string{"baa"}},
		},
		Sweep: &cost.Sweep{
			Path: "usage.gpuHours", Now: "40", Replaced: []string{"usage.alwaysOn"},
			Series: []cost.Series{{Offering: ours, Verdict: decision.Review, Placed: true}, {Offering: other, Verdict: decision.Passed}, {Offering: dear, Verdict: decision.Failed}},
		},
	}
	for i := range 5 {
		hours := decimal.NewFromInt(int64(10 + 20*i))
		quote := func(v decision.Verdict, rate, fee string) cost.Quote {
			amount := hours.Mul(decimal.RequireFromString(rate)).String()
			return cost.Quote{Verdict: v, Sum: cost.SumOf(ours, costWith(costLine("gpu", hours.String(), "hour", rate, amount), costLine("fee", "1", "month", fee, fee)))}
		}
		p := cost.Point{Value: hours, Quotes: []cost.Quote{quote(decision.Review, "3", "200"), quote(decision.Passed, "6", "50"), quote(decision.Failed, "1", "0")}}
		if i == 3 { // a gap
			p.Quotes[1] = cost.Quote{Verdict: decision.Passed, Sum: cost.SumOf(other, open)}
		}
		first.Sweep.Points = append(first.Sweep.Points, p)
	}
	first.Sweep.Mark()
	second := cost.Estimate{
		Manifest: decision.Manifest{Path: "w/chat.yaml", Name: "chat", Digest: digest}, Stage: "select", Offering: ours, Verdict: decision.Passed,
		Cost:      costWith(costLine("gpu", "1", "hour", "4", "4"), costLine("fee", "1", "month", "250", "250")),
		Offerings: []cost.Row{{Rank: 1, Offering: ours, Verdict: decision.Passed, Placed: true, Cost: costWith(costLine("gpu", "1", "hour", "4", "4"))}},
	}
	third := cost.Estimate{
		Manifest: decision.Manifest{Path: "w/byoc.yaml", Name: "byoc", Owner: "platform", Digest: digest}, Stage: "select", Verdict: decision.Failed,
		Offering: decision.Offering{Vendor: "baseten", Product: "self", Plan: "pro", Hosting: "byoc", Region: decision.Unpinned, Capacity: "reserved", Infrastructure: "aws/ec2/on-demand/us-east-1/p5"},
		Cost:     costWith(costLine("fee platform", "40", "gpu-hour", "0.5", "20"), costLine("discount", "20", "USD", "-0.1", "-2"), costLine("fee", "", "month", "", ""), costLine("infrastructure", "40", "hour", "9", "360"), costLine("infrastructure region", "", "USD", "", "")),
	}
	r := cost.Report{
		Tool: decision.Tool{Name: "caveat", Version: "0.1.0"}, AsOf: "2026-11-23", Policies: decision.Digest{Digest: digest}, Catalog: decision.Digest{Digest: digest},
		Estimates: []cost.Estimate{first, second, third}, Errors: problems,
	}
	r.Accounts, r.Totals = cost.Totals(r.Estimates, []string{"owner", "vendor", "label:team"}, listFees{})
	return r
}

// listFees charges the fee of a plan once; that of one vendor nobody knows.
type listFees struct{}

func (listFees) Bill(plans []cost.Plan, _ string) [][]decision.Line {
	bills := make([][]decision.Line, len(plans))
	for i, p := range plans {
		bills[i] = []decision.Line{costLine("fee", "1", "month", "250", "250"), costLine("credit", "100", "USD", "-1", "-100")}
		if p.Offering.Vendor == "baseten" {
			bills[i] = []decision.Line{costLine("fee", "", "month", "", "")}
		}
	}
	return bills
}

// diffSample is what a change of everything costs.
func diffSample() cost.Report {
	r := costSample()
	after := slices.Clone(r.Estimates)
	before := slices.Clone(after)
	before[0].Cost = costWith(costLine("gpu", "72000", "second", "0.001097", "78.984"), costLine("idle", "1", "second", "1", "1"), costLine("fee", "1", "month", "250", "250"))
	before[0].Verdict = decision.Passed
	before[1].Manifest.Name = "old-chat"
	after[2].Cost = costWith(append(slices.Clone(after[2].Cost.Lines), costLine("cpu", "", "hour", "", ""))...)
	d := cost.Compare("main", before, after, listFees{})
	for i := range d.Changes {
		if d.Changes[i].Name == "radiology-notes" {
			d.Changes[i].Because = []cost.Changed{{Path: "usage.gpuHours", Before: "20", After: "40"}, {Path: "placement.plan", Before: "", After: "team"}, {Path: "resources.cpu", Before: "4", After: ""}, {Path: "service.uptime", Before: "99", After: "99.9"}}
		}
	}
	r.Estimates, r.Diff = after, &d
	_, old := cost.Totals(before, []string{"owner"}, listFees{})
	r.Accounts, r.Totals = cost.Totals(after, []string{"owner"}, listFees{})
	r.Totals = cost.Against(old, r.Totals)
	return r
}

func TestCostTables(t *testing.T) {
	for name, r := range map[string]cost.Report{"costs": costSample(), "costs-diff": diffSample()} {
		for _, f := range forms {
			var out bytes.Buffer
			table := f.table
			table.W = &out
			if err := table.Costs(r); err != nil {
				t.Fatal(err)
			}
			golden(t, name+"-"+f.name+".txt", out.Bytes())
			if f.table.Color {
				continue
			}
			if strings.Contains(out.String(), "\x1b") {
				t.Errorf("%s %s: an escape sequence without colour", name, f.name)
			}
			for i, line := range strings.Split(out.String(), "\n") {
				if n := utf8.RuneCountInString(line); n > f.table.Width {
					t.Errorf("%s %s: line %d has %d columns: %s", name, f.name, i+1, n, line)
				}
			}
		}
		var out bytes.Buffer
		if err := CostMarkdown(&out, r); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".md", out.Bytes())
	}
}

// A wide table of a sweep is written in lines that fit.
func TestSweepFits(t *testing.T) {
	r := costSample()
	s := r.Estimates[0].Sweep
	for len(s.Series) < cost.MostSeries {
		s.Series = append(s.Series, s.Series[2])
		for i := range s.Points {
			s.Points[i].Quotes = append(s.Points[i].Quotes, s.Points[i].Quotes[2])
		}
	}
	for i := range s.Points {
		for j := range s.Points[i].Quotes {
			if q := &s.Points[i].Quotes[j]; q.Expected != nil {
				q.Expected = dec(q.Expected.Mul(decimal.NewFromInt(1_000_000)).String())
			}
		}
	}
	for _, width := range []int{60, 80} {
		var out bytes.Buffer
		if err := (&Table{W: &out, Width: width}).Costs(r); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "$590,000,000.00") {
			t.Error("an amount is lost")
		}
		for i, line := range strings.Split(out.String(), "\n") {
			if n := utf8.RuneCountInString(line); n > width {
				t.Errorf("width %d: line %d has %d columns: %s", width, i+1, n, line)
			}
		}
	}
}

// What is not known is a gap in a chart, and never 0.
func TestUnknownIsAGap(t *testing.T) {
	r := costSample()
	data, most := chartData(*r.Estimates[0].Sweep)
	if !math.IsNaN(data[1][3]) || data[1][2] != 350 || most != 590 {
		t.Errorf("got %v and %v, want a gap at the fourth value of the second", data, most)
	}
	for i := range r.Estimates[0].Sweep.Points {
		for j := range r.Estimates[0].Sweep.Points[i].Quotes {
			r.Estimates[0].Sweep.Points[i].Quotes[j].Expected = nil
		}
	}
	r.Estimates[0].Sweep.Mark()
	var out bytes.Buffer
	if err := (&Table{W: &out}).Costs(r); err != nil || !strings.Contains(out.String(), "there is nothing to draw") {
		t.Errorf("got %v, want it said that there is nothing to draw", err)
	}
	if err := SweepSVG(io.Discard, r.Estimates[0]); err != nil {
		t.Error(err)
	}
	for i := range r.Estimates[0].Sweep.Points { // all free of charge
		for j := range r.Estimates[0].Sweep.Points[i].Quotes {
			r.Estimates[0].Sweep.Points[i].Quotes[j].Expected = dec("0")
		}
	}
	if err := errors.Join((&Table{W: io.Discard}).Costs(r), SweepSVG(io.Discard, r.Estimates[0])); err != nil {
		t.Error(err)
	}
}

func TestSVG(t *testing.T) {
	e := costSample().Estimates[0]
	e.Manifest.Name = "a<b>&\"c\""
	var one, two bytes.Buffer
	if err := errors.Join(SweepSVG(&one, e), SweepSVG(&two, e)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("two drawings of one sweep differ")
	}
	golden(t, "sweep.svg", one.Bytes())
	var texts []string
	elements := map[string]int{}
	decoder := xml.NewDecoder(&one)
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			elements[token.Name.Local]++
			if token.Name.Local == "svg" && !slices.Contains(token.Attr, xml.Attr{Name: xml.Name{Local: "role"}, Value: "img"}) {
				t.Errorf("got %v, want role img", token.Attr)
			}
		case xml.CharData:
			texts = append(texts, string(token))
		}
	}
	if elements["title"] != 1 || elements["desc"] != 1 {
		t.Errorf("got %v, want a title and a desc", elements)
	}
	all := strings.Join(texts, "\n")
	for _, want := range []string{"Cost of a<b>&\"c\" a month by usage.gpuHours", "from 10 the cheapest is baseten", "from 70 the cheapest is modal", "modal functions, team, us-east, 1× H100 (review), placed", "beam functions, growth, us-east, 1× H100 (fail)"} {
		if !strings.Contains(all, want) {
			t.Errorf("the drawing lacks %q", want)
		}
	}
}

// The colours of the series can be read on white and on a dark page.
func TestSVGContrast(t *testing.T) {
	light := func(c color.NRGBA) float64 {
		channel := func(v uint8) float64 {
			f := float64(v) / 255
			if f <= 0.03928 {
				return f / 12.92
			}
			return math.Pow((f+0.055)/1.055, 2.4)
		}
		return 0.2126*channel(c.R) + 0.7152*channel(c.G) + 0.0722*channel(c.B)
	}
	if svgDark != "#0d1117" {
		t.Fatalf("the dark page is %s; change this test, too", svgDark)
	}
	for _, page := range []color.NRGBA{{0xFF, 0xFF, 0xFF, 0xFF}, {0x0D, 0x11, 0x17, 0xFF}} {
		for _, c := range svgColors {
			a, b := light(page)+0.05, light(c)+0.05
			if ratio := max(a, b) / min(a, b); ratio < 3 {
				t.Errorf("%v on %v: got a contrast of %.2f, want at least 3", c, page, ratio)
			}
		}
	}
}

func TestCostJSON(t *testing.T) {
	schema := compiledSchema(t, "cost")
	empty := cost.Report{Tool: decision.Tool{Name: "caveat", Version: "0.1.0"}, AsOf: "2026-11-23", Policies: decision.Digest{Digest: digest}, Catalog: decision.Digest{Digest: digest}}
	for name, r := range map[string]cost.Report{"costs": costSample(), "costs-diff": diffSample(), "nothing": empty} {
		var out, again bytes.Buffer
		if err := errors.Join(CostJSON(&out, r), CostJSON(&again, r)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), again.Bytes()) {
			t.Errorf("%s: two documents of one report differ", name)
		}
		if err := schema.Validate(tree(t, out.Bytes())); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
	}
	everyField(t, schemaTreeOf(t, "cost"), reflect.TypeFor[cost.Report]())
}

func TestCostWriteErrors(t *testing.T) {
	r := costSample()
	for name, write := range map[string]func(io.Writer) error{
		"table":    func(w io.Writer) error { return (&Table{W: w}).Costs(r) },
		"json":     func(w io.Writer) error { return CostJSON(w, r) },
		"markdown": func(w io.Writer) error { return CostMarkdown(w, r) },
		"svg":      func(w io.Writer) error { return SweepSVG(w, r.Estimates[0]) },
		"csv":      func(w io.Writer) error { _, err := Focus(w, r, strings.ToUpper); return err },
	} {
		if err := write(&limited{10}); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%s: got %v, want %v", name, err, io.ErrShortWrite)
		}
	}
}

// mandatory are the columns that every FOCUS 1.2 file has.
var mandatory = strings.Fields(`BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeClass
	ChargeDescription ChargePeriodEnd ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuerName ListCost PricingQuantity PricingUnit ProviderName
	PublisherName ServiceCategory ServiceName`)

// focusRows writes the sample and reads it back.
func focusRows(t *testing.T, r cost.Report) (rows []map[string]string, left int) {
	t.Helper()
	var out bytes.Buffer
	left, err := Focus(&out, r, func(id string) string { return strings.ToUpper(id[:1]) + id[1:] })
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows, left
}

func TestFocus(t *testing.T) {
	r := costSample()
	var out bytes.Buffer
	if _, err := Focus(&out, r, func(id string) string { return strings.ToUpper(id[:1]) + id[1:] }); err != nil {
		t.Fatal(err)
	}
	golden(t, "costs-focus.csv", out.Bytes())
	for _, name := range mandatory {
		if !slices.Contains(focusColumns, name) {
			t.Errorf("the mandatory column %s is not there", name)
		}
	}
	rows, left := focusRows(t, r)
	if left != 2 {
		t.Errorf("got %d lines left out, want the unknown fee and the unknown region", left)
	}
	sum := decimal.Decimal{}
	for _, row := range rows {
		billed := decimal.RequireFromString(row["BilledCost"])
		sum = sum.Add(billed)
		if quantity, price := row["PricingQuantity"], row["ContractedUnitPrice"]; quantity != "" {
			if got := decimal.RequireFromString(quantity).Mul(decimal.RequireFromString(price)); !got.Equal(billed) {
				t.Errorf("%s: quantity × price is %s, want %s", row["ChargeDescription"], got, billed)
			}
		}
		switch row["ChargeCategory"] {
		case "Usage", "Purchase":
			if row["PricingQuantity"] == "" || row["PricingUnit"] == "" || row["PricingCategory"] == "" || row["SkuId"] == "" {
				t.Errorf("%s: a charge without quantity, unit, category or SKU", row["ChargeDescription"])
			}
			if used := row["ConsumedQuantity"] != ""; used != (row["ChargeCategory"] == "Usage") {
				t.Errorf("%s: consumed %q in category %s", row["ChargeDescription"], row["ConsumedQuantity"], row["ChargeCategory"])
			}
		}
		if row["Tags"] != "" {
			var tags map[string]string
			if err := json.Unmarshal([]byte(row["Tags"]), &tags); err != nil {
				t.Errorf("tags %s: %v", row["Tags"], err)
			}
		}
	}
	// Nothing is counted twice: the rows add up to the total of what is known.
	if !sum.Equal(r.Totals[0].Known) {
		t.Errorf("the rows add up to %s, want %s", sum, r.Totals[0].Known)
	}
	if _, err := Focus(io.Discard, cost.Report{AsOf: "today"}, strings.ToUpper); err == nil {
		t.Error("a day that is none: got no error")
	}
}

// The list price of a line stands beside ours, where the same line has one.
func TestFocusListPrice(t *testing.T) {
	r := costSample()
	r.Estimates = r.Estimates[:1]
	r.Estimates[0].Listed = []decision.Line{costLine("gpu", "144000", "second", "0.002", "288"), costLine("boot", "11", "second", "1", "11")}
	rows, _ := focusRows(t, r)
	if got := []string{rows[0]["ListCost"], rows[0]["ListUnitPrice"], rows[0]["BilledCost"]}; !slices.Equal(got, []string{"288", "0.002", "157.968"}) {
		t.Errorf("got %v, want list and ours", got)
	}
	if got := rows[1]["ListCost"]; got != "5" {
		t.Errorf("got %s for a line of another quantity, want ours", got)
	}
}

// TestFocusColumns holds names, order, nulls and words to the specification's
// list of columns.
func TestFocusColumns(t *testing.T) {
	file, err := os.Open("../../../shared/formats/focus-columns-1.2.csv")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the list of FOCUS columns is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header := records[0]
	at := func(record []string, name string) string { return record[slices.Index(header, name)] }
	rows, _ := focusRows(t, costSample())
	var names []string
	for _, record := range records[1:] {
		name := at(record, "column")
		if at(record, "feature_level") == "Mandatory" != slices.Contains(mandatory, name) {
			t.Errorf("%s is %s", name, at(record, "feature_level"))
		}
		if !slices.Contains(focusColumns, name) {
			continue
		}
		names = append(names, name)
		allowed := at(record, "allowed_values")
		for _, row := range rows {
			value := row[name]
			switch {
			case value == "" && at(record, "allows_nulls") == "false":
				t.Errorf("%s is null: %s", name, row["ChargeDescription"])
			case value == "":
			case allowed != "" && !slices.Contains(strings.Split(allowed, ";"), value):
				t.Errorf("%s is %q, want one of %s", name, value, allowed)
			}
			switch format := at(record, "value_format"); {
			case value == "":
			case format == "Numeric Format" && !regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`).MatchString(value):
				t.Errorf("%s is %q, want a number", name, value)
			case format == "Currency Format" && len(value) != 3:
				t.Errorf("%s is %q, want a currency", name, value)
			case format == "Date/Time Format":
				if day, err := time.Parse("2006-01-02T15:04:05Z", value); err != nil || day.Day() != 1 {
					t.Errorf("%s is %q, want the first instant of a month", name, value)
				}
			}
		}
	}
	if !slices.Equal(names, focusColumns) {
		t.Errorf("got columns %v, want %v", focusColumns, names)
	}
}

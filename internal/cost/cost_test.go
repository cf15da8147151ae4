package cost

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

func dec(text string) *decimal.Decimal {
	d := decimal.RequireFromString(text)
	return &d
}

// item is a line of an amount; "" is unknown.
func item(name, amount string) decision.Line {
	l := decision.Line{Item: name}
	if amount != "" {
		l.Amount, l.Low, l.High = dec(amount), dec(amount), dec(amount)
	}
	return l
}

func of(lines ...decision.Line) decision.Cost {
	c := decision.Cost{Currency: "USD", Period: "month", Lines: lines}
	s := SumOf(decision.Offering{}, c)
	c.Low, c.Expected, c.High, c.Known = s.Low, s.Expected, s.High, s.Known
	return c
}

func on(vendor, plan string, c decision.Cost) Estimate {
	return Estimate{Manifest: decision.Manifest{Path: vendor + ".yaml", Name: vendor}, Offering: decision.Offering{Vendor: vendor, Plan: plan}, Cost: c}
}

func shown(d *decimal.Decimal) string {
	if d == nil {
		return "unknown"
	}
	return d.String()
}

// spec makes a manifest's root of plain values.
func spec(value map[string]any) *document.Node {
	return document.Of(map[string]any{"spec": value}, 3, 5)
}

func TestPath(t *testing.T) {
	for text, want := range map[string]string{
		"usage.gpuHours": "usage/gpuHours", "spec.usage.jobs.0.duration": "usage/jobs/0/duration", "service": "service",
		"": "", "usage..gpuHours": "", ".usage": "", "usage.": "", "metadata.name": "", "kind": "", "spec": "",
	} {
		parts, err := Path(text)
		if got := strings.Join(parts, "/"); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q and %v, want %q", text, got, err, want)
		}
	}
}

func TestApply(t *testing.T) {
	manifest := map[string]any{"usage": map[string]any{"alwaysOn": map[string]any{"replicas": "2"}}, "placement": map[string]any{"regions": []any{"us-east"}}, "stage": "select"}
	for name, c := range map[string]struct {
		path  string
		value any
		want  string // spec
		gone  string
		err   string
	}{
		"another form of usage": {"usage.gpuHours", "200", "{placement: {regions: [us-east]}, stage: select, usage: {gpuHours: 200}}", "usage.alwaysOn", ""},
		"the same form":         {"usage.alwaysOn.replicas", "3", "{placement: {regions: [us-east]}, stage: select, usage: {alwaysOn: {replicas: 3}}}", "", ""},
		"a new mapping":         {"resources.gpu.count", "2", "{placement: {regions: [us-east]}, stage: select, usage: {alwaysOn: {replicas: 2}}, resources: {gpu: {count: 2}}}", "", ""},
		"a list's entry":        {"placement.regions.0", "eu", "{placement: {regions: [eu]}, stage: select, usage: {alwaysOn: {replicas: 2}}}", "", ""},
		"a list's new entry":    {"placement.regions.1", "eu", "{placement: {regions: [us-east, eu]}, stage: select, usage: {alwaysOn: {replicas: 2}}}", "", ""},
		"a new list":            {"usage.jobs.0.count", "2", "{placement: {regions: [us-east]}, stage: select, usage: {jobs: [{count: 2}]}}", "usage.alwaysOn", ""},
		"beyond a list":         {"placement.regions.2", "eu", "", "", `spec.placement.regions is a list of 1 and has no "2"; expected a number from 0 to 1`},
		"a list by a word":      {"placement.regions.first", "eu", "", "", `spec.placement.regions is a list of 1 and has no "first"; expected a number from 0 to 1`},
		"below a word":          {"stage.name", "eu", "{placement: {regions: [us-east]}, stage: {name: eu}, usage: {alwaysOn: {replicas: 2}}}", "", ""},
		"a whole list":          {"placement.regions", []any{"eu", "us"}, "{placement: {regions: [eu, us]}, stage: select, usage: {alwaysOn: {replicas: 2}}}", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			parts, err := Path(c.path)
			if err != nil {
				t.Fatal(err)
			}
			root := spec(manifest)
			changed, err := Change{Parts: parts, Value: document.Of(c.value, 1, 1)}.Apply(root)
			if c.err != "" {
				if err == nil || err.Error() != c.err {
					t.Errorf("got %v, want %s", err, c.err)
				}
				return
			}
			if got := Words(root.Field("spec")); err != nil || got != c.want {
				t.Errorf("got %s and %v, want %s", got, err, c.want)
			}
			if got := strings.Join(changed.Replaced, ", "); got != c.gone {
				t.Errorf("got %q replaced, want %q", got, c.gone)
			}
			node, line, column, _ := root.At("/spec/" + strings.Join(parts, "/"))
			if node == nil || line != 3 || column != 5 || node.Line != 3 {
				t.Errorf("got %v at %d:%d, want the place of what it stands for", node, line, column)
			}
		})
	}
	if _, err := (Change{Parts: []string{"a"}, Value: document.Of("1", 1, 1)}).Apply(document.Of(map[string]any{"spec": "x"}, 1, 1)); err == nil {
		t.Error("a spec that is no mapping: got no error")
	}
}

func TestParseRange(t *testing.T) {
	for text, want := range map[string]string{ // count: first, second, last; or an error
		"usage.gpuHours=10..200":            "20: 10 20 200",
		"usage.gpuHours=0..200":             "21: 0 10 200",
		"usage.gpuHours=1..98":              "21: 1 5.85 98",
		"usage.gpuHours=1..10":              "10: 1 2 10",
		"usage.gpuHours=1..2":               "2: 1 2 2",
		"usage.gpuHours=0.5..2":             "21: 0.5 0.575 2",
		"usage.gpuHours=10..200/3":          "3: 10 105 200",
		"usage.gpuHours=1..100/12":          "12: 1 10 100",
		"usage.jobs.0.duration=10m..60m/6":  "6: 10m 20m 60m",
		"usage.jobs.0.duration=30m..2h/4":   "4: 30m 60m 120m",
		"usage.jobs.0.duration=500ms..2s/4": "4: 500ms 1000ms 2000ms",
		"usage.jobs.0.duration=1d..36h/2":   "2: 24h 36h 36h",
		"resources.memory=512MiB..1GiB/2":   "2: 512MiB 1024MiB 1024MiB",
		"usage.gpuHours":                    "has no values",
		"usage.gpuHours=10":                 "is not a range",
		"usage.gpuHours=10..":               "is not a quantity",
		"usage.gpuHours=..10":               "is not a quantity",
		"usage.gpuHours=-1..10":             "is not a quantity",
		"usage.gpuHours=1e3..10":            "is not a quantity",
		"usage.gpuHours=10..5":              "10..5 does not rise",
		"usage.gpuHours=5..5":               "5..5 does not rise",
		"usage.jobs.0.duration=2h..90m":     "2h..90m does not rise",
		"usage.jobs.0.duration=10..60m":     "expected a unit on both, such as 10m..60m",
		"usage.jobs.0.duration=10m..60":     "one end has a unit and the other has none",
		"usage.jobs.0.duration=10m..60GiB":  "do not measure the same",
		"usage.jobs.0.duration=10x..60x":    `has unit "x"`,
		"usage.gpuHours=1..2/4":             "has no exact steps at 4 values",
		"usage.gpuHours=1..2/1":             "is not a number of values; expected 2 to 501",
		"usage.gpuHours=1..2/502":           "is not a number of values; expected 2 to 501",
		"usage.gpuHours=1..2/x":             "is not a number of values",
		"metadata.name=1..2":                "is not under spec",
		"=1..2":                             "is not a path",
	} {
		r, err := ParseRange(text)
		if err != nil {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %s", text, err, want)
			}
			continue
		}
		last := len(r.Values) - 1
		if got := fmt.Sprintf("%d: %s %s %s", len(r.Values), r.Written(r.Values[0]), r.Written(r.Values[1]), r.Written(r.Values[last])); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// Values of a range are exactly evenly spaced, and both ends are among them.
func TestRangeIsEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, 1000).Draw(t, "from")
		way := rapid.IntRange(1, 1000).Draw(t, "way")
		r, err := ParseRange(fmt.Sprintf("a=%d..%d", from, from+way))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Values) > defaultPoints || len(r.Values) < min(way+1, defaultPoints/2+1) {
			t.Fatalf("got %d values", len(r.Values))
		}
		step := r.Values[1].Sub(r.Values[0])
		for i := 1; i < len(r.Values); i++ {
			if !r.Values[i].Sub(r.Values[i-1]).Equal(step) {
				t.Fatalf("got %v, want even steps", r.Values)
			}
		}
		if r.Values[0].IntPart() != int64(from) || !r.Values[len(r.Values)-1].Equal(decimal.NewFromInt(int64(from+way))) {
			t.Fatalf("got %v, want both ends", r.Values)
		}
	})
}

func FuzzParseRange(f *testing.F) {
	for _, seed := range []string{"usage.gpuHours=10..200", "a=1m..2h/3", "a=1..2/4", "a=..", "=", "a=1...2", "a=0..1/501", "a=0..1211000100000000010001"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRange(text)
		if err != nil {
			return
		}
		if len(r.Values) < leastPoints || len(r.Values) > mostPoints || !slices.IsSortedFunc(r.Values, decimal.Decimal.Cmp) {
			t.Errorf("%q: got %v", text, r.Values)
		}
	})
}

func TestMark(t *testing.T) {
	quote := func(amount, currency string, v decision.Verdict) Quote {
		q := Quote{Verdict: v, Sum: Sum{Total: decision.Total{Currency: currency}}}
		if amount != "" {
			q.Expected = dec(amount)
		}
		return q
	}
	s := Sweep{Points: []Point{
		{Quotes: []Quote{quote("5", "USD", decision.Passed), quote("4", "USD", decision.Failed), quote("1", "EUR", decision.Passed)}},
		{Quotes: []Quote{quote("5", "USD", decision.Passed), quote("5", "USD", decision.Review), quote("1", "EUR", decision.Passed)}},
		{Quotes: []Quote{quote("5", "USD", decision.Passed), quote("4", "USD", decision.Review), quote("1", "EUR", decision.Passed)}},
		{Quotes: []Quote{quote("4", "USD", decision.Passed), quote("4", "USD", decision.Review), quote("1", "EUR", decision.Passed)}},
		{Quotes: []Quote{quote("", "USD", decision.Passed), quote("", "USD", decision.Review), quote("1", "EUR", decision.Passed)}},
		{Quotes: []Quote{quote("3", "USD", decision.Passed), quote("", "USD", decision.Review), quote("1", "EUR", decision.Passed)}},
	}}
	s.Mark()
	var got []string
	for _, p := range s.Points {
		at := "none"
		if p.Cheapest != nil {
			at = fmt.Sprint(*p.Cheapest)
		}
		if p.Changes {
			at += "!"
		}
		got = append(got, at)
	}
	// Refused is never the cheapest, a tie keeps the one before, and a gap is
	// no change.
	if want := []string{"0", "0", "1!", "1", "none", "0!"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDifference(t *testing.T) {
	a, b := decision.Offering{Vendor: "a", Plan: "team"}, decision.Offering{Vendor: "b", Plan: "team"}
	for name, c := range map[string]struct {
		before, after Side
		want          string
	}{
		"both complete":                {Side{Offering: a, Cost: of(item("gpu", "10"))}, Side{Offering: b, Cost: of(item("gpu", "12.5"), item("fee", "1"))}, "3.5"},
		"the same fee is not known":    {Side{Offering: a, Cost: of(item("gpu", "10"), item("fee", ""))}, Side{Offering: a, Cost: of(item("gpu", "8"), item("fee", ""))}, "-2"},
		"another vendor's fee":         {Side{Offering: a, Cost: of(item("gpu", "10"), item("fee", ""))}, Side{Offering: b, Cost: of(item("gpu", "8"), item("fee", ""))}, "unknown"},
		"a fee that was not there":     {Side{Offering: a, Cost: of(item("gpu", "10"))}, Side{Offering: a, Cost: of(item("gpu", "8"), item("fee", ""))}, "unknown"},
		"an amount that goes with use": {Side{Offering: a, Cost: of(item("gpu", ""))}, Side{Offering: a, Cost: of(item("gpu", ""))}, "unknown"},
		"two currencies":               {Side{Offering: a, Cost: of(item("gpu", "10"))}, Side{Offering: a, Cost: decision.Cost{Currency: "EUR", Lines: []decision.Line{item("gpu", "1")}}}, "unknown"},
	} {
		if got := shown(Between(c.before, c.after)); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// biller charges one fee for each account, whatever is used, and a tenth back.
type biller struct{}

func (biller) Bill(plans []Plan, _ string) [][]decision.Line {
	bills := make([][]decision.Line, len(plans))
	for i, p := range plans {
		if p.Offering.Plan != "held" {
			used := SumOf(p.Offering, decision.Cost{Lines: p.Usage})
			bills[i] = []decision.Line{item("fee", "100"), item("credit", used.Known.Div(decimal.NewFromInt(-10)).String())}
		}
	}
	return bills
}

func TestTotals(t *testing.T) {
	owned := func(e Estimate, owner string, labels map[string]string) Estimate {
		e.Manifest.Owner, e.Labels = owner, labels
		return e
	}
	cloud := on("b", "team", of(item("fee platform", "7"), item("infrastructure", "50"), item("fee", "100")))
	cloud.Offering.Infrastructure = "aws/ec2"
	cloud.Verdict = decision.Failed
	open := on("c", "held", of(item("gpu", "")))
	open.Cost.Currency = "" // nothing has a price
	list := []Estimate{
		owned(on("a", "team", of(item("gpu", "10"), item("fee", "100"))), "x", map[string]string{"team": "red"}),
		owned(on("a", "team", of(item("gpu", "30"), item("fee", "100"))), "y", map[string]string{"team": "red"}),
		owned(cloud, "y", nil), owned(open, "", map[string]string{"team": ""}),
	}
	accounts, totals := Totals(list, []string{"owner", "vendor", "label:team"}, biller{})
	var got []string
	for _, total := range totals {
		got = append(got, fmt.Sprintf("%s %q %d %s %s", total.By, total.Name, total.Workloads, shown(total.Expected), total.Known))
	}
	want := []string{
		`all "" 4 unknown 292.3`,
		`owner "x" 1 10 10`, `owner "y" 2 186.3 186.3`, `owner "(none)" 1 unknown 0`, `owner "(shared)" 0 96 96`,
		`vendor "a" 2 136 136`, `vendor "aws" 1 50 50`, `vendor "b" 1 106.3 106.3`, `vendor "c" 1 unknown 0`,
		`label:team "" 1 unknown 0`, `label:team "red" 2 136 136`, `label:team "(none)" 1 156.3 156.3`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(accounts) != 3 || accounts[0].Workloads != 2 || len(accounts[2].Lines) != 0 {
		t.Errorf("got accounts %v", accounts)
	}
	if totals[0].Pass+totals[0].Review+totals[0].Fail != 4 || totals[0].Fail != 1 {
		t.Errorf("got %+v, want the verdicts of four", totals[0])
	}
}

// Every grouping adds up to the whole, known amounts exactly.
func TestGroupsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []Estimate
		for range rapid.IntRange(0, 6).Draw(t, "workloads") {
			word := func(name string) string { return rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, name) }
			e := on(word("vendor")+"v", word("plan")+"p", of(item("gpu", fmt.Sprint(rapid.IntRange(0, 99).Draw(t, "cents")))))
			e.Manifest.Owner, e.Labels = word("owner"), map[string]string{"k": word("label")}
			e.Cost.Currency = rapid.SampledFrom([]string{"USD", "EUR"}).Draw(t, "currency")
			list = append(list, e)
		}
		_, totals := Totals(list, []string{"owner", "vendor", "label:k", "label:none"}, biller{})
		sums := map[string]map[string]decimal.Decimal{}
		for _, total := range totals {
			if sums[total.By] == nil {
				sums[total.By] = map[string]decimal.Decimal{}
			}
			sums[total.By][total.Currency] = sums[total.By][total.Currency].Add(total.Known)
		}
		for by, byCurrency := range sums {
			for currency, sum := range byCurrency {
				if !sum.Equal(sums["all"][currency]) {
					t.Fatalf("%s in %s adds up to %s, want %s", by, currency, sum, sums["all"][currency])
				}
			}
		}
	})
}

// A feeOfOne charges each account 1.
type feeOfOne struct{}

func (feeOfOne) Bill(plans []Plan, _ string) [][]decision.Line {
	bills := make([][]decision.Line, len(plans))
	for i := range bills {
		bills[i] = []decision.Line{item("fee", "1")}
	}
	return bills
}

func TestCompare(t *testing.T) {
	with := func(e Estimate, path, name string, hours any) Estimate {
		e.Manifest.Path, e.Manifest.Name = path, name
		e.Spec = document.Of(map[string]any{"usage": map[string]any{"gpuHours": hours}, "service": map[string]any{"uptime": "99"}}, 1, 1)
		return e
	}
	a := on("a", "team", of(item("gpu", "10"), item("fee", "1")))
	dear := on("a", "team", of(item("gpu", "14"), item("fee", "1")))
	failing := a
	failing.Verdict = decision.Failed
	open := on("a", "team", of(item("gpu", ""), item("fee", "1")))
	before := []Estimate{with(a, "same.yaml", "same", "10"), with(a, "up.yaml", "up", "10"), with(a, "gone.yaml", "gone", "10"), with(a, "old/moved.yaml", "moved", "10"), with(a, "worse.yaml", "worse", "10"), with(a, "open.yaml", "open", "10")}
	after := []Estimate{with(a, "same.yaml", "same", "10"), with(dear, "up.yaml", "up", "14"), with(dear, "new.yaml", "new", "10"), with(a, "new/moved.yaml", "moved", "10"), with(failing, "worse.yaml", "worse", "10"), with(open, "open.yaml", "open", "x")}
	d := Compare("main", before, after, feeOfOne{})
	var got []string
	for _, c := range d.Changes {
		words := c.Kind + " " + c.Name + " " + shown(c.Difference)
		for _, b := range c.Because {
			words += " " + b.Path + " " + b.Before + ">" + b.After
		}
		for _, l := range c.Lines {
			words += " " + l.Item
		}
		got = append(got, words)
	}
	want := []string{"new new 15", "removed gone -11", "changed up 4 usage.gpuHours 10>14 gpu", "changed worse 0", "changed open unknown usage.gpuHours 10>x gpu"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if d.Unchanged != 2 {
		t.Errorf("got %d unchanged, want 2", d.Unchanged)
	}
	// The fee of the one account is charged once, on both sides.
	if got := shown(d.Totals[0].Before.Expected); got != "61" {
		t.Errorf("got %s before, want 61", got)
	}
	same := Compare("main", after[:5], after[:5], feeOfOne{})
	if len(same.Changes) != 0 || same.Unchanged != 5 || !same.Totals[0].Difference.IsZero() {
		t.Errorf("nothing changed: got %+v", same)
	}
	// What is not known and the same on both sides does not hide the difference.
	d = Compare("main", []Estimate{with(open, "open.yaml", "open", "x"), before[1]}, []Estimate{with(open, "open.yaml", "open", "x"), after[1]}, feeOfOne{})
	if got := shown(d.Totals[0].Difference); got != "4" || d.Totals[0].Expected != nil {
		t.Errorf("got a difference of %s, want 4", got)
	}
	d = Compare("main", []Estimate{with(open, "open.yaml", "open", "x"), before[1]}, []Estimate{with(open, "open.yaml", "open", "y"), after[1]}, feeOfOne{})
	if got := shown(d.Totals[0].Difference); got != "unknown" {
		t.Errorf("got a difference of %s where what is not known is another, want none", got)
	}
	if all := Compare("main", nil, after[:1], feeOfOne{}); shown(all.Totals[0].Difference) != "11" {
		t.Errorf("all is new: got %+v", all.Totals)
	}
}

func TestDifferences(t *testing.T) {
	before := document.Of(map[string]any{"usage": map[string]any{"jobs": []any{map[string]any{"count": "1", "duration": "10m"}}}, "service": map[string]any{"uptime": "99"}, "placement": map[string]any{"regions": []any{"eu"}}}, 1, 1)
	after := document.Of(map[string]any{"usage": map[string]any{"jobs": []any{map[string]any{"count": "1", "duration": "20m"}}}, "resources": map[string]any{"cpu": "4"}, "placement": map[string]any{"regions": []any{"eu", "us"}}}, 1, 1)
	var got []string
	for _, c := range Differences(before, after) {
		got = append(got, c.Path+" "+c.Before+">"+c.After)
	}
	if want := []string{"usage.jobs.0.duration 10m>20m", "resources >{cpu: 4}", "placement.regions [eu]>[eu, us]", "service {uptime: 99}>"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

package report

import (
	"bytes"
	"math/rand"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/fixtures"
	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
)

var escapes = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// checkWidth reports lines that are longer than a width and could be broken.
func checkWidth(t *testing.T, name string, out string, limit int) {
	t.Helper()
	for i, line := range strings.Split(escapes.ReplaceAllString(out, ""), "\n") {
		if utf8.RuneCountInString(line) > limit && len(strings.Fields(line)) > 1 {
			t.Errorf("%s, width %d, line %d is longer than the width: %q", name, limit, i+1, line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("%s, width %d, line %d ends in spaces: %q", name, limit, i+1, line)
		}
	}
}

func shipped(t *testing.T) []*catalog.Vendor {
	t.Helper()
	data, err := fixtures.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	vendors, err := catalog.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(vendors) == 0 {
		t.Fatal("the shipped catalog is empty")
	}
	return vendors
}

func TestNoLineIsLongerThanTheWidth(t *testing.T) {
	vendors := shipped(t)
	decisions := append(real(t), samples()...)
	for _, limit := range []int{60, 80, 120} {
		for _, verbose := range []bool{false, true} {
			for _, color := range []bool{false, true} {
				var out bytes.Buffer
				table := &Table{W: &out, Width: limit, Verbose: verbose, Color: color}
				show := func(name string, err error) {
					if err != nil {
						t.Fatal(err)
					}
					checkWidth(t, name, out.String(), limit)
					if !color && strings.Contains(out.String(), "\x1b") {
						t.Errorf("%s: an escape without colour", name)
					}
					out.Reset()
				}
				for _, d := range decisions {
					show(d.Manifest.Name, table.Decision(d))
				}
				show("vendors", table.Vendors(vendors))
				for _, v := range vendors {
					show(v.ID, table.Vendor(v, "2026-11-23"))
				}
				for _, view := range views {
					show(view.name, view.show(table))
				}
			}
		}
	}
}

// Colour changes how a table looks and nothing of what it says.
func TestColorOnlyColors(t *testing.T) {
	for _, v := range views {
		var black, coloured bytes.Buffer
		if err := v.show(&Table{W: &black, Verbose: true}); err != nil {
			t.Fatal(err)
		}
		if err := v.show(&Table{W: &coloured, Verbose: true, Color: true}); err != nil {
			t.Fatal(err)
		}
		if got := escapes.ReplaceAllString(coloured.String(), ""); got != black.String() {
			t.Errorf("%s differs without its colours", v.name)
		}
		if coloured.String() == black.String() {
			t.Errorf("%s has no colours", v.name)
		}
	}
}

// Wrapping keeps every word, in order, and breaks only where it must.
func TestWrapKeepsWords(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	letters := []rune("abc/é✓-:.×")
	for range 5000 {
		var body []piece
		var want []string
		for range random.Intn(12) {
			word := make([]rune, 1+random.Intn(30))
			for i := range word {
				word[i] = letters[random.Intn(len(letters))]
			}
			want = append(want, string(word))
			body = append(body, piece{string(word) + strings.Repeat(" ", 1+random.Intn(2)), style(random.Intn(4))})
		}
		hang := random.Intn(10)
		lines := wrap(40, []piece{text("head ")}, hang, body)
		var got []string
		for i, line := range lines {
			flat := ""
			for _, part := range line {
				flat += part.text
			}
			fields := strings.Fields(flat)
			if n := utf8.RuneCountInString(flat); n > 40 && len(fields) > 1 {
				t.Fatalf("line %q is %d wide", flat, n)
			}
			if i > 0 && !strings.HasPrefix(flat, strings.Repeat(" ", hang)) {
				t.Fatalf("line %q hangs at another column than %d", flat, hang)
			}
			got = append(got, fields...)
		}
		if want = append([]string{"head"}, want...); !slices.Equal(got, want) {
			t.Fatalf("got words %q, want %q", got, want)
		}
	}
}

func TestTerminalIsNotSteered(t *testing.T) {
	d := failing()
	d.Manifest.Name = "name\x1b]0;title\x07\u202e"
	d.Manifest.Path = "a\x1b[2Jb.yaml"
	d.Findings[0].Message = "message\x1b[1A\u2066"
	d.Conditions = []string{"one\r\ntwo\x9b2J"}
	var out bytes.Buffer
	if err := (&Table{W: &out}).Decision(d); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r != '\n' && clean(string(r)) != string(r) {
			t.Errorf("output has %q", r)
		}
	}
}

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		name     string
		currency string
		amount   string
		way      rounding
		want     string
	}{
		{"cents as they are", "USD", "259.99", nearest, "$259.99"},
		{"whole", "USD", "100", nearest, "$100.00"},
		{"zero", "USD", "0", nearest, "$0.00"},
		{"half to even, down", "USD", "0.125", nearest, "$0.12"},
		{"half to even, up", "USD", "0.135", nearest, "$0.14"},
		{"nearest", "USD", "300.94848", nearest, "$300.95"},
		{"a lower bound is not raised", "USD", "300.94848", down, "$300.94"},
		{"an upper bound is not lowered", "USD", "2500.991", up, "$2,501.00"},
		{"negative", "USD", "-30", nearest, "-$30.00"},
		{"a negative lower bound", "USD", "-30.001", down, "-$30.01"},
		{"less than a cent is not nothing", "USD", "0.0031", nearest, "$0.0031"},
		{"thousands", "USD", "1234567.8", nearest, "$1,234,567.80"},
		{"hundreds", "USD", "999.99", nearest, "$999.99"},
		{"another currency", "EUR", "12.5", nearest, "EUR" + nbsp + "12.50"},
		{"no currency", "", "12.5", nearest, "12.50"},
	} {
		if got := money(c.currency, decimal.RequireFromString(c.amount), c.way); got != c.want {
			t.Errorf("%s: money(%q, %s) got %q, want %q", c.name, c.currency, c.amount, got, c.want)
		}
	}
	for amount, want := range map[string]string{"157.968": "$157.968", "-30": "-$30.00", "0.5": "$0.50", "0.00000222": "$0.00000222"} {
		if got := exactly("USD", decimal.RequireFromString(amount)); got != want {
			t.Errorf("exactly(%s): got %q, want %q", amount, got, want)
		}
	}
}

// What is unknown is never shown as 0, and no bound is claimed that does not
// hold.
func TestTotals(t *testing.T) {
	ranged := incomplete("80", false)
	ranged.Low, ranged.High = dec("100"), dec("200")
	open := complete("150")
	open.Low, open.High = dec("100"), dec("200.001")
	bounds := incomplete("0", true)
	bounds.Low, bounds.High = dec("1"), dec("2")
	for _, c := range []struct {
		name         string
		cost         decision.Cost
		short, words string
	}{
		{"complete", complete("259.992"), "$259.99", "$259.99 a month"},
		{"complete with a span", open, "$150.00", "$150.00 a month (between $100.00 and $200.01)"},
		{"incomplete", incomplete("300.94848", false), "≥ $300.94", "at least $300.94 a month"},
		{"incomplete with a span", ranged, "≥ $100.00", "at least $80.00 a month (between $100.00 and $200.00)"},
		{"a credit is unknown", incomplete("100", true), "? $100.00", "$100.00 a month is known, and what is not may lower it"},
		{"nothing known", incomplete("0", false), "unknown", "unknown"},
		{"nothing known, and a credit", incomplete("0", true), "unknown", "unknown"},
		{"only bounds known", bounds, "≥ $1.00", "between $1.00 and $2.00 a month"},
		{"free", complete("0"), "$0.00", "$0.00 a month"},
		{"no lines", decision.Cost{}, "unknown", "unknown"},
	} {
		if got := strings.ReplaceAll(total(c.cost), nbsp, " "); got != c.short {
			t.Errorf("%s: got %q, want %q", c.name, got, c.short)
		}
		if got := totalInWords(c.cost); got != c.words {
			t.Errorf("%s: got %q, want %q", c.name, got, c.words)
		}
	}
}

func TestListPrice(t *testing.T) {
	for _, test := range []struct{ name, ours, list, want string }{
		{"less", "142.272", "157.968", "list price $157.97; our terms take off $15.70"},
		{"more", "10", "9.5", "list price $9.50; our terms add $0.50"},
		{"the same", "10", "10", "list price $10.00"},
		{"ours is not known", "", "10", "list price $10.00"},
	} {
		c := complete("10")
		if c.Expected, c.List = nil, dec(test.list); test.ours != "" {
			c.Expected = dec(test.ours)
		}
		if got := strings.ReplaceAll(listPrice(c), nbsp, " "); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestCurrencyOfThePremium(t *testing.T) {
	for name, change := range map[string]func(*decision.Decision){
		"of the alternative":  func(d *decision.Decision) { d.Alternatives[0].Cost.Currency = "EUR" },
		"of the rejected one": func(d *decision.Decision) { d.Alternatives, d.Rejected[0].Cost.Currency = nil, "EUR" },
		"of the decided one":  func(d *decision.Decision) { d.Alternatives, d.Rejected, d.Cost.Currency = nil, nil, "EUR" },
	} {
		d := failing()
		change(&d)
		var out bytes.Buffer
		if err := (&Table{W: &out}).Decision(d); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "costs EUR 160.49 a month more") {
			t.Errorf("%s: got\n%s", name, out.String())
		}
	}
}

func TestPrices(t *testing.T) {
	for _, c := range []struct{ amount, currency, per, of, want string }{
		{"0.001097", "USD", "second", "gpu", "$0.001097/GPU-second  = $3.9492/h"},
		{"0.10833", "USD", "minute", "instance", "$0.10833/instance-minute  = $6.4998/h"},
		{"4.50", "USD", "hour", "gpu", "$4.50/GPU-hour"},
		{"0.09", "EUR", "month", "GiB", "EUR 0.09/GiB-month"},
		{"0.00003942", "EUR", "second", "physical-core", "EUR 0.00003942/core-second  = EUR 0.141912/h"},
	} {
		got := valueOf("/skus/x/price/on-demand", map[string]any{"amount": c.amount, "currency": c.currency, "per": c.per, "of": c.of})
		if got = strings.ReplaceAll(got, nbsp, " "); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestUsage(t *testing.T) {
	line := func(item, quantity, unit string) decision.Cost {
		return decision.Cost{Lines: []decision.Line{{Item: item, Quantity: dec(quantity), Unit: unit}}}
	}
	one, eight, none := offering("acme", "team", "managed", "us"), offering("acme", "team", "managed", "us"), decision.Offering{}
	eight.Count = 8
	for _, c := range []struct {
		name string
		of   decision.Offering
		cost decision.Cost
		want string
	}{
		{"seconds", one, line("gpu", "144000", "second"), "40 GPU-hours"},
		{"minutes", one, line("gpu", "47", "minute"), "≈ 0.78 GPU-hours"},
		{"hours", one, line("infrastructure", "730", "hour"), "730 GPU-hours"},
		{"GPUs or instances of eight: not said", eight, line("gpu", "36000", "second"), "10 billed hours"},
		{"no GPU", none, line("cpu", "7200", "second"), "2 hours"},
		{"cores are not hours", none, line("cpu", "7200", "core-second"), ""},
		{"months", one, line("gpu", "1", "month"), ""},
		{"unknown", one, decision.Cost{Lines: []decision.Line{{Item: "gpu", Unit: "second"}}}, ""},
		{"no line", one, decision.Cost{}, ""},
	} {
		if got := strings.ReplaceAll(usage(c.of, c.cost), nbsp, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// The order of findings does not depend on the order in which they come.
func TestOrderOfFindings(t *testing.T) {
	var want bytes.Buffer
	if err := (&Table{W: &want, Verbose: true}).Decision(failing()); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewSource(1))
	for range 50 {
		d := failing()
		random.Shuffle(len(d.Findings), func(i, j int) { d.Findings[i], d.Findings[j] = d.Findings[j], d.Findings[i] })
		before := slices.Clone(d.Findings)
		var got bytes.Buffer
		if err := (&Table{W: &got, Verbose: true}).Decision(d); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Fatal("shuffled findings give another table")
		}
		for i := range before {
			if before[i].Control != d.Findings[i].Control {
				t.Fatal("the findings given were reordered")
			}
		}
	}
}

package pricelist

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
)

var vocabulary = Vocabulary{
	Aliases: map[string][]string{
		"H100": {"H100-80GB", "nvidia-h100", "H100-SXM", "H100-PCIE"}, "H100-NVL": nil, "L4": {"nvidia-l4"}, "V100": {"V100-16GB"},
		"A100-40GB": {"A100 40GB"}, "A100-80GB": {"A100 80GB"}, "A6000": {"RTX-A6000"}, "RTX-6000-ADA": nil, "B200": {"B200-180GB"},
	},
	Ambiguous: map[string][]string{"A100": {"A100-40GB", "A100-80GB"}},
}

func TestModels(t *testing.T) {
	for _, c := range []struct{ gpu, memory, want string }{
		{"H100", "", "H100"}, {"nvidia h100", "80.0", "H100"}, {"NVIDIA H100 HGX (80GB)", "", "H100"}, {"H100-80G-SXM5", "", "H100"},
		{"H100", "79.6", "H100"}, {"H100", "94", ""}, {"H100-NVL", "94", "H100-NVL"},
		{"A100", "", "A100-40GB A100-80GB"}, {"A100", "80", "A100-80GB"}, {"A100 (40 GB)", "10", "A100-40GB"}, {"A100 (20 GB)", "", ""},
		{"A100-80G-PCIe-NVLink", "", "A100-80GB"}, {"V100-32GB", "", ""}, {"V100", "32", ""}, {"V100 (16 GB)", "16", "V100"},
		{"RTX A6000 (48 GB)", "48", "A6000"}, {"RTX6000-Ada", "", "RTX-6000-ADA"}, {"B200", "179.1", "B200"}, {"nvidia l4", "22.4", "L4"},
		{"t4g", "", ""}, {"", "80", ""}, {"80GB", "", ""},
	} {
		row := Row{GPU: c.gpu}
		if c.memory != "" {
			row.GPUMemory = dec(c.memory)
		}
		if got := strings.Join(newNames(vocabulary).models(row), " "); got != c.want {
			t.Errorf("%s with %s GiB: got %q, want %q", c.gpu, c.memory, got, c.want)
		}
	}
}

// claim is a price of a vendor of tests.
type claim struct {
	amount, currency, per, of string
	scope                     catalog.Scope
	rejected                  string
}

// vendor makes a vendor of SKUs and the claims at their prices, by pointer
// without what is common: "h100 on-demand".
func vendor(id string, skus []catalog.SKU, claims map[string][]claim) *catalog.Vendor {
	v := &catalog.Vendor{
		ID: id, Name: strings.ToUpper(id) + " Cloud", Aliases: []string{id + "-labs"}, SKUs: skus, Path: id + ".yaml",
		Products: []catalog.Product{{ID: "pods-secure"}, {ID: "pods-community"}, {ID: "serverless"}},
		Sources:  map[string]decision.Source{"page": {ID: "page", Read: "2026-11-01"}},
	}
	for where, list := range claims {
		sku, capacity, _ := strings.Cut(where, " ")
		fact := catalog.Fact{Pointer: "/skus/" + sku + "/price/" + capacity}
		for _, c := range list {
			value := map[string]any{"amount": c.amount, "currency": "USD", "per": "hour", "of": "gpu"}
			for name, text := range map[string]string{"currency": c.currency, "per": c.per, "of": c.of} {
				if text != "" {
					value[name] = text
				}
			}
			fact.Claims = append(fact.Claims, catalog.Claim{Value: value, Scope: c.scope, Rejected: c.rejected, Sources: []string{"page"}})
		}
		v.Facts = append(v.Facts, fact)
	}
	slices.SortFunc(v.Facts, func(a, b catalog.Fact) int { return strings.Compare(a.Pointer, b.Pointer) })
	return v
}

// said is a line in short.
func said(l Line) string {
	name := l.SKU
	if name == "" {
		name = l.Instance + "/" + l.GPU
	}
	words := []string{name, string(l.Status)}
	if l.Capacity != "on-demand" {
		words = slices.Insert(words, 1, l.Capacity)
	}
	if l.Ours != nil {
		words = append(words, "ours "+l.Ours.String())
	}
	if l.Low != nil {
		words = append(words, fmt.Sprintf("theirs %s–%s a %s", l.Low, l.High, l.Per))
	}
	if l.DifferenceLow != nil {
		words = append(words, fmt.Sprintf("%s…%s%%", l.DifferenceLow.StringFixed(1), l.DifferenceHigh.StringFixed(1)))
	}
	for _, text := range []string{l.Why, l.Note} {
		if text != "" {
			words = append(words, "("+text+")")
		}
	}
	return strings.Join(words, " ")
}

func TestCompare(t *testing.T) {
	one := []catalog.SKU{{ID: "h100", GPU: "H100", Counts: []int{1}}}
	eight := []catalog.SKU{{ID: "big-h100", Name: "Standard_H100_v5", GPU: "H100", Counts: []int{8}, VCPU: "96"}}
	cost := func(amount string) map[string][]claim {
		return map[string][]claim{"h100 on-demand": {{amount: amount}}}
	}
	big := map[string][]claim{"big-h100 on-demand": {{amount: "32", of: "instance"}}}
	secure, community := catalog.Scope{Products: []string{"pods-secure"}}, catalog.Scope{Products: []string{"pods-community"}}
	forms := []catalog.SKU{{ID: "h100-pcie", GPU: "H100", Counts: []int{1}}, {ID: "h100-sxm", GPU: "H100", Counts: []int{1, 8}}}

	for name, c := range map[string]struct {
		skus   []catalog.SKU
		claims map[string][]claim
		rows   string // without vendor
		want   []string
	}{
		"the same":             {one, cost("4"), "x,H100,1,80,,,4.00,,", []string{"h100 same ours 4 theirs 4–4 a gpu 0.0…0.0%"}},
		"half a percent":       {one, cost("4"), "x,H100,1,80,,,4.02,,", []string{"h100 same ours 4 theirs 4.02–4.02 a gpu 0.5…0.5%"}},
		"half a percent less":  {one, cost("4"), "x,H100,1,80,,,3.98,,", []string{"h100 same ours 4 theirs 3.98–3.98 a gpu -0.5…-0.5%"}},
		"a little more":        {one, cost("4"), "x,H100,1,80,,,4.0200001,,", []string{"h100 differs ours 4 theirs 4.0200001–4.0200001 a gpu 0.5…0.5%"}},
		"dearer":               {one, cost("3"), "x,H100,1,80,,,4,,", []string{"h100 differs ours 3 theirs 4–4 a gpu 33.3…33.3%"}},
		"rounds half up":       {one, cost("8"), "x,H100,1,80,,,8.068,,", []string{"h100 differs ours 8 theirs 8.068–8.068 a gpu 0.9…0.9%"}}, // 0.85
		"cheaper":              {one, cost("3"), "x,H100,1,80,,,2,,", []string{"h100 differs ours 3 theirs 2–2 a gpu -33.3…-33.3%"}},
		"ours is nothing":      {one, cost("0"), "x,H100,1,80,,,2,,", []string{"h100 differs ours 0 theirs 2–2 a gpu"}},
		"both are nothing":     {one, cost("0"), "x,H100,1,80,,,0,,", []string{"h100 same ours 0 theirs 0–0 a gpu"}},
		"regions":              {one, cost("4"), "x,H100,1,80,,,5,,us\nx,H100,1,80,,,6,,eu", []string{"h100 differs ours 4 theirs 5–6 a gpu 25.0…50.0%"}},
		"around ours":          {one, cost("4"), "x,H100,1,80,,,3,,us\nx,H100,1,80,,,6,,eu", []string{"h100 not comparable ours 4 theirs 3–6 a gpu -25.0…50.0% (several readings: 2 prices around ours)"}},
		"ours among":           {one, cost("4"), "x,H100,1,80,,,4,,us\nx,H100,1,80,,,6,,eu", []string{"h100 not comparable ours 4 theirs 4–6 a gpu 0.0…50.0% (several readings: 2 prices, ours among them)"}},
		"by the second":        {one, map[string][]claim{"h100 on-demand": {{amount: "0.001097", per: "second"}}}, "x,H100,1,80,,,3.95,,", []string{"h100 same ours 3.9492 theirs 3.95–3.95 a gpu 0.0…0.0%"}},
		"by the minute":        {one, map[string][]claim{"h100 on-demand": {{amount: "0.1", per: "minute", of: "replica"}}}, "x,H100,1,80,,,6,,", []string{"h100 same ours 6 theirs 6–6 a gpu 0.0…0.0%"}},
		"by the month":         {one, map[string][]claim{"h100 on-demand": {{amount: "1460", per: "month"}}}, "x,H100,1,80,,,2,,", []string{"h100 same ours 2 theirs 2–2 a gpu 0.0…0.0%"}},
		"does not end":         {[]catalog.SKU{{ID: "h100", GPU: "H100", Counts: []int{3}}}, map[string][]claim{"h100 on-demand": {{amount: "10", of: "instance"}}}, "x,H100,3,80,,,10,,", []string{"h100 same ours 3.333333333333 theirs 3.333333333333–3.333333333333 a gpu 0.0…0.0%"}},
		"an instance":          {eight, big, "x,H100,8,80,96,,40,,", []string{"big-h100 differs ours 4 theirs 5–5 a gpu 25.0…25.0%"}},
		"another size":         {eight, big, "x,H100,8,80,192,,40,,", []string{"big-h100 only ours ours 4", "x/H100 only theirs theirs 5–5 a gpu"}},
		"another count":        {eight, big, "x,H100,2,80,,,10,,", []string{"big-h100 differs ours 4 theirs 5–5 a gpu 25.0…25.0% (by the GPU: the list has other counts)"}},
		"its own count first":  {eight, big, "x,H100,2,80,,,10,,\ny,H100,8,80,,,32,,", []string{"big-h100 same ours 4 theirs 4–4 a gpu 0.0…0.0%", "x/H100 only theirs theirs 5–5 a gpu"}},
		"by id":                {eight, big, "BIG_H100,,8,,,,32,,\ny,H100,8,80,,,40,,", []string{"big-h100 same ours 4 theirs 4–4 a gpu 0.0…0.0%", "y/H100 only theirs theirs 5–5 a gpu"}},
		"by name":              {eight, big, "standard-h100-v5,?,,,,,32,,", []string{"big-h100 same ours 4 theirs 4–4 a gpu 0.0…0.0%"}},
		"by name, other count": {eight, big, "big-h100,H100,4,80,,,32,,", []string{"big-h100 not comparable ours 4 (the instance has 8 GPUs in ours and 4 in theirs)"}},
		"by name, no GPU":      {[]catalog.SKU{{ID: "cpu-8"}}, map[string][]claim{"cpu-8 on-demand": {{amount: "0.5", of: "instance"}}}, "cpu-8,,,,,,0.6,,", []string{"cpu-8 differs ours 0.5 theirs 0.6–0.6 a instance 20.0…20.0%"}},
		"by name, any count": {[]catalog.SKU{{ID: "h100", GPU: "H100", Counts: []int{1, 8}}}, cost("4"), "h100,H100,,80,,,32,,\nh100,H100,0,80,,,1,,",
			[]string{"h100 not comparable ours 4 (no count in the list: $1 to $32 an instance of unknown size)"}},
		"no count":                  {one, cost("4"), "x,H100,,80,,,3,,\nx,H100,,80,,,24,,", []string{"h100 not comparable ours 4 (no count in the list: $3 to $24 an instance of unknown size)"}},
		"part of a GPU":             {one, cost("4"), "x,H100,0,40,,,2,,", []string{"h100 only ours ours 4", "x/H100 only theirs theirs 2–2 a instance"}},
		"which A100":                {[]catalog.SKU{{ID: "a", GPU: "A100-80GB", Counts: []int{1}}}, map[string][]claim{"a on-demand": {{amount: "2"}}}, "x,A100,1,,,,2,,", []string{"a not comparable ours 2 (the list says A100, which may be A100-40GB or A100-80GB)"}},
		"other currency":            {one, map[string][]claim{"h100 on-demand": {{amount: "4", currency: "EUR"}}}, "x,H100,1,80,,,4,,", []string{"h100 not comparable (ours is in EUR, theirs in USD)"}},
		"other currency, only ours": {one, map[string][]claim{"h100 on-demand": {{amount: "4", currency: "EUR"}}}, "x,L4,1,24,,,4,,", []string{"h100 only ours", "x/L4 only theirs theirs 4–4 a gpu"}},
		"which A100, no price":      {[]catalog.SKU{{ID: "a", GPU: "A100-80GB", Counts: []int{1}}}, nil, "x,A100,1,,,,2,,", []string{"x/A100 only theirs theirs 2–2 a gpu"}},
		"for a vCPU":                {one, map[string][]claim{"h100 on-demand": {{amount: "4", of: "vcpu"}}}, "x,H100,1,80,,,4,,", []string{"h100 not comparable (ours is for one vcpu)"}},
		"of how many":               {[]catalog.SKU{{ID: "h100", GPU: "H100"}}, map[string][]claim{"h100 on-demand": {{amount: "4", of: "instance"}}}, "x,H100,1,80,,,4,,", []string{"h100 not comparable ours 4 (ours is for an instance and does not say of how many GPUs)"}},
		"any number":                {[]catalog.SKU{{ID: "h100", GPU: "H100"}}, cost("4"), "x,H100,2,80,,,8,,", []string{"h100 same ours 4 theirs 4–4 a gpu 0.0…0.0%"}},
		"only ours":                 {one, cost("4"), "x,L4,1,24,,,1,,", []string{"h100 only ours ours 4", "x/L4 only theirs theirs 1–1 a gpu"}},
		"another memory":            {one, cost("4"), "x,H100,1,94,,,4,,", []string{"h100 only ours ours 4", "x/H100 only theirs theirs 4–4 a gpu"}},
		"neither":                   {one, map[string][]claim{"h100 on-demand": {{amount: "4", rejected: "old"}}}, "x,L4,1,24,,,,,", nil},
		"preemptible":               {one, map[string][]claim{"h100 preemptible": {{amount: "2"}}}, "x,H100,1,80,,,4,1,", []string{"h100 preemptible differs ours 2 theirs 1–1 a gpu -50.0…-50.0%", "h100 only theirs theirs 4–4 a gpu (the catalog has no on-demand price of it)"}},
		"reserved":                  {one, map[string][]claim{"h100 reserved": {{amount: "2"}}}, "x,H100,1,80,,,,,", []string{"h100 reserved not comparable ours 2 (the list has no reserved prices)"}},
		"not believed":              {one, map[string][]claim{"h100 on-demand": {{amount: "4", rejected: "old"}}}, "x,H100,1,80,,,4,,", []string{"h100 only theirs theirs 4–4 a gpu (the price that the catalog has on file is not believed)"}},
		"believed of two":           {one, map[string][]claim{"h100 on-demand": {{amount: "9", rejected: "old"}, {amount: "4"}}}, "x,H100,1,80,,,4,,", []string{"h100 same ours 4 theirs 4–4 a gpu 0.0…0.0%"}},
		"its region": {one, map[string][]claim{"h100 on-demand": {{amount: "4", scope: catalog.Scope{Regions: []string{"us-east-1"}}}}}, "x,H100,1,80,,,4,,us-east-1\nx,H100,1,80,,,6,,eu",
			[]string{"h100 same ours 4 theirs 4–4 a gpu 0.0…0.0%"}},
		"other regions": {one, map[string][]claim{"h100 on-demand": {{amount: "4", scope: catalog.Scope{Regions: []string{"us-east-1"}}}}}, "x,H100,1,80,,,4,,eu",
			[]string{"h100 not comparable ours 4 (the list has it in other regions only)"}},
		"no region": {one, map[string][]claim{"h100 on-demand": {{amount: "4", scope: catalog.Scope{Regions: []string{"us-east-1"}}}}}, "x,H100,1,80,,,4,,",
			[]string{"h100 same ours 4 theirs 4–4 a gpu 0.0…0.0% (the list does not say where)"}},
		"its product": {one, map[string][]claim{"h100 on-demand": {{amount: "4", scope: secure}, {amount: "3", scope: community}}}, "1x_H100_SECURE,H100,1,80,,,4,,",
			[]string{"h100 same ours 4 theirs 4–4 a gpu 0.0…0.0%", "h100 only ours ours 3"}},
		"no product": {one, map[string][]claim{"h100 on-demand": {{amount: "4", scope: secure}, {amount: "3", scope: community}}}, "x,H100,1,80,,,4,,",
			[]string{"h100 same ours 4 theirs 4–4 a gpu 0.0…0.0%", "h100 not comparable ours 3 theirs 4–4 a gpu 33.3…33.3% (several readings: theirs is our price of h100, products pods-secure)"}},
		"products at one price": {one, map[string][]claim{"h100 on-demand": {{amount: "4", scope: secure}, {amount: "4.0", scope: community}}}, "x,H100,1,80,,,4,,",
			[]string{"h100 same ours 4 theirs 4–4 a gpu 0.0…0.0%"}},
		"form factors": {forms, map[string][]claim{"h100-pcie on-demand": {{amount: "3"}}, "h100-sxm on-demand": {{amount: "4"}}}, "g_pcie,H100,1,80,,,3,,\ng_sxm5,H100,1,80,,,4,,",
			[]string{"h100-pcie same ours 3 theirs 3–3 a gpu 0.0…0.0%", "h100-sxm same ours 4 theirs 4–4 a gpu 0.0…0.0%"}},
		"another form factor": {forms[:1], map[string][]claim{"h100-pcie on-demand": {{amount: "3"}}}, "x,H100-SXM,1,80,,,3,,", []string{"h100-pcie only ours ours 3", "x/H100-SXM only theirs theirs 3–3 a gpu"}},
	} {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			text.WriteString(head)
			for row := range strings.SplitSeq(c.rows, "\n") {
				text.WriteString("Acme," + row + "\n")
			}
			list, problems := Read("l.csv", strings.NewReader(text.String()))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			comparison := Compare([]*catalog.Vendor{vendor("acme", c.skus, c.claims)}, list, vocabulary)
			if len(comparison.Vendors) != 1 {
				t.Fatalf("got %+v", comparison)
			}
			var got []string
			for _, l := range comparison.Vendors[0].Lines {
				got = append(got, said(l))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// What a price of a GPU leaves out is not compared with an instance that has it.
func TestCompareBundles(t *testing.T) {
	skus := []catalog.SKU{{ID: "h100", GPU: "H100", Counts: []int{1}, Products: []string{"serverless"}}}
	for _, c := range []struct {
		name     string
		included []catalog.Claim
		row      string
		want     Status
	}{
		{"apart", []catalog.Claim{{Value: false}}, "x,H100,1,80,26,225,6,,", NotComparable},
		{"apart, and theirs without", []catalog.Claim{{Value: false}}, "x,H100,1,80,,,6,,", Differs},
		{"included", []catalog.Claim{{Value: true}}, "x,H100,1,80,26,225,6,,", Differs},
		{"not said", nil, "x,H100,1,80,26,225,6,,", Differs},
		{"not believed", []catalog.Claim{{Value: false, Rejected: "old"}}, "x,H100,1,80,26,225,6,,", Differs},
		{"apart elsewhere", []catalog.Claim{{Value: false, Scope: catalog.Scope{Products: []string{"pods-secure"}}}}, "x,H100,1,80,26,225,6,,", Differs},
		{"apart for some", []catalog.Claim{{Value: false, Scope: catalog.Scope{Plans: []string{"a"}}}, {Value: true, Scope: catalog.Scope{Plans: []string{"b"}}}}, "x,H100,1,80,26,225,6,,", Differs},
	} {
		v := vendor("acme", skus, map[string][]claim{"h100 on-demand": {{amount: "4"}}})
		v.Facts = slices.Insert(v.Facts, 0, catalog.Fact{Pointer: "/prices/cpuIncluded", Claims: c.included})
		list, problems := Read("l.csv", strings.NewReader(head+"acme,"+c.row+"\n"))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if got := Compare([]*catalog.Vendor{v}, list, vocabulary).Vendors[0].Lines[0]; got.Status != c.want {
			t.Errorf("%s: got %s, want %s", c.name, said(got), c.want)
		}
	}
}

func TestCompareVendors(t *testing.T) {
	skus := []catalog.SKU{{ID: "h100", GPU: "H100", Counts: []int{1}}}
	cost := map[string][]claim{"h100 on-demand": {{amount: "4"}}}
	vendors := []*catalog.Vendor{vendor("acme", skus, cost), vendor("other", skus, cost), vendor("priceless", skus, nil)}
	var text strings.Builder
	text.WriteString(head)
	for _, name := range []string{"ACME", "Acme Cloud", "acme_labs", "acme", "nobody", "reseller/acme", "reseller/acme"} {
		text.WriteString(name + ",x,H100,1,80,,,4,,\n")
	}
	list, problems := Read("l.csv", strings.NewReader(text.String()))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	c := Compare(vendors, list, vocabulary)
	if got, want := fmt.Sprint(c.Unmatched), "[{nobody 1} {reseller/acme 2}]"; got != want {
		t.Errorf("unmatched: got %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(c.Unlisted), "[other]"; got != want {
		t.Errorf("unlisted: got %s, want %s", got, want)
	}
	if len(c.Vendors) != 1 || c.Vendors[0].ID != "acme" || c.Vendors[0].Rows != 4 || fmt.Sprint(c.Vendors[0].Names) != "[ACME Acme Cloud acme acme_labs]" {
		t.Errorf("vendors: got %+v", c.Vendors)
	}
	if c.Rows != 7 || c.Counts[Same] != 1 || len(c.Counts) != len(Statuses) {
		t.Errorf("counts: got %d rows, %v", c.Rows, c.Counts)
	}
}

func TestPrices(t *testing.T) {
	v := vendor("acme", []catalog.SKU{{ID: "h100", GPU: "H100", Counts: []int{8}, Products: []string{"serverless"}}}, map[string][]claim{
		"h100 on-demand": {{amount: "0.50", of: "instance", per: "minute"}, {amount: "9", rejected: "old"}}, "h100 reserved": {{amount: "3.00"}},
	})
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	var got []string
	for _, p := range Prices([]*catalog.Vendor{v}, day) {
		got = append(got, fmt.Sprintf("%s %s %s %s/%s-%s gpu %s instance %s read %s %d days %s", p.SKU, p.Capacity, p.Amount, p.Currency, p.Of, p.Per, p.GPUHour, p.InstanceHour, p.Read, *p.AgeDays, p.Rejected))
	}
	want := []string{
		"h100 on-demand 0.50 USD/instance-minute gpu 3.75 instance 30 read 2026-11-01 22 days ",
		"h100 on-demand 9 USD/gpu-hour gpu 9 instance 72 read 2026-11-01 22 days old",
		"h100 reserved 3.00 USD/gpu-hour gpu 3 instance 24 read 2026-11-01 22 days ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestPriceDate(t *testing.T) {
	for _, c := range []struct {
		name    string
		sources []decision.Source
		want    string
	}{
		{"the latest", []decision.Source{{Read: "2026-01-01"}, {Read: "2026-03-01", Kind: "marketing"}, {Read: "2026-02-01"}}, "2026-03-01 marketing"},
		{"published where not read", []decision.Source{{Read: "unknown", Published: "2026-01-01"}}, "2026-01-01 "},
		{"one unknown", []decision.Source{{Read: "2026-01-01"}, {Read: "unknown", Published: "unknown"}}, "2026-01-01 "},
		{"first hand", []decision.Source{{Read: "2026-11-01", Kind: "third-party"}, {Read: "2026-01-01", Kind: "documented"}, {Read: "2026-02-01", Kind: "transcribed"}}, "2026-02-01 transcribed"},
		{"first hand without a date", []decision.Source{{Read: "2026-11-01", Kind: "third-party"}, {Read: "unknown", Kind: "documented"}}, "unknown documented"},
		{"all unknown", []decision.Source{{Read: "unknown", Published: "unknown", Kind: "documented"}}, "unknown documented"},
		{"none", nil, "unknown "},
	} {
		v := &catalog.Vendor{Sources: map[string]decision.Source{}}
		var ids []string
		for i, s := range c.sources {
			id := fmt.Sprint(i)
			v.Sources[id] = s
			ids = append(ids, id)
		}
		day, kind := read(v, ids)
		if got := day + " " + kind; got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// The order of a list does not change the comparison, apart from the line named
// first; and every row of a matched vendor with a price is in some line.
func TestCompareProperties(t *testing.T) {
	skus := []catalog.SKU{
		{ID: "h100", GPU: "H100", Counts: []int{1, 2}}, {ID: "h100-sxm", GPU: "H100", Counts: []int{8}}, {ID: "a", GPU: "A100-80GB", Counts: []int{1}},
		{ID: "l4", GPU: "L4", Counts: []int{1}},
	}
	v := vendor("acme", skus, map[string][]claim{
		"h100 on-demand": {{amount: "4", scope: catalog.Scope{Products: []string{"pods-secure"}}}, {amount: "3", scope: catalog.Scope{Regions: []string{"us"}}}}, "h100-sxm on-demand": {{amount: "5"}},
		"h100-sxm preemptible": {{amount: "2"}}, "a on-demand": {{amount: "2", of: "instance"}}, "l4 on-demand": {{amount: "1", rejected: "old"}},
	})
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.Custom(func(t *rapid.T) Row {
			r := Row{
				Vendor: "acme", Instance: rapid.SampledFrom([]string{"", "h100", "x_sxm", "y_SECURE"}).Draw(t, "instance"),
				GPU: rapid.SampledFrom([]string{"", "H100", "H100-PCIE", "A100", "L4", "K80"}).Draw(t, "gpu"), Region: rapid.SampledFrom([]string{"", "us", "eu"}).Draw(t, "region"),
			}
			if n := rapid.IntRange(-1, 8).Draw(t, "count"); n >= 0 {
				r.Count = &n
			}
			if rapid.Bool().Draw(t, "memory") {
				r.GPUMemory = dec("80")
			}
			if rapid.Bool().Draw(t, "priced") {
				r.Price = dec(fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "price")))
			}
			if rapid.Bool().Draw(t, "spot") {
				r.Spot = dec(fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "spot price")))
			}
			return r
		})
		rows := rapid.SliceOfN(row, 1, 12).Draw(t, "rows")
		short := func(rows []Row) []string {
			var all []string
			for _, one := range Compare([]*catalog.Vendor{v}, List{Rows: rows}, vocabulary).Vendors {
				for _, l := range one.Lines {
					all = append(all, said(l))
				}
			}
			return all
		}
		got, shuffled := short(rows), short(rapid.Permutation(rows).Draw(t, "shuffled"))
		if !slices.Equal(got, shuffled) {
			t.Errorf("got  %q\nthen %q", got, shuffled)
		}
		known := newNames(vocabulary)
		m := newMatch(v, rows, known)
		m.lines()
		for i, r := range rows {
			for _, capacity := range listed {
				if amount(r, capacity) != nil && !m.used[use{i, capacity}] {
					t.Errorf("row %d, %s, is in no line", i, capacity)
				}
			}
		}
	})
}

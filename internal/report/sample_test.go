package report

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/catalog"
	"github.com/caveat-check/caveat/internal/decision"
)

const digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func dec(text string) *decimal.Decimal {
	d := decimal.RequireFromString(text)
	return &d
}

// real are decisions that the engine made of two manifests with the shipped
// catalog as of 2026-11-23.
func real(t testing.TB) []decision.Decision {
	t.Helper()
	data, err := os.ReadFile("testdata/real.json")
	if err != nil {
		t.Fatal(err)
	}
	var decisions []decision.Decision
	if err := json.Unmarshal(data, &decisions); err != nil {
		t.Fatal(err)
	}
	if len(decisions) != 2 {
		t.Fatalf("got %d real decisions, want 2", len(decisions))
	}
	return decisions
}

func at(line int) decision.Location {
	return decision.Location{Path: "notes.yaml", Line: line, Column: 7, Pointer: "/spec/uses/0"}
}

var (
	guide = decision.Source{ID: "security-guide", URL: "https://acme.example/docs/guide/security", Kind: "documented", Published: "unknown", Read: "2026-11-23", Copy: "stored"}
	terms = decision.Source{ID: "terms", URL: "https://acme.example/legal/terms", Kind: "contractual", Published: "2026-02-01", Read: "2026-11-20", Copy: "live"}
	order = decision.Source{ID: "order-form", Document: "Order form 4711 <signed & countersigned>", Kind: "executed", Published: "2026-01-10", Read: "2026-01-12", Effective: "2026-01-15", Until: "open"}
)

func claim(line int, pointer string, sources ...decision.Source) decision.Fact {
	return decision.Fact{Document: "acme", Path: "vendors/acme.yaml", Line: line, Column: 9, Pointer: pointer, Sources: sources}
}

func finding(control string, status decision.Status, required bool, severity string, line int, message string) decision.Finding {
	return decision.Finding{
		Control: control, Status: status, Required: required, Severity: severity, Title: "The title of " + control, Message: message, Location: at(line),
		Facts: []decision.Fact{}, Missing: []decision.Gap{}, References: []decision.Reference{{Framework: "hipaa", ID: "164.504(e)(2)"}, {Framework: "gdpr", ID: "Art. 28(3)"}},
	}
}

func offering(vendor, plan, hosting, region string) decision.Offering {
	return decision.Offering{Vendor: vendor, Product: "functions", Plan: plan, Hosting: hosting, Region: region, SKU: "h100", GPU: "H100", Count: 1, Capacity: "on-demand"}
}

func complete(amount string) decision.Cost {
	return decision.Cost{
		Currency: "USD", Period: "month", Low: dec(amount), Expected: dec(amount), High: dec(amount), Known: *dec(amount), GPUHour: dec("3.9492"),
		Excludes: []string{"egress", "tax"},
		Lines: []decision.Line{{Item: "gpu", Quantity: dec("144000"), Unit: "second", Rate: dec("0.001097"), Low: dec(amount), Amount: dec(amount), High: dec(amount),
			Facts: []string{"/skus/h100/price/on-demand"}}},
	}
}

// incomplete costs know some lines and not others; one unknown line may lower
// the total if falls.
func incomplete(known string, falls bool) decision.Cost {
	c := complete(known)
	c.Expected, c.Low, c.High = nil, nil, nil
	c.Lines = append(c.Lines, decision.Line{Item: "fee", Unit: "month", Why: "/prices/planFee is not stated", Missing: []string{"/prices/planFee"}})
	if falls {
		c.Lines = append(c.Lines, decision.Line{Item: "credit", Unit: "USD", Rate: dec("-1"), Low: dec("-30"), High: dec("0"), Why: "usage charges are not known in full", MayFall: true})
	}
	return c
}

// failing is a decision with everything that a table can show.
func failing() decision.Decision {
	scope := finding("baa-scope", decision.Fail, true, "critical", 12, "volumes-v1 receives phi and is outside acme's BAA; user-code receives phi and is outside acme's BAA")
	scope.Remediation = "Use a feature that is inside the BAA instead, or keep PHI away from this one and say so in spec.uses."
	scope.Reasons = []decision.Reason{
		{Message: "volumes-v1 receives phi and is outside acme's BAA", Location: at(12), Facts: []decision.Fact{claim(88, "/agreements/baa/scope/volumes-v1/0", guide, terms)}},
		{Message: "user-code, which every function brings along and the manifest does not mention, receives phi and is outside acme's BAA", Location: at(14),
			Facts: []decision.Fact{claim(97, "/agreements/baa/scope/user-code/0", guide)}},
	}
	scope.Facts = append(append([]decision.Fact{}, scope.Reasons[0].Facts...), scope.Reasons[1].Facts...)
	hosting := finding("hosting-model", decision.Fail, true, "high", 9, "acme has no byoc hosting")
	hosting.Facts = []decision.Fact{claim(160, "/hosting/byoc/0", terms), claim(161, "/hosting/byoc/1", order), claim(162, "/hosting/byoc/2"), claim(163, "/hosting/byoc/3", guide), claim(164, "/hosting/byoc/4", guide)}
	hosting.Remediation = "Choose an offering with the hosting needed."
	budget := finding("budget", decision.Fail, true, "high", 31, "a month costs 300.95 USD and 250 USD are allowed")
	budget.Remediation = "Use less, or raise spec.requires.monthlyCost."
	sso := finding("sso", decision.Unknown, true, "high", 25, "no source says whether plan enterprise has SSO: ask the vendor")
	sso.Missing = []decision.Gap{{Document: "acme", Pointer: "/security/sso", Reason: "absent", Ask: "vendor", Path: "vendors/acme.yaml", Line: 301, Column: 3}}
	soc2 := finding("soc2-type2", decision.Unknown, true, "critical", 26, "only a documented source says whether acme holds a current, unqualified SOC 2 Type II report on security; to operate it must be audited")
	for _, name := range []string{"held", "opinion", "periodEnd"} {
		soc2.Missing = append(soc2.Missing, decision.Gap{Document: "acme", Pointer: "/certifications/soc2-type2/" + name, Reason: "kind", Ask: "us", Path: "vendors/acme.yaml", Line: 148, Column: 7})
	}
	soc2.Facts = []decision.Fact{claim(148, "/certifications/soc2-type2/0", guide)}
	soc2.Remediation = "Obtain the vendor's latest report, and state it in the account."
	residency := finding("data-residency", decision.Unknown, true, "medium", 8, `say which data reaches images: add "- {feature: images, data: []}" to spec.uses`)
	residency.Missing = []decision.Gap{
		{Document: "workload", Pointer: "/spec/uses", Reason: "undeclared", Ask: "us", Path: "notes.yaml", Line: 11, Column: 3},
		{Document: "acme", Pointer: "/dataFlows/logs", Reason: "conflict", Ask: "catalog", Path: "vendors/acme.yaml", Line: 201, Column: 3},
		{Document: "aws-sagemaker", Pointer: "/infrastructure/dataFlows/store", Reason: "absent", Ask: "vendor", Path: "vendors/aws-sagemaker.yaml", Line: 90, Column: 3},
		{Document: "acme", Pointer: "/dataFlows/support", Reason: "absent", Ask: "vendor", Path: "vendors/acme.yaml", Line: 199, Column: 1},
	}
	faulty := finding("ttft", decision.Unknown, true, "low", 18, "could not be decided: took longer than 2s")
	faulty.Fault = "took longer than 2s"
	silent := finding("uptime", decision.Unknown, true, "low", 0, "")
	silent.Location = decision.Location{}
	training := finding("no-training", decision.Fail, false, "high", 7, "acme trains on customer data on plan enterprise")
	fresh := finding("evidence-fresh", decision.Unknown, false, "low", 10, "source price-list was last read on 2026-07-01; at most 90 days old is accepted")
	fresh.Missing = []decision.Gap{{Document: "acme", Pointer: "/skus/h100/price/on-demand", Reason: "stale", Ask: "catalog", Path: "vendors/acme.yaml", Line: 465, Column: 11}}
	logs := finding("audit-logs", decision.Waived, true, "medium", 11, "acme has no audit logs on plan enterprise")
	logs.Waiver = &decision.Waiver{Name: "logs-pilot", Owner: "clinical-ai", Approver: "ciso", Reason: "no audit logs are kept during the pilot", Ticket: "SEC-12", From: "2026-10-01", Until: "2026-12-31",
		Status: decision.Fail, Path: "waivers/logs.yaml", Line: 3, Column: 18}
	passes := finding("baa", decision.Pass, true, "critical", 7, "a BAA for plan enterprise is executed")
	passes.Facts = []decision.Fact{claim(106, "/agreements/baa/executed/0", order)}
	breach := finding("breach-notice", decision.Pass, false, "high", 7, "a breach is reported within 60 days")
	breach.Facts = []decision.Fact{claim(110, "/agreements/baa/breachNotice/0", terms)}
	cost := incomplete("300.94848", false)
	cost.Lines[0].AsOf = "2026-07-01"
	wide := complete("259.992")
	wide.Low, wide.High = dec("250"), dec("12400")
	byoc := offering("beam", "growth", "byoc", "unpinned")
	byoc.Infrastructure, byoc.SKU, byoc.Count = "aws-sagemaker", "p5.48xlarge", 8
	spot := offering("cerebrium", "enterprise", "managed", "eu-north-1")
	spot.Capacity = "preemptible"
	return decision.Decision{
		Manifest: decision.Manifest{Path: "notes.yaml", Name: "radiology-notes", Owner: "clinical-ai", Digest: digest}, Stage: "operate", Profiles: []string{"baseline", "hipaa"},
		Offering: offering("acme", "enterprise", "managed", "us-east"), Verdict: decision.Failed,
		Conditions: []string{"client v1.2.3 or later", "the BAA is in place before any PHI is sent to any function, volume or endpoint of the workspace"},
		Findings: []decision.Finding{logs, passes, scope, breach, budget, residency, fresh, hosting, training, soc2, sso, faulty, silent,
			finding("gpu-breadth", decision.NotApplicable, false, "low", 5, ""), finding("transfer", decision.NotApplicable, false, "high", 5, "")},
		Cost: cost,
		Alternatives: []decision.Alternative{
			{Rank: 1, Offering: offering("baseten", "pro", "managed", "unpinned"), Verdict: decision.Passed, Conditions: []string{"execute the BAA"}, Cost: wide, Difference: dec("-40.96")},
			{Rank: 2, Offering: byoc, Verdict: decision.Passed, Conditions: []string{}, Waived: []string{"audit-logs"}, Cost: complete("12345.678"), Difference: dec("12044.73")},
			{Rank: 3, Offering: spot, Verdict: decision.Passed, Conditions: []string{"execute the BAA", "multi-node is in beta"}, Cost: incomplete("3.7728", true)},
			{Rank: 10, Offering: offering("huggingface-inference-endpoints", "team", "managed", "aws-us-east-1"), Verdict: decision.Passed, Conditions: []string{}, Cost: incomplete("100.009", false)},
		},
		Candidates: []decision.Candidate{
			{Offering: offering("nebius", "payg", "managed", "eu-north1"), Verdict: decision.Review, Cost: complete("80"), Open: []string{"baa-scope", "soc2-type2"}, Waived: []string{"audit-logs"}},
			{Offering: offering("anyscale", "committed", "byoc", "unpinned"), Verdict: decision.Review, Cost: decision.Cost{Period: "month", Lines: []decision.Line{{Item: "fee platform", Why: "/prices/platformRate is not stated"}}}, Open: []string{"baa"}},
		},
		Rejected: []decision.Rejected{{Offering: offering("runpod", "payg", "managed", "unpinned"), Cost: complete("99.5"), Controls: []string{"baa"}}},
		Premium: &decision.Premium{Compliant: offering("baseten", "pro", "managed", "unpinned"), Cheapest: offering("runpod", "payg", "managed", "unpinned"), Amount: *dec("160.492"), Controls: []decision.Lifted{
			{Control: "baa", Adds: *dec("160.492"), Offering: offering("runpod", "payg", "managed", "unpinned")},
			{Control: "sso", Adds: *dec("0.005"), Offering: offering("baseten", "basic", "managed", "unpinned")},
		}},
		BreakEven: []decision.BreakEven{
			{Quantity: "gpuHours", At: *dec("113.855920507866"), Unit: "GPU-hours a month", Now: *dec("40"), Utilisation: dec("0.155967014394"), Below: offering("baseten", "pro", "managed", "unpinned"), Above: byoc},
			{Quantity: "duration", At: *dec("0.0123456"), Unit: "seconds a job", Now: *dec("2820"), Below: offering("baseten", "basic", "managed", "eu"), Above: offering("baseten", "pro", "managed", "unpinned")},
			{Quantity: "jobs", At: *dec("1200.5"), Unit: "jobs a month", Now: *dec("300"), Below: byoc, Above: offering("baseten", "pro", "managed", "unpinned")},
		},
		Unstable: true,
	}
}

// ranged is a decision in review, in euros, whose cost has bounds.
func ranged() decision.Decision {
	o := offering("nebius", "payg", "self-hosted", "eu-north1")
	o.SKU, o.Count, o.Capacity, o.Infrastructure = "hgx-h100", 8, "reserved", "aws-sagemaker"
	cost := incomplete("0.004", true)
	cost.Currency, cost.GPUHour = "EUR", nil
	cost.Low, cost.High = dec("1000.001"), dec("2500.999")
	cost.Lines[0].Quantity = dec("100")
	cost.Lines[0].AsOf = "unknown"
	cost.Lines[0].Low, cost.Lines[0].High = dec("0.004"), dec("1.5")
	return decision.Decision{
		Manifest: decision.Manifest{Path: "fixtures/workloads/a-rather-long-folder-name/several-documents-in-one-file.yaml", Document: 2, Name: "image-search-embeddings-nightly", Digest: digest},
		Stage:    "select", Profiles: []string{"baseline"}, Offering: o, Verdict: decision.Review, Conditions: []string{},
		Findings:   []decision.Finding{finding("transfer", decision.Unknown, true, "high", 9, "no source says how data may leave the EU: ask the vendor")},
		Cost:       cost,
		Candidates: []decision.Candidate{{Offering: o, Verdict: decision.Review, Cost: complete("0"), Open: []string{"transfer"}}},
	}
}

// passing is a decision on a workload without a GPU that passes.
func passing() decision.Decision {
	o := decision.Offering{Vendor: "acme", Product: "functions", Plan: "team", Hosting: "managed", Region: "unpinned", SKU: "cpu", Capacity: "on-demand"}
	cost := complete("7.2")
	cost.GPUHour, cost.List = nil, dec("8.0045")
	cost.Lines[0].Item, cost.Lines[0].Quantity, cost.Lines[0].Rate = "cpu", dec("7200"), dec("0.001")
	return decision.Decision{
		Manifest: decision.Manifest{Path: "-", Name: "nightly\x1b[2J\u202ereport", Digest: digest}, Stage: "select", Profiles: []string{"baseline"}, Offering: o, Verdict: decision.Passed,
		Findings: []decision.Finding{finding("sso", decision.Pass, true, "high", 3, "single sign-on is available")},
		Cost:     cost,
		Premium:  &decision.Premium{Compliant: o, Cheapest: o},
	}
}

func samples() []decision.Decision { return []decision.Decision{failing(), ranged(), passing()} }

// acme is a vendor document with everything that a sheet can show.
func acme() *catalog.Vendor {
	everywhere := catalog.Scope{}
	price := func(amount, currency, per, of string) map[string]any {
		return map[string]any{"amount": amount, "currency": currency, "per": per, "of": of}
	}
	claim := func(value any, scope catalog.Scope, sources ...string) catalog.Claim {
		return catalog.Claim{Value: value, Scope: scope, Sources: sources, Place: catalog.Place{Line: 40, Column: 9}}
	}
	enterprise := catalog.Scope{Plans: []string{"enterprise"}}
	baa := claim(true, enterprise, "security-guide", "terms")
	baa.Only, baa.Conditions, baa.Note = true, []string{"the BAA is in place before any PHI is sent"}, "Ask sales."
	old := claim("out", enterprise, "terms")
	old.Rejected, old.Note, old.Index = "superseded: the older copy left out every volume, the newest one only v1", "kept on file", 1
	byoc := claim(true, everywhere, "hearsay")
	byoc.Rejected = "an undated word of a competitor"
	all := catalog.Scope{Products: []string{"functions"}, Plans: []string{"team"}, Hosting: []string{"managed"}, Regions: []string{"us-east"}, Features: []string{"volumes"}, SKUs: []string{"h100"}}
	return &catalog.Vendor{
		ID: "acme", Name: "Acme GPU", URL: "https://acme.example/", Summary: "Functions on GPUs, billed by the second, and sandboxes that are billed by the minute.",
		Aliases: []string{"acme-labs"}, Path: "vendors/acme.yaml", Digest: digest,
		Products: []catalog.Product{{ID: "functions", Name: "Functions", Hosting: []string{"managed"}, Implies: []string{"functions", "images"}}},
		Plans:    []catalog.Plan{{ID: "team", Name: "Team"}, {ID: "enterprise", Name: "Enterprise", Products: []string{"functions"}}},
		Sites:    map[string]string{"virginia": "us-east", "iowa": "us-central"},
		Features: []catalog.Feature{
			{ID: "functions", Name: "Functions", Implies: []string{"images"}, Place: catalog.Place{Line: 21, Column: 3}},
			{ID: "volumes", Name: "Volumes", Aliases: []string{"disks"}, Instead: []string{"cloud-bucket-mounts"}},
			{ID: "a-feature/with-a-slash", Name: "Odd"},
		},
		SKUs: []catalog.SKU{
			{ID: "h100", Name: "H100", GPU: "H100", Counts: []int{1, 2, 3, 4, 8}, Products: []string{"functions"}, Place: catalog.Place{Line: 31, Column: 3}},
			{ID: "big-instance-with-a-long-name", Name: "Eight of them", GPU: "A100-80GB", Counts: []int{8}, VCPU: "96", Memory: "1152GiB"},
			{ID: "cpu"},
		},
		Sources: map[string]decision.Source{
			"security-guide": guide, "terms": terms,
			"hearsay": {ID: "hearsay", Document: "PolicyEngine household API issue #1533", Kind: "third-party", Published: "unknown", Read: "unknown", Copy: "stored"},
			"prices":  {ID: "prices", URL: "https://acme.example/pricing", Kind: "transcribed", Published: "unknown", Read: "2026-07-01", Copy: "stored"},
			"order":   {ID: "order", Document: "Order form 4711", Kind: "executed", Published: "2026-01-10", Read: "2026-12-01", Effective: "2026-01-15", Until: "open"},
		},
		Facts: []catalog.Fact{
			{Pointer: "/agreements/baa/closed", Claims: []catalog.Claim{claim(true, enterprise, "terms")}},
			{Pointer: "/agreements/baa/offered", Claims: []catalog.Claim{baa}},
			{Pointer: "/agreements/baa/scope/volumes", Claims: []catalog.Claim{claim("in", enterprise, "security-guide"), old}},
			{Pointer: "/certifications/pci-dss", Claims: []catalog.Claim{claim(map[string]any{"held": false}, everywhere, "terms")}},
			{Pointer: "/certifications/soc2-type2", Claims: []catalog.Claim{claim(map[string]any{"held": true, "opinion": "unqualified", "periodEnd": "2026-03-31", "criteria": []any{"security", "availability"}}, everywhere, "security-guide")}},
			{Pointer: "/features/a-feature~1with-a-slash/maturity", Claims: []catalog.Claim{claim("beta", everywhere, "terms")}},
			{Pointer: "/features/functions/offered", Claims: []catalog.Claim{claim(true, everywhere, "terms")}},
			{Pointer: "/features/volumes/offered", Claims: []catalog.Claim{claim(true, everywhere, "terms"), claim(true, enterprise, "security-guide")}},
			{Pointer: "/hosting/byoc", Claims: []catalog.Claim{byoc}},
			{Pointer: "/hosting/managed", Claims: []catalog.Claim{claim(true, all, "terms")}},
			{Pointer: "/performance/coldStart", Claims: []catalog.Claim{claim(map[string]any{"typical": "1s", "measures": "container-boot"}, everywhere)}},
			{Pointer: "/performance/uptime", Claims: []catalog.Claim{claim(json.Number("99.95"), enterprise, "terms")}},
			{Pointer: "/prices/cpu", Claims: []catalog.Claim{claim(price("0.0000131", "USD", "second", "physical-core"), everywhere, "prices")}},
			{Pointer: "/prices/planCredit", Claims: []catalog.Claim{claim(map[string]any{"amount": "30", "currency": "USD", "per": "seat"}, catalog.Scope{Plans: []string{"team"}, Products: []string{"functions"}}, "prices")}},
			{Pointer: "/prices/planFee", Claims: []catalog.Claim{claim(map[string]any{"amount": "250", "currency": "USD"}, catalog.Scope{Plans: []string{"team"}}, "prices")}},
			{Pointer: "/prices/regionMultiplier", Claims: []catalog.Claim{claim("1.5", catalog.Scope{Regions: []string{"us", "eu"}}, "prices")}},
			{Pointer: "/prices/storage", Claims: []catalog.Claim{claim(price("0.09", "EUR", "month", "GiB"), everywhere, "prices")}},
			{Pointer: "/security/auditLogExport", Claims: []catalog.Claim{claim(false, everywhere, "terms")}},
			{Pointer: "/skus/big-instance-with-a-long-name/price/reserved", Claims: []catalog.Claim{claim(price("0.10833", "USD", "minute", "instance"), everywhere, "prices")}},
			{Pointer: "/skus/h100/availability", Claims: []catalog.Claim{claim("self-serve", everywhere, "terms")}},
			{Pointer: "/skus/h100/price/on-demand", Claims: []catalog.Claim{claim(price("0.001097", "USD", "second", "gpu"), everywhere, "prices")}},
			{Pointer: "/skus/h100/price/preemptible", Claims: []catalog.Claim{claim(price("2.50", "EUR", "hour", "gpu"), everywhere, "prices")}},
		},
		Open: []string{"BAA: its text was not read. Which of web endpoints, queues and secrets are inside, by name?"},
	}
}

func controls() []Control {
	return []Control{
		{
			ID: "baa-scope", Family: "hipaa", Title: "Every feature that PHI reaches is inside the BAA", Severity: "critical", Evidence: "agreement", At: "/spec/uses",
			Description: "A BAA covers some of a vendor's features and not others. Each used feature\nthat receives PHI is in its scope.", Path: "controls/hipaa/baa_scope.rego",
			Question: "whether the features that receive PHI are inside {vendor}'s BAA", Proved: "every feature that receives PHI is inside the BAA",
			References:  []decision.Reference{{Framework: "hipaa", ID: "164.504(e)(2)"}, {Framework: "soc2", ID: "CC9.2"}, {Framework: "hipaa", ID: "164.308(b)(1)"}},
			Remediation: "Use a feature that is inside the BAA instead, or keep PHI away from this one.",
			Accepted: []Accepted{
				{Stage: "select", Rules: []Rule{{Kinds: []string{"executed"}, InForce: true}, {Kinds: []string{"contractual", "documented"}, MaxAgeDays: 180}}},
				{Stage: "operate", Rules: []Rule{{Kinds: []string{"executed"}, InForce: true}}},
			},
			Profiles: []string{"hipaa"}, Must: []string{"hipaa"},
		},
		{
			ID: "breach-notice", Family: "hipaa", Title: "A breach is reported soon enough", Severity: "high", Evidence: "agreement", At: "/spec/data/classes",
			Parameters: []Parameter{{Name: "baaBreachNoticeDays", Type: "integer", Description: "Days within which a business associate reports a breach of PHI, 45 CFR 164.410(b).", Value: json.Number("60")}},
			Waivable:   true, Path: "controls/hipaa/breach_notice.rego", Accepted: []Accepted{{Stage: "select"}},
		},
		{ID: "inference-optimization", Title: "The vendor optimises inference itself", Severity: "low", Evidence: "feature", Path: "controls/service/inference_optimization.rego"},
	}
}

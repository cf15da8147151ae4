package caveat.controls.assurance.evidence_fresh_test

import data.caveat.controls.assurance.evidence_fresh
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

offering := {"skus": {"h100": {"price": {"on-demand": {"amount": "1.10"}}}}}

price := "/skus/h100/price/on-demand"

cases := {
	"prices": [["evidence-fresh"], {"prices": [price]}, "pass"],
	"a price that is gone": [["evidence-fresh"], {"prices": [price, "/prices/planFee"]}, "unknown"],
	"a price that nobody states": [["evidence-fresh"], {"prices": [price], "missing": ["/prices/cpu"]}, "unknown"],
	"no price": [["evidence-fresh"], {"prices": []}, "unknown"],
	"no facts": [["evidence-fresh"], {}, "unknown"],
	"another control brought": [["budget"], {"prices": [price]}, "not-applicable"],
}

test_status[name] if {
	some name, [brought, cost, want] in cases
	got := status.of(evidence_fresh) with input as sample.input_with({}, offering, object.union(sample.bringing(brought), {"cost": cost}))
	got == want
}

test_reads if {
	got := evidence_fresh.reads with input.cost.prices as [price, "/prices/planFee"]
	got == {price, "/prices/planFee"}
}

test_nothing_proves_nothing if not evidence_fresh.pass with input.cost.prices as []

test_one_proves if evidence_fresh.pass with input.cost.prices as [price]

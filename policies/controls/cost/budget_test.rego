package caveat.controls.cost.budget_test

import data.caveat.controls.cost.budget
import data.caveat.lib.status

cases := {
	"below": [{"expected": "3999.99"}, "pass"],
	"equal": [{"expected": "4000.00"}, "pass"],
	"above": [{"expected": "4000.01"}, "fail"],
	"below, no range": [{"expected": "3999.99", "high": null}, "pass"],
	"highest is equal": [{"expected": "3000", "high": "4000"}, "pass"],
	"highest is above": [{"expected": "3000", "high": "4000.01"}, "unknown"],
	"highest in words": [{"expected": "3000", "high": "more"}, "unknown"],
	"above, upside down": [{"expected": "4000.01", "high": "3000"}, "fail"],
	"only the highest is known": [{"expected": null, "high": "3000"}, "unknown"],
	"unknown": [{"expected": null, "known": null}, "unknown"],
	"known is below": [{"expected": null, "known": "3999.99"}, "unknown"],
	"known is equal": [{"expected": null, "known": "4000"}, "unknown"],
	"known is above": [{"expected": null, "known": "4000.01", "mayFall": false}, "fail"],
	"known is above, may fall": [{"expected": null, "known": "4000.01", "mayFall": true}, "unknown"],
	"known in words": [{"expected": null, "known": "a lot"}, "unknown"],
	"words": [{"expected": "cheap"}, "unknown"],
	"number": [{"expected": 3000}, "unknown"],
	"other currency": [{"currency": "EUR", "expected": "3000"}, "unknown"],
	"other currency, above": [{"currency": "EUR", "expected": "5000"}, "unknown"],
	"other currency, known is above": [{"currency": "EUR", "expected": null, "known": "5000"}, "unknown"],
}

test_status[name] if {
	some name, [cost, want] in cases
	got := status.of(budget) with input.workload.spec as _spec
		with input.offering as _offering
		with input.cost as _cost(cost)
	got == want
}

test_price_missing if {
	got := status.of(budget) with input.workload.spec as _spec
		with input.offering as {}
		with input.cost as _cost({"expected": "3000"})
	got == "unknown"
}

test_usage_not_stated if {
	got := [status.of(budget), budget.undeclared] with input.workload.spec.requires.monthlyCost as "4000 USD"
		with input.offering as _offering
		with input.cost as _cost({"expected": "3000"})
	got == ["unknown", {{
		"at": "/spec/usage",
		"message": "say how much it runs: add \"usage: {gpuHours: ...}\" to spec",
	}}]
}

test_usage_stated if {
	got := budget.undeclared with input.workload.spec as _spec
	got == set()
}

test_asked_in_words if {
	got := status.of(budget) with input.workload.spec as object.union(_spec, {"requires": {"monthlyCost": "little"}})
		with input.offering as _offering
		with input.cost as _cost({"expected": "3000"})
	got == "unknown"
}

test_not_asked if {
	got := status.of(budget) with input.workload.spec as {"requires": {}, "usage": {"gpuHours": 40}}
		with input.offering as _offering
		with input.cost as _cost({"expected": "3000"})
	got == "not-applicable"
}

test_asked if budget.asked with input.workload.spec as _spec

reads := {
	"known": [{"expected": "3000", "facts": ["/prices/planFee"]}, {"/prices/planFee"}],
	"unknown for another reason": [
		{"expected": null, "facts": ["/infrastructure/skus/p5/price/on-demand", "/prices/planFee"]},
		{"/infrastructure/skus/p5/price/on-demand", "/prices/planFee"},
	],
	"unknown for want of a fee": [
		{"expected": null, "facts": ["/skus/h100/price/on-demand"], "missing": ["/prices/planFee"]},
		{"/skus/h100/price/on-demand", "/prices/planFee"},
	],
	"nothing known": [{"expected": null, "facts": [], "missing": ["/skus/h100/price/on-demand"]}, {"/skus/h100/price/on-demand"}],
}

test_reads[name] if {
	some name, [cost, want] in reads
	got := budget.reads with input.cost as cost
	got == want
}

reasons := {
	"expected": [{"expected": "4210.50", "known": "4210.50"}, "4210.50 USD a month, budget 4000 USD"],
	"known": [{"expected": null, "known": "4100"}, "at least 4100 USD a month, budget 4000 USD"],
}

test_reasons[name] if {
	some name, [cost, message] in reasons
	got := budget.fail with input.workload.spec as _spec
		with input.cost as _cost(cost)
	got == {{
		"message": message,
		"at": "/spec/requires/monthlyCost",
		"facts": ["/skus/h100/price/on-demand"],
	}}
}

_spec := {"requires": {"monthlyCost": "4000 USD"}, "usage": {"gpuHours": 40}}

_offering := {"skus": {"h100": {"price": {"on-demand": {"amount": "3.95"}}}}}

_cost(patch) := object.union({"currency": "USD", "facts": ["/skus/h100/price/on-demand"]}, patch)

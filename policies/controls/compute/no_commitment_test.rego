package caveat.controls.compute.no_commitment_test

import data.caveat.controls.compute.no_commitment
import data.caveat.lib.status

cases := {
	"none": ["on-demand", {"commitment": false}, {}, "pass"],
	"preemptible": ["preemptible", {"commitment": false}, {}, "pass"],
	"term": ["on-demand", {"commitment": true}, {}, "fail"],
	"reserved": ["reserved", {"commitment": false}, {}, "fail"],
	"reserved, nothing to spend": ["reserved", {"commitment": false}, _spend("0"), "fail"],
	"not stated": ["on-demand", {}, {}, "unknown"],
	"words": ["on-demand", {"commitment": "none"}, {}, "unknown"],
	"words, nothing to spend": ["on-demand", {"commitment": "none"}, _spend("0"), "unknown"],
	"capacity not known": [null, {"commitment": false}, {}, "unknown"],
	"capacity not known, nothing to spend": [null, {"commitment": false}, _spend("0"), "unknown"],
	"preemptible, nothing to spend": ["preemptible", {"commitment": false}, _spend("0"), "pass"],
	"nothing to spend": ["on-demand", {"commitment": false}, _spend("0.00"), "pass"],
	"something to spend": ["on-demand", {"commitment": false}, _spend("0.01"), "fail"],
	"something to spend, term not stated": ["on-demand", {}, _spend("500"), "fail"],
	"spend in words": ["on-demand", {"commitment": false}, _spend("some"), "unknown"],
	"spend as a number": ["on-demand", {"commitment": false}, _spend(0), "unknown"],
}

test_status[name] if {
	some name, [capacity, sku, prices, want] in cases
	got := status.of(no_commitment) with input.workload.spec.requires.noCommitment as true
		with input.offering as _offering(capacity, sku, prices)
	got == want
}

test_capacity_not_stated if {
	got := status.of(no_commitment) with input.workload.spec.requires.noCommitment as true
		with input.offering as {"id": {"sku": "h100"}, "skus": {"h100": {"commitment": false}}}
	got == "unknown"
}

test_contradictory_spend if {
	got := status.of(no_commitment) with input.workload.spec.requires.noCommitment as true
		with input.offering as object.union(
			_offering("on-demand", {"commitment": false}, {}),
			{"conflicts": ["/prices/minimumCommitment"]},
		)
	got == "unknown"
}

# In our own account the machines are the cloud's.
test_cloud[name] if {
	some name, [commitment, want] in {"no term": [false, "pass"], "term": [true, "fail"], "words": ["none", "unknown"]}
	got := status.of(no_commitment) with input.workload.spec.requires.noCommitment as true
		with input.offering as {"id": {"vendor": "acme", "hosting": "byoc", "capacity": "on-demand"}}
		with input.infrastructure as {"id": {"vendor": "cirrus", "sku": "p5"}, "skus": {"p5": {"commitment": commitment}}}
	got == want
}

test_cloud_not_named if {
	got := no_commitment.undeclared with input.offering as {"id": {"hosting": "byoc"}}
	got == {{
		"at": "/spec/placement/infrastructure",
		"message": "name the cloud provider: add \"infrastructure: {vendor: ...}\" to spec.placement",
	}}
}

test_cloud_reasons if {
	got := no_commitment.fail with input.offering as {"id": {"vendor": "acme", "hosting": "byoc", "capacity": "on-demand"}}
		with input.infrastructure as {"id": {"vendor": "cirrus", "sku": "p5"}, "skus": {"p5": {"commitment": true}}}
	got == {{
		"message": "cirrus asks for a term commitment",
		"at": "/spec/requires/noCommitment",
		"facts": ["/infrastructure/skus/p5/commitment"],
	}}
}

test_not_asked[name] if {
	some name, requires in {"absent": {}, "false": {"noCommitment": false}}
	got := status.of(no_commitment) with input.workload.spec.requires as requires
		with input.offering as _offering("on-demand", {"commitment": false}, {})
	got == "not-applicable"
}

test_asked if no_commitment.asked with input.workload.spec.requires.noCommitment as true

reads := {
	"no spend": [{}, {"/skus/h100/commitment"}],
	"spend": [_spend("0"), {"/skus/h100/commitment", "/prices/minimumCommitment"}],
}

test_reads[name] if {
	some name, [prices, want] in reads
	got := no_commitment.reads with input.offering as _offering("on-demand", {}, prices)
	got == want
}

reasons := {
	"term": ["on-demand", {"commitment": true}, {}, "acme asks for a term commitment", "/skus/h100/commitment"],
	"reserved": ["reserved", {}, {}, "reserved capacity is a commitment", "/skus/h100/price/reserved"],
	"spend": ["on-demand", {}, _spend("500"), "acme asks for at least 500 USD a month", "/prices/minimumCommitment"],
}

test_reasons[name] if {
	some name, [capacity, sku, prices, message, fact] in reasons
	got := no_commitment.fail with input.offering as _offering(capacity, sku, prices)
	got == {{"message": message, "at": "/spec/requires/noCommitment", "facts": [fact]}}
}

_spend(amount) := {"minimumCommitment": {"amount": amount, "currency": "USD"}}

_offering(capacity, sku, prices) := {
	"id": {"vendor": "acme", "sku": "h100", "capacity": capacity},
	"skus": {"h100": sku},
	"prices": prices,
}

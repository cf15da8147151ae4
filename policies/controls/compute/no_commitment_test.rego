package caveat.controls.compute.no_commitment_test

import data.caveat.controls.compute.no_commitment
import data.caveat.lib.status

cases := {
	"none": ["on-demand", {"commitment": false}, {}, "pass"],
	"preemptible": ["preemptible", {"commitment": false}, {}, "pass"],
	"term": ["on-demand", {"commitment": true}, {}, "fail"],
	"reserved": ["reserved", {"commitment": false}, {}, "fail"],
	"not stated": ["on-demand", {}, {}, "unknown"],
	"words": ["on-demand", {"commitment": "none"}, {}, "unknown"],
	"capacity not known": [null, {"commitment": false}, {}, "unknown"],
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

test_reads if {
	no_commitment.reads == {"/skus/h100/commitment"} with input.offering as _offering("on-demand", {}, {})
}

reasons := {
	"term": ["on-demand", {"commitment": true}, {}, "acme asks for a term commitment", "/skus/h100/commitment"],
	"reserved": ["reserved", {}, {}, "reserved capacity is a commitment", "/skus/h100/price/reserved"],
}

test_reasons[name] if {
	some name, [capacity, sku, prices, message, fact] in reasons
	got := no_commitment.fail with input.offering as _offering(capacity, sku, prices)
	got == {{"message": message, "at": "/spec/requires/noCommitment", "facts": [fact]}}
}

_offering(capacity, sku, prices) := {
	"id": {"vendor": "acme", "sku": "h100", "capacity": capacity},
	"skus": {"h100": sku},
	"prices": prices,
}

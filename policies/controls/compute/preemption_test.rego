package caveat.controls.compute.preemption_test

import data.caveat.controls.compute.preemption
import data.caveat.lib.status

cases := {
	"no": ["on-demand", {"preemptible": false}, "pass"],
	"no, reserved": ["reserved", {"preemptible": false}, "pass"],
	"yes": ["on-demand", {"preemptible": true}, "fail"],
	"not stated": ["on-demand", {}, "unknown"],
	"words": ["on-demand", {"preemptible": "no"}, "unknown"],
	"null": ["on-demand", {"preemptible": null}, "unknown"],
	"capacity not known": [null, {"preemptible": false}, "unknown"],
	"preemptible capacity": ["preemptible", {"preemptible": false}, "fail"],
	"preemptible capacity, not stated": ["preemptible", {}, "fail"],
}

test_status[name] if {
	some name, [capacity, scaling, want] in cases
	got := status.of(preemption) with input.workload.spec.service.nonPreemptible as true
		with input.offering as _offering(capacity, scaling)
	got == want
}

test_capacity_not_stated if {
	got := status.of(preemption) with input.workload.spec.service.nonPreemptible as true
		with input.offering as {"id": {"vendor": "acme"}, "scaling": {"preemptible": false}}
	got == "unknown"
}

test_not_asked[name] if {
	some name, service in {"absent": {}, "false": {"nonPreemptible": false}}
	got := status.of(preemption) with input.workload.spec.service as service
		with input.offering as _offering("on-demand", {"preemptible": false})
	got == "not-applicable"
}

test_asked if preemption.asked with input.workload.spec.service.nonPreemptible as true

test_reads if preemption.reads == {"/scaling/preemptible"}

reasons := {
	"vendor": ["on-demand", {"preemptible": true}, "acme may preempt running work", "/scaling/preemptible"],
	"capacity": ["preemptible", {}, "the capacity is preemptible", "/skus/h100/price/preemptible"],
}

test_reasons[name] if {
	some name, [capacity, scaling, message, fact] in reasons
	got := preemption.fail with input.offering as _offering(capacity, scaling)
	got == {{"message": message, "at": "/spec/service/nonPreemptible", "facts": [fact]}}
}

_offering(capacity, scaling) := {
	"id": {"vendor": "acme", "sku": "h100", "capacity": capacity},
	"scaling": scaling,
}

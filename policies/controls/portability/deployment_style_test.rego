package caveat.controls.portability.deployment_style_test

import data.caveat.controls.portability.deployment_style
import data.caveat.lib.status

cases := {
	"the one": [["pods"], ["pods"], "pass"],
	"one of several": [["cluster", "pods"], ["training", "pods"], "pass"],
	"none of several": [["cluster", "pods"], ["training", "batch-jobs"], "fail"],
	"nothing listed": [["pods"], [], "unknown"],
	"words": [["pods"], "pods", "unknown"],
	"null": [["pods"], null, "unknown"],
	"not asked": [[], ["pods"], "not-applicable"],
}

test_status[name] if {
	some name, [accepted, styles, want] in cases
	got := status.of(deployment_style) with input.workload.spec.requires.deployment as accepted
		with input.offering as _offering({"styles": styles})
	got == want
}

test_not_stated if {
	got := status.of(deployment_style) with input.workload.spec.requires.deployment as ["pods"]
		with input.offering as _offering({})
	got == "unknown"
}

test_asked if deployment_style.asked with input.workload.spec.requires.deployment as ["pods"]

test_not_asked if not deployment_style.asked with input.workload.spec.requires.deployment as []

test_reads if deployment_style.reads == {"/deployment/styles"}

test_reasons if {
	got := deployment_style.fail with input.workload.spec.requires.deployment as ["cluster", "pods"]
		with input.offering as _offering({"styles": ["training", "batch-jobs"]})
	got == {{
		"message": "acme has training or batch-jobs, cluster or pods asked",
		"at": "/spec/requires/deployment",
		"facts": ["/deployment/styles"],
	}}
}

_offering(deployment) := {"id": {"vendor": "acme"}, "deployment": deployment}

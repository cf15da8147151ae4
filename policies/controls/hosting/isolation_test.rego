package caveat.controls.hosting.isolation_test

import data.caveat.controls.hosting.isolation
import data.caveat.lib.status

cases := {
	"the one": [["gvisor"], ["gvisor"], "pass"],
	"one of several": [["vm", "gvisor"], ["gvisor", "namespace"], "pass"],
	"none of several": [["vm", "microvm"], ["gvisor", "namespace"], "fail"],
	"nothing listed": [["vm"], [], "unknown"],
	"words": [["vm"], "vm", "unknown"],
	"no list of names": [["vm"], {"first": "vm"}, "unknown"],
	"null": [["vm"], null, "unknown"],
	"not asked": [[], ["gvisor"], "not-applicable"],
}

test_status[name] if {
	some name, [accepted, stated, want] in cases
	got := status.of(isolation) with input.workload.spec.requires.isolation as accepted
		with input.offering.security.isolation as stated
	got == want
}

test_not_stated if {
	got := status.of(isolation) with input.workload.spec.requires.isolation as ["vm"]
		with input.offering.security as {}
	got == "unknown"
}

# One feature of two that our data reaches has its own isolation.
features := {
	"weaker where our data goes": [["microvm"], ["container"], "fail"],
	"as good where our data goes": [["microvm"], ["vm"], "pass"],
	"in words where our data goes": [["microvm"], "good", "unknown"],
	"weaker beside": [["container"], ["microvm"], "fail"],
}

test_features[name] if {
	some name, [whole, own, want] in features
	got := status.of(isolation) with input.workload.spec as {
		"requires": {"isolation": ["microvm", "vm"]},
		"uses": [{"feature": "endpoints", "data": ["pii"]}, {"feature": "volumes", "data": ["pii"]}],
	}
		with input.offering as {
			"security": {"isolation": whole},
			"features": {"endpoints": {"facts": {"security": {"isolation": own}}}},
		}
	got == want
}

test_asked if isolation.asked with input.workload.spec.requires.isolation as ["vm"]

test_not_asked if not isolation.asked with input.workload.spec.requires.isolation as []

test_reads if isolation.reads == {"/security/isolation"} with input.offering as {}

# A feature with its own fact comes along, and the manifest does not say which data reaches it.
test_unmentioned_gap if {
	got := isolation.undeclared with input.workload.spec as {"requires": {"isolation": ["microvm"]}, "uses": []}
		with input.offering as _implying
	got == {{
		"at": "/spec/uses",
		"message": "say which data reaches endpoints: add \"- {feature: endpoints, data: []}\" to spec.uses",
	}}
}

test_unmentioned if {
	got := status.of(isolation) with input.workload.spec as {"requires": {"isolation": ["microvm"]}, "uses": []}
		with input.offering as _implying
	got == "unknown"
}

_implying := {
	"id": {"hosting": "managed"},
	"implied": ["endpoints"],
	"security": {"isolation": ["microvm"]},
	"features": {"endpoints": {"facts": {"security": {"isolation": ["microvm"]}}}},
}

test_reasons if {
	got := isolation.fail with input.workload.spec.requires.isolation as ["vm", "microvm"]
		with input.offering.security.isolation as ["gvisor", "namespace"]
	got == {{
		"message": "isolation is by gvisor or namespace, vm or microvm asked",
		"at": "/spec/requires/isolation",
		"facts": ["/security/isolation"],
	}}
}

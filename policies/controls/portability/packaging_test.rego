package caveat.controls.portability.packaging_test

import data.caveat.controls.portability.packaging
import data.caveat.lib.status

cases := {
	"the one": [["container"], ["container"], "pass"],
	"one of several": [["vm", "container"], ["truss", "container"], "pass"],
	"none of several": [["vm", "container"], ["truss", "python-sdk"], "fail"],
	"nothing listed": [["container"], [], "unknown"],
	"words": [["container"], "container", "unknown"],
	"null": [["container"], null, "unknown"],
	"not asked": [[], ["container"], "not-applicable"],
}

test_status[name] if {
	some name, [ours, theirs, want] in cases
	got := status.of(packaging) with input.workload.spec.requires.packaging as ours
		with input.offering as _offering({"packaging": theirs})
	got == want
}

test_not_stated if {
	got := status.of(packaging) with input.workload.spec.requires.packaging as ["container"]
		with input.offering as _offering({})
	got == "unknown"
}

test_asked if packaging.asked with input.workload.spec.requires.packaging as ["container"]

test_not_asked if not packaging.asked with input.workload.spec.requires.packaging as []

test_reads if packaging.reads == {"/portability/packaging"}

test_reasons if {
	got := packaging.fail with input.workload.spec.requires.packaging as ["vm", "container"]
		with input.offering as _offering({"packaging": ["truss", "python-sdk"]})
	got == {{
		"message": "acme accepts truss or python-sdk, we have vm or container",
		"at": "/spec/requires/packaging",
		"facts": ["/portability/packaging"],
	}}
}

_offering(portability) := {"id": {"vendor": "acme"}, "portability": portability}

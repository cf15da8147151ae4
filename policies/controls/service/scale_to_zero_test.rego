package caveat.controls.service.scale_to_zero_test

import data.caveat.controls.service.scale_to_zero
import data.caveat.lib.status

cases := {
	"yes": [{"scaleToZero": true}, {"scaleToZero": true}, "pass"],
	"no": [{"scaleToZero": true}, {"scaleToZero": false}, "fail"],
	"not stated": [{"scaleToZero": true}, {}, "unknown"],
	"words": [{"scaleToZero": true}, {"scaleToZero": "yes"}, "unknown"],
	"null": [{"scaleToZero": true}, {"scaleToZero": null}, "unknown"],
	"not asked": [{}, {"scaleToZero": true}, "not-applicable"],
	"not needed": [{"scaleToZero": false}, {"scaleToZero": false}, "not-applicable"],
}

test_status[name] if {
	some name, [service, scaling, want] in cases
	got := status.of(scale_to_zero) with input.workload.spec.service as service
		with input.offering as _offering(scaling)
	got == want
}

test_asked if scale_to_zero.asked with input.workload.spec.service.scaleToZero as true

test_reads if scale_to_zero.reads == {"/scaling/scaleToZero"}

test_reasons if {
	got := scale_to_zero.fail with input.offering as _offering({"scaleToZero": false})
	got == {{
		"message": "acme does not scale functions to zero",
		"at": "/spec/service/scaleToZero",
		"facts": ["/scaling/scaleToZero"],
	}}
}

_offering(scaling) := {"id": {"vendor": "acme", "product": "functions"}, "scaling": scaling}

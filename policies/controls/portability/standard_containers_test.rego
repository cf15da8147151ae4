package caveat.controls.portability.standard_containers_test

import data.caveat.controls.portability.standard_containers
import data.caveat.lib.status

cases := {
	"yes": [{"standardContainers": true}, {"standardContainers": true}, "pass"],
	"no": [{"standardContainers": true}, {"standardContainers": false}, "fail"],
	"not stated": [{"standardContainers": true}, {}, "unknown"],
	"words": [{"standardContainers": true}, {"standardContainers": "yes"}, "unknown"],
	"null": [{"standardContainers": true}, {"standardContainers": null}, "unknown"],
	"not asked": [{}, {"standardContainers": true}, "not-applicable"],
	"not needed": [{"standardContainers": false}, {"standardContainers": false}, "not-applicable"],
}

test_status[name] if {
	some name, [requires, portability, want] in cases
	got := status.of(standard_containers) with input.workload.spec.requires as requires
		with input.offering as _offering(portability)
	got == want
}

test_asked if standard_containers.asked with input.workload.spec.requires.standardContainers as true

test_reads if standard_containers.reads == {"/portability/standardContainers"}

test_reasons if {
	got := standard_containers.fail with input.offering as _offering({"standardContainers": false})
	got == {{
		"message": "acme does not run standard container images unchanged",
		"at": "/spec/requires/standardContainers",
		"facts": ["/portability/standardContainers"],
	}}
}

_offering(portability) := {"id": {"vendor": "acme"}, "portability": portability}

package caveat.controls.portability.lock_in_test

import data.caveat.controls.portability.lock_in
import data.caveat.lib.status

cases := {
	"low for low": ["low", "low", "pass"],
	"medium for low": ["low", "medium", "fail"],
	"high for low": ["low", "high", "fail"],
	"low for medium": ["medium", "low", "pass"],
	"medium for medium": ["medium", "medium", "pass"],
	"high for medium": ["medium", "high", "fail"],
	"high for high": ["high", "high", "pass"],
	"words": ["low", "none", "unknown"],
	"number": ["low", 1, "unknown"],
	"null": ["low", null, "unknown"],
	"asked in words": ["little", "low", "unknown"],
}

test_status[name] if {
	some name, [accepted, stated, want] in cases
	got := status.of(lock_in) with input.workload.spec.requires.lockIn as accepted
		with input.offering.portability.exportEffort as stated
	got == want
}

test_not_stated if {
	got := status.of(lock_in) with input.workload.spec.requires.lockIn as "low"
		with input.offering.portability as {}
	got == "unknown"
}

test_not_asked if {
	got := status.of(lock_in) with input.workload.spec.requires as {}
		with input.offering.portability.exportEffort as "low"
	got == "not-applicable"
}

test_asked if lock_in.asked with input.workload.spec.requires.lockIn as "low"

test_reads if lock_in.reads == {"/portability/exportEffort"}

test_reasons if {
	got := lock_in.fail with input.workload.spec.requires.lockIn as "low"
		with input.offering.portability.exportEffort as "high"
	got == {{
		"message": "effort to move away is high, at most low accepted",
		"at": "/spec/requires/lockIn",
		"facts": ["/portability/exportEffort"],
	}}
}

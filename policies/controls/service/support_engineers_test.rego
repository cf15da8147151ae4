package caveat.controls.service.support_engineers_test

import data.caveat.controls.service.support_engineers
import data.caveat.lib.status

cases := {
	"yes": [{"supportEngineers": true}, {"engineers": true}, "pass"],
	"no": [{"supportEngineers": true}, {"engineers": false}, "fail"],
	"not stated": [{"supportEngineers": true}, {}, "unknown"],
	"words": [{"supportEngineers": true}, {"engineers": "yes"}, "unknown"],
	"null": [{"supportEngineers": true}, {"engineers": null}, "unknown"],
	"not asked": [{}, {"engineers": true}, "not-applicable"],
	"not needed": [{"supportEngineers": false}, {"engineers": false}, "not-applicable"],
}

test_status[name] if {
	some name, [requires, support, want] in cases
	got := status.of(support_engineers) with input.workload.spec.requires as requires
		with input.offering as _offering(support)
	got == want
}

test_asked if support_engineers.asked with input.workload.spec.requires.supportEngineers as true

test_reads if support_engineers.reads == {"/support/engineers"}

test_reasons if {
	got := support_engineers.fail with input.offering as _offering({"engineers": false})
	got == {{
		"message": "acme gives no engineers on plan team",
		"at": "/spec/requires/supportEngineers",
		"facts": ["/support/engineers"],
	}}
}

_offering(support) := {"id": {"vendor": "acme", "plan": "team"}, "support": support}

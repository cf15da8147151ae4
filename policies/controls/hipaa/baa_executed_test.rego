package caveat.controls.hipaa.baa_executed_test

import data.caveat.controls.hipaa.baa_executed
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

phi := {"data": {"classes": ["phi"]}}

choosing := {"data": {"classes": ["phi"]}, "stage": "select"}

asking := {"requires": {"agreements": ["baa"]}}

executed(value) := {"agreements": {"baa": {"executed": value}}}

apart := {
	"id": {"hosting": "byoc"},
	"hosting": {"reachesPayload": false, "reachesLogs": false, "reachesSupport": false},
}

cases := {
	"executed": [phi, executed(true), {}, "pass"],
	"not executed": [phi, executed(false), {}, "fail"],
	"not stated": [phi, {}, {}, "unknown"],
	"offered is not enough": [phi, {"agreements": {"baa": {"offered": true}}}, {}, "unknown"],
	"in words": [phi, executed("yes"), {}, "unknown"],
	"choosing": [choosing, executed(false), {}, "not-applicable"],
	"no PHI": [{}, executed(false), {}, "not-applicable"],
	"asked without PHI": [asking, executed(false), {}, "fail"],
	"brought without PHI": [{}, executed(false), sample.bringing(["baa-executed"]), "fail"],
	"another control brought": [{}, executed(false), sample.bringing(["baa"]), "not-applicable"],
	"nothing reaches the platform": [phi, apart, {}, "pass"],
	"nothing reaches the platform, not executed": [phi, object.union(apart, executed(false)), {}, "pass"],
	"logs reach the platform, not executed": [
		phi,
		object.union(apart, object.union(executed(false), {"hosting": {"reachesLogs": true}})),
		{},
		"fail",
	],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(baa_executed) with input as sample.input_with(spec, offering, rest)
	got == want
}

test_asked if baa_executed.asked with input as sample.input_with(asking, {}, {})

test_not_asked if not baa_executed.asked with input as sample.input_with(phi, {}, {})

test_reads if {
	got := baa_executed.reads with input as sample.input_with(phi, executed(true), {})
	got == {"/agreements/baa/executed"}
}

test_reads_missing if {
	got := baa_executed.reads with input as sample.input_with(phi, {}, {})
	got == {"/agreements/baa/executed"}
}

test_reads_executed_before_channels if {
	got := baa_executed.reads with input as sample.input_with(phi, object.union(apart, executed(true)), {})
	got == {"/agreements/baa/executed"}
}

test_reads_channels if {
	got := baa_executed.reads with input as sample.input_with(phi, apart, {})
	got == {"/hosting/reachesPayload", "/hosting/reachesLogs", "/hosting/reachesSupport"}
}

test_fail[at] if {
	some at, spec in {"/spec/data/classes": phi, "/spec/requires/agreements": asking}
	got := baa_executed.fail with input as sample.input_with(spec, executed(false), {})
	got == {{"message": "our BAA with acme is not executed", "at": at, "facts": ["/agreements/baa/executed"]}}
}

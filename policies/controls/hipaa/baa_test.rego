package caveat.controls.hipaa.baa_test

import data.caveat.controls.hipaa.baa
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

phi := {"data": {"classes": ["phi"]}}

choosing := {"data": {"classes": ["phi"]}, "stage": "select"}

asking := {"requires": {"agreements": ["dpa", "baa"]}}

terms(stated) := {"agreements": {"baa": stated}}

apart(hosting, channels) := {"id": {"hosting": hosting}, "hosting": object.union(
	{"reachesPayload": false, "reachesLogs": false, "reachesSupport": false},
	channels,
)}

cases := {
	"executed": [phi, terms({"executed": true}), {}, "pass"],
	"executed though no longer offered": [phi, terms({"executed": true, "offered": false}), {}, "pass"],
	"offered": [phi, terms({"offered": true}), {}, "pass"],
	"offered and not executed is for baa-executed": [phi, terms({"offered": true, "executed": false}), {}, "pass"],
	"not offered": [phi, terms({"offered": false}), {}, "fail"],
	"not offered and not executed": [phi, terms({"offered": false, "executed": false}), {}, "fail"],
	"nothing stated": [phi, {}, {}, "unknown"],
	"not executed says nothing about the offer": [phi, terms({"executed": false}), {}, "unknown"],
	"offered in words": [phi, terms({"offered": "yes"}), {}, "unknown"],
	"executed in words": [phi, terms({"executed": "yes"}), {}, "unknown"],
	"limited data set": [{"data": {"classes": ["phi-limited"]}}, terms({"offered": true}), {}, "pass"],
	"no PHI": [{}, terms({"offered": true}), {}, "not-applicable"],
	"asked without PHI": [asking, terms({"offered": false}), {}, "fail"],
	"brought without PHI": [{}, terms({"offered": false}), sample.bringing(["baa"]), "fail"],
	"another control brought": [{}, terms({"offered": false}), sample.bringing(["dpa"]), "not-applicable"],
	"byoc, nothing reaches the platform": [phi, apart("byoc", {}), {}, "pass"],
	"self-hosted, nothing reaches the platform": [phi, apart("self-hosted", {}), {}, "pass"],
	"byoc, no BAA but nothing reaches the platform": [phi, object.union(apart("byoc", {}), terms({"offered": false})), {}, "pass"],
	"byoc, no BAA and payloads reach it": [phi, object.union(apart("byoc", {"reachesPayload": true}), terms({"offered": false})), {}, "fail"],
	"byoc, logs reach it": [phi, apart("byoc", {"reachesLogs": true}), {}, "unknown"],
	"byoc, support reaches it": [phi, apart("byoc", {"reachesSupport": true}), {}, "unknown"],
	"byoc, payload in words": [phi, apart("byoc", {"reachesPayload": "no"}), {}, "unknown"],
	"hybrid, overflow unstated": [phi, apart("hybrid", {}), {}, "unknown"],
	"hybrid, overflow off": [phi, apart("hybrid", {"overflow": false}), {}, "pass"],
	"hybrid, overflow on": [phi, apart("hybrid", {"overflow": true}), {}, "unknown"],
	"managed is no place of ours": [phi, apart("managed", {}), {}, "unknown"],
	"managed, no BAA": [phi, object.union(apart("managed", {}), terms({"offered": false})), {}, "fail"],
	"null": [phi, terms({"offered": null}), {}, "unknown"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(baa) with input as sample.input_with(spec, offering, rest)
	got == want
}

test_asked if baa.asked with input as sample.input_with(asking, {}, {})

test_not_asked if not baa.asked with input as sample.input_with(phi, {}, {})

reads_cases := {
	"executed": [terms({"executed": true, "offered": true}), {"/agreements/baa/executed"}],
	"offered": [terms({"offered": true}), {"/agreements/baa/offered"}],
	"nothing": [{}, {"/agreements/baa/offered"}],
	"offered before channels": [object.union(apart("byoc", {}), terms({"offered": true})), {"/agreements/baa/offered"}],
	"executed before channels": [object.union(apart("byoc", {}), terms({"executed": true})), {"/agreements/baa/executed"}],
	"byoc": [
		apart("byoc", {}),
		{"/hosting/reachesPayload", "/hosting/reachesLogs", "/hosting/reachesSupport"},
	],
	"hybrid": [
		apart("hybrid", {"overflow": false}),
		{"/hosting/reachesPayload", "/hosting/reachesLogs", "/hosting/reachesSupport", "/hosting/overflow"},
	],
}

test_reads[name] if {
	some name, [offering, want] in reads_cases
	got := baa.reads with input as sample.input_with(phi, offering, {})
	got == want
}

test_fail[at] if {
	some at, spec in {"/spec/data/classes": phi, "/spec/requires/agreements": asking}
	got := baa.fail with input as sample.input_with(spec, terms({"offered": false}), {})
	got == {{
		"message": "acme signs no BAA for functions on plan team, managed",
		"at": at,
		"facts": ["/agreements/baa/offered"],
	}}
}

conditions_cases := {
	"offered while choosing": [choosing, terms({"offered": true}), {"execute the BAA"}],
	"executed while choosing": [choosing, terms({"offered": true, "executed": true}), set()],
	"offered while operating": [phi, terms({"offered": true}), set()],
	"not stated": [choosing, {}, set()],
}

test_conditions[name] if {
	some name, [spec, offering, want] in conditions_cases
	got := baa.conditions with input as sample.input_with(spec, offering, {})
	got == want
}

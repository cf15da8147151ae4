package caveat.controls.privacy.transfer_test

import data.caveat.controls.privacy.transfer
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

personal(subjects) := {"data": {"classes": ["pii"], "subjects": subjects}}

european := personal(["eu"])

british := personal(["uk"])

both := personal(["eu", "uk"])

unstated := {"data": {"classes": ["pii"]}}

asking(spec) := object.union(spec, {"requires": {"agreements": ["scc"]}})

by(transfers) := {"agreements": {"dpa": {"transfers": transfers}}}

flows(where) := {"dataFlows": {activity: where | some activity in ["process", "store", "route", "logs", "support"]}}

straying(activity, where) := object.union(flows(["eu"]), {"dataFlows": {activity: where}})

without(more) := object.union({"agreements": {"dpa": {"offered": false}}}, more)

cases := {
	"clauses for the EU": [european, by(["scc"]), {}, "pass"],
	"framework for the EU": [european, by(["dpf"]), {}, "pass"],
	"adequacy for the EU": [european, by(["adequacy"]), {}, "pass"],
	"rules for the EU": [european, by(["bcr"]), {}, "pass"],
	"addendum does nothing for the EU": [european, by(["uk-addendum"]), {}, "unknown"],
	"addendum for the UK": [british, by(["uk-addendum"]), {}, "pass"],
	"framework for the UK": [british, by(["dpf"]), {}, "pass"],
	"adequacy for the UK": [british, by(["adequacy"]), {}, "pass"],
	"rules for the UK": [british, by(["bcr"]), {}, "pass"],
	"clauses do nothing for the UK": [british, by(["scc"]), {}, "unknown"],
	"both": [both, by(["scc", "uk-addendum"]), {}, "pass"],
	"one of both": [both, by(["scc"]), {}, "unknown"],
	"none that is known": [european, by(["handshake"]), {}, "unknown"],
	"in words": [european, by("scc"), {}, "unknown"],
	"by name": [european, by({"first": "scc"}), {}, "unknown"],
	"nothing stated": [european, {}, {}, "unknown"],
	"subjects unstated, both": [unstated, by(["scc", "uk-addendum"]), {}, "pass"],
	"subjects unstated, one": [unstated, by(["scc"]), {}, "unknown"],
	"subjects unstated, other": [unstated, by(["uk-addendum"]), {}, "unknown"],
	"all inside": [european, flows(["eu"]), {}, "pass"],
	"all inside in parts": [european, flows(["de", "uk", "no", "is"]), {}, "pass"],
	"subjects unstated, all inside": [unstated, flows(["eu"]), {}, "pass"],
	"pinned inside": [european, object.union(flows("pinned"), {"id": {"region": "de"}}), {}, "pass"],
	"pinned nowhere": [european, flows("pinned"), {}, "unknown"],
	"our cloud inside": [european, flows("customer"), {"infrastructure": {"id": {"region": "eu-west"}}}, "pass"],
	"process may leave": [european, straying("process", "anywhere"), {}, "unknown"],
	"store may leave": [european, straying("store", ["us"]), {}, "unknown"],
	"route may leave": [european, straying("route", ["us"]), {}, "unknown"],
	"logs may leave": [european, straying("logs", ["us"]), {}, "unknown"],
	"support may leave": [european, straying("support", ["us"]), {}, "unknown"],
	"a feature of its own stays": [
		object.union(european, {"uses": [{"feature": "volumes", "data": ["pii"]}]}),
		object.union(flows(["us"]), {"features": {"volumes": {"facts": flows(["eu"])}}}),
		{},
		"pass",
	],
	"a feature of its own leaves": [
		object.union(european, {"uses": [{"feature": "volumes", "data": ["pii"]}]}),
		object.union(flows(["eu"]), {"features": {"volumes": {"facts": flows(["us"])}}}),
		{},
		"unknown",
	],
	"an unmentioned feature has flows of its own": [
		european,
		object.union(flows(["eu"]), {"implied": ["volumes"], "features": {"volumes": {"facts": flows(["eu"])}}}),
		{},
		"unknown",
	],
	"an unmentioned feature, with clauses": [
		european,
		object.union(by(["scc"]), {"implied": ["volumes"], "features": {"volumes": {"facts": flows(["eu"])}}}),
		{},
		"pass",
	],
	"leaves without a DPA": [european, without(flows(["us"])), {}, "fail"],
	"stays without a DPA": [european, without(flows(["eu"])), {}, "pass"],
	"may leave without a DPA, nobody says": [european, without({}), {}, "unknown"],
	"leaves under clauses without a DPA on offer": [european, without(object.union(by(["scc"]), flows(["us"]))), {}, "pass"],
	"leaves, the DPA is ours alone": [european, without(object.union(flows(["us"]), {"agreements": {"dpa": {"executed": true}}})), {}, "unknown"],
	"asked, clauses": [asking(european), by(["scc"]), {}, "pass"],
	"asked, something else": [asking(european), by(["dpf"]), {}, "unknown"],
	"asked, all inside": [asking(european), flows(["eu"]), {}, "unknown"],
	"asked without personal data": [asking({}), by(["scc"]), {}, "pass"],
	"asked for British people": [asking(british), by(["scc"]), {}, "unknown"],
	"asked without a DPA": [asking({}), without({}), {}, "fail"],
	"people in the US": [personal(["us"]), flows(["us"]), {}, "not-applicable"],
	"no personal data": [{}, without(flows(["us"])), {}, "not-applicable"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(transfer) with input as sample.input_with(spec, offering, rest)
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

test_asked if transfer.asked with input as sample.input_with(asking({}), {}, {})

test_not_asked if not transfer.asked with input as sample.input_with(european, {}, {})

pointers := {"/dataFlows/process", "/dataFlows/store", "/dataFlows/route", "/dataFlows/logs", "/dataFlows/support"}

reads_cases := {
	"nothing": [european, {}, {"/agreements/dpa/transfers"}],
	"staying": [european, flows(["eu"]), pointers],
	"clauses before staying": [european, object.union(by(["scc"]), flows(["eu"])), {"/agreements/dpa/transfers"}],
	"asked": [asking(european), flows(["eu"]), {"/agreements/dpa/transfers"}],
}

test_reads[name] if {
	some name, [spec, offering, want] in reads_cases
	got := transfer.reads with input as sample.input_with(spec, offering, {})
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

fail_cases := {
	"leaves": [european, straying("logs", ["us", "eu"]), {{
		"message": "logs are kept in us, and acme offers no DPA with a transfer mechanism",
		"at": "/spec/data/classes",
		"facts": ["/dataFlows/logs", "/agreements/dpa/offered"],
	}}],
	"asked": [asking({}), flows(["us"]), {{
		"message": "acme offers no DPA, so no standard contractual clauses",
		"at": "/spec/requires/agreements",
		"facts": ["/agreements/dpa/offered"],
	}}],
}

test_fail[name] if {
	some name, [spec, offering, want] in fail_cases
	got := transfer.fail with input as sample.input_with(spec, without(offering), {})
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

images := {"at": "/spec/uses", "message": `say which data reaches images: add "- {feature: images, data: []}" to spec.uses`}

people := {
	"at": "/spec/data/subjects",
	"message": `say where the people are whose data it is: add "subjects: [...]" to spec.data`,
}

of_its_own := {"implied": ["images"], "features": {"images": {"facts": {"dataFlows": {"logs": ["us"]}}}}}

undeclared_cases := {
	"stated": [european, {}, set()],
	"unstated": [unstated, {}, {people}],
	"unstated, all provided for": [unstated, by(["bcr"]), set()],
	"unstated, staying": [unstated, flows(["eu"]), set()],
	"staying, but for what nobody mentions": [european, object.union(flows(["eu"]), of_its_own), {images}],
	"not staying": [european, object.union(flows(["us"]), of_its_own), set()],
}

test_undeclared[name] if {
	some name, [spec, offering, want] in undeclared_cases
	got := transfer.undeclared with input as sample.input_with(spec, offering, {})
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

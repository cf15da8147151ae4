package caveat.controls.hipaa.baa_scope_test

import data.caveat.controls.hipaa.baa_scope
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

using(uses) := {"data": {"classes": ["phi"]}, "uses": uses}

volumes := using([{"feature": "volumes", "data": ["phi"]}])

trusted := using([{"feature": "volumes", "data": ["phi"], "safeguards": "ours"}])

terms(baa) := {"agreements": {"baa": baa}}

listing(features) := terms({"scope": features})

apart := {
	"id": {"hosting": "byoc"},
	"hosting": {"reachesPayload": false, "reachesLogs": false, "reachesSupport": false},
}

cases := {
	"inside": [volumes, listing({"volumes": "in"}), {}, "pass"],
	"outside": [volumes, listing({"volumes": "out"}), {}, "fail"],
	"not listed": [volumes, listing({"images": "in"}), {}, "unknown"],
	"no list": [volumes, {}, {}, "unknown"],
	"not listed, closed": [volumes, terms({"scope": {"images": "in"}, "closed": true}), {}, "fail"],
	"no list, closed": [volumes, terms({"closed": true}), {}, "fail"],
	"not listed, open": [volumes, terms({"scope": {"images": "in"}, "closed": false}), {}, "unknown"],
	"not listed, closed in words": [volumes, terms({"closed": "yes"}), {}, "unknown"],
	"listed, closed": [volumes, terms({"scope": {"volumes": "in"}, "closed": true}), {}, "pass"],
	"contradictory, closed": [
		volumes,
		object.union(terms({"closed": true}), {"conflicts": ["/agreements/baa/scope/volumes"]}),
		{},
		"unknown",
	],
	"another word": [volumes, listing({"volumes": "partly"}), {}, "unknown"],
	"left to the customer, accepted": [trusted, listing({"volumes": "customer"}), {}, "pass"],
	"left to the customer, not accepted": [volumes, listing({"volumes": "customer"}), {}, "unknown"],
	"outside whatever we accept": [trusted, listing({"volumes": "out"}), {}, "fail"],
	"limited data set": [using([{"feature": "volumes", "data": ["phi-limited"]}]), listing({"volumes": "out"}), {}, "fail"],
	"one of two outside": [
		using([{"feature": "volumes", "data": ["phi"]}, {"feature": "queues", "data": ["phi", "pii"]}]),
		listing({"volumes": "in", "queues": "out"}),
		{},
		"fail",
	],
	"one of two unknown": [
		using([{"feature": "volumes", "data": ["phi"]}, {"feature": "queues", "data": ["phi"]}]),
		listing({"volumes": "in"}),
		{},
		"unknown",
	],
	"outside, but no PHI reaches it": [
		using([{"feature": "volumes", "data": ["phi"]}, {"feature": "queues", "data": ["internal"]}]),
		listing({"volumes": "in", "queues": "out"}),
		{},
		"pass",
	],
	"nothing said to receive PHI": [using([{"feature": "volumes", "data": []}]), listing({"volumes": "in"}), {}, "unknown"],
	"no uses": [using([]), listing({"volumes": "in"}), {}, "unknown"],
	"comes along unmentioned": [
		volumes,
		object.union(listing({"volumes": "in", "images": "in"}), {"implied": ["images"]}),
		{},
		"unknown",
	],
	"comes along, mentioned": [
		using([{"feature": "volumes", "data": ["phi"]}, {"feature": "images", "data": []}]),
		object.union(listing({"volumes": "in", "images": "out"}), {"implied": ["images"]}),
		{},
		"pass",
	],
	"comes along and receives PHI": [
		using([{"feature": "images", "data": ["phi"]}]),
		object.union(listing({"images": "out"}), {"implied": ["images"]}),
		{},
		"fail",
	],
	"no PHI": [{"uses": [{"feature": "volumes", "data": ["internal"]}]}, listing({"volumes": "out"}), {}, "not-applicable"],
	"no PHI, BAA asked": [{"requires": {"agreements": ["baa"]}}, listing({"volumes": "out"}), {}, "not-applicable"],
	"no PHI, brought": [
		{"uses": [{"feature": "volumes", "data": ["internal"]}]},
		listing({"volumes": "out"}),
		sample.bringing(["baa-scope"]),
		"unknown",
	],
	"no PHI, another control brought": [{}, {}, sample.bringing(["baa"]), "not-applicable"],
	"outside, but nothing reaches the platform": [volumes, object.union(apart, listing({"volumes": "out"})), {}, "pass"],
	"unmentioned, but nothing reaches the platform": [volumes, object.union(apart, {"implied": ["images"]}), {}, "pass"],
	"outside, and logs reach the platform": [
		volumes,
		object.union(apart, {"hosting": {"reachesLogs": true}, "agreements": {"baa": {"scope": {"volumes": "out"}}}}),
		{},
		"fail",
	],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(baa_scope) with input as sample.input_with(spec, offering, rest)
	got == want
}

test_asked if {
	baa_scope.asked with input as sample.input_with({"requires": {"agreements": ["baa"]}}, {}, {})
}

test_not_asked if not baa_scope.asked with input as sample.input_with(volumes, {}, {})

channels := {"/hosting/reachesPayload", "/hosting/reachesLogs", "/hosting/reachesSupport"}

reads_cases := {
	"what receives PHI": [
		using([{"feature": "volumes", "data": ["phi"]}, {"feature": "queues", "data": ["internal"]}]),
		{"implied": ["images"]},
		{"/agreements/baa/scope/volumes"},
	],
	"any name": [using([{"feature": "a/b", "data": ["phi"]}]), {}, {"/agreements/baa/scope/a~1b"}],
	"inside before channels": [volumes, object.union(apart, listing({"volumes": "in"})), {"/agreements/baa/scope/volumes"}],
	"channels": [volumes, object.union(apart, listing({"volumes": "out"})), channels],
	"channels, where something else is missing": [
		volumes,
		object.union(apart, object.union(listing({"volumes": "in"}), {"implied": ["images"]})),
		channels,
	],
}

test_reads[name] if {
	some name, [spec, offering, want] in reads_cases
	got := baa_scope.reads with input as sample.input_with(spec, offering, {})
	got == want
}

test_fail_out if {
	spec := using([
		{"feature": "volumes", "data": ["phi"]},
		{"feature": "queues", "data": ["phi-limited", "pii", "phi"]},
	])
	got := baa_scope.fail with input as sample.input_with(spec, listing({"volumes": "in", "queues": "out"}), {})
	got == {{
		"message": "queues receives phi and phi-limited and is outside acme's BAA",
		"at": "/spec/uses/1/feature",
		"facts": ["/agreements/baa/scope/queues"],
	}}
}

test_fail_closed if {
	got := baa_scope.fail with input as sample.input_with(volumes, terms({"closed": true}), {})
	got == {{
		"message": "volumes receives phi and is outside acme's BAA",
		"at": "/spec/uses/0/feature",
		"facts": ["/agreements/baa/closed"],
	}}
}

gap_cases := {
	"unmentioned": [
		volumes, object.union(listing({"volumes": "in"}), {"implied": ["images", "volumes"]}),
		{{"at": "/spec/uses", "message": `say which data reaches images: add "- {feature: images, data: []}" to spec.uses`}},
	],
	"nothing receives PHI": [
		using([]), {},
		{{"at": "/spec/uses", "message": "say which features receive PHI: no entry of spec.uses does"}},
	],
	"safeguards": [
		volumes, listing({"volumes": "customer"}),
		{{
			"at": "/spec/uses/0",
			"message": `say that we provide the safeguards for volumes: add "safeguards: ours" to its entry in spec.uses`,
		}},
	],
	"safeguards in other words": [
		using([{"feature": "volumes", "data": ["phi"], "safeguards": "theirs"}]), listing({"volumes": "customer"}),
		{{
			"at": "/spec/uses/0",
			"message": `say that we provide the safeguards for volumes: add "safeguards: ours" to its entry in spec.uses`,
		}},
	],
	"safeguards accepted": [trusted, listing({"volumes": "customer"}), set()],
	"none to accept": [volumes, listing({"volumes": "in"}), set()],
	"nothing reaches the platform": [volumes, object.union(apart, {"implied": ["images"]}), set()],
}

test_undeclared[name] if {
	some name, [spec, offering, want] in gap_cases
	got := baa_scope.undeclared with input as sample.input_with(spec, offering, {})
	got == want
}

conditions_cases := {
	"left to the customer": [
		trusted, listing({"volumes": "customer"}),
		{"provide the safeguards for volumes that acme's BAA leaves to the customer"},
	],
	"inside": [trusted, listing({"volumes": "in"}), set()],
	"nothing reaches the platform": [volumes, object.union(apart, listing({"volumes": "customer"})), set()],
}

test_conditions[name] if {
	some name, [spec, offering, want] in conditions_cases
	got := baa_scope.conditions with input as sample.input_with(spec, offering, {})
	got == want
}

instead_cases := {
	"inside": [{"in": "in"}, ["in"], "; in is inside"],
	"outside": [{"other": "out"}, ["other"], ""],
	"not known to be inside": [{}, ["other"], ""],
	"two": [{"b": "in", "a": "in", "c": "out"}, ["b", "a", "c"], "; a or b is inside"],
	"nothing": [{"a": "in"}, [], ""],
}

test_instead[name] if {
	some name, [scopes, instead, words] in instead_cases
	got := {reason.message | some reason in baa_scope.fail} with input as sample.input_with(
		{"data": {"classes": ["phi"]}, "uses": [{"feature": "old", "data": ["phi"]}]},
		{"agreements": {"baa": {"scope": object.union({"old": "out"}, scopes)}}, "instead": {"old": instead}},
		{},
	)
	got == {concat("", ["old receives phi and is outside acme's BAA", words])}
}

package caveat.lib.reach_test

import data.caveat.lib.reach
import data.caveat.lib.sample_test as sample

using(uses) := {"data": {"classes": ["pii"]}, "uses": uses}

considered_cases := {
	"nothing used": [{}, [], {""}],
	"used with data": [using([{"feature": "a", "data": ["pii"]}]), [], {"a"}],
	"used without data": [using([{"feature": "a", "data": []}]), [], {""}],
	"used with data that nobody filled in": [using([{"feature": "a"}]), [], {"a", ""}],
	"one of two": [using([{"feature": "a", "data": []}, {"feature": "b", "data": ["pii"]}]), [], {"b"}],
	"comes along, mentioned": [using([{"feature": "a", "data": ["pii"]}]), ["a"], {"a"}],
	"comes along, mentioned without data": [using([{"feature": "a", "data": []}, {"feature": "b", "data": ["pii"]}]), ["a"], {"b"}],
	"a class that reaches nothing": [
		{"data": {"classes": ["pii", "public"]}, "uses": [{"feature": "a", "data": ["public"]}]},
		[], {"a", ""},
	],
	"every class reaches something": [
		{"data": {"classes": ["pii", "public"]}, "uses": [{"feature": "a", "data": ["public"]}, {"feature": "b", "data": ["pii"]}]},
		[], {"a", "b"},
	],
	"no class at all": [{"data": {"classes": []}, "uses": [{"feature": "a", "data": []}]}, [], {""}],
	"comes along, unmentioned": [using([{"feature": "a", "data": ["pii"]}]), ["b"], {"a", ""}],
}

test_considered[name] if {
	some name, [spec, implied, want] in considered_cases
	got := reach.considered with input as sample.input_with(spec, {"implied": implied}, {})
	got == want
}

test_unmentioned if {
	got := reach.unmentioned with input as sample.input_with(using([{"feature": "a", "data": []}]), {"implied": ["a", "b"]}, {})
	got == {"b"}
}

whole(value) := {"pointer": "/training/onCustomerData", "value": value, "who": ""}

own(value) := {"pointer": "/features/a/facts/training/onCustomerData", "value": value, "who": "a: "}

training(value) := {"training": {"onCustomerData": value}}

fact_cases := {
	"of the offering": [training(true), whole(true)],
	"of nobody": [{}, whole(null)],
	"its own": [object.union(training(true), {"features": {"a": {"facts": training(false)}}}), own(false)],
	"another's": [object.union(training(true), {"features": {"b": {"facts": training(false)}}}), whole(true)],
	"its own, contradictory": [
		object.union(training(false), {"conflicts": ["/features/a/facts/training/onCustomerData"]}),
		own(null),
	],
}

test_fact[name] if {
	some name, [offering, want] in fact_cases
	got := reach.fact("a", "training", "onCustomerData") with input as sample.input_with({}, offering, {})
	got == want
}

test_facts if {
	got := reach.facts("training", "onCustomerData") with input as sample.input_with(
		using([{"feature": "a", "data": ["pii"]}, {"feature": "b", "data": ["pii"]}]),
		object.union(training(true), {"features": {"a": {"facts": training(false)}}}),
		{},
	)
	got == {own(false), whole(true)}
}

gaps_cases := {
	"a fact of its own": [{"features": {"b": {"facts": training(false)}}}, {"b"}],
	"contradictory": [{"conflicts": ["/features/b/facts/training/onCustomerData"]}, {"b"}],
	"another fact": [{"features": {"b": {"facts": {"retention": {"zero": true}}}}}, set()],
	"mentioned": [{"features": {"a": {"facts": training(false)}}}, set()],
}

test_gaps[name] if {
	some name, [offering, want] in gaps_cases
	got := reach.gaps("training", "onCustomerData") with input as sample.input_with(
		using([{"feature": "a", "data": ["pii"]}]),
		object.union(offering, {"implied": ["a", "b"]}),
		{},
	)
	got == {reach.gap(feature) | some feature in want}
}

test_gap if {
	reach.gap("images") == {
		"at": "/spec/uses",
		"message": `say which data reaches images: add "- {feature: images, data: []}" to spec.uses`,
	}
}

package caveat.controls.privacy.no_training_test

import data.caveat.controls.privacy.no_training
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

asking := {"requires": {"noTraining": true}}

using(feature, classes) := object.union(asking, {"uses": [{"feature": feature, "data": classes}]})

training(value) := {"training": {"onCustomerData": value}}

own(value, whole) := object.union(training(whole), {"features": {"endpoints": {"facts": training(value)}}})

cases := {
	"no training": [asking, training(false), {}, "pass"],
	"training": [asking, training(true), {}, "fail"],
	"nothing stated": [asking, {}, {}, "unknown"],
	"in words": [asking, training("yes"), {}, "unknown"],
	"null": [asking, training(null), {}, "unknown"],
	"a feature of its own": [using("endpoints", ["internal"]), own(false, true), {}, "pass"],
	"a feature of its own, training": [using("endpoints", ["internal"]), own(true, false), {}, "fail"],
	"a feature without data": [using("endpoints", []), own(true, false), {}, "pass"],
	"another feature": [using("volumes", ["internal"]), own(false, true), {}, "fail"],
	"an unmentioned feature": [asking, object.union(own(false, false), {"implied": ["endpoints"]}), {}, "unknown"],
	"brought": [{}, training(true), sample.bringing(["no-training"]), "fail"],
	"another control brought": [{}, training(true), sample.bringing(["zero-retention"]), "not-applicable"],
	"not asked": [{}, training(true), {}, "not-applicable"],
	"asked not": [{"requires": {"noTraining": false}}, training(true), {}, "not-applicable"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(no_training) with input as sample.input_with(spec, offering, rest)
	got == want
}

test_asked if no_training.asked with input as sample.input_with(asking, {}, {})

test_not_asked if not no_training.asked with input as sample.input_with({}, {}, {})

test_reads if {
	got := no_training.reads with input as sample.input_with(asking, {}, {})
	got == {"/training/onCustomerData"}
}

test_fail_asked if {
	got := no_training.fail with input as sample.input_with(using("endpoints", ["internal"]), own(true, false), {})
	got == {{
		"message": "endpoints: acme trains on customer data",
		"at": "/spec/requires/noTraining",
		"facts": ["/features/endpoints/facts/training/onCustomerData"],
	}}
}

test_fail_brought if {
	got := no_training.fail with input as sample.input_with({}, training(true), sample.bringing(["no-training"]))
	got == {{
		"message": "acme trains on customer data",
		"at": "/spec/data/classes",
		"facts": ["/training/onCustomerData"],
	}}
}

test_undeclared if {
	got := no_training.undeclared with input as sample.input_with(
		asking,
		object.union(own(false, false), {"implied": ["endpoints"]}),
		{},
	)
	got == {{"at": "/spec/uses", "message": `say which data reaches endpoints: add "- {feature: endpoints, data: []}" to spec.uses`}}
}

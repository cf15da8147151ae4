package caveat.controls.privacy.zero_retention_test

import data.caveat.controls.privacy.zero_retention
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

asking := {"requires": {"zeroRetention": true}}

using(feature, classes) := object.union(asking, {"uses": [{"feature": feature, "data": classes}]})

zero(value) := {"retention": {"zero": value}}

own(value, whole) := object.union(zero(whole), {"features": {"endpoints": {"facts": zero(value)}}})

cases := {
	"zero": [asking, zero(true), {}, "pass"],
	"not zero": [asking, zero(false), {}, "fail"],
	"nothing stated": [asking, {}, {}, "unknown"],
	"in words": [asking, zero("yes"), {}, "unknown"],
	"null": [asking, zero(null), {}, "unknown"],
	"a feature of its own": [using("endpoints", ["internal"]), own(true, false), {}, "pass"],
	"a feature of its own, not zero": [using("endpoints", ["internal"]), own(false, true), {}, "fail"],
	"a feature without data": [using("endpoints", []), own(false, true), {}, "pass"],
	"another feature": [using("volumes", ["internal"]), own(true, false), {}, "fail"],
	"an unmentioned feature": [asking, object.union(own(true, true), {"implied": ["endpoints"]}), {}, "unknown"],
	"brought": [{}, zero(false), sample.bringing(["zero-retention"]), "fail"],
	"another control brought": [{}, zero(false), sample.bringing(["no-training"]), "not-applicable"],
	"not asked": [{}, zero(false), {}, "not-applicable"],
	"asked not": [{"requires": {"zeroRetention": false}}, zero(false), {}, "not-applicable"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(zero_retention) with input as sample.input_with(spec, offering, rest)
	got == want
}

test_asked if zero_retention.asked with input as sample.input_with(asking, {}, {})

test_not_asked if not zero_retention.asked with input as sample.input_with({}, {}, {})

test_reads if {
	got := zero_retention.reads with input as sample.input_with(asking, {}, {})
	got == {"/retention/zero"}
}

test_fail_asked if {
	got := zero_retention.fail with input as sample.input_with(using("endpoints", ["internal"]), own(false, true), {})
	got == {{
		"message": "endpoints: acme keeps inputs or outputs after the answer",
		"at": "/spec/requires/zeroRetention",
		"facts": ["/features/endpoints/facts/retention/zero"],
	}}
}

test_fail_brought if {
	got := zero_retention.fail with input as sample.input_with({}, zero(false), sample.bringing(["zero-retention"]))
	got == {{
		"message": "acme keeps inputs or outputs after the answer",
		"at": "/spec/data/classes",
		"facts": ["/retention/zero"],
	}}
}

test_undeclared if {
	got := zero_retention.undeclared with input as sample.input_with(
		asking,
		object.union(own(true, true), {"implied": ["endpoints"]}),
		{},
	)
	got == {{"at": "/spec/uses", "message": `say which data reaches endpoints: add "- {feature: endpoints, data: []}" to spec.uses`}}
}

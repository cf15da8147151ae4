package caveat.controls.privacy.retention_test

import data.caveat.controls.privacy.retention
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

allowing(kept) := {"requires": {"retention": kept}}

week := allowing({"inputs": "7d"})

using(feature, classes) := object.union(week, {"uses": [{"feature": feature, "data": classes}]})

keeping(kept) := {"retention": kept}

own(kept, whole) := object.union(keeping(whole), {"features": {"endpoints": {"facts": keeping(kept)}}})

cases := {
	"as long as allowed": [week, keeping({"inputs": "7d"}), {}, "pass"],
	"shorter, in another unit": [week, keeping({"inputs": "167h"}), {}, "pass"],
	"longer": [week, keeping({"inputs": "169h"}), {}, "fail"],
	"nothing stated": [week, {}, {}, "unknown"],
	"until processed": [week, keeping({"inputs": "until-processed"}), {}, "unknown"],
	"a setting": [week, keeping({"inputs": "configurable"}), {}, "unknown"],
	"the contract": [week, keeping({"inputs": "contract"}), {}, "unknown"],
	"until deleted": [week, keeping({"inputs": "until-deleted"}), {}, "fail"],
	"as the account": [week, keeping({"inputs": "account-life"}), {}, "fail"],
	"a number": [week, keeping({"inputs": 7}), {}, "unknown"],
	"zero retention": [week, keeping({"zero": true}), {}, "pass"],
	"zero retention where the rule is longer": [week, keeping({"zero": true, "inputs": "30d"}), {}, "pass"],
	"no zero retention": [week, keeping({"zero": false}), {}, "unknown"],
	"zero retention in words": [week, keeping({"zero": "yes"}), {}, "unknown"],
	"zero retention of outputs": [allowing({"outputs": "1h"}), keeping({"zero": true}), {}, "pass"],
	"outputs longer": [allowing({"outputs": "1h"}), keeping({"inputs": "1h", "outputs": "2h"}), {}, "fail"],
	"zero retention is not of logs": [allowing({"logs": "30d"}), keeping({"zero": true}), {}, "unknown"],
	"logs": [allowing({"logs": "30d"}), keeping({"logs": "30d"}), {}, "pass"],
	"logs longer, zero retention": [allowing({"logs": "30d"}), keeping({"logs": "31d", "zero": true}), {}, "fail"],
	"one of two unstated": [allowing({"logs": "30d", "inputs": "7d"}), keeping({"logs": "30d"}), {}, "unknown"],
	"a feature of its own": [using("endpoints", ["internal"]), own({"inputs": "1d"}, {"inputs": "30d"}), {}, "pass"],
	"a feature of its own, longer": [using("endpoints", ["internal"]), own({"inputs": "30d"}, {"inputs": "1d"}), {}, "fail"],
	"a feature of its own keeps nothing": [using("endpoints", ["internal"]), own({"zero": true}, {"inputs": "30d"}), {}, "pass"],
	"a feature of its own keeps something": [using("endpoints", ["internal"]), own({"zero": false}, {"zero": true}), {}, "unknown"],
	"a feature without data": [using("endpoints", []), own({"inputs": "30d"}, {"inputs": "1d"}), {}, "pass"],
	"an unmentioned feature": [week, object.union(own({"inputs": "1d"}, {"inputs": "1d"}), {"implied": ["endpoints"]}), {}, "unknown"],
	"not asked": [{}, keeping({"inputs": "account-life"}), {}, "not-applicable"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(retention) with input as sample.input_with(spec, offering, rest)
	got == want
}

test_asked if retention.asked with input as sample.input_with(week, {}, {})

test_not_asked if not retention.asked with input as sample.input_with({}, {}, {})

reads_cases := {
	"rule": [week, keeping({"inputs": "7d", "zero": true}), {"/retention/inputs"}],
	"zero retention": [week, keeping({"zero": true}), {"/retention/zero"}],
	"nothing": [week, {}, {"/retention/inputs"}],
	"all": [
		allowing({"inputs": "7d", "outputs": "7d", "logs": "7d"}), {},
		{"/retention/inputs", "/retention/outputs", "/retention/logs"},
	],
	"a feature of its own": [
		using("endpoints", ["internal"]), own({"inputs": "1d"}, {}),
		{"/features/endpoints/facts/retention/inputs"},
	],
}

test_reads[name] if {
	some name, [spec, offering, want] in reads_cases
	got := retention.reads with input as sample.input_with(spec, offering, {})
	got == want
}

fail_cases := {
	"longer": [week, keeping({"inputs": "30d"}), {{
		"message": "inputs are kept 30d, at most 7d allowed",
		"at": "/spec/requires/retention/inputs",
		"facts": ["/retention/inputs"],
	}}],
	"until deleted": [allowing({"outputs": "7d"}), keeping({"outputs": "until-deleted"}), {{
		"message": "outputs are kept until somebody deletes them, at most 7d allowed",
		"at": "/spec/requires/retention/outputs",
		"facts": ["/retention/outputs"],
	}}],
	"as the account": [allowing({"logs": "7d"}), keeping({"logs": "account-life"}), {{
		"message": "logs are kept as long as the account, at most 7d allowed",
		"at": "/spec/requires/retention/logs",
		"facts": ["/retention/logs"],
	}}],
	"a feature of its own": [using("endpoints", ["internal"]), own({"inputs": "30d"}, {"inputs": "1d"}), {{
		"message": "endpoints: inputs are kept 30d, at most 7d allowed",
		"at": "/spec/requires/retention/inputs",
		"facts": ["/features/endpoints/facts/retention/inputs"],
	}}],
}

test_fail[name] if {
	some name, [spec, offering, want] in fail_cases
	got := retention.fail with input as sample.input_with(spec, offering, {})
	got == want
}

line := {{"at": "/spec/uses", "message": `say which data reaches endpoints: add "- {feature: endpoints, data: []}" to spec.uses`}}

undeclared_cases := {
	"a rule of its own": [week, own({"inputs": "1d"}, {}), line],
	"zero retention of its own": [week, own({"zero": false}, {"zero": true}), line],
	"zero retention of its own that does not matter": [week, own({"zero": false}, {"inputs": "1d", "zero": true}), set()],
	"another rule of its own": [week, own({"logs": "1d"}, {}), set()],
}

test_undeclared[name] if {
	some name, [spec, offering, want] in undeclared_cases
	got := retention.undeclared with input as sample.input_with(spec, object.union(offering, {"implied": ["endpoints"]}), {})
	got == want
}

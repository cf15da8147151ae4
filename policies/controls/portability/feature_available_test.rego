package caveat.controls.portability.feature_available_test

import data.caveat.controls.portability.feature_available
import data.caveat.lib.status

cases := {
	"all": [["volumes", "snapshots"], {"volumes": {"offered": true}, "snapshots": {"offered": true}}, "pass"],
	"one not listed": [["volumes", "snapshots"], {"volumes": {"offered": true}}, "unknown"],
	"one not stated": [["volumes", "snapshots"], {"volumes": {"offered": true}, "snapshots": {"maturity": "ga"}}, "unknown"],
	"one denied": [["volumes", "snapshots"], {"volumes": {"offered": true}, "snapshots": {"offered": false}}, "fail"],
	"one denied, one not listed": [["volumes", "snapshots"], {"snapshots": {"offered": false}}, "fail"],
	"words": [["volumes"], {"volumes": {"offered": "yes"}}, "unknown"],
	"null": [["volumes"], {"volumes": {"offered": null}}, "unknown"],
	"path": [["a/b"], {"a": {"b": {"offered": true}}}, "unknown"],
	"none used": [[], {"volumes": {"offered": true}}, "not-applicable"],
}

test_status[name] if {
	some name, [used, features, want] in cases
	got := status.of(feature_available) with input.workload.spec.uses as _uses(used)
		with input.offering as _offering(features)
	got == want
}

test_asked if feature_available.asked with input.workload.spec.uses as _uses(["volumes"])

test_not_asked if not feature_available.asked with input.workload.spec.uses as []

test_reads if {
	got := feature_available.reads with input.workload.spec.uses as _uses(["volumes", "a/b"])
	got == {"/features/volumes/offered", "/features/a~1b/offered"}
}

maturities := {
	"ga": set(),
	"alpha": {"volumes is alpha"},
	"beta": {"volumes is beta"},
	"preview": {"volumes is preview"},
	"deprecated": {"volumes is deprecated"},
}

test_conditions[maturity] if {
	some maturity, want in maturities
	got := feature_available.conditions with input.workload.spec.uses as _uses(["volumes"])
		with input.offering as _offering({"volumes": {"maturity": maturity}, "queues": {"maturity": "beta"}})
	got == want
}

test_reasons if {
	got := feature_available.fail with input.workload.spec.uses as _uses(["volumes", "snapshots"])
		with input.offering as _offering({"volumes": {"offered": true}, "snapshots": {"offered": false}})
	got == {{
		"message": "acme does not offer snapshots on plan team",
		"at": "/spec/uses/1/feature",
		"facts": ["/features/snapshots/offered"],
	}}
}

_uses(features) := [{"feature": feature, "data": []} | some feature in features]

_offering(features) := {"id": {"vendor": "acme", "plan": "team"}, "features": features}

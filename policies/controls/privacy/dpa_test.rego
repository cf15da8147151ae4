package caveat.controls.privacy.dpa_test

import data.caveat.controls.privacy.dpa
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

personal(subjects) := {"data": {"classes": ["pii"], "subjects": subjects}}

european := personal(["de"])

choosing := object.union(european, {"stage": "select"})

asking := {"requires": {"agreements": ["dpa"]}}

unstated := {"data": {"classes": ["pii"]}}

terms(dpa) := {"agreements": {"dpa": dpa}}

cases := {
	"executed": [european, terms({"art28": true, "executed": true, "covers": ["eu"]}), {}, "pass"],
	"executed, terms not looked at": [european, terms({"executed": true, "covers": ["eu"]}), {}, "unknown"],
	"executed, terms in words": [european, terms({"executed": true, "covers": ["eu"], "art28": "yes"}), {}, "unknown"],
	"executed without the terms": [european, terms({"executed": true, "covers": ["eu"], "art28": false}), {}, "fail"],
	"not executed": [european, terms({"executed": false, "covers": ["eu"]}), {}, "fail"],
	"offered is not enough": [european, terms({"art28": true, "offered": true, "covers": ["eu"]}), {}, "unknown"],
	"not offered": [european, terms({"offered": false}), {}, "fail"],
	"not offered, executed all the same": [european, terms({"art28": true, "offered": false, "executed": true, "covers": ["eu"]}), {}, "pass"],
	"nothing stated": [european, {}, {}, "unknown"],
	"in words": [european, terms({"art28": true, "executed": "yes", "covers": ["eu"]}), {}, "unknown"],
	"choosing, offered": [choosing, terms({"art28": true, "offered": true, "covers": ["eu"]}), {}, "pass"],
	"choosing, offered and not executed": [choosing, terms({"art28": true, "offered": true, "executed": false, "covers": ["eu"]}), {}, "pass"],
	"choosing, not offered": [choosing, terms({"offered": false, "covers": ["eu"]}), {}, "fail"],
	"choosing, nothing stated": [choosing, terms({"art28": true, "covers": ["eu"]}), {}, "unknown"],
	"covers others": [european, terms({"art28": true, "executed": true, "covers": ["uk"]}), {}, "unknown"],
	"covers in words": [european, terms({"art28": true, "executed": true, "covers": "eu"}), {}, "unknown"],
	"covers by name": [european, terms({"art28": true, "executed": true, "covers": {"first": "eu"}}), {}, "unknown"],
	"covers nothing that is stated": [european, terms({"art28": true, "executed": true}), {}, "unknown"],
	"two jurisdictions": [personal(["eu", "uk"]), terms({"art28": true, "executed": true, "covers": ["eu", "uk"]}), {}, "pass"],
	"one of two jurisdictions": [personal(["eu", "uk"]), terms({"art28": true, "executed": true, "covers": ["eu"]}), {}, "unknown"],
	"US people beside": [personal(["eu", "us"]), terms({"art28": true, "executed": true, "covers": ["eu"]}), {}, "pass"],
	"subjects unstated": [unstated, terms({"art28": true, "executed": true, "covers": ["eu", "uk"]}), {}, "unknown"],
	"subjects unstated, not executed": [unstated, terms({"executed": false}), {}, "fail"],
	"people in the US": [personal(["us"]), terms({"executed": false}), {}, "not-applicable"],
	"no personal data": [{}, terms({"executed": false}), {}, "not-applicable"],
	"asked without personal data": [asking, terms({"art28": true, "executed": true}), {}, "pass"],
	"asked, not executed": [asking, terms({"executed": false}), {}, "fail"],
	"brought": [{}, terms({"executed": false}), sample.bringing(["dpa"]), "fail"],
	"another control brought": [{}, terms({"executed": false}), sample.bringing(["baa"]), "not-applicable"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(dpa) with input as sample.input_with(spec, offering, rest)
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

test_asked if dpa.asked with input as sample.input_with(asking, {}, {})

test_not_asked if not dpa.asked with input as sample.input_with(european, {}, {})

reads_cases := {
	"operating": [european, {}, {"/agreements/dpa/art28", "/agreements/dpa/executed", "/agreements/dpa/covers"}],
	"choosing": [choosing, {}, {"/agreements/dpa/art28", "/agreements/dpa/offered", "/agreements/dpa/covers"}],
	"choosing, executed": [choosing, terms({"executed": true}), {"/agreements/dpa/art28", "/agreements/dpa/executed", "/agreements/dpa/covers"}],
	"nobody to cover": [asking, {}, {"/agreements/dpa/art28", "/agreements/dpa/executed"}],
}

test_reads[name] if {
	some name, [spec, offering, want] in reads_cases
	got := dpa.reads with input as sample.input_with(spec, offering, {})
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

fail_cases := {
	"not offered, not executed": [european, {"offered": false, "executed": false}, {
		{"message": "acme offers no DPA", "at": "/spec/data/classes", "facts": ["/agreements/dpa/offered"]},
		{"message": "our DPA with acme is not executed", "at": "/spec/data/classes", "facts": ["/agreements/dpa/executed"]},
	}],
	"asked": [asking, {"executed": false}, {{
		"message": "our DPA with acme is not executed",
		"at": "/spec/requires/agreements",
		"facts": ["/agreements/dpa/executed"],
	}}],
	"terms": [asking, {"art28": false}, {{
		"message": "the DPA of acme lacks terms of GDPR Art. 28(3)",
		"at": "/spec/requires/agreements",
		"facts": ["/agreements/dpa/art28"],
	}}],
}

test_fail[name] if {
	some name, [spec, stated, want] in fail_cases
	got := dpa.fail with input as sample.input_with(spec, terms(stated), {})
	got == want
}

conditions_cases := {
	"offered": [choosing, {"offered": true}, {"execute the DPA"}],
	"executed": [choosing, {"offered": true, "executed": true}, set()],
	"operating": [european, {"offered": true}, set()],
}

test_conditions[name] if {
	some name, [spec, stated, want] in conditions_cases
	got := dpa.conditions with input as sample.input_with(spec, terms(stated), {})
	got == want
}

undeclared_cases := {
	"stated": [european, set()],
	"unstated": [unstated, {{
		"at": "/spec/data/subjects",
		"message": `say where the people are whose data it is: add "subjects: [...]" to spec.data`,
	}}],
	"nobody": [asking, set()],
}

test_undeclared[name] if {
	some name, [spec, want] in undeclared_cases
	got := dpa.undeclared with input as sample.input_with(spec, {}, {})
	got == want
}

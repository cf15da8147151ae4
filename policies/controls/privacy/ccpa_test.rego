package caveat.controls.privacy.ccpa_test

import data.caveat.controls.privacy.ccpa
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

asking := {"requires": {"agreements": ["ccpa-terms"]}}

choosing := object.union(asking, {"stage": "select"})

personal(subjects) := {"data": {"classes": ["pii"], "subjects": subjects}}

terms(stated) := {"agreements": {"ccpa-terms": stated}}

dpa(stated) := {"agreements": {"dpa": object.union({"covers": ["eu", "us-states"]}, stated)}}

brought := sample.bringing(["ccpa"])

cases := {
	"executed": [asking, terms({"executed": true}), {}, "pass"],
	"not executed": [asking, terms({"executed": false}), {}, "fail"],
	"offered is not enough": [asking, terms({"offered": true}), {}, "unknown"],
	"not offered": [asking, terms({"offered": false}), {}, "fail"],
	"nothing stated": [asking, {}, {}, "unknown"],
	"in words": [asking, terms({"executed": "yes"}), {}, "unknown"],
	"choosing, offered": [choosing, terms({"offered": true}), {}, "pass"],
	"choosing, not offered": [choosing, terms({"offered": false}), {}, "fail"],
	"DPA for the states": [asking, dpa({"executed": true}), {}, "pass"],
	"DPA for the states, not executed": [asking, dpa({"offered": true}), {}, "unknown"],
	"DPA for the states, terms refused": [asking, object.union(dpa({"executed": true}), terms({"offered": false})), {}, "pass"],
	"DPA for the states, not executed, terms refused": [asking, object.union(dpa({}), terms({"offered": false})), {}, "fail"],
	"DPA for others": [asking, dpa({"executed": true, "covers": ["eu"]}), {}, "unknown"],
	"DPA in words": [asking, dpa({"executed": true, "covers": "us-states"}), {}, "unknown"],
	"DPA by name": [asking, {"agreements": {"dpa": {"executed": true, "covers": {"first": "us-states"}}}}, {}, "unknown"],
	"choosing, DPA for the states": [choosing, dpa({"offered": true}), {}, "pass"],
	"brought, people in the US": [personal(["us"]), terms({"executed": false}), brought, "fail"],
	"brought, people unstated": [{"data": {"classes": ["pii"]}}, terms({"executed": false}), brought, "fail"],
	"brought, people elsewhere": [personal(["eu"]), terms({"executed": false}), brought, "not-applicable"],
	"brought, no personal data": [{}, terms({"executed": false}), brought, "not-applicable"],
	"another control brought": [personal(["us"]), terms({"executed": false}), sample.bringing(["dpa"]), "not-applicable"],
	"not asked": [personal(["us"]), terms({"executed": false}), {}, "not-applicable"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(ccpa) with input as sample.input_with(spec, offering, rest)
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

test_asked if ccpa.asked with input as sample.input_with(asking, {}, {})

test_not_asked if not ccpa.asked with input as sample.input_with(personal(["us"]), {}, brought)

reads_cases := {
	"operating": [asking, {}, {"/agreements/ccpa-terms/executed"}],
	"choosing": [choosing, {}, {"/agreements/ccpa-terms/offered"}],
	"DPA": [asking, dpa({"executed": true}), {"/agreements/dpa/executed", "/agreements/dpa/covers"}],
	"choosing, DPA": [choosing, dpa({"offered": true}), {"/agreements/dpa/offered", "/agreements/dpa/covers"}],
	"terms before DPA": [asking, object.union(dpa({"executed": true}), terms({"executed": true})), {"/agreements/ccpa-terms/executed"}],
}

test_reads[name] if {
	some name, [spec, offering, want] in reads_cases
	got := ccpa.reads with input as sample.input_with(spec, offering, {})
	got == want
}

fail_cases := {
	"not offered, not executed": [asking, {}, {"offered": false, "executed": false}, {
		{"message": "acme offers no CCPA terms", "at": "/spec/requires/agreements", "facts": ["/agreements/ccpa-terms/offered"]},
		{
			"message": "our CCPA terms with acme are not executed",
			"at": "/spec/requires/agreements",
			"facts": ["/agreements/ccpa-terms/executed"],
		},
	}],
	"brought": [personal(["us"]), brought, {"offered": false}, {{
		"message": "acme offers no CCPA terms",
		"at": "/spec/data/classes",
		"facts": ["/agreements/ccpa-terms/offered"],
	}}],
}

test_fail[name] if {
	some name, [spec, rest, stated, want] in fail_cases
	got := ccpa.fail with input as sample.input_with(spec, terms(stated), rest)
	got == want
}

conditions_cases := {
	"terms": [choosing, terms({"offered": true}), {"execute the CCPA terms"}],
	"DPA": [choosing, dpa({"offered": true}), {"execute the DPA"}],
	"executed": [choosing, terms({"offered": true, "executed": true}), set()],
	"DPA executed": [choosing, dpa({"offered": true, "executed": true}), set()],
	"terms before DPA": [choosing, object.union(dpa({"offered": true}), terms({"executed": true})), set()],
}

test_conditions[name] if {
	some name, [spec, offering, want] in conditions_cases
	got := ccpa.conditions with input as sample.input_with(spec, offering, {})
	got == want
}

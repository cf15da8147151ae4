package caveat.controls.assurance.soc2_type2_test

import data.caveat.controls.assurance.soc2_type2
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

asking := {"requires": {"certifications": ["iso27001", "soc2-type2"]}}

choosing := object.union(asking, {"stage": "select"})

complete := {"held": true, "periodEnd": "2026-06-30", "opinion": "unqualified", "criteria": ["security", "privacy"]}

report(fields) := {"certifications": {"soc2-type2": object.union(complete, fields)}}

only(fields) := {"certifications": {"soc2-type2": fields}}

cases := {
	"complete": [asking, report({}), {}, "pass"],
	"period ended today": [asking, report({"periodEnd": "2026-11-23"}), {}, "pass"],
	"period yet to end": [asking, report({"periodEnd": "2026-11-24"}), {}, "unknown"],
	"period ended a year ago": [asking, report({"periodEnd": "2025-11-23"}), {}, "pass"],
	"period ended a year and a day ago": [asking, report({"periodEnd": "2025-11-22"}), {}, "fail"],
	"period ended long ago": [asking, report({"periodEnd": "2021-12-31"}), {}, "fail"],
	"period end unknown": [asking, report({"periodEnd": "unknown"}), {}, "unknown"],
	"period end is a year": [asking, report({"periodEnd": 2026}), {}, "unknown"],
	"period end is no date": [asking, report({"periodEnd": "2020-13-01"}), {}, "unknown"],
	"period end with a time": [asking, report({"periodEnd": "2026-06-30T12:00:00Z"}), {}, "unknown"],
	"period end in a year of five digits": [asking, report({"periodEnd": "12026-06-30"}), {}, "unknown"],
	"no period end": [asking, only(object.remove(complete, ["periodEnd"])), {}, "unknown"],
	"another limit": [asking, report({"periodEnd": "2026-10-22"}), {"parameters": {"soc2PeriodMonths": 1}}, "fail"],
	"bridge letter until today": [asking, report({"periodEnd": "2025-09-30", "bridgeLetterUntil": "2026-11-23"}), {}, "pass"],
	"bridge letter until yesterday": [asking, report({"periodEnd": "2025-09-30", "bridgeLetterUntil": "2026-11-22"}), {}, "fail"],
	"bridge letter unknown": [asking, report({"periodEnd": "2025-09-30", "bridgeLetterUntil": "unknown"}), {}, "fail"],
	"bridge letter too long": [asking, report({"periodEnd": "2025-08-22", "bridgeLetterUntil": "2027-01-31"}), {}, "fail"],
	"bridge letter just not too long": [asking, report({"periodEnd": "2025-08-23", "bridgeLetterUntil": "2027-01-31"}), {}, "pass"],
	"bridge letter ended, period did not": [asking, report({"bridgeLetterUntil": "2026-09-30"}), {}, "pass"],
	"another limit for letters": [
		asking, report({"periodEnd": "2025-09-30", "bridgeLetterUntil": "2026-11-23"}),
		{"parameters": {"bridgeLetterMonths": 1}},
		"fail",
	],
	"not held": [asking, report({"held": false}), {}, "fail"],
	"held in words": [asking, report({"held": "yes"}), {}, "unknown"],
	"not stated": [asking, {}, {}, "unknown"],
	"qualified": [asking, report({"opinion": "qualified"}), {}, "fail"],
	"adverse": [asking, report({"opinion": "adverse"}), {}, "fail"],
	"disclaimer": [asking, report({"opinion": "disclaimer"}), {}, "fail"],
	"opinion unknown": [asking, report({"opinion": "unknown"}), {}, "unknown"],
	"another opinion": [asking, report({"opinion": "favourable"}), {}, "unknown"],
	"no opinion": [asking, only(object.remove(complete, ["opinion"])), {}, "unknown"],
	"security not among the categories": [asking, report({"criteria": ["availability"]}), {}, "unknown"],
	"categories unknown": [asking, report({"criteria": "unknown"}), {}, "unknown"],
	"categories by name": [asking, report({"criteria": {"first": "security"}}), {}, "unknown"],
	"choosing, held": [choosing, only({"held": true}), {}, "pass"],
	"choosing, lapsed": [choosing, report({"periodEnd": "2021-12-31"}), {}, "fail"],
	"choosing, not held": [choosing, only({"held": false}), {}, "fail"],
	"choosing, adverse": [choosing, report({"opinion": "adverse"}), {}, "fail"],
	"choosing, not stated": [choosing, {}, {}, "unknown"],
	"brought": [{}, only({"held": false}), sample.bringing(["soc2-type2"]), "fail"],
	"another control brought": [{}, only({"held": false}), sample.bringing(["certifications"]), "not-applicable"],
	"another asked": [{"requires": {"certifications": ["soc2-type1"]}}, only({"held": false}), {}, "not-applicable"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(soc2_type2) with input as sample.input_with(spec, offering, rest)
	got == want
}

test_asked if soc2_type2.asked with input as sample.input_with(asking, {}, {})

test_not_asked if not soc2_type2.asked with input as sample.input_with({}, {}, sample.bringing(["soc2-type2"]))

pointers(fields) := {sprintf("/certifications/soc2-type2/%s", [field]) | some field in fields}

reads_cases := {
	"operating": [asking, report({}), ["held", "periodEnd", "opinion", "criteria"]],
	"operating on a letter": [
		asking, report({"periodEnd": "2025-09-30", "bridgeLetterUntil": "2026-12-31"}),
		["held", "periodEnd", "bridgeLetterUntil", "opinion", "criteria"],
	],
	"operating, letter not needed": [
		asking, report({"bridgeLetterUntil": "2026-12-31"}),
		["held", "periodEnd", "opinion", "criteria"],
	],
	"choosing": [choosing, report({}), ["held"]],
}

test_reads[name] if {
	some name, [spec, offering, fields] in reads_cases
	got := soc2_type2.reads with input as sample.input_with(spec, offering, {})
	got == pointers(fields)
}

fail_cases := {
	"lapsed": [
		asking, {"periodEnd": "2025-01-31"},
		"the soc2-type2 period ended on 2025-01-31, more than 12 months before 2026-11-23",
		"/spec/requires/certifications", "periodEnd",
	],
	"adverse": [asking, {"opinion": "adverse"}, "the opinion of the soc2-type2 report is adverse", "/spec/requires/certifications", "opinion"],
	"not held": [{}, {"held": false}, "acme does not hold soc2-type2", "/spec/data/classes", "held"],
}

test_fail[name] if {
	some name, [spec, fields, message, at, field] in fail_cases
	got := soc2_type2.fail with input as sample.input_with(spec, report(fields), sample.bringing(["soc2-type2"]))
	got == {{"message": message, "at": at, "facts": [sprintf("/certifications/soc2-type2/%s", [field])]}}
}

test_conditions if {
	got := soc2_type2.conditions with input as sample.input_with(choosing, {}, {})
	got == {"obtain the SOC 2 Type II report"}
}

test_no_conditions if {
	got := soc2_type2.conditions with input as sample.input_with(asking, {}, {})
	got == set()
}

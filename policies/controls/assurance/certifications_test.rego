package caveat.controls.assurance.certifications_test

import data.caveat.controls.assurance.certifications
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

asking(ids) := {"requires": {"certifications": ids}}

iso := asking(["iso27001"])

soc1 := asking(["soc1-type2"])

choosing(spec) := object.union(spec, {"stage": "select"})

held(fields) := {"certifications": {id: object.union({"held": true}, fields) | some id in ["iso27001", "soc1-type2", "soc3"]}}

cases := {
	"last day today": [iso, held({"validUntil": "2026-11-23"}), {}, "pass"],
	"last day yesterday": [iso, held({"validUntil": "2026-11-22"}), {}, "fail"],
	"last day unknown": [iso, held({"validUntil": "unknown"}), {}, "unknown"],
	"no last day": [iso, held({}), {}, "unknown"],
	"last day is a year": [iso, held({"validUntil": 2025}), {}, "unknown"],
	"a period is another matter": [iso, held({"periodEnd": "2026-06-30"}), {}, "unknown"],
	"a recent period beside a past last day": [iso, held({"periodEnd": "2026-06-30", "validUntil": "2026-01-31"}), {}, "fail"],
	"an old period beside a last day to come": [iso, held({"periodEnd": "2021-06-30", "validUntil": "2026-12-31"}), {}, "pass"],
	"SOC 1, lapsed, beside a last day to come": [soc1, held({"periodEnd": "2021-06-30", "validUntil": "2026-12-31"}), {}, "fail"],
	"not held": [iso, held({"held": false, "validUntil": "2026-12-31"}), {}, "fail"],
	"held in words": [iso, held({"held": "yes", "validUntil": "2026-12-31"}), {}, "unknown"],
	"not stated": [iso, {}, {}, "unknown"],
	"choosing, held": [choosing(iso), held({}), {}, "pass"],
	"choosing, past": [choosing(iso), held({"validUntil": "2025-12-31"}), {}, "fail"],
	"choosing, not held": [choosing(iso), held({"held": false}), {}, "fail"],
	"SOC 1, period ended a year ago": [soc1, held({"periodEnd": "2025-11-23"}), {}, "pass"],
	"SOC 1, period ended longer ago": [soc1, held({"periodEnd": "2025-11-22"}), {}, "fail"],
	"SOC 1, last day is another matter": [soc1, held({"validUntil": "2027-01-01"}), {}, "unknown"],
	"SOC 1, past last day is another matter": [soc1, held({"periodEnd": "2026-06-30", "validUntil": "2025-01-01"}), {}, "pass"],
	"SOC 1, choosing, lapsed": [choosing(soc1), held({"periodEnd": "2021-11-22"}), {}, "fail"],
	"SOC 3, bridge letter": [asking(["soc3"]), held({"periodEnd": "2025-09-30", "bridgeLetterUntil": "2026-12-31"}), {}, "pass"],
	"SOC 3, adverse": [asking(["soc3"]), held({"periodEnd": "2026-09-30", "opinion": "adverse"}), {}, "fail"],
	"two, one unknown": [asking(["iso27001", "c5"]), held({"validUntil": "2026-12-31"}), {}, "unknown"],
	"two, one not held": [
		asking(["iso27001", "c5"]),
		object.union(held({"validUntil": "2026-12-31"}), {"certifications": {"c5": {"held": false}}}),
		{},
		"fail",
	],
	"none asked": [{}, held({"held": false}), {}, "not-applicable"],
	"others have their own controls": [asking(["soc2-type2", "pci-dss"]), {}, {}, "not-applicable"],
	"others beside": [asking(["soc2-type2", "pci-dss", "iso27001"]), held({"validUntil": "2026-12-31"}), {}, "pass"],
	"brought, none asked": [{}, {}, sample.bringing(["certifications"]), "not-applicable"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(certifications) with input as sample.input_with(spec, offering, rest)
	got == want
}

test_asked if certifications.asked with input as sample.input_with(iso, {}, {})

test_not_asked if not certifications.asked with input as sample.input_with(asking(["soc2-type2"]), {}, {})

reads_cases := {
	"certificate": [iso, {}, {"/certifications/iso27001/held", "/certifications/iso27001/validUntil"}],
	"report": [soc1, {}, {"/certifications/soc1-type2/held", "/certifications/soc1-type2/periodEnd"}],
	"choosing": [choosing(asking(["iso27001", "c5"])), {}, {"/certifications/iso27001/held", "/certifications/c5/held"}],
}

test_reads[name] if {
	some name, [spec, offering, want] in reads_cases
	got := certifications.reads with input as sample.input_with(spec, offering, {})
	got == want
}

test_fail if {
	got := certifications.fail with input as sample.input_with(
		asking(["pci-dss", "iso27001", "c5", "soc3"]),
		{"certifications": {
			"iso27001": {"held": true, "validUntil": "2026-01-01"},
			"c5": {"held": false},
			"soc3": {"held": true, "periodEnd": "2024-12-31"},
		}},
		{},
	)
	got == {
		{
			"message": "iso27001 was valid until 2026-01-01",
			"at": "/spec/requires/certifications/1",
			"facts": ["/certifications/iso27001/validUntil"],
		},
		{
			"message": "acme does not hold c5",
			"at": "/spec/requires/certifications/2",
			"facts": ["/certifications/c5/held"],
		},
		{
			"message": "the soc3 period ended on 2024-12-31, more than 12 months before 2026-11-23",
			"at": "/spec/requires/certifications/3",
			"facts": ["/certifications/soc3/periodEnd"],
		},
	}
}

package caveat.controls.assurance.pci_dss_test

import data.caveat.controls.assurance.pci_dss
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

cards := {"data": {"classes": ["pci"]}}

choosing := object.union(cards, {"stage": "select"})

asking := {"requires": {"certifications": ["pci-dss"]}}

complete := {"held": true, "level": 1, "responsibilityMatrix": true, "validUntil": "2027-03-31"}

attested(fields) := {"certifications": {"pci-dss": object.union(complete, fields)}}

lacking(field) := {"certifications": {"pci-dss": object.remove(complete, [field])}}

cases := {
	"complete": [cards, attested({}), {}, "pass"],
	"last day today": [cards, attested({"validUntil": "2026-11-23"}), {}, "pass"],
	"last day yesterday": [cards, attested({"validUntil": "2026-11-22"}), {}, "fail"],
	"no last day": [cards, lacking("validUntil"), {}, "unknown"],
	"choosing, no last day": [choosing, lacking("validUntil"), {}, "pass"],
	"not held": [cards, attested({"held": false}), {}, "fail"],
	"holding not stated": [cards, lacking("held"), {}, "unknown"],
	"level in a string": [cards, attested({"level": "1"}), {}, "pass"],
	"second level": [cards, attested({"level": 2}), {}, "fail"],
	"second level in a string": [cards, attested({"level": "2"}), {}, "fail"],
	"second level accepted": [cards, attested({"level": 2}), {"parameters": {"pciServiceProviderLevel": 2}}, "pass"],
	"third level not accepted": [cards, attested({"level": 3}), {"parameters": {"pciServiceProviderLevel": 2}}, "fail"],
	"level accepted in words": [cards, attested({}), {"parameters": {"pciServiceProviderLevel": "any"}}, "unknown"],
	"level in words": [cards, attested({"level": "merchant 1"}), {}, "unknown"],
	"level of two digits": [cards, attested({"level": 12}), {}, "unknown"],
	"level zero": [cards, attested({"level": 0}), {}, "unknown"],
	"no level": [cards, lacking("level"), {}, "unknown"],
	"choosing, no level": [choosing, lacking("level"), {}, "unknown"],
	"no matrix": [cards, attested({"responsibilityMatrix": false}), {}, "fail"],
	"matrix unknown": [cards, attested({"responsibilityMatrix": "unknown"}), {}, "unknown"],
	"matrix in words": [cards, attested({"responsibilityMatrix": "yes"}), {}, "unknown"],
	"choosing, no matrix": [choosing, attested({"responsibilityMatrix": false}), {}, "fail"],
	"nothing stated": [cards, {}, {}, "unknown"],
	"asked": [asking, attested({"held": false}), {}, "fail"],
	"brought": [{}, attested({"held": false}), sample.bringing(["pci-dss"]), "fail"],
	"another control brought": [{}, attested({"held": false}), sample.bringing(["soc2-type2"]), "not-applicable"],
	"no cardholder data": [{}, attested({"held": false}), {}, "not-applicable"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(pci_dss) with input as sample.input_with(spec, offering, rest)
	got == want
}

test_asked if pci_dss.asked with input as sample.input_with(asking, {}, {})

test_not_asked if not pci_dss.asked with input as sample.input_with(cards, {}, {})

pointers(fields) := {sprintf("/certifications/pci-dss/%s", [field]) | some field in fields}

reads_cases := {
	"operating": [cards, ["held", "validUntil", "level", "responsibilityMatrix"]],
	"choosing": [choosing, ["held", "level", "responsibilityMatrix"]],
}

test_reads[name] if {
	some name, [spec, fields] in reads_cases
	got := pci_dss.reads with input as sample.input_with(spec, {}, {})
	got == pointers(fields)
}

fail_cases := {
	"not held": [{"held": false}, "acme does not hold pci-dss", "held"],
	"past": [{"validUntil": "2026-01-31"}, "pci-dss was valid until 2026-01-31", "validUntil"],
	"level": [{"level": "2"}, "acme is a PCI DSS service provider of level 2, level 1 is needed", "level"],
	"matrix": [
		{"responsibilityMatrix": false},
		"acme does not write down who answers for which PCI DSS requirement", "responsibilityMatrix",
	],
}

test_fail[name] if {
	some name, [fields, message, field] in fail_cases
	every at, spec in {"/spec/data/classes": cards, "/spec/requires/certifications": asking} {
		got := pci_dss.fail with input as sample.input_with(spec, attested(fields), {})
		got == {{"message": message, "at": at, "facts": [sprintf("/certifications/pci-dss/%s", [field])]}}
	}
}

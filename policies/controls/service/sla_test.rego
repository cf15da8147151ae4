package caveat.controls.service.sla_test

import data.caveat.controls.service.sla
import data.caveat.lib.status

cases := {
	"select, offered": ["select", {"offered": true}, "pass"],
	"select, not offered": ["select", {"offered": false}, "fail"],
	"select, not stated": ["select", {}, "unknown"],
	"select, in words": ["select", {"offered": "yes"}, "unknown"],
	"select, offered and not executed": ["select", {"offered": true, "executed": false}, "pass"],
	"select, not executed": ["select", {"executed": false}, "unknown"],
	"select, executed": ["select", {"executed": true}, "pass"],
	"select, executed though no longer offered": ["select", {"offered": false, "executed": true}, "pass"],
	"operate, executed": ["operate", {"executed": true}, "pass"],
	"operate, executed though no longer offered": ["operate", {"offered": false, "executed": true}, "pass"],
	"operate, not executed": ["operate", {"offered": true, "executed": false}, "fail"],
	"operate, only offered": ["operate", {"offered": true}, "unknown"],
	"operate, not offered": ["operate", {"offered": false}, "fail"],
	"operate, not stated": ["operate", {}, "unknown"],
	"operate, in words": ["operate", {"offered": true, "executed": "yes"}, "unknown"],
}

test_status[name] if {
	some name, [stage, stated, want] in cases
	got := status.of(sla) with input.workload.spec as {"stage": stage, "requires": {"agreements": ["baa", "sla"]}}
		with input.offering as _offering(stated)
	got == want
}

calls := {
	"asked": [["sla"], [], "pass"],
	"brought": [[], ["sla"], "pass"],
	"another asked, another brought": [["baa"], ["uptime"], "not-applicable"],
}

test_applies[name] if {
	some name, [agreements, brought, want] in calls
	got := status.of(sla) with input.workload.spec as {"stage": "select", "requires": {"agreements": agreements}}
		with input.parameters.brought as brought
		with input.offering as _offering({"offered": true})
	got == want
}

test_no_agreements if {
	got := sla.reads with input.workload.spec.stage as "select"
		with input.offering as {"id": {"vendor": "acme", "plan": "team"}}
	got == {"/agreements/sla/offered"}
}

test_asked if sla.asked with input.workload.spec.requires.agreements as ["sla"]

test_not_asked if {
	not sla.asked with input.workload.spec.requires.agreements as ["baa"]
		with input.parameters.brought as ["sla"]
}

condition := "have the service level agreement in the contract with acme"

evidence := {
	"select, offered": ["select", {"offered": true}, {"/agreements/sla/offered"}, {condition}],
	"select, executed": ["select", {"offered": true, "executed": true}, {"/agreements/sla/executed"}, set()],
	"operate, executed": ["operate", {"offered": true, "executed": true}, {"/agreements/sla/executed"}, set()],
	"operate, not stated": ["operate", {"offered": true}, {"/agreements/sla/executed"}, set()],
}

test_evidence[name] if {
	some name, [stage, stated, reads, conditions] in evidence
	got := [sla.reads, sla.conditions] with input.workload.spec.stage as stage
		with input.offering as _offering(stated)
	got == [reads, conditions]
}

test_not_offered[stage] if {
	some stage in ["select", "operate"]
	got := sla.fail with input.workload.spec.stage as stage
		with input.offering as _offering({"offered": false})
	got == {{
		"message": "acme offers no service level agreement on plan team",
		"at": "/spec/requires/agreements",
		"facts": ["/agreements/sla/offered"],
	}}
}

test_not_executed if {
	got := sla.fail with input.workload.spec.stage as "operate"
		with input.offering as _offering({"offered": true, "executed": false})
	got == {{
		"message": "no service level agreement is part of our contract with acme",
		"at": "/spec/requires/agreements",
		"facts": ["/agreements/sla/executed"],
	}}
}

_offering(stated) := {"id": {"vendor": "acme", "plan": "team"}, "agreements": {"sla": stated}}

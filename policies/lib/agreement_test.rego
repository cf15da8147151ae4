package caveat.lib.agreement_test

import data.caveat.lib.agreement

cases := {
	"operating, executed": ["operate", {"executed": true}, true, false, "executed", set()],
	"operating, offered": ["operate", {"offered": true}, false, false, "executed", set()],
	"operating, not executed": ["operate", {"offered": true, "executed": false}, false, false, "executed", {"executed"}],
	"operating, not offered": ["operate", {"offered": false}, false, false, "executed", {"offered"}],
	"operating, neither": ["operate", {"offered": false, "executed": false}, false, false, "executed", {"offered", "executed"}],
	"operating, executed though not offered": ["operate", {"offered": false, "executed": true}, true, false, "executed", set()],
	"choosing, executed": ["select", {"executed": true}, true, false, "executed", set()],
	"choosing, offered": ["select", {"offered": true}, true, true, "offered", set()],
	"choosing, both": ["select", {"offered": true, "executed": true}, true, false, "executed", set()],
	"choosing, not executed": ["select", {"offered": true, "executed": false}, true, true, "offered", set()],
	"choosing, not offered": ["select", {"offered": false}, false, false, "offered", {"offered"}],
	"choosing, nothing": ["select", {}, false, false, "offered", set()],
	"words": ["select", {"offered": "no", "executed": "yes"}, false, false, "offered", set()],
}

test_cases[name] if {
	some name, [stage, terms, settled, pending, fact, denials] in cases
	got := [
		{1 | agreement.settled(terms)} == {1},
		{1 | agreement.pending(terms)} == {1},
		agreement.fact(terms),
		agreement.denials(terms),
		{1 | agreement.refused(terms)} == {1},
	] with input.workload.spec.stage as stage
	got == [settled, pending, fact, denials, "offered" in denials]
}

test_asked if agreement.asked("dpa") with input.workload.spec.requires.agreements as ["baa", "dpa"]

test_not_asked if not agreement.asked("scc") with input.workload.spec.requires.agreements as ["baa", "dpa"]

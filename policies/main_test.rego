package caveat.decision_test

import data.caveat.decision
import data.main

registry := {
	"good": {"family": "a", "name": "good", "title": "Good", "severity": "low", "evidence": "any", "at": "/spec", "question": "", "proved": "it is good"},
	"bad": {"family": "b", "name": "bad", "title": "Bad", "severity": "high", "evidence": "any", "at": "/spec", "question": "", "proved": ""},
}

controls := {
	"a": {"good": {"applies": true, "asked": true, "pass": true, "reads": {"/fact"}}},
	"b": {"bad": {"applies": true, "asked": true, "fail": {{"message": "it is bad", "at": "/spec/x", "facts": ["/fact"]}}}},
}

facts := {
	"workload": {"spec": {"stage": "select"}},
	"parameters": {"evidence": {"any": {"select": [{"kinds": ["documented"]}]}}},
	"offering": {
		"id": {"vendor": "acme", "product": "p", "plan": "p", "hosting": "managed", "region": "us"},
		"fact": true,
		"evidence": {"/fact": [{"kind": "documented"}]},
	},
}

good := {
	"control": "good", "status": "pass", "required": true, "severity": "low", "title": "Good",
	"message": "it is good", "at": "/spec", "facts": ["/fact"], "conditions": [],
}

bad := {
	"control": "bad", "status": "fail", "required": true, "severity": "high", "title": "Bad",
	"message": "it is bad", "at": "/spec/x", "facts": ["/fact"],
	"reasons": [{"message": "it is bad", "at": "/spec/x", "facts": ["/fact"]}],
}

test_findings if {
	got := [decision.findings, decision.verdict] with input as facts
		with data.caveat.registry as registry
		with data.caveat.controls as controls
	got == [{good, bad}, "fail"]
}

broken := {
	"gone": {},
	"a reason without a place": {"bad": {"applies": true, "fail": {{"message": "it is bad"}}}},
}

# Whatever is wrong with a control, there is a finding, and it is no pass.
test_broken[name] if {
	some name, family in broken
	got := [decision.findings, decision.verdict] with input as facts
		with data.caveat.registry as registry
		with data.caveat.controls as {"a": controls.a, "b": family}
	got == [
		{good, {
			"control": "bad", "status": "unknown", "required": true, "severity": "high", "title": "Bad",
			"message": "could not be decided: the control gave no finding",
			"at": "/spec", "facts": [], "missing": [],
		}},
		"review",
	]
}

_finding(control, required, status) := {"control": control, "required": required, "status": status, "message": "words"}

test_conftest if {
	got := [main.deny, main.warn] with data.caveat.decision.findings as {
		_finding("a", true, "fail"),
		_finding("b", true, "unknown"),
		_finding("c", true, "pass"),
		_finding("d", true, "not-applicable"),
		_finding("e", false, "fail"),
		_finding("f", false, "unknown"),
		_finding("g", false, "pass"),
	}
	got == [{"fail a: words", "unknown b: words"}, {"fail e: words", "unknown f: words"}]
}

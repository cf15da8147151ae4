package caveat.lib.status_test

import data.caveat.lib.status

registry := {"thing": {
	"title": "A thing",
	"severity": "medium",
	"evidence": "mixed",
	"at": "/spec/x",
	"question": "whether {vendor} has it in {product} on plan {plan}, {hosting}, {region}",
	"proved": "{vendor} has it in {product} on plan {plan}, {hosting}, {region}",
}}

question := "whether acme has it in functions on plan team, managed, us-east"

documented := {"id": "docs", "kind": "documented", "read": "2026-11-01", "published": "unknown"}

executed := {"id": "contract", "kind": "executed", "read": "unknown", "published": "unknown", "effective": "2026-01-01", "until": "open"}

bare := {
	"asOf": "2026-11-23",
	"workload": {"spec": {"stage": "select", "uses": [{"feature": "a"}, {"feature": "b", "data": ["phi"], "a/b": 1}]}},
	"parameters": {
		"must": [], "severity": {},
		"evidence": {
			"mixed": {
				"select": [{"kinds": ["executed"], "inForce": true}, {"kinds": ["documented", "contractual"], "maxAgeDays": 180}],
				"operate": [{"kinds": ["executed"], "inForce": true}],
			},
			"any": {"select": [{"kinds": ["documented", "marketing"]}], "operate": []},
			"audit": {"select": [{"kinds": ["audited"]}, {"kinds": ["documented"], "maxAgeDays": 30}]},
		},
	},
	"offering": {
		"id": {"vendor": "acme", "product": "functions", "plan": "team", "hosting": "managed", "region": "us-east"},
		"fact": true,
		"evidence": {"/fact": [documented]},
		"conflicts": [],
	},
}

proved := {"applies": true, "pass": true, "reads": {"/fact"}, "fail": set()}

reason := {"message": "it has none", "at": "/spec/y", "facts": ["/fact"]}

of_cases := {
	"proved": [proved, "pass"],
	"without fail at all": [object.remove(proved, ["fail"]), "pass"],
	"does not apply": [object.union(proved, {"applies": false}), "not-applicable"],
	"nobody says whether it applies": [object.remove(proved, ["applies"]), "not-applicable"],
	"applies in words": [object.union(proved, {"applies": "yes"}), "not-applicable"],
	"refused": [object.union(object.remove(proved, ["pass"]), {"fail": {reason}}), "fail"],
	"refused beside a proof": [object.union(proved, {"fail": {reason}}), "conflict"],
	"does not apply, refused": [{"applies": false, "fail": {reason}}, "not-applicable"],
	"not proved": [object.union(proved, {"pass": false}), "unknown"],
	"proof in words": [object.union(proved, {"pass": "yes"}), "unknown"],
	"no proof": [object.remove(proved, ["pass"]), "unknown"],
	"reads nothing": [object.union(proved, {"reads": set()}), "unknown"],
	"no reads": [object.remove(proved, ["reads"]), "unknown"],
	"reads what is not there": [object.union(proved, {"reads": {"/fact", "/other"}}), "unknown"],
	"something undeclared": [object.union(proved, {"undeclared": {{"at": "/spec/z", "message": "say it"}}}), "unknown"],
}

# On values alone, and with the sources: the same but for a proof beside a refusal.
test_of[name] if {
	some name, [control, want] in of_cases
	status.of(control) == want with input as bare
	finding := status.finding("thing", control) with input as bare with data.caveat.registry as registry
	finding.status == replace(want, "conflict", "fail")
	brief := status.brief("thing", control) with input as bare with data.caveat.registry as registry
	brief.status == finding.status
}

_head(more) := object.union({"control": "thing", "required": false, "severity": "medium", "title": "A thing"}, more)

findings := {
	"not applicable": [
		{"applies": false, "fail": {reason}, "reads": {"/fact"}},
		_head({"status": "not-applicable"}),
	],
	"pass": [
		object.union(proved, {"conditions": {"sign it", "ask"}}),
		_head({
			"status": "pass",
			"message": "acme has it in functions on plan team, managed, us-east",
			"at": "/spec/x",
			"facts": ["/fact"],
			"conditions": ["ask", "sign it"],
		}),
	],
	"pass without conditions": [
		object.union(proved, {"reads": {"/fact"}}),
		_head({
			"status": "pass",
			"message": "acme has it in functions on plan team, managed, us-east",
			"at": "/spec/x",
			"facts": ["/fact"],
			"conditions": [],
		}),
	],
	"fail": [
		{"applies": true, "fail": {
			{"message": "it is worse", "at": "/spec/w", "facts": ["/z", "/y"]},
			{"message": "it has none", "at": "/spec/y", "facts": ["/y"]},
		}},
		_head({
			"status": "fail",
			"message": "it is worse; it has none",
			"at": "/spec/w",
			"facts": ["/y", "/z"],
			"reasons": [
				{"message": "it is worse", "at": "/spec/w", "facts": ["/z", "/y"]},
				{"message": "it has none", "at": "/spec/y", "facts": ["/y"]},
			],
		}),
	],
	"something is missing": [
		object.union(proved, {"reads": {"/fact", "/other"}}),
		_head({
			"status": "unknown",
			"message": sprintf("no source says %s: ask the vendor", [question]),
			"at": "/spec/x",
			"facts": ["/fact"],
			"missing": [{"document": "acme", "pointer": "/other", "reason": "absent", "ask": "vendor"}],
		}),
	],
	"something is undeclared": [
		object.union(proved, {"undeclared": {{"at": "/spec/z", "message": "say it"}}}),
		_head({
			"status": "unknown",
			"message": "say it",
			"at": "/spec/x",
			"facts": ["/fact"],
			"missing": [{"document": "workload", "pointer": "/spec/z", "reason": "undeclared", "ask": "us"}],
		}),
	],
	"all is stated and proves nothing, in several documents": [
		{"applies": true, "reads": {"/fact", "/infrastructure/fact", "/workload/spec/stage"}},
		_head({
			"status": "unknown",
			"message": sprintf("what is stated does not settle %s", [question]),
			"at": "/spec/x",
			"facts": ["/fact", "/infrastructure/fact", "/workload/spec/stage"],
			"missing": [
				{"document": "acme", "pointer": "/fact", "reason": "absent", "ask": "vendor"},
				{"document": "nimbus", "pointer": "/infrastructure/fact", "reason": "absent", "ask": "vendor"},
				{"document": "workload", "pointer": "/workload/spec/stage", "reason": "absent", "ask": "vendor"},
			],
		}),
	],
	"all is stated and proves nothing": [
		object.remove(proved, ["pass"]),
		_head({
			"status": "unknown",
			"message": sprintf("what is stated does not settle %s", [question]),
			"at": "/spec/x",
			"facts": ["/fact"],
			"missing": [{"document": "acme", "pointer": "/fact", "reason": "absent", "ask": "vendor"}],
		}),
	],
}

test_finding[name] if {
	some name, [control, want] in findings
	got := status.finding("thing", control) with input as object.union(bare, cloud)
		with data.caveat.registry as registry
	got == want
}

# What a control says of a workload that it does not concern is nobody's gap.
test_no_gap_where_it_does_not_apply if {
	got := status.brief("thing", {"applies": false, "pass": true, "reads": {"/other"}}) with input as bare
		with data.caveat.registry as registry
	got.status == "not-applicable"
}

test_brief if {
	got := status.brief("thing", object.union(proved, {"conditions": {"sign it", "ask"}, "asked": true})) with input as bare
		with data.caveat.registry as registry
	got == {"status": "pass", "required": true, "facts": ["/fact"], "conditions": ["ask", "sign it"]}
}

test_brief_without_conditions if {
	got := status.brief("thing", object.union(proved, {"reads": {"/fact", "/other"}})) with input as bare
		with data.caveat.registry as registry
	got == {"status": "unknown", "required": false, "facts": ["/fact", "/other"], "conditions": []}
}

# What the offering is not said to be has no word in the message.
test_message_without_a_name if {
	named := object.union(object.remove(bare.offering, ["id"]), {"id": {"vendor": "acme", "product": "functions", "plan": "team"}})
	finding := status.finding("thing", proved) with input as object.union(object.remove(bare, ["offering"]), {"offering": named})
		with data.caveat.registry as {"thing": object.union(registry.thing, {"proved": "{vendor}:{region}:{hosting}:{plan}"})}
	finding.message == "acme:::team"
}

required := {
	"asked": [{"asked": true}, [], true],
	"not asked": [{"asked": false}, [], false],
	"asked in words": [{"asked": "yes"}, [], false],
	"nobody asks": [{}, ["other"], false],
	"must": [{}, ["other", "thing"], true],
	"must, not asked": [{"asked": false}, ["thing"], true],
	"must and asked": [{"asked": true}, ["thing"], true],
}

test_required[name] if {
	some name, [asked, must, want] in required
	finding := status.finding("thing", object.union(proved, asked)) with input as object.union(bare, {"parameters": {"must": must}})
		with data.caveat.registry as registry
	finding.required == want
}

test_severity_of_a_profile if {
	finding := status.finding("thing", proved) with input as object.union(bare, {"parameters": {"severity": {"thing": "low"}}})
		with data.caveat.registry as registry
	finding.severity == "low"
}

_source(kind, dates) := object.union({"id": "s", "kind": kind, "read": "unknown", "published": "unknown"}, dates)

_only(source) := sprintf("only a %s source says %s; to select it must be contractual or documented or executed", [source, question])

# One source of the fact, and what keeps it from carrying the proof: nothing, or
# why, whom to ask and in which words.
sources := {
	"read today": [_source("documented", {"read": "2026-11-23"}), []],
	"read as long ago as accepted": [_source("documented", {"read": "2026-05-27"}), []],
	"read longer ago": [
		_source("documented", {"read": "2026-05-26"}),
		["stale", "catalog", "source s was last read on 2026-05-26; at most 180 days old is accepted"],
	],
	"read tomorrow": [
		_source("documented", {"read": "2026-11-24"}),
		["stale", "catalog", "source s was read on 2026-11-24, after the day of the decision"],
	],
	"published": [_source("contractual", {"published": "2026-11-01"}), []],
	"read long ago, published since": [
		_source("contractual", {"read": "2025-11-01", "published": "2026-11-01"}),
		["stale", "catalog", "source s was last read on 2025-11-01; at most 180 days old is accepted"],
	],
	"published long ago": [
		_source("contractual", {"published": "2025-11-01"}),
		["stale", "catalog", "source s was last read on 2025-11-01; at most 180 days old is accepted"],
	],
	"read, published long ago": [_source("contractual", {"read": "2026-11-01", "published": "2024-11-01"}), []],
	"no date": [_source("documented", {}), ["undated", "catalog", "source s carries no date"]],
	"no word on dates": [{"id": "s", "kind": "documented"}, ["undated", "catalog", "source s carries no date"]],
	"date is a year": [_source("documented", {"read": 2026}), ["undated", "catalog", "source s carries no date"]],
	"date with a time": [_source("documented", {"read": "2026-11-01T10:00:00Z"}), ["undated", "catalog", "source s carries no date"]],
	"date in words": [_source("documented", {"read": "about 2026-11-01"}), ["undated", "catalog", "source s carries no date"]],
	"another kind": [_source("marketing", {"read": "2026-11-23"}), ["kind", "vendor", _only("marketing")]],
	"another kind, read tomorrow": [_source("marketing", {"read": "2026-11-24"}), ["kind", "vendor", _only("marketing")]],
	"a kind nobody knows": [_source("hearsay", {"read": "2026-11-23"}), ["kind", "vendor", _only("nameless")]],
	"in force": [_source("executed", {"effective": "2026-01-01", "until": "2026-12-31"}), []],
	"from today": [_source("executed", {"effective": "2026-11-23", "until": "open"}), []],
	"until today": [_source("executed", {"effective": "2026-01-01", "until": "2026-11-23"}), []],
	"from tomorrow": [
		_source("executed", {"effective": "2026-11-24", "until": "open"}),
		["stale", "catalog", "source s is not in force on 2026-11-23"],
	],
	"until yesterday": [
		_source("executed", {"effective": "2026-01-01", "until": "2026-11-22"}),
		["stale", "catalog", "source s is not in force on 2026-11-23"],
	],
	"until nobody knows when": [
		_source("executed", {"effective": "2026-01-01", "until": "unknown"}),
		["stale", "catalog", "source s is not in force on 2026-11-23"],
	],
	"no end": [
		_source("executed", {"effective": "2026-01-01"}),
		["undated", "catalog", "source s carries no date"],
	],
	"no start": [_source("executed", {"until": "2026-12-31"}), ["undated", "catalog", "source s carries no date"]],
	"start unknown": [_source("executed", {"effective": "unknown", "until": "open"}), ["undated", "catalog", "source s carries no date"]],
	"start is a year": [_source("executed", {"effective": 2026, "until": "open"}), ["undated", "catalog", "source s carries no date"]],
	"a day of reading is no start": [
		_source("executed", {"read": "2026-11-01", "until": "open"}),
		["undated", "catalog", "source s carries no date"],
	],
	"a start is no day of reading": [
		_source("documented", {"effective": "2026-01-01", "until": "open"}),
		["undated", "catalog", "source s carries no date"],
	],
	"read, until yesterday": [
		_source("executed", {"read": "2026-11-01", "effective": "2026-01-01", "until": "2026-11-22"}),
		["stale", "catalog", "source s is not in force on 2026-11-23"],
	],
	"in force of another kind": [_source("third-party", {"effective": "2026-01-01", "until": "open"}), ["kind", "vendor", _only("third-party")]],
}

_missing([]) := []

_missing([why, ask, _]) := [{"document": "acme", "pointer": "/fact", "reason": why, "ask": ask}]

test_source[name] if {
	some name, [source, why] in sources
	finding := status.finding("thing", proved) with input as object.union(bare, {"offering": {"evidence": {"/fact": [source]}}})
		with data.caveat.registry as registry
	object.get(finding, "missing", []) == _missing(why)
	finding.message == _message(why)
}

_message([]) := "acme has it in functions on plan team, managed, us-east"

_message([_, _, message]) := message

_documented(id, day) := object.union(documented, {"id": id, "read": day})

# Of several sources one is enough; else the one that comes nearest is named.
several := {
	"one is enough": [[_source("marketing", {}), documented], "pass", ""],
	"the other is enough": [[documented, _source("marketing", {})], "pass", ""],
	"undated before a nearer kind": [[_source("audited", {}), _documented("a", "unknown")], "unknown", "source a carries no date"],
	"agreements, one of them read": [
		[
			_source("executed", {"id": "b", "effective": "2026-01-01", "until": "2026-02-01"}),
			_source("executed", {"id": "a", "effective": "2026-01-01", "until": "2026-02-01", "read": "2026-11-22"}),
		],
		"unknown", "source b is not in force",
	],
	"stale before undated": [[_documented("a", "unknown"), _documented("b", "2025-01-01")], "unknown", "source b was last read on 2025-01-01"],
	"undated before another kind": [[_source("marketing", {}), _documented("a", "unknown")], "unknown", "source a carries no date"],
	"the newest": [[_documented("a", "2025-01-01"), _documented("b", "2025-02-01")], "unknown", "source b was last read on 2025-02-01"],
	"the newest, the other way round": [
		[_documented("b", "2025-01-01"), _documented("a", "2025-02-01")],
		"unknown", "source a was last read on 2025-02-01",
	],
	"the vendor's contract": [
		[_documented("a", "2025-02-01"), object.union(_documented("b", "2025-01-01"), {"kind": "contractual"})],
		"unknown", "source b was last read on 2025-01-01",
	],
}

test_several[name] if {
	some name, [list, want, words] in several
	finding := status.finding("thing", proved) with input as object.union(bare, {"offering": {"evidence": {"/fact": list}}})
		with data.caveat.registry as registry
	finding.status == want
	[words | startswith(finding.message, words)] == [words]
}

# Which of several kinds that do not count is named, though the others are newer.
kinds := ["audited", "measured", "self-attested", "transcribed", "marketing", "third-party"]

test_nearest_kind[kind] if {
	some i, kind in kinds
	list := [_source(other, {"read": sprintf("2026-0%d-01", [j + 1])}) | some j, other in kinds; j >= i]
	finding := status.finding("thing", proved) with input as object.union(bare, {"offering": {"evidence": {"/fact": list}}})
		with data.caveat.registry as registry
	finding.message == _only(kind)
}

# An executed and an audited document are as good as each other, and so are what
# is documented and what is measured: the newer one is named.
test_equal_kinds[name] if {
	some name, [a, b, class] in {
		"ours": ["executed", "audited", "any"],
		"theirs": ["documented", "measured", "audits"],
	}
	every pair in [[a, b], [b, a]] {
		finding := status.finding("thing", proved) with input as object.union(bare, {
			"parameters": {"evidence": {
				"any": {"select": [{"kinds": ["other"]}]},
				"audits": {"select": [{"kinds": ["other"]}]},
			}},
			"offering": {"evidence": {"/fact": [
				_source(pair[0], {"read": "2026-02-01"}),
				_source(pair[1], {"read": "2026-01-01"}),
			]}},
		})
			with data.caveat.registry as {"thing": object.union(registry.thing, {"evidence": class})}
		startswith(finding.message, sprintf("only a %s source says", [pair[0]]))
	}
}

# Without a limit on age, no date is needed.
test_any_age[name] if {
	some name, dates in {"none": {}, "old": {"read": "2020-01-01"}, "today": {"read": "2026-11-23"}}
	finding := status.finding("thing", proved) with input as object.union(bare, {"offering": {"evidence": {"/fact": [_source("marketing", dates)]}}})
		with data.caveat.registry as {"thing": object.union(registry.thing, {"evidence": "any"})}
	finding.status == "pass"
}

# What was read after the day of the decision could not have been known on it.
test_to_come if {
	finding := status.finding("thing", proved) with input as object.union(bare, {"offering": {"evidence": {"/fact": [_source("marketing", {"read": "2030-01-01"})]}}})
		with data.caveat.registry as {"thing": object.union(registry.thing, {"evidence": "any"})}
	finding.status == "unknown"
	finding.message == "source s was read on 2030-01-01, after the day of the decision"
}

# The limit that is named is that of the rules for the source's kind.
test_limit if {
	finding := status.finding("thing", proved) with input as object.union(bare, {
		"parameters": {"evidence": {"mixed": {"select": [
			{"kinds": ["documented"], "maxAgeDays": 10},
			{"kinds": ["documented", "measured"], "maxAgeDays": 20},
			{"kinds": ["contractual"], "maxAgeDays": 365},
		]}}},
		"offering": {"evidence": {"/fact": [_source("documented", {"read": "2026-01-01"})]}},
	})
		with data.caveat.registry as registry
	finding.message == "source s was last read on 2026-01-01; at most 20 days old is accepted"
}

test_limit_of_a_day[day] if {
	some day, want in {"2026-11-22": "pass", "2026-11-21": "unknown"}
	finding := status.finding("thing", proved) with input as object.union(bare, {
		"parameters": {"evidence": {"mixed": {"select": [{"kinds": ["documented"], "maxAgeDays": 1}]}}},
		"offering": {"evidence": {"/fact": [_source("documented", {"read": day})]}},
	})
		with data.caveat.registry as registry
	finding.status == want
	finding.message in {
		"acme has it in functions on plan team, managed, us-east",
		"source s was last read on 2026-11-21; at most 1 days old is accepted",
	}
}

# A kind that one rule takes undated and another dated is accepted undated.
test_rules_are_alternatives if {
	finding := status.finding("thing", proved) with input as object.union(bare, {
		"parameters": {"evidence": {"mixed": {"select": [
			{"kinds": ["documented"], "maxAgeDays": 10},
			{"kinds": ["documented"]},
		]}}},
		"offering": {"evidence": {"/fact": [_source("documented", {"read": "2020-01-01"})]}},
	})
		with data.caveat.registry as registry
	finding.status == "pass"
}

# A rule may want both an age and a term.
both := {
	"both": [{"read": "2026-11-01", "effective": "2026-01-01", "until": "open"}, "pass"],
	"old": [{"read": "2026-01-01", "effective": "2026-01-01", "until": "open"}, "unknown"],
	"over": [{"read": "2026-11-01", "effective": "2026-01-01", "until": "2026-10-31"}, "unknown"],
}

test_both[name] if {
	some name, [dates, want] in both
	finding := status.finding("thing", proved) with input as object.union(bare, {
		"parameters": {"evidence": {"mixed": {"select": [{"kinds": ["executed"], "maxAgeDays": 90, "inForce": true}]}}},
		"offering": {"evidence": {"/fact": [_source("executed", dates)]}},
	})
		with data.caveat.registry as registry
	finding.status == want
}

# What we operate needs an agreement of ours: only we can say, not the vendor.
operating := {
	"documented": [{"offering": {"evidence": {"/fact": [documented]}}}, [{
		"reason": "kind", "ask": "us",
		"message": sprintf("only a documented source says %s; to operate it must be executed", [question]),
	}]],
	"executed": [{"offering": {"evidence": {"/fact": [executed]}}}, []],
	"no source": [{"offering": {"evidence": {"/fact": []}}}, [{
		"reason": "kind", "ask": "us",
		"message": sprintf("only a nameless source says %s; to operate it must be executed", [question]),
	}]],
	"not stated": [{"offering": {"fact": "unknown"}}, [{
		"reason": "absent", "ask": "us",
		"message": sprintf("no agreement of ours says %s: give the account that records it", [question]),
	}]],
	"null": [{"offering": {"fact": null}}, [{
		"reason": "absent", "ask": "us",
		"message": sprintf("no agreement of ours says %s: give the account that records it", [question]),
	}]],
	"contradictory": [{"offering": {"fact": null, "conflicts": ["/fact"]}}, [{
		"reason": "conflict", "ask": "catalog",
		"message": sprintf("sources contradict each other on %s", [question]),
	}]],
}

test_operating[name] if {
	some name, [more, want] in operating
	finding := status.finding("thing", proved) with input as object.union(
		object.union(bare, {"workload": {"spec": {"stage": "operate"}}}),
		more,
	)
		with data.caveat.registry as registry
	got := [{"reason": gap.reason, "ask": gap.ask, "message": finding.message} | some gap in object.get(finding, "missing", [])]
	got == want
}

# A fact is as good as the claim at it or nearest above it.
test_evidence_above if {
	finding := status.finding("thing", object.union(proved, {"reads": {"/a/b/c"}})) with input as object.union(bare, {"offering": {
		"a": {"b": {"c": 1}},
		"evidence": {"/a": [_source("marketing", {})], "/a/b": [documented], "/a/b/cc": [_source("marketing", {})]},
	}})
		with data.caveat.registry as registry
	finding.status == "pass"
}

test_evidence_above_all if {
	finding := status.finding("thing", object.union(proved, {"reads": {"/a/b"}})) with input as object.union(bare, {"offering": {
		"a": {"b": 1},
		"evidence": {"/a": [documented]},
	}})
		with data.caveat.registry as registry
	finding.status == "pass"
}

test_evidence_below_or_beside[name] if {
	some name, at in {"below": "/a/b/c", "beside": "/a/bb", "half": "/a/", "whole": "", "slash": "/"}
	finding := status.finding("thing", object.union(proved, {"reads": {"/a/b"}})) with input as object.union(bare, {"offering": {
		"a": {"b": {"c": 1}},
		"evidence": {at: [documented]},
	}})
		with data.caveat.registry as registry
	[finding.status, finding.missing[0].reason] == ["unknown", "kind"]
}

# A contradiction at or above a fact hides it.
conflicts := {"at": ["/a/b", "conflict"], "above": ["/a", "conflict"], "below": ["/a/b/c", "absent"], "beside": ["/a/", "absent"], "like it": ["/a/bc", "absent"], "half": ["/a/b/", "absent"]}

test_conflicts[name] if {
	some name, [at, want] in conflicts
	finding := status.finding("thing", object.union(proved, {"reads": {"/a/b"}})) with input as object.union(bare, {"offering": {"conflicts": ["/z", at]}})
		with data.caveat.registry as registry
	finding.missing[0].reason == want
}

# Pointers lead through names of any kind, and into lists of the manifest alone.
pointers := {
	"/a~1b/c~0d": {"a/b": {"c~d": true}},
	"/a~01b": {"a~1b": true},
	"/a/0": {"a": {"0": true}},
	"/a~1b/0": {"a/b": {"0": true}},
}

test_pointers[pointer] if {
	some pointer, offering in pointers
	finding := status.finding("thing", object.union(proved, {"reads": {pointer}})) with input as object.union(bare, {"offering": object.union(
		offering,
		{"evidence": {pointer: [documented]}},
	)})
		with data.caveat.registry as registry
	finding.status == "pass"
}

test_pointers_to_nothing[pointer] if {
	some pointer in ["/a~1b", "/a~1b/c~0d", "/a/b", "/fact/b"]
	finding := status.finding("thing", object.union(proved, {"reads": {pointer}})) with input as bare
		with data.caveat.registry as registry
	finding.missing[0].reason == "absent"
}

manifest := {
	"/workload/spec/uses/1/data": ["pass", []],
	"/workload/spec/uses/1/data/0": ["pass", []],
	"/workload/spec/stage": ["pass", []],
	"/workload/spec/uses/0/data": ["unknown", ["undeclared"]],
	"/workload/spec/uses/2": ["unknown", ["undeclared"]],
	"/workload/spec/uses/x1": ["unknown", ["undeclared"]],
	"/workload/spec/uses/1x": ["unknown", ["undeclared"]],
	"/workload/metadata/labels/a~1b": ["pass", []],
	"/workload/spec/uses/1/a~1b": ["pass", []],
}

test_manifest[pointer] if {
	some pointer, [want, reasons] in manifest
	finding := status.finding("thing", object.union(proved, {"reads": {pointer}})) with input as object.union(bare, {
		"workload": {"metadata": {"labels": {"a/b": "c"}}},
		"offering": {"evidence": {}},
	})
		with data.caveat.registry as registry
	finding.status == want
	object.get(finding, "missing", []) == [{"document": "workload", "pointer": pointer, "reason": reason, "ask": "us"} | some reason in reasons]
}

undeclared := {
	"asks by the question": [registry.thing, sprintf("the manifest does not say %s", [question])],
	"asks in its own words": [
		object.union(registry.thing, {"undeclared": "how it is at {vendor}"}),
		"the manifest does not say how it is at acme",
	],
}

test_undeclared[name] if {
	some name, [entry, want] in undeclared
	finding := status.finding("thing", object.union(proved, {"reads": {"/workload/spec/model"}})) with input as bare
		with data.caveat.registry as {"thing": entry}
	finding.message == want
}

cloud := {"infrastructure": {
	"id": {"vendor": "nimbus"},
	"fact": true,
	"evidence": {"/fact": [documented]},
	"conflicts": ["/torn"],
}}

infrastructure := {
	"/infrastructure/fact": ["pass", []],
	"/infrastructure/other": ["unknown", [["absent", "vendor"]]],
	"/infrastructure/torn": ["unknown", [["conflict", "catalog"]]],
	"/infrastructure/torn/apart": ["unknown", [["conflict", "catalog"]]],
}

# The offering says otherwise in all of it.
test_infrastructure[pointer] if {
	some pointer, [want, gaps] in infrastructure
	finding := status.finding("thing", object.union(proved, {"reads": {pointer}})) with input as object.union(
		object.union(bare, cloud),
		{"offering": {
			"other": true,
			"evidence": {"/other": [documented], "/fact": []},
			"conflicts": ["/other"],
		}},
	)
		with data.caveat.registry as registry
	finding.status == want
	object.get(finding, "missing", []) == [{"document": "nimbus", "pointer": pointer, "reason": reason, "ask": ask} | some [reason, ask] in gaps]
}

# The cloud says otherwise in all of it.
test_offering_beside_infrastructure if {
	finding := status.finding("thing", object.union(proved, {"reads": {"/fact", "/gone"}})) with input as object.union(bare, {"infrastructure": {
		"id": {"vendor": "nimbus"},
		"gone": true,
		"evidence": {"/fact": [], "/gone": [documented]},
		"conflicts": ["/gone"],
	}})
		with data.caveat.registry as registry
	finding.missing == [{"document": "acme", "pointer": "/gone", "reason": "absent", "ask": "vendor"}]
}

# Everything that is missing is said once, in order.
test_several_missing if {
	finding := status.finding("thing", object.union(proved, {
		"reads": {"/fact", "/z", "/a", "/torn"},
		"undeclared": {{"at": "/spec/z", "message": "say it"}},
	})) with input as object.union(bare, {"offering": {"conflicts": ["/torn"]}})
		with data.caveat.registry as registry
	finding.message == concat("; ", [
		sprintf("no source says %s: ask the vendor", [question]),
		"say it",
		sprintf("sources contradict each other on %s", [question]),
	])
	[gap.pointer | some gap in finding.missing] == ["/torn", "/spec/z", "/a", "/z"]
	finding.facts == ["/fact"]
}

verdicts := {
	"all pass": [[[true, "pass"], [true, "not-applicable"], [true, "waived"]], "pass"],
	"one fails": [[[true, "unknown"], [true, "fail"], [true, "pass"]], "fail"],
	"one is unknown": [[[true, "pass"], [true, "unknown"]], "review"],
	"one has no status that we know": [[[true, "pass"], [true, "fine"]], "review"],
	"advice fails": [[[true, "pass"], [false, "fail"], [false, "unknown"]], "pass"],
	"advice alone": [[[false, "pass"]], "pass"],
	"nothing": [[], "review"],
}

test_verdict[name] if {
	some name, [list, want] in verdicts
	got := status.verdict({{"control": sprintf("c%d", [i]), "required": required, "status": result} |
		some i, [required, result] in list
	})
	got == want
}

days := {
	"the same day": ["2026-11-23", "2026-11-23", 0],
	"the next": ["2026-11-23", "2026-11-24", 1],
	"the day before": ["2026-11-23", "2026-11-22", -1],
	"over a leap day": ["2024-02-28", "2024-03-01", 2],
	"a year": ["2025-11-23", "2026-11-23", 365],
}

test_days[name] if {
	some name, [from, to, want] in days
	status.days(from, to) == want
}

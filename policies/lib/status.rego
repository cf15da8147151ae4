# METADATA
# title: The status of a control
# description: |
#   The one rule that turns what a control proves into a status. Any reason to
#   fail fails. A proof passes only when every fact it rests on is stated by a
#   source of an accepted kind and age. What is left over is unknown, with what
#   is missing. The engine evaluates this same rule, so a stock OPA with the
#   exported policies reaches the same findings.
package caveat.lib.status

import data.caveat.registry

# METADATA
# description: |
#   The status of a control on values alone, for unit tests of controls. Unlike
#   finding it does not ask for sources, and a pass beside a fail is a conflict,
#   so that a wrong pass cannot hide behind a fail.
of(control) := "not-applicable" if {
	not _applies(control)
} else := "conflict" if {
	_proved(control)
	count(object.get(control, "fail", set())) > 0
} else := "fail" if {
	count(object.get(control, "fail", set())) > 0
} else := "pass" if {
	_proved(control)
	_reads(control) != set()
	_undeclared(control) == set()
	every pointer in _reads(control) { _stated(pointer) }
} else := "unknown"

# METADATA
# description: |
#   The finding of the control with this id: what the report prints, without
#   positions, which only the engine knows. Pointers in `facts` and `missing`
#   start with /infrastructure for the infrastructure provider and with
#   /workload for the manifest, and are of the offering otherwise.
finding(id, control) := object.union(
	{
		"control": id,
		"status": status,
		"required": _required(id, control),
		"severity": _severity(id),
		"title": registry[id].title,
	},
	_detail(id, control, status, missing),
) if {
	missing := _missing(id, control)
	status := _status(id, control)
}

# METADATA
# description: |
#   What a finding comes to, without its words: the status, whether it is
#   required and, for a pass, what it rests on and under which conditions.
brief(id, control) := {
	"status": status,
	"required": _required(id, control),
	"facts": sort(_reads(control)),
	"conditions": sort(object.get(control, "conditions", set())),
} if {
	status := _status(id, control)
}

# METADATA
# description: The verdict that the required findings of one offering add up to.
verdict(findings) := "fail" if {
	some finding in findings
	finding.required
	finding.status == "fail"
} else := "review" if {
	some finding in findings
	finding.required
	not finding.status in {"pass", "not-applicable", "waived"}
} else := "pass" if {
	count(findings) > 0
} else := "review"

_missing(id, control) := {entry |
	_applies(control)
	some pointer in _reads(control)
	some entry in _gap(id, pointer)
} | {entry |
	some gap in _undeclared(control)
	entry := {"document": "workload", "pointer": gap.at, "reason": "undeclared", "ask": "us", "message": gap.message}
}

# A pass is proved from what there is: every read is shown to be stated and
# supported. That no gap was found would prove nothing.
_status(id, control) := "not-applicable" if {
	not _applies(control)
} else := "fail" if {
	count(object.get(control, "fail", set())) > 0
} else := "pass" if {
	_proved(control)
	_reads(control) != set()
	_undeclared(control) == set()
	every pointer in _reads(control) { _resolved(id, pointer) }
} else := "unknown"

_resolved(_, pointer) if {
	startswith(pointer, "/workload/")
	_stated(pointer)
}

_resolved(id, pointer) if {
	_stated(pointer)
	_supported(id, pointer)
}

_applies(control) if control.applies == true

_proved(control) if control.pass == true

_reads(control) := object.get(control, "reads", set())

# What the manifest leaves out, beyond absent values: {"at", "message"} each.
_undeclared(control) := object.get(control, "undeclared", set())

# Required: the manifest asks for it, or a profile says must.
default _required(_, _) := false

_required(_, control) if control.asked == true

_required(id, _) if id in input.parameters.must

_severity(id) := input.parameters.severity[id]

_severity(id) := registry[id].severity if not input.parameters.severity[id]

_detail(_, _, "not-applicable", _) := {}

_detail(id, control, "pass", _) := {
	"message": _fill(registry[id].proved),
	"at": registry[id].at,
	"facts": sort(_reads(control)),
	"conditions": sort(object.get(control, "conditions", set())),
}

_detail(_, control, "fail", _) := {
	"message": concat("; ", [reason.message | some reason in reasons]),
	"at": reasons[0].at,
	"facts": sort({pointer | some reason in reasons; some pointer in reason.facts}),
	"reasons": reasons,
} if {
	reasons := sort(control.fail)
}

_detail(id, control, "unknown", missing) := {
	"message": concat("; ", sort({_words(id, entry) | some entry in missing})),
	"at": registry[id].at,
	"facts": sort({pointer | some pointer in _reads(control); _stated(pointer)}),
	"missing": sort({_public(entry) | some entry in missing}),
} if {
	missing != set()
}

# Everything is stated and accepted, and still the proof does not hold: a value
# that is neither yes nor no.
_detail(id, control, "unknown", set()) := {
	"message": sprintf("what is stated does not settle %s", [_fill(registry[id].question)]),
	"at": registry[id].at,
	"facts": sort(_reads(control)),
	"missing": [{"document": _document(pointer), "pointer": pointer, "reason": "absent", "ask": "vendor"} |
		some pointer in sort(_reads(control))
	],
}

_public(entry) := object.remove(entry, ["source", "limit", "message"])

# What keeps a read from carrying a proof: one entry, or nothing at all.
_gap(_, pointer) := {{"document": _document(pointer), "pointer": pointer, "reason": "undeclared", "ask": "us"}} if {
	startswith(pointer, "/workload/")
	not _stated(pointer)
}

_gap(id, pointer) := {{"document": _document(pointer), "pointer": pointer, "reason": reason, "ask": _asked_of(id, reason)}} if {
	not startswith(pointer, "/workload/")
	not _stated(pointer)
	reason := _absence(pointer)
}

_gap(id, pointer) := {{
	"document": _document(pointer), "pointer": pointer,
	"reason": reason, "ask": _asked_of_source(id, reason),
	"source": source, "limit": limit,
}} if {
	not startswith(pointer, "/workload/")
	_stated(pointer)
	not _supported(id, pointer)
	[_, _, _, reason, limit, source] := min({[_order[why], _nearness[source.kind], _age(source), why, bound, source] |
		some source in _sources(pointer)
		[why, bound] := _refusal(id, source)
	} | {[9, 9, 0, "kind", 0, {}]})
}

_supported(id, pointer) if {
	some source in _sources(pointer)
	some rule in _accepted(id)
	_accepts(rule, source)
}

_order := {"stale": 1, "undated": 2, "kind": 3}

# Which of several sources to name: the one nearest to the vendor's own word.
_nearness := {
	"executed": 1, "audited": 1, "contractual": 2, "documented": 3, "measured": 3,
	"self-attested": 4, "transcribed": 5, "marketing": 6, "third-party": 7,
}

# Days since a source was read, for naming the newest one.
default _age(_) := 0

_age(source) := _days(_date(source), input.asOf)

# Why a source is not accepted: the nearest miss among the rules for its kind.
# One without limits is none of these: it would have accepted the source.
_refusal(id, source) := ["kind", 0] if {
	every rule in _accepted(id) { not source.kind in rule.kinds }
} else := ["stale", 0] if {
	_later(source)
} else := ["undated", 0] if {
	some rule in _accepted(id)
	source.kind in rule.kinds
	not _dated(rule, source)
} else := ["stale", max({0} | {rule.maxAgeDays |
	some rule in _accepted(id)
	source.kind in rule.kinds
})]

_dated(rule, source) if {
	rule.maxAgeDays
	_date(source)
}

_dated(rule, source) if {
	rule.inForce
	_is_date(source.effective)
	source.until
}

_accepts(rule, source) if {
	source.kind in rule.kinds
	_fresh(rule, source)
	_in_force(rule, source)
}

_fresh(rule, source) if {
	not rule.maxAgeDays
	not _later(source)
}

# Read after the day of the decision: nobody could have known it.
_later(source) if _date(source) > input.asOf

_fresh(rule, source) if {
	age := _days(_date(source), input.asOf)
	age >= 0
	age <= rule.maxAgeDays
}

_in_force(rule, _) if not rule.inForce

_in_force(_, source) if {
	_is_date(source.effective)
	source.effective <= input.asOf
	_not_over(source.until)
}

_not_over("open")

_not_over(day) if {
	_is_date(day)
	day >= input.asOf
}

# The date by which a source is as old as it is: when it was read, else when it
# was published.
_date(source) := source.read if {
	_is_date(source.read)
} else := source.published if {
	_is_date(source.published)
}

_is_date(day) if {
	is_string(day)
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, day)
}

# METADATA
# description: Whole days from one ISO date to another.
days(from, to) := _days(from, to)

_days(from, to) := (time.parse_ns("2006-01-02", to) - time.parse_ns("2006-01-02", from)) / 86400000000000

_accepted(id) := input.parameters.evidence[registry[id].evidence][input.workload.spec.stage]

# A pointer is stated when a value stands there and does not say unknown.
_stated(pointer) if {
	value := _value(pointer)
	value != "unknown"
	value != null
}

_value(pointer) := object.get(input, _path(pointer), null) if {
	_prefixed(pointer)
}

_value(pointer) := object.get(input.offering, _path(pointer), null) if {
	not _prefixed(pointer)
}

_prefixed(pointer) if startswith(pointer, "/workload/")

_prefixed(pointer) if startswith(pointer, "/infrastructure/")

# Parts of a pointer as object.get takes them. Most pointers have no escapes,
# and only those into the manifest lead through lists.
_path(pointer) := array.slice(split(pointer, "/"), 1, 1000) if {
	not contains(pointer, "~")
	not startswith(pointer, "/workload/")
}

_path(pointer) := [_unescaped(step) | some step in array.slice(split(pointer, "/"), 1, 1000)] if {
	contains(pointer, "~")
	not startswith(pointer, "/workload/")
}

_path(pointer) := [_index(_unescaped(step)) | some step in array.slice(split(pointer, "/"), 1, 1000)] if {
	startswith(pointer, "/workload/")
}

_unescaped(step) := replace(replace(step, "~1", "/"), "~0", "~")

_index(part) := to_number(part) if regex.match(`^[0-9]+$`, part)

_index(part) := part if not regex.match(`^[0-9]+$`, part)

# The sources behind a pointer: those of the fact at it or nearest above it.
_sources(pointer) := _evidence(pointer)[_nearest(pointer)]

_nearest(pointer) := max({key |
	parts := split(_local(pointer), "/")
	some n in numbers.range(2, count(parts))
	key := concat("/", array.slice(parts, 0, n))
	_evidence(pointer)[key]
})

_at_or_above(key, pointer) if key == pointer

_at_or_above(key, pointer) if startswith(pointer, concat("", [key, "/"]))

_evidence(pointer) := input.infrastructure.evidence if {
	startswith(pointer, "/infrastructure/")
}

_evidence(pointer) := input.offering.evidence if {
	not startswith(pointer, "/infrastructure/")
}

_local(pointer) := trim_prefix(pointer, "/infrastructure")

_absence(pointer) := "conflict" if {
	some conflict in _side(pointer).conflicts
	_at_or_above(conflict, _local(pointer))
} else := "absent"

_side(pointer) := input.infrastructure if {
	startswith(pointer, "/infrastructure/")
}

_side(pointer) := input.offering if {
	not startswith(pointer, "/infrastructure/")
}

_document(pointer) := "workload" if {
	startswith(pointer, "/workload/")
} else := input.infrastructure.id.vendor if {
	startswith(pointer, "/infrastructure/")
} else := input.offering.id.vendor

# What nobody states is the vendor's to say, unless only an agreement of ours
# could say it.
_asked_of(_, "conflict") := "catalog"

_asked_of(id, "absent") := "us" if _ours(id)

_asked_of(id, "absent") := "vendor" if not _ours(id)

_ours(id) if {
	every rule in _accepted(id) { rule.kinds == ["executed"] }
}

# Stale and undated facts are read anew by whoever keeps the catalog. A fact of
# another kind needs a document: ours where only an executed one counts, else
# the vendor's.
_asked_of_source(id, "kind") := "us" if _ours(id)

_asked_of_source(id, "kind") := "vendor" if not _ours(id)

_asked_of_source(_, reason) := "catalog" if reason != "kind"

_words(id, entry) := sprintf("no source says %s: ask the vendor", [_fill(registry[id].question)]) if {
	entry.reason == "absent"
	entry.ask == "vendor"
}

_words(id, entry) := sprintf("no agreement of ours says %s: give the account that records it", [_fill(registry[id].question)]) if {
	entry.reason == "absent"
	entry.ask == "us"
}

_words(id, entry) := sprintf("sources contradict each other on %s", [_fill(registry[id].question)]) if {
	entry.reason == "conflict"
}

_words(id, entry) := sprintf("the manifest does not say %s", [_fill(object.get(registry[id], "undeclared", registry[id].question))]) if {
	entry.reason == "undeclared"
	not entry.message
}

_words(_, entry) := entry.message

_words(_, entry) := sprintf("%s was last read on %s; at most %v days old is accepted", [_source_name(entry.source), _date(entry.source), entry.limit]) if {
	entry.limit > 0
}

_words(_, entry) := sprintf("%s is not in force on %s", [_source_name(entry.source), input.asOf]) if {
	entry.reason == "stale"
	entry.limit == 0
	not _later(entry.source)
}

_words(_, entry) := sprintf("%s was read on %s, after the day of the decision", [_source_name(entry.source), _date(entry.source)]) if {
	entry.reason == "stale"
	_later(entry.source)
}

_words(_, entry) := sprintf("%s carries no date", [_source_name(entry.source)]) if {
	entry.reason == "undated"
}

_words(id, entry) := sprintf("only a %s source says %s; to %s it must be %s", [
	object.get(entry.source, "kind", "nameless"),
	_fill(registry[id].question),
	input.workload.spec.stage,
	concat(" or ", sort({kind | some rule in _accepted(id); some kind in rule.kinds})),
]) if {
	entry.reason == "kind"
}

_source_name(source) := sprintf("source %s", [source.id])

_fill(text) := strings.replace_n({mark: object.get(input.offering.id, name, "") | some mark, name in _marks}, text)

_marks := {"{vendor}": "vendor", "{product}": "product", "{plan}": "plan", "{hosting}": "hosting", "{region}": "region"}

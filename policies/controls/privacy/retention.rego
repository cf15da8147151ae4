# METADATA
# title: The vendor keeps things no longer than the manifest allows
# description: |
#   Inputs, outputs and logs are kept at most as long as the manifest allows for
#   each. Zero retention of inputs and outputs is always short enough. What lasts
#   until somebody deletes it, or as long as the account, is too long; what a
#   setting or the contract decides proves nothing.
# custom:
#   id: retention
#   severity: medium
#   evidence: agreement
#   looks: [retention, features]
#   at: /spec/requires/retention
#   question: how long {vendor} keeps inputs, outputs and logs
#   proved: nothing is kept longer than allowed
#   references:
#     - {framework: soc2, id: C1.2}
#     - {framework: gdpr, id: Art. 28(3)(g)}
#     - {framework: iso27001, id: A.5.34}
#   remediation: Agree on a shorter retention, or use a feature that keeps less.
#   waivable: true
package caveat.controls.privacy.retention

import data.caveat.lib.quantity
import data.caveat.lib.reach

# METADATA
# description: The manifest limits how long things are kept.
applies if asked

# METADATA
# description: The manifest limits how long things are kept.
asked if _allowed

# METADATA
# description: How long each limited thing is kept, or that it is not kept at all.
reads contains entry.kept.pointer if {
	some entry in _entries
	not _by_zero(entry)
}

reads contains entry.zero.pointer if {
	some entry in _entries
	_by_zero(entry)
}

# METADATA
# description: Nothing is kept too long.
pass if {
	every entry in _entries { _proved(entry) }
}

# METADATA
# description: Something is stated to be kept too long.
fail contains {
	"message": sprintf("%s%s are kept %s, at most %s allowed", [
		entry.kept.who, entry.thing,
		_too_long(entry), _allowed[entry.thing],
	]),
	"at": sprintf("/spec/requires/retention/%s", [entry.thing]),
	"facts": [entry.kept.pointer],
} if {
	some entry in _entries
	not _by_zero(entry)
}

# METADATA
# description: Which data reaches features that have rules of their own.
undeclared contains gap if {
	some thing, _ in _allowed
	some gap in reach.gaps("retention", thing)
}

undeclared contains gap if {
	some entry in _entries
	_by_zero(entry)
	some gap in reach.gaps("retention", "zero")
}

_entries contains {
	"thing": thing,
	"kept": reach.fact(feature, "retention", thing),
	"zero": reach.fact(feature, "retention", "zero"),
} if {
	some thing, _ in _allowed
	some feature in reach.considered
}

_proved(entry) if _short(entry)

_proved(entry) if _by_zero(entry)

_short(entry) if quantity.seconds(entry.kept.value) <= quantity.seconds(_allowed[entry.thing])

_by_zero(entry) if {
	not _short(entry)
	entry.thing != "logs"
	entry.zero.value == true
}

_too_long(entry) := entry.kept.value if {
	quantity.seconds(entry.kept.value) > quantity.seconds(_allowed[entry.thing])
}

_too_long(entry) := _open_ended[entry.kept.value]

_open_ended := {
	"until-deleted": "until somebody deletes them",
	"account-life": "as long as the account",
}

_allowed := input.workload.spec.requires.retention

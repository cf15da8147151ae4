# METADATA
# title: Reports and certificates
# description: |
#   What proves that one is held and current. A SOC report is current by the
#   end of its period, anything else by its last day.
package caveat.lib.attestation

import data.caveat.lib.offered
import data.caveat.lib.scope

# METADATA
# description: The report or certificate as far as it is stated.
stated(id) := object.get(input.offering, ["certifications", id], {})

# METADATA
# description: Pointer to one of its fields.
pointer(id, field) := offered.pointer(["certifications", id, field])

# METADATA
# description: It is held and, for what we operate, current on the day of the decision.
proved(id) if {
	stated(id).held == true
	not _bad_opinion(id)
	_current(id)
}

# METADATA
# description: The facts on which it rests whether it is proved.
reads(id) := {pointer(id, field) | some field in _fields(id)}

# METADATA
# description: Reasons why it does not count, each with its facts.
refusals(id) := {reason | some reason in _refusals(id)}

_current(id) if {
	scope.selecting
	_lapse(id) == set()
}

_current(id) if {
	_reported(id)
	stated(id).periodEnd <= input.asOf
	_good_until(id) >= input.asOf
}

_current(id) if {
	not _reported(id)
	_last_day(id) >= input.asOf
}

_fields(_) := {"held"} if scope.selecting

_fields(id) := {"held", "validUntil"} if {
	not scope.selecting
	not _reported(id)
}

_fields(id) := {"held", "periodEnd"} | {"bridgeLetterUntil" | _letter_needed(id)} if {
	not scope.selecting
	_reported(id)
}

_refusals(id) := _not_held(id) | (_opinion(id) | _lapse(id))

_not_held(id) := {{"message": sprintf("%s does not hold %s", [input.offering.id.vendor, id]), "facts": [pointer(id, "held")]} |
	stated(id).held == false
}

_opinion(id) := {{"message": sprintf("the opinion of the %s report is %s", [id, stated(id).opinion]), "facts": [pointer(id, "opinion")]} |
	_bad_opinion(id)
}

_lapse(id) := {{"message": message, "facts": [pointer(id, "periodEnd")]} |
	_reported(id)
	_good_until(id) < input.asOf
	message := sprintf("the %s period ended on %s, more than %d months before %s", [
		id, stated(id).periodEnd,
		input.parameters.soc2PeriodMonths, input.asOf,
	])
} | {{"message": message, "facts": [pointer(id, "validUntil")]} |
	not _reported(id)
	_last_day(id) < input.asOf
	message := sprintf("%s was valid until %s", [id, stated(id).validUntil])
}

_bad_opinion(id) if stated(id).opinion in {"qualified", "adverse", "disclaimer"}

_reported(id) if startswith(id, "soc")

_last_day(id) := stated(id).validUntil if _is_date(stated(id).validUntil)

# The last day on which a report counts: its period lasts some months longer,
# and a bridge letter carries it on, a few months more at most.
_good_until(id) := max({_period(id)} | {day |
	_is_date(stated(id).bridgeLetterUntil)
	day := min({stated(id).bridgeLetterUntil, _period_with_letter(id)})
})

_letter_needed(id) if _period(id) < input.asOf

_period(id) := _months_after(stated(id).periodEnd, input.parameters.soc2PeriodMonths)

_period_with_letter(id) := _months_after(
	stated(id).periodEnd,
	input.parameters.soc2PeriodMonths + input.parameters.bridgeLetterMonths,
)

# The same day some months later. The 30th of February sorts after every day of
# February and before March, as the end of a month should.
_months_after(day, months) := sprintf("%04d-%02d-%s", [floor(total / 12), (total % 12) + 1, parts[2]]) if {
	_is_date(day)
	parts := split(day, "-")

	# The 1 before it makes a number of a month that begins with 0.
	total := (((to_number(parts[0]) * 12) + to_number(concat("", ["1", parts[1]]))) - 101) + months
}

_is_date(day) if regex.match(`^[0-9]{4}-(0[1-9]|1[0-2])-[0-9]{2}$`, sprintf("%v", [day]))

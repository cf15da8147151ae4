# METADATA
# title: Quantities
# description: Numbers out of quantities with units. What is not a quantity has no number, so a comparison with it proves nothing.
package caveat.lib.quantity

_micros := {"ms": 1000, "s": 1000000, "m": 60000000, "h": 3600000000, "d": 86400000000}

# METADATA
# description: |
#   Seconds of a duration such as 200ms, 10s, 47m, 72h or 30d, to the
#   microsecond, so that 200ms and 0.2s are the same number.
seconds(text) := round(to_number(parts[1]) * _micros[parts[2]]) / 1000000 if {
	is_string(text)
	some parts in regex.find_all_string_submatch_n(`^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$`, text, 1)
}

# METADATA
# description: Amount and currency of money such as "4000 USD".
money(text) := {"amount": to_number(parts[1]), "currency": parts[2]} if {
	is_string(text)
	some parts in regex.find_all_string_submatch_n(`^([0-9]+(?:\.[0-9]+)?) ([A-Z]{3})$`, text, 1)
}

# METADATA
# description: Number of an exact decimal in a string.
decimal(text) := to_number(text) if {
	is_string(text)
	regex.match(`^-?[0-9]+(\.[0-9]+)?$`, text)
}

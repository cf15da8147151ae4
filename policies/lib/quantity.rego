# METADATA
# title: Quantities
# description: Numbers out of quantities with units. What is not a quantity has no number, so a comparison with it proves nothing.
package caveat.lib.quantity

_seconds := {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}

# METADATA
# description: Seconds of a duration such as 200ms, 10s, 47m, 72h or 30d.
seconds(text) := to_number(parts[1]) * _seconds[parts[2]] if {
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

# METADATA
# title: Before the freeze
# description: A date in a parameter and a point in time in the text of a policy.
# custom:
#   id: before-the-freeze
#   severity: high
#   evidence: manifest
#   at: /metadata/name
#   question: whether it is before the freeze
#   proved: it is before the freeze
#   references: []
#   remediation: Wait.
#   waivable: false
#   parameters:
#     freezeOn: {type: string, default: "2027-01-15", description: The first day of the freeze.}
package caveat.controls.own.freeze

applies := true

reads contains "/workload/metadata/name"

pass if input.asOf < input.parameters.freezeOn

fail contains {"message": "it is frozen", "at": "/metadata/name", "facts": []} if {
	input.asOf >= input.parameters.freezeOn
	time.parse_rfc3339_ns(sprintf("%sT00:00:00Z", [input.asOf])) < _thaw
}

_thaw := time.parse_rfc3339_ns("2027-01-20T00:00:00Z")

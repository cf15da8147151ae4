# METADATA
# title: Service provider terms under the CCPA are in place
# description: |
#   Personal data of people in the United States goes to a service provider
#   under the contract terms that the CCPA wants: terms of their own, or a DPA
#   that covers the laws of the states. They are executed, or on offer while we
#   choose.
# custom:
#   id: ccpa
#   severity: medium
#   evidence: agreement
#   looks: [agreements]
#   at: /spec/data/classes
#   question: whether CCPA service provider terms with {vendor} are in place
#   proved: CCPA service provider terms are in place
#   references:
#     - {framework: ccpa, id: 1798.100(d)}
#     - {framework: ccpa, id: 1798.140(ag)(1)}
#     - {framework: soc2, id: P6.4}
#   remediation: Execute the vendor's CCPA terms, or a DPA that covers the laws of the states.
#   waivable: true
package caveat.controls.privacy.ccpa

import data.caveat.lib.agreement
import data.caveat.lib.scope

# METADATA
# description: The manifest asks, or a profile wants it for people not shown to be outside the United States.
applies if asked

applies if {
	scope.brought("ccpa")
	scope.us_persons
}

# METADATA
# description: The manifest asks for the terms.
asked if agreement.asked("ccpa-terms")

# METADATA
# description: The terms, or the DPA and what it covers.
reads contains sprintf("/agreements/ccpa-terms/%s", [agreement.fact(_terms)]) if not _by_dpa

reads contains sprintf("/agreements/dpa/%s", [fact]) if {
	_by_dpa
	some fact in {"covers", agreement.fact(_dpa)}
}

# METADATA
# description: One of the two is in place as far as the stage wants.
pass if agreement.settled(_terms)

pass if _by_dpa

# METADATA
# description: The vendor offers no terms, or ours are not executed, and no DPA stands in.
fail contains {
	"message": sprintf(_denied[fact], [input.offering.id.vendor]),
	"at": _at,
	"facts": [sprintf("/agreements/ccpa-terms/%s", [fact])],
} if {
	not _by_dpa
	some fact in agreement.denials(_terms)
}

# METADATA
# description: What is on offer still has to be signed.
conditions contains "execute the CCPA terms" if agreement.pending(_terms)

conditions contains "execute the DPA" if {
	_by_dpa
	agreement.pending(_dpa)
}

default _at := "/spec/data/classes"

_at := "/spec/requires/agreements" if asked

_by_dpa if {
	not agreement.settled(_terms)
	agreement.settled(_dpa)
	is_array(_dpa.covers)
	"us-states" in _dpa.covers
}

_denied := {
	"offered": "%s offers no CCPA terms",
	"executed": "our CCPA terms with %s are not executed",
}

_terms := object.get(input.offering, ["agreements", "ccpa-terms"], {})

_dpa := object.get(input.offering, ["agreements", "dpa"], {})

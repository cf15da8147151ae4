# METADATA
# title: A data processing agreement covers the people concerned
# description: |
#   A processor of personal data is bound by a contract with the terms of GDPR
#   Art. 28. It is executed, or on offer while we choose, and covers every
#   European jurisdiction of the people concerned. Unstated subjects may be
#   anybody.
# custom:
#   id: dpa
#   severity: critical
#   evidence: agreement
#   looks: [agreements]
#   at: /spec/data/classes
#   question: whether a DPA with {vendor} is in place and which jurisdictions it covers
#   proved: a DPA covers the people concerned
#   references:
#     - {framework: gdpr, id: Art. 28}
#     - {framework: gdpr, id: Art. 28(1)}
#     - {framework: gdpr, id: Art. 28(3)}
#     - {framework: soc2, id: P6.4}
#     - {framework: iso27001, id: A.5.34}
#     - {framework: nist-800-53, id: SA-9}
#   remediation: Execute a DPA that covers the jurisdictions of spec.data.subjects and state it in the account.
#   waivable: false
package caveat.controls.privacy.dpa

import data.caveat.lib.agreement
import data.caveat.lib.privacy
import data.caveat.lib.scope

# METADATA
# description: Personal data of people not shown to be outside the EU and UK, or somebody asks.
applies if scope.gdpr

applies if asked

applies if scope.brought("dpa")

# METADATA
# description: The manifest asks for a DPA.
asked if agreement.asked("dpa")

# METADATA
# description: The agreement, and what it covers where that matters.
reads contains sprintf("/agreements/dpa/%s", [agreement.fact(_dpa)])

reads contains "/agreements/dpa/art28"

reads contains "/agreements/dpa/covers" if count(privacy.jurisdictions) > 0

# METADATA
# description: It is in place as far as the stage wants, and covers every jurisdiction.
pass if {
	agreement.settled(_dpa)
	_dpa.art28 == true
	every jurisdiction in privacy.jurisdictions { _covered(jurisdiction) }
}

# METADATA
# description: The vendor offers no DPA, or ours is not executed.
fail contains {
	"message": sprintf(_denied[fact], [input.offering.id.vendor]),
	"at": _at,
	"facts": [sprintf("/agreements/dpa/%s", [fact])],
} if {
	some fact in agreement.denials(_dpa)
}

# METADATA
# description: The DPA is stated to lack the terms that the GDPR wants.
fail contains {
	"message": sprintf("the DPA of %s lacks terms of GDPR Art. 28(3)", [input.offering.id.vendor]),
	"at": _at,
	"facts": ["/agreements/dpa/art28"],
} if {
	_incomplete
}

# METADATA
# description: What is on offer still has to be signed.
conditions contains "execute the DPA" if agreement.pending(_dpa)

# METADATA
# description: Whose data it is.
undeclared contains privacy.gap if privacy.unstated

default _at := "/spec/data/classes"

_at := "/spec/requires/agreements" if asked

_incomplete if _dpa.art28 == false

_covered(jurisdiction) if {
	is_array(_dpa.covers)
	jurisdiction in _dpa.covers
}

_denied := {
	"offered": "%s offers no DPA",
	"executed": "our DPA with %s is not executed",
}

_dpa := object.get(input.offering, ["agreements", "dpa"], {})

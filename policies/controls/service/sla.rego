# METADATA
# title: The vendor gives a service level agreement
# description: |
#   To select an offering, the vendor has to offer a contractual service level
#   agreement; to operate it, one has to be part of our contract. A promise of
#   uptime that is no agreement does not count; the figure is uptime's.
# custom:
#   id: sla
#   severity: medium
#   evidence: sla
#   looks: [agreements]
#   at: /spec/requires/agreements
#   question: whether {vendor} gives a service level agreement on plan {plan}, {hosting}
#   proved: '{vendor} gives a service level agreement'
#   references:
#     - {framework: iso27001, id: A.5.20}
#     - {framework: nist-800-53, id: SA-9}
#     - {framework: soc2, id: A1.1}
#   remediation: Choose a plan with a service level agreement and have it in the contract, or drop sla from spec.requires.agreements.
#   waivable: true
package caveat.controls.service.sla

import data.caveat.lib.agreement
import data.caveat.lib.scope

# METADATA
# description: The manifest asks for the agreement.
applies if asked

# METADATA
# description: A profile brings it.
applies if scope.brought("sla")

# METADATA
# description: The manifest asks for the agreement.
asked if agreement.asked("sla")

# METADATA
# description: The executed agreement, or what is on offer while we are still choosing.
reads contains concat("/", ["/agreements/sla", agreement.fact(_sla)])

# METADATA
# description: It is executed, or on offer while we are still choosing.
pass if agreement.settled(_sla)

# METADATA
# description: What is only offered has to be executed.
conditions contains sprintf("have the service level agreement in the contract with %s", [input.offering.id.vendor]) if {
	agreement.pending(_sla)
}

# METADATA
# description: The vendor offers none, or our contract has none.
fail contains {
	"message": _words[denial],
	"at": "/spec/requires/agreements",
	"facts": [concat("/", ["/agreements/sla", denial])],
} if {
	some denial in agreement.denials(_sla)
}

_sla := object.get(input.offering, ["agreements", "sla"], {})

_words := {
	"executed": sprintf("no service level agreement is part of our contract with %s", [input.offering.id.vendor]),
	"offered": sprintf("%s offers no service level agreement on plan %s", [input.offering.id.vendor, input.offering.id.plan]),
}

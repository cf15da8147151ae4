# METADATA
# title: The BAA is executed before the workload runs
# description: |
#   What we run needs a BAA that both sides have signed; an offer is not enough.
#   In our own cloud it is also enough that no payload, no log and no support
#   access reaches the vendor's platform.
# custom:
#   id: baa-executed
#   severity: critical
#   evidence: agreement
#   looks: [agreements, hosting]
#   at: /spec/data/classes
#   question: whether our BAA with {vendor} is executed
#   proved: the BAA with {vendor} is executed or not needed
#   references:
#     - {framework: hipaa, id: 164.308(b)(3)}
#     - {framework: hipaa, id: 164.502(e)(2)}
#     - {framework: hipaa, id: 164.504(e)(2)}
#     - {framework: soc2, id: CC9.2}
#   remediation: Execute the BAA and state it in the account, or set spec.stage to select while choosing.
#   waivable: false
package caveat.controls.hipaa.baa_executed

import data.caveat.lib.hipaa
import data.caveat.lib.scope

# METADATA
# description: A BAA is wanted for something that is not merely being chosen.
applies if {
	hipaa.concerned("baa-executed")
	not scope.selecting
}

# METADATA
# description: The manifest asks for a BAA.
asked if hipaa.asked

# METADATA
# description: The executed BAA, else that no PHI reaches the platform.
reads contains "/agreements/baa/executed" if not _elsewhere

reads contains pointer if {
	_elsewhere
	some pointer in hipaa.channels
}

# METADATA
# description: The BAA is executed, or no PHI reaches the platform.
pass if _executed

pass if _elsewhere

# METADATA
# description: The BAA is stated not to be executed, and PHI is not shown to stay out of the vendor's systems.
fail contains {
	"message": sprintf("our BAA with %s is not executed", [input.offering.id.vendor]),
	"at": hipaa.at,
	"facts": ["/agreements/baa/executed"],
} if {
	hipaa.baa.executed == false
	not _elsewhere
}

_executed if hipaa.baa.executed == true

_elsewhere if {
	hipaa.unreached
	not _executed
}

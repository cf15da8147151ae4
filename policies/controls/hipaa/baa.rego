# METADATA
# title: A BAA is executed or on offer for this offering
# description: |
#   Before PHI reaches a vendor, the vendor has to be bound by a business
#   associate agreement. It is executed, or the vendor offers it on this plan
#   and hosting. In our own cloud it is also enough that no payload, no log and
#   no support access reaches the vendor's platform.
# custom:
#   id: baa
#   severity: critical
#   evidence: agreement
#   looks: [agreements, hosting]
#   at: /spec/data/classes
#   question: whether {vendor} signs a BAA for {product} on plan {plan}, {hosting}
#   proved: PHI is under a BAA with {vendor} or stays out of its systems
#   references:
#     - {framework: hipaa, id: 164.308(b)(1)}
#     - {framework: hipaa, id: 164.502(e)(1)}
#     - {framework: hipaa, id: 164.504(e)(1)}
#     - {framework: soc2, id: CC9.2}
#     - {framework: iso27001, id: A.5.20}
#     - {framework: nist-800-53, id: SA-9}
#   remediation: Choose a vendor, plan or hosting with a BAA, or keep PHI out of the workload.
#   waivable: false
package caveat.controls.hipaa.baa

import data.caveat.lib.hipaa
import data.caveat.lib.scope

# METADATA
# description: PHI is involved, or the manifest or a profile wants a BAA.
applies if hipaa.concerned("baa")

# METADATA
# description: The manifest asks for a BAA.
asked if hipaa.asked

# METADATA
# description: The executed BAA, else the offered one, else that no PHI reaches the platform.
reads contains "/agreements/baa/executed" if _executed

reads contains "/agreements/baa/offered" if {
	not _executed
	not _elsewhere
}

reads contains pointer if {
	_elsewhere
	some pointer in hipaa.channels
}

# METADATA
# description: The BAA is executed or offered, or no PHI reaches the platform.
pass if _executed

pass if _offered

pass if _elsewhere

# METADATA
# description: The vendor signs no BAA, and PHI is not shown to stay out of its systems.
fail contains {
	"message": sprintf("%s signs no BAA for %s on plan %s, %s", [
		input.offering.id.vendor, input.offering.id.product,
		input.offering.id.plan, input.offering.id.hosting,
	]),
	"at": hipaa.at,
	"facts": ["/agreements/baa/offered"],
} if {
	hipaa.baa.offered == false
	not _executed
	not _elsewhere
}

# METADATA
# description: What is on offer still has to be signed.
conditions contains "execute the BAA" if {
	scope.selecting
	_offered
	not _executed
}

_executed if hipaa.baa.executed == true

_offered if hipaa.baa.offered == true

_elsewhere if {
	hipaa.unreached
	not _executed
	not _offered
}

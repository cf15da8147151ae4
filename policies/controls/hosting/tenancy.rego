# METADATA
# title: The vendor offers the tenancy that the workload needs
# description: |
#   The tenancies on offer include the one that the manifest asks for. A single
#   tenant has the hardware to itself too. What runs in our own account or under
#   our own control plane has one tenant, which says nothing on who else is on
#   the cloud's hardware. A feature that our data reaches and that has a tenancy
#   of its own must offer it too.
# custom:
#   id: tenancy
#   severity: high
#   evidence: feature
#   looks: [hosting, features]
#   at: /spec/requires/tenancy
#   question: which tenancies {vendor} offers for {product} on plan {plan}, {hosting}
#   proved: the tenancy needed is on offer
#   references:
#     - {framework: iso27001, id: A.5.23}
#     - {framework: nist-800-53, id: SA-9}
#   remediation: Choose a plan or hosting with the tenancy needed, or lower spec.requires.tenancy.
#   waivable: true
package caveat.controls.hosting.tenancy

import data.caveat.lib.offered
import data.caveat.lib.reach

# METADATA
# description: The manifest asks for a tenancy.
applies if asked

# METADATA
# description: The manifest asks for a tenancy.
asked if is_string(_needed)

# METADATA
# description: The hosting, where that alone makes us the one tenant.
reads contains offered.pointer(["hosting", input.offering.id.hosting]) if _ours

# METADATA
# description: The tenancies on offer.
reads contains fact.pointer if {
	not _ours
	some fact in _facts
}

# METADATA
# description: Which data reaches a feature that has a tenancy of its own.
undeclared contains gap if {
	not _ours
	some gap in reach.gaps("hosting", "tenancy")
}

# METADATA
# description: We are the one tenant of our own account.
pass if _ours

# METADATA
# description: The tenancy is on offer, wherever our data goes.
pass if {
	every fact in _facts { offered.has_any(fact.value, _enough[_needed]) }
}

# METADATA
# description: The tenancies on offer do not include it.
fail contains {
	"message": sprintf("%stenancy on offer is %s, %s asked", [fact.who, concat(" or ", fact.value), _needed]),
	"at": "/spec/requires/tenancy",
	"facts": [fact.pointer],
} if {
	not _ours
	some fact in _facts
	offered.has_none(fact.value, _enough[_needed])
}

_needed := input.workload.spec.requires.tenancy

_enough := {
	"dedicated-hardware": ["dedicated-hardware", "single-tenant"],
	"single-tenant": ["single-tenant"],
}

_facts := reach.facts("hosting", "tenancy")

_ours if {
	_needed == "single-tenant"
	input.offering.id.hosting in {"byoc", "self-hosted"}
	input.offering.hosting[input.offering.id.hosting] == true
}

# METADATA
# title: It is bought without a commitment
# description: |
#   Whoever provides the machines states that the SKU needs no term commitment,
#   and the capacity is not reserved. A least spend a month is a line of the cost.
# custom:
#   id: no-commitment
#   severity: medium
#   evidence: feature
#   looks: [skus]
#   at: /spec/requires/noCommitment
#   question: whether {vendor} asks for a commitment on plan {plan}, {hosting}
#   proved: '{vendor} asks for no commitment'
#   references: []
#   remediation: Choose on-demand capacity or a plan without a commitment, or drop spec.requires.noCommitment.
#   waivable: true
package caveat.controls.compute.no_commitment

import data.caveat.lib.offered

# METADATA
# description: The manifest asks for it.
applies if asked

# METADATA
# description: The manifest asks for it.
asked if input.workload.spec.requires.noCommitment == true

# METADATA
# description: Whether the SKU needs a commitment.
reads contains offered.sku(["commitment"])

# METADATA
# description: Whose cloud it runs in.
undeclared contains gap if some gap in offered.gaps

# METADATA
# description: No term and no reservation.
pass if {
	offered.sku_facts.commitment == false
	input.offering.id.capacity in {"on-demand", "preemptible"}
}

# METADATA
# description: The SKU needs a term.
fail contains {
	"message": sprintf("%s asks for a term commitment", [offered.machine.vendor]),
	"at": "/spec/requires/noCommitment",
	"facts": [offered.sku(["commitment"])],
} if {
	offered.sku_facts.commitment == true
}

# METADATA
# description: The capacity is reserved for a term.
fail contains {
	"message": "reserved capacity is a commitment",
	"at": "/spec/requires/noCommitment",
	"facts": [offered.sku(["price", "reserved"])],
} if {
	input.offering.id.capacity == "reserved"
}

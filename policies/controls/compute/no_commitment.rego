# METADATA
# title: It is bought without a commitment
# description: |
#   Whoever provides the machines states that the SKU needs no term commitment,
#   the capacity is not reserved, and no least spend a month is stated above zero.
# custom:
#   id: no-commitment
#   severity: medium
#   evidence: feature
#   looks: [skus, prices]
#   at: /spec/requires/noCommitment
#   question: whether {vendor} asks for a commitment on plan {plan}, {hosting}
#   proved: '{vendor} asks for no commitment'
#   references: []
#   remediation: Choose on-demand capacity or a plan without a commitment, or drop spec.requires.noCommitment.
#   waivable: true
package caveat.controls.compute.no_commitment

import data.caveat.lib.offered
import data.caveat.lib.quantity

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
# description: The least spend, where one is claimed.
reads contains "/prices/minimumCommitment" if _spend_claimed

# METADATA
# description: Whose cloud it runs in.
undeclared contains gap if some gap in offered.gaps

# METADATA
# description: No term, no reservation and no least spend.
pass if {
	offered.sku_facts.commitment == false
	input.offering.id.capacity in {"on-demand", "preemptible"}
	not _spend_claimed
}

# METADATA
# description: No term, no reservation and a least spend of zero.
pass if {
	offered.sku_facts.commitment == false
	input.offering.id.capacity in {"on-demand", "preemptible"}
	quantity.decimal(_spend.amount) == 0
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

# METADATA
# description: The plan has a least spend.
fail contains {
	"message": sprintf("%s asks for at least %s %s a month", [input.offering.id.vendor, _spend.amount, _spend.currency]),
	"at": "/spec/requires/noCommitment",
	"facts": ["/prices/minimumCommitment"],
} if {
	quantity.decimal(_spend.amount) > 0
}

_spend := input.offering.prices.minimumCommitment

_spend_claimed if _spend != null

_spend_claimed if "/prices/minimumCommitment" in input.offering.conflicts

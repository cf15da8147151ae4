# METADATA
# title: Usage is billed in small enough steps
# description: |
#   The billing increment is stated and is at most the one that the manifest
#   accepts. Where a profile brings this and the manifest names none, any stated
#   increment will do.
# custom:
#   id: billing-increment
#   severity: low
#   evidence: priceAny
#   looks: [billing]
#   at: /spec/requires/billingIncrement
#   question: in which increments {vendor} bills {product} on plan {plan}
#   proved: usage is billed in small enough steps
#   references: []
#   remediation: Choose an offering that is billed in smaller steps, or raise spec.requires.billingIncrement.
#   waivable: true
package caveat.controls.cost.billing_increment

import data.caveat.lib.quantity
import data.caveat.lib.scope

# METADATA
# description: The manifest bounds the increment.
applies if asked

# METADATA
# description: A profile brings it.
applies if scope.brought("billing-increment")

# METADATA
# description: The manifest bounds the increment.
asked if _accepted

# METADATA
# description: The one fact that the proof rests on.
reads contains "/billing/increment"

# METADATA
# description: The increment is stated, and no bound is asked for.
pass if {
	not asked
	quantity.seconds(_stated)
}

# METADATA
# description: The increment is small enough.
pass if quantity.seconds(_stated) <= quantity.seconds(_accepted)

# METADATA
# description: The increment is too coarse.
fail contains {
	"message": sprintf("billed by %s, at most %s asked", [_stated, _accepted]),
	"at": "/spec/requires/billingIncrement",
	"facts": ["/billing/increment"],
} if {
	quantity.seconds(_stated) > quantity.seconds(_accepted)
}

_accepted := input.workload.spec.requires.billingIncrement

_stated := input.offering.billing.increment

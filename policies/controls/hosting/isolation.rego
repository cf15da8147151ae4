# METADATA
# title: What separates customers is of a kind that the workload accepts
# description: |
#   The vendor states at least one of the kinds of isolation that the manifest
#   accepts. A feature that our data reaches and that has an isolation of its
#   own must be of such a kind too.
# custom:
#   id: isolation
#   severity: medium
#   evidence: feature
#   looks: [security, features]
#   at: /spec/requires/isolation
#   question: what separates customers at {vendor} on plan {plan}, {hosting}
#   proved: customers are separated in a way that the workload accepts
#   references:
#     - {framework: iso27001, id: A.5.23}
#     - {framework: nist-800-53, id: SA-9}
#   remediation: Choose an offering with the isolation needed, or widen spec.requires.isolation.
#   waivable: true
package caveat.controls.hosting.isolation

import data.caveat.lib.offered
import data.caveat.lib.reach

# METADATA
# description: The manifest asks for kinds of isolation.
applies if asked

# METADATA
# description: The manifest asks for kinds of isolation.
asked if count(_accepted) > 0

# METADATA
# description: What separates customers.
reads contains fact.pointer if some fact in _facts

# METADATA
# description: Which data reaches a feature that has an isolation of its own.
undeclared contains gap if some gap in reach.gaps("security", "isolation")

# METADATA
# description: One of the kinds asked for is stated, wherever our data goes.
pass if {
	every fact in _facts { offered.has_any(fact.value, _accepted) }
}

# METADATA
# description: Kinds of isolation are stated, and none of them is asked for.
fail contains {
	"message": sprintf("%sisolation is by %s, %s asked", [fact.who, concat(" or ", fact.value), concat(" or ", _accepted)]),
	"at": "/spec/requires/isolation",
	"facts": [fact.pointer],
} if {
	some fact in _facts
	offered.has_none(fact.value, _accepted)
}

_accepted := input.workload.spec.requires.isolation

_facts := reach.facts("security", "isolation")

# METADATA
# title: The vendor keeps no inputs and no outputs
# description: |
#   Inputs and outputs are not kept after the answer. A feature that data
#   reaches may have a rule of its own.
# custom:
#   id: zero-retention
#   severity: high
#   evidence: agreement
#   looks: [retention, features]
#   at: /spec/data/classes
#   question: whether {vendor} keeps inputs or outputs after the answer
#   proved: inputs and outputs are not kept after the answer
#   references:
#     - {framework: soc2, id: C1.2}
#     - {framework: gdpr, id: Art. 28(3)(g)}
#     - {framework: hipaa, id: 164.504(e)(2)}
#   remediation: Use an offering or a feature with zero retention, or have it written into the contract.
#   waivable: true
package caveat.controls.privacy.zero_retention

import data.caveat.lib.reach
import data.caveat.lib.scope

# METADATA
# description: The manifest or a profile asks for it.
applies if asked

applies if scope.brought("zero-retention")

# METADATA
# description: The manifest asks for it.
asked if input.workload.spec.requires.zeroRetention == true

# METADATA
# description: The rule for everything that data reaches.
reads contains fact.pointer if some fact in _facts

# METADATA
# description: Nothing is kept anywhere.
pass if {
	every fact in _facts { fact.value == true }
}

# METADATA
# description: Something is stated to be kept.
fail contains {
	"message": sprintf("%s%s keeps inputs or outputs after the answer", [fact.who, input.offering.id.vendor]),
	"at": _at,
	"facts": [fact.pointer],
} if {
	some fact in _facts
	fact.value == false
}

# METADATA
# description: Which data reaches features that have a rule of their own.
undeclared contains gap if some gap in reach.gaps("retention", "zero")

default _at := "/spec/data/classes"

_at := "/spec/requires/zeroRetention" if asked

_facts := reach.facts("retention", "zero")

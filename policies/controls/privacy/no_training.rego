# METADATA
# title: The vendor does not train on our data
# description: |
#   Inputs and outputs are not used for training. A feature that data reaches
#   may have a rule of its own.
# custom:
#   id: no-training
#   severity: high
#   evidence: agreement
#   looks: [training, features]
#   at: /spec/data/classes
#   question: whether {vendor} trains on customer data
#   proved: the vendor does not train on our data
#   references:
#     - {framework: gdpr, id: Art. 28(3)(a)}
#     - {framework: ccpa, id: 1798.100(d)(1)}
#     - {framework: hipaa, id: 164.504(e)(2)}
#     - {framework: soc2, id: P6.1}
#   remediation: Use an offering whose terms exclude training, or have it written into the contract.
#   waivable: true
package caveat.controls.privacy.no_training

import data.caveat.lib.reach
import data.caveat.lib.scope

# METADATA
# description: The manifest or a profile asks for it.
applies if asked

applies if scope.brought("no-training")

# METADATA
# description: The manifest asks for it.
asked if input.workload.spec.requires.noTraining == true

# METADATA
# description: The rule for everything that data reaches.
reads contains fact.pointer if some fact in _facts

# METADATA
# description: Nothing is used for training.
pass if {
	every fact in _facts { fact.value == false }
}

# METADATA
# description: Something is stated to be used for training.
fail contains {
	"message": sprintf("%s%s trains on customer data", [fact.who, input.offering.id.vendor]),
	"at": _at,
	"facts": [fact.pointer],
} if {
	some fact in _facts
	fact.value == true
}

# METADATA
# description: Which data reaches features that have a rule of their own.
undeclared contains gap if some gap in reach.gaps("training", "onCustomerData")

default _at := "/spec/data/classes"

_at := "/spec/requires/noTraining" if asked

_facts := reach.facts("training", "onCustomerData")

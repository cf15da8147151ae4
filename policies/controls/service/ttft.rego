# METADATA
# title: The model begins to answer soon enough
# description: |
#   The median time to first token that is published for the model of the
#   manifest is within what the manifest asks. The figure of another model
#   proves nothing.
# custom:
#   id: ttft
#   severity: high
#   evidence: performance
#   looks: [performance]
#   at: /spec/service/ttftP50
#   question: the median time to first token of this model at {vendor}, {product}
#   proved: the model begins to answer soon enough
#   references:
#     - {framework: soc2, id: A1.1}
#   remediation: Choose an offering with a figure for this model, measure it and put the figure into the account, or raise spec.service.ttftP50.
#   waivable: true
package caveat.controls.service.ttft

import data.caveat.lib.offered
import data.caveat.lib.quantity

# METADATA
# description: The manifest asks for a time to first token.
applies if asked

# METADATA
# description: The manifest asks for a time to first token.
asked if _needed

# METADATA
# description: The median that is published for this model.
reads contains _fact

# METADATA
# description: The model that the time is asked for.
undeclared contains {
	"at": "/spec/model",
	"message": "name the model: add \"model: {name: ...}\" to spec",
} if {
	not _model
}

# METADATA
# description: The median of this model is short enough.
pass if quantity.seconds(_median) <= quantity.seconds(_needed)

# METADATA
# description: The median of this model is too long.
fail contains {
	"message": sprintf("median time to first token of %s is %s, at most %s asked", [_model, _median, _needed]),
	"at": "/spec/service/ttftP50",
	"facts": [_fact],
} if {
	quantity.seconds(_median) > quantity.seconds(_needed)
}

_needed := input.workload.spec.service.ttftP50

_model := lower(input.workload.spec.model.name)

_median := input.offering.performance.ttft[_model].p50

_fact := offered.pointer(["performance", "ttft", _model, "p50"])

# METADATA
# title: The model answers soon enough after a start from zero
# description: |
#   The longest time from zero until the model answers is stated and is within
#   what the manifest asks. A typical time proves nothing, nor does the time
#   until a container starts. A least time that is already too long refuses.
#   The figure of another model does neither. Replicas that are always on never start from
#   zero. A feature in use that has its own figure counts instead.
# custom:
#   id: cold-start
#   severity: high
#   evidence: performance
#   looks: [performance, features]
#   at: /spec/service/coldStart
#   question: how long {vendor} takes at most from zero until the model answers
#   proved: the model answers soon enough after a start from zero
#   references:
#     - {framework: soc2, id: A1.1}
#   remediation: Keep replicas on with spec.usage.alwaysOn, choose an offering with a proved figure, or raise spec.service.coldStart.
#   waivable: true
package caveat.controls.service.cold_start

import data.caveat.lib.offered
import data.caveat.lib.quantity

# METADATA
# description: The manifest asks for a cold start.
applies if asked

# METADATA
# description: The manifest asks for a cold start.
asked if _needed

# METADATA
# description: Replicas that the manifest keeps on.
reads contains "/workload/spec/usage/alwaysOn/replicas" if _always_on

# METADATA
# description: The longest time that is stated.
reads contains concat("", [at, "/high"]) if {
	not _always_on
	some at, _ in _figures
}

# METADATA
# description: Nothing starts from zero.
pass if _always_on

# METADATA
# description: The longest time until the model answers is short enough.
pass if {
	every figure in _figures { _short(figure) }
}

# METADATA
# description: The least time is already too long.
fail contains {
	"message": sprintf("a cold start takes at least %s until %s, at most %s asked", [
		figure.low, _until[figure.measures], _needed,
	]),
	"at": "/spec/service/coldStart",
	"facts": [concat("", [at, "/low"])],
} if {
	not _always_on
	some at, figure in _figures
	_long(figure)
}

_needed := input.workload.spec.service.coldStart

_figures := offered.by_feature("performance", "coldStart", [figure | figure := input.offering.performance.coldStart])

_always_on if {
	is_number(input.workload.spec.usage.alwaysOn.replicas)
	input.workload.spec.usage.alwaysOn.replicas >= 1
}

_until := {
	"container-boot": "a container starts",
	"model-ready": "the model answers",
}

_short(figure) if {
	figure.measures == "model-ready"
	_ours(figure)
	quantity.seconds(figure.high) <= quantity.seconds(_needed)
	not _long(figure)
}

_long(figure) if {
	_ours(figure)
	quantity.seconds(figure.low) > quantity.seconds(_needed)
}

_ours(figure) if not figure.model

_ours(figure) if lower(figure.model) == lower(input.workload.spec.model.name)

# METADATA
# title: The model answers soon enough after a start from zero
# description: |
#   The longest time from zero until the model answers is stated and is within
#   what the manifest asks. A typical time proves nothing, nor does the time
#   until a container starts. A least time that is already too long refuses.
#   The figure of another model does neither. Replicas that are always on never start from
#   zero. A feature in use that has its own figure counts instead. Where usage is traffic,
#   99 of 100 requests of its replay must start in time, whatever the cold start within what is
#   stated; that takes replicas kept on, if need be. A cold start that the manifest assumes gives
#   a cost and proves nothing: a measurement of ours belongs into an account.
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
#   remediation: >-
#     Keep replicas on (spec.usage.alwaysOn, or minReplicas of spec.usage.traffic.scaling), choose an offering with a proved figure, raise spec.service.coldStart,
#     or state what you measured in an account (performance.coldStart).
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
# description: Traffic that could not be replayed.
undeclared contains {
	"at": "/spec/usage/traffic",
	"message": "state what the replay lacks: the cost names it",
} if {
	_traffic
	not input.cost.replay
}

# METADATA
# description: A cold start that the manifest assumes.
undeclared contains {
	"at": "/spec/usage/traffic/scaling/coldStart",
	"message": "this cold start is assumed: state the measurement in an account, under performance.coldStart",
} if {
	_assumed
}

# METADATA
# description: Nothing starts from zero.
pass if _always_on

# METADATA
# description: The longest time until the model answers is short enough.
pass if {
	not _traffic
	every figure in _figures { _short(figure) }
}

# METADATA
# description: Requests start in time, however long a start from zero takes.
pass if {
	_judged
	quantity.decimal(input.cost.replay.waitP99High) <= quantity.seconds(_needed)
}

# METADATA
# description: Replicas that have to be kept on.
conditions contains sprintf("keep at least %d %s on", [input.cost.replay.minReplicas, _replicas]) if {
	input.cost.replay.warm == true
}

# METADATA
# description: Requests wait too long however short a start from zero is.
fail contains {
	"message": sprintf("1 of 100 requests waits longer than %s s, at most %s asked", [input.cost.replay.waitP99Low, _needed]),
	"at": "/spec/service/coldStart",
	"facts": [at | some at, _ in _figures],
} if {
	_judged
	quantity.decimal(input.cost.replay.waitP99Low) > quantity.seconds(_needed)
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
	not _traffic
	some at, figure in _figures
	_long(figure)
}

_needed := input.workload.spec.service.coldStart

_traffic := input.workload.spec.usage.traffic

_assumed if _traffic.scaling.coldStart

_judged if {
	not _assumed
	every figure in _figures {
		figure.measures == "model-ready"
		_ours(figure)
	}
}

_replicas := "replica" if input.cost.replay.minReplicas == 1

_replicas := "replicas" if input.cost.replay.minReplicas != 1

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

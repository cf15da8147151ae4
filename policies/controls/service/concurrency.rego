# METADATA
# title: Enough replicas can run at once
# description: |
#   The limits that the vendor states on replicas and on GPUs at once are both
#   high enough for what the manifest asks; one of them has to be stated. The
#   limit on GPUs counts where the manifest asks for GPUs, and every node of
#   every replica needs its own.
# custom:
#   id: concurrency
#   severity: medium
#   evidence: feature
#   at: /spec/service/concurrency
#   question: how many replicas or GPUs may run at once at {vendor} on plan {plan}
#   proved: enough replicas can run at once
#   references:
#     - {framework: soc2, id: A1.1}
#   remediation: Choose a plan with a higher limit, have the limit raised, or lower spec.service.concurrency.
#   waivable: true
package caveat.controls.service.concurrency

import data.caveat.lib.offered

# METADATA
# description: The manifest asks for replicas at once.
applies if asked

# METADATA
# description: The manifest asks for replicas at once.
asked if input.workload.spec.service.concurrency

# METADATA
# description: Each limit that is claimed.
reads contains _fact(limit) if some limit in _claimed

# METADATA
# description: Without any, the limit on replicas is what is missing.
reads contains "/scaling/maxReplicas" if _claimed == set()

# METADATA
# description: Limits are claimed and all of them are high enough.
pass if {
	_claimed != set()
	every limit in _claimed {
		is_number(input.offering.scaling[limit])
		input.offering.scaling[limit] >= _needed[limit]
	}
}

# METADATA
# description: A limit is too low.
fail contains {
	"message": sprintf("at most %v %s at once, %v needed", [stated, _units[limit], needed]),
	"at": "/spec/service/concurrency",
	"facts": [_fact(limit)],
} if {
	some limit, needed in _needed
	stated := input.offering.scaling[limit]
	is_number(stated)
	stated < needed
}

_needed["maxReplicas"] := input.workload.spec.service.concurrency

_needed["maxGpus"] := (input.workload.spec.service.concurrency * input.workload.spec.resources.gpu.count) * _nodes

_nodes := object.get(input.workload.spec.resources, "nodes", 1)

_units := {"maxGpus": "GPUs", "maxReplicas": "replicas"}

_claimed contains limit if {
	some limit, _ in _needed
	offered.claimed(["scaling", limit])
}

_fact(limit) := offered.pointer(["scaling", limit])

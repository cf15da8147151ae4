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
#   looks: [scaling]
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
# description: The limit on replicas and, where they have GPUs, the limit on GPUs.
reads contains _fact(limit) if some limit, _ in _needed

# METADATA
# description: Every limit is stated and high enough.
pass if {
	every limit, needed in _needed {
		is_number(input.offering.scaling[limit])
		input.offering.scaling[limit] >= needed
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

_fact(limit) := offered.pointer(["scaling", limit])

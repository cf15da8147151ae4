# METADATA
# title: One job can span the nodes that it needs
# description: |
#   The vendor states how many GPUs one job may have over several nodes, and
#   that is as many as the manifest asks for. That a job can span nodes does not
#   say how far; that it cannot refuses.
# custom:
#   id: multi-node
#   severity: medium
#   evidence: feature
#   looks: [limits]
#   at: /spec/resources/nodes
#   question: whether one job can span nodes at {vendor}, {product} on plan {plan}
#   proved: one job can span the nodes that it needs
#   references:
#     - {framework: soc2, id: A1.1}
#   remediation: Choose an offering for jobs over several nodes, or lower spec.resources.nodes.
#   waivable: true
package caveat.controls.compute.multi_node

# METADATA
# description: The manifest asks for more than one node.
applies if asked

# METADATA
# description: The manifest asks for more than one node.
asked if input.workload.spec.resources.nodes > 1

# METADATA
# description: The most GPUs that one job may have. That jobs span nodes does not say how far.
reads contains "/limits/multiNodeGpus"

# METADATA
# description: One job may have enough GPUs.
pass if {
	is_number(_most)
	_most >= _needed
}

# METADATA
# description: The vendor says that a job cannot span nodes, and no number of GPUs.
fail contains {
	"message": sprintf("one job has one node, %v needed", [input.workload.spec.resources.nodes]),
	"at": "/spec/resources/nodes",
	"facts": ["/limits/multiNode"],
} if {
	input.offering.limits.multiNode == false
	not is_number(object.get(input.offering.limits, "multiNodeGpus", null))
}

# METADATA
# description: One job may have too few GPUs.
fail contains {
	"message": sprintf("one job has at most %v GPUs, %v needed", [_most, _needed]),
	"at": "/spec/resources/nodes",
	"facts": ["/limits/multiNodeGpus"],
} if {
	is_number(_most)
	_most < _needed
}

_needed := input.workload.spec.resources.nodes * input.workload.spec.resources.gpu.count

_most := input.offering.limits.multiNodeGpus

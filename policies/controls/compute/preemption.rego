# METADATA
# title: Running work is not preempted
# description: The vendor states that work running on this offering is not preempted, and the capacity is not bought as preemptible.
# custom:
#   id: preemption
#   severity: medium
#   evidence: feature
#   looks: [scaling, skus]
#   at: /spec/service/nonPreemptible
#   question: whether {vendor} may preempt work running in {product} on plan {plan}, {hosting}
#   proved: '{vendor} does not preempt running work'
#   references:
#     - {framework: soc2, id: A1.1}
#   remediation: Choose capacity that is not preempted, or checkpoint the work and drop spec.service.nonPreemptible.
#   waivable: true
package caveat.controls.compute.preemption

import data.caveat.lib.offered

# METADATA
# description: The manifest asks for it.
applies if asked

# METADATA
# description: The manifest asks for it.
asked if input.workload.spec.service.nonPreemptible == true

# METADATA
# description: Whether running work may be preempted.
reads contains "/scaling/preemptible"

# METADATA
# description: Running work is not preempted, and the capacity is not bought as such.
pass if {
	input.offering.scaling.preemptible == false
	input.offering.id.capacity in {"on-demand", "reserved"}
}

# METADATA
# description: The vendor may preempt running work.
fail contains {
	"message": sprintf("%s may preempt running work", [input.offering.id.vendor]),
	"at": "/spec/service/nonPreemptible",
	"facts": ["/scaling/preemptible"],
} if {
	input.offering.scaling.preemptible == true
}

# METADATA
# description: The capacity is bought as preemptible.
fail contains {
	"message": "the capacity is preemptible",
	"at": "/spec/service/nonPreemptible",
	"facts": [offered.sku(["price", "preemptible"])],
} if {
	input.offering.id.capacity == "preemptible"
}

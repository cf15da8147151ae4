# METADATA
# title: The GPU can be had
# description: |
#   The offering has the GPU and the number of them that the manifest asks for,
#   and whoever provides the machines sells it: at once, or on request or under
#   a quota, which is then a condition. What is sold as reserved capacity alone
#   is refused, unless the manifest reserves. In our own cloud account the cloud
#   provides the machines.
# custom:
#   id: gpu-available
#   severity: high
#   evidence: feature
#   looks: [skus]
#   at: /spec/resources/gpu
#   question: whether this GPU can be had at {vendor} on plan {plan}, {hosting}, {region}
#   proved: '{vendor} sells the GPU'
#   references:
#     - {framework: soc2, id: A1.1}
#   remediation: Choose a GPU or a vendor with capacity, or reserve it with spec.placement.capacity.
#   waivable: true
package caveat.controls.compute.gpu_available

import data.caveat.lib.offered

# METADATA
# description: The manifest asks for a GPU.
applies if asked

# METADATA
# description: The manifest asks for a GPU.
asked if _asked

# METADATA
# description: How one gets the SKU.
reads contains _fact

# METADATA
# description: |
#   The price of capacity that is not the usual one: that there is one shows
#   that it is sold.
reads contains offered.sku(["price", input.offering.id.capacity]) if {
	input.offering.id.capacity in {"preemptible", "reserved"}
	not _availability == "reserved-only"
}

# METADATA
# description: Whose cloud it runs in.
undeclared contains gap if some gap in offered.gaps

# METADATA
# description: It is the GPU asked for, and there is a way to get it.
pass if {
	_suits
	offered.machine.count == _asked.count
	_availability in {"self-serve", "on-request", "quota"}
}

# METADATA
# description: It is the GPU asked for, and the manifest reserves it.
pass if {
	_suits
	offered.machine.count == _asked.count
	_availability == "reserved-only"
	_reserving
}

# METADATA
# description: Access has to be asked for.
conditions contains sprintf("ask %s for access to %s", [offered.machine.vendor, offered.machine.gpu]) if {
	_availability in {"on-request", "quota"}
}

# METADATA
# description: It is another GPU.
fail contains {
	"message": sprintf("the offering has %s, %s asked", [_had, _asked.model]),
	"at": "/spec/resources/gpu/model",
	"facts": [_fact],
} if {
	is_string(offered.machine.gpu)
	not _suits
}

# METADATA
# description: It is another number of GPUs.
fail contains {
	"message": sprintf("the offering has %v × %s, %v asked", [offered.machine.count, offered.machine.gpu, _asked.count]),
	"at": "/spec/resources/gpu/count",
	"facts": [_fact],
} if {
	_suits
	is_number(offered.machine.count)
	offered.machine.count != _asked.count
}

# METADATA
# description: The vendor does not sell it.
fail contains {
	"message": sprintf("%s is not available at %s", [offered.machine.gpu, offered.machine.vendor]),
	"at": "/spec/resources/gpu",
	"facts": [_fact],
} if {
	_availability == "unavailable"
}

# METADATA
# description: It is sold as reserved capacity alone, and the manifest does not reserve.
fail contains {
	"message": sprintf("%s sells %s as reserved capacity only", [offered.machine.vendor, offered.machine.gpu]),
	"at": "/spec/resources/gpu",
	"facts": [_fact],
} if {
	_availability == "reserved-only"
	not _reserving
}

_asked := input.workload.spec.resources.gpu

_suits if offered.machine.gpu == _asked.model

_suits if is_number(input.workload.spec.usage.traffic.speed[offered.machine.gpu])

_had := offered.machine.gpu if offered.machine.gpu != ""

_had := "no GPU" if offered.machine.gpu == ""

_availability := offered.sku_facts.availability

_fact := offered.sku(["availability"])

_reserving if input.workload.spec.placement.capacity == "reserved"

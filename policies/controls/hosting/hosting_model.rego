# METADATA
# title: The vendor runs it under a hosting model that the workload accepts
# description: |
#   The hosting of the offering is one of those that the manifest asks for, and
#   the vendor states that it has it for this product and plan. Asking for none
#   accepts any, but a hosting that the vendor denies is refused all the same.
# custom:
#   id: hosting-model
#   severity: critical
#   evidence: feature
#   looks: [hosting]
#   at: /spec/requires/hosting
#   question: whether {vendor} has {hosting} hosting for {product} on plan {plan}
#   proved: '{vendor} has {hosting} hosting for {product} on plan {plan}'
#   references:
#     - {framework: iso27001, id: A.5.23}
#     - {framework: nist-800-53, id: SA-9}
#     - {framework: soc2, id: CC9.2}
#   remediation: Choose an offering with the hosting needed, or widen spec.requires.hosting.
#   waivable: true
package caveat.controls.hosting.hosting_model

import data.caveat.lib.offered
import data.caveat.lib.scope

# METADATA
# description: The manifest asks for hosting models.
applies if asked

# METADATA
# description: A profile brings it.
applies if scope.brought("hosting-model")

# METADATA
# description: The manifest asks for hosting models.
asked if count(_accepted) > 0

# METADATA
# description: The manifest places it outside the vendor's own cloud, which few vendors have.
asked if input.workload.spec.placement.hosting in {"byoc", "hybrid", "self-hosted"}

# METADATA
# description: The manifest places it where the vendor has nothing.
asked if {
	_placed
	_stated == false
}

# METADATA
# description: What the vendor says of the hosting of this offering.
reads contains _fact

# METADATA
# description: The clouds that it can be in, where the cloud is ours.
reads contains "/hosting/clouds" if _ours

# METADATA
# description: The hosting is one of those asked for, and the vendor has it.
pass if {
	not _other
	_stated == true
	_supported
}

# METADATA
# description: The hosting is none of those asked for.
fail contains {
	"message": sprintf("hosting is %s, %s asked", [_mode, concat(" or ", _accepted)]),
	"at": "/spec/requires/hosting",
	"facts": array.concat([_fact], [pointer |
		some mode in _accepted
		input.offering.hosting[mode] == false
		pointer := offered.pointer(["hosting", mode])
	]),
} if {
	_other
}

# METADATA
# description: The vendor says that it does not have this hosting.
fail contains {
	"message": sprintf("%s has no %s hosting for %s on plan %s", [
		input.offering.id.vendor, _mode,
		input.offering.id.product, input.offering.id.plan,
	]),
	"at": _at,
	"facts": [_fact],
} if {
	_stated == false
}

_ours if input.offering.id.hosting in {"hybrid", "byoc", "self-hosted"}

_supported if not _ours

_supported if {
	is_array(input.offering.hosting.clouds)
	some cloud in input.offering.hosting.clouds
	lower(cloud) in input.infrastructure.id.names
}

_accepted := input.workload.spec.requires.hosting

_placed if is_string(input.workload.spec.placement.hosting)

_mode := input.offering.id.hosting

_fact := offered.pointer(["hosting", _mode])

_stated := input.offering.hosting[_mode]

_other if {
	count(_accepted) > 0
	not _mode in _accepted
}

default _at := "/spec/requires/hosting"

_at := "/spec/placement/hosting" if _placed

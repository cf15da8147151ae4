# METADATA
# title: The cloud that it runs in is under a BAA
# description: |
#   Outside managed hosting the cloud provider handles the PHI, so that it needs
#   a BAA of its own, and the services bought from it have to be in its scope.
# custom:
#   id: infrastructure-baa
#   severity: critical
#   evidence: agreement
#   looks: [agreements, hosting]
#   at: /spec/placement/infrastructure
#   question: whether the cloud provider's BAA is in place and covers the services used
#   proved: the cloud provider is under a BAA that covers the services used
#   references:
#     - {framework: hipaa, id: 164.308(b)(1)}
#     - {framework: hipaa, id: 164.308(b)(2)}
#     - {framework: hipaa, id: 164.502(e)(1)}
#     - {framework: hipaa, id: 164.314(a)(2)(iii)}
#     - {framework: soc2, id: CC9.2}
#   remediation: Execute a BAA with the cloud provider, and use only services that it covers.
#   waivable: false
package caveat.controls.hipaa.infrastructure_baa

import data.caveat.lib.agreement
import data.caveat.lib.hipaa

# METADATA
# description: A BAA is wanted, and hosting is not shown to be the vendor's own.
applies if {
	hipaa.concerned("infrastructure-baa")
	not input.offering.id.hosting == "managed"
}

# METADATA
# description: The manifest asks for a BAA.
asked if hipaa.asked

# METADATA
# description: The cloud's BAA, and its scope for each service bought.
reads contains sprintf("/infrastructure/agreements/baa/%s", [agreement.fact(_baa)]) if input.infrastructure

reads contains sprintf("/infrastructure%s", [hipaa.scope_pointer(feature)]) if {
	some feature in input.infrastructure.implied
}

# METADATA
# description: The cloud's BAA is in place, and every service bought is inside.
pass if {
	agreement.settled(_baa)
	count(input.infrastructure.implied) > 0
	every feature in input.infrastructure.implied { _baa.scope[feature] == "in" }
}

# METADATA
# description: The cloud provider signs no BAA, or ours is not executed.
fail contains {
	"message": sprintf(_denied[fact], [input.infrastructure.id.vendor]),
	"at": "/spec/placement/infrastructure",
	"facts": [sprintf("/infrastructure/agreements/baa/%s", [fact])],
} if {
	some fact in agreement.denials(_baa)
}

# METADATA
# description: A service bought is outside.
fail contains {
	"message": sprintf("%s is outside %s's BAA", [feature, input.infrastructure.id.vendor]),
	"at": "/spec/placement/infrastructure",
	"facts": [sprintf("/infrastructure%s", [pointer])],
} if {
	some feature in input.infrastructure.implied
	pointer := hipaa.exclusion(input.infrastructure, feature)
}

# METADATA
# description: What is on offer still has to be signed.
conditions contains sprintf("execute the BAA with %s", [input.infrastructure.id.vendor]) if agreement.pending(_baa)

# METADATA
# description: Whose cloud it runs in.
undeclared contains {
	"at": "/spec/placement/infrastructure",
	"message": "name the cloud provider: add \"infrastructure: {vendor: ...}\" to spec.placement",
} if {
	not input.infrastructure
}

_baa := object.get(input, ["infrastructure", "agreements", "baa"], {})

_denied := {
	"offered": "%s signs no BAA",
	"executed": "our BAA with %s is not executed",
}

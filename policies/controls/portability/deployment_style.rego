# METADATA
# title: The vendor has a deployment style that the workload accepts
# description: One of the deployment styles that the manifest lists is among those of the offering.
# custom:
#   id: deployment-style
#   severity: medium
#   evidence: feature
#   looks: [deployment]
#   at: /spec/requires/deployment
#   question: in which styles one deploys to {product} of {vendor}, {hosting}
#   proved: '{vendor} has a deployment style that the workload accepts'
#   references: []
#   remediation: Choose an offering with such a style, or widen spec.requires.deployment.
#   waivable: true
package caveat.controls.portability.deployment_style

import data.caveat.lib.offered

# METADATA
# description: The manifest lists deployment styles.
applies if asked

# METADATA
# description: The manifest lists deployment styles.
asked if count(_accepted) > 0

# METADATA
# description: The one fact that the proof rests on.
reads contains "/deployment/styles"

# METADATA
# description: One of the styles asked for is there.
pass if offered.has_any(_styles, _accepted)

# METADATA
# description: Styles are stated, and none is asked for.
fail contains {
	"message": sprintf("%s has %s, %s asked", [input.offering.id.vendor, concat(" or ", _styles), concat(" or ", _accepted)]),
	"at": "/spec/requires/deployment",
	"facts": ["/deployment/styles"],
} if {
	offered.has_none(_styles, _accepted)
}

_accepted := input.workload.spec.requires.deployment

_styles := input.offering.deployment.styles

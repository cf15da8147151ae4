# METADATA
# title: The vendor accepts a packaging that we have
# description: One of the packagings that the manifest lists is accepted by the offering.
# custom:
#   id: packaging
#   severity: medium
#   evidence: feature
#   looks: [portability]
#   at: /spec/requires/packaging
#   question: which packagings {product} of {vendor} accepts, {hosting}
#   proved: '{vendor} accepts a packaging that we have'
#   references: []
#   remediation: Choose an offering that takes what we have, or package the workload for it and say so in spec.requires.packaging.
#   waivable: true
package caveat.controls.portability.packaging

import data.caveat.lib.offered

# METADATA
# description: The manifest lists packagings.
applies if asked

# METADATA
# description: The manifest lists packagings.
asked if count(_ours) > 0

# METADATA
# description: The one fact that the proof rests on.
reads contains "/portability/packaging"

# METADATA
# description: One of ours is accepted.
pass if offered.has_any(_theirs, _ours)

# METADATA
# description: Packagings are stated, and none is ours.
fail contains {
	"message": sprintf("%s accepts %s, we have %s", [input.offering.id.vendor, concat(" or ", _theirs), concat(" or ", _ours)]),
	"at": "/spec/requires/packaging",
	"facts": ["/portability/packaging"],
} if {
	offered.has_none(_theirs, _ours)
}

_ours := input.workload.spec.requires.packaging

_theirs := input.offering.portability.packaging

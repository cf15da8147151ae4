# METADATA
# title: Any standard container image runs unchanged
# description: The vendor states that a standard container image runs without code written against the vendor.
# custom:
#   id: standard-containers
#   severity: low
#   evidence: feature
#   looks: [portability]
#   at: /spec/requires/standardContainers
#   question: whether a standard container image runs unchanged in {product} of {vendor}
#   proved: a standard container image runs unchanged
#   references:
#     - {framework: iso27001, id: A.5.23}
#   remediation: Choose an offering that runs standard images, or drop spec.requires.standardContainers.
#   waivable: true
package caveat.controls.portability.standard_containers

# METADATA
# description: The manifest asks for it.
applies if asked

# METADATA
# description: The manifest asks for it.
asked if input.workload.spec.requires.standardContainers == true

# METADATA
# description: The one fact that the proof rests on.
reads contains "/portability/standardContainers"

# METADATA
# description: Standard images run unchanged.
pass if input.offering.portability.standardContainers == true

# METADATA
# description: Standard images do not run unchanged.
fail contains {
	"message": sprintf("%s does not run standard container images unchanged", [input.offering.id.vendor]),
	"at": "/spec/requires/standardContainers",
	"facts": ["/portability/standardContainers"],
} if {
	input.offering.portability.standardContainers == false
}

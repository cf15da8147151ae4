# METADATA
# title: It scales to zero
# description: The vendor states that replicas of this offering can go down to zero when there is no work.
# custom:
#   id: scale-to-zero
#   severity: low
#   evidence: feature
#   looks: [scaling]
#   at: /spec/service/scaleToZero
#   question: whether {product} of {vendor} scales to zero, {hosting}
#   proved: it scales to zero
#   references: []
#   remediation: Choose an offering that scales to zero, or drop spec.service.scaleToZero.
#   waivable: true
package caveat.controls.service.scale_to_zero

# METADATA
# description: The manifest asks for it.
applies if asked

# METADATA
# description: The manifest asks for it.
asked if input.workload.spec.service.scaleToZero == true

# METADATA
# description: The one fact that the proof rests on.
reads contains "/scaling/scaleToZero"

# METADATA
# description: The vendor says that it scales to zero.
pass if input.offering.scaling.scaleToZero == true

# METADATA
# description: The vendor says that it does not.
fail contains {
	"message": sprintf("%s does not scale %s to zero", [input.offering.id.vendor, input.offering.id.product]),
	"at": "/spec/service/scaleToZero",
	"facts": ["/scaling/scaleToZero"],
} if {
	input.offering.scaling.scaleToZero == false
}

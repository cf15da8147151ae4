# METADATA
# title: The vendor offers every feature that the workload uses
# description: |
#   Each feature under uses is stated to be on offer, whether or not data
#   reaches it. A feature that no source lists is unknown. One that is not
#   generally available, or on its way out, is a condition.
# custom:
#   id: feature-available
#   severity: high
#   evidence: feature
#   looks: [features]
#   at: /spec/uses
#   question: whether {vendor} offers the feature in {product} on plan {plan}, {hosting}
#   proved: '{vendor} offers every feature used'
#   references: []
#   remediation: Use what the vendor offers instead (caveat vendors show), or choose another offering.
#   waivable: true
package caveat.controls.portability.feature_available

import data.caveat.lib.offered

# METADATA
# description: The manifest uses features.
applies if asked

# METADATA
# description: The manifest uses features.
asked if count(_uses) > 0

# METADATA
# description: Whether each feature is on offer.
reads contains _fact(use.feature) if some use in _uses

# METADATA
# description: Every feature is on offer.
pass if {
	every use in _uses { input.offering.features[use.feature].offered == true }
}

# METADATA
# description: What is not generally available is said.
conditions contains sprintf("%s is %s", [use.feature, maturity]) if {
	some use in _uses
	maturity := input.offering.features[use.feature].maturity
	maturity in {"alpha", "beta", "preview", "deprecated"}
}

# METADATA
# description: A feature is not on offer.
fail contains {
	"message": sprintf("%s does not offer %s on plan %s", [input.offering.id.vendor, use.feature, input.offering.id.plan]),
	"at": sprintf("/spec/uses/%d/feature", [i]),
	"facts": [_fact(use.feature)],
} if {
	some i, use in _uses
	input.offering.features[use.feature].offered == false
}

_uses := input.workload.spec.uses

_fact(feature) := offered.pointer(["features", feature, "offered"])

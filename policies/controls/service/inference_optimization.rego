# METADATA
# title: The vendor optimises inference itself
# description: |
#   The vendor states a first-party layer that optimises inference, for the
#   offering or for a feature in use. Nothing stated denies one, so this is
#   proved or unknown.
# custom:
#   id: inference-optimization
#   severity: low
#   evidence: feature
#   looks: [performance, features]
#   at: /spec/requires/inferenceOptimization
#   question: whether {vendor} optimises inference itself in {product}
#   proved: '{vendor} optimises inference itself'
#   references: []
#   remediation: Choose an offering with such a layer, or drop spec.requires.inferenceOptimization.
#   waivable: true
package caveat.controls.service.inference_optimization

import data.caveat.lib.offered
import data.caveat.lib.scope

# METADATA
# description: The manifest asks for it.
applies if asked

# METADATA
# description: A profile brings it.
applies if scope.brought("inference-optimization")

# METADATA
# description: The manifest asks for it.
asked if input.workload.spec.requires.inferenceOptimization == true

# METADATA
# description: What the vendor has of the kind.
reads contains at if some at, _ in _layers

# METADATA
# description: The vendor names what it has.
pass if {
	every layer in _layers {
		is_array(layer)
		count(layer) > 0
	}
}

_layers := offered.by_feature("performance", "inferenceOptimization", [layer |
	layer := input.offering.performance.inferenceOptimization
])

# METADATA
# title: The vendor has all of the GPU models
# description: |
#   Every GPU model that the manifest lists is among the SKUs that the vendor
#   sells for this offering. A price list that leaves a model out does not say
#   that it cannot be had.
# custom:
#   id: gpu-breadth
#   severity: low
#   evidence: feature
#   looks: [gpuModels]
#   at: /spec/requires/gpuModels
#   question: whether {vendor} has each of the GPU models on plan {plan}, {hosting}
#   proved: '{vendor} has all of the GPU models'
#   references: []
#   remediation: Choose a vendor with all of the models, or shorten spec.requires.gpuModels.
#   waivable: true
package caveat.controls.compute.gpu_breadth

import data.caveat.lib.offered

# METADATA
# description: The manifest asks for GPU models.
applies if asked

# METADATA
# description: The manifest asks for GPU models.
asked if count(_models) > 0

# METADATA
# description: Each model.
reads contains _fact(model) if some model in _models

# METADATA
# description: The vendor has every one.
pass if {
	every model in _models { input.offering.gpuModels[model] == true }
}

# METADATA
# description: The vendor is known not to have one.
fail contains {
	"message": sprintf("%s does not have %s", [input.offering.id.vendor, model]),
	"at": sprintf("/spec/requires/gpuModels/%d", [i]),
	"facts": [_fact(model)],
} if {
	some i, model in _models
	input.offering.gpuModels[model] == false
}

_models := input.workload.spec.requires.gpuModels

_fact(model) := offered.pointer(["gpuModels", model])

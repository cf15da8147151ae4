package caveat.controls.service.inference_optimization_test

import data.caveat.controls.service.inference_optimization
import data.caveat.lib.status

cases := {
	"named": [true, [], {"inferenceOptimization": ["TensorRT-LLM"]}, "pass"],
	"nothing named": [true, [], {"inferenceOptimization": []}, "unknown"],
	"words": [true, [], {"inferenceOptimization": "TensorRT-LLM"}, "unknown"],
	"not stated": [true, [], {}, "unknown"],
	"brought": [false, ["inference-optimization"], {"inferenceOptimization": ["TensorRT-LLM"]}, "pass"],
	"brought, not stated": [false, ["inference-optimization"], {}, "unknown"],
	"not needed": [false, ["ttft"], {"inferenceOptimization": ["TensorRT-LLM"]}, "not-applicable"],
}

test_status[name] if {
	some name, [needed, brought, performance, want] in cases
	got := status.of(inference_optimization) with input.workload.spec.requires.inferenceOptimization as needed
		with input.parameters.brought as brought
		with input.offering.performance as performance
	got == want
}

test_asked if inference_optimization.asked with input.workload.spec.requires.inferenceOptimization as true

test_not_asked if {
	not inference_optimization.asked with input.workload.spec.requires.inferenceOptimization as false
		with input.parameters.brought as ["inference-optimization"]
}

test_reads if inference_optimization.reads == {"/performance/inferenceOptimization"} with input.offering as {}

# A product or a feature in use may bring the layer with it.
test_feature[name] if {
	some name, [uses, implied] in {
		"used": [[{"feature": "endpoints", "data": []}], []],
		"implied": [[], ["endpoints"]],
	}
	got := [status.of(inference_optimization), inference_optimization.reads] with input.workload.spec as {
		"requires": {"inferenceOptimization": true},
		"uses": uses,
	}
		with input.offering as {
			"implied": implied,
			"features": {"endpoints": {"facts": {"performance": {"inferenceOptimization": ["speculative decoding"]}}}},
		}
	got == ["pass", {"/features/endpoints/facts/performance/inferenceOptimization"}]
}

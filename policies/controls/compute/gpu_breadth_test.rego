package caveat.controls.compute.gpu_breadth_test

import data.caveat.controls.compute.gpu_breadth
import data.caveat.lib.status

cases := {
	"all": [["H100", "L4"], {"H100": true, "L4": true, "T4": true}, "pass"],
	"one not listed": [["H100", "L4"], {"H100": true}, "unknown"],
	"none listed": [["H100"], {}, "unknown"],
	"one denied": [["H100", "L4"], {"H100": true, "L4": false}, "fail"],
	"words": [["H100"], {"H100": "yes"}, "unknown"],
	"not asked": [[], {"H100": true}, "not-applicable"],
}

test_status[name] if {
	some name, [models, sold, want] in cases
	got := status.of(gpu_breadth) with input.workload.spec.requires.gpuModels as models
		with input.offering as _offering(sold)
	got == want
}

test_asked if gpu_breadth.asked with input.workload.spec.requires.gpuModels as ["H100"]

test_not_asked if not gpu_breadth.asked with input.workload.spec.requires.gpuModels as []

test_reads if {
	gpu_breadth.reads == {"/gpuModels/H100", "/gpuModels/L4"} with input.workload.spec.requires.gpuModels as ["H100", "L4"]
}

test_reasons if {
	got := gpu_breadth.fail with input.workload.spec.requires.gpuModels as ["H100", "L4"]
		with input.offering as _offering({"H100": true, "L4": false})
	got == {{
		"message": "acme does not have L4",
		"at": "/spec/requires/gpuModels/1",
		"facts": ["/gpuModels/L4"],
	}}
}

_offering(sold) := {"id": {"vendor": "acme"}, "gpuModels": sold}

package caveat.controls.compute.multi_node_test

import data.caveat.controls.compute.multi_node
import data.caveat.lib.status

# 3 nodes of 8 GPUs.
cases := {
	"yes": [{"multiNode": true}, "unknown"],
	"no": [{"multiNode": false}, "fail"],
	"not stated": [{}, "unknown"],
	"words": [{"multiNode": "yes"}, "unknown"],
	"enough": [{"multiNodeGpus": 25}, "pass"],
	"equal": [{"multiNodeGpus": 24}, "pass"],
	"too few": [{"multiNodeGpus": 23}, "fail"],
	"number in words": [{"multiNodeGpus": "many"}, "unknown"],
	"number as truth": [{"multiNodeGpus": false}, "unknown"],
	"yes and enough": [{"multiNode": true, "multiNodeGpus": 24}, "pass"],
	"yes and too few": [{"multiNode": true, "multiNodeGpus": 23}, "fail"],
	"yes and in words": [{"multiNode": true, "multiNodeGpus": "many"}, "unknown"],
	"no and enough": [{"multiNode": false, "multiNodeGpus": 24}, "pass"],
	"words and enough": [{"multiNode": "yes", "multiNodeGpus": 24}, "pass"],
}

test_status[name] if {
	some name, [limits, want] in cases
	got := status.of(multi_node) with input.workload.spec.resources as _resources
		with input.offering as {"limits": limits}
	got == want
}

test_without_gpus if {
	got := status.of(multi_node) with input.workload.spec.resources as {"nodes": 3}
		with input.offering as {"limits": {"multiNodeGpus": 24}}
	got == "unknown"
}

test_one_node if {
	got := status.of(multi_node) with input.workload.spec.resources as object.union(_resources, {"nodes": 1})
		with input.offering as {"limits": {"multiNodeGpus": 24}}
	got == "not-applicable"
}

test_asked if multi_node.asked with input.workload.spec.resources.nodes as 2

test_reads if multi_node.reads == {"/limits/multiNodeGpus"}

test_reasons if {
	got := multi_node.fail with input.workload.spec.resources as _resources
		with input.offering.limits as {"multiNode": false, "multiNodeGpus": 16}
	got == {{
		"message": "one job has at most 16 GPUs, 24 needed",
		"at": "/spec/resources/nodes",
		"facts": ["/limits/multiNodeGpus"],
	}}
}

test_one_node_only if {
	got := multi_node.fail with input.workload.spec.resources as _resources
		with input.offering.limits as {"multiNode": false}
	got == {{
		"message": "one job has one node, 3 needed",
		"at": "/spec/resources/nodes",
		"facts": ["/limits/multiNode"],
	}}
}

_resources := {"nodes": 3, "gpu": {"model": "H100", "count": 8}}

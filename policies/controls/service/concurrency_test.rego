package caveat.controls.service.concurrency_test

import data.caveat.controls.service.concurrency
import data.caveat.lib.status

# 10 replicas of 2 GPUs.
cases := {
	"both enough": [{"maxReplicas": 11, "maxGpus": 21}, "pass"],
	"both equal": [{"maxReplicas": 10, "maxGpus": 20}, "pass"],
	"too few replicas": [{"maxReplicas": 9, "maxGpus": 20}, "fail"],
	"too few GPUs": [{"maxReplicas": 10, "maxGpus": 19}, "fail"],
	"replicas alone": [{"maxReplicas": 10}, "unknown"],
	"too few replicas alone": [{"maxReplicas": 9}, "fail"],
	"GPUs alone": [{"maxGpus": 20}, "unknown"],
	"too few GPUs alone": [{"maxGpus": 19}, "fail"],
	"not stated": [{}, "unknown"],
	"replicas in words": [{"maxReplicas": "unlimited", "maxGpus": 20}, "unknown"],
	"GPUs in words": [{"maxReplicas": 10, "maxGpus": "unlimited"}, "unknown"],
	"truth": [{"maxReplicas": false, "maxGpus": 20}, "unknown"],
	"null": [{"maxReplicas": null}, "unknown"],
}

test_status[name] if {
	some name, [scaling, want] in cases
	got := status.of(concurrency) with input.workload.spec as _spec
		with input.offering.scaling as scaling
	got == want
}

test_contradictory if {
	got := [status.of(concurrency), concurrency.reads] with input.workload.spec as _spec
		with input.offering as {"scaling": {"maxReplicas": 10}, "conflicts": ["/scaling/maxGpus"]}
	got == ["unknown", {"/scaling/maxReplicas", "/scaling/maxGpus"}]
}

test_without_gpus if {
	got := [status.of(concurrency), concurrency.reads] with input.workload.spec as {"service": {"concurrency": 10}, "resources": {}}
		with input.offering.scaling as {"maxReplicas": 10, "maxGpus": 1}
	got == ["pass", {"/scaling/maxReplicas"}]
}

test_nodes[name] if {
	some name, [gpus, want] in {"enough": [60, "pass"], "too few": [59, "fail"]}
	got := status.of(concurrency) with input.workload.spec as {
		"service": {"concurrency": 10},
		"resources": {"nodes": 3, "gpu": {"model": "H100", "count": 2}},
	}
		with input.offering.scaling as {"maxReplicas": 10, "maxGpus": gpus}
	got == want
}

test_not_asked if {
	got := status.of(concurrency) with input.workload.spec as {"service": {}, "resources": {"gpu": {"count": 1}}}
		with input.offering.scaling as {"maxReplicas": 10}
	got == "not-applicable"
}

test_asked if concurrency.asked with input.workload.spec as _spec

reads := {
	"both": [{"maxReplicas": 10, "maxGpus": 20}, {"/scaling/maxReplicas", "/scaling/maxGpus"}],
	"none": [{}, {"/scaling/maxReplicas", "/scaling/maxGpus"}],
}

test_reads[name] if {
	some name, [scaling, want] in reads
	got := concurrency.reads with input.workload.spec as _spec
		with input.offering.scaling as scaling
	got == want
}

test_reasons if {
	got := concurrency.fail with input.workload.spec as _spec
		with input.offering.scaling as {"maxReplicas": 5, "maxGpus": 8}
	got == {
		{
			"message": "at most 5 replicas at once, 10 needed",
			"at": "/spec/service/concurrency",
			"facts": ["/scaling/maxReplicas"],
		},
		{
			"message": "at most 8 GPUs at once, 20 needed",
			"at": "/spec/service/concurrency",
			"facts": ["/scaling/maxGpus"],
		},
	}
}

_spec := {
	"service": {"concurrency": 10},
	"resources": {"gpu": {"model": "H100", "count": 2}},
}

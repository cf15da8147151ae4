package caveat.controls.service.cold_start_test

import data.caveat.controls.service.cold_start
import data.caveat.lib.status

cases := {
	"shorter": ["10s", {"measures": "model-ready", "high": "9s"}, "pass"],
	"equal": ["10s", {"measures": "model-ready", "high": "10s"}, "pass"],
	"other unit": ["1m", {"measures": "model-ready", "high": "60s"}, "pass"],
	"may be longer": ["10s", {"measures": "model-ready", "low": "5s", "high": "11s"}, "unknown"],
	"least is equal": ["10s", {"measures": "model-ready", "low": "10s", "high": "11s"}, "unknown"],
	"longer": ["10s", {"measures": "model-ready", "low": "11s", "high": "90s"}, "fail"],
	"longer, no end": ["10s", {"measures": "model-ready", "low": "11s"}, "fail"],
	"longer, upside down": ["10s", {"measures": "model-ready", "low": "11s", "high": "9s"}, "fail"],
	"typical": ["10s", {"measures": "model-ready", "typical": "5s"}, "unknown"],
	"typical is longer": ["10s", {"measures": "model-ready", "typical": "11s"}, "unknown"],
	"container": ["10s", {"measures": "container-boot", "high": "1s"}, "unknown"],
	"container is longer": ["10s", {"measures": "container-boot", "low": "11s"}, "fail"],
	"container may be longer": ["10s", {"measures": "container-boot", "low": "1s", "high": "11s"}, "unknown"],
	"measures nothing known": ["10s", {"measures": "unknown", "low": "11s", "high": "12s"}, "unknown"],
	"measures nothing": ["10s", {"low": "1s", "high": "2s"}, "unknown"],
	"number": ["10s", {"measures": "model-ready", "high": 9}, "unknown"],
	"words": ["10s", {"measures": "model-ready", "high": "instant"}, "unknown"],
	"null": ["10s", null, "unknown"],
	"asked in words": ["soon", {"measures": "model-ready", "low": "1s", "high": "2s"}, "unknown"],
	"our model": ["10s", {"measures": "model-ready", "high": "9s", "model": "Llama-3-70b"}, "pass"],
	"another model": ["10s", {"measures": "model-ready", "high": "9s", "model": "llama-3-8b"}, "unknown"],
	"another model is longer": ["10s", {"measures": "model-ready", "low": "30s", "model": "large models"}, "unknown"],
}

test_status[name] if {
	some name, [needed, figure, want] in cases
	got := status.of(cold_start) with input.workload.spec as {
		"service": {"coldStart": needed},
		"model": {"name": "LLaMA-3-70b"},
	}
		with input.offering.performance.coldStart as figure
	got == want
}

test_not_stated if {
	got := status.of(cold_start) with input.workload.spec.service.coldStart as "10s"
		with input.offering as {}
	got == "unknown"
}

test_model_of_ours_not_stated if {
	got := status.of(cold_start) with input.workload.spec.service.coldStart as "10s"
		with input.offering.performance.coldStart as {"measures": "model-ready", "high": "9s", "model": "llama-3-70b"}
	got == "unknown"
}

test_not_asked if {
	got := status.of(cold_start) with input.workload.spec.service as {}
		with input.offering.performance.coldStart as {"measures": "model-ready", "high": "9s"}
	got == "not-applicable"
}

test_asked if cold_start.asked with input.workload.spec.service.coldStart as "10s"

always := {
	"one replica": [1, "pass"],
	"none": [0, "fail"],
	"words": ["two", "fail"],
}

test_always_on[name] if {
	some name, [replicas, want] in always
	got := status.of(cold_start) with input.workload.spec as {
		"service": {"coldStart": "10s"},
		"usage": {"alwaysOn": {"replicas": replicas}},
	}
		with input.offering.performance.coldStart as {"measures": "model-ready", "low": "30s"}
	got == want
}

reads := {
	"always on": [{"alwaysOn": {"replicas": 2}}, {"/workload/spec/usage/alwaysOn/replicas"}],
	"from zero": [{"gpuHours": 40}, {"/performance/coldStart/high"}],
}

test_reads[name] if {
	some name, [usage, want] in reads
	got := cold_start.reads with input.workload.spec as {"service": {"coldStart": "10s"}, "usage": usage}
		with input.offering as {}
	got == want
}

# The figure of a feature in use stands in for the offering's.
test_feature[name] if {
	some name, [own, want] in {
		"shorter": [{"measures": "model-ready", "high": "9s"}, "pass"],
		"longer": [{"measures": "model-ready", "low": "11s"}, "fail"],
	}
	got := status.of(cold_start) with input.workload.spec as {
		"service": {"coldStart": "10s"},
		"uses": [{"feature": "snapshots", "data": []}],
	}
		with input.offering as {
			"performance": {"coldStart": {"measures": "model-ready", "low": "10s", "high": "10m"}},
			"features": {"snapshots": {"facts": {"performance": {"coldStart": own}}}},
		}
	got == want
}

reasons := {
	"model": [
		{"measures": "model-ready", "low": "30s"},
		"a cold start takes at least 30s until the model answers, at most 10s asked",
	],
	"container": [
		{"measures": "container-boot", "low": "30s"},
		"a cold start takes at least 30s until a container starts, at most 10s asked",
	],
	"named": [
		{"measures": "model-ready", "low": "30s", "model": "Llama-3-70b"},
		"a cold start takes at least 30s until the model answers, at most 10s asked",
	],
}

test_reasons[name] if {
	some name, [figure, message] in reasons
	got := cold_start.fail with input.workload.spec as {"service": {"coldStart": "10s"}, "model": {"name": "llama-3-70b"}}
		with input.offering.performance.coldStart as figure
	got == {{"message": message, "at": "/spec/service/coldStart", "facts": ["/performance/coldStart/low"]}}
}

# Traffic is judged by the waits of its replay.
_ready := {"measures": "model-ready", "high": "30s", "model": "LLaMA-3-70b"}

_slow := {"waitP99Low": "10.000000001", "waitP99High": "30", "minReplicas": 0, "warm": false}

_fast := {"waitP99Low": "0", "waitP99High": "10", "minReplicas": 2, "warm": true}

_between := object.union(_slow, {"waitP99Low": "10"})

traffic := {
	"in time": [{}, _fast, _ready, "pass"],
	"too late": [{}, _slow, _ready, "fail"],
	"too late at most": [{}, _between, _ready, "unknown"],
	"not replayed": [{}, null, _ready, "unknown"],
	"no longest": [{}, {"waitP99Low": "0", "minReplicas": 0}, _ready, "unknown"],
	"no shortest": [{}, {"waitP99High": "30", "minReplicas": 0}, _ready, "unknown"],
	"no end": [{}, _fast, {"measures": "model-ready", "low": "1s", "typical": "2s"}, "unknown"],
	"container": [{}, _fast, {"measures": "container-boot", "high": "1s"}, "unknown"],
	"container, too late": [{}, _slow, {"measures": "container-boot", "low": "1s", "high": "1s"}, "unknown"],
	"another model": [{}, _fast, object.union(_ready, {"model": "llama-3-8b"}), "unknown"],
	"another model, too late": [{}, _slow, object.union(_ready, {"model": "llama-3-8b"}), "unknown"],
	"assumed": [{"scaling": {"coldStart": "40s"}}, _fast, _ready, "unknown"],
	"assumed, too late": [{"scaling": {"coldStart": "40s"}}, _slow, _ready, "unknown"],
	"assumed in parts": [{"scaling": {"coldStart": {"high": "40s"}}}, _fast, _ready, "unknown"],
	"short in the document, late in the replay": [{}, _slow, object.union(_ready, {"high": "1s"}), "fail"],
	"long in the document, in time in the replay": [{}, _fast, object.union(_ready, {"low": "20s"}), "pass"],
}

_traffic(usage, replay, figure) := {
	"workload": {"spec": {"service": {"coldStart": "10s"}, "model": {"name": "llama-3-70b"}, "usage": {"traffic": usage}}},
	"offering": {"performance": {"coldStart": figure}},
	"cost": {"replay": replay},
}

test_traffic[name] if {
	some name, [usage, replay, figure, want] in traffic
	subject := _traffic(object.union({"trace": "chat.csv"}, usage), replay, figure)
	got := status.of(cold_start) with input as json.remove(subject, [path | replay == null; path := "/cost/replay"])
	got == want
}

test_traffic_reads[name] if {
	some name, [usage, want] in {
		"document": [{"trace": "chat.csv"}, {"/performance/coldStart/high"}],
		"assumed": [{"scaling": {"coldStart": "40s"}}, {"/performance/coldStart/high"}],
	}
	got := cold_start.reads with input as _traffic(usage, _fast, _ready)
	got == want
}

test_traffic_conditions[name] if {
	some name, [replay, want] in {
		"as it is": [_slow, set()],
		"one": [object.union(_fast, {"minReplicas": 1}), {"keep at least 1 replica on"}],
		"two": [_fast, {"keep at least 2 replicas on"}],
	}
	got := cold_start.conditions with input as _traffic({"trace": "chat.csv"}, replay, _ready)
	got == want
}

test_traffic_reasons if {
	got := cold_start.fail with input as _traffic({"trace": "chat.csv"}, _slow, _ready)
	got == {{
		"message": "1 of 100 requests waits longer than 10.000000001 s, at most 10s asked",
		"at": "/spec/service/coldStart",
		"facts": ["/performance/coldStart"],
	}}
}

# The figure of a feature in use is the one that was replayed, and that counts.
test_traffic_feature[name] if {
	some name, [own, want] in {
		"stated": [{"measures": "model-ready", "high": "90s"}, "pass"],
		"container": [{"measures": "container-boot", "high": "90s"}, "unknown"],
	}
	got := status.of(cold_start) with input as {
		"workload": {"spec": {
			"service": {"coldStart": "10s"},
			"uses": [{"feature": "snapshots", "data": []}],
			"usage": {"traffic": {"trace": "chat.csv"}},
		}},
		"offering": {
			"performance": {"coldStart": {"measures": "container-boot", "high": "1s"}},
			"features": {"snapshots": {"facts": {"performance": {"coldStart": own}}}},
		},
		"cost": {"replay": _fast},
	}
	got == want
}

test_traffic_undeclared[name] if {
	some name, [scaling, replay, want] in {
		"replayed": [{}, _fast, set()],
		"not replayed": [{}, null, {{"at": "/spec/usage/traffic", "message": "state what the replay lacks: the cost names it"}}],
		"assumed": [{"coldStart": "40s"}, _fast, {{
			"at": "/spec/usage/traffic/scaling/coldStart",
			"message": "this cold start is assumed: state the measurement in an account, under performance.coldStart",
		}}],
	}
	subject := json.remove(_traffic({"trace": "chat.csv", "scaling": scaling}, replay, _ready), [path | replay == null; path := "/cost/replay"])
	got := cold_start.undeclared with input as subject
	got == want
}

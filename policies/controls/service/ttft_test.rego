package caveat.controls.service.ttft_test

import data.caveat.controls.service.ttft
import data.caveat.lib.status

cases := {
	"shorter": ["200ms", "llama-3-70b", {"llama-3-70b": {"p50": "199ms"}}, "pass"],
	"equal": ["200ms", "llama-3-70b", {"llama-3-70b": {"p50": "200ms"}}, "pass"],
	"longer": ["200ms", "llama-3-70b", {"llama-3-70b": {"p50": "201ms"}}, "fail"],
	"other unit": ["2s", "llama-3-70b", {"llama-3-70b": {"p50": "201ms"}}, "pass"],
	"other case": ["200ms", "Llama-3-70B", {"llama-3-70b": {"p50": "200ms"}}, "pass"],
	"path": ["200ms", "meta/llama-3-70b", {"meta/llama-3-70b": {"p50": "200ms"}}, "pass"],
	"another model": ["200ms", "llama-3-70b", {"llama-3-8b": {"p50": "100ms"}}, "unknown"],
	"another model is longer": ["200ms", "llama-3-70b", {"llama-3-405b": {"p50": "300ms"}}, "unknown"],
	"another percentile": ["200ms", "llama-3-70b", {"llama-3-70b": {"p95": "300ms"}}, "unknown"],
	"words": ["200ms", "llama-3-70b", {"llama-3-70b": {"p50": "instant"}}, "unknown"],
	"number": ["200ms", "llama-3-70b", {"llama-3-70b": {"p50": 0.1}}, "unknown"],
	"not stated": ["200ms", "llama-3-70b", {}, "unknown"],
	"asked in words": ["soon", "llama-3-70b", {"llama-3-70b": {"p50": "100ms"}}, "unknown"],
}

test_status[name] if {
	some name, [needed, model, published, want] in cases
	got := status.of(ttft) with input.workload.spec as {"service": {"ttftP50": needed}, "model": {"name": model}}
		with input.offering.performance.ttft as published
	got == want
}

test_not_asked if {
	got := status.of(ttft) with input.workload.spec as {"service": {}, "model": {"name": "llama-3-70b"}}
		with input.offering.performance.ttft as {"llama-3-70b": {"p50": "100ms"}}
	got == "not-applicable"
}

test_asked if ttft.asked with input.workload.spec.service.ttftP50 as "200ms"

test_model_not_named if {
	got := [status.of(ttft), ttft.undeclared] with input.workload.spec.service.ttftP50 as "200ms"
		with input.offering.performance.ttft as {"llama-3-70b": {"p50": "100ms"}}
	got == ["unknown", {{
		"at": "/spec/model",
		"message": "name the model: add \"model: {name: ...}\" to spec",
	}}]
}

test_reads if {
	ttft.reads == {"/performance/ttft/meta~1llama-3-70b/p50"} with input.workload.spec.model.name as "meta/Llama-3-70B"
}

test_reasons if {
	got := ttft.fail with input.workload.spec as {"service": {"ttftP50": "200ms"}, "model": {"name": "Llama-3-70B"}}
		with input.offering.performance.ttft as {"llama-3-70b": {"p50": "350ms"}}
	got == {{
		"message": "median time to first token of llama-3-70b is 350ms, at most 200ms asked",
		"at": "/spec/service/ttftP50",
		"facts": ["/performance/ttft/llama-3-70b/p50"],
	}}
}

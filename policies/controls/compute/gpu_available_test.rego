package caveat.controls.compute.gpu_available_test

import data.caveat.controls.compute.gpu_available
import data.caveat.lib.status

cases := {
	"self-serve": ["self-serve", {}, "pass"],
	"on request": ["on-request", {}, "pass"],
	"quota": ["quota", {}, "pass"],
	"unavailable": ["unavailable", {}, "fail"],
	"unavailable, reserving": ["unavailable", {"capacity": "reserved"}, "fail"],
	"reserved only": ["reserved-only", {}, "fail"],
	"reserved only, on demand": ["reserved-only", {"capacity": "on-demand"}, "fail"],
	"reserved only, reserving": ["reserved-only", {"capacity": "reserved"}, "pass"],
	"self-serve, reserving": ["self-serve", {"capacity": "reserved"}, "pass"],
	"words": ["soon", {"capacity": "reserved"}, "unknown"],
	"truth": [true, {}, "unknown"],
	"null": [null, {}, "unknown"],
}

test_status[name] if {
	some name, [availability, placement, want] in cases
	got := status.of(gpu_available) with input.workload.spec as _spec(placement)
		with input.offering as _offering({}, {"availability": availability})
	got == want
}

# The GPU of the offering against 2 × H100, for each way to get it.
matches := {
	"same": [{}, "pass"],
	"another model": [{"gpu": "H200"}, "fail"],
	"more": [{"count": 8}, "fail"],
	"fewer": [{"count": 1}, "fail"],
	"model not known": [{"gpu": null}, "unknown"],
	"count not known": [{"count": null}, "unknown"],
	"no GPU": [{"gpu": "", "count": 0}, "fail"],
}

test_match[sprintf("%s, %s", [name, availability])] if {
	some name, [patch, want] in matches
	some availability in ["self-serve", "reserved-only"]
	got := status.of(gpu_available) with input.workload.spec as _spec({"capacity": "reserved"})
		with input.offering as _offering(patch, {"availability": availability})
	got == want
}

# Another GPU will do where the manifest says how fast it is.
speeds := {
	"stated": [{"H200": 1.4}, {"gpu": "H200"}, "pass"],
	"of another": [{"B200": 2}, {"gpu": "H200"}, "fail"],
	"in words": [{"H200": "fast"}, {"gpu": "H200"}, "fail"],
	"another number": [{"H200": 1.4}, {"gpu": "H200", "count": 8}, "fail"],
}

test_speed[sprintf("%s, %s", [name, availability])] if {
	some name, [speed, patch, want] in speeds
	some availability in ["self-serve", "reserved-only"]
	got := status.of(gpu_available) with input.workload.spec as object.union(
		_spec({"capacity": "reserved"}),
		{"usage": {"traffic": {"speed": speed}}},
	)
		with input.offering as _offering(patch, {"availability": availability})
	got == want
}

test_not_stated if {
	got := status.of(gpu_available) with input.workload.spec as _spec({})
		with input.offering as _offering({}, {})
	got == "unknown"
}

test_no_sku if {
	got := [status.of(gpu_available), gpu_available.reads] with input.workload.spec as _spec({})
		with input.offering as {"id": {"vendor": "acme", "gpu": "H100", "count": 2}}
	got == ["unknown", {"/skus"}]
}

test_not_asked if {
	got := status.of(gpu_available) with input.workload.spec as {"resources": {"cpu": 4}}
		with input.offering as _offering({}, {"availability": "self-serve"})
	got == "not-applicable"
}

test_asked if gpu_available.asked with input.workload.spec as _spec({})

conditions := {
	"self-serve": set(),
	"on-request": {"ask acme for access to H100"},
	"quota": {"ask acme for access to H100"},
}

test_conditions[availability] if {
	some availability, want in conditions
	got := gpu_available.conditions with input.workload.spec as _spec({})
		with input.offering as _offering({}, {"availability": availability})
	got == want
}

test_reads if {
	gpu_available.reads == {"/skus/h100-2/availability"} with input.offering as _offering({}, {})
}

reasons := {
	"model": [{"gpu": "H200"}, "self-serve", "the offering has H200, H100 asked", "/spec/resources/gpu/model"],
	"no GPU": [{"gpu": "", "count": 0}, "self-serve", "the offering has no GPU, H100 asked", "/spec/resources/gpu/model"],
	"another with another count": [
		{"gpu": "H200", "count": 8}, "self-serve",
		"the offering has H200, H100 asked", "/spec/resources/gpu/model",
	],
	"count": [{"count": 8}, "self-serve", "the offering has 8 × H100, 2 asked", "/spec/resources/gpu/count"],
	"unavailable": [{}, "unavailable", "H100 is not available at acme", "/spec/resources/gpu"],
	"reserved": [{}, "reserved-only", "acme sells H100 as reserved capacity only", "/spec/resources/gpu"],
}

test_reasons[name] if {
	some name, [patch, availability, message, at] in reasons
	got := gpu_available.fail with input.workload.spec as _spec({})
		with input.offering as _offering(patch, {"availability": availability})
	got == {{"message": message, "at": at, "facts": ["/skus/h100-2/availability"]}}
}

# In our own account the machines are the cloud's.
clouds := {
	"sold": ["byoc", {"h100-2": {"availability": "self-serve"}}, {}, "pass"],
	"on request": ["self-hosted", {"h100-2": {"availability": "on-request"}}, {}, "pass"],
	"not sold": ["byoc", {"h100-2": {"availability": "unavailable"}}, {}, "fail"],
	"not stated": ["byoc", {}, {}, "unknown"],
	"another": ["byoc", {"h100-2": {"availability": "self-serve"}}, {"gpu": "H200"}, "fail"],
	"overflow is the vendor's": ["hybrid", {"h100-2": {"availability": "unavailable"}}, {}, "pass"],
}

test_cloud[name] if {
	some name, [hosting, skus, patch, want] in clouds
	got := status.of(gpu_available) with input.workload.spec as _spec({})
		with input.offering as _offering({"hosting": hosting}, {"availability": "self-serve"})
		with input.infrastructure as {"id": object.union(_cloud, patch), "skus": skus}
	got == want
}

test_cloud_reads if {
	got := [gpu_available.reads, gpu_available.conditions] with input.workload.spec as _spec({})
		with input.offering as _offering({"hosting": "byoc"}, {})
		with input.infrastructure as {"id": _cloud, "skus": {"h100-2": {"availability": "quota"}}}
	got == [{"/infrastructure/skus/h100-2/availability"}, {"ask cirrus for access to H100"}]
}

test_no_cloud if {
	got := [status.of(gpu_available), gpu_available.reads, gpu_available.undeclared] with input.workload.spec as _spec({})
		with input.offering as _offering({"hosting": "byoc"}, {"availability": "self-serve"})
	got == ["unknown", {"/infrastructure/skus"}, {{
		"at": "/spec/placement/infrastructure",
		"message": "name the cloud provider: add \"infrastructure: {vendor: ...}\" to spec.placement",
	}}]
}

_cloud := {"vendor": "cirrus", "sku": "h100-2", "gpu": "H100", "count": 2}

_spec(placement) := {"placement": placement, "resources": {"gpu": {"model": "H100", "count": 2}}}

_offering(patch, sku) := {
	"id": object.union({"vendor": "acme", "sku": "h100-2", "gpu": "H100", "count": 2}, patch),
	"skus": {"h100-2": sku},
}

reads_cases := {
	"on-demand": ["on-demand", "self-serve", {"/skus/h100-2/availability"}],
	"preemptible": ["preemptible", "self-serve", {"/skus/h100-2/availability", "/skus/h100-2/price/preemptible"}],
	"reserved": ["reserved", "self-serve", {"/skus/h100-2/availability", "/skus/h100-2/price/reserved"}],
	"reserved only": ["reserved", "reserved-only", {"/skus/h100-2/availability"}],
}

test_reads_of_capacity[name] if {
	some name, [capacity, availability, want] in reads_cases
	got := gpu_available.reads with input.offering as _offering({"capacity": capacity}, {"availability": availability})
	got == want
}

package caveat.controls.cost.gpu_price_test

import data.caveat.controls.cost.gpu_price
import data.caveat.lib.status

cases := {
	"below": [{"gpuHour": "3.94"}, "pass"],
	"equal": [{"gpuHour": "3.9500"}, "pass"],
	"above": [{"gpuHour": "3.9501"}, "fail"],
	"not known": [{}, "unknown"],
	"null": [{"gpuHour": null}, "unknown"],
	"number": [{"gpuHour": 3}, "unknown"],
	"words": [{"gpuHour": "cheap"}, "unknown"],
	"other currency": [{"currency": "EUR", "gpuHour": "3"}, "unknown"],
	"other currency, above": [{"currency": "EUR", "gpuHour": "5"}, "unknown"],
}

test_status[name] if {
	some name, [cost, want] in cases
	got := status.of(gpu_price) with input.workload.spec.requires.gpuHourPrice as "3.95 USD"
		with input.offering as _offering({})
		with input.cost as object.union({"currency": "USD"}, cost)
	got == want
}

test_price_not_stated if {
	got := status.of(gpu_price) with input.workload.spec.requires.gpuHourPrice as "3.95 USD"
		with input.offering as {"id": {"sku": "h100", "capacity": "on-demand"}}
		with input.cost as {"currency": "USD", "gpuHour": "3"}
	got == "unknown"
}

test_asked_in_words if {
	got := status.of(gpu_price) with input.workload.spec.requires.gpuHourPrice as "little"
		with input.offering as _offering({})
		with input.cost as {"currency": "USD", "gpuHour": "3"}
	got == "unknown"
}

test_not_asked if {
	got := status.of(gpu_price) with input.workload.spec.requires as {}
		with input.offering as _offering({})
		with input.cost as {"currency": "USD", "gpuHour": "3"}
	got == "not-applicable"
}

test_asked if gpu_price.asked with input.workload.spec.requires.gpuHourPrice as "3.95 USD"

reads := {
	"rates without fees": [
		["/prices/planFee", "/prices/regionMultiplier", "/skus/h100/price/on-demand"],
		{"/prices/regionMultiplier", "/skus/h100/price/on-demand"},
	],
	"rates of platform and cloud": [
		["/infrastructure/prices/regionMultiplier", "/infrastructure/skus/p5/price/on-demand", "/prices/platformRate"],
		{"/infrastructure/prices/regionMultiplier", "/infrastructure/skus/p5/price/on-demand", "/prices/platformRate"},
	],
	"rates alone": [
		["/features/a/skus/b", "/prices/regionMultipliers", "/skus/h100/price/on-demand"],
		{"/skus/h100/price/on-demand"},
	],
	"none": [["/prices/planFee"], {"/skus/h100/price/on-demand"}],
}

test_reads[name] if {
	some name, [facts, want] in reads
	got := gpu_price.reads with input.offering as _offering({})
		with input.cost.facts as facts
	got == want
}

test_reasons if {
	got := gpu_price.fail with input.workload.spec.requires.gpuHourPrice as "3.95 USD"
		with input.offering as _offering({"regionMultiplier": "1.25"})
		with input.cost as {
			"currency": "USD", "gpuHour": "4.94",
			"facts": ["/prices/planFee", "/prices/regionMultiplier", "/skus/h100/price/on-demand"],
		}
	got == {{
		"message": "4.94 USD a GPU-hour, at most 3.95 USD asked",
		"at": "/spec/requires/gpuHourPrice",
		"facts": ["/prices/regionMultiplier", "/skus/h100/price/on-demand"],
	}}
}

_offering(prices) := {
	"id": {"vendor": "acme", "sku": "h100", "capacity": "on-demand"},
	"skus": {"h100": {"price": {"on-demand": {"amount": "3.95"}}}},
	"prices": prices,
}

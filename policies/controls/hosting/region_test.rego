package caveat.controls.hosting.region_test

import data.caveat.controls.hosting.region
import data.caveat.lib.status

cases := {
	"listed": [["us-east"], "us-east", {"available": ["us-west", "us-east"]}, "pass"],
	"on request": [["us-east"], "us-east", {"available": ["us-west"], "onRequest": ["us-east"]}, "pass"],
	"on request, no other list": [["us-east"], "us-east", {"onRequest": ["us-east"]}, "pass"],
	"listed nowhere": [["us-east"], "us-east", {"available": ["us-west"], "onRequest": ["eu-west"]}, "unknown"],
	"no list": [["us-east"], "us-east", {}, "unknown"],
	"a place around it listed": [["us-east"], "us-east", {"available": ["us"]}, "unknown"],
	"words": [["us-east"], "us-east", {"available": "us-east"}, "unknown"],
	"no list of names": [["us-east"], "us-east", {"available": {"first": "us-east"}}, "unknown"],
	"free, listed": [[], "us-east", {"available": ["us-east"]}, "pass"],
	"free, listed nowhere": [[], "us-east", {"available": ["us-west"]}, "unknown"],
	"free, unpinned": [[], "unpinned", {"available": ["us-west"]}, "not-applicable"],
	"asked, unpinned": [["us-east"], "unpinned", {"available": ["us-east"]}, "unknown"],
}

test_status[name] if {
	some name, [asked, chosen, regions, want] in cases
	got := status.of(region) with input.workload.spec.placement.regions as asked
		with input.offering as {"id": {"vendor": "acme", "region": chosen}, "regions": regions}
	got == want
}

test_no_region_known if {
	got := status.of(region) with input.workload.spec.placement as {}
		with input.offering as {"id": {"vendor": "acme"}, "regions": {"available": ["us-east"]}}
	got == "unknown"
}

test_asked if region.asked with input.workload.spec.placement.regions as ["us-east"]

test_not_asked if not region.asked with input.workload.spec.placement as {"vendor": "acme"}

evidence := {
	"listed": [{"available": ["us-east"]}, {"/regions/available"}, set()],
	"listed twice": [{"available": ["us-east"], "onRequest": ["us-east"]}, {"/regions/available"}, set()],
	"on request": [{"available": ["us-west"], "onRequest": ["us-east"]}, {"/regions/onRequest"}, {"have the region opened by acme"}],
	"nowhere": [{"available": ["us-west"], "onRequest": ["eu-west"]}, {"/regions/available"}, set()],
}

test_evidence[name] if {
	some name, [regions, reads, conditions] in evidence
	got := [region.reads, region.conditions] with input.offering as {"id": {"vendor": "acme", "region": "us-east"}, "regions": regions}
	got == [reads, conditions]
}

package caveat.lib.offered_test

import data.caveat.lib.offered

test_pointer if offered.pointer(["features", "a/b~c", "offered"]) == "/features/a~1b~0c/offered"

lists := {
	"one of two": [["a", "b"], ["b", "c"], [true], []],
	"none": [["a", "b"], ["c"], [], [true]],
	"empty": [[], ["c"], [], []],
	"word": ["abc", ["abc"], [], []],
	"object with it": [{"x": "a"}, ["a"], [], []],
	"object without it": [{"x": "a"}, ["b"], [], []],
	"number": [3, ["a"], [], []],
	"null": [null, ["a"], [], []],
}

test_lists[name] if {
	some name, [list, words, any, none] in lists
	[[true | offered.has_any(list, words)], [true | offered.has_none(list, words)]] == [any, none]
}

claims := {
	"value": [["limits", "multiNode"], [true]],
	"false": [["limits", "overflow"], [true]],
	"null": [["limits", "gpusPerNode"], []],
	"absent": [["limits", "other"], []],
	"contradictory": [["scaling", "maxGpus"], [true]],
}

test_claimed[name] if {
	some name, [steps, want] in claims
	got := [true | offered.claimed(steps)] with input.offering as {
		"limits": {"multiNode": true, "overflow": false, "gpusPerNode": null},
		"conflicts": ["/scaling/maxGpus"],
	}
	got == want
}

test_sku if {
	got := [offered.sku(["price", "reserved"]), offered.sku_facts] with input.offering as {
		"id": {"sku": "h100"},
		"skus": {"h100": {"commitment": false}, "l4": {"commitment": true}},
	}
	got == ["/skus/h100/price/reserved", {"commitment": false}]
}

skus := {
	"managed": ["managed", "h100", "p5", "/skus/h100/availability", "vendor's"],
	"hybrid": ["hybrid", "h100", "p5", "/skus/h100/availability", "vendor's"],
	"byoc": ["byoc", "h100", "p5", "/infrastructure/skus/p5/availability", "cloud's"],
	"self-hosted": ["self-hosted", "h100", "p5", "/infrastructure/skus/p5/availability", "cloud's"],
	"managed, none": ["managed", "", "p5", "/skus", "none"],
	"byoc, none": ["byoc", "h100", "", "/infrastructure/skus", "none"],
}

test_skus[name] if {
	some name, [hosting, vendors, clouds, at, facts] in skus
	got := [offered.sku(["availability"]), object.get({"facts": [found | found := offered.sku_facts]}, ["facts", 0], "none"), offered.gaps] with input as {
		"offering": {"id": {"hosting": hosting, "sku": vendors}, "skus": {"h100": "vendor's"}},
		"infrastructure": {"id": {"sku": clouds}, "skus": {"p5": "cloud's"}},
	}
	got == [at, facts, set()]
}

test_no_sku[name] if {
	some name, [hosting, at] in {"managed": ["managed", "/skus"], "byoc": ["byoc", "/infrastructure/skus"]}
	got := offered.sku(["availability"]) with input.offering as {"id": {"hosting": hosting}}
	got == at
}

test_gaps[hosting] if {
	some hosting, want in {"managed": 0, "hybrid": 0, "byoc": 1, "self-hosted": 1}
	got := count(offered.gaps) with input.offering as {"id": {"hosting": hosting}}
	got == want
}

features := {
	"not used": [[], [], {"/performance/coldStart": "whole"}],
	"used": [["snapshots"], [], {"/features/snapshots/facts/performance/coldStart": "own"}],
	"implied": [[], ["snapshots"], {"/features/snapshots/facts/performance/coldStart": "own"}],
	"used without its own": [["volumes"], ["images"], {"/performance/coldStart": "whole"}],
	"used beside one without its own": [
		["volumes", "snapshots"], [],
		{"/features/snapshots/facts/performance/coldStart": "own"},
	],
	"contradictory": [["queues"], [], {"/features/queues/facts/performance/coldStart": null}],
}

test_by_feature[name] if {
	whole := ["whole"]
	some name, [used, implied, want] in features
	got := offered.by_feature("performance", "coldStart", whole) with input.workload.spec.uses as [{"feature": feature} | some feature in used]
		with input.offering as {
			"implied": implied,
			"features": {"snapshots": {"facts": {"performance": {"coldStart": "own"}}}, "volumes": {"offered": true}},
			"conflicts": ["/features/queues/facts/performance/coldStart"],
		}
	got == want
}

test_by_feature_not_stated if {
	got := offered.by_feature("performance", "coldStart", []) with input.offering as {}
	got == {"/performance/coldStart": null}
}

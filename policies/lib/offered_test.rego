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

test_no_sku if {
	offered.sku(["availability"]) == "/skus" with input.offering as {"id": {}}
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
	some name, [used, implied, want] in features
	got := offered.by_feature("performance", "coldStart") with input.workload.spec.uses as [{"feature": feature} | some feature in used]
		with input.offering as {
			"implied": implied,
			"performance": {"coldStart": "whole"},
			"features": {"snapshots": {"facts": {"performance": {"coldStart": "own"}}}, "volumes": {"offered": true}},
			"conflicts": ["/features/queues/facts/performance/coldStart"],
		}
	got == want
}

test_by_feature_not_stated if {
	got := offered.by_feature("performance", "coldStart") with input.offering as {}
	got == {"/performance/coldStart": null}
}

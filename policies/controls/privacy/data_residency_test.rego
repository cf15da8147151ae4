package caveat.controls.privacy.data_residency_test

import data.caveat.controls.privacy.data_residency
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

limiting(residency) := {"data": {"classes": ["internal"], "residency": residency}}

logging := limiting({"logs": ["eu"]})

flows(where) := {"dataFlows": where}

using(feature, classes) := object.union(logging, {"uses": [{"feature": feature, "data": classes}]})

own(where) := {
	"dataFlows": {"logs": ["de"]},
	"features": {"volumes": {"facts": {"dataFlows": {"logs": where}}}},
}

cases := {
	"the same place": [logging, flows({"logs": ["eu"]}), {}, "pass"],
	"a place within": [logging, flows({"logs": ["de", "fr"]}), {}, "pass"],
	"a place outside": [logging, flows({"logs": ["us"]}), {}, "fail"],
	"one of two outside": [logging, flows({"logs": ["de", "us-east"]}), {}, "fail"],
	"a place nobody knows": [logging, flows({"logs": ["de", "moon"]}), {}, "unknown"],
	"a place nobody knows and one outside": [logging, flows({"logs": ["moon", "us"]}), {}, "fail"],
	"a wider place": [limiting({"logs": ["de", "fr"]}), flows({"logs": ["eu"]}), {}, "unknown"],
	"two places allowed": [limiting({"logs": ["us", "de"]}), flows({"logs": ["de", "us-east"]}), {}, "pass"],
	"anywhere": [logging, flows({"logs": "anywhere"}), {}, "fail"],
	"in words": [logging, flows({"logs": "eu"}), {}, "unknown"],
	"no place": [logging, flows({"logs": []}), {}, "unknown"],
	"nothing stated": [logging, {}, {}, "unknown"],
	"pinned inside": [logging, object.union(flows({"logs": "pinned"}), {"id": {"region": "de"}}), {}, "pass"],
	"pinned outside": [logging, object.union(flows({"logs": "pinned"}), {"id": {"region": "us-east"}}), {}, "fail"],
	"pinned, no region bought": [logging, flows({"logs": "pinned"}), {}, "unknown"],
	"pinned to the vendor's own region": [
		logging,
		object.union(flows({"logs": "pinned"}), {"id": {"region": "fra-1"}, "sites": {"fra-1": "de"}}),
		{},
		"pass",
	],
	"our cloud inside": [logging, flows({"logs": "customer"}), {"infrastructure": {"id": {"region": "de"}}}, "pass"],
	"our cloud outside": [logging, flows({"logs": "customer"}), {"infrastructure": {"id": {"region": "us"}}}, "fail"],
	"our cloud, the cloud's own region": [
		logging,
		flows({"logs": "customer"}),
		{"infrastructure": {"id": {"region": "eu-central-1"}, "sites": {"eu-central-1": "de"}}},
		"pass",
	],
	"our cloud, no region": [logging, flows({"logs": "customer"}), {"infrastructure": {"id": {"region": "unpinned"}}}, "unknown"],
	"our cloud, not named": [logging, flows({"logs": "customer"}), {}, "unknown"],
	"support outside": [limiting({"support": ["eu"]}), flows({"support": ["us"]}), {}, "fail"],
	"support inside": [limiting({"support": ["eu"]}), flows({"support": ["eu"], "logs": ["us"]}), {}, "pass"],
	"process and route inside": [limiting({"process": ["eu"]}), flows({"process": ["eu"], "route": ["de"]}), {}, "pass"],
	"process inside, route outside": [limiting({"process": ["eu"]}), flows({"process": ["eu"], "route": ["us"]}), {}, "fail"],
	"process inside, route unstated": [limiting({"process": ["eu"]}), flows({"process": ["eu"]}), {}, "unknown"],
	"store and route inside": [limiting({"store": ["eu"]}), flows({"store": ["eu"], "route": ["eu"]}), {}, "pass"],
	"store inside, route outside": [limiting({"store": ["eu"]}), flows({"store": ["eu"], "route": ["us"]}), {}, "fail"],
	"route as process, not as store": [
		limiting({"process": ["eu"], "store": ["us"]}),
		flows({"process": ["eu"], "store": ["us"], "route": ["eu"]}),
		{},
		"pass",
	],
	"one of two unstated": [limiting({"logs": ["eu"], "support": ["eu"]}), flows({"logs": ["eu"]}), {}, "unknown"],
	"one of two outside its own": [
		limiting({"logs": ["eu"], "support": ["us"]}),
		flows({"logs": ["eu"], "support": ["eu"]}),
		{},
		"fail",
	],
	"a feature of its own inside": [using("volumes", ["internal"]), own(["fr"]), {}, "pass"],
	"a feature of its own outside": [using("volumes", ["internal"]), own(["us"]), {}, "fail"],
	"a feature without data outside": [using("volumes", []), own(["us"]), {}, "pass"],
	"an unmentioned feature": [logging, object.union(own(["fr"]), {"implied": ["volumes"]}), {}, "unknown"],
	"not asked": [{}, flows({"logs": "anywhere"}), {}, "not-applicable"],
	"not asked, though brought": [{}, flows({"logs": "anywhere"}), sample.bringing(["data-residency"]), "not-applicable"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(data_residency) with input as sample.input_with(spec, offering, rest)
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

test_asked if data_residency.asked with input as sample.input_with(logging, {}, {})

test_not_asked if not data_residency.asked with input as sample.input_with({}, {}, {})

reads_cases := {
	"logs": [{"logs": ["eu"]}, {"/dataFlows/logs"}],
	"support": [{"support": ["eu"]}, {"/dataFlows/support"}],
	"process": [{"process": ["eu"]}, {"/dataFlows/process", "/dataFlows/route"}],
	"store": [{"store": ["eu"]}, {"/dataFlows/store", "/dataFlows/route"}],
}

test_reads[name] if {
	some name, [residency, want] in reads_cases
	got := data_residency.reads with input as sample.input_with(limiting(residency), {}, {})
	got == want
}

fail_cases := {
	"process": [limiting({"process": ["eu"]}), flows({"process": ["us"]}), {{
		"message": "data is processed in us, allowed: eu",
		"at": "/spec/data/residency/process",
		"facts": ["/dataFlows/process"],
	}}],
	"store": [limiting({"store": ["eu", "uk"]}), flows({"store": ["us", "de", "ch"]}), {{
		"message": "data is stored in ch, us, allowed: eu, uk",
		"at": "/spec/data/residency/store",
		"facts": ["/dataFlows/store"],
	}}],
	"route as process": [limiting({"process": ["eu"], "store": ["us"]}), flows({"route": "anywhere"}), {{
		"message": "requests are routed anywhere, allowed: eu",
		"at": "/spec/data/residency/process",
		"facts": ["/dataFlows/route"],
	}}],
	"route as store": [limiting({"store": ["eu"]}), flows({"route": ["us"]}), {{
		"message": "requests are routed in us, allowed: eu",
		"at": "/spec/data/residency/store",
		"facts": ["/dataFlows/route"],
	}}],
	"logs": [logging, flows({"logs": "anywhere"}), {{
		"message": "logs are kept anywhere, allowed: eu",
		"at": "/spec/data/residency/logs",
		"facts": ["/dataFlows/logs"],
	}}],
	"support": [limiting({"support": ["eu"]}), flows({"support": ["us"]}), {{
		"message": "support staff are in us, allowed: eu",
		"at": "/spec/data/residency/support",
		"facts": ["/dataFlows/support"],
	}}],
	"a feature of its own": [using("volumes", ["internal"]), own(["us"]), {{
		"message": "volumes: logs are kept in us, allowed: eu",
		"at": "/spec/data/residency/logs",
		"facts": ["/features/volumes/facts/dataFlows/logs"],
	}}],
}

test_fail[name] if {
	some name, [spec, offering, want] in fail_cases
	got := data_residency.fail with input as sample.input_with(spec, offering, {})
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

test_undeclared if {
	got := data_residency.undeclared with input as sample.input_with(
		logging,
		object.union(own(["fr"]), {"implied": ["volumes"]}),
		{},
	)
	got == {{"at": "/spec/uses", "message": `say which data reaches volumes: add "- {feature: volumes, data: []}" to spec.uses`}}
}

test_undeclared_for_what_is_limited if {
	got := data_residency.undeclared with input as sample.input_with(
		limiting({"support": ["eu"]}),
		object.union({"features": {"volumes": {"facts": flows({"logs": ["fr"], "route": ["fr"]})}}}, {"implied": ["volumes"]}),
		{},
	)
	got == set()
}

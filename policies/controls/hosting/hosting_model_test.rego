package caveat.controls.hosting.hosting_model_test

import data.caveat.controls.hosting.hosting_model
import data.caveat.lib.status

cases := {
	"asked and had": [["byoc", "hybrid"], {}, [], {"byoc": true}, "pass"],
	"asked and denied": [["byoc", "hybrid"], {}, [], {"byoc": false}, "fail"],
	"asked and not stated": [["byoc", "hybrid"], {}, [], {"hybrid": true}, "unknown"],
	"asked and in words": [["byoc"], {}, [], {"byoc": "yes"}, "unknown"],
	"another asked": [["managed"], {}, [], {"byoc": true}, "fail"],
	"another asked, nothing stated": [["managed"], {}, [], {}, "fail"],
	"placed and had": [[], {"hosting": "byoc"}, [], {"byoc": true}, "pass"],
	"placed in the vendor's cloud": [[], {"hosting": "managed"}, [], {"byoc": true}, "not-applicable"],
	"placed and denied": [[], {"hosting": "byoc"}, [], {"byoc": false}, "fail"],
	"placed and not stated": [[], {"hosting": "byoc"}, [], {}, "unknown"],
	"brought and had": [[], {}, ["hosting-model"], {"byoc": true}, "pass"],
	"brought and denied": [[], {}, ["hosting-model"], {"byoc": false}, "fail"],
	"another brought": [[], {}, ["region"], {"byoc": true}, "not-applicable"],
	"neither asked, placed nor brought": [[], {}, [], {"byoc": true}, "not-applicable"],
}

test_status[name] if {
	some name, [accepted, placement, brought, stated, want] in cases
	got := status.of(hosting_model) with input.workload.spec.requires.hosting as accepted
		with input.workload.spec.placement as placement
		with input.parameters.brought as brought
		with input.offering as _offering(object.union({"clouds": ["AWS", "GCP"]}, stated))
		with input.infrastructure.id.names as ["aws-sagemaker", "aws"]
	got == want
}

clouds := {
	"ours": [["GCP", "AWS"], ["aws-sagemaker", "aws"], "pass"],
	"another": [["GCP"], ["aws-sagemaker", "aws"], "unknown"],
	"in words": ["AWS", ["aws"], "unknown"],
	"by name": [{"first": "AWS"}, ["aws"], "unknown"],
	"not stated": [null, ["aws"], "unknown"],
	"no cloud named": [["AWS"], [], "unknown"],
}

test_clouds[name] if {
	some name, [clouds_stated, names, want] in clouds
	got := status.of(hosting_model) with input.workload.spec.requires.hosting as ["byoc"]
		with input.workload.spec.placement as {}
		with input.parameters.brought as []
		with input.offering as _offering({"byoc": true, "clouds": clouds_stated})
		with input.infrastructure.id.names as names
	got == want
}

test_whose_cloud[hosting] if {
	some hosting in ["hybrid", "byoc", "self-hosted"]
	got := hosting_model.reads with input.offering as {"id": {"hosting": hosting}}
	got == {concat("", ["/hosting/", hosting]), "/hosting/clouds"}
}

test_managed_has_no_cloud_of_ours if {
	got := [status.of(hosting_model), hosting_model.reads] with input.workload.spec.requires.hosting as ["managed"]
		with input.workload.spec.placement as {}
		with input.parameters.brought as []
		with input.offering as {
			"id": {"vendor": "acme", "product": "functions", "plan": "team", "hosting": "managed"},
			"hosting": {"managed": true},
		}
	got == ["pass", {"/hosting/managed"}]
}

test_hosting_of_the_offering_unknown if {
	got := status.of(hosting_model) with input.workload.spec.requires.hosting as ["byoc"]
		with input.offering as {"id": {"vendor": "acme"}, "hosting": {"byoc": true}}
	got == "unknown"
}

test_asked if hosting_model.asked with input.workload.spec.requires.hosting as ["byoc"]

asked := {
	"required": [["managed"], {}, {}, true],
	"placed in our cloud": [[], {"hosting": "byoc"}, {}, true],
	"placed in both": [[], {"hosting": "hybrid"}, {}, true],
	"placed on our own": [[], {"hosting": "self-hosted"}, {}, true],
	"placed in the managed one": [[], {"hosting": "managed"}, {}, false],
	"placed where there is nothing": [[], {"hosting": "managed"}, {"byoc": false}, true],
	"not placed": [[], {}, {"byoc": false}, false],
}

test_whether_asked[name] if {
	some name, [accepted, placement, stated, want] in asked
	got := object.get(hosting_model, "asked", false) with input.workload.spec.requires.hosting as accepted
		with input.workload.spec.placement as placement
		with input.offering as _offering(stated)
	got == want
}

test_reads if {
	hosting_model.reads == {"/hosting/byoc", "/hosting/clouds"} with input.offering as _offering({})
}

test_another_asked if {
	got := hosting_model.fail with input.workload.spec.requires.hosting as ["managed", "hybrid"]
		with input.offering as _offering({"byoc": true, "managed": true, "hybrid": false, "self-hosted": false})
	got == {{
		"message": "hosting is byoc, managed or hybrid asked",
		"at": "/spec/requires/hosting",
		"facts": ["/hosting/byoc", "/hosting/hybrid"],
	}}
}

test_denied[at] if {
	some at, placement in {"/spec/requires/hosting": {}, "/spec/placement/hosting": {"hosting": "byoc"}}
	got := hosting_model.fail with input.workload.spec.requires.hosting as ["byoc"]
		with input.workload.spec.placement as placement
		with input.offering as _offering({"byoc": false})
	got == {{
		"message": "acme has no byoc hosting for functions on plan team",
		"at": at,
		"facts": ["/hosting/byoc"],
	}}
}

_offering(stated) := {
	"id": {"vendor": "acme", "product": "functions", "plan": "team", "hosting": "byoc"},
	"hosting": stated,
}

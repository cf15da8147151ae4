package caveat.controls.hosting.tenancy_test

import data.caveat.controls.hosting.tenancy
import data.caveat.lib.status

cases := {
	"single tenant": ["single-tenant", "managed", {"tenancy": ["shared", "single-tenant"]}, "pass"],
	"dedicated hardware": ["dedicated-hardware", "managed", {"tenancy": ["dedicated-hardware"]}, "pass"],
	"single tenant has the hardware": ["dedicated-hardware", "managed", {"tenancy": ["single-tenant"]}, "pass"],
	"hardware alone is no single tenant": ["single-tenant", "managed", {"tenancy": ["dedicated-hardware"]}, "fail"],
	"shared": ["single-tenant", "managed", {"tenancy": ["shared"]}, "fail"],
	"shared hardware": ["dedicated-hardware", "managed", {"tenancy": ["shared"]}, "fail"],
	"nothing listed": ["single-tenant", "managed", {"tenancy": []}, "unknown"],
	"words": ["single-tenant", "managed", {"tenancy": "single-tenant"}, "unknown"],
	"not stated": ["single-tenant", "managed", {"managed": true}, "unknown"],
	"byoc": ["single-tenant", "byoc", {"byoc": true}, "pass"],
	"byoc beside a shared control plane": ["single-tenant", "byoc", {"byoc": true, "tenancy": ["shared"]}, "pass"],
	"self-hosted": ["single-tenant", "self-hosted", {"self-hosted": true}, "pass"],
	"hybrid": ["single-tenant", "hybrid", {"hybrid": true}, "unknown"],
	"byoc denied": ["single-tenant", "byoc", {"byoc": false, "tenancy": ["shared"]}, "fail"],
	"byoc not stated": ["single-tenant", "byoc", {}, "unknown"],
	"byoc has no hardware": ["dedicated-hardware", "byoc", {"byoc": true}, "unknown"],
	"another asked": ["private", "managed", {"tenancy": ["private"]}, "unknown"],
}

test_status[name] if {
	some name, [needed, mode, hosting, want] in cases
	got := status.of(tenancy) with input.workload.spec.requires.tenancy as needed
		with input.offering as {"id": {"hosting": mode}, "hosting": hosting}
	got == want
}

test_not_asked if {
	not tenancy.asked with input.workload.spec.requires as {}
	got := status.of(tenancy) with input.workload.spec.requires as {}
		with input.offering as {"id": {"hosting": "managed"}, "hosting": {"tenancy": ["shared"]}}
	got == "not-applicable"
}

test_asked if tenancy.asked with input.workload.spec.requires.tenancy as "single-tenant"

# One feature of two that our data reaches has its own tenancy.
features := {
	"shared where our data goes": ["single-tenant", "shared", "fail"],
	"single where our data goes": ["single-tenant", "single-tenant", "pass"],
	"shared beside": ["shared", "single-tenant", "fail"],
}

test_features[name] if {
	some name, [whole, own, want] in features
	got := status.of(tenancy) with input.workload.spec as {
		"requires": {"tenancy": "single-tenant"},
		"uses": [{"feature": "endpoints", "data": ["pii"]}, {"feature": "volumes", "data": ["pii"]}],
	}
		with input.offering as {
			"id": {"hosting": "managed"},
			"hosting": {"tenancy": [whole]},
			"features": {"endpoints": {"facts": {"hosting": {"tenancy": [own]}}}},
		}
	got == want
}

test_reads[name] if {
	some name, [hosting, want] in {
		"ours": [{"byoc": true, "tenancy": ["single-tenant"]}, {"/hosting/byoc"}],
		"the vendor's": [{"tenancy": ["single-tenant"]}, {"/hosting/tenancy"}],
	}
	got := tenancy.reads with input.workload.spec.requires.tenancy as "single-tenant"
		with input.offering as {"id": {"hosting": "byoc"}, "hosting": hosting}
	got == want
}

# A feature with its own fact comes along, and the manifest does not say which data reaches it.
test_unmentioned_gap if {
	got := tenancy.undeclared with input.workload.spec as {"requires": {"tenancy": "single-tenant"}, "uses": []}
		with input.offering as _implying
	got == {{
		"at": "/spec/uses",
		"message": "say which data reaches endpoints: add \"- {feature: endpoints, data: []}\" to spec.uses",
	}}
}

test_unmentioned if {
	got := status.of(tenancy) with input.workload.spec as {"requires": {"tenancy": "single-tenant"}, "uses": []}
		with input.offering as _implying
	got == "unknown"
}

test_unmentioned_in_our_account if {
	got := status.of(tenancy) with input.workload.spec as {"requires": {"tenancy": "single-tenant"}, "uses": []}
		with input.offering as object.union(_implying, {"id": {"hosting": "byoc"}, "hosting": {"byoc": true}})
	got == "pass"
}

_implying := {
	"id": {"hosting": "managed"},
	"implied": ["endpoints"],
	"hosting": {"tenancy": ["single-tenant"]},
	"features": {"endpoints": {"facts": {"hosting": {"tenancy": ["single-tenant"]}}}},
}

test_reasons if {
	got := tenancy.fail with input.workload.spec.requires.tenancy as "single-tenant"
		with input.offering as {"id": {"hosting": "managed"}, "hosting": {"tenancy": ["shared", "dedicated-hardware"]}}
	got == {{
		"message": "tenancy on offer is shared or dedicated-hardware, single-tenant asked",
		"at": "/spec/requires/tenancy",
		"facts": ["/hosting/tenancy"],
	}}
}

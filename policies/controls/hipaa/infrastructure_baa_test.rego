package caveat.controls.hipaa.infrastructure_baa_test

import data.caveat.controls.hipaa.infrastructure_baa
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

phi := {"data": {"classes": ["phi"]}}

choosing := {"data": {"classes": ["phi"]}, "stage": "select"}

asking := {"requires": {"agreements": ["baa"]}}

byoc := {"id": {"hosting": "byoc"}}

cloud(terms, more) := {"infrastructure": object.union(
	{
		"id": {"vendor": "aws"},
		"implied": ["ec2"],
		"conflicts": [],
		"agreements": {"baa": object.union({"scope": {"ec2": "in"}}, terms)},
	},
	more,
)}

cases := {
	"executed": [phi, byoc, cloud({"executed": true}, {}), "pass"],
	"executed, hybrid": [phi, {"id": {"hosting": "hybrid"}}, cloud({"executed": true}, {}), "pass"],
	"executed, self-hosted": [phi, {"id": {"hosting": "self-hosted"}}, cloud({"executed": true}, {}), "pass"],
	"hosting unknown": [phi, {"id": {"hosting": "somewhere"}}, cloud({"executed": false}, {}), "fail"],
	"managed": [phi, {}, cloud({"executed": false}, {}), "not-applicable"],
	"no PHI": [{}, byoc, cloud({"executed": false}, {}), "not-applicable"],
	"asked": [asking, byoc, cloud({"executed": false}, {}), "fail"],
	"brought": [{}, byoc, object.union(cloud({"executed": false}, {}), sample.bringing(["infrastructure-baa"])), "fail"],
	"not executed": [phi, byoc, cloud({"executed": false}, {}), "fail"],
	"offered is not enough": [phi, byoc, cloud({"offered": true}, {}), "unknown"],
	"not offered": [phi, byoc, cloud({"offered": false}, {}), "fail"],
	"choosing, offered": [choosing, byoc, cloud({"offered": true}, {}), "pass"],
	"choosing, offered and not executed": [choosing, byoc, cloud({"offered": true, "executed": false}, {}), "pass"],
	"choosing, not offered": [choosing, byoc, cloud({"offered": false}, {}), "fail"],
	"choosing, nothing stated": [choosing, byoc, cloud({}, {}), "unknown"],
	"service outside": [phi, byoc, cloud({"executed": true, "scope": {"ec2": "out"}}, {}), "fail"],
	"service left to the customer": [phi, byoc, cloud({"executed": true, "scope": {"ec2": "customer"}}, {}), "unknown"],
	"one service not listed": [phi, byoc, cloud({"executed": true}, {"implied": ["ec2", "s3"]}), "unknown"],
	"one service not listed, closed": [phi, byoc, cloud({"executed": true, "closed": true}, {"implied": ["ec2", "s3"]}), "fail"],
	"contradictory, closed": [
		phi,
		byoc,
		cloud({"executed": true, "closed": true}, {"implied": ["ec2", "s3"], "conflicts": ["/agreements/baa/scope/s3"]}),
		"unknown",
	],
	"no service known": [phi, byoc, cloud({"executed": true}, {"implied": []}), "unknown"],
	"nothing agreed": [phi, byoc, {"infrastructure": {"id": {"vendor": "aws"}, "implied": ["ec2"]}}, "unknown"],
	"cloud not named": [phi, byoc, {}, "unknown"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(infrastructure_baa) with input as sample.input_with(spec, offering, rest)
	got == want
}

test_asked if infrastructure_baa.asked with input as sample.input_with(asking, byoc, {})

test_not_asked if not infrastructure_baa.asked with input as sample.input_with(phi, byoc, {})

reads_cases := {
	"executed": [phi, cloud({"executed": true}, {}), {
		"/infrastructure/agreements/baa/executed",
		"/infrastructure/agreements/baa/scope/ec2",
	}],
	"choosing": [choosing, cloud({}, {"implied": ["a/b"]}), {
		"/infrastructure/agreements/baa/offered",
		"/infrastructure/agreements/baa/scope/a~1b",
	}],
	"cloud not named": [phi, {}, set()],
}

test_reads[name] if {
	some name, [spec, rest, want] in reads_cases
	got := infrastructure_baa.reads with input as sample.input_with(spec, byoc, rest)
	got == want
}

fail_cases := {
	"not offered, not executed": [cloud({"offered": false, "executed": false}, {}), {
		["aws signs no BAA", ["/infrastructure/agreements/baa/offered"]],
		["our BAA with aws is not executed", ["/infrastructure/agreements/baa/executed"]],
	}],
	"service outside": [cloud({"executed": true, "scope": {"ec2": "out"}}, {}), {[
		"ec2 is outside aws's BAA",
		["/infrastructure/agreements/baa/scope/ec2"],
	]}],
	"service not on the closed list": [cloud({"executed": true, "closed": true}, {"implied": ["s3"]}), {[
		"s3 is outside aws's BAA",
		["/infrastructure/agreements/baa/closed"],
	]}],
}

test_fail[name] if {
	some name, [rest, want] in fail_cases
	got := infrastructure_baa.fail with input as sample.input_with(phi, byoc, rest)
	got == {{"message": message, "at": "/spec/placement/infrastructure", "facts": facts} | some [message, facts] in want}
}

conditions_cases := {
	"offered": [choosing, cloud({"offered": true}, {}), {"execute the BAA with aws"}],
	"executed": [choosing, cloud({"offered": true, "executed": true}, {}), set()],
}

test_conditions[name] if {
	some name, [spec, rest, want] in conditions_cases
	got := infrastructure_baa.conditions with input as sample.input_with(spec, byoc, rest)
	got == want
}

undeclared_cases := {
	"cloud named": [cloud({}, {}), set()],
	"cloud not named": [{}, {{
		"at": "/spec/placement/infrastructure",
		"message": `name the cloud provider: add "infrastructure: {vendor: ...}" to spec.placement`,
	}}],
}

test_undeclared[name] if {
	some name, [rest, want] in undeclared_cases
	got := infrastructure_baa.undeclared with input as sample.input_with(phi, byoc, rest)
	got == want
}

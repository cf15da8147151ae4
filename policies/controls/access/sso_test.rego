package caveat.controls.access.sso_test

import data.caveat.controls.access.sso
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

asking := {"requires": {"sso": true}}

brought := sample.bringing(["sso"])

cases := {
	"one method": [asking, {"sso": ["saml"]}, {}, "pass"],
	"no method": [asking, {"sso": []}, {}, "unknown"],
	"missing": [asking, {"sso": false}, {}, "fail"],
	"in words": [asking, {"sso": "saml"}, {}, "unknown"],
	"yes": [asking, {"sso": true}, {}, "unknown"],
	"nothing stated": [asking, {}, {}, "unknown"],
	"brought": [{}, {"sso": false}, brought, "fail"],
	"another control brought": [{}, {"sso": false}, sample.bringing(["audit-logs"]), "not-applicable"],
	"not asked": [{}, {"sso": false}, {}, "not-applicable"],
	"asked not": [{"requires": {"sso": false}}, {"sso": false}, {}, "not-applicable"],
}

test_status[name] if {
	some name, [spec, security, rest, want] in cases
	got := status.of(sso) with input as sample.input_with(spec, {"security": security}, rest)
	got == want
}

test_asked if sso.asked with input as sample.input_with(asking, {}, {})

test_not_asked if not sso.asked with input as sample.input_with({}, {}, brought)

test_reads if sso.reads == {"/security/sso"}

test_fail[at] if {
	some at, spec in {"/spec/requires/sso": asking, "/spec/placement": {}}
	got := sso.fail with input as sample.input_with(spec, {"security": {"sso": false}}, brought)
	got == {{"message": "acme has no single sign-on on plan team", "at": at, "facts": ["/security/sso"]}}
}

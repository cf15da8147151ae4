package caveat.controls.access.audit_logs_test

import data.caveat.controls.access.audit_logs
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

asking := {"requires": {"auditLogs": true}}

brought := sample.bringing(["audit-logs"])

cases := {
	"there": [asking, {"auditLogs": true}, {}, "pass"],
	"missing": [asking, {"auditLogs": false}, {}, "fail"],
	"in words": [asking, {"auditLogs": "yes"}, {}, "unknown"],
	"nothing stated": [asking, {}, {}, "unknown"],
	"brought": [{}, {"auditLogs": false}, brought, "fail"],
	"another control brought": [{}, {"auditLogs": false}, sample.bringing(["sso"]), "not-applicable"],
	"not asked": [{}, {"auditLogs": false}, {}, "not-applicable"],
	"asked not": [{"requires": {"auditLogs": false}}, {"auditLogs": false}, {}, "not-applicable"],
}

test_status[name] if {
	some name, [spec, security, rest, want] in cases
	got := status.of(audit_logs) with input as sample.input_with(spec, {"security": security}, rest)
	got == want
}

test_asked if audit_logs.asked with input as sample.input_with(asking, {}, {})

test_not_asked if not audit_logs.asked with input as sample.input_with({}, {}, brought)

test_reads if audit_logs.reads == {"/security/auditLogs"}

test_fail[at] if {
	some at, spec in {"/spec/requires/auditLogs": asking, "/spec/placement": {}}
	got := audit_logs.fail with input as sample.input_with(spec, {"security": {"auditLogs": false}}, brought)
	got == {{"message": "acme has no audit logs on plan team", "at": at, "facts": ["/security/auditLogs"]}}
}

# METADATA
# title: Audit logs are available
# description: The vendor records administrative actions and lets us read the record on this plan.
# custom:
#   id: audit-logs
#   severity: high
#   evidence: feature
#   looks: [security]
#   at: /spec/placement
#   question: whether {vendor} has audit logs on plan {plan}
#   proved: audit logs are available on plan {plan}
#   references:
#     - {framework: soc2, id: CC4.1}
#     - {framework: nist-800-53, id: CA-7}
#     - {framework: iso27001, id: A.5.22}
#   remediation: Choose a plan with audit logs.
#   waivable: true
package caveat.controls.access.audit_logs

import data.caveat.lib.scope

# METADATA
# description: The manifest or a profile asks for them.
applies if asked

applies if scope.brought("audit-logs")

# METADATA
# description: The manifest asks for them.
asked if input.workload.spec.requires.auditLogs == true

# METADATA
# description: The one fact that the proof rests on.
reads contains "/security/auditLogs"

# METADATA
# description: They are stated to be there.
pass if _available == true

# METADATA
# description: They are stated to be missing.
fail contains {
	"message": sprintf("%s has no audit logs on plan %s", [input.offering.id.vendor, input.offering.id.plan]),
	"at": _at,
	"facts": ["/security/auditLogs"],
} if {
	_available == false
}

default _at := "/spec/placement"

_at := "/spec/requires/auditLogs" if asked

_available := input.offering.security.auditLogs

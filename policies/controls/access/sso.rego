# METADATA
# title: Single sign-on is available
# description: The vendor offers at least one method of single sign-on on this plan.
# custom:
#   id: sso
#   severity: high
#   evidence: feature
#   looks: [security]
#   at: /spec/placement
#   question: which single sign-on {vendor} offers on plan {plan}
#   proved: single sign-on is available on plan {plan}
#   references:
#     - {framework: hipaa, id: 164.312(a)}
#     - {framework: nist-800-53, id: AC-20}
#     - {framework: iso27001, id: A.5.23}
#   remediation: Choose a plan with single sign-on.
#   waivable: true
package caveat.controls.access.sso

import data.caveat.lib.scope

# METADATA
# description: The manifest or a profile asks for it.
applies if asked

applies if scope.brought("sso")

# METADATA
# description: The manifest asks for it.
asked if input.workload.spec.requires.sso == true

# METADATA
# description: The methods.
reads contains "/security/sso"

# METADATA
# description: At least one method is stated.
pass if {
	is_array(_methods)
	count(_methods) > 0
}

# METADATA
# description: Single sign-on is stated to be missing.
fail contains {
	"message": sprintf("%s has no single sign-on on plan %s", [input.offering.id.vendor, input.offering.id.plan]),
	"at": _at,
	"facts": ["/security/sso"],
} if {
	_methods == false
}

default _at := "/spec/placement"

_at := "/spec/requires/sso" if asked

_methods := input.offering.security.sso

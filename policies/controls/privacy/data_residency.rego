# METADATA
# title: Data stays where the manifest allows it
# description: |
#   For each activity that the manifest limits (processing, storing, logs,
#   support), every place where the vendor may do it lies within the allowed
#   ones. Requests must also be routed within the places for processing, or for
#   storing where only that is limited. A feature that data reaches may have
#   flows of its own.
# custom:
#   id: data-residency
#   severity: high
#   evidence: agreement
#   looks: [dataFlows, features]
#   at: /spec/data/residency
#   question: where {vendor} processes, stores, routes, logs and supports on plan {plan} in region {region}
#   proved: data stays in the places allowed
#   references:
#     - {framework: nist-800-53, id: SA-9(5)}
#     - {framework: gdpr, id: Art. 44}
#     - {framework: iso27001, id: A.5.23}
#     - {framework: soc2, id: C1.1}
#   remediation: Choose a region or an offering whose flows stay in the allowed places, or allow more places.
#   waivable: true
package caveat.controls.privacy.data_residency

import data.caveat.lib.privacy
import data.caveat.lib.reach

# METADATA
# description: The manifest limits where data may be.
applies if asked

# METADATA
# description: The manifest limits where data may be.
asked if input.workload.spec.data.residency

# METADATA
# description: The flow of each limited activity.
reads contains flow.fact.pointer if some flow in _flows

# METADATA
# description: Each flow ends inside.
pass if {
	every flow in _flows { privacy.inside(flow.fact.value, flow.allowed) }
}

# METADATA
# description: A flow is stated to end outside.
fail contains {
	"message": sprintf("%s%s %s, allowed: %s", [
		flow.fact.who,
		privacy.does[flow.activity],
		privacy.outside(flow.fact.value, flow.allowed),
		concat(", ", flow.allowed),
	]),
	"at": sprintf("/spec/data/residency/%s", [flow.limit]),
	"facts": [flow.fact.pointer],
} if {
	some flow in _flows
}

# METADATA
# description: Which data reaches features that have flows of their own.
undeclared contains gap if {
	some activity, _ in _limits
	some gap in reach.gaps("dataFlows", activity)
}

_flows contains {"activity": activity, "limit": limit, "allowed": _residency[limit], "fact": fact} if {
	some activity, limit in _limits
	some fact in reach.facts("dataFlows", activity)
}

# The limit that holds for each activity.
_limits[limit] := limit if some limit, _ in _residency

_limits["route"] := _route

_route := "process" if {
	_residency.process
} else := "store" if {
	_residency.store
}

_residency := input.workload.spec.data.residency

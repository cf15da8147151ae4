# METADATA
# title: Every feature that PHI reaches is inside the BAA
# description: |
#   A BAA covers some of a vendor's features and not others. Each used feature
#   that receives PHI is in its scope, or the safeguards that it leaves to the
#   customer are accepted in the manifest. A feature that comes along without
#   being mentioned under spec.uses may receive PHI until the manifest says what
#   reaches it. In our own cloud it is also enough that no payload, no log and
#   no support access reaches the vendor's platform.
# custom:
#   id: baa-scope
#   severity: critical
#   evidence: agreement
#   looks: [agreements, hosting]
#   at: /spec/uses
#   question: whether the features that receive PHI are inside {vendor}'s BAA
#   proved: every feature that receives PHI is inside the BAA, or PHI stays out of {vendor}'s systems
#   references:
#     - {framework: hipaa, id: 164.504(e)(2)}
#     - {framework: hipaa, id: 164.314(a)(2)(i)}
#     - {framework: hipaa, id: 164.308(b)(1)}
#     - {framework: soc2, id: CC9.2}
#     - {framework: nist-800-53, id: SA-9}
#   remediation: Use a feature that is inside the BAA instead, or keep PHI away from this one and say so in spec.uses.
#   waivable: false
package caveat.controls.hipaa.baa_scope

import data.caveat.lib.hipaa
import data.caveat.lib.reach
import data.caveat.lib.scope

# METADATA
# description: PHI is involved, or a profile wants it.
applies if scope.phi

applies if scope.brought("baa-scope")

# METADATA
# description: The manifest asks for a BAA.
asked if hipaa.asked

# METADATA
# description: The scope of each feature that PHI reaches, else that no PHI reaches the platform.
reads contains pointer if {
	not _elsewhere
	some use in _reached
	pointer := hipaa.scope_pointer(use.feature)
}

reads contains pointer if {
	_elsewhere
	some pointer in hipaa.channels
}

# METADATA
# description: Each such feature is inside, or no PHI reaches the platform.
pass if _covered

pass if _elsewhere

# METADATA
# description: A feature receives PHI and is outside.
fail contains {
	"message": sprintf("%s receives %s and is outside %s's BAA%s", [
		use.feature,
		concat(" and ", sort(hipaa.classes(use))),
		input.offering.id.vendor, _instead(use.feature),
	]),
	"at": sprintf("/spec/uses/%d/feature", [i]),
	"facts": [pointer],
} if {
	not _elsewhere
	some i, use in _reached
	pointer := hipaa.exclusion(input.offering, use.feature)
}

# METADATA
# description: Safeguards that the BAA leaves to us.
conditions contains sprintf("provide the safeguards for %s that %s's BAA leaves to the customer", [
	use.feature,
	input.offering.id.vendor,
]) if {
	not _elsewhere
	some use in _reached
	_scope(use) == "customer"
}

# METADATA
# description: Which features receive PHI, and whether we provide the safeguards that are left to us.
undeclared contains gap if {
	not _elsewhere
	some gap in _gaps
}

_gaps contains reach.gap(feature) if some feature in reach.unmentioned

_gaps contains {
	"at": "/spec/uses",
	"message": "say which features receive PHI: no entry of spec.uses does",
} if {
	count(_reached) == 0
}

_gaps contains {
	"at": sprintf("/spec/uses/%d", [i]),
	"message": sprintf("say that we provide the safeguards for %s: add \"safeguards: ours\" to its entry in spec.uses", [use.feature]),
} if {
	some i, use in _reached
	_scope(use) == "customer"
	not use.safeguards == "ours"
}

_reached[i] := use if {
	some i, use in input.workload.spec.uses
	count(hipaa.classes(use)) > 0
}

_covered if {
	count(_gaps) == 0
	every use in _reached { _scope(use) in {"in", "customer"} }
}

_elsewhere if {
	hipaa.unreached
	not _covered
}

# What may be used instead, as far as it is inside.
default _instead(_) := ""

_instead(feature) := sprintf("; %s is inside", [concat(" or ", inside)]) if {
	inside := sort({other |
		some other in input.offering.instead[feature]
		hipaa.baa.scope[other] == "in"
	})
	count(inside) > 0
}

_scope(use) := hipaa.baa.scope[use.feature]

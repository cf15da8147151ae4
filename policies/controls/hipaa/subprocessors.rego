# METADATA
# title: Sub-processors are bound, listed and announced
# description: |
#   For PHI, subcontractors are bound by the terms of the BAA. For personal data
#   under the GDPR, the vendor says who its sub-processors are and gives notice
#   of new ones. Where the manifest asks for notice, the vendor gives at least
#   as much.
# custom:
#   id: subprocessors
#   severity: medium
#   evidence: agreement
#   looks: [agreements, subprocessors]
#   at: /spec/data/classes
#   question: how {vendor} binds, lists and announces sub-processors
#   proved: sub-processors are bound, listed and announced as needed
#   references:
#     - {framework: hipaa, id: 164.308(b)(2)}
#     - {framework: hipaa, id: 164.504(e)(5)}
#     - {framework: gdpr, id: Art. 28(2)}
#     - {framework: gdpr, id: Art. 28(4)}
#     - {framework: ccpa, id: 1798.140(ag)(2)}
#     - {framework: soc2, id: P6.4}
#     - {framework: iso27001, id: A.5.21}
#     - {framework: nist-800-53, id: SR-3(3)}
#   remediation: Ask the vendor for its list of sub-processors, for flow-down of its terms and for notice of changes.
#   waivable: true
package caveat.controls.hipaa.subprocessors

import data.caveat.lib.quantity
import data.caveat.lib.scope

# METADATA
# description: PHI, personal data of people not shown to be outside the EU and UK, or somebody asks.
applies if scope.phi

applies if scope.gdpr

applies if asked

applies if scope.brought("subprocessors")

# METADATA
# description: The manifest asks for notice of a new sub-processor.
asked if is_string(_needed)

# METADATA
# description: The fact behind each thing that is needed.
reads contains _pointer(need) if some need in _needs

# METADATA
# description: Each thing that is needed is stated.
pass if {
	every need in _needs { _proved(need) }
}

# METADATA
# description: Subcontractors are stated not to be bound.
fail contains {
	"message": sprintf("%s does not bind its subcontractors to the same terms", [input.offering.id.vendor]),
	"at": "/spec/data/classes",
	"facts": [_pointer("flow-down")],
} if {
	"flow-down" in _needs
	_bound == false
}

# METADATA
# description: The notice is stated and too short.
fail contains {
	"message": sprintf("%s of notice before a new sub-processor, %s asked", [_notice, _needed]),
	"at": "/spec/requires/subprocessorNotice",
	"facts": [_pointer("notice")],
} if {
	quantity.seconds(_notice) < quantity.seconds(_needed)
}

_needs contains "flow-down" if scope.phi

_needs contains "notice" if asked

_needs contains "list" if scope.gdpr

_needs contains "notice" if scope.gdpr

_needs contains "list" if {
	not scope.phi
	not asked
}

_proved("flow-down") if _bound == true

_proved("notice") if quantity.seconds(_notice) >= quantity.seconds(_needed)

_proved("notice") if {
	not asked
	quantity.seconds(_notice) > 0
}

_proved("list") if _linked

_proved("list") if _named

# The BAA's own word on it counts before the general one.
_bound := input.offering.agreements.baa.subcontractorFlowDown if {
	_in_baa
} else := _subprocessors.flowDown

_pointer("notice") := "/subprocessors/notice"

_pointer("flow-down") := "/subprocessors/flowDown" if {
	not _in_baa
	is_boolean(_subprocessors.flowDown)
} else := "/agreements/baa/subcontractorFlowDown"

_pointer("list") := "/subprocessors/names" if {
	not _linked
	_named
} else := "/subprocessors/list"

_in_baa if is_boolean(input.offering.agreements.baa.subcontractorFlowDown)

_linked if is_string(_subprocessors.list)

_named if {
	is_array(_subprocessors.names)
	count(_subprocessors.names) > 0
}

_subprocessors := object.get(input.offering, ["subprocessors"], {})

_notice := _subprocessors.notice

_needed := input.workload.spec.requires.subprocessorNotice

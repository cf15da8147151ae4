# METADATA
# title: Data that may leave the EEA and the UK has a transfer mechanism
# description: |
#   Personal data of people in the EU or the UK may be processed, stored,
#   routed, logged or seen by support outside the EEA and the UK only under a
#   transfer mechanism for each jurisdiction. None is needed where all of these
#   are shown to stay inside. Unstated subjects count as both.
# custom:
#   id: transfer
#   severity: high
#   evidence: agreement
#   looks: [agreements, dataFlows, features]
#   at: /spec/data/classes
#   question: which transfer mechanism the DPA of {vendor} includes
#   proved: data stays in the EEA and the UK, or leaves under a transfer mechanism
#   references:
#     - {framework: gdpr, id: Art. 44}
#     - {framework: gdpr, id: Art. 45}
#     - {framework: gdpr, id: Art. 46}
#     - {framework: gdpr, id: Art. 46(2)(c)}
#     - {framework: gdpr, id: Art. 47}
#     - {framework: nist-800-53, id: SA-9(5)}
#   remediation: Use a DPA with standard contractual clauses (and the UK addendum), or an offering that keeps all data in the EEA and the UK.
#   waivable: false
package caveat.controls.privacy.transfer

import data.caveat.lib.agreement
import data.caveat.lib.privacy
import data.caveat.lib.reach
import data.caveat.lib.scope

# METADATA
# description: Personal data of people not shown to be outside the EU and UK, or the manifest asks.
applies if scope.gdpr

applies if asked

# METADATA
# description: The manifest asks for standard contractual clauses.
asked if agreement.asked("scc")

# METADATA
# description: The mechanisms of the DPA, or the flows that show that no transfer takes place.
reads contains "/agreements/dpa/transfers" if not _by_staying

reads contains fact.pointer if {
	_by_staying
	some [_, fact] in _flows
}

# METADATA
# description: Each jurisdiction has a mechanism, or no data leaves.
pass if _mechanisms

pass if _by_staying

# METADATA
# description: The clauses are asked for, and there is no DPA to hold them.
fail contains {
	"message": sprintf("%s offers no DPA, so no standard contractual clauses", [input.offering.id.vendor]),
	"at": "/spec/requires/agreements",
	"facts": ["/agreements/dpa/offered"],
} if {
	asked
	_without
}

# METADATA
# description: Data is stated to leave, and there is no DPA to hold a mechanism.
fail contains {
	"message": sprintf("%s %s, and %s offers no DPA with a transfer mechanism", [
		privacy.does[activity],
		where,
		input.offering.id.vendor,
	]),
	"at": "/spec/data/classes",
	"facts": [fact.pointer, "/agreements/dpa/offered"],
} if {
	scope.gdpr
	_without
	some [activity, fact] in _flows
	where := privacy.outside(fact.value, privacy.home)
}

# METADATA
# description: Whose data it is, unless any of them is provided for; and which data reaches features that have flows of their own.
undeclared contains privacy.gap if {
	privacy.unstated
	not pass
}

undeclared contains gap if {
	_by_staying
	some activity, _ in privacy.does
	some gap in reach.gaps("dataFlows", activity)
}

_mechanisms if {
	is_array(_dpa.transfers)
	every sufficient in _needs {
		some mechanism in _dpa.transfers
		mechanism in sufficient
	}
}

_needs contains {"scc"} if asked

_needs contains {"scc", "dpf", "adequacy", "bcr"} if "eu" in _jurisdictions

_needs contains {"uk-addendum", "dpf", "adequacy", "bcr"} if "uk" in _jurisdictions

_jurisdictions := {"eu", "uk"} if {
	privacy.unstated
} else := privacy.jurisdictions

_by_staying if {
	not asked
	not _mechanisms
	every flow in _flows { privacy.inside(flow[1].value, privacy.home) }
}

_flows contains [activity, fact] if {
	some activity, _ in privacy.does
	some fact in reach.facts("dataFlows", activity)
}

_without if {
	agreement.refused(_dpa)
	not _mechanisms
}

_dpa := object.get(input.offering, ["agreements", "dpa"], {})

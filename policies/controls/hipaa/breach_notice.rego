# METADATA
# title: A breach is reported soon enough
# description: |
#   The BAA and the DPA say how soon the vendor reports a breach, and that is
#   within the time that the manifest allows. Where the manifest allows none, the
#   organisation's limits hold. HIPAA's limit holds for PHI in any case.
# custom:
#   id: breach-notice
#   severity: high
#   evidence: agreement
#   looks: [agreements]
#   at: /spec/data/classes
#   question: how soon {vendor} reports a breach
#   proved: breaches are reported soon enough
#   parameters:
#     baaBreachNoticeDays:
#       {type: integer, default: 60, description: "Days within which a business associate reports a breach of PHI, 45 CFR 164.410(b)."}
#     dpaBreachNoticeHours:
#       {type: integer, default: 72, description: "Hours within which a processor reports a personal data breach, where the manifest does not say."}
#   references:
#     - {framework: hipaa, id: "164.410"}
#     - {framework: gdpr, id: Art. 28(3)}
#     - {framework: soc2, id: P6.5}
#     - {framework: nist-800-53, id: IR-6(3)}
#     - {framework: nist-800-53, id: SR-8}
#   remediation: Agree on a shorter notice in the BAA or DPA.
#   waivable: true
package caveat.controls.hipaa.breach_notice

import data.caveat.lib.quantity
import data.caveat.lib.scope

# METADATA
# description: PHI, personal data of people not shown to be outside the EU and UK, or somebody asks.
applies if scope.phi

applies if scope.gdpr

applies if asked

applies if scope.brought("breach-notice")

# METADATA
# description: The manifest says how long it may take.
asked if is_string(_allowed)

# METADATA
# description: The notice of the BAA for PHI, of the DPA for what the GDPR protects and for all else.
reads contains _pointer(name) if some name in _names

# METADATA
# description: Each notice is stated and short enough.
pass if {
	every name in _names { quantity.seconds(_notice(name)) <= quantity.seconds(_limit(name)) }
}

# METADATA
# description: A notice is stated and too long.
fail contains {
	"message": sprintf("a breach is reported within %s under the %s, at most %s is allowed", [
		_notice(name),
		upper(name),
		_limit(name),
	]),
	"at": _at,
	"facts": [_pointer(name)],
} if {
	some name in _names
	quantity.seconds(_notice(name)) > quantity.seconds(_limit(name))
}

default _at := "/spec/data/classes"

_at := "/spec/requires/breachNotice" if asked

_names contains "baa" if scope.phi

_names contains "dpa" if scope.gdpr

_names contains "dpa" if not scope.phi

_pointer(name) := sprintf("/agreements/%s/breachNotice", [name])

_notice(name) := input.offering.agreements[name].breachNotice

_allowed := input.workload.spec.requires.breachNotice

_limit("baa") := _allowed if {
	quantity.seconds(_allowed) <= quantity.seconds(_legal)
} else := _legal

_limit("dpa") := object.get(
	input.workload.spec.requires, "breachNotice",
	sprintf("%dh", [input.parameters.dpaBreachNoticeHours]),
)

_legal := sprintf("%dd", [input.parameters.baaBreachNoticeDays])

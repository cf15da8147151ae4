# METADATA
# title: The vendor holds every report and certificate asked for
# description: |
#   Each one that the manifest asks for is held for this offering. For what we
#   operate it is also current: a certificate by its last day, a SOC report by
#   the end of its period and a bridge letter. SOC 2 Type II and PCI DSS have
#   controls of their own.
# custom:
#   id: certifications
#   severity: high
#   evidence: attestation
#   looks: [certifications]
#   at: /spec/requires/certifications
#   question: whether {vendor} holds what is asked for, and until when
#   proved: every report and certificate asked for is held and current as far as the stage wants
#   parameters:
#     soc2PeriodMonths:
#       {type: integer, default: 12, description: Calendar months for which a SOC report counts after the end of its period.}
#     bridgeLetterMonths:
#       {type: integer, default: 3, description: Calendar months by which a bridge letter can prolong that.}
#   references:
#     - {framework: soc2, id: CC9.2}
#     - {framework: iso27001, id: A.5.19}
#     - {framework: iso27001, id: A.5.22}
#     - {framework: nist-800-53, id: SR-6}
#   remediation: Obtain the current certificate from the vendor and state it in the account, or choose a vendor that has it.
#   waivable: true
package caveat.controls.assurance.certifications

import data.caveat.lib.attestation

# METADATA
# description: The manifest asks for some.
applies if asked

# METADATA
# description: The manifest asks for some.
asked if count(_asked) > 0

# METADATA
# description: For each, that it is held and how long it counts.
reads contains pointer if {
	some id in _asked
	some pointer in attestation.reads(id)
}

# METADATA
# description: Each is held and current.
pass if {
	every id in _asked { attestation.proved(id) }
}

# METADATA
# description: One is stated not to be held, or to have lapsed.
fail contains object.union(refusal, {"at": sprintf("/spec/requires/certifications/%d", [i])}) if {
	some i, id in _asked
	some refusal in attestation.refusals(id)
}

_asked[i] := id if {
	some i, id in input.workload.spec.requires.certifications
	not id in {"soc2-type2", "pci-dss"}
}

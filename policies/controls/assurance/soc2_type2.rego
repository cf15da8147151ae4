# METADATA
# title: The vendor has a current SOC 2 Type II report
# description: |
#   A report is held for this offering and its opinion is not stated to be
#   anything but unqualified. For what we operate, the opinion is unqualified,
#   security is among the categories, and the period ended recently enough, or a
#   bridge letter still covers the time since.
# custom:
#   id: soc2-type2
#   severity: high
#   evidence: soc2
#   looks: [certifications]
#   at: /spec/requires/certifications
#   question: whether {vendor} holds a current, unqualified SOC 2 Type II report on security
#   proved: a SOC 2 Type II report is held and current as far as the stage wants
#   parameters:
#     soc2PeriodMonths:
#       {type: integer, default: 12, description: Calendar months for which a SOC report counts after the end of its period.}
#     bridgeLetterMonths:
#       {type: integer, default: 3, description: Calendar months by which a bridge letter can prolong that.}
#   references:
#     - {framework: soc2, id: CC9.2}
#     - {framework: soc2, id: CC4.1}
#     - {framework: iso27001, id: A.5.22}
#     - {framework: nist-800-53, id: SR-6}
#     - {framework: nist-800-53, id: CA-7}
#   remediation: Obtain the vendor's latest report or a bridge letter, and state it in the account.
#   waivable: true
package caveat.controls.assurance.soc2_type2

import data.caveat.lib.attestation
import data.caveat.lib.scope

# METADATA
# description: The manifest or a profile asks for the report.
applies if asked

applies if scope.brought("soc2-type2")

# METADATA
# description: The manifest asks for the report.
asked if "soc2-type2" in input.workload.spec.requires.certifications

# METADATA
# description: That it is held and, for what we operate, what it says.
reads contains pointer if some pointer in attestation.reads("soc2-type2")

reads contains attestation.pointer("soc2-type2", field) if {
	not scope.selecting
	some field in ["opinion", "criteria"]
}

# METADATA
# description: It is held and current and, for what we operate, says enough.
pass if {
	attestation.proved("soc2-type2")
	_enough
}

# METADATA
# description: It is stated not to be held, to have lapsed, or to have another opinion.
fail contains object.union(refusal, {"at": _at}) if {
	some refusal in attestation.refusals("soc2-type2")
}

# METADATA
# description: What we might buy has to be looked into.
conditions contains "obtain the SOC 2 Type II report" if scope.selecting

default _at := "/spec/data/classes"

_at := "/spec/requires/certifications" if asked

_enough if scope.selecting

_enough if {
	_report.opinion == "unqualified"
	is_array(_report.criteria)
	"security" in _report.criteria
}

_report := attestation.stated("soc2-type2")

# METADATA
# title: The vendor attests PCI DSS compliance as a service provider
# description: |
#   An attestation of compliance is held for this offering at a level that is
#   high enough, and says in writing which requirements are the vendor's and
#   which are ours. For what we operate it is also in date.
# custom:
#   id: pci-dss
#   severity: critical
#   evidence: attestation
#   looks: [certifications]
#   at: /spec/data/classes
#   question: whether {vendor} holds a PCI DSS attestation, at which level and until when, and who answers for what
#   proved: a PCI DSS attestation is held at the level needed, and responsibilities are written down
#   parameters:
#     pciServiceProviderLevel:
#       {type: integer, default: 1, description: Highest number of service provider level that is accepted; level 1 is the strictest.}
#   references:
#     - {framework: pci-dss, id: 12.8.2}
#     - {framework: pci-dss, id: 12.8.4}
#     - {framework: pci-dss, id: 12.8.5}
#     - {framework: pci-dss, id: 12.9.2}
#   remediation: Obtain the attestation of compliance and the responsibility matrix, or keep cardholder data out of the workload.
#   waivable: true
package caveat.controls.assurance.pci_dss

import data.caveat.lib.attestation
import data.caveat.lib.scope

# METADATA
# description: Cardholder data is involved, or the manifest or a profile asks.
applies if scope.pci

applies if asked

applies if scope.brought("pci-dss")

# METADATA
# description: The manifest asks for the attestation.
asked if "pci-dss" in input.workload.spec.requires.certifications

# METADATA
# description: The attestation, its level and the split of responsibilities.
reads contains pointer if some pointer in attestation.reads("pci-dss")

reads contains attestation.pointer("pci-dss", field) if some field in ["level", "responsibilityMatrix"]

# METADATA
# description: It is held and current, its level is high enough, and responsibilities are written down.
pass if {
	attestation.proved("pci-dss")
	is_number(input.parameters.pciServiceProviderLevel)
	_level <= input.parameters.pciServiceProviderLevel
	_attestation.responsibilityMatrix == true
}

# METADATA
# description: It is stated not to be held, or to have lapsed.
fail contains object.union(refusal, {"at": _at}) if some refusal in attestation.refusals("pci-dss")

# METADATA
# description: The level is stated and not high enough.
fail contains {
	"message": sprintf("%s is a PCI DSS service provider of level %d, level %d is needed", [
		input.offering.id.vendor,
		_level, input.parameters.pciServiceProviderLevel,
	]),
	"at": _at,
	"facts": [attestation.pointer("pci-dss", "level")],
} if {
	_level > input.parameters.pciServiceProviderLevel
}

# METADATA
# description: Responsibilities are stated not to be written down.
fail contains {
	"message": sprintf("%s does not write down who answers for which PCI DSS requirement", [input.offering.id.vendor]),
	"at": _at,
	"facts": [attestation.pointer("pci-dss", "responsibilityMatrix")],
} if {
	_attestation.responsibilityMatrix == false
}

default _at := "/spec/data/classes"

_at := "/spec/requires/certifications" if asked

# Written as a number or as a string.
_level := to_number(level) if {
	level := sprintf("%v", [_attestation.level])
	regex.match(`^[1-9]$`, level)
}

_attestation := attestation.stated("pci-dss")

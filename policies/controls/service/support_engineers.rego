# METADATA
# title: The vendor's engineers work with ours
# description: The vendor states that this plan comes with embedded or forward-deployed engineers.
# custom:
#   id: support-engineers
#   severity: low
#   evidence: feature
#   looks: [support]
#   at: /spec/requires/supportEngineers
#   question: whether {vendor} gives engineers on plan {plan}
#   proved: plan {plan} comes with engineers of {vendor}
#   references: []
#   remediation: Choose a plan with embedded engineers, or drop spec.requires.supportEngineers.
#   waivable: true
package caveat.controls.service.support_engineers

# METADATA
# description: The manifest asks for them.
applies if asked

# METADATA
# description: The manifest asks for them.
asked if input.workload.spec.requires.supportEngineers == true

# METADATA
# description: The one fact that the proof rests on.
reads contains "/support/engineers"

# METADATA
# description: The vendor says that they come with the plan.
pass if input.offering.support.engineers == true

# METADATA
# description: The vendor says that they do not.
fail contains {
	"message": sprintf("%s gives no engineers on plan %s", [input.offering.id.vendor, input.offering.id.plan]),
	"at": "/spec/requires/supportEngineers",
	"facts": ["/support/engineers"],
} if {
	input.offering.support.engineers == false
}

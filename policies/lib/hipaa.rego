# METADATA
# title: Protected health information and BAAs
# description: What the controls on business associate agreements share.
package caveat.lib.hipaa

import data.caveat.lib.agreement
import data.caveat.lib.offered
import data.caveat.lib.scope

# METADATA
# description: The control with this id concerns the workload.
concerned(_) if scope.phi

concerned(_) if asked

concerned(id) if scope.brought(id)

# METADATA
# description: The manifest asks for a BAA.
asked if agreement.asked("baa")

# METADATA
# description: Where the manifest says that a BAA is needed.
default at := "/spec/data/classes"

at := "/spec/requires/agreements" if asked

# METADATA
# description: The vendor's BAA as far as it is stated.
baa := object.get(input.offering, ["agreements", "baa"], {})

# METADATA
# description: Classes of PHI that reach a used feature.
classes(use) := {class | some class in use.data} & {"phi", "phi-limited"}

# METADATA
# description: Pointer to the BAA scope of a feature.
scope_pointer(feature) := offered.pointer(["agreements", "baa", "scope", feature])

# METADATA
# description: |
#   Pointer to the fact that keeps a feature out of the BAA of a provider, the
#   offering or the infrastructure: its scope is out, or it is missing from a
#   list that says it is closed. Contradictory sources keep nothing out.
exclusion(provider, feature) := scope_pointer(feature) if {
	provider.agreements.baa.scope[feature] == "out"
}

exclusion(provider, feature) := "/agreements/baa/closed" if {
	provider.agreements.baa.closed == true
	not provider.agreements.baa.scope[feature]
	not scope_pointer(feature) in provider.conflicts
}

# METADATA
# description: |
#   The facts that together show that no PHI reaches the platform where it runs
#   in our cloud. Hybrid hosting must not spill over into the managed part.
channels contains pointer if {
	input.offering.id.hosting in {"hybrid", "byoc", "self-hosted"}
	some key in ["reachesPayload", "reachesLogs", "reachesSupport"]
	pointer := offered.pointer(["hosting", key])
}

channels contains "/hosting/overflow" if input.offering.id.hosting == "hybrid"

# METADATA
# description: It is stated that no PHI reaches the platform, so that a BAA with the infrastructure provider is enough.
unreached if {
	channels != set()
	every pointer in channels {
		input.offering.hosting[trim_prefix(pointer, "/hosting/")] == false
	}
}

# METADATA
# title: What a workload is about
# description: Shared questions about the data of a workload and the profiles that hold for it.
package caveat.lib.scope

import data.caveat.lib.places

# METADATA
# description: Protected health information is involved, limited data sets included.
phi if {
	some class in input.workload.spec.data.classes
	class in {"phi", "phi-limited"}
}

# METADATA
# description: Cardholder data is involved.
pci if "pci" in input.workload.spec.data.classes

# METADATA
# description: Personal data is involved.
personal if {
	some class in input.workload.spec.data.classes
	class in {"pii", "phi", "phi-limited", "pci"}
}

# METADATA
# description: |
#   Personal data that is not shown to be of people outside the EEA and the UK:
#   unstated subjects count, so that leaving them out is no way around the GDPR.
gdpr if {
	personal
	not _subjects_outside
}

# METADATA
# description: Personal data that is not shown to be of people outside the United States.
us_persons if {
	personal
	not _subjects_outside_us
}

# METADATA
# description: The subjects are stated.
subjects_stated if count(input.workload.spec.data.subjects) > 0

_subjects_outside if {
	subjects_stated
	every subject in input.workload.spec.data.subjects {
		not places.inside(subject, {"eu", "is", "li", "no", "uk"})
	}
}

_subjects_outside_us if {
	subjects_stated
	every subject in input.workload.spec.data.subjects {
		not places.inside(subject, {"us"})
	}
}

# METADATA
# description: A profile in force brings the control, whether or not the manifest asks.
brought(id) if id in input.parameters.brought

# METADATA
# description: What we might buy, as against what we run.
selecting if input.workload.spec.stage == "select"

# METADATA
# description: Features that the manifest says it uses.
used contains use.feature if some use in input.workload.spec.uses

# METADATA
# description: Features that the product and the used features bring with them.
implied contains feature if some feature in input.offering.implied

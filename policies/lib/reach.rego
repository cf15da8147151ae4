# METADATA
# title: Which facts bear on the data
# description: |
#   A feature may have a fact of its own, which then holds for the data that
#   reaches it instead of the offering's fact.
package caveat.lib.reach

import data.caveat.lib.offered
import data.caveat.lib.scope

# METADATA
# description: Features that come along and of which the manifest does not say which data reaches them.
unmentioned contains feature if {
	some feature in scope.implied
	not feature in scope.used
}

# METADATA
# description: The entry of `undeclared` that asks which data reaches a feature, with the line to add.
gap(feature) := {
	"at": "/spec/uses",
	"message": sprintf("say which data reaches %s: add \"- {feature: %s, data: []}\" to spec.uses", [feature, feature]),
}

# METADATA
# description: |
#   Whose facts count for this workload: those of the features that data
#   reaches, and those of the offering, written "", where no feature is said to
#   get data, one comes along unmentioned, or some class of data is not said to
#   reach any.
considered contains use.feature if {
	some use in input.workload.spec.uses
	not use.data == []
}

considered contains "" if not _some_reached

considered contains "" if count(unmentioned) > 0

considered contains "" if {
	some class in input.workload.spec.data.classes
	not _reaches(class)
}

# METADATA
# description: |
#   Pointer and value of a fact for one feature: its own if there is one,
#   contradictory or not, else the offering's. A missing value is null. `who`
#   opens a message with the feature whose own fact it is.
fact(feature, section, key) := {
	"pointer": offered.pointer(_own(feature, section, key)),
	"value": object.get(input.offering, _own(feature, section, key), null),
	"who": sprintf("%s: ", [feature]),
} if {
	offered.claimed(_own(feature, section, key))
} else := {
	"pointer": offered.pointer([section, key]),
	"value": object.get(input.offering, [section, key], null),
	"who": "",
}

# METADATA
# description: The facts under one name that hold for the data of this workload; never empty.
facts(section, key) := {fact(feature, section, key) | some feature in considered}

# METADATA
# description: Gaps for unmentioned features that have a fact of their own under this name.
gaps(section, key) := {gap(feature) |
	some feature in unmentioned
	offered.claimed(_own(feature, section, key))
}

_some_reached if {
	some use in input.workload.spec.uses
	not use.data == []
}

_reaches(class) if {
	some use in input.workload.spec.uses
	class in use.data
}

_own(feature, section, key) := ["features", feature, "facts", section, key]

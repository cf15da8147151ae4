# METADATA
# title: What an offering states
# description: Pointers to facts, lists of words, and facts that hold only where a feature is used.
package caveat.lib.offered

import data.caveat.lib.scope

# METADATA
# description: A JSON pointer made of steps that may hold any character.
pointer(steps) := concat("/", array.concat([""], [_escaped(step) | some step in steps]))

_escaped(step) := step if not regex.match(`[~/]`, step)

_escaped(step) := replace(replace(step, "~", "~0"), "/", "~1") if regex.match(`[~/]`, step)

# METADATA
# description: A list that has at least one of some words.
has_any(list, words) if {
	is_array(list)
	some word in list
	word in words
}

# METADATA
# description: A list that says something, but none of some words.
has_none(list, words) if {
	is_array(list)
	count(list) > 0
	every word in list { not word in words }
}

# METADATA
# description: Something is claimed here, even if the claims contradict each other.
claimed(steps) if object.get(input.offering, steps, null) != null

# METADATA
# description: Something is claimed here, even if the claims contradict each other.
claimed(steps) if pointer(steps) in input.offering.conflicts

# METADATA
# description: The machines are those of our own cloud account, not the vendor's.
our_cloud if input.offering.id.hosting in {"byoc", "self-hosted"}

# METADATA
# description: Who provides the machines, and which.
machine := input.infrastructure.id if our_cloud

machine := input.offering.id if not our_cloud

# METADATA
# description: The pointer to a fact of the SKU that is bought; without a SKU, to where SKUs stand.
sku(steps) := concat("", [_skus, pointer(array.concat([machine.sku], steps))]) if {
	machine.sku != ""
} else := _skus

# METADATA
# description: What is known of the SKU that is bought.
sku_facts := input.infrastructure.skus[machine.sku] if our_cloud

sku_facts := input.offering.skus[machine.sku] if not our_cloud

# METADATA
# description: The entry of `undeclared` that asks for the cloud, for where its machines matter.
gaps contains {
	"at": "/spec/placement/infrastructure",
	"message": "name the cloud provider: add \"infrastructure: {vendor: ...}\" to spec.placement",
} if {
	our_cloud
	not input.infrastructure
}

# METADATA
# description: |
#   Pointer and value of a fact for this workload: of the features in use that
#   have their own, else of the whole offering, given as a list of none or one.
#   A missing value is null.
by_feature(section, key, whole) := own if {
	own := {at: value |
		some feature in (scope.used | scope.implied)
		at := pointer(["features", feature, "facts", section, key])
		value := _own(feature, section, key, at)
	}
	count(own) > 0
} else := {pointer([section, key]): value} if {
	some value in whole
} else := {pointer([section, key]): null}

_own(feature, section, key, _) := input.offering.features[feature].facts[section][key]

_own(_, _, _, at) := null if at in input.offering.conflicts

_skus := "/infrastructure/skus" if our_cloud

_skus := "/skus" if not our_cloud

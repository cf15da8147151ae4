# METADATA
# title: What an offering states
# description: Pointers to facts, lists of words, and facts that hold only where a feature is used.
package caveat.lib.offered

import data.caveat.lib.scope

# METADATA
# description: A JSON pointer made of steps that may hold any character.
pointer(steps) := concat("", [concat("", ["/", escaped]) |
	some step in steps
	escaped := replace(replace(step, "~", "~0"), "/", "~1")
])

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
# description: The pointer to a fact of the SKU that is bought; without a SKU, to where SKUs stand.
sku(steps) := pointer(array.concat(["skus", id], steps)) if {
	id := input.offering.id.sku
} else := "/skus"

# METADATA
# description: The SKU that is bought.
sku_facts := input.offering.skus[input.offering.id.sku]

# METADATA
# description: |
#   Pointer and value of a fact for this workload: of the features in use that
#   have their own, else of the offering. A missing value is null.
by_feature(section, key) := own if {
	own := _own(scope.used | scope.implied, section, key)
	count(own) > 0
} else := _whole(section, key)

_own(features, section, key) := {pointer(steps): value |
	some feature in features
	steps := ["features", feature, "facts", section, key]
	claimed(steps)
	value := object.get(input.offering, steps, null)
}

_whole(section, key) := {pointer(steps): object.get(input.offering, steps, null)} if steps := [section, key]

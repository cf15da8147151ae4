# METADATA
# title: Places
# description: Which place lies within which, from the vocabulary and the vendor's own region ids.
package caveat.lib.places

import data.caveat.vocabulary

# METADATA
# description: |
#   Whether a place lies within any of some places. A place lies within itself.
#   A place that nobody knows lies nowhere.
inside(place, containers) if {
	some container in containers
	container in vocabulary.around[place]
}

inside(place, containers) if {
	not vocabulary.around[place]
	some container in containers
	container in array.concat([place], vocabulary.around[input.offering.sites[place]])
}

# METADATA
# description: Every place of a non-empty list lies within any of some places.
all_inside(list, containers) if {
	is_array(list)
	count(list) > 0
	every place in list { inside(place, containers) }
}

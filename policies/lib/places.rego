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
	container in _around(place)
}

# METADATA
# description: Every place of a non-empty list lies within any of some places.
all_inside(list, containers) if {
	is_array(list)
	count(list) > 0
	every place in list { inside(place, containers) }
}

_around(place) := graph.reachable(_graph, {place})

_graph[place] := {vocabulary.within[place]} if some place, _ in vocabulary.within

_graph[site] := {input.offering.sites[site]} if {
	some site, _ in input.offering.sites
	not vocabulary.within[site]
}

_graph[place] := set() if {
	some place, _ in vocabulary.regions
	not vocabulary.within[place]
}

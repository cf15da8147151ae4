# METADATA
# title: People and places
# description: Whose law protects the people concerned, and where a data flow may end.
package caveat.lib.privacy

import data.caveat.lib.places
import data.caveat.lib.scope

# METADATA
# description: Places from which data is not transferred to a third country. Iceland, Liechtenstein and Norway are in the EEA.
home := {"eu", "is", "li", "no", "uk"}

# METADATA
# description: European jurisdictions of the people concerned.
jurisdictions contains "eu" if {
	some subject in input.workload.spec.data.subjects
	places.inside(subject, {"eu", "is", "li", "no"})
}

jurisdictions contains "uk" if {
	some subject in input.workload.spec.data.subjects
	places.inside(subject, {"uk"})
}

# METADATA
# description: Personal data of people of whom the manifest does not say where they are.
unstated if {
	scope.personal
	not scope.subjects_stated
}

# METADATA
# description: The entry of `undeclared` that asks for them.
gap := {
	"at": "/spec/data/subjects",
	"message": "say where the people are whose data it is: add \"subjects: [...]\" to spec.data",
}

# METADATA
# description: What the vendor does with data in some place, in words that open a message.
does := {
	"process": "data is processed",
	"store": "data is stored",
	"route": "requests are routed",
	"logs": "logs are kept",
	"support": "support staff are",
}

# METADATA
# description: |
#   Every place where a data flow may end lies within some places. What cannot
#   be resolved to places lies nowhere.
inside(value, containers) if places.all_inside(_places(value), containers)

# METADATA
# description: |
#   In words, where a data flow may end outside some places. A place that
#   nobody knows, or that has one of them within it, is not shown to be outside.
outside("anywhere", _) := "anywhere"

outside(value, containers) := sprintf("in %s", [concat(", ", sort(strays))]) if {
	strays := {place |
		some place in _places(value)
		_known(place)
		not places.inside(place, containers)
		not _around_any(place, containers)
	}
	count(strays) > 0
}

_places(value) := value if is_array(value)

# What is pinned stays where the machines are: in the vendor's region, in that of
# our own cloud, or in both.
_places("pinned") := [input.offering.id.region] if input.offering.id.hosting == "managed"

_places("pinned") := [_ours] if input.offering.id.hosting in {"byoc", "self-hosted"}

_places("pinned") := [input.offering.id.region, _ours] if input.offering.id.hosting == "hybrid"

_places("customer") := [_ours]

_ours := object.get(input.infrastructure, ["sites", region], region) if region := input.infrastructure.id.region

_known(place) if places.inside(place, {place})

_around_any(place, containers) if {
	some container in containers
	places.inside(container, {place})
}

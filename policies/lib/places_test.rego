package caveat.lib.places_test

import data.caveat.lib.places
import data.caveat.lib.sample_test as sample

cases := {
	"itself": ["de", ["de"], true],
	"around it": ["de", ["eu"], true],
	"one of several": ["de", ["us", "eu"], true],
	"within it": ["eu", ["de"], false],
	"elsewhere": ["us-east", ["eu"], false],
	"the vendor's": ["fra-1", ["eu"], true],
	"the vendor's itself": ["fra-1", ["fra-1"], true],
	"the vendor's elsewhere": ["fra-1", ["us"], false],
	"the vendor's name for a place is not that place": ["us", ["eu"], false],
	"the vendor's whereabouts unknown": ["sea-1", ["sea-1"], false],
	"unknown": ["moon", ["eu", "moon"], false],
	"number": [7, ["eu"], false],
}

test_inside[name] if {
	some name, [place, containers, want] in cases
	got := {1 | places.inside(place, containers)} with input.offering.sites as {"fra-1": "de", "us": "de", "sea-1": "sea"}
		with data.caveat.vocabulary as sample.vocabulary
	got == {1 | want}
}

lists := {
	"one": [["de"], true],
	"all": [["de", "fr"], true],
	"not all": [["de", "us"], false],
	"none": [[], false],
	"word": ["de", false],
	"by name": [{"first": "de"}, false],
	"nothing": [null, false],
}

test_all_inside[name] if {
	some name, [list, want] in lists
	got := {1 | places.all_inside(list, {"eu"})} with input.offering.sites as {}
		with data.caveat.vocabulary as sample.vocabulary
	got == {1 | want}
}

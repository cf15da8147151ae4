package caveat.lib.privacy_test

import data.caveat.lib.privacy
import data.caveat.lib.sample_test as sample

jurisdictions_cases := {
	"unstated": [{}, set()],
	"EU": [{"subjects": ["eu"]}, {"eu"}],
	"a member": [{"subjects": ["de"]}, {"eu"}],
	"Iceland": [{"subjects": ["is"]}, {"eu"}],
	"Liechtenstein": [{"subjects": ["li"]}, {"eu"}],
	"Norway": [{"subjects": ["no"]}, {"eu"}],
	"UK": [{"subjects": ["uk"]}, {"uk"}],
	"both and others": [{"subjects": ["us", "uk", "fr"]}, {"eu", "uk"}],
	"others": [{"subjects": ["us", "ch"]}, set()],
}

test_jurisdictions[name] if {
	some name, [handled, want] in jurisdictions_cases
	got := privacy.jurisdictions with input as sample.input_with({"data": handled}, {}, {})
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

unstated_cases := {
	"personal, unstated": [{"classes": ["pii"]}, true],
	"personal, stated": [{"classes": ["pii"], "subjects": ["us"]}, false],
	"not personal": [{"classes": ["internal"]}, false],
}

test_unstated[name] if {
	some name, [handled, want] in unstated_cases
	got := {1 | privacy.unstated} with input as sample.input_with({"data": handled}, {}, {})
	got == {1 | want}
}

flow_cases := {
	"inside": [["de"], true, set()],
	"all inside": [["de", "uk"], true, set()],
	"outside": [["us-east"], false, {"in us-east"}],
	"some outside": [["us", "de", "ch"], false, {"in ch, us"}],
	"unknown": [["moon"], false, set()],
	"wider": [["world"], false, set()],
	"anywhere": ["anywhere", false, {"anywhere"}],
	"pinned": ["pinned", true, set()],
	"ours": ["customer", false, {"in us"}],
	"words": ["eu", false, set()],
	"nothing": [null, false, set()],
	"no place": [[], false, set()],
}

test_flows[name] if {
	some name, [value, inside, outside] in flow_cases
	got := [{1 | privacy.inside(value, {"eu", "uk"})}, {where | where := privacy.outside(value, {"eu", "uk"})}] with input as sample.input_with(
		{},
		{"id": {"region": "fra-1"}, "sites": {"fra-1": "de"}},
		{"infrastructure": {"id": {"region": "us-east-1"}, "sites": {"us-east-1": "us"}}},
	)
		with data.caveat.vocabulary as _with_world
	got == [{1 | inside}, outside]
}

_with_world := {"around": object.union(
	{place: array.concat(places, [world |
		some world in ["world"]
		some container in places
		container in {"eu", "uk"}
	]) |
		some place, places in sample.vocabulary.around
	},
	{"world": ["world"]},
)}

test_home if privacy.home == {"eu", "uk", "is", "li", "no"}

# Where the machines are: in the vendor's region, in that of our own cloud, or in both.
pinned_cases := {
	"managed": ["managed", "de", "us", true],
	"managed outside": ["managed", "us", "de", false],
	"byoc": ["byoc", "us", "de", true],
	"byoc outside": ["byoc", "de", "us", false],
	"self-hosted": ["self-hosted", "us", "de", true],
	"self-hosted outside": ["self-hosted", "de", "us", false],
	"hybrid": ["hybrid", "de", "fr", true],
	"hybrid, ours outside": ["hybrid", "de", "us", false],
	"hybrid, theirs outside": ["hybrid", "us", "de", false],
	"nobody knows": ["elsewhere", "de", "de", false],
}

test_pinned[name] if {
	some name, [hosting, theirs, ours, inside] in pinned_cases
	got := [1 | privacy.inside("pinned", {"eu"})] with input as sample.input_with(
		{},
		{"id": {"hosting": hosting, "region": theirs}},
		{"infrastructure": {"id": {"region": ours}, "sites": {}}},
	)
		with data.caveat.vocabulary as sample.vocabulary
	got == [1 | inside]
}

package caveat.lib.scope_test

import data.caveat.lib.sample_test as sample
import data.caveat.lib.scope

classes := {
	"public": [],
	"internal": [],
	"confidential": [],
	"deidentified": [],
	"pii": ["personal"],
	"pci": ["pci", "personal"],
	"phi": ["personal", "phi"],
	"phi-limited": ["personal", "phi"],
}

test_classes[class] if {
	some class, want in classes
	got := [kind |
		some kind, holds in {
			"phi": {1 | scope.phi},
			"pci": {1 | scope.pci},
			"personal": {1 | scope.personal},
		}
		holds == {1}
	] with input as sample.input_with({"data": {"classes": ["public", class]}}, {}, {})
	sort(got) == want
}

subjects := {
	"unstated": [{}, ["gdpr", "us"]],
	"none": [{"subjects": []}, ["gdpr", "us"]],
	"EU": [{"subjects": ["eu"]}, ["gdpr"]],
	"a member": [{"subjects": ["de"]}, ["gdpr"]],
	"UK": [{"subjects": ["uk"]}, ["gdpr"]],
	"Iceland": [{"subjects": ["is"]}, ["gdpr"]],
	"Liechtenstein": [{"subjects": ["li"]}, ["gdpr"]],
	"Norway": [{"subjects": ["no"]}, ["gdpr"]],
	"Switzerland": [{"subjects": ["ch"]}, []],
	"US": [{"subjects": ["us"]}, ["us"]],
	"both": [{"subjects": ["us", "fr"]}, ["gdpr", "us"]],
	"both, the other way round": [{"subjects": ["fr", "us"]}, ["gdpr", "us"]],
}

test_subjects[name] if {
	some name, [subject, want] in subjects
	got := [law |
		some law, holds in {"gdpr": {1 | scope.gdpr}, "us": {1 | scope.us_persons}}
		holds == {1}
	] with input as sample.input_with({"data": object.union({"classes": ["pii"]}, subject)}, {}, {})
		with data.caveat.vocabulary as sample.vocabulary
	sort(got) == want
}

test_not_personal if {
	got := [{1 | scope.gdpr}, {1 | scope.us_persons}] with input as sample.input_with({}, {}, {})
	got == [set(), set()]
}

stated := {"unstated": [{}, false], "none": [{"subjects": []}, false], "one": [{"subjects": ["us"]}, true]}

test_subjects_stated[name] if {
	some name, [subject, want] in stated
	got := {1 | scope.subjects_stated} with input.workload.spec.data as subject
	got == {1 | want}
}

test_brought if scope.brought("sso") with input as sample.input_with({}, {}, sample.bringing(["dpa", "sso"]))

test_not_brought if not scope.brought("baa") with input as sample.input_with({}, {}, sample.bringing(["dpa", "sso"]))

test_selecting if scope.selecting with input.workload.spec.stage as "select"

test_not_selecting if not scope.selecting with input.workload.spec.stage as "operate"

test_features if {
	got := [scope.used, scope.implied] with input as sample.input_with(
		{"uses": [{"feature": "a"}, {"feature": "b", "data": []}]},
		{"implied": ["c", "a"]},
		{},
	)
	got == [{"a", "b"}, {"a", "c"}]
}

package caveat.controls.hipaa.subprocessors_test

import data.caveat.controls.hipaa.subprocessors
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

handling(classes, subjects) := {"data": {"classes": classes, "subjects": subjects}}

american := handling(["phi"], ["us"])

european := handling(["pii"], ["eu"])

asking(spec) := object.union(spec, {"requires": {"subprocessorNotice": "30d"}})

baa(flow_down) := {"agreements": {"baa": {"subcontractorFlowDown": flow_down}}}

sub(facts) := {"subprocessors": facts}

cases := {
	"PHI, bound by the BAA": [american, baa(true), {}, "pass"],
	"PHI, not bound by the BAA": [american, baa(false), {}, "fail"],
	"PHI, bound in general": [american, sub({"flowDown": true}), {}, "pass"],
	"PHI, not bound in general": [american, sub({"flowDown": false}), {}, "fail"],
	"PHI, the BAA binds what is not bound in general": [american, object.union(baa(true), sub({"flowDown": false})), {}, "pass"],
	"PHI, the BAA does not bind what is bound in general": [american, object.union(baa(false), sub({"flowDown": true})), {}, "fail"],
	"PHI, the BAA in words, bound in general": [american, object.union(baa("yes"), sub({"flowDown": true})), {}, "pass"],
	"PHI, in words": [american, baa("yes"), {}, "unknown"],
	"PHI, in general in words": [american, sub({"flowDown": "yes"}), {}, "unknown"],
	"PHI, nothing stated": [american, {}, {}, "unknown"],
	"PHI, a list is another matter": [american, sub({"list": "https://acme.example/sub"}), {}, "unknown"],
	"EU, listed at an address": [european, sub({"list": "https://acme.example/sub", "notice": "15d"}), {}, "pass"],
	"EU, listed by name": [european, sub({"names": ["aws"], "notice": "15d"}), {}, "pass"],
	"EU, listed without notice": [european, sub({"names": ["aws"]}), {}, "unknown"],
	"EU, no notice at all": [european, sub({"names": ["aws"], "notice": "0s"}), {}, "unknown"],
	"EU, hardly any notice": [european, sub({"names": ["aws"], "notice": "1s"}), {}, "pass"],
	"EU, notice in words": [european, sub({"names": ["aws"], "notice": "some"}), {}, "unknown"],
	"EU, no name": [european, sub({"notice": "15d", "names": []}), {}, "unknown"],
	"EU, names in words": [european, sub({"notice": "15d", "names": "aws"}), {}, "unknown"],
	"EU, list is no address": [european, sub({"notice": "15d", "list": 7}), {}, "unknown"],
	"EU, nothing stated": [european, {}, {}, "unknown"],
	"EU, not bound is another matter": [european, sub({"notice": "15d", "list": "https://acme.example/sub", "flowDown": false}), {}, "pass"],
	"EU, short notice that nobody asked about": [european, sub({"names": ["aws"], "notice": "1d"}), {}, "pass"],
	"asked, as much": [asking({}), sub({"notice": "30d"}), {}, "pass"],
	"asked, less": [asking({}), sub({"notice": "29d"}), {}, "fail"],
	"asked, in words": [asking({}), sub({"notice": "some"}), {}, "unknown"],
	"asked, nothing stated": [asking({}), {}, {}, "unknown"],
	"asked, not listed": [asking(european), sub({"notice": "30d"}), {}, "unknown"],
	"asked, listed": [asking(european), sub({"notice": "30d", "names": ["aws"]}), {}, "pass"],
	"asked, not bound": [asking(american), object.union(baa(false), sub({"notice": "30d"})), {}, "fail"],
	"PHI of Europeans wants both": [handling(["phi"], ["eu"]), baa(true), {}, "unknown"],
	"brought, listed": [{}, sub({"names": ["aws"]}), sample.bringing(["subprocessors"]), "pass"],
	"brought, not listed": [{}, baa(true), sample.bringing(["subprocessors"]), "unknown"],
	"another control brought": [{}, sub({"names": ["aws"]}), sample.bringing(["dpa"]), "not-applicable"],
	"people in the US": [handling(["pii"], ["us"]), sub({"names": ["aws"]}), {}, "not-applicable"],
	"asked by a number": [{"requires": {"subprocessorNotice": 30}}, sub({"notice": "1d"}), {}, "not-applicable"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(subprocessors) with input as sample.input_with(spec, offering, rest)
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

test_asked if subprocessors.asked with input as sample.input_with(asking({}), {}, {})

test_not_asked if not subprocessors.asked with input as sample.input_with(american, {}, {})

reads_cases := {
	"PHI": [american, {}, {"/agreements/baa/subcontractorFlowDown"}],
	"PHI, both": [american, object.union(baa(true), sub({"flowDown": true})), {"/agreements/baa/subcontractorFlowDown"}],
	"PHI, in general": [american, sub({"flowDown": false}), {"/subprocessors/flowDown"}],
	"PHI, in general in words": [american, sub({"flowDown": "yes"}), {"/agreements/baa/subcontractorFlowDown"}],
	"EU": [european, {}, {"/subprocessors/list", "/subprocessors/notice"}],
	"EU, by name": [european, sub({"names": ["aws"]}), {"/subprocessors/names", "/subprocessors/notice"}],
	"EU, both": [european, sub({"names": ["aws"], "list": "https://acme.example/sub"}), {"/subprocessors/list", "/subprocessors/notice"}],
	"asked": [asking({}), {}, {"/subprocessors/notice"}],
	"all": [
		asking(handling(["phi"], ["uk"])), {},
		{"/agreements/baa/subcontractorFlowDown", "/subprocessors/list", "/subprocessors/notice"},
	],
}

test_reads[name] if {
	some name, [spec, offering, want] in reads_cases
	got := subprocessors.reads with input as sample.input_with(spec, offering, {})
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

fail_cases := {
	"not bound by the BAA": [american, baa(false), {{
		"message": "acme does not bind its subcontractors to the same terms",
		"at": "/spec/data/classes",
		"facts": ["/agreements/baa/subcontractorFlowDown"],
	}}],
	"not bound in general": [american, sub({"flowDown": false}), {{
		"message": "acme does not bind its subcontractors to the same terms",
		"at": "/spec/data/classes",
		"facts": ["/subprocessors/flowDown"],
	}}],
	"short notice": [asking({}), sub({"notice": "10d"}), {{
		"message": "10d of notice before a new sub-processor, 30d asked",
		"at": "/spec/requires/subprocessorNotice",
		"facts": ["/subprocessors/notice"],
	}}],
	"nothing to bind": [european, baa(false), set()],
}

test_fail[name] if {
	some name, [spec, offering, want] in fail_cases
	got := subprocessors.fail with input as sample.input_with(spec, offering, {})
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

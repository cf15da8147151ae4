package caveat.controls.hipaa.breach_notice_test

import data.caveat.controls.hipaa.breach_notice
import data.caveat.lib.sample_test as sample
import data.caveat.lib.status

handling(classes, subjects) := {"data": {"classes": classes, "subjects": subjects}}

american := handling(["phi"], ["us"])

european := handling(["pii"], ["eu"])

both := handling(["phi"], ["us", "eu"])

asking(spec, notice) := object.union(spec, {"requires": {"breachNotice": notice}})

notices(baa, dpa) := {"agreements": {"baa": {"breachNotice": baa}, "dpa": {"breachNotice": dpa}}}

cases := {
	"PHI, at the limit": [american, notices("60d", null), {}, "pass"],
	"PHI, past the limit": [american, notices("61d", null), {}, "fail"],
	"PHI, other unit": [american, notices("1441h", null), {}, "fail"],
	"PHI, not stated": [american, {}, {}, "unknown"],
	"PHI, the DPA is another matter": [american, notices(null, "24h"), {}, "unknown"],
	"PHI, in words": [american, notices("promptly", null), {}, "unknown"],
	"PHI, a number": [american, notices(5, null), {}, "unknown"],
	"EU, at the limit": [european, notices(null, "72h"), {}, "pass"],
	"EU, past the limit": [european, notices(null, "73h"), {}, "fail"],
	"EU, the BAA is another matter": [european, notices("24h", null), {}, "unknown"],
	"PHI in the EU, both": [both, notices("60d", "72h"), {}, "pass"],
	"PHI in the EU, slow DPA": [both, notices("60d", "4d"), {}, "fail"],
	"PHI in the EU, no BAA notice": [both, notices(null, "72h"), {}, "unknown"],
	"subjects unstated": [{"data": {"classes": ["phi"]}}, notices("60d", null), {}, "unknown"],
	"asked, soon enough": [asking(european, "24h"), notices(null, "24h"), {}, "pass"],
	"asked, too late": [asking(european, "24h"), notices(null, "25h"), {}, "fail"],
	"asked of the DPA, more than the parameter": [asking(european, "5d"), notices(null, "4d"), {}, "pass"],
	"asked of the BAA, too late": [asking(american, "5d"), notices("6d", null), {}, "fail"],
	"asked of the BAA, soon enough": [asking(american, "5d"), notices("5d", null), {}, "pass"],
	"asked of the BAA, more than the law": [asking(american, "90d"), notices("61d", null), {}, "fail"],
	"asked without personal data": [asking({}, "24h"), notices(null, "24h"), {}, "pass"],
	"asked without personal data, too late": [asking({}, "24h"), notices(null, "25h"), {}, "fail"],
	"asked in words": [asking(european, "soon"), notices(null, "1h"), {}, "unknown"],
	"brought": [{}, notices(null, "73h"), sample.bringing(["breach-notice"]), "fail"],
	"another control brought": [{}, notices(null, "73h"), sample.bringing(["dpa"]), "not-applicable"],
	"people in the US": [handling(["pii"], ["us"]), notices(null, "73h"), {}, "not-applicable"],
	"asked by a number": [asking(handling(["pii"], ["us"]), 5), notices(null, "73h"), {}, "not-applicable"],
	"another limit for PHI": [american, notices("30d", null), {"parameters": {"baaBreachNoticeDays": 29}}, "fail"],
	"another limit for the EU": [european, notices(null, "48h"), {"parameters": {"dpaBreachNoticeHours": 47}}, "fail"],
}

test_status[name] if {
	some name, [spec, offering, rest, want] in cases
	got := status.of(breach_notice) with input as sample.input_with(spec, offering, rest)
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

test_asked if breach_notice.asked with input as sample.input_with(asking({}, "24h"), {}, {})

test_not_asked if not breach_notice.asked with input as sample.input_with(american, {}, {})

reads_cases := {
	"PHI": [american, {"/agreements/baa/breachNotice"}],
	"EU": [european, {"/agreements/dpa/breachNotice"}],
	"both": [both, {"/agreements/baa/breachNotice", "/agreements/dpa/breachNotice"}],
	"neither": [asking({}, "24h"), {"/agreements/dpa/breachNotice"}],
}

test_reads[name] if {
	some name, [spec, want] in reads_cases
	got := breach_notice.reads with input as sample.input_with(spec, {}, {})
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

fail_cases := {
	"the law": [american, notices("90d", null), {{
		"message": "a breach is reported within 90d under the BAA, at most 60d is allowed",
		"at": "/spec/data/classes",
		"facts": ["/agreements/baa/breachNotice"],
	}}],
	"the parameter": [european, notices(null, "96h"), {{
		"message": "a breach is reported within 96h under the DPA, at most 72h is allowed",
		"at": "/spec/data/classes",
		"facts": ["/agreements/dpa/breachNotice"],
	}}],
	"asked, the law in other words": [asking(american, "1440h"), notices("61d", null), {{
		"message": "a breach is reported within 61d under the BAA, at most 1440h is allowed",
		"at": "/spec/requires/breachNotice",
		"facts": ["/agreements/baa/breachNotice"],
	}}],
	"asked": [asking(american, "2d"), notices("3d", null), {{
		"message": "a breach is reported within 3d under the BAA, at most 2d is allowed",
		"at": "/spec/requires/breachNotice",
		"facts": ["/agreements/baa/breachNotice"],
	}}],
}

test_fail[name] if {
	some name, [spec, offering, want] in fail_cases
	got := breach_notice.fail with input as sample.input_with(spec, offering, {})
		with data.caveat.vocabulary as sample.vocabulary
	got == want
}

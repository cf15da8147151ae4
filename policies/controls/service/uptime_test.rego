package caveat.controls.service.uptime_test

import data.caveat.controls.service.uptime
import data.caveat.lib.status

cases := {
	"higher": [{"uptime": 99.9}, {"uptime": 99.95}, "pass"],
	"equal": [{"uptime": 99.9}, {"uptime": 99.9}, "pass"],
	"lower": [{"uptime": 99.9}, {"uptime": 99.5}, "fail"],
	"not stated": [{"uptime": 99.9}, {}, "unknown"],
	"words": [{"uptime": 99.9}, {"uptime": "best effort"}, "unknown"],
	"null": [{"uptime": 99.9}, {"uptime": null}, "unknown"],
	"not asked": [{}, {"uptime": 99.5}, "not-applicable"],
	"asked in words": [{"uptime": "high"}, {"uptime": 99.5}, "not-applicable"],
}

test_status[name] if {
	some name, [service, performance, want] in cases
	got := status.of(uptime) with input.workload.spec.service as service
		with input.offering.performance as performance
	got == want
}

test_asked if uptime.asked with input.workload.spec.service as {"uptime": 99.9}

test_not_asked[name] if {
	some name, service in {"nothing": {}, "words": {"uptime": "high"}}
	not uptime.asked with input.workload.spec.service as service
}

test_reads if uptime.reads == {"/performance/uptime"}

test_facts if {
	some reason in uptime.fail with input.workload.spec.service as {"uptime": 99.9}
		with input.offering.performance as {"uptime": 99.5}
	reason.at == "/spec/service/uptime"
	reason.facts == ["/performance/uptime"]
	reason.message == "99.5% uptime promised, 99.9% needed"
}

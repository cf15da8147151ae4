package caveat.controls.cost.billing_increment_test

import data.caveat.controls.cost.billing_increment
import data.caveat.lib.status

cases := {
	"finer": [{"billingIncrement": "1m"}, {"increment": "1s"}, "pass"],
	"equal": [{"billingIncrement": "1m"}, {"increment": "60s"}, "pass"],
	"coarser": [{"billingIncrement": "1m"}, {"increment": "61s"}, "fail"],
	"not stated": [{"billingIncrement": "1m"}, {}, "unknown"],
	"number": [{"billingIncrement": "1m"}, {"increment": 1}, "unknown"],
	"words": [{"billingIncrement": "1m"}, {"increment": "second"}, "unknown"],
	"asked in words": [{"billingIncrement": "fine"}, {"increment": "1s"}, "unknown"],
	"not asked": [{}, {"increment": "1s"}, "not-applicable"],
}

test_status[name] if {
	some name, [requires, billing, want] in cases
	got := status.of(billing_increment) with input.workload.spec.requires as requires
		with input.offering.billing as billing
	got == want
}

brought := {
	"stated": [{}, {"increment": "1h"}, "pass"],
	"stated as none": [{}, {"increment": "0s"}, "pass"],
	"not stated": [{}, {}, "unknown"],
	"words": [{}, {"increment": "hourly"}, "unknown"],
	"asked too": [{"billingIncrement": "1m"}, {"increment": "1h"}, "fail"],
	"asked in words": [{"billingIncrement": "fine"}, {"increment": "1s"}, "unknown"],
}

test_brought[name] if {
	some name, [requires, billing, want] in brought
	got := status.of(billing_increment) with input.workload.spec.requires as requires
		with input.parameters.brought as ["billing-increment"]
		with input.offering.billing as billing
	got == want
}

test_another_brought if {
	got := status.of(billing_increment) with input.workload.spec.requires as {}
		with input.parameters.brought as ["budget"]
		with input.offering.billing as {"increment": "1s"}
	got == "not-applicable"
}

test_asked if billing_increment.asked with input.workload.spec.requires.billingIncrement as "1s"

test_not_asked if {
	not billing_increment.asked with input.workload.spec.requires as {}
		with input.parameters.brought as ["billing-increment"]
}

test_reads if billing_increment.reads == {"/billing/increment"}

test_reasons if {
	got := billing_increment.fail with input.workload.spec.requires.billingIncrement as "1m"
		with input.offering.billing.increment as "1h"
	got == {{
		"message": "billed by 1h, at most 1m asked",
		"at": "/spec/requires/billingIncrement",
		"facts": ["/billing/increment"],
	}}
}

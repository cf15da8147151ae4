# METADATA
# title: A month stays within the budget
# description: |
#   What a month is expected to cost, and the most it may cost where a range is
#   known, is at most the budget. A cost with an unknown line proves nothing, but
#   refuses when its known lines alone exceed the budget and no unknown line can
#   be negative. A cost that may or may not exceed the budget is unknown, and so
#   is one in another currency.
# custom:
#   id: budget
#   severity: high
#   evidence: priceAny
#   looks: [prices]
#   at: /spec/requires/monthlyCost
#   question: what a month costs at {vendor} on plan {plan}, {hosting}, in the currency of the budget
#   proved: a month stays within the budget
#   references: []
#   remediation: Choose a cheaper offering, use less, or raise spec.requires.monthlyCost.
#   waivable: true
package caveat.controls.cost.budget

import data.caveat.lib.quantity

# METADATA
# description: The manifest has a budget.
applies if asked

# METADATA
# description: The manifest has a budget.
asked if _asked

# METADATA
# description: The prices behind the cost.
reads contains pointer if some pointer in input.cost.facts

# METADATA
# description: What the cost is not known for want of.
reads contains pointer if some pointer in input.cost.missing

# METADATA
# description: How much it runs.
undeclared contains {
	"at": "/spec/usage",
	"message": "say how much it runs: add \"usage: {gpuHours: ...}\" to spec",
} if {
	not input.workload.spec.usage
}

# METADATA
# description: The expected cost is within the budget, and so is the highest.
pass if {
	_comparable
	_expected <= _budget.amount
	_highest <= _budget.amount
}

# METADATA
# description: The expected cost exceeds the budget.
fail contains {
	"message": sprintf("%s %s a month, budget %s", [input.cost.expected, input.cost.currency, _asked]),
	"at": "/spec/requires/monthlyCost",
	"facts": input.cost.facts,
} if {
	_comparable
	_expected > _budget.amount
}

# METADATA
# description: What is known exceeds the budget, and what is unknown cannot lower it.
fail contains {
	"message": sprintf("at least %s %s a month, budget %s", [input.cost.known, input.cost.currency, _asked]),
	"at": "/spec/requires/monthlyCost",
	"facts": input.cost.facts,
} if {
	_comparable
	not _expected
	not input.cost.mayFall
	quantity.decimal(input.cost.known) > _budget.amount
}

_asked := input.workload.spec.requires.monthlyCost

_budget := quantity.money(_asked)

_comparable if input.cost.currency == _budget.currency

_expected := quantity.decimal(input.cost.expected)

_highest := quantity.decimal(input.cost.high)

_highest := _expected if object.get(input.cost, "high", null) == null

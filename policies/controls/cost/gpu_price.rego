# METADATA
# title: A GPU-hour costs no more than accepted
# description: |
#   The price of one GPU-hour of the offering, at the rate that we are charged
#   and with the multiplier of the region, is at most the one that the manifest
#   accepts. Another currency proves nothing.
# custom:
#   id: gpu-price
#   severity: medium
#   evidence: priceAny
#   looks: [prices]
#   at: /spec/requires/gpuHourPrice
#   question: what a GPU-hour costs at {vendor} on plan {plan}, {hosting}, in the currency asked
#   proved: a GPU-hour costs no more than accepted
#   references: []
#   remediation: Choose a cheaper offering or capacity, or raise spec.requires.gpuHourPrice.
#   waivable: true
package caveat.controls.cost.gpu_price

import data.caveat.lib.offered
import data.caveat.lib.quantity

# METADATA
# description: The manifest bounds the price.
applies if asked

# METADATA
# description: The manifest bounds the price.
asked if _asked

# METADATA
# description: The rates of which the price is made.
reads contains pointer if some pointer in _rates

# METADATA
# description: Without any, the price of the SKU is what is missing.
reads contains offered.sku(["price", input.offering.id.capacity]) if _rates == set()

# METADATA
# description: A GPU-hour is cheap enough.
pass if {
	_comparable
	_price <= _limit.amount
}

# METADATA
# description: A GPU-hour is too dear.
fail contains {
	"message": sprintf("%s %s a GPU-hour, at most %s asked", [input.cost.gpuHour, input.cost.currency, _asked]),
	"at": "/spec/requires/gpuHourPrice",
	"facts": sort(reads),
} if {
	_comparable
	_price > _limit.amount
}

# Not every price behind the cost: fees do not count.
_rates contains pointer if {
	some pointer in input.cost.facts
	regex.match(`^(/infrastructure)?(/skus/.*|/prices/(regionMultiplier|platformRate))$`, pointer)
}

_asked := input.workload.spec.requires.gpuHourPrice

_limit := quantity.money(_asked)

_comparable if input.cost.currency == _limit.currency

_price := quantity.decimal(input.cost.gpuHour)

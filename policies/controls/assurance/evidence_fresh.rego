# METADATA
# title: The prices behind the cost are recent
# description: |
#   Every published price behind a line of the cost rests on a source that is
#   recent enough. An old price makes a total that nobody can rely on.
# custom:
#   id: evidence-fresh
#   severity: low
#   evidence: price
#   looks: [prices]
#   at: /spec/placement
#   question: what {vendor} charges today
#   proved: the prices behind the cost are recent
#   references:
#     - {framework: soc2, id: CC3.4}
#     - {framework: nist-800-53, id: RA-3(1)}
#   remediation: Read the vendor's prices again and date the source.
#   waivable: true
package caveat.controls.assurance.evidence_fresh

import data.caveat.lib.scope

# METADATA
# description: A profile wants it.
applies if scope.brought("evidence-fresh")

# METADATA
# description: The prices behind the lines of the cost.
reads contains pointer if some pointer in _prices

# METADATA
# description: The prices that nobody states.
reads contains pointer if some pointer in input.cost.missing

# METADATA
# description: There are some; their age is for the sources to show.
pass if count(_prices) > 0

_prices := input.cost.prices

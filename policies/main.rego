# METADATA
# title: All findings of one offering
# description: |
#   Entry point for a stock OPA: `opa eval -b pack.tar.gz -i input.json data.caveat.decision`.
#   The input is one expanded offering as `caveat policies inputs` writes it.
package caveat.decision

import data.caveat.lib.status
import data.caveat.registry

# METADATA
# description: One finding for each control.
findings contains status.finding(id, data.caveat.controls[entry.family][entry.name]) if {
	some id, entry in registry
}

# METADATA
# description: What the required findings add up to.
verdict := status.verdict(findings)

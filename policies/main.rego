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
findings contains finding if some finding in _found

# METADATA
# description: A control that gives none is no control that passed.
findings contains {
	"control": id,
	"status": "unknown",
	"required": true,
	"severity": entry.severity,
	"title": entry.title,
	"message": "could not be decided: the control gave no finding",
	"at": entry.at,
	"facts": [],
	"missing": [],
} if {
	some id, entry in registry
	not _found[id]
}

# METADATA
# description: What the required findings add up to.
verdict := status.verdict(findings)

_found[id] := status.finding(id, data.caveat.controls[entry.family][entry.name]) if some id, entry in registry

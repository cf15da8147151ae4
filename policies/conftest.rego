# METADATA
# title: The same decision for conftest
# description: |
#   A required finding that is not a pass denies, unknown included; the same
#   finding as advice warns.
package main

import data.caveat.decision

# METADATA
# description: Required findings that fail or are unknown.
deny contains message(finding) if {
	some finding in decision.findings
	finding.required
	finding.status in {"fail", "unknown"}
}

# METADATA
# description: Advice that fails or is unknown.
warn contains message(finding) if {
	some finding in decision.findings
	not finding.required
	finding.status in {"fail", "unknown"}
}

# METADATA
# description: One line for one finding.
message(finding) := sprintf("%s %s: %s", [finding.status, finding.control, finding.message])

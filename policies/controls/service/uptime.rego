# METADATA
# title: The vendor promises the uptime that the workload needs
# description: |
#   The uptime promised on this offering is at least the one the manifest asks
#   for. An offering that states no number is unknown.
# custom:
#   id: uptime
#   severity: medium
#   evidence: sla
#   looks: [performance]
#   at: /spec/service/uptime
#   question: which uptime {vendor} promises on plan {plan}, {hosting}
#   proved: the promised uptime is enough
#   references:
#     - {framework: soc2, id: A1.1}
#   remediation: Choose a plan with a higher promise, or lower spec.service.uptime.
#   waivable: true
package caveat.controls.service.uptime

# METADATA
# description: The manifest asks for an uptime.
applies if is_number(_needed)

# METADATA
# description: The manifest asks for an uptime.
asked if is_number(_needed)

# METADATA
# description: The one fact that the proof rests on.
reads contains "/performance/uptime"

# METADATA
# description: The promise is stated, is a number, and is high enough.
pass if {
	is_number(_promised)
	_promised >= _needed
}

# METADATA
# description: The promise is stated and is too low.
fail contains {
	"message": sprintf("%v%% uptime promised, %v%% needed", [_promised, _needed]),
	"at": "/spec/service/uptime",
	"facts": ["/performance/uptime"],
} if {
	is_number(_promised)
	_promised < _needed
}

_needed := input.workload.spec.service.uptime

_promised := input.offering.performance.uptime

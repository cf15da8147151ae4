# METADATA
# title: Moving away takes no more effort than accepted
# description: |
#   The effort to move away from the offering is stated and is not above the one
#   that the manifest accepts. It is a judgement, so a third party's counts too.
# custom:
#   id: lock-in
#   severity: low
#   evidence: opinion
#   looks: [portability]
#   at: /spec/requires/lockIn
#   question: how much effort it takes to move away from {product} of {vendor}
#   proved: moving away takes no more effort than accepted
#   references:
#     - {framework: iso27001, id: A.5.23}
#     - {framework: nist-800-53, id: SR-3(1)}
#   remediation: Choose an offering that is easier to leave, or raise spec.requires.lockIn.
#   waivable: true
package caveat.controls.portability.lock_in

# METADATA
# description: The manifest bounds the effort.
applies if asked

# METADATA
# description: The manifest bounds the effort.
asked if _accepted

# METADATA
# description: The one fact that the proof rests on.
reads contains "/portability/exportEffort"

# METADATA
# description: The effort is low enough.
pass if _rank[_stated] <= _rank[_accepted]

# METADATA
# description: The effort is too high.
fail contains {
	"message": sprintf("effort to move away is %s, at most %s accepted", [_stated, _accepted]),
	"at": "/spec/requires/lockIn",
	"facts": ["/portability/exportEffort"],
} if {
	_rank[_stated] > _rank[_accepted]
}

_accepted := input.workload.spec.requires.lockIn

_stated := input.offering.portability.exportEffort

_rank[effort] := i if some i, effort in ["low", "medium", "high"]

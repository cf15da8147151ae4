# METADATA
# title: The vendor sells the region
# description: |
#   The region of the offering is one that the vendor lists as a choice, or as
#   one that it opens on request. A list that leaves a region out does not say
#   that it is closed, so nothing refuses a region; it stays unknown. Whether
#   work stays in the region is decided by data-residency.
# custom:
#   id: region
#   severity: high
#   evidence: feature
#   looks: [regions]
#   at: /spec/placement/regions
#   question: whether {vendor} sells region {region} on plan {plan}
#   proved: '{vendor} sells region {region}'
#   references:
#     - {framework: nist-800-53, id: SA-9(5)}
#   remediation: Choose a region that the vendor lists, or ask it to open this one.
#   waivable: true
package caveat.controls.hosting.region

import data.caveat.lib.offered

# METADATA
# description: The offering is not shown to be without a chosen region.
applies if not input.offering.id.region == "unpinned"

# METADATA
# description: The manifest names regions.
applies if asked

# METADATA
# description: The manifest names regions.
asked if count(input.workload.spec.placement.regions) > 0

# METADATA
# description: The list that names the region, else the list of regions to choose from.
reads contains "/regions/available" if not _on_request

# METADATA
# description: The list that names the region, else the list of regions to choose from.
reads contains "/regions/onRequest" if _on_request

# METADATA
# description: The region can be chosen.
pass if _available

# METADATA
# description: The region can be had on request.
pass if _on_request

# METADATA
# description: A region on request has to be asked for.
conditions contains sprintf("have the region opened by %s", [input.offering.id.vendor]) if _on_request

_available if offered.has_any(input.offering.regions.available, [input.offering.id.region])

_on_request if {
	not _available
	offered.has_any(input.offering.regions.onRequest, [input.offering.id.region])
}

# METADATA
# title: Agreements
# description: What an agreement proves at each stage. It may be signed while we choose; it must be while we operate.
package caveat.lib.agreement

import data.caveat.lib.scope

# METADATA
# description: The agreement is executed, or on offer while we are still choosing.
settled(terms) if terms.executed == true

settled(terms) if {
	scope.selecting
	terms.offered == true
}

# METADATA
# description: It suffices on condition that we execute it.
pending(terms) if {
	settled(terms)
	not terms.executed == true
}

# METADATA
# description: The fact on which it rests whether the agreement is settled.
fact(terms) := "executed" if {
	terms.executed == true
} else := "offered" if {
	scope.selecting
} else := "executed"

# METADATA
# description: The vendor does not offer it, and we have not executed it all the same.
refused(terms) if {
	terms.offered == false
	not terms.executed == true
}

# METADATA
# description: The facts that say no, as the manifest's stage has it.
denials(terms) := {"offered" | refused(terms)} | {"executed" |
	not scope.selecting
	terms.executed == false
}

# METADATA
# description: The manifest asks for the agreement of this name.
asked(name) if name in input.workload.spec.requires.agreements

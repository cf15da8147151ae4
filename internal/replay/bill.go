package replay

import (
	"math/big"
	"math/bits"
)

// A Sum is an exact number of nanoseconds, 0 or more. Sums compare with ==.
type Sum struct{ high, low uint64 }

// Big returns the nanoseconds.
func (s Sum) Big() *big.Int {
	n := new(big.Int).SetUint64(s.high)
	return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(s.low))
}

// String returns the nanoseconds in decimal digits.
func (s Sum) String() string { return s.Big().String() }

// add adds a time of 0 or more. 2⁶³ times of less than 2⁶³ do not overflow.
func (s *Sum) add(ns int64) {
	var carry uint64
	s.low, carry = bits.Add64(s.low, uint64(ns), 0)
	s.high += carry
}

// time bills a time. It does not overflow for the times of a life.
func (r Rule) time(ns int64) int64 {
	ns = max(ns, int64(r.Minimum))
	if r.Up {
		if part := ns % int64(r.Increment); part > 0 {
			ns += int64(r.Increment) - part
		}
	}
	return ns
}

// add bills a life that booted, ran and was idle for so long.
func (b *Billed) add(r Rule, boot, run, idle int64) {
	if !r.BillsBoot {
		boot = 0
	}
	if !r.BillsIdle {
		idle = 0
	}
	forRun := r.time(run)
	forBoot := r.time(run + boot)
	b.Run.add(forRun)
	b.Boot.add(forBoot - forRun)
	b.Idle.add(r.time(run+boot+idle) - forBoot)
}

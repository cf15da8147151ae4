package replay

import (
	"math/bits"
	"slices"
)

// A meter is told of every wait above 0, and reports whether it wants more.
type meter interface{ add(wait int64) bool }

// percentiles returns nearest-rank percentiles of the waits of n requests, none
// of which is longer than most; 0 where there are no requests. It replays until it
// has them: waits that are more than fit are counted in bins, and those of the
// bins that hold a percentile looked at again, more closely.
func percentiles(n, most int64, percents []int64, b bounds, replay func(meter) error) ([]int64, error) {
	waits := make([]int64, len(percents))
	s := &sample{windows: []*window{newWindow(1, most, b)}}
	if err := replay(s); err != nil {
		return nil, err
	}
	type sought struct {
		index  int     // into waits
		rank   int64   // in the window
		window *window // that holds the percentile
	}
	var open []sought
	zeros := n - s.windows[0].count
	for i, p := range percents {
		if rank := nearestRank(p, n); rank > zeros {
			open = append(open, sought{i, rank - zeros, s.windows[0]})
		}
	}
	for {
		var closer sample
		var next []sought
		for _, o := range open {
			if o.rank > o.window.count {
				return nil, errChanged
			}
			low, high, rank := o.window.find(o.rank)
			if low == high {
				waits[o.index] = low
				continue
			}
			i := slices.IndexFunc(closer.windows, func(w *window) bool { return w.low == low })
			if i < 0 {
				i = len(closer.windows)
				closer.windows = append(closer.windows, newWindow(low, high, b))
			}
			next = append(next, sought{o.index, rank, closer.windows[i]})
		}
		if next == nil {
			return waits, nil
		}
		if err := replay(&closer); err != nil {
			return nil, err
		}
		open = next
	}
}

// nearestRank returns ceil(p·n/100), without overflow.
func nearestRank(p, n int64) int64 { return n/100*p + (n%100*p+99)/100 }

// A sample is a meter of the waits of some windows.
type sample struct{ windows []*window }

func (s *sample) add(wait int64) bool {
	for _, w := range s.windows {
		if w.low <= wait && wait <= w.high {
			w.add(wait)
		}
	}
	return true
}

// A window holds the waits from low to high: the first themselves, and once
// there are more, or one is looked for, the number of all in bins. The waits of a
// bin agree in the leading bits of their distance from low.
type window struct {
	low, high int64
	bounds    bounds
	count     int64
	waits     []int64
	bins      []int64
}

func newWindow(low, high int64, b bounds) *window { return &window{low: low, high: high, bounds: b} }

func (w *window) add(wait int64) {
	w.count++
	if len(w.waits) < w.bounds.waits {
		w.waits = append(w.waits, wait)
		return
	}
	w.sort()
	w.bins[w.bin(wait)]++
}

// sort counts the waits in bins, once.
func (w *window) sort() {
	if w.bins != nil {
		return
	}
	w.bins = make([]int64, w.bin(w.high)+1)
	for _, wait := range w.waits {
		w.bins[w.bin(wait)]++
	}
}

func (w *window) bin(wait int64) int {
	distance := uint64(wait - w.low)
	shift := max(bits.Len64(distance)-1-int(w.bounds.detail), 0)
	return shift<<w.bounds.detail + int(distance>>shift)
}

// find returns between which waits that of a rank lies, and its rank between
// them. Both are the same where it is known.
func (w *window) find(rank int64) (low, high, rest int64) {
	w.sort()
	i := 0
	for rank > w.bins[i] {
		rank -= w.bins[i]
		i++
	}
	shift := max(i>>w.bounds.detail-1, 0)
	low = w.low + int64(i-shift<<w.bounds.detail)<<shift
	high = low + 1<<shift - 1
	if low < high && w.count == int64(len(w.waits)) { // all are here
		var some []int64
		for _, wait := range w.waits {
			if low <= wait && wait <= high {
				some = append(some, wait)
			}
		}
		slices.Sort(some)
		low = some[rank-1]
		return low, low, 1
	}
	return low, high, rank
}

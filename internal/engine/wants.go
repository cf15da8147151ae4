package engine

import (
	"github.com/caveat-check/caveat/internal/decide"
	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/rank"
)

// wants keeps what the lists of a decision still need while offerings come by
// from the cheapest to the dearest: of each vendor and hosting the first that
// passes, the first in review, the first that is refused though it costs less
// than what passes and than what is in review, and no more of each than are
// listed. What no list can
// show is decided no further than it takes to know that it does not pass.
type wants struct {
	all     bool
	most    int // of each list, the offerings that are decided themselves aside
	passed  map[[2]string]bool
	review  map[[2]string]bool
	refused map[[2]string]bool
}

func newWants(options Options, shown int) *wants {
	return &wants{all: options.All, most: options.Alternatives + shown, passed: map[[2]string]bool{}, review: map[[2]string]bool{}, refused: map[[2]string]bool{}}
}

func group(o decision.Offering) [2]string { return [2]string{o.Vendor, o.Hosting} }

// extent says how far an offering has to be decided; needed is false where it
// cannot be listed whatever comes of it.
func (w *wants) extent(subject decide.Subject) (extent decide.Extent, needed bool) {
	if w.all {
		return decide.UntilRefusal, true
	}
	g := group(subject.Offering.ID)
	if w.passed[g] || len(w.passed) >= w.most {
		return decide.UntilDoubt, false
	}
	wantReview := !w.review[g] && len(w.review) < w.most
	wantRefused := len(w.passed) == 0 && !w.refused[g] && !w.review[g] && len(w.refused) < w.most && subject.Cost.Expected != nil
	if wantReview || wantRefused {
		return decide.UntilRefusal, true
	}
	return decide.UntilDoubt, true
}

func (w *wants) have(o rank.Option) {
	switch o.Verdict {
	case decision.Passed:
		w.passed[group(o.Offering)] = true
	case decision.Failed:
		w.refused[group(o.Offering)] = true
	default:
		w.review[group(o.Offering)] = true
	}
}

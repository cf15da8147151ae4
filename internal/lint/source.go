package lint

import (
	"maps"
	"slices"
	"time"

	"github.com/caveat-check/caveat/internal/decision"
	"github.com/caveat-check/caveat/internal/document"
)

// sources looks at the sources of the document: whether they are used, and how
// old they are.
func (l *linter) sources() {
	cited := map[string]bool{}
	for _, f := range l.vendor.Facts {
		for _, c := range f.Claims {
			for _, id := range c.Sources {
				cited[id] = true
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.vendor.Sources)) {
		pointer, at := document.Join("sources", id), l.vendor.SourcesAt[id]
		if !cited[id] {
			l.report(Warning, "unused-source", pointer, at, "source %q is listed and no claim names it; expected a claim that rests on it; cite it or remove it", id)
		}
		source := l.vendor.Sources[id]
		if known(source.Published) && known(source.Read) && source.Published > source.Read {
			l.report(Error, "source-dates", pointer, at, "source %q was read on %s and published on %s; expected to be read after it was published; correct one of the two", id, source.Read, source.Published)
		}
		l.age(id, source)
	}
}

// age reports a source without a day, one of a day to come, and one that is
// older than allowed. Its day is that of reading, or else of publication, as in
// the evidence of a decision.
func (l *linter) age(id string, source decision.Source) {
	pointer, at := document.Join("sources", id), l.vendor.SourcesAt[id]
	word, day := "read", source.Read
	if !known(day) {
		word, day = "published", source.Published
	}
	on, err := time.Parse(time.DateOnly, day)
	if err != nil {
		l.report(Warning, "undated-source", pointer, at, "source %q has neither a day of reading nor one of publication; without one it cannot prove a fact that has an age limit; add when it was read", id)
		return
	}
	asOf := l.options.AsOf.Format(time.DateOnly)
	switch days := int(l.options.AsOf.Sub(on) / (24 * time.Hour)); {
	case days < 0:
		l.report(Warning, "future-source", pointer, at, "source %q was %s on %s, after %s; expected a day that has been; correct it", id, word, day, asOf)
	case days > l.options.MaxAge:
		l.report(Warning, "stale-source", pointer, at, "source %q was %s on %s, %d days before %s; expected at most %d; read it again", id, word, day, days, asOf, l.options.MaxAge)
	}
}

func known(day string) bool { return day != "" && day != "unknown" }

package format_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/caveat-check/caveat/internal/format"
	"github.com/caveat-check/caveat/internal/load"
)

// tidy formats a text that can be read.
func tidy(t testing.TB, text []byte) (after []byte, ok bool) {
	t.Helper()
	before, problems := load.Outlined("w.yaml", text)
	if len(problems) > 0 {
		t.Fatalf("%q cannot be read: %v", text, problems)
	}
	return format.YAML(text, func(after []byte) bool {
		again, problems := load.Outlined("w.yaml", after)
		return len(problems) == 0 && again.Means(before)
	})
}

// An author writes documents in every layout that people and programs use.
type author struct {
	t        *rapid.T
	b        strings.Builder
	comments int
	keys     int
	// limit is the widest column that a comment may have: below a text it may
	// not look like a part of it. -1 is no limit.
	limit int
}

// upTo draws evenly, which a range does not: small numbers would come too often.
func (a *author) upTo(low, high int) int {
	n := 0
	for _, bit := range rapid.SliceOfN(rapid.Bool(), 6, 6).Draw(a.t, "bits") {
		n *= 2
		if bit {
			n++
		}
	}
	return low + n%(high-low+1)
}

func (a *author) one(n int) bool { return a.upTo(0, n) == n }

func (a *author) of(list ...string) string { return list[a.upTo(0, len(list)-1)] }

func (a *author) write(format string, args ...any) { fmt.Fprintf(&a.b, format, args...) }

func (a *author) comment() string {
	a.comments++
	return fmt.Sprintf("# c%d;  it's \"{[ - a: b, | #%s", a.comments, strings.Repeat(" ", a.upTo(0, 2)))
}

// rest ends a line, with a comment or blanks or neither.
func (a *author) rest() {
	switch a.upTo(0, 5) {
	case 0:
		a.write("%s%s", strings.Repeat(" ", a.upTo(1, 3)), a.comment())
	case 1:
		a.write("  ")
	}
	a.write("\n")
}

// between writes blank lines and comments above what stands at a column.
func (a *author) between(column int) {
	for a.one(2) {
		if a.one(2) {
			a.write("%s\n", strings.Repeat(" ", a.upTo(0, 1)*min(2, max(a.limit, 0))))
			continue
		}
		at := column
		if a.one(2) {
			at = a.upTo(0, column+4)
		}
		if a.limit >= 0 {
			at = min(at, a.limit)
		}
		a.write("%s%s\n", strings.Repeat(" ", at), a.comment())
	}
	a.limit = -1
}

func (a *author) key() string {
	a.keys++
	return fmt.Sprintf(a.of("k%d", "\"k: %d\"", "'it''s # %d'", "a b-%d", "x#%d", "?k%d", "-k%d", "http://%d"), a.keys)
}

var (
	words  = []string{"a", "no", "1.0", "~", "2026-01-01", "it's", "x#y", "b c", "-1", "http://x", "Q&A", "a ] b", "\"[ # \"", "'it''s: {'", "\"a\\\"\\\\\"", "true", "\"x \\\\\""}
	inFlow = []string{"a", "no", "1.0", "it's", "x#y", "b c", "http://x", "\"[ # ],\"", "'it''s: {'", "\"a\\\"\\\\\"", "[]", "{}", "\"a\\\n   b\"", "'a\n\n # b'", "a\n 'b"}
	items  = []string{"%s", "%s", "k: %s", "\"k\":%s", "{k: %s}", "[%s, b]"}
)

// value writes what stands after a key or a dash, whose block has a column.
func (a *author) value(column, depth int, inList bool) {
	kind := a.upTo(0, 11)
	if depth == 0 {
		kind = a.upTo(4, 11)
	}
	gap := strings.Repeat(" ", a.upTo(1, 3))
	if a.one(9) {
		gap += a.of("!!str", "!") + " "
		kind = a.upTo(6, 9)
	}
	switch kind {
	case 0, 1: // a mapping
		if inList && a.one(1) {
			a.write("%s", gap)
			a.mapping(column+1+len(gap), depth-1, true)
			return
		}
		a.rest()
		a.mapping(column+a.upTo(1, 5), depth-1, false)
	case 2, 3: // a list
		if inList && a.one(1) {
			a.write("%s", gap)
			a.list(column+1+len(gap), depth-1, true)
			return
		}
		a.rest()
		low := 0
		if inList {
			low = 1
		}
		a.list(column+a.upTo(low, 4), depth-1, false)
	case 4: // nothing
		a.rest()
	case 5:
		if a.one(1) { // in a line of its own
			a.write("\n%s", strings.Repeat(" ", column+a.upTo(1, 5)))
			gap = ""
		}
		a.write("%s", gap)
		a.flow(column)
		a.rest()
	case 6: // quoted, over several lines
		quote := a.of("'", "\"")
		a.write("%s%sa # b", gap, quote)
		for a.one(1) {
			if quote == "\"" && a.one(3) {
				a.write("\\")
			}
			a.write("%s\n%s%s", strings.Repeat(" ", a.upTo(0, 2)), strings.Repeat("\n", a.upTo(0, 1)), strings.Repeat(" ", column+a.upTo(1, 4)))
			a.write("%s", a.of("- a", "# b", "k: v", "|"))
		}
		a.write("%s", quote)
		a.rest()
	case 7: // plain, over several lines
		a.write("%sa", gap)
		for a.one(1) {
			a.write("\n%s%s%s", strings.Repeat("\n", a.upTo(0, 2)), strings.Repeat(" ", column+a.upTo(1, 4)), a.of("- a", "b", "'k", "|", "x]"))
		}
		a.rest()
	case 8, 9:
		a.text(gap, column)
	default:
		a.write("%s%s", gap, a.of(words...))
		a.rest()
	}
}

// text writes a text with | or >.
func (a *author) text(gap string, column int) {
	indent := a.upTo(1, 4)
	digit := ""
	if a.one(2) {
		digit = fmt.Sprint(indent)
	}
	a.write("%s%s%s%s", gap, a.of("|", ">"), digit, a.of("", "", "", "", "-", "-", "-", "+"))
	if a.one(3) {
		a.write("  %s", a.comment())
	}
	a.write("\n")
	a.write("%s", strings.Repeat("\n", a.upTo(0, 1)))
	first := true
	for a.one(1) {
		more := ""
		if digit != "" || !first {
			more = strings.Repeat(" ", a.upTo(0, 3))
		}
		a.write("%s%s%s\n%s", strings.Repeat(" ", column+indent), more, a.of("# no comment", "- a", "k: v  ", "\"", "-   a"), strings.Repeat("\n", a.upTo(0, 2)))
		first = false
	}
	a.limit = column
	if !first {
		a.limit += indent - 1
	}
}

// flow writes brackets over one or several lines.
func (a *author) flow(column int) {
	a.write("[")
	for i := range a.upTo(0, 4) {
		if i > 0 {
			a.write(",")
		}
		switch a.upTo(0, 3) {
		case 0:
			a.write(" %s\n%s", a.comment(), strings.Repeat(" ", column+a.upTo(0, 6)))
		case 1:
			a.write("\n\n%s", strings.Repeat(" ", column+a.upTo(0, 6)))
		case 2:
			a.write(" ")
		}
		a.write(a.of(items...), a.of(inFlow...))
	}
	if a.one(1) {
		a.write("\n%s", strings.Repeat(" ", column))
	}
	a.write("]")
}

func (a *author) mapping(column, depth int, begun bool) {
	for i := range a.upTo(1, 3) {
		if i > 0 || !begun {
			a.between(column)
			a.write("%s", strings.Repeat(" ", column))
		}
		a.write("%s:", a.key())
		a.value(column, depth, false)
	}
}

func (a *author) list(column, depth int, begun bool) {
	for i := range a.upTo(1, 3) {
		if i > 0 || !begun {
			a.between(column)
			a.write("%s", strings.Repeat(" ", column))
		}
		a.write("-")
		a.value(column, depth, true)
	}
}

// document writes a document of ours with the first keys anywhere.
func (a *author) document() {
	first := rapid.Permutation([]string{"apiVersion: caveat/v1", "kind: Workload", "metadata: {name: x}", "", ""}).Draw(a.t, "order")
	for _, text := range first {
		a.between(0)
		if text != "" {
			a.write("%s", text)
			a.rest()
			continue
		}
		a.write("%s:", a.key())
		a.value(0, 3, false)
	}
	a.between(0)
}

func (a *author) file() []byte {
	a.limit = -1
	for i := range a.upTo(1, 3) {
		if i > 0 || a.one(2) {
			a.between(0)
			a.write("---")
			a.rest()
		}
		a.document()
		if a.one(5) {
			a.write("...\n")
		}
	}
	text := a.b.String()
	if a.one(4) {
		text = strings.TrimSuffix(text, "\n")
	}
	if a.one(4) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if a.one(4) {
		text = "\ufeff" + text
	}
	return []byte(text)
}

// TestAnyLayout formats documents in every layout: all are formatted, none
// means something else, no comment is lost or doubled, and once is enough.
func TestAnyLayout(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := &author{t: rt}
		before := a.file()
		if _, problems := load.Outlined("w.yaml", before); len(problems) > 0 {
			rt.Fatalf("cannot be read: %v\n%s", problems, before)
		}
		after, ok := tidy(t, before)
		if !ok {
			rt.Fatalf("not formatted:\n%s\n--- would be\n%s", before, format.LayOut(before))
		}
		for i := 1; i <= a.comments; i++ {
			if n := bytes.Count(after, fmt.Appendf(nil, "# c%d;  it's \"{[ - a: b, | #", i)); n != 1 {
				rt.Fatalf("comment %d stands there %d times:\n%s\n--- formatted\n%s", i, n, before, after)
			}
		}
		if again, ok := tidy(t, after); !ok || !bytes.Equal(again, after) {
			rt.Fatalf("formatted twice is something else:\n%s\n--- once\n%s\n--- twice\n%s", before, after, again)
		}
		if bytes.ContainsRune(after, '\r') || bytes.HasPrefix(after, []byte("\ufeff")) {
			rt.Fatalf("got %q", after)
		}
		columns(rt, after)
	})
}

// keeps finds texts that keep the blank lines below them: nothing may move there.
var keeps = regexp.MustCompile(`(?m) [|>]\d?\+( |$)`)

// columns holds every block to its column, by a reader that knows nothing of
// the formatter.
func columns(t *rapid.T, text []byte) {
	movable := bytes.HasSuffix(text, []byte("\n")) && !keeps.Match(text)
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var walk func(node *yaml.Node, column int)
	walk = func(node *yaml.Node, column int) {
		if node.Style&yaml.FlowStyle != 0 {
			return
		}
		switch node.Kind {
		case yaml.MappingNode:
			for i := 0; i < len(node.Content); i += 2 {
				if got := node.Content[i].Column; got != column {
					t.Fatalf("%s stands in column %d, want %d:\n%s", node.Content[i].Value, got, column, text)
				}
				walk(node.Content[i+1], column+2)
			}
			for i, name := range []string{"apiVersion", "kind", "metadata"} {
				if got := node.Content[min(2*i, len(node.Content)-1)].Value; column == 1 && got != name && movable {
					t.Fatalf("got key %s, want %s:\n%s", got, name, text)
				}
			}
		case yaml.SequenceNode:
			for _, item := range node.Content {
				walk(item, column+2)
			}
		}
	}
	for {
		var node yaml.Node
		if decoder.Decode(&node) != nil {
			return
		}
		walk(node.Content[0], 1)
	}
}

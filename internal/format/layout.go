package format

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// step is how far a block stands inside the one around it.
const step = 2

// A block is an open mapping or list in block style, with its column before and
// after.
type block struct {
	list     bool
	old, new int
}

type kind uint8

const (
	content kind = iota // what has a meaning, with the blank lines of a text
	comment
	blank
	marker // between documents: ---, ..., %YAML
)

type line struct {
	text string
	kind kind
	// top tells a line that begins a member of the document's mapping; key is its
	// name, "" where that is not simple.
	top bool
	key string
	// fixed tells that nothing may change places: an anchor or an alias, or a text
	// that keeps the blank lines below it.
	fixed bool
}

// A layout goes through the lines of a text once. It knows of YAML what it takes
// to tell structure from texts and brackets that go over several lines: the
// text can be read, so nothing else needs to be told apart.
type layout struct {
	source  []string
	whole   bool // the last line has a line break
	next    int
	out     []line
	open    []block
	begun   bool // the document has content, so that % starts no directive
	unended bool // the last line has none, and is of a text that would keep it
	// comments wait for the line below, which may be what they are about.
	waiting []waiting
	limit   int // one more than the column that comments may have, or 0
}

type waiting struct{ at, column int }

// line lays out the line that is next, with those that continue it.
func (l *layout) line() {
	text := l.source[l.next]
	rest := strings.TrimLeft(text, " ")
	column := len(text) - len(rest)
	switch {
	case isBlank(text):
		l.next++
		l.out = append(l.out, line{kind: blank})
	case strings.TrimLeft(rest, "\t")[0] == '#':
		l.next++
		l.waiting = append(l.waiting, waiting{len(l.out), column})
		l.out = append(l.out, line{kind: comment, text: strings.Trim(rest, " \t")})
	case isMarker(text), !l.begun && text[0] == '%':
		l.settle(l.open, -1, 0)
		l.open, l.begun = nil, strings.HasPrefix(text, "---")
		l.next++
		l.out = append(l.out, line{kind: marker, text: strings.TrimRight(text, " \t")})
		if l.begun {
			l.value(text, len(text)-len(strings.TrimLeft(text[3:], " \t")), 0)
		}
	default:
		l.begun = true
		l.structure(text, column)
	}
}

// structure lays out a line that begins an item, a member or a value.
func (l *layout) structure(text string, column int) {
	above := slices.Clone(l.open)
	l.next++
	at := column           // of what is looked at
	indent, shift := -1, 0 // of the line, and of what comes last in it
	var b strings.Builder
	var out line
	begin := func(new int) {
		if indent < 0 {
			indent = new
			b.WriteString(strings.Repeat(" ", new))
			out.top = new == 0
		}
		shift = new - at
	}
	for {
		rest := text[at:]
		if isIndicator(rest) {
			begin(l.enter(rest[0] == '-', at))
			gap := len(rest) - len(strings.TrimLeft(rest[1:], " \t"))
			b.WriteString(rest[:1])
			if at += gap; at == len(text) {
				break
			}
			b.WriteByte(' ')
			if text[at] == '#' {
				b.WriteString(text[at:])
				break
			}
			continue
		}
		value := at
		if name, colon := key(text, at); colon >= 0 {
			simple := indent < 0 && text[at] != '&' && text[at] != '!'
			begin(l.enter(false, at))
			if simple {
				out.key = name
			}
			value = colon + 1
		} else if indent < 0 {
			for len(l.open) > 0 && l.open[len(l.open)-1].old >= at {
				l.open = l.open[:len(l.open)-1]
			}
			begin(l.below())
		} else {
			shift = l.below() - at
		}
		b.WriteString(text[at:])
		out.text = trim(b.String())
		l.settle(above, column, indent)
		l.out = append(l.out, out)
		l.value(text, value, shift)
		return
	}
	out.text = trim(b.String())
	l.settle(above, column, indent)
	l.out = append(l.out, out)
}

// enter goes into the block at a column, closing those that end above it, and
// returns its new column.
func (l *layout) enter(list bool, column int) int {
	for n := len(l.open); n > 0; n = len(l.open) {
		top := l.open[n-1]
		if top.old == column && top.list == list {
			return top.new
		}
		// A list may stand at the column of its key: the next key ends it.
		if top.old < column || top.old == column && list {
			break
		}
		l.open = l.open[:n-1]
	}
	top := block{list: list, old: column, new: l.below()}
	l.open = append(l.open, top)
	return top.new
}

// below is the column of what stands inside the innermost block.
func (l *layout) below() int {
	if len(l.open) == 0 {
		return 0
	}
	return l.open[len(l.open)-1].new + step
}

// settle indents the comments that wait: like the line below, where they stood
// at its column, or else like the innermost block above that does not begin
// right of them, or one step inside it. Where a list stands at the column of its
// key, only what looks like an item belongs to the list.
func (l *layout) settle(above []block, column, indent int) {
	for _, w := range l.waiting {
		new := 0
		item := strings.HasPrefix(l.out[w.at].text, "# - ")
		inList := false
		for i, b := range above {
			shared := i > 0 && above[i-1].old == b.old
			if b.old > w.column || shared && !item {
				continue
			}
			new, inList = b.new, shared && b.old == w.column
			if w.column-b.old >= step {
				new += step
			}
		}
		if w.column == column && !inList {
			new = indent
		}
		if l.limit > 0 {
			new = min(new, l.limit-1)
		}
		l.out[w.at].text = strings.Repeat(" ", new) + l.out[w.at].text
	}
	l.waiting, l.limit = nil, 0
}

// value goes over a value that begins in the line before the next, and moves
// the lines that it continues in.
func (l *layout) value(text string, at, shift int) {
	start := at
	at = properties(text, at)
	if strings.Contains(text[start:at], "&") {
		l.fix()
	}
	l.unended = false
	if at == len(text) || text[at] == '#' {
		return
	}
	inside, outside := l.below(), l.below()
	if len(l.open) > 0 {
		outside -= step
	}
	switch text[at] {
	case '|', '>':
		l.text(text[at:])
	case '[', '{':
		end := l.end(l.next-1, at)
		for l.next <= end {
			low := inside
			if rest := strings.TrimLeft(l.source[l.next], " \t"); rest != "" && (rest[0] == ']' || rest[0] == '}') {
				low = outside
			}
			l.move(shift, low)
		}
	case '"', '\'':
		for end := l.end(l.next-1, at); l.next <= end; {
			l.move(shift, inside)
		}
	case '*':
		l.fix()
	default:
		for !hasComment(text[at:]) {
			n := l.next
			for n < len(l.source) && isBlank(l.source[n]) {
				n++
			}
			if n == len(l.source) || len(l.open) == 0 || width(l.source[n]) <= l.open[len(l.open)-1].old || strings.TrimLeft(l.source[n], " \t")[0] == '#' {
				return
			}
			for l.next <= n {
				l.move(shift, inside)
			}
			text, at = l.source[n], 0
		}
	}
}

// fix says of the last line what fixed says.
func (l *layout) fix() { l.out[len(l.out)-1].fixed = true }

// move indents the next line, which continues a value.
func (l *layout) move(shift, low int) {
	text := trim(l.source[l.next])
	l.next++
	if text != "" {
		indent := width(text)
		text = strings.Repeat(" ", max(indent+shift, low)) + text[indent:]
	}
	l.out = append(l.out, line{text: text})
}

var header = regexp.MustCompile(`^[|>]([-+]?)([1-9]?)([-+]?)`)

// text goes over a text in block style (| or >), whose blanks have a meaning.
func (l *layout) text(head string) {
	match := header.FindStringSubmatch(head)
	keep, strip := match[1]+match[3] == "+", match[1]+match[3] == "-"
	old, new := 0, l.below()
	outside := -1
	if len(l.open) > 0 {
		outside = l.open[len(l.open)-1].old
	}
	first := l.next
	for first < len(l.source) && strings.Trim(l.source[first], " ") == "" {
		first++
	}
	if digit, err := strconv.Atoi(match[2]); err == nil {
		old, new = max(outside, 0)+digit, max(new-step, 0)+digit
	} else if first < len(l.source) {
		old = width(l.source[first])
	}
	if old <= outside { // what is not blank is below the text already
		old = math.MaxInt
	}
	end := l.next // of what is neither blank nor below the text
	for n := l.next; n < len(l.source); n++ {
		text := l.source[n]
		if spaces := width(text); spaces == len(text) && spaces <= old {
			continue
		} else if spaces < old || isMarker(text) {
			break
		}
		end = n + 1
	}
	if keep {
		l.fix()
		for end < len(l.source) && strings.Trim(l.source[end], " ") == "" && (l.whole || end < len(l.source)-1) {
			end++
		}
	}
	l.unended = !l.whole && !strip && l.next < end && end == len(l.source)
	for ; l.next < end; l.next++ {
		text := l.source[l.next]
		if width(text) == len(text) && len(text) <= old {
			text = ""
		} else {
			text = strings.Repeat(" ", new) + text[old:]
		}
		l.out = append(l.out, line{text: text})
	}
	l.limit = max(l.below()-step, 0) + 1
}

// end is the line in which brackets or quotes that open at a place are closed.
func (l *layout) end(n, at int) int {
	depth := 0
	const (
		begin = iota // a value may begin
		word         // a plain word: quotes are letters
		after
	)
	state := begin
	for ; n < len(l.source); n, at = n+1, 0 {
		text := l.source[n]
		for at < len(text) {
			c := text[at]
			switch {
			case c == ' ' || c == '\t':
			case c == '#' && (at == 0 || text[at-1] == ' ' || text[at-1] == '\t'):
				at = len(text)
				continue
			case (c == '"' || c == '\'') && state == begin:
				if n, at = l.quoted(n, at); n == len(l.source) || depth == 0 {
					return min(n, len(l.source)-1)
				}
				text, state = l.source[n], after
			case c == '[' || c == '{':
				depth++
				state = begin
			case c == ']' || c == '}':
				if depth--; depth == 0 {
					return n
				}
				state = after
			case c == ',':
				state = begin
			case (c == '&' || c == '!' || c == '*') && state == begin:
				if c != '!' {
					l.fix()
				}
				for at+1 < len(text) && !strings.ContainsRune(" \t,[]{}", rune(text[at+1])) {
					at++
				}
			case (c == ':' || c == '?' && state == begin) && (state == after || at+1 == len(text) || strings.ContainsRune(" \t,[]{}", rune(text[at+1]))):
				state = begin
			case state != after:
				state = word
			}
			at++
		}
	}
	return len(l.source) - 1
}

// quoted is the place of the quote that closes the one at a place.
func (l *layout) quoted(n, at int) (int, int) {
	quote := l.source[n][at]
	for at++; n < len(l.source); n, at = n+1, 0 {
		for text := l.source[n]; at < len(text); at++ {
			switch {
			case quote == '"' && text[at] == '\\':
				at++
			case text[at] != quote:
			case quote == '\'' && at+1 < len(text) && text[at+1] == quote:
				at++
			default:
				return n, at
			}
		}
	}
	return n, 0
}

// key finds a simple key at a place: its name, and where its colon stands, or -1.
func key(text string, at int) (string, int) {
	at = properties(text, at)
	if at == len(text) {
		return "", -1
	}
	start := at
	switch text[at] {
	case '"', '\'':
		line := layout{source: []string{text}}
		n, end := line.quoted(0, at)
		if n > 0 {
			return "", -1
		}
		colon := len(text) - len(strings.TrimLeft(text[end+1:], " \t"))
		if colon < len(text) && text[colon] == ':' && isIndicator(text[colon:]) {
			return text[start+1 : end], colon
		}
		return "", -1
	case '[', '{', '|', '>', '*', '#':
		return "", -1
	}
	for ; at < len(text); at++ {
		switch {
		case text[at] == ':' && isIndicator(text[at:]):
			return strings.TrimRight(text[start:at], " \t"), at
		case text[at] == '#' && (text[at-1] == ' ' || text[at-1] == '\t'):
			return "", -1
		}
	}
	return "", -1
}

// properties is the place after blanks, anchors and tags.
func properties(text string, at int) int {
	for {
		at = len(text) - len(strings.TrimLeft(text[at:], " \t"))
		if at == len(text) || text[at] != '&' && text[at] != '!' {
			return at
		}
		if end := strings.IndexAny(text[at:], " \t"); end >= 0 {
			at += end
		} else {
			return len(text)
		}
	}
}

// isIndicator tells -, ? and : from words that begin with them.
func isIndicator(text string) bool {
	return strings.ContainsRune("-?:", rune(text[0])) && (len(text) == 1 || text[1] == ' ' || text[1] == '\t')
}

func isMarker(text string) bool {
	return (strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...")) && (len(text) == 3 || text[3] == ' ' || text[3] == '\t')
}

func isBlank(text string) bool { return strings.Trim(text, " \t") == "" }

func hasComment(text string) bool {
	return strings.Contains(text, " #") || strings.Contains(text, "\t#")
}

// width is the number of spaces that a line begins with.
func width(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }

// trim cuts trailing blanks, but for one that is escaped.
func trim(text string) string {
	if short := strings.TrimRight(text, " \t"); !strings.HasSuffix(short, `\`) {
		return short
	}
	return text
}

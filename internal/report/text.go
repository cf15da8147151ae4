package report

import (
	"bytes"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A style is how a terminal shows a piece of text.
type style uint8

const (
	plain style = iota
	strong
	faint
	good
	bad
	doubt
	goodVerdict
	badVerdict
	doubtVerdict
)

// codes are the SGR parameters of the styles.
var codes = [...]string{strong: "1", faint: "2", good: "32", bad: "31", doubt: "33", goodVerdict: "1;32", badVerdict: "1;31", doubtVerdict: "1;33"}

// A piece is text in one style.
type piece struct {
	text  string
	style style
}

func text(s string) piece            { return piece{text: s} }
func styled(s string, k style) piece { return piece{s, k} }

// The widths that tables are laid out for: the default, and the least, below
// which lines are longer than asked.
const (
	defaultWidth = 80
	leastWidth   = 60
)

// nbsp is a space at which no line is broken; it is written as a space.
const nbsp = "\u00a0"

// dot separates parts of a line; it goes with what follows it.
const dot = " ·" + nbsp

// wide separates parts of a line by two spaces, and may be broken.
const wide = nbsp + " "

// A page lays text out in lines of at most width runes. Words are never cut:
// one that is longer than a line stands alone on it.
type page struct {
	out   bytes.Buffer
	width int
	color bool
}

func newPage(width int, color bool) *page {
	if width <= 0 {
		width = defaultWidth
	}
	return &page{width: max(width, leastWidth), color: color}
}

func (p *page) writeTo(w io.Writer) error {
	_, err := w.Write(p.out.Bytes())
	return err
}

// line writes pieces as one line.
func (p *page) line(pieces ...piece) {
	var merged []piece
	for _, part := range pieces {
		if part.text == "" {
			continue
		}
		if n := len(merged); n > 0 && merged[n-1].style == part.style {
			merged[n-1].text += clean(part.text)
			continue
		}
		merged = append(merged, piece{clean(part.text), part.style})
	}
	for n := len(merged); n > 0; n-- {
		merged[n-1].text = strings.TrimRight(merged[n-1].text, " "+nbsp)
		if merged[n-1].text != "" {
			break
		}
	}
	first := true
	for _, part := range merged {
		if part.text == "" {
			continue
		}
		part.text, first = inert(part.text, first), first && strings.Trim(part.text, " "+nbsp) == ""
		code := codes[part.style]
		if p.color && code != "" {
			p.out.WriteString("\x1b[" + code + "m")
		}
		p.out.WriteString(strings.ReplaceAll(part.text, nbsp, " "))
		if p.color && code != "" {
			p.out.WriteString("\x1b[0m")
		}
	}
	p.out.WriteByte('\n')
}

// flow writes head and after it the words of body, broken at spaces; lines
// after the first begin at column hang.
func (p *page) flow(head []piece, hang int, body ...piece) {
	for _, line := range wrap(p.width, head, hang, body) {
		p.line(line...)
	}
}

// wrap breaks body behind head into lines of at most limit runes.
func wrap(limit int, head []piece, hang int, body []piece) [][]piece {
	var lines [][]piece
	current := clone(head)
	column := width(current)
	empty := true // no word yet on this line
	for _, word := range words(body) {
		n := width(word)
		gap := 1
		if empty {
			gap = 0
		}
		if (!empty || column > hang) && column+gap+n > limit {
			lines = append(lines, current)
			current, column, gap = []piece{indent(hang)}, hang, 0
		}
		if gap > 0 {
			space := text(" ")
			if last := current[len(current)-1]; last.style == word[0].style {
				space.style = last.style
			}
			current = append(current, space)
		}
		current = append(current, word...)
		column += gap + n
		empty = false
	}
	return append(lines, current)
}

// fits reports whether head and body make one line.
func (p *page) fits(head []piece, body ...piece) bool {
	n := width(head)
	for i, word := range words(body) {
		n += width(word)
		if i > 0 {
			n++
		}
	}
	return n <= p.width
}

// under writes head, title and body on one line where they fit, else the body
// beneath the title, at column hang.
func (p *page) under(head, title []piece, hang int, body ...piece) {
	all := join(wide, title, body)
	if p.fits(head, all...) {
		p.flow(head, hang, all...)
		return
	}
	p.flow(head, hang, title...)
	p.flow([]piece{indent(hang)}, hang, body...)
}

// ends writes left and right at the two ends of a line; where both do not fit,
// right stands on the line after, to the right.
func (p *page) ends(left, right []piece) {
	gap := p.width - width(left) - width(right)
	if gap < 2 {
		p.flow(nil, 6, left...)
		p.flow([]piece{indent(max(6, p.width-width(right)))}, 6, right...)
		return
	}
	p.line(append(append(clone(left), indent(gap)), right...)...)
}

// label writes a paragraph with its label in a column beside it; a label that
// is wider than the column, or leaves no room for a word, stands above. Lines after the first are indented by
// more.
func (p *page) label(label piece, margin, column, more int, body ...piece) {
	hang := margin + column + 2
	head := []piece{indent(margin), label}
	first := 0
	if all := words(body); len(all) > 0 {
		first = width(all[0])
	}
	if n := utf8.RuneCountInString(label.text); n <= column && (n == 0 || hang+first <= p.width) {
		head = append(head, indent(column-n+2))
	} else {
		p.flow([]piece{indent(margin)}, margin, label)
		head = []piece{indent(hang)}
	}
	p.flow(head, hang+more, body...)
}

func (p *page) blank() { p.out.WriteByte('\n') }

func indent(n int) piece { return text(strings.Repeat(" ", max(n, 0))) }

func clone(pieces []piece) []piece { return append([]piece(nil), pieces...) }

// width counts the runes of pieces.
func width(pieces []piece) int {
	n := 0
	for _, part := range pieces {
		n += utf8.RuneCountInString(part.text)
	}
	return n
}

// words splits pieces at spaces; pieces with no space between them share a
// word.
func words(pieces []piece) [][]piece {
	var all [][]piece
	open := false
	for _, part := range pieces {
		rest := clean(part.text)
		for rest != "" {
			if trimmed := strings.TrimLeft(rest, " "); trimmed != rest {
				rest, open = trimmed, false
				continue
			}
			word := rest
			if i := strings.IndexByte(rest, ' '); i >= 0 {
				word = rest[:i]
			}
			rest = rest[len(word):]
			if !open {
				all = append(all, nil)
			}
			open = true
			all[len(all)-1] = append(all[len(all)-1], piece{word, part.style})
		}
	}
	return all
}

// clean keeps what is written to a terminal from steering it: white space
// becomes a space, and control and direction characters the replacement
// character.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// Message is text for a line of a log: it steers no terminal and is no command
// of a CI service.
func Message(s string) string { return inert(flat(s), true) }

// inert keeps text from being a command of a CI service that reads the log: one
// of GitHub begins its line, one of Azure Pipelines may stand anywhere in it.
func inert(s string, begins bool) string {
	s = strings.NewReplacer("##vso[", "## vso[", "##[", "## [").Replace(s)
	if rest := strings.TrimLeft(s, " "+nbsp); begins && strings.HasPrefix(rest, "::") {
		s = s[:len(s)-len(rest)] + ": " + rest[1:]
	}
	return s
}

// join puts a separator between groups of pieces.
func join(separator string, groups ...[]piece) []piece {
	var all []piece
	for _, group := range groups {
		if len(group) == 0 {
			continue
		}
		if len(all) > 0 {
			all = append(all, text(separator))
		}
		all = append(all, group...)
	}
	return all
}

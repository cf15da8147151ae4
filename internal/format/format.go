// Package format lays documents out anew: indentation, blank lines, line ends
// and which keys come first. It changes whitespace and moves whole lines; words,
// quotes, brackets and comments stay as they are written.
package format

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// YAML lays out a stream of YAML documents that can be read. Same reports
// whether a text reads as the same documents: what it does not accept, and what
// would lose a line or a comment, comes back as it was, and ok is false.
func YAML(data []byte, same func(after []byte) bool) (after []byte, ok bool) {
	after = layOut(data)
	if bytes.Equal(data, after) {
		return after, true
	}
	if !slices.Equal(words(data), words(after)) || !same(after) {
		return data, false
	}
	return after, true
}

// plain is a text without its byte order mark, and with \n for every line break
// that YAML folds into one.
func plain(data []byte) string {
	text := strings.TrimPrefix(string(data), "\ufeff")
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n").Replace(text)
}

var gap = regexp.MustCompile(`^([-?:])[ \t]+`)

// words are the lines of a text without what formatting may change, sorted.
// With the same words and the same values, a text has the same comments.
func words(data []byte) []string {
	var list []string
	for line := range strings.SplitSeq(plain(data), "\n") {
		var b strings.Builder
		line = strings.Trim(line, " \t")
		for match := gap.FindStringSubmatch(line); match != nil; match = gap.FindStringSubmatch(line) {
			b.WriteString(match[1] + " ")
			line = line[len(match[0]):]
		}
		if b.WriteString(line); b.Len() > 0 {
			list = append(list, b.String())
		}
	}
	slices.Sort(list)
	return list
}

// layOut is YAML before anything is checked.
func layOut(data []byte) []byte {
	text := plain(data)
	l := &layout{whole: strings.HasSuffix(text, "\n"), source: strings.Split(strings.TrimSuffix(text, "\n"), "\n")}
	for l.next < len(l.source) {
		l.line()
	}
	l.settle(l.open, -1, 0)
	out := l.out
	if !l.unended {
		out = order(out)
	}
	out = squeeze(out)
	var b bytes.Buffer
	for i, line := range out {
		b.WriteString(line.text)
		if i < len(out)-1 || !l.unended {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

// squeeze leaves one blank line of several, and none at either end.
func squeeze(list []line) []line {
	var out []line
	for _, l := range list {
		if l.kind == blank && (len(out) == 0 || out[len(out)-1].kind == blank) {
			continue
		}
		out = append(out, l)
	}
	if n := len(out); n > 0 && out[n-1].kind == blank {
		out = out[:n-1]
	}
	return out
}

// first are the keys that stand at the top of every document, in this order.
// The others stay in the author's: what is told in which order is theirs, and a
// long document that is rearranged cannot be reviewed.
func first(key string) int {
	if i := slices.Index([]string{"apiVersion", "kind", "metadata"}, key); i >= 0 {
		return i
	}
	return 3
}

// order moves the first keys of every document to its top.
func order(list []line) []line {
	var out []line
	for len(list) > 0 {
		end := slices.IndexFunc(list, func(l line) bool { return l.kind == marker })
		switch end {
		case -1:
			end = len(list)
		case 0:
			out, list = append(out, list[0]), list[1:]
			continue
		}
		out, list = append(out, orderOne(list[:end])...), list[end:]
	}
	return out
}

func orderOne(doc []line) []line {
	type part struct {
		rank     int
		from, to int // lines, with the comments above
	}
	byRank := func(a, b part) int { return a.rank - b.rank }
	var parts []part
	for i, l := range doc {
		switch {
		case l.fixed:
			return doc
		case !l.top:
		case l.key == "":
			return doc
		case parts == nil: // what stands above the first key is about the document, and stays
			parts = []part{{rank: first(l.key), from: i}}
		default:
			from := lead(doc[:i])
			parts[len(parts)-1].to = from
			parts = append(parts, part{rank: first(l.key), from: from})
		}
	}
	if slices.IsSortedFunc(parts, byRank) {
		return doc
	}
	end := foot(doc)
	parts[len(parts)-1].to = end
	out := slices.Clone(doc[:parts[0].from])
	slices.SortStableFunc(parts, byRank)
	for _, p := range parts {
		out = append(out, outdented(doc[p.from:p.to])...)
	}
	return append(out, outdented(doc[end:])...)
}

// outdented puts the comments at the beginning in the first column: below what
// is now above them, they might look like a part of it.
func outdented(list []line) []line {
	list = slices.Clone(list)
	for i := 0; i < len(list) && (list[i].kind == comment || list[i].kind == blank); i++ {
		list[i].text = strings.TrimLeft(list[i].text, " ")
	}
	return list
}

// foot is where the last key ends, with the indented comments below it.
func foot(doc []line) int {
	end := len(doc)
	for end > 0 && (doc[end-1].kind == blank || doc[end-1].kind == comment) {
		end--
	}
	for end < len(doc) && doc[end].kind == comment && strings.HasPrefix(doc[end].text, " ") {
		end++
	}
	return end
}

// lead is where that begins which belongs to the key below: its comments, up to
// the first blank line after what stands above.
func lead(above []line) int {
	start := foot(above)
	if i := slices.IndexFunc(above[start:], func(l line) bool { return l.kind == blank }); i >= 0 {
		return start + i + 1
	}
	return start
}

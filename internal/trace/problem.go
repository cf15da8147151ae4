package trace

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/caveat-check/caveat/internal/decision"
)

// problems are what is wrong with an input, as an error.
type problems []decision.Problem

func (p problems) Error() string {
	if len(p) == 0 {
		return ""
	}
	return p[0].Error()
}

// problem is about the whole input.
func (s Spec) problem(format string, args ...any) problems {
	return at(s.Name, 0, 0, format, args...)
}

func at(name string, line, column int, format string, args ...any) problems {
	return problems{{Path: name, Line: line, Column: column, Message: fmt.Sprintf(format, args...)}}
}

// shown quotes a text of a file, cut to a length that fits a message.
func shown(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return strconv.Quote(text)
}

// listed joins some names, up to a number that fits a message.
func listed(names []string) string {
	const most = 20
	quoted := make([]string, 0, most+1)
	for i, name := range names {
		if i == most {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(names)-most))
			break
		}
		quoted = append(quoted, shown(name))
	}
	return strings.Join(quoted, ", ")
}

// meant asks for the nearest of some words, if one is near: at most a third of
// its letters differ, or just one of several.
func meant(word string, list []string) string {
	letters := utf8.RuneCountInString(word)
	best, least := "", max(1, (letters+1)/3)+1
	for _, other := range list {
		if far := letters - utf8.RuneCountInString(other); max(far, -far) >= least {
			continue // so that a long text costs little
		}
		if d := distance(strings.ToLower(word), strings.ToLower(other)); d < least && d < letters {
			best, least = other, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", shown(best))
}

// distance is the number of letters to insert, delete or change to make one word
// of another.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		corner := row[0]
		row[0] = i + 1
		for j := range y {
			change := corner
			if x[i] != y[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(row[j]+1, row[j+1]+1, change)
		}
	}
	return row[len(y)]
}

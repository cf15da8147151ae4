package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/guptarohit/asciigraph"
	"github.com/shopspring/decimal"

	"github.com/caveat-check/caveat/internal/cost"
	"github.com/caveat-check/caveat/internal/decision"
)

// marks tell the series of a chart apart without colour.
var marks = [cost.MostSeries]string{"●", "○", "▲", "△", "■"}

// markColors do so with it, where there is a terminal.
var markColors = [cost.MostSeries]asciigraph.AnsiColor{asciigraph.Blue, asciigraph.Red, asciigraph.Green, asciigraph.Magenta, asciigraph.Goldenrod}

const chartHeight = 14

// sweep writes how the cost goes with one quantity: legend, chart and table.
func (v *estimateView) sweep() {
	s := v.estimate.Sweep
	if s == nil {
		return
	}
	v.blank()
	now := "the manifest states none"
	if s.Now != "" {
		now = "the manifest has " + s.Now
	}
	v.section("Sweep", styled(s.Path, strong), text(" from "+valueWords(*s, 0)+" to "+valueWords(*s, len(s.Points)-1)+"; "+now))
	if len(s.Replaced) > 0 {
		v.section("", styled("in place of "+strings.Join(s.Replaced, ", "), faint))
	}
	v.blank()
	for i, one := range s.Series {
		word, k := verdictStyle(one.Verdict)
		body := append([]piece{styled(strings.ToLower(word), k), text(wide)}, v.offering(one.Offering, nil)...)
		if one.Placed {
			body = append(body, text(", placed"))
		}
		v.flow([]piece{indent(2), text(marks[i]), indent(2)}, 5, body...)
	}
	v.blank()
	v.chart(*s)
	v.points(*s)
}

func valueWords(s cost.Sweep, i int) string { return s.Points[i].Value.String() + s.Unit }

// chart draws the series in which at least one total is complete.
func (v *estimateView) chart(s cost.Sweep) {
	data, most := chartData(s)
	if len(data) == 0 || math.IsInf(most, -1) {
		v.flow([]piece{indent(2)}, 4, styled("no total is known in full, so there is nothing to draw", doubt))
		v.blank()
		return
	}
	amount := func(f float64) string { return axisMoney(s.Points[0].Quotes[0].Currency, f, most) }
	var sets []asciigraph.CharSet
	var colors []asciigraph.AnsiColor
	for i := range data {
		sets = append(sets, asciigraph.CreateCharSet(marks[i]))
		colors = append(colors, markColors[i])
	}
	first, last := number(s.Points[0].Value), number(s.Points[len(s.Points)-1].Value)
	label := utf8.RuneCountInString(amount(most))
	options := []asciigraph.Option{
		asciigraph.Height(chartHeight), asciigraph.Width(v.width - label - 10), asciigraph.SeriesChars(sets...),
		asciigraph.YAxisValueFormatter(amount), asciigraph.XAxisRange(first, last), asciigraph.XAxisTickCount(5),
		asciigraph.XAxisValueFormatter(func(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) + s.Unit }),
		asciigraph.LowerBound(0), asciigraph.Offset(3),
	}
	if v.color {
		options = append(options, asciigraph.SeriesColors(colors...))
	}
	for _, line := range strings.Split(asciigraph.PlotMany(data, options...), "\n") {
		v.out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	v.blank()
}

// chartData are the complete totals of each series, and the greatest. What is
// not known, or in another currency, is a gap. These numbers are drawn, and
// nothing else is done with them.
func chartData(s cost.Sweep) (data [][]float64, most float64) {
	most = math.Inf(-1)
	for i := range s.Series {
		line := make([]float64, len(s.Points))
		for j, p := range s.Points {
			line[j] = math.NaN()
			if q := p.Quotes[i]; q.Expected != nil && q.Currency == p.Quotes[0].Currency {
				line[j] = number(*q.Expected)
				most = max(most, line[j])
			}
		}
		data = append(data, line)
	}
	return data, most
}

func number(d decimal.Decimal) float64 { return d.InexactFloat64() }

// axisMoney labels an axis: whole amounts unless all of them are small.
func axisMoney(currency string, f, most float64) string {
	digits := strconv.FormatFloat(f, 'f', 0, 64)
	if most < 20 {
		digits = strconv.FormatFloat(f, 'f', 2, 64)
	}
	return strings.ReplaceAll(signed(currency, decimal.Decimal{}, digits), nbsp, " ")
}

// points writes every value with what each series costs there.
func (v *estimateView) points(s cost.Sweep) {
	_, name, _ := cut(s.Path)
	cells := make([][]string, len(s.Points))
	widths := make([]int, len(s.Series)+1)
	widths[0] = utf8.RuneCountInString(name)
	for i, p := range s.Points {
		row := []string{valueWords(s, i)}
		for j, q := range p.Quotes {
			cell := total(costOf(q.Sum.Total))
			switch {
			case q.Verdict == decision.Failed:
				cell = "✗" + nbsp + cell
			case p.Cheapest != nil && *p.Cheapest == j:
				cell = "*" + nbsp + cell
			}
			row = append(row, cell)
		}
		cells[i] = row
		for j, cell := range row {
			widths[j] = max(widths[j], utf8.RuneCountInString(cell), 1)
		}
	}
	const arrow = 4 // where another one becomes the cheapest
	wide := arrow
	for _, n := range widths {
		wide += 2 + n
	}
	line := func(row []string, k style, tail string) {
		var all []piece
		for j, cell := range row {
			if wide > v.width { // no room for columns
				if j > 0 {
					cell = marks[j-1] + nbsp + cell
				}
				all = append(all, styled(cell+"  ", k))
				continue
			}
			all = append(all, indent(2+widths[j]-utf8.RuneCountInString(cell)), styled(cell, k))
		}
		if wide > v.width {
			v.flow([]piece{indent(2)}, 4, append(all, styled(tail, good))...)
			return
		}
		v.page.line(append(all, styled(tail, good))...)
	}
	if wide <= v.width {
		line(append([]string{name}, marks[:len(s.Series)]...), faint, "")
	}
	refused, flips, falls := false, false, false
	for i, row := range cells {
		tail := ""
		if p := s.Points[i]; p.Changes {
			tail, flips = "  ←"+nbsp+marks[*p.Cheapest], true
		}
		for _, q := range s.Points[i].Quotes {
			refused = refused || q.Verdict == decision.Failed
			falls = falls || q.Expected == nil && q.MayFall && !q.Known.IsZero()
		}
		line(row, plain, tail)
	}
	notes := "* the cheapest of the complete totals that are not refused"
	if refused {
		notes += "; ✗ refused there"
	}
	if flips {
		notes += "; ← another one becomes the cheapest"
	}
	if falls {
		notes += "; ? what is not known may lower the amount"
	}
	v.flow([]piece{indent(2)}, 4, styled(notes, faint))
}

// cut takes the last part off a path.
func cut(path string) (head, last string, ok bool) {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i], path[i+1:], true
	}
	return "", path, false
}

// sweepInWords says in words what a chart shows, for who cannot see it.
func sweepInWords(s cost.Sweep) string {
	var parts []string
	for i, p := range s.Points {
		if p.Cheapest == nil || len(parts) > 0 && !p.Changes {
			continue
		}
		parts = append(parts, fmt.Sprintf("from %s the cheapest is %s", valueWords(s, i), inFew(s.Series[*p.Cheapest].Offering)))
	}
	if len(parts) == 0 {
		return "No total that is not refused is known in full."
	}
	return "Of the complete totals that are not refused, " + strings.Join(parts, "; ") + "."
}

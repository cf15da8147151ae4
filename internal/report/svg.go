package report

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"io"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/caveat-check/caveat/internal/cost"
)

// svgColors have a contrast of 3 or more with both backgrounds. The shapes and
// dashes tell the series apart, too.
var svgColors = [cost.MostSeries]color.NRGBA{{0x1F, 0x77, 0xD0, 0xFF}, {0xC8, 0x55, 0x00, 0xFF}, {0x1A, 0x8F, 0x4C, 0xFF}, {0xB0, 0x55, 0xC8, 0xFF}, {0x8A, 0x76, 0x10, 0xFF}}

var svgDashes = [cost.MostSeries][]vg.Length{nil, {6, 3}, {2, 2}, {8, 3, 2, 3}, {10, 4}}

var svgShapes = [cost.MostSeries]draw.GlyphDrawer{draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{}}

// What a page is drawn on: white paper, or in a dark scheme what is below.
const (
	svgWidth   = 720
	svgHeight  = 400
	legendLine = 18
	svgDark    = "#0d1117"
	svgStyle   = `<style>
text{fill:#1f2328}
@media (prefers-color-scheme: dark){
text{fill:#e6edf3}
path[style="fill:#FFFFFF"]{fill:` + svgDark + ` !important}
path[style*="stroke:#000000"]{stroke:#9198a1 !important}
path[style*="stroke:#D0D7DE"]{stroke:#3d444d !important}
path[style*="stroke:#6E7781"]{stroke:#9198a1 !important}
}
</style>
`
)

var (
	svgGrid = color.NRGBA{0xD0, 0xD7, 0xDE, 0xFF}
	svgFlip = color.NRGBA{0x6E, 0x77, 0x81, 0xFF}
)

// SweepSVG draws an estimate's sweep: a line an offering, broken where its total
// is not known, and a vertical line where another one becomes the cheapest. The
// same sweep gives the same bytes.
func SweepSVG(w io.Writer, e cost.Estimate) error {
	s := *e.Sweep
	p := plot.New()
	p.Title.Text = fmt.Sprintf("Cost of %s a month by %s", e.Manifest.Name, s.Path)
	p.X.Label.Text = strings.TrimSpace(s.Path + " " + unitWords(s.Unit))
	p.Y.Label.Text = strings.TrimSpace("a month " + unitWords(s.Points[0].Quotes[0].Currency))
	for _, style := range []*font.Font{&p.Title.TextStyle.Font, &p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font, &p.X.Tick.Label.Font, &p.Y.Tick.Label.Font, &p.Legend.TextStyle.Font} {
		style.Variant = "Sans"
	}
	p.Title.Padding, p.X.Padding, p.Y.Padding = 6, 4, 4
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = svgGrid, svgGrid
	p.Add(grid)
	data, most := chartData(s)
	p.X.Min, p.X.Max = number(s.Points[0].Value), number(s.Points[len(s.Points)-1].Value)
	p.Y.Min, p.Y.Max = 0, most*1.05
	if math.IsInf(most, -1) || most <= 0 {
		p.Y.Max = 1
	}
	p.Y.Tick.Marker = plainTicks{}
	p.X.Tick.Marker = plainTicks{}
	legend := plot.NewLegend()
	legend.TextStyle.Font = p.Legend.TextStyle.Font
	legend.Left, legend.Top, legend.ThumbnailWidth = true, true, 28
	legend.Padding = 3
	for _, point := range s.Points {
		if point.Changes {
			x := number(point.Value)
			line, err := plotter.NewLine(plotter.XYs{{X: x, Y: p.Y.Min}, {X: x, Y: p.Y.Max}})
			if err != nil {
				return err
			}
			line.Color, line.Dashes, line.Width = svgFlip, []vg.Length{3, 3}, 1
			p.Add(line)
		}
	}
	for i, line := range data {
		thumbnails, err := addSeries(p, s, i, line)
		if err != nil {
			return err
		}
		one := s.Series[i]
		name := fmt.Sprintf("%s (%s)", inFew(one.Offering), one.Verdict)
		if one.Placed {
			name += ", placed"
		}
		legend.Add(strings.ReplaceAll(name, nbsp, " "), thumbnails...)
	}
	foot := vg.Length(legendLine*len(s.Series) + 12)
	canvas := vgsvg.NewWith(vgsvg.UseWH(svgWidth, svgHeight+foot))
	all := draw.New(canvas)
	all.SetColor(color.White)
	all.Fill(all.Rectangle.Path())
	p.BackgroundColor = nil
	p.Draw(draw.Crop(all, 8, -16, foot, -8))
	legend.Draw(draw.Crop(all, 16, -8, 6, -(svgHeight + 2)))
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return err
	}
	_, err := w.Write(accessible(out.Bytes(), p.Title.Text, sweepInWords(s)))
	return err
}

// addSeries adds the runs of known totals of one series.
func addSeries(p *plot.Plot, s cost.Sweep, i int, line []float64) ([]plot.Thumbnailer, error) {
	var run, known plotter.XYs
	flush := func() error {
		if len(run) > 1 {
			l, err := plotter.NewLine(run)
			if err != nil {
				return err
			}
			l.Color, l.Dashes, l.Width = svgColors[i], svgDashes[i], 1.8
			p.Add(l)
		}
		run = nil
		return nil
	}
	for j, y := range line {
		if math.IsNaN(y) {
			if err := flush(); err != nil {
				return nil, err
			}
			continue
		}
		run = append(run, plotter.XY{X: number(s.Points[j].Value), Y: y})
		known = append(known, run[len(run)-1])
	}
	if err := flush(); err != nil {
		return nil, err
	}
	sample := &plotter.Line{LineStyle: draw.LineStyle{Color: svgColors[i], Dashes: svgDashes[i], Width: 1.8}}
	dots := &plotter.Scatter{XYs: known, GlyphStyle: draw.GlyphStyle{Color: svgColors[i], Shape: svgShapes[i], Radius: 2.6}}
	if len(known) > 0 {
		p.Add(dots)
	}
	return []plot.Thumbnailer{sample, dots}, nil
}

func unitWords(unit string) string {
	if unit == "" {
		return ""
	}
	return "(" + unit + ")"
}

// plainTicks are gonum's, their numbers written out.
type plainTicks struct{}

func (plainTicks) Ticks(least, most float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(least, most)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = strconv.FormatFloat(math.Round(ticks[i].Value*1e6)/1e6, 'f', -1, 64)
		}
	}
	return ticks
}

// accessible gives a drawing a title and a description, colours for a dark
// page, and fonts that are everywhere.
func accessible(svg []byte, title, description string) []byte {
	text := string(svg)
	end := strings.Index(text, ">\n<g")
	head, body := text[:end], text[end+2:]
	head = strings.Replace(head, "<svg ", `<svg role="img" aria-labelledby="title desc" `, 1)
	body = strings.ReplaceAll(body, "font-family:Liberation Sans;", "font-family:Liberation Sans,Arial,Helvetica,sans-serif;")
	return []byte(head + ">\n<title id=\"title\">" + html.EscapeString(title) + "</title>\n<desc id=\"desc\">" + html.EscapeString(strings.ReplaceAll(description, nbsp, " ")) + "</desc>\n" + svgStyle + body)
}

package plots

import (
	"fmt"
	"html"
	"image"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// vector is a vg.Canvas that writes the elements of an SVG. gonum's own, vgsvg,
// knows no groups, repeats the whole style in every element and turns the axis
// back and forth around each text: its files are three times as long.
type vector struct {
	strings.Builder
	height float64 // the canvas's y grows upwards, that of an SVG downwards
	now    pen
	saved  []pen
	open   string // the attributes of the path that the last element holds
	texts  string // the attributes of the element around the last texts
}

// pen is what Push saves.
type pen struct {
	x, y  float64
	angle float64 // in degrees, against the clock
	color string
	width float64
	dash  string
}

func newVector(height float64) *vector {
	return &vector{height: height, now: pen{color: "#000000", width: 1}}
}

// end closes the element to which marks of one style are still added.
func (v *vector) end() {
	if v.open != "" {
		v.WriteString("\"/>\n")
	}
	if v.texts != "" {
		v.WriteString("</g>\n")
	}
	v.open, v.texts = "", ""
}

// raw writes an element that is no mark.
func (v *vector) raw(s string) {
	v.end()
	v.WriteString(s)
}

// SetLineWidth implements vg.Canvas.
func (v *vector) SetLineWidth(w vg.Length) { v.now.width = w.Points() }

// SetLineDash implements vg.Canvas.
func (v *vector) SetLineDash(pattern []vg.Length, _ vg.Length) {
	v.now.dash = ""
	for i, d := range pattern {
		if i > 0 {
			v.now.dash += " "
		}
		v.now.dash += short(d.Points())
	}
}

// SetColor implements vg.Canvas.
func (v *vector) SetColor(c color.Color) {
	rgba, _ := color.RGBAModel.Convert(c).(color.RGBA)
	v.now.color = css(rgba)
}

// Rotate implements vg.Canvas.
func (v *vector) Rotate(rad float64) { v.now.angle += rad * 180 / math.Pi }

// Translate implements vg.Canvas, for what is not turned yet.
func (v *vector) Translate(p vg.Point) {
	v.now.x += p.X.Points()
	v.now.y += p.Y.Points()
}

// Scale implements vg.Canvas. Nothing that a layout makes is scaled.
func (v *vector) Scale(x, y float64) {
	if x != 1 || y != 1 {
		panic("a picture is not scaled")
	}
}

// Push implements vg.Canvas.
func (v *vector) Push() { v.saved = append(v.saved, v.now) }

// Pop implements vg.Canvas.
func (v *vector) Pop() {
	last := len(v.saved) - 1
	v.now, v.saved = v.saved[last], v.saved[:last]
}

// Stroke implements vg.Canvas.
func (v *vector) Stroke(path vg.Path) {
	if v.now.width <= 0 {
		return
	}
	style := fmt.Sprintf(`stroke="%s"`, v.now.color)
	if w := short(v.now.width); w != usualWidth {
		style += fmt.Sprintf(` stroke-width="%s"`, w)
	}
	if v.now.dash != "" {
		style += fmt.Sprintf(` stroke-dasharray="%s"`, v.now.dash)
	}
	v.extend(style, v.data(path))
}

// Fill implements vg.Canvas. Areas that share a path must all turn the same
// way, or there would be holes where they overlap.
func (v *vector) Fill(path vg.Path) {
	v.extend(fmt.Sprintf(`fill="%s"`, v.now.color), v.data(clockwise(path)))
}

// extend adds to the last path what has its style; else it begins a new one.
func (v *vector) extend(style, data string) {
	if style != v.open {
		v.end()
		fmt.Fprintf(v, `<path %s d="`, style)
		v.open = style
	}
	v.WriteString(data)
}

// clockwise is a closed path of straight lines, turned round if need be.
func clockwise(path vg.Path) vg.Path {
	n := len(path) - 1 // the last component closes it
	area := vg.Length(0)
	for i := range n {
		a, b := path[i].Pos, path[(i+1)%n].Pos
		area += a.X*b.Y - b.X*a.Y
	}
	if area <= 0 {
		return path
	}
	back := slices.Clone(path)
	for i := range n {
		back[i].Pos = path[n-1-i].Pos
	}
	return back
}

// data writes a path of straight lines.
func (v *vector) data(path vg.Path) string {
	var d strings.Builder
	var x, y string
	for _, p := range path {
		px, py := short(v.now.x+p.Pos.X.Points()), short(v.height-v.now.y-p.Pos.Y.Points())
		switch {
		case p.Type == vg.CloseComp:
			d.WriteByte('Z')
			continue
		case p.Type == vg.MoveComp:
			d.WriteString("M" + pair(px, py))
		case p.Type == vg.LineComp && py == y && px == x:
		case p.Type == vg.LineComp && py == y:
			d.WriteString("H" + px)
		case p.Type == vg.LineComp && px == x:
			d.WriteString("V" + py)
		case p.Type == vg.LineComp:
			d.WriteString("L" + pair(px, py))
		default:
			panic("a picture has straight lines only")
		}
		x, y = px, py
	}
	return d.String()
}

// FillString implements vg.Canvas.
func (v *vector) FillString(f font.Face, at vg.Point, text string) {
	style := fmt.Sprintf(` fill="%s"`, v.now.color)
	if f.Font.Variant == "Mono" {
		style += ` class="m"`
	}
	if f.Font.Weight == stdfont.WeightBold {
		style += ` font-weight="bold"`
	}
	if size := short(f.Font.Size.Points()); size != usualSize {
		style += fmt.Sprintf(` font-size="%s"`, size)
	}
	if style != v.texts {
		v.end()
		v.WriteString("<g" + style + ">\n")
		v.texts = style
	}
	x, y := short(v.now.x+at.X.Points()), short(v.height-v.now.y-at.Y.Points())
	place := fmt.Sprintf(`x="%s" y="%s"`, x, y)
	if angle := math.Round(v.now.angle*100) / 100; angle != 0 {
		place = fmt.Sprintf(`transform="translate(%s)rotate(%s)"`, pair(x, y), strconv.FormatFloat(-angle, 'f', -1, 64))
	}
	fmt.Fprintf(v, "<text %s>%s</text>\n", place, html.EscapeString(text))
}

// DrawImage implements vg.Canvas. No layout has images.
func (v *vector) DrawImage(vg.Rectangle, image.Image) { panic("a picture has no images") }

// What most marks have is said once for all of them. The fonts: first those that
// the layout measured, then such of the same widths for pages without them.
const (
	usualSize  = "10"
	usualWidth = "1.2" // of a stroke
	sansFamily = `'Liberation Sans',Arial,Helvetica,sans-serif`
	monoFamily = `'Liberation Mono','Courier New',monospace`
)

// short writes a length in tenths of a point, without what says nothing.
func short(points float64) string {
	s := strings.TrimSuffix(strconv.FormatFloat(points, 'f', 1, 64), ".0")
	switch {
	case s == "-0":
		return "0"
	case strings.HasPrefix(s, "0."):
		return s[1:]
	case strings.HasPrefix(s, "-0."):
		return "-" + s[2:]
	}
	return s
}

// pair writes a point; a minus needs no space before it.
func pair(x, y string) string {
	if strings.HasPrefix(y, "-") {
		return x + y
	}
	return x + " " + y
}

package plots

import (
	"math"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
)

// grouper is a canvas that can tell which marks belong together.
type grouper interface {
	vg.Canvas
	enter(group int)
	leave()
}

// faces are the fonts of a backend, by layout.Font.
type faces [3]font.Face

// fonts finds the faces.
func fonts() (f faces) {
	for _, face := range liberation.Collection() {
		if face.Font.Style != stdfont.StyleNormal {
			continue
		}
		bold := face.Font.Weight == stdfont.WeightBold
		switch {
		case face.Font.Variant == "Mono" && !bold:
			f[layout.Mono] = face
		case face.Font.Variant == "Sans" && !bold:
			f[layout.Sans] = face
		case face.Font.Variant == "Sans" && bold:
			f[layout.Bold] = face
		}
	}
	return f
}

// paint draws a picture's marks on a canvas. The canvas's y grows upwards.
func paint(c vg.Canvas, p *layout.Picture, colors *palette, f faces) {
	g, grouped := c.(grouper)
	group, layer := -1, layout.Layer(255)
	at := func(q layout.Pos) vg.Point { return upwards(q, p.Height) }
	for i := range p.Marks {
		m := &p.Marks[i]
		if grouped && (m.Group != group || m.Layer != layer) {
			if group >= 0 {
				g.leave()
			}
			group, layer = m.Group, m.Layer
			g.enter(group)
		}
		c.SetColor(colors[m.Role])
		switch m.Shape {
		case layout.Text:
			write(c, m, at(m.Points[0]), f)
		default:
			path := outline(m.Points, p.Height, m.Shape == layout.Fill)
			if m.Shape == layout.Fill {
				c.Fill(path)
				continue
			}
			c.SetLineWidth(vg.Length(m.Width.Points()))
			c.SetLineDash(dashes[m.Dash], 0)
			c.Stroke(path)
		}
	}
	if grouped && group >= 0 {
		g.leave()
	}
}

// upwards is a place on a canvas, whose y grows upwards.
func upwards(q layout.Pos, height layout.Unit) vg.Point {
	return vg.Point{X: vg.Length(q.X.Points()), Y: vg.Length((height - q.Y).Points())}
}

// outline is the path through some places.
func outline(points []layout.Pos, height layout.Unit, closed bool) vg.Path {
	path := make(vg.Path, 0, len(points)+1)
	path.Move(upwards(points[0], height))
	for _, q := range points[1:] {
		path.Line(upwards(q, height))
	}
	if closed {
		path.Close()
	}
	return path
}

var dashes = [...][]vg.Length{layout.Solid: nil, layout.Dashed: {5, 3}, layout.Dotted: {1.25, 2.25}}

// write draws a text from at, turned along the mark's direction.
func write(c vg.Canvas, m *layout.Mark, at vg.Point, f faces) {
	face := f[m.Font]
	face.Font.Size = vg.Length(m.Size.Points())
	angle := degrees(m)
	if angle == 0 {
		c.FillString(face, at, m.Text)
		return
	}
	c.Push()
	c.Translate(at)
	c.Rotate(angle * math.Pi / 180)
	c.FillString(face, vg.Point{}, m.Text)
	c.Pop()
}

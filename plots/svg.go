package plots

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
)

// svgCanvas puts each group into an element with its title, which hovering
// shows. A group has marks in several layers: the element is in the lowest one
// and holds, beside the marks there, a target for pointing devices. Everything
// else lets them through.
type svgCanvas struct {
	*vector
	p       *layout.Picture
	targets []string // by group
	written []bool
	inside  bool
}

func (c *svgCanvas) enter(group int) {
	g := &c.p.Groups[group]
	if g.Kind == layout.Frame || c.written[group] {
		return
	}
	c.written[group], c.inside = true, true
	c.raw(fmt.Sprintf("<g id=\"%s\"%s><title>%s</title><path class=\"t\" d=\"%s\"/>\n",
		html.EscapeString(g.ID), numbers(g), html.EscapeString(g.Hover), c.targets[group]))
}

func (c *svgCanvas) leave() {
	if c.inside {
		c.raw("</g>\n")
		c.inside = false
	}
}

func svg(out *bytes.Buffer, p *layout.Picture, theme Theme) error {
	v := newVector(p.Height.Points())
	paint(&svgCanvas{vector: v, p: p, targets: targets(p), written: make([]bool, len(p.Groups))}, p, theme.palette(), fonts())
	v.end()
	writeHeader(out, p, theme)
	out.WriteString(v.String())
	out.WriteString("</svg>\n")
	return nil
}

// numbers is the attribute with the segments that a group shows.
func numbers(g *layout.Group) string {
	if len(g.Shows) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(` data-segments="`)
	for i, r := range g.Shows {
		if i > 0 {
			b.WriteByte(' ')
		}
		if r.First == r.Last {
			fmt.Fprintf(&b, "%d", r.First)
		} else {
			fmt.Fprintf(&b, "%d-%d", r.First, r.Last)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// writeHeader writes what comes before the marks. What a viewer loses that
// knows no style sheets is the second font, the targets and the dark colours.
func writeHeader(out *bytes.Buffer, p *layout.Picture, theme Theme) {
	fmt.Fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.6g %.6g\" role=\"img\" aria-labelledby=\"title desc\""+
		" fill=\"none\" pointer-events=\"none\" font-family=\"%s\" font-size=\"%s\" stroke-width=\"%s\">\n",
		p.Width.Points(), p.Height.Points(), sansFamily, usualSize, usualWidth)
	fmt.Fprintf(out, "<title id=\"title\">%s</title>\n<desc id=\"desc\">", html.EscapeString(p.Title))
	for i, line := range p.Description {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(html.EscapeString(line))
	}
	fmt.Fprintf(out, "</desc>\n<style>.m{font-family:%s}.t{pointer-events:stroke;stroke-width:%d}", monoFamily, targetWidth)
	if theme == Auto {
		writeDark(out, p)
	}
	fmt.Fprintf(out, "</style>\n<rect width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n", css(theme.palette()[layout.Paper]))
}

// writeDark writes the rules that turn each light colour in use into its dark
// one. The colours themselves stay literal in the elements: with CSS variables
// rsvg draws almost nothing.
func writeDark(out *bytes.Buffer, p *layout.Picture) {
	var fills, strokes [layout.Roles]bool
	fills[layout.Paper] = true
	for i := range p.Marks {
		if m := &p.Marks[i]; m.Shape == layout.Stroke {
			strokes[m.Role] = true
		} else {
			fills[m.Role] = true
		}
	}
	out.WriteString("\n@media (prefers-color-scheme:dark){\n")
	for role := range light {
		from, to := css(light[role]), css(dark[role])
		if fills[role] {
			fmt.Fprintf(out, "[fill=\"%s\"]{fill:%s}", from, to)
		}
		if strokes[role] {
			fmt.Fprintf(out, "[stroke=\"%s\"]{stroke:%s}", from, to)
		}
		if fills[role] || strokes[role] {
			out.WriteByte('\n')
		}
	}
	out.WriteString("}")
}

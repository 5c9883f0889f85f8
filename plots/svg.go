package plots

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/tcpsim/tcpsim/plots/layout"
)

// svgCanvas wraps vgsvg so that marks come in groups. vgsvg has no way to
// write an element of one's own, so the canvas writes texts that stand for
// them, and svg puts the elements in their place.
type svgCanvas struct {
	*vgsvg.Canvas
	f faces
}

// The texts that stand for elements. Layouts write printable ASCII only, so
// that none of theirs looks like one.
const (
	enterMark = '\uE000'
	leaveMark = '\uE001'
)

func (c *svgCanvas) enter(group int) {
	c.FillString(c.f[0], vg.Point{}, fmt.Sprintf("%c%d", enterMark, group))
}

func (c *svgCanvas) leave() { c.FillString(c.f[0], vg.Point{}, string(leaveMark)) }

func svg(out *bytes.Buffer, p *layout.Picture, theme Theme) error {
	f := fonts()
	c := &svgCanvas{vgsvg.New(vg.Length(p.Width.Points()), vg.Length(p.Height.Points())), f}
	paint(c, p, theme.palette(), f)
	var raw bytes.Buffer
	if _, err := c.WriteTo(&raw); err != nil {
		return err
	}
	body := raw.String()
	// vgsvg's header has a fixed size and no room for what follows here.
	start := strings.Index(body, "<g transform")
	if start < 0 {
		return fmt.Errorf("vgsvg wrote no group")
	}
	body = svgFonts.Replace(body[start:])
	seen := make([]bool, len(p.Groups))
	body = standIn.ReplaceAllStringFunc(body, func(m string) string { return element(m, p, seen) })
	writeHeader(out, p, theme)
	out.WriteString(body)
	return nil
}

// standIn matches a text element that stands for another element.
var standIn = regexp.MustCompile("<text [^>]*>[\uE000\uE001][^<]*</text>")

// element is what a stand-in stands for. The first appearance of a group has
// its id; all have its title, which a pointing device shows.
func element(m string, p *layout.Picture, seen []bool) string {
	i := strings.IndexRune(m, enterMark)
	if i < 0 {
		return "</g>"
	}
	digits, _, _ := strings.Cut(m[i+len(string(enterMark)):], "<")
	group, err := strconv.Atoi(digits)
	if err != nil || group >= len(p.Groups) {
		panic("a stand-in for no group: " + m) // only enter writes them
	}
	g := &p.Groups[group]
	if g.Kind == layout.Frame {
		return "<g>"
	}
	class := groupClass[g.Kind]
	id := ""
	if !seen[group] {
		seen[group] = true
		id = fmt.Sprintf(` id="%s"`, html.EscapeString(g.ID))
	}
	return fmt.Sprintf(`<g class="%s"%s%s><title>%s</title>`, class, id, numbers(g), html.EscapeString(g.Hover))
}

var groupClass = [...]string{
	layout.Segment: "segment", layout.State: "state", layout.Timer: "timer", layout.Remark: "remark", layout.Block: "block",
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

// svgFonts names fonts of the same widths for pages without Liberation, and
// drops what says nothing.
var svgFonts = strings.NewReplacer(
	"font-family:Liberation Sans;", "font-family:'Liberation Sans',Arial,Helvetica,sans-serif;",
	"font-family:Liberation Mono;", "font-family:'Liberation Mono','Courier New',monospace;",
	"font-variant:normal;", "", "font-variant:none;", "", "font-weight:normal;", "", "font-style:normal;", "",
	";stroke-opacity:1", "", ";fill-opacity:1", "",
)

func writeHeader(out *bytes.Buffer, p *layout.Picture, theme Theme) {
	fmt.Fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.6g %.6g\" role=\"img\" aria-labelledby=\"title desc\">\n",
		p.Width.Points(), p.Height.Points())
	fmt.Fprintf(out, "<title id=\"title\">%s</title>\n<desc id=\"desc\">", html.EscapeString(p.Title))
	for i, line := range p.Description {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(html.EscapeString(line))
	}
	out.WriteString("</desc>\n")
	if theme == Auto {
		writeDark(out)
	}
	fmt.Fprintf(out, "<rect width=\"100%%\" height=\"100%%\" style=\"fill:%s\"/>\n", css(theme.palette()[layout.Paper]))
}

// writeDark writes the rules that turn each light colour into its dark one.
// The colours themselves stay literal in the elements: with CSS variables rsvg
// draws almost nothing.
func writeDark(out *bytes.Buffer) {
	out.WriteString("<style>@media (prefers-color-scheme:dark){\n")
	for role := range light {
		from, to := css(light[role]), css(dark[role])
		fmt.Fprintf(out, "[style*=\"fill:%s\"]{fill:%s!important}[style*=\"stroke:%s\"]{stroke:%s!important}\n", from, to, from, to)
	}
	out.WriteString("}</style>\n")
}

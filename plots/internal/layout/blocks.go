package layout

import (
	"fmt"

	"github.com/tcpsim/tcpsim/plots/internal/story"
)

// blocks plans the stretches that are told in one block.
func (l *ladder) blocks() {
	begins := make([]int, len(l.Bulks))
	for row := range l.Moments {
		m := &l.Moments[row]
		switch m.Kind {
		case story.BulkBegins:
			begins[m.Index] = row
		case story.BulkEnds:
			l.block(begins[m.Index], row, &l.Bulks[m.Index])
		}
	}
}

func blockGroup(b *story.Bulk) Group {
	g := Group{
		Kind: Block, ID: fmt.Sprintf("block-%d", b.First), States: b.States,
	}
	if b.First > 0 {
		g.Shows = []Range{{b.First, b.Last}}
	}
	for _, c := range b.Causes {
		if c.What != story.NoCause {
			g.Causes += c.N
		}
	}
	for _, t := range b.Lines() {
		if g.Hover != "" {
			g.Hover += "\n"
		}
		g.Hover += t
	}
	return g
}

func (l *ladder) block(begin, end int, b *story.Bulk) {
	const pad = 8 * PointUnit
	group := l.group(blockGroup(b))
	inset := bandHalf + 6*PointUnit
	x0, x1 := l.line[0]+inset, l.line[1]-inset
	var lines []string
	for _, t := range b.Lines() {
		lines = append(lines, wrap(t, Sans, sizeText, (x1-x0-2*pad)*100/115)...)
	}
	height := Unit(len(lines))*lineHeight + 4*pad
	l.rows.atLeast(begin, end, height)
	l.bodies = append(l.bodies, body{row: begin, label: true, place: func() Quad {
		return rect(x0, l.y(begin), x1, l.y(begin)+height)
	}})
	l.draw = append(l.draw, func() {
		y0, y1 := l.y(begin)+pad, l.y(end)-pad
		l.box(Grid, BlockFill, group, rect(x0, y0, x1, y1))
		l.stroke(Grid, Muted, group, PointUnit, Dotted, Pos{x0, y0}, Pos{x1, y0})
		l.stroke(Grid, Muted, group, PointUnit, Dotted, Pos{x0, y1}, Pos{x1, y1})
		for n, t := range lines {
			w := Width(t, Sans, sizeText)
			p := Pos{(x0+x1)/2 - w/2, y0 + pad + Unit(n)*lineHeight + 9*PointUnit}
			l.text(Labels, Ink, group, p, t, Sans, sizeText)
		}
	})
}

package plots

import (
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
)

// targetWidth is how wide a line is for a pointing device: as high as a line of
// text.
const targetWidth = 10

// mostShapes is how many shapes a target follows. That of a group with more is
// the frame around them.
const mostShapes = 100

// targets are the paths that a pointing device meets, in whole points: for each
// group its lines and the middles of its texts, else the edges of its areas.
func targets(p *layout.Picture) []string {
	marks := make([][]*layout.Mark, len(p.Groups))
	for i := range p.Marks {
		if m := &p.Marks[i]; p.Groups[m.Group].Kind != layout.Frame {
			marks[m.Group] = append(marks[m.Group], m)
		}
	}
	paths := make([]string, len(p.Groups))
	for i := range paths {
		paths[i] = target(marks[i])
	}
	return paths
}

func target(marks []*layout.Mark) string {
	if len(marks) > mostShapes {
		return along(around(marks))
	}
	lines, areas := "", ""
	for _, m := range marks {
		switch q := m.Box; {
		case m.Shape == layout.Text:
			lines += along([]layout.Pos{middle(q[0], q[3]), middle(q[1], q[2])})
		case m.Shape == layout.Stroke && m.Layer >= layout.Lines:
			lines += along(m.Points)
		default:
			areas += along(append(m.Points[:len(m.Points):len(m.Points)], m.Points[0]))
		}
	}
	if lines == "" {
		return areas
	}
	return lines
}

func middle(a, b layout.Pos) layout.Pos { return layout.Pos{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2} }

// along is the path along some places.
func along(points []layout.Pos) string {
	var b strings.Builder
	for i, q := range points {
		if i == 0 {
			b.WriteByte('M')
		} else {
			b.WriteByte('L')
		}
		b.WriteString(strconv.FormatInt(int64(q.X/layout.PointUnit), 10))
		b.WriteByte(' ')
		b.WriteString(strconv.FormatInt(int64(q.Y/layout.PointUnit), 10))
	}
	return b.String()
}

// around is the frame around marks.
func around(marks []*layout.Mark) []layout.Pos {
	low, high := marks[0].Points[0], marks[0].Points[0]
	for _, m := range marks {
		for _, q := range m.Points {
			low = layout.Pos{X: min(low.X, q.X), Y: min(low.Y, q.Y)}
			high = layout.Pos{X: max(high.X, q.X), Y: max(high.Y, q.Y)}
		}
	}
	return []layout.Pos{low, {X: high.X, Y: low.Y}, high, {X: low.X, Y: high.Y}, low}
}

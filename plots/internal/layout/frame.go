package layout

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// descriptionLimit is how many segments a description lists one by one.
const descriptionLimit = 1000

// describe words the picture for who cannot see it: a line per segment.
func describe(s *story.Story, title string) []string {
	lines := []string{title + ". " + s.Caption + "."}
	listed := 0
	for i := range s.Arrows {
		for _, n := range s.Arrows[i].Segments {
			if listed++; listed > descriptionLimit {
				continue
			}
			lines = append(lines, story.Hover(&s.Trace.Segments[n]))
		}
	}
	if listed > descriptionLimit {
		lines = append(lines, fmt.Sprintf("and %d more segments", listed-descriptionLimit))
	}
	for i := range s.Bulks {
		lines = append(lines, s.Bulks[i].Lines()...)
	}
	return lines
}

func chooseTitle(s *story.Story, o Options) string {
	if o.Title != "" {
		return story.ASCII(o.Title)
	}
	return s.Title
}

func chooseCaption(s *story.Story, o Options) string {
	c := s.Caption
	if o.Version != "" {
		c += ", tcpsim " + story.ASCII(o.Version)
	}
	if s.From > 0 || s.To < s.Trace.End {
		c += fmt.Sprintf(", from %s to %s", story.Clock(s.From), story.Clock(s.To))
	}
	return c
}

// heading puts title and caption on top and returns where they end.
func (c *canvas) heading(s *story.Story, o Options, width Unit, group int) Unit {
	y := edge
	room := (width - 2*edge) * 100 / 115
	for _, t := range wrap(chooseTitle(s, o), Bold, sizeTitle, room) {
		y += 17 * PointUnit
		c.text(Labels, Ink, group, Pos{edge, y - 3*PointUnit}, t, Bold, sizeTitle)
	}
	for _, t := range wrap(chooseCaption(s, o), Sans, sizeText, room) {
		y += 13 * PointUnit
		c.text(Labels, Muted, group, Pos{edge, y}, t, Sans, sizeText)
	}
	return y
}

// names lays out title, caption and the names of the lifelines.
func (l *ladder) names() {
	group := l.group(Group{Kind: Frame})
	y := l.heading(l.Story, l.options, l.width, group) + 22*PointUnit
	var taken Unit
	for side := range l.line {
		t := l.Headers[side]
		w := Width(t, Bold, sizeHeader)
		x := l.line[side] - w/2
		x = max(edge, min(x, l.width-edge-slack(w)))
		if side > 0 && x < taken { // long IPv6 addresses
			y += 14 * PointUnit
		}
		taken = x + slack(w) + 4*PointUnit
		l.text(Labels, Ink, group, Pos{x, y}, t, Bold, sizeHeader)
	}
	l.top = y + 24*PointUnit
	if len(l.Arrows) == 0 && len(l.Bulks) == 0 {
		t := "nothing was sent"
		w := Width(t, Sans, sizeText)
		l.draw = append(l.draw, func() {
			mid := (l.line[0] + l.line[1]) / 2
			l.text(Labels, Muted, group, Pos{mid - w/2, l.top + 4*PointUnit}, t, Sans, sizeText)
		})
	}
}

// times draws the gutter and the grid: one line for each instant that has room.
func (l *ladder) times() {
	group := l.group(Group{Kind: Frame})
	last, done := Unit(-1<<40), time.Duration(-1)
	for row := range l.Moments {
		m := &l.Moments[row]
		if m.At == done || m.Kind == story.Vanishes || l.shown[row] != row {
			continue
		}
		done = m.At
		y := l.y(row)
		if y-last < lineHeight {
			continue
		}
		last = y
		t := story.Clock(m.At)
		l.text(Labels, Muted, group, Pos{l.gutter - Width(t, Mono, sizeText), y + 7*PointUnit/2}, t, Mono, sizeText)
		l.stroke(Grid, Rule, group, 3*PointUnit/4, Solid, Pos{l.gutter + gutterGap, y}, Pos{l.line[trace.Server], y})
	}
}

// foot says why the run was ended.
func (l *ladder) foot() {
	if l.Ended == "" {
		return
	}
	group := l.group(Group{Kind: Frame})
	for _, t := range wrap(l.Ended, Sans, sizeText, (l.width-2*edge)*100/115) {
		l.bottom += 14 * PointUnit
		l.text(Labels, Muted, group, Pos{edge, l.bottom}, t, Sans, sizeText)
	}
}

// measure finds the lowest mark.
func (l *ladder) measure() {
	for _, marks := range l.layers {
		for i := range marks {
			for _, p := range marks[i].Points {
				l.bottom = max(l.bottom, p.Y)
			}
			if marks[i].Shape == Text {
				_, _, _, y := marks[i].Box.bounds()
				l.bottom = max(l.bottom, y)
			}
		}
	}
	l.bottom += 8 * PointUnit
}

package layout

import (
	"fmt"
	"sort"
	"strings"

	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// rulesLimit is how many RSTs have a rule of their own. More than that have
// ticks at the upper edge.
const (
	rulesLimit = 40
	tickSize   = 8 * PointUnit
)

// rules draws a dashed rule over the full height at every RST, with its cause
// where that has room and in the strip beneath the picture where not.
func (q *sequence) rules() {
	var resets []int
	for i := range q.Trace.Segments {
		s := &q.Trace.Segments[i]
		if q.inside(s) && story.KindOf(s) == story.Rst {
			resets = append(resets, i)
		}
	}
	if len(resets) > rulesLimit || q.many {
		q.countResets(resets)
		return
	}
	for _, i := range resets {
		s := &q.Trace.Segments[i]
		group := q.group(Group{
			Kind: Remark, ID: fmt.Sprintf("reset-%d", s.Number), Hover: story.Hover(s),
			Causes: causesOf(s), Shows: []Range{{s.Number, s.Number}},
		})
		x := q.x(q.seenAt(s, s.From))
		why := q.reason(i)
		written := false
		for side := range q.panels {
			p := &q.panels[side]
			q.stroke(Grid, RoleRst, group, 3*PointUnit/2, Dashed, Pos{x, p.top}, Pos{x, p.top + p.height})
			short, _, _ := strings.Cut(why, " (")
			for _, t := range [...]string{why, short} {
				written = written || q.upright(RoleRst, group, x+3*PointUnit, p.top, p.top+p.height, t) ||
					q.upright(RoleRst, group, x-13*PointUnit, p.top, p.top+p.height, t)
			}
		}
		if !written {
			q.strip = append(q.strip, story.Clock(s.SentAt)+": "+why)
		}
	}
}

func causesOf(s *trace.Segment) int {
	if s.Cause == nil {
		return 0
	}
	return 1
}

// reason words a RST: #7 RST 1: unread data (RFC 2525 2.17).
func (q *sequence) reason(i int) string {
	s := &q.Trace.Segments[i]
	words := story.Words(s)
	if len(words) == 0 {
		return story.Label(s)
	}
	return fmt.Sprintf("#%d RST: %s", s.Number, strings.ReplaceAll(strings.Join(words, ", "), "\n", " "))
}

// countResets counts by cause what is too much to draw.
func (q *sequence) countResets(resets []int) {
	if len(resets) == 0 {
		return
	}
	counts := map[string]int{}
	group := Group{Kind: Remark, ID: "resets"}
	for _, i := range resets {
		s := &q.Trace.Segments[i]
		what := "no cause"
		if s.Cause != nil {
			what = strings.ReplaceAll(story.ASCII(s.Cause.Label()), "-", " ")
			group.Causes++
		}
		counts[what]++
		if n := s.Number; !q.many { // else the summary counts it
			group.Shows = append(group.Shows, Range{n, n})
		}
	}
	names := make([]string, 0, len(counts))
	for n := range counts {
		names = append(names, n)
	}
	sort.Strings(names)
	for i, n := range names {
		names[i] = fmt.Sprintf("%s: %d", n, counts[n])
	}
	group.Hover = "RSTs by cause: " + strings.Join(names, ", ")
	g := q.group(group)
	for _, i := range resets {
		s := &q.Trace.Segments[i]
		x := q.x(q.seenAt(s, s.From))
		if n := len(q.layers[Grid]); n > 0 && q.layers[Grid][n-1].Group == g && q.layers[Grid][n-1].Points[0].X/PointUnit == x/PointUnit {
			continue
		}
		for side := range q.panels {
			p := &q.panels[side]
			if len(resets) > rulesLimit {
				q.stroke(Grid, RoleRst, g, PointUnit, Solid, Pos{x, p.top}, Pos{x, p.top + tickSize})
			} else {
				q.stroke(Grid, RoleRst, g, PointUnit, Dashed, Pos{x, p.top}, Pos{x, p.top + p.height})
			}
		}
	}
	q.strip = append(q.strip, group.Hover)
}

// causes writes the strip beneath the picture.
func (q *sequence) causes() {
	if q.Ended != "" {
		q.strip = append(q.strip, q.Ended)
	}
	for _, t := range q.strip {
		for _, line := range wrap(t, Sans, sizeText, (q.width-2*edge)*100/115) {
			q.y += 13 * PointUnit
			q.label(Muted, q.frame, Pos{edge, q.y}, line, Sans, sizeText)
		}
	}
	q.y += 4 * PointUnit
}

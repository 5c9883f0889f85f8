// Package layouttest checks what must hold of every picture, whatever trace it
// shows: nothing is cut, no two labels touch, and everything in the trace is
// told once.
//
//	p := layout.Ladder(story.Of(tr, story.Window{}), layout.Options{})
//	for _, f := range layouttest.Faults(p, tr, story.Window{}) {
//		t.Error(f)
//	}
package layouttest

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// Faults lists what is wrong with the picture of a part of a trace.
func Faults(p *layout.Picture, t *trace.Trace, w story.Window) []string {
	c := &check{p: p, t: t, w: w}
	c.places()
	c.segments()
	c.changes()
	c.edges()
	return c.faults
}

type check struct {
	p      *layout.Picture
	t      *trace.Trace
	w      story.Window
	faults []string
}

func (c *check) faultf(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

func (c *check) within(at time.Duration) bool {
	return at >= c.w.From && (c.w.To == 0 || at <= c.w.To)
}

// places checks that all is on the picture, and that labels can be read.
func (c *check) places() {
	var texts []*layout.Mark
	for i := range c.p.Marks {
		m := &c.p.Marks[i]
		for _, q := range m.Points {
			if q.X < 0 || q.Y < 0 || q.X > c.p.Width || q.Y > c.p.Height {
				c.faultf("%v of a mark (text %q) lies outside %v x %v", q, m.Text, c.p.Width, c.p.Height)
			}
		}
		if m.Shape == layout.Text {
			texts = append(texts, m)
		}
	}
	for i, a := range texts {
		if a.Size < layout.Pt(10) {
			c.faultf("text %q is smaller than ten points", a.Text)
		}
		for _, q := range a.Box {
			if q.Y < 0 || q.Y > c.p.Height || q.X < 0 || q.X > c.p.Width {
				c.faultf("text %q needs %v, outside %v x %v", a.Text, q, c.p.Width, c.p.Height)
			}
		}
		for _, b := range texts[i+1:] {
			if layout.Overlap(a.Box, b.Box) {
				c.faultf("labels overlap: %q %v and %q %v", a.Text, a.Box, b.Text, b.Box)
			}
		}
	}
}

// segments checks that each is shown once, and its cause with it.
func (c *check) segments() {
	marked := make([]bool, len(c.p.Groups))
	for i := range c.p.Marks {
		marked[c.p.Marks[i].Group] = true
	}
	shown := make([]int, len(c.t.Segments)+1)
	causes := 0
	for i, g := range c.p.Groups {
		for _, r := range g.Shows {
			for n := r.First; n <= r.Last; n++ {
				shown[n]++
			}
		}
		if len(g.Shows) > 0 && !marked[i] {
			c.faultf("nothing is drawn for %v", g.Shows)
		}
		causes += g.Causes
	}
	wantCauses := 0
	for i := range c.t.Segments {
		s := &c.t.Segments[i]
		want := 0
		if c.within(s.SentAt) {
			want = 1
			if s.Cause != nil {
				wantCauses++
			}
		}
		if shown[s.Number] != want {
			c.faultf("segment #%d is shown %d times, want %d", s.Number, shown[s.Number], want)
		}
	}
	if causes != wantCauses {
		c.faultf("%d causes of RSTs are shown, want %d", causes, wantCauses)
	}
}

// changes checks that each change of state is shown once.
func (c *check) changes() {
	states, want := 0, 0
	for _, g := range c.p.Groups {
		states += g.States
	}
	for _, e := range c.t.Events {
		if e.Kind == trace.Changed && c.within(e.At) {
			want++
		}
	}
	if states != want {
		c.faultf("%d changes of state are shown, want %d", states, want)
	}
}

// edges checks that the light area of a state in which a connection opens has
// an edge: alone it hardly stands out from a light page.
func (c *check) edges() {
	for i := range c.p.Marks {
		m := &c.p.Marks[i]
		if m.Shape != layout.Fill || m.Role != layout.Opening {
			continue
		}
		if i+1 == len(c.p.Marks) || c.p.Marks[i+1].Role != layout.ClosedLine || len(c.p.Marks[i+1].Points) != 5 {
			c.faultf("the state at %v has no edge", m.Points[0])
		}
	}
}

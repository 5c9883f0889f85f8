package plots_test

import (
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/plots/layout"
	"github.com/tcpsim/tcpsim/plots/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

var layouts = []struct {
	name string
	lay  func(*story.Story, layout.Options) *layout.Picture
}{{"ladder", layout.Ladder}, {"sequence", layout.Sequence}}

// sound checks what must hold of every picture.
func sound(t *testing.T, what string, p *layout.Picture, tr *trace.Trace, w story.Window) {
	t.Helper()
	marked := make([]bool, len(p.Groups))
	var texts []*layout.Mark
	for i := range p.Marks {
		m := &p.Marks[i]
		marked[m.Group] = true
		for _, q := range m.Points {
			if q.X < 0 || q.Y < 0 || q.X > p.Width || q.Y > p.Height {
				t.Errorf("%s: %v of a mark (text %q) lies outside %v x %v", what, q, m.Text, p.Width, p.Height)
			}
		}
		if m.Shape == layout.Text {
			texts = append(texts, m)
		}
	}
	for i, a := range texts {
		if a.Size < layout.Pt(10) {
			t.Errorf("%s: text %q is smaller than ten points", what, a.Text)
		}
		for _, b := range texts[i+1:] {
			if layout.Overlap(a.Box, b.Box) {
				t.Errorf("%s: labels overlap: %q %v and %q %v", what, a.Text, a.Box, b.Text, b.Box)
			}
		}
	}
	complete(t, what, p, marked, tr, w)
}

// complete checks that everything in the window is shown exactly once.
func complete(t *testing.T, what string, p *layout.Picture, marked []bool, tr *trace.Trace, w story.Window) {
	t.Helper()
	within := func(at time.Duration) bool { return at >= w.From && (w.To == 0 || at <= w.To) }
	shown := make([]int, len(tr.Segments)+1)
	states, causes := 0, 0
	for i, g := range p.Groups {
		for _, r := range g.Shows {
			for n := r.First; n <= r.Last; n++ {
				shown[n]++
			}
		}
		if len(g.Shows) > 0 && !marked[i] {
			t.Errorf("%s: nothing is drawn for %v", what, g.Shows)
		}
		states += g.States
		causes += g.Causes
	}
	wantCauses := 0
	for i := range tr.Segments {
		s := &tr.Segments[i]
		want := 0
		if within(s.SentAt) {
			want = 1
			if s.Cause != nil {
				wantCauses++
			}
		}
		if shown[s.Number] != want {
			t.Errorf("%s: segment #%d is shown %d times, want %d", what, s.Number, shown[s.Number], want)
		}
	}
	wantStates := 0
	for _, e := range tr.Events {
		if e.Kind == trace.Changed && within(e.At) {
			wantStates++
		}
	}
	if states != wantStates {
		t.Errorf("%s: %d changes of state are shown, want %d", what, states, wantStates)
	}
	if causes != wantCauses {
		t.Errorf("%s: %d causes of RSTs are shown, want %d", what, causes, wantCauses)
	}
}

func TestPicturesOfRandomTracesAreSound(t *testing.T) {
	n := uint64(1000)
	if testing.Short() {
		n = 100
	}
	for seed := range n {
		tr := randomTrace(seed)
		w := story.Window{}
		if seed%5 == 4 {
			w = story.Window{From: tr.End / 4, To: tr.End/2 + 1}
		}
		for _, l := range layouts {
			o := layout.Options{View: layout.View(seed % 4)}
			if seed%7 == 6 {
				o.Width = 560
			}
			sound(t, l.name+" of "+tr.Title, l.lay(story.Of(tr, w), o), tr, w)
			if t.Failed() {
				return
			}
		}
	}
}

func TestPicturesOfRealTracesAreSound(t *testing.T) {
	for _, r := range runs(t) {
		tr := r.trace(t)
		for _, l := range layouts {
			sound(t, l.name+" of "+r.name, l.lay(story.Of(tr, story.Window{}), layout.Options{}), tr, story.Window{})
		}
	}
}

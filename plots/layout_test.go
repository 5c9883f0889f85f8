package plots_test

import (
	"testing"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
	"github.com/tcpsim/tcpsim/plots/internal/layout/layouttest"
	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

var layouts = []struct {
	name string
	lay  func(*story.Story, layout.Options) *layout.Picture
}{{"ladder", layout.Ladder}, {"sequence", layout.Sequence}}

// sound checks what must hold of every picture.
func sound(t *testing.T, what string, p *layout.Picture, tr *trace.Trace, w story.Window) {
	t.Helper()
	for _, f := range layouttest.Faults(p, tr, w) {
		t.Errorf("%s: %s", what, f)
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

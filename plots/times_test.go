package plots_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
	"github.com/tcpsim/tcpsim/plots/internal/story"
)

var clock = regexp.MustCompile(`^[0-9.]+ m?s$`)

// TestNothingStandsAtTheTimeOfAnotherInstant: a reader follows the line from a
// time in the gutter. What is beside a lifeline must not meet the line of a
// time that is not its own.
func TestNothingStandsAtTheTimeOfAnotherInstant(t *testing.T) {
	for _, r := range runs(t) {
		p := layout.Ladder(story.Of(r.trace(t), story.Window{}), layout.Options{})
		times := map[layout.Unit]string{} // of the lines across the picture, by their heights
		last := ""
		for i := range p.Marks {
			m := &p.Marks[i]
			if m.Shape == layout.Stroke && m.Role == layout.Rule {
				times[m.Points[0].Y] = ""
			}
		}
		for i := range p.Marks {
			m := &p.Marks[i]
			if m.Shape == layout.Text && p.Groups[m.Group].Kind == layout.Frame && clock.MatchString(m.Text) {
				y := m.Points[0].Y - 7*layout.PointUnit/2
				if _, ok := times[y]; !ok {
					t.Errorf("%s: %s stands at no line", r.name, m.Text)
				}
				times[y] = m.Text
				last = m.Text
			}
		}
		if last == "" && len(p.Description) > 1 {
			t.Errorf("%s: no times", r.name)
		}
		for i := range p.Marks {
			m := &p.Marks[i]
			g := &p.Groups[m.Group]
			if g.Kind != layout.State && g.Kind != layout.Remark || m.Layer != layout.Lifelines {
				continue
			}
			own, _, _ := strings.Cut(g.Hover, ": ")
			for y, at := range times {
				if d := y - m.Points[0].Y; at != own && d < layout.Pt(8) && -d < layout.Pt(8) {
					t.Errorf("%s: %q stands at the line of %s", r.name, g.Hover, at)
				}
			}
		}
	}
}

package layout

import (
	"time"

	"github.com/tcpsim/tcpsim/plots/internal/story"
)

// instantsOf lists the distinct instants of a story's moments, and the first
// moment of each.
func instantsOf(s *story.Story) ([]Instant, map[time.Duration]int) {
	var list []Instant
	first := make(map[time.Duration]int)
	flying := 0
	for i := range s.Moments {
		m := &s.Moments[i]
		if n := len(list); n == 0 || list[n-1].At != m.At {
			in := Instant{At: m.At, Flying: flying > 0}
			if n > 0 {
				in.Wait = s.Wait(i)
			}
			list = append(list, in)
			first[m.At] = i
		}
		switch m.Kind {
		case story.Sends:
			flying++
		case story.Arrives, story.Vanishes:
			flying--
		}
	}
	return list, first
}

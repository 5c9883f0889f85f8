package layout

import (
	"sort"
	"time"
)

// TimeMap is the way from time to place that both kinds of picture use:
// straight pieces between knots, and breaks where a long wait is cut out. As a
// plot.Normalizer it serves gonum's axes too.
type TimeMap struct {
	Knots  []Knot
	Breaks []Break
}

// Knot fixes the place of an instant.
type Knot struct {
	At time.Duration
	To Unit
}

// Break is a wait that is cut out of the axis.
type Break struct {
	From, To time.Duration
	Start    Unit
	End      Unit
	Wait     string // what is waited for, and how long: 2MSL: 60 s
}

// Place is where an instant stands.
func (m *TimeMap) Place(at time.Duration) Unit {
	k := m.Knots
	switch {
	case len(k) == 0:
		return 0
	case at <= k[0].At:
		return k[0].To
	case at >= k[len(k)-1].At:
		return k[len(k)-1].To
	}
	i := sort.Search(len(k), func(i int) bool { return k[i].At > at })
	a, b := k[i-1], k[i]
	return a.To + Unit(mulDiv(int64(b.To-a.To), int64(at-a.At), int64(b.At-a.At)))
}

// mulDiv is a*b/c for b of at most c, without leaving 64 bits: times in
// nanoseconds times lengths would.
func mulDiv(a, b, c int64) int64 {
	if c == 0 {
		return 0
	}
	for c > 1<<30 {
		b, c = b>>1, c>>1
	}
	return a * b / c
}

// Normalize implements plot.Normalizer over seconds.
func (m *TimeMap) Normalize(low, high, x float64) float64 {
	at := func(s float64) float64 { return m.Place(time.Duration(s * float64(time.Second))).Points() }
	if a, b := at(low), at(high); b > a {
		return (at(x) - a) / (b - a)
	}
	return 0
}

// Scale says how a TimeMap is made.
type Scale struct {
	Trip      time.Duration // the median one-way trip
	TripSize  Unit          // how long that is drawn
	Longest   Unit          // a longer wait is broken
	BreakSize Unit
}

// Instant is one instant with something in it, for a Scale to place.
type Instant struct {
	At     time.Duration
	Flying bool   // something is under way in the gap before it
	Wait   string // what the gap before it waits for
}

// Map places instants that ascend. The same rule serves both pictures: time
// runs in scale; a wait that is longer than Longest becomes a break. While
// something is under way only a far longer one does.
func (s Scale) Map(instants []Instant) *TimeMap {
	m := &TimeMap{}
	if len(instants) == 0 {
		return m
	}
	unit := s.Trip
	if unit <= 0 {
		unit = smallestGap(instants)
	}
	y := Unit(0)
	m.Knots = append(m.Knots, Knot{instants[0].At, 0})
	straight := false // whether the last piece runs in scale
	for i := 1; i < len(instants); i++ {
		gap := instants[i].At - instants[i-1].At
		limit := s.Longest
		if instants[i].Flying {
			limit *= 2
		}
		size := limit + 1
		if gap < 1000*unit {
			size = Unit(int64(s.TripSize) * int64(gap) / int64(unit))
		}
		broken := size > limit
		if broken {
			m.Breaks = append(m.Breaks, Break{
				From: instants[i-1].At, To: instants[i].At, Start: y, End: y + s.BreakSize, Wait: instants[i].Wait,
			})
			size = s.BreakSize
		}
		y += size
		if straight && !broken {
			m.Knots = m.Knots[:len(m.Knots)-1] // one piece with the one before
		}
		m.Knots = append(m.Knots, Knot{instants[i].At, y})
		straight = !broken
	}
	return m
}

// Stretch changes the map's extent to size. Breaks get a size of their own:
// only what runs in scale is stretched.
func (m *TimeMap) Stretch(size, breakSize Unit) {
	if len(m.Knots) == 0 {
		return
	}
	old := m.scaled()
	scaled := size - breakSize*Unit(len(m.Breaks))
	at, sum, next := Unit(0), Unit(0), 0
	before := m.Knots[0]
	for i := 1; i < len(m.Knots); i++ {
		k := m.Knots[i]
		if next < len(m.Breaks) && m.Breaks[next].To == k.At {
			m.Breaks[next].Start, m.Breaks[next].End = at, at+breakSize
			next++
			at += breakSize
		} else {
			was := mulDiv(int64(scaled), int64(sum), int64(max(1, old)))
			sum += k.To - before.To
			at += Unit(mulDiv(int64(scaled), int64(sum), int64(max(1, old))) - was)
		}
		before = k
		m.Knots[i].To = at
	}
}

// scaled is how much of the map's extent runs in scale.
func (m *TimeMap) scaled() Unit {
	if len(m.Knots) == 0 {
		return 0
	}
	size := m.Knots[len(m.Knots)-1].To
	for _, b := range m.Breaks {
		size -= b.End - b.Start
	}
	return size
}

// smallestGap stands in for the trip where the link has no latency.
func smallestGap(instants []Instant) time.Duration {
	least := time.Duration(0)
	for i := 1; i < len(instants); i++ {
		if gap := instants[i].At - instants[i-1].At; gap > 0 && (least == 0 || gap < least) {
			least = gap
		}
	}
	if least == 0 {
		return time.Millisecond
	}
	return least
}

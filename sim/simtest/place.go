package simtest

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
)

// place is a moment in what the ending side writes on a connection. It does not
// depend on how much is written in all, so that a place alone can be run again.
type place struct {
	Bytes int  // that the socket has taken
	Next  bool // not then, but when the code hands over the next one
}

// String is the name of the place's subtest.
func (p place) String() string {
	if p.Next {
		return fmt.Sprintf("before_byte_%d", p.Bytes+1)
	}
	return fmt.Sprintf("after_%d_bytes", p.Bytes)
}

var placeName = regexp.MustCompile(`after_(\d+)_bytes|before_byte_(\d+)`)

// placesIn are the places that a pattern names.
func placesIn(pattern string) []place {
	var found []place
	for _, m := range placeName.FindAllStringSubmatch(pattern, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil {
			found = append(found, place{Bytes: n})
		}
		if n, err := strconv.Atoi(m[2]); err == nil && n > 0 {
			found = append(found, place{Bytes: n - 1, Next: true})
		}
	}
	return found
}

// written is what a connection has written in a run that nobody disturbed.
type written struct {
	Total  int   // bytes
	Writes []int // where each Write began, in bytes
	Turns  []int // where the first Write began after the peer had said something
}

// places are those to try, at most e.Points of them. What matters is where
// something begins or ends: the connection itself, what is said between two
// things that the peer says, a Write. What is left of the number is spread
// evenly over the bytes.
func (e *Endings) places(w written) []place {
	if e.After != nil {
		var places []place
		for _, n := range e.After {
			places = append(places, place{Bytes: n})
		}
		return places
	}
	n := e.Points
	switch {
	case n == 0:
		n = usualPoints
	case n < 0:
		n = math.MaxInt
	}
	chosen := map[place]bool{}
	add := func(candidates []place) {
		fresh := slices.DeleteFunc(candidates, func(p place) bool { return chosen[p] || p.Bytes < 0 || p.Bytes > w.Total })
		slices.SortFunc(fresh, place.compare)
		fresh = slices.Compact(fresh)
		for _, p := range evenly(fresh, n-len(chosen)) {
			chosen[p] = true
		}
	}
	add([]place{{Bytes: 0}, {Bytes: w.Total}})
	add(boundaries(w.Turns[min(1, len(w.Turns)):]))
	add(middles(w.Turns, w.Total))
	add(boundaries(w.Writes)) // the first of which is the first turn
	add(middles(w.Writes, w.Total))
	var bytes []place
	for b := range w.Total {
		bytes = append(bytes, place{Bytes: b})
	}
	add(bytes)
	places := make([]place, 0, len(chosen))
	for p := range chosen {
		places = append(places, p)
	}
	slices.SortFunc(places, place.compare)
	return places
}

// usualPoints is enough for three things said, before, inside and after each.
const usualPoints = 10

func (p place) compare(q place) int {
	next := func(p place) int {
		if p.Next {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(p.Bytes, q.Bytes), cmp.Compare(next(p), next(q)))
}

// boundaries are the ends of what was written before each start, and the
// moments at which what follows begins: the connection is idle in between.
func boundaries(starts []int) []place {
	var places []place
	for _, b := range starts {
		places = append(places, place{Bytes: b}, place{Bytes: b, Next: true})
	}
	return places
}

// middles are inside of what was written from each start to the next.
func middles(starts []int, total int) []place {
	var places []place
	for i, b := range starts {
		end := total
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		if end > b+1 {
			places = append(places, place{Bytes: b + (end-b)/2})
		}
	}
	return places
}

// evenly takes n of the places, from the first to the last.
func evenly(places []place, n int) []place {
	if n >= len(places) {
		return places
	}
	if n <= 0 {
		return nil
	}
	if n == 1 {
		return places[len(places)/2:][:1]
	}
	taken := make([]place, 0, n)
	for i := range n {
		taken = append(taken, places[i*(len(places)-1)/(n-1)])
	}
	return taken
}

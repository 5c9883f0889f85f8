package layout

import (
	"testing"
	"time"
)

const ms = time.Millisecond

var scale = Scale{Trip: 10 * ms, TripSize: 28 * PointUnit, Longest: 72 * PointUnit, BreakSize: 36 * PointUnit}

func TestTimeRunsInScaleAndALongWaitIsBroken(t *testing.T) {
	m := scale.Map([]Instant{{At: 0}, {At: 10 * ms}, {At: 20 * ms}, {At: 60 * time.Second, Wait: "2MSL: 60 s"}, {At: 60*time.Second + 10*ms}})
	for at, want := range map[time.Duration]Unit{
		0: 0, 5 * ms: 14 * PointUnit, 10 * ms: 28 * PointUnit, 20 * ms: 56 * PointUnit,
		60 * time.Second: 92 * PointUnit, 60*time.Second + 10*ms: 120 * PointUnit, time.Hour: 120 * PointUnit,
	} {
		if got := m.Place(at); got != want {
			t.Errorf("%v stands at %v, want %v", at, got, want)
		}
	}
	if len(m.Breaks) != 1 || m.Breaks[0].Wait != "2MSL: 60 s" || m.Breaks[0].End-m.Breaks[0].Start != 36*PointUnit {
		t.Errorf("breaks: %+v", m.Breaks)
	}
}

func TestWhileSomethingIsUnderWayTheAxisIsBrokenLater(t *testing.T) {
	for flying, want := range map[bool]int{true: 0, false: 1} {
		if m := scale.Map([]Instant{{At: 0}, {At: 40 * ms, Flying: flying}}); len(m.Breaks) != want {
			t.Errorf("flying %v: %d breaks, want %d", flying, len(m.Breaks), want)
		}
	}
}

func TestStretchFillsTheWidthAndKeepsOrder(t *testing.T) {
	m := scale.Map([]Instant{{At: 0}, {At: 10 * ms}, {At: time.Second}, {At: time.Second + 3*ms}, {At: 2 * time.Hour}})
	m.Stretch(600*PointUnit, 20*PointUnit)
	last := Unit(-1)
	for _, k := range m.Knots {
		if k.To < last {
			t.Errorf("%v stands at %v, before %v", k.At, k.To, last)
		}
		last = k.To
	}
	if last != 600*PointUnit {
		t.Errorf("the end stands at %v, want %v", last, 600*PointUnit)
	}
	for _, b := range m.Breaks {
		if b.End-b.Start != 20*PointUnit {
			t.Errorf("a break of %v, want %v", b.End-b.Start, 20*PointUnit)
		}
	}
	if x := m.Normalize(0, 7200, 7200); x != 1 {
		t.Errorf("Normalize of the end is %v", x)
	}
}

func TestTurnedRectanglesOverlapOnlyWhereTheyDo(t *testing.T) {
	line := sloped(Pos{0, 0}, Pos{Pt(100), Pt(50)}, 0, Pt(100), 0, Pt(10))
	if !Overlap(line, rect(Pt(40), Pt(20), Pt(60), Pt(40))) {
		t.Error("a box on the line does not overlap it")
	}
	// Inside the upright box around it, yet beside it.
	if Overlap(line, rect(Pt(70), Pt(1), Pt(90), Pt(20))) {
		t.Error("a box above the line overlaps it")
	}
}

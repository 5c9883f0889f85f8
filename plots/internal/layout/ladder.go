package layout

import (
	"time"

	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// Options are what a layout leaves to its caller.
type Options struct {
	Width   int    // in points; 0 is 720
	Title   string // instead of the story's
	Version string // of tcpsim, for the caption
	View    View   // of a sequence graph
}

// DefaultWidth is how wide a picture is, in points.
const DefaultWidth = 720

// The ladder's measures.
const (
	edge       = 8 * PointUnit   // around the picture
	columnSize = 139 * PointUnit // for what stands beside a lifeline
	columnGap  = 18 * PointUnit  // between that and the lifeline
	gutterGap  = 6 * PointUnit
	bandHalf   = 7 * PointUnit / 2 // half a lifeline's width
	tripSize   = 28 * PointUnit
	longest    = 72 * PointUnit
	breakSize  = 36 * PointUnit
	fanGap     = 3 * PointUnit
	fanGapBold = 6 * PointUnit
	fanSize    = 36 * PointUnit // of a whole band
	lineHeight = 12 * PointUnit
	tagHalf    = 7 * PointUnit
	// instantGap keeps the last row of one instant off the grid line of the
	// next, which would give it the wrong time.
	instantGap = 9 * PointUnit
)

// ladder is a ladder that is being laid out.
type ladder struct {
	canvas
	*story.Story
	options Options
	width   Unit
	gutter  Unit    // right edge of the times
	line    [2]Unit // the lifelines
	top     Unit    // of row 0
	rows    *rows
	breaks  []int // rows with a break before them
	waits   []string
	shown   []int // by row: where it is shown, which of a timer that a state names is the state's row
	bodies  []body
	ends    [][]flight // by arrow, then by segment
	draw    []func()   // what is drawn once the rows stand
	bottom  Unit
}

// flight is the two rows of a segment.
type flight struct{ send, end int }

// Ladder lays out a ladder.
func Ladder(s *story.Story, o Options) *Picture {
	if o.Width == 0 {
		o.Width = DefaultWidth
	}
	l := &ladder{Story: s, options: o, width: Pt(o.Width)}
	l.columns()
	l.stateRows()
	l.schedule()
	l.names()
	l.arrows()
	l.beside()
	l.blocks()
	l.gaps()
	l.rows.part(l.bodies)
	l.bottom = l.top + Pt(20)
	if n := len(l.rows.y); n > 0 {
		l.bottom = l.y(n - 1)
	}
	for _, f := range l.draw {
		f()
	}
	l.measure()
	l.times()
	l.lifelines()
	l.foot()
	p := l.picture(l.width, whole(l.bottom+edge))
	p.Title = l.title()
	p.Description = describe(s, p.Title)
	return p
}

func (l *ladder) title() string { return chooseTitle(l.Story, l.options) }

// y is the place of a row.
func (l *ladder) y(row int) Unit { return l.top + l.rows.y[row] }

// columns finds the places of the gutter and the lifelines.
func (l *ladder) columns() {
	widest := Width("000 ms", Mono, sizeText)
	for i := range l.Moments {
		widest = max(widest, Width(story.Clock(l.Moments[i].At), Mono, sizeText))
	}
	// The longest state's name has to fit in any case.
	column := max(108*PointUnit, min(columnSize, l.width*columnSize/Pt(DefaultWidth)))
	l.gutter = edge + widest
	l.line[trace.Client] = l.gutter + gutterGap + column + columnGap
	l.line[trace.Server] = l.width - edge - column - columnGap
}

// schedule gives each moment its row and lays down the rules of time: the
// scale, the breaks, the slopes, and that lines which leave or reach one
// lifeline do so apart.
func (l *ladder) schedule() {
	instants, first := instantsOf(l.Story)
	times := ladderScale(l.Story).Map(instants)
	nominal := make([]Unit, len(l.Moments))
	for i := range l.Moments {
		nominal[i] = times.Place(l.Moments[i].At)
	}
	l.rows = newRows(nominal)
	for _, b := range times.Breaks {
		row := first[b.To]
		l.rows.atLeast(row-1, row, breakSize)
		if l.Moments[row].Kind == story.BulkEnds {
			continue // a block is a break of its own
		}
		l.breaks = append(l.breaks, row)
		l.waits = append(l.waits, b.Wait)
	}
	l.spread(instants, first)
	l.ends = make([][]flight, len(l.Arrows))
	for i := range l.Arrows {
		l.ends[i] = make([]flight, len(l.Arrows[i].Segments))
	}
	last := map[[2]int]int{} // by kind and side
	for row := range l.Moments {
		m := &l.Moments[row]
		switch m.Kind {
		case story.Sends:
			l.ends[m.Index][m.Part] = flight{row, row}
		case story.Arrives, story.Vanishes:
			f := &l.ends[m.Index][m.Part]
			f.end = row
			l.rows.atLeast(f.send, row, nominal[row]-nominal[f.send])
		default:
			continue
		}
		k := [2]int{int(m.Kind), int(m.Side)}
		if before, ok := last[k]; ok {
			l.rows.atLeast(before, row, l.apart(before, row))
		}
		last[k] = row
	}
}

// apart is how far the lines of two rows stand from each other.
func (l *ladder) apart(a, b int) Unit {
	if l.Moments[a].Index != l.Moments[b].Index {
		return fanGap
	}
	band := &l.Arrows[l.Moments[a].Index]
	gap := Unit(fanGap)
	if band.Kind == story.Rst {
		gap = fanGapBold
	}
	return min(gap, fanSize/Unit(max(1, len(band.Segments)-1)))
}

// crowded is from how many instants on not each gets room for its time.
const crowded = 80

// stateRows finds the rows of the states that name a timer as their cause.
func (l *ladder) stateRows() {
	l.shown = make([]int, len(l.Moments))
	for row := range l.Moments {
		m := &l.Moments[row]
		l.shown[row] = row
		if m.Kind != story.Fires || !l.Timers[m.Index].Merged {
			continue
		}
		for i := row + 1; i < len(l.Moments) && l.Moments[i].At == m.At; i++ {
			if l.Moments[i].Kind == story.Changes && l.Moments[i].Side == m.Side {
				l.shown[row] = i
				break
			}
		}
	}
}

// spread gives each instant the room that its time in the gutter takes.
func (l *ladder) spread(instants []Instant, first map[time.Duration]int) {
	if len(instants) > crowded {
		return
	}
	before := -1
	for _, in := range instants {
		row := first[in.At]
		if l.Moments[row].Kind == story.Vanishes {
			continue
		}
		if before >= 0 {
			l.rows.atLeast(before, row, lineHeight)
			l.rows.atLeast(row-1, row, instantGap)
		}
		before = row
	}
}

func ladderScale(s *story.Story) Scale {
	return Scale{Trip: s.Trip, TripSize: tripSize, Longest: longest, BreakSize: breakSize}
}

// Waits gives the rows before which a ladder breaks the axis, with what is
// waited for: for ladders that are drawn with characters.
func Waits(s *story.Story) map[int]string {
	instants, first := instantsOf(s)
	waits := make(map[int]string)
	for _, b := range ladderScale(s).Map(instants).Breaks {
		if row := first[b.To]; s.Moments[row].Kind != story.BulkEnds {
			waits[row] = b.Wait
		}
	}
	return waits
}

package scenarios

import (
	"fmt"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/match"
)

// checkWire compares the segments that were sent with what a case expects.
func checkWire(w *model.Wire, tr *trace.Trace) (out []Problem) {
	if w.Segments != nil {
		out = append(out, checkList(w.Segments, tr)...)
	}
	out = append(out, checkContains(w.Contains, tr)...)
	for i := range w.Absent {
		p := &w.Absent[i]
		if k := match.First(&p.Segment, tr.Segments); k >= 0 {
			out = append(out, Problem{p.Pos, "segments", "none like " + p.String(), match.Describe(&tr.Segments[k])})
		}
	}
	return out
}

// checkContains looks for patterns in order; other segments may stand between.
func checkContains(patterns []model.SegmentPattern, tr *trace.Trace) []Problem {
	bare := bareOf(patterns)
	_, missing := match.InOrder(bare, tr.Segments)
	if missing < 0 {
		return nil
	}
	after := ""
	if missing > 0 {
		after = " after " + patterns[missing-1].String()
	}
	p := &patterns[missing]
	return []Problem{{p.Pos, "segments", p.String() + after, match.Miss(bare, tr.Segments)}}
}

// checkList compares the whole list, and shows where the two part.
func checkList(patterns []model.SegmentPattern, tr *trace.Trace) []Problem {
	diff, first, same := match.Compare(bareOf(patterns), tr.Segments)
	if same {
		return nil
	}
	var pos model.Pos
	if len(patterns) > 0 {
		pos = patterns[max(first, 0)].Pos
	}
	return []Problem{{
		pos, "segments", fmt.Sprintf("these %d", len(patterns)),
		fmt.Sprintf("%d (- expected and not seen, + seen and not expected):%s", len(tr.Segments), diff),
	}}
}

// bareOf are patterns without their places in the file.
func bareOf(patterns []model.SegmentPattern) []match.Segment {
	bare := make([]match.Segment, len(patterns))
	for i := range patterns {
		bare[i] = patterns[i].Segment
	}
	return bare
}

package scenarios

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// checkWire compares the segments that were sent with what a case expects.
func checkWire(w *model.Wire, tr *trace.Trace) (out []Problem) {
	if w.Segments != nil {
		out = append(out, checkList(w.Segments, tr)...)
	}
	out = append(out, checkContains(w.Contains, tr)...)
	for i := range w.Absent {
		for k := range tr.Segments {
			if fits(&w.Absent[i], &tr.Segments[k]) {
				out = append(out, Problem{
					w.Absent[i].Pos, "segments", "none like " + w.Absent[i].String(), describe(&tr.Segments[k]),
				})
				break
			}
		}
	}
	return out
}

// checkContains looks for patterns in order; other segments may stand between.
func checkContains(patterns []model.SegmentPattern, tr *trace.Trace) []Problem {
	k, last := 0, 0
next:
	for i := range patterns {
		for ; k < len(tr.Segments); k++ {
			if fits(&patterns[i], &tr.Segments[k]) {
				last = k
				k++
				continue next
			}
		}
		after := ""
		if i > 0 {
			after = " after " + patterns[i-1].String()
		}
		from := 0
		if i > 0 {
			from = last + 1
		}
		return []Problem{{patterns[i].Pos, "segments", patterns[i].String() + after, nearest(&patterns[i], tr.Segments, from)}}
	}
	return nil
}

// checkList compares the whole list, and shows where the two part.
func checkList(patterns []model.SegmentPattern, tr *trace.Trace) []Problem {
	rows, same := align(patterns, tr.Segments)
	if same {
		return nil
	}
	var pos model.Pos
	if len(patterns) > 0 {
		pos = patterns[0].Pos
	}
	var b strings.Builder
	for _, r := range rows {
		switch {
		case r.pattern >= 0 && r.segment >= 0:
			fmt.Fprintf(&b, "\n    %s", describe(&tr.Segments[r.segment]))
		case r.pattern >= 0:
			fmt.Fprintf(&b, "\n  - %s", patterns[r.pattern])
		default:
			fmt.Fprintf(&b, "\n  + %s", describe(&tr.Segments[r.segment]))
		}
	}
	for _, r := range rows {
		if r.segment < 0 {
			pos = patterns[r.pattern].Pos
			break
		}
	}
	return []Problem{{
		pos, "segments", fmt.Sprintf("these %d", len(patterns)),
		fmt.Sprintf("%d (- expected and not seen, + seen and not expected):%s", len(tr.Segments), b.String()),
	}}
}

// row pairs a pattern with a segment; -1 where one of them has no partner.
type row struct{ pattern, segment int }

// align finds the longest common subsequence of patterns and segments.
func align(patterns []model.SegmentPattern, segs []trace.Segment) (rows []row, same bool) {
	n, m := len(patterns), len(segs)
	best := make([][]int, n+1)
	for i := range best {
		best[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for k := m - 1; k >= 0; k-- {
			best[i][k] = max(best[i+1][k], best[i][k+1])
			if fits(&patterns[i], &segs[k]) {
				best[i][k] = max(best[i][k], best[i+1][k+1]+1)
			}
		}
	}
	i, k := 0, 0
	for i < n || k < m {
		switch {
		case i < n && k < m && fits(&patterns[i], &segs[k]) && best[i][k] == best[i+1][k+1]+1:
			rows = append(rows, row{i, k})
			i, k = i+1, k+1
		case i < n && (k == m || best[i+1][k] >= best[i][k+1]):
			rows = append(rows, row{i, -1})
			i++
		default:
			rows = append(rows, row{-1, k})
			k++
		}
	}
	return rows, n == m && best[0][0] == n
}

// nearest says which segment comes nearest to a pattern that none fits, and in
// what it differs: of those from an index on, or of all when those before it
// come nearer.
func nearest(p *model.SegmentPattern, segs []trace.Segment, from int) string {
	if len(segs) == 0 {
		return "no segment at all"
	}
	best, differs := -1, 0
	for _, half := range [][2]int{{from, len(segs)}, {0, from}} {
		for k := half[0]; k < half[1]; k++ {
			if n := len(misfits(p, &segs[k])); best < 0 || n < differs {
				best, differs = k, n
			}
		}
	}
	s := &segs[best]
	if differs == 0 {
		return fmt.Sprintf("one only before that, at %s: %s", trace.Clock(s.SentAt), describe(s))
	}
	return fmt.Sprintf("no such segment; the nearest, at %s, has %s: %s",
		trace.Clock(s.SentAt), strings.Join(misfits(p, s), ", "), describe(s))
}

// fits reports whether a segment has every field that the pattern names.
func fits(p *model.SegmentPattern, s *trace.Segment) bool {
	for i := range patternFields {
		if f := &patternFields[i]; f.names(p) && !f.fits(p, s) {
			return false
		}
	}
	return true
}

// misfits are the fields in which a segment differs from a pattern, with what
// it has instead.
func misfits(p *model.SegmentPattern, s *trace.Segment) (out []string) {
	for i := range patternFields {
		if f := &patternFields[i]; f.names(p) && !f.fits(p, s) {
			out = append(out, f.of(s))
		}
	}
	return out
}

// patternFields are the fields of a pattern: whether it names one, whether a
// segment has it, and what the segment has, for people.
var patternFields = []struct {
	names func(p *model.SegmentPattern) bool
	fits  func(p *model.SegmentPattern, s *trace.Segment) bool
	of    func(s *trace.Segment) string
}{
	{
		func(p *model.SegmentPattern) bool { return p.From != "" },
		func(p *model.SegmentPattern, s *trace.Segment) bool { return p.From == s.From.String() },
		func(s *trace.Segment) string { return "from " + s.From.String() },
	}, {
		func(p *model.SegmentPattern) bool { return p.Flags != nil },
		func(p *model.SegmentPattern, s *trace.Segment) bool { return fitsFlags(*p.Flags, s.Flags) },
		func(s *trace.Segment) string { return "flags " + s.Flags.String() },
	}, {
		func(p *model.SegmentPattern) bool { return p.Seq != nil },
		func(p *model.SegmentPattern, s *trace.Segment) bool { return *p.Seq == s.Seq },
		func(s *trace.Segment) string { return fmt.Sprintf("seq %d", s.Seq) },
	}, {
		func(p *model.SegmentPattern) bool { return p.Ack != nil },
		func(p *model.SegmentPattern, s *trace.Segment) bool { return *p.Ack == s.Ack },
		func(s *trace.Segment) string { return fmt.Sprintf("ack %d", s.Ack) },
	}, {
		func(p *model.SegmentPattern) bool { return p.Len != nil },
		func(p *model.SegmentPattern, s *trace.Segment) bool { return int(*p.Len) == s.Len },
		func(s *trace.Segment) string { return fmt.Sprintf("len %d", s.Len) },
	}, {
		func(p *model.SegmentPattern) bool { return p.Win != nil },
		func(p *model.SegmentPattern, s *trace.Segment) bool { return *p.Win == uint32(s.Window) },
		func(s *trace.Segment) string { return fmt.Sprintf("win %d", s.Window) },
	}, {
		func(p *model.SegmentPattern) bool { return p.Data != nil },
		func(p *model.SegmentPattern, s *trace.Segment) bool { return *p.Data == string(s.Payload()) },
		func(s *trace.Segment) string { return "data " + trace.Quote(s.Payload()) },
	}, {
		func(p *model.SegmentPattern) bool { return p.Cause != "" },
		func(p *model.SegmentPattern, s *trace.Segment) bool { return s.Cause != nil && s.Cause.ID == p.Cause },
		func(s *trace.Segment) string {
			if s.Cause == nil {
				return "no cause"
			}
			return "cause " + s.Cause.ID
		},
	}, {
		func(p *model.SegmentPattern) bool { return p.Lost != nil },
		func(p *model.SegmentPattern, s *trace.Segment) bool { return *p.Lost == (s.Lost != "") },
		func(s *trace.Segment) string { return fmt.Sprintf("lost %t", s.Lost != "") },
	}, {
		func(p *model.SegmentPattern) bool { return p.Injected != nil },
		func(p *model.SegmentPattern, s *trace.Segment) bool { return *p.Injected == (s.Injected != "") },
		func(s *trace.Segment) string { return fmt.Sprintf("injected %t", s.Injected != "") },
	}, {
		func(p *model.SegmentPattern) bool { return p.Retransmission != nil },
		func(p *model.SegmentPattern, s *trace.Segment) bool { return *p.Retransmission == s.Retransmission },
		func(s *trace.Segment) string { return fmt.Sprintf("retransmission %t", s.Retransmission) },
	}, {
		func(p *model.SegmentPattern) bool { return p.At != nil },
		func(p *model.SegmentPattern, s *trace.Segment) bool {
			return *p.At == s.SentAt.Truncate(time.Microsecond)
		},
		func(s *trace.Segment) string { return "at " + s.SentAt.Truncate(time.Microsecond).String() },
	},
}

// fitsFlags compares flags; PSH counts only when the pattern has it, because
// it says nothing about a connection.
func fitsFlags(want, got wire.Flags) bool {
	if !want.Has(wire.PSH) {
		got &^= wire.PSH
	}
	return want == got
}

// describe prints a segment as a pattern that it would fit.
func describe(s *trace.Segment) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{from: %s, flags: %s, seq: %d", s.From, s.Flags, s.Seq)
	if s.Flags.Has(wire.ACK) {
		fmt.Fprintf(&b, ", ack: %d", s.Ack)
	}
	if s.Len > 0 {
		fmt.Fprintf(&b, ", len: %d", s.Len)
	}
	if s.Cause != nil {
		fmt.Fprintf(&b, ", cause: %s", s.Cause.ID)
	}
	for _, f := range []struct {
		name string
		on   bool
	}{{"lost", s.Lost != ""}, {"injected", s.Injected != ""}, {"retransmission", s.Retransmission}} {
		if f.on {
			fmt.Fprintf(&b, ", %s: true", f.name)
		}
	}
	return b.String() + "}"
}

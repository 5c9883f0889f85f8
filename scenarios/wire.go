package scenarios

import (
	"fmt"
	"strings"

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
	k := 0
next:
	for i := range patterns {
		for ; k < len(tr.Segments); k++ {
			if fits(&patterns[i], &tr.Segments[k]) {
				k++
				continue next
			}
		}
		after := ""
		if i > 0 {
			after = " after " + patterns[i-1].String()
		}
		return []Problem{{patterns[i].Pos, "segments", patterns[i].String() + after, "no such segment"}}
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

// fits reports whether a segment has every field that the pattern names.
func fits(p *model.SegmentPattern, s *trace.Segment) bool {
	switch {
	case p.From != "" && p.From != s.From.String(),
		p.Flags != "" && !fitsFlags(p.Flags, s.Flags),
		p.Seq != nil && *p.Seq != s.Seq,
		p.Ack != nil && *p.Ack != s.Ack,
		p.Len != nil && int(*p.Len) != s.Len,
		p.Win != nil && *p.Win != uint32(s.Window),
		p.Data != nil && *p.Data != string(s.Payload()),
		p.Cause != "" && (s.Cause == nil || s.Cause.ID != p.Cause),
		p.Lost != nil && *p.Lost != (s.Lost != ""),
		p.Injected != nil && *p.Injected != (s.Injected != ""),
		p.Retransmission != nil && *p.Retransmission != s.Retransmission,
		p.At != nil && *p.At != s.SentAt.Truncate(1000):
		return false
	}
	return true
}

// fitsFlags compares flags; PSH counts only when the pattern has it, because
// it says nothing about a connection.
func fitsFlags(pattern string, got wire.Flags) bool {
	want, err := wire.ParseFlags(pattern)
	if err != nil {
		return false
	}
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

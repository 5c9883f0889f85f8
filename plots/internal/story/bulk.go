package story

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/words"
)

// Bulk is a stretch of the trace that is told in one block, because telling
// each segment would fill pages.
type Bulk struct {
	First, Last int // numbers of segments, both included
	Data        [2]int
	Bytes       [2]int
	Acks        [2]int
	Other       int // SYN and FIN
	Lost        int
	Again       int // retransmissions
	States      int // changes of state
	Timers      int
	Remarks     int
	Causes      []Count // of RSTs
	After       [2][]Endpoint
	begin, end  int // into Trace.Events, both included
}

// Count is how often something came.
type Count struct {
	What string
	N    int
}

// NoCause counts the RSTs whose cause the trace does not tell.
const NoCause = "no cause"

// bulkSize is from how many segments on a quiet stretch becomes a block.
const bulkSize = 12

func (b *Bulk) add(s *trace.Segment) {
	if b.First == 0 {
		b.First = s.Number
	}
	b.Last = s.Number
	switch KindOf(s) {
	case Data:
		b.Data[s.From]++
	case Ack:
		b.Acks[s.From]++
	case Rst:
		what := NoCause
		if s.Cause != nil {
			what = s.Cause.Label()
		}
		b.count(what)
	default:
		b.Other++
	}
	b.Bytes[s.From] += s.Len
	if s.Lost != "" {
		b.Lost++
	}
	if s.Retransmission {
		b.Again++
	}
}

func (b *Bulk) count(what string) {
	for i := range b.Causes {
		if b.Causes[i].What == what {
			b.Causes[i].N++
			return
		}
	}
	b.Causes = append(b.Causes, Count{what, 1})
	slices.SortFunc(b.Causes, func(x, y Count) int { return strings.Compare(x.What, y.What) })
}

// Lines words the block.
func (b *Bulk) Lines() []string {
	head := fmt.Sprintf("#%d-%d: %s", b.First, b.Last, words.Plural(b.Last-b.First+1, "segment"))
	if b.Last < b.First || b.First == 0 {
		head = "nothing on the link"
	}
	lines := []string{head}
	for side := range b.Data {
		var parts []string
		if b.Data[side] > 0 {
			parts = append(parts, fmt.Sprintf("%d with data (%d B)", b.Data[side], b.Bytes[side]))
		}
		if b.Acks[side] > 0 {
			parts = append(parts, words.Plural(b.Acks[side], "ACK"))
		}
		if len(parts) > 0 {
			lines = append(lines, fmt.Sprintf("%s to %s: %s", trace.Side(side), trace.Side(side).Peer(), strings.Join(parts, ", ")))
		}
	}
	var rest []string
	for _, c := range []Count{
		{"lost", b.Lost}, {"retransmitted", b.Again},
	} {
		if c.N > 0 {
			rest = append(rest, fmt.Sprintf("%d %s", c.N, c.What))
		}
	}
	for _, c := range []Count{
		{"SYN or FIN", b.Other}, {"change of state", b.States}, {"timer", b.Timers}, {"other event", b.Remarks},
	} {
		if c.N > 0 {
			what := words.Plural(c.N, c.What)
			if c.What == "change of state" && c.N > 1 {
				what = fmt.Sprintf("%d changes of state", c.N)
			}
			if c.What == "SYN or FIN" {
				what = fmt.Sprintf("%d SYN or FIN", c.N)
			}
			rest = append(rest, what)
		}
	}
	if len(rest) > 0 {
		lines = append(lines, strings.Join(rest, ", "))
	}
	for _, c := range b.Causes {
		lines = append(lines, fmt.Sprintf("%s: %s", words.Plural(c.N, "RST"), ASCII(strings.ReplaceAll(c.What, "-", " "))))
	}
	return lines
}

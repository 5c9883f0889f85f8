package story

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/stack/wire"
	"github.com/tcpsim/tcpsim/stack/words"
)

// key is what the segments of one band have in common.
type key struct {
	at             time.Duration
	conn           int // -1 where a band may be of several
	kind           Kind
	retransmission bool
	probe          bool
	refused        bool
	copied         bool
	damaged        bool
	injected       string
	cause          string
	ack            bool // of a SYN or a RST
}

func (r *reader) keyOf(i int) key {
	s := &r.Trace.Segments[i]
	k := key{
		at: micro(s.SentAt), conn: s.Conn, kind: KindOf(s), retransmission: s.Retransmission,
		probe: s.Probe, refused: r.facts[i].refused, injected: s.Injected,
		copied: s.CopyOf > 0, damaged: s.Damaged != nil,
	}
	if s.Cause != nil {
		k.cause = s.Cause.Label()
	}
	// What opens or resets connections comes for several of them at once: a
	// flood, or a server that ends. Their data are stories of their own.
	if (k.kind == Syn || k.kind == Rst) && s.Len == 0 {
		k.conn, k.ack = -1, s.Flags.Has(wire.ACK)
	}
	return k
}

// bandSize is from how many segments on they become one band.
const bandSize = 3

var bandNames = [...]string{Ack: "ACK", Data: "seg", Syn: "SYN", Fin: "FIN", Rst: "RST"}

// bandLabel names several segments: #4-9 6 segs 1:8689 (8688), #6 lost.
func (r *reader) bandLabel(a *Arrow) string {
	segs := r.Trace.Segments
	var numbers, lost []int
	low, high := segs[a.Segments[0]].Seq, uint32(0)
	bytes := 0
	for _, i := range a.Segments {
		s := &segs[i]
		numbers = append(numbers, s.Number)
		if s.Lost != "" {
			lost = append(lost, s.Number)
		}
		seq, end := s.Seq, s.Seq+uint32(s.Len)
		if a.Kind == Ack {
			seq, end = s.Ack, s.Ack
		}
		if a.Kind == Ack && i == a.Segments[0] {
			low = seq
		}
		low, high = min(low, seq), max(high, end)
		bytes += s.Len
	}
	slices.Sort(numbers)
	name := bandNames[a.Kind]
	if first := &segs[a.Segments[0]]; first.Flags.Has(wire.ACK) && (a.Kind == Syn || a.Kind == Rst) {
		name += ",ACK"
	}
	label := fmt.Sprintf("%s %s", ranges(numbers), words.Plural(len(numbers), name))
	switch {
	case a.Kind == Data:
		label += fmt.Sprintf(" %d:%d (%d)", low, high, bytes)
	case low == high:
		label += " " + strconv.FormatUint(uint64(low), 10)
	default:
		label += fmt.Sprintf(" %d-%d", low, high)
	}
	label += r.bandPorts(a)
	switch {
	case len(lost) == 0:
		return label
	case len(lost) == len(numbers):
		label += ", all lost"
	case len(lost) > 3:
		label += fmt.Sprintf(", %d lost", len(lost))
	default:
		label += ", " + ranges(lost) + " lost"
	}
	if rule := r.bandLoss(a); rule != "" {
		label += ": " + rule
	}
	return label
}

// fewPorts is how many ports a band names one by one.
const fewPorts = 3

// bandPorts are the ports of a band's connections: :1001-1006.
func (r *reader) bandPorts(a *Arrow) string {
	var list []int
	for _, i := range a.Segments {
		port, err := strconv.Atoi(r.port(r.Trace.Segments[i].Conn))
		if err == nil && !slices.Contains(list, port) {
			list = append(list, port)
		}
	}
	slices.Sort(list)
	switch n := len(list); {
	case n == 0:
		return ""
	case n <= fewPorts || list[n-1]-list[0] == n-1:
		return " :" + strings.TrimPrefix(ranges(list), "#")
	default:
		return fmt.Sprintf(", %d ports", n)
	}
}

// bandLoss is the rule that lost segments of a band, empty where it was several.
func (r *reader) bandLoss(a *Arrow) string {
	rule := ""
	for _, i := range a.Segments {
		switch lost := r.Trace.Segments[i].Lost; {
		case lost == "":
		case rule != "" && rule != lost:
			return ""
		default:
			rule = lost
		}
	}
	return ASCII(rule)
}

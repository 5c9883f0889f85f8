package why

import (
	"testing"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// seg is a segment of a short story: who, after how many milliseconds, what.
type seg struct {
	from     trace.Side
	ms       int
	flags    wire.Flags
	seq, ack uint32
	n        int
	win      uint16
	ttl      byte
	id       uint16
}

const (
	c = trace.Client
	s = trace.Server
	a = wire.ACK
	f = wire.FIN | wire.ACK
	p = wire.PSH | wire.ACK
)

func begun(ttl byte) []seg {
	return []seg{
		{c, 0, wire.SYN, 100, 0, 0, 64240, 64, 1},
		{s, 10, wire.SYN | a, 200, 101, 0, 65160, ttl, 1},
		{c, 10, a, 101, 201, 0, 502, 64, 2},
	}
}

func TestKindsOfResets(t *testing.T) {
	for name, test := range map[string]struct {
		list    []seg
		cause   string
		or      string
		answers int
	}{
		"data behind a FIN draw it, and not the FIN that comes with them": {append(begun(57),
			seg{c, 20, f, 101, 201, 0, 502, 64, 3}, seg{s, 30, a, 201, 102, 0, 509, 57, 2},
			seg{s, 31, p, 201, 102, 24, 509, 57, 3}, seg{s, 31, f, 225, 102, 0, 509, 57, 4},
			seg{c, 31, wire.RST, 102, 0, 0, 0, 64, 0}), cause.DataAfterClose, "", 5},
		"a bare RST whose IP id goes on is an abort": {append(begun(64),
			seg{c, 20, p, 101, 201, 22, 502, 64, 3}, seg{s, 30, a, 201, 123, 0, 509, 64, 2}, seg{c, 31, a, 123, 201, 0, 502, 64, 4},
			seg{c, 33, wire.RST, 123, 0, 0, 32768, 64, 5}), Abort, "", -1},
		"an IP id of what it answers is a box's": {append(begun(57),
			seg{s, 20, p, 201, 101, 9, 509, 57, 77}, seg{c, 21, a, 101, 210, 0, 502, 64, 3}, seg{s, 22, p, 210, 101, 9, 509, 57, 78},
			seg{c, 22, wire.RST, 101, 0, 0, 0, 64, 78}, seg{c, 40, a, 101, 219, 0, 502, 64, 4}), cause.Forged, "", 5},
		"two TTLs of one host are two machines": {[]seg{
			{c, 0, wire.SYN, 100, 0, 0, 64240, 64, 1},
			{s, 10, wire.SYN | a, 200, 101, 0, 3840, 245, 1},
			{c, 10, a, 101, 201, 0, 502, 64, 2},
			{c, 11, p, 101, 201, 9, 502, 64, 3},
			{s, 20, a, 201, 110, 0, 3840, 245, 2},
			{s, 30, p, 201, 110, 9, 33280, 53, 9},
			{c, 31, a, 110, 210, 0, 502, 64, 4},
			{s, 9000, wire.RST, 210, 0, 0, 3840, 245, 3},
		}, TwoMachines, "", -1},
		"a closed port that answers with a number may be a firewall": {[]seg{
			{c, 0, wire.SYN, 100, 0, 0, 64240, 64, 1}, {s, 10, wire.RST | a, 77, 101, 0, 0, 57, 1},
		}, cause.PortNotListening, Policy, 0},
		"retransmissions without an answer, then a RST": {append(begun(57),
			seg{c, 20, f, 101, 201, 0, 502, 64, 3}, seg{c, 300, f, 101, 201, 0, 502, 64, 4}, seg{c, 900, f, 101, 201, 0, 502, 64, 5},
			seg{c, 2100, f, 101, 201, 0, 502, 64, 6}, seg{c, 4500, wire.RST | a, 102, 201, 0, 0, 64, 7}), GaveUp, "", -1},
		"probes without an answer, then a RST": {append(begun(57),
			seg{c, 20, p, 101, 201, 4, 502, 64, 3}, seg{s, 30, p, 201, 105, 4, 509, 57, 2}, seg{c, 30, a, 105, 205, 0, 502, 64, 4},
			seg{c, 1030, a, 104, 205, 0, 502, 64, 5}, seg{c, 2030, a, 104, 205, 0, 502, 64, 6}, seg{c, 3030, a, 104, 205, 0, 502, 64, 7},
			seg{c, 4030, wire.RST | a, 105, 205, 0, 502, 64, 8}), cause.KeepaliveTimeout, "", -1},
	} {
		got := Explain(conversation(test.list, atClient))
		if len(got) == 0 {
			t.Fatalf("%s: nothing is explained", name)
		}
		r := got[0]
		or := ""
		if r.Undecided > 0 {
			or = r.Rivals[0].Cause
		}
		if r.Cause != test.cause || test.or == Policy && or != Policy || r.Answers != test.answers && test.answers >= 0 {
			t.Errorf("%s: %s or %q, answers %d, want %s, answers %d", name, r.Cause, or, r.Answers, test.cause, test.answers)
		}
	}
}

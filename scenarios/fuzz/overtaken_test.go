package fuzz

import (
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// What a sender may send, and what it has unacknowledged, is said by the latest
// acknowledgment that it has got, and not by one that arrives late (RFC 9293
// section 3.10.7.4: SND.UNA < SEG.ACK, and the window by SND.WL1 and SND.WL2).
func TestAnOvertakenAcknowledgmentTakesNothingBack(t *testing.T) {
	l := newLedger(outcome{Trace: &trace.Trace{Conns: make([]trace.Conn, 1)}}, &Config{})
	client := &l.ends[0][trace.Client]
	for i, r := range []struct {
		ack       uint32
		window    uint16
		una, edge uint32 // after it
	}{
		{400, 500, 400, 900},
		{1000, 500, 1000, 1500},
		{700, 500, 1000, 1500},   // late, and its window ends earlier
		{1000, 900, 1000, 1900},  // the window opens
		{1000, 100, 1000, 1900},  // and cannot be taken back
		{1200, 1000, 1200, 2200}, // further
	} {
		l.received(&trace.Segment{From: trace.Server, Flags: wire.ACK, Ack: r.ack, Window: r.window})
		if client.una != r.una || client.edge != r.edge {
			t.Errorf("%d: after ack %d win %d: SND.UNA %d and the window ends at %d, want %d and %d",
				i, r.ack, r.window, client.una, client.edge, r.una, r.edge)
		}
	}
}

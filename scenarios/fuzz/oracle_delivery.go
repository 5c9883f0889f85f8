package fuzz

import (
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func watchDelivery(l *ledger) watcher {
	return &deliveryWatcher{l: l, read: make([][2]uint32, len(l.ends))}
}

type deliveryWatcher struct {
	l    *ledger
	read [][2]uint32
	due  []dueFin
}

// dueFin is a FIN that the host is working on and has to take.
type dueFin struct {
	conn    int
	side    trace.Side
	segment int // index
	ack     uint32
}

func (w *deliveryWatcher) see(e trace.Event) {
	w.settle(e)
	switch e.Kind {
	case trace.Received:
		w.fin(e.Index)
	case trace.CallEnd:
		w.recv(&w.l.trace.Calls[e.Index])
	}
}

// fin notes a FIN behind bytes that have all been acknowledged: nothing can
// keep the host from taking it. A forged one is as good as any, as long as it
// is the first.
func (w *deliveryWatcher) fin(index int) {
	s := &w.l.trace.Segments[index]
	side := s.From.Peer()
	e := &w.l.ends[s.Conn][side]
	if !s.Flags.Has(wire.FIN|wire.ACK) || s.Flags&(wire.SYN|wire.RST) != 0 || s.Damaged != nil || w.l.forged(s.Conn) || !e.hasAck {
		return
	}
	switch e.state {
	case stack.Established, stack.FinWait1, stack.FinWait2:
	default:
		return
	}
	at := s.Seq + uint32(s.Len)
	if at != e.acked || wire.Before(e.acked, s.Seq) || wire.Before(e.sndNxt, s.Ack) {
		return
	}
	w.due = append(w.due, dueFin{s.Conn, side, index, at + 1})
}

// settle looks at the FINs whose processing is over: the first event that is
// not their doing shows it.
func (w *deliveryWatcher) settle(e trace.Event) {
	kept := w.due[:0]
	for _, d := range w.due {
		by := trace.Trigger{Kind: trace.BySegment, Index: d.segment}
		if e.Kind == trace.Changed && w.l.trace.Transitions[e.Index].Trigger == by ||
			e.Kind == trace.Sent && w.l.trace.Segments[e.Index].Trigger == by {
			kept = append(kept, d)
			continue
		}
		w.check(d)
	}
	w.due = kept
}

func (w *deliveryWatcher) check(d dueFin) {
	e := &w.l.ends[d.conn][d.side]
	if e.fin || e.state == stack.Closed || e.hasAck && !wire.Before(e.acked, d.ack) {
		return
	}
	s := &w.l.trace.Segments[d.segment]
	w.l.report(d.conn, "fin-not-taken", "the FIN of #%d (seq %d, length %d) is next for the %s in %s, which has acknowledged %d, and is not taken",
		s.Number, s.Seq, s.Len, d.side, e.state, e.acked)
}

// recv checks that a recv which gives no data has left none.
func (w *deliveryWatcher) recv(c *trace.Call) {
	if c.Op != trace.OpRecv || c.Conn < 0 || w.l.forged(c.Conn) || c.Errno == stack.EBADF {
		return
	}
	read := &w.read[c.Conn][c.Host]
	e := &w.l.ends[c.Conn][c.Host]
	if c.Errno == stack.OK && c.Value > 0 {
		if c.Args.Flags&stack.MsgPeek == 0 {
			*read += uint32(c.Value)
		}
		return
	}
	// Before the connection, or after it was given up for another, there is
	// nothing to read; and another process may have taken what there was.
	if !w.l.alone(c) || !e.hasAck || e.acked == 0 || c.Args.Len == 0 {
		return
	}
	have := e.acked - 1
	if e.hasFin && have == e.peerFin {
		have--
	}
	what := c.Errno.String()
	if c.Errno == stack.OK {
		what = "the end of file"
	}
	if have > *read && have-*read < farthest {
		w.l.report(c.Conn, "acknowledged-not-readable", "%s has acknowledged %d bytes, its process has read %d, and recv gives %s",
			c.Host, have, *read, what)
	} else if c.Errno == stack.EAGAIN && e.fin {
		w.l.report(c.Conn, "fin-not-readable", "%s is in %s, all has been read, and recv gives EAGAIN instead of the end of file", c.Host, e.state)
	}
}

func (w *deliveryWatcher) end() {
	for _, d := range w.due {
		w.check(d)
	}
	for i := range w.l.trace.Calls {
		c := &w.l.trace.Calls[i]
		if c.Op != trace.OpRecv || c.Returned || c.Conn < 0 || w.l.forged(c.Conn) || w.l.trace.Processes[c.Process].Ended ||
			c.Args.Flags&stack.MsgWaitAll != 0 {
			continue
		}
		e := &w.l.ends[c.Conn][c.Host]
		if e.hasAck && e.acked > 0 && (e.fin || e.acked-1 > w.read[c.Conn][c.Host]) && e.acked < farthest {
			w.l.report(c.Conn, "recv-sleeps", "recv waits for ever on the %s, which is in %s, has acknowledged %d and given its process %d bytes",
				c.Host, e.state, e.acked, w.read[c.Conn][c.Host])
		}
	}
}

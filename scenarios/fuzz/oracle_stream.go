package fuzz

import (
	"bytes"
	"slices"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

func watchStreams(l *ledger) watcher {
	return &streamWatcher{l: l, flows: make([][2]flow, len(l.ends))}
}

// flow is what the processes at one side of a connection did with it.
type flow struct {
	written []byte // with zeros where a call's data was too long to keep
	known   []span // the parts of written that are known
	active  []int  // the sends that go on, by the index of their calls
	least   int    // bytes that send calls have returned
	open    bool   // a send never returned: more may have been written
	read    int
	muddled bool // two have read at once, and who got which byte is chance
}

// span is what one call has written.
type span struct{ from, to, call int }

type streamWatcher struct {
	l     *ledger
	flows [][2]flow
}

func (w *streamWatcher) see(e trace.Event) {
	if e.Kind != trace.CallBegin && e.Kind != trace.CallEnd {
		return
	}
	c := &w.l.trace.Calls[e.Index]
	if c.Conn < 0 || w.l.forged(c.Conn) {
		return
	}
	f := &w.flows[c.Conn][c.Host]
	switch {
	case e.Kind == trace.CallBegin && c.Op == trace.OpSend:
		f.write(c, e.Index)
	case e.Kind == trace.CallEnd && c.Op == trace.OpSend:
		f.active = slices.DeleteFunc(f.active, func(i int) bool { return i == e.Index })
	case e.Kind == trace.CallEnd && c.Op == trace.OpRecv && c.Errno == stack.OK:
		w.recv(f, c)
	}
}

// write enters a send when it begins: its data may be on the wire before it
// returns.
func (f *flow) write(c *trace.Call, index int) {
	n := c.Value
	if !c.Returned {
		n, f.open = c.Args.Len, true
	} else if c.Errno != stack.OK {
		return
	} else {
		f.least += n
	}
	start := len(f.written)
	f.written = append(f.written, make([]byte, max(n, 0))...)
	f.active = append(f.active, index)
	if len(f.active) > 1 {
		// Two processes write at once, and which byte comes first is chance.
		f.known = slices.DeleteFunc(f.known, func(s span) bool { return slices.Contains(f.active, s.call) })
		return
	}
	if c.Returned {
		data := c.Moved()
		copy(f.written[start:], data)
		f.known = append(f.known, span{start, start + len(data), index})
	}
}

func (w *streamWatcher) recv(f *flow, c *trace.Call) {
	e := &w.l.ends[c.Conn][c.Host]
	f.muddled = f.muddled || !w.l.alone(c)
	if f.muddled {
		return
	}
	if c.Value == 0 {
		w.eof(f, e, c)
		return
	}
	if f.read+c.Value > e.got.len() {
		w.l.report(c.Conn, "read-more-than-arrived", "%s recv took %d bytes after %d, and only %d have arrived in order",
			c.Host, c.Value, f.read, e.got.len())
		return
	}
	if !bytes.Equal(e.got.data[f.read:f.read+len(c.Data)], c.Data) {
		w.l.report(c.Conn, "read-other-bytes", "%s recv gave %s, and %s has arrived", c.Host,
			trace.Quote(c.Data), trace.Quote(e.got.data[f.read:f.read+len(c.Data)]))
	}
	if c.Args.Flags&stack.MsgPeek == 0 {
		f.read += c.Value
	}
}

// eof checks a recv that returned 0. It may do so without a FIN when this side
// has shut the direction down, or once the error of a dead connection has been
// reported: those are the business of the errno oracle.
func (w *streamWatcher) eof(f *flow, e *end, c *trace.Call) {
	if c.Args.Len == 0 {
		return
	}
	if s := w.l.fds.of(c); s == nil || s.shutRead || e.state == stack.Closed {
		return
	}
	switch {
	case !e.hasFin:
		w.l.report(c.Conn, "eof-without-fin", "%s recv gave the end of file in %s, and no FIN has arrived", c.Host, e.state)
	case f.read != int(e.peerFin)-1:
		w.l.report(c.Conn, "eof-before-the-end", "%s recv gave the end of file after %d bytes of %d", c.Host, f.read, e.peerFin-1)
	}
}

func (w *streamWatcher) end() {
	for conn := range w.flows {
		if w.l.forged(conn) {
			continue
		}
		for side := range w.flows[conn] {
			w.sent(conn, trace.Side(side), &w.flows[conn][side])
		}
	}
}

// sent compares what a side put on the wire with what its processes wrote.
func (w *streamWatcher) sent(conn int, side trace.Side, f *flow) {
	e := &w.l.ends[conn][side]
	if e.sent.clash {
		w.l.report(conn, "sent-other-bytes", "%s sent two different bytes at one place in the stream (from byte %d on)", side, e.sent.clashAt)
	}
	if e.sent.len() > len(f.written) {
		w.l.report(conn, "sent-more-than-written", "%s sent %d bytes, and its process wrote %d", side, e.sent.len(), len(f.written))
		return
	}
	for _, s := range f.known {
		to := min(s.to, e.sent.len())
		if s.from < to && !bytes.Equal(e.sent.data[s.from:to], f.written[s.from:to]) {
			w.l.report(conn, "sent-other-bytes", "%s sent %s where its process wrote %s", side,
				trace.Quote(e.sent.data[s.from:to]), trace.Quote(f.written[s.from:to]))
			return
		}
	}
	if e.finSent && int(e.finAt)-1 < f.least {
		w.l.report(conn, "fin-before-the-end", "%s sent its FIN after %d bytes, and its process wrote %d", side, e.finAt-1, f.least)
	}
}

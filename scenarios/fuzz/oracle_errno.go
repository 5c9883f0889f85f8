package fuzz

import (
	"slices"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

func watchErrnos(l *ledger) watcher { return &errnoWatcher{l: l} }

// permitted are the errnos that a call can give here. Every call on a
// descriptor can give EBADF.
var permitted = map[trace.Op][]stack.Errno{
	trace.OpSocket:      {},
	trace.OpBind:        {stack.EINVAL, stack.EADDRINUSE, stack.EADDRNOTAVAIL, stack.EAFNOSUPPORT},
	trace.OpListen:      {stack.EINVAL, stack.EADDRINUSE},
	trace.OpAccept:      {stack.EAGAIN, stack.EINVAL},
	trace.OpConnect:     {stack.EINPROGRESS, stack.EALREADY, stack.EISCONN, stack.ECONNREFUSED, stack.ETIMEDOUT, stack.ECONNRESET, stack.ECONNABORTED, stack.EADDRNOTAVAIL, stack.EADDRINUSE, stack.EAFNOSUPPORT, stack.EPIPE},
	trace.OpSend:        {stack.EAGAIN, stack.EPIPE, stack.ECONNRESET, stack.ETIMEDOUT, stack.ECONNREFUSED},
	trace.OpRecv:        {stack.EAGAIN, stack.ENOTCONN, stack.ECONNRESET, stack.ETIMEDOUT, stack.ECONNREFUSED},
	trace.OpShutdown:    {stack.ENOTCONN},
	trace.OpClose:       {},
	trace.OpDup:         {stack.EMFILE},
	trace.OpFork:        {},
	trace.OpExit:        {},
	trace.OpPoll:        {},
	trace.OpFcntl:       {},
	trace.OpSetsockopt:  {stack.EINVAL, stack.EDOM, stack.ENOPROTOOPT},
	trace.OpGetsockopt:  {stack.ENOPROTOOPT},
	trace.OpGetsockname: {},
	trace.OpGetpeername: {stack.ENOTCONN},
}

type errnoWatcher struct {
	quiet
	l *ledger
}

func (w *errnoWatcher) see(e trace.Event) {
	if e.Kind != trace.CallEnd {
		return
	}
	c := &w.l.trace.Calls[e.Index]
	d := w.l.fds.of(c)
	conn := c.Conn
	if allowed, ok := permitted[c.Op]; ok && c.Errno != stack.OK && c.Errno != stack.EBADF && !slices.Contains(allowed, c.Errno) && !w.destroyed(c) {
		w.l.report(conn, "errno-of-call", "%s gives %s, which this call cannot", c, c.Errno)
	}
	if c.FD() < 0 && c.Op != trace.OpSend || c.Op == trace.OpPoll {
		return
	}
	if (d == nil) != (c.Errno == stack.EBADF) {
		w.l.report(conn, "descriptor", "%s, and the descriptor is open: %t", c, d != nil)
	}
	if d == nil || c.Errno == stack.EBADF || conn < 0 || conn != d.conn && d.conn >= 0 {
		return
	}
	w.result(c, d)
}

// destroyed reports whether a call tells that the administrator has ended its
// connection (ss -K).
func (w *errnoWatcher) destroyed(c *trace.Call) bool {
	return c.Errno == stack.ECONNABORTED && c.Conn >= 0 && w.l.ends[c.Conn][c.Host].closedBy.Kind == trace.ByNote
}

// result checks a call on a socket that has, or had, a connection.
func (w *errnoWatcher) result(c *trace.Call, d *description) {
	e := &w.l.ends[c.Conn][c.Host]
	switch c.Errno {
	case stack.ECONNRESET, stack.ETIMEDOUT, stack.ECONNREFUSED:
		if d.told && c.Op != trace.OpConnect {
			w.l.report(c.Conn, "error-twice", "%s, and the error of this connection was reported before", c)
		}
		w.reason(c, d, e)
	case stack.EPIPE:
		if c.Op == trace.OpSend && !d.shutWrite && e.state != stack.Closed && e.state != stack.TimeWait && e.opened && !d.aborted {
			w.l.report(c.Conn, "error-without-reason", "%s in %s, and nobody has shut the direction down", c, e.state)
		}
	case stack.EISCONN:
		if !d.connected && !d.listening && e.state <= stack.SynReceived {
			w.l.report(c.Conn, "error-without-reason", "%s, and the socket was never connected", c)
		}
	case stack.OK, stack.EAGAIN:
		w.went(c, d, e)
	}
}

// reason checks that what an error stands for has happened.
func (w *errnoWatcher) reason(c *trace.Call, d *description, e *end) {
	if e.state != stack.Closed && e.opened && !d.aborted {
		w.l.report(c.Conn, "error-without-reason", "%s, and the endpoint is in %s", c, e.state)
		return
	}
	if !e.opened || d.aborted {
		return
	}
	byTimer := e.closedBy.Kind == trace.ByTimer
	switch {
	case c.Errno == stack.ETIMEDOUT && !byTimer && c.Op != trace.OpConnect:
		w.l.report(c.Conn, "error-without-reason", "%s, and no timer has ended the connection", c)
	case c.Errno == stack.ECONNREFUSED && (!e.reset || e.from != stack.SynSent && e.from != stack.SynReceived):
		w.l.report(c.Conn, "error-without-reason", "%s, and no RST has answered the SYN", c)
	case c.Errno == stack.ECONNRESET && !e.reset && !w.aborts(e):
		w.l.report(c.Conn, "error-without-reason", "%s, and the connection was not reset", c)
	}
}

// aborts reports whether this side itself has reset the connection because of
// data that nobody can read, which Linux reports as a reset too.
func (w *errnoWatcher) aborts(e *end) bool {
	return e.closedBy.Kind == trace.BySegment
}

// went checks a call that did not fail for good.
func (w *errnoWatcher) went(c *trace.Call, d *description, e *end) {
	dead := e.opened && e.state == stack.Closed
	switch c.Op {
	case trace.OpSend:
		switch {
		case c.Args.Len == 0:
		case d.shutWrite && !c.Blocked && e.state.Synchronized():
			w.l.report(c.Conn, "send-after-shutdown", "%s after shutdown of the sending side", c)
		case dead && !c.Blocked && c.Errno == stack.OK:
			w.l.report(c.Conn, "send-when-closed", "%s, and the endpoint is CLOSED", c)
		}
	case trace.OpRecv:
		lost := dead && e.reset && e.from.Synchronized() && !e.fin && !d.told
		switch {
		case c.Args.Len == 0:
		case d.eof && (c.Value > 0 || c.Errno == stack.EAGAIN):
			w.l.report(c.Conn, "recv-after-eof", "%s after the end of file", c)
		case lost && c.Errno == stack.OK && c.Value == 0:
			w.l.report(c.Conn, "error-lost", "%s, and the connection was reset in %s, which nobody was told", c, e.from)
		case dead && c.Errno == stack.EAGAIN:
			w.l.report(c.Conn, "recv-when-closed", "%s, and the endpoint is CLOSED", c)
		}
	case trace.OpConnect:
		// Two that wait for one handshake both succeed.
		if c.Errno == stack.OK && d.connected && !c.Blocked {
			w.l.report(c.Conn, "connected-twice", "%s on a socket that is connected", c)
		}
	}
}

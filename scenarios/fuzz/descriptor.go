package fuzz

import (
	"maps"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// fdTable follows the descriptors of every process through its calls.
type fdTable struct {
	l    *ledger
	open []map[int]*description // by process
	call map[int]*description   // what a call that has begun is about
}

// description is one open file description: a socket.
type description struct {
	listening bool
	connected bool
	conn      int // -1 before it has one
	side      trace.Side
	shutRead  bool
	shutWrite bool
	eof       bool // recv has given the end of file because of a FIN
	told      bool // the error that ended the connection was reported
	aborted   bool // shutdown during the handshake
}

func (f *fdTable) init(l *ledger) {
	f.l = l
	f.open = make([]map[int]*description, len(l.trace.Processes))
	for i := range f.open {
		f.open[i] = map[int]*description{}
	}
	f.call = map[int]*description{}
}

// of is the socket that a call is about, nil for a bad descriptor. A call keeps
// its socket also when somebody closes the descriptor in the meantime.
func (f *fdTable) of(c *trace.Call) *description {
	for i, d := range f.call {
		if &f.l.trace.Calls[i] == c {
			return d
		}
	}
	return f.open[c.Process][c.FD()]
}

func (f *fdTable) begin(i int) {
	c := &f.l.trace.Calls[i]
	d := f.open[c.Process][c.FD()]
	f.call[i] = d
	if d == nil {
		return
	}
	if c.Conn >= 0 && c.Op != trace.OpAccept {
		d.meet(c.Conn, c.Host)
	}
	if c.Op == trace.OpClose {
		delete(f.open[c.Process], c.FD())
	}
}

// meet binds a socket to a connection. What was shut down before stays shut
// (Linux: inet_shutdown sets sk_shutdown in CLOSE too, and connect keeps it).
func (d *description) meet(conn int, side trace.Side) {
	if d.conn != conn {
		d.conn, d.eof, d.told, d.aborted = conn, false, false, false
	}
	d.side = side
}

func (f *fdTable) end(i int) {
	c := &f.l.trace.Calls[i]
	d := f.call[i]
	delete(f.call, i)
	switch c.Op {
	case trace.OpSocket:
		if c.Errno == stack.OK {
			f.open[c.Process][c.Value] = &description{conn: -1, side: c.Host}
		}
		return
	case trace.OpAccept:
		if c.Errno == stack.OK {
			f.open[c.Process][c.Value] = &description{conn: c.Conn, side: c.Host, connected: true}
		}
		return
	case trace.OpFork:
		if c.Errno == stack.OK {
			f.open[c.Value] = maps.Clone(f.open[c.Process])
		}
		return
	case trace.OpDup:
		if c.Errno == stack.OK {
			f.open[c.Process][c.Value] = d
		}
		return
	}
	if d != nil {
		d.did(f.l, c)
	}
}

// did enters the result of a call.
func (d *description) did(l *ledger, c *trace.Call) {
	switch c.Op {
	case trace.OpListen:
		d.listening = d.listening || c.Errno == stack.OK
	case trace.OpConnect:
		d.connected = d.connected || c.Errno == stack.OK
		if d.failed(c.Errno) {
			// The socket is as new: Linux's tcp_disconnect.
			*d = description{conn: d.conn, side: d.side, told: true}
		}
	case trace.OpShutdown:
		d.shut(l, c)
	case trace.OpRecv:
		if c.Errno == stack.OK && c.Value == 0 && d.conn >= 0 && l.ends[d.conn][d.side].fin {
			d.eof = true
		}
		d.told = d.told || terminal(c.Errno)
	case trace.OpSend:
		d.told = d.told || terminal(c.Errno)
	case trace.OpGetsockopt:
		if c.Args.Option == "SO_ERROR" && (c.OptVal == nil || c.OptVal.Int != 0) {
			d.told = true
		}
	}
}

func (d *description) failed(e stack.Errno) bool {
	switch e {
	case stack.ECONNREFUSED, stack.ETIMEDOUT, stack.ECONNRESET, stack.ECONNABORTED, stack.EHOSTUNREACH:
		return true
	}
	return false
}

func (d *description) shut(l *ledger, c *trace.Call) {
	if d.listening {
		if c.Args.How != stack.ShutWrite && c.Errno == stack.OK {
			*d = description{conn: -1, side: d.side}
		}
		return
	}
	d.shutRead = d.shutRead || c.Args.How != stack.ShutWrite
	d.shutWrite = d.shutWrite || c.Args.How != stack.ShutRead
	if d.conn < 0 {
		return
	}
	e := &l.ends[d.conn][d.side]
	if by := e.closedBy; e.from == stack.SynSent && by.Kind == trace.ByCall && &l.trace.Calls[by.Index] == c {
		d.aborted, d.shutRead, d.shutWrite = true, false, false
	}
}

// terminal reports whether an errno is one that ends a connection.
func terminal(e stack.Errno) bool {
	return e == stack.ECONNRESET || e == stack.ETIMEDOUT || e == stack.ECONNREFUSED || e == stack.ECONNABORTED || e == stack.EHOSTUNREACH
}

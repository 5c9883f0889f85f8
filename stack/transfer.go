package stack

import (
	"bytes"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// MsgFlags are the flags of send and recv.
type MsgFlags uint8

// The flags that have a meaning here.
const (
	MsgPeek MsgFlags = 1 << iota
	MsgDontWait
	MsgNoSignal
	MsgWaitAll
)

var msgFlagNames = []struct {
	flag MsgFlags
	name string
}{{MsgPeek, "MSG_PEEK"}, {MsgDontWait, "MSG_DONTWAIT"}, {MsgNoSignal, "MSG_NOSIGNAL"}, {MsgWaitAll, "MSG_WAITALL"}}

// ParseMsgFlag finds a flag by its name.
func ParseMsgFlag(name string) (MsgFlags, bool) {
	for _, f := range msgFlagNames {
		if f.name == name {
			return f.flag, true
		}
	}
	return 0, false
}

// String joins the names with a bar, as strace does; 0 for none.
func (f MsgFlags) String() string {
	out := ""
	for _, n := range msgFlagNames {
		if f&n.flag != 0 {
			if out != "" {
				out += "|"
			}
			out += n.name
		}
	}
	if out == "" {
		return "0"
	}
	return out
}

// Send queues as much of data as fits and returns how much that is. EAGAIN
// when nothing fits or the handshake goes on. On a dead connection it gives
// the pending error once, then EPIPE; with EPIPE the process gets SIGPIPE
// unless flags has MsgNoSignal (Linux: tcp_sendmsg_locked, sk_stream_error).
func (s *Socket) Send(data []byte, flags MsgFlags) (n int, sigpipe bool, err Errno) {
	s.sync()
	broken := func() (int, bool, Errno) {
		e := s.takeError()
		if e == OK {
			e = EPIPE
		}
		return 0, e == EPIPE && flags&MsgNoSignal == 0, e
	}
	if s.assoc == unconnected || s.listening {
		return broken()
	}
	if s.Connecting() {
		if s.shutWrite {
			return broken()
		}
		return 0, false, EAGAIN
	}
	if s.err != OK || s.sendShut() {
		return broken()
	}
	written, gerr := s.ep.Write(bytes.NewReader(data), tcpip.WriteOptions{Atomic: true})
	s.written += written
	if e := errnoOf(gerr); e != OK {
		return 0, false, e // never EPIPE: what cannot send was dealt with above
	}
	return int(written), false, OK
}

// Broken reports whether Send would fail now. A send that has already moved
// part of its data returns that part and leaves the error to the next call.
func (s *Socket) Broken() bool {
	s.sync()
	return s.err != OK || s.sendShut()
}

// Failed reports whether Recv would report an error now. A recv that has
// already got part of what it waits for (MSG_WAITALL) returns that part and
// leaves the error to the next call.
func (s *Socket) Failed() bool {
	s.sync()
	return s.err != OK && s.rec.Unread() == 0
}

// Recv takes up to len(p) bytes that have arrived, or looks at them with
// MsgPeek. EAGAIN when there are none yet. The order is that of Linux's
// tcp_recvmsg_locked: data, end of file after the peer's FIN, the pending
// error once, end of file.
func (s *Socket) Recv(p []byte, flags MsgFlags) (int, Errno) {
	s.sync()
	if s.listening {
		return 0, ENOTCONN
	}
	if s.assoc == unconnected {
		if e := s.takeError(); e != OK {
			return 0, e
		}
		return 0, ENOTCONN
	}
	stirs := s.Stirs()
	switch {
	case s.drained && s.drainedAt == stirs:
		// The last Recv has taken everything, and nothing has happened since.
		return s.recvNothing()
	case (s.dead || len(p) == 0) && s.rec.Unread() == 0:
		// gVisor is not asked: its Read would take the pending error.
		return s.recvNothing()
	case len(p) == 0:
		return 0, OK
	case len(s.rec.kept) > 0:
		return s.rec.readKept(p, flags&MsgPeek != 0), OK
	}
	peek := flags&MsgPeek != 0
	s.into = p
	res, err := s.ep.Read(&s.into, tcpip.ReadOptions{Peek: peek})
	s.into = nil
	if err != nil {
		return s.recvNothing()
	}
	s.drained, s.drainedAt = !peek && res.Count < len(p), stirs
	if !peek && s.state() != Closed {
		s.ep.ModerateRecvBuf(res.Count)
	}
	return res.Count, OK
}

// recvNothing is what recv answers when no data is there.
func (s *Socket) recvNothing() (int, Errno) {
	switch {
	case s.peerClosed():
		return 0, OK
	case s.err != OK:
		return 0, s.takeError()
	case s.recvShut():
		return 0, OK
	}
	return 0, EAGAIN
}

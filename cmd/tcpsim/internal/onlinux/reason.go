package onlinux

import (
	"fmt"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// why notes the cause of a RST: the kernel's own word for it, where it has one
// (since 6.10), and the cause of ours that it stands for.
func (r *recorder) why(number int, seg *wire.Segment, by trace.Trigger, reason string) {
	s := r.at(number)
	id := r.causeOf(s, seg, by, reason)
	text := "the kernel does not say why"
	if reason != "" {
		text = "the kernel says " + reason
	}
	switch by.Kind {
	case trace.BySegment:
		text += fmt.Sprintf(", answering #%d", by.Index+1)
	case trace.ByCall:
		text += ", in " + r.trace.Calls[by.Index].Op.String() + "()"
	case trace.ByNote:
		text += ": " + r.trace.Notes[by.Index].Text
	}
	s.Cause = &trace.Cause{ID: id, Text: text, Source: "Linux " + r.w.kernel.Version + ", sk_rst_reason"}
	if id == cause.Unexplained {
		s.Cause.Source = "Linux " + r.w.kernel.Version
	}
}

func forged(by string) *trace.Cause {
	c := cause.Of(&cause.Situation{Injector: by})
	return &c
}

// causeOf is the cause that a reason of the kernel stands for. Some of its words
// stand for several: what the run knows tells them apart.
func (r *recorder) causeOf(s *trace.Segment, seg *wire.Segment, by trace.Trigger, reason string) string {
	call, closing := trace.OpNone, by.Kind == trace.ByNote
	if by.Kind == trace.ByCall {
		call = r.trace.Calls[by.Index].Op
		closing = call == trace.OpClose || call == trace.OpExit || call == trace.OpShutdown
	}
	answered := &trace.Segment{}
	if by.Kind == trace.BySegment {
		answered = &r.trace.Segments[by.Index]
	}
	switch reason {
	case "TCP_ABORT_ON_CLOSE":
		return cause.UnreadData
	case "TCP_ABORT_ON_LINGER":
		return cause.LingerTwo
	case "TCP_KEEPALIVE_TIMEOUT":
		return cause.KeepaliveTimeout
	case "TCP_ABORT_ON_DATA", "TCP_TIMEWAIT_SOCKET":
		return cause.DataAfterClose
	case "TCP_INVALID_ACK_SEQUENCE":
		return cause.SynSentBadAck
	case "INVALID_SYN":
		return cause.SynReceivedNewSyn
	case "TCP_FLAGS":
		if answered.Flags.Has(wire.SYN | wire.ACK) {
			return cause.ListenerGotSynAck
		}
		return cause.ListenerGotAck
	case "TCP_ACK_UNSENT_DATA", "TCP_TOO_OLD_ACK", "TCP_OLD_ACK":
		return cause.SynReceivedBadAck
	case "TCP_STATE":
		switch {
		case by.Kind == trace.ByNote && r.trace.Notes[by.Index].Kind == trace.NoteDestroy:
			return cause.Destroyed
		case closing && r.waiting(s, seg) && call == trace.OpShutdown:
			return cause.ListenerShutdown
		case closing && r.waiting(s, seg):
			return cause.ListenerClosed
		case closing:
			return cause.LingerZero
		}
	case "TCP_DISCONNECT_WITH_DATA":
		return cause.LingerZero
	case "NO_SOCKET":
		return r.withoutSocket(s, seg, answered)
	}
	return cause.Unexplained
}

// withoutSocket is why a host has no socket for what has arrived.
func (r *recorder) withoutSocket(s *trace.Segment, seg *wire.Segment, answered *trace.Segment) string {
	if answered.Flags.Has(wire.SYN) && !answered.Flags.Has(wire.ACK) {
		return cause.PortNotListening
	}
	e := endpoint{s.From, seg.Src, seg.Dst}
	if _, had := r.ids[e]; !had {
		return cause.NoConnection
	}
	if by, over := r.over[e]; !over || by.Kind == trace.ByNote && r.trace.Notes[by.Index].Kind == trace.NoteCrash {
		return cause.HostRebooted
	}
	return cause.ConnectionClosed
}

// waiting reports whether a connection was one that nobody had accepted: no call
// of its host has given a descriptor for it.
func (r *recorder) waiting(s *trace.Segment, seg *wire.Segment) bool {
	if r.states[endpoint{s.From, seg.Src, seg.Dst}] == stack.SynSent {
		return false
	}
	for i := range r.trace.Calls {
		c := &r.trace.Calls[i]
		if c.Host != s.From || !c.Returned {
			continue
		}
		if c.Op == trace.OpAccept && c.Errno == stack.OK && c.Addr == seg.Dst {
			return false
		}
		if c.Op == trace.OpConnect && c.Args.Addr == seg.Dst {
			return false
		}
	}
	return true
}

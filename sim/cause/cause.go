package cause

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
	"github.com/tcpsim/tcpsim/stack/words"
)

// The identifiers. They are stable: scenarios and other programs use them.
const (
	UnreadData         = "unread-data"
	LingerZero         = "linger-zero"
	ListenerClosed     = "listener-closed"
	ListenerShutdown   = "listener-shutdown"
	PortNotListening   = "port-not-listening"
	NoConnection       = "no-connection"
	HostRebooted       = "host-rebooted"
	ConnectionClosed   = "connection-closed"
	ListenerGotAck     = "listener-got-ack"
	ListenerGotSynAck  = "listener-got-syn-ack"
	SynSentBadAck      = "syn-sent-bad-ack"
	SynReceivedBadAck  = "syn-received-bad-ack"
	SynReceivedNewSyn  = "syn-received-new-syn"
	DataAfterClose     = "data-after-close"
	DataAfterShutdown  = "data-after-shutdown"
	LingerTwo          = "linger2"
	KeepaliveTimeout   = "keepalive-timeout"
	Destroyed          = "destroyed"
	Forged             = "forged"
	Unexplained        = "unexplained"
	sourceHalfClosed   = "RFC 9293 section 3.6.1 (SHLD-3); RFC 2525 section 2.17"
	sourceClosed       = "RFC 9293 section 3.10.7.1; section 3.5.2, group 1"
	sourceListen       = "RFC 9293 section 3.10.7.2; section 3.5.2, group 2"
	sourceSynSent      = "RFC 9293 section 3.10.7.3; section 3.5.2, group 2"
	sourceSynReceived  = "RFC 9293 section 3.10.7.4; section 3.5.2, group 2"
	sourceNewSyn       = "Linux tcp_check_req (embryonic_reset); no RFC asks for it"
	sourceGap          = "RFC 9293 section 3.6.1 (SHLD-3) asks for it for data; that a gap counts is gVisor's"
	sourceAbort        = "RFC 9293 section 3.10.5 (ABORT); socket(7), SO_LINGER"
	sourceKeepalive    = "Linux tcp_keepalive_timer; RFC 9293 section 3.8.4 asks for no RST"
	sourceLinger2      = "tcp(7), TCP_LINGER2; Linux __tcp_close"
	sourceListenerStop = "Linux inet_csk_listen_stop; no RFC has an accept queue"
	sourceReboot       = "RFC 9293 section 3.5.1 (half-open connections); " + sourceClosed
	sourceListenSynAck = "RFC 9293 section 3.5.1, Figure 11 (old duplicate SYN between two listening sockets); " + sourceListen
	sourceDestroyed    = "Linux tcp_abort; RFC 9293 section 3.10.5 (ABORT)"
	sourceForged       = "RFC 9293 section 3.5.3 (the receiver cannot tell)"
)

// KeepaliveTimer is what a Situation calls the one timer that rules know.
const KeepaliveTimer = "keepalive probes used up"

// All lists the identifiers that a run can show; Unexplained is not among
// them, for it is a bug.
func All() []string {
	return []string{
		UnreadData, LingerZero, ListenerClosed, ListenerShutdown, PortNotListening, NoConnection,
		HostRebooted, ConnectionClosed, ListenerGotAck, ListenerGotSynAck, SynSentBadAck,
		SynReceivedBadAck, SynReceivedNewSyn, DataAfterClose, DataAfterShutdown, LingerTwo, KeepaliveTimeout, Destroyed, Forged,
	}
}

// Source is the section of a standard, or the function of a kernel, that says
// that a RST is due for a cause. Of one that is not known here it is what says
// when RSTs are sent at all.
func Source(id string) string {
	switch id {
	case UnreadData, DataAfterClose, DataAfterShutdown:
		return sourceHalfClosed
	case LingerZero:
		return sourceAbort
	case ListenerClosed, ListenerShutdown:
		return sourceListenerStop
	case PortNotListening, NoConnection, ConnectionClosed:
		return sourceClosed
	case HostRebooted:
		return sourceReboot
	case ListenerGotAck:
		return sourceListen
	case ListenerGotSynAck:
		return sourceListenSynAck
	case SynSentBadAck:
		return sourceSynSent
	case SynReceivedBadAck:
		return sourceSynReceived
	case SynReceivedNewSyn:
		return sourceNewSyn
	case LingerTwo:
		return sourceLinger2
	case KeepaliveTimeout:
		return sourceKeepalive
	case Destroyed:
		return sourceDestroyed
	case Forged:
		return sourceForged
	}
	return "RFC 9293 section 3.5.2 (when a RST is sent)"
}

// Of gives the cause of a RST.
func Of(s *Situation) trace.Cause {
	switch {
	case s.Injector != "":
		return trace.Cause{
			ID:     Forged,
			Text:   fmt.Sprintf("%s forged it; the host whose address it bears never sent it", s.Injector),
			Source: sourceForged,
		}
	case s.Trigger == trace.BySegment && s.Arrived != nil:
		return ofSegment(s)
	case s.Trigger == trace.ByTimer && s.Timer == KeepaliveTimer:
		return trace.Cause{
			ID:     KeepaliveTimeout,
			Text:   "the peer has answered nothing for as long as keepalive or TCP_USER_TIMEOUT allows: the socket layer gives the connection up",
			Source: sourceKeepalive,
		}
	case s.Trigger == trace.ByNote && s.Note == trace.NoteDestroy:
		return trace.Cause{
			ID:     Destroyed,
			Text:   "an administrator ended the connection (ss -K)",
			Source: sourceDestroyed,
		}
	case s.Trigger == trace.ByCall || s.Trigger == trace.ByNote:
		return ofCall(s)
	}
	return unexplained(s)
}

func unexplained(s *Situation) trace.Cause {
	return trace.Cause{
		ID:   Unexplained,
		Text: fmt.Sprintf("no rule explains it (trigger %d, call %q, timer %q); please report this", s.Trigger, s.Call, s.Timer),
	}
}

func ofCall(s *Situation) trace.Cause {
	who := ""
	switch {
	case s.Trigger == trace.ByNote && s.Note == trace.NoteSignal:
		who = "the death of the process"
	case s.Trigger == trace.ByNote:
	case s.Call == trace.OpExit:
		who = "the exit of the process"
	case s.Call == trace.OpClose, s.Call == trace.OpShutdown:
		who = s.Call.String() + "()"
	}
	o := s.Owner
	switch {
	case s.OnListener && s.Call == trace.OpShutdown:
		return trace.Cause{
			ID:     ListenerShutdown,
			Text:   "shutdown() of the listening socket resets the connections that wait to be accepted",
			Source: sourceListenerStop,
		}
	case s.OnListener:
		return trace.Cause{
			ID:     ListenerClosed,
			Text:   fmt.Sprintf("%s closes the listening socket, which resets the connections that nobody has accepted", who),
			Source: sourceListenerStop,
		}
	case o == nil || who == "":
		return unexplained(s)
	case o.Linger.On && o.Linger.Time == 0:
		return trace.Cause{
			ID:     LingerZero,
			Text:   fmt.Sprintf("%s with SO_LINGER {on, 0 s} aborts the connection%s%s", who, thrownAway(o), linuxFirst(o)),
			Source: sourceAbort,
		}
	case o.State == stack.FinWait2 && o.Linger2 < 0:
		return trace.Cause{
			ID:     LingerTwo,
			Text:   fmt.Sprintf("%s in FIN_WAIT_2 with TCP_LINGER2 below zero: the connection does not wait for the peer's FIN", who),
			Source: sourceLinger2,
		}
	case o.Unread > 0:
		return trace.Cause{
			ID:     UnreadData,
			Text:   fmt.Sprintf("%s with %s unread: the peer must learn that they were lost%s", who, words.Plural(o.Unread, "byte"), alsoUnsent(o)),
			Source: sourceHalfClosed,
		}
	}
	return unexplained(s)
}

func ofSegment(s *Situation) trace.Cause {
	if o := s.Owner; o != nil {
		return ofOwner(s, o)
	}
	what := describe(s)
	syn := s.Arrived.Flags.Has(wire.SYN) && !s.Arrived.Flags.Has(wire.ACK)
	switch {
	case s.Listener != nil && s.Listener.Shut:
		return trace.Cause{
			ID:     ListenerShutdown,
			Text:   fmt.Sprintf("%s arrived at a listening socket that was shut down for reading", what),
			Source: sourceClosed,
		}
	case syn:
		return trace.Cause{
			ID:     PortNotListening,
			Text:   fmt.Sprintf("%s arrived at port %d, where nobody listens", what, s.Arrived.Dst.Port()),
			Source: sourceClosed,
		}
	case s.Past != nil && s.Past.Crashed:
		return trace.Cause{
			ID:     HostRebooted,
			Text:   fmt.Sprintf("%s arrived for a connection that this host forgot when it lost power at %s", what, clock(s.Past.At)),
			Source: sourceReboot,
		}
	case s.Past != nil:
		return trace.Cause{
			ID:     ConnectionClosed,
			Text:   fmt.Sprintf("%s arrived for a connection that this host had ended at %s (%s)", what, clock(s.Past.At), s.Past.How),
			Source: sourceClosed,
		}
	case s.Listener != nil && s.Arrived.Flags.Has(wire.SYN|wire.ACK):
		return trace.Cause{
			ID:     ListenerGotSynAck,
			Text:   fmt.Sprintf("%s arrived at a listening socket, which has sent no SYN", what),
			Source: sourceListenSynAck,
		}
	case s.Listener != nil:
		return trace.Cause{
			ID:     ListenerGotAck,
			Text:   fmt.Sprintf("%s arrived at a listening socket and acknowledges something that was never sent", what),
			Source: sourceListen,
		}
	}
	return trace.Cause{
		ID:     NoConnection,
		Text:   fmt.Sprintf("%s arrived for a connection that this host has never had", what),
		Source: sourceClosed,
	}
}

func ofOwner(s *Situation, o *Owner) trace.Cause {
	what := describe(s)
	switch {
	case o.State == stack.SynSent:
		return trace.Cause{
			ID:     SynSentBadAck,
			Text:   fmt.Sprintf("%s arrived in SYN_SENT and does not acknowledge the SYN that was sent", what),
			Source: sourceSynSent,
		}
	case o.State == stack.SynReceived && s.Arrived.Flags.Has(wire.SYN):
		return trace.Cause{
			ID:     SynReceivedNewSyn,
			Text:   fmt.Sprintf("%s arrived in SYN_RECEIVED with another initial sequence number", what),
			Source: sourceNewSyn,
		}
	case o.State == stack.SynReceived:
		return trace.Cause{
			ID:     SynReceivedBadAck,
			Text:   fmt.Sprintf("%s arrived in SYN_RECEIVED and does not acknowledge the SYN that was sent", what),
			Source: sourceSynReceived,
		}
	case o.State == stack.TimeWait && s.Arrived.Flags.Has(wire.SYN|wire.ACK):
		return trace.Cause{
			ID:     ListenerGotSynAck,
			Text:   fmt.Sprintf("%s arrived in TIME_WAIT with a greater sequence number, was taken for a new SYN and handed to the listening socket, which has sent no SYN", what),
			Source: "RFC 9293 section 3.10.7.4 (TIME-WAIT, SYN); " + sourceListen,
		}
	case len(s.Arrived.Payload) > 0 && o.Orphan:
		return trace.Cause{
			ID:     DataAfterClose,
			Text:   fmt.Sprintf("%s with %s arrived in %s after close(): nobody can read them", what, words.Plural(len(s.Arrived.Payload), "byte"), o.State),
			Source: sourceHalfClosed,
		}
	case len(s.Arrived.Payload) > 0 && o.ReadShut:
		return trace.Cause{
			ID:     DataAfterShutdown,
			Text:   fmt.Sprintf("%s with %s arrived in %s after shutdown() of both directions: nobody will read them", what, words.Plural(len(s.Arrived.Payload), "byte"), o.State),
			Source: sourceHalfClosed,
		}
	case o.Orphan && closing(o.State):
		return trace.Cause{ID: DataAfterClose, Text: gap(what, o, "close()"), Source: sourceGap}
	case o.ReadShut && closing(o.State):
		return trace.Cause{ID: DataAfterShutdown, Text: gap(what, o, "shutdown() of both directions"), Source: sourceGap}
	}
	return unexplained(s)
}

func closing(st stack.State) bool {
	return st == stack.FinWait1 || st == stack.FinWait2 || st == stack.Closing || st == stack.LastAck
}

// gap is for a segment without data that resets a closing endpoint all the
// same. For a FIN Linux decides so too (tcp_rcv_state_process); for an empty
// ACK only gVisor does, also when what is missing is a FIN that comes again.
func gap(what string, o *Owner, after string) string {
	return fmt.Sprintf("%s arrived in %s after %s with a sequence number beyond what was received: something before it is missing, and is taken for data that nobody can read", what, o.State, after)
}

func describe(s *Situation) string {
	name := "a segment"
	switch f := s.Arrived.Flags; {
	case f.Has(wire.SYN | wire.ACK):
		name = "a SYN,ACK"
	case f.Has(wire.SYN):
		name = "a SYN"
	case len(s.Arrived.Payload) > 0:
		name = "data"
	case f.Has(wire.FIN):
		name = "a FIN"
	case f.Has(wire.ACK):
		name = "an ACK"
	}
	return fmt.Sprintf("%s (#%d)", name, s.Number)
}

func thrownAway(o *Owner) string {
	switch {
	case o.Unsent > 0 && o.Unread > 0:
		return fmt.Sprintf("; %s unsent and %s unread are thrown away", words.Plural(o.Unsent, "byte"), words.Plural(o.Unread, "byte"))
	case o.Unsent > 0:
		return fmt.Sprintf("; %s unsent are thrown away", words.Plural(o.Unsent, "byte"))
	case o.Unread > 0:
		return fmt.Sprintf("; %s unread are thrown away", words.Plural(o.Unread, "byte"))
	}
	return ""
}

// linuxFirst says what Linux calls an abort for which there are two reasons: it
// looks at unread data before it looks at SO_LINGER (__tcp_close of 6.12.117).
func linuxFirst(o *Owner) string {
	if o.Unread == 0 {
		return ""
	}
	return "; Linux takes the unread data for the reason"
}

func alsoUnsent(o *Owner) string {
	if o.Unsent == 0 {
		return ""
	}
	return fmt.Sprintf("; %s unsent are thrown away", words.Plural(o.Unsent, "byte"))
}

func clock(d time.Duration) string { return d.Round(time.Microsecond).String() }

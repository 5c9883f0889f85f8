package why

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// finTimeout is how long Linux remembers a connection that only the peer has yet
// to close, or that was closed on both sides: tcp_fin_timeout, TIME_WAIT.
const finTimeout = 60 * time.Second

// giveUp is how often something is sent again before a host may give up.
const giveUp = 3

// what names the segment that is answered.
func (x *facts) what() string {
	switch f := x.s.Flags; {
	case f.Has(wire.SYN | wire.ACK):
		return "a SYN,ACK"
	case f.Has(wire.SYN):
		return "a SYN"
	case len(x.s.Payload) > 0:
		return "data"
	case f.Has(wire.FIN):
		return "a FIN"
	case x.me.heard && x.me.spoke && wire.Before(x.s.Seq, x.me.acked) && x.s.Len() == 0:
		return "a probe"
	}
	return "an ACK"
}

// number says how the RST's number follows from the segment.
func (x *facts) number(h *hypothesis) {
	if x.bare {
		h.add(0, fmt.Sprintf("its number is the acknowledgement of %%s, which passed %s before", clock(x.delay)), x.answers)
	} else {
		h.add(0, fmt.Sprintf("it acknowledges %%s, which passed %s before", clock(x.delay)), x.answers)
	}
}

// answer weighs what a RST can be that answers a segment.
func (x *facts) answer(j *jury) {
	syn, ack := x.s.Flags.Has(wire.SYN), x.s.Flags.Has(wire.ACK)
	switch x.state {
	case none:
		x.answerOfNobody(j, syn && !ack)
	case synSent:
		x.answerInSynSent(j)
	case synReceived:
		x.answerInSynReceived(j)
	case established, closeWait:
		x.answerOfForgotten(j)
	case timeWait, closed, peerReset:
		x.answerAfterEnd(j)
	default:
		x.answerWhileClosing(j)
	}
}

func (x *facts) answerOfNobody(j *jury, syn bool) {
	port := x.Addr[x.r.From].Port()
	if syn {
		h := j.of(cause.PortNotListening, fmt.Sprintf("a SYN came to port %d, where nobody listens", port),
			"whether `ss -ltn` on the host shows the port", 5)
		x.number(h)
		p := j.of(Policy, fmt.Sprintf("a firewall rejects connections to port %d", port),
			"a capture at the host itself: a firewall on the way answers in its place; on the host, iptables or nft with REJECT", 1)
		if !x.bare && x.r.Seq == 0 {
			h.add(1, "its number is 0, as RFC 9293 wants it where there is no connection")
		} else {
			p.add(3, fmt.Sprintf("its number is %d and not 0, as RFC 9293 wants it", x.r.Seq))
		}
		if x.r.Window != 0 {
			p.add(1, fmt.Sprintf("its window is %d; a host without a socket sends 0", x.r.Window))
		}
		return
	}
	h := j.of(cause.NoConnection, fmt.Sprintf("%s came for a connection that the %s does not know", x.what(), x.name()),
		"what the host says: a connection that it has never had", 4)
	x.number(h)
	h.add(1, fmt.Sprintf("the %s says nothing else in the capture", x.name()))
	if !x.open[x.r.Try] {
		h.add(2, "the connection begins in the capture")
	}
	other := 0
	for try, p := range x.hosts {
		if try != x.r.Try && p[x.r.From].spoke {
			other++
		}
	}
	c := j.of(cause.ConnectionClosed, fmt.Sprintf("%s came for a connection that the %s had ended before the capture began", x.what(), x.name()),
		"a capture that begins earlier", 1)
	if other > 0 {
		c.add(5, "it had a connection between the same ports before")
	}
	if syn, ack := x.s.Flags.Has(wire.SYN), x.s.Flags.Has(wire.ACK); ack && !syn {
		j.of(cause.ListenerGotAck, fmt.Sprintf("an acknowledgement of nothing came to port %d, where somebody listens", port),
			"whether `ss -ltn` on the host shows the port", 1)
		j.of(cause.HostRebooted, "the host has forgotten the connection: it has started anew", "the host's uptime", 1)
	}
}

func (x *facts) answerInSynSent(j *jury) {
	if !x.s.Flags.Has(wire.ACK) || x.s.Ack != x.me.next {
		h := j.of(cause.SynSentBadAck, fmt.Sprintf("%s came in SYN_SENT and does not acknowledge the SYN that was sent", x.what()), "", 7)
		x.number(h)
		h.proves = !x.s.Flags.Has(wire.SYN)
		return
	}
	h := j.of(cause.ConnectionClosed, fmt.Sprintf("%s came for a connection that the %s did not want any more: it had closed the socket, or connect() had timed out (a port scan does so)", x.what(), x.name()),
		"strace of the client: close() or a timeout before the answer came", 4)
	x.number(h)
	spoof := j.of(cause.NoConnection, fmt.Sprintf("%s came for a connection that the %s does not know: somebody else sent the SYN in its name", x.what(), x.name()),
		"a capture at the host: it has not sent the SYN", 4)
	if x.leg(x.r.From) == 0 {
		spoof.add(-4, "")
	}
	raw := j.of(RawSocket, "a program that sends its own SYNs, a scanner for instance: the kernel beside it does not know the connection and resets what comes back",
		"whether the program uses raw sockets; many SYNs to many ports", 0)
	syn := &x.Segments[x.me.syn]
	if len(syn.Options) == 0 {
		raw.add(1, "%s has no options, and every kernel sends some", x.me.syn)
	}
	if later := x.last[x.r.From][x.r.Try]; later > x.index {
		raw.add(5, "and yet the client goes on with %s", later)
		if x.r.HasID && x.r.ID == 0 && syn.ID != 0 {
			raw.add(1, "IP ids: the RST 0, %s another", x.me.syn)
		}
	}
	if x.r.Window == 0 {
		h.add(1, "its window is 0: it was sent without a socket")
	}
}

func (x *facts) answerInSynReceived(j *jury) {
	una := x.me.isn + 1
	if x.s.Flags.Has(wire.SYN) {
		h := j.of(cause.SynReceivedNewSyn, fmt.Sprintf("%s came in SYN_RECEIVED with another initial sequence number", x.what()), "", 6)
		x.number(h)
		return
	}
	if x.s.Ack != una {
		h := j.of(cause.SynReceivedBadAck, fmt.Sprintf("%s came in SYN_RECEIVED and does not acknowledge the SYN,ACK that was sent", x.what()),
			"", 6)
		x.number(h)
		h.add(1, fmt.Sprintf("it acknowledges %d, and %%s wants %d", x.s.Ack-x.me.isn, 1), x.me.synAck)
		j.of(cause.ListenerGotAck, "with SYN cookies the listener has kept nothing, and the acknowledgement is no cookie", "`nstat -az TcpExtSyncookiesFailed`", 3)
		return
	}
	h := j.of(AcceptQueueFull, "the accept queue was full: the client believes in a connection that nobody has accepted",
		"`nstat -az TcpExtListenOverflows`; Recv-Q of the listener in `ss -ltn`", 4)
	x.number(h)
	h.add(1, "%s acknowledges the handshake, and yet the server has nothing", x.answers)
	if x.me.slow {
		h.add(3, "it sent its SYN,ACK again after it was acknowledged", x.me.synAck)
	}
	j.of(cause.ListenerGotAck, "the listener has forgotten the handshake (SYN cookies that do not fit, or it gave up)",
		"`nstat -az TcpExtSyncookiesFailed`", 2)
	j.of(cause.ConnectionClosed, "the listening socket was closed while the acknowledgement was on its way, or the handshake was given up",
		"whether the port still listens", 4)
	j.of(Policy, "something before the server ends connections after the handshake", "a capture at the server", 0)
}

func (x *facts) answerOfForgotten(j *jury) {
	silent := x.silence()
	if x.reopened {
		h := j.of(cause.SynSentBadAck, fmt.Sprintf("%s came in SYN_SENT: the %s has forgotten the connection and begins another, and its peer still believes in the old one", x.what(), x.name()), "", 8)
		x.number(h)
		return
	}
	boot := j.of(cause.HostRebooted, fmt.Sprintf("%s came for a connection that the %s has forgotten: it has started anew, or another has its address", x.what(), x.name()),
		"the host's uptime; another host that took over the address", 3)
	gone := j.of(cause.ConnectionClosed, fmt.Sprintf("%s came for a connection that the %s had given up", x.what(), x.name()),
		"`nstat -az TcpExtTCPAbortOnTimeout` on the host; a capture there shows what it sent in vain", 0)
	x.number(boot)
	x.number(gone)
	tried := len(x.retries)
	if x.s.Ack == x.me.next+1 {
		gone.add(6, "%s acknowledges one number more than the capture shows: a FIN that is not in the file", x.answers)
	}
	if tried >= giveUp {
		gone.add(6, fmt.Sprintf("it had sent something again %s without an answer", plural(tried, "time")))
	}
	if n := len(x.probes); n > 0 {
		gone.add(3, fmt.Sprintf("it had probed %s without an answer", plural(n, "time")), x.probes...)
	}
	if silent > 10*time.Second {
		gone.add(2, fmt.Sprintf("it had said nothing for %s", clock(silent)))
	}
	if len(x.retries) > 0 && x.sinceUnacked() > time.Second {
		gone.add(4, fmt.Sprintf("what it had sent again, %%s, was not acknowledged for %s", clock(x.sinceUnacked())), x.retries[0])
	}
	if w := x.zeroWindow(); w >= 0 {
		gone.add(3, "its peer had closed the window with %s: what waits too long is given up", w)
	}
	if x.r.From == trace.Server && x.me.synAck >= 0 && x.me.lastData < 0 && x.me.acked == x.peer.isn+1 && len(x.s.Payload) > 0 {
		q := j.of(AcceptQueueFull, "the accept queue was full: the client believes in a connection that nobody has accepted",
			"`nstat -az TcpExtListenOverflows`; Recv-Q of the listener in `ss -ltn`", 1)
		x.number(q)
		q.add(1, "the server has acknowledged nothing but the SYN")
		gone.add(2, "the server has acknowledged nothing but the SYN: it may have given up the handshake, or closed the listening socket")
		if x.me.slow {
			q.add(4, "it sent its SYN,ACK again after it was acknowledged", x.me.synAck)
		}
		if len(x.peer.retries) > 0 {
			q.add(2, "and it left data unanswered that were sent again")
		}
	}
	box := j.of(IdleTimeout, "a box on the way, a load balancer or a NAT, had forgotten the idle connection", "captures on both sides of the box; its idle timeout", -1)
	if t := round(x.idle()); t > 0 {
		box.add(4, fmt.Sprintf("nobody had said anything for %s: boxes forget after %s", clock(x.idle()), t))
	} else if x.idle() > 30*time.Second {
		box.add(2, fmt.Sprintf("nobody had said anything for %s", clock(x.idle())))
	}
	live := j.of(Abort, fmt.Sprintf("the %s has ended the connection: its stack aborts with a bare RST", x.name()), "strace or a debugger on the host", -3)
	if !x.bare {
		return
	}
	x.liveness(boot, live)
	x.machines(j)
}

// liveness is what shows whether a host with a socket has sent a bare RST.
func (x *facts) liveness(boot, live *hypothesis) {
	if x.r.Window != 0 {
		boot.add(-2, "")
		if x.fits {
			live.add(3, fmt.Sprintf("its window is %d; without a socket it would be 0", x.r.Window))
		}
	}
	if x.nextID {
		boot.add(-4, "")
		live.add(3, fmt.Sprintf("its IP id, %d, is the next of the host's own", x.r.ID))
	}
	if x.sinceOwn >= 0 && x.sinceOwn <= max(20*time.Millisecond, x.leg(0)+x.leg(1)+x.delay) {
		boot.add(-5, "")
		live.add(3, fmt.Sprintf("its sender had sent %%s only %s before", clock(x.sinceOwn)), x.me.last)
	}
	if x.fits && x.me.stack != Linux && x.me.stack != Unknown {
		live.add(3, fmt.Sprintf("by its SYN the host runs %s, which aborts so", x.me.stack))
	}
}

// machines notices two machines behind one address.
func (x *facts) machines(j *jury) {
	if len(x.me.ttl) < 2 || x.me.ttl[x.r.TTL] == 0 || x.me.lastData < 0 {
		return
	}
	data := x.Segments[x.me.lastData].TTL
	if data == x.r.TTL || initial(data) == initial(x.r.TTL) && hops(data) == hops(x.r.TTL) {
		return
	}
	h := j.of(TwoMachines, fmt.Sprintf("a load balancer before the %s reset it", x.name()), "its logs and its idle timeout", 6)
	h.add(2, fmt.Sprintf("its TTL is %d, that of the data in %%s %d: two machines have this address", x.r.TTL, data), x.me.lastData)
	if x.me.synTTL == x.r.TTL {
		h.add(1, "the SYN,ACK has the TTL of the RST")
	}
}

// zeroWindow is the last segment of the peer that closed the window, and
// nothing opened since.
func (x *facts) zeroWindow() int {
	for n := len(x.me.got) - 1; n >= 0; n-- {
		k := x.me.got[n]
		s := &x.Segments[k]
		if k == x.answers || s.At > x.s.At-x.leg(0)-x.leg(1)-burst {
			continue
		}
		if s.Window == 0 && !s.Flags.Has(wire.RST|wire.SYN) {
			return k
		}
		return -1
	}
	return -1
}

func (x *facts) answerAfterEnd(j *jury) {
	how := map[state]string{timeWait: "closed on both sides", closed: "closed on both sides", peerReset: "reset by its peer"}[x.state]
	h := j.of(cause.ConnectionClosed, fmt.Sprintf("%s came for a connection that the %s had ended: it was %s", x.what(), x.name(), how), "", 6)
	x.number(h)
	switch x.state {
	case closed:
		h.add(2, "both FINs were acknowledged, the last was its own, %s", x.me.fin)
		h.proves = true
	case timeWait:
		h.add(1, "both FINs were acknowledged", x.me.fin)
		if x.s.Flags.Has(wire.SYN | wire.ACK) {
			j.of(cause.ListenerGotSynAck, "a SYN,ACK with a greater number came in TIME_WAIT, was taken for a new SYN and handed to the listening socket, which has sent no SYN", "", 7)
		}
	case peerReset:
		h.add(2, "%s had ended it", x.me.killed)
		h.proves = true
	}
	if x.reopened {
		j.of(cause.SynSentBadAck, fmt.Sprintf("%s came in SYN_SENT: the %s begins another connection between the same ports, and its peer answers for the old one", x.what(), x.name()), "", 9).
			add(1, "it does not acknowledge the new SYN")
	}
}

// answerAfterReset is one more of a host that has reset the connection already.
func (x *facts) answerAfterReset(j *jury) {
	h := j.of(cause.ConnectionClosed, fmt.Sprintf("%s came for a connection that the %s had reset", x.what(), x.name()), "", 7)
	x.number(h)
	h.add(2, "it had sent %s", x.me.reset)
	h.proves = true
}

func (x *facts) answerWhileClosing(j *jury) {
	fin := x.me.fin
	if fin < 0 {
		fin = x.me.last // the FIN itself is not in the file
	}
	if x.me.unseenFin >= 0 {
		fin = x.me.unseenFin
	}
	waited := x.r.At - x.Segments[fin].At
	where := stateNames[x.state]
	tried := len(x.retries)
	gone := j.of(cause.ConnectionClosed, fmt.Sprintf("%s came for a connection that the %s had ended: it gave up or had waited long enough in %s", x.what(), x.name(), where),
		"`ss -tan` on the host when the segment comes", 0)
	x.number(gone)
	data := j.of(cause.DataAfterClose, fmt.Sprintf("%s came in %s after close(): nobody can read them", x.what(), where),
		"strace of the program: close()", 0)
	x.number(data)
	shut := j.of(cause.DataAfterShutdown, fmt.Sprintf("%s came in %s after shutdown() of both directions: nobody will read them", x.what(), where),
		"strace of the program: shutdown(SHUT_RDWR) instead of close()", -2)
	gap := x.me.heard && wire.Before(x.me.acked, x.s.Seq)
	switch {
	case len(x.s.Payload) > 0:
		when := fmt.Sprintf("%s after", clock(x.s.At-x.Segments[fin].At))
		if x.s.At < x.Segments[fin].At {
			when = "on their way before"
		}
		data.add(5, fmt.Sprintf("%%s brings %s, %s the last of the %s, %%s", bytesOf(len(x.s.Payload)), when, x.name()), x.answers, fin)
		shut.add(4, "")
		if x.state == finWait2 && waited >= finTimeout {
			gone.add(9, fmt.Sprintf("its FIN, %%s, was %s before: Linux forgets FIN_WAIT_2 after 60 s (tcp_fin_timeout)", clock(waited)), fin)
		}
	case gap:
		data.text = fmt.Sprintf("%s came in %s after close() with a number beyond what was received: something before it is missing, and is taken for data that nobody can read", x.what(), where)
		data.add(5, "%s has a number beyond what was acknowledged", x.answers)
		shut.add(4, "")
		if !x.bare {
			j.of(cause.LingerZero, "close() with SO_LINGER {on, 0 s} aborts the connection", "strace shows setsockopt(SO_LINGER)", 4)
		}
	default:
		gone.add(5, "%s is in order and empty: a host that still knew the connection would take it", x.answers)
	}
	if tried >= giveUp {
		gone.add(6, fmt.Sprintf("it had sent something again %s without an answer", plural(tried, "time")))
	}
	if x.me.unseenFin >= 0 {
		gone.add(6, "%s acknowledges a FIN that is not in the file: nobody knows how long the connection had been closed", x.me.unseenFin)
	}
}

// alone is for an answer of a host that says nothing else to a segment that is
// not in the file.
func (x *facts) alone(j *jury) {
	h := j.of(cause.NoConnection, fmt.Sprintf("it answers a segment that is not in the file; the %s does not know the connection", x.name()),
		"a capture that holds the segment", 2)
	h.add(1, fmt.Sprintf("the %s says nothing else in the capture", x.name()))
	if !x.bare {
		j.of(cause.PortNotListening, fmt.Sprintf("it answers a SYN that is not in the file, to port %d", x.Addr[x.r.From].Port()), "a capture that holds the segment", 3)
	}
}

// sinceUnacked is how long the oldest of what was sent again has waited for an
// acknowledgement.
func (x *facts) sinceUnacked() time.Duration { return x.r.At - x.Segments[x.retries[0]].At }

package why

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// abort weighs what a RST can be that its sender has sent of its own accord: it
// has the sender's next number, and acknowledges what has arrived.
func (x *facts) abort(j *jury) {
	unread := j.of(cause.UnreadData, "close(), or the end of the process, with data unread: the peer must learn that they were lost",
		"`nstat -az TcpExtTCPAbortOnClose` counts it; Recv-Q of the socket in `ss -tn` before", 0)
	linger := j.of(cause.LingerZero, "close() with SO_LINGER {on, 0 s} aborts the connection",
		"`nstat -az TcpExtTCPAbortOnData` counts it; strace shows setsockopt(SO_LINGER)", 1)
	x.weighUnread(unread, linger)
	x.weighTimers(j)
	x.weighListener(j, unread, linger)
	if w := x.waiting(); x.me.fin >= 0 && (w.segments == 0 || w.first < x.me.fin) {
		j.of(cause.LingerTwo, "close() in FIN_WAIT_2 with TCP_LINGER2 below zero: the connection does not wait for the peer's FIN",
			"`nstat -az TcpExtTCPAbortOnLinger`; strace shows setsockopt(TCP_LINGER2)", linger.score-3).
			add(0, "it comes after its own FIN, %s, and nothing came in between", x.me.fin)
	}
	if x.me.stack == Windows || x.me.stack == Device {
		j.of(Abort, fmt.Sprintf("the %s has ended the connection at once", x.name()), "a trace of the program on the host", 1).
			add(3, fmt.Sprintf("by its SYN the host runs %s, which aborts so for more reasons than Linux does", x.me.stack))
	}
}

func (x *facts) weighUnread(unread, linger *hypothesis) {
	w, me := x.waiting(), x.me
	if me.received == 0 {
		unread.add(-6, "")
		if x.me.heard && wire.Before(x.peer.isn+1, x.me.acked) && !x.open[x.r.Try] {
			unread.add(6, "it has acknowledged data that the capture does not show", x.me.lastAck)
		}
		linger.add(1, "nothing has arrived that could be unread")
		return
	}
	x.weighWindow(unread, linger)
	switch {
	case wire.Before(me.next, x.r.Seq) && x.r.Seq-me.next < 1<<16 && w.segments < 2:
		linger.add(2, fmt.Sprintf("its number says that it sent %s more that are not in the file: nothing came after them", bytesOf(int(x.r.Seq-me.next))))
	case w.segments == 0:
		x.weighOwnLast(unread, linger)
	case me.fin >= 0 && w.first > me.fin:
		unread.add(4, fmt.Sprintf("%s came after its FIN, %%s, and it sent nothing after", bytesOf(w.bytes)), me.fin)
	case x.r.From == trace.Client && me.talked > 0 && w.bursts == 1:
		linger.add(2, "%s is the answer to what it had asked for; a client that has read it and aborts looks so", w.first)
		unread.add(0, fmt.Sprintf("%s came after it last sent data", bytesOf(w.bytes)), w.last)
	case x.r.From == trace.Client:
		unread.add(3, fmt.Sprintf("%s came in %s after it last sent data, and it sent nothing after", bytesOf(w.bytes), plural(w.bursts, "go")), w.last)
	default:
		unread.add(4, fmt.Sprintf("%s came after the server last sent data, and it sent no answer", bytesOf(w.bytes)), w.last)
	}
}

// weighOwnLast is for one whose own data were the last.
func (x *facts) weighOwnLast(unread, linger *hypothesis) {
	me := x.me
	if me.lastData < 0 {
		return
	}
	after := x.r.At - x.Segments[me.lastData].At
	soon := after <= max(2*(x.leg(0)+x.leg(1)), 30*time.Millisecond)
	switch b := me.before; {
	case after < 250*time.Millisecond && b.segments >= 2:
		unread.add(4, fmt.Sprintf("%s in %d segments had come before it sent %%s, and it reset at once: that it answered proves that it read the beginning, not all", bytesOf(b.bytes), b.segments), me.lastData)
	case soon && x.r.From == trace.Server && b.segments > 0:
		unread.add(1, "it reset at once after its answer, %s", me.lastData)
	case x.stuck():
		// What it sent last says nothing about what it has read: it was in the
		// middle of sending, and its peer let it send no more.
	default:
		linger.add(1, "nothing came after it last sent data, %s", me.lastData)
		unread.add(-1, "")
	}
}

// weighWindow looks at what was advertised: it shrinks by what is unread, and
// opens when the queue is thrown away.
func (x *facts) weighWindow(unread, linger *hypothesis) {
	ws := x.me.windows
	if len(ws) == 0 {
		return
	}
	last := ws[len(ws)-1]
	most := last.value
	for _, w := range ws {
		most = max(most, w.value)
	}
	rst := x.r.Window
	switch w := x.waiting(); {
	case rst > last.value && last.value < most && rst-last.value > 4:
		unread.add(7, fmt.Sprintf("its window, %d, is larger than the last, %d in %%s: what lay in the queue was thrown away with it", rst, last.value), last.index)
		unread.proves = true
	case w.segments > 0 && int(most)-int(last.value) == len(x.Segments[w.last].Payload) && last.index > w.last:
		unread.add(5, fmt.Sprintf("its window, in %%s, is smaller than ever before by the %s of %%s: they are not read", bytesOf(len(x.Segments[w.last].Payload))), last.index, w.last)
	case last.value < most/2:
		unread.add(4, fmt.Sprintf("its window had shrunk from %d to %d in %%s: what has come is not read", most, last.value), last.index)
	case w.segments > 0:
		x.weighShrink(unread, linger, last)
	}
}

// weighShrink compares the window before and after the data that nothing was
// sent after.
func (x *facts) weighShrink(unread, linger *hypothesis, last window) {
	w := x.waiting()
	was := -1
	for _, v := range x.me.windows {
		if v.index < w.first {
			was = int(v.value)
		}
	}
	if was < 0 || last.index < w.first {
		return
	}
	switch shrunk := was - int(last.value); {
	case shrunk > 1 && shrunk <= w.bytes && w.bytes <= was:
		unread.add(3, fmt.Sprintf("its window shrank by %d when the last %s came, and did not open again", shrunk, bytesOf(w.bytes)), last.index)
	case shrunk <= 0 && w.bytes >= 256 && x.me.stack != Linux:
		linger.add(1, "its window was fully open after everything had come", last.index)
	}
}

// weighTimers is for a host that has heard nothing for a while.
func (x *facts) weighTimers(j *jury) {
	if n := len(x.probes); n >= 2 {
		h := j.of(cause.KeepaliveTimeout, "the peer answered no keepalive probe: the connection was given up",
			"`ss -to` on the host shows timer:(keepalive); `nstat -az TcpExtTCPAbortOnTimeout`", 4)
		h.add(2, fmt.Sprintf("%s without an answer, the last %%s", plural(n, "probe")), x.probes[n-1])
		gap := x.Segments[x.probes[n-1]].At - x.Segments[x.probes[n-2]].At
		if d := x.sinceOwn - gap; d < gap/2 && d > -gap/2 {
			h.add(2, fmt.Sprintf("it comes %s after the last probe, as the probes came after each other", clock(x.sinceOwn)))
		}
	}
	if n := len(x.retries); n >= giveUp {
		j.of(GaveUp, fmt.Sprintf("the %s sent something again %s without an answer and gave up", x.name(), plural(n, "time")),
			"`nstat -az TcpExtTCPAbortOnTimeout`; a capture at the peer shows whether anything arrived", 3).
			add(3, fmt.Sprintf("sent again %s without an answer, the last time as %%s", plural(n, "time")), x.retries[n-1])
	}
}

// weighListener is for a server that has said nothing yet: nobody may have
// accepted the connection.
func (x *facts) weighListener(j *jury, unread, linger *hypothesis) {
	if x.r.From != trace.Server || x.me.lastData >= 0 || x.me.fin >= 0 || x.me.synAck < 0 {
		return
	}
	h := j.of(cause.ListenerClosed, "the listening socket was closed, which resets the connections that nobody has accepted",
		"whether other connections to the port were reset in the same instant; Recv-Q of the listener in `ss -ltn` before", 0)
	h.add(1, "the server has sent no data in this connection")
	if x.me.received == 0 {
		h.add(max(linger.score-h.score, 0), "and has got none: nobody may have accepted the connection")
	}
	if n := x.together(); n > 0 {
		weight := 2*n - 1
		if x.me.received > 0 {
			weight = 5
		}
		h.add(weight, fmt.Sprintf("%s to the same port reset in the same instant", plural(n, "other connection")))
	}
}

// bareAbort weighs what a RST without an acknowledgement can be that answers
// nothing in the file.
func (x *facts) bareAbort(j *jury) {
	live := j.of(Abort, fmt.Sprintf("the %s has ended the connection: its stack aborts with a bare RST", x.name()), "strace or a debugger on the host", 0)
	if x.fits {
		live.add(1, "its number is its sender's own next, and it answers nothing that came")
		if x.me.stack != Linux && x.me.stack != Unknown {
			live.add(2, fmt.Sprintf("by its SYN the host runs %s, which aborts so", x.me.stack))
		}
		if x.nextID {
			live.add(3, fmt.Sprintf("its IP id, %d, is the next of the host's own", x.r.ID))
		}
		if x.sinceOwn < 20*time.Millisecond && x.me.stack != Linux {
			live.add(1, fmt.Sprintf("its sender had sent %%s only %s before", clock(x.sinceOwn)), x.me.last)
		}
	} else {
		live.add(-3, "")
	}
	if x.state == synReceived {
		j.of(cause.SynReceivedBadAck, "it answers an acknowledgement that is not in the file, and not that of the SYN,ACK", "a capture at the server", 5).
			add(1, "the server sends its SYN,ACK again after it")
	}
	if n := len(x.retries); n >= giveUp && x.fits {
		j.of(GaveUp, fmt.Sprintf("the %s sent something again %s without an answer and gave up", x.name(), plural(n, "time")),
			"a capture at the peer shows whether anything arrived", 5).
			add(2, fmt.Sprintf("sent again %s without an answer", plural(n, "time")), x.retries...)
	}
	if x.me.reset >= 0 {
		j.of(cause.ConnectionClosed, "it had reset the connection before, and answers something that is not in the file", "a capture nearer to it", 2).
			add(2, "it had sent %s", x.me.reset)
	}
	x.machines(j)
}

// waiting is the data that nothing was sent after, as far as the RST says that
// they had arrived: it acknowledges what is in its sender's queue.
func (x *facts) waiting() tally {
	w := x.me.waiting
	if w.segments == 0 || x.bare || !wire.Before(x.r.Ack, x.Segments[w.last].End()) {
		return w
	}
	var t tally
	for _, k := range x.me.got {
		s := &x.Segments[k]
		if k < w.first || len(s.Payload) == 0 || wire.Before(x.r.Ack, s.End()) {
			continue
		}
		if t.segments == 0 {
			t.first, t.bursts = k, 1
		} else if s.At-x.Segments[t.last].At > burst {
			t.bursts++
		}
		t.bytes += len(s.Payload)
		t.segments++
		t.last = k
	}
	return t
}

// stuck reports whether the sender of the RST could not go on sending because
// of its peer's window.
func (x *facts) stuck() bool {
	ws := x.peer.windows
	if len(ws) == 0 {
		return false
	}
	var most uint16
	for _, w := range ws {
		most = max(most, w.value)
	}
	return ws[len(ws)-1].value < most/4
}

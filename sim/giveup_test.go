package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// watched turns keepalive on: probes after one and two seconds of silence, and
// one second more.
const watched = `c.set TCP_KEEPIDLE 1
+c.set TCP_KEEPINTVL 1
+c.set TCP_KEEPCNT 2
+c.set SO_KEEPALIVE 1
`

// resets lists the RSTs of a run that have a cause, with their instants.
func resets(tr *trace.Trace, id string) (out []string) {
	for _, s := range tr.Segments {
		if s.Cause != nil && s.Cause.ID == id {
			out = append(out, fmt.Sprintf("%s %s [%s] seq %d ack %d", s.SentAt.Round(time.Microsecond), s.From, s.Flags, s.Seq, s.Ack))
		}
	}
	return out
}

func expectResets(t *testing.T, tr *trace.Trace, id string, want ...string) {
	t.Helper()
	if got := resets(tr, id); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("RSTs because of %s: %q, want %q\n%s", id, got, want, tr)
	}
}

// Recorded on Linux 6.18: the last probe is followed by a RST with SND.NXT.
func TestKeepaliveThatFindsNobodyEndsWithAReset(t *testing.T) {
	tr := play(t, greeted+watched+`n.unplug
@9s c.poll = `+allEvents+`
+c.recv = ETIMEDOUT
+c.recv = 0
+c.send x = EPIPE
+c.state = CLOSE`)
	expectResets(t, tr, cause.KeepaliveTimeout, "3.8s client [R.] seq 5 ack 5")
}

func TestKeepaliveInCloseWait(t *testing.T) {
	tr := play(t, greeted+"s.shutdown WR\n"+watched+`n.unplug
@9s c.recv = 0
+c.send x = ETIMEDOUT
+c.send x = EPIPE`)
	expectResets(t, tr, cause.KeepaliveTimeout, "3.9s client [R.] seq 5 ack 6")
}

func TestKeepaliveStartsAnewWithEverySegment(t *testing.T) {
	// The peer speaks after the first probe is lost, and the second comes a
	// second after that.
	tr := play(t, greeted+watched+`n.unplug
@2500ms n.plug
@2600ms s.send more = 4
@3s n.unplug
@9s c.recv = 4:more
+c.recv = ETIMEDOUT`)
	expectResets(t, tr, cause.KeepaliveTimeout, "5.605s client [R.] seq 5 ack 9")
}

func TestKeepaliveLeavesOutstandingDataToRetransmission(t *testing.T) {
	tr := play(t, greeted+watched+`n.unplug
c.send lost = 4
@30s c.poll = POLLOUT`)
	expectResets(t, tr, cause.KeepaliveTimeout)
}

func TestUserTimeoutEndsKeepaliveAtTheFirstProbeBeyondIt(t *testing.T) {
	tr := play(t, greeted+`c.set TCP_KEEPIDLE 1
+c.set TCP_KEEPINTVL 1
+c.set TCP_KEEPCNT 9
+c.set SO_KEEPALIVE 1
+c.set TCP_USER_TIMEOUT 2500
n.unplug
@9s c.recv = ETIMEDOUT`)
	expectResets(t, tr, cause.KeepaliveTimeout, "3.8s client [R.] seq 5 ack 5")
}

func TestSocketThatIsClosedIsNotWatched(t *testing.T) {
	tr := play(t, greeted+watched+"c.close\ns.recv = 0\ns.close")
	expectResets(t, tr, cause.KeepaliveTimeout)
	if tr.End > 2*time.Hour {
		t.Errorf("the run ends at %v", tr.End)
	}
}

// Recorded on Linux 6.18.
func TestNegativeLinger2ResetsAtCloseInFinWait2(t *testing.T) {
	tr := play(t, greeted+`c.set TCP_LINGER2 -1
c.shutdown WR
c.state = FIN_WAIT2
c.close
s.poll = `+allEvents+`
s.recv = 0
s.recv = 0
s.send x = EPIPE`)
	expectResets(t, tr, cause.LingerTwo, "1.1s client [R.] seq 6 ack 5")
}

// Recorded on Linux 6.18 (ss -K).
func TestDestroyedConnection(t *testing.T) {
	tr := play(t, greeted+`c.read = ECONNABORTED
n.destroy
c.recv = 0
c.send x = EPIPE
s.poll = `+allEvents+`
s.recv = ECONNRESET`)
	expectResets(t, tr, cause.Destroyed, "900ms client [R.] seq 5 ack 5")
}

func TestDestroyLeavesListenersAndWhatNeedsNoReset(t *testing.T) {
	s := newSim(t, sim.Config{Link: link.Symmetric(5*time.Millisecond, 0)})
	s.Server().Go("server", func(p *sim.Process) {
		listen(p)
		p.Sleep(time.Hour)
	})
	s.Network(func(n *sim.Network) {
		n.Sleep(time.Second)
		if err := n.Destroy(trace.Server, nil); err != nil {
			t.Error(err)
		}
		s.Server().Endpoints(func(e *stack.Endpoint) {
			if e.State() != stack.Listen {
				t.Errorf("the listener is in %s", e.State())
			}
		})
		n.Crash(trace.Server)
		if err := n.Destroy(trace.Server, nil); err == nil {
			t.Error("a host that is down has connections")
		}
	})
	run(t, s)
}

// TestHalfOpenConnectionsAreForgotten: after tcp_synack_retries SYN,ACKs and
// the wait behind them, without a segment.
func TestHalfOpenConnectionsAreForgotten(t *testing.T) {
	for _, test := range []struct {
		retries string
		sent    int
		gone    time.Duration
	}{{"0", 1, time.Second}, {"1", 2, 3 * time.Second}, {"5", 6, 63 * time.Second}, {"", 6, 63 * time.Second}} {
		config := sim.Config{Link: link.Symmetric(5*time.Millisecond, 0)}
		if test.retries != "" {
			config.Server.Settings = []stack.Setting{{Name: "tcp_synack_retries", Value: test.retries}}
		}
		tr := playOn(t, config, "l.listen\nn.unplug\nn.forge server S 5 0")
		sent := 0
		var arrived, gone time.Duration
		for _, s := range tr.Segments {
			if s.From == trace.Server && s.Flags == wire.SYN|wire.ACK {
				sent++
			}
			if s.Injected != "" {
				arrived = s.ReceivedAt
			}
		}
		for _, e := range tr.Events {
			if e.Kind == trace.Changed && tr.Transitions[e.Index].To == stack.Closed && gone == 0 {
				gone = e.At - arrived
			}
		}
		if sent != test.sent || gone.Round(time.Microsecond) != test.gone {
			t.Errorf("retries %q: %d SYN,ACKs, forgotten after %v; want %d and %v", test.retries, sent, gone, test.sent, test.gone)
		}
	}
}

// TestTimersOfAMachineThatStoodStill: they fire when it goes on, in the order of
// their deadlines.
func TestTimersOfAMachineThatStoodStill(t *testing.T) {
	const from, to = 1100 * time.Millisecond, 2 * time.Second
	s := newSim(t, sim.Config{
		Link:   link.Symmetric(5*time.Millisecond, 1),
		Stalls: []sim.Stall{{From: from, To: to}},
	})
	s.Client().Go("client", func(p *sim.Process) {
		for range 3 {
			p.Sleep(50 * time.Millisecond)
			fd, _ := p.Socket()
			p.SetNonblock(fd, true)
			p.SetSockOpt(fd, "TCP_SYNCNT", stack.Value{Int: 1})
			p.Connect(fd, serverOf(p))
		}
		p.Sleep(5500 * time.Millisecond)
	})
	tr := run(t, s)
	var again []string
	for _, seg := range tr.Segments {
		if seg.Retransmission {
			again = append(again, fmt.Sprintf("%d at %v", seg.Conn, seg.SentAt.Round(time.Microsecond)))
		}
	}
	if want := "[0 at 1.05s 1 at 2s 2 at 2s]"; fmt.Sprint(again[:min(3, len(again))]) != want {
		t.Errorf("SYNs were sent again as %v, want %s", again, want)
	}
}

package coverage

import (
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace/diagram"
	"github.com/tcpsim/tcpsim/stack"
)

// cited are the lines of gVisor's TCP that the reasons of the tables name, and
// what stands there.
var cited = map[string]string{
	"connect.go:341":           "h.transitionToStateEstablishedLocked(s)",
	"connect.go:1205":          "e.tryDeliverSegmentFromClosedEndpoint(s)",
	"dispatcher.go:129":        "if lEP.acceptQueue.capacity == 0 {",
	"dispatcher.go:325":        "if !p.epQ.empty() {",
	"endpoint.go:93":           "case StateEstablished, StateFinWait1, StateFinWait2, StateTimeWait, StateCloseWait, StateLastAck, StateClosing:",
	"endpoint.go:1166":         "e.handshakeFailed(&tcpip.ErrAborted{})",
	"endpoint.go:1193":         "e.acceptQueue.capacity = 0",
	"endpoint.go:1198":         "n.Abort()",
	"endpoint.go:1578":         "return 0, &tcpip.ErrClosedForSend{}",
	"endpoint.go:2540":         "return &tcpip.ErrInvalidEndpointState{}",
	"endpoint.go:2645":         "case e.EndpointState().connected():",
	"forwarder.go:47":          "func NewForwarder(s *stack.Stack, rcvWnd, maxInFlight int, handler func(*ForwarderRequest)) *Forwarder {",
	"tcp_state_autogen.go:501": "e.beforeSave()",
}

var citation = regexp.MustCompile(`\w+\.go:[0-9]+`)

// A reason that names a line of the source can be looked up there.
func TestReasonsNameLinesThatSayIt(t *testing.T) {
	var named []string
	for _, r := range diagram.Transitions() {
		named = append(named, citation.FindAllString(r.Never+" "+r.Why, -1)...)
		if r.Never != "" && !citation.MatchString(r.Never) {
			t.Errorf("%s: the reason names no line of the source: %s", r.Edge, r.Never)
		}
	}
	for _, s := range sites {
		named = append(named, citation.FindAllString(s.Unreached, -1)...)
		if s.Unreached != "" && !citation.MatchString(s.Unreached) {
			t.Errorf("%s: the reason names no line of the source: %s", s.At, s.Unreached)
		}
	}
	slices.Sort(named)
	named = slices.Compact(named)
	dir := sourceOfTCP(t)
	for _, at := range named {
		if want, ok := cited[at]; !ok {
			t.Errorf("nobody checks what stands at %s", at)
		} else if got := lineOf(t, dir, at); got != want {
			t.Errorf("at %s stands %q, not %q", at, got, want)
		}
	}
	for at := range cited {
		if !slices.Contains(named, at) {
			t.Errorf("no reason names %s", at)
		}
	}
}

func lineOf(t *testing.T, dir, at string) string {
	t.Helper()
	file, number, _ := strings.Cut(at, ":")
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	n, _ := strconv.Atoi(number)
	lines := strings.Split(string(text), "\n")
	if n < 1 || n > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[n-1])
}

// The two edges of figure 5 that nobody takes have their calls. They are made
// here, and fail.
func TestTheCallsOfTheUntakenEdgesFail(t *testing.T) {
	s, err := sim.New(sim.Config{Link: link.Symmetric(10*time.Millisecond, 0)})
	if err != nil {
		t.Fatal(err)
	}
	state := func(p *sim.Process, fd int, want string) {
		if v, _ := p.GetSockOpt(fd, "TCP_INFO"); v.Text != want {
			t.Errorf("%s: the state is %s, not %s", p.Name(), v.Text, want)
		}
	}
	errno := func(p *sim.Process, call string, err error, want stack.Errno) {
		if err != error(want) {
			t.Errorf("%s: %s gives %v, not %v", p.Name(), call, err, want)
		}
	}
	s.Server().Go("SEND in LISTEN", func(p *sim.Process) {
		p.IgnoreSIGPIPE(true)
		l, _ := p.Socket()
		p.Bind(l, at(s.Server(), 1))
		p.Listen(l, 1)
		_, err := p.Send(l, []byte("x"), 0)
		errno(p, "send", err, stack.EPIPE)
		errno(p, "connect", p.Connect(l, at(s.Client(), 1)), stack.EISCONN)
		state(p, l, "LISTEN")
	})
	s.Server().Go("a peer", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Bind(c, at(s.Server(), 2))
		p.Connect(c, at(s.Client(), 2))
	})
	s.Client().Go("CLOSE in SYN_RECEIVED", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Bind(c, at(s.Client(), 2))
		p.SetNonblock(c, true)
		p.Connect(c, at(s.Server(), 2))
		p.Sleep(15 * time.Millisecond)
		state(p, c, "SYN_RECV")
		p.Shutdown(c, stack.ShutWrite)
		state(p, c, "CLOSE")
	})
	tr, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	for i := range tr.Segments {
		if f := tr.Segments[i].Flags.String(); strings.Contains(f, "F") {
			t.Errorf("a FIN was sent: %s", tr.Segments[i].Summary())
		}
	}
	for _, e := range diagram.Seen(tr) {
		if !diagram.May(e) {
			t.Errorf("%s was taken", e)
		}
	}
}

func at(h *sim.Host, port uint16) netip.AddrPort { return netip.AddrPortFrom(h.Addr(), port) }

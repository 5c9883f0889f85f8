package sim_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack"
)

// TestThreadsShareDescriptors: one blocks in a call on a descriptor while the
// process uses it, and its end closes nothing.
func TestThreadsShareDescriptors(t *testing.T) {
	s := newSim(t, sim.Config{Link: link.Symmetric(5*time.Millisecond, 0)})
	s.Server().Go("server", func(p *sim.Process) {
		l := listen(p)
		conn, _, _ := p.Accept(l)
		p.Sleep(time.Second)
		p.Send(conn, []byte("hello"), 0)
		p.Sleep(time.Second)
	})
	got, state, second := "", "", 0
	s.Client().Go("client", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Connect(c, netip.AddrPortFrom(s.Server().Addr(), serverPort))
		p.Thread("reader", func(r *sim.Process) {
			buf := make([]byte, 16)
			n, _ := r.Recv(c, buf, 0)
			got = string(buf[:n])
			second, _ = r.Socket()
			r.Mark("read")
		})
		p.Sleep(500 * time.Millisecond)
		v, _ := p.GetSockOpt(c, "TCP_INFO")
		state = v.Text
		p.WaitFor("read")
		if _, err := p.Send(c, []byte("x"), 0); err != nil {
			t.Error("after the thread has ended: ", err)
		}
		if err := p.Close(second); err != nil {
			t.Error("a descriptor that the thread has made: ", err)
		}
		p.Sleep(0)
	})
	run(t, s)
	if got != "hello" || state != stack.Established.Linux() {
		t.Errorf("the thread read %q, the process saw %s", got, state)
	}
}

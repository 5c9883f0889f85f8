package sim_test

import (
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/stack"
)

// TestPollIgnoresNegativeDescriptors: poll(2): the events are ignored, and
// revents is zero.
func TestPollIgnoresNegativeDescriptors(t *testing.T) {
	s := newSim(t, sim.Config{})
	s.Client().Go("client", func(p *sim.Process) {
		for _, timeout := range []time.Duration{0, 100 * time.Millisecond} {
			before := p.Now()
			fds := []sim.PollFD{{FD: -1, Events: stack.PollIn, Revents: stack.PollErr}}
			if n, err := p.Poll(fds, timeout); n != 0 || err != nil || fds[0].Revents != 0 || p.Now()-before != timeout {
				t.Errorf("poll of -1 for %v: %d %v, revents %s, after %v", timeout, n, err, fds[0].Revents, p.Now()-before)
			}
		}
		fd, _ := p.Socket()
		fds := []sim.PollFD{{FD: -7, Events: stack.PollIn}, {FD: 99, Events: stack.PollIn}, {FD: fd, Events: stack.PollOut}}
		n, _ := p.Poll(fds, time.Second)
		if n != 2 || fds[0].Revents != 0 || fds[1].Revents != stack.PollNval || fds[2].Revents != stack.PollOut|stack.PollHup {
			t.Errorf("%d, %+v", n, fds)
		}
	})
	run(t, s)
}

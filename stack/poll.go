package stack

import (
	"strings"

	"gvisor.dev/gvisor/pkg/waiter"
)

// PollEvents are poll's event bits.
type PollEvents uint16

// The events, with Linux's values.
const (
	PollIn    PollEvents = 0x1
	PollPri   PollEvents = 0x2
	PollOut   PollEvents = 0x4
	PollErr   PollEvents = 0x8
	PollHup   PollEvents = 0x10
	PollNval  PollEvents = 0x20
	PollRdHup PollEvents = 0x2000
)

var pollNames = []struct {
	bit  PollEvents
	name string
}{
	{PollIn, "POLLIN"},
	{PollPri, "POLLPRI"},
	{PollOut, "POLLOUT"},
	{PollErr, "POLLERR"},
	{PollHup, "POLLHUP"},
	{PollNval, "POLLNVAL"},
	{PollRdHup, "POLLRDHUP"},
}

// String joins the names with a bar; 0 for none.
func (e PollEvents) String() string {
	var names []string
	for _, p := range pollNames {
		if e&p.bit != 0 {
			names = append(names, p.name)
		}
	}
	if len(names) == 0 {
		return "0"
	}
	return strings.Join(names, "|")
}

// ParsePollEvents reads names joined with a bar, and 0.
func ParsePollEvents(s string) (PollEvents, bool) {
	var e PollEvents
	if s == "0" {
		return 0, true
	}
next:
	for _, name := range strings.Split(s, "|") {
		for _, p := range pollNames {
			if p.name == name {
				e |= p.bit
				continue next
			}
		}
		return 0, false
	}
	return e, true
}

// Poll reports the events that hold now, of those asked for; POLLERR and
// POLLHUP are always asked for (Linux: tcp_poll).
func (s *Socket) Poll(want PollEvents) PollEvents {
	s.sync()
	var e PollEvents
	ready := s.ep.Readiness(waiter.ReadableEvents | waiter.WritableEvents)
	if s.listening {
		if s.state() == Listen && ready&waiter.ReadableEvents != 0 {
			e |= PollIn
		}
		return e & (want | PollErr | PollHup)
	}
	unconnectedNow := s.assoc == unconnected
	if unconnectedNow || s.dead || s.recvShut() && s.sendShut() {
		e |= PollHup
	}
	if !unconnectedNow && s.recvShut() {
		e |= PollIn | PollRdHup
	}
	if !s.Connecting() {
		if s.rec.Unread() > 0 {
			e |= PollIn
		}
		if unconnectedNow || s.sendShut() || ready&waiter.WritableEvents != 0 {
			e |= PollOut
		}
	}
	if s.err != OK {
		e |= PollErr
	}
	return e & (want | PollErr | PollHup)
}

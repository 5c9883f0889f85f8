package sim

import (
	"fmt"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/words"
)

// Destroy ends connections of a host from outside, as its administrator does
// with ss -K: the peer gets a RST, and the next call on the socket ECONNABORTED
// (see [stack.Endpoint.Destroy]). which chooses among the connections; nil is
// all of them. It returns an error when the host is down.
func (n *Network) Destroy(side trace.Side, which func(*stack.Endpoint) bool) error {
	s := n.task.sim
	h := s.hosts[side]
	if h.stack == nil {
		return fmt.Errorf("%s is down", side)
	}
	var chosen []*stack.Endpoint
	h.stack.Endpoints(func(e *stack.Endpoint) {
		if e.State() != stack.Closed && e.Tuple().Dst.IsValid() && (which == nil || which(e)) {
			chosen = append(chosen, e)
		}
	})
	n.note(trace.NoteDestroy, side, fmt.Sprintf("the administrator of %s ends %s", side, words.Plural(len(chosen), "connection")))
	for _, e := range chosen {
		if conn, ok := s.rec.conns.of(side, e); ok {
			s.ctx.conn = conn
		}
		if e.Destroy() {
			s.settle(h, nil)
		}
	}
	return nil
}

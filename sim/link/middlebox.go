package link

import (
	"time"

	"github.com/tcpsim/tcpsim/stack/wire"
)

// Middlebox is a stateful device in the middle of the link: a firewall, a NAT
// gateway, a load balancer. It knows the connections that it has seen begin,
// and forgets one that is idle. One with nothing but a name changes nothing; a
// capture can be made there. The zero value is no device.
type Middlebox struct {
	Name     string        // shown in the trace; empty is no device
	At       float64       // where it is: the share of the way that lies between it and the client; 0 is the middle, 0.5
	Stateful bool          // segments of connections that it does not know are lost
	Idle     time.Duration // forget a connection after this long without a segment; 0 is never
	Reset    bool          // answer a segment of a forgotten connection with a RST instead of silence
}

// share is how much of the link lies between the client and the middlebox.
func (m *Middlebox) share() float64 {
	if m.At == 0 {
		return 0.5
	}
	return m.At
}

// session is one entry of a middlebox's table.
type session struct{ last time.Duration }

// key is a connection without a direction.
func key(seg *wire.Segment) wire.Tuple {
	t := seg.Tuple()
	if t.Dst.Compare(t.Src) < 0 {
		t = t.Reverse()
	}
	return t
}

// pass lets the middlebox look at a segment that reaches it at that time.
func (m *Middlebox) pass(table map[wire.Tuple]session, o *Offered, at time.Duration, v *Verdict) {
	if m.Name == "" {
		return
	}
	k := key(o.Seg)
	s, known := table[k]
	syn := o.Seg.Flags.Has(wire.SYN) && !o.Seg.Flags.Has(wire.ACK)
	forgotten := known && m.Idle > 0 && at-s.last > m.Idle
	switch {
	case syn:
		// A SYN opens the connection anew, whatever was there.
	case forgotten && m.Reset:
		delete(table, k)
		v.lose(m.Name + " forgot the connection, idle for " + (at - s.last).String())
		v.forge(Forge{ToSender: true, ToReceiver: true}, o, m.Name)
		return
	case forgotten:
		delete(table, k)
		v.lose(m.Name + " forgot the connection, idle for " + (at - s.last).String())
		return
	case m.Stateful && !known:
		v.lose(m.Name + " knows no such connection")
		if m.Reset && !o.Seg.Flags.Has(wire.RST) {
			v.forge(Forge{ToSender: true}, o, m.Name)
		}
		return
	}
	if o.Seg.Flags.Has(wire.RST) {
		delete(table, k)
		return
	}
	table[k] = session{last: at}
}

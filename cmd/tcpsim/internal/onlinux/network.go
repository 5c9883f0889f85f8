package onlinux

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// network is what an experimenter can do; it implements [program.Network].
type network struct {
	w    *World
	task *task
}

func (n *network) Now() time.Duration    { return n.w.now }
func (n *network) Sleep(d time.Duration) { n.w.sleep(n.task, d) }
func (n *network) WaitFor(label string)  { n.w.waitFor(n.task, label) }
func (n *network) Mark(label string)     { n.w.mark(label) }

func (n *network) Crash(side trace.Side) error {
	w, h := n.w, n.w.hosts[side]
	if h.lh == nil {
		return errors.New("the host is down already")
	}
	by := w.rec.note(trace.NoteCrash, side, side.String()+" lost power")
	for _, t := range w.tasks {
		if p := t.process; p != nil && p.host == h && !t.over && p.lp != nil {
			p.vanish()
		}
	}
	lh := h.lh
	h.lh = nil // what it says of its end is nobody's business
	if _, err := lh.PowerOff(); err != nil {
		return err
	}
	for _, e := range w.rec.endpoints(side) {
		w.rec.gone(e, by)
	}
	return nil
}

func (n *network) Boot(side trace.Side) error {
	h := n.w.hosts[side]
	if h.lh != nil {
		return fmt.Errorf("%s is running", side)
	}
	if err := h.boot(); err != nil {
		return err
	}
	n.w.rec.note(trace.NoteBoot, side, side.String()+" boots")
	for _, start := range h.onBoot {
		start()
	}
	return nil
}

func (n *network) Unplug(side trace.Side) {
	n.w.rec.note(trace.NoteUnplug, side, "cable of "+side.String()+" unplugged")
	n.w.link.Unplug(side)
}

func (n *network) Plug(side trace.Side) {
	n.w.rec.note(trace.NotePlug, side, "cable of "+side.String()+" plugged in")
	n.w.link.Plug(side)
}

func (n *network) Destroy(side trace.Side) error {
	h := n.w.hosts[side]
	if h.lh == nil {
		return fmt.Errorf("%s is down", side)
	}
	by := n.w.rec.note(trace.NoteDestroy, side, "the administrator of "+side.String()+" ends its connections (ss -K)")
	sockets, err := h.lh.Sockets()
	if err != nil {
		return err
	}
	for _, s := range sockets {
		if s.State == stack.Listen {
			continue
		}
		step, err := h.lh.Destroy(s)
		if err != nil {
			return err
		}
		n.w.take(step, by)
	}
	return nil
}

func (n *network) Kill(name string, signal stack.Signal) error {
	if !signal.Known() {
		return fmt.Errorf("%s does not end a process here", signal)
	}
	err := fmt.Errorf("no process %q", name)
	for _, t := range slices.Backward(n.w.tasks) {
		p := t.process
		if p == nil || t.name != name {
			continue
		}
		if t.over || p.ended || p.lp == nil {
			err = fmt.Errorf("process %s has ended", name)
			continue
		}
		by := n.w.rec.note(trace.NoteSignal, p.host.side, fmt.Sprintf("process %s killed by %s", name, signal))
		step, err := p.lp.Kill(int(signal))
		if err != nil {
			return err
		}
		n.w.take(step, by)
		p.killed = true
		return nil
	}
	return err
}

func (n *network) AddRule(r link.Rule) error {
	if err := r.Validate(); err != nil {
		return err
	}
	n.w.rec.note(trace.NoteAddRule, sideOf(r.From), "the link starts "+r.Doing())
	n.w.link.Add(r)
	return nil
}

func (n *network) RemoveRule(text string) error {
	removed := n.w.link.RemoveNamed(text)
	if len(removed) == 0 && text != "all" {
		return fmt.Errorf("no rule %q is in force", text)
	}
	for _, r := range removed {
		n.w.rec.note(trace.NoteRemoveRule, sideOf(r.From), "the link stops "+r.Doing())
	}
	return nil
}

func sideOf(s link.Sender) trace.Side {
	if s == link.FromServer {
		return trace.Server
	}
	return trace.Client
}

func (n *network) Inject(in sim.Injection) error {
	r, to, from := &n.w.rec, in.To, in.To.Peer()
	var ends [2]netip.AddrPort
	if k := len(r.trace.Conns); k > 0 {
		ends[to], ends[from] = r.trace.Conns[k-1].At(to).Addr, r.trace.Conns[k-1].At(from).Addr
	} else if in.FromPort == 0 || in.ToPort == 0 {
		return errors.New("inject: no connection yet to take the ports from: give both")
	}
	for side, port := range map[trace.Side]uint16{from: in.FromPort, to: in.ToPort} {
		if port == 0 {
			port = ends[side].Port()
		}
		ends[side] = netip.AddrPortFrom(n.w.hosts[side].addr, port)
	}
	conn := r.conn(from, ends[from], ends[to], nil)
	if conn < 0 {
		conn = r.open(from, ends[from], ends[to])
	}
	c := &r.trace.Conns[conn]
	h := in.Header
	if t := h.Timestamp; t != nil {
		h.Timestamp = &wire.Timestamps{
			Value: r.timestamp(conn, from) + t.Value, Echo: r.timestamp(conn, to) + t.Echo,
		}
	}
	seg := wire.Segment{
		Src: ends[from], Dst: ends[to], Flags: in.Flags, Window: in.Window, Payload: in.Data,
		Options: append(slices.Clone(in.Options), h.Bytes()...),
		Seq:     c.Absolute(from, in.Seq), Ack: c.Absolute(to, in.Ack),
	}
	if e := c.At(from); in.Flags.Has(wire.SYN) && !e.Known {
		e.Known, e.ISN = true, seg.Seq
	}
	by := in.By
	if by == "" {
		by = "middlebox"
	}
	n.w.fromMiddle(from, conn, &seg, by, trace.Trigger{})
	return nil
}

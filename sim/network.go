package sim

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Network is what the experimenter can do to hosts, cable and processes while
// a run goes on.
type Network struct{ task *task }

// Network adds an experimenter: a function that runs beside the processes.
// It panics when the run has begun, as [Host.Go] does.
func (s *Sim) Network(body func(*Network)) {
	s.early("Sim.Network")
	n := &Network{}
	n.task = &task{sim: s, name: "network", doing: "its own code", body: func() { body(n) }}
	s.tasks = append(s.tasks, n.task)
}

// Now is the virtual time since the start of the run.
func (n *Network) Now() time.Duration { return n.task.sim.now }

// Sleep lets virtual time pass.
func (n *Network) Sleep(d time.Duration) {
	n.task.doing = fmt.Sprintf("sleep(%s)", d)
	n.task.sleep(d)
}

// WaitFor blocks until a process has reached label.
func (n *Network) WaitFor(label string) { n.task.waitFor(label) }

// Mark reaches a label.
func (n *Network) Mark(label string) { n.task.sim.reach(label) }

// Crash takes the power from a host: silent, and everything is forgotten. It
// returns an error when the host is down.
func (n *Network) Crash(side trace.Side) error { return n.task.sim.hosts[side].crash() }

// Boot starts a host again, at the same address, with nothing but its
// settings, and with it the processes that start on boot.
func (n *Network) Boot(side trace.Side) error {
	s := n.task.sim
	h := s.hosts[side]
	if h.stack != nil {
		return fmt.Errorf("%s is running", side)
	}
	if err := h.boot(); err != nil {
		return err
	}
	n.note(trace.NoteBoot, side, side.String()+" boots")
	for _, b := range h.onBoot {
		p := h.newProcess(b.name, b.body)
		s.heap.push(event{at: s.now, task: p.task})
	}
	return nil
}

func (n *Network) note(kind trace.NoteKind, side trace.Side, text string) {
	s := n.task.sim
	s.ctx = context{host: s.hosts[side], conn: noConn}
	s.ctx.trigger = s.rec.note(kind, side, text)
}

// Unplug takes a host's interface down: segments are lost in both directions.
func (n *Network) Unplug(side trace.Side) {
	n.note(trace.NoteUnplug, side, "cable of "+side.String()+" unplugged")
	n.task.sim.link.Unplug(side)
}

// Plug brings it up again.
func (n *Network) Plug(side trace.Side) {
	n.note(trace.NotePlug, side, "cable of "+side.String()+" plugged in")
	n.task.sim.link.Plug(side)
}

// AddRule puts a rule in force, which counts from then on, and gives what takes
// it away again: once, and nothing happens when it is gone already. It returns
// an error, a [*link.Invalid], for a rule that cannot be.
func (n *Network) AddRule(r link.Rule) (remove func(), err error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	n.note(trace.NoteAddRule, senderSide(r.From), "the link starts "+r.Doing())
	id := n.task.sim.link.Add(r)
	return func() {
		if r, was := n.task.sim.link.Remove(id); was {
			n.notePass(r)
		}
	}, nil
}

// RemoveRule ends the rules of a name or a text (see [link.Rule.String]), or
// with "all" every rule, those of Config too. It returns an error when there is
// no such rule.
func (n *Network) RemoveRule(text string) error {
	removed := n.task.sim.link.RemoveNamed(text)
	if len(removed) == 0 && text != "all" {
		return fmt.Errorf("no rule %q is in force", text)
	}
	for _, r := range removed {
		n.notePass(r)
	}
	return nil
}

func (n *Network) notePass(r link.Rule) {
	n.note(trace.NoteRemoveRule, senderSide(r.From), "the link stops "+r.Doing())
}

// senderSide is the host that a note about a rule is filed under: the client
// when the rule is about both.
func senderSide(s link.Sender) trace.Side {
	if s == link.FromServer {
		return trace.Server
	}
	return trace.Client
}

// Kill sends a signal, one of stack.SIGINT and the others, to a process by name: to
// the youngest that runs, where a host has started one at every boot. Sent to a
// thread it ends the process. It returns an error when there is no such process
// or all of them have ended.
func (n *Network) Kill(process string, signal stack.Signal) error {
	if !signal.Known() {
		return fmt.Errorf("%s does not end a process here", signal)
	}
	err := fmt.Errorf("no process %q", process)
	for _, t := range slices.Backward(n.task.sim.tasks) {
		if t.process == nil || t.name != process {
			continue
		}
		if t.over {
			err = fmt.Errorf("process %s has ended", process)
			continue
		}
		t.process.signal(signal)
		t.unwind()
		return nil
	}
	return err
}

// Injection describes a segment that somebody other than the two hosts puts on
// the link. Seq and Ack are relative to the initial sequence numbers of the
// connection, where it has any.
type Injection struct {
	To       trace.Side
	By       string // who forges it
	Flags    wire.Flags
	Seq, Ack uint32
	Window   uint16
	Options  []byte       // raw
	Header   wire.Options // besides those; timestamps count from the latest that each side has sent
	Data     []byte

	FromPort, ToPort uint16 // 0 is that of the youngest connection
}

// Inject puts a forged segment on the middle of the link, in the name of the
// other host. It returns an error when the ports are not given and there is no
// connection to take them from.
func (n *Network) Inject(in Injection) error {
	s := n.task.sim
	to, from := in.To, in.To.Peer()
	addr, err := s.rec.injectAddr(in)
	if err != nil {
		return err
	}
	s.ctx = context{host: s.hosts[to], conn: noConn}
	conn := s.rec.conns.ofInjected(from, addr)
	c := &s.rec.trace.Conns[conn]
	seg := wire.Segment{
		Src: addr[from], Dst: addr[to], Flags: in.Flags, Window: in.Window, Options: s.rec.options(&in, conn), Payload: in.Data,
		Seq: c.Absolute(from, in.Seq), Ack: c.Absolute(to, in.Ack),
	}
	if in.Flags.Has(wire.SYN) && !c.At(from).Known {
		s.rec.conns.setISN(conn, from, seg.Seq)
		s.rec.conns.flows[conn][from].guess = true
	}
	bytes, err := seg.Frame()
	if err != nil {
		return err
	}
	by := in.By
	if by == "" {
		by = "middlebox"
	}
	s.fromMiddle(s.rec.injected(from, conn, &seg, bytes, by), bytes)
	return nil
}

// options are those of a segment that is forged on a connection.
func (r *recorder) options(in *Injection, conn int) []byte {
	h := in.Header
	if t := h.Timestamp; t != nil {
		h.Timestamp = &wire.Timestamps{
			Value: r.timestamp(conn, in.To.Peer()) + t.Value, Echo: r.timestamp(conn, in.To) + t.Echo,
		}
	}
	return append(in.Options[:len(in.Options):len(in.Options)], h.Bytes()...)
}

// timestamp is the latest that a host has sent on a connection, or zero.
func (r *recorder) timestamp(conn int, from trace.Side) uint32 {
	for i := len(r.trace.Segments) - 1; i >= 0; i-- {
		s := &r.trace.Segments[i]
		if s.Conn != conn || s.From != from || s.Injected != "" {
			continue
		}
		seg, err := wire.Parse(s.Frame)
		if err != nil {
			continue
		}
		if t, ok := wire.TimestampsOf(seg.Options); ok {
			return t.Value
		}
	}
	return 0
}

func (r *recorder) injectAddr(in Injection) ([2]netip.AddrPort, error) {
	to, from := in.To, in.To.Peer()
	var addr [2]netip.AddrPort
	if n := len(r.trace.Conns); n > 0 {
		addr = addrsOf(&r.trace.Conns[n-1])
	} else if in.FromPort == 0 || in.ToPort == 0 {
		return addr, fmt.Errorf("inject: no connection yet to take the ports from: give both")
	}
	addr[to] = netip.AddrPortFrom(r.sim.hosts[to].Addr(), addr[to].Port())
	addr[from] = netip.AddrPortFrom(r.sim.hosts[from].Addr(), addr[from].Port())
	if in.FromPort != 0 {
		addr[from] = netip.AddrPortFrom(addr[from].Addr(), in.FromPort)
	}
	if in.ToPort != 0 {
		addr[to] = netip.AddrPortFrom(addr[to].Addr(), in.ToPort)
	}
	return addr, nil
}

// Set changes a setting of a host that runs (see stack.Settings).
func (n *Network) Set(side trace.Side, setting stack.Setting) error {
	h := n.task.sim.hosts[side]
	if h.stack == nil {
		return fmt.Errorf("%s is down", side)
	}
	return h.stack.Set(setting.Name, setting.Value)
}

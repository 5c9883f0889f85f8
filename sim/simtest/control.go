package simtest

import (
	"slices"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack"
)

// control has the engine do f before anything else that is waiting.
func (nw *Network) control(f func() error) error {
	o := &op{rank: rank{kind: kindControl}}
	o.try = func() {
		o.err = f()
		nw.finish(o)
	}
	nw.block(o)
	return o.err
}

// Crash takes the power from the host. Nothing is sent, and everything is
// forgotten; calls on its sockets return an error that is net.ErrClosed, since
// goroutines cannot be made to vanish with the machine they ran on. It returns
// an error when the host is down.
func (h *Host) Crash() error { return h.nw.control(h.crash) }

func (h *Host) crash() error {
	if err := h.nw.driver.Network().Crash(h.sim.Side()); err != nil {
		return err
	}
	h.dropAll(errDown)
	return nil
}

// dropAll ends every call on the host, those on its sockets and the dials that
// have no socket yet.
func (h *Host) dropAll(err error) {
	h.unloop(err)
	for _, s := range h.nw.socks {
		if s.host == h && s.lost == nil {
			s.drop(err)
		}
	}
	for _, o := range slices.Clone(h.nw.parked) {
		if o.rank.kind == kindOpen && o.rank.side == int(h.sim.Side()) && o.sock == nil {
			h.nw.fail(o, err)
		}
	}
}

// Boot starts the host again after a crash, at the same address. Nothing
// listens on it until somebody calls Listen.
func (h *Host) Boot() error { return h.nw.control(h.boot) }

func (h *Host) boot() error {
	if err := h.nw.driver.Network().Boot(h.sim.Side()); err != nil {
		return err
	}
	h.process = h.nw.driver.Process(h.sim, h.sim.Side().String())
	return nil
}

// Reboot is Crash and Boot at one instant.
func (h *Host) Reboot() error {
	return h.nw.control(func() error {
		if err := h.crash(); err != nil {
			return err
		}
		return h.boot()
	})
}

// Kill ends the program on the host with SIGKILL: the kernel closes everything
// that it has open, connections and listeners, with a RST where data is unread
// and a FIN elsewhere. Calls on those return an error that is net.ErrClosed,
// since goroutines cannot be made to vanish with their process; what is opened
// from then on belongs to another one. It returns an error when the host is
// down.
func (h *Host) Kill() error { return h.nw.control(h.kill) }

func (h *Host) kill() error {
	if !h.sim.Up() {
		return errDown
	}
	h.dropAll(errKilled)
	h.nw.driver.Kill(h.process, stack.SIGKILL)
	h.process = h.nw.driver.Process(h.sim, h.sim.Side().String())
	return nil
}

// Unplug takes the host's interface down: segments are lost in both
// directions, and nobody is told.
func (h *Host) Unplug() {
	h.nw.control(func() error {
		h.nw.driver.Network().Unplug(h.sim.Side())
		return nil
	})
}

// Plug brings the interface up again.
func (h *Host) Plug() {
	h.nw.control(func() error {
		h.nw.driver.Network().Plug(h.sim.Side())
		return nil
	})
}

// Set changes a setting of the host, for sockets that are made from then on
// (see [stack.Settings]).
func (h *Host) Set(name, value string) error {
	return h.nw.control(func() error {
		return h.nw.driver.Network().Set(h.sim.Side(), stack.Setting{Name: name, Value: value})
	})
}

// Add puts a rule of the link in force: it drops, delays, duplicates, corrupts
// or answers what it matches. It gives what takes the rule away again, and an
// error, a [*link.Invalid], for a rule that cannot be.
func (nw *Network) Add(r link.Rule) (remove func(), err error) {
	var undo func()
	err = nw.control(func() (err error) {
		undo, err = nw.driver.Network().AddRule(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return func() {
		nw.control(func() error {
			undo()
			return nil
		})
	}, nil
}

// Remove ends a rule by its name or text, or all of them with "all". It
// returns an error when there is no such rule.
func (nw *Network) Remove(text string) error {
	return nw.control(func() error { return nw.driver.Network().RemoveRule(text) })
}

// DropAll loses every segment from now on, until Remove("all").
func (nw *Network) DropAll() { nw.Add(link.Rule{Name: "everything"}) }

// InjectRST has a middlebox take the next segment off the link and answer it,
// to both hosts, with a RST that bears the numbers they expect.
func (nw *Network) InjectRST() { nw.Add(forgedReset()) }

func forgedReset() link.Rule {
	return link.Rule{
		Name: "middlebox", Nth: 1, Act: link.ActDropAndForge,
		Forge: link.Forge{ToSender: true, ToReceiver: true},
	}
}

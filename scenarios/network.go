package scenarios

import (
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// network runs the experimenter's steps. The first that cannot be done ends
// the experiment.
func (r *runner) network(n *sim.Network) {
	for i := range r.c.Network {
		s := &r.c.Network[i]
		if err := act(n, s); err != nil {
			r.fail(s, err)
			return
		}
		if s.Label != "" {
			n.Mark(s.Label)
		}
	}
}

func act(n *sim.Network, s *model.Step) error {
	side := sideOf(s.Target)
	switch s.Verb {
	case model.VerbSleep:
		n.Sleep(s.Duration)
	case model.VerbWaitFor:
		n.WaitFor(s.Target)
	case model.VerbCrash:
		return n.Crash(side)
	case model.VerbBoot:
		return n.Boot(side)
	case model.VerbUnplug:
		n.Unplug(side)
	case model.VerbPlug:
		n.Plug(side)
	case model.VerbDestroy:
		return n.Destroy(side, nil)
	case model.VerbKill:
		return n.Kill(s.Target, s.Signal)
	case model.VerbDrop:
		_, err := n.AddRule(s.Rule.Rule)
		return err
	case model.VerbPass:
		if s.Rule.Text == model.AllRules {
			return n.RemoveRule(model.AllRules)
		}
		return n.RemoveRule(s.Rule.Rule.String())
	case model.VerbInject:
		return inject(n, side, s.Inject)
	}
	return nil
}

func inject(n *sim.Network, to trace.Side, m *model.Inject) error {
	return n.Inject(sim.Injection{
		To: to, By: m.By, Flags: m.Flags, Seq: deref(m.Seq), Ack: deref(m.Ack), Window: deref(m.Win),
		Data: m.Data, FromPort: deref(m.SourcePort), ToPort: deref(m.DestinationPort), Header: optionsOf(&m.Options),
	})
}

func optionsOf(m *model.InjectOptions) wire.Options {
	o := wire.Options{MSS: m.MSS, WindowScale: m.WindowScale, SACKPermitted: m.SACKPermitted}
	if m.Timestamp != nil || m.Echo != nil {
		o.Timestamp = &wire.Timestamps{Value: uint32(deref(m.Timestamp)), Echo: uint32(deref(m.Echo))}
	}
	return o
}

// deref is what a pointer points to, or zero.
func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func sideOf(name string) trace.Side {
	if name == "server" {
		return trace.Server
	}
	return trace.Client
}

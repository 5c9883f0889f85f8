package program

import (
	"fmt"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// acts is what each step of the network does. There is no other place that
// knows.
var acts = map[model.Verb]func(Network, *model.Step) error{
	model.VerbSleep:   func(n Network, s *model.Step) error { n.Sleep(s.Duration); return nil },
	model.VerbWaitFor: func(n Network, s *model.Step) error { n.WaitFor(s.Target); return nil },
	model.VerbCrash:   func(n Network, s *model.Step) error { return n.Crash(sideOf(s.Target)) },
	model.VerbBoot:    func(n Network, s *model.Step) error { return n.Boot(sideOf(s.Target)) },
	model.VerbUnplug:  func(n Network, s *model.Step) error { n.Unplug(sideOf(s.Target)); return nil },
	model.VerbPlug:    func(n Network, s *model.Step) error { n.Plug(sideOf(s.Target)); return nil },
	model.VerbDestroy: func(n Network, s *model.Step) error { return n.Destroy(sideOf(s.Target)) },
	model.VerbKill:    func(n Network, s *model.Step) error { return n.Kill(s.Target, s.Signal) },
	model.VerbDrop:    func(n Network, s *model.Step) error { return n.AddRule(s.Rule.Rule) },
	model.VerbPass: func(n Network, s *model.Step) error {
		if s.Rule.Text == model.AllRules {
			return n.RemoveRule(model.AllRules)
		}
		return n.RemoveRule(s.Rule.Rule.String())
	},
	model.VerbInject: func(n Network, s *model.Step) error {
		m := s.Inject
		return n.Inject(sim.Injection{
			To: sideOf(s.Target), By: m.By, Flags: m.Flags, Seq: deref(m.Seq), Ack: deref(m.Ack), Window: deref(m.Win),
			Data: m.Data, FromPort: deref(m.SourcePort), ToPort: deref(m.DestinationPort), Header: optionsOf(&m.Options),
		})
	},
}

// Act does one step of the experimenter. An error says that it cannot be done at
// that moment. It panics for a verb of a process.
func Act(n Network, s *model.Step) error {
	do, ok := acts[s.Verb]
	if !ok {
		panic(fmt.Sprintf("program: a network cannot do %s", s))
	}
	return do(n, s)
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
	if name == trace.Server.String() {
		return trace.Server
	}
	return trace.Client
}

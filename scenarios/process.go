package scenarios

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// runner puts the programs of a case into a world.
type runner struct {
	world program.World
	c     *model.Case
	err   error
}

func (r *runner) start() {
	// The server's processes come first at every instant, so that a trace
	// begins with somebody who listens.
	r.processes(trace.Server, &r.c.Server)
	r.processes(trace.Client, &r.c.Client)
	if len(r.c.Network) > 0 {
		r.world.Experiment(r.network)
	}
}

func (r *runner) processes(side trace.Side, host *model.Host) {
	env := program.Environment{
		Hosts: map[string]netip.Addr{
			trace.Client.String(): r.world.Address(trace.Client), trace.Server.String(): r.world.Address(trace.Server),
		},
		Child: func(name string) *model.Process {
			i := slices.IndexFunc(host.Processes, func(p model.Process) bool { return p.Forked && p.Name == name })
			if i < 0 {
				return nil
			}
			return &host.Processes[i]
		},
		Fail: func(s *model.Step, err error) { r.fail("the "+host.Name+"'s step", s, err) },
	}
	if r.c.UnderFire() {
		env.After = giveUp
	}
	for i := range host.Processes {
		m := &host.Processes[i]
		body := func(p program.Process) {
			p.IgnoreSIGPIPE(m.IgnoreSIGPIPE)
			program.New(p, env).Run(m)
		}
		switch {
		case m.Forked: // by a step
		case m.AtBoot:
			r.world.StartOnBoot(side, m.Name, body)
		default:
			r.world.Start(side, m.Name, m.Start, body)
		}
	}
}

// network performs the experimenter's steps. The first that cannot be done ends
// the experiment.
func (r *runner) network(n program.Network) {
	for i := range r.c.Network {
		s := &r.c.Network[i]
		if err := program.Act(n, s); err != nil {
			r.fail("network step", s, err)
			return
		}
		if s.Label != "" {
			n.Mark(s.Label)
		}
	}
}

// fail ends the run with an error that names the step.
func (r *runner) fail(what string, s *model.Step, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("%s:%s: %s %s: %w", cmp.Or(r.c.Origin, r.c.Path), s.Pos, what, s, err)
	}
}

package scenarios

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// fork starts the child with a copy of every name: it has the descriptors, and
// what SIGPIPE does, from its parent. A case that was made in Go may name a
// child that it does not have, which ends the run with an error.
func (v *variables) fork(s *model.Step) {
	host := &v.r.c.Client
	if v.p.Host().Side() == trace.Server {
		host = &v.r.c.Server
	}
	i := slices.IndexFunc(host.Processes, func(p model.Process) bool { return p.Forked && p.Name == s.Target })
	if i < 0 {
		if v.r.err == nil {
			v.r.err = fmt.Errorf("%s:%s: step %s: no process %q of the %s starts by a fork", v.r.c.Path, s.Pos, s, s.Target, host.Name)
		}
		return
	}
	child, fds := &host.Processes[i], maps.Clone(v.fds)
	v.p.Fork(s.Target, func(p *sim.Process) {
		of := variables{p: p, r: v.r, fds: fds}
		of.steps(child)
	})
}

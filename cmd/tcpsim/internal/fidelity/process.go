package fidelity

import (
	"fmt"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim"
)

// refused reports that the recording's socket could not be bound because the
// address was in use. Recordings do not show SO_REUSEADDR: their programs set
// it on every socket but those on which its absence was to be seen.
func (r *replay) refused(socket string) bool {
	for i := range r.c.Calls {
		if c := &r.c.Calls[i]; c.Socket == socket && c.Name == "bind" && c.Errno == "EADDRINUSE" {
			return true
		}
	}
	return false
}

// end lets a process end that holds one socket alone: the recording moved the
// socket into a child process before.
func (r *replay) end(a *player, i int) string {
	name, socket := child(i), r.c.Calls[i].Socket
	a.Fork(name, func(p program.Process) { r.alone(a.Thread(p), a.names(), i) })
	a.WaitFor(name + " is alone")
	a.Perform(&model.Step{Verb: model.VerbClose, Socket: socket})
	delete(a.open, socket)
	a.Mark(name + " may end")
	a.WaitFor(name + " is gone")
	return "0"
}

// alone is the process that a call ends: it closes every socket but its own.
func (r *replay) alone(v *program.Program, names []string, i int) {
	for _, other := range names {
		if other != r.c.Calls[i].Socket {
			v.Perform(&model.Step{Verb: model.VerbClose, Socket: other})
		}
	}
	v.Mark(child(i) + " is alone")
	v.WaitFor(child(i) + " may end")
	if p := &r.plans[i]; p.special == exits {
		v.Perform(&model.Step{Verb: model.VerbExit, Status: p.status, Label: child(i) + " is gone"})
	}
	v.WaitFor("the end of the run")
}

func child(i int) string { return fmt.Sprintf("child of call %d", i+1) }

// killers are the experimenters that send the recording's signals: nobody can
// start one while a run goes on.
func (r *replay) killers() {
	for i := range r.c.Calls {
		if p := &r.plans[i]; p.special == killed {
			r.sim.Network(func(n *sim.Network) {
				n.WaitFor(child(i) + " may end")
				n.Kill(child(i), p.signal)
				n.Mark(child(i) + " is gone")
			})
		}
	}
}

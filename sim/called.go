package sim

import "github.com/tcpsim/tcpsim/sim/trace"

// Called gives the latest call of that kind which the process has made in the
// step that it is at (see SetStep), as the trace has it; false for none.
func (p *Process) Called(op trace.Op) (trace.Call, bool) {
	calls := p.task.sim.rec.trace.Calls
	for i := len(calls) - 1; i >= 0; i-- {
		switch c := &calls[i]; {
		case c.Process != p.index:
		case c.Step != p.step:
			return trace.Call{}, false
		case c.Op == op:
			return *c, true
		}
	}
	return trace.Call{}, false
}

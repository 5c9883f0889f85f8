package fidelity

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/stack"
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
func (r *replay) end(p *sim.Process, fd int, c *Call, i int) string {
	side := p.Host().Side()
	status, exits := exitStatus(c.Name)
	p.Fork(child(i), func(q *sim.Process) {
		for _, other := range r.fds[side] {
			if other != fd {
				q.Close(other)
			}
		}
		q.Mark(child(i) + " is alone")
		q.WaitFor(child(i) + " may end")
		if exits {
			q.Mark(child(i) + " is gone")
			q.Exit(status)
		}
		q.WaitFor("the end of the run")
	})
	p.WaitFor(child(i) + " is alone")
	p.Close(fd)
	delete(r.fds[side], c.Socket)
	p.Mark(child(i) + " may end")
	p.WaitFor(child(i) + " is gone")
	return "0"
}

func child(i int) string { return fmt.Sprintf("child of call %d", i+1) }

// killers are the experimenters that send the recording's signals: nobody can
// start one while a run goes on.
func (r *replay) killers() {
	for i := range r.c.Calls {
		if signal, ok := signalOf(r.c.Calls[i].Name); ok {
			r.sim.Network(func(n *sim.Network) {
				n.WaitFor(child(i) + " may end")
				n.Kill(child(i), signal)
				n.Mark(child(i) + " is gone")
			})
		}
	}
}

func exitStatus(call string) (int, bool) {
	rest, ok := strings.CutPrefix(call, "exit(")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSuffix(rest, ")"))
	return n, err == nil
}

func signalOf(call string) (stack.Signal, bool) {
	name, ok := strings.CutPrefix(call, "kill -")
	if !ok {
		return 0, false
	}
	if n, err := strconv.Atoi(name); err == nil {
		s := stack.Signal(n)
		return s, s.Known() && s != stack.SIGPIPE
	}
	return stack.ParseSignal("SIG" + name)
}

package program

import (
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// Process is one process on a stack, as a program sees it: calls that are data
// and block, and time that is virtual.
type Process interface {
	// Call makes one call and gives all that it returned. The data of a recv are
	// valid until the next call.
	Call(op trace.Op, a trace.Args) trace.Result

	// Fork starts another process at this instant that shares every descriptor.
	Fork(name string, child func(Process))

	// Exit ends the process and does not return.
	Exit(status int)

	// IgnoreSIGPIPE sets the disposition of SIGPIPE: ignored, or the default,
	// which kills the process.
	IgnoreSIGPIPE(ignore bool)

	Name() string
	Now() time.Duration // virtual, since the start of the run
	Sleep(d time.Duration)
	WaitFor(label string) // until a process or the experimenter has reached it
	Mark(label string)    // reaches it
	SetStep(n int)        // numbers the calls that follow; -1 is none
}

// Network is what an experimenter can do to hosts, cable and processes. An error
// says that an act makes no sense at that moment.
type Network interface {
	Crash(host trace.Side) error   // power loss: silent, and everything is forgotten
	Boot(host trace.Side) error    // again, at the same address
	Unplug(host trace.Side)        // segments are lost in both directions
	Plug(host trace.Side)          // and carried again
	Destroy(host trace.Side) error // ends every connection of a host, as ss -K does
	Kill(process string, signal stack.Signal) error
	AddRule(r link.Rule) error
	RemoveRule(text string) error // by its text, or "all"
	Inject(in sim.Injection) error

	Now() time.Duration
	Sleep(d time.Duration)
	WaitFor(label string)
	Mark(label string)
}

// NotOnStack is the error of a world that cannot be told what a scenario asks
// for, because its stack does not have it.
type NotOnStack struct {
	Stack string // Linux
	What  string // setting tcp_tw_timeout
}

// Error implements error.
func (e *NotOnStack) Error() string { return e.What + ": not on " + e.Stack }

// World is a run that is set up: two hosts, the link between them, and who acts
// on them. It runs once.
type World interface {
	// Start adds a process that starts at an instant of virtual time.
	Start(host trace.Side, name string, at time.Duration, body func(Process))

	// StartOnBoot adds a process that starts, anew, whenever the host boots again
	// after a crash.
	StartOnBoot(host trace.Side, name string, body func(Process))

	// Experiment adds an experimenter, who begins with the run.
	Experiment(body func(Network))

	// Address is the address of a host.
	Address(host trace.Side) netip.Addr

	// Run runs everything to its end and gives the trace, also beside an error.
	Run() (*trace.Trace, error)
}

// Simulation is a run on gVisor's stack.
func Simulation(s *sim.Sim) World { return simulation{s} }

type simulation struct{ *sim.Sim }

func (w simulation) Start(host trace.Side, name string, at time.Duration, body func(Process)) {
	w.Host(host).GoAt(at, name, func(p *sim.Process) { body(On(p)) })
}

func (w simulation) StartOnBoot(host trace.Side, name string, body func(Process)) {
	w.Host(host).GoOnBoot(name, func(p *sim.Process) { body(On(p)) })
}

func (w simulation) Experiment(body func(Network)) {
	w.Network(func(n *sim.Network) { body(Between(n)) })
}

func (w simulation) Address(host trace.Side) netip.Addr { return w.Host(host).Addr() }

// On is a process of a simulation.
func On(p *sim.Process) Process { return simulated{p} }

type simulated struct{ *sim.Process }

func (p simulated) Fork(name string, child func(Process)) {
	p.Process.Fork(name, func(c *sim.Process) { child(simulated{c}) })
}

// Between is the network of a simulation.
func Between(n *sim.Network) Network { return cable{n} }

type cable struct{ *sim.Network }

func (c cable) Destroy(host trace.Side) error { return c.Network.Destroy(host, nil) }

func (c cable) AddRule(r link.Rule) error {
	_, err := c.Network.AddRule(r)
	return err
}

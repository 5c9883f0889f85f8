package fuzz

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack"
)

// program is a process in the making, with the sockets it has.
type program struct {
	g         *generator
	host      string
	steps     []model.Step
	made      int
	listeners []string
	conns     []string // connected, connecting or closed: EBADF is worth a try
}

// process makes a program and, now and then, the child that it forks.
func (g *generator) process(host string, index int) (model.Process, *model.Process) {
	p := model.Process{Name: fmt.Sprintf("%s-%d", host, index+1)}
	g.processes = append(g.processes, p.Name)
	p.IgnoreSIGPIPE = !g.one(4)
	if index > 0 || g.one(4) {
		p.Start = pick(&g.source, pauses)
	}
	p.AtBoot = index > 0 && g.one(8)
	if p.AtBoot {
		p.Start = 0
	}
	w := &program{g: g, host: host}
	// The server listens and the client connects, as a rule: also the other
	// way round, and both at once.
	if (host == "server") != g.one(8) {
		w.listen()
	} else {
		w.connect()
	}
	var child *model.Process
	for n := g.below(mostSteps); n > 0 && len(w.steps) < 3*mostSteps; n-- {
		if child == nil && g.one(40) {
			child = w.fork(p.Name + "-child")
			continue
		}
		w.any()
	}
	p.Steps = w.steps
	return p, child
}

// fork makes a child that begins with the sockets of this moment.
func (w *program) fork(name string) *model.Process {
	g := w.g
	child := program{g: g, host: w.host, made: w.made, listeners: slices.Clone(w.listeners), conns: slices.Clone(w.conns)}
	for n := 1 + g.below(mostSteps/2); n > 0; n-- {
		child.any()
	}
	w.add(model.Step{Verb: model.VerbFork, Target: name})
	g.processes = append(g.processes, name)
	return &model.Process{Name: name, Forked: true, Steps: child.steps}
}

func (w *program) add(s model.Step) { w.steps = append(w.steps, s) }

func (w *program) name(kind string) string {
	w.made++
	return fmt.Sprintf("%s%d", kind, w.made)
}

func (w *program) peer() string {
	if w.host == "server" {
		return "client"
	}
	return "server"
}

func (w *program) listen() {
	g, l := w.g, w.name("l")
	w.add(model.Step{Verb: model.VerbSocket, Socket: l})
	w.options(l)
	if g.one(4) {
		w.add(option(l, "SO_REUSEADDR", 1))
	}
	w.add(model.Step{Verb: model.VerbBind, Socket: l, Address: model.Address{Port: pick(&g.source, ports)}})
	w.add(model.Step{Verb: model.VerbListen, Socket: l, Backlog: pick(&g.source, backlogs)})
	w.listeners = append(w.listeners, l)
	if !g.one(8) {
		w.accept(l)
	}
}

func (w *program) accept(l string) {
	s := w.name("s")
	step := model.Step{Verb: model.VerbAccept, Socket: l, As: s}
	if w.g.one(6) {
		step.Nonblock = new(true)
	}
	w.add(step)
	w.conns = append(w.conns, s)
}

func (w *program) connect() {
	g, c := w.g, w.name("c")
	w.add(model.Step{Verb: model.VerbSocket, Socket: c})
	w.options(c)
	if g.one(4) {
		w.add(option(c, "SO_REUSEADDR", 1))
		w.add(model.Step{Verb: model.VerbBind, Socket: c, Address: model.Address{Port: pick(&g.source, localPorts)}})
	}
	w.add(w.connectStep(c))
	w.conns = append(w.conns, c)
}

func (w *program) connectStep(c string) model.Step {
	g := w.g
	s := model.Step{Verb: model.VerbConnect, Socket: c, Address: model.Address{Host: w.peer(), Port: pick(&g.source, ports)}}
	switch g.below(8) {
	case 5:
		s.Timeout = 5 * time.Second
	case 6:
		s.Nonblock = new(true)
	case 7:
		// Two clients that connect to each other's ports open simultaneously.
		s.Address.Port = pick(&g.source, localPorts)
	}
	return s
}

// options sets what a socket starts with: small buffers above all.
func (w *program) options(s string) {
	for w.g.one(4) {
		w.add(w.option(s))
	}
}

// option sets an option to a number, in the option's own unit.
func option(socket, name string, number int) model.Step {
	return model.Step{Verb: model.VerbSetsockopt, Socket: socket, Option: name, Value: stack.Value{Int: number}}
}

// timeout sets an option that lasts.
func timeout(socket, name string, d time.Duration) model.Step {
	if unit := stack.UnitOf(name); unit > 0 {
		return option(socket, name, int(d/unit))
	}
	return model.Step{
		Verb: model.VerbSetsockopt, Socket: socket, Option: name, Value: stack.Value{Kind: stack.KindTime, Time: d},
	}
}

func (w *program) option(s string) model.Step {
	g := w.g
	switch g.below(12) {
	case 0, 1, 2:
		l := pick(&g.source, lingers)
		return model.Step{Verb: model.VerbSetsockopt, Socket: s, Option: "SO_LINGER", Value: stack.Value{Kind: stack.KindLinger, Linger: l}}
	case 3, 4:
		return option(s, "SO_RCVBUF", pick(&g.source, bufferSizes))
	case 5:
		return option(s, "SO_SNDBUF", pick(&g.source, bufferSizes))
	case 6:
		return option(s, "TCP_NODELAY", 1)
	case 7:
		return timeout(s, "SO_RCVTIMEO", pick(&g.source, []time.Duration{time.Second, 100 * time.Millisecond}))
	case 8:
		return timeout(s, "TCP_USER_TIMEOUT", pick(&g.source, []time.Duration{5 * time.Second, time.Second}))
	case 9:
		return option(s, "TCP_LINGER2", pick(&g.source, []int{1, -1}))
	case 10:
		return option(s, "SO_KEEPALIVE", 1)
	default:
		name := pick(&g.source, []string{"TCP_CORK", "TCP_DEFER_ACCEPT", "TCP_KEEPIDLE", "TCP_KEEPCNT", "TCP_SYNCNT", "SO_SNDTIMEO"})
		if name == "SO_SNDTIMEO" {
			return timeout(s, name, time.Second)
		}
		return option(s, name, 1)
	}
}

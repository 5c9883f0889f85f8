package scenarios

import (
	"bytes"
	"cmp"
	"fmt"
	"net/netip"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// runner turns the steps of a case into calls.
type runner struct {
	sim *sim.Sim
	c   *model.Case
	err error
}

func (r *runner) add(side trace.Side, m *model.Process) {
	host := r.sim.Host(side)
	body := func(p *sim.Process) {
		v := variables{p: p, r: r, fds: make(map[string]int)}
		p.IgnoreSIGPIPE(m.IgnoreSIGPIPE)
		v.steps(m)
	}
	switch {
	case m.Forked: // by a step
	case m.AtBoot:
		host.GoOnBoot(m.Name, body)
	default:
		host.GoAt(m.Start, m.Name, body)
	}
}

func (v *variables) steps(m *model.Process) {
	for i := range m.Steps {
		v.p.SetStep(i)
		v.step(&m.Steps[i])
		v.giveUp(&m.Steps[i])
		if l := m.Steps[i].Label; l != "" {
			v.p.Mark(l)
		}
	}
	v.p.SetStep(-1)
}

// variables are the sockets of a process by the names that the file gives
// them. A name keeps its descriptor after close, as a C variable does: using
// it then is EBADF.
type variables struct {
	p   *sim.Process
	r   *runner
	fds map[string]int
}

// badFD is what a name stands for whose call failed.
const badFD = -1

func (v *variables) fd(name string) int {
	if fd, ok := v.fds[name]; ok {
		return fd
	}
	return badFD
}

func (v *variables) step(s *model.Step) {
	p, fd := v.p, v.fd(s.Socket)
	switch s.Verb {
	case model.VerbSocket:
		v.made(s.Socket)(p.Socket())
	case model.VerbBind:
		p.Bind(fd, v.address(s.Address))
	case model.VerbListen:
		p.Listen(fd, s.Backlog)
	case model.VerbConnect:
		v.connect(fd, s)
	case model.VerbAccept:
		v.nonblock(fd, s, func() {
			conn, _, err := p.Accept(fd)
			v.made(s.As)(conn, err)
		})
	case model.VerbSend:
		v.send(fd, s)
	case model.VerbRecv:
		v.recv(fd, s)
	case model.VerbShutdown:
		p.Shutdown(fd, s.How)
	case model.VerbClose:
		p.Close(fd)
	case model.VerbDup:
		v.made(s.As)(p.Dup(fd))
	case model.VerbSetsockopt:
		p.SetSockOpt(fd, s.Option, s.Value)
	case model.VerbGetsockopt:
		p.GetSockOpt(fd, s.Option)
	case model.VerbPoll:
		p.Poll([]sim.PollFD{{FD: fd, Events: s.Events}}, s.Timeout)
	case model.VerbFcntl:
		p.SetNonblock(fd, *s.Nonblock)
	case model.VerbGetsockname:
		p.GetSockName(fd)
	case model.VerbGetpeername:
		p.GetPeerName(fd)
	case model.VerbSleep:
		p.Sleep(s.Duration)
	case model.VerbWaitFor:
		p.WaitFor(s.Target)
	case model.VerbSigpipe:
		p.IgnoreSIGPIPE(s.IgnoreSIGPIPE)
	case model.VerbFork:
		v.fork(s)
	case model.VerbExit:
		if s.Label != "" {
			p.Mark(s.Label) // nothing runs after exit
		}
		p.Exit(s.Status)
	}
}

// made remembers the descriptor that a call has made.
func (v *variables) made(name string) func(int, error) {
	return func(fd int, err error) {
		if err != nil {
			fd = badFD
		}
		v.fds[name] = fd
	}
}

// nonblock runs f with O_NONBLOCK as the step wants it. Only a step that says
// so makes the two calls around it.
func (v *variables) nonblock(fd int, s *model.Step, f func()) {
	if s.Nonblock == nil || !*s.Nonblock {
		f()
		return
	}
	v.p.SetNonblock(fd, true)
	f()
	v.p.SetNonblock(fd, false)
}

func (v *variables) connect(fd int, s *model.Step) {
	addr := v.address(s.Address)
	v.nonblock(fd, s, func() {
		if s.Timeout > 0 {
			v.p.ConnectTimeout(fd, addr, s.Timeout)
			return
		}
		v.p.Connect(fd, addr)
	})
}

func (v *variables) send(fd int, s *model.Step) {
	data := s.Data
	if data == nil {
		data = pattern(s.Bytes)
	}
	v.repeat(s, func() (int, error) { return v.p.Send(fd, data, s.Flags) })
}

func (v *variables) recv(fd int, s *model.Step) {
	buf := make([]byte, s.Size)
	v.repeat(s, func() (int, error) { return v.p.Recv(fd, buf, s.Flags) })
}

// repeat makes a call once, or until the result that the step names. Every
// other error ends it too: it would come again for ever.
func (v *variables) repeat(s *model.Step, call func() (int, error)) {
	for {
		n, err := call()
		if s.Until == "" || err != nil || n == 0 {
			return
		}
	}
}

// pattern is data that shows where it is cut: the alphabet, again and again.
func pattern(n int) []byte {
	const alphabet = "abcdefghijklmnopqrstuvwxyz"
	return bytes.Repeat([]byte(alphabet), n/len(alphabet)+1)[:n]
}

// address resolves an address of the file: a host's name is the address that
// it has in this run.
func (v *variables) address(a model.Address) netip.AddrPort {
	switch a.Host {
	case "client":
		return netip.AddrPortFrom(v.r.sim.Client().Addr(), a.Port)
	case "server":
		return netip.AddrPortFrom(v.r.sim.Server().Addr(), a.Port)
	}
	return netip.AddrPortFrom(a.IP, a.Port)
}

// fail ends the run with an error that names the step.
func (r *runner) fail(s *model.Step, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("%s:%s: network step %s: %w", cmp.Or(r.c.Origin, r.c.Path), s.Pos, s, err)
	}
}

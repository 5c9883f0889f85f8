package sim

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// Send sends data. A blocking socket takes all of it, waiting for room; a
// non-blocking one, or MsgDontWait, takes what fits and gives EAGAIN when that
// is nothing. On a dead connection the process gets SIGPIPE with EPIPE, and
// dies of it unless it ignores the signal or flags has MsgNoSignal.
func (p *Process) Send(fd int, data []byte, flags stack.MsgFlags) (int, error) {
	sock, errno := p.lookup(fd)
	i := p.begin(trace.OpSend, &trace.Args{FD: fd, Data: p.kept(data), Len: len(data), Flags: flags}, sock)
	total := 0
	if errno == stack.OK {
		total, errno = p.send(i, sock, data, flags)
	}
	p.returned(i, total, errno)
	return total, asError(errno)
}

func (p *Process) send(i int, sock *stack.Socket, data []byte, flags stack.MsgFlags) (total int, errno stack.Errno) {
	nonblock := sock.Nonblock() || flags&stack.MsgDontWait != 0
	deadline := p.deadline(sock.SendTimeout())
	sigpipe := false
	errno = p.retry(i, sock, nonblock, deadline, stack.EAGAIN, func() stack.Errno {
		if total > 0 && sock.Broken() {
			return stack.OK
		}
		n, pipe, e := sock.Send(data[total:], flags)
		total, sigpipe = total+n, pipe
		if e == stack.OK && total < len(data) {
			return partly
		}
		return e
	})
	if errno == stack.EAGAIN && total > 0 {
		errno = stack.OK
	}
	if sigpipe && !p.leader.ignoreSIGPIPE {
		p.returned(i, -1, errno)
		p.signal(stack.SIGPIPE)
		panic(unwound{})
	}
	return total, errno
}

// Recv receives up to len(buf) bytes, and waits for at least one unless the
// socket is non-blocking, flags has MsgDontWait or SO_RCVTIMEO passes. Zero
// bytes without an error are the end of the stream.
func (p *Process) Recv(fd int, buf []byte, flags stack.MsgFlags) (int, error) {
	sock, errno := p.lookup(fd)
	i := p.begin(trace.OpRecv, p.recvArgs(fd, len(buf), flags), sock)
	n := 0
	if errno == stack.OK {
		n, errno = p.recv(i, sock, buf, flags)
	}
	p.task.sim.rec.trace.Calls[i].Data = p.kept(buf[:n])
	p.returned(i, n, errno)
	return n, asError(errno)
}

func (p *Process) recv(i int, sock *stack.Socket, buf []byte, flags stack.MsgFlags) (total int, errno stack.Errno) {
	nonblock := sock.Nonblock() || flags&stack.MsgDontWait != 0
	deadline := p.deadline(sock.RecvTimeout())
	all := flags&stack.MsgWaitAll != 0 && flags&stack.MsgPeek == 0
	errno = p.retry(i, sock, nonblock, deadline, stack.EAGAIN, func() stack.Errno {
		if total > 0 && sock.Failed() {
			return stack.OK
		}
		n, e := sock.Recv(buf[total:], flags)
		total += n
		if all && e == stack.OK && n > 0 && total < len(buf) {
			// More may be there already: a segment may end in the middle.
			if sock.Failed() {
				return stack.OK
			}
			if n, e = sock.Recv(buf[total:], flags); e == stack.EAGAIN {
				return partly
			} else if e != stack.OK || n == 0 {
				return e
			}
			total += n
			if total < len(buf) {
				return partly
			}
		}
		return e
	})
	if total > 0 {
		errno = stack.OK
	}
	return total, errno
}

// kept is a copy of the beginning of a call's data, for the trace.
func (p *Process) kept(data []byte) []byte {
	if len(data) == 0 {
		return nil
	}
	return p.task.sim.rec.dataBytes(data[:min(len(data), trace.DataLimit)])
}

// recvArgs are the arguments of a recv: those of the last one, where they are
// the same.
func (p *Process) recvArgs(fd, size int, flags stack.MsgFlags) *trace.Args {
	if l := p.lastRecv; l == nil || l.FD != fd || l.Len != size || l.Flags != flags {
		p.lastRecv = &trace.Args{FD: fd, Len: size, Flags: flags}
	}
	return p.lastRecv
}

// PollFD is one entry of poll: what is asked of a descriptor, and the answer.
type PollFD struct {
	FD      int
	Events  stack.PollEvents
	Revents stack.PollEvents
}

// Poll waits until one of the descriptors is ready, at most timeout; zero does
// not wait, a negative timeout is for ever. It fills in Revents and returns
// how many descriptors are ready. A negative descriptor is ignored (poll(2)).
func (p *Process) Poll(fds []PollFD, timeout time.Duration) (int, error) {
	args := trace.Args{Timeout: timeout}
	for _, f := range fds {
		args.Poll = append(args.Poll, trace.PollFD{FD: f.FD, Events: f.Events})
	}
	var sock *stack.Socket
	if len(fds) > 0 {
		sock = p.fds[fds[0].FD]
	}
	i := p.begin(trace.OpPoll, &args, sock)
	deadline := forever
	if timeout >= 0 {
		deadline = p.task.sim.now + timeout
	}
	n := p.poll(fds)
	for n == 0 && timeout != 0 {
		p.task.sim.rec.trace.Calls[i].Blocked = true
		seen := p.stirs(fds)
		expired := p.task.wait(deadline, func() bool { return p.stirs(fds) != seen })
		n = p.poll(fds)
		if expired {
			break
		}
	}
	if n > 0 {
		revents := make([]stack.PollEvents, len(fds))
		for k, f := range fds {
			revents[k] = f.Revents
		}
		p.task.sim.rec.trace.Calls[i].Revents = revents
	}
	p.returned(i, n, stack.OK)
	return n, nil
}

func (p *Process) poll(fds []PollFD) (ready int) {
	for i := range fds {
		f := &fds[i]
		switch s, ok := p.fds[f.FD]; {
		case ok:
			f.Revents = s.Poll(f.Events)
		case f.FD < 0:
			f.Revents = 0 // ignored (Linux: do_pollfd)
		default:
			f.Revents = stack.PollNval
		}
		if f.Revents != 0 {
			ready++
		}
	}
	return ready
}

func (p *Process) stirs(fds []PollFD) (sum uint64) {
	for _, f := range fds {
		if s, ok := p.fds[f.FD]; ok {
			sum += s.Stirs()
		}
	}
	return sum
}

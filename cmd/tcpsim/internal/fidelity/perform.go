package fidelity

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/stack"
)

// perform makes one call of the recording and tells its result as expected
// does.
func (r *replay) perform(p *sim.Process, c *Call, i int) string {
	fds := r.fds[p.Host().Side()]
	fd, ok := fds[c.Socket]
	if !ok && c.Socket != "" {
		fd, _ = p.Socket()
		fds[c.Socket] = fd
		if !r.refused(c.Socket) {
			p.SetSockOpt(fd, "SO_REUSEADDR", stack.Value{Int: 1})
		}
	}
	switch c.Name {
	case "bind":
		return number0(p.Bind(fd, c.address(0)))
	case "listen":
		return number0(p.Listen(fd, c.Args[0].Number))
	case "connect":
		return r.nonblocking(p, c, fd, func() string { return number0(p.Connect(fd, c.address(0))) })
	case "accept":
		return r.nonblocking(p, c, fd, func() string {
			conn, peer, err := p.Accept(fd)
			if err != nil {
				return errnoName(err)
			}
			name := newName(c.Result.Text, "s")
			fds[name] = conn
			return fmt.Sprintf("%s (peer %s)", name, peer)
		})
	case "send":
		n, err := p.Send(fd, pattern(c.Args[0].Text, -1), c.flags())
		return count(n, err)
	case "send*until-EAGAIN":
		return sendAll(p, fd, c)
	case "recv":
		return r.recv(p, fd, c)
	case "recv*until-EAGAIN-or-EOF":
		return recvAll(p, fd, c)
	case destroy:
		return r.destroy(p, fd, i)
	case "shutdown":
		how := map[string]stack.How{"SHUT_RD": stack.ShutRead, "SHUT_WR": stack.ShutWrite, "SHUT_RDWR": stack.ShutBoth}
		return number0(p.Shutdown(fd, how[c.Args[0].Text]))
	case "close":
		delete(fds, c.Socket)
		return number0(p.Close(fd))
	case "dup":
		n, err := p.Dup(fd)
		if err != nil {
			return errnoName(err)
		}
		fds[c.Args[0].Text] = n
		return c.Args[0].Text
	case "poll":
		one := []sim.PollFD{{FD: fd, Events: stack.PollIn | stack.PollPri | stack.PollOut | stack.PollRdHup}}
		p.Poll(one, time.Duration(c.Args[0].Number)*time.Second)
		return one[0].Revents.String()
	case "setsockopt":
		return number0(p.SetSockOpt(fd, c.Args[0].Text, c.optionValue()))
	case "getsockopt(SO_ERROR)":
		v, err := p.GetSockOpt(fd, "SO_ERROR")
		if err != nil || v.Int == 0 {
			return count(0, err)
		}
		return stack.Errno(v.Int).String()
	case "getsockopt(TCP_INFO).state":
		v, err := p.GetSockOpt(fd, "TCP_INFO")
		if err != nil {
			return errnoName(err)
		}
		return v.Text
	case "getsockname":
		return nameOf(p.GetSockName(fd))
	case "getpeername":
		return nameOf(p.GetPeerName(fd))
	}
	if strings.HasPrefix(c.Name, "kill ") || strings.HasPrefix(c.Name, "exit(") {
		return r.end(p, fd, c, i)
	}
	return "0"
}

// nonblocking runs f with O_NONBLOCK when the recording's call had it.
func (r *replay) nonblocking(p *sim.Process, c *Call, fd int, f func() string) string {
	if !c.has("O_NONBLOCK") {
		return f()
	}
	p.SetNonblock(fd, true)
	result := f()
	p.SetNonblock(fd, false)
	return result
}

// recv receives once. A blocking call that came back with EAGAIN had a time
// limit, which the recording does not show: it is as long as the call took.
func (r *replay) recv(p *sim.Process, fd int, c *Call) string {
	flags := c.flags()
	limited := c.Errno == "EAGAIN" && flags&stack.MsgDontWait == 0
	if limited {
		p.SetSockOpt(fd, "SO_RCVTIMEO", stack.Value{Kind: stack.KindTime, Time: c.End - c.Begin})
	}
	buf := make([]byte, c.Args[0].Number)
	n, err := p.Recv(fd, buf, flags)
	if limited {
		p.SetSockOpt(fd, "SO_RCVTIMEO", stack.Value{Kind: stack.KindTime})
	}
	if err != nil {
		return errnoName(err)
	}
	return data(n, "", buf[:n], c)
}

// data tells what recv returned; what the recording shows of it, when that
// fits.
func data(n int, end string, got []byte, c *Call) string {
	text := string(got)
	if c.Result.Kind == DataResult && (c.Result.End != "" || fits(c.Result.Data, got)) {
		text = c.Result.Data
	}
	return strings.TrimSpace(fmt.Sprintf("%d %q %s", n, text, end))
}

// sendAll sends piece after piece until no more is taken.
func sendAll(p *sim.Process, fd int, c *Call) string {
	size := 1000
	for _, a := range c.Args {
		if n := 0; a.IsText {
			if _, err := fmt.Sscanf(a.Text, "chunks of %d", &n); err == nil && n > 0 && n <= mostRoom {
				size = n
			}
		}
	}
	total := 0
	for {
		n, err := p.Send(fd, pattern("x...<1000 bytes>", size), stack.MsgDontWait)
		total += max(n, 0)
		if err == stack.EAGAIN {
			return strconv.Itoa(total)
		}
		if err != nil {
			return errnoName(err)
		}
	}
}

func recvAll(p *sim.Process, fd int, c *Call) string {
	total := 0
	buf := make([]byte, c.Args[0].Number)
	for {
		n, err := p.Recv(fd, buf, stack.MsgDontWait)
		switch {
		case err == stack.EAGAIN:
			return data(total, "EAGAIN", nil, c)
		case err != nil:
			return errnoName(err)
		case n == 0:
			return data(total, "EOF", nil, c)
		}
		total += n
	}
}

func number0(err error) string { return count(0, err) }

func count(n int, err error) string {
	if err != nil {
		return errnoName(err)
	}
	return strconv.Itoa(n)
}

func errnoName(err error) string {
	if e, ok := err.(stack.Errno); ok {
		return e.String()
	}
	return err.Error()
}

func nameOf(a netip.AddrPort, err error) string {
	if err != nil {
		return errnoName(err)
	}
	return fmt.Sprintf("[%s %d]", a.Addr(), a.Port())
}

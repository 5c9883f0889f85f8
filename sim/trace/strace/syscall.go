package strace

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// syscall is a call in the terms of strace.
type syscall struct {
	name  string
	entry string // the arguments that are known when it begins
	rest  string // those that it fills in
	note  string // what strace adds to the result
}

func (s *syscall) whole() string { return s.name + "(" + s.entry + s.rest + ")" }

// address stands for every address in memory.
const address = "0x7ffd00000000"

// translate makes the system call of a call in the trace.
func (p *printer) translate(c *trace.Call) syscall {
	a := c.Args
	fd := strconv.Itoa(a.FD)
	s := syscall{name: c.Op.String(), entry: fd}
	ok := c.Returned && c.Errno == stack.OK
	switch c.Op {
	case trace.OpSocket:
		s.entry = "AF_INET, SOCK_STREAM, IPPROTO_IP"
		if a.IPv6 {
			s.entry = "AF_INET6, SOCK_STREAM, IPPROTO_IP"
		}
	case trace.OpBind, trace.OpConnect:
		s.entry += ", " + p.sockaddr(a.Addr) + ", " + p.sockaddrLen()
	case trace.OpListen:
		s.entry += ", " + strconv.Itoa(a.Backlog)
	case trace.OpAccept, trace.OpGetsockname, trace.OpGetpeername:
		s.entry, s.rest = fd+", ", p.filled(c.Addr, ok)
	case trace.OpSend:
		s.name = "sendto"
		s.entry += fmt.Sprintf(", %s, %d, %s, NULL, 0", quote(a.Data[:min(len(a.Data), shown)], a.Len > shown), a.Len, a.Flags)
	case trace.OpRecv:
		s.name, s.entry = "recvfrom", fd+", "
		data := address
		if ok {
			data = quote(c.Data[:min(len(c.Data), shown)], c.Value > shown)
		}
		s.rest = fmt.Sprintf("%s, %d, %s, NULL, NULL", data, a.Len, a.Flags)
	case trace.OpShutdown:
		s.entry += ", " + a.How.String()
	case trace.OpFcntl:
		s.entry += ", F_SETFL, O_RDWR"
		if a.Nonblock {
			s.entry += "|O_NONBLOCK"
		}
	case trace.OpSetsockopt:
		v, size := optionValue(&a.OptVal)
		s.entry += fmt.Sprintf(", %s, %s, %s, %d", level(a.Option), a.Option, v, size)
	case trace.OpGetsockopt:
		v, size := address, 4
		if ok && c.OptVal != nil {
			if v, size = optionValue(c.OptVal); a.Option == "SO_ERROR" {
				v = "[" + c.Answer() + "]"
			}
		}
		s.entry += fmt.Sprintf(", %s, %s, ", level(a.Option), a.Option)
		s.rest = fmt.Sprintf("%s, [%d]", v, size)
	case trace.OpPoll:
		s.entry, s.note = polled(a), pollNote(c)
	case trace.OpFork:
		s.name = "clone"
		s.entry = "child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=" + address
	case trace.OpExit:
		s.name, s.entry = "exit_group", strconv.Itoa(a.Status)
	}
	return s
}

func (p *printer) filled(addr netip.AddrPort, ok bool) string {
	if !ok {
		return address + ", [" + p.sockaddrLen() + "]"
	}
	return p.sockaddr(addr) + ", [" + p.sockaddrLen() + "]"
}

// level is where a socket option belongs.
func level(option string) string {
	for prefix, level := range map[string]string{"TCP_": "SOL_TCP", "IP_": "SOL_IP", "IPV6_": "SOL_IPV6"} {
		if strings.HasPrefix(option, prefix) {
			return level
		}
	}
	return "SOL_SOCKET"
}

// optionValue is the value of a socket option and its size: that of struct
// linger, of struct timeval, of an int or of a text.
func optionValue(v *stack.Value) (text string, size int) {
	switch v.Kind {
	case stack.KindLinger:
		return v.String(), 8
	case stack.KindTime:
		return v.String(), 16
	case stack.KindText:
		return quote([]byte(v.Text), false), len(v.Text)
	}
	return "[" + v.String() + "]", 4
}

// polled is the descriptors of a poll as an array, and the time in milliseconds,
// as the system call takes it.
func polled(a *trace.Args) string {
	fds := make([]string, len(a.Poll))
	for i, f := range a.Poll {
		fds[i] = fmt.Sprintf("{fd=%d, events=%s}", f.FD, f.Events)
	}
	timeout := int64(-1)
	if a.Timeout >= 0 {
		timeout = a.Timeout.Milliseconds()
	}
	return fmt.Sprintf("[%s], %d, %d", strings.Join(fds, ", "), len(fds), timeout)
}

func pollNote(c *trace.Call) string {
	if !c.Returned || c.Errno != stack.OK {
		return ""
	}
	if c.Value == 0 {
		return "Timeout"
	}
	var ready []string
	for i, events := range c.Revents {
		if events != 0 {
			ready = append(ready, fmt.Sprintf("{fd=%d, revents=%s}", c.Args.Poll[i].FD, events))
		}
	}
	return "[" + strings.Join(ready, ", ") + "]"
}

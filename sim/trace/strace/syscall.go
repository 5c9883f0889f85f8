package strace

import (
	"fmt"
	"strconv"
	"strings"
	"time"

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

// translate makes the system call of a call in the trace, whose arguments are
// a short form of strace's. What it does not know it leaves as it is.
func (p *printer) translate(c *trace.Call) syscall {
	fd, args, _ := strings.Cut(c.Args, ", ")
	s := syscall{name: c.Name, entry: c.Args}
	ok := c.Returned && c.Errno == stack.OK
	switch c.Name {
	case "socket":
		s.entry += ", IPPROTO_IP"
	case "bind", "connect":
		s.entry = fd + ", " + p.sockaddr(args) + ", " + p.sockaddrLen()
	case "accept":
		_, peer, _ := strings.Cut(c.Result, " from ")
		s.entry, s.rest = fd+", ", p.filled(peer, ok)
	case "getsockname", "getpeername":
		s.entry, s.rest = fd+", ", p.filled(strings.Trim(c.Result, "[]"), ok)
	case "send":
		s.name, s.entry = "sendto", fd+", "+sent(args)+", NULL, 0"
	case "recv":
		s.name, s.entry = "recvfrom", fd+", "
		s.rest = received(c, args, ok) + ", NULL, NULL"
	case "setsockopt":
		name, value, _ := strings.Cut(args, ", ")
		v, size := optionValue(name, value)
		s.entry = fmt.Sprintf("%s, %s, %s, %s, %d", fd, level(name), name, v, size)
	case "getsockopt":
		v, size := optionValue(args, strings.TrimSuffix(strings.TrimPrefix(c.Result, "["), "]"))
		if !ok {
			v, size = address, 4
		}
		s.entry = fmt.Sprintf("%s, %s, %s, ", fd, level(args), args)
		s.rest = fmt.Sprintf("%s, [%d]", v, size)
	case "poll":
		s.entry, s.note = pollArgs(c.Args), pollNote(c)
	case "fork":
		s.name = "clone"
		s.entry = "child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=" + address
	case "exit":
		s.name = "exit_group"
	}
	return s
}

func (p *printer) filled(addr string, ok bool) string {
	if !ok {
		return address + ", [" + p.sockaddrLen() + "]"
	}
	return p.sockaddr(addr) + ", [" + p.sockaddrLen() + "]"
}

// sent is the data, the length and the flags of a send.
func sent(args string) string {
	quoted, err := strconv.QuotedPrefix(args)
	if err != nil {
		return args
	}
	data, _ := strconv.Unquote(quoted)
	rest := args[len(quoted):]
	more := strings.HasPrefix(rest, "...")
	rest = strings.TrimPrefix(strings.TrimPrefix(rest, "..."), ", ")
	length, flags, given := strings.Cut(rest, ", ")
	if !given {
		flags = "0"
	}
	return quote([]byte(data), more) + ", " + length + ", " + flags
}

// received is the same of a recv: the data is what has arrived.
func received(c *trace.Call, args string, ok bool) string {
	length, flags, given := strings.Cut(args, ", ")
	if !given {
		flags = "0"
	}
	data := address
	if ok {
		data = quote(c.Data[:min(len(c.Data), shown)], c.Value > shown)
	}
	return data + ", " + length + ", " + flags
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
func optionValue(option, value string) (text string, size int) {
	switch {
	case strings.HasPrefix(value, "{l_onoff"):
		return value, 8
	case strings.HasPrefix(value, "{tv_sec"):
		return value, 16
	case option == "SO_ERROR":
		return "[" + value + "]", 4
	}
	if _, err := strconv.Atoi(value); err == nil {
		return "[" + value + "]", 4
	}
	return quote([]byte(value), false), len(value)
}

// pollArgs puts the descriptors of a poll into an array and gives the time in
// milliseconds, as the system call takes it.
func pollArgs(args string) string {
	i := strings.LastIndex(args, ", ")
	fds, timeout := "", args
	if i >= 0 {
		fds, timeout = args[:i], args[i+2:]
	}
	if d, err := time.ParseDuration(timeout); err == nil {
		timeout = strconv.FormatInt(d.Milliseconds(), 10)
	}
	return fmt.Sprintf("[%s], %d, %s", fds, strings.Count(fds, "{"), timeout)
}

func pollNote(c *trace.Call) string {
	if !c.Returned || c.Errno != stack.OK {
		return ""
	}
	if c.Value == 0 {
		return "Timeout"
	}
	_, ready, _ := strings.Cut(c.Result, " ")
	return "[" + strings.ReplaceAll(ready, "}{", "}, {") + "]"
}

package trace

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/words"
)

// Op is what a call does: which function of the C library it is.
type Op uint8

// The calls that a process can make. The zero Op is none of them.
const (
	OpNone Op = iota
	OpSocket
	OpBind
	OpListen
	OpAccept
	OpConnect
	OpSend
	OpRecv
	OpShutdown
	OpClose
	OpDup
	OpFcntl
	OpSetsockopt
	OpGetsockopt
	OpGetsockname
	OpGetpeername
	OpPoll
	OpFork
	OpExit
)

var opNames = [...]string{
	OpNone: "none", OpSocket: "socket", OpBind: "bind", OpListen: "listen", OpAccept: "accept", OpConnect: "connect",
	OpSend: "send", OpRecv: "recv", OpShutdown: "shutdown", OpClose: "close", OpDup: "dup", OpFcntl: "fcntl",
	OpSetsockopt: "setsockopt", OpGetsockopt: "getsockopt", OpGetsockname: "getsockname", OpGetpeername: "getpeername",
	OpPoll: "poll", OpFork: "fork", OpExit: "exit",
}

// String is the function's name: recv. Of a number that is no Op it is Op(99).
func (o Op) String() string { return words.Constant(opNames[:], "Op", o) }

// Ops lists every call, in the order of the constants.
func Ops() []Op {
	all := make([]Op, 0, len(opNames)-1)
	for o := OpSocket; int(o) < len(opNames); o++ {
		all = append(all, o)
	}
	return all
}

// ParseOp finds a call by its name; false for none.
func ParseOp(name string) (Op, bool) {
	for _, o := range Ops() {
		if opNames[o] == name {
			return o, true
		}
	}
	return OpNone, false
}

// Args are the arguments of a call. Which of them count depends on the Op; the
// others are zero.
type Args struct {
	FD       int            // of every call but socket, poll, fork and exit; -1 is a descriptor that nobody has
	Len      int            // send: bytes of data; recv: bytes of room
	Flags    stack.MsgFlags // send, recv
	How      stack.How      // shutdown
	Nonblock bool           // fcntl: whether F_SETFL sets O_NONBLOCK or clears it
	IPv6     bool           // socket: AF_INET6 in place of AF_INET
	Data     []byte         // send; a trace keeps the first DataLimit bytes
	Addr     netip.AddrPort // bind, connect; without an IP address it is any of the host's
	Backlog  int            // listen
	Option   string         // setsockopt, getsockopt: SO_LINGER
	OptVal   stack.Value    // setsockopt
	Poll     []PollFD       // poll
	Timeout  time.Duration  // poll: zero does not wait, below zero is for ever; connect: a limit in place of SO_SNDTIMEO, zero for none
	Child    string         // fork: the name of the process that it starts
	Status   int            // exit
}

// PollFD is what poll asks of one descriptor.
type PollFD struct {
	FD     int
	Events stack.PollEvents
}

// Result is what a call has given. But for Value and Errno, what counts depends
// on the Op, and only when there is no error; the rest is zero.
type Result struct {
	Value   int // what it returned; of fork the child's index into Processes; -1 with Errno
	Errno   stack.Errno
	Data    []byte             // recv; a trace keeps the first DataLimit bytes
	Addr    netip.AddrPort     // accept: the peer's; getsockname, getpeername
	OptVal  *stack.Value       // getsockopt; of SO_ERROR the number of the errno
	Revents []stack.PollEvents // poll: one for each of Args.Poll, or nil when none is ready
}

// Call is one socket call, or the exit of a process.
type Call struct {
	Process  int // index into Processes
	Host     Side
	Op       Op
	Returned bool
	Blocked  bool  // other things happened before it returned
	Args     *Args // may be shared with other calls, and is never nil in a trace of a run or a file
	Result         // zero until it has Returned
	Conn     int   // the connection it is about, -1 for none or not known yet
	Begin    time.Duration
	End      time.Duration
	Step     int // the number of the step in a scenario, counted from 0; -1 for none
}

// DataLimit is how much of a call's data a trace keeps, in bytes.
const DataLimit = 256

// NoFD is the descriptor of a call that is about none.
const NoFD = -1

// FD is the descriptor that the call is about: of poll the first of its set,
// NoFD of a call that takes none.
func (c *Call) FD() int {
	switch c.Op {
	case OpSocket, OpFork, OpExit:
		return NoFD
	case OpPoll:
		if len(c.Args.Poll) == 0 {
			return NoFD
		}
		return c.Args.Poll[0].FD
	}
	return c.Args.FD
}

// Moved is the beginning of the data that a send or recv has moved, at most
// DataLimit bytes.
func (c *Call) Moved() []byte {
	if c.Op == OpSend && c.Returned {
		return c.Args.Data[:max(0, min(c.Value, len(c.Args.Data)))]
	}
	return c.Data
}

// immediate reports whether a call can be shown with its result when it begins:
// it returned before anything else happened that another line shows.
func (c *Call) immediate() bool { return c.Returned && c.Begin == c.End && !c.Blocked }

// Begun is the call without its result, as strace prints it: recv(3, 4096).
func (c *Call) Begun() string { return c.Op.String() + "(" + c.args() + ")" }

// String is the call with its result, as strace prints it.
func (c *Call) String() string {
	s := c.Begun()
	detail := c.Detail()
	switch {
	case !c.Returned:
		return s + " never returns"
	case c.Errno != stack.OK:
		return s + " = -1 " + c.Errno.String()
	case c.Op == OpPoll && detail != "" || c.Op == OpAccept:
		return s + " = " + detail
	case detail != "":
		return s + " = " + strconv.Itoa(c.Value) + " " + detail
	case c.Op == OpRecv && c.Value == 0:
		return s + " = 0 (EOF)"
	case c.Op == OpRecv && len(c.Data) > 0:
		return s + " = " + strconv.Itoa(c.Value) + " " + Quote(c.Data)
	}
	return s + " = " + strconv.Itoa(c.Value)
}

// Detail is the result for people where the number that the call returned does
// not say it; empty elsewhere and for a call that has failed.
func (c *Call) Detail() string {
	if !c.Returned || c.Errno != stack.OK {
		return ""
	}
	switch c.Op {
	case OpAccept:
		return strconv.Itoa(c.Value) + " from " + c.Addr.String()
	case OpGetsockname, OpGetpeername:
		return "[" + c.Addr.String() + "]"
	case OpGetsockopt:
		return "[" + c.Answer() + "]"
	case OpFork:
		return "[" + c.Args.Child + "]"
	case OpPoll:
		return c.ready()
	}
	return ""
}

// Answer is the value that getsockopt has read, as text: of SO_ERROR the name
// of the errno, 0 for none.
func (c *Call) Answer() string {
	switch v := c.OptVal; {
	case v == nil:
		return ""
	case c.Args.Option == "SO_ERROR" && v.Int != 0:
		return stack.Errno(v.Int).String()
	default:
		return v.String()
	}
}

// ready is what poll reports: 1 {fd=3, revents=POLLIN}.
func (c *Call) ready() string {
	var b strings.Builder
	for i, events := range c.Revents {
		if events == 0 {
			continue
		}
		if b.Len() == 0 {
			b.WriteString(strconv.Itoa(c.Value) + " ")
		}
		b.WriteString("{fd=" + strconv.Itoa(c.Args.Poll[i].FD) + ", revents=" + events.String() + "}")
	}
	return b.String()
}

// args prints the arguments in short: not every one that the system call has.
func (c *Call) args() string {
	a := c.Args
	if a == nil {
		return ""
	}
	fd := strconv.Itoa(a.FD)
	switch c.Op {
	case OpSocket:
		if a.IPv6 {
			return "AF_INET6, SOCK_STREAM"
		}
		return "AF_INET, SOCK_STREAM"
	case OpBind:
		if !a.Addr.Addr().IsValid() {
			return fd + ", *:" + strconv.Itoa(int(a.Addr.Port()))
		}
		return fd + ", " + a.Addr.String()
	case OpConnect:
		return fd + ", " + a.Addr.String()
	case OpListen:
		return fd + ", " + strconv.Itoa(a.Backlog)
	case OpSend:
		return withFlags(fd+", "+Quote(a.Data)+", "+strconv.Itoa(a.Len), a.Flags)
	case OpRecv:
		return withFlags(fd+", "+strconv.Itoa(a.Len), a.Flags)
	case OpShutdown:
		return fd + ", " + a.How.String()
	case OpFcntl:
		if a.Nonblock {
			return fd + ", F_SETFL, O_RDWR|O_NONBLOCK"
		}
		return fd + ", F_SETFL, O_RDWR"
	case OpSetsockopt:
		return fd + ", " + a.Option + ", " + a.OptVal.String()
	case OpGetsockopt:
		return fd + ", " + a.Option
	case OpPoll:
		return a.asked()
	case OpFork:
		return ""
	case OpExit:
		return strconv.Itoa(a.Status)
	}
	return fd
}

func withFlags(args string, flags stack.MsgFlags) string {
	if flags == 0 {
		return args
	}
	return args + ", " + flags.String()
}

// asked is the set of a poll and how long it waits.
func (a *Args) asked() string {
	var b strings.Builder
	for _, f := range a.Poll {
		b.WriteString("{fd=" + strconv.Itoa(f.FD) + ", events=" + f.Events.String() + "}, ")
	}
	if a.Timeout < 0 {
		return b.String() + "-1"
	}
	return b.String() + a.Timeout.String()
}

// quoteLimit is how many bytes of a payload are shown, as in strace.
const quoteLimit = 32

// Quote prints data as strace does: quoted, cut after 32 bytes.
func Quote(data []byte) string {
	if len(data) > quoteLimit {
		return strconv.Quote(string(data[:quoteLimit])) + "..."
	}
	return strconv.Quote(string(data))
}

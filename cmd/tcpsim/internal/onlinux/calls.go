package onlinux

import (
	"net/netip"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/linux"
)

// Numbers of Linux (asm-generic/socket.h, linux/tcp.h, linux/in.h).
const (
	solSocket  = 1
	ipprotoTCP = 6

	soRcvTimeo = 20
	soSndTimeo = 21
)

// sockopt is where an option is found.
type sockopt struct{ level, number int }

var sockopts = map[string]sockopt{
	"SO_REUSEADDR": {solSocket, 2}, "SO_ERROR": {solSocket, 4}, "SO_SNDBUF": {solSocket, 7}, "SO_RCVBUF": {solSocket, 8},
	"SO_KEEPALIVE": {solSocket, 9}, "SO_LINGER": {solSocket, 13}, "SO_REUSEPORT": {solSocket, 15},
	"SO_RCVTIMEO": {solSocket, soRcvTimeo}, "SO_SNDTIMEO": {solSocket, soSndTimeo},
	"TCP_NODELAY": {ipprotoTCP, 1}, "TCP_MAXSEG": {ipprotoTCP, 2}, "TCP_CORK": {ipprotoTCP, 3}, "TCP_KEEPIDLE": {ipprotoTCP, 4},
	"TCP_KEEPINTVL": {ipprotoTCP, 5}, "TCP_KEEPCNT": {ipprotoTCP, 6}, "TCP_SYNCNT": {ipprotoTCP, 7}, "TCP_LINGER2": {ipprotoTCP, 8},
	"TCP_DEFER_ACCEPT": {ipprotoTCP, 9}, "TCP_WINDOW_CLAMP": {ipprotoTCP, 10}, "TCP_INFO": {ipprotoTCP, 11},
	"TCP_QUICKACK": {ipprotoTCP, 12}, "TCP_CONGESTION": {ipprotoTCP, 13}, "TCP_USER_TIMEOUT": {ipprotoTCP, 18},
}

var msgFlags = []struct {
	flag   stack.MsgFlags
	number int
}{
	{stack.MsgPeek, 0x2}, {stack.MsgDontWait, 0x40}, {stack.MsgWaitAll, 0x100}, {stack.MsgNoSignal, 0x4000},
}

// encode makes the system call of a call that is given as data. addr is the
// host's own, whose family decides what any address is. It returns an error for
// what Linux does not have.
func encode(op trace.Op, a *trace.Args, addr netip.Addr) (c linux.Call, err error) {
	switch op {
	case trace.OpSocket:
		return linux.Socket(addr.Is6()), nil
	case trace.OpBind:
		return linux.Bind(a.FD, anyOf(a.Addr, addr)), nil
	case trace.OpListen:
		return linux.Listen(a.FD, a.Backlog), nil
	case trace.OpAccept:
		return linux.Accept(a.FD), nil
	case trace.OpConnect:
		return linux.Connect(a.FD, anyOf(a.Addr, addr)), nil
	case trace.OpSend:
		n, err := flags(a.Flags)
		return linux.Send(a.FD, a.Data, n), err
	case trace.OpRecv:
		n, err := flags(a.Flags)
		return linux.Recv(a.FD, a.Len, n), err
	case trace.OpShutdown:
		return linux.Shutdown(a.FD, a.How), nil
	case trace.OpClose:
		return linux.Close(a.FD), nil
	case trace.OpDup:
		return linux.Dup(a.FD), nil
	case trace.OpFcntl:
		return linux.SetNonblock(a.FD, a.Nonblock), nil
	case trace.OpSetsockopt:
		return setsockopt(a)
	case trace.OpGetsockopt:
		o, ok := sockopts[a.Option]
		if !ok {
			return c, notHere("option " + a.Option)
		}
		return linux.Getsockopt(a.FD, o.level, o.number), nil
	case trace.OpGetsockname:
		return linux.Getsockname(a.FD), nil
	case trace.OpGetpeername:
		return linux.Getpeername(a.FD), nil
	case trace.OpPoll:
		var fds []linux.PollFD
		for _, f := range a.Poll {
			fds = append(fds, linux.PollFD{FD: f.FD, Events: f.Events})
		}
		return linux.Poll(fds, a.Timeout), nil
	}
	return c, notHere(op.String())
}

func anyOf(a netip.AddrPort, host netip.Addr) netip.AddrPort {
	if a.Addr().IsValid() {
		return a
	}
	if host.Is6() {
		return netip.AddrPortFrom(netip.IPv6Unspecified(), a.Port())
	}
	return netip.AddrPortFrom(netip.IPv4Unspecified(), a.Port())
}

func flags(f stack.MsgFlags) (n int, err error) {
	for _, m := range msgFlags {
		if f&m.flag != 0 {
			n |= m.number
			f &^= m.flag
		}
	}
	if f != 0 {
		return 0, notHere("flags " + f.String())
	}
	return n, nil
}

func setsockopt(a *trace.Args) (c linux.Call, err error) {
	o, ok := sockopts[a.Option]
	if !ok {
		return c, notHere("option " + a.Option)
	}
	switch v := a.OptVal; v.Kind {
	case stack.KindLinger:
		return linux.SetsockoptLinger(a.FD, v.Linger), nil
	case stack.KindTime:
		return linux.SetsockoptTime(a.FD, o.number, v.Time), nil
	case stack.KindText:
		return linux.SetsockoptText(a.FD, o.level, o.number, v.Text), nil
	default:
		return linux.SetsockoptInt(a.FD, o.level, o.number, v.Int), nil
	}
}

// decode turns the result of a system call into that of a call.
func decode(op trace.Op, a *trace.Args, r *linux.Result) trace.Result {
	if r.Errno != stack.OK {
		return trace.Result{Value: -1, Errno: r.Errno}
	}
	out := trace.Result{Value: r.Value}
	switch op {
	case trace.OpAccept, trace.OpGetsockname, trace.OpGetpeername:
		out.Addr = r.Addr
	case trace.OpRecv:
		out.Data = r.Data
	case trace.OpPoll:
		if r.Value > 0 {
			out.Revents = r.Events
		}
	case trace.OpGetsockopt:
		v := stack.Value{Kind: stack.KindOf(a.Option), Int: r.Number, Linger: r.Linger, Time: r.Time}
		switch a.Option {
		case "TCP_INFO":
			v.Text = stateOf(r.Data)
		case "TCP_CONGESTION":
			v.Text = text(r.Data)
		}
		v = v.Only()
		out.OptVal = &v
	}
	return out
}

// stateOf is the state in a struct tcp_info: its first byte, a number of
// tcp_states.h.
func stateOf(info []byte) string {
	states := []stack.State{
		1: stack.Established, 2: stack.SynSent, 3: stack.SynReceived, 4: stack.FinWait1, 5: stack.FinWait2, 6: stack.TimeWait,
		7: stack.Closed, 8: stack.CloseWait, 9: stack.LastAck, 10: stack.Listen, 11: stack.Closing, 12: stack.SynReceived,
	}
	if len(info) == 0 || int(info[0]) >= len(states) || info[0] == 0 {
		return "UNKNOWN"
	}
	return states[info[0]].Linux()
}

// text is a name that ends with a zero.
func text(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

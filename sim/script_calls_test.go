package sim_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// decode turns a line of a script into the call that it means.
func (st *step) decode(fd int, server netip.AddrPort) (op trace.Op, a trace.Args, err error) {
	a.FD = fd
	number := func(otherwise int) int {
		if st.args == "" {
			return otherwise
		}
		n, e := strconv.Atoi(st.args)
		err = e
		return n
	}
	switch st.call {
	case "listen":
		op, a.Backlog = trace.OpListen, 16
	case "connect":
		op, a.Addr = trace.OpConnect, server
	case "reconnect":
		op, a.Addr = trace.OpConnect, netip.AddrPortFrom(server.Addr(), serverPort+1)
	case "accept":
		op = trace.OpAccept
	case "dup":
		op = trace.OpDup
	case "close":
		op = trace.OpClose
	case "shutdown":
		op, a.How = trace.OpShutdown, map[string]stack.How{"RD": stack.ShutRead, "WR": stack.ShutWrite, "RDWR": stack.ShutBoth}[st.args]
	case "linger":
		l := stack.Linger{On: true, Time: time.Duration(number(0)) * time.Second}
		op, a.Option, a.OptVal = trace.OpSetsockopt, "SO_LINGER", stack.Value{Kind: stack.KindLinger, Linger: l}
	case "set":
		op = trace.OpSetsockopt
		var value string
		a.Option, value, _ = strings.Cut(st.args, " ")
		a.OptVal.Int, err = strconv.Atoi(value)
	case "nonblock":
		op, a.Nonblock = trace.OpFcntl, true
	case "send":
		op, a.Data, a.Flags = trace.OpSend, []byte(st.args), stack.MsgDontWait
		a.Len = len(a.Data)
	case "write": // all of it, waiting for room
		op, a.Len = trace.OpSend, number(0)
		a.Data = make([]byte, a.Len)
	case "recv":
		op, a.Len, a.Flags = trace.OpRecv, number(4096), stack.MsgDontWait
	case "read":
		op, a.Len = trace.OpRecv, number(4096)
	case "poll":
		op, a.Poll = trace.OpPoll, []trace.PollFD{{FD: fd, Events: stack.PollIn | stack.PollOut | stack.PollRdHup}}
	case "error":
		op, a.Option = trace.OpGetsockopt, "SO_ERROR"
	case "state":
		op, a.Option = trace.OpGetsockopt, "TCP_INFO"
	case "peer":
		op = trace.OpGetpeername
	case "name":
		op = trace.OpGetsockname
	default:
		err = fmt.Errorf("no such call: %s", st.call)
	}
	return op, a, err
}

// tell is the result of a call as a script writes it.
func tell(op trace.Op, a trace.Args, r trace.Result) string {
	switch {
	case r.Errno != stack.OK:
		return r.Errno.String()
	case op == trace.OpAccept, op == trace.OpDup:
		return "0"
	case op == trace.OpRecv && r.Value > 0 && r.Value <= 16:
		return fmt.Sprintf("%d:%s", r.Value, r.Data)
	case op == trace.OpPoll:
		return r.Revents[0].String()
	case a.Option == "SO_ERROR" && op == trace.OpGetsockopt:
		return stack.Errno(r.OptVal.Int).String()
	case op == trace.OpGetsockopt:
		return r.OptVal.Text
	case op == trace.OpGetpeername, op == trace.OpGetsockname:
		return r.Addr.String()
	}
	return strconv.Itoa(r.Value)
}

func result(value string, err error) string {
	var errno stack.Errno
	switch {
	case errors.As(err, &errno):
		return errno.String()
	case err != nil:
		return err.Error()
	}
	return value
}

func (pl *player) experiment(n *sim.Network, st *step) string {
	switch st.call {
	case "unplug":
		n.Unplug(trace.Client)
	case "destroy":
		return result("0", n.Destroy(trace.Client, nil))
	case "plug":
		n.Plug(trace.Client)
	case "kill":
		name, signal, _ := strings.Cut(st.args, " ")
		number, _ := stack.ParseSignal(signal)
		return result("0", n.Kill(name, number))
	case "crash":
		return result("0", n.Crash(trace.Server))
	case "boot":
		return result("0", n.Boot(trace.Server))
	case "forge": // TO FLAGS SEQ ACK
		in := sim.Injection{FromPort: clientPort, ToPort: serverPort, To: trace.Server, Window: 1000}
		var to, flags string
		fmt.Sscan(st.args, &to, &flags, &in.Seq, &in.Ack)
		if to == "client" {
			in.To, in.FromPort, in.ToPort = trace.Client, serverPort, clientPort
		}
		in.Flags, _ = wire.ParseFlags(flags)
		return result("0", n.Inject(in))
	case "rst": // an exact RST to the client, with a sequence number
		seq, _ := strconv.Atoi(st.args)
		return result("0", n.Inject(sim.Injection{To: trace.Client, Flags: wire.RST, Seq: uint32(seq)}))
	default:
		return "no such experiment"
	}
	return "0"
}

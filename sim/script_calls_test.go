package sim_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func transfer(p *sim.Process, fd int, st *step) string {
	var buf [64 << 10]byte
	switch st.call {
	case "send":
		n, err := p.Send(fd, []byte(st.args), stack.MsgDontWait)
		return result(strconv.Itoa(n), err)
	case "write": // all of it, waiting for room
		size, _ := strconv.Atoi(st.args)
		n, err := p.Send(fd, make([]byte, size), 0)
		return result(strconv.Itoa(n), err)
	case "recv", "read":
		flags := stack.MsgDontWait
		if st.call == "read" {
			flags = 0
		}
		size := 4096
		if st.args != "" {
			size, _ = strconv.Atoi(st.args)
		}
		n, err := p.Recv(fd, buf[:size], flags)
		switch {
		case n == 0:
			return result("0", err)
		case n > 16:
			return result(strconv.Itoa(n), err)
		}
		return result(fmt.Sprintf("%d:%s", n, buf[:n]), err)
	case "poll":
		fds := []sim.PollFD{{FD: fd, Events: stack.PollIn | stack.PollOut | stack.PollRdHup}}
		_, err := p.Poll(fds, 0)
		return result(fds[0].Revents.String(), err)
	case "error":
		v, err := p.GetSockOpt(fd, "SO_ERROR")
		return result(stack.Errno(v.Int).String(), err)
	case "state":
		v, err := p.GetSockOpt(fd, "TCP_INFO")
		return result(v.Text, err)
	case "peer":
		a, err := p.GetPeerName(fd)
		return result(a.String(), err)
	case "name":
		a, err := p.GetSockName(fd)
		return result(a.String(), err)
	case "now":
		return p.Now().Round(time.Millisecond).String()
	}
	return "no such call"
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

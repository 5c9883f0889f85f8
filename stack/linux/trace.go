package linux

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/stack"
)

// A StateChange is the kernel's word that a socket has changed its state
// (tracepoint inet_sock_set_state). What the kernel calls CLOSE is also how a
// connection ends that goes on as a TIME_WAIT without a socket.
type StateChange struct {
	At            time.Duration // to the microsecond
	Host          *Host         // nil where it cannot be told
	Local, Remote netip.AddrPort
	From, To      stack.State
}

// A ResetSent is the kernel's word that it has sent a RST, and why (tracepoint
// tcp_send_reset).
type ResetSent struct {
	At            time.Duration
	Host          *Host
	Local, Remote netip.AddrPort
	// Reason is sk_rst_reason of the kernel without its prefix, such as
	// TCP_ABORT_ON_CLOSE; "" before Linux 6.10, which did not say.
	Reason string
}

// A ResetReceived is the kernel's word that a socket has taken a RST (tracepoint
// tcp_receive_reset).
type ResetReceived struct {
	At            time.Duration
	Host          *Host
	Local, Remote netip.AddrPort
}

// A Dropped is the kernel's word that it has dropped a packet (tracepoint
// kfree_skb): its skb_drop_reason without the prefix, such as TCP_OLD_DATA. It
// does not say whose packet it was.
type Dropped struct {
	At     time.Duration
	Reason string
}

// parseTrace reads a line of the tracer, such as
//
//	init-25 [000] ..... 20.041031: inet_sock_set_state: family=AF_INET ...
//
// and returns nil for what is no event of interest.
func (m *Machine) parseTrace(line string) Event {
	head, rest, ok := strings.Cut(line, ": ")
	if !ok {
		return nil
	}
	name, text, ok := strings.Cut(rest, ": ")
	if !ok {
		return nil
	}
	words := strings.Fields(head)
	if len(words) == 0 {
		return nil
	}
	at, err := time.ParseDuration(words[len(words)-1] + "s")
	if err != nil {
		return nil
	}
	fields := map[string]string{}
	for _, w := range strings.Fields(text) {
		if k, v, ok := strings.Cut(w, "="); ok {
			fields[k] = v
		}
	}
	switch name {
	case "inet_sock_set_state":
		if fields["protocol"] != "IPPROTO_TCP" {
			return nil
		}
		e := StateChange{At: at}
		if e.From, ok = state(fields["oldstate"]); !ok {
			return nil
		}
		if e.To, ok = state(fields["newstate"]); !ok {
			return nil
		}
		e.Local, e.Remote = ends(fields)
		e.Host = m.owner(e.Local.Addr())
		return e
	case "tcp_send_reset":
		e := ResetSent{At: at, Reason: reason(fields["reason"])}
		if fields["src"] != "" {
			e.Local, e.Remote = endpoint(fields["src"]), endpoint(fields["dest"])
		} else {
			e.Local, e.Remote = ends(fields)
		}
		e.Host = m.owner(e.Local.Addr())
		return e
	case "tcp_receive_reset":
		e := ResetReceived{At: at}
		e.Local, e.Remote = ends(fields)
		e.Host = m.owner(e.Local.Addr())
		return e
	case "kfree_skb":
		_, why, _ := strings.Cut(text, "reason: ")
		return Dropped{At: at, Reason: strings.TrimPrefix(why, "SKB_DROP_REASON_")}
	}
	return nil
}

func reason(s string) string { return strings.TrimPrefix(s, "SK_RST_REASON_") }

func state(s string) (stack.State, bool) {
	name := strings.TrimPrefix(s, "TCP_")
	if name == "NEW_SYN_RECV" {
		name = "SYN_RECV"
	}
	return stack.ParseState(name)
}

// ends reads saddr, daddr (or their forms of IPv6) and the ports.
func ends(f map[string]string) (local, remote netip.AddrPort) {
	src, dst := "saddr", "daddr"
	if f["family"] == "AF_INET6" {
		src, dst = "saddrv6", "daddrv6"
	}
	return addrPort(f[src], f["sport"]), addrPort(f[dst], f["dport"])
}

func addrPort(addr, port string) netip.AddrPort {
	a, err := netip.ParseAddr(addr)
	n, perr := strconv.ParseUint(port, 10, 16)
	if err != nil || perr != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a, uint16(n))
}

// endpoint reads 10.0.0.1:80 and [fd00::1]:80.
func endpoint(s string) netip.AddrPort {
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		return netip.AddrPort{}
	}
	return a
}

// owner is the host that has an address. Of a socket without one (a listening
// one) the kernel says not whose it is: it is that of the host that was told to
// do something.
func (m *Machine) owner(addr netip.Addr) *Host {
	for _, h := range m.hosts {
		for _, own := range h.addrs {
			if own.Addr() == addr {
				return h
			}
		}
	}
	if addr.IsUnspecified() {
		return m.acting
	}
	return nil
}

package fidelity

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// unsupported lists what of a case cannot be replayed: calls, arguments,
// options.
func (c *Case) unsupported() (out []string) {
	add := func(i int, format string, args ...any) {
		text := fmt.Sprintf("call %d, %s: %s", i+1, c.Calls[i].Name, fmt.Sprintf(format, args...))
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	var boots [2]int
	for i := range c.Calls {
		k := &c.Calls[i]
		if side, ok := strings.CutPrefix(k.Name, "reboot-"); ok && k.By == Experimenter && side == "A" {
			boots[trace.Client]++
		} else if ok && k.By == Experimenter && side == "B" {
			boots[trace.Server]++
		}
		switch why := k.unsupported(); {
		case why != "":
			add(i, "%s", why)
		case k.By != Experimenter && k.Name != "ss" && k.Boot != boots[k.By]:
			add(i, "boot %d of a host that has booted %d times", k.Boot+1, boots[k.By]+1)
		}
	}
	return out
}

// Limits on what a case may ask for.
const (
	mostData = 64 << 20 // bytes of one send
	mostRoom = 16 << 20 // bytes of one recv
)

func (c *Call) unsupported() string {
	if c.By == Experimenter {
		switch c.Name {
		case "inject", "link", "reboot-A", "reboot-B", "note":
			return ""
		}
		return "tcpsim's experimenter has nothing like it"
	}
	switch c.Name {
	case "bind", "connect":
		if len(c.Args) < 2 || !c.Args[0].IsText || c.Args[1].IsText || c.Args[1].Number < 0 || c.Args[1].Number > 65535 {
			return "want an address and a port"
		}
		if _, err := netip.ParseAddr(c.Args[0].Text); err != nil {
			return "want an IP address"
		}
		return c.extra(2, "O_NONBLOCK")
	case "listen":
		return c.numbers(1)
	case "accept":
		return c.extra(0, "O_NONBLOCK")
	case "send":
		if len(c.Args) < 1 || !c.Args[0].IsText {
			return "want data"
		}
		if _, n, _ := abbreviated(c.Args[0].Text); n > mostData {
			return "more data than can be held"
		}
		return c.msgFlags()
	case "recv":
		if len(c.Args) < 1 || c.Args[0].IsText || c.Args[0].Number < 0 || c.Args[0].Number > mostRoom {
			return "want a size up to 16 MiB"
		}
		return c.msgFlags()
	case "recv*until-EAGAIN-or-EOF":
		return c.numbers(1)
	case "send*until-EAGAIN", "close", "getsockopt(SO_ERROR)", "getsockopt(TCP_INFO).state",
		"getsockname", "getpeername", "ss", "note":
		return ""
	case destroy:
		if c.Socket == "" || len(c.Args) > 0 {
			return "want a socket and nothing else"
		}
		return ""
	case "shutdown":
		if len(c.Args) == 1 && slices.Contains([]string{"SHUT_RD", "SHUT_WR", "SHUT_RDWR"}, c.Args[0].Text) {
			return ""
		}
		return "want SHUT_RD, SHUT_WR or SHUT_RDWR"
	case "dup":
		if len(c.Args) == 1 && c.Args[0].IsText {
			return ""
		}
		return "want the name of the new descriptor"
	case "poll":
		return c.numbers(1)
	case "setsockopt":
		return c.option()
	}
	if _, ok := exitStatus(c.Name); ok {
		return ""
	}
	if _, ok := signalOf(c.Name); ok {
		return ""
	}
	return "tcpsim has no such call"
}

func (c *Call) numbers(n int) string {
	if len(c.Args) != n {
		return fmt.Sprintf("want %d numbers", n)
	}
	for _, a := range c.Args {
		if a.IsText || a.Number < 0 || a.Number > mostRoom {
			return fmt.Sprintf("want %d numbers", n)
		}
	}
	return ""
}

func (c *Call) extra(from int, known ...string) string {
	for _, a := range c.Args[min(from, len(c.Args)):] {
		if !slices.Contains(known, a.Text) {
			return "argument " + a.String()
		}
	}
	return ""
}

func (c *Call) msgFlags() string {
	for _, a := range c.Args[1:] {
		for _, name := range strings.Split(a.Text, "|") {
			if _, ok := stack.ParseMsgFlag(name); !ok {
				return "flag " + name
			}
		}
	}
	return ""
}

func (c *Call) option() string {
	if len(c.Args) < 2 || !c.Args[0].IsText {
		return "want an option and a value"
	}
	if !slices.Contains(stack.Options(), c.Args[0].Text) {
		return "option " + c.Args[0].Text
	}
	if stack.KindOf(c.Args[0].Text) == stack.KindLinger && len(c.Args) < 3 {
		return "want l_onoff and l_linger"
	}
	return ""
}

// translate turns a recording's sysctls into settings, and names those that
// tcpsim does not have.
func translate(in []Setting) (out []stack.Setting, missing []string) {
	known := map[string]string{}
	for _, s := range in {
		known[strings.TrimPrefix(s.Name, prefix)] = s.Value
	}
	if known["tcp_early_retrans"] == "" && known["tcp_rto_min_us"] == "" {
		// Tail loss probes, which are a part of RACK in gVisor. On Linux they
		// wait for the minimum RTO as well (tcp_schedule_loss_probe), so that
		// with a raised one there are none to be seen.
		out = append(out, stack.Setting{Name: "tcp_recovery", Value: "1"})
	}
	for _, s := range in {
		name, value := strings.TrimPrefix(s.Name, prefix), s.Value
		switch {
		case name == "tcp_early_retrans" && value == "0":
			continue // no tail loss probes: tcpsim's default
		case name == "tcp_rto_min_us":
			us, err := strconv.Atoi(value)
			name = "tcp_rto_min"
			if err == nil {
				value = (time.Duration(us) * time.Microsecond).String()
			}
		}
		if stack.CheckSetting(name, value) != nil {
			missing = append(missing, s.Name+" = "+s.Value)
			continue
		}
		out = append(out, stack.Setting{Name: name, Value: value})
	}
	return out, missing
}

// prefix is what the names of recorded sysctls begin with.
const prefix = "net.ipv4."

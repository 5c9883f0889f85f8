package fidelity

import (
	"net/netip"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/stack"
)

// newName is the name that the recording gives to an accepted socket.
func newName(text, otherwise string) string {
	if name, _, ok := strings.Cut(text, " "); ok {
		return name
	}
	return otherwise
}

func (c *Call) has(text string) bool {
	for _, a := range c.Args {
		if a.Text == text {
			return true
		}
	}
	return false
}

func (c *Call) flags() (f stack.MsgFlags) {
	for _, a := range c.Args[min(1, len(c.Args)):] {
		for _, name := range strings.Split(a.Text, "|") {
			flag, _ := stack.ParseMsgFlag(name)
			f |= flag
		}
	}
	return f
}

func (c *Call) address(i int) netip.AddrPort {
	addr, _ := netip.ParseAddr(c.Args[i].Text)
	return netip.AddrPortFrom(addr, uint16(c.Args[i+1].Number))
}

func (c *Call) optionValue() stack.Value {
	name := c.Args[0].Text
	v := stack.Value{Kind: stack.KindOf(name)}
	switch v.Kind {
	case stack.KindLinger:
		if len(c.Args) > 2 {
			v.Linger = stack.Linger{On: c.Args[1].Number != 0, Time: time.Duration(c.Args[2].Number) * time.Second}
		}
	case stack.KindTime:
		v.Time = time.Duration(c.Args[1].Number) * time.Second
	case stack.KindText:
		v.Text = c.Args[1].Text
	default:
		v.Int = c.Args[1].Number
	}
	return v
}

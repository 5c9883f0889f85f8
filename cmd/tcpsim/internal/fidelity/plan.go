package fidelity

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// plan is what a recorded call means: a step of a program, as scenario files
// have them, or something that the replay does besides.
type plan struct {
	before, after []model.Step // what its program did that the recording does not show
	step          model.Step   // whose outcome is compared; no verb where special says what it is
	special       special
	status        int          // of exits
	signal        stack.Signal // of killed
	cut           [2]*bool     // of cutsCable, by sender: whether it is cut from then on; nil leaves it
	host          trace.Side   // of reboots
}

// special is a call that is no step of a program.
type special uint8

const (
	nothingSpecial special = iota
	listsSockets           // ss
	destroys               // ss -K
	exits                  // a process that holds the socket alone
	killed                 // such a process
	forges                 // a segment
	cutsCable
	reboots
	notes
)

// Limits on what a case may ask for.
const (
	mostData = 64 << 20 // bytes of one send
	mostRoom = 16 << 20 // bytes of one recv
)

// plan decodes a call. why says what of it cannot be replayed, empty when
// nothing.
func (c *Call) plan() (p plan, why string) {
	if c.By == Experimenter {
		why = c.experiment(&p)
		return p, why
	}
	p.step.Socket = c.Socket
	s := &p.step
	switch c.Name {
	case "bind", "connect":
		s.Verb = model.VerbBind
		if c.Name == "connect" {
			s.Verb = model.VerbConnect
		}
		if s.Address, why = c.address(); why == "" {
			why = c.nonblock(s, 2)
		}
	case "listen":
		s.Verb = model.VerbListen
		s.Backlog, why = c.number()
	case "accept":
		s.Verb, s.As = model.VerbAccept, newName(c.Result.Text, "s")
		why = c.nonblock(s, 0)
	case "send":
		s.Verb = model.VerbSend
		if s.Data, why = c.data(); why == "" {
			s.Flags, why = c.msgFlags()
		}
	case "send*until-EAGAIN":
		s.Verb, s.Flags, s.Until = model.VerbSend, stack.MsgDontWait, model.UntilEAGAIN
		s.Data = pattern("x...<1000 bytes>", c.chunk())
	case "recv":
		s.Verb = model.VerbRecv
		if s.Size, why = c.room(); why == "" {
			s.Flags, why = c.msgFlags()
		}
		c.limit(&p)
	case "recv*until-EAGAIN-or-EOF":
		s.Verb, s.Flags, s.Until = model.VerbRecv, stack.MsgDontWait, model.UntilEAGAIN
		s.Size, why = c.number()
	case "shutdown":
		s.Verb = model.VerbShutdown
		s.How, why = c.how()
	case "close":
		s.Verb = model.VerbClose
	case "dup":
		s.Verb = model.VerbDup
		if len(c.Args) != 1 || !c.Args[0].IsText {
			return p, "want the name of the new descriptor"
		}
		s.As = c.Args[0].Text
	case "poll":
		s.Verb, s.Events = model.VerbPoll, stack.PollIn|stack.PollPri|stack.PollOut|stack.PollRdHup
		var seconds int
		seconds, why = c.number()
		s.Timeout = time.Duration(seconds) * time.Second
	case "setsockopt":
		s.Verb = model.VerbSetsockopt
		s.Option, s.Value, why = c.option()
	case "getsockopt(SO_ERROR)":
		s.Verb, s.Option = model.VerbGetsockopt, "SO_ERROR"
	case "getsockopt(TCP_INFO).state":
		s.Verb, s.Option = model.VerbGetsockopt, "TCP_INFO"
	case "getsockname":
		s.Verb = model.VerbGetsockname
	case "getpeername":
		s.Verb = model.VerbGetpeername
	case "ss":
		p.special = listsSockets
	case "note":
		p.special = notes
	case destroy:
		p.special = destroys
		if c.Socket == "" || len(c.Args) > 0 {
			why = "want a socket and nothing else"
		}
	default:
		why = c.end(&p)
	}
	return p, why
}

// end decodes the end of a process: exit(3), kill -9, kill -TERM.
func (c *Call) end(p *plan) (why string) {
	var err error
	if rest, ok := strings.CutPrefix(c.Name, "exit("); ok {
		p.special = exits
		if p.status, err = strconv.Atoi(strings.TrimSuffix(rest, ")")); err == nil {
			return ""
		}
	}
	if name, ok := strings.CutPrefix(c.Name, "kill -"); ok {
		p.special = killed
		if p.signal, ok = deadly(name); ok {
			return ""
		}
	}
	return "tcpsim has no such call"
}

// deadly finds a signal that ends a process, by its number or its name.
func deadly(name string) (stack.Signal, bool) {
	if n, err := strconv.Atoi(name); err == nil {
		s := stack.Signal(n)
		return s, s.Known() && s != stack.SIGPIPE
	}
	return stack.ParseSignal("SIG" + name)
}

// experiment decodes what was done to the cable and the hosts.
func (c *Call) experiment(p *plan) (why string) {
	switch c.Name {
	case "inject":
		p.special = forges
	case "note":
		p.special = notes
	case "reboot-A", "reboot-B":
		p.special = reboots
		if c.Name == "reboot-B" {
			p.host = trace.Server
		}
	case "link":
		p.special = cutsCable
		for _, a := range c.Args {
			direction, state, _ := strings.Cut(a.Text, " ")
			down := state == "down"
			switch direction {
			case "a2b":
				p.cut[trace.Client] = &down
			case "b2a":
				p.cut[trace.Server] = &down
			}
		}
	default:
		return "tcpsim's experimenter has nothing like it"
	}
	return ""
}

// newName is the name that the recording gives to an accepted socket.
func newName(text, otherwise string) string {
	if name, _, ok := strings.Cut(text, " "); ok {
		return name
	}
	return otherwise
}

func (c *Call) address() (a model.Address, why string) {
	if len(c.Args) < 2 || !c.Args[0].IsText || c.Args[1].IsText || c.Args[1].Number < 0 || c.Args[1].Number > 65535 {
		return a, "want an address and a port"
	}
	ip, err := netip.ParseAddr(c.Args[0].Text)
	if err != nil {
		return a, "want an IP address"
	}
	return model.Address{IP: ip, Port: uint16(c.Args[1].Number)}, ""
}

// nonblock reads what stands behind the first arguments of a call.
func (c *Call) nonblock(s *model.Step, from int) (why string) {
	for _, a := range c.Args[min(from, len(c.Args)):] {
		if a.Text != "O_NONBLOCK" {
			return "argument " + a.String()
		}
		on := true
		s.Nonblock = &on
	}
	return ""
}

// number is the only argument of a call.
func (c *Call) number() (n int, why string) {
	if len(c.Args) != 1 || c.Args[0].IsText || c.Args[0].Number < 0 || c.Args[0].Number > mostRoom {
		return 0, "want a number"
	}
	return c.Args[0].Number, ""
}

func (c *Call) room() (n int, why string) {
	if len(c.Args) < 1 || c.Args[0].IsText || c.Args[0].Number < 0 || c.Args[0].Number > mostRoom {
		return 0, "want a size up to 16 MiB"
	}
	return c.Args[0].Number, ""
}

func (c *Call) data() (data []byte, why string) {
	if len(c.Args) < 1 || !c.Args[0].IsText {
		return nil, "want data"
	}
	if _, n, _ := abbreviated(c.Args[0].Text); n > mostData {
		return nil, "more data than can be held"
	}
	return pattern(c.Args[0].Text, -1), ""
}

// chunk is how much one call of a repeated send had.
func (c *Call) chunk() int {
	for _, a := range c.Args {
		if n := 0; a.IsText {
			if _, err := fmt.Sscanf(a.Text, "chunks of %d", &n); err == nil && n > 0 && n <= mostRoom {
				return n
			}
		}
	}
	return 1000
}

func (c *Call) msgFlags() (f stack.MsgFlags, why string) {
	for _, a := range c.Args[1:] {
		for _, name := range strings.Split(a.Text, "|") {
			flag, ok := stack.ParseMsgFlag(name)
			if !ok {
				return 0, "flag " + name
			}
			f |= flag
		}
	}
	return f, ""
}

// limit sets the time limit of a blocking recv that came back with EAGAIN. The
// recording does not show it: it is as long as the call took.
func (c *Call) limit(p *plan) {
	if c.Errno != "EAGAIN" || p.step.Flags&stack.MsgDontWait != 0 {
		return
	}
	set := func(d time.Duration) []model.Step {
		v := stack.Value{Kind: stack.KindTime, Time: d}
		return []model.Step{{Verb: model.VerbSetsockopt, Socket: c.Socket, Option: "SO_RCVTIMEO", Value: v}}
	}
	p.before, p.after = set(c.End-c.Begin), set(0)
}

func (c *Call) how() (how stack.How, why string) {
	if len(c.Args) == 1 {
		switch c.Args[0].Text {
		case "SHUT_RD":
			return stack.ShutRead, ""
		case "SHUT_WR":
			return stack.ShutWrite, ""
		case "SHUT_RDWR":
			return stack.ShutBoth, ""
		}
	}
	return 0, "want SHUT_RD, SHUT_WR or SHUT_RDWR"
}

func (c *Call) option() (name string, v stack.Value, why string) {
	if len(c.Args) < 2 || !c.Args[0].IsText {
		return "", v, "want an option and a value"
	}
	name = c.Args[0].Text
	if !slices.Contains(stack.Options(), name) {
		return "", v, "option " + name
	}
	v.Kind = stack.KindOf(name)
	switch v.Kind {
	case stack.KindLinger:
		if len(c.Args) < 3 {
			return "", v, "want l_onoff and l_linger"
		}
		v.Linger = stack.Linger{On: c.Args[1].Number != 0, Time: time.Duration(c.Args[2].Number) * time.Second}
	case stack.KindTime:
		v.Time = time.Duration(c.Args[1].Number) * time.Second
	case stack.KindText:
		v.Text = c.Args[1].Text
	default:
		v.Int = c.Args[1].Number
	}
	return name, v, ""
}

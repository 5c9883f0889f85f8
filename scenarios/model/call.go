package model

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/words"
)

// String prints the step compactly, in the form of the C call where there is
// one: recv(s, 4096).
func (s Step) String() string {
	call := s.call()
	if s.Until != "" {
		call += " until " + string(s.Until)
	}
	return call
}

func (s Step) call() string {
	switch s.Verb {
	case VerbSocket:
		return s.Socket + " = socket()"
	case VerbAccept, VerbDup:
		return fmt.Sprintf("%s = %s(%s)", s.As, s.Verb, arguments(s.Socket, s.nonblock()))
	case VerbBind:
		return fmt.Sprintf("bind(%s, %s)", s.Socket, s.Address)
	case VerbListen:
		return fmt.Sprintf("listen(%s, %d)", s.Socket, s.Backlog)
	case VerbConnect:
		var timeout string
		if s.Timeout > 0 {
			timeout = "timeout " + s.Timeout.String()
		}
		return fmt.Sprintf("connect(%s)", arguments(s.Socket, s.Address.String(), s.nonblock(), timeout))
	case VerbSend:
		return fmt.Sprintf("send(%s)", arguments(s.Socket, s.payload(), flagsText(s.Flags)))
	case VerbRecv:
		return fmt.Sprintf("recv(%s)", arguments(s.Socket, strconv.Itoa(s.Size), flagsText(s.Flags)))
	case VerbShutdown:
		return fmt.Sprintf("shutdown(%s, %s)", s.Socket, s.How)
	case VerbSetsockopt:
		return fmt.Sprintf("setsockopt(%s, %s, %s)", s.Socket, s.Option, s.Value)
	case VerbGetsockopt:
		return fmt.Sprintf("getsockopt(%s, %s)", s.Socket, s.Option)
	case VerbPoll:
		return fmt.Sprintf("poll(%s, %s, %s)", s.Socket, s.Events, s.Timeout)
	case VerbFcntl:
		flag := s.nonblock()
		if flag == "" {
			flag = "0"
		}
		return fmt.Sprintf("fcntl(%s, F_SETFL, %s)", s.Socket, flag)
	case VerbSleep:
		return fmt.Sprintf("sleep(%s)", s.Duration)
	case VerbWaitFor:
		return fmt.Sprintf("wait-for(%s)", s.Target)
	case VerbSigpipe:
		if s.IgnoreSIGPIPE {
			return "signal(SIGPIPE, SIG_IGN)"
		}
		return "signal(SIGPIPE, SIG_DFL)"
	case VerbFork:
		return fmt.Sprintf("fork() of %s", s.Target)
	case VerbExit:
		return fmt.Sprintf("exit(%d)", s.Status)
	case VerbKill:
		return fmt.Sprintf("kill(%s, %s)", s.Target, s.Signal)
	case VerbDrop, VerbPass:
		return fmt.Sprintf("%s(%s)", s.Verb, s.Rule)
	case VerbInject:
		return fmt.Sprintf("inject(%s)", arguments(s.Target, s.Inject.String()))
	case VerbCrash, VerbBoot, VerbPlug, VerbUnplug, VerbDestroy:
		return fmt.Sprintf("%s(%s)", s.Verb, s.Target)
	default:
		return fmt.Sprintf("%s(%s)", s.Verb, s.Socket)
	}
}

// String prints the forged segment on one line.
func (i *Inject) String() string {
	if i == nil {
		return ""
	}
	text := i.Flags.String()
	if i.Seq != nil {
		text += fmt.Sprintf(" seq %d", *i.Seq)
	}
	if i.Ack != nil {
		text += fmt.Sprintf(" ack %d", *i.Ack)
	}
	if len(i.Data) > 0 {
		text += " data " + words.Quote(string(i.Data))
	}
	return text + i.Options.String() + " by " + i.By
}

// String prints the options with a space before each.
func (o InjectOptions) String() string {
	text := ""
	if o.MSS != nil {
		text += fmt.Sprintf(" mss %d", *o.MSS)
	}
	if o.SACKPermitted {
		text += " sackOK"
	}
	if o.Timestamp != nil {
		text += fmt.Sprintf(" TS val %+d", *o.Timestamp)
	}
	if o.Echo != nil {
		text += fmt.Sprintf(" ecr %+d", *o.Echo)
	}
	if o.WindowScale != nil {
		text += fmt.Sprintf(" wscale %d", *o.WindowScale)
	}
	return text
}

func (s Step) nonblock() string {
	if s.Nonblock != nil && *s.Nonblock {
		return "O_NONBLOCK"
	}
	return ""
}

func (s Step) payload() string {
	if s.Data == nil {
		return fmt.Sprintf("%d bytes", s.Bytes)
	}
	return words.Quote(string(s.Data))
}

func flagsText(f stack.MsgFlags) string {
	if f == 0 {
		return ""
	}
	return f.String()
}

// arguments joins what is not empty.
func arguments(args ...string) string {
	var given []string
	for _, a := range args {
		if a != "" {
			given = append(given, a)
		}
	}
	return strings.Join(given, ", ")
}

package model

import (
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/stack"
	"go.yaml.in/yaml/v4"
)

func (e *encoder) host(h, base *Host) *yaml.Node {
	n := mapNode()
	if !same(h.Settings, base.Settings) {
		settings := mapNode()
		for _, s := range h.Settings {
			put(settings, s.Name, textNode(s.Value))
		}
		put(n, "settings", flow(settings))
	}
	if !same(h.Processes, base.Processes) {
		list := listNode()
		for i := range h.Processes {
			list.Content = append(list.Content, e.process(&h.Processes[i]))
		}
		put(n, "processes", list)
	}
	return n
}

func (e *encoder) process(p *Process) *yaml.Node {
	n := mapNode()
	put(n, "name", textNode(p.Name))
	if p.IgnoreSIGPIPE {
		put(n, "sigpipe", textNode("ignore"))
	}
	switch {
	case p.AtBoot:
		put(n, "start", textNode("boot"))
	case p.Forked:
		put(n, "start", textNode("fork"))
	case p.Start != 0:
		put(n, "start", textNode(p.Start.String()))
	}
	putInt(n, "exits", p.Exits)
	put(n, "steps", e.steps(p.Steps))
	return n
}

func (e *encoder) steps(all []Step) *yaml.Node {
	list := listNode()
	for i := range all {
		list.Content = append(list.Content, flow(e.step(&all[i])))
	}
	return list
}

// step writes one step: the verb with its value, then its arguments in the
// order of the fields of Step. Fields that the verb does not have are zero.
func (e *encoder) step(s *Step) *yaml.Node {
	n := mapNode()
	e.verb(n, s)
	putText(n, "as", s.As)
	if s.Address != (Address{}) {
		put(n, "address", textNode(s.Address.String()))
	}
	switch {
	case s.Data != nil:
		e.text(string(s.Data), s.String())
		put(n, "data", textNode(string(s.Data)))
	case s.Bytes > 0:
		put(n, "bytes", intNode(s.Bytes))
	}
	if s.Verb == VerbRecv && s.Size != defaultSize {
		put(n, "size", intNode(s.Size))
	}
	if s.Verb == VerbListen && s.Backlog != defaultBacklog {
		put(n, "backlog", intNode(s.Backlog))
	}
	putBool(n, "nonblock", s.Nonblock)
	if s.Timeout > 0 {
		put(n, "timeout", textNode(s.Timeout.String()))
	}
	if s.Flags != 0 {
		put(n, "flags", flow(textNodes(strings.Split(s.Flags.String(), "|"))))
	}
	putText(n, "until", string(s.Until))
	putInt(n, "total", s.Total)
	if s.Verb == VerbShutdown {
		put(n, "how", textNode(strings.TrimPrefix(s.How.String(), "SHUT_")))
	}
	if s.Option != "" {
		put(n, "option", textNode(s.Option))
	}
	if s.Verb == VerbSetsockopt {
		put(n, "value", optionNode(s))
	}
	if s.Verb == VerbPoll && s.Events != defaultEvents {
		put(n, "events", flow(textNodes(eventNames(s.Events))))
	}
	if s.Verb == VerbKill && s.Signal != stack.SIGKILL {
		put(n, "signal", textNode(s.Signal.String()))
	}
	e.inject(n, s.Inject)
	putText(n, "label", s.Label)
	e.expect(n, s)
	return n
}

// verb writes the key of the verb, whose value is what the verb is about.
func (e *encoder) verb(n *yaml.Node, s *Step) {
	value := textNode(s.Socket)
	switch s.Verb {
	case VerbSleep:
		value = textNode(s.Duration.String())
	case VerbWaitFor, VerbCrash, VerbBoot, VerbUnplug, VerbPlug, VerbDestroy, VerbKill, VerbInject, VerbFork:
		value = textNode(s.Target)
	case VerbDrop, VerbPass:
		value = textNode(s.Rule.Text)
	case VerbSigpipe:
		value = textNode("default")
		if s.IgnoreSIGPIPE {
			value = textNode("ignore")
		}
	case VerbExit:
		value = intNode(s.Status)
	}
	put(n, string(s.Verb), value)
}

func optionNode(s *Step) *yaml.Node {
	switch s.Value.Kind {
	case stack.KindLinger:
		n, on := mapNode(), 0
		if s.Value.Linger.On {
			on = 1
		}
		put(n, "onoff", intNode(on))
		put(n, "linger", intNode(int(s.Value.Linger.Time/time.Second)))
		return flow(n)
	case stack.KindTime:
		return textNode(s.Value.Time.String())
	case stack.KindText:
		return textNode(s.Value.Text)
	}
	return intNode(s.Value.Int)
}

func (e *encoder) inject(n *yaml.Node, in *Inject) {
	if in == nil {
		return
	}
	put(n, "flags", textNode(in.Flags.String()))
	putInt(n, "seq", in.Seq)
	putInt(n, "ack", in.Ack)
	putInt(n, "win", in.Win)
	if len(in.Data) > 0 {
		e.text(string(in.Data), in.String())
		put(n, "data", textNode(string(in.Data)))
	}
	if in.Options != (InjectOptions{}) {
		o := mapNode()
		putInt(o, "mss", in.Options.MSS)
		putInt(o, "window-scale", in.Options.WindowScale)
		putTrue(o, "sack-permitted", in.Options.SACKPermitted)
		putInt(o, "timestamp", in.Options.Timestamp)
		putInt(o, "echo", in.Options.Echo)
		put(n, "options", flow(o))
	}
	putInt(n, "sport", in.SourcePort)
	putInt(n, "dport", in.DestinationPort)
	if in.By != defaultForger {
		putText(n, "by", in.By)
	}
}

func (e *encoder) expect(n *yaml.Node, s *Step) {
	switch len(s.Expect) {
	case 0:
	case 1:
		put(n, "expect", e.result(s, &s.Expect[0]))
	default:
		list := listNode()
		for i := range s.Expect {
			list.Content = append(list.Content, e.result(s, &s.Expect[i]))
		}
		put(n, "expect", flow(list))
	}
}

func (e *encoder) result(s *Step, r *Result) *yaml.Node {
	payload := func(key string, value *yaml.Node) *yaml.Node {
		m := mapNode()
		put(m, key, value)
		return flow(m)
	}
	switch r.Kind {
	case ResultValue:
		return intNode(r.Value)
	case ResultErrno:
		return textNode(r.Errno.String())
	case ResultData:
		e.text(string(r.Data), s.String())
		if s.Verb == VerbGetsockopt {
			return textNode(string(r.Data))
		}
		return payload("data", textNode(string(r.Data)))
	case ResultBytes:
		return payload("bytes", intNode(r.Bytes))
	case ResultEvents:
		if r.Events == 0 {
			return intNode(0)
		}
		return textNode(r.Events.String())
	case ResultState:
		return textNode(r.State.String())
	}
	return textNode(string(r.Kind))
}

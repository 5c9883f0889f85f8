package file

import (
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack"
	"go.yaml.in/yaml/v4"
)

func (e *encoder) host(h, base *model.Host) *yaml.Node {
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

func (e *encoder) process(p *model.Process) *yaml.Node {
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

func (e *encoder) steps(all []model.Step) *yaml.Node {
	list := listNode()
	for i := range all {
		list.Content = append(list.Content, flow(e.step(&all[i])))
	}
	return list
}

// step writes one step: the verb with its value, then its arguments in the
// order of the fields of Step. Fields that the verb does not have are zero.
func (e *encoder) step(s *model.Step) *yaml.Node {
	n := mapNode()
	e.verb(n, s)
	putText(n, "as", s.As)
	if s.Address != (model.Address{}) {
		put(n, "address", textNode(s.Address.String()))
	}
	switch {
	case s.Data != nil:
		e.text(string(s.Data), s.String())
		put(n, "data", textNode(string(s.Data)))
	case s.Bytes > 0:
		put(n, "bytes", intNode(s.Bytes))
	}
	if s.Verb == model.VerbRecv && s.Size != defaultSize {
		put(n, "size", intNode(s.Size))
	}
	if s.Verb == model.VerbListen && s.Backlog != defaultBacklog {
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
	if s.Verb == model.VerbShutdown {
		put(n, "how", textNode(strings.TrimPrefix(s.How.String(), "SHUT_")))
	}
	if s.Option != "" {
		put(n, "option", textNode(s.Option))
	}
	if s.Verb == model.VerbSetsockopt {
		put(n, "value", optionNode(s))
	}
	if s.Verb == model.VerbPoll && s.Events != defaultEvents {
		put(n, "events", flow(textNodes(eventNames(s.Events))))
	}
	if s.Verb == model.VerbKill && s.Signal != stack.SIGKILL {
		put(n, "signal", textNode(s.Signal.String()))
	}
	e.inject(n, s.Inject)
	putText(n, "label", s.Label)
	e.expect(n, s)
	return n
}

// verb writes the key of the verb, whose value is what the verb is about.
func (e *encoder) verb(n *yaml.Node, s *model.Step) {
	value := textNode(s.Socket)
	switch s.Verb {
	case model.VerbSleep:
		value = textNode(s.Duration.String())
	case model.VerbWaitFor, model.VerbCrash, model.VerbBoot, model.VerbUnplug, model.VerbPlug, model.VerbDestroy, model.VerbKill, model.VerbInject, model.VerbFork:
		value = textNode(s.Target)
	case model.VerbDrop, model.VerbPass:
		value = textNode(s.Rule.Text)
	case model.VerbSigpipe:
		value = textNode("default")
		if s.IgnoreSIGPIPE {
			value = textNode("ignore")
		}
	case model.VerbExit:
		value = intNode(s.Status)
	}
	put(n, string(s.Verb), value)
}

func optionNode(s *model.Step) *yaml.Node {
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

func (e *encoder) inject(n *yaml.Node, in *model.Inject) {
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
	if in.Options != (model.InjectOptions{}) {
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

func (e *encoder) expect(n *yaml.Node, s *model.Step) {
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

func (e *encoder) result(s *model.Step, r *model.Result) *yaml.Node {
	payload := func(key string, value *yaml.Node) *yaml.Node {
		m := mapNode()
		put(m, key, value)
		return flow(m)
	}
	switch r.Kind {
	case model.ResultValue:
		return intNode(r.Value)
	case model.ResultErrno:
		return textNode(r.Errno.String())
	case model.ResultData:
		e.text(string(r.Data), s.String())
		if s.Verb == model.VerbGetsockopt {
			return textNode(string(r.Data))
		}
		return payload("data", textNode(string(r.Data)))
	case model.ResultBytes:
		return payload("bytes", intNode(r.Bytes))
	case model.ResultEvents:
		if r.Events == 0 {
			return intNode(0)
		}
		return textNode(r.Events.String())
	case model.ResultState:
		return textNode(r.State.String())
	}
	return textNode(string(r.Kind))
}

func wireNode(w *model.Wire) *yaml.Node {
	n := mapNode()
	if w.Segments != nil {
		put(n, "segments", patternNodes(w.Segments))
	}
	if len(w.Contains) > 0 {
		put(n, "contains", patternNodes(w.Contains))
	}
	if len(w.Absent) > 0 {
		put(n, "absent", patternNodes(w.Absent))
	}
	return n
}

func patternNodes(all []model.SegmentPattern) *yaml.Node {
	list := listNode()
	for i := range all {
		list.Content = append(list.Content, flow(patternNode(&all[i])))
	}
	return list
}

func patternNode(p *model.SegmentPattern) *yaml.Node {
	n := mapNode()
	if p.From != nil {
		put(n, "from", textNode(p.From.String()))
	}
	if p.Flags != nil {
		put(n, "flags", textNode(p.Flags.String()))
	}
	putInt(n, "seq", p.Seq)
	putInt(n, "ack", p.Ack)
	putInt(n, "len", p.Len)
	putInt(n, "win", p.Win)
	if p.Data != nil {
		put(n, "data", textNode(*p.Data))
	}
	putText(n, "cause", p.Cause)
	putBool(n, "lost", p.Lost)
	putBool(n, "injected", p.Injected)
	putBool(n, "retransmission", p.Retransmission)
	if p.At != nil {
		put(n, "at", textNode(p.At.String()))
	}
	return n
}

// start is what the base case of a file is before its own keys are read, so
// far as an encoded file need not say it again.
func start(f *model.File) *model.Case {
	base := newFile(model.Pos{}).Base
	if f.Repeats != nil {
		inherit(&base, f.Repeats)
	}
	for i := range f.Levels {
		if f.Levels[i].Name == f.Base.Level {
			f.Levels[i].Apply(&base.Link)
		}
	}
	return &base
}

// fire writes the keys of a scenario that may end in more than one way. The
// cases follow from them.
func (e *encoder) fire(n *yaml.Node, f *model.File) {
	if !f.Base.UnderFire() {
		return
	}
	list := listNode()
	for i := range f.Base.Outcomes {
		list.Content = append(list.Content, e.outcome(&f.Base.Outcomes[i]))
	}
	put(n, "outcomes", list)
	if !same(f.Levels, model.Levels()) {
		list := listNode()
		for i := range f.Levels {
			list.Content = append(list.Content, flow(levelNode(&f.Levels[i])))
		}
		put(n, "levels", list)
	}
	if last := f.Levels[len(f.Levels)-1].Name; f.Base.Level != last {
		put(n, "level", textNode(f.Base.Level))
	}
}

func levelNode(l *model.Level) *yaml.Node {
	n := mapNode()
	put(n, "name", textNode(l.Name))
	putShare(n, "loss", l.Loss)
	putShare(n, "duplicate", l.Duplicate)
	putShare(n, "reorder", l.Reorder)
	putTime(n, "jitter", l.Jitter, 0)
	return n
}

func (e *encoder) outcome(o *model.Outcome) *yaml.Node {
	n := mapNode()
	put(n, "name", textNode(o.Name))
	e.line(n, "says", o.Says, "")
	sees := mapNode()
	for i := range o.Sees {
		list := listNode()
		for k := range o.Sees[i].Sights {
			list.Content = append(list.Content, e.sight(&o.Sees[i].Sights[k]))
		}
		// A name may look like a number or a truth value.
		sees.Content = append(sees.Content, textNode(o.Sees[i].Process), flow(list))
	}
	put(n, "sees", sees)
	if len(o.Counts) > 0 {
		counts := mapNode()
		for _, c := range o.Counts {
			counts.Content = append(counts.Content, textNode(c.Level), intNode(c.Runs))
		}
		put(n, "counts", flow(counts))
	}
	return n
}

func (e *encoder) sight(s *model.Sight) *yaml.Node {
	n := mapNode()
	var results []*yaml.Node
	for i := range s.Results {
		results = append(results, e.result(&model.Step{Verb: s.Verb, Option: s.Option}, &s.Results[i]))
	}
	value := flow(&yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: results})
	if len(results) == 1 {
		value = results[0]
	}
	put(n, string(s.Verb), value)
	putText(n, "option", s.Option)
	return flow(n)
}

func linkNode(l *model.Link) *yaml.Node {
	n := mapNode()
	if same(l.ClientToServer, l.ServerToClient) {
		directionInto(n, &l.ClientToServer)
	} else {
		forth, back := mapNode(), mapNode()
		directionInto(forth, &l.ClientToServer)
		directionInto(back, &l.ServerToClient)
		put(n, "client-to-server", flow(forth))
		put(n, "server-to-client", flow(back))
	}
	if len(l.Drop) > 0 {
		list := listNode()
		for _, r := range l.Drop {
			list.Content = append(list.Content, textNode(r.Text))
		}
		put(n, "drop", flow(list))
	}
	if len(l.Rules) > 0 {
		list := listNode()
		for i := range l.Rules {
			list.Content = append(list.Content, flow(ruleNode(&l.Rules[i])))
		}
		put(n, "rules", list)
	}
	if m := &l.Middlebox; *m != (link.Middlebox{}) {
		box := mapNode()
		put(box, "name", textNode(m.Name))
		putShare(box, "at", m.At)
		putTrue(box, "stateful", m.Stateful)
		putTime(box, "idle", m.Idle, 0)
		putTrue(box, "reset", m.Reset)
		put(n, "middlebox", flow(box))
	}
	return n
}

func directionInto(n *yaml.Node, d *model.Direction) {
	putTime(n, "latency", d.Latency, model.DefaultLatency)
	putTime(n, "jitter", d.Jitter, 0)
	if d.Distribution != 0 {
		put(n, "distribution", textNode(d.Distribution.String()))
	}
	if len(d.Delays) > 0 {
		list := listNode()
		for _, t := range d.Delays {
			list.Content = append(list.Content, textNode(t.String()))
		}
		put(n, "delays", flow(list))
	}
	putShare(n, "loss", d.Loss)
	if b := d.Burst; b != (link.GilbertElliott{}) {
		burst := mapNode()
		put(burst, "to-bad", shareNode(b.ToBad))
		put(burst, "to-good", shareNode(b.ToGood))
		put(burst, "in-bad", shareNode(b.InBad))
		putShare(burst, "in-good", b.InGood)
		put(n, "loss-burst", flow(burst))
	}
	putShare(n, "duplicate", d.Duplicate)
	putShare(n, "reorder", d.Reorder)
	putShare(n, "corrupt", d.Corrupt)
	if d.Field != 0 {
		put(n, "corrupt-field", textNode(d.Field.String()))
	}
	if d.Rate != 0 {
		put(n, "rate", textNode(link.FormatRate(d.Rate)))
	}
	if q := d.Queue; q != (link.Queue{}) {
		queue := mapNode()
		putCount(queue, "packets", q.Packets)
		putCount(queue, "bytes", q.Bytes)
		put(n, "queue", flow(queue))
	}
	putCount(n, "mtu", d.MTU)
}

func ruleNode(r *link.Rule) *yaml.Node {
	n := mapNode()
	put(n, "name", textNode(r.Name))
	put(n, "do", textNode(r.Act.String()))
	if r.From != link.FromAny {
		put(n, "from", textNode(r.From.String()))
	}
	if r.What != "ANY" && r.What != "" {
		put(n, "what", textNode(r.What))
	}
	putCount(n, "nth", r.Nth)
	putCount(n, "seq-min", int(r.SeqMin))
	putCount(n, "seq-max", int(r.SeqMax))
	putCount(n, "len-min", r.LenMin)
	putCount(n, "len-max", r.LenMax)
	putTime(n, "after", r.After, 0)
	putTime(n, "before", r.Before, 0)
	putTime(n, "by", r.Delay, 0)
	if r.Field != 0 {
		put(n, "field", textNode(r.Field.String()))
	}
	putText(n, "until", r.Label)
	switch f := r.Forge; {
	case f.ToSender && f.ToReceiver:
		put(n, "to", textNode("both"))
	case f.ToSender:
		put(n, "to", textNode("sender"))
	case f.ToReceiver:
		put(n, "to", textNode("receiver"))
	}
	if r.Forge.Flags != 0 {
		put(n, "flags", textNode(r.Forge.Flags.String()))
	}
	return n
}

func putTime(n *yaml.Node, key string, d, fallback time.Duration) {
	if d != fallback {
		put(n, key, textNode(d.String()))
	}
}

func putShare(n *yaml.Node, key string, p float64) {
	if p != 0 {
		put(n, key, shareNode(p))
	}
}

func shareNode(p float64) *yaml.Node { return rawNode(strconv.FormatFloat(p, 'f', -1, 64)) }

func putCount(n *yaml.Node, key string, v int) {
	if v != 0 {
		put(n, key, intNode(v))
	}
}

func putTrue(n *yaml.Node, key string, v bool) {
	if v {
		put(n, key, rawNode("true"))
	}
}

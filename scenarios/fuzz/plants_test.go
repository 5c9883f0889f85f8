package fuzz

import (
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// large is a scenario with a bit of everything, all of it correct.
const large = `
name: large
title: Two clients, one of which finds nobody
hosts:
  client:
    processes:
      - name: talker
        steps:
          - {socket: c}
          - {connect: c, address: "server:8080"}
          - {send: c, data: "Hello world.\n"}
          - {recv: c}
          - {shutdown: c, how: WR}
          - {recv: c, until: EOF}
          - {close: c}
      - name: loser
        start: 5ms
        steps:
          - {socket: c}
          - {setsockopt: c, option: TCP_NODELAY, value: 1}
          - {connect: c, address: "server:9"}
          - {close: c}
  server:
    settings: {tcp_tw_timeout: 1s}
    processes:
      - name: server
        steps:
          - {socket: l}
          - {bind: l, address: ":8080"}
          - {listen: l}
          - {accept: l, as: s}
          - {recv: s}
          - {send: s, data: "Hello client.\n"}
          - {sleep: 100ms}
          - {recv: s, until: EOF}
          - {close: s}
network:
  - {sleep: 10s}
  - {unplug: client}
`

// unanswered is a scenario whose SYNs are lost.
const unanswered = `
name: unanswered
title: A SYN that nobody gets
link: {drop: ["client:SYN"]}
hosts:
  client:
    processes:
      - name: client
        steps:
          - {socket: c}
          - {connect: c, address: "server:8080"}
          - {close: c}
`

// idle is a scenario in which a connection is made, and nothing else.
const idle = `
name: idle
title: A connection without a word
hosts:
  client:
    processes:
      - name: client
        steps:
          - {socket: c}
          - {connect: c, address: "server:8080"}
          - {sleep: 1s}
          - {close: c}
  server:
    processes:
      - name: server
        steps:
          - {socket: l}
          - {bind: l, address: ":8080"}
          - {listen: l}
          - {accept: l, as: s}
          - {recv: s, until: EOF}
`

// half is a scenario in which the client is the first to close.
const half = `
name: half
title: A FIN that somebody else sends
hosts:
  client:
    processes:
      - name: client
        steps:
          - {socket: c}
          - {connect: c, address: "server:8080"}
          - {sleep: 1s}
  server:
    processes:
      - name: server
        steps:
          - {socket: l}
          - {bind: l, address: ":8080"}
          - {listen: l}
          - {sleep: 1s}
network:
  - {sleep: 100ms}
  - {inject: server, flags: F., seq: 1, ack: 1}
`

// early is a scenario in which the client reads before anybody has answered.
const early = `
name: early
title: A read in SYN_SENT
hosts:
  client:
    processes:
      - name: client
        steps:
          - {socket: c}
          - {connect: c, address: "server:8080", nonblock: true}
          - {recv: c, flags: [MSG_DONTWAIT]}
          - {sleep: 1s}
          - {close: c}
  server:
    processes:
      - name: server
        steps:
          - {socket: l}
          - {bind: l, address: ":8080"}
          - {listen: l}
          - {sleep: 1s}
`

// plant is a fault that a test puts into a trace, and the oracle that must see
// it: that one and no other.
type plant struct {
	name     string
	scenario string
	tamper   func(o *outcome)
	oracle   string
	rule     string
	// How many steps may be left after shrinking, 0 for six; see mostLeft.
	steps int
}

var plants = []plant{
	{"a byte of a send is another", large, func(tr *outcome) {
		eachCall(tr, trace.OpSend, func(c *trace.Call) { c.Args.Data[0] ^= 1 })
	}, "prefix", "sent-other-bytes", 7},
	{"a byte is missing from a recv", large, func(tr *outcome) {
		eachCall(tr, trace.OpRecv, func(c *trace.Call) {
			if len(c.Data) > 1 {
				c.Data = c.Data[1:]
			}
		})
	}, "prefix", "read-other-bytes", 8},
	{"a FIN has no effect", half, func(tr *outcome) {
		dropEvents(tr, func(e trace.Event) bool {
			switch e.Kind {
			case trace.Changed:
				t := &tr.Transitions[e.Index]
				if t.From == stack.CloseWait {
					t.From = stack.Established
				}
				return t.To == stack.CloseWait
			case trace.Sent:
				s := &tr.Segments[e.Index]
				return s.Trigger.Kind == trace.BySegment && tr.Segments[s.Trigger.Index].Flags.Has(wire.FIN)
			}
			return false
		})
	}, "delivery", "fin-not-taken", 0},
	{"a RST has no cause", large, func(tr *outcome) {
		eachReset(tr, func(s *trace.Segment) { s.Cause = nil })
	}, "reset-cause", "no-cause", 0},
	{"a RST bears another number", large, func(tr *outcome) {
		eachReset(tr, func(s *trace.Segment) { s.RawSeq++; s.Seq++ })
	}, "reset-number", "wrong-number", 0},
	{"a RST answers a RST", large, func(tr *outcome) {
		eachReset(tr, func(s *trace.Segment) {
			in := &tr.Segments[s.Trigger.Index]
			in.Flags, in.Cause = wire.RST, s.Cause
		})
	}, "reset-answer", "answers-a-reset", 0},
	{"an endpoint that was reset goes on talking", large, func(tr *outcome) {
		for i := range tr.Transitions {
			t := &tr.Transitions[i]
			if t.To == stack.Closed && t.From == stack.SynSent {
				said := tr.Segments[len(tr.Segments)-1]
				said.Number, said.Flags, said.From, said.Conn, said.Cause = len(tr.Segments)+1, wire.ACK|wire.FIN, t.Host, t.Conn, nil
				said.Ack, said.Trigger, said.Len = 1, trace.Trigger{}, 0
				tr.Segments = append(tr.Segments, said)
				tr.Events = append(tr.Events, trace.Event{At: tr.End, Kind: trace.Sent, Index: len(tr.Segments) - 1})
				return
			}
		}
	}, "silence", "speaks-after-reset", 0},
	{"a change of state is no edge", large, func(tr *outcome) {
		for i := range tr.Transitions {
			if tr.Transitions[i].To == stack.SynSent {
				tr.Transitions[i].To, tr.Transitions[i].From = stack.SynSent, stack.SynReceived
			}
		}
	}, "state", "unknown-edge", 0},
	{"a FIN leaves SYN_RECEIVED", large, func(tr *outcome) {
		for i := range tr.Transitions {
			if t := &tr.Transitions[i]; t.From == stack.SynReceived && t.To == stack.Established {
				t.To = stack.FinWait1
			}
		}
	}, "state", "unknown-edge", 0},
	{"a timer opens a connection", large, func(tr *outcome) {
		for i := range tr.Transitions {
			if t := &tr.Transitions[i]; t.From == stack.Closed && t.To == stack.SynSent {
				t.Trigger = trace.Trigger{Kind: trace.ByTimer}
			}
		}
	}, "state", "unknown-edge", 0},
	{"an ACK covers what never came", half, func(tr *outcome) {
		for i := range tr.Segments {
			if tr.Segments[i].Flags == wire.ACK {
				tr.Segments[i].Ack += 1000
				return
			}
		}
	}, "ack", "ack-of-nothing", 0},
	{"a timer is stuck at 50 ms", unanswered, func(tr *outcome) {
		for i := range tr.Segments {
			if s := &tr.Segments[i]; s.Retransmission {
				s.SentAt = s.SentAt/20 + 1
			}
		}
	}, "pace", "early-retransmission", 0},
	{"an endpoint never ends", large, func(tr *outcome) {
		dropEvents(tr, func(e trace.Event) bool {
			return e.Kind == trace.Changed && tr.Transitions[e.Index].From == stack.TimeWait
		})
	}, "end", "endpoint-left", 0},
	{"an errno is impossible", large, func(tr *outcome) {
		eachCall(tr, trace.OpConnect, func(c *trace.Call) { c.Errno, c.Value = stack.EDOM, -1 })
	}, "errno", "errno-of-call", 0},
	{"a host sends a byte that nobody has written", idle, func(tr *outcome) {
		for i := range tr.Segments {
			if s := &tr.Segments[i]; s.Flags == wire.ACK && s.Len == 0 && s.Injected == "" {
				s.Frame, s.Len = append(slices.Clone(s.Frame), 'x'), 1
				return
			}
		}
	}, "prefix", "sent-more-than-written", 0},
	{"a recv gives the end of file before there is one", early, func(tr *outcome) {
		for i := range tr.Calls {
			if c := &tr.Calls[i]; c.Op == trace.OpRecv && c.Errno == stack.EAGAIN {
				c.Errno, c.Value = stack.OK, 0
			}
		}
	}, "eof", "eof-without-fin", 0},
	{"a byte that send has taken is never sent", large, func(tr *outcome) {
		eachCall(tr, trace.OpSend, func(c *trace.Call) { c.Value++ })
	}, "eof", "fin-before-the-end", 7},
	{"what was acknowledged cannot be read", large, func(tr *outcome) {
		for i := range tr.Calls {
			if c := &tr.Calls[i]; c.Op == trace.OpRecv && c.Host == trace.Server {
				c.Errno, c.Value, c.Data = stack.EAGAIN, -1, nil
			}
		}
	}, "delivery", "acknowledged-not-readable", 8},
	{"an acknowledgement goes back", large, func(tr *outcome) {
		for i := range slices.Backward(tr.Segments) {
			if s := &tr.Segments[i]; s.Flags.Has(wire.ACK) && s.Flags&(wire.SYN|wire.RST) == 0 && s.From == trace.Client {
				s.Ack = 0
				return
			}
		}
	}, "ack", "ack-goes-back", 7},
	{"a window is not heeded", large, func(tr *outcome) {
		for i := range tr.Segments {
			tr.Segments[i].Window = 0
			if s := &tr.Segments[i]; s.Len > 1 {
				return
			}
		}
	}, "window", "beyond-the-window", 7},
	{"a closed window is probed with two bytes", idle, func(tr *outcome) {
		for i := range tr.Segments {
			s := &tr.Segments[i]
			if s.Window = 0; s.Flags == wire.ACK && s.Len == 0 && s.Injected == "" {
				s.Probe, s.Frame, s.Len = true, append(slices.Clone(s.Frame), "xy"...), 2
				return
			}
		}
	}, "window", "beyond-the-window", 0},
	{"two hosts answer each other without end", idle, func(tr *outcome) {
		for i, e := range tr.Events {
			if e.Kind != trace.Sent || tr.Segments[e.Index].Flags != wire.ACK {
				continue
			}
			last := len(tr.Segments) - 1
			for n := range 2 * stormLinks {
				echo := tr.Segments[e.Index]
				echo.Number, echo.Trigger = last+2+n, trace.Trigger{Kind: trace.BySegment, Index: last + n}
				tr.Segments = append(tr.Segments, echo)
				tr.Events = slices.Insert(tr.Events, i+1+n, trace.Event{At: e.At, Kind: trace.Sent, Index: last + 1 + n})
			}
			return
		}
	}, "pace", "storm", 0},
	{"a port stays taken", large, func(o *outcome) {
		var l sim.Leftover
		l.Kind, l.Tuple.Src = stack.LeftPort, o.Conns[0].At(trace.Client).Addr
		o.left = append(o.left, l)
	}, "end", "port-left", 0},
	{"gVisor keeps an endpoint that is CLOSED", large, func(o *outcome) {
		var l sim.Leftover
		l.Kind, l.Endpoint, l.Tuple.Src = stack.LeftRegistered, 1, o.Conns[0].At(trace.Client).Addr
		o.left = append(o.left, l)
	}, "end", "registered-left", 0},
	{"a timer stays set", large, func(o *outcome) {
		var l sim.Leftover
		l.Kind, l.Timer, l.Due = sim.LeftTimer, "RTO", 24*time.Hour
		o.left = append(o.left, l)
	}, "end", "timer-left", 0},
}

func eachCall(tr *outcome, op trace.Op, f func(*trace.Call)) {
	for i := range tr.Calls {
		if c := &tr.Calls[i]; c.Op == op && c.Returned && (op == trace.OpConnect || len(c.Moved()) > 0) {
			f(c)
		}
	}
}

func eachReset(tr *outcome, f func(*trace.Segment)) {
	for i := range tr.Segments {
		if s := &tr.Segments[i]; s.Flags.Has(wire.RST) && s.Trigger.Kind == trace.BySegment {
			f(s)
		}
	}
}

func dropEvents(tr *outcome, drop func(trace.Event) bool) {
	tr.Events = slices.DeleteFunc(tr.Events, drop)
}

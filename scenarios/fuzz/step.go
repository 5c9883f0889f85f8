package fuzz

import (
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack"
)

// any adds one step, or two that belong together.
func (w *program) any() {
	g := w.g
	kind := g.weighted([]int{
		20, // 0 send
		20, // 1 recv
		14, // 2 sleep
		14, // 3 close
		10, // 4 shutdown
		6,  // 5 option
		5,  // 6 accept or connect
		4,  // 7 dup
		4,  // 8 poll or getsockopt
		3,  // 9 connect again
		2,  // 10 exit
		2,  // 11 sigpipe, fcntl, listen
	})
	switch kind {
	case 2:
		w.add(model.Step{Verb: model.VerbSleep, Duration: pick(&g.source, pauses)})
		return
	case 6:
		w.another()
		return
	case 10:
		w.add(model.Step{Verb: model.VerbExit, Status: g.below(2)})
		return
	}
	s := w.socket()
	switch kind {
	case 0:
		w.send(s)
	case 1:
		w.recv(s)
	case 3:
		w.add(model.Step{Verb: model.VerbClose, Socket: s})
	case 4:
		w.add(model.Step{Verb: model.VerbShutdown, Socket: s, How: pick(&g.source, []stack.How{stack.ShutWrite, stack.ShutRead, stack.ShutBoth})})
	case 5:
		w.add(w.option(s))
	case 7:
		d := w.name("d")
		w.add(model.Step{Verb: model.VerbDup, Socket: s, As: d})
		w.conns = append(w.conns, d)
	case 8:
		w.ask(s)
	case 9:
		w.add(w.connectStep(s))
	default:
		w.rare(s)
	}
}

// socket picks one, mostly the youngest connection.
func (w *program) socket() string {
	g := w.g
	if len(w.conns) == 0 || len(w.listeners) > 0 && g.one(10) {
		return pick(&g.source, append(w.listeners[:len(w.listeners):len(w.listeners)], w.conns...))
	}
	if g.one(3) {
		return pick(&g.source, w.conns)
	}
	return w.conns[len(w.conns)-1]
}

func (w *program) another() {
	switch g := w.g; {
	case len(w.listeners) > 0 && !g.one(4):
		w.accept(pick(&g.source, w.listeners))
	case g.one(6):
		w.listen()
	default:
		w.connect()
	}
}

func (w *program) send(s string) {
	g := w.g
	step := model.Step{Verb: model.VerbSend, Socket: s}
	if g.one(3) {
		step.Bytes = pick(&g.source, largeSizes)
	} else {
		n := pick(&g.source, smallSizes)
		step.Data = []byte(strings.Repeat(string('A'+rune(len(w.steps)%26)), n))
		g.sent = append(g.sent, n)
	}
	switch g.below(6) {
	case 3:
		step.Flags = stack.MsgDontWait
	case 4:
		step.Flags = stack.MsgNoSignal
	case 5:
		if step.Bytes > 0 {
			step.Until = model.UntilEAGAIN
			step.Flags = stack.MsgDontWait
		}
	}
	w.add(step)
}

func (w *program) recv(s string) {
	g := w.g
	step := model.Step{Verb: model.VerbRecv, Socket: s, Size: pick(&g.source, []int{4096, 1, 3, 100, 100_000})}
	switch g.below(10) {
	case 3, 4, 5:
		step.Flags = stack.MsgDontWait
	case 6, 7:
		// A byte at a time would be 100,000 calls at one instant, which the
		// engine takes for a loop.
		step.Until, step.Size = model.UntilEOF, max(step.Size, 4096)
	case 8:
		step.Flags = stack.MsgPeek
	case 9:
		step.Flags = stack.MsgWaitAll
	}
	w.add(step)
}

func (w *program) ask(s string) {
	g := w.g
	switch g.below(4) {
	case 0:
		w.add(model.Step{Verb: model.VerbGetsockopt, Socket: s, Option: "SO_ERROR"})
	case 1:
		w.add(model.Step{Verb: model.VerbGetsockopt, Socket: s, Option: "TCP_INFO"})
	case 2:
		step := model.Step{Verb: model.VerbPoll, Socket: s, Events: stack.PollIn | stack.PollOut | stack.PollRdHup}
		if g.one(2) {
			step.Events, step.Timeout = stack.PollIn, pick(&g.source, pauses)
		}
		w.add(step)
	default:
		w.add(model.Step{Verb: model.VerbGetpeername, Socket: s})
	}
}

func (w *program) rare(s string) {
	g := w.g
	switch g.below(3) {
	case 0:
		w.add(model.Step{Verb: model.VerbSigpipe, IgnoreSIGPIPE: g.one(2)})
	case 1:
		w.add(model.Step{Verb: model.VerbFcntl, Socket: s, Nonblock: new(!g.one(3))})
	default:
		w.add(model.Step{Verb: model.VerbListen, Socket: s, Backlog: pick(&g.source, backlogs)})
	}
}

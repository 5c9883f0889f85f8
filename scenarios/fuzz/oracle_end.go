package fuzz

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func watchEnd(l *ledger) watcher { return &endWatcher{l: l, open: map[endpointID]opened{}} }

// patience is how long TCP may work alone after the last process has ended:
// fifteen retransmissions take 15 minutes, TIME_WAIT one.
const patience = 30 * time.Minute

type opened struct {
	conn  int
	state stack.State
	since time.Duration
}

type endWatcher struct {
	l    *ledger
	open map[endpointID]opened
	last time.Duration // when the last process ended or the last host came up
}

func (w *endWatcher) see(e trace.Event) {
	switch e.Kind {
	case trace.Changed:
		t := &w.l.trace.Transitions[e.Index]
		id := endpointID{t.Host, t.Endpoint}
		if t.To == stack.Closed {
			delete(w.open, id)
		} else {
			w.open[id] = opened{t.Conn, t.To, e.At}
		}
	case trace.Noted:
		w.last = e.At
	}
}

func (w *endWatcher) end() {
	tr := w.l.trace
	for i := range tr.Processes {
		if !tr.Processes[i].Ended {
			return
		}
		w.last = max(w.last, tr.Processes[i].EndAt)
	}
	if tr.Stopped != "" && tr.End-w.last < patience {
		return
	}
	ids := slices.SortedFunc(maps.Keys(w.open), func(a, b endpointID) int {
		return cmp.Or(cmp.Compare(a.side, b.side), cmp.Compare(a.id, b.id))
	})
	for _, id := range ids {
		o := w.open[id]
		rule := "endpoint-left"
		if tr.Stopped != "" {
			rule = "endpoint-lives-on"
		} else if o.conn >= 0 {
			if e := &w.l.ends[o.conn][id.side]; wire.Before(e.una, e.sndNxt) {
				// No timer is left, and it should have been that of the
				// retransmission.
				rule = "nothing-retransmitted"
			}
		}
		w.l.report(o.conn, rule, "%s endpoint %d is in %s since %s, and the last process ended at %s",
			id.side, id.id, o.state, trace.Clock(o.since), trace.Clock(w.last))
	}
	w.leftovers()
}

// leftovers looks at what gVisor itself says that it still holds, beyond the
// endpoints of which the trace tells.
func (w *endWatcher) leftovers() {
	type place struct {
		side trace.Side
		port uint16
	}
	var alive [2]bool // there is an endpoint that may have timers
	used := map[place]bool{}
	for _, l := range w.l.left {
		if l.Kind != stack.LeftRegistered && l.Kind != stack.LeftCleanup {
			continue
		}
		alive[l.Host], used[place{l.Host, l.Tuple.Src.Port()}] = true, true
		if _, told := w.open[endpointID{l.Host, l.Endpoint}]; !told {
			w.l.report(-1, string(l.Kind)+"-left", "%s, and no process is left since %s", l, trace.Clock(w.last))
		}
	}
	for _, l := range w.l.left {
		switch {
		case l.Kind == stack.LeftPort && !used[place{l.Host, l.Tuple.Src.Port()}]:
			w.l.report(-1, "port-left", "%s is taken, and no endpoint has it, nor is a process left since %s", l, trace.Clock(w.last))
		case l.Kind == sim.LeftTimer && !alive[l.Host]:
			w.l.report(-1, "timer-left", "%s, and the host has no endpoint", l)
		}
	}
}

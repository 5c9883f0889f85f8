package fuzz

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// Oracle is an invariant that every run must keep.
type Oracle struct {
	Name   string // stable: stream
	Claim  string // one sentence
	Source string // where it is written
	watch  func(*ledger) watcher
}

// watcher checks one run. It sees each event before the ledger has taken it
// in, so that the ledger says what was true just before.
type watcher interface {
	see(e trace.Event)
	end()
}

// Violation is one breach of an invariant.
type Violation struct {
	Oracle string
	Rule   string        // which of the oracle's rules: a stable identifier
	At     time.Duration // virtual time
	Event  int           // index into Trace.Events; its length for what shows at the end
	Text   string
}

// String is the violation on one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s/%s at %s: %s", v.Oracle, v.Rule, trace.Clock(v.At), v.Text)
}

// Key is what two violations of the same kind have in common.
func (v Violation) Key() string { return v.Oracle + "/" + v.Rule }

// Oracles lists the invariants that a trace alone can break. Those of a whole
// run, which Try checks besides, are in RunOracles.
func Oracles() []Oracle {
	return []Oracle{streamOracle, deliveryOracle, resetOracle, silenceOracle, stateOracle, numberOracle, errnoOracle, endOracle, paceOracle}
}

// Check reads a trace with the oracles that c selects and gives what is wrong,
// in the order of the events, each rule's breach once for each connection.
func Check(tr *trace.Trace, c Config) []Violation {
	l := newLedger(tr, &c)
	var watchers []watcher
	for _, o := range Oracles() {
		if c.selects(o.Name) {
			l.oracle = o.Name
			watchers = append(watchers, o.watch(l))
			l.names = append(l.names, o.Name)
		}
	}
	for i, e := range tr.Events {
		l.index, l.now = i, e.At
		for k, w := range watchers {
			l.oracle = l.names[k]
			w.see(e)
		}
		l.take(e)
	}
	l.index, l.now = len(tr.Events), tr.End
	for k, w := range watchers {
		l.oracle = l.names[k]
		w.end()
	}
	if outlived(tr) {
		l.found = slices.DeleteFunc(l.found, func(v Violation) bool { return aboutBytes[v.Oracle] })
	}
	slices.SortStableFunc(l.found, func(a, b Violation) int { return a.Event - b.Event })
	return l.found
}

func (c *Config) selects(oracle string) bool {
	return len(c.Oracles) == 0 || slices.Contains(c.Oracles, oracle)
}

// seen keeps one violation of each rule for each connection: the first tells
// the story, and the others follow from it.
type seen struct {
	oracle, rule string
	conn         int
}

// report notes a breach at the current event.
func (l *ledger) report(conn int, rule, format string, args ...any) {
	k := seen{l.oracle, rule, conn}
	if l.seen[k] {
		return
	}
	l.seen[k] = true
	l.found = append(l.found, Violation{
		Oracle: l.oracle, Rule: rule, At: l.now, Event: l.index, Text: fmt.Sprintf(format, args...),
	})
}

// quiet is a watcher that looks only at events.
type quiet struct{}

func (quiet) end() {}

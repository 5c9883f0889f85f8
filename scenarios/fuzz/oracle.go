package fuzz

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

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

// Check reads a trace with the oracles that c selects and gives what is wrong,
// in the order of the events, each rule's breach once for each connection.
func Check(tr *trace.Trace, c Config) []Violation { return check(outcome{Trace: tr}, c) }

func check(o outcome, c Config) []Violation {
	tr := o.Trace
	l := newLedger(o, &c)
	var watchers []watcher
	for _, g := range groups {
		if c.selectsAny(g.oracles) {
			watchers = append(watchers, g.watch(l))
		}
	}
	for i, e := range tr.Events {
		l.index, l.now = i, e.At
		for _, w := range watchers {
			w.see(e)
		}
		l.take(e)
	}
	l.index, l.now = len(tr.Events), tr.End
	for _, w := range watchers {
		w.end()
	}
	if outlived(tr) {
		l.found = slices.DeleteFunc(l.found, func(v Violation) bool { return aboutBytes[v.Oracle] })
	}
	slices.SortStableFunc(l.found, func(a, b Violation) int { return a.Event - b.Event })
	return l.found
}

// seen keeps one violation of each rule for each connection: the first tells
// the story, and the others follow from it.
type seen struct {
	rule string
	conn int
}

// report notes a breach at the current event.
func (l *ledger) report(conn int, rule, format string, args ...any) {
	oracle, known := ruleOracle()[rule]
	if !known {
		panic("fuzz: no oracle has the rule " + rule)
	}
	k := seen{rule, conn}
	if l.seen[k] || !l.conf.selects(oracle) {
		return
	}
	l.seen[k] = true
	l.found = append(l.found, Violation{
		Oracle: oracle, Rule: rule, At: l.now, Event: l.index, Text: fmt.Sprintf(format, args...),
	})
}

// quiet is a watcher that looks only at events.
type quiet struct{}

func (quiet) end() {}

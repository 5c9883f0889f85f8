package fuzz

import (
	"cmp"
	"slices"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/scenarios/model/file"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/stack"
)

func decode(t *testing.T, src string) *model.File {
	t.Helper()
	f, err := scenarios.Decode("planted.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// mostLeft is what a planted fault is shrunk to. Every step counts, those too
// that move nothing: six are what it takes to have a connection at all, which
// is socket, bind, listen and one that keeps the server alive, socket and
// connect. A fault in what a connection carries needs one more to send it and
// another to read it, so that some plants may be left with seven or eight; but
// each oracle has one that is not, and of steps that can do anything to a
// connection (moveCount) none has more than six.
const mostLeft = 6

// Each fault is seen by the oracle that it is meant for, and by none when it is
// not there; the scenario around it shrinks to what it needs.
func TestPlantedFaultsAreFoundAndShrunk(t *testing.T) {
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			f := decode(t, p.scenario)
			if _, found := Try(f, Config{}); len(found) > 0 {
				t.Fatalf("without a fault: %v", found)
			}
			c := Config{run: func(f *model.File) (outcome, error) {
				o, err := runFile(f)
				if o.Trace != nil && len(o.Segments) > 0 {
					p.tamper(&o)
				}
				return o, err
			}}
			_, found := Try(f, c)
			key := p.oracle + "/" + p.rule
			if !slices.ContainsFunc(found, func(v Violation) bool { return v.Key() == key }) {
				t.Fatalf("not found: %v", found)
			}
			for _, v := range found {
				if v.Oracle != p.oracle {
					t.Errorf("also %s", v)
				}
			}
			small := shrink(f, stillFails(key, c))
			n := stepCount(&small.Base)
			if n > cmp.Or(p.steps, mostLeft) || moveCount(&small.Base) > mostLeft {
				src, _ := file.Encode(small)
				t.Errorf("%d steps are left, %d of them moves:\n%s", n, moveCount(&small.Base), src)
			}
		})
	}
}

// Runs that go wrong as a whole are found too, whichever way, and shrink.
func TestRunOraclesCanFail(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	runs := uint64(0)
	for _, r := range []struct {
		key string
		run func(*model.File) (outcome, error)
	}{
		{"replay/differs", func(f *model.File) (outcome, error) {
			runs++
			g := clone(f)
			g.Base.Seed = runs
			return runFile(g)
		}},
		{"engine/limit", func(f *model.File) (outcome, error) {
			o, _ := runFile(f)
			return o, &sim.LimitError{Limit: "1 event"}
		}},
		{"engine/queue-full", func(f *model.File) (outcome, error) {
			o, _ := runFile(f)
			return o, stack.ErrQueueFull
		}},
		{"engine/panic", func(*model.File) (outcome, error) { return outcome{}, &panicError{"planted"} }},
		{"end/goroutine-left", func(f *model.File) (outcome, error) {
			go func() { <-stop }()
			return runFile(f)
		}},
	} {
		c := Config{run: r.run}
		f := decode(t, idle)
		if n := stepCount(&f.Base); n <= mostLeft {
			t.Fatalf("%d steps need no shrinking", n)
		}
		_, found := Try(f, c)
		if !slices.ContainsFunc(found, func(v Violation) bool { return v.Key() == r.key }) {
			t.Errorf("%s: %v", r.key, found)
			continue
		}
		if n := stepCount(&shrink(f, stillFails(r.key, c)).Base); n > mostLeft {
			t.Errorf("%s: %d steps are left", r.key, n)
		}
	}
}

// No oracle is there that no test has seen fail and shrink to mostLeft.
func TestEveryOracleCanFail(t *testing.T) {
	can := map[string]bool{"engine": true, "replay": true} // see TestRunOraclesCanFail
	for _, p := range plants {
		if p.steps <= mostLeft { // TestPlantedFaultsAreFoundAndShrunk holds it to that
			can[p.oracle] = true
		}
		if ruleOracle()[p.rule] != p.oracle {
			t.Errorf("%s is no rule of %s", p.rule, p.oracle)
		}
	}
	rules := map[string]bool{}
	for _, o := range append(Oracles(), RunOracles()...) {
		if !can[o.Name] {
			t.Errorf("no fault is planted for %s that shrinks to %d steps", o.Name, mostLeft)
		}
		for _, r := range o.Rules {
			if rules[r] {
				t.Errorf("two oracles have the rule %s", r)
			}
			rules[r] = true
		}
	}
}

// Every scenario of the catalogue keeps every invariant, but for what is known.
func TestTheCatalogueKeepsTheInvariants(t *testing.T) {
	for _, f := range scenarios.Catalogue() {
		for _, c := range f.Cases() {
			one := &model.File{Name: f.Name, Base: c}
			if _, found := Try(one, Config{}); len(found) > 0 {
				for _, v := range found {
					if Known(v.Key()) == "" {
						t.Errorf("%s: %s", c.FullName(), v)
					}
				}
			}
		}
	}
}

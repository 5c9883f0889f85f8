package sim_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
)

// TestAPanicTellsWhereItWas: the function's own frames, the process, the time,
// the seed and the command that repeats it.
func TestAPanicTellsWhereItWas(t *testing.T) {
	for _, who := range []string{"process client", "network"} {
		t.Run(who, func(t *testing.T) {
			s := newSim(t, sim.Config{Seed: 7})
			if who == "network" {
				s.Network(func(n *sim.Network) {
					n.Sleep(time.Second)
					writeToNil()
				})
			} else {
				s.Client().Go("client", func(p *sim.Process) {
					p.Sleep(time.Second)
					writeToNil()
				})
			}
			p := panicOf(s)
			if p == nil {
				t.Fatal("Run did not panic with a *sim.Panic")
			}
			for _, want := range []string{
				who + " panicked at 1s of virtual time, seed 7: assignment to entry in nil map",
				"go test -count=1 -run '^TestAPanicTellsWhereItWas$' github.com/tcpsim/tcpsim/sim\n",
				"sim_test.writeToNil(", "panic_test.go:",
			} {
				if !strings.Contains(p.Error(), want) {
					t.Errorf("it does not say %q:\n%s", want, p)
				}
			}
			if strings.Contains(p.Stack, "sequence") || strings.Contains(p.Stack, "debug.Stack") {
				t.Errorf("the stack has frames of the engine:\n%s", p.Stack)
			}
			if err := runtime.Error(nil); !errors.As(p, &err) {
				t.Error("the runtime's error is lost")
			}
		})
	}
}

func panicOf(s *sim.Sim) (p *sim.Panic) {
	defer func() { p, _ = recover().(*sim.Panic) }()
	s.Run()
	return nil
}

func writeToNil() {
	counts := struct{ m map[string]int }{}
	counts.m["x"] = 1
}

// TestNothingStartsLate: what would start with the run is refused when the run
// has begun, where nobody would ever start it.
func TestNothingStartsLate(t *testing.T) {
	add := map[string]func(s *sim.Sim){
		"Host.Go":     func(s *sim.Sim) { s.Client().Go("b", func(*sim.Process) {}) },
		"Host.GoAt":   func(s *sim.Sim) { s.Client().GoAt(time.Hour, "b", func(*sim.Process) {}) },
		"Sim.Network": func(s *sim.Sim) { s.Network(func(*sim.Network) {}) },
	}
	for name, f := range add {
		s := newSim(t, sim.Config{})
		s.Client().Go("a", func(*sim.Process) { f(s) })
		p := panicOf(s)
		if p == nil || !strings.Contains(p.Error(), "on a run that has begun") {
			t.Errorf("%s while the run goes on: %v", name, p)
		}
	}
}

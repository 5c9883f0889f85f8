package fuzz

import (
	"slices"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
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
			c := Config{run: func(f *model.File) (*trace.Trace, error) {
				tr, err := runFile(f)
				if tr != nil && len(tr.Segments) > 0 {
					p.tamper(tr)
				}
				return tr, err
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
			small := Shrink(f, Fails(key, c))
			if n, most := Steps(&small.Base), max(p.steps, 6); n > most {
				src, _ := model.Encode(small)
				t.Errorf("%d steps are left:\n%s", n, src)
			}
		})
	}
}

// A run that is not the same twice, and runs that go wrong, are found as well.
func TestRunOraclesCanFail(t *testing.T) {
	f := decode(t, unanswered)
	runs := uint64(0)
	for _, r := range []struct {
		key string
		run func(*model.File) (*trace.Trace, error)
	}{
		{"replay/differs", func(f *model.File) (*trace.Trace, error) {
			runs++
			g := clone(f)
			g.Base.Seed = runs
			return runFile(g)
		}},
		{"engine/limit", func(f *model.File) (*trace.Trace, error) {
			tr, _ := runFile(f)
			return tr, &sim.LimitError{Limit: "1 event"}
		}},
		{"engine/queue-full", func(f *model.File) (*trace.Trace, error) {
			tr, _ := runFile(f)
			return tr, stack.ErrQueueFull
		}},
		{"engine/panic", func(*model.File) (*trace.Trace, error) { return nil, &panicError{"planted"} }},
	} {
		_, found := Try(f, Config{run: r.run})
		if !slices.ContainsFunc(found, func(v Violation) bool { return v.Key() == r.key }) {
			t.Errorf("%s: %v", r.key, found)
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

package sim_test

import (
	"crypto/sha256"
	"encoding/gob"
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// digest is a hash over everything that a run has recorded, frames included.
func digest(t testing.TB, tr *trace.Trace) [32]byte {
	h := sha256.New()
	if err := gob.NewEncoder(h).Encode(tr); err != nil {
		t.Fatal(err)
	}
	return [32]byte(h.Sum(nil))
}

// setProcs sets GOMAXPROCS and gives the choice back to where it was.
func setProcs(t testing.TB, n int) {
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() {
		runtime.GOMAXPROCS(before)
		if os.Getenv("GOMAXPROCS") == "" {
			runtime.SetDefaultGOMAXPROCS()
		}
	})
}

// TestSameSeedSameTrace is the promise: byte-identical traces, at every
// GOMAXPROCS, alone and beside other runs.
func TestSameSeedSameTrace(t *testing.T) {
	const together = 8
	alone, rounds := 10, 3 // 3 GOMAXPROCS x (10 + 3x8) runs: a hundred
	if testing.Short() {
		alone, rounds = 2, 1
	}
	for name, pr := range programs {
		t.Run(name, func(t *testing.T) {
			run := func() [32]byte {
				tr, err := pr.run(42)
				if err != nil {
					t.Error(err)
					return [32]byte{}
				}
				return digest(t, tr)
			}
			want := run()
			for _, procs := range []int{1, 2, 8} {
				t.Run(fmt.Sprintf("GOMAXPROCS=%d", procs), func(t *testing.T) {
					setProcs(t, procs)
					for i := range alone {
						if run() != want {
							t.Fatalf("run %d alone gave another trace", i)
						}
					}
					for range rounds {
						var wg sync.WaitGroup
						for i := range together {
							wg.Go(func() {
								if run() != want {
									t.Errorf("run %d of %d at once gave another trace", i, together)
								}
							})
						}
						wg.Wait()
					}
				})
			}
		})
	}
}

// TestLaterRunsLeaveATraceAlone: runs record in the room of earlier ones, and
// what those have recorded is elsewhere by then.
func TestLaterRunsLeaveATraceAlone(t *testing.T) {
	for name, pr := range programs {
		tr, err := pr.run(42)
		if err != nil {
			t.Fatal(err)
		}
		before := digest(t, tr)
		for range 3 {
			if _, err := programs["bulk with loss"].run(7); err != nil {
				t.Fatal(err)
			}
		}
		if digest(t, tr) != before {
			t.Errorf("%s: later runs have changed the trace", name)
		}
	}
}

// TestOtherSeedOtherNumbers: the seed decides sequence numbers and ports, and
// nothing that is seen relative to them.
func TestOtherSeedOtherNumbers(t *testing.T) {
	for name, pr := range programs {
		t.Run(name, func(t *testing.T) {
			a, err := pr.run(1)
			if err != nil {
				t.Fatal(err)
			}
			b, err := pr.run(2)
			if err != nil {
				t.Fatal(err)
			}
			if a.Conns[0].At(trace.Client).ISN == b.Conns[0].At(trace.Client).ISN || a.Conns[0].At(trace.Server).ISN == b.Conns[0].At(trace.Server).ISN {
				t.Errorf("two seeds have the initial sequence numbers %v and %v", a.Conns[0], b.Conns[0])
			}
			port := func(tr *trace.Trace) uint16 { return tr.Conns[0].At(trace.Client).Addr.Port() }
			if name != "port reuse" && port(a) == port(b) {
				t.Errorf("two seeds have the ephemeral port %d", port(a))
			}
			if x, y := relative(a), relative(b); (x == y) == pr.draws {
				t.Errorf("the traces are the same: %t\n%s\n%s", x == y, x, y)
			}
		})
	}
}

// relative is what a trace says without absolute numbers and ports.
func relative(tr *trace.Trace) string {
	s := fmt.Sprintln(tr.End, tr.Events, tr.Transitions, tr.Timers, tr.Notes, tr.Processes)
	for _, g := range tr.Segments {
		s += fmt.Sprintln(g.From, g.Conn, g.Flags, g.Seq, g.Ack, g.Len, g.Window, g.ReceivedAt, g.Lost, g.Retransmission, g.Probe, g.Trigger)
	}
	for _, c := range tr.Calls {
		s += fmt.Sprintln(c.Process, c.Op, c.FD(), c.Conn, c.End, c.Value, c.Errno)
	}
	return s
}

package sim_test

import (
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
)

// Every benchmark of whole runs has three parts: tcpsim, the same on bare
// gVisor (see bare), and ratio, which runs the two in turn and compares them.

// BenchmarkSettle is one pause and resume of an idle host: the barrier that
// every frame and every call pays for.
func BenchmarkSettle(b *testing.B) {
	n := newBare()
	defer n.destroy()
	b.ReportAllocs()
	for b.Loop() {
		n.settle(0)
	}
}

// BenchmarkHosts is the construction and the end of two hosts.
func BenchmarkHosts(b *testing.B) {
	compare(b, 20,
		func(b *testing.B) int {
			newSim(b, sim.Config{Seed: 1}).Close()
			return 0
		},
		func(*testing.B) int {
			newBare().destroy()
			return 0
		})
}

// BenchmarkShortRun opens a connection, sends one message and closes, with
// the minute of TIME_WAIT, hosts included.
func BenchmarkShortRun(b *testing.B) { compare(b, 20, shortRun, bareShortRun) }

// BenchmarkBulk sends 10 MiB in one direction, hosts included.
func BenchmarkBulk(b *testing.B) { compare(b, 1, bulkRun, bareBulkRun) }

// compare benchmarks a run of tcpsim, the same on bare gVisor, and how many
// times as much processor time the first takes.
//
// On a machine that does other things too, the least of many measurements that
// alternate is what can be relied on: the longer -benchtime, the better. Each
// is of as many runs as make it a few milliseconds long.
func compare(b *testing.B, runs int, tcpsim, bare func(*testing.B) (frames int)) {
	for _, one := range []struct {
		name string
		run  func(*testing.B) int
	}{{"tcpsim", tcpsim}, {"bare", bare}} {
		b.Run(one.name, func(b *testing.B) {
			b.ReportAllocs()
			frames := 0
			for b.Loop() {
				frames = one.run(b)
			}
			if frames > 0 {
				b.ReportMetric(float64(frames), "frames/op")
			}
		})
	}
	b.Run("ratio", func(b *testing.B) {
		least := [2]time.Duration{1 << 62, 1 << 62}
		for b.Loop() {
			for i, run := range [2]func(*testing.B) int{tcpsim, bare} {
				before := cpuTime()
				for range runs {
					run(b)
				}
				least[i] = min(least[i], cpuTime()-before)
			}
		}
		b.SetBytes(0)
		b.ReportMetric(0, "ns/op") // of both together: no use
		if least[1] == 0 {
			b.Skip("nobody knows how to ask for processor time here")
		}
		b.ReportMetric(float64(least[0])/float64(least[1]), "ratio")
		b.ReportMetric(float64(least[0].Microseconds())/float64(runs), "tcpsim-cpu-µs")
		b.ReportMetric(float64(least[1].Microseconds())/float64(runs), "bare-cpu-µs")
	})
}

func shortRun(b *testing.B) (frames int) {
	s := newSim(b, sim.Config{Seed: 1, Link: link.Symmetric(0, 0)})
	s.Server().Go("server", func(p *sim.Process) {
		c, _, _ := p.Accept(listen(p))
		var buf [4096]byte
		for {
			if n, _ := p.Recv(c, buf[:], 0); n == 0 {
				return
			}
		}
	})
	s.Client().Go("client", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Connect(c, server(s))
		p.Send(c, []byte("hello"), 0)
		p.Close(c)
	})
	tr, err := s.Run()
	if err != nil || tr.End < time.Minute {
		b.Fatal(err, tr.End)
	}
	return len(tr.Segments)
}

func bareShortRun(b *testing.B) (frames int) {
	n := newBare()
	client, server, listener := n.connect(b)
	n.send(client, []byte("hello"))
	client.Close()
	n.call(0)
	var buf [4096]byte
	for n.recv(server, buf[:]) > 0 {
	}
	server.Close()
	n.call(1)
	listener.Close()
	n.call(1)
	for n.fire() {
	}
	if n.now < time.Minute {
		b.Fatal(n.now)
	}
	n.destroy()
	return n.frames
}

const bulk = 10 << 20

func bulkRun(b *testing.B) (frames int) {
	s := newSim(b, sim.Config{Seed: 1, Link: link.Symmetric(0, 0)})
	transferBulk(s, bulk)
	tr, err := s.Run()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(bulk)
	return len(tr.Segments)
}

func bareBulkRun(b *testing.B) (frames int) {
	n := newBare()
	client, server, listener := n.connect(b)
	n.bulk(client, server, bulk)
	client.Close()
	n.call(0)
	server.Close()
	n.call(1)
	listener.Close()
	for n.fire() {
	}
	n.destroy()
	b.SetBytes(bulk)
	return n.frames
}

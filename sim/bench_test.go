package sim_test

import (
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
)

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
	b.Run("tcpsim", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			newSim(b, sim.Config{Seed: 1}).Close()
		}
	})
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			newBare().destroy()
		}
	})
}

// BenchmarkShortRun opens a connection, sends one message and closes, with
// the minute of TIME_WAIT, hosts included.
func BenchmarkShortRun(b *testing.B) {
	b.Run("tcpsim", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
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
			b.ReportMetric(float64(len(tr.Segments)), "frames/op")
		}
	})
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
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
			b.ReportMetric(float64(n.frames), "frames/op")
		}
	})
}

const bulk = 10 << 20

// BenchmarkBulk sends 10 MiB in one direction, hosts included.
func BenchmarkBulk(b *testing.B) {
	b.Run("tcpsim", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(bulk)
		for b.Loop() {
			s := newSim(b, sim.Config{Seed: 1, Link: link.Symmetric(0, 0)})
			transferBulk(s, bulk)
			tr, err := s.Run()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(tr.Segments)), "frames/op")
		}
	})
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(bulk)
		for b.Loop() {
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
			b.ReportMetric(float64(n.frames), "frames/op")
		}
	})
}

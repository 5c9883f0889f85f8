package sim_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// exchange is a client that sends text in one segment after another and closes,
// and a server that reads to the end. It returns what the server got.
func exchange(t *testing.T, c sim.Config, text string, segments int) (*trace.Trace, string) {
	t.Helper()
	s := newSim(t, c)
	var got []byte
	s.Server().Go("server", func(p *sim.Process) {
		fd, _, _ := p.Accept(listen(p))
		buf := make([]byte, 64<<10)
		for {
			n, err := p.Recv(fd, buf, 0)
			if n == 0 || err != nil {
				break
			}
			got = append(got, buf[:n]...)
		}
		p.Close(fd)
	})
	s.Client().Go("client", func(p *sim.Process) {
		fd, _ := p.Socket()
		if err := p.Connect(fd, server(s)); err != nil {
			t.Errorf("connect: %v", err)
			return
		}
		for i := range segments {
			p.Send(fd, []byte(text), 0)
			if i < segments-1 {
				p.Sleep(time.Second)
			}
		}
		p.Close(fd)
	})
	return run(t, s), string(got)
}

// TestReceiverVerifiesTheChecksum: whatever bit of a segment the link changes,
// the receiver's TCP throws the segment away without a sign, and what it bore
// arrives with the retransmission.
func TestReceiverVerifiesTheChecksum(t *testing.T) {
	for _, name := range link.Fields() {
		for _, ipv6 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s IPv6 %t", name, ipv6), func(t *testing.T) {
				field, err := link.ParseField(name)
				if err != nil {
					t.Fatal(err)
				}
				for seed := range uint64(8) {
					c := sim.Config{Seed: seed, IPv6: ipv6, Link: link.Symmetric(10*time.Millisecond, 0)}
					c.Link.Rules = []link.Rule{{Name: "noise", What: "DATA", Nth: 1, Act: link.ActCorrupt, Field: field}}
					tr, got := exchange(t, c, "hello", 2)
					if got != "hellohello" {
						t.Fatalf("seed %d: the server got %q:\n%s", seed, got, tr)
					}
					ignored(t, tr)
				}
			})
		}
	}
}

// ignored fails unless there is one damaged segment, which arrived, nothing
// came of, and was sent again.
func ignored(t *testing.T, tr *trace.Trace) {
	t.Helper()
	i := slices.IndexFunc(tr.Segments, func(s trace.Segment) bool { return s.Damaged != nil })
	if i < 0 || !tr.Segments[i].Arrived {
		t.Fatalf("no damaged segment has arrived:\n%s", tr)
	}
	d := &tr.Segments[i]
	if n := differences(d.Frame, d.Damaged); n != 1 {
		t.Errorf("#%d: %d bits differ", d.Number, n)
	}
	if !strings.Contains(strings.Join(d.Acts, "; "), "corrupt noise; changed bit ") {
		t.Errorf("#%d: the link says %q", d.Number, d.Acts)
	}
	again := false
	for _, s := range tr.Segments {
		if s.Trigger == (trace.Trigger{Kind: trace.BySegment, Index: i}) {
			t.Errorf("#%d answers the damaged #%d:\n%s", s.Number, d.Number, tr)
		}
		again = again || s.Retransmission && s.Seq == d.Seq && s.Damaged == nil
	}
	if !again {
		t.Errorf("#%d was not sent again:\n%s", d.Number, tr)
	}
}

func differences(a, b []byte) (n int) {
	for i := range a {
		for bit := range 8 {
			n += int((a[i] ^ b[i]) >> bit & 1)
		}
	}
	return n
}

// TestCopiesBearTheSameDamage: the link changes a segment before it copies it.
func TestCopiesBearTheSameDamage(t *testing.T) {
	d := link.Direction{Latency: 5 * time.Millisecond, Corrupt: 0.5, Duplicate: 0.5}
	tr, got := exchange(t, sim.Config{Seed: 5, Link: link.Config{From: [2]link.Direction{d, d}}}, strings.Repeat("x", 30_000), 1)
	if len(got) != 30_000 {
		t.Errorf("%d bytes arrived", len(got))
	}
	both := 0
	for _, s := range tr.Segments {
		if s.CopyOf == 0 {
			continue
		}
		o := tr.Segments[s.CopyOf-1]
		if !bytes.Equal(s.Damaged, o.Damaged) {
			t.Errorf("#%d and its copy #%d were damaged differently", o.Number, s.Number)
		}
		if s.Damaged != nil {
			both++
		}
	}
	if both < 5 {
		t.Errorf("only %d copies are damaged", both)
	}
}

// TestRouterReportsTheMTU: what does not fit is lost, the sender hears of it
// from a router (RFC 1191, RFC 8201), and sends smaller datagrams from then on.
func TestRouterReportsTheMTU(t *testing.T) {
	for _, test := range []struct {
		ipv6 bool
		mtu  int
	}{{false, 576}, {false, 1000}, {true, 1280}} {
		t.Run(fmt.Sprintf("%d IPv6 %t", test.mtu, test.ipv6), func(t *testing.T) {
			c := sim.Config{IPv6: test.ipv6, Link: link.Symmetric(10*time.Millisecond, 0)}
			c.Link.From[trace.Client].MTU = test.mtu
			tr, got := exchange(t, c, strings.Repeat("x", 20_000), 1)
			if len(got) != 20_000 {
				t.Errorf("%d bytes arrived", len(got))
			}
			var told time.Duration
			notes := 0
			for _, e := range tr.Events {
				if e.Kind == trace.Noted && tr.Notes[e.Index].Kind == trace.NoteICMP {
					notes++
					if told == 0 {
						told = e.At + 10*time.Millisecond // the message is under way as long as a segment
					}
				}
			}
			large, after := 0, 0
			for _, s := range tr.Segments {
				tooBig := s.From == trace.Client && len(s.Frame) > test.mtu
				if tooBig != (s.Lost == "exceeds the MTU") {
					t.Errorf("#%d of %d bytes: lost %q", s.Number, len(s.Frame), s.Lost)
				}
				if tooBig {
					large++
					if s.SentAt > told {
						after++
					}
				}
			}
			if !slices.ContainsFunc(tr.Segments, func(s trace.Segment) bool { return s.From == trace.Client && s.SentAt == told }) {
				t.Errorf("the client does nothing when it is told at %v:\n%s", told, tr)
			}
			if large == 0 || notes != large || after > 0 {
				t.Errorf("%d datagrams were too large, %d after the first report; %d reports:\n%s", large, after, notes, tr)
			}
		})
	}
}

// TestRateShapesATransfer: a transfer over 1 Mbit/s takes as long as its bytes.
func TestRateShapesATransfer(t *testing.T) {
	c := sim.Config{Link: link.Symmetric(10*time.Millisecond, 0)}
	c.Link.From[trace.Client].Rate = 1_000_000
	tr, _ := exchange(t, c, strings.Repeat("x", 200_000), 1)
	bits, last := 0, time.Duration(0)
	for _, s := range tr.Segments {
		if s.From == trace.Client && s.Len > 0 {
			if s.Arrived && s.ReceivedAt-last < time.Duration(len(s.Frame))*8*time.Microsecond && last > 0 {
				t.Errorf("#%d arrives %v after the one before it: %d bytes take longer", s.Number, s.ReceivedAt-last, len(s.Frame))
			}
			bits += 8 * len(s.Frame)
			last = s.ReceivedAt
		}
	}
	if least := time.Duration(bits) * time.Microsecond; last < least || last > least+100*time.Millisecond {
		t.Errorf("%d bits took %v", bits, last)
	}
}

// TestHeldSegmentsWaitInTheMiddle: a segment that is held travels the second
// half of its way when the label is reached, its copies too, and not before
// their time when that comes early.
func TestHeldSegmentsWaitInTheMiddle(t *testing.T) {
	for _, test := range []struct{ label, arrives time.Duration }{
		{time.Second, time.Second + 5*time.Millisecond},
		{12 * time.Millisecond, 20 * time.Millisecond}, // sent at 10 ms, it has not got there yet
	} {
		s := newSim(t, sim.Config{Until: 1500 * time.Millisecond, Link: link.Config{
			From:  [2]link.Direction{{Latency: 10 * time.Millisecond}, {Latency: 10 * time.Millisecond, Corrupt: 1}},
			Rules: []link.Rule{{Name: "box", From: link.FromServer, What: "RST", Act: link.ActHold, Label: "now"}, {Name: "twice", What: "RST", Act: link.ActDuplicate}},
		}})
		s.Client().Go("client", func(p *sim.Process) {
			fd, _ := p.Socket()
			p.Connect(fd, server(s))
		})
		s.Network(func(n *sim.Network) {
			n.Sleep(test.label)
			n.Mark("now")
		})
		tr := run(t, s)
		first := 0
		for _, g := range tr.Segments {
			if !g.Flags.Has(wire.RST) || g.SentAt != 10*time.Millisecond {
				continue
			}
			first++
			if g.ReceivedAt != test.arrives || g.Damaged == nil {
				t.Errorf("#%d arrives at %v, damaged %t; want %v, true", g.Number, g.ReceivedAt, g.Damaged != nil, test.arrives)
			}
		}
		if first != 2 {
			t.Errorf("%d resets, want one and its copy:\n%s", first, tr)
		}
	}
}

package fidelity

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// lead is how much later than in the recording everything happens: room for an
// injection at time zero, which has to be on the way before it arrives.
const lead = 50 * time.Millisecond

// cable is the network of a recording. The machine that it was made on froze
// now and then, and the relay between the hosts with it: how long each segment
// was under way belongs to what the network did, as much as what it lost.
// So a segment of the run that is the counterpart of a recorded one arrives
// when that one did; every other takes the latency that was meant.
type cable struct {
	c      *Case
	bases  bases
	queues map[string][]*segment // recorded segments that no segment of the run has met yet
	cuts   [2][]cut              // by sender: when the recording's cable was cut
	down   [2]bool               // by sender, in the run
	latest [2]time.Duration      // by sender: when the last of its recorded segments arrives
	clocks [2]uint32             // by sender: the run's timestamps less the recording's
}

type cut struct{ from, to time.Duration }

func newCable(c *Case, plans []plan) *cable {
	p := &cable{c: c, bases: bases{}, queues: map[string][]*segment{}}
	rec, _ := c.recorded()
	for i := range rec {
		s := &rec[i]
		for _, k := range keys(s) {
			p.queues[k] = append(p.queues[k], s)
		}
	}
	var since [2]time.Duration
	var down [2]bool
	for i := range c.Calls {
		call := &c.Calls[i]
		if plans[i].special != cutsCable {
			continue
		}
		for side, d := range plans[i].cuts(down) {
			switch {
			case d && !down[side]:
				since[side] = call.Begin
			case !d && down[side]:
				p.cuts[side] = append(p.cuts[side], cut{since[side], call.End})
			}
			down[side] = d
		}
	}
	for side, d := range down {
		if d {
			p.cuts[side] = append(p.cuts[side], cut{since[side], longest})
		}
	}
	return p
}

// keys are what a segment of the run may be found by: with and without its
// acknowledgement, which delayed ACKs change.
func keys(s *segment) []string {
	short := fmt.Sprint(s.from, s.ports, s.flags&^wire.PSH, s.seq, s.len)
	return []string{short + " " + s.ack.String(), short}
}

// cuts is which directions are cut after the plan, by sender.
func (p *plan) cuts(down [2]bool) [2]bool {
	for side, d := range p.cut {
		if d != nil {
			down[side] = *d
		}
	}
	return down
}

// meet finds the recorded counterpart of a segment, and takes it out.
func (p *cable) meet(s *segment) *segment {
	for _, k := range keys(s) {
		for i, r := range p.queues[k] {
			if r == nil || r.index < 0 {
				continue
			}
			p.queues[k][i] = nil
			found := *r
			r.index = -1 // for the other keys
			return &found
		}
		if s.pure() {
			break // another acknowledgement is another segment
		}
	}
	return nil
}

func (p *cable) wasCut(s *segment) bool {
	for _, c := range p.cuts[s.from] {
		if s.at >= c.from && s.at < c.to {
			return true
		}
	}
	return false
}

// judge decides what becomes of a segment of the run.
func (p *cable) judge(o link.Offered, v link.Verdict) link.Verdict {
	s := offeredOf(&o, p.bases)
	if s.flags.Has(wire.SYN) {
		p.bases.add(s.ports, s.from, int64(o.Seg.Seq))
		s = offeredOf(&o, p.bases)
	}
	r := p.meet(&s)
	// A segment that the recording does not have does not overtake those that
	// it held up.
	v.Delay = max(v.Delay, p.latest[s.from]-s.at)
	if r != nil && s.flags.Has(wire.SYN) {
		p.stamp(&o, r)
	}
	if p.down[s.from] {
		return link.Verdict{Lost: true, Rule: "cable cut"}
	}
	if r == nil {
		return v
	}
	if r.rx < 0 {
		if p.wasCut(r) {
			return v // cut then and not now
		}
		return link.Verdict{Lost: true, Rule: "lost in the recording"}
	}
	delay := r.rx + lead - s.at
	if delay <= 0 {
		delay = r.rx - r.at // the run is late
	}
	p.latest[s.from] = max(p.latest[s.from], s.at+delay)
	v.Delay = delay
	return v
}

// inject forges the segment that the recording's experimenter did.
func (p *cable) inject(n *sim.Network, s *Segment, recorded bases) error {
	peer := s.From.Peer()
	in := sim.Injection{
		To: peer, By: "experimenter", Flags: s.Flags, Window: uint16(s.Window),
		FromPort: s.Ports[s.From], ToPort: s.Ports[peer], Data: pattern(s.Data, s.Len),
		Options: p.options(s),
	}
	in.Seq = p.relative(s.Ports, s.From, s.Seq, recorded)
	if s.Flags.Has(wire.ACK) {
		in.Ack = p.relative(s.Ports, peer, s.Ack, recorded)
	}
	return n.Inject(in)
}

// relative turns a recorded number into what Injection wants: relative to the
// youngest initial sequence number of the run.
func (p *cable) relative(t tuple, side trace.Side, value int64, recorded bases) uint32 {
	list := p.bases.list(t, side)
	return uint32(p.bases.raw(t, side, recorded.of(t, side, value)) - list[len(list)-1])
}

// options encodes the options of a forged SYN that matter here: the maximum
// segment size, and a timestamp, moved by as much as the run's differ from the
// recording's.
func (p *cable) options(s *Segment) []byte {
	var b []byte
	for _, o := range s.Options {
		var mss uint16
		var value, echo uint32
		if _, err := fmt.Sscanf(o, "MSS %d", &mss); err == nil {
			b = append(b, 2, 4, byte(mss>>8), byte(mss))
		}
		if _, err := fmt.Sscanf(o, "TS %d %d", &value, &echo); err == nil {
			b = append(b, 1, 1, 8, 10)
			b = binary.BigEndian.AppendUint32(b, value+p.clocks[s.From])
			b = binary.BigEndian.AppendUint32(b, 0)
		}
	}
	return b
}

// stamp learns from a SYN how far the timestamps of a host are from those of
// the recording.
func (p *cable) stamp(t *link.Offered, r *segment) {
	ts, stamped := wire.TimestampsOf(t.Seg.Options)
	for _, o := range r.options {
		var value, echo uint32
		if _, err := fmt.Sscanf(o, "TS %d %d", &value, &echo); err == nil && stamped {
			p.clocks[t.From] = ts.Value - value
		}
	}
}

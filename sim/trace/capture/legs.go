package capture

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// legs are the shortest round trips between a capture point and each side; a
// negative one is not known.
type legs [2]time.Duration

// near is the factor by which one leg is shorter than the other where the
// capture was made at that host.
const near = 8

// at reports whether the point is at a side.
func (l legs) at(side trace.Side) bool {
	peer := l[side.Peer()]
	return l[side] >= 0 && peer > 0 && l[side] <= peer/near
}

// measure takes the time from each segment to the first acknowledgement of it,
// leaving out what was sent again (Karn's rule): then nobody knows which of the
// two was acknowledged. The shortest is closest to the path; others have waited
// for an application or a delayed acknowledgement.
func measure(sights []sight, in func(via) bool) legs {
	l := legs{-1, -1}
	var flight [2]flight
	var last [2]*sight
	var count [2]int
	attempt := -1
	for i := range sights {
		s := &sights[i]
		if !in(s.via) {
			continue
		}
		if s.try != attempt {
			attempt, flight[0], flight[1] = s.try, newFlight(), newFlight()
		}
		sent, ok := time.Duration(0), false
		if s.seg.Flags.Has(wire.ACK) {
			sent, ok = flight[s.from.Peer()].acked(s.seg.Ack)
		} else if q := last[s.from.Peer()]; s.seg.Flags.Has(wire.RST) && q != nil && q.try == s.try && q.seg.Ack == s.seg.Seq {
			sent, ok = q.at, true // it answers that one, faster than most
		}
		if took := s.at - sent; ok && took >= 0 {
			if l[s.from] < 0 || took < l[s.from] {
				l[s.from] = took
			}
			count[s.from]++
		}
		last[s.from] = s
		if s.seg.Len() > 0 && !s.seg.Flags.Has(wire.RST) {
			flight[s.from].sent(s.seg.End(), s.at)
		}
	}
	// A single answer that took so long has waited for an application.
	for side, n := range count {
		if n == 1 && l[side] > time.Second {
			l[side] = -1
		}
	}
	return l
}

// flight is what a side has sent and nobody has acknowledged yet.
type flight struct {
	list []struct {
		end uint32
		at  time.Duration
	}
	end   uint32
	begun bool
}

func newFlight() flight { return flight{} }

func (f *flight) sent(end uint32, at time.Duration) {
	if f.begun && !before(f.end, end) {
		f.list = f.list[:0]
		return
	}
	f.begun, f.end = true, end
	f.list = append(f.list, struct {
		end uint32
		at  time.Duration
	}{end, at})
}

// acked takes out what an acknowledgement covers, and gives the instant at
// which the last of it was sent.
func (f *flight) acked(ack uint32) (at time.Duration, ok bool) {
	n := 0
	for n < len(f.list) && !before(ack, f.list[n].end) {
		at, ok = f.list[n].at, true
		n++
	}
	f.list = f.list[n:]
	return at, ok
}

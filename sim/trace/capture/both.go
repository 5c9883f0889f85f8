package capture

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// both is a file with a capture from each end.
type both struct {
	ends [2]via
	skew time.Duration // of the server's clock
	way  [2]time.Duration
}

// findBoth looks for a point at the client and another at the server. Several
// interfaces of one machine are no such thing: they are all near one host. Where
// the caller knows better, the nearest to each will do.
func findBoth(sights []sight, known bool) (b both, ok bool) {
	var found [2]bool
	var best [2]time.Duration
	seen := map[via]bool{}
	for i := range sights {
		v := sights[i].via
		if seen[v] {
			continue
		}
		if seen[v] = true; len(seen) > maxPoints {
			return b, false
		}
		l := measure(sights, func(other via) bool { return other == v })
		for side := trace.Client; side <= trace.Server; side++ {
			if !l.at(side) && !(known && l[side] >= 0) {
				continue
			}
			if !found[side] || l[side] < best[side] {
				found[side], best[side], b.ends[side] = true, l[side], v
			}
		}
	}
	return b, found[0] && found[1] && b.ends[0] != b.ends[1]
}

// maxPoints bounds how many interfaces are looked at.
const maxPoints = 8

// passages joins what was sent at one end with what arrived at the other.
func (b *both) passages(sights []sight) (list []*passage, again int) {
	b.clocks(sights)
	sent := map[ident][]*passage{}
	for i := range sights {
		s := &sights[i]
		if s.via == b.ends[trace.Server] {
			s.at -= b.skew
		}
		if s.via == b.ends[s.from] {
			p := &passage{sight: s, sentAt: s.at}
			sent[s.ident()] = append(sent[s.ident()], p)
			list = append(list, p)
		}
	}
	for i := range sights {
		s := &sights[i]
		if s.via == b.ends[s.from] {
			continue
		}
		if s.via != b.ends[s.from.Peer()] {
			again++
			continue
		}
		if p := latest(sent[s.ident()], s.at); p != nil {
			p.receivedAt, p.arrived, p.seen = s.at, true, true
			again++
			continue
		}
		// It came through the network, so it was sent, whatever the other
		// capture has missed.
		list = append(list, &passage{
			sight: s, sentAt: s.at - b.way[s.from], receivedAt: s.at, arrived: true, seen: true, guessed: true,
		})
	}
	b.losses(sights, list)
	return list, again
}

// latest is the last one that can have arrived at an instant.
func latest(list []*passage, at time.Duration) *passage {
	for i := len(list) - 1; i >= 0; i-- {
		if p := list[i]; !p.arrived && p.sentAt <= at {
			return p
		}
	}
	return nil
}

// clocks compares the clocks of the two ends by the segments that each has
// seen once. They count as right unless something would arrive before it was
// sent; then both ways count as equally long.
func (b *both) clocks(sights []sight) {
	type pair struct {
		at    [2]time.Duration // by end
		count [2]int
	}
	pairs := map[ident]*pair{}
	for i := range sights {
		s := &sights[i]
		for end, v := range b.ends {
			if s.via == v {
				p := pairs[s.ident()]
				if p == nil {
					p = &pair{}
					pairs[s.ident()] = p
				}
				p.at[end] = s.at
				p.count[end]++
			}
		}
	}
	var known [2]bool
	for id, p := range pairs {
		if p.count != [2]int{1, 1} {
			continue
		}
		took := p.at[id.from.Peer()] - p.at[id.from]
		if !known[id.from] || took < b.way[id.from] {
			known[id.from], b.way[id.from] = true, took
		}
	}
	if b.way[0] < 0 || b.way[1] < 0 {
		b.skew = (b.way[0] - b.way[1]) / 2
		b.way[0] -= b.skew
		b.way[1] += b.skew
	}
	b.way = [2]time.Duration{max(b.way[0], 0), max(b.way[1], 0)}
}

const lostBetween = "inferred: seen at the sender and not at the receiver"

// losses finds what did not come through, as long as the capture at the
// receiver went on.
func (b *both) losses(sights []sight, list []*passage) {
	first, last := [2]time.Duration{1<<63 - 1, 1<<63 - 1}, [2]time.Duration{-1 << 63, -1 << 63}
	for i := range sights {
		for end, v := range b.ends {
			if sights[i].via == v {
				first[end], last[end] = min(first[end], sights[i].at), max(last[end], sights[i].at)
			}
		}
	}
	for _, p := range list {
		if p.arrived {
			continue
		}
		to := p.from.Peer()
		p.receivedAt = p.sentAt + b.way[p.from] // when it should have
		if p.receivedAt >= first[to] && p.receivedAt < last[to] {
			p.lost = lostBetween
		}
	}
}

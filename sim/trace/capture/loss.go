package capture

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/stack/wire"
)

// fates decides for a capture from one point what arrived. list is in order of
// sentAt.
//
// A segment is lost when it was sent again and nothing acknowledged it before
// that could arrive. Without a retransmission there is no evidence of a loss,
// so it counts as arrived; but for what is sent last of all, to a peer that
// never answers again.
func fates(list []*passage, l legs) {
	for _, p := range list {
		p.arrived = true
	}
	for _, part := range tries(list) {
		resent(part)
		lostAnswers(part, l)
		unanswered(part)
	}
	for _, p := range list {
		if p.lost != "" {
			p.arrived = false
		}
	}
}

// tries splits segments by incarnation.
func tries(list []*passage) map[int][]*passage {
	parts := map[int][]*passage{}
	for _, p := range list {
		parts[p.try] = append(parts[p.try], p)
	}
	return parts
}

// resentOfEach finds losses in a capture from both ends that the capture at the
// receiver does not show, because it saw nothing before.
func resentOfEach(list []*passage) {
	for _, part := range tries(list) {
		resent(part)
	}
}

// resent finds what was lost on its way.
func resent(list []*passage) {
	last := lastAgain(list)
	for i, p := range list {
		if i >= last[p.from] {
			continue
		}
		if !p.counts() || p.copyOf != nil || p.seen || p.lost != "" {
			continue
		}
		j := nextCopy(list, i)
		if j < 0 {
			continue
		}
		again := list[j]
		if !acknowledged(list, i, again.receivedAt) && !reportedTwice(list, j, p) {
			p.lost = lostUnacked
		}
	}
	for i, p := range list {
		if p.lost == lostUnacked {
			fate := "lost or ignored"
			if p.there {
				fate = "ignored"
			}
			p.lost = fmt.Sprintf("inferred: %s, for it was sent again as #%d and nothing acknowledged it before", fate, list[nextCopy(list, i)].number)
		}
	}
}

// lastAgain is where each side last sends something that is not new; nothing
// after that can be lost and sent again.
func lastAgain(list []*passage) (last [2]int) {
	var begun [2]bool
	var top [2]uint32
	for i, p := range list {
		if !p.counts() {
			continue
		}
		end := p.seg.End()
		if !begun[p.from] || before(top[p.from], end) {
			if begun[p.from] && before(p.seg.Seq, top[p.from]) {
				last[p.from] = i // new in part
			}
			begun[p.from], top[p.from] = true, end
			continue
		}
		last[p.from] = i
	}
	return last
}

const lostUnacked = "inferred"

// window bounds how far ahead a retransmission is looked for, so that a long
// capture takes no quadratic time.
const window = 4096

// counts reports whether a segment is acknowledged at all.
func (p *passage) counts() bool { return p.seg.Len() > 0 && !p.seg.Flags.Has(wire.RST) }

// nextCopy is the index of the next segment that sends the beginning of
// list[i] again, -1 for none.
func nextCopy(list []*passage, i int) int {
	p := list[i]
	for j := i + 1; j < min(len(list), i+window); j++ {
		q := list[j]
		if q.from == p.from && q.counts() && q.copyOf != p && !before(p.seg.Seq, q.seg.Seq) && before(p.seg.Seq, q.seg.End()) {
			return j
		}
		if q.from != p.from && q.covers(p) {
			return -1 // whatever comes now, it has arrived
		}
	}
	return -1
}

// covers reports whether p shows that o has arrived: it acknowledges all of o,
// or is the RST that answers it.
func (p *passage) covers(o *passage) bool {
	if p.seg.Flags.Has(wire.RST) && o.seg.Flags.Has(wire.ACK) && p.seg.Seq == o.seg.Ack {
		return true
	}
	if !p.seg.Flags.Has(wire.ACK) || p.copyOf == o {
		return false
	}
	if !before(p.seg.Ack, o.seg.End()) {
		return true
	}
	return slices.ContainsFunc(wire.SACKsOf(p.seg.Options), func(b [2]uint32) bool {
		return !before(o.seg.Seq, b[0]) && !before(b[1], o.seg.End())
	})
}

// acknowledged reports whether the peer acknowledged list[i] before an
// instant.
func acknowledged(list []*passage, i int, until time.Duration) bool {
	for _, q := range list[i+1 : min(len(list), i+window)] {
		if q.sentAt >= until {
			return false
		}
		if q.from != list[i].from && q.covers(list[i]) {
			return true
		}
	}
	return false
}

// reportedTwice reports whether an acknowledgement after list[j] says that p
// has arrived more than once (RFC 2883).
func reportedTwice(list []*passage, j int, p *passage) bool {
	for _, q := range list[j+1 : min(len(list), j+window)] {
		if q.from == p.from || !q.seg.Flags.Has(wire.ACK) {
			continue
		}
		if b := wire.SACKsOf(q.seg.Options); len(b) > 0 && !before(q.seg.Ack, b[0][1]) &&
			!before(p.seg.Seq, b[0][0]) && before(p.seg.Seq, b[0][1]) {
			return true
		}
	}
	return false
}

// lostAnswers finds acknowledgements that were lost between the capture point
// and the sender, which therefore sends again what they cover.
func lostAnswers(list []*passage, l legs) {
	var begun [2]bool
	var top [2]uint32 // the end of all that a side has sent
	for j, again := range list {
		if !again.counts() {
			continue
		}
		if end := again.seg.End(); !begun[again.from] || before(top[again.from], end) {
			begun[again.from], top[again.from] = true, end
			continue // it is new
		}
		if l[again.from] == 0 {
			continue // what was seen at the sender has arrived there
		}
		var found []*passage
		sentBefore := false
		for i := j - 1; i >= max(0, j-window); i-- {
			q := list[i]
			if q.from == again.from {
				if q.counts() && q.seg.Seq == again.seg.Seq && q.seg.End() == again.seg.End() && q != again.copyOf {
					sentBefore = true
					break
				}
				continue
			}
			if q.seg.Flags.Has(wire.ACK) && !before(q.seg.Ack, again.seg.End()) && q.receivedAt < again.sentAt {
				found = append(found, q)
			}
		}
		if !sentBefore || again.copyOf != nil || again.probes(list[:j]) {
			continue
		}
		for _, q := range found {
			if q.lost == "" {
				q.lost = fmt.Sprintf("inferred: lost or ignored, for #%d sends again what it acknowledges", again.number)
			}
		}
	}
}

// probes reports whether p asks for an answer with a byte that was already
// acknowledged: a keepalive or zero-window probe.
func (p *passage) probes(earlier []*passage) bool {
	if len(p.seg.Payload) > 1 || p.seg.Flags&(wire.SYN|wire.FIN) != 0 {
		return false
	}
	for i := len(earlier) - 1; i >= 0; i-- {
		if q := earlier[i]; q.from != p.from && q.seg.Flags.Has(wire.ACK) {
			return q.seg.Ack == p.seg.Seq+1 || q.seg.Window == 0
		}
	}
	return false
}

// unanswered leaves it open whether the last of a side arrived, where the peer
// says nothing more. After a RST no answer is due.
func unanswered(list []*passage) {
	var spoke, reset [2]bool
	for i := len(list) - 1; i >= 0; i-- {
		p := list[i]
		if p.counts() && !spoke[p.from.Peer()] && !reset[p.from] {
			p.arrived = false
		}
		spoke[p.from] = true
		reset[p.from] = reset[p.from] || p.seg.Flags.Has(wire.RST)
	}
}

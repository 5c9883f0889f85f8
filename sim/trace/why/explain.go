package why

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Explain finds out why each RST of a connection was sent. Second sights of the
// same datagram are not explained again.
func Explain(c *Conn) []Reset {
	f := c.follow()
	var all []Reset
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.Copy {
			continue
		}
		if !s.Flags.Has(wire.RST) {
			f.take(i)
			continue
		}
		all = append(all, f.explain(i))
	}
	return all
}

func (f *follower) explain(i int) Reset {
	x := f.facts(i)
	r := Reset{Index: i, From: x.r.From, Answers: x.answers}
	var j jury
	switch {
	case x.answers >= 0 && x.state != ownReset:
		x.answer(&j)
	case x.answers >= 0:
		x.answerAfterReset(&j)
	case !x.me.spoke && (x.bare || x.r.Seq == 0):
		x.alone(&j)
	case x.bare:
		x.bareAbort(&j)
	default:
		x.abort(&j)
	}
	x.forger(&j)
	j.verdict(&r)
	r.Forged = r.Cause == cause.Forged
	f.past(i, x, &r)
	return r
}

// past is what a RST does to the two hosts.
func (f *follower) past(i int, x *facts, r *Reset) {
	if r.Forged {
		f.forged[i] = true
		if x.strange {
			r.Box = fmt.Sprintf("about %s from where the capture was made", plural(hops(x.r.TTL), "hop"))
		}
	} else {
		if x.answers >= 0 {
			x.me.used = x.answers
		}
		// A listener and a host that waits for the answer to its SYN go on.
		if x.state != none && x.state != synSent && x.state != synReceived || x.last[x.r.From][x.r.Try] < i {
			if x.me.reset < 0 {
				x.me.reset = i
			}
		}
	}
	x.peer.got = append(x.peer.got, i)
	last := x.last[x.r.From.Peer()][x.r.Try]
	if x.peer.killed < 0 && (last < i || x.Segments[last].At-x.r.At < x.leg(0)+x.leg(1)) {
		x.peer.killed = i
	}
}

// clock prints a duration as people say it.
func clock(d time.Duration) string {
	switch {
	case d < 0:
		return "?"
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < time.Second:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}

func bytesOf(n int) string { return plural(n, "byte") }

var who = [2]string{"client", "server"}

func (x *facts) name() string { return who[x.r.From] }

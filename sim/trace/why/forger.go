package why

import (
	"fmt"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// forger weighs whether somebody on the way has sent a RST in the name of a
// host.
func (x *facts) forger(j *jury) {
	h := j.of(cause.Forged, "somebody on the way forged it; the host whose address it bears never sent it",
		"captures at both hosts: the RST arrives at one and was not sent by the other", -3)
	if x.goesOn >= 0 {
		h.add(10, fmt.Sprintf("the %s goes on with %%s, %s later", x.name(), clock(x.Segments[x.goesOn].At-x.r.At)), x.goesOn)
		h.proves = true
	}
	if x.r.Flags.Has(wire.SYN) {
		h.add(9, "no stack sends SYN and RST in one segment")
		h.proves = true
	}
	if len(x.r.Payload) > 0 {
		h.add(6, fmt.Sprintf("it bears %s of data, and hardly any stack sends such", bytesOf(len(x.r.Payload))))
	}
	if x.bare && x.answers < 0 && x.fits && x.me.stack == Linux && x.goesOn < 0 && x.state != synReceived && x.me.reset < 0 {
		// As good as an abort that Linux does not know; a capture may have
		// missed what it answers, so nobody is accused.
		h.add(4, "Linux sends a bare RST only in answer to something, and nothing came")
	}
	if x.bare && x.state == none && x.answers < 0 && x.peer.syn >= 0 && x.peer.lastAck < 0 {
		h.add(7, "%s is all that it can answer, and a host answers a SYN with a number to acknowledge it", x.peer.syn)
	}
	if x.crossing >= 0 {
		h.add(8, "both sides are said to have reset it at once, see %s: something between them tells both", x.crossing)
	}
	if x.strange {
		h.add(6, fmt.Sprintf("its TTL is %d, that of what the %s has sent %d: another distance", x.r.TTL, x.name(), x.ttl))
	}
	if x.echoID {
		h.add(5, fmt.Sprintf("its IP id, %d, is that of a segment that was on its way: it was made out of that one", x.r.ID))
	}
	if x.nextID && !x.strange {
		h.add(-4, "")
	}
	x.weighNumbers(h)
	if _, has := wire.TimestampsOf(x.r.Options); !x.bare && x.r.Seq != 0 && x.answers < 0 && x.me.timestamps && !has {
		h.add(4, "it has no timestamps, and all that its sender has sent has them")
	}
	if x.bare && x.r.Window != 0 && x.me.stack == Linux {
		h.add(9, fmt.Sprintf("its window is %d; Linux sends 0 in a RST without an acknowledgement", x.r.Window))
	}
}

// weighNumbers looks for numbers that the host could not have sent.
func (x *facts) weighNumbers(h *hypothesis) {
	if x.unheard {
		h.add(6, fmt.Sprintf("it acknowledges %d numbers that nobody has sent", x.r.Ack-x.peer.next))
	}
	if !x.me.spoke {
		return
	}
	if x.answers < 0 && !x.fits {
		if x.bare {
			h.add(3, "its number is neither its sender's next nor what anybody has acknowledged")
		} else if x.r.Seq != 0 {
			h.add(3, "its number is not its sender's next")
		}
	}
}

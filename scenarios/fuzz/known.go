package fuzz

// Known says what is known about violations of one kind, in a sentence; empty
// for a kind that is news. They are still reported: a finding that stops to
// appear means that somebody has repaired it.
func Known(key string) string { return knownKinds[key] }

const ackForgotten = "gVisor: an ACK of this side's FIN that stands behind something missing (the peer's FIN, lost or overtaken) is forgotten: the endpoint stays in FIN_WAIT_1, or goes to CLOSING instead of TIME_WAIT (consumeSegment looks only at segments in order), and as an orphan it has no timer that would end it."

var knownKinds = map[string]string{
	"pace/early-retransmission": "gVisor: an endpoint in SYN_SENT that gets an unacceptable ACK starts its handshake anew with a timeout of one microsecond (synSentState, reinit(tcpMinTimeout)) and doubles it with each SYN.",
	"delivery/fin-not-taken":    "gVisor: a FIN behind data of which all was received before is never taken: the segment is not acceptable by its payload alone (receiver.acceptable, consumeSegment).",
	"reset/answers-a-reset":     "gVisor: a listening socket that was shut down for reading answers every segment with a RST, also a RST (handleListenSegment).",
	"state/cookie-taken-twice":  "gVisor: a listener that has ever answered with SYN cookies takes any segment of an old connection whose numbers fit for the ACK of one, for as long as the cookie is valid, also a FIN; Linux does so only for two minutes after its queue was full.",
	"number/beyond-the-window":  "gVisor: a window is taken from any ACK that arrives, also from one that was overtaken (sender.handleRcvdSegment sets SndWnd without SND.WL1 and SND.WL2 of RFC 9293 section 3.10.7.4).",
	"end/endpoint-left":         ackForgotten,
	"end/nothing-retransmitted": "gVisor: with a receive window that closes while segments are under way the retransmission timer is not set again, so that what is lost then is never sent again; an orphan stays for ever.",
	"end/endpoint-lives-on":     ackForgotten + " With SO_KEEPALIVE it is kept alive for as long as the peer is there.",
	"state/cookie-out-of-place": "gVisor, and Linux by the same arithmetic: the number of a SYN cookie is checked together with an index of the MSS, so that an ACK whose sequence number is off by one or two passes; what came before it is lost without a trace.",
}

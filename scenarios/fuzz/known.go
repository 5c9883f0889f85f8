package fuzz

import "fmt"

// Known says what is known about violations of one kind: what is wrong, and
// where in the source of gVisor that this module is pinned to; empty for a kind
// that is news. Known violations are still reported: a finding that stops to
// appear means that somebody has repaired it.
func Known(key string) string {
	k, ok := knownKinds[key]
	if !ok {
		return ""
	}
	at := k.at[0]
	return fmt.Sprintf("%s (%s:%d)", k.wrong, at.file, at.line)
}

// knownKind is a kind of violation that is no news.
type knownKind struct {
	wrong string // what is done
	right string // what the RFC says, or Linux does
	at    []line // where; the first place decides
}

const ackForgotten = "gVisor: an ACK of this side's FIN that stands behind something missing (the peer's FIN, lost or overtaken) is forgotten: the endpoint stays in FIN_WAIT_1, or goes to CLOSING instead of TIME_WAIT, since only segments in order are looked at; an orphan has no timer that would end it."

var knownKinds = map[string]knownKind{
	"pace/early-retransmission": {
		"gVisor: an endpoint in SYN_SENT that gets an unacceptable ACK answers with a RST and sets its SYN timer to two microseconds, which doubles with each SYN.",
		"RFC 9293 section 3.10.7.3, first: send the RST, drop the segment and return; the SYN is sent again when its timer of 1 s fires (RFC 6298 section 2). Linux: tcp_rcv_synsent_state_process.",
		[]line{{"connect.go", 312, "h.retransmitTimer.reinit(tcpMinTimeout)"}, {"connect.go", 37, "tcpMinTimeout = 2 * time.Microsecond"}},
	},
	"delivery/fin-not-taken": {
		"gVisor: a FIN behind data of which all was received before is never taken: the segment is not acceptable, because its length is counted without the FIN.",
		"RFC 9293 section 3.4: SEG.LEN includes SYN and FIN, so that the FIN is the last octet and in the window (section 3.10.7.4, first). Linux: tcp_sequence looks at end_seq, which counts the FIN.",
		[]line{{"rcv.go", 465, "if !r.acceptable(segSeq, segLen) {"}, {"rcv.go", 459, "segLen := seqnum.Size(s.payloadSize())"}},
	},
	"reset-answer/answers-a-reset": {
		"gVisor: a listening socket that was shut down for reading answers every segment with a RST, also a RST.",
		"RFC 9293 section 3.10.7.2, first: a RST that arrives in LISTEN is ignored. Linux: tcp_v4_send_reset never answers a RST.",
		[]line{{"accept.go", 450, "if rcvClosed || s.flags.Contains(header.TCPFlagSyn|header.TCPFlagAck) {"}},
	},
	"state/cookie-taken-twice": {
		"gVisor: a listener takes any segment without an endpoint whose numbers fit for the ACK of a SYN cookie, for as long as the cookie is valid, also a FIN and also the last ACK of a connection that has ended.",
		"Linux does so only for two minutes after its queue was full (tcp_synq_no_recent_overflow), and has no protection within them.",
		[]line{{"accept.go", 601, "data, ok := ctx.isCookieValid(s.id, iss, irs)"}},
	},
	"state/cookie-out-of-place": {
		"gVisor, and Linux by the same arithmetic: the number of a SYN cookie is checked together with an index of the MSS, so that an ACK whose sequence number is off by one or two passes; what came before it is lost without a trace.",
		"RFC 4987 section 3.6 accepts the risk: a cookie is checked and not remembered. Linux: check_tcp_syn_cookie.",
		[]line{{"accept.go", 186, "return (v - l.cookieHash(id, cookieTS, 1)) & hashMask, true"}},
	},
	"window/beyond-the-window": {
		"gVisor: a window is taken from any ACK that arrives, also from one that was overtaken, and counted from the newest acknowledgement, so that data go out beyond the window.",
		"RFC 9293 section 3.10.7.4, fifth: the window is taken only when SND.WL1 < SEG.SEQ, or SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK. Linux: tcp_may_update_window.",
		[]line{{"snd.go", 1617, "s.SndWnd = rcvdSeg.window"}},
	},
	"engine/limit-with-rack": {
		"gVisor: with RACK, segments that were sent at one instant count as lost when one before them is acknowledged, and not when one behind them is; where the way takes no time they are sent again without end.",
		"RFC 8985 section 6.2, RACK_sent_after: of two segments of one instant the one that ends later was sent later. Linux: tcp_rack_sent_after.",
		[]line{{"rack.go", 392, "if seg.xmitTime.Before(rc.XmitTime) || (seg.xmitTime == rc.XmitTime && rc.EndSequence.LessThan(endSeq)) {"}},
	},
	"end/endpoint-left": {
		ackForgotten,
		"RFC 9293 section 3.10.7.4, fifth: the ACK field is looked at in every acceptable segment, whether or not its text is in order. Linux: tcp_ack comes before tcp_data_queue.",
		[]line{{"rcv.go", 483, "if !r.consumeSegment(s, segSeq, segLen) {"}, {"rcv.go", 301, "if s.flags.Contains(header.TCPFlagAck) && r.ep.snd.finSent && s.ackNumber == r.ep.snd.SndNxt {"}},
	},
	"end/endpoint-lives-on": {
		ackForgotten + " With SO_KEEPALIVE it is kept alive for as long as the peer is there.",
		"As for end/endpoint-left.",
		[]line{{"rcv.go", 483, "if !r.consumeSegment(s, segSeq, segLen) {"}},
	},
	"end/nothing-retransmitted": {
		"gVisor: a segment that was sent and does not fit into the window, which has closed or become smaller since or was taken from an old ACK when it was sent (window/beyond-the-window), is left to the handler of the retransmission timer, which asks the same question and gets the same answer: nothing is sent, and with nothing outstanding the timer is not set again, nor is a window probed that is not zero; an orphan stays for ever, and a call that sends never returns.",
		"RFC 9293 section 3.8.6 (SHLD-16): a sender retransmits normally what lies between SND.UNA and the end of a window that has shrunk, and may retransmit what lies beyond (MAY-7). Linux: tcp_retransmit_skb sends what fits, and tcp_check_probe_timer sets a timer.",
		[]line{{"snd.go", 956, "if s.SndUna != s.SndNxt {"}, {"snd.go", 643, "s.Outstanding = 0"}, {"snd.go", 1081, "if s.Outstanding > 0 {"}},
	},
}

// line is a line of gVisor's package tcp.
type line struct {
	file string
	line int
	code string
}

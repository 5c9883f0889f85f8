package stack

import (
	"math/bits"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// linuxMinRTO is TCP_RTO_MIN, in which Linux measures tcp_retries2 whatever
// the minimum of the host is.
const linuxMinRTO = 200 * time.Millisecond

// patience is for how long Linux retransmits one segment with tcp_retries2: the
// number stands for the time that so many retransmissions would take from a
// timeout of TCP_RTO_MIN on (tcp_model_timeout).
func patience(retries int, maxRTO time.Duration) time.Duration {
	doublings := bits.Len64(uint64(maxRTO/linuxMinRTO)) - 1
	if retries <= doublings {
		return (2<<retries - 1) * linuxMinRTO
	}
	return (2<<max(doublings, 0)-1)*linuxMinRTO + time.Duration(retries-max(doublings, 0))*maxRTO
}

// countRetries turns tcp_retries2 into what gVisor takes, which counts: the
// retransmissions that this host makes in the time that Linux gives them. That
// is the same number with the usual minimum RTO, and a smaller one with a
// greater. Linux measures from the first retransmission, and its timeout is
// longer than the minimum by the round trip, so that the first wait counts as
// one of those that it leaves out.
//
// gVisor counts a tail loss probe as one of them, Linux as none.
func (h *Host) countRetries() tcpip.Error {
	d := &h.defaults
	limit := patience(d.retries2, d.maxRTO)
	n, wait, at := 0, d.minRTO, d.minRTO
	for at < limit && n < maxRetries {
		n++
		wait = min(2*wait, d.maxRTO)
		at += wait
	}
	if d.rack {
		n++
	}
	o := tcpip.TCPMaxRetriesOption(max(n, 1))
	return h.setTCP(&o)
}

// maxRetries is the largest tcp_retries2.
const maxRetries = 255

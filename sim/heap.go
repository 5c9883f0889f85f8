package sim

import (
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
)

// event is one entry of the heap. Exactly one of timer, task, segment and icmp
// is set. Entries are values: a run makes hundreds of thousands of them.
type event struct {
	at      time.Duration
	seq     uint64 // breaks ties by the order of making, so that nothing else does
	timer   *timer
	task    *task
	slept   uint64 // the task's sleep that this entry stands for
	segment int    // number of the segment that arrives; negative: -1 is the first that is to be forged
	icmp    bool   // the frame is an ICMP message, which has no number
	frame   buffer.Buffer
	host    *Host
	boot    int // the boot of host that the entry was made for
}

func (e *event) before(o *event) bool { return earlier(e.at, e.seq, o.at, o.seq) }

func earlier(at time.Duration, seq uint64, than time.Duration, thanSeq uint64) bool {
	return at < than || at == than && seq < thanSeq
}

// heap is a binary heap of events, with a lane beside it for the segments to
// each host: most arrive in the order in which they were sent, and a heap that
// holds a window of them takes longer to sort them than the link to judge them.
type heap struct {
	events []event
	lanes  [2]lane
	seq    uint64
}

// next is the place of something that is made now.
func (h *heap) next() uint64 {
	h.seq++
	return h.seq
}

func (h *heap) push(e event) {
	e.seq = h.next()
	h.put(e)
}

// arrive is push for a segment that arrives.
func (h *heap) arrive(at time.Duration, segment int, frame buffer.Buffer, host *Host) {
	seq := h.next()
	if l := &h.lanes[host.side]; l.fits(at) {
		l.push(arrival{at, seq, segment, frame, host})
		return
	}
	h.put(event{at: at, seq: seq, segment: segment, frame: frame, host: host})
}

// put adds an entry that has its place already.
func (h *heap) put(e event) {
	h.events = append(room(h.events), e)
	i := len(h.events) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !e.before(&h.events[parent]) {
			break
		}
		h.events[i] = h.events[parent]
		i = parent
	}
	h.events[i] = e
}

// first is where the earliest entry is: the index of its lane, or len(lanes)
// for the heap itself; -1 when there is none.
func (h *heap) first() (in int, at time.Duration) {
	in = -1
	var seq uint64
	if len(h.events) > 0 {
		in, at, seq = len(h.lanes), h.events[0].at, h.events[0].seq
	}
	for i := range h.lanes {
		if l := &h.lanes[i]; l.begin < len(l.waiting) {
			if a := &l.waiting[l.begin]; in < 0 || earlier(a.at, a.seq, at, seq) {
				in, at, seq = i, a.at, a.seq
			}
		}
	}
	return in, at
}

// pop moves the earliest entry to e. It reports false when there is none.
func (h *heap) pop(e *event) bool {
	switch in, _ := h.first(); in {
	case -1:
		return false
	case len(h.lanes):
		*e = h.events[0]
		h.remove()
	default:
		h.lanes[in].pop(e)
	}
	return true
}

// remove takes away the entry at the top.
func (h *heap) remove() {
	n := len(h.events) - 1
	last := h.events[n]
	h.events[n] = event{}
	h.events = h.events[:n]
	if n == 0 {
		return
	}
	i := 0
	for c := 1; c < n; c = 2*i + 1 {
		if c+1 < n && h.events[c+1].before(&h.events[c]) {
			c++
		}
		if !h.events[c].before(&last) {
			break
		}
		h.events[i] = h.events[c]
		i = c
	}
	h.events[i] = last
}

// clear takes everything away, and releases the frames.
func (h *heap) clear() {
	var e event
	for h.pop(&e) {
		e.frame.Release()
	}
}

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
	segment int    // number of the segment that arrives
	icmp    bool   // the frame is an ICMP message, which has no number
	frame   buffer.Buffer
	host    *Host
	boot    int // the boot of host that the entry was made for
}

func (e *event) before(o *event) bool {
	return e.at < o.at || e.at == o.at && e.seq < o.seq
}

// heap is a binary heap of events.
type heap struct {
	events []event
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

func (h *heap) pop() (event, bool) {
	n := len(h.events) - 1
	if n < 0 {
		return event{}, false
	}
	top, last := h.events[0], h.events[n]
	h.events[n] = event{}
	h.events = h.events[:n]
	if n == 0 {
		return top, true
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
	return top, true
}

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
	h.events = append(h.events, e)
	i := len(h.events) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !h.events[i].before(&h.events[parent]) {
			break
		}
		h.events[i], h.events[parent] = h.events[parent], h.events[i]
		i = parent
	}
}

func (h *heap) pop() (event, bool) {
	n := len(h.events) - 1
	if n < 0 {
		return event{}, false
	}
	top := h.events[0]
	h.events[0] = h.events[n]
	h.events[n] = event{}
	h.events = h.events[:n]
	for i := 0; ; {
		small := i
		for c := 2*i + 1; c <= 2*i+2 && c < n; c++ {
			if h.events[c].before(&h.events[small]) {
				small = c
			}
		}
		if small == i {
			return top, true
		}
		h.events[i], h.events[small] = h.events[small], h.events[i]
		i = small
	}
}

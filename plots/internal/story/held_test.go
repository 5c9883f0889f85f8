package story

import (
	"slices"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// TestCloseThatLeavesADescriptorIsTold: it sends nothing, which is what a
// reader wonders about. The last close has its change of state to show for it.
func TestCloseThatLeavesADescriptorIsTold(t *testing.T) {
	tr := reset(1000)
	tr.Events = nil
	tr.Transitions[0].Trigger = trace.Trigger{Kind: trace.ByCall, Index: 3}
	fails(tr, 0, -1, trace.OpFork, stack.OK)
	fails(tr, 0, 0, trace.OpClose, stack.OK)
	fails(tr, time.Second, 0, trace.OpRecv, stack.OK)
	fails(tr, 2*time.Second, 0, trace.OpClose, stack.OK)
	fails(tr, 2*time.Second, -1, trace.OpClose, stack.OK)
	s := Of(tr, Window{})
	got := slices.Concat(remarks(s)...)
	if want := []string{"fork()", "close(): not last"}; !slices.Equal(got, want) {
		t.Errorf("remarks are %q, want %q", got, want)
	}
}

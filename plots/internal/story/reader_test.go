package story

import (
	"testing"

	"github.com/tcpsim/tcpsim/stack"
)

// A host whose connection has ended must not look as if the connection
// listened; one whose SYN_RECEIVED has ended listens on (RFC 9293 section 3.5).
func TestAListenerStepsBackOnceThereWasAConnection(t *testing.T) {
	const listener, first, second = 1, 2, 3
	live := Follow(nil, listener, stack.Listen)
	live = Follow(live, first, stack.SynReceived)
	live = Follow(live, first, stack.Closed)
	if len(live) != 1 || live[0].Served {
		t.Errorf("after a handshake that failed: %+v", live)
	}
	live = Follow(live, second, stack.SynReceived)
	live = Follow(live, second, stack.Established)
	live = Follow(live, second, stack.Closed)
	if len(live) != 1 || !live[0].Served {
		t.Errorf("after a connection: %+v", live)
	}
	if live = Follow(live, first, stack.Listen); len(live) != 2 || live[1].Served {
		t.Errorf("a new listener: %+v", live)
	}
}

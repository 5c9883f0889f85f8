package why

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Identifiers of causes that only a capture of life can show; those of
// [github.com/tcpsim/tcpsim/sim/cause] are used besides.
const (
	AcceptQueueFull = "accept-queue-full" // the client believes in a connection that the server never accepted
	GaveUp          = "gave-up"           // retransmissions that nobody answered
	Abort           = "abort"             // a program or its end, of a stack that aborts in a form of its own
	IdleTimeout     = "idle-timeout"      // a box on the way has forgotten an idle connection
	Policy          = "policy"            // a box on the way, or a firewall at the host, does not want it
	RawSocket       = "raw-socket"        // a scanner beside its kernel, which knows nothing of its SYN
	TwoMachines     = "two-machines"      // a load balancer answers for the host
)

// Segment is one segment as the capture shows it.
type Segment struct {
	*wire.Segment
	From   trace.Side
	At     time.Duration // when it passed the capture point
	Try    int           // the incarnation of the connection that it belongs to
	TTL    byte
	ID     uint16 // of IPv4
	HasID  bool
	Copy   bool // the same datagram as an earlier one
	Number int  // what it is called: the segment's number
	Packet int  // the number of the packet in the file
}

// Conn is one connection, its segments in the order in which they passed.
type Conn struct {
	Addr     [2]netip.AddrPort
	Begun    bool // its SYN is in the file
	Segments []Segment
	// RTT is the round trip between the capture point and each side; 0 at the
	// side itself, and negative where it is not known.
	RTT        [2]time.Duration
	Neighbours []Neighbour
	// Anew is when a side began another connection between the same ports;
	// negative when it did not, or that is not known.
	Anew [2]time.Duration
}

// Neighbour is a RST of another connection of the same capture.
type Neighbour struct {
	Server  netip.AddrPort
	Client  netip.AddrPort
	By      trace.Side
	Apart   time.Duration // between the two RSTs
	Silent  bool          // the server has sent no data in that connection
	Refused bool          // a SYN that got a RST
}

// Reset is one RST, explained.
type Reset struct {
	Index   int // into Conn.Segments
	From    trace.Side
	Cause   string
	Text    string // a sentence
	Forged  bool   // its alleged sender has not sent it
	Box     string // where the one who did stands, when TTLs tell: "about 3 hops from the capture point"
	Sure    trace.Confidence
	Because []Fact
	// Rivals are the next best, the best first. Of a cause that is Possible the
	// first ones are as good as it: Undecided says how many.
	Rivals    []Rival
	Undecided int
	Answers   int // into Conn.Segments, -1 for none
}

// Rival is another cause that may explain a RST, and what would tell it apart.
type Rival struct {
	Cause string
	Apart string
	For   []Fact
}

// Fact is something that the capture shows. Its text has a %s for each segment
// in Refs, by index into Conn.Segments.
type Fact struct {
	Format string
	Refs   []int
	Weight int
}

func later(a, b uint32) uint32 {
	if wire.Before(a, b) {
		return b
	}
	return a
}

// Words is the text of a fact, with names for its segments in the order of
// Refs. A fact may speak of fewer than it refers to.
func Words(f Fact, names ...any) string {
	n := strings.Count(f.Format, "%s")
	return fmt.Sprintf(f.Format, names[:min(n, len(names))]...)
}

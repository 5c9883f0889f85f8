package capture

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Options say what to read. The zero value is the first connection with a RST,
// else the first, of any file that fits the default limits.
type Options struct {
	// Conn chooses the connection: its number as in Summary, or its two ends
	// as "10.0.0.1:40000-10.0.0.2:80" in either order, IPv6 addresses in
	// brackets. Ends that met several times mean the first time.
	Conn string

	Vantage Vantage // where the capture was made; the zero value finds out

	// What is beyond the limits is counted and not kept.
	MaxSegments int   // of the connection; default 262,144
	MaxBytes    int64 // of its datagrams; default 256 MiB
	MaxConns    int   // told apart; default 65,536

	// SnapLen is how many bytes of each payload to keep, the rest becomes
	// zeros: 0 keeps all, a negative number nothing.
	SnapLen int
}

func (o Options) withDefaults() Options {
	if o.MaxSegments <= 0 {
		o.MaxSegments = 1 << 18
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 256 << 20
	}
	if o.MaxConns <= 0 {
		o.MaxConns = 1 << 16
	}
	return o
}

// Vantage is where a capture was made.
type Vantage uint8

// The vantage points.
const (
	Auto     Vantage = iota // found out from the round trips
	AtClient                // on the client, or next to it
	AtServer                // on the server, or next to it
	Between                 // somewhere on the way
	AtBoth                  // one on each host, in one file with an interface for each
	Wire                    // every segment when it is sent, as in captures by tcpsim
)

var vantageNames = [...]string{"auto", "client", "server", "between", "both", "wire"}

// String is "client", "server", "between", "both", "wire" or "auto".
func (v Vantage) String() string {
	if int(v) < len(vantageNames) {
		return vantageNames[v]
	}
	return "unknown"
}

// Vantages are the names of the vantage points.
func Vantages() []string { return slices.Clone(vantageNames[:]) }

// ParseVantage reads what String gives.
func ParseVantage(s string) (Vantage, error) {
	if i := slices.Index(vantageNames[:], s); i >= 0 {
		return Vantage(i), nil
	}
	return 0, fmt.Errorf("vantage point %q: want one of %s", s, strings.Join(vantageNames[:], ", "))
}

// Ending is how a connection ended, as far as the file shows.
type Ending string

// The endings.
const (
	Open        Ending = "open"        // it goes on, or the file ends first
	Unanswered  Ending = "unanswered"  // a SYN that nothing came back to
	Refused     Ending = "refused"     // a SYN that got a RST
	HalfClosed  Ending = "half-closed" // one FIN, or one not acknowledged
	ClosedByFIN Ending = "closed"      // two FINs, both acknowledged
	Reset       Ending = "reset"       // a RST
)

// Summary is a connection in a capture.
type Summary struct {
	Number   int               // counts from 1, in the order of the first segments
	Addr     [2]netip.AddrPort // by Side
	Begun    bool              // its SYN is in the file
	Segments [2]int            // by the side that sent them, as often as they are in the file
	Bytes    [2]int64          // of payload, likewise
	Flags    [2]wire.Flags     // every flag that a side has sent
	First    time.Time
	Last     time.Time
	End      Ending
	ResetBy  trace.Side // who sent the first RST; valid with Reset and Refused
	// Missing says of a side that it has sent something and nothing of that is
	// in the file, or in what of it was read.
	Missing [2]bool
}

// Report says what was read, what was not, and what is inferred.
type Report struct {
	Format     string // "pcap" or "pcapng"
	Compressed string // with "gzip" or "zstd", or empty
	Start      time.Time
	Conns      int // how many connections there are, one of which is read
	Conn       Summary
	Why        string // how the connection was chosen

	Vantage Vantage
	// RTT is the shortest round trip between the capture point and each side;
	// 0 at the side itself, and where it is not known. With Wire it is one way:
	// from where a segment was sent to the other side.
	RTT [2]time.Duration
	// Skew is what the clock of the server's capture was corrected by, with
	// AtBoth.
	Skew time.Duration

	// Packets[n-1] is the number of the packet in the file, from 1, that
	// segment #n was read from: Wireshark's "No.".
	Packets []int

	// Seen[n-1] is when segment n was captured, after Start. Where the capture was
	// made in the middle that is between when it was sent and when it arrived.
	Seen []time.Duration

	// Behind is what stood before the IP headers of the connection, the most
	// frequent first: "Ethernet, IPv4, UDP, VXLAN, Ethernet".
	Behind []string

	Counts   Counts
	Unread   []Unread // what Counts.Unread consists of, the most first
	Inferred []Inference
}

// Counts are numbers of packets. Every packet of the file is in one of Kept,
// Again, OtherConns, OverLimit, NotIP, NotTCP, Unread, Fragments, Joined and
// Malformed. One in which 802.11 has put several frames together counts once
// there for each of them, and Several is how many that are more.
type Counts struct {
	Packets    int // in the file
	Kept       int // became a segment of the trace
	Again      int // the same datagram, seen at another interface or on arrival
	OtherConns int
	OverLimit  int // beyond one of the limits of Options
	NotIP      int // ARP and the like
	NotTCP     int
	Unread     int // they may hold TCP, behind a header that is not known or encrypted
	Fragments  int // of TCP segments of which others are missing
	Joined     int // fragments but for the last to come, which became a segment
	Malformed  int // too short or with impossible lengths
	Cut        int // of those kept: payload is missing in the file
	Changed    int // of those kept: the IP header was rewritten
	Whole      int // of those kept: put together from fragments
	Several    int // frames behind the first in their packet
	Untimed    int // without a time; they got that of the packet before
}

// Inference is one kind of thing that the capture did not say.
type Inference struct {
	Field string // in the trace, "Segment.ReceivedAt"
	Count int
	How   string
}

package trace

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
	"github.com/tcpsim/tcpsim/stack/words"
)

// Side is a host of a run: an index into Trace.Hosts.
type Side uint8

// The hosts of a run of two, which is the short form and the commonest.
const (
	Client Side = iota
	Server
)

// Peer is the other host of a run of two.
func (s Side) Peer() Side { return 1 - s }

var sideNames = [...]string{Client: "client", Server: "server"}

// String is "client" or "server", and Side(2) of a third host: Trace.Hosts has
// its name.
func (s Side) String() string { return words.Constant(sideNames[:], "Side", s) }

// Trace is the record of one run. Times are virtual, from the start of the run.
type Trace struct {
	Scenario string // its full name, empty for a run made in Go
	Title    string
	Seed     uint64
	Start    time.Time // the wall clock at virtual time 0, of a capture; zero for a run
	Stack    string    // what ran on the hosts, such as "Linux 6.12.117"; empty for gVisor, and for a capture
	Hosts    []Host
	Links    []Link
	End      time.Duration // when the run ended
	Stopped  string        // why it ended before everything was done, else empty

	Passages []Passage // what passed the middleboxes, in the order of the segments' numbers

	Events      []Event
	Segments    []Segment // Segments[n-1] is segment #n
	Calls       []Call
	Transitions []Transition
	Timers      []Timer
	Notes       []Note
	Conns       []Conn
	Processes   []Process
}

// Passage is a segment at the middlebox: one that gets there, whether it is let
// through or not, or one that begins there because somebody has forged it.
type Passage struct {
	Segment int // its number
	At      time.Duration
}

// Host is one host of a run.
type Host struct {
	Name string // no other host has it
	Addr netip.Addr
}

// Host gives a host by its index; a host without a name or address when the
// trace does not know it, as one that was put together by hand.
func (t *Trace) Host(i Side) Host {
	if int(i) < len(t.Hosts) {
		return t.Hosts[i]
	}
	return Host{}
}

// Link is what two hosts are connected by.
type Link struct {
	A, B      Side
	Text      string // its parameters, for captions
	Middlebox string // the name of the device on it, empty when there is none
}

// LinkText is the parameters of all links, for captions.
func (t *Trace) LinkText() string {
	var all []string
	for _, l := range t.Links {
		if l.Text != "" {
			all = append(all, l.Text)
		}
	}
	return strings.Join(all, "; ")
}

// Middlebox is the name of the first device on a link, empty when there is none.
func (t *Trace) Middlebox() string {
	for _, l := range t.Links {
		if l.Middlebox != "" {
			return l.Middlebox
		}
	}
	return ""
}

// Kind says what an event is, and into which slice its index points.
type Kind uint8

// The kinds of events.
const (
	Sent      Kind = iota // Segments
	Received              // Segments
	Lost                  // Segments
	CallBegin             // Calls
	CallEnd               // Calls
	Changed               // Transitions
	Fired                 // Timers
	Noted                 // Notes
)

var kindNames = [...]string{"sent", "received", "lost", "call", "return", "state", "timer", "note"}

// String is the kind's name in JSON Lines; Kind(99) of a number that is none.
func (k Kind) String() string { return words.Constant(kindNames[:], "Kind", k) }

// Event is one line of the record.
type Event struct {
	At    time.Duration
	Kind  Kind
	Index int
}

// Trigger says what the engine was doing when something happened: the reason
// behind a segment or a change of state. Index points into Calls, Segments,
// Timers or Notes.
type Trigger struct {
	Kind  TriggerKind
	Index int
}

// TriggerKind is the kind of a Trigger.
type TriggerKind uint8

// What can trigger something.
const (
	ByNothing TriggerKind = iota
	ByCall
	BySegment
	ByTimer
	ByNote
)

// Segment is one segment on the link. A long run records hundreds of thousands
// of them: the order of the fields leaves no gaps.
type Segment struct {
	Number   int
	Conn     int   // index into Conns
	Len      int   // payload bytes
	From     Side  // who put it on the link, or in whose name it was forged
	To       Side  // the host at the other end of the link
	Link     uint8 // index into Links
	Flags    wire.Flags
	Window   uint16 // as in the header
	Seq, Ack uint32 // relative to the initial sequence numbers of the connection
	RawSeq   uint32
	RawAck   uint32

	Arrived        bool
	Retransmission bool
	Probe          bool   // keepalive or zero-window probe: below SND.UNA
	Frame          []byte // the IP datagram
	SentAt         time.Duration
	ReceivedAt     time.Duration // valid when Arrived
	Trigger        Trigger

	Lost     string   // the rule that lost it, else empty
	Injected string   // who forged it, else empty
	CopyOf   int      // the number of the segment that the link has duplicated, else 0
	Acts     []string // what else the link did to it, by the names of its rules
	Damaged  []byte   // the datagram as it arrived, when the link has corrupted it
	Cause    *Cause   // of a RST
}

// Arrival is the datagram as its receiver got it.
func (s *Segment) Arrival() []byte {
	if s.Damaged != nil {
		return s.Damaged
	}
	return s.Frame
}

// Payload is the segment's data.
func (s *Segment) Payload() []byte { return s.Frame[len(s.Frame)-s.Len:] }

// Cause is why a RST was sent.
type Cause struct {
	ID     string // stable: unread-data
	Text   string // a sentence
	Source string // RFC section or kernel function

	// Confidence is how sure a cause is that was inferred from what a capture
	// holds; empty where the engine knows it.
	Confidence Confidence
	// Or are identifiers of other causes that explain the RST as well as ID;
	// only of one that is Possible.
	Or []string
}

// Confidence is how sure an inferred cause is.
type Confidence string

// How sure an inferred cause is.
const (
	Known    Confidence = ""         // nothing was inferred
	Certain  Confidence = "certain"  // nothing else explains what was captured
	Likely   Confidence = "likely"   // it explains that better than anything else
	Possible Confidence = "possible" // the evidence cannot decide: see Or
)

// Label names the cause, and with it how sure it is: what is not certain is
// never named without a word of doubt.
func (c *Cause) Label() string {
	switch {
	case c.Confidence == Possible && len(c.Or) > 0:
		return c.ID + " or " + strings.Join(c.Or, " or ")
	case c.Confidence == Possible:
		return "possibly " + c.ID
	case c.Confidence == Likely:
		return "probably " + c.ID
	}
	return c.ID
}

// Transition is a change of state of one endpoint.
type Transition struct {
	Host     Side
	Endpoint int // counts the endpoints of a host
	Conn     int // index into Conns, -1 while the endpoint has no peer
	From, To stack.State
	Trigger  Trigger
	Orphan   bool // its process had closed it
	Unread   int  // bytes that no recv had taken when an active close or abort ended it
}

// Timer is a timer that fired and had an effect.
type Timer struct {
	Host Side
	Conn int // -1 when not known
	Name string
}

// NoteKind says what a note is about.
type NoteKind uint8

// What can be noted. Nothing else is.
const (
	NoteCrash      NoteKind = iota // a host has lost power
	NoteBoot                       // a host is up again
	NoteUnplug                     // a host's cable is pulled
	NotePlug                       // a host's cable is back
	NoteSignal                     // a process is killed by a signal
	NoteDestroy                    // an administrator ends connections of a host (ss -K)
	NoteAddRule                    // the link has a rule more
	NoteRemoveRule                 // the link has a rule less
	NoteICMP                       // a router tells a host that a segment exceeds the MTU
	NoteEnding                     // a test ends a connection of a host (sim/simtest)
)

var noteNames = [...]string{"crash", "boot", "unplug", "plug", "signal", "destroy", "add-rule", "remove-rule", "icmp", "ending"}

// String is the kind's name in JSON Lines; NoteKind(99) of a number that is none.
func (k NoteKind) String() string { return words.Constant(noteNames[:], "NoteKind", k) }

// ParseNoteKind finds a kind by its name; false for none.
func ParseNoteKind(name string) (NoteKind, bool) {
	i := slices.Index(noteNames[:], name)
	return NoteKind(max(i, 0)), i >= 0
}

// Note is something that was done to the hosts or the link, or the death of a
// process by a signal.
type Note struct {
	Kind NoteKind
	Host Side
	Text string
}

// Conn is one incarnation of a connection: a 4-tuple with its two initial
// sequence numbers.
type Conn struct {
	A, B End
}

// End is one end of a connection.
type End struct {
	Host  Side
	Addr  netip.AddrPort
	ISN   uint32
	Known bool // whether ISN is known
}

// Between is a connection of a run of two hosts.
func Between(client, server netip.AddrPort) Conn {
	return Conn{A: End{Host: Client, Addr: client}, B: End{Host: Server, Addr: server}}
}

// At is the end at a host, which must have one.
func (c *Conn) At(host Side) *End {
	if c.A.Host == host {
		return &c.A
	}
	return &c.B
}

// Tuple is the two addresses, from A to B.
func (c *Conn) Tuple() wire.Tuple { return wire.Tuple{Src: c.A.Addr, Dst: c.B.Addr} }

// Relative turns an absolute sequence number of host's data into one that is
// relative to its initial sequence number; where that is not known it stays.
func (c *Conn) Relative(host Side, raw uint32) uint32 {
	if e := c.At(host); e.Known {
		return raw - e.ISN
	}
	return raw
}

// Absolute is the inverse of Relative.
func (c *Conn) Absolute(host Side, rel uint32) uint32 {
	if e := c.At(host); e.Known {
		return rel + e.ISN
	}
	return rel
}

// Process is one process of a run.
type Process struct {
	Name   string
	Host   Side
	Ended  bool
	EndAt  time.Duration
	Status int    // exit status; 128 plus the signal's number when killed
	Signal string // SIGPIPE, SIGKILL, PowerLoss, else empty
}

// PowerLoss is the Signal of a process that has ended with its host: nobody has
// told it, and it has no exit status.
const PowerLoss = "power loss"

// Exited reports whether the process has ended as a process does, by itself or
// by a signal, so that it has an exit status.
func (p *Process) Exited() bool { return p.Ended && p.Signal != PowerLoss }

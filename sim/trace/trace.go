package trace

import (
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Side is one of the two hosts.
type Side uint8

// The two hosts of every run.
const (
	Client Side = iota
	Server
)

// Peer is the other host.
func (s Side) Peer() Side { return 1 - s }

// String is "client" or "server".
func (s Side) String() string {
	if s == Client {
		return "client"
	}
	return "server"
}

// Trace is the record of one run. Times are virtual, from the start of the run.
type Trace struct {
	Scenario string // its full name, empty for a run made in Go
	Title    string
	Seed     uint64
	Link     string // the link's parameters, for captions
	Hosts    [2]Host
	End      time.Duration // when the run ended
	Stopped  string        // why it ended before everything was done, else empty

	Middlebox string    // the name of the device on the link, empty when there is none
	Passages  []Passage // what passed it, in the order of the segments' numbers

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

// Host names one side.
type Host struct {
	Name string
	Addr netip.Addr
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

// String is the kind's name in JSON Lines.
func (k Kind) String() string { return kindNames[k] }

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
	Conn     int // index into Conns
	Len      int // payload bytes
	From     Side
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
	Link     []string // what else the link did to it, by the names of its rules
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
}

// Call is one socket call, or the exit of a process.
type Call struct {
	Process    int // index into Processes
	Host       Side
	Returned   bool
	Blocked    bool   // other things happened before it returned
	Name       string // recv
	Args       string // as strace prints them: 3, 4096
	FD         int    // the descriptor it is about, -1 for none
	Conn       int    // the connection it is about, -1 for none or not known yet
	Begin, End time.Duration
	Value      int // what it returned; -1 with Errno
	Errno      stack.Errno
	Result     string // the value for people where a number does not say it: POLLIN|POLLHUP
	Data       []byte // the first DataLimit bytes sent or received
	Step       int    // the number of the step in a scenario, counted from 0; -1 for none
}

// DataLimit is how much of a call's data a trace keeps.
const DataLimit = 256

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

// Note is something that was done to the hosts or the cable, or the death of a
// process.
type Note struct {
	// crash, boot, unplug, plug, destroy and signal; icmp of a router; the act
	// of a rule that is put in force (see link.Acts), and pass of one that ends.
	Kind string
	Host Side
	Text string
}

// Conn is one incarnation of a connection: a 4-tuple with its two initial
// sequence numbers.
type Conn struct {
	Addr  [2]netip.AddrPort // by Side
	ISN   [2]uint32
	Known [2]bool // whether ISN is known
}

// Relative turns an absolute sequence number of side's data into one that is
// relative to its initial sequence number; where that is not known it stays.
func (c *Conn) Relative(side Side, raw uint32) uint32 {
	if c.Known[side] {
		return raw - c.ISN[side]
	}
	return raw
}

// Absolute is the inverse of Relative.
func (c *Conn) Absolute(side Side, rel uint32) uint32 {
	if c.Known[side] {
		return rel + c.ISN[side]
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
	Signal string // SIGPIPE, SIGKILL, else empty
}

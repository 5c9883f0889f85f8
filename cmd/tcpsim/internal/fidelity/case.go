package fidelity

import (
	"strconv"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Case is one recording. Times are from its start.
type Case struct {
	Name        string // of the file, without its ending
	Title       string // the case's own name for itself
	Description string
	Kernel      string
	Latency     time.Duration // one way, as it was meant to be
	Settings    [2][]Setting  // what was set on each host
	Calls       []Call        // in the order in which they began
	Segments    []Segment     // in the order in which they were sent
}

// Setting is one sysctl as the recording has it.
type Setting struct{ Name, Value string }

// Actor is who made a call: one of the hosts, or the experimenter.
type Actor uint8

// The actors.
const (
	Client Actor = iota
	Server
	Experimenter
)

// Side is the host of an actor that is one.
func (a Actor) Side() trace.Side { return trace.Side(a) }

// String is the actor's name in reports.
func (a Actor) String() string {
	if a == Experimenter {
		return "network"
	}
	return a.Side().String()
}

// Call is one recorded call, or something that the experimenter did.
type Call struct {
	Begin, End time.Duration
	By         Actor
	Boot       int    // counts the boots of the host, from 0
	Socket     string // its name in the recording; empty for none
	Name       string
	Args       []Arg
	Errno      string // empty when it succeeded
	Result     Result
}

// Arg is one argument: a number or a text.
type Arg struct {
	Text   string
	Number int
	IsText bool
}

// String is the argument as it stands in the recording.
func (a Arg) String() string {
	if a.IsText {
		return a.Text
	}
	return strconv.Itoa(a.Number)
}

// Result is what a call returned, as far as the recording says.
type Result struct {
	Number int
	Text   string
	List   []string
	Data   string // what recv returned; long data are cut
	End    string // what ended a repeated recv
	Kind   ResultKind
}

// ResultKind says which field of a Result holds it.
type ResultKind uint8

// The kinds of results.
const (
	NumberResult ResultKind = iota
	TextResult
	ListResult
	DataResult
)

// Segment is one recorded segment.
type Segment struct {
	Sent     time.Duration
	Received time.Duration // valid when Arrived
	Arrived  bool
	From     trace.Side
	Ports    [2]uint16 // by side
	Flags    wire.Flags
	Seq, Ack int64 // relative to the first initial sequence numbers of the ports
	Len      int
	Window   int
	Options  []string // of a SYN
	Data     string
	Lost     bool // the experimenter dropped it
	Injected bool // the experimenter forged it
}

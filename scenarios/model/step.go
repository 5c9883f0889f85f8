package model

import (
	"time"

	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Verb is what a step does. Most are named after the system call.
type Verb string

// The verbs of a process.
const (
	VerbSocket      Verb = "socket"
	VerbBind        Verb = "bind"
	VerbListen      Verb = "listen"
	VerbConnect     Verb = "connect"
	VerbAccept      Verb = "accept"
	VerbSend        Verb = "send"
	VerbRecv        Verb = "recv"
	VerbShutdown    Verb = "shutdown"
	VerbClose       Verb = "close"
	VerbDup         Verb = "dup"
	VerbSetsockopt  Verb = "setsockopt"
	VerbGetsockopt  Verb = "getsockopt"
	VerbPoll        Verb = "poll"
	VerbFcntl       Verb = "fcntl"
	VerbGetsockname Verb = "getsockname"
	VerbGetpeername Verb = "getpeername"
	VerbSigpipe     Verb = "sigpipe"
	VerbFork        Verb = "fork"
	VerbExit        Verb = "exit"
)

// The verbs of a process and of the network.
const (
	VerbSleep   Verb = "sleep"
	VerbWaitFor Verb = "wait-for"
)

// The verbs of the network.
const (
	VerbCrash  Verb = "crash"
	VerbBoot   Verb = "boot"
	VerbUnplug Verb = "unplug"
	VerbPlug   Verb = "plug"
	VerbKill   Verb = "kill"
	VerbDrop   Verb = "drop"
	VerbPass   Verb = "pass"
	VerbInject Verb = "inject"

	VerbDestroy Verb = "destroy"
)

// Step is one system call of a process or one act of the experimenter. Which
// fields have a meaning depends on Verb; defaults are filled in.
type Step struct {
	Verb     Verb
	Label    string // empty when nothing waits for the step
	Pos      Pos    // of the step
	ValuePos Pos    // of the verb's value

	Socket        string // the socket it uses or, for socket(), creates
	As            string // name of the socket that accept and dup create
	Address       Address
	Data          []byte // to send, or carried by an injected segment; nil when Bytes is used
	Bytes         int    // how many bytes of a pattern to send; 0 when Data is used
	Size          int    // bytes, of recv's buffer
	Backlog       int
	Nonblock      *bool         // nil when the step does not name it
	Timeout       time.Duration // of connect (0: none) and poll
	Flags         stack.MsgFlags
	Until         Until // repeat the call until this result; empty: call once
	How           stack.How
	Option        string           // SO_... or TCP_..., see stack.Options
	Value         stack.Value      // of setsockopt
	Events        stack.PollEvents // that poll asks for
	Duration      time.Duration    // of sleep
	Target        string           // a label (wait-for), host (crash, boot, plug, unplug, inject) or process (kill, fork)
	Signal        stack.Signal     // of kill
	Rule          DropRule         // for `pass: all` its Text is AllRules
	IgnoreSIGPIPE bool             // what sigpipe sets
	Status        int              // of exit
	Inject        *Inject

	// Expect lists the allowed results, any one of which will do; empty means
	// that the result is not checked. With Until it is about the last call.
	Expect []Result
	Total  *int // bytes moved by the calls that Until repeated; nil means not checked
}

// Until is a result that ends the repetition of a call. Every error ends it,
// and so does the end of the stream; the file says which of them is meant.
type Until string

// The results until which a call is repeated.
const (
	UntilEAGAIN Until = "EAGAIN"
	UntilEOF    Until = "EOF"
	UntilError  Until = "error"
)

// Inject is a segment that a third party forges.
type Inject struct {
	Flags           wire.Flags
	Seq             *uint32 // relative to the initial sequence number of the pretended sender
	Ack             *uint32 // relative to the initial sequence number of the receiver
	Win             *uint16 // as in the header, unscaled
	Data            []byte
	Options         InjectOptions
	SourcePort      *uint16 // nil: that of the latest connection
	DestinationPort *uint16 // nil: that of the latest connection
	By              string  // who forged it
}

// InjectOptions are the TCP options of a forged segment. The zero value is none.
type InjectOptions struct {
	MSS           *uint16
	WindowScale   *uint8 // the shift count
	SACKPermitted bool
	Timestamp     *int // relative to the latest that the pretended sender has sent
	Echo          *int // of a Timestamp, relative to the latest that the receiver has sent; nil is that one
}

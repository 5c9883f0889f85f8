package model

import (
	"strconv"

	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/words"
)

// ResultKind says which form a result has.
type ResultKind string

// The forms of a result.
const (
	ResultValue  ResultKind = "value"  // the call returns Value, or getsockopt reads it
	ResultErrno  ResultKind = "errno"  // the call fails with Errno; for SO_ERROR it may also be what is read
	ResultOK     ResultKind = "ok"     // any success
	ResultEOF    ResultKind = "EOF"    // recv returns 0
	ResultNever  ResultKind = "never"  // the call does not return
	ResultData   ResultKind = "data"   // recv gives exactly Data, or TCP_CONGESTION reads as it
	ResultBytes  ResultKind = "bytes"  // recv gives Bytes bytes
	ResultEvents ResultKind = "events" // poll reports exactly Events
	ResultState  ResultKind = "state"  // TCP_INFO reads State
)

// Result is one allowed outcome of a step.
type Result struct {
	Kind   ResultKind
	Value  int
	Errno  stack.Errno
	Data   []byte
	Bytes  int
	Events stack.PollEvents
	State  stack.State
}

// String prints the result as a scenario file writes it.
func (r Result) String() string {
	switch r.Kind {
	case ResultValue:
		return strconv.Itoa(r.Value)
	case ResultErrno:
		return r.Errno.String()
	case ResultData:
		return words.Quote(string(r.Data))
	case ResultBytes:
		return strconv.Itoa(r.Bytes) + " bytes"
	case ResultEvents:
		if r.Events == 0 {
			return "no events"
		}
		return r.Events.String()
	case ResultState:
		return r.State.String()
	default:
		return string(r.Kind)
	}
}

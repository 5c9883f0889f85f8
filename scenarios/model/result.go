package model

import (
	"strconv"
	"strings"
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
	Errno  string // Linux's name; EWOULDBLOCK is kept as EAGAIN
	Data   []byte
	Bytes  int
	Events []string // POLL... in the order of their bits; empty for none
	State  string   // RFC 9293's name with underscores, such as CLOSE_WAIT
}

// String prints the result as a scenario file writes it.
func (r Result) String() string {
	switch r.Kind {
	case ResultValue:
		return strconv.Itoa(r.Value)
	case ResultErrno:
		return r.Errno
	case ResultData:
		return quote(string(r.Data))
	case ResultBytes:
		return strconv.Itoa(r.Bytes) + " bytes"
	case ResultEvents:
		if len(r.Events) == 0 {
			return "no events"
		}
		return strings.Join(r.Events, "|")
	case ResultState:
		return r.State
	default:
		return string(r.Kind)
	}
}

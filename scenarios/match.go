package scenarios

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

func matchesAny(results []model.Result, c *trace.Call) bool {
	for i := range results {
		if matches(&results[i], c) {
			return true
		}
	}
	return false
}

// matches reports whether a call came out as r says.
func matches(r *model.Result, c *trace.Call) bool {
	if r.Kind == model.ResultNever {
		return !c.Returned
	}
	if !c.Returned {
		return false
	}
	if r.Kind == model.ResultErrno {
		return c.Errno == r.Errno || c.Args.Option == "SO_ERROR" && c.OptVal != nil && stack.Errno(c.OptVal.Int) == r.Errno
	}
	if c.Errno != stack.OK {
		return false
	}
	switch r.Kind {
	case model.ResultOK:
		return true
	case model.ResultEOF:
		return c.Value == 0
	case model.ResultBytes:
		return c.Value == r.Bytes
	case model.ResultData:
		if c.Op == trace.OpGetsockopt {
			return c.Answer() == string(r.Data)
		}
		return c.Value == len(r.Data) && bytes.Equal(c.Data, r.Data[:min(len(r.Data), trace.DataLimit)])
	case model.ResultEvents:
		return len(c.Revents) == 0 && r.Events == 0 || len(c.Revents) == 1 && c.Revents[0] == r.Events
	case model.ResultState:
		got, ok := stack.ParseState(c.Answer())
		return ok && got == r.State
	case model.ResultValue:
		if c.Op == trace.OpGetsockopt {
			return c.Answer() == strconv.Itoa(r.Value)
		}
		return c.Value == r.Value
	}
	return false
}

// seen is what a call did, for people.
func seen(c *trace.Call) string {
	switch {
	case !c.Returned:
		return "it never returned"
	case c.Errno != stack.OK:
		return c.Errno.String()
	case c.Detail() != "":
		return c.Detail()
	case c.Op == trace.OpRecv && c.Value == 0:
		return "0 (EOF)"
	case c.Op == trace.OpRecv:
		return fmt.Sprintf("%d %s", c.Value, trace.Quote(c.Data))
	}
	return strconv.Itoa(c.Value)
}

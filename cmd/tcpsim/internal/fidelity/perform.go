package fidelity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// player is a program that makes recorded calls. The names of a recording stand
// for sockets that are open: one that was closed may come again.
type player struct {
	*program.Program
	open map[string]bool
}

// perform makes one call of the recording and tells its result as expected
// does.
func (r *replay) perform(a *player, i int) string {
	c, p := &r.c.Calls[i], &r.plans[i]
	if c.Socket != "" && !a.open[c.Socket] {
		a.Perform(&model.Step{Verb: model.VerbSocket, Socket: c.Socket})
		a.open[c.Socket] = true
		if !r.refused(c.Socket) {
			a.Perform(&model.Step{
				Verb: model.VerbSetsockopt, Socket: c.Socket,
				Option: "SO_REUSEADDR", Value: stack.Value{Kind: stack.KindInt, Int: 1},
			})
		}
	}
	switch p.special {
	case destroys:
		return r.destroy(a, i)
	case exits, killed:
		return r.end(a, i)
	case notes:
		return "0"
	}
	for k := range p.before {
		a.Perform(&p.before[k])
	}
	o := a.Perform(&p.step)
	if o.Errno == stack.OK && p.step.As != "" {
		a.open[p.step.As] = true
	}
	if p.step.Verb == model.VerbClose {
		delete(a.open, c.Socket)
	}
	told := tell(c, &p.step, &o)
	for k := range p.after {
		a.Perform(&p.after[k])
	}
	return told
}

// names are the sockets that are open, in an order that is always the same.
func (a *player) names() (names []string) {
	for n := range a.open {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// tell writes what came of a step as a recording does.
func tell(c *Call, s *model.Step, o *program.Outcome) string {
	if s.Until != "" {
		return tellAll(c, s, o)
	}
	if o.Errno != stack.OK {
		return o.Errno.String()
	}
	switch o.Op {
	case trace.OpAccept:
		return fmt.Sprintf("%s (peer %s)", s.As, o.Addr)
	case trace.OpDup:
		return s.As
	case trace.OpRecv:
		return data(o.Value, "", o.Data, c)
	case trace.OpPoll:
		return o.Revents[0].String()
	case trace.OpGetsockopt:
		switch {
		case s.Option == "TCP_INFO":
			return o.OptVal.Text
		case o.OptVal.Int == 0:
			return "0"
		}
		return stack.Errno(o.OptVal.Int).String()
	case trace.OpGetsockname, trace.OpGetpeername:
		return fmt.Sprintf("[%s %d]", o.Addr.Addr(), o.Addr.Port())
	}
	return strconv.Itoa(o.Value)
}

// tellAll writes what came of a step that was repeated.
func tellAll(c *Call, s *model.Step, o *program.Outcome) string {
	switch {
	case o.Errno == stack.EAGAIN && s.Verb == model.VerbSend:
		return strconv.Itoa(o.Total)
	case o.Errno == stack.EAGAIN:
		return data(o.Total, "EAGAIN", nil, c)
	case o.Errno != stack.OK:
		return o.Errno.String()
	}
	return data(o.Total, "EOF", nil, c)
}

// data tells what recv returned; what the recording shows of it, when that
// fits.
func data(n int, end string, got []byte, c *Call) string {
	text := string(got)
	if c.Result.Kind == DataResult && (c.Result.End != "" || fits(c.Result.Data, got)) {
		text = c.Result.Data
	}
	return strings.TrimSpace(fmt.Sprintf("%d %q %s", n, text, end))
}

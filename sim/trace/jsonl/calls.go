package jsonl

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

func (e *encoder) call(ev trace.Event) error {
	if err := e.appears("call", ev.Index, e.calls, len(e.t.Calls)); err != nil {
		return err
	}
	c := &e.t.Calls[ev.Index]
	if c.Begin != ev.At {
		return fmt.Errorf("call %d begins at another time than its event", ev.Index)
	}
	if err := errors.Join(e.conn(c.Conn), inRange("process", c.Process, len(e.t.Processes))); err != nil {
		return err
	}
	args, err := argsOf(c)
	on, err1 := e.host(c.Host)
	if err = errors.Join(err, err1); err != nil {
		return fmt.Errorf("call %d: %w", ev.Index, err)
	}
	e.calls++
	line := call{
		Type: ev.Kind.String(), At: ev.At, Call: ev.Index, Process: e.t.Processes[c.Process].Name, PID: c.Process,
		Host: on, Op: op(c.Op), Args: args, Conn: optional(c.Conn),
		Blocked: c.Blocked, Step: optional(c.Step),
	}
	return e.put(&line, line.Process, c.Args.Option, c.Args.OptVal.Text, c.Args.Child)
}

func (e *encoder) ret(ev trace.Event) error {
	if err := inRange("call", ev.Index, e.calls); err != nil {
		return err
	}
	if err := e.noteReturn(ev.Index, ev.At); err != nil {
		return err
	}
	c := &e.t.Calls[ev.Index]
	line := ret{
		Type: ev.Kind.String(), At: ev.At, Call: ev.Index, Process: e.t.Processes[c.Process].Name, Op: op(c.Op),
		Took: c.End - c.Begin, Value: c.Value, Errno: errno(c.Errno), Data: c.Data,
	}
	if err := line.fill(c); err != nil {
		return fmt.Errorf("call %d: %w", ev.Index, err)
	}
	texts := []string{line.Process}
	if c.OptVal != nil {
		texts = append(texts, c.OptVal.Text)
	}
	return e.put(&line, texts...)
}

// use is where a process was first named, before the end tells all of them.
type use struct {
	name string
	call int
}

func (d *decoder) call(b []byte, e *trace.Event) error {
	var l call
	if err := unmarshal(b, d.lax, &l); err != nil {
		return err
	}
	if err := d.inOrder(l.Call, d.calls); err != nil {
		return err
	}
	conn, err := d.connRef(l.Conn)
	if err != nil {
		return err
	}
	if l.PID < 0 {
		return fmt.Errorf("pid %d is negative", l.PID)
	}
	if first, ok := d.names[l.PID]; ok && first.name != l.Process {
		return fmt.Errorf("pid %d is %q, but %q in call %d", l.PID, l.Process, first.name, first.call)
	} else if !ok {
		if d.names == nil {
			d.names = make(map[int]use)
		}
		d.names[l.PID] = use{l.Process, l.Call}
	}
	on, err := d.hostNamed(l.Host)
	if err != nil {
		return err
	}
	a, err := l.Args.model(trace.Op(l.Op), d.lax)
	if err != nil {
		return fmt.Errorf("args of %s: %w", trace.Op(l.Op), err)
	}
	d.calls++
	e.At, e.Index = l.At, l.Call
	d.t.Calls = append(d.t.Calls, trace.Call{
		Process: l.PID, Host: on, Op: trace.Op(l.Op), Args: a, Conn: conn,
		Begin: l.At, Blocked: l.Blocked, Step: orNone(l.Step),
	})
	return nil
}

func (d *decoder) ret(b []byte, e *trace.Event) error {
	var l ret
	if err := unmarshal(b, d.lax, &l); err != nil {
		return err
	}
	if err := inRange("call", l.Call, d.calls); err != nil {
		return err
	}
	c := &d.t.Calls[l.Call]
	switch {
	case c.Returned:
		return fmt.Errorf("call %d has returned before", l.Call)
	case c.Op != trace.Op(l.Op):
		return fmt.Errorf("call %d is %s, but %s where it began", l.Call, trace.Op(l.Op), c.Op)
	case d.names[c.Process].name != l.Process:
		return fmt.Errorf("call %d is of process %q, but of %q where it began", l.Call, l.Process, d.names[c.Process].name)
	case l.At-c.Begin != l.Took:
		return fmt.Errorf("took_ns is %d, but %d ns have passed since call %d began", l.Took, l.At-c.Begin, l.Call)
	}
	c.Returned, c.End = true, l.At
	c.Value, c.Errno = l.Value, stack.Errno(l.Errno)
	if err := l.model(c); err != nil {
		return err
	}
	e.At, e.Index = l.At, l.Call
	return nil
}

// written are the arguments that a call of op has, as the file has them.
func written(op trace.Op, a *trace.Args) (out args) {
	fd := func() { out.FD = &a.FD }
	switch op {
	case trace.OpSocket:
		out.Family = ptr(family(a.IPv6))
	case trace.OpBind:
		fd()
		out.Addr = ptr(address(a.Addr))
	case trace.OpConnect:
		fd()
		out.Addr, out.Timeout = ptr(address(a.Addr)), unlessZero(a.Timeout)
	case trace.OpListen:
		fd()
		out.Backlog = &a.Backlog
	case trace.OpSend:
		fd()
		out.Len, out.Flags, out.Data = &a.Len, unlessZero(msgFlags(a.Flags)), orNil(a.Data)
	case trace.OpRecv:
		fd()
		out.Len, out.Flags = &a.Len, unlessZero(msgFlags(a.Flags))
	case trace.OpShutdown:
		fd()
		out.How = ptr(how(a.How))
	case trace.OpFcntl:
		fd()
		out.Nonblock = &a.Nonblock
	case trace.OpSetsockopt:
		fd()
		out.Option, out.OptVal = &a.Option, optvalOf(&a.OptVal)
	case trace.OpGetsockopt:
		fd()
		out.Option = &a.Option
	case trace.OpPoll:
		set := make([]pollFD, len(a.Poll))
		for i, f := range a.Poll {
			set[i] = pollFD{f.FD, events(f.Events)}
		}
		out.Poll, out.Timeout = &set, &a.Timeout
	case trace.OpFork:
		out.Child = &a.Child
	case trace.OpExit:
		out.Status = &a.Status
	default: // accept, close, dup, getsockname, getpeername
		fd()
	}
	return out
}

func ptr[T any](v T) *T { return &v }

func unlessZero[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// argsOf are the arguments of a call for its line. It refuses those that its
// operation does not have: they would be lost.
func argsOf(c *trace.Call) (args, error) {
	if c.Args == nil {
		return args{}, errors.New("no arguments")
	}
	out := written(c.Op, c.Args)
	again, err := out.model(c.Op, false)
	if err == nil && !reflect.DeepEqual(again, c.Args) {
		err = fmt.Errorf("arguments that %s does not have", c.Op)
	}
	return out, err
}

// model reads what is given and checks that it is what a call of op has. A
// newer minor version may give a call more.
func (in *args) model(op trace.Op, lax bool) (*trace.Args, error) {
	a := &trace.Args{
		FD: orZero(in.FD), IPv6: bool(orZero(in.Family)), Addr: netip.AddrPort(orZero(in.Addr)), Backlog: orZero(in.Backlog),
		Len: orZero(in.Len), Flags: stack.MsgFlags(orZero(in.Flags)), Data: orNil(in.Data), How: stack.How(orZero(in.How)),
		Nonblock: orZero(in.Nonblock), Option: orZero(in.Option), Timeout: orZero(in.Timeout), Child: orZero(in.Child),
		Status: orZero(in.Status),
	}
	if in.OptVal != nil {
		v, err := in.OptVal.model()
		if err != nil {
			return nil, err
		}
		a.OptVal = v
	}
	if in.Poll != nil {
		for _, f := range *in.Poll {
			a.Poll = append(a.Poll, trace.PollFD{FD: f.FD, Events: stack.PollEvents(f.Events)})
		}
	}
	if a.Len < 0 || len(a.Data) > a.Len {
		return nil, fmt.Errorf("len is %d, and there are %d bytes of data", a.Len, len(a.Data))
	}
	want := written(op, a)
	given, due := reflect.ValueOf(in).Elem(), reflect.ValueOf(&want).Elem()
	for i := range given.NumField() {
		name, _, _ := strings.Cut(given.Type().Field(i).Tag.Get("json"), ",")
		switch has, must := !given.Field(i).IsNil(), !due.Field(i).IsNil(); {
		case must && !has:
			return nil, fmt.Errorf("%q is missing", name)
		case has && !must && !lax:
			return nil, fmt.Errorf("%q does not belong there, or is zero and can be left out", name)
		}
	}
	return a, nil
}

func optvalOf(v *stack.Value) *optval {
	switch v.Kind {
	case stack.KindLinger:
		return &optval{Linger: &linger{v.Linger.On, v.Linger.Time}}
	case stack.KindTime:
		return &optval{Time: &v.Time}
	case stack.KindText:
		return &optval{Text: &v.Text}
	}
	return &optval{Int: &v.Int}
}

func (o *optval) model() (v stack.Value, err error) {
	n := 0
	for kind, given := range map[stack.ValueKind]bool{
		stack.KindInt: o.Int != nil, stack.KindText: o.Text != nil, stack.KindTime: o.Time != nil, stack.KindLinger: o.Linger != nil,
	} {
		if given {
			n++
			v.Kind = kind
		}
	}
	if n != 1 {
		return v, fmt.Errorf("optval: %d things: want one of int, text, time_ns, linger", n)
	}
	v.Int, v.Text, v.Time = orZero(o.Int), orZero(o.Text), orZero(o.Time)
	if o.Linger != nil {
		v.Linger = stack.Linger{On: o.Linger.On, Time: o.Linger.Time}
	}
	return v, nil
}

// fill adds what a call has given besides a number and data. It refuses what
// its operation does not give: that would be lost.
func (l *ret) fill(c *trace.Call) error {
	if c.Addr.IsValid() || c.Errno == stack.OK && givesAddr(c.Op) {
		l.Addr = ptr(address(c.Addr))
	}
	if c.OptVal != nil {
		l.OptVal = optvalOf(c.OptVal)
	}
	if c.Revents != nil {
		all := make([]events, len(c.Revents))
		for i, e := range c.Revents {
			all[i] = events(e)
		}
		l.Revents = &all
	}
	again := *c
	again.Result = trace.Result{Value: c.Value, Errno: c.Errno}
	if err := l.model(&again); err != nil {
		return err
	}
	if !reflect.DeepEqual(&again.Result, &c.Result) {
		return fmt.Errorf("a result that %s does not give", c.Op)
	}
	return nil
}

func givesAddr(op trace.Op) bool {
	return op == trace.OpAccept || op == trace.OpGetsockname || op == trace.OpGetpeername
}

// model fills in the result of a call whose value and errno are known.
func (l *ret) model(c *trace.Call) error {
	ok := c.Errno == stack.OK
	for _, r := range []struct {
		name                string
		given, fits, missed bool
	}{
		{"data", len(l.Data) > 0, ok && c.Op == trace.OpRecv, false},
		{"addr", l.Addr != nil, ok && givesAddr(c.Op), l.Addr == nil},
		{"optval", l.OptVal != nil, ok && c.Op == trace.OpGetsockopt, l.OptVal == nil},
		{"revents", l.Revents != nil, ok && c.Op == trace.OpPoll, false},
	} {
		switch {
		case r.given && !r.fits && ok:
			return fmt.Errorf("%q does not belong to %s", r.name, c.Op)
		case r.given && !r.fits:
			return fmt.Errorf("%q does not belong to a call that has failed", r.name)
		case r.fits && r.missed:
			return fmt.Errorf("%q is missing", r.name)
		}
	}
	c.Data, c.Addr = orNil(l.Data), netip.AddrPort(orZero(l.Addr))
	if l.OptVal != nil {
		v, err := l.OptVal.model()
		if err != nil {
			return err
		}
		c.OptVal = &v
	}
	if l.Revents != nil {
		if len(*l.Revents) != len(c.Args.Poll) {
			return fmt.Errorf("%d revents for %d descriptors", len(*l.Revents), len(c.Args.Poll))
		}
		for _, e := range *l.Revents {
			c.Revents = append(c.Revents, stack.PollEvents(e))
		}
	}
	return nil
}

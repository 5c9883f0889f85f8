package jsonl

import (
	"fmt"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

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
	d.calls++
	e.At, e.Index = l.At, l.Call
	d.t.Calls = append(d.t.Calls, trace.Call{
		Process: l.PID, Host: trace.Side(l.Host), Name: l.Name, Args: l.Args, FD: orNone(l.FD), Conn: conn,
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
	case c.Name != l.Name:
		return fmt.Errorf("call %d is %q, but %q where it began", l.Call, l.Name, c.Name)
	case d.names[c.Process].name != l.Process:
		return fmt.Errorf("call %d is of process %q, but of %q where it began", l.Call, l.Process, d.names[c.Process].name)
	case l.At-c.Begin != l.Took:
		return fmt.Errorf("took_ns is %d, but %d ns have passed since call %d began", l.Took, l.At-c.Begin, l.Call)
	}
	c.Returned, c.End = true, l.At
	c.Value, c.Errno, c.Result, c.Data = l.Value, stack.Errno(l.Errno), l.Result, orNil(l.Data)
	e.At, e.Index = l.At, l.Call
	return nil
}

func (d *decoder) end(b []byte) error {
	var l end
	if err := unmarshal(b, d.lax, &l); err != nil {
		return err
	}
	if err := d.advance(l.At); err != nil {
		return err
	}
	d.ended = true
	d.t.End, d.t.Stopped = l.At, l.Stopped
	if err := passages(d.t); err != nil {
		return err
	}
	for _, p := range l.Processes {
		out := trace.Process{Name: p.Name, Host: trace.Side(p.Host), Status: p.Status, Signal: p.Signal}
		if p.EndedAt != nil {
			out.Ended, out.EndAt = true, *p.EndedAt
		}
		d.t.Processes = append(d.t.Processes, out)
	}
	for i := range d.t.Calls {
		pid := d.t.Calls[i].Process
		if pid >= len(d.t.Processes) {
			return fmt.Errorf("call %d is of process %d, but there are only %d", i, pid, len(d.t.Processes))
		}
		if name := d.names[pid].name; d.t.Processes[pid].Name != name {
			return fmt.Errorf("process %d is %q, but %q in its calls", pid, d.t.Processes[pid].Name, name)
		}
	}
	return nil
}

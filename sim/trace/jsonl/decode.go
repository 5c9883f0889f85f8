package jsonl

import (
	"errors"
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func (d *decoder) header(b []byte) error {
	var h header
	if err := unmarshal(b, d.lax, &h); err != nil {
		return err
	}
	t := d.t
	t.Scenario, t.Title, t.Seed = h.Scenario, h.Title, h.Seed
	for _, one := range h.Hosts {
		if err := d.meet(one.Name); err != nil {
			return err
		}
		t.Hosts = append(t.Hosts, trace.Host(one))
	}
	for i, l := range h.Links {
		a, err1 := d.hostNamed(l.A)
		b, err2 := d.hostNamed(l.B)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("links[%d]: %w", i, err)
		}
		t.Links = append(t.Links, trace.Link{A: a, B: b, Text: l.Text, Middlebox: l.Middlebox})
	}
	d.links = t.Links
	for i := range h.Conns {
		a, err1 := d.connEnd(&h.Conns[i].A)
		b, err2 := d.connEnd(&h.Conns[i].B)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("conns[%d]: %w", i, err)
		}
		t.Conns = append(t.Conns, trace.Conn{A: a, B: b})
	}
	d.conns = len(t.Conns)
	t.Stack = h.Stack
	if h.Start != "" {
		at, err := time.Parse(time.RFC3339Nano, h.Start)
		if err != nil {
			return fmt.Errorf("start %q: want a time as 2024-01-31T12:00:00.5Z", h.Start)
		}
		t.Start = at.UTC()
	}
	return nil
}

func (d *decoder) connEnd(in *connEnd) (out trace.End, err error) {
	if out.Host, err = d.hostNamed(in.Host); err != nil {
		return out, err
	}
	out.Addr = in.Addr
	if in.ISN != nil {
		out.ISN, out.Known = *in.ISN, true
	}
	return out, portAlone(in.Addr)
}

func (d *decoder) event(b []byte, kind trace.Kind) error {
	e := trace.Event{Kind: kind}
	var err error
	switch kind {
	case trace.Sent:
		err = d.sent(b, &e)
	case trace.Received:
		err = d.received(b, &e)
	case trace.Lost:
		err = d.lost(b, &e)
	case trace.CallBegin:
		err = d.call(b, &e)
	case trace.CallEnd:
		err = d.ret(b, &e)
	case trace.Changed:
		err = d.change(b, &e)
	case trace.Fired:
		err = d.fired(b, &e)
	case trace.Noted:
		err = d.noted(b, &e)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if err := d.advance(e.At); err != nil {
		return err
	}
	d.t.Events = append(d.t.Events, e)
	return nil
}

func (d *decoder) sent(b []byte, e *trace.Event) error {
	var l sent
	if err := unmarshal(b, d.lax, &l); err != nil {
		return err
	}
	if l.Segment != d.segments+1 {
		return fmt.Errorf("wrong order: segment %d, where %d comes next", l.Segment, d.segments+1)
	}
	by, err := l.Trigger.model()
	if err != nil {
		return err
	}
	from, err1 := d.hostNamed(l.From)
	to, err2 := d.hostNamed(l.To)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	s := trace.Segment{
		Number: l.Segment, From: from, To: to, Link: l.Link, Conn: l.Conn, Flags: wire.Flags(l.Flags),
		Seq: l.Seq, Ack: l.Ack, RawSeq: l.RawSeq, RawAck: l.RawAck, Len: l.Len, Window: l.Window,
		Frame: orNil(l.Frame), SentAt: l.At, Injected: l.Injected, CopyOf: l.CopyOf, Acts: l.Acts, Retransmission: l.Retransmission, Probe: l.Probe,
		Trigger: by, Cause: (*trace.Cause)(l.Cause), Damaged: orNil(l.Damaged),
	}
	if len(s.Acts) == 0 {
		s.Acts = nil
	}
	if err := d.segment(&s); err != nil {
		return err
	}
	if l.PassedAt != nil {
		if err := passage(d.t, &s, *l.PassedAt); err != nil {
			return err
		}
		d.t.Passages = append(d.t.Passages, trace.Passage{Segment: s.Number, At: *l.PassedAt})
	}
	d.segments++
	d.t.Segments = append(d.t.Segments, s)
	e.At, e.Index = l.At, l.Segment-1
	return nil
}

// orNil makes an empty slice nil, as the engine leaves it.
func orNil(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

// model checks that a trigger names one thing; the caller checks which.
func (t *trigger) model() (trace.Trigger, error) {
	if t == nil {
		return trace.Trigger{}, nil
	}
	var m trace.Trigger
	n := 0
	for kind, p := range map[trace.TriggerKind]*int{
		trace.ByCall: t.Call, trace.BySegment: t.Segment, trace.ByTimer: t.Timer, trace.ByNote: t.Note,
	} {
		if p != nil {
			n++
			m = trace.Trigger{Kind: kind, Index: *p}
		}
	}
	if n != 1 {
		return m, fmt.Errorf("trigger: %d things: want one of call, segment, timer, note", n)
	}
	if m.Kind == trace.BySegment {
		m.Index--
	}
	return m, nil
}

func (d *decoder) received(b []byte, e *trace.Event) error {
	var l received
	if err := unmarshal(b, d.lax, &l); err != nil {
		return err
	}
	if err := d.known(l.Segment); err != nil {
		return err
	}
	e.At, e.Index = l.At, l.Segment-1
	s := &d.t.Segments[e.Index]
	s.Arrived, s.ReceivedAt = true, l.At
	return nil
}

func (d *decoder) lost(b []byte, e *trace.Event) error {
	var l lost
	if err := unmarshal(b, d.lax, &l); err != nil {
		return err
	}
	if err := d.known(l.Segment); err != nil {
		return err
	}
	e.At, e.Index = l.At, l.Segment-1
	s := &d.t.Segments[e.Index]
	switch {
	case l.Rule == "":
		return errors.New("no rule")
	case s.Lost != "" && s.Lost != l.Rule:
		return fmt.Errorf("segment %d was lost before, by %q", l.Segment, s.Lost)
	}
	s.Lost = l.Rule
	return nil
}

func (d *decoder) known(segment int) error {
	if segment < 1 || segment > d.segments {
		return fmt.Errorf("segment %d does not exist (%d known here)", segment, d.segments)
	}
	return nil
}

func (d *decoder) change(b []byte, e *trace.Event) error {
	var l change
	if err := unmarshal(b, d.lax, &l); err != nil {
		return err
	}
	by, err := l.Trigger.model()
	if err != nil {
		return err
	}
	conn, err := d.connRef(l.Conn)
	if err != nil {
		return err
	}
	if err := d.trigger(by); err != nil {
		return err
	}
	on, err := d.hostNamed(l.Host)
	if err != nil {
		return err
	}
	tr := trace.Transition{
		Host: on, Endpoint: l.Endpoint, Conn: conn, From: stack.State(l.From), To: stack.State(l.To),
		Trigger: by, Orphan: l.Orphan, Unread: l.Unread,
	}
	e.At, e.Index = l.At, len(d.t.Transitions)
	d.t.Transitions = append(d.t.Transitions, tr)
	return nil
}

func (d *decoder) fired(b []byte, e *trace.Event) error {
	var l timer
	if err := unmarshal(b, d.lax, &l); err != nil {
		return err
	}
	if err := d.inOrder(l.Timer, d.timers); err != nil {
		return err
	}
	conn, err := d.connRef(l.Conn)
	if err != nil {
		return err
	}
	on, err := d.hostNamed(l.Host)
	if err != nil {
		return err
	}
	d.timers++
	e.At, e.Index = l.At, l.Timer
	d.t.Timers = append(d.t.Timers, trace.Timer{Host: on, Conn: conn, Name: l.Name})
	return nil
}

func (d *decoder) noted(b []byte, e *trace.Event) error {
	var l note
	if err := unmarshal(b, d.lax, &l); err != nil {
		return err
	}
	if err := d.inOrder(l.Note, d.notes); err != nil {
		return err
	}
	on, err := d.hostNamed(l.Host)
	if err != nil {
		return err
	}
	d.notes++
	e.At, e.Index = l.At, l.Note
	d.t.Notes = append(d.t.Notes, trace.Note{Kind: trace.NoteKind(l.Kind), Host: on, Text: l.Text})
	return nil
}

func (d *decoder) inOrder(is, want int) error {
	if is != want {
		return fmt.Errorf("wrong order: number %d, where %d comes next", is, want)
	}
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
		on, err := d.hostNamed(p.Host)
		if err != nil {
			return err
		}
		out := trace.Process{Name: p.Name, Host: on, Status: p.Status, Signal: p.Signal}
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

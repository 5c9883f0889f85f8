package jsonl

import (
	"errors"
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

func (e *encoder) event(ev trace.Event) error {
	if err := e.advance(ev.At); err != nil {
		return err
	}
	switch ev.Kind {
	case trace.Sent:
		return e.sent(ev)
	case trace.Received, trace.Lost:
		return e.fate(ev)
	case trace.CallBegin:
		return e.call(ev)
	case trace.CallEnd:
		return e.ret(ev)
	case trace.Changed:
		return e.change(ev)
	case trace.Fired:
		return e.fired(ev)
	case trace.Noted:
		return e.noted(ev)
	}
	return fmt.Errorf("unknown kind %d", ev.Kind)
}

// appears checks the index of an event that shows something for the first
// time: the reader counts them, so they must come in order.
func (e *encoder) appears(what string, index, shown, has int) error {
	if err := e.next(what, index, shown); err != nil {
		return err
	}
	return inRange(what, index, has)
}

func (e *encoder) sent(ev trace.Event) error {
	if err := e.appears("segment", ev.Index, e.segments, len(e.t.Segments)); err != nil {
		return err
	}
	s := &e.t.Segments[ev.Index]
	if s.Number != ev.Index+1 || s.SentAt != ev.At {
		return fmt.Errorf("segment #%d at %d ns: number or time are not those of its event", s.Number, s.SentAt)
	}
	from, err1 := e.host(s.From)
	to, err2 := e.host(s.To)
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("segment #%d: %w", s.Number, err)
	}
	if err := e.segment(s); err != nil {
		return fmt.Errorf("segment #%d: %w", s.Number, err)
	}
	passed, err := e.passage(s)
	if err != nil {
		return err
	}
	e.segments++
	line := sent{
		Type: ev.Kind.String(), At: ev.At, Segment: s.Number, From: from, To: to, Link: s.Link, Conn: s.Conn, Flags: flags(s.Flags),
		Seq: s.Seq, Ack: s.Ack, RawSeq: s.RawSeq, RawAck: s.RawAck, Len: s.Len, Window: s.Window,
		Injected: s.Injected, CopyOf: s.CopyOf, Acts: s.Acts, PassedAt: passed, Retransmission: s.Retransmission, Probe: s.Probe,
		Trigger: triggerOf(s.Trigger), Cause: (*cause)(s.Cause), Frame: s.Frame, Damaged: s.Damaged,
	}
	texts := append([]string{s.Injected}, s.Acts...)
	if s.Cause != nil {
		texts = append(texts, s.Cause.ID, s.Cause.Text, s.Cause.Source)
	}
	return e.put(&line, texts...)
}

// passage gives when a segment got to the middlebox, nil when it did not.
func (e *encoder) passage(s *trace.Segment) (*time.Duration, error) {
	all := e.t.Passages
	if e.passages == len(all) || all[e.passages].Segment != s.Number {
		return nil, nil
	}
	p := &all[e.passages]
	e.passages++
	return &p.At, passage(e.t, s, p.At)
}

// triggerOf turns an index into what a reader sees: segments have numbers.
func triggerOf(t trace.Trigger) *trigger {
	i := t.Index
	switch t.Kind {
	case trace.ByCall:
		return &trigger{Call: &i}
	case trace.BySegment:
		i++
		return &trigger{Segment: &i}
	case trace.ByTimer:
		return &trigger{Timer: &i}
	case trace.ByNote:
		return &trigger{Note: &i}
	}
	return nil
}

func (e *encoder) fate(ev trace.Event) error {
	if err := inRange("segment", ev.Index, e.segments); err != nil {
		return err
	}
	s := &e.t.Segments[ev.Index]
	if ev.Kind == trace.Received {
		e.noteArrival(ev.Index, ev.At)
		return e.put(&received{Type: ev.Kind.String(), At: ev.At, Segment: s.Number})
	}
	if s.Lost == "" {
		return fmt.Errorf("segment #%d is lost, but by no rule", s.Number)
	}
	e.noteLoss(ev.Index)
	return e.put(&lost{Type: ev.Kind.String(), At: ev.At, Segment: s.Number, Rule: s.Lost}, s.Lost)
}

func (e *encoder) change(ev trace.Event) error {
	if err := e.appears("transition", ev.Index, e.transitions, len(e.t.Transitions)); err != nil {
		return err
	}
	tr := &e.t.Transitions[ev.Index]
	if err := errors.Join(e.conn(tr.Conn), e.trigger(tr.Trigger)); err != nil {
		return err
	}
	on, err := e.host(tr.Host)
	if err != nil {
		return err
	}
	e.transitions++
	return e.put(&change{
		Type: ev.Kind.String(), At: ev.At, Host: on, Endpoint: tr.Endpoint, Conn: optional(tr.Conn),
		From: state(tr.From), To: state(tr.To), Trigger: triggerOf(tr.Trigger), Orphan: tr.Orphan, Unread: tr.Unread,
	})
}

func (e *encoder) fired(ev trace.Event) error {
	if err := e.appears("timer", ev.Index, e.timers, len(e.t.Timers)); err != nil {
		return err
	}
	f := &e.t.Timers[ev.Index]
	if err := e.conn(f.Conn); err != nil {
		return err
	}
	on, err := e.host(f.Host)
	if err != nil {
		return err
	}
	e.timers++
	return e.put(&timer{
		Type: ev.Kind.String(), At: ev.At, Timer: ev.Index, Host: on, Conn: optional(f.Conn), Name: f.Name,
	}, f.Name)
}

func (e *encoder) noted(ev trace.Event) error {
	if err := e.appears("note", ev.Index, e.notes, len(e.t.Notes)); err != nil {
		return err
	}
	n := &e.t.Notes[ev.Index]
	on, err := e.host(n.Host)
	if err != nil {
		return err
	}
	e.notes++
	return e.put(&note{
		Type: ev.Kind.String(), At: ev.At, Note: ev.Index, Kind: kind(n.Kind), Host: on, Text: n.Text,
	}, n.Text)
}

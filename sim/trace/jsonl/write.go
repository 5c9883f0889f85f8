package jsonl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// maxLine bounds a line, newline included. The longest that a run makes holds
// one datagram: 64 KiB, a third more in base64.
const maxLine = 16 << 20

// Write writes the whole trace. The same trace gives the same bytes.
//
// Besides what w returns, an error says that the trace contradicts itself, as
// only one that was put together by hand can: an event that points nowhere, a
// segment that arrived without an event of its arrival, text that is not UTF-8.
func Write(w io.Writer, t *trace.Trace) error {
	e := encoder{t: t, out: bufio.NewWriter(w)}
	e.json = json.NewEncoder(&e.line)
	e.json.SetEscapeHTML(false) // people read "a > b"
	if err := e.header(); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	for i, ev := range t.Events {
		if err := e.event(ev); err != nil {
			return fmt.Errorf("event %d: %w", i, err)
		}
	}
	if err := e.complete(); err != nil {
		return err
	}
	if err := e.end(); err != nil {
		return fmt.Errorf("end: %w", err)
	}
	return e.out.Flush()
}

type encoder struct {
	t    *trace.Trace
	out  *bufio.Writer
	json *json.Encoder
	line bytes.Buffer
	fates
}

func (e *encoder) put(line any, texts ...string) error {
	if err := text(texts...); err != nil {
		return err
	}
	e.line.Reset()
	if err := e.json.Encode(line); err != nil {
		return err
	}
	if e.line.Len() > maxLine {
		return fmt.Errorf("a line of %d bytes: at most %d can be read", e.line.Len(), maxLine)
	}
	_, err := e.out.Write(e.line.Bytes())
	return err
}

func (e *encoder) header() error {
	t := e.t
	e.conns = len(t.Conns)
	h := header{
		Type: fileType, Version: fmt.Sprintf("%d.%d", major, minor),
		Scenario: t.Scenario, Title: t.Title, Seed: t.Seed, Hosts: []host{},
	}
	texts := []string{h.Scenario, h.Title}
	for _, one := range t.Hosts {
		if err := e.meet(one.Name); err != nil {
			return err
		}
		h.Hosts = append(h.Hosts, host(one))
		texts = append(texts, one.Name)
	}
	for i := range t.Links {
		l := &t.Links[i]
		e.links = append(e.links, *l)
		a, err1 := e.host(l.A)
		b, err2 := e.host(l.B)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("link %d: %w", i, err)
		}
		h.Links = append(h.Links, link{A: a, B: b, Text: l.Text, Middlebox: l.Middlebox})
		texts = append(texts, l.Text, l.Middlebox)
	}
	h.Stack = t.Stack
	texts = append(texts, t.Stack)
	if !t.Start.IsZero() {
		h.Start = t.Start.UTC().Format(time.RFC3339Nano)
	}
	for i := range t.Conns {
		c := &t.Conns[i]
		a, err1 := e.connEnd(&c.A)
		b, err2 := e.connEnd(&c.B)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		h.Conns = append(h.Conns, conn{A: a, B: b})
	}
	return e.put(&h, texts...)
}

func (e *encoder) connEnd(of *trace.End) (out connEnd, err error) {
	out.Addr = of.Addr
	if out.Host, err = e.host(of.Host); err != nil {
		return out, err
	}
	switch {
	case of.Known:
		out.ISN = &of.ISN
	case of.ISN != 0:
		return out, errors.New("an initial sequence number that is not known")
	}
	return out, portAlone(of.Addr)
}

func portAlone(a netip.AddrPort) error {
	if !a.Addr().IsValid() && a != (netip.AddrPort{}) {
		return errors.New("a port without an address")
	}
	return nil
}

func (e *encoder) end() error {
	t := e.t
	if err := e.advance(t.End); err != nil {
		return err
	}
	line := end{Type: "end", At: t.End, Stopped: t.Stopped, Processes: []process{}}
	texts := []string{t.Stopped}
	for i := range t.Processes {
		p := &t.Processes[i]
		on, err := e.host(p.Host)
		if err != nil {
			return fmt.Errorf("process %d: %w", i, err)
		}
		out := process{Name: p.Name, Host: on, Status: p.Status, Signal: p.Signal}
		switch {
		case p.Ended:
			out.EndedAt = &p.EndAt
		case p.EndAt != 0:
			return fmt.Errorf("process %d has not ended but has an end", i)
		}
		line.Processes = append(line.Processes, out)
		texts = append(texts, p.Name, p.Signal)
	}
	return e.put(&line, texts...)
}

var errIncomplete = errors.New("is not in the order of the events")

// complete checks that the events have shown everything there is.
func (e *encoder) complete() error {
	t := e.t
	for _, c := range []struct {
		what       string
		shown, has int
	}{
		{"segment", e.segments, len(t.Segments)},
		{"call", e.calls, len(t.Calls)},
		{"transition", e.transitions, len(t.Transitions)},
		{"timer", e.timers, len(t.Timers)},
		{"note", e.notes, len(t.Notes)},
		{"passage", e.passages, len(t.Passages)},
	} {
		if c.shown != c.has {
			return fmt.Errorf("%s %d of %d %w", c.what, c.shown, c.has, errIncomplete)
		}
	}
	if err := passages(t); err != nil {
		return err
	}
	return e.check(t)
}

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
		Scenario: t.Scenario, Title: t.Title, Seed: t.Seed, Link: t.Link, Middlebox: t.Middlebox,
		Hosts: hosts{Client: host(t.Hosts[trace.Client]), Server: host(t.Hosts[trace.Server])},
	}
	if !t.Start.IsZero() {
		h.Start = t.Start.UTC().Format(time.RFC3339Nano)
	}
	for i := range t.Conns {
		c := &t.Conns[i]
		for side, addr := range c.Addr {
			if !addr.Addr().IsValid() && addr != (netip.AddrPort{}) {
				return fmt.Errorf("connection %d: a port without an address", i)
			}
			if !c.Known[side] && c.ISN[side] != 0 {
				return fmt.Errorf("connection %d: an initial sequence number that is not known", i)
			}
		}
		h.Conns = append(h.Conns, conn{
			Client: c.Addr[trace.Client], ClientISN: isn(c, trace.Client),
			Server: c.Addr[trace.Server], ServerISN: isn(c, trace.Server),
		})
	}
	return e.put(&h, h.Scenario, h.Title, h.Link, h.Middlebox, h.Hosts.Client.Name, h.Hosts.Server.Name)
}

func isn(c *trace.Conn, side trace.Side) *uint32 {
	if !c.Known[side] {
		return nil
	}
	return &c.ISN[side]
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
		out := process{Name: p.Name, Host: side(p.Host), Status: p.Status, Signal: p.Signal}
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

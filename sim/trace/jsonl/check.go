package jsonl

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// seen is how far a file has got, while it is written or read. Both sides
// check the same, so that whatever is written can be read.
type seen struct {
	at                             time.Duration
	hosts                          []string
	links                          []trace.Link
	conns                          int
	segments, calls, timers, notes int
}

// advance checks that time does not go back.
func (s *seen) advance(at time.Duration) error {
	if at < s.at {
		return fmt.Errorf("wrong order: at %d ns comes after %d ns", at, s.at)
	}
	s.at = at
	return nil
}

// meet notes a host of the header: others refer to it by its name.
func (s *seen) meet(name string) error {
	if slices.Contains(s.hosts, name) {
		return fmt.Errorf("two hosts are named %q", name)
	}
	s.hosts = append(s.hosts, name)
	return nil
}

// host is the name of a host.
func (s *seen) host(i trace.Side) (string, error) {
	if err := inRange("host", int(i), len(s.hosts)); err != nil {
		return "", err
	}
	return s.hosts[i], nil
}

// hostNamed finds a host by its name.
func (s *seen) hostNamed(name string) (trace.Side, error) {
	i := slices.Index(s.hosts, name)
	if i < 0 {
		return 0, fmt.Errorf("host %q: want one of the header: %s", name, strings.Join(s.hosts, ", "))
	}
	return trace.Side(i), nil
}

func inRange(what string, i, n int) error {
	if i < 0 || i >= n {
		return fmt.Errorf("%s %d does not exist (%d known here)", what, i, n)
	}
	return nil
}

// conn checks a reference to a connection that may be none.
func (s *seen) conn(i int) error {
	if i == none {
		return nil
	}
	return inRange("connection", i, s.conns)
}

// connRef reads such a reference.
func (s *seen) connRef(p *int) (int, error) {
	if p == nil {
		return none, nil
	}
	return *p, inRange("connection", *p, s.conns)
}

// trigger checks that what triggered something had happened by then.
func (s *seen) trigger(t trace.Trigger) error {
	switch t.Kind {
	case trace.ByNothing:
		if t.Index != 0 {
			return fmt.Errorf("trigger %d of no kind", t.Index)
		}
		return nil
	case trace.ByCall:
		return inRange("trigger: call", t.Index, s.calls)
	case trace.BySegment:
		if t.Index < 0 || t.Index >= s.segments {
			return fmt.Errorf("trigger: segment %d does not exist (%d known here)", t.Index+1, s.segments)
		}
		return nil
	case trace.ByTimer:
		return inRange("trigger: timer", t.Index, s.timers)
	case trace.ByNote:
		return inRange("trigger: note", t.Index, s.notes)
	}
	return fmt.Errorf("trigger of unknown kind %d", t.Kind)
}

// segment checks what a segment says of itself against its frame. A frame that
// can not be parsed, as of a capture that was cut, says nothing.
func (s *seen) segment(g *trace.Segment) error {
	if g.Len < 0 || g.Len > len(g.Frame) {
		return fmt.Errorf("len %d does not fit into a frame of %d bytes", g.Len, len(g.Frame))
	}
	if err := inRange("connection", g.Conn, s.conns); err != nil {
		return err
	}
	if err := inRange("link", int(g.Link), len(s.links)); err != nil {
		return err
	}
	if l := &s.links[g.Link]; (g.From != l.A || g.To != l.B) && (g.From != l.B || g.To != l.A) {
		return fmt.Errorf("link %d does not lead from %s to %s", g.Link, s.hosts[g.From], s.hosts[g.To])
	}
	if err := s.trigger(g.Trigger); err != nil {
		return err
	}
	if g.CopyOf < 0 || g.CopyOf > s.segments {
		return fmt.Errorf("copy of segment %d, which does not exist (%d known here)", g.CopyOf, s.segments)
	}
	w, err := wire.Parse(g.Frame)
	if err != nil {
		return nil
	}
	differ := func(field string, is, frame any) error {
		return fmt.Errorf("%s is %v, but %v in the frame", field, is, frame)
	}
	switch {
	case g.Flags != w.Flags:
		return differ("flags", g.Flags, w.Flags)
	case g.RawSeq != w.Seq:
		return differ("raw_seq", g.RawSeq, w.Seq)
	case g.RawAck != w.Ack:
		return differ("raw_ack", g.RawAck, w.Ack)
	case g.Len != len(w.Payload):
		return differ("len", g.Len, len(w.Payload))
	case g.Window != w.Window:
		return differ("window", g.Window, w.Window)
	}
	return nil
}

// passage checks when a segment got to the middlebox.
func passage(t *trace.Trace, s *trace.Segment, at time.Duration) error {
	switch {
	case t.Links[s.Link].Middlebox == "":
		return fmt.Errorf("segment %d got to a middlebox, but there is none", s.Number)
	case at < s.SentAt:
		return fmt.Errorf("segment %d got to the middlebox at %d ns, before it was sent", s.Number, at)
	}
	return nil
}

// passages checks that what got to the middlebox did so before the end.
func passages(t *trace.Trace) error {
	for _, p := range t.Passages {
		if p.At > t.End {
			return fmt.Errorf("segment %d got to the middlebox at %d ns, after the end", p.Segment, p.At)
		}
	}
	return nil
}

var errText = errors.New("text that is not UTF-8 can not be written as JSON")

// text checks what JSON would change silently.
func text(ss ...string) error {
	for _, s := range ss {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%w: %q", errText, s)
		}
	}
	return nil
}

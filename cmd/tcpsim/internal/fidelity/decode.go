package fidelity

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func (in *rawCall) parse() (c Call, err error) {
	if in.T == nil || in.End == nil {
		return c, errors.New("t or t_end is missing")
	}
	if c.Begin, err = seconds(*in.T); err != nil {
		return c, fmt.Errorf("t: %w", err)
	}
	if c.End, err = seconds(*in.End); err != nil {
		return c, fmt.Errorf("t_end: %w", err)
	}
	if c.End < c.Begin {
		return c, fmt.Errorf("t_end %v is before t %v", *in.End, *in.T)
	}
	if c.By, c.Boot, err = actor(in.Host); err != nil {
		return c, err
	}
	if in.Call == "" {
		return c, errors.New("call is missing")
	}
	c.Name = in.Call
	if in.Socket != "-" {
		c.Socket = in.Socket
	}
	for i, raw := range in.Args {
		var a Arg
		if err := json.Unmarshal(raw, &a.Number); err != nil {
			a.IsText = true
			if err := json.Unmarshal(raw, &a.Text); err != nil {
				return c, fmt.Errorf("%s: argument %d is %s: want a whole number or a text", c.Name, i+1, raw)
			}
		}
		c.Args = append(c.Args, a)
	}
	if in.Errno != nil {
		c.Errno = *in.Errno
		return c, nil
	}
	if c.Result, err = result(in.Result); err != nil {
		return c, fmt.Errorf("%s: result: %w", c.Name, err)
	}
	return c, nil
}

// actor reads A, B and net; a number behind a host counts its boots: B2 is B
// after its first reboot.
func actor(s string) (Actor, int, error) {
	bad := fmt.Errorf("host %q: want A, B or net, or A2 for A after a reboot", s)
	if s == "net" {
		return Experimenter, 0, nil
	}
	if s == "" {
		return 0, 0, bad
	}
	boot := 1
	if rest := s[1:]; rest != "" {
		var err error
		if boot, err = strconv.Atoi(rest); err != nil || boot < 1 || boot > 100 {
			return 0, 0, bad
		}
	}
	switch s[0] {
	case 'A':
		return Client, boot - 1, nil
	case 'B':
		return Server, boot - 1, nil
	}
	return 0, 0, bad
}

func result(raw json.RawMessage) (r Result, err error) {
	text := strings.TrimSpace(string(raw))
	switch {
	case text == "" || text == "null":
		return r, errors.New("it is missing, and so is errno")
	case text[0] == '"':
		r.Kind = TextResult
		err = json.Unmarshal(raw, &r.Text)
	case text[0] == '[':
		r.Kind = ListResult
		var items []any
		if err = json.Unmarshal(raw, &items); err == nil {
			for _, it := range items {
				r.List = append(r.List, fmt.Sprint(it))
			}
		}
	case text[0] == '{':
		r.Kind = DataResult
		var data struct {
			N    *int   `json:"n"`
			Data string `json:"data"`
			End  string `json:"end"`
		}
		if err = json.Unmarshal(raw, &data); err == nil && data.N == nil {
			err = errors.New("n is missing")
		}
		if err == nil {
			r.Number, r.Data, r.End = *data.N, data.Data, data.End
		}
	default:
		err = json.Unmarshal(raw, &r.Number)
	}
	return r, err
}

func (in *rawSegment) parse() (s Segment, err error) {
	if in.T == nil {
		return s, errors.New("t is missing")
	}
	if s.Sent, err = seconds(*in.T); err != nil {
		return s, fmt.Errorf("t: %w", err)
	}
	if in.Received != nil {
		s.Arrived = true
		if s.Received, err = seconds(*in.Received); err != nil {
			return s, fmt.Errorf("t_rx: %w", err)
		}
		if s.Received < s.Sent {
			return s, fmt.Errorf("t_rx %v is before t %v", *in.Received, *in.T)
		}
	}
	from, _, err := actor(in.From)
	if err != nil || from == Experimenter {
		return s, fmt.Errorf("from %q: want A or B", in.From)
	}
	s.From = from.Side()
	a, b, _ := strings.Cut(in.Conn, ">")
	for side, text := range [2]string{a, b} {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return s, fmt.Errorf("conn %q: want the two ports, such as 40001>8080", in.Conn)
		}
		s.Ports[side] = uint16(port)
	}
	if in.Flags == nil || in.Seq == nil {
		return s, errors.New("flags or seq is missing")
	}
	if s.Flags, err = flagsOf(*in.Flags); err != nil {
		return s, err
	}
	if s.Flags.Has(wire.ACK) != (in.Ack != nil) {
		return s, fmt.Errorf("flags %q: an ack number belongs to A, and A to an ack number", *in.Flags)
	}
	if in.Len < 0 || in.Len > math.MaxUint16 {
		return s, fmt.Errorf("len %d: want 0 to %d", in.Len, math.MaxUint16)
	}
	s.Seq, s.Len, s.Window, s.Options, s.Data = *in.Seq, in.Len, in.Window, in.Options, in.Data
	if in.Ack != nil {
		s.Ack = *in.Ack
	}
	s.Lost, s.Injected = in.Lost, in.Injected
	return s, nil
}

// flagsOf reads the recording's letters: A is ACK there, and a dot alone is no
// flag at all.
func flagsOf(s string) (wire.Flags, error) {
	if s == "." {
		return 0, nil
	}
	return wire.ParseFlags(s)
}

// sideName is the recording's name of a side.
func sideName(s trace.Side) string { return [2]string{"A", "B"}[s] }

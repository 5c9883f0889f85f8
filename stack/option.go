package stack

import (
	"fmt"
	"strconv"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// Linger is struct linger: SO_LINGER's value.
type Linger struct {
	On   bool
	Time time.Duration // whole seconds on Linux
}

// Value is what getsockopt gives and setsockopt takes. Which field holds it
// depends on the option: Int for numbers and switches (in the option's unit),
// Linger for SO_LINGER, Time for the two timeouts, Text for names.
type Value struct {
	Int    int
	Linger Linger
	Time   time.Duration
	Text   string
	Kind   ValueKind
}

// ValueKind says which field of a Value counts.
type ValueKind uint8

// The kinds of option values.
const (
	KindInt ValueKind = iota
	KindLinger
	KindTime
	KindText
)

// Only is the value without the fields that do not count.
func (v Value) Only() Value {
	switch v.Kind {
	case KindLinger:
		return Value{Kind: v.Kind, Linger: v.Linger}
	case KindTime:
		return Value{Kind: v.Kind, Time: v.Time}
	case KindText:
		return Value{Kind: v.Kind, Text: v.Text}
	}
	return Value{Kind: v.Kind, Int: v.Int}
}

// String prints the value as strace does.
func (v Value) String() string {
	switch v.Kind {
	case KindLinger:
		on := 0
		if v.Linger.On {
			on = 1
		}
		return fmt.Sprintf("{l_onoff=%d, l_linger=%d}", on, int(v.Linger.Time/time.Second))
	case KindTime:
		return fmt.Sprintf("{tv_sec=%d, tv_usec=%d}", v.Time/time.Second, v.Time%time.Second/time.Microsecond)
	case KindText:
		return v.Text
	}
	return strconv.Itoa(v.Int)
}

// options is what a socket remembers by itself: to answer getsockopt, to give
// to the sockets that it accepts, and to set again after a disconnect.
type options struct {
	linger      Linger
	recvTimeout time.Duration
	sendTimeout time.Duration
	synRetries  int
	set         map[string]Value
}

// apply sets everything again on a fresh endpoint.
func (o *options) apply(s *Socket) {
	for _, opt := range sockopts { // the table's order, not the map's
		if v, ok := o.set[opt.name]; ok {
			opt.set(s, v)
		}
	}
	s.rec.watch()
}

// inherit gives an accepted socket what Linux's sk_clone copies from the
// listener and gVisor does not.
func (o *options) inherit(s *Socket) {
	inherited := o.set
	o.set = nil
	for _, opt := range sockopts {
		if v, ok := inherited[opt.name]; ok && opt.inherited {
			opt.set(s, v)
			s.remember(opt.name, v)
		}
	}
	s.rec.watch()
}

func (s *Socket) remember(name string, v Value) {
	if s.opts.set == nil {
		s.opts.set = make(map[string]Value)
	}
	s.opts.set[name] = v
}

// Options lists the names that SetOption and Option know.
func Options() []string {
	names := make([]string, len(sockopts))
	for i, o := range sockopts {
		names[i] = o.name
	}
	return names
}

// KindOf is the kind of value that an option has; KindInt for an unknown one.
func KindOf(name string) ValueKind {
	for _, o := range sockopts {
		if o.name == name {
			return o.kind
		}
	}
	return KindInt
}

// UnitOf is what the number counts that an option takes, where that is time: a
// second for TCP_KEEPIDLE, a millisecond for TCP_USER_TIMEOUT (tcp(7)). It is
// zero for every other option, and for SO_RCVTIMEO and SO_SNDTIMEO, whose value
// is a time and no number.
func UnitOf(name string) time.Duration {
	for _, o := range sockopts {
		if o.name == name {
			return o.unit
		}
	}
	return 0
}

// SetOption is setsockopt: ENOPROTOOPT for an option that gVisor does not
// have or that cannot be set, EINVAL or EDOM for a value out of range.
func (s *Socket) SetOption(name string, v Value) Errno {
	for _, o := range sockopts {
		if o.name != name || o.set == nil {
			continue
		}
		if v.Kind != o.kind {
			return EINVAL
		}
		if o.kind == KindInt && (v.Int < o.low || v.Int > o.high) {
			return EINVAL
		}
		if err := o.set(s, v); err != OK {
			return err
		}
		s.remember(name, v)
		s.rec.keepaliveOption(name)
		return OK
	}
	return ENOPROTOOPT
}

// Option is getsockopt. SO_ERROR reports the pending error, by number, and
// clears it.
func (s *Socket) Option(name string) (Value, Errno) {
	for _, o := range sockopts {
		if o.name == name {
			v, err := o.get(s)
			v.Kind = o.kind
			return v, err
		}
	}
	return Value{}, ENOPROTOOPT
}

func (s *Socket) intOption(o tcpip.SockOptInt) (Value, Errno) {
	n, err := s.ep.GetSockOptInt(o)
	return Value{Int: n}, errnoOf(err)
}

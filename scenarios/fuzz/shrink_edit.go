package fuzz

import (
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// rename gives every step that names a port another one, so that two findings
// that differ in nothing else become one.
func rename(c *model.Case, from, to uint16) (changed bool) {
	for i := 0; stepAt(c, i) != nil; i++ {
		s := stepAt(c, i)
		if s.Address.Port == from {
			s.Address.Port, changed = to, true
		}
		if s.Inject == nil {
			continue
		}
		in := *s.Inject
		for _, p := range []**uint16{&in.SourcePort, &in.DestinationPort} {
			if *p != nil && **p == from {
				*p, changed = new(to), true
			}
		}
		s.Inject = &in
	}
	return changed
}

// number is an edit of a forged segment: the first of a few values that will do.
func number(of func(in *model.Inject) **uint32, to uint32) func(*model.Step) bool {
	return func(s *model.Step) bool {
		if s.Inject == nil {
			return false
		}
		in := *s.Inject
		p := of(&in)
		if *p == nil || **p <= to {
			return false
		}
		*p, s.Inject = new(to), &in
		return true
	}
}

// set is an edit that gives something a plainer value, where it has another.
func set[V comparable](of func(c *model.Case) *V, to V) func(*model.Case) bool {
	return func(c *model.Case) bool {
		p := of(c)
		changed := *p != to
		*p = to
		return changed
	}
}

// plainWay is a direction that does nothing but to take its time.
var plainWay = model.Direction{Latency: model.DefaultLatency}

var caseEdits = append([]func(*model.Case) bool{
	func(c *model.Case) bool {
		changed := len(c.Link.Drop)+len(c.Link.Rules) > 0 || !plain(&c.Link.ClientToServer) || !plain(&c.Link.ServerToClient)
		c.Link = model.Link{ClientToServer: plainWay, ServerToClient: plainWay}
		return changed
	},
	set(func(c *model.Case) *link.Middlebox { return &c.Link.Middlebox }, link.Middlebox{}),
	set(func(c *model.Case) *int { return &c.IP }, 4),
	func(c *model.Case) bool { return eachProcess(c, func(p *model.Process) bool { return zero(&p.Start) }) },
	func(c *model.Case) bool {
		return eachProcess(c, func(p *model.Process) bool { return zero(&p.AtBoot) })
	},
	func(c *model.Case) bool {
		return eachProcess(c, func(p *model.Process) bool { return zero(&p.IgnoreSIGPIPE) })
	},
	earlier(time.Second), earlier(time.Minute), earlier(10 * time.Minute),
	func(c *model.Case) bool { return rename(c, 8081, 8080) },
	func(c *model.Case) bool { return rename(c, 40001, 40000) },
}, append(wayEdits(func(c *model.Case) *model.Direction { return &c.Link.ClientToServer }),
	wayEdits(func(c *model.Case) *model.Direction { return &c.Link.ServerToClient })...)...)

// earlier ends the run earlier: a ladder of two hours is not easily read.
func earlier(d time.Duration) func(*model.Case) bool {
	return func(c *model.Case) bool {
		changed := d < c.Until
		c.Until = min(c.Until, d)
		return changed
	}
}

func wayEdits(of func(c *model.Case) *model.Direction) []func(*model.Case) bool {
	return []func(*model.Case) bool{
		func(c *model.Case) bool {
			changed := !plain(of(c))
			*of(c) = plainWay
			return changed
		},
		set(func(c *model.Case) *time.Duration { return &of(c).Latency }, model.DefaultLatency),
		set(func(c *model.Case) *float64 { return &of(c).Loss }, 0),
		set(func(c *model.Case) *time.Duration { return &of(c).Jitter }, 0),
		set(func(c *model.Case) *float64 { return &of(c).Corrupt }, 0),
		set(func(c *model.Case) *float64 { return &of(c).Duplicate }, 0),
		set(func(c *model.Case) *float64 { return &of(c).Reorder }, 0),
		set(func(c *model.Case) *link.GilbertElliott { return &of(c).Burst }, link.GilbertElliott{}),
		set(func(c *model.Case) *int { return &of(c).MTU }, 0),
		func(c *model.Case) bool {
			d := of(c)
			changed := d.Rate != 0
			d.Rate, d.Queue = 0, link.Queue{}
			return changed
		},
		func(c *model.Case) bool {
			d := of(c)
			changed := d.Distribution != link.Uniform
			d.Distribution, d.Delays = link.Uniform, nil
			return changed
		},
		set(func(c *model.Case) *link.Queue { return &of(c).Queue }, link.Queue{}),
	}
}

func plain(d *model.Direction) bool {
	return d.Latency == model.DefaultLatency && d.Jitter == 0 && len(d.Delays) == 0 && d.Loss == 0 &&
		d.Burst == link.GilbertElliott{} && d.Duplicate == 0 && d.Reorder == 0 && d.Corrupt == 0 && d.Rate == 0 && d.MTU == 0
}

func eachProcess(c *model.Case, f func(*model.Process) bool) (changed bool) {
	for _, h := range []*model.Host{&c.Server, &c.Client} {
		for i := range h.Processes {
			changed = f(&h.Processes[i]) || changed
		}
	}
	return changed
}

func zero[V comparable](p *V) bool {
	var z V
	changed := *p != z
	*p = z
	return changed
}

// stepEdits make one step plainer. Each is repeated as long as it helps.
var stepEdits = []func(*model.Step) bool{
	func(s *model.Step) bool { return zero(&s.Flags) },
	func(s *model.Step) bool { return zero(&s.Until) },
	func(s *model.Step) bool { return zero(&s.Label) },
	func(s *model.Step) bool {
		changed := s.Nonblock != nil && s.Verb != model.VerbFcntl
		s.Nonblock = fcntlOnly(s)
		return changed
	},
	func(s *model.Step) bool { return zero(&s.Timeout) },
	func(s *model.Step) bool { return s.Verb == model.VerbRecv && to(&s.Size, 4096) },
	func(s *model.Step) bool { return s.Verb == model.VerbListen && to(&s.Backlog, 128) },
	func(s *model.Step) bool { return zero(&s.Status) },
	func(s *model.Step) bool {
		changed := s.Verb == model.VerbSend && len(s.Data) > 1
		if changed {
			s.Data = s.Data[:len(s.Data)/2]
		}
		return changed
	},
	func(s *model.Step) bool {
		changed := s.Bytes > 1
		if changed {
			s.Bytes /= 2
		}
		return changed
	},
	func(s *model.Step) bool { return s.Verb == model.VerbSleep && shorter(&s.Duration) },
	func(s *model.Step) bool {
		if s.Inject == nil || len(s.Inject.Data) == 0 {
			return false
		}
		in := *s.Inject
		in.Data, s.Inject = nil, &in
		return true
	},
	number(func(in *model.Inject) **uint32 { return &in.Seq }, 1),
	number(func(in *model.Inject) **uint32 { return &in.Ack }, 1),
	number(func(in *model.Inject) **uint32 { return &in.Ack }, 2),
	func(s *model.Step) bool {
		if s.Inject == nil || s.Inject.Win == nil || *s.Inject.Win == 65535 {
			return false
		}
		in := *s.Inject
		in.Win, s.Inject = new(uint16(65535)), &in
		return true
	},
	func(s *model.Step) bool {
		if s.Inject == nil || s.Inject.Flags == wire.ACK {
			return false
		}
		in := *s.Inject
		in.Flags, s.Inject = wire.ACK, &in
		return true
	},
}

func fcntlOnly(s *model.Step) *bool {
	if s.Verb == model.VerbFcntl {
		return s.Nonblock
	}
	return nil
}

func to[V comparable](p *V, v V) bool {
	changed := *p != v
	*p = v
	return changed
}

// shorter takes the next shorter of a few round times.
func shorter(d *time.Duration) bool {
	for _, t := range []time.Duration{10 * time.Second, time.Second, 100 * time.Millisecond, 50 * time.Millisecond, 10 * time.Millisecond, time.Millisecond} {
		if t < *d {
			*d = t
			return true
		}
	}
	return false
}

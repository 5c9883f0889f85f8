package fidelity

import (
	"slices"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// reason is a known way in which runs differ from recordings, and how to tell
// it from the first difference. Sources are lines of
// gvisor.dev/gvisor/pkg/tcpip/transport/tcp in the version that go.mod pins.
type reason struct {
	id   string // stable: the ledger uses it
	text string
	fits func(*comparison, *difference) bool
}

// The reasons of outcomes for which nothing has to be found out.
const (
	reasonUnknown     = "unknown"
	reasonUnsupported = "unsupported"
)

// Reasons are the texts of the reasons by their identifiers.
func Reasons() map[string]string {
	out := map[string]string{
		reasonUnknown:     "nobody has found out yet",
		reasonUnsupported: "tcpsim cannot do what the recording did",
	}
	for _, r := range reasons {
		out[r.id] = r.text
	}
	return out
}

// explain gives the reason of the first difference.
func (k *comparison) explain() string {
	d := &k.found[0]
	for i := range reasons {
		if reasons[i].fits(k, d) {
			return reasons[i].id
		}
	}
	return reasonUnknown
}

// reasons are tried in their order: the particular before the general.
var reasons = []reason{
	{
		"no-arp", "setting: the recorded hosts resolve addresses with ARP, and a neighbour that does not answer ends the connection with EHOSTUNREACH; tcpsim's link has no neighbours to resolve",
		func(k *comparison, d *difference) bool { return d.call != nil && d.call.Errno == "EHOSTUNREACH" },
	},

	{
		"syn-received-syn", "gVisor: a SYN that comes again in SYN_RECEIVED is out of the window and gets an ACK (connect.go:431); Linux sends its SYN,ACK again (tcp_check_req)",
		func(_ *comparison, d *difference) bool {
			return d.rec != nil && d.own != nil && d.rec.flags == wire.SYN|wire.ACK && d.own.pure()
		},
	},

	{
		"syn-queue", "gVisor: the listener changes over to SYN cookies, which are sent once and not repeated, when as many handshakes are half done as its backlog says (accept.go:489); Linux when it is one more (inet_csk_reqsk_queue_is_full)",
		func(k *comparison, d *difference) bool {
			return k.overflows() && d.rec != nil && d.own == nil && again(d.rec, k.rec, wire.SYN|wire.ACK)
		},
	},

	{
		"abort-on-overflow", "setting: tcp_abort_on_overflow = 1; gVisor drops the ACK that finds the accept queue full (connect.go:497) and has no such setting",
		func(k *comparison, _ *difference) bool { return k.c.setting("tcp_abort_on_overflow", "1") },
	},

	{
		"accept-queue", "gVisor: a listener whose accept queue is full drops the last ACK of a handshake and the SYN of another (connect.go:497, accept.go:465); how many handshakes it has, and which of them it remembers, is not as on Linux",
		func(k *comparison, _ *difference) bool { return k.overflows() },
	},

	{
		"buffer-accounting", "gVisor: SO_SNDBUF and SO_RCVBUF count bytes of data (endpoint.go:1593, endpoint.go:1718), Linux counts the memory that holds them (sk_wmem_queued, tcp_win_from_space): another amount fits, and other windows are offered. With the same amounts the segments would differ all the same: gVisor splits a send for a small window without PSH, fills no segment from the next one (snd.go:865), and probes a closed window with one byte (snd.go:1026), Linux with none",
		func(k *comparison, _ *difference) bool {
			return k.sets("SO_SNDBUF") || k.sets("SO_RCVBUF")
		},
	},

	{
		"no-refill", "gVisor: data of one send is never split to fill up a segment (snd.go:865); Linux fills it with what the next send brings",
		func(k *comparison, _ *difference) bool { return k.unmerged() },
	},

	{
		"abort-form", "gVisor: new data for a connection that its process has closed abort it with [R.], SND.NXT and RCV.NXT (rcv.go:406, rcv.go:435, connect.go:1131); Linux answers with the bare [R] of a closed port, whose sequence number is the ACK of the data (tcp_v4_send_reset)",
		func(k *comparison, d *difference) bool {
			return d.rec != nil && d.own != nil && d.rec.flags == wire.RST && d.own.flags == wire.RST|wire.ACK
		},
	},

	{
		"syn-hurry", "gVisor: an ACK that SYN_SENT refuses sets the SYN timer to two microseconds, and it doubles from there (connect.go:312): 22 SYNs in the first second, where Linux sends one after TCP_TIMEOUT_MIN and goes on (tcp_rcv_synsent_state_process)",
		func(k *comparison, _ *difference) bool { return k.hurried() },
	},

	{
		"syn-sent-rst", "gVisor: a RST without a good ACK is ignored in SYN_SENT (connect.go:292); Linux sends its SYN again at once (TCP_TIMEOUT_MIN)",
		func(k *comparison, d *difference) bool {
			return d.rec != nil && d.rec.flags == wire.SYN && k.injected(wire.RST)
		},
	},

	{
		"syn-doubling", "gVisor: the SYN timer doubles from the first second on (connect.go:731); Linux waits one second four more times first (tcp_syn_linear_timeouts = 4)",
		func(k *comparison, d *difference) bool {
			return !k.c.setting("tcp_syn_linear_timeouts", "0") && (again(d.rec, k.rec, wire.SYN) || again(d.own, k.own, wire.SYN))
		},
	},

	{
		"no-paws", "gVisor: a SYN in TIME_WAIT with a greater sequence number opens a connection whatever its timestamp says (rcv.go:586): there is no PAWS",
		func(k *comparison, d *difference) bool {
			return d.rec != nil && d.rec.pure() && d.own != nil && d.own.flags == wire.SYN|wire.ACK
		},
	},

	{
		"time-wait-syn", "gVisor: a SYN in TIME_WAIT that opens no connection is dropped (rcv.go:590), or meets the closed port behind it; Linux answers with an ACK, which lets the peer tell a duplicate from a new SYN",
		func(k *comparison, d *difference) bool {
			return d.rec != nil && d.rec.pure() && k.inTimeWait(d)
		},
	},

	{
		"time-wait-rst", "gVisor: a RST does not end TIME_WAIT (rcv.go:566), as on Linux with tcp_rfc1337 = 1; the default there is 0",
		func(k *comparison, d *difference) bool {
			return d.call != nil && d.call.Name == "ss" && strings.Contains(d.text, "TIME_WAIT") &&
				!slices.ContainsFunc(d.call.Result.List, func(s string) bool { return strings.HasPrefix(s, "TIME-WAIT") })
		},
	},

	{
		"blind-data", "gVisor: in ESTABLISHED data count whatever they acknowledge (rcv.go:386); Linux refuses an ACK of what was never sent, or of the distant past, with a challenge ACK (RFC 5961 section 5)",
		func(k *comparison, d *difference) bool { return k.blind(d) },
	},

	{
		"fin-alone", "gVisor: a FIN is a segment of its own (snd.go:918); Linux puts it on the data that have to be sent again",
		func(k *comparison, d *difference) bool {
			return d.rec != nil && d.rec.flags.Has(wire.FIN) && d.rec.len > 0
		},
	},

	{
		"silent-linger2", "gVisor: an orphan with a negative TCP_LINGER2 that comes to FIN_WAIT_2 ends in silence (rcv.go:308, connect.go:1478); Linux answers the ACK with a bare [R] (tcp_rcv_state_process)",
		func(k *comparison, d *difference) bool {
			return k.sets("TCP_LINGER2") && d.rec != nil && d.rec.flags.Has(wire.RST)
		},
	},

	{
		"time-wait-port", "gVisor: a bound port of a connection in TIME_WAIT cannot be connected again to the same peer (endpoint.go:2558); it reuses only ports that it chooses by itself, and after a second (endpoint.go:2424). Linux allows it for timestamps that have moved on (tcp_twsk_unique)",
		func(k *comparison, d *difference) bool {
			return d.call != nil && d.call.Name == "connect" && d.got.result == "EADDRNOTAVAIL"
		},
	},

	{
		"retries2", "gVisor: a segment is sent again so and so often (snd.go:676), and tcpsim makes that number out of tcp_retries2 and the minimum RTO; Linux stops when a time has passed (retransmits_timed_out), which is another number where its RTO is longer",
		func(k *comparison, d *difference) bool {
			return k.cutBefore(d.at) && (d.own != nil && d.own.len > 0 || d.rec != nil && d.rec.len > 0)
		},
	},

	{
		"stall", "recording: its machine had stood still before (see stall.go), and what was due meanwhile came late, in an order or number that neither reading of its times gives",
		func(k *comparison, d *difference) bool {
			timer := d.own != nil && k.r.trace.Segments[d.own.index].Retransmission || d.rec != nil && again(d.rec, k.rec, d.rec.flags)
			return timer && slices.ContainsFunc(k.c.stalls(), func(c cut) bool { return c.from <= d.at })
		},
	},
}

// setting reports whether the recording sets a sysctl on either host, to value
// or, when that is empty, to anything.
func (c *Case) setting(name, value string) bool {
	for _, side := range c.Settings {
		for _, s := range side {
			if s.Name == prefix+name && (value == "" || s.Value == value) {
				return true
			}
		}
	}
	return false
}

// sets reports whether the recording sets a socket option.
func (k *comparison) sets(option string) bool {
	return slices.ContainsFunc(k.r.plans, func(p plan) bool {
		return p.step.Verb == model.VerbSetsockopt && p.step.Option == option
	})
}

// overflows reports that in the recording more connections came than the
// listener's backlog holds.
func (k *comparison) overflows() bool {
	backlog, conns := -1, map[tuple]bool{}
	for i := range k.r.plans {
		if s := &k.r.plans[i].step; s.Verb == model.VerbListen {
			backlog = max(backlog, s.Backlog)
		}
	}
	for i := range k.c.Segments {
		if s := &k.c.Segments[i]; s.Flags == wire.SYN && !s.Injected {
			conns[s.Ports] = true
		}
	}
	return backlog >= 0 && len(conns) > backlog+1
}

// unmerged reports that one side sent segments of another size, or received
// them.
func (k *comparison) unmerged() bool {
	return slices.ContainsFunc(k.found, func(d difference) bool {
		return d.rec != nil && d.own != nil && d.rec.len > 0 && d.own.len > 0 && d.rec.seq == d.own.seq && d.rec.len > d.own.len
	})
}

// hurried reports a SYN of the run that came within a millisecond of the RST
// with which its sender refused an ACK.
func (k *comparison) hurried() bool {
	var refused *trace.Segment
	for i := range k.r.trace.Segments {
		s := &k.r.trace.Segments[i]
		switch {
		case s.Injected != "":
		case s.Flags == wire.RST:
			refused = s
		case s.Flags == wire.SYN && refused != nil && s.From == refused.From && s.SentAt-refused.SentAt < time.Millisecond:
			return true
		}
	}
	return false
}

func (k *comparison) injected(flag wire.Flags) bool {
	return slices.ContainsFunc(k.c.Segments, func(s Segment) bool { return s.Injected && s.Flags.Has(flag) })
}

// inTimeWait reports that a SYN arrived for a connection of which both sides
// had closed theirs: the sender of what differs had closed first.
func (k *comparison) inTimeWait(d *difference) bool {
	fins, syn := 0, false
	for i := range k.c.Segments {
		s := &k.c.Segments[i]
		if s.Sent > d.at {
			break
		}
		if s.Flags.Has(wire.FIN) {
			fins++
		}
		syn = syn || fins >= 2 && s.Flags == wire.SYN && s.From != d.rec.from
	}
	return syn
}

// blind reports that somebody forged data with an ACK that Linux refuses.
func (k *comparison) blind(d *difference) bool {
	return d.rec != nil && d.rec.pure() && slices.ContainsFunc(k.c.Segments, func(s Segment) bool {
		return s.Injected && s.Len > 0 && s.Flags.Has(wire.ACK) && s.From != d.rec.from && s.Sent <= d.rec.at
	})
}

// again reports that s has these flags and was sent before.
func again(s *segment, all []segment, flags wire.Flags) bool {
	return s != nil && s.flags == flags && slices.ContainsFunc(all, func(o segment) bool { return o.at < s.at && o.same(s) })
}

// cutBefore reports that the experimenter had cut the cable by an instant.
func (k *comparison) cutBefore(at time.Duration) bool {
	for _, side := range k.r.path.cuts {
		for _, c := range side {
			if c.from <= at {
				return true
			}
		}
	}
	return false
}

package fuzz

import (
	"slices"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// features are what a generated scenario can have, with how many of a thousand
// have it at least.
var features = []struct {
	name  string
	least int
	has   func(c *model.Case) bool
}{
	{"two connections", 100, func(c *model.Case) bool { return counted(c, verb(model.VerbConnect)) > 1 }},
	{"two processes on one host", 100, func(c *model.Case) bool { return len(c.Client.Processes) > 1 || len(c.Server.Processes) > 1 }},
	{"the server connects", 20, func(c *model.Case) bool {
		return slices.ContainsFunc(stepsOf(&c.Server), func(s model.Step) bool { return s.Verb == model.VerbConnect })
	}},
	{"IPv6", 20, func(c *model.Case) bool { return c.IP == 6 }},
	{"start at boot", 10, process(func(p *model.Process) bool { return p.AtBoot })},
	{"late start", 100, process(func(p *model.Process) bool { return p.Start > 0 })},
	{"SIGPIPE kills", 100, process(func(p *model.Process) bool { return !p.IgnoreSIGPIPE })},

	{"send of more than a segment", 50, step(func(s *model.Step) bool { return s.Bytes > 1448 })},
	{"recv until EOF", 50, step(func(s *model.Step) bool { return s.Until == model.UntilEOF })},
	{"send until EAGAIN", 20, step(func(s *model.Step) bool { return s.Verb == model.VerbSend && s.Until == model.UntilEAGAIN })},
	{"nonblocking connect", 50, step(func(s *model.Step) bool { return s.Verb == model.VerbConnect && s.Nonblock != nil })},
	{"connect with a timeout", 50, step(func(s *model.Step) bool { return s.Verb == model.VerbConnect && s.Timeout > 0 })},
	{"exit", 50, step(verb(model.VerbExit))},
	{"backlog 0", 50, step(func(s *model.Step) bool { return s.Verb == model.VerbListen && s.Backlog == 0 })},
	{"label", 40, step(func(s *model.Step) bool { return s.Label != "" })},
	{"wait-for", 20, step(verb(model.VerbWaitFor))},

	{"kill", 50, step(verb(model.VerbKill))},
	{"crash", 50, step(verb(model.VerbCrash))},
	{"reboot", 10, step(verb(model.VerbBoot))},
	{"cable cut", 50, step(verb(model.VerbUnplug))},
	{"cable back", 50, step(verb(model.VerbPlug))},
	{"drop rule for a time", 50, step(verb(model.VerbDrop))},
	{"drop rule ends", 20, step(verb(model.VerbPass))},
	{"forged RST", 30, step(func(s *model.Step) bool { return s.Inject != nil && s.Inject.Flags.Has(wire.RST) })},
	{"forged SYN", 20, step(func(s *model.Step) bool { return s.Inject != nil && s.Inject.Flags.Has(wire.SYN) })},
	{"forged data", 20, step(func(s *model.Step) bool { return s.Inject != nil && len(s.Inject.Data) > 0 })},

	{"latency", 300, way(func(d *model.Direction) bool { return d.Latency > 0 })},
	{"two latencies", 50, func(c *model.Case) bool { return c.Link.ClientToServer.Latency != c.Link.ServerToClient.Latency }},
	{"loss", 50, way(func(d *model.Direction) bool { return d.Loss > 0 })},
	{"loss in bursts", 20, way(func(d *model.Direction) bool { return d.Burst != link.GilbertElliott{} })},
	{"duplicate", 20, way(func(d *model.Direction) bool { return d.Duplicate > 0 })},
	{"reorder", 20, way(func(d *model.Direction) bool { return d.Reorder > 0 })},
	{"jitter", 20, way(func(d *model.Direction) bool { return d.Jitter > 0 })},
	{"normal jitter", 5, way(func(d *model.Direction) bool { return d.Distribution == link.Normal })},
	{"recorded delays", 20, way(func(d *model.Direction) bool { return len(d.Delays) > 0 })},
	{"corrupt", 20, way(func(d *model.Direction) bool { return d.Corrupt > 0 })},
	{"rate", 20, way(func(d *model.Direction) bool { return d.Rate > 0 })},
	{"queue of packets", 4, way(func(d *model.Direction) bool { return d.Queue.Packets > 0 })},
	{"queue of bytes", 4, way(func(d *model.Direction) bool { return d.Queue.Bytes > 0 })},
	{"MTU", 20, way(func(d *model.Direction) bool { return d.MTU > 0 })},
	{"drop rule", 100, func(c *model.Case) bool { return len(c.Link.Drop) > 0 }},
	{"delay rule", 10, act(link.ActDelay)},
	{"duplicate rule", 10, act(link.ActDuplicate)},
	{"corrupt rule", 10, act(link.ActCorrupt)},
	{"hold rule", 15, act(link.ActHold)},
	{"forge rule", 10, act(link.ActForge)},
	{"drop-and-forge rule", 10, act(link.ActDropAndForge)},
	{"rule for a time", 10, rule(func(r *link.Rule) bool { return r.Before > 0 })},
	{"rule for a length", 10, rule(func(r *link.Rule) bool { return r.LenMin > 0 })},
	{"middlebox", 20, func(c *model.Case) bool { return c.Link.Middlebox.Name != "" }},
	{"stateful middlebox", 5, func(c *model.Case) bool { return c.Link.Middlebox.Stateful }},

	{"RACK", 10, setting("tcp_recovery")},
	{"shortest RTO", 10, setting("tcp_rto_min")},
	{"longest RTO", 10, setting("tcp_rto_max")},
	{"short TIME_WAIT", 20, setting("tcp_tw_timeout")},
	{"tcp_fin_timeout", 10, setting("tcp_fin_timeout")},
	{"tcp_retries2", 10, setting("tcp_retries2")},
	{"SYN cookies always", 10, setting("tcp_syncookies")},
	{"no SACK", 10, setting("tcp_sack")},
	{"few ephemeral ports", 10, setting("ip_local_port_range")},
	{"host's MTU", 10, setting("mtu")},
}

// effects are calls that generated scenarios make with success, with how many
// of a thousand have one at least: an option that the stack always refuses is
// not tried, however often it is set.
var effects = []struct {
	name  string
	least int
	has   func(c *trace.Call) bool
}{
	{"connect", 200, made(trace.OpConnect)},
	{"accept", 100, made(trace.OpAccept)},
	{"send", 100, made(trace.OpSend, moves)},
	{"recv", 20, made(trace.OpRecv, moves)},
	{"recv at the end of file", 20, func(c *trace.Call) bool { return made(trace.OpRecv)(c) && c.Value == 0 }},
	{"MSG_PEEK", 2, made(trace.OpRecv, moves, flagged(stack.MsgPeek))},
	{"MSG_WAITALL", 2, made(trace.OpRecv, moves, flagged(stack.MsgWaitAll))},
	{"MSG_DONTWAIT of recv", 2, made(trace.OpRecv, moves, flagged(stack.MsgDontWait))},
	{"MSG_DONTWAIT of send", 20, made(trace.OpSend, moves, flagged(stack.MsgDontWait))},
	{"MSG_NOSIGNAL", 20, made(trace.OpSend, moves, flagged(stack.MsgNoSignal))},
	{"close", 100, made(trace.OpClose)},
	{"shutdown RD", 10, made(trace.OpShutdown, how(stack.ShutRead))},
	{"shutdown WR", 20, made(trace.OpShutdown, how(stack.ShutWrite))},
	{"shutdown RDWR", 10, made(trace.OpShutdown, how(stack.ShutBoth))},
	{"dup", 50, made(trace.OpDup)},
	{"fork", 20, made(trace.OpFork)},
	{"poll that finds something", 10, made(trace.OpPoll, moves)},
	{"fcntl", 10, made(trace.OpFcntl)},
	{"getpeername", 5, made(trace.OpGetpeername)},
	{"SO_LINGER {1, 0}", 20, sets("SO_LINGER", "{l_onoff=1, l_linger=0}")},
	{"SO_LINGER of some seconds", 10, sets("SO_LINGER", "{l_onoff=1, l_linger=5}")},
	{"SO_RCVBUF", 20, sets("SO_RCVBUF", "")},
	{"SO_SNDBUF", 10, sets("SO_SNDBUF", "")},
	{"SO_RCVTIMEO", 10, sets("SO_RCVTIMEO", "")},
	{"SO_SNDTIMEO", 1, sets("SO_SNDTIMEO", "")},
	{"SO_KEEPALIVE", 10, sets("SO_KEEPALIVE", "")},
	{"SO_REUSEADDR", 20, sets("SO_REUSEADDR", "")},
	{"TCP_NODELAY", 10, sets("TCP_NODELAY", "")},
	{"TCP_USER_TIMEOUT of a second", 4, sets("TCP_USER_TIMEOUT", "1000")},
	{"TCP_USER_TIMEOUT of five", 4, sets("TCP_USER_TIMEOUT", "5000")},
	{"TCP_LINGER2 of a second", 4, sets("TCP_LINGER2", "1")},
	{"TCP_LINGER2 below zero", 4, sets("TCP_LINGER2", "-1")},
	{"TCP_CORK", 1, sets("TCP_CORK", "")},
	{"TCP_DEFER_ACCEPT", 1, sets("TCP_DEFER_ACCEPT", "")},
	{"TCP_KEEPIDLE", 1, sets("TCP_KEEPIDLE", "")},
	{"TCP_KEEPCNT", 1, sets("TCP_KEEPCNT", "")},
	{"TCP_SYNCNT", 1, sets("TCP_SYNCNT", "")},
}

// Each thing that a scenario file can say about how a connection ends is in
// many of the scenarios of a campaign.
func TestCampaignsHaveEveryFeature(t *testing.T) {
	const runs = 2000
	seen := map[string]int{}
	for i := range runs {
		f := Generate(Input(1, i))
		for _, x := range features {
			if x.has(&f.Base) {
				seen[x.name]++
			}
		}
	}
	for _, x := range features {
		if got, want := seen[x.name], x.least*runs/1000; got < want {
			t.Errorf("%s: in %d of %d, want %d", x.name, got, runs, want)
		}
	}
}

// What a campaign calls has an effect in many of its runs, and every option that
// it sets is set with success now and then.
func TestCampaignsMakeEveryCallWithSuccess(t *testing.T) {
	const runs = 1000
	seen, tried, set := map[string]int{}, map[string]int{}, map[string]int{}
	for i := range runs {
		f := Generate(Input(1, i))
		res, err := scenarios.Run(&f.Base, scenarios.Options{NoCheck: true, Limits: limits})
		if res == nil {
			t.Fatalf("run %d: %v", i, err)
		}
		calls := res.Trace.Calls
		for _, x := range effects {
			if slices.ContainsFunc(calls, func(c trace.Call) bool { return x.has(&c) }) {
				seen[x.name]++
			}
		}
		for k := range calls {
			if c := &calls[k]; c.Op == trace.OpSetsockopt && c.Errno != stack.EBADF {
				option := c.Args.Option + ", " + c.Args.OptVal.String()
				tried[option]++
				if c.Errno == stack.OK {
					set[option]++
				}
			}
		}
	}
	for _, x := range effects {
		if got, want := seen[x.name], x.least*runs/1000; got < want {
			t.Errorf("%s: in %d of %d, want %d", x.name, got, runs, want)
		}
	}
	for option, n := range tried {
		if set[option] == 0 {
			t.Errorf("setsockopt(%s): tried %d times, never with success", option, n)
		}
	}
}

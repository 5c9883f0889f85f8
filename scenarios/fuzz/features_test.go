package fuzz

import (
	"slices"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
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

	{"send", 300, step(verb(model.VerbSend))},
	{"send of more than a segment", 50, step(func(s *model.Step) bool { return s.Bytes > 1448 })},
	{"send until EAGAIN", 20, step(func(s *model.Step) bool { return s.Verb == model.VerbSend && s.Until == "EAGAIN" })},
	{"recv", 300, step(verb(model.VerbRecv))},
	{"recv until EOF", 50, step(func(s *model.Step) bool { return s.Until == "EOF" })},
	{"MSG_PEEK", 20, step(flagged("MSG_PEEK"))},
	{"MSG_WAITALL", 20, step(flagged("MSG_WAITALL"))},
	{"MSG_DONTWAIT", 50, step(flagged("MSG_DONTWAIT"))},
	{"accept", 300, step(verb(model.VerbAccept))},
	{"nonblocking connect", 50, step(func(s *model.Step) bool { return s.Verb == model.VerbConnect && s.Nonblock != nil })},
	{"connect with a timeout", 50, step(func(s *model.Step) bool { return s.Verb == model.VerbConnect && s.Timeout > 0 })},
	{"close", 300, step(verb(model.VerbClose))},
	{"shutdown", 200, step(verb(model.VerbShutdown))},
	{"shutdown RD", 50, step(func(s *model.Step) bool { return s.How == "RD" })},
	{"dup", 100, step(verb(model.VerbDup))},
	{"fork", 50, step(verb(model.VerbFork))},
	{"exit", 50, step(verb(model.VerbExit))},
	{"poll", 50, step(verb(model.VerbPoll))},
	{"fcntl", 10, step(verb(model.VerbFcntl))},
	{"SO_LINGER {1, 0}", 50, step(lingering(0, 0))},
	{"SO_LINGER of some seconds", 50, step(lingering(1, 5))},
	{"small receive buffer", 50, step(optioned("SO_RCVBUF"))},
	{"small send buffer", 20, step(optioned("SO_SNDBUF"))},
	{"TCP_NODELAY", 20, step(optioned("TCP_NODELAY"))},
	{"TCP_USER_TIMEOUT", 20, step(optioned("TCP_USER_TIMEOUT"))},
	{"SO_KEEPALIVE", 20, step(optioned("SO_KEEPALIVE"))},
	{"TCP_LINGER2", 20, step(optioned("TCP_LINGER2"))},
	{"SO_REUSEADDR", 50, step(optioned("SO_REUSEADDR"))},
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
	{"forged RST", 30, step(func(s *model.Step) bool { return s.Inject != nil && s.Inject.Flags[0] == 'R' })},
	{"forged SYN", 20, step(func(s *model.Step) bool { return s.Inject != nil && s.Inject.Flags[0] == 'S' })},
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

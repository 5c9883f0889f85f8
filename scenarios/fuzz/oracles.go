package fuzz

import (
	"slices"
	"sync"
)

// Oracle is an invariant that every run must keep.
type Oracle struct {
	Name   string   // stable: prefix
	Claim  string   // one sentence
	Source string   // where it is written
	Rules  []string // the ways in which it can be broken, stable too: read-other-bytes
}

// group are oracles that look at a run together.
type group struct {
	oracles []Oracle
	watch   func(*ledger) watcher
}

var groups = []group{
	{[]Oracle{
		{
			"prefix", "What a process reads is a prefix of what its peer wrote.",
			"RFC 9293 section 2.2 (reliable, in-order byte stream); Linux tcp_recvmsg_locked",
			[]string{"read-more-than-arrived", "read-other-bytes", "sent-other-bytes", "sent-more-than-written"},
		},
		{
			"eof", "The end of file comes only after the peer's FIN and after every byte before it.",
			"RFC 9293 section 3.6 and section 3.10.4 (CLOSE: the FIN follows all data); Linux tcp_recvmsg_locked",
			[]string{"eof-without-fin", "eof-before-the-end", "fin-before-the-end"},
		},
	}, watchStreams},
	{[]Oracle{{
		"delivery", "What a host has acknowledged its process can read, and a FIN that is next in line is taken.",
		"RFC 9293 section 3.10.7.4, seventh and eighth; section 3.8.4 (MUST-58); Linux tcp_recvmsg_locked",
		[]string{"acknowledged-not-readable", "fin-not-readable", "recv-sleeps", "fin-not-taken"},
	}}, watchDelivery},
	{[]Oracle{
		{
			"reset-answer", "A RST is never answered by a RST.",
			"RFC 9293 section 3.5.2, group 1, and section 3.10.7.1",
			[]string{"answers-a-reset"},
		},
		{
			"reset-number", "A RST bears a sequence number that is allowed.",
			"RFC 9293 section 3.5.2, groups 1 to 3; section 3.10.5 (ABORT: SND.NXT)",
			[]string{"wrong-number"},
		},
		{
			"reset-cause", "A RST has a cause.",
			"RFC 9293 section 3.5.2 and section 3.10.5; RFC 2525 section 2.17; the list in package cause",
			[]string{"no-cause", "unexplained"},
		},
	}, watchResets},
	{[]Oracle{{
		"silence", "A RST in the right place ends its endpoint, which sends nothing but RSTs from then on.",
		"RFC 9293 section 3.5.3 and section 3.10.7.4, second; RFC 5961 section 3.2",
		[]string{"speaks-when-closed", "speaks-after-reset", "reset-ignored"},
	}}, watchSilence},
	{[]Oracle{{
		"state", "Every change of state is an edge that is known, and follows from what the endpoint was in.",
		"RFC 9293 section 3.3.2, figure 5; the exceptions are listed with their reasons in Edges",
		[]string{"leap", "unknown-edge", "fin-out-of-nothing", "fin-not-acknowledged", "cookie-taken-twice", "cookie-out-of-place"},
	}}, watchStates},
	{[]Oracle{
		{
			"ack", "Acknowledgement numbers never go back and cover only what has arrived.",
			"RFC 9293 section 3.4 and section 3.10.7.4, fifth (RCV.NXT)",
			[]string{"ack-goes-back", "ack-of-nothing"},
		},
		{
			"window", "Nothing is sent beyond the advertised window, but for probes of a closed one.",
			"RFC 9293 section 3.8.6 (SND.UNA + SND.WND) and section 3.8.6.1 (zero-window probes)",
			[]string{"beyond-the-window"},
		},
	}, watchNumbers},
	{[]Oracle{{
		"errno", "The sequence of results at each socket is one that Linux can give.",
		"Linux tcp_recvmsg_locked, tcp_sendmsg_locked, tcp_reset, __inet_stream_connect, inet_shutdown; recv(2), send(2), connect(2)",
		[]string{
			"errno-of-call", "descriptor", "error-twice", "error-without-reason", "error-lost", "send-after-shutdown",
			"send-when-closed", "recv-after-eof", "recv-when-closed", "connected-twice",
		},
	}}, watchErrnos},
	{[]Oracle{{
		"end", "When all processes have ended and the longest timer has passed, no endpoint, port, timer or goroutine is left on either host.",
		"RFC 9293 section 3.8.3 (R2), section 3.4.2 (MSL); Linux tcp_retries2, tcp_fin_timeout, tcp_orphan_retries",
		[]string{
			"endpoint-left", "endpoint-lives-on", "nothing-retransmitted", "registered-left", "cleanup-left", "port-left",
			"timer-left", "goroutine-left",
		},
	}}, watchEnd},
	{[]Oracle{{
		"pace", "Nothing is retransmitted faster than a correct RTO allows, and no two hosts answer each other without end.",
		"RFC 6298 sections 2 and 5 (1 s before there is a measurement); Linux TCP_RTO_MIN, 200 ms; RFC 9293 section 3.10.7.4",
		[]string{"early-retransmission", "storm"},
	}}, watchPace},
}

// The oracles of a whole run, which Try checks.
var (
	engineOracle = Oracle{
		"engine", "A run ends by itself, within its limits, and without an error inside tcpsim.",
		"sim.Limits; stack.ErrQueueFull",
		[]string{"limit", "limit-with-rack", "panic", "queue-full", "refused", "error"},
	}
	replayOracle = Oracle{
		"replay", "The same scenario and seed give the same trace.",
		"tcpsim's own promise",
		[]string{"differs"},
	}
)

// Oracles lists the invariants that a trace shows. Those of a whole run, which
// Try checks besides, are in RunOracles.
func Oracles() []Oracle {
	var all []Oracle
	for _, g := range groups {
		all = append(all, g.oracles...)
	}
	return all
}

// RunOracles are the invariants of a whole run, which a trace alone does not
// show.
func RunOracles() []Oracle { return []Oracle{engineOracle, replayOracle} }

// ruleOracle says which oracle a rule belongs to. No two have one of the same
// name.
var ruleOracle = sync.OnceValue(func() map[string]string {
	of := map[string]string{}
	for _, o := range append(Oracles(), RunOracles()...) {
		for _, r := range o.Rules {
			of[r] = o.Name
		}
	}
	return of
})

func (c *Config) selects(oracle string) bool {
	return len(c.Oracles) == 0 || slices.Contains(c.Oracles, oracle)
}

func (c *Config) selectsAny(of []Oracle) bool {
	return slices.ContainsFunc(of, func(o Oracle) bool { return c.selects(o.Name) })
}

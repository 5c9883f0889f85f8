package model

import (
	"math"

	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

const defaultForger = "middlebox"

// networkVerbs are what only the experimenter can do.
func networkVerbs() []verb {
	onHost := func(name Verb, doc string) verb {
		return verb{name: name, doc: doc, places: onNetwork, value: targetOf(name, choice(hostNames), "The host.")}
	}
	rule := func(s *Step) *DropRule { return &s.Rule }
	signals := []string{"SIGKILL", "SIGTERM", "SIGABRT", "SIGINT"}
	return []verb{
		onHost(VerbCrash, "Cuts the power of a host."),
		onHost(VerbBoot, "Boots a host after a crash."),
		onHost(VerbUnplug, "Takes the cable out of a host."),
		onHost(VerbPlug, "Puts the cable back into a host."),
		onHost(VerbDestroy, "Ends every connection of a host, as its administrator does with ss -K."),
		{
			name: VerbKill, doc: "Sends a signal to a process.", places: onNetwork,
			start: func(s *Step) { s.Signal = stack.SIGKILL },
			value: targetOf(VerbKill, name("a process"), "The name of the process."),
			args: []field[Step]{
				at("signal", named(signals, stack.ParseSignal), "The signal.", func(s *Step) *stack.Signal { return &s.Signal }).or(stack.SIGKILL.String()),
			},
		},
		{
			name: VerbDrop, doc: "Starts to lose the segments that a rule names.", places: onNetwork,
			value: at("drop", dropRule(), "The rule: FROM:WHAT or FROM:WHAT:NTH.", rule),
		},
		{
			name: VerbPass, doc: "Stops a rule, so that its segments pass again.", places: onNetwork,
			value: at("pass", ruleOrAll(), "The rule as it was written, or all.", rule),
		},
		{
			name: VerbInject, doc: "Forges a segment.", places: onNetwork,
			start: func(s *Step) { s.Inject = &Inject{By: defaultForger} },
			value: targetOf(VerbInject, choice(hostNames), "The host that receives it."),
			args:  within(injectFields(), func(s *Step) *Inject { return s.Inject }),
		},
	}
}

func injectFields() []field[Inject] {
	return []field[Inject]{
		at("flags", tcpFlagsOrNone(), "TCP flags in tcpdump's letters: S F R P and . for ACK, or none.", func(i *Inject) *wire.Flags { return &i.Flags }).must(),
		maybe("seq", uint32s(), "Sequence number, relative to the initial one of the pretended sender.", func(i *Inject) **uint32 { return &i.Seq }),
		maybe("ack", uint32s(), "Acknowledgment number, relative to the initial sequence number of the receiver.", func(i *Inject) **uint32 { return &i.Ack }),
		maybe("win", uint16s(), "Window as in the header, not scaled.", func(i *Inject) **uint16 { return &i.Win }),
		at("data", payload(), "The payload.", func(i *Inject) *[]byte { return &i.Data }),
		inline("options", "The TCP options; without this key there are none.", "inject-options",
			within(injectOptionFields(), func(i *Inject) *InjectOptions { return &i.Options })),
		maybe("sport", uint16s(), "Source port; the default is that of the latest connection.", func(i *Inject) **uint16 { return &i.SourcePort }),
		maybe("dport", uint16s(), "Destination port; the default is that of the latest connection.", func(i *Inject) **uint16 { return &i.DestinationPort }),
		at("by", line(), "Who forged it.", func(i *Inject) *string { return &i.By }).or(defaultForger),
	}
}

func injectOptionFields() []field[InjectOptions] {
	type O = InjectOptions
	whole := integer[int](math.MinInt32, math.MaxInt32)
	return []field[O]{
		maybe("mss", uint16s(), "Maximum segment size in bytes.", func(o *O) **uint16 { return &o.MSS }),
		maybe("window-scale", integer[uint8](0, 255), "Shift count of the window; more than 14 is not valid.",
			func(o *O) **uint8 { return &o.WindowScale }),
		at("sack-permitted", boolean(), "Whether selective acknowledgments are permitted.",
			func(o *O) *bool { return &o.SACKPermitted }).or(false),
		maybe("timestamp", whole, "Timestamp value, relative to the latest that the pretended sender has sent.",
			func(o *O) **int { return &o.Timestamp }),
		maybe("echo", whole, "Timestamp echo, relative to the latest value that the receiver has sent; 0 when there is a timestamp.",
			func(o *O) **int { return &o.Echo }),
	}
}

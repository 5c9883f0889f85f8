package file

import (
	"math"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
)

const (
	defaultBacklog = 128
	defaultSize    = 4096
	mostPayload    = 100_000_000 // bytes of one call
)

// socketVerbs make, connect and end sockets.
func socketVerbs() []verb {
	return []verb{
		{
			name: model.VerbSocket, doc: "Makes a TCP socket.", places: inProcess, returns: zero,
			value: socketOf(model.VerbSocket, "What to call the new socket."),
		}, {
			name: model.VerbBind, doc: "Gives a socket its local address.", places: inProcess, returns: zero,
			value: socketOf(model.VerbBind, "The socket."),
			args:  []field[model.Step]{addressArgument()},
		}, {
			name: model.VerbListen, doc: "Makes a socket accept connections.", places: inProcess, returns: zero,
			start: func(s *model.Step) { s.Backlog = defaultBacklog },
			value: socketOf(model.VerbListen, "The socket."),
			args: []field[model.Step]{
				at("backlog", integer[int](0, 65535), "How many connections may wait to be accepted.",
					func(s *model.Step) *int { return &s.Backlog }).or(defaultBacklog),
			},
		}, {
			name: model.VerbConnect, doc: "Connects a socket.", places: inProcess, returns: zero,
			value: socketOf(model.VerbConnect, "The socket."),
			args: []field[model.Step]{
				addressArgument(), nonblockArgument(),
				at("timeout", duration(1), "How long to try before giving up.",
					func(s *model.Step) *time.Duration { return &s.Timeout }),
			},
		}, {
			name: model.VerbAccept, doc: "Takes a connection from a listening socket.", places: inProcess, returns: zero,
			value: socketOf(model.VerbAccept, "The listening socket."),
			args:  []field[model.Step]{asArgument(), nonblockArgument()},
		}, {
			name: model.VerbShutdown, doc: "Ends one direction of a connection, or both.", places: inProcess, returns: zero,
			value: socketOf(model.VerbShutdown, "The socket."),
			args:  []field[model.Step]{howArgument()},
		}, {
			name: model.VerbClose, doc: "Closes a socket.", places: inProcess, returns: zero,
			value: socketOf(model.VerbClose, "The socket."),
		}, {
			name: model.VerbDup, doc: "Makes a second descriptor for a socket.", places: inProcess, returns: zero,
			value: socketOf(model.VerbDup, "The socket."),
			args:  []field[model.Step]{asArgument()},
		},
	}
}

// transferVerbs move data.
func transferVerbs() []verb {
	return []verb{
		{
			name: model.VerbSend, doc: "Sends data.", places: inProcess, returns: sent,
			value: socketOf(model.VerbSend, "The socket."),
			oneOf: []string{"data", "bytes"},
			args: []field[model.Step]{
				at("data", payload(), "The text to send.", func(s *model.Step) *[]byte { return &s.Data }),
				at("bytes", integer[int](1, mostPayload), "How many bytes of a pattern to send.",
					func(s *model.Step) *int { return &s.Bytes }),
				flagsArgument(stack.MsgDontWait, stack.MsgNoSignal),
				untilArgument(model.UntilEAGAIN, model.UntilError),
				totalArgument(),
			},
		}, {
			name: model.VerbRecv, doc: "Receives data.", places: inProcess, returns: received,
			start: func(s *model.Step) { s.Size = defaultSize },
			value: socketOf(model.VerbRecv, "The socket."),
			args: []field[model.Step]{
				at("size", integer[int](1, mostPayload), "The size of the buffer, in bytes.",
					func(s *model.Step) *int { return &s.Size }).or(defaultSize),
				flagsArgument(stack.MsgPeek, stack.MsgDontWait, stack.MsgWaitAll),
				untilArgument(model.UntilEOF, model.UntilEAGAIN, model.UntilError),
				totalArgument(),
			},
		},
	}
}

// defaultEvents are what poll asks for when a step names no events.
const defaultEvents = stack.PollIn | stack.PollOut | stack.PollRdHup

// optionVerbs ask and set what a socket is like.
func optionVerbs() []verb {
	option := at("option", optionName(), "The socket option.", func(s *model.Step) *string { return &s.Option }).must()
	flag := nonblockArgument().must()
	return []verb{
		{
			name: model.VerbSetsockopt, doc: "Sets a socket option.", places: inProcess, returns: zero,
			value: socketOf(model.VerbSetsockopt, "The socket."),
			args:  []field[model.Step]{option, optionValueField()},
		}, {
			name: model.VerbGetsockopt, doc: "Reads a socket option.", places: inProcess, returns: optionRead,
			value: socketOf(model.VerbGetsockopt, "The socket."),
			args:  []field[model.Step]{option},
		}, {
			name: model.VerbPoll, doc: "Waits for events on a socket.", places: inProcess, returns: events,
			start: func(s *model.Step) { s.Events = defaultEvents },
			value: socketOf(model.VerbPoll, "The socket."),
			args: []field[model.Step]{
				at("events", bits(named(eventNames(requestedEvents), stack.ParsePollEvents), "such as [POLLIN]"), "The events to wait for.",
					func(s *model.Step) *stack.PollEvents { return &s.Events }).or(eventNames(defaultEvents)),
				at("timeout", duration(0), "How long to wait.",
					func(s *model.Step) *time.Duration { return &s.Timeout }).or("0s"),
			},
		}, {
			name: model.VerbFcntl, doc: "Makes a socket blocking or non-blocking.", places: inProcess, returns: zero,
			value: socketOf(model.VerbFcntl, "The socket."),
			args:  []field[model.Step]{flag},
		}, {
			name: model.VerbGetsockname, doc: "Asks for the local address.", places: inProcess, returns: zero,
			value: socketOf(model.VerbGetsockname, "The socket."),
		}, {
			name: model.VerbGetpeername, doc: "Asks for the address of the other side.", places: inProcess, returns: zero,
			value: socketOf(model.VerbGetpeername, "The socket."),
		},
	}
}

// processVerbs concern the process itself; two of them the network as well.
func processVerbs() []verb {
	return []verb{
		{
			name: model.VerbSleep, doc: "Lets virtual time pass.", places: inProcess | onNetwork, returns: nothing,
			value: at("sleep", duration(0), "For how long.", func(s *model.Step) *time.Duration { return &s.Duration }),
		}, {
			name: model.VerbWaitFor, doc: "Waits until a labelled step is done.", places: inProcess | onNetwork, returns: nothing,
			value: targetOf(model.VerbWaitFor, name("a label"), "The label of a step anywhere in the file."),
		}, {
			name: model.VerbSigpipe, doc: "Says what SIGPIPE does to the process from now on.", places: inProcess, returns: nothing,
			value: at("sigpipe", sigpipe(), "default ends the process, ignore does nothing.",
				func(s *model.Step) *bool { return &s.IgnoreSIGPIPE }),
		}, {
			name: model.VerbFork, doc: "Starts another process with a copy of every descriptor: only the last close closes.", places: inProcess, returns: nothing,
			value: targetOf(model.VerbFork, name("a process"), "The name of a process of the same host that says \"start: fork\"."),
		}, {
			name: model.VerbExit, doc: "Ends the process.", places: inProcess, returns: nothing,
			value: at("exit", integer[int](0, 255), "The exit status.", func(s *model.Step) *int { return &s.Status }),
		},
	}
}

// howArgument reads RD, WR and RDWR, with SHUT_ in front or not.
func howArgument() field[model.Step] {
	short := []string{"RD", "WR", "RDWR"}
	how := scalar(words.Either(short), object{"enum": []string{"RD", "WR", "RDWR", "SHUT_RD", "SHUT_WR", "SHUT_RDWR"}},
		func(n *yaml.Node) (stack.How, string, bool) {
			how, ok := stack.ParseHow(n.Value)
			return how, "", ok
		})
	return at("how", how, "Which direction to end: RD receiving, WR sending, RDWR both.",
		func(s *model.Step) *stack.How { return &s.How }).must()
}

const defaultForger = "middlebox"

// networkVerbs are what only the experimenter can do.
func networkVerbs() []verb {
	onHost := func(name model.Verb, doc string) verb {
		return verb{name: name, doc: doc, places: onNetwork, value: targetOf(name, choice(hostNames), "The host.")}
	}
	rule := func(s *model.Step) *model.DropRule { return &s.Rule }
	signals := []string{"SIGKILL", "SIGTERM", "SIGABRT", "SIGINT"}
	return []verb{
		onHost(model.VerbCrash, "Cuts the power of a host."),
		onHost(model.VerbBoot, "Boots a host after a crash."),
		onHost(model.VerbUnplug, "Takes the cable out of a host."),
		onHost(model.VerbPlug, "Puts the cable back into a host."),
		onHost(model.VerbDestroy, "Ends every connection of a host, as its administrator does with ss -K."),
		{
			name: model.VerbKill, doc: "Sends a signal to a process.", places: onNetwork,
			start: func(s *model.Step) { s.Signal = stack.SIGKILL },
			value: targetOf(model.VerbKill, name("a process"), "The name of the process."),
			args: []field[model.Step]{
				at("signal", named(signals, stack.ParseSignal), "The signal.", func(s *model.Step) *stack.Signal { return &s.Signal }).or(stack.SIGKILL.String()),
			},
		},
		{
			name: model.VerbDrop, doc: "Starts to lose the segments that a rule names.", places: onNetwork,
			value: at("drop", dropRule(), "The rule: FROM:WHAT or FROM:WHAT:NTH.", rule),
		},
		{
			name: model.VerbPass, doc: "Stops a rule, so that its segments pass again.", places: onNetwork,
			value: at("pass", ruleOrAll(), "The rule as it was written, or all.", rule),
		},
		{
			name: model.VerbInject, doc: "Forges a segment.", places: onNetwork,
			start: func(s *model.Step) { s.Inject = &model.Inject{By: defaultForger} },
			value: targetOf(model.VerbInject, choice(hostNames), "The host that receives it."),
			args:  within(injectFields(), func(s *model.Step) *model.Inject { return s.Inject }),
		},
	}
}

func injectFields() []field[model.Inject] {
	return []field[model.Inject]{
		at("flags", tcpFlagsOrNone(), "TCP flags in tcpdump's letters: S F R P and . for ACK, or none.", func(i *model.Inject) *wire.Flags { return &i.Flags }).must(),
		maybe("seq", uint32s(), "Sequence number, relative to the initial one of the pretended sender.", func(i *model.Inject) **uint32 { return &i.Seq }),
		maybe("ack", uint32s(), "Acknowledgment number, relative to the initial sequence number of the receiver.", func(i *model.Inject) **uint32 { return &i.Ack }),
		maybe("win", uint16s(), "Window as in the header, not scaled.", func(i *model.Inject) **uint16 { return &i.Win }),
		at("data", payload(), "The payload.", func(i *model.Inject) *[]byte { return &i.Data }),
		inline("options", "The TCP options; without this key there are none.", "inject-options",
			within(injectOptionFields(), func(i *model.Inject) *model.InjectOptions { return &i.Options })),
		maybe("sport", uint16s(), "Source port; the default is that of the latest connection.", func(i *model.Inject) **uint16 { return &i.SourcePort }),
		maybe("dport", uint16s(), "Destination port; the default is that of the latest connection.", func(i *model.Inject) **uint16 { return &i.DestinationPort }),
		at("by", line(), "Who forged it.", func(i *model.Inject) *string { return &i.By }).or(defaultForger),
	}
}

func injectOptionFields() []field[model.InjectOptions] {
	type O = model.InjectOptions
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

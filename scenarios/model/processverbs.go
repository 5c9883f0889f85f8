package model

import (
	"time"

	"github.com/tcpsim/tcpsim/stack"
	"go.yaml.in/yaml/v4"

	"github.com/tcpsim/tcpsim/stack/words"
)

// defaultEvents are what poll asks for when a step names no events.
const defaultEvents = stack.PollIn | stack.PollOut | stack.PollRdHup

// optionVerbs ask and set what a socket is like.
func optionVerbs() []verb {
	option := at("option", optionName(), "The socket option.", func(s *Step) *string { return &s.Option }).must()
	flag := nonblockArgument().must()
	return []verb{
		{
			name: VerbSetsockopt, doc: "Sets a socket option.", places: inProcess, returns: zero,
			value: socketOf(VerbSetsockopt, "The socket."),
			args:  []field[Step]{option, optionValueField()},
		}, {
			name: VerbGetsockopt, doc: "Reads a socket option.", places: inProcess, returns: optionRead,
			value: socketOf(VerbGetsockopt, "The socket."),
			args:  []field[Step]{option},
		}, {
			name: VerbPoll, doc: "Waits for events on a socket.", places: inProcess, returns: events,
			start: func(s *Step) { s.Events = defaultEvents },
			value: socketOf(VerbPoll, "The socket."),
			args: []field[Step]{
				at("events", bits(named(eventNames(requestedEvents), stack.ParsePollEvents), "such as [POLLIN]"), "The events to wait for.",
					func(s *Step) *stack.PollEvents { return &s.Events }).or(eventNames(defaultEvents)),
				at("timeout", duration(0), "How long to wait.",
					func(s *Step) *time.Duration { return &s.Timeout }).or("0s"),
			},
		}, {
			name: VerbFcntl, doc: "Makes a socket blocking or non-blocking.", places: inProcess, returns: zero,
			value: socketOf(VerbFcntl, "The socket."),
			args:  []field[Step]{flag},
		}, {
			name: VerbGetsockname, doc: "Asks for the local address.", places: inProcess, returns: zero,
			value: socketOf(VerbGetsockname, "The socket."),
		}, {
			name: VerbGetpeername, doc: "Asks for the address of the other side.", places: inProcess, returns: zero,
			value: socketOf(VerbGetpeername, "The socket."),
		},
	}
}

// processVerbs concern the process itself; two of them the network as well.
func processVerbs() []verb {
	return []verb{
		{
			name: VerbSleep, doc: "Lets virtual time pass.", places: inProcess | onNetwork, returns: nothing,
			value: at("sleep", duration(0), "For how long.", func(s *Step) *time.Duration { return &s.Duration }),
		}, {
			name: VerbWaitFor, doc: "Waits until a labelled step is done.", places: inProcess | onNetwork, returns: nothing,
			value: targetOf(VerbWaitFor, name("a label"), "The label of a step anywhere in the file."),
		}, {
			name: VerbSigpipe, doc: "Says what SIGPIPE does to the process from now on.", places: inProcess, returns: nothing,
			value: at("sigpipe", sigpipe(), "default ends the process, ignore does nothing.",
				func(s *Step) *bool { return &s.IgnoreSIGPIPE }),
		}, {
			name: VerbFork, doc: "Starts another process with a copy of every descriptor: only the last close closes.", places: inProcess, returns: nothing,
			value: targetOf(VerbFork, name("a process"), "The name of a process of the same host that says \"start: fork\"."),
		}, {
			name: VerbExit, doc: "Ends the process.", places: inProcess, returns: nothing,
			value: at("exit", integer[int](0, 255), "The exit status.", func(s *Step) *int { return &s.Status }),
		},
	}
}

// howArgument reads RD, WR and RDWR, with SHUT_ in front or not.
func howArgument() field[Step] {
	short := []string{"RD", "WR", "RDWR"}
	how := scalar(words.Either(short), object{"enum": []string{"RD", "WR", "RDWR", "SHUT_RD", "SHUT_WR", "SHUT_RDWR"}},
		func(n *yaml.Node) (stack.How, string, bool) {
			how, ok := stack.ParseHow(n.Value)
			return how, "", ok
		})
	return at("how", how, "Which direction to end: RD receiving, WR sending, RDWR both.",
		func(s *Step) *stack.How { return &s.How }).must()
}

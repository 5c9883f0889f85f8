package model

import (
	"time"

	"github.com/tcpsim/tcpsim/stack"
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
			name: VerbSocket, doc: "Makes a TCP socket.", places: inProcess, returns: zero,
			value: socketOf(VerbSocket, "What to call the new socket."),
		}, {
			name: VerbBind, doc: "Gives a socket its local address.", places: inProcess, returns: zero,
			value: socketOf(VerbBind, "The socket."),
			args:  []field[Step]{addressArgument()},
		}, {
			name: VerbListen, doc: "Makes a socket accept connections.", places: inProcess, returns: zero,
			start: func(s *Step) { s.Backlog = defaultBacklog },
			value: socketOf(VerbListen, "The socket."),
			args: []field[Step]{
				at("backlog", integer[int](0, 65535), "How many connections may wait to be accepted.",
					func(s *Step) *int { return &s.Backlog }).or(defaultBacklog),
			},
		}, {
			name: VerbConnect, doc: "Connects a socket.", places: inProcess, returns: zero,
			value: socketOf(VerbConnect, "The socket."),
			args: []field[Step]{
				addressArgument(), nonblockArgument(),
				at("timeout", duration(1), "How long to try before giving up.",
					func(s *Step) *time.Duration { return &s.Timeout }),
			},
		}, {
			name: VerbAccept, doc: "Takes a connection from a listening socket.", places: inProcess, returns: zero,
			value: socketOf(VerbAccept, "The listening socket."),
			args:  []field[Step]{asArgument(), nonblockArgument()},
		}, {
			name: VerbShutdown, doc: "Ends one direction of a connection, or both.", places: inProcess, returns: zero,
			value: socketOf(VerbShutdown, "The socket."),
			args:  []field[Step]{howArgument()},
		}, {
			name: VerbClose, doc: "Closes a socket.", places: inProcess, returns: zero,
			value: socketOf(VerbClose, "The socket."),
		}, {
			name: VerbDup, doc: "Makes a second descriptor for a socket.", places: inProcess, returns: zero,
			value: socketOf(VerbDup, "The socket."),
			args:  []field[Step]{asArgument()},
		},
	}
}

// transferVerbs move data.
func transferVerbs() []verb {
	return []verb{
		{
			name: VerbSend, doc: "Sends data.", places: inProcess, returns: sent,
			value: socketOf(VerbSend, "The socket."),
			oneOf: []string{"data", "bytes"},
			args: []field[Step]{
				at("data", payload(), "The text to send.", func(s *Step) *[]byte { return &s.Data }),
				at("bytes", integer[int](1, mostPayload), "How many bytes of a pattern to send.",
					func(s *Step) *int { return &s.Bytes }),
				flagsArgument(stack.MsgDontWait, stack.MsgNoSignal),
				untilArgument(UntilEAGAIN, UntilError),
				totalArgument(),
			},
		}, {
			name: VerbRecv, doc: "Receives data.", places: inProcess, returns: received,
			start: func(s *Step) { s.Size = defaultSize },
			value: socketOf(VerbRecv, "The socket."),
			args: []field[Step]{
				at("size", integer[int](1, mostPayload), "The size of the buffer, in bytes.",
					func(s *Step) *int { return &s.Size }).or(defaultSize),
				flagsArgument(stack.MsgPeek, stack.MsgDontWait, stack.MsgWaitAll),
				untilArgument(UntilEOF, UntilEAGAIN, UntilError),
				totalArgument(),
			},
		},
	}
}

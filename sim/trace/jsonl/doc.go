// Package jsonl writes a recorded run as JSON Lines, for other programs, and
// reads it back. Nothing is lost: Read returns the trace that Write was given.
//
//	err := jsonl.Write(file, tr)
//	tr, err := jsonl.Read(file, "run.jsonl")
//
// Every line is a JSON object with a field "type". The first is the header,
// the last is the end, and between them stands one line per event, in the
// order in which things happened. So a line of jq is a query:
//
//	jq -c 'select(.type=="sent" and (.flags|contains("R"))) | .cause' run.jsonl
//
// # Values
//
// Times are integers in nanoseconds of virtual time: "at" counts from the
// start of the run, a name in _ns says so itself. Flags are tcpdump's letters
// ("S.", "P.", "none"), states have the names of RFC 9293 ("FIN_WAIT_1"),
// errnos their names ("ECONNRESET"), hosts those that the header gives them,
// bytes are base64. A field that is optional is left out where it is false, zero,
// empty or unknown; it is never null.
//
// Things refer to each other by number, and to hosts by name. A segment's counts from 1, as it does
// in every other output. Connections, calls, timers and notes count from 0 in
// the order of their lines (connections: of the header's array), and processes
// in the order of the end's array. A line refers only to what came before it,
// and to connections and processes.
//
// # The header: "tcpsim-trace"
//
//	version      "2.0": major and minor version of this format
//	scenario     full name of the scenario; optional
//	title        its title; optional
//	seed         the seed, an integer of 64 bits without a sign
//	stack        what ran on the hosts, where it was not gVisor: Linux 6.12.117
//	start        the wall clock at time 0 as RFC 3339 has it, in UTC, where the
//	             trace was read from a capture; optional
//	hosts        the hosts, an array of objects
//	  name         its name, by which the other lines refer to it
//	  addr         its IP address, "" when unknown
//	links        the links between them, an array of objects; optional
//	  a, b         the two hosts that it connects
//	  text         its parameters, for captions; optional
//	  middlebox    the name of the device on it; optional
//	conns        the connections, an array of objects; optional
//	  a, b         the two ends, each an object
//	    host         the host
//	    addr         address and port, "10.0.0.1:40000" or "[fd00::1]:40000", "" when unknown
//	    isn          the initial sequence number of what it sends, absolute; optional
//
// # Segments: "sent", "received", "lost"
//
// A segment is described where it is sent; where it arrives or is lost, only
// its number is repeated.
//
//	at              when that happened
//	segment         its number
//	from            the host that sent it, or in whose name it was forged
//	to              the host at the other end of the link
//	link            the link, by its place in the header's links
//	conn            its connection
//	flags           its flags
//	seq             sequence number, relative to the sender's initial one where that is known
//	ack             acknowledgement number, relative likewise; 0 without ACK
//	raw_seq         sequence number as in the header
//	raw_ack         acknowledgement number as in the header
//	len             bytes of payload
//	window          window as in the header, not scaled
//	injected        who forged it; optional
//	copy_of         the number of the segment that the link has duplicated; optional
//	acts            what else the link did to it, an array of texts; optional
//	passed_at_ns    when it got to the middlebox, or began there, on the clock of "at"; optional
//	retransmission  true when all of it had been sent before; optional
//	probe           true for a keepalive or zero-window probe; optional
//	trigger         what made the host send it; optional (see below)
//	cause           of a RST only:
//	  id              stable identifier, such as unread-data
//	  text            a sentence
//	  source          RFC and section, or a kernel function; optional
//	  confidence      certain, likely or possible: it was inferred from a capture; optional
//	  or              identifiers of other causes, as good as this one, of one that is possible; optional
//	frame           the whole IP datagram; what the fields above repeat is taken from it
//	damaged         the datagram as it arrived, where the link has corrupted it; optional
//	rule            of a "lost" line: what lost it
//
// A trigger is an object with one field: call, segment, timer or note, the
// number of what the host was working on.
//
// # Calls: "call", "return"
//
// A call has a line where it begins and another where it returns. One that
// never returns, because the run or its process ends first, has only the first.
//
//	at        when it began, or returned
//	call      its number
//	process   the name of its process
//	pid       the number of its process, which tells two of the same name apart
//	host      where the process runs
//	op        the call: "recv"
//	args      its arguments, an object (see below)
//	conn      the connection it is about, even where that became known later; optional
//	blocked   true when other things happened before it returned; optional
//	step      the number of the scenario's step, from 0; optional
//	took_ns   of a "return" line: the time since the call began
//	value     what it returned; -1 with an errno
//	errno     the error's name; optional
//	data      of recv: the first 256 bytes received; optional
//	addr      of accept: the peer's address; of getsockname, getpeername: what was asked for
//	optval    of getsockopt: the value, as in args; of SO_ERROR the number of the errno
//	revents   of poll: an array of the events of each descriptor, in the order of args; optional
//
// A call that has failed has none of the last four. Args has these fields,
// each where the call has it:
//
//	fd          the descriptor, -1 for one that nobody has
//	family      of socket: "AF_INET" or "AF_INET6"
//	addr        of bind and connect: address and port, "*:80" for any address
//	backlog     of listen
//	len         of send: bytes of data; of recv: bytes of room
//	flags       of send and recv: "MSG_PEEK|MSG_DONTWAIT"; optional
//	data        of send: the first 256 bytes; optional
//	how         of shutdown: "SHUT_RD", "SHUT_WR" or "SHUT_RDWR"
//	nonblock    of fcntl: whether it sets O_NONBLOCK or clears it
//	option      of setsockopt and getsockopt: its name, "SO_LINGER"
//	optval      of setsockopt: an object with one field
//	  int         a number, in the option's unit
//	  text        a text
//	  time_ns     a time
//	  linger      an object with on, a boolean, and time_ns
//	poll        of poll: an array of objects, each with fd and events ("POLLIN|POLLRDHUP", "0" for none)
//	timeout_ns  of poll: how long it waits, below zero for ever; of connect: its limit, where it has one
//	child       of fork: the name of the process that it starts
//	status      of exit
//
// # What else happened: "state", "timer", "note"
//
//	at        when it happened
//	host      where
//	endpoint  of a "state" line: the endpoint that changed, counted per host
//	conn      its connection; optional
//	from, to  the two states
//	trigger   what made it change, as for a segment; optional
//	orphan    true when its process had closed it; optional
//	unread    bytes that nobody had read when a call ended it; optional
//	timer     of a "timer" line: its number
//	name      which timer it was
//	note      of a "note" line: its number
//	kind      what was done: crash, boot, unplug, plug, signal, destroy, add-rule, remove-rule or icmp
//	text      what was done, for people
//
// # The end: "end"
//
//	at           when the run ended
//	stopped      why it ended before everything was done; optional
//	processes    an array of objects
//	  name         its name
//	  host         where it ran
//	  ended_at_ns  when it ended, on the clock of "at"; absent while it is running
//	  status       its exit status, 128 plus the signal's number when killed; optional
//	  signal       what killed it, such as SIGPIPE; optional
//
// # Versions
//
// Version 1 kept the arguments and the result of a call as text, and knew two
// hosts and one link. It was never
// part of a release, and Read refuses it.
//
// A minor version adds fields. A major version changes what is there, or adds
// types of lines. A reader must refuse a major version that it does not know,
// and should ignore fields that it does not know where the minor version is
// newer than its own. [Schema] describes a line in a form that programs read.
package jsonl

package file

var malformedSteps = []malformed{
	{
		name: "an unknown verb",
		yaml: processWith("- recieve: c"),
		want: `x.yaml:7:13: unknown key "recieve" in a step; did you mean "recv"?`,
	},
	{
		name: "an unknown verb with arguments",
		yaml: processWith("- conect: c\n  address: server:80"),
		want: `x.yaml:7:13: unknown key "conect" in a step; did you mean "connect"?`,
	},
	{
		name: "a verb like no other",
		yaml: processWith("- xyzzy: c"),
		want: `x.yaml:7:13: unknown key "xyzzy" in a step; expected socket, bind, listen, connect, accept, shutdown, close, dup, send, recv, setsockopt, getsockopt, poll, fcntl, getsockname, getpeername, sleep, wait-for, sigpipe, fork or exit`,
	},
	{
		name: "a step without a verb",
		yaml: processWith(`- {address: "server:80"}`),
		want: "x.yaml:7:13: this step has no verb; expected socket, bind, listen, connect, accept, shutdown, close, dup, send, recv, setsockopt, getsockopt, poll, fcntl, getsockname, getpeername, sleep, wait-for, sigpipe, fork or exit",
	},
	{
		name: "a step that is a word",
		yaml: processWith("- close"),
		want: `x.yaml:7:13: a step must be a mapping (lines of "key: value"); found "close"`,
	},
	{
		name: "two verbs in a step",
		yaml: processWith("- socket: c\n  close: c"),
		want: `x.yaml:8:13: a step has one verb, but this one has "socket" and "close"; begin a new step with "- close:"`,
	},
	{
		name: "a network verb in a process",
		yaml: processWith("- crash: server"),
		want: `x.yaml:7:13: "crash" is a step of the network, not of a process`,
	},
	{
		name: "an argument of another verb",
		yaml: processWith("- socket: c\n- {close: c, size: 5}"),
		want: `x.yaml:8:24: "size" is an argument of recv, not of close, which takes label, expect`,
	},
	{
		name: "an unknown argument",
		yaml: processWith(`- socket: c
- {connect: c, adress: "server:80"}`),
		want: `x.yaml:8:26: unknown key "adress" in a connect step; did you mean "address"?`,
	},
	{
		name: "a missing argument",
		yaml: processWith("- socket: c\n- connect: c"),
		want: `x.yaml:8:13: connect needs the key "address"`,
	},
	{
		name: "an address without a port",
		yaml: processWith("- socket: c\n- {connect: c, address: server}"),
		want: `x.yaml:8:35: "address" must be an address such as server:8080, :8080, 10.0.0.1:80 or [fd00::1]:80; found "server"; the port is missing`,
	},
	{
		name: "an address with an unknown host",
		yaml: processWith(`- socket: c
- {connect: c, address: "sever:80"}`),
		want: `x.yaml:8:35: "address" must be an address such as server:8080, :8080, 10.0.0.1:80 or [fd00::1]:80; found "sever:80"; the host must be client, server or an IP address`,
	},
	{
		name: "an address with a large port",
		yaml: processWith(`- socket: c
- {connect: c, address: "server:65536"}`),
		want: `x.yaml:8:35: "address" must be an address such as server:8080, :8080, 10.0.0.1:80 or [fd00::1]:80; found "server:65536"; the port must be from 0 to 65535`,
	},
	{
		name: "an IPv6 address without brackets",
		yaml: processWith(`- socket: c
- {connect: c, address: "fd00::1:80"}`),
		want: `x.yaml:8:35: "address" must be an address such as server:8080, :8080, 10.0.0.1:80 or [fd00::1]:80; found "fd00::1:80"; an IPv6 address stands in brackets`,
	},
	{
		name: "data and bytes",
		yaml: processWith("- socket: c\n- {send: c, data: a, bytes: 1}"),
		want: "x.yaml:8:32: send takes data or bytes, not both",
	},
	{
		name: "neither data nor bytes",
		yaml: processWith("- socket: c\n- {send: c}"),
		want: "x.yaml:8:13: send needs data or bytes",
	},
	{
		name: "data that is a number",
		yaml: processWith("- socket: c\n- {send: c, data: 5}"),
		want: `x.yaml:8:29: "data" must be text; found the number 5; put it in quotes`,
	},
	{
		name: "a size in quotes",
		yaml: processWith(`- socket: c
- {recv: c, size: "5"}`),
		want: `x.yaml:8:29: "size" must be a whole number from 1 to 100000000; found "5"; write it without quotes`,
	},
	{
		name: "a size of zero",
		yaml: processWith("- socket: c\n- {recv: c, size: 0}"),
		want: `x.yaml:8:29: "size" must be a whole number from 1 to 100000000; found the number 0`,
	},
	{
		name: "flags that are not a list",
		yaml: processWith("- socket: c\n- {recv: c, flags: MSG_PEEK}"),
		want: `x.yaml:8:30: "flags" must be a list such as [MSG_PEEK]; found "MSG_PEEK"`,
	},
	{
		name: "an unknown flag",
		yaml: processWith("- socket: c\n- {recv: c, flags: [MSG_PEAK]}"),
		want: `x.yaml:8:31: an item of "flags" must be MSG_PEEK, MSG_DONTWAIT or MSG_WAITALL; found "MSG_PEAK"`,
	},
	{
		name: "a flag given twice",
		yaml: processWith("- socket: c\n- {recv: c, flags: [MSG_PEEK, MSG_PEEK]}"),
		want: `x.yaml:8:41: "flags" names MSG_PEEK twice`,
	},
	{
		name: "an unknown until",
		yaml: processWith("- socket: c\n- {send: c, data: a, until: EOF}"),
		want: `x.yaml:8:39: "until" must be EAGAIN or error; found "EOF"`,
	},
	{
		name: "a total without until",
		yaml: processWith("- socket: c\n- {send: c, data: a, total: 5}"),
		want: `x.yaml:8:39: "total" is the sum over repeated calls; it needs "until", which repeats them`,
	},
	{
		name: "an unknown direction",
		yaml: processWith("- socket: c\n- {shutdown: c, how: RW}"),
		want: `x.yaml:8:32: "how" must be RD, WR or RDWR; found "RW"`,
	},
	{
		name: "an unknown option",
		yaml: processWith("- socket: c\n- {getsockopt: c, option: SO_LINGR}"),
		want: `x.yaml:8:37: "option" must be the name of a socket option; found "SO_LINGR"; did you mean "SO_LINGER"?`,
	},
	{
		name: "an option that is not a linger",
		yaml: processWith("- socket: c\n- {setsockopt: c, option: SO_LINGER, value: 0}"),
		want: `x.yaml:8:55: "value" of SO_LINGER must be a mapping such as {onoff: 1, linger: 0}; found the number 0`,
	},
	{
		name: "half a linger",
		yaml: processWith("- socket: c\n- {setsockopt: c, option: SO_LINGER, value: {onoff: 1}}"),
		want: `x.yaml:8:55: the value of SO_LINGER needs the key "linger"`,
	},
	{
		name: "a linger for another option",
		yaml: processWith("- socket: c\n- {setsockopt: c, option: SO_RCVBUF, value: {onoff: 1, linger: 0}}"),
		want: `x.yaml:8:55: "value" of SO_RCVBUF must be a whole number; found a mapping`,
	},
	{
		name: "a nonblock that is a word",
		yaml: processWith(`- socket: c
- {fcntl: c, nonblock: "yes"}`),
		want: `x.yaml:8:34: "nonblock" must be true or false; found "yes"`,
	},
	{
		name: "an unknown poll event",
		yaml: processWith("- socket: c\n- {poll: c, events: [POLLHUP]}"),
		want: `x.yaml:8:32: an item of "events" must be POLLIN, POLLPRI, POLLOUT or POLLRDHUP; found "POLLHUP"`,
	},
	{
		name: "an unknown signal disposition",
		yaml: processWith("- sigpipe: ign"),
		want: `x.yaml:7:22: "sigpipe" must be default or ignore; found "ign"`,
	},
	{
		name: "an option that takes a duration",
		yaml: processWith("- socket: c\n- {setsockopt: c, option: SO_RCVTIMEO, value: 20 sec}"),
		want: `x.yaml:8:57: "value" of SO_RCVTIMEO must be a duration such as 5s or a whole number; found "20 sec"; it has no spaces, and its units are ns, us, ms, s, m and h`,
	},
	{
		name: "a duration that is no whole number of the option's units",
		yaml: processWith("- socket: c\n- {setsockopt: c, option: TCP_KEEPIDLE, value: 1500ms}"),
		want: `x.yaml:8:58: "value" of TCP_KEEPIDLE must be a duration such as 5s or a whole number; found "1500ms"; it counts whole units of 1s`,
	},
	{
		name: "a duration that is longer than the option can say",
		yaml: processWith("- socket: c\n- {setsockopt: c, option: TCP_USER_TIMEOUT, value: 1000h}"),
		want: `x.yaml:8:62: "value" of TCP_USER_TIMEOUT must be a duration such as 5s or a whole number; found "1000h"; the most is 596h31m23.647s`,
	},
	{
		name: "a flag that is not simulated",
		yaml: processWith("- socket: c\n- {send: c, data: x, flags: [MSG_MORE]}"),
		want: `x.yaml:8:40: MSG_MORE is not simulated: the stack cannot hold data back for one call; set TCP_CORK, or send the data in one call`,
	},
	{
		name: "an unknown errno",
		yaml: processWith("- socket: c\n- {recv: c, expect: ECONNREST}"),
		want: `x.yaml:8:31: "expect" of recv must be a number of bytes, EOF, {data: TEXT}, {bytes: N}, ok, never or the name of an errno such as ECONNRESET; found "ECONNREST"; did you mean "ECONNRESET"?`,
	},
	{
		name: "an expectation in other letters",
		yaml: processWith("- socket: c\n- {recv: c, expect: eof}"),
		want: `x.yaml:8:31: "expect" of recv must be a number of bytes, EOF, {data: TEXT}, {bytes: N}, ok, never or the name of an errno such as ECONNRESET; found "eof"; did you mean "EOF"?`,
	},
	{
		name: "a negative result",
		yaml: processWith("- socket: c\n- {recv: c, expect: -1}"),
		want: `x.yaml:8:31: "expect" of recv must be a number of bytes, EOF, {data: TEXT}, {bytes: N}, ok, never or the name of an errno such as ECONNRESET; found the number -1; a call that fails is expected by the name of its errno`,
	},
	{
		name: "EOF from send",
		yaml: processWith("- socket: c\n- {send: c, data: a, expect: EOF}"),
		want: `x.yaml:8:40: "expect" of send must be a number of bytes, ok, never or the name of an errno such as ECONNRESET; found "EOF"`,
	},
	{
		name: "a count from a call that has none",
		yaml: processWith(`- socket: c
- {bind: c, address: ":80", expect: 1}`),
		want: `x.yaml:8:47: "expect" of bind must be 0, ok, never or the name of an errno such as ECONNREFUSED; found the number 1`,
	},
	{
		name: "a payload from send",
		yaml: processWith("- socket: c\n- {send: c, data: a, expect: {data: a}}"),
		want: `x.yaml:8:40: "expect" of send must be a number of bytes, ok, never or the name of an errno such as ECONNRESET; found a mapping`,
	},
	{
		name: "an empty payload expectation",
		yaml: processWith("- socket: c\n- {recv: c, expect: {}}"),
		want: `x.yaml:8:31: "expect" needs data or bytes`,
	},
	{
		name: "an unknown reported event",
		yaml: processWith(`- socket: c
- {poll: c, expect: "POLLIN|POLLERROR"}`),
		want: `x.yaml:8:31: "expect" of poll must be events such as "POLLIN|POLLHUP", 0 for no events, ok, never or the name of an errno such as EBADF; found "POLLIN|POLLERROR"; did you mean "POLLERR"?`,
	},
	{
		name: "an unknown state",
		yaml: processWith("- socket: c\n- {getsockopt: c, option: TCP_INFO, expect: FIN_WAIT1}"),
		want: `x.yaml:8:55: "expect" of getsockopt must be a state such as CLOSE_WAIT, ok, never or the name of an errno such as EBADF; found "FIN_WAIT1"; did you mean "FIN_WAIT_1"?`,
	},
	{
		name: "an empty list of results",
		yaml: processWith("- socket: c\n- {recv: c, expect: []}"),
		want: `x.yaml:8:31: "expect" of recv is an empty list; leave the key out when any result will do`,
	},
	{
		name: "lists of results in a list",
		yaml: processWith("- socket: c\n- {recv: c, expect: [[1]]}"),
		want: `x.yaml:8:32: "expect" of recv must be a number of bytes, EOF, {data: TEXT}, {bytes: N}, ok, never or the name of an errno such as ECONNRESET; found a list`,
	},
	{
		name: "an expectation of sleep",
		yaml: processWith("- {sleep: 1s, expect: 0}"),
		want: "x.yaml:7:25: sleep returns nothing, so there is nothing to expect",
	},
	{
		name: "a socket before the first",
		yaml: processWith("- close: c"),
		want: `x.yaml:7:20: no step before this one creates socket "c"; the process has no sockets so far`,
	},
	{
		name: "an unknown socket",
		yaml: processWith("- socket: l\n- {recv: s}"),
		want: `x.yaml:8:20: no step before this one creates socket "s"; sockets so far: l`,
	},
	{
		name: "a socket created twice",
		yaml: processWith("- socket: c\n- socket: c"),
		want: `x.yaml:8:21: socket "c" exists already, from line 7; close it first or choose another name`,
	},
	{
		name: "an accepted socket created twice",
		yaml: processWith("- socket: c\n- {accept: c, as: c}"),
		want: `x.yaml:8:29: socket "c" exists already, from line 7; close it first or choose another name`,
	},
	{
		name: "a socket name with a space",
		yaml: processWith("- socket: my socket"),
		want: `x.yaml:7:21: "socket" must be the name of a socket (letters, digits, _ . -); found "my socket"`,
	},
	{
		name: "an unknown label",
		yaml: processWith("- {socket: c, label: first}\n- wait-for: frist"),
		want: `x.yaml:8:23: no step has the label "frist"; did you mean "first"?`,
	},
	{
		name: "a label given twice",
		yaml: processWith("- {socket: a, label: x}\n- {socket: b, label: x}"),
		want: `x.yaml:8:13: the label "x" is given twice; the first is in line 7`,
	},
}

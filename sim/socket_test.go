package sim_test

import "testing"

// Scripts of what a program sees in the ways a connection can begin and end.
// Recorded on Linux 6.18, except where a comment says that gVisor differs.

func TestConnectRefused(t *testing.T) {
	// Nobody listens on the port next to the server's.
	inProgress := "c.nonblock\nc.reconnect = EINPROGRESS\n"
	for name, script := range map[string]string{
		"blocking: the error is connect's": `
c.reconnect = ECONNREFUSED
c.state = CLOSE
c.poll = POLLOUT|POLLHUP
c.recv = ENOTCONN
c.send x = EPIPE
c.error = OK`,
		"nonblocking: connect takes the error, and connects anew": inProgress + `
c.poll = ` + allEvents + `
c.reconnect = ECONNREFUSED
c.reconnect = EINPROGRESS
c.error = ECONNREFUSED`,
		"nonblocking: recv takes the error": inProgress + `
c.poll = ` + allEvents + `
c.recv = ECONNREFUSED
c.recv = 0
c.send x = EPIPE
c.error = OK`,
		"nonblocking: send takes the error": inProgress + `
c.poll = ` + allEvents + `
c.send x = ECONNREFUSED
c.send x = EPIPE
c.recv = 0
c.error = OK`,
		"a socket that was refused can connect": `
c.reconnect = ECONNREFUSED
l.listen
c.connect
l.accept s
c.send again = 5
s.recv = 5:again`,
		"connect while connecting is EALREADY, then OK once, then EISCONN": `
l.listen
c.nonblock
c.connect = EINPROGRESS
+c.connect = EALREADY
+c.poll = 0
+c.send x = EAGAIN
+c.recv = EAGAIN
c.poll = POLLOUT
c.connect
c.connect = EISCONN`,
	} {
		t.Run(name, func(t *testing.T) { play(t, script) })
	}
}

func TestLingerZero(t *testing.T) {
	linger := "c.linger 0\nc.close\n"
	for name, script := range map[string]string{
		"the peer reads ECONNRESET once": greeted + linger + `
s.poll = ` + allEvents + `
s.recv = ECONNRESET
s.recv = 0
s.send x = EPIPE
s.send x = EPIPE
s.state = CLOSE`,
		"SO_ERROR takes it too": greeted + linger + `
s.poll = ` + allEvents + `
s.error = ECONNRESET
s.error = OK
s.recv = 0
s.send x = EPIPE`,
		"a blocked recv gets it": greeted + `
s.read = ECONNRESET
` + linger + `
s.poll = ` + pollQuiet + `
s.recv = 0
s.send x = EPIPE
s.error = OK
s.state = CLOSE`,
		"data that came first is read first": greeted + `
c.send data2 = 5
` + linger + `
s.poll = ` + allEvents + `
s.recv = 5:data2
s.recv = ECONNRESET
s.recv = 0
s.send x = EPIPE`,
		"send takes the error before the data is read": greeted + `
c.send data2 = 5
` + linger + `
s.send x = ECONNRESET
s.recv = 5:data2
s.recv = 0
s.recv = 0
s.send x = EPIPE`,
		"data and RST back to back": greeted + `
c.linger 0
c.send data2 = 5
+c.close
s.recv = 5:data2
s.recv = ECONNRESET
s.recv = 0
s.send x = EPIPE`,
		"in CLOSE_WAIT: the peer, half closed, reads ECONNRESET": greeted + `
s.shutdown WR
c.recv = 0
c.state = CLOSE_WAIT
s.read = ECONNRESET
` + linger + `
s.recv = 0
s.send x = EPIPE`,
	} {
		t.Run(name, func(t *testing.T) { play(t, script) })
	}
}

func TestDataAfterClose(t *testing.T) {
	// The client has closed: data from the server gets a RST, which the server
	// in CLOSE_WAIT hears of by EPIPE only.
	closed := greeted + "c.close\n"
	for name, script := range map[string]string{
		"end of file, send, RST: recv stays 0": closed + `
s.poll = POLLIN|POLLOUT|POLLRDHUP
s.recv = 0
s.send late = 4
s.poll = ` + allEvents + `
s.recv = 0
s.recv = 0
s.send late = EPIPE
s.error = OK`,
		"send first": closed + `
s.recv = 0
s.send late = 4
s.send late = EPIPE
s.send late = EPIPE
s.recv = 0
s.error = OK`,
		"SO_ERROR is EPIPE, once": closed + `
s.recv = 0
s.send late = 4
s.error = EPIPE
s.error = OK
s.recv = 0
s.send late = EPIPE`,
		"the end of file was not read before": closed + `
s.send late = 4
s.poll = ` + allEvents + `
s.recv = 0
s.recv = 0
s.send late = EPIPE
s.recv = 0`,
		"unread data survives the RST": greeted + `
c.send hello = 5
+c.close
s.poll = POLLIN|POLLOUT|POLLRDHUP
s.send late = 4
s.poll = ` + allEvents + `
s.recv = 5:hello
s.recv = 0
s.recv = 0
s.send late = EPIPE`,
		"two sends before the RST is back": closed + `
s.recv = 0
s.send late = 4
+s.send late = 4
s.poll = ` + allEvents + `
s.send late = EPIPE
s.recv = 0`,
	} {
		t.Run(name, func(t *testing.T) { play(t, script) })
	}
}

func TestUnreadDataAtClose(t *testing.T) {
	// A close with unread bytes is a RST.
	hello := opened + "c.send hello = 5\n"
	for name, script := range map[string]string{
		"all read: FIN": hello + `
s.recv = 5:hello
s.close
c.poll = POLLIN|POLLOUT|POLLRDHUP
c.recv = 0`,
		"partly read": hello + `
s.recv 2 = 2:he
s.close
c.poll = ` + allEvents + `
c.recv = ECONNRESET
c.recv = 0
c.send x = EPIPE`,
		"the peer is blocked in recv": hello + `
c.read = ECONNRESET
s.close
c.poll = ` + pollQuiet + `
c.recv = 0
c.send x = EPIPE
c.error = OK
c.state = CLOSE`,
		"data in flight at the close: FIN, then RST, and the peer in CLOSE_WAIT": opened + `
c.send hello = 5
+s.close
c.poll = ` + allEvents + `
c.recv = 0
c.recv = 0
c.send x = EPIPE`,
		"data that was sent before the close is read before the error": hello + `
s.send ERROR = 5
+s.close
c.recv = 5:ERROR
c.recv = ECONNRESET
c.recv = 0
c.send x = EPIPE`,
	} {
		t.Run(name, func(t *testing.T) { play(t, script) })
	}
}

func TestResetBeforeAccept(t *testing.T) {
	for name, script := range map[string]string{
		"accept succeeds; the error comes with the first call": `
l.listen
c.connect
c.linger 0
c.close
l.poll = POLLIN
l.accept s
s.state = CLOSE
s.poll = ` + allEvents + `
s.recv = ECONNRESET
s.recv = 0
s.send x = EPIPE`,
		"data that came before is read": `
l.listen
c.connect
c.send hello = 5
c.linger 0
c.close
l.accept s
s.poll = ` + allEvents + `
s.recv = 5:hello
s.recv = ECONNRESET
s.recv = 0
s.send x = EPIPE`,
		"closed in order before accept": `
l.listen
c.connect
c.send hello = 5
+c.close
l.accept s
s.poll = POLLIN|POLLOUT|POLLRDHUP
s.recv = 5:hello
s.recv = 0
s.close`,
		"closed in SYN_SENT: nothing to accept": `
l.listen
l.nonblock
c.nonblock
c.connect = EINPROGRESS
+c.state = SYN_SENT
+c.close
l.accept s = EAGAIN`,
		"SO_LINGER zero in SYN_SENT": `
l.listen
l.nonblock
c.nonblock
c.linger 0
c.connect = EINPROGRESS
+c.close
l.accept s = EAGAIN`,
		"shutdown in SYN_SENT aborts": `
l.listen
l.nonblock
c.nonblock
c.connect = EINPROGRESS
+c.shutdown RDWR
+c.state = CLOSE
c.poll = POLLOUT|POLLERR|POLLHUP
c.recv = ECONNRESET
c.send x = EPIPE
c.error = OK
l.accept s = EAGAIN`,
	} {
		t.Run(name, func(t *testing.T) { play(t, script) })
	}
}

func TestDeferAccept(t *testing.T) {
	// After three seconds, not after seven: see timerLag.
	play(t, `
l.set TCP_DEFER_ACCEPT 3
l.listen
+c.connect
l.accept s
+l.now = 3.215s`)
}

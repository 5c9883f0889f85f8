package sim_test

import (
	"strings"
	"testing"
)

// What a socket says after a RST, by the state in which the RST found it.
// Recorded on Linux 6.18. P is poll, R recv, W send, E SO_ERROR.
const (
	allEvents  = "POLLIN|POLLOUT|POLLERR|POLLHUP|POLLRDHUP"
	pollQuiet  = "POLLIN|POLLOUT|POLLHUP|POLLRDHUP" // the error has been reported
	reset      = "s.linger 0\ns.close\n"
	halfClosed = greeted + "s.shutdown WR\n"
	// deaf loses the FIN, so that nothing answers it before the RST comes.
	deaf = "n.unplug\nc.shutdown WR\n+c.state = LAST_ACK\n"
)

func TestErrnoAfterRST(t *testing.T) {
	states := map[string]string{
		"ESTABLISHED":         greeted + "c.state = ESTABLISHED\n" + reset,
		"ESTABLISHED-unread":  greeted + "s.send hello = 5\n" + reset,
		"FIN_WAIT2":           greeted + "c.shutdown WR\ns.recv = 0\nc.state = FIN_WAIT2\n" + reset,
		"FIN_WAIT2-unread":    greeted + "c.shutdown WR\ns.recv = 0\ns.send hello = 5\nc.state = FIN_WAIT2\n" + reset,
		"CLOSE_WAIT":          halfClosed + "c.state = CLOSE_WAIT\n" + reset,
		"CLOSE_WAIT-eof-read": halfClosed + "c.recv = 0\nc.state = CLOSE_WAIT\n" + reset,
		"CLOSE_WAIT-unread":   greeted + "s.send hello = 5\ns.shutdown WR\nc.state = CLOSE_WAIT\n" + reset,
		"LAST_ACK":            halfClosed + deaf + "n.plug\n+n.rst 6\n",
		"LAST_ACK-unread":     greeted + "s.send hello = 5\ns.shutdown WR\n" + deaf + "n.plug\n+n.rst 11\n",
	}
	tests := []struct{ state, calls, want string }{
		{"ESTABLISHED", "PRRRWWR", "* ECONNRESET 0 0 EPIPE EPIPE 0"},
		{"ESTABLISHED", "PWWRRR", "* ECONNRESET EPIPE 0 0 0"},
		{"ESTABLISHED", "PEERW", "* ECONNRESET OK 0 EPIPE"},
		{"ESTABLISHED-unread", "PRRRWWR", "* 5:hello ECONNRESET 0 EPIPE EPIPE 0"},
		{"ESTABLISHED-unread", "PWWRRR", "* ECONNRESET EPIPE 5:hello 0 0"},
		{"ESTABLISHED-unread", "PEERW", "* ECONNRESET OK 5:hello EPIPE"},
		{"FIN_WAIT2", "PRRRWWR", "* ECONNRESET 0 0 EPIPE EPIPE 0"},
		{"FIN_WAIT2", "PWWRRR", "* ECONNRESET EPIPE 0 0 0"},
		{"FIN_WAIT2", "PEERW", "* ECONNRESET OK 0 EPIPE"},
		{"FIN_WAIT2-unread", "PWWRRR", "* ECONNRESET EPIPE 5:hello 0 0"},
		{"FIN_WAIT2-unread", "PEERW", "* ECONNRESET OK 5:hello EPIPE"},
		{"CLOSE_WAIT", "PRRRWWR", "* 0 0 0 EPIPE EPIPE 0"},
		{"CLOSE_WAIT", "PWWRRR", "* EPIPE EPIPE 0 0 0"},
		{"CLOSE_WAIT-eof-read", "PRRRWWR", "* 0 0 0 EPIPE EPIPE 0"},
		{"CLOSE_WAIT-eof-read", "PWWRRR", "* EPIPE EPIPE 0 0 0"},
		{"CLOSE_WAIT-eof-read", "PEERW", "* EPIPE OK 0 EPIPE"},
		{"CLOSE_WAIT-unread", "PRRRWWR", "* 5:hello 0 0 EPIPE EPIPE 0"},
		{"CLOSE_WAIT-unread", "PEERW", "* EPIPE OK 5:hello EPIPE"},
		{"LAST_ACK", "PRRRWWR", "* 0 0 0 ECONNRESET EPIPE 0"},
		{"LAST_ACK-unread", "PWWRRR", "* ECONNRESET EPIPE 5:hello 0 0"},
	}
	verb := map[rune]string{'P': "c.poll", 'R': "c.recv", 'W': "c.send x", 'E': "c.error"}
	for _, test := range tests {
		t.Run(test.state+"/"+test.calls, func(t *testing.T) {
			script := states[test.state] + "c.state = CLOSE\n"
			want := strings.Fields(strings.Replace(test.want, "*", allEvents, 1))
			for i, letter := range test.calls {
				script += verb[letter] + " = " + want[i] + "\n"
			}
			play(t, script)
		})
	}
}

package sim_test

import (
	"slices"
	"testing"

	"github.com/tcpsim/tcpsim/sim/cause"
)

// provoke makes a run with a RST of that cause.
var provoke = map[string]string{
	cause.UnreadData:       opened + "c.send x = 1\ns.close",
	cause.LingerZero:       opened + reset,
	cause.ListenerClosed:   "l.listen\nc.connect\nl.close",
	cause.ListenerShutdown: "l.listen\nl.shutdown RD\nc.connect = ECONNREFUSED",
	cause.PortNotListening: "c.reconnect = ECONNREFUSED",
	cause.ConnectionClosed: greeted + "n.unplug\nc.linger 0\n+c.close\nn.plug\ns.send x = 1",
	cause.DataAfterClose:   opened + "c.close\ns.send x = 1",
	cause.DataAfterShutdown: opened + `c.shutdown RDWR
s.send x = 1`,
	cause.NoConnection:      "n.forge server . 5 5",
	cause.ListenerGotAck:    "l.listen\nn.forge server . 5 5",
	cause.ListenerGotSynAck: "l.listen\nn.forge server S. 5 5",
	cause.SynSentBadAck:     "n.unplug\nc.nonblock\nc.connect = EINPROGRESS\nn.plug\n+n.forge client S. 5 500",
	cause.SynReceivedBadAck: "l.listen\nn.unplug\nn.forge server S 5 0\n+n.forge server . 1 500",
	cause.SynReceivedNewSyn: "l.listen\nn.unplug\nn.forge server S 5 0\n+n.forge server S 900 0",
	cause.HostRebooted:      greeted + "n.crash\nn.boot\nc.send x = 1",
	cause.LingerTwo:         opened + "c.set TCP_LINGER2 -1\nc.shutdown WR\nc.close",
	cause.KeepaliveTimeout: opened + `c.set TCP_KEEPIDLE 1
c.set TCP_KEEPINTVL 1
c.set TCP_KEEPCNT 2
c.set SO_KEEPALIVE 1
n.unplug
@9s c.recv 1 = ETIMEDOUT`,
	cause.Destroyed: opened + "n.destroy\nc.recv 1 = ECONNABORTED",
	cause.Forged:    greeted + "n.rst 5",
}

func TestEveryCauseCanBeProvoked(t *testing.T) {
	for _, id := range cause.All() {
		script, ok := provoke[id]
		if !ok {
			t.Errorf("%s: no script", id)
			continue
		}
		t.Run(id, func(t *testing.T) {
			tr := play(t, script)
			var seen []string
			for _, s := range tr.Segments {
				if s.Cause != nil {
					seen = append(seen, s.Cause.ID)
				}
			}
			if !slices.Contains(seen, id) {
				t.Errorf("the RSTs have the causes %v\n%s", seen, tr)
			}
		})
	}
}

package coverage

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"

	"github.com/tcpsim/tcpsim/sim/cause"
)

// Site is a place in gVisor's TCP that can emit a RST: a call of what emits one.
type Site struct {
	At       string   `json:"at"`       // file:line in pkg/tcpip/transport/tcp
	Function string   `json:"function"` // that has the call
	Calls    string   `json:"calls"`
	When     string   `json:"when"`
	Causes   []string `json:"causes"` // that a RST from there can have
	// Unreached is why no scenario comes here; empty for a site that one reaches.
	Unreached string `json:"unreached,omitempty"`
}

// SiteRow is a site with the cases that reach it.
type SiteRow struct {
	Site
	Cases []string `json:"cases"`
}

// ofStranger are the causes of a RST that answers a segment for which there is
// no endpoint.
var ofStranger = []string{cause.PortNotListening, cause.NoConnection, cause.HostRebooted, cause.ConnectionClosed}

// sites are all that there are in the pinned version of gVisor, by position. A
// call of resetConnectionLocked emits no RST when the connection ends by a RST
// or by a timeout, which is why the lines alone do not count.
var sites = []Site{
	{
		At: "accept.go:456", Function: "Endpoint.handleListenSegment", Calls: "replyWithReset",
		When:   "a SYN,ACK arrives at a listener, or anything at one that was shut down for reading",
		Causes: []string{cause.ListenerGotSynAck, cause.ListenerShutdown, cause.ConnectionClosed, cause.HostRebooted},
	},
	{
		At: "accept.go:621", Function: "Endpoint.handleListenSegment", Calls: "replyWithReset",
		When:   "an ACK arrives at a listener, belongs to no connection, and is no SYN cookie",
		Causes: []string{cause.ListenerGotAck, cause.ConnectionClosed, cause.HostRebooted},
	},
	{
		At: "connect.go:309", Function: "handshake.synSentState", Calls: "sendEmptyRaw",
		When:   "SYN_SENT: an ACK of something that was not sent",
		Causes: []string{cause.SynSentBadAck},
	},
	{
		At: "connect.go:417", Function: "handshake.synRcvdState", Calls: "sendEmptyRaw",
		When:   "SYN_RECEIVED: an ACK of something that was not sent, and no SYN cookie",
		Causes: []string{cause.SynReceivedBadAck},
	},
	{
		At: "connect.go:445", Function: "handshake.synRcvdState", Calls: "sendEmptyRaw",
		When:   "SYN_RECEIVED: a SYN inside the window with another sequence number",
		Causes: []string{cause.SynReceivedNewSyn},
	},
	{
		At: "connect.go:1131", Function: "Endpoint.resetConnectionLocked", Calls: "sendEmptyRaw",
		When: "the RST of every call of resetConnectionLocked",
		Causes: []string{
			cause.UnreadData, cause.LingerZero, cause.ListenerClosed, cause.ListenerShutdown,
			cause.DataAfterClose, cause.DataAfterShutdown, cause.LingerTwo, cause.KeepaliveTimeout, cause.Destroyed,
		},
	},
	{
		At: "connect.go:1179", Function: "Endpoint.tryDeliverSegmentFromClosedEndpoint", Calls: "replyWithReset",
		When:      "a segment was queued at an endpoint that closed before it came to it, and no other endpoint takes it",
		Causes:    append([]string{cause.DataAfterClose, cause.DataAfterShutdown}, ofStranger...),
		Unreached: "an endpoint's queue is drained here only when it ends with a segment in it (connect.go:1205), and a host gets the next segment only when it has done with the last one (Pause waits for the queue, dispatcher.go:325)",
	},
	{
		At: "dispatcher.go:189", Function: "handleConnecting", Calls: "resetConnectionLocked",
		When:      "a handshake is finished, and its listener has closed meanwhile",
		Causes:    []string{cause.ListenerClosed, cause.ConnectionClosed},
		Unreached: "the listener's queue has no room at all then (dispatcher.go:129), which closing it brings about (endpoint.go:1193); but that ends its unfinished handshakes before it returns (endpoint.go:1198), and listen() always asks for room",
	},
	{
		At: "dispatcher.go:221", Function: "handleConnected", Calls: "resetConnectionLocked",
		When:   "a segment with data, or behind missing data, arrives for a process that cannot read them",
		Causes: []string{cause.DataAfterClose, cause.DataAfterShutdown},
	},
	{
		At: "endpoint.go:1064", Function: "Endpoint.Abort", Calls: "resetConnectionLocked",
		When:   "a listener is closed, or shut down for reading, with connections that nobody has accepted; and where tcpsim's socket layer ends a connection as Linux does",
		Causes: []string{cause.ListenerClosed, cause.ListenerShutdown, cause.LingerTwo, cause.KeepaliveTimeout, cause.Destroyed},
	},
	{
		At: "endpoint.go:1109", Function: "Endpoint.closeLocked", Calls: "resetConnectionLocked",
		When:   "close() with SO_LINGER {on, 0 s}",
		Causes: []string{cause.LingerZero},
	},
	{
		At: "endpoint.go:2656", Function: "Endpoint.shutdownLocked", Calls: "resetConnectionLocked",
		When:   "close(), or shutdown() of the second direction, with bytes unread",
		Causes: []string{cause.UnreadData, cause.ListenerClosed, cause.ListenerShutdown, cause.LingerZero},
	},
	{
		At: "endpoint_state.go:61", Function: "Endpoint.beforeSave", Calls: "resetConnectionLocked",
		When:      "the stack is saved to a checkpoint",
		Unreached: "only the encoder of a checkpoint calls it (tcp_state_autogen.go:501), and a simulation is never saved",
	},
	{
		At: "forwarder.go:138", Function: "ForwarderRequest.Complete", Calls: "replyWithReset",
		When:      "a forwarder refuses a connection",
		Unreached: "only a program that answers for other hosts makes a forwarder (forwarder.go:47); tcpsim's hosts are the ends of the connections",
	},
	{
		At: "protocol.go:196", Function: "protocol.HandleUnknownDestinationPacket", Calls: "replyWithReset",
		When:   "a segment arrives that no endpoint is for",
		Causes: ofStranger,
	},
}

// measurement is what reached.json has: for each site the cases that reach it.
// The test that makes it says what has changed.
type measurement map[string][]string

//go:embed reached.json
var reachedJSON []byte

var measured = sync.OnceValue(func() measurement {
	var m measurement
	if err := json.Unmarshal(reachedJSON, &m); err != nil {
		panic("coverage: reached.json: " + err.Error())
	}
	return m
})

// credit says which cases reach a site: those that execute its line and that
// show a RST with one of its causes.
func (s *Site) credit(executed map[string]bool, seen []shown) []string {
	return casesWith(seen, func(c *shown) bool {
		return executed[c.name] && slices.ContainsFunc(s.Causes, func(id string) bool { return c.causes[id] })
	})
}

package labelled

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/sim/trace/why"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// lookalikes are the causes that leave the same segments as another: nothing in
// a capture tells them from it.
var lookalikes = map[string]string{
	cause.Destroyed:         lookalike + "close() with SO_LINGER zero or with data unread",
	cause.DataAfterShutdown: lookalike + "data after close()",
	cause.ListenerShutdown:  lookalike + "a listening socket that is closed",
	cause.LingerTwo:         lookalike + "close() with SO_LINGER zero in FIN_WAIT_2",
	cause.ListenerGotAck:    lookalike + "a port that nobody listens on",
	cause.ListenerGotSynAck: lookalike + "a port that nobody listens on",
}

// synonyms are other names that are right for what a scenario shows, by the
// beginning of its name and the cause that the engine gives.
var synonyms = map[string]string{
	"backlog-full connection-closed": why.AcceptQueueFull,
	"backlog-full forged":            why.AcceptQueueFull, // the device does what tcp_abort_on_overflow does
	"idle-nat forged":                why.IdleTimeout,     // the device is the NAT
}

// Catalogue runs the cases of the catalogue, and makes a capture of each at a
// vantage point.
func Catalogue(v pcap.Vantage) ([]Item, error) {
	files, err := scenarios.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	var all []Item
	for _, f := range files {
		cases := f.Cases()
		for i := range cases {
			items, err := items(&cases[i], v)
			if err != nil {
				return nil, err
			}
			all = append(all, items...)
		}
	}
	return all, nil
}

func items(c *model.Case, v pcap.Vantage) ([]Item, error) {
	res, err := scenarios.Run(c, scenarios.Options{NoCheck: true})
	if res == nil {
		return nil, err
	}
	return Of(res.Trace, v)
}

// Of makes a capture of a run, and an item of the first RST of each of its
// connections. The format is pcapng only where the file has to say that it is
// of the wire, for no network card sees that.
func Of(t *trace.Trace, v pcap.Vantage) ([]Item, error) {
	format := pcap.PCAP
	if v == pcap.Wire {
		format = pcap.PCAPNG
	}
	var file bytes.Buffer
	if err := pcap.Write(&file, t, pcap.Options{Format: format, Vantage: v}); err != nil {
		return nil, err
	}
	var list []Item
	seen := map[int]bool{}
	n := 0
	for p := range pcap.Packets(t, v) {
		n++
		s := p.Segment
		if s.Cause == nil || seen[s.Conn] {
			continue
		}
		seen[s.Conn] = true
		item := Item{
			Name: fmt.Sprintf("%s from %s, #%d", t.Scenario, v, s.Number), File: file.Bytes(), Packet: n, Labels: []string{s.Cause.ID},
		}
		if s.Cause.ID == cause.Unexplained {
			return nil, errors.New(item.Name + ": " + s.Cause.Text)
		}
		item.label(t, s)
		item.Hidden = hidden(t, v, s)
		list = append(list, item)
	}
	return list, nil
}

// unseen are cases whose cause nothing in a capture can show, by their names
// and the cause.
var unseen = map[string]string{
	"fin-wait-2-timeout connection-closed":         "FIN_WAIT_2 was shorter than Linux's 60 s: " + lookalike + "data after close()",
	"fin-wait-2-timeout/linger2 connection-closed": "FIN_WAIT_2 was shorter than Linux's 60 s: " + lookalike + "data after close()",
}

// label adds the names that are as right as the engine's.
func (m *Item) label(t *trace.Trace, s *trace.Segment) {
	name, _, _ := strings.Cut(t.Scenario, "/")
	if also := synonyms[name+" "+s.Cause.ID]; also != "" {
		m.Labels = append(m.Labels, also)
	}
	// A firewall that rejects a SYN for the host is what the device is.
	if s.Cause.ID == cause.Forged && s.Flags.Has(wire.RST|wire.ACK) && s.Ack == 1 {
		m.Labels = append(m.Labels, why.Policy)
	}
	// Linux looks at unread data before it looks at SO_LINGER.
	if s.Cause.ID == cause.LingerZero && strings.Contains(s.Cause.Text, "unread are thrown away") {
		m.Labels = append(m.Labels, cause.UnreadData)
	}
}

// hidden says why nothing in a capture can show the cause.
func hidden(t *trace.Trace, v pcap.Vantage, s *trace.Segment) string {
	if why := lookalikes[s.Cause.ID]; why != "" {
		return why
	}
	if why := unseen[t.Scenario+" "+s.Cause.ID]; why != "" {
		return why
	}
	if s.Cause.ID == cause.Forged && s.Flags.Has(wire.RST|wire.ACK) && s.Seq == 0 && s.RawSeq == 0 {
		return lookalike + "a port that nobody listens on"
	}
	seen := map[int]bool{}
	for p := range pcap.Packets(t, v) {
		seen[p.Segment.Number] = true
	}
	if s.Trigger.Kind == trace.BySegment && !seen[s.Trigger.Index+1] {
		return "what it answers is not in the capture"
	}
	invain, others := 0, 0
	for i := range t.Segments {
		q := &t.Segments[i]
		switch {
		case q.Conn != s.Conn || q.Number == s.Number:
		case seen[q.Number]:
			others++
		case q.Number > s.Number:
		case q.Flags.Has(wire.RST) && s.Cause.ID == cause.ConnectionClosed:
			return "the RST that ended the connection is not in the capture"
		case q.From == s.From && q.Len > 0:
			invain++
		}
	}
	switch {
	case others == 0:
		return notAtAll
	case s.Cause.ID == cause.ConnectionClosed && invain >= 3:
		return "what it sent again in vain before it gave up is not in the capture"
	}
	return ""
}

package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func runNamed(t *testing.T, name string, o scenarios.Options) *trace.Trace {
	t.Helper()
	c, err := scenarios.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	res, err := scenarios.Run(c, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Problems {
		t.Errorf("%s: %v", name, p)
	}
	return res.Trace
}

// resets lists the RSTs in a capture: when each is there, by whom it seems to
// be sent, and whether it was sent there.
func resets(tr *trace.Trace, v pcap.Vantage) (list []string) {
	for p := range pcap.Packets(tr, v) {
		if p.Segment.Flags.Has(wire.RST) {
			how := "received"
			if !p.Received {
				how = "sent"
			}
			list = append(list, fmt.Sprintf("%v from %s %s", p.Time.Sub(pcap.Start(tr)), p.Segment.From, how))
		}
	}
	return list
}

// TestCapturesAtThreePointsTellWhoResets: what each of three captures holds is
// what proves who sent a RST, or who took it away.
func TestCapturesAtThreePointsTellWhoResets(t *testing.T) {
	for _, test := range []struct {
		scenario               string
		client, middle, server string
	}{
		{
			"firewall-forges-rst",
			"1.005s from server received",
			"1s from server sent, 1s from client sent",
			"1.005s from client received",
		},
		{
			"firewall-drops-rst",
			"",
			"1.035s from server received",
			"1.03s from server sent",
		},
		{
			"idle-nat/with-rst",
			"10m0.05s from server received",
			"10m0.045s from client sent, 10m0.045s from server sent",
			"10m0.05s from client received",
		},
	} {
		tr := runNamed(t, test.scenario, scenarios.Options{})
		for v, want := range map[pcap.Vantage]string{
			pcap.Client: test.client, pcap.Middlebox: test.middle, pcap.Server: test.server,
		} {
			if got := strings.Join(resets(tr, v), ", "); got != want {
				t.Errorf("%s: the capture on %s has the resets %q, want %q", test.scenario, v, got, want)
			}
		}
	}
}

// TestSilentMiddleboxLetsNothingFurther: what the gateway of idle-nat throws
// away is in its capture and not in the server's.
func TestSilentMiddleboxLetsNothingFurther(t *testing.T) {
	tr := runNamed(t, "idle-nat", scenarios.Options{})
	at := map[pcap.Vantage]int{}
	for _, v := range []pcap.Vantage{pcap.Client, pcap.Middlebox, pcap.Server} {
		for p := range pcap.Packets(tr, v) {
			if p.Segment.From == trace.Client && string(p.Segment.Payload()) == "again" {
				at[v]++
			}
		}
	}
	if at[pcap.Server] != 0 || at[pcap.Client] < 2 || at[pcap.Middlebox] != at[pcap.Client] {
		t.Errorf("the request is seen %d times at the client, %d at the gateway and %d at the server",
			at[pcap.Client], at[pcap.Middlebox], at[pcap.Server])
	}
}

// TestMiddleboxSeesAllThatTheLinkDoesNotLose, in every case of the catalogue:
// each segment once, later than it is sent and no later than it arrives, in
// proportion to where the middlebox is.
func TestMiddleboxSeesAllThatTheLinkDoesNotLose(t *testing.T) {
	const place = 0.25
	i := 0
	eachCase(func(c *model.Case) {
		if i++; testing.Short() && i%7 != 0 {
			return
		}
		o := scenarios.Options{NoCheck: true, Link: func(l *link.Config) {
			l.Middlebox.Name, l.Middlebox.At = "box", place
		}}
		res, err := scenarios.Run(c, o)
		if err != nil {
			t.Error(err)
			return
		}
		tr := res.Trace
		passed := make([]int, len(tr.Segments))
		for _, p := range tr.Passages {
			s := &tr.Segments[p.Segment-1]
			passed[p.Segment-1]++
			if p.At < s.SentAt || s.Arrived && p.At > s.ReceivedAt || p.At > tr.End {
				t.Errorf("%s: #%d is sent at %v, passes at %v and arrives at %v", c.FullName(), s.Number, s.SentAt, p.At, s.ReceivedAt)
			}
			if s.Injected != "" && p.At != s.SentAt {
				t.Errorf("%s: #%d is forged at %v, but not there at %v", c.FullName(), s.Number, s.SentAt, p.At)
			}
		}
		for k, n := range passed {
			s := &tr.Segments[k]
			if s.Arrived && n != 1 || n > 1 {
				t.Errorf("%s: #%d passes %d times", c.FullName(), s.Number, n)
			}
		}
	})
}

// TestPassiveMiddleboxChangesNothing but the captions.
func TestPassiveMiddleboxChangesNothing(t *testing.T) {
	i := 0
	eachCase(func(c *model.Case) {
		if i++; i%5 != 0 || c.Link.Middlebox.Name != "" {
			return
		}
		res, err := scenarios.Run(c, scenarios.Options{NoCheck: true})
		if err != nil {
			t.Error(err)
			return
		}
		with, err := scenarios.Run(c, scenarios.Options{NoCheck: true, Link: func(l *link.Config) { l.Middlebox.Name = "tap" }})
		if err != nil {
			t.Error(err)
			return
		}
		plain := *with.Trace
		plain.Passages, plain.Links = nil, res.Trace.Links
		// A run lasts until the last segment has got to the middlebox, also one
		// that gets no further.
		plain.End = res.Trace.End
		if digest(t, res.Trace) != digest(t, &plain) {
			t.Errorf("%s: another trace with a middlebox that does nothing", c.FullName())
		}
	})
}

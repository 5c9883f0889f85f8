package stack

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/stack/wire"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// settingTests has one entry for every setting: values that are taken and
// values that are refused, the limits among them.
var settingTests = map[string]struct{ good, bad []string }{
	"tcp_retries2":           {[]string{"1", "15", "255"}, []string{"0", "256", "-1", "x", "", "1 2", "1.5"}},
	"tcp_syn_retries":        {[]string{"1", "6"}, []string{"0", "7", "127"}},
	"tcp_synack_retries":     {[]string{"0", "6"}, []string{"-1", "7", ""}},
	"tcp_fin_timeout":        {[]string{"1", "120"}, []string{"0", "121", "60s"}},
	"tcp_tw_timeout":         {[]string{"0s", "1500ms", "10m"}, []string{"-1s", "10m1ns", "60"}},
	"tcp_tw_reuse":           {[]string{"0", "1", "2"}, []string{"3", "-1", "yes"}},
	"tcp_sack":               {[]string{"0", "1", "true", "false"}, []string{"2", "on", ""}},
	"tcp_recovery":           {[]string{"0", "1"}, []string{"2", "0x1"}},
	"tcp_nagle":              {[]string{"0", "1"}, []string{"2"}},
	"tcp_rmem":               {[]string{"4096 4096 4096", "4096 131072 6291456"}, []string{"4095 5000 6000", "5000 4096 6000", "4096 6000 5000", "4096 5000", "4096 5000 6000 7000", "4096 5000 2000000000"}},
	"tcp_wmem":               {[]string{"4096 4096 4096", "4096 16384 4194304"}, []string{"4095 5000 6000", "5000 4096 6000", "4096"}},
	"tcp_moderate_rcvbuf":    {[]string{"0", "1"}, []string{"2"}},
	"tcp_congestion_control": {[]string{"reno", "cubic"}, []string{"bbr", "Reno", ""}},
	"tcp_rto_min":            {[]string{"1ms", "200ms", "120s"}, []string{"0s", "999us", "120s1ns", "200"}},
	"tcp_rto_max":            {[]string{"200ms", "1s", "120s"}, []string{"0s", "121s"}},
	"tcp_syncookies":         {[]string{"1", "2"}, []string{"0", "3"}},
	"tcp_invalid_ratelimit":  {[]string{"0", "500", "60000"}, []string{"-1", "60001"}},
	"ip_local_port_range":    {[]string{"1 65535", "40000 40000"}, []string{"0 10", "5 4", "1 65536", "1024"}},
	"ip_default_ttl":         {[]string{"1", "64", "255"}, []string{"0", "256"}},
	"mtu":                    {[]string{"576", "1500", "65535"}, []string{"575", "65536"}},
}

func TestSettings(t *testing.T) {
	for _, doc := range Settings() {
		test, ok := settingTests[doc.Name]
		if !ok {
			t.Errorf("%s has no test", doc.Name)
			continue
		}
		t.Run(doc.Name, func(t *testing.T) {
			for _, v := range test.good {
				h := newHost(t, &testClock{}, clientAddr)
				if err := h.Set(doc.Name, v); err != nil {
					t.Error(err)
				}
				if err := CheckSetting("net.ipv4."+doc.Name, v); err != nil {
					t.Errorf("with Linux's prefix: %v", err)
				}
			}
			for _, v := range test.bad {
				want := fmt.Sprintf("setting %s = %q: want %s", doc.Name, v, doc.Allowed)
				if err := CheckSetting(doc.Name, v); err == nil || err.Error() != want {
					t.Errorf("%q: error %v, want %s", v, err, want)
				}
				if _, err := New(Config{
					Addr: clientAddr, Clock: &testClock{}, Entropy: &testEntropy{}, Settings: []Setting{{doc.Name, v}},
				}); err == nil || err.Error() != want {
					t.Errorf("New with %q: error %v, want %s", v, err, want)
				}
			}
		})
	}
}

func TestUnknownSettingNamesTheKnown(t *testing.T) {
	err := CheckSetting("tcp_timestamps", "0")
	if err == nil || !strings.HasPrefix(err.Error(), `no setting "tcp_timestamps": there are tcp_retries2, `) {
		t.Error(err)
	}
	for _, doc := range Settings() {
		if !strings.Contains(err.Error(), doc.Name) {
			t.Errorf("%s is not named", doc.Name)
		}
	}
}

func TestSettingsThatContradictEachOtherAreRefused(t *testing.T) {
	h := newHost(t, &testClock{}, clientAddr)
	if err := h.Set("tcp_rto_max", "1s"); err != nil {
		t.Fatal(err)
	}
	if err := h.Set("tcp_rto_min", "2s"); err == nil || !strings.HasPrefix(err.Error(), "setting tcp_rto_min = 2s: ") {
		t.Errorf("a minimum above the maximum: %v", err)
	}
	six := newHost(t, &testClock{}, parseAddr("fd00::1"))
	if err := six.Set("mtu", "1279"); err == nil || !strings.HasPrefix(err.Error(), "setting mtu = 1279: ") {
		t.Errorf("IPv6 with an MTU of 1279: %v", err)
	}
	if err := six.Set("mtu", "1280"); err != nil {
		t.Error(err)
	}
}

// TestSettingsTakeEffect looks at what the settings that others rely on do.
func TestSettingsTakeEffect(t *testing.T) {
	syn := func(settings ...Setting) (wire.Segment, []byte) {
		n := newNet(t, settings...)
		n.socket(n.client).Connect(serverPort)
		frame := n.drain(n.client)[0]
		s, err := wire.Parse(frame)
		if err != nil {
			t.Fatal(err)
		}
		return s, frame
	}
	if s, _ := syn(Setting{"ip_local_port_range", "40000 40000"}); s.Src.Port() != 40000 {
		t.Errorf("ip_local_port_range: port %d", s.Src.Port())
	}
	if _, f := syn(Setting{"ip_default_ttl", "7"}); f[8] != 7 {
		t.Errorf("ip_default_ttl: TTL %d", f[8])
	}
	if s, _ := syn(Setting{"mtu", "1000"}); mss(&s) != 960 {
		t.Errorf("mtu: MSS %d", mss(&s))
	}
	if s, _ := syn(Setting{"tcp_sack", "0"}); hasSACK(&s) {
		t.Error("tcp_sack 0: the SYN permits SACK")
	}
	if s, _ := syn(); !hasSACK(&s) {
		t.Error("tcp_sack: the SYN does not permit SACK")
	}
	t.Run("tcp_nagle", func(t *testing.T) {
		for value, want := range map[string]int{"1": 1, "0": 2} {
			n := newNet(t, Setting{"tcp_nagle", value})
			client, _, _ := n.connect()
			client.Send([]byte("a"), 0)
			client.Send([]byte("b"), 0)
			if got := len(n.drain(n.client)); got != want {
				t.Errorf("%s: two small sends made %d segments, want %d", value, got, want)
			}
		}
	})
	t.Run("tcp_fin_timeout and tcp_tw_timeout", func(t *testing.T) {
		n := newNet(t, Setting{"tcp_fin_timeout", "5"}, Setting{"tcp_tw_timeout", "7s"})
		client, server, _ := n.connect()
		ended := func(e *Endpoint, from State, after time.Duration) {
			t.Helper()
			start := n.clock.now
			if s := stateOf(e.gvisorState()); s != from {
				t.Fatalf("state is %s, want %s", s, from)
			}
			for stateOf(e.gvisorState()) == from && n.clock.now < start+time.Minute {
				n.advance(100 * time.Millisecond)
			}
			if d := n.clock.now - start; d < after || d > after+200*time.Millisecond {
				t.Errorf("%s took %v, want %v", from, d, after)
			}
		}
		e := client.Endpoint()
		client.Close()
		n.deliver()
		ended(e, FinWait2, 5*time.Second)
		_ = server

		n = newNet(t, Setting{"tcp_tw_timeout", "7s"})
		client, server, _ = n.connect()
		e = client.Endpoint()
		client.Close()
		n.deliver()
		server.Close()
		n.deliver()
		ended(e, TimeWait, 7*time.Second)
	})
	t.Run("tcp_syn_retries", func(t *testing.T) {
		n := newNet(t, Setting{"tcp_syn_retries", "2"})
		n.lose = func(*wire.Segment) bool { return true }
		c := n.socket(n.client)
		c.Connect(serverPort)
		n.advance(2 * time.Minute)
		// 1 + 2 + 4 seconds: the wait after the second retry is the last.
		if got := len(n.wire); got != 3 {
			t.Errorf("%d SYNs, want 3", got)
		}
		if e := c.Connect(serverPort); e != ETIMEDOUT {
			t.Errorf("connect gives %s", e)
		}
	})
	t.Run("tcp_recovery", func(t *testing.T) {
		h := newHost(t, &testClock{}, clientAddr, Setting{"tcp_recovery", "1"})
		var o tcpip.TCPRecovery
		if err := h.ns.TransportProtocolOption(tcp.ProtocolNumber, &o); err != nil || o != tcpip.TCPRACKLossDetection {
			t.Errorf("tcp_recovery is %d (%v)", o, err)
		}
	})
}

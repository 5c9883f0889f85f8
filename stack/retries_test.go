package stack

import (
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// TestRetriesStandForATime: the values are those of Linux's documentation
// (ip-sysctl, tcp_retries2) and of tcp_model_timeout.
func TestRetriesStandForATime(t *testing.T) {
	for _, test := range []struct {
		retries int
		maxRTO  time.Duration
		want    time.Duration
	}{
		{15, tcp.MaxRTO, 924600 * time.Millisecond},
		{9, tcp.MaxRTO, 204600 * time.Millisecond},
		{8, tcp.MaxRTO, 102200 * time.Millisecond},
		{5, tcp.MaxRTO, 12600 * time.Millisecond},
		{1, tcp.MaxRTO, 600 * time.Millisecond},
		{5, time.Second, 1400*time.Millisecond + 3*time.Second},
		{3, 100 * time.Millisecond, 200*time.Millisecond + 300*time.Millisecond},
	} {
		if got := patience(test.retries, test.maxRTO); got != test.want {
			t.Errorf("%d retries up to %v: %v, want %v", test.retries, test.maxRTO, got, test.want)
		}
	}
}

func TestGvisorCountsTheRetriesThatFitIntoTheTime(t *testing.T) {
	for _, test := range []struct {
		settings []Setting
		want     int
	}{
		{nil, 15},
		{[]Setting{{"tcp_retries2", "5"}}, 5},
		{[]Setting{{"tcp_retries2", "255"}}, 255},
		{[]Setting{{"tcp_retries2", "1"}}, 1},
		{[]Setting{{"tcp_recovery", "1"}, {"tcp_retries2", "5"}}, 6},
		{[]Setting{{"tcp_retries2", "5"}, {"tcp_recovery", "1"}, {"tcp_recovery", "0"}}, 5},
		// 1, 3 and 7 s lie within 12.6 s, as was seen on Linux 6.18.
		{[]Setting{{"tcp_retries2", "5"}, {"tcp_rto_min", "1s"}}, 3},
		{[]Setting{{"tcp_rto_min", "1s"}, {"tcp_retries2", "5"}}, 3},
		{[]Setting{{"tcp_retries2", "1"}, {"tcp_rto_min", "100s"}}, 1},
	} {
		h := newHost(t, &testClock{}, clientAddr)
		for _, s := range test.settings {
			if err := h.Set(s.Name, s.Value); err != nil {
				t.Fatal(err)
			}
		}
		var got tcpip.TCPMaxRetriesOption
		if err := h.ns.TransportProtocolOption(tcp.ProtocolNumber, &got); err != nil || int(got) != test.want {
			t.Errorf("%v: %d retries, want %d (%v)", test.settings, got, test.want, err)
		}
	}
}

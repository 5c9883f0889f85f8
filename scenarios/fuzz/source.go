package fuzz

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack"
)

// source reads choices from bytes. When they are used up every choice is the
// first one, which each list below makes the simplest: a shorter input is a
// simpler scenario.
type source struct {
	data []byte
	at   int
}

func (s *source) empty() bool { return s.at >= len(s.data) }

func (s *source) next() byte {
	if s.empty() {
		return 0
	}
	s.at++
	return s.data[s.at-1]
}

// below gives a number from 0 to n-1, for n up to 256.
func (s *source) below(n int) int { return int(s.next()) % n }

// one reports a choice that comes true once in n times, and never when the
// bytes are used up.
func (s *source) one(n int) bool { return s.below(n) == n-1 }

func pick[T any](s *source, from []T) T { return from[s.below(len(from))] }

// weighted picks an index, each as often as its weight says.
func (s *source) weighted(weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := s.below(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return 0
}

// The values that choices are made from: the ordinary one first, then those at
// which something changes.
var (
	latencies = []time.Duration{10 * time.Millisecond, 0, time.Millisecond, 100 * time.Millisecond, 700 * time.Millisecond}
	losses    = []float64{0, 0, 0, 0.05, 0.2, 0.5}
	pauses    = []time.Duration{
		10 * time.Millisecond, 0, time.Millisecond, 5 * time.Millisecond, 15 * time.Millisecond, 20 * time.Millisecond,
		25 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 1001 * time.Millisecond, 3 * time.Second,
		20 * time.Second, 61 * time.Second, 200 * time.Second,
	}
	smallSizes  = []int{5, 1, 2, 13, 100, 500}
	largeSizes  = []int{1448, 1449, 3000, 10_000, 20_000, 70_000, 300_000}
	bufferSizes = []int{4096, 1, 2048, 10_000}
	lingers     = []stack.Linger{{On: true}, {On: true, Time: time.Second}, {On: true, Time: 5 * time.Second}, {}, {Time: 5 * time.Second}}
	backlogs    = []int{128, 0, 1, 2}
	ports       = []uint16{8080, 8081}
	localPorts  = []uint16{40000, 40001}
	dropWhat    = []string{"ANY", "SYN", "SYNACK", "FIN", "RST", "ACK", "DATA"}
	dropFrom    = []string{"any", "client", "server"}
	hostNames   = []string{"server", "client"}
	signals     = []stack.Signal{stack.SIGKILL, stack.SIGTERM, stack.SIGABRT, stack.SIGINT}

	// Written out, so that the numbers of a campaign keep their scenarios when
	// the link learns to corrupt something else.
	fields = []link.Field{link.AnyBit, link.Payload, link.SeqNum, link.AckNum, link.Flags, link.Window, link.Checksum}
)

// settings are sysctls with the values that matter for a close.
var settings = [][2]string{
	{"tcp_retries2", "3"},
	{"tcp_tw_timeout", "0s"},
	{"tcp_tw_timeout", "1s"},
	{"tcp_fin_timeout", "1"},
	{"mtu", "1280"},
	{"tcp_nagle", "0"},
	{"tcp_syncookies", "2"},
	{"tcp_congestion_control", "cubic"},
	{"tcp_rmem", "4096 4096 4096"},
	{"tcp_wmem", "4096 4096 4096"},
	{"tcp_sack", "0"},
	{"tcp_syn_retries", "1"},
	{"tcp_moderate_rcvbuf", "0"},
	{"tcp_invalid_ratelimit", "0"},
	{"tcp_tw_reuse", "1"},
	{"tcp_recovery", "1"},
	{"tcp_rto_min", "1s"},
	{"tcp_rto_max", "5s"},
	{"tcp_rto_min", "20ms"},
	{"ip_local_port_range", "40000 40001"},
}

package story

import (
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func TestTimesArePrintedForPeople(t *testing.T) {
	for _, c := range []struct {
		d           time.Duration
		clock, span string
	}{
		{0, "0 ms", "0 us"},
		{250 * time.Microsecond, "0.25 ms", "250 us"},
		{20 * time.Millisecond, "20 ms", "20 ms"},
		{1050 * time.Millisecond, "1.050 s", "1.05 s"},
		{60*time.Second + time.Nanosecond, "60.000 s", "60 s"}, // a timer's nanosecond
		{1000250 * time.Microsecond, "1.00025 s", "1.00025 s"},
		{5 * time.Minute, "300.000 s", "5 min"},
		{2 * time.Hour, "7200.000 s", "2 h"},
	} {
		if got := Clock(c.d); got != c.clock {
			t.Errorf("Clock(%v) = %q, want %q", c.d, got, c.clock)
		}
		if got := Span(c.d); got != c.span {
			t.Errorf("Span(%v) = %q, want %q", c.d, got, c.span)
		}
	}
}

func TestSegmentsAreNamedAsInEveryOutput(t *testing.T) {
	for want, s := range map[string]trace.Segment{
		"#1 SYN 0":            {Number: 1, Flags: wire.SYN},
		"#2 SYN,ACK 0 ack 1":  {Number: 2, Flags: wire.SYN | wire.ACK, Ack: 1},
		"#3 ACK 1":            {Number: 3, Flags: wire.ACK, Ack: 1, Window: 9},
		"#3 ACK 1 win 0":      {Number: 3, Flags: wire.ACK, Ack: 1},
		"#4 PSH 1:14 (13)":    {Number: 4, Flags: wire.ACK | wire.PSH, Seq: 1, Ack: 1, Len: 13},
		"#5 FIN 14 ack 1":     {Number: 5, Flags: wire.ACK | wire.FIN, Seq: 14, Ack: 1},
		"#7 RST,ACK 1 ack 14": {Number: 7, Flags: wire.RST | wire.ACK, Seq: 1, Ack: 14},
		"#8 RST 101":          {Number: 8, Flags: wire.RST, Seq: 101},
	} {
		if got := Label(&s); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWordsAreShortened(t *testing.T) {
	if got, want := source("RFC 9293 section 3.6.1 (SHLD-3); RFC 2525 section 2.17"), "RFC 2525 2.17"; got != want {
		t.Errorf("source: %q, want %q", got, want)
	}
	if got, want := ranges([]int{4, 5, 6, 9, 11, 12}), "#4-6,9,11-12"; got != want {
		t.Errorf("ranges: %q, want %q", got, want)
	}
	if got, want := ASCII("§2 – «é»"), "section 2 - ???"; got != want {
		t.Errorf("ASCII: %q, want %q", got, want)
	}
}

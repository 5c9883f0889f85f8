package wire

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

func TestFlags(t *testing.T) {
	for text, want := range map[string]Flags{
		"none": 0, "S": SYN, "S.": SYN | ACK, ".": ACK, "P.": PSH | ACK, "F.": FIN | ACK, "R": RST, "R.": RST | ACK,
		"FP.": FIN | PSH | ACK, "FSRP.UEW": 0xff,
	} {
		if got := want.String(); got != text {
			t.Errorf("%#x prints as %q, want %q", uint8(want), got, text)
		}
	}
	for text, want := range map[string]Flags{
		"SA": SYN | ACK, ".S": SYN | ACK, "PA": PSH | ACK, "A": ACK, "WEU": URG | ECE | CWR,
	} {
		if got, err := ParseFlags(text); err != nil || got != want {
			t.Errorf("%q parses as %#x, %v", text, uint8(got), err)
		}
	}
	for text, say := range map[string]string{
		"": "no flags", "X": `unknown letter "X"`, "SS": `"S" is given twice`, "A.": `"." is given twice`, "s": `unknown letter "s"`, "S none": "unknown letter",
	} {
		if _, err := ParseFlags(text); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%q: error %v, want one that says %s", text, err, say)
		}
	}
	for f := range 256 {
		if got, err := ParseFlags(Flags(f).String()); err != nil || got != Flags(f) {
			t.Errorf("%#x: %q parses as %#x, %v", f, Flags(f), uint8(got), err)
		}
	}
	if !(SYN | ACK).Has(SYN) || SYN.Has(SYN|ACK) || !SYN.Has(0) {
		t.Error("Has is wrong")
	}
}

func TestLenCountsSynAndFin(t *testing.T) {
	for _, test := range []struct {
		s   Segment
		end uint32
	}{
		{Segment{Flags: ACK, Seq: 5}, 5},
		{Segment{Flags: SYN, Seq: 5}, 6},
		{Segment{Flags: FIN | ACK, Seq: 5, Payload: []byte("ab")}, 8},
		{Segment{Flags: ACK, Seq: 0xffffffff, Payload: []byte("ab")}, 1},
	} {
		if got := test.s.End(); got != test.end {
			t.Errorf("%s at %d with %d bytes ends at %d, want %d", test.s.Flags, test.s.Seq, len(test.s.Payload), got, test.end)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good := frame(t, Segment{Src: port("10.0.0.1:1"), Dst: port("10.0.0.2:2"), Payload: []byte("hello")})
	good6 := frame(t, Segment{Src: port("[fd00::1]:1"), Dst: port("[fd00::2]:2"), Payload: []byte("hello")})
	change := func(f []byte, at int, b byte) []byte {
		f = bytes.Clone(f)
		f[at] = b
		return f
	}
	for name, test := range map[string]struct {
		frame []byte
		say   string
	}{
		"nothing":                {nil, "empty frame"},
		"another version":        {change(good, 0, 0x55), "IP version 5"},
		"IPv4 cut":               {good[:10], "malformed IPv4 header"},
		"IPv4 total length":      {change(good, 3, 255), "malformed IPv4 header"},
		"UDP":                    {change(good, 9, 17), ErrNotTCP.Error()},
		"a fragment":             {change(good, 6, 0x20), ErrNotTCP.Error()},
		"a later fragment":       {change(good, 7, 1), ErrNotTCP.Error()},
		"IPv6 cut":               {good6[:30], "malformed IPv6 header"},
		"IPv6 hop-by-hop":        {change(good6, 6, 0), ErrNotTCP.Error()},
		"TCP header cut":         {change(good, 3, 30), "TCP header cut short: 10 bytes"},
		"data offset too small":  {change(good, 32, 0x40), "TCP data offset 16"},
		"data offset too large":  {change(good, 32, 0xf0), "TCP data offset 60"},
		"IPv6 data offset large": {change(good6, 52, 0xf0), "TCP data offset 60"},
	} {
		if _, err := Parse(test.frame); err == nil || !strings.Contains(err.Error(), test.say) {
			t.Errorf("%s: error %v, want one that says %q", name, err, test.say)
		}
	}
	if _, err := Parse(change(good, 9, 17)); !errors.Is(err, ErrNotTCP) {
		t.Errorf("UDP: %v", err)
	}
}

func TestFrameRefuses(t *testing.T) {
	a, b, six := port("10.0.0.1:1"), port("10.0.0.2:2"), port("[fd00::1]:1")
	for name, s := range map[string]Segment{
		"two families":     {Src: a, Dst: six},
		"no source":        {Dst: b},
		"no destination":   {Src: a},
		"too many options": {Src: a, Dst: b, Options: make([]byte, 41)},
		"too much payload": {Src: a, Dst: b, Payload: make([]byte, 65535-39)},
	} {
		if f, err := s.Frame(); err == nil {
			t.Errorf("%s: a frame of %d bytes", name, len(f))
		}
	}
	frame(t, Segment{Src: a, Dst: b, Options: make([]byte, 40), Payload: make([]byte, 65535-80)})
}

func TestFrameHasValidChecksums(t *testing.T) {
	for _, s := range []Segment{
		{Src: port("10.0.0.1:1"), Dst: port("10.0.0.2:2"), Payload: []byte("odd")},
		{Src: port("[fd00::1]:1"), Dst: port("[fd00::2]:2"), Payload: []byte("even"), Options: []byte{1, 1, 1}},
	} {
		f := frame(t, s)
		at := header.IPv6MinimumSize
		if s.Src.Addr().Is4() {
			at = header.IPv4MinimumSize
			if ip := header.IPv4(f); !ip.IsChecksumValid() {
				t.Errorf("%v: IPv4 checksum", s.Src)
			}
		}
		src, dst := tcpip.AddrFromSlice(s.Src.Addr().AsSlice()), tcpip.AddrFromSlice(s.Dst.Addr().AsSlice())
		sum := checksum.Checksum(s.Payload, 0)
		if !header.TCP(f[at:]).IsChecksumValid(src, dst, sum, uint16(len(s.Payload))) {
			t.Errorf("%v: TCP checksum", s.Src)
		}
	}
}

// FuzzRoundTrip: what Frame builds, Parse reads.
func FuzzRoundTrip(f *testing.F) {
	f.Add(false, uint16(1), uint16(2), uint8(2), uint32(7), uint32(8), uint16(9), []byte{1, 1, 1, 1}, []byte("data"))
	f.Add(true, uint16(0), uint16(65535), uint8(255), uint32(1<<31), uint32(0), uint16(0), []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, six bool, src, dst uint16, flags uint8, seq, ack uint32, window uint16, options, payload []byte) {
		s := Segment{
			Src: netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), src),
			Dst: netip.AddrPortFrom(netip.MustParseAddr("10.0.0.2"), dst),
			Seq: seq, Ack: ack, Window: window, Flags: Flags(flags), Options: options, Payload: payload,
		}
		if six {
			s.Src = netip.AddrPortFrom(netip.MustParseAddr("fd00::1"), src)
			s.Dst = netip.AddrPortFrom(netip.MustParseAddr("fd00::2"), dst)
		}
		frame, err := s.Frame()
		if err != nil {
			return
		}
		got, err := Parse(frame)
		if err != nil {
			t.Fatal(err)
		}
		for len(s.Options)%4 != 0 { // Frame pads
			s.Options = append(bytes.Clone(s.Options), 0)
		}
		if got.Tuple() != s.Tuple() || got.Flags != s.Flags || got.Seq != seq || got.Ack != ack || got.Window != window ||
			!bytes.Equal(got.Options, s.Options) || !bytes.Equal(got.Payload, payload) {
			t.Errorf("sent %+v, got %+v", s, got)
		}
		if got.Tuple().Reverse().Reverse() != got.Tuple() || got.Tuple().Reverse().Src != got.Dst {
			t.Errorf("Reverse of %v", got.Tuple())
		}
	})
}

// FuzzParse: no frame makes Parse panic or point outside of it.
func FuzzParse(f *testing.F) {
	f.Add([]byte{})
	f.Add(frame(f, Segment{Src: port("10.0.0.1:1"), Dst: port("10.0.0.2:2"), Payload: []byte("hello"), Options: make([]byte, 12)}))
	f.Add(frame(f, Segment{Src: port("[fd00::1]:1"), Dst: port("[fd00::2]:2"), Flags: SYN}))
	f.Fuzz(func(t *testing.T, frame []byte) {
		s, err := Parse(frame)
		if err == nil && len(s.Payload)+len(s.Options)+header.TCPMinimumSize > len(frame) {
			t.Errorf("%d bytes of payload and %d of options in a frame of %d", len(s.Payload), len(s.Options), len(frame))
		}
	})
}

func port(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func frame(t testing.TB, s Segment) []byte {
	t.Helper()
	f, err := s.Frame()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

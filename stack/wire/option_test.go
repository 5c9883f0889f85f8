package wire

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// TestOptionsAreReadAsTheyAreWritten, by gVisor's own parser, and take whole
// words as Linux pads them.
func TestOptionsAreReadAsTheyAreWritten(t *testing.T) {
	ts := &Timestamps{Value: 0x01020304, Echo: 0xfffefdfc}
	for name, o := range map[string]Options{
		"none":           {},
		"mss":            {MSS: new(uint16(1460))},
		"mss zero":       {MSS: new(uint16(0))},
		"scale":          {WindowScale: new(uint8(7))},
		"sack":           {SACKPermitted: true},
		"timestamp":      {Timestamp: ts},
		"sack and time":  {SACKPermitted: true, Timestamp: ts},
		"Linux's SYN":    {MSS: new(uint16(1460)), WindowScale: new(uint8(7)), SACKPermitted: true, Timestamp: ts},
		"too large":      {WindowScale: new(uint8(15))},
		"all but a SACK": {MSS: new(uint16(536)), WindowScale: new(uint8(14)), Timestamp: ts},
	} {
		b := o.Bytes()
		if len(b)%4 != 0 {
			t.Errorf("%s: %d bytes", name, len(b))
		}
		got := header.ParseSynOptions(b, false)
		mss, scale := uint16(header.TCPDefaultMSS), -1
		if o.MSS != nil && *o.MSS > 0 { // gVisor does not take a zero
			mss = *o.MSS
		}
		if o.WindowScale != nil {
			scale = min(header.MaxWndScale, int(*o.WindowScale))
		}
		if got.MSS != mss || got.WS != scale || got.SACKPermitted != o.SACKPermitted || got.TS != (o.Timestamp != nil) {
			t.Errorf("%s: % x reads as %+v", name, b, got)
		}
		if o.Timestamp != nil && got.TSVal != ts.Value {
			t.Errorf("%s: timestamp %x", name, got.TSVal)
		}
		found, ok := TimestampsOf(b)
		if ok != (o.Timestamp != nil) || ok && found != *ts {
			t.Errorf("%s: timestamps %v, %t", name, found, ok)
		}
	}
	linux := Options{MSS: new(uint16(1460)), WindowScale: new(uint8(7)), SACKPermitted: true, Timestamp: &Timestamps{1, 0}}
	if want := []byte{2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7}; !bytes.Equal(linux.Bytes(), want) {
		t.Errorf("% x, want Linux's % x", linux.Bytes(), want)
	}
}

// read is an option that a walk gives.
type read struct {
	kind  byte
	value string
}

func walk(options []byte) (all []read) {
	for kind, value := range OptionsOf(options) {
		all = append(all, read{kind, string(value)})
	}
	return all
}

func TestOptionsAreReadAsFarAsTheyCanBe(t *testing.T) {
	for name, tt := range map[string]struct {
		options string
		want    []read
	}{
		"none":                            {"", nil},
		"padding alone":                   {"\x01\x01\x01", nil},
		"padding before and after":        {"\x01\x04\x02\x01", []read{{4, ""}}},
		"what follows the end":            {"\x04\x02\x00\x03\x03\x07", []read{{4, ""}}},
		"a kind that nobody knows":        {"\xfd\x04ab\x04\x02", []read{{253, "ab"}, {4, ""}}},
		"the same twice":                  {"\x03\x03\x01\x03\x03\x02", []read{{3, "\x01"}, {3, "\x02"}}},
		"a value of another length":       {"\x08\x04\x01\x02\x04\x02", []read{{8, "\x01\x02"}, {4, ""}}},
		"a kind without a length":         {"\x04\x02\x08", []read{{4, ""}}},
		"a length of zero":                {"\x04\x02\x08\x00\x04\x02", []read{{4, ""}}},
		"a length that leaves out itself": {"\x04\x02\x08\x01\x04\x02", []read{{4, ""}}},
		"a length that goes beyond":       {"\x04\x02\x08\x0a\x01\x02\x03\x04\x05\x06\x07", []read{{4, ""}}},
		"a length that just fits":         {"\x08\x0a\x01\x02\x03\x04\x05\x06\x07\x08", []read{{8, "\x01\x02\x03\x04\x05\x06\x07\x08"}}},
	} {
		if got := walk([]byte(tt.options)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: % x is read as %q, want %q", name, tt.options, got, tt.want)
		}
	}
}

func TestAWalkOverOptionsCanEndEarly(t *testing.T) {
	n := 0
	for range OptionsOf([]byte{4, 2, 4, 2}) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d options", n)
	}
}

// FuzzOptionsOf: what is read is in the options, in their order; written alone
// it is read as the same; and options that are cut off are read as a beginning.
func FuzzOptionsOf(f *testing.F) {
	f.Add([]byte{2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7}, 9)
	f.Add([]byte{1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 9}, 11)
	f.Add([]byte{8, 0, 1, 2}, 2)
	f.Fuzz(func(t *testing.T, options []byte, cut int) {
		all := walk(options)
		var again []byte
		for _, o := range all {
			if o.kind <= optionNop {
				t.Fatalf("% x: padding is read: %q", options, all)
			}
			again = append(append(again, o.kind, byte(2+len(o.value))), o.value...)
		}
		if got := walk(again); !slices.Equal(got, all) {
			t.Errorf("% x: read as %q, and written again as %q", options, all, got)
		}
		if cut < 0 || cut > len(options) {
			return
		}
		if part := walk(options[:cut]); len(part) > len(all) || !slices.Equal(part, all[:len(part)]) {
			t.Errorf("% x: read as %q, and cut after %d as %q", options, all, cut, part)
		}
		for _, b := range SACKsOf(options) {
			if !bytes.Contains(options, binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, b[0]), b[1])) {
				t.Errorf("% x: has no SACK %d to %d", options, b[0], b[1])
			}
		}
	})
}

func TestOptionsOfAnotherLengthSayNothing(t *testing.T) {
	for _, b := range [][]byte{nil, {8, 10, 1}, {8, 4, 1, 2}, {3, 2}, {3, 4, 7, 7}, {5, 2}, {5, 9, 1, 2, 3, 4, 5, 6, 7}} {
		if got, ok := TimestampsOf(b); ok {
			t.Errorf("% x: timestamps %v", b, got)
		}
		if got, ok := WindowScaleOf(b); ok {
			t.Errorf("% x: window scale %d", b, got)
		}
		if got := SACKsOf(b); got != nil {
			t.Errorf("% x: SACKs %v", b, got)
		}
	}
	if shift, ok := WindowScaleOf([]byte{3, 3, 200}); !ok || shift != MaxWindowScale {
		t.Errorf("a shift of 200 is %d, %t, not %d", shift, ok, MaxWindowScale)
	}
	want := [][2]uint32{{1, 9}, {0xfffffff0, 4}}
	if got := SACKsOf([]byte{5, 18, 0, 0, 0, 1, 0, 0, 0, 9, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 4}); !slices.Equal(got, want) {
		t.Errorf("SACKs %v, want %v", got, want)
	}
}

func TestSequenceNumbersBeginAgain(t *testing.T) {
	for _, tt := range []struct {
		a, b uint32
		want bool
	}{
		{1, 2, true},
		{2, 1, false},
		{5, 5, false},
		{0xffffffff, 0, true},
		{0, 0xffffffff, false},
		{0xffffff00, 0x100, true},
		{0, 1<<31 - 1, true},
		{1<<31 - 1, 0, false},
	} {
		if got := Before(tt.a, tt.b); got != tt.want {
			t.Errorf("%#x before %#x: %t", tt.a, tt.b, got)
		}
	}
}

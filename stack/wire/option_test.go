package wire

import (
	"bytes"
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

func TestTimestampsOfUnreadableOptions(t *testing.T) {
	for _, b := range [][]byte{nil, {0}, {8}, {8, 10, 1}, {8, 0, 1, 2}, {2, 1}, {2, 40, 1}, {1, 1, 0, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}, {8, 4, 1, 2}} {
		if got, ok := TimestampsOf(b); ok {
			t.Errorf("% x: %v", b, got)
		}
	}
}

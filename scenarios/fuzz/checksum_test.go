package fuzz

import (
	"slices"
	"testing"
)

// Every segment that a host sends has a right checksum, and a wrong one when a
// bit of it is changed.
func TestChecksums(t *testing.T) {
	for _, ip := range []int{4, 6} {
		f := decode(t, large)
		f.Base.IP = ip
		tr, _ := Try(f, Config{})
		for i := range tr.Segments {
			frame := slices.Clone(tr.Segments[i].Frame)
			if !sound(frame) {
				t.Fatalf("IPv%d: #%d has a wrong checksum", ip, i+1)
			}
			for at := len(frame) - 20; at < len(frame); at++ {
				frame[at] ^= 4
				if sound(frame) {
					t.Fatalf("IPv%d: #%d with another byte %d has a right checksum", ip, i+1, at)
				}
				frame[at] ^= 4
			}
		}
		if sound(tr.Segments[0].Frame[:10]) {
			t.Error("a part of a header is sound")
		}
	}
}

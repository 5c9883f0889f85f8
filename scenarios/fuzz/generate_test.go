package fuzz

import (
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model/file"
)

// Every byte string is a scenario that can be written down and read again.
func TestEveryByteStringIsAScenario(t *testing.T) {
	for i := range 600 {
		src := Input(7, i)
		f := Generate(src[:len(src)*(i%4+1)/4])
		out, err := file.Encode(f)
		if err != nil {
			t.Fatalf("%x: %v", src, err)
		}
		got, err := scenarios.Decode("fuzz.yaml", out)
		if err != nil {
			t.Fatalf("%x: %v\n%s", src, err, out)
		}
		again, err := file.Encode(got)
		if err != nil || string(again) != string(out) {
			t.Fatalf("%x reads back as another file (%v):\n%s\nthen\n%s", src, err, out, again)
		}
	}
}

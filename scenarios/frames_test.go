package scenarios_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
)

var updateFrames = flag.Bool("update-frames", false, "write testdata/frames.sum; needs -reason")

const framesFile = "testdata/frames.sum"

// frames is the SHA-256 over what was on the wire: of each segment when it was
// sent, when it arrived or that it was lost, its addresses and bytes.
func frames(tr *trace.Trace) string {
	h := sha256.New()
	instant := func(d time.Duration) { _ = binary.Write(h, binary.BigEndian, int64(d)) }
	for i := range tr.Segments {
		s := &tr.Segments[i]
		instant(s.SentAt)
		if s.Arrived {
			instant(s.ReceivedAt)
		} else {
			instant(-1)
		}
		h.Write(s.Frame)
		h.Write(s.Damaged)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

// TestFramesAreAsTheyWere: what a refactoring must not change. A line that
// differs is a case whose segments are not what they were; -update-frames
// takes that over, for a change of behaviour that is meant.
func TestFramesAreAsTheyWere(t *testing.T) {
	var got bytes.Buffer
	seed := uint64(1)
	eachCase(func(c *model.Case) {
		res, err := scenarios.Run(c, scenarios.Options{NoCheck: true, Seed: &seed})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s %s\n", frames(res.Trace), c.FullName())
	})
	if *updateFrames {
		golden.Record(t, "testdata")
		if err := os.WriteFile(framesFile, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(framesFile)
	if err != nil {
		t.Fatal(err)
	}
	before := map[string]string{}
	for line := range strings.Lines(string(want)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		before[name] = sum
	}
	for line := range strings.Lines(got.String()) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if before[name] != sum {
			t.Errorf("%s: other frames, or a case without a line in %s", name, framesFile)
		}
		delete(before, name)
	}
	for name := range before {
		t.Errorf("%s has a line in %s and is no case", name, framesFile)
	}
}

package sim_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
)

// TestJudgeHasTheLastWord: over the link's own verdict, of which it is told.
func TestJudgeHasTheLastWord(t *testing.T) {
	c := sim.Config{Link: link.Symmetric(10*time.Millisecond, 1)}
	c.Link.Judge = func(o link.Offered, v link.Verdict) link.Verdict {
		if !v.Lost || v.Rule != "loss 100%" {
			t.Errorf("told of %+v", v)
		}
		return link.Verdict{Delay: 3 * time.Millisecond}
	}
	tr, got := exchange(t, c, "hello", 1)
	if got != "hello" {
		t.Errorf("the server got %q", got)
	}
	for _, s := range tr.Segments {
		if s.ReceivedAt-s.SentAt != 3*time.Millisecond {
			t.Errorf("#%d was under way for %v", s.Number, s.ReceivedAt-s.SentAt)
		}
	}
}

// TestWhatJudgeIsGivenCanBeKept: it says the same after the run, and after others
// that use the same memory.
func TestWhatJudgeIsGivenCanBeKept(t *testing.T) {
	var kept []link.Offered
	c := sim.Config{Link: link.Symmetric(10*time.Millisecond, 0)}
	c.Link.Judge = func(o link.Offered, v link.Verdict) link.Verdict {
		kept = append(kept, o)
		return v
	}
	tr, _ := exchange(t, c, "hello", 3)
	c.Link.Judge = nil
	for range 3 {
		exchange(t, c, "other data", 5)
	}
	if len(kept) != len(tr.Segments) {
		t.Fatalf("%d of %d segments", len(kept), len(tr.Segments))
	}
	for i, o := range kept {
		s := tr.Segments[i]
		got := fmt.Sprint(o.From, o.At, o.Seg.Flags, o.Seg.Seq, o.Seg.Ack, o.Seq, o.Size)
		if want := fmt.Sprint(s.From, s.SentAt, s.Flags, s.RawSeq, s.RawAck, s.Seq, len(s.Frame)); got != want || !bytes.Equal(o.Seg.Payload, s.Payload()) {
			t.Errorf("#%d: %s %q, want %s %q", s.Number, got, o.Seg.Payload, want, s.Payload())
		}
		if from := tr.Conns[s.Conn].At(s.From).Addr; o.Seg.Src != from {
			t.Errorf("#%d is from %s, want %s", s.Number, o.Seg.Src, from)
		}
	}
}

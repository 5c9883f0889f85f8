package diff_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/diff"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
)

const script = `
name: short
title: a short conversation
shows: A file for tests.
hosts:
  server:
    processes:
      - steps:
          - {socket: l}
          - {bind: l, address: ":8080"}
          - {listen: l}
          - {accept: l, as: s}
          - {sleep: 1s}
          - {recv: s}
          - {close: s}
  client:
    processes:
      - steps:
          - {socket: c}
          - {connect: c, address: "server:8080"}
          - {send: c, data: hello}
          - {recv: c}
          - {close: c}
`

// short runs the script after some changes to its text.
func short(t *testing.T, changes ...string) *trace.Trace {
	t.Helper()
	f, err := scenarios.Decode("short.yaml", []byte(strings.NewReplacer(changes...).Replace(script)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := scenarios.Run(&f.Base, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return res.Trace
}

func text(t *testing.T, d *diff.Difference) string {
	t.Helper()
	var b strings.Builder
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestARunIsTheSameAsItself(t *testing.T) {
	for name, make := range runs.All() {
		d := diff.Compare(make(t), make(t), diff.Options{Times: true})
		if !d.Same() || d.Timed || d.Events[0] != d.Events[1] {
			t.Errorf("%s: differs at the %s:\n%s", name, d.Where, text(t, d))
		}
	}
}

func TestTheSeedIsNoDifference(t *testing.T) {
	if d := diff.Compare(short(t), short(t, "name:", "seed: 77\nname:"), diff.Options{Times: true}); !d.Same() {
		t.Errorf("differs at the %s:\n%s", d.Where, text(t, d))
	}
}

func TestTheTimeIsADifferenceOnlyWhenAsked(t *testing.T) {
	fast, slow := short(t), short(t, "name:", "link: {latency: 20ms}\nname:")
	d := diff.Compare(fast, slow, diff.Options{})
	if !d.Same() || !d.Timed {
		t.Errorf("same %t, at other times %t:\n%s", d.Same(), d.Timed, text(t, d))
	}
	if d := diff.Compare(fast, slow, diff.Options{Times: true}); d.Same() {
		t.Error("another latency is no difference of times")
	}
}

func TestTheFirstDifferenceIsShownWithWhatIsAround(t *testing.T) {
	d := diff.Compare(short(t), short(t, "          - {recv: s}\n", ""), diff.Options{})
	want := `      0.030000     0.030000  accept(3) = 4 from client:port
      0.030000     0.030000  C > S [P.] seq 1:6, ack 1, win 4096, length 5 arrives #4
      0.030000     0.030000  C < S [.] ack 6, win 227, length 0 #5
-     1.030000               recv(4, 4096) = 5 "hello"
-     1.030000               ESTABLISHED > FIN_WAIT_1
-     1.030000               C < S [F.] seq 1, ack 6, win 4096, length 0 #6
+                  1.030000  ESTABLISHED > CLOSED, 5 bytes unread
+                  1.030000  C < S [R.] seq 1, ack 6, win 0, length 0 because of unread-data #6
      1.030000     1.030000  close(4) = 0
      1.030000     1.030000  LISTEN > CLOSED
      1.030000     1.030000  exit(0) = 0
`
	if diff := cmp.Diff(want, text(t, d)); diff != "" || d.Where != "server" {
		t.Errorf("at the %s (-want +got):\n%s", d.Where, diff)
	}
	if d := diff.Compare(short(t), short(t, "          - {recv: s}\n", ""), diff.Options{Context: 1}); len(d.Lines) != 7 {
		t.Errorf("%d lines, want 7:\n%s", len(d.Lines), text(t, d))
	}
}

func TestTheLossOfASegmentIsADifference(t *testing.T) {
	d := diff.Compare(short(t), short(t, "name:", "link: {drop: ['client:SYN:1']}\nname:"), diff.Options{Context: 1})
	want := `      0.000000     0.000000  CLOSED > SYN_SENT
-     0.000000               C > S [S] seq 0, win 29184, length 0 #1
+                  0.000000  C > S [S] seq 0, win 29184, length 0 is lost: drop client:SYN:1 #1
+                  1.000000  timer: SYN RTO
+                  1.000000  C > S [S] seq 0, win 29184, length 0 (retransmit) #2
      0.020000     1.020000  C < S [S.] seq 0, ack 1, win 29184, length 0 arrives #2/#3
`
	if diff := cmp.Diff(want, text(t, d)); diff != "" || d.Where != "client" {
		t.Errorf("at the %s (-want +got):\n%s", d.Where, diff)
	}
}

func TestOtherBytesAreADifference(t *testing.T) {
	d := diff.Compare(short(t), short(t, "data: hello", "data: hallo"), diff.Options{})
	if !strings.Contains(text(t, d), `send(3, "hallo", 5)`) {
		t.Errorf("at the %s:\n%s", d.Where, text(t, d))
	}
}

func TestAMissingEventIsFound(t *testing.T) {
	for name, make := range runs.All() {
		whole := make(t)
		for i, e := range whole.Events {
			if e.Kind == trace.Lost || e.Kind == trace.CallBegin {
				continue // told by the segment that is sent, and by the end of the call
			}
			less := *whole
			less.Events = append(append([]trace.Event{}, whole.Events[:i]...), whole.Events[i+1:]...)
			d := diff.Compare(whole, &less, diff.Options{Times: true})
			if d.Same() {
				t.Fatalf("%s: without event %d, a %s at %v, it is the same", name, i, e.Kind, e.At)
			}
			if back := diff.Compare(&less, whole, diff.Options{Times: true}); back.Where != d.Where {
				t.Errorf("%s: event %d is missed at the %s, and the other way round at the %s", name, i, d.Where, back.Where)
			}
		}
	}
}

func TestALongDifferenceIsShortened(t *testing.T) {
	empty := &trace.Trace{}
	got := text(t, diff.Compare(short(t), empty, diff.Options{}))
	if n := strings.Count(got, "\n"); n != 9 || !strings.Contains(got, "-                            ... and ") {
		t.Errorf("%d lines:\n%s", n, got)
	}
}

func TestAnEndThatWasCutOffIsADifference(t *testing.T) {
	d := diff.Compare(short(t), short(t, "name:", "until: 500ms\nname:"), diff.Options{})
	if d.Same() || d.Lines[3].At[0] < 500*time.Millisecond && d.Lines[3].In[0] {
		t.Errorf("at the %s:\n%s", d.Where, text(t, d))
	}
}
